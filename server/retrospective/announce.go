package retrospective

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Kinds of jobs.
const (
	// JobPost and JobBroadcast tell the incident's channel, and the broadcast channel, of a publication; the key is the event.
	JobPost      = "retrospective_post"
	JobBroadcast = "retrospective_broadcast"
	// JobDue reminds the commander; the key is jobKey.
	JobDue = "retrospective_due"
)

const (
	// dueProp marks the reminder with the key of its job, so that another attempt finds the post that may have been made.
	dueProp = "incident_retrospective_due"
	// maxShown is how many characters of the summary a post shows.
	maxShown = 1000
	// deliveryPoll is the time between two looks for posts that are to be tried again.
	deliveryPoll = 10 * time.Second
)

func (r *retrospectives) deliveries() []app.Delivery {
	return []app.Delivery{
		{Kind: JobPost, Poll: deliveryPoll, Wanted: func(_ *incident.Incident, e *incident.Event) bool { _, ok := publication(e); return ok }, Deliver: r.announce},
		{Kind: JobBroadcast, Poll: deliveryPoll, Wanted: broadcastWanted, Deliver: r.broadcast},
	}
}

// publication returns the payload of an event by which a retrospective was published.
func publication(e *incident.Event) (Moved, bool) {
	m, ok := e.Payload.(Moved)
	return m, ok && m.Kind == EventPublished
}

func broadcastWanted(inc *incident.Incident, e *incident.Event) bool {
	m, ok := publication(e)
	return ok && m.Broadcast && inc.BroadcastChannelID != "" && inc.BroadcastChannelID != inc.ChannelID
}

// gone reports whether nothing can be posted in a channel: it is archived, or was deleted for good.
func (r *retrospectives) gone(channelID string) (bool, error) {
	channel, err := r.host.Channel(channelID)
	if _, refused := incident.AsError(err); refused {
		return true, nil
	}
	return err == nil && channel.DeleteAt != 0, err
}

// announce tells the incident's channel of a publication.
func (r *retrospectives) announce(ctx context.Context, c app.Change, attempt int) error {
	gone, err := r.gone(c.After.ChannelID)
	if err != nil || gone {
		return err
	}
	l := r.core.PostLanguage()
	message, err := r.message(ctx, &c, l.T("%s published the retrospective of this incident: %s", text.In(l).Mention(c.Actor), r.link(&c.After, l)))
	if err != nil {
		return err
	}
	_, err = r.core.PostOnce(ctx, c.After.ChannelID, c.Event, message, attempt)
	return err
}

// broadcast tells the broadcast channel, if the author may post there. If not, it tells the author.
func (r *retrospectives) broadcast(ctx context.Context, c app.Change, attempt int) error {
	target := c.After.BroadcastChannelID
	gone, err := r.gone(target)
	if err != nil {
		return err
	}
	if gone || !r.rules.Post(c.Event.ActorID, target) {
		if !gone && !r.rules.Post(c.Event.ActorID, c.After.ChannelID) && attempt == 1 {
			return incident.ErrForbidden // Mattermost denies all while its database is away
		}
		r.log.Info("The publication of a retrospective was not broadcast.", "incident_id", c.After.ID, "broadcast_channel_id", target)
		r.host.Ephemeral(c.Event.ActorID, &model.Post{UserId: r.host.BotID(), ChannelId: c.After.ChannelID, Message: r.core.Language(c.Event.ActorID).T(
			"The retrospective was published here, but not in the broadcast channel: it does not exist, is archived, or you may not post in it.")})
		return nil
	}
	l := r.core.PostLanguage()
	message, err := r.message(ctx, &c, l.T("%s published the retrospective of the incident %s: %s", text.In(l).Mention(c.Actor),
		"**"+text.Escape(incident.Truncate(c.After.Name, incident.MaxName))+"**", r.link(&c.After, l)))
	if err != nil {
		return err
	}
	_, err = r.core.PostOnce(ctx, target, c.Event, message, attempt)
	return err
}

// message is a head with the beginning of the summary.
func (r *retrospectives) message(ctx context.Context, c *app.Change, head string) (string, error) {
	doc, _, err := r.store.Read(ctx, c.After.ID)
	if err != nil {
		return "", err
	}
	for n := range doc.Sections {
		if s := &doc.Sections[n]; s.draft == Summary && !incident.IsBlank(s.Text) {
			return text.Quote(head+"\n", incident.Truncate(strings.TrimSpace(s.Text), maxShown)), nil
		}
	}
	return head, nil
}

// link leads to the retrospective on the page of its incident. Without the team it is only words.
func (r *retrospectives) link(inc *incident.Incident, l *i18n.Language) string {
	team, err := app.TeamOf(r.host, inc)
	if err != nil {
		return l.T("see the page of the incident")
	}
	return "[" + l.T("read it") + "](" + r.siteURL() + "/" + team.Name + "/" + r.pluginID + "/incidents/" + inc.ID + "#retrospective)"
}

func (r *retrospectives) siteURL() string {
	if config := r.host.Config(); config != nil && config.ServiceSettings.SiteURL != nil {
		return strings.TrimRight(*config.ServiceSettings.SiteURL, "/")
	}
	return ""
}

func (r *retrospectives) jobKinds() []jobs.Kind {
	return []jobs.Kind{{Name: JobDue, Poll: 10 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 40 * time.Second,
		Backoff: 5 * time.Second, MaxBackoff: 5 * time.Minute, MaxAttempts: 300, Run: r.remind}} // for about a day
}

func jobKey(incidentID string, due int64) string { return fmt.Sprint(incidentID, ":", due) }

// remind tells the commander, or else the incident's channel, that the retrospective is due, if it still is.
func (r *retrospectives) remind(ctx context.Context, job jobs.Job) error {
	doc, _, err := r.store.Read(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) || err == nil && (doc.State == Published || doc.DueAt != job.DueAt) {
		return nil
	}
	if err != nil {
		return err
	}
	inc, err := r.incidents.Get(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) || err == nil && inc.IsActive {
		return nil
	}
	if err != nil {
		return err
	}
	channelID, l, err := r.whereToRemind(ctx, &inc)
	if err != nil || channelID == "" {
		return err
	}
	if job.Again() {
		found, err := r.core.FindPost(ctx, channelID, r.host.BotID(), max(job.DueAt, job.CreateAt), dueProp, job.Key)
		if err != nil || found != "" {
			return err
		}
	}
	message := r.reminderText(&inc, &doc, l)
	if channelID == inc.ChannelID {
		message = r.asking(ctx, channelID, l) + "\n" + message
	}
	post := &model.Post{UserId: r.host.BotID(), ChannelId: channelID, Message: message}
	post.AddProp(dueProp, job.Key)
	_, err = r.host.CreatePost(post)
	return err
}

// whereToRemind is the channel of direct messages to the commander, if they can read the incident, else that of the incident; "" if
// that is archived or deleted. l is the language of who reads it.
func (r *retrospectives) whereToRemind(ctx context.Context, inc *incident.Incident) (channelID string, l *i18n.Language, err error) {
	user, err := r.host.User(inc.CommanderUserID)
	_, refused := incident.AsError(err)
	if err != nil && !refused {
		return "", nil, err
	}
	if err == nil && user.DeleteAt == 0 {
		h, err := r.incidents.Header(ctx, inc.ID, user.Id)
		if err != nil {
			return "", nil, err
		}
		if r.rules.ViewIncident(user.Id, h.ChannelAccess()) {
			channel, err := r.host.DirectChannel(user.Id)
			if err == nil {
				return channel.Id, r.core.Language(user.Id), nil
			}
			if !incident.IsKind(err, incident.NotFound) {
				return "", nil, err
			}
		}
	}
	gone, err := r.gone(inc.ChannelID)
	if err != nil || gone {
		return "", nil, err
	}
	return inc.ChannelID, r.core.PostLanguage(), nil
}

// asking mentions the people in an incident's channel, because the commander cannot be reminded.
func (r *retrospectives) asking(ctx context.Context, channelID string, l *i18n.Language) string {
	names, err := r.people(ctx, channelID, capability.MaxAsked+1)
	if err != nil {
		r.log.Warn("A reminder of a retrospective mentions nobody by name: who is in the channel could not be read.", "channel_id", channelID, "error", err.Error())
	}
	return l.T("%s, the commander cannot be reminded any more.", text.In(l).MentionAll(names, capability.MaxAsked))
}

// reminderText is the reminder of a retrospective that is due.
func (r *retrospectives) reminderText(inc *incident.Incident, doc *Document, l *i18n.Language) string {
	name := "**" + text.Escape(incident.Truncate(inc.Name, incident.MaxName)) + "**"
	if doc.State == None {
		return l.T("The retrospective of the incident %s is due. A draft is ready, nobody has worked on it yet: %s", name, r.link(inc, l))
	}
	return l.T("The retrospective of the incident %s is due. It is a draft and not published yet: %s", name, r.link(inc, l))
}
