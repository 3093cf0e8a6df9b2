package retrospective

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// lookBack is what capabilities say when somebody looks back on an incident; *capability.Core has it.
type lookBack interface {
	InStory(kind incident.EventType) bool
	Recalls(kind incident.EventType) bool
	Recap(inc *incident.Incident, events []incident.Event, v text.Voice) []capability.Sentence
}

// sayRecap says what capabilities know of the incident as a whole.
func (w *writer) sayRecap(out *lines) {
	all := w.others.Recap(w.inc, w.history, w.voice())
	for n, s := range all {
		var refs []Ref
		if n == maxListed {
			for _, left := range all[n:] {
				refs = append(refs, w.proof(left)...)
			}
			out.say(w.l.T("More that is on the timeline: %d.", len(all)-n), refs...)
			break
		}
		out.say(s.Text, w.proof(s)...)
	}
}

// proof links to the events of a sentence, or to the incident.
func (w *writer) proof(s capability.Sentence) (refs []Ref) {
	for _, id := range s.EventIDs {
		refs = append(refs, Ref{refEvent, id})
	}
	if len(refs) == 0 {
		refs = []Ref{incidentRef(w.inc)}
	}
	return refs
}

// voice is that of a draft, for sentences about events.
func (w *writer) voice() text.Voice {
	return text.Voice{Language: w.l, Person: func(id string) string {
		if id == "" {
			return ""
		}
		return w.person(id)
	}, Escape: quoted, Time: when, TaskTitle: w.taskTitle}
}
