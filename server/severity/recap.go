package severity

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// recap says which level an incident had when.
func recap(inc *incident.Incident, events []incident.Event, v text.Voice) (all []capability.Sentence) {
	type stay struct {
		level Ref
		capability.Term
	}
	var stays []stay
	for n := range events {
		c, ok := events[n].Payload.(Changed)
		if !ok {
			continue
		}
		if len(stays) == 0 && c.Before.Key != "" {
			stays = append(stays, stay{level: c.Before, Term: capability.Term{From: inc.CreateAt}})
		}
		if last := len(stays) - 1; last >= 0 {
			stays[last].To, stays[last].End = events[n].CreateAt, events[n].ID
		}
		stays = append(stays, stay{c.After, capability.Term{From: events[n].CreateAt, Begin: events[n].ID}})
	}
	if level := stateOf(inc).chosen(); level != nil && len(stays) == 0 {
		stays = append(stays, stay{level: level.ref(), Term: capability.Term{From: inc.CreateAt}})
	}
	l, life := v.Language, capability.LifeOf(inc, events)
	for _, s := range stays {
		t, ok := life.Cut(s.Term)
		if !ok {
			continue
		}
		level, said := v.Escape(s.level.Label()), ""
		switch {
		case life.Spans(t):
			said = l.T("The severity was %s all the time.", level)
		case t.To == 0:
			said = l.T("The severity has been %s since %s.", level, v.Time(t.From))
		default:
			said = l.T("The severity was %s from %s to %s (%s).", level, v.Time(t.From), v.Time(t.To), incident.FormatDuration(t.Lasted()))
		}
		all = append(all, capability.Sentence{Text: said, EventIDs: t.EventIDs()})
	}
	return all
}
