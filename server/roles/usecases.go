package roles

import (
	"context"
	"errors"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// hidden turns the error about an incident that does not exist into that of one that the user may not see, except for administrators.
func (u *roles) hidden(userID, id string, err error) error {
	if incident.IsKind(err, incident.NotFound) && !u.rules.ViewNothing(userID, id) {
		return incident.ErrForbidden
	}
	return err
}

func (u *roles) authorize(ctx context.Context, userID, id string) (app.ChangeRequest, error) {
	r, err := u.svc.AuthorizeEdit(ctx, userID, id)
	return r, u.hidden(userID, id, err)
}

func (u *roles) load(ctx context.Context, userID, id string) (app.ChangeRequest, incident.Incident, error) {
	r, inc, err := u.svc.LoadForEdit(ctx, userID, id)
	return r, inc, u.hidden(userID, id, err)
}

// SetHolder gives a role to the user that find finds, an active member of the incident's channel; a nil find is nobody. Guests may have
// roles, and may give them, as with tasks. It returns the incident, and whether anything changed.
func (u *roles) SetHolder(ctx context.Context, userID, id, key string, find func() (*model.User, error)) (incident.Incident, bool, error) {
	r, err := u.authorize(ctx, userID, id)
	if err != nil {
		return incident.Incident{}, false, err
	}
	holder, member := "", false
	if find != nil {
		user, found, err := u.svc.FindMember(r.ChannelID, find)
		if err != nil {
			return incident.Incident{}, false, err
		}
		if holder, member = r.ChannelID, found; user != nil { // the channel's id is nobody's
			holder = user.Id
		}
		if member {
			r.Name(holder, user.Username)
		}
	}
	c, err := u.svc.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return setHolder(i, key, holder, member, now)
	})
	return c.After, c.Event != nil, err
}

// Offer offers the command of an incident to the user that find finds, an active member of its channel.
func (u *roles) Offer(ctx context.Context, userID, id string, find func() (*model.User, error)) (incident.Incident, error) {
	r, inc, err := u.load(ctx, userID, id)
	if err != nil {
		return inc, err
	}
	admin := false
	if inc.CommanderUserID != userID {
		if admin = u.rules.Admin(userID); !admin {
			return inc, errNotCommander
		}
	}
	receiver, member, err := u.svc.FindMember(r.ChannelID, find)
	if err != nil {
		return inc, err
	}
	h := Handoff{ID: model.NewId(), ToUserID: r.ChannelID, ByUserID: userID} // the channel's id is nobody's
	if receiver != nil {
		h.ToUserID = receiver.Id
	}
	if member {
		r.Name(h.ToUserID, receiver.Username)
	}
	r.InTx = insertLapse(&h)
	c, err := u.svc.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		h.At, h.ExpiresAt = now, now+AnswerTime.Milliseconds()
		set, err := offer(i, h, admin)
		if err == nil && !member {
			return nil, errNoReceiver
		}
		return set, err
	})
	return c.After, err
}

// Answer is what happens to a handoff on somebody's request.
type Answer string

// The answers.
const (
	Accept   Answer = "accept"
	Decline  Answer = "decline"
	Withdraw Answer = "withdraw"
)

// Answer answers or withdraws a pending handoff; an empty handoffID is the pending one.
func (u *roles) Answer(ctx context.Context, userID, id, handoffID string, answer Answer) (incident.Incident, error) {
	r, err := u.authorize(ctx, userID, id)
	if err != nil {
		return incident.Incident{}, err
	}
	admin := answer == Withdraw && u.rules.Admin(userID)
	if answer == Accept { // who may read a public channel need not be in it
		_, member, err := u.svc.FindMember(r.ChannelID, u.svc.FindByID(userID))
		if err != nil {
			return incident.Incident{}, err
		}
		if !member {
			return incident.Incident{}, errNoReceiver
		}
	}
	c, err := u.svc.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		switch answer {
		case Accept:
			return accept(i, handoffID, userID, now)
		case Decline:
			return decline(i, handoffID, userID, now)
		}
		return withdraw(i, handoffID, userID, admin)
	})
	if errors.Is(err, errNothingPending) && handoffID != "" {
		err = u.whyOver(ctx, id, handoffID)
	}
	if err == nil && c.Event != nil && answer == Accept && c.After.CommanderUserID != userID {
		err = errOvertaken(BecauseCommander)
	}
	return c.After, err
}

// endOf returns the event that has ended a handoff, or what has overtaken it if that is not recorded yet. Both are empty if neither is
// known. An incident that was deleted is NotFound.
func (u *roles) endOf(ctx context.Context, id, handoffID string) (*incident.Event, Reason, error) {
	events, err := u.incidents.EventPage(ctx, id, app.EventFilter{Types: append([]incident.EventType{incident.EventCommander}, outcomes...), Descending: true, Limit: 100})
	if err != nil {
		return nil, "", err
	}
	for n := range events {
		if ends, over := ended(events[n].Payload); over && ends == handoffID {
			return &events[n], "", nil
		}
	}
	inc, err := u.incidents.Get(ctx, id)
	if err != nil {
		return nil, "", err
	}
	s, err := stateOf(&inc)
	for _, o := range s.Overtaken {
		if o.ID == handoffID {
			return nil, o.Because, nil
		}
	}
	return nil, "", err
}

// whyOver says how a handoff has ended that is not pending any more.
func (u *roles) whyOver(ctx context.Context, id, handoffID string) error {
	e, because, err := u.endOf(ctx, id, handoffID)
	switch {
	case err != nil:
		return err
	case because != "":
		return errOvertaken(because)
	case e == nil:
		return errNothingPending
	}
	p, _ := e.Payload.(HandoffEvent)
	switch e.Type() {
	case incident.EventCommander:
		return incident.NewError(incident.Conflict, "handoff.over", "This handoff was accepted already. Nothing was changed.")
	case EventLapsed:
		return errLapsed
	case EventDeclined:
		return incident.NewError(incident.Conflict, "handoff.over", "This handoff was declined already. Nothing was changed.")
	case EventWithdrawn:
		return incident.NewError(incident.Conflict, "handoff.over", "This handoff was withdrawn. Nothing was changed.")
	}
	return errOvertaken(p.Because)
}

func errOvertaken(because Reason) error {
	switch because {
	case BecauseEnded:
		return incident.NewError(incident.Conflict, "handoff.over", "This handoff is over: the incident has ended. Nothing was changed.")
	case BecauseGone:
		return incident.NewError(incident.Conflict, "handoff.over", "This handoff is over: its receiver has left the incident's channel. Nothing was changed.")
	}
	return incident.NewError(incident.Conflict, "handoff.over", "This handoff is over: the commander was changed meanwhile. Nothing was changed.")
}

// findRole returns the role that somebody names by its key or name, in any letter case; nil for none.
func (s *State) findRole(name string) *Role {
	name = strings.TrimSpace(name)
	for n := range s.Roles {
		if strings.EqualFold(s.Roles[n].Key, name) || strings.EqualFold(s.Roles[n].Name, name) {
			return &s.Roles[n]
		}
	}
	return nil
}
