package capability

import (
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Recap says of an incident as a whole what a capability knows, such as who had which role when, for those who look back on it. events, in
// order of time, are those of the capability's own kinds, and those about start, ends, restarts and commanders. It does no I/O, and says
// nothing of an incident that does not use the capability.
type Recap func(inc *incident.Incident, events []incident.Event, v text.Voice) []Sentence

// Sentence is a sentence with the ids of the events that prove it. It has none if only the incident itself does.
type Sentence struct {
	Text     string
	EventIDs []string
}

// life are the kinds of events that every Recap gets.
var life = []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander}

func (c *Capability) has(kind incident.EventType) bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == kind })
}

// Recalls reports whether Recap needs events of a kind.
func (c *Core) Recalls(kind incident.EventType) bool {
	return slices.Contains(life, kind) || slices.ContainsFunc(c.plugged, func(plugged Capability) bool { return plugged.Recap != nil && plugged.has(kind) })
}

// Recap is what all capabilities say of an incident as a whole. events are those that Recalls selects, in order of time. It is complete once
// the plugin is active.
func (c *Core) Recap(inc *incident.Incident, events []incident.Event, v text.Voice) (all []Sentence) {
	for n := range c.plugged {
		plugged := &c.plugged[n]
		if plugged.Recap == nil {
			continue
		}
		var own []incident.Event
		for _, e := range events {
			if slices.Contains(life, e.Type()) || plugged.has(e.Type()) {
				own = append(own, e)
			}
		}
		all = append(all, plugged.Recap(inc, own, v)...)
	}
	return all
}

// InStory reports whether a kind of events of a capability is part of the story of an incident, see Event.InStory.
func (c *Core) InStory(kind incident.EventType) bool {
	return slices.ContainsFunc(c.plugged, func(plugged Capability) bool {
		return slices.ContainsFunc(plugged.Events, func(e Event) bool { return e.Type == kind && e.InStory })
	})
}

// Term is a time in which something was so, such as somebody having a role. Times are Unix milliseconds.
type Term struct {
	// From is when it began, To when it ended; 0 if it goes on.
	From, To int64
	// Begin and End are the ids of the events by which it began and ended, "" if there is none.
	Begin, End string
}

// LifeOf is the time from the start of an incident to its last end.
func LifeOf(inc *incident.Incident, events []incident.Event) Term {
	l := Term{From: inc.CreateAt, To: inc.EndAt}
	for _, e := range events {
		switch e.Type() {
		case incident.EventStarted:
			l.Begin = e.ID
		case incident.EventEnded:
			l.End = e.ID
		}
	}
	if l.To == 0 {
		l.End = ""
	}
	return l
}

// Cut returns the part of a term that is within l. ok is false if it begins only after the end of l.
func (l Term) Cut(t Term) (cut Term, ok bool) {
	if t.From <= l.From {
		t.From = l.From
		if t.Begin == "" {
			t.Begin = l.Begin
		}
	}
	if l.To != 0 && t.From >= l.To && t.From > l.From {
		return t, false
	}
	if t.To == 0 || l.To != 0 && t.To >= l.To {
		t.To, t.End = l.To, l.End
	}
	return t, true
}

// Spans reports whether t is all of the time of l.
func (l Term) Spans(t Term) bool { return t.From == l.From && t.To == l.To }

// Lasted is how long a term was, in milliseconds; 0 if it goes on.
func (l Term) Lasted() int64 {
	if l.To == 0 {
		return 0
	}
	return l.To - l.From
}

// EventIDs are the ids of the events of a term.
func (l Term) EventIDs() (ids []string) {
	for _, id := range []string{l.Begin, l.End} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}
