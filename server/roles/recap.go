package roles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// tenure is a time in which somebody had a role.
type tenure struct {
	role, name, userID string
	capability.Term
}

// recap says who had which role when, and what became of handoffs.
func recap(inc *incident.Incident, events []incident.Event, v text.Voice) (all []capability.Sentence) {
	l, life := v.Language, capability.LifeOf(inc, events)
	s, _ := stateOf(inc) // of damaged ones, the events tell
	had := tenures(&s, events)
	for n := range s.Roles {
		if r := &s.Roles[n]; !slices.ContainsFunc(had, func(t tenure) bool { return t.role == r.Key }) {
			all = append(all, capability.Sentence{Text: l.T("Nobody has had the role “%s”.", v.Escape(r.Name))})
		}
	}
	for _, h := range had {
		t, ok := life.Cut(h.Term)
		if !ok {
			continue
		}
		who, role, said := v.Person(h.userID), v.Escape(h.name), ""
		switch {
		case life.Spans(t):
			said = l.T("%s had the role “%s” all the time.", who, role)
		case t.To == 0:
			said = l.T("%s has had the role “%s” since %s.", who, role, v.Time(t.From))
		default:
			said = l.T("%s had the role “%s” from %s to %s (%s).", who, role, v.Time(t.From), v.Time(t.To), incident.FormatDuration(t.Lasted()))
		}
		all = append(all, capability.Sentence{Text: said, EventIDs: t.EventIDs()})
	}
	return append(all, handoffs(events, l)...)
}

// tenures lists who had which role when, role by role in the order of the playbook.
func tenures(s *State, events []incident.Event) (all []tenure) {
	begun := map[string]string{} // the events by which the present holders got their roles
	for n := range events {
		p, ok := events[n].Payload.(RoleChanged)
		if !ok {
			continue
		}
		if p.HolderID.Before != "" {
			all = append(all, tenure{p.Role, p.Name, p.HolderID.Before, capability.Term{From: p.Since.Before, To: events[n].CreateAt, Begin: begun[p.Role], End: events[n].ID}})
		}
		begun[p.Role] = events[n].ID
	}
	for n := range s.Roles {
		if r := &s.Roles[n]; r.HolderID != "" {
			all = append(all, tenure{r.Key, r.Name, r.HolderID, capability.Term{From: r.Since, Begin: begun[r.Key]}})
		}
	}
	place := func(t tenure) int {
		return slices.IndexFunc(s.Roles, func(r Role) bool { return r.Key == t.role })
	}
	slices.SortStableFunc(all, func(a, b tenure) int { return place(a) - place(b) })
	return all
}

// handoffs counts the offers of the command, and how they ended.
func handoffs(events []incident.Event, l *i18n.Language) []capability.Sentence {
	var ids []string
	offered, ends := 0, map[incident.EventType]int{}
	for n := range events {
		switch p := events[n].Payload.(type) {
		case incident.CommanderChanged:
			if p.HandoffID == "" {
				continue
			}
			ends[incident.EventCommander]++
		case HandoffEvent:
			if p.Kind == EventOffered {
				offered++
			} else {
				ends[p.Kind]++
			}
		default:
			continue
		}
		ids = append(ids, events[n].ID)
	}
	if offered == 0 {
		return nil
	}
	said := l.T("Handoffs of command: %d", offered)
	var parts []string
	for _, end := range []struct {
		kind incident.EventType
		word string
	}{
		{incident.EventCommander, l.T("accepted")}, {EventDeclined, l.T("declined")}, {EventLapsed, l.T("lapsed")}, {EventWithdrawn, l.T("withdrawn")},
		{EventOvertaken, l.T("overtaken")},
	} {
		if ends[end.kind] > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", end.word, ends[end.kind]))
		}
	}
	if len(parts) > 0 {
		said += " (" + strings.Join(parts, ", ") + ")"
	}
	return []capability.Sentence{{Text: said + ".", EventIDs: ids}}
}
