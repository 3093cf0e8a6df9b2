package roles

import (
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Role is a role in an incident. Times are Unix milliseconds.
type Role struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// HolderID is who has the role since Since, "" for nobody.
	HolderID string `json:"holder_id"`
	Since    int64  `json:"since"`
	// MissingID is the user to whom the playbook gives the role, and who could not be added to the channel at the start; "" once
	// somebody has the role.
	MissingID string `json:"missing_id,omitempty"`
}

// Handoff is an offer of the command that was not answered yet. Times are Unix milliseconds.
type Handoff struct {
	ID        string `json:"id"`
	ToUserID  string `json:"to_user_id"`
	ByUserID  string `json:"by_user_id"`
	At        int64  `json:"at"`
	ExpiresAt int64  `json:"expires_at"`
	// CommanderID is who commanded the incident when the handoff was offered; "" in offers of earlier versions.
	CommanderID string `json:"commander_id,omitempty"`
}

// overtakenIn reports whether somebody else commands the incident than when the handoff was offered. Version 1.2.0 changes the commander
// without a look at handoffs.
func (h *Handoff) overtakenIn(inc *incident.Incident) bool {
	return h.CommanderID != "" && h.CommanderID != inc.CommanderUserID
}

// Overtaken is a handoff that another change has ended, of which there is no event yet.
type Overtaken struct {
	Handoff
	Because Reason `json:"because"`
}

// Reason says what has overtaken a handoff.
type Reason string

// The reasons.
const (
	// BecauseCommander is another change of the commander.
	BecauseCommander Reason = "commander"
	// BecauseEnded is the end of the incident.
	BecauseEnded Reason = "ended"
	// BecauseGone is that the receiver has left the incident's channel.
	BecauseGone Reason = "gone"
)

// State is what this capability keeps with an incident.
type State struct {
	Roles     []Role      `json:"roles"`
	Handoff   *Handoff    `json:"handoff,omitempty"`
	Overtaken []Overtaken `json:"overtaken,omitempty"`
}

// errUnreadable is the Conflict of roles that somebody has damaged in the database.
var errUnreadable = incident.NewError(incident.Conflict, "roles.unreadable",
	"The roles of this incident cannot be read from the database, so they cannot be changed without being lost. Ask your administrator to restore its OwnJSON.")

// stateOf reads the state of an incident; it is empty if there is none. One that cannot be read is errUnreadable.
func stateOf(inc *incident.Incident) (State, error) {
	s := State{}
	if len(inc.Own) == 0 {
		return s, nil
	}
	if _, err := inc.Own.Load(Key, &s); err != nil {
		return State{}, errUnreadable
	}
	return s, nil
}

// store replaces the state of an incident. An empty one is removed.
func (s State) store(inc *incident.Incident) {
	if len(s.Roles) == 0 && s.Handoff == nil && len(s.Overtaken) == 0 {
		inc.Own.Store(Key, nil)
		return
	}
	if s.Roles == nil {
		s.Roles = []Role{}
	}
	inc.Own.Store(Key, s)
}

// noRow leaves the roles out of lists.
func noRow(json.RawMessage) json.RawMessage { return nil }

// role returns the role with a key, nil if there is none.
func (s *State) role(key string) *Role {
	for n := range s.Roles {
		if s.Roles[n].Key == key {
			return &s.Roles[n]
		}
	}
	return nil
}

// assignee is to whom a task falls by its assignment. ok is false if the assignment does not say it: then the assignee stays.
func (s *State) assignee(inc *incident.Incident, a incident.Assignment) (userID string, ok bool) {
	switch a.Kind {
	case incident.AssignedToCommander:
		return inc.CommanderUserID, true
	case incident.AssignedToRole:
		if r := s.role(a.Role); r != nil {
			return r.HolderID, true
		}
	}
	return "", false
}

// follow gives the tasks that belong to a role or to the commander to who that is. A closed task keeps who had it. It reports
// how many tasks have another assignee.
func (s *State) follow(inc *incident.Incident, now int64) (moved int) {
	for n := range inc.Checklists {
		tasks := inc.Checklists[n].Tasks
		for t := range tasks {
			if tasks[t].Assignment.Kind == "" || tasks[t].State == incident.Closed {
				continue
			}
			if userID, ok := s.assignee(inc, tasks[t].Assignment); ok && tasks[t].Reassign(userID, now) {
				moved++
			}
		}
	}
	return moved
}

// adjust follows each change of an incident: tasks go with their role or with the command, and a pending handoff is overtaken by
// another commander and by the end.
func adjust(before, inc *incident.Incident, now int64, _ *incident.ChangeSet) {
	s, err := stateOf(inc)
	if err != nil { // damaged: nothing is known, and nothing may be lost
		return
	}
	if s.Handoff != nil {
		switch {
		case !inc.IsActive:
			s.overtake(BecauseEnded)
			s.store(inc)
		case before.CommanderUserID != inc.CommanderUserID || s.Handoff.overtakenIn(inc):
			s.overtake(BecauseCommander)
			s.store(inc)
		}
	}
	s.follow(inc, now)
}

// overtake ends the pending handoff. Its event follows with a change of its own.
func (s *State) overtake(because Reason) {
	s.Overtaken = append(s.Overtaken, Overtaken{*s.Handoff, because})
	s.Handoff = nil
}
