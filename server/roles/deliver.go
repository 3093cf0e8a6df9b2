package roles

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Kinds of deliveries.
const (
	// deliveryOffer sends the receiver of a handoff the brief with its buttons.
	deliveryOffer = "handoff_offer"
	// deliveryOutcome takes the buttons away and says how the handoff has ended.
	deliveryOutcome = "handoff_outcome"
	// deliveryOvertaken records the end of handoffs that another change has overtaken.
	deliveryOvertaken = "handoff_overtaken"
)

// handoffProp marks the direct message of a handoff with the handoff's id.
const handoffProp = "incident_handoff"

func (u *roles) deliveries() []app.Delivery {
	const poll = 10 * time.Second
	return []app.Delivery{
		{Kind: deliveryOffer, Poll: poll, Wanted: isOffered, Deliver: u.sendOffer},
		{Kind: deliveryOutcome, Poll: poll, Wanted: isOver, Deliver: u.sendOutcome},
		{Kind: deliveryOvertaken, Poll: poll, Wanted: hasOvertaken, Deliver: u.recordOvertaken},
	}
}

func isOffered(_ *incident.Incident, e *incident.Event) bool {
	p, ok := e.Payload.(HandoffEvent)
	return ok && p.Kind == EventOffered
}

func isOver(_ *incident.Incident, e *incident.Event) bool {
	_, over := ended(e.Payload)
	return over
}

func hasOvertaken(inc *incident.Incident, _ *incident.Event) bool {
	s, err := stateOf(inc)
	return err == nil && len(s.Overtaken) > 0
}

// recordOvertaken makes a change of its own of each handoff that was overtaken.
func (u *roles) recordOvertaken(ctx context.Context, c app.Change, _ int) error {
	_, err := u.svc.Change(ctx, app.AsPlugin(c.After.ID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return recordOvertaken(i) })
	return err
}

// sendOffer sends the brief to the receiver of a handoff, unless the handoff is over. If it ends while the message is being made, the
// message says so.
func (u *roles) sendOffer(ctx context.Context, c app.Change, attempt int) error {
	p, _ := c.Event.Payload.(HandoffEvent)
	direct, err := u.host.DirectChannel(p.ToUserID)
	if _, refused := incident.AsError(err); refused {
		u.log.Info("The receiver of a handoff cannot be written to.", "user_id", p.ToUserID, "error", err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	postID := ""
	if attempt > 1 {
		if postID, err = u.svc.FindPost(ctx, direct.Id, u.host.BotID(), c.Event.CreateAt, handoffProp, p.ID); err != nil {
			return err
		}
	}
	inc, open, err := u.stillPending(ctx, c.After.ID, p.ID)
	if err != nil || !open && postID == "" {
		return err
	}
	if postID == "" {
		// Who has left the channel since the offer was checked may not read about the incident. The hook may have come before the offer.
		_, member, err := u.svc.FindMember(inc.ChannelID, u.svc.FindByID(p.ToUserID))
		if err == nil && !member {
			_, err = u.svc.Change(ctx, app.AsPlugin(inc.ID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return overtakeGone(i, p.ToUserID) })
			return err
		}
		if err != nil {
			return err
		}
		post, err := u.createPost(u.offerPost(ctx, &inc, &p.Handoff, direct.Id))
		if err != nil {
			return err
		}
		postID = post.Id
	}
	if _, open, err = u.stillPending(ctx, c.After.ID, p.ID); err != nil || open {
		return err
	}
	e, because, err := u.endOf(ctx, c.After.ID, p.ID)
	if incident.IsKind(err, incident.NotFound) { // the incident was deleted while the message was being made
		return u.svc.DeleteBotPost(direct.Id, postID)
	}
	if err != nil {
		return err
	}
	l := u.svc.Language(p.ToUserID)
	if because != "" {
		return u.closePost(postID, overtakenText(l, because))
	}
	return u.closePost(postID, outcome(l, e, u.name))
}

// stillPending reads the incident, and whether a handoff of it waits for an answer. An incident that was deleted has none.
func (u *roles) stillPending(ctx context.Context, incidentID, handoffID string) (incident.Incident, bool, error) {
	inc, err := u.incidents.Get(ctx, incidentID)
	if incident.IsKind(err, incident.NotFound) {
		return inc, false, nil
	}
	if err != nil {
		return inc, false, err
	}
	s, err := stateOf(&inc)
	return inc, err == nil && s.Handoff != nil && s.Handoff.ID == handoffID, err
}

// createPost makes a post. Servers whose table of posts was never widened take 4000 characters and no more.
func (u *roles) createPost(post *model.Post) (*model.Post, error) {
	made, err := u.host.CreatePost(post)
	if short := text.Shorten(post.Message, model.POST_MESSAGE_MAX_RUNES_V1); short != post.Message && incident.IsKind(err, incident.Invalid) {
		cut := post.Clone()
		cut.Message = short
		made, err = u.host.CreatePost(cut)
	}
	return made, err
}

// offerPost is the direct message with the brief and the buttons.
func (u *roles) offerPost(ctx context.Context, inc *incident.Incident, h *Handoff, channelID string) *model.Post {
	l := u.svc.Language(h.ToUserID)
	post := &model.Post{UserId: u.host.BotID(), ChannelId: channelID, Message: text.Shorten(u.brief(ctx, l, inc, h), incident.MaxMessage)}
	below := "/incidents/" + inc.ID + "/handoff/" + h.ID
	button := func(a Answer, name string) *model.PostAction {
		return &model.PostAction{Id: string(a), Name: name, Type: model.POST_ACTION_TYPE_BUTTON,
			Integration: &model.PostActionIntegration{URL: "/plugins/" + u.pluginID + "/api/v0" + below + "/" + string(a)}}
	}
	model.ParseSlackAttachment(post, []*model.SlackAttachment{{Actions: []*model.PostAction{button(Accept, l.T("Accept")), button(Decline, l.T("Decline"))}}})
	post.AddProp(app.ButtonsProp, below)
	post.AddProp(handoffProp, h.ID)
	return post
}

// sendOutcome ends the direct message of a handoff.
func (u *roles) sendOutcome(ctx context.Context, c app.Change, _ int) error {
	toID, id, since := "", "", int64(0)
	switch p := c.Event.Payload.(type) {
	case incident.CommanderChanged:
		toID, id, since = p.CommanderUserID.After, p.HandoffID, c.Event.CreateAt-AnswerTime.Milliseconds()
	case HandoffEvent:
		toID, id, since = p.ToUserID, p.ID, p.At
	}
	direct, err := u.host.DirectChannel(toID)
	if _, refused := incident.AsError(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	postID, err := u.svc.FindPost(ctx, direct.Id, u.host.BotID(), since, handoffProp, id)
	if err != nil || postID == "" { // sendOffer looks whether the handoff is over after it has made the post
		return err
	}
	return u.closePost(postID, outcome(u.svc.Language(toID), c.Event, u.name))
}

// closePost takes the buttons from a direct message, and adds how the handoff has ended. One that has no buttons is left alone.
func (u *roles) closePost(postID, how string) error {
	post, err := u.host.Post(postID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil || post.GetProp(app.ButtonsProp) == nil {
		return err
	}
	closed := post.Clone()
	closed.DelProp("attachments")
	closed.DelProp(app.ButtonsProp)
	closed.Message = text.Shorten(closed.Message, incident.MaxMessage-len([]rune(how))-10) + "\n\n**" + how + "**"
	_, err = u.host.UpdatePost(closed)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}

// withoutHandoff is an incident without its pending handoff, of which the brief says all that is to be known.
func withoutHandoff(inc *incident.Incident) *incident.Incident {
	without := inc.Clone()
	if s, err := stateOf(&without); err == nil && s.Handoff != nil {
		s.Handoff = nil
		s.store(&without)
	}
	return &without
}

// brief tells the receiver of a handoff what they would take over.
func (u *roles) brief(ctx context.Context, l *i18n.Language, inc *incident.Incident, h *Handoff) string {
	b := &briefer{roles: u, l: l, inc: withoutHandoff(inc), zone: u.zone(h.ToUserID)}
	b.para(l.T("**%s** offers you the command of the incident %s. Nothing changes until you accept. The offer lapses at %s.",
		mention(l, u.name(h.ByUserID)), u.place(ctx, inc), b.clock(h.ExpiresAt)))
	b.facts()
	b.tasks()
	b.update()
	b.moments(ctx)
	return b.String()
}
