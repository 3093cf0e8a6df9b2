package roles

import (
	"cmp"
	"context"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// pageOfEvents is how many events are read at once for a history.
const pageOfEvents = 500

// Term is a time in which somebody had a role. Times are Unix milliseconds.
type Term struct {
	// Role is the role's key, "commander" for the commander. Name is its name, "" for the commander.
	Role   string `json:"role"`
	Name   string `json:"name"`
	UserID string `json:"user_id"`
	From   int64  `json:"from"`
	// To is 0 for who has it now.
	To int64 `json:"to"`
}

// history lists who had which role when, in order of time.
func (u *roles) history(ctx context.Context, inc *incident.Incident) ([]Term, error) {
	s, err := stateOf(inc)
	if err != nil {
		return nil, err
	}
	f := app.EventFilter{Types: []incident.EventType{incident.EventStarted, incident.EventCommander, EventRole}, Limit: pageOfEvents}
	var events []incident.Event
	for {
		page, err := u.incidents.EventPage(ctx, inc.ID, f)
		if err != nil {
			return nil, err
		}
		events = append(events, page...)
		if len(page) < pageOfEvents {
			return terms(inc, &s, events), nil
		}
		last := page[len(page)-1]
		f.After = &app.EventPlace{CreateAt: last.CreateAt, Revision: last.Revision}
	}
}

// terms makes the history of events in order of time and of the present state. What happened after inc was read is left out.
func terms(inc *incident.Incident, s *State, events []incident.Event) []Term {
	all := []Term{}
	commander := Term{Role: commanderKey, From: inc.CreateAt}
	for n := range events {
		if events[n].Revision > inc.Revision {
			continue
		}
		switch p := events[n].Payload.(type) {
		case incident.Started:
			commander.UserID = p.CommanderUserID
		case incident.CommanderChanged:
			commander.UserID, commander.To = cmp.Or(p.CommanderUserID.Before, commander.UserID), events[n].CreateAt
			all = append(all, commander)
			commander = Term{Role: commanderKey, UserID: p.CommanderUserID.After, From: events[n].CreateAt}
		case RoleChanged:
			if p.HolderID.Before != "" {
				all = append(all, Term{Role: p.Role, Name: p.Name, UserID: p.HolderID.Before, From: p.Since.Before, To: events[n].CreateAt})
			}
		}
	}
	commander.UserID = inc.CommanderUserID // version 1.2.0 has recorded no events
	all = append(all, commander)
	for n := range s.Roles {
		if r := &s.Roles[n]; r.HolderID != "" {
			all = append(all, Term{Role: r.Key, Name: r.Name, UserID: r.HolderID, From: r.Since})
		}
	}
	slices.SortStableFunc(all, func(a, b Term) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(min(len(a.Name), 1), min(len(b.Name), 1))) // the commander first
	})
	return all
}
