package roles

import (
	"errors"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// AnswerTime is how long a handoff waits for an answer.
const AnswerTime = 15 * time.Minute

// Errors of roles and handoffs.
var (
	// errNoHolder is the same for a user who does not exist, is deactivated or is not in the channel.
	errNoHolder = incident.NewError(incident.Forbidden, "role.holder_not_in_channel",
		"Who has a role must be an active member of the incident's channel. Add the user to the channel first.").WithField("user_id")
	errNoReceiver = incident.NewError(incident.Forbidden, "handoff.receiver_not_in_channel",
		"Who takes over must be an active member of the incident's channel. Add the user to the channel first.").WithField("user_id")
	errNotCommander = incident.NewError(incident.Forbidden, "handoff.not_commander",
		"Only the commander and administrators may hand off the command. Ask the commander, or take over with `/incident commander`.")
	errHandoffEnded = incident.NewError(incident.Conflict, "incident.ended",
		"This incident has ended: restart it before you hand off the command.")
	errHandoffSame = incident.NewError(incident.Conflict, "handoff.same", "This user is the commander already.")
	errPending     = incident.NewError(incident.Conflict, "handoff.pending",
		"A handoff of this incident is waiting for an answer. Withdraw it first with `/incident handoff withdraw`, or wait for the answer.")
	errNotReceiver = incident.NewError(incident.Forbidden, "handoff.not_receiver",
		"This handoff was offered to somebody else. Only they can answer it.")
	errNotGiver = incident.NewError(incident.Forbidden, "handoff.not_giver",
		"Only who offered this handoff, the commander and administrators may withdraw it.")
	errNothingPending = incident.NewError(incident.Conflict, "handoff.over",
		"No handoff of this incident is waiting for an answer. Nothing was changed.")
	errLapsed = incident.NewError(incident.Conflict, "handoff.over",
		"This handoff has lapsed: it was not answered within %d minutes. Nothing was changed.", int(AnswerTime/time.Minute))
)

// unknownRole is the error for a role that an incident does not have.
func (s *State) unknownRole() *incident.Error {
	if len(s.Roles) == 0 {
		return incident.NewError(incident.NotFound, "role.not_found", "This incident has no roles. Roles are defined in the playbook, before an incident is started.")
	}
	names := make([]string, len(s.Roles))
	for n := range s.Roles {
		names[n] = s.Roles[n].Name
	}
	return incident.NewError(incident.NotFound, "role.not_found", "This incident has no such role. Choose one of: %s.", strings.Join(names, ", "))
}

// setHolder gives a role to a user at now (Unix ms), "" for nobody. active means that they may have it. The same one is no change.
func setHolder(inc *incident.Incident, key, userID string, active bool, now int64) (*incident.ChangeSet, error) {
	s, err := stateOf(inc)
	if err != nil {
		return nil, err
	}
	r := s.role(key)
	if r == nil {
		return nil, s.unknownRole()
	}
	if r.HolderID == userID {
		return nil, nil
	}
	if userID != "" && !active {
		return nil, errNoHolder
	}
	p := RoleChanged{Role: r.Key, Name: r.Name, HolderID: incident.Pair[string]{Before: r.HolderID, After: userID},
		Since: incident.Pair[int64]{Before: r.Since, After: now}}
	r.HolderID, r.Since, r.MissingID = userID, now, ""
	p.Tasks = s.follow(inc, now)
	s.store(inc)
	return inc.ChangeOwn(p), nil
}

// offer begins a handoff to a user at now (Unix ms).
func offer(inc *incident.Incident, h Handoff, admin bool) (*incident.ChangeSet, error) {
	s, err := stateOf(inc)
	switch {
	case err != nil:
		return nil, err
	case h.ByUserID != inc.CommanderUserID && !admin:
		return nil, errNotCommander
	case !inc.IsActive:
		return nil, errHandoffEnded
	case h.ToUserID == inc.CommanderUserID:
		return nil, errHandoffSame
	case s.Handoff != nil && s.Handoff.overtakenIn(inc):
		s.overtake(BecauseCommander)
	case s.Handoff != nil:
		return nil, errPending
	}
	h.CommanderID = inc.CommanderUserID
	s.Handoff = &h
	s.store(inc)
	return inc.ChangeOwn(HandoffEvent{Kind: EventOffered, Handoff: h}), nil
}

// pending is the state of an incident whose pending handoff has an id; "" is any.
func pending(inc *incident.Incident, id string) (State, error) {
	s, err := stateOf(inc)
	if err == nil && (s.Handoff == nil || id != "" && s.Handoff.ID != id) {
		err = errNothingPending
	}
	return s, err
}

// accept makes the receiver the commander, if the handoff has not lapsed at now (Unix ms). If the commander was changed by version 1.2.0, the
// change is the end of the handoff, which was overtaken.
func accept(inc *incident.Incident, id, userID string, now int64) (*incident.ChangeSet, error) {
	s, err := answerable(inc, id, userID, now)
	if err != nil {
		return nil, err
	}
	h := *s.Handoff
	s.Handoff = nil
	s.store(inc)
	if inc.CommanderUserID == userID || h.overtakenIn(inc) {
		return inc.ChangeOwn(HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseCommander}), nil
	}
	set, err := inc.SetCommander(userID)
	if err != nil {
		return nil, err
	}
	if p, ok := set.Payload.(incident.CommanderChanged); ok {
		p.HandoffID = h.ID
		set.Payload = p
	}
	return set, nil
}

// answerable is the state if a user may answer the pending handoff at now.
func answerable(inc *incident.Incident, id, userID string, now int64) (State, error) {
	s, err := pending(inc, id)
	switch {
	case err != nil:
		return s, err
	case !inc.IsActive: // version 1.2.0 has ended it
		return s, errHandoffEnded
	case s.Handoff.ToUserID != userID:
		return s, errNotReceiver
	case now >= s.Handoff.ExpiresAt:
		return s, errLapsed
	}
	return s, nil
}

// decline ends a handoff on behalf of its receiver.
func decline(inc *incident.Incident, id, userID string, now int64) (*incident.ChangeSet, error) {
	s, err := answerable(inc, id, userID, now)
	if err != nil {
		return nil, err
	}
	return s.end(inc, EventDeclined), nil
}

// withdraw ends a handoff on behalf of who gave it, the commander or an administrator.
func withdraw(inc *incident.Incident, id, userID string, admin bool) (*incident.ChangeSet, error) {
	s, err := pending(inc, id)
	if err != nil {
		return nil, err
	}
	if userID != s.Handoff.ByUserID && userID != inc.CommanderUserID && !admin {
		return nil, errNotGiver
	}
	return s.end(inc, EventWithdrawn), nil
}

// lapse ends a handoff that was not answered in time. One that is over already is no change.
func lapse(inc *incident.Incident, id string) (*incident.ChangeSet, error) {
	s, err := pending(inc, id)
	if errors.Is(err, errNothingPending) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.end(inc, EventLapsed), nil
}

// end ends the pending handoff with an event of a kind.
func (s State) end(inc *incident.Incident, kind incident.EventType) *incident.ChangeSet {
	h := *s.Handoff
	s.Handoff = nil
	s.store(inc)
	return inc.ChangeOwn(HandoffEvent{Kind: kind, Handoff: h})
}

// recordOvertaken records the end of the oldest handoff that was overtaken; none is no change.
func recordOvertaken(inc *incident.Incident) (*incident.ChangeSet, error) {
	s, err := stateOf(inc)
	if err != nil || len(s.Overtaken) == 0 {
		return nil, err
	}
	o := s.Overtaken[0]
	s.Overtaken = s.Overtaken[1:]
	s.store(inc)
	return inc.ChangeOwn(HandoffEvent{Kind: EventOvertaken, Handoff: o.Handoff, Because: o.Because}), nil
}

// overtakeGone ends the pending handoff to a user who has left the channel; another one is no change.
func overtakeGone(inc *incident.Incident, userID string) (*incident.ChangeSet, error) {
	s, err := stateOf(inc)
	if err != nil || s.Handoff == nil || s.Handoff.ToUserID != userID {
		return nil, err
	}
	h := *s.Handoff
	s.Handoff = nil
	s.store(inc)
	return inc.ChangeOwn(HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseGone}), nil
}
