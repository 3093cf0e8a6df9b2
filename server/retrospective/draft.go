package retrospective

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Limits of what is generated, in characters or numbers of things. What is left out is counted.
const (
	maxQuote    = 200
	maxMoments  = 80
	maxListed   = 50
	maxPeople   = 30
	maxDrafted  = MaxText - 1000
	maxUserName = 64
)

// writer writes the sentences of a draft.
type writer struct {
	*facts
	l *i18n.Language
	// name is a user's name, "" for a removed account.
	name func(userID string) string
}

// draft writes all parts of a draft, in a language.
func draft(f *facts, l *i18n.Language, name func(userID string) string) map[Part][]made {
	w := &writer{f, l, name}
	return map[Part][]made{Summary: w.summary(), Impact: w.impact(), WhatHappened: w.whatHappened(), WentWell: w.wentWell(),
		DidNotGoWell: w.didNotGoWell(), FollowUps: w.listFollowUps()}
}

// person names somebody.
func (w *writer) person(id string) string {
	switch name := w.name(id); {
	case id == "":
		return "Incident Management"
	case name == "":
		return w.l.T("a removed user (%s)", text.Escape(id))
	default:
		return "@" + text.Escape(name)
	}
}

func (w *writer) summary() []made {
	var out lines
	first, last := w.start, w.spans[len(w.spans)-1]
	if first.ref.Kind == refEvent {
		out.say(w.l.T("%s started the incident on %s.", w.person(first.by), when(first.at)), first.ref)
	} else {
		out.say(w.l.T("The incident began on %s.", when(first.at)), first.ref)
	}
	if last.to == 0 {
		out.say(w.l.T("It has not ended yet."), incidentRef(w.inc))
	} else {
		out.say(w.l.T("It ended on %s, after %s.", when(last.to), incident.FormatDuration(last.to-first.at)), first.ref, last.end)
	}
	if restarts := len(w.spans) - 1; restarts > 0 {
		var between int64
		var refs []Ref
		for n := range restarts {
			between += w.spans[n+1].from - w.spans[n].to
			refs = append(refs, w.spans[n].end, w.spans[n+1].begin)
		}
		out.say(w.l.T("Restarts: %d. In between it had ended for %s.", restarts, incident.FormatDuration(between)), refs...)
	}
	w.sayCommanders(&out)
	w.sayRecap(&out)
	w.sayPeople(&out)
	if done, all := w.finished(); all > 0 {
		out.say(w.l.T("Tasks finished: %d of %d.", done, all), incidentRef(w.inc))
	}
	if description := quoted(w.inc.Description); description != "" {
		out.say(w.l.T("Description: %s", description), incidentRef(w.inc))
	}
	return out.all
}

func (w *writer) sayCommanders(out *lines) {
	end := w.lastEnd()
	all := slices.DeleteFunc(slices.Clone(w.commanders), func(h holder[string]) bool { return end != 0 && h.since.at >= end && h.since.at > w.start.at })
	for n, h := range all {
		switch {
		case len(all) == 1:
			out.say(w.l.T("%s was the commander all the time.", w.person(h.value)), h.since.ref)
		case n+1 < len(all):
			next := all[n+1].since
			out.say(w.l.T("%s was the commander from %s to %s (%s).", w.person(h.value), when(h.since.at), when(next.at),
				incident.FormatDuration(next.at-h.since.at)), h.since.ref, next.ref)
		case end == 0:
			out.say(w.l.T("%s is the commander since %s.", w.person(h.value), when(h.since.at)), h.since.ref)
		default:
			out.say(w.l.T("%s was the commander from %s to %s (%s).", w.person(h.value), when(h.since.at), when(end),
				incident.FormatDuration(end-h.since.at)), h.since.ref, w.spans[len(w.spans)-1].end)
		}
	}
}

func (w *writer) sayPeople(out *lines) {
	var names []string
	var refs []Ref
	for n, p := range w.people {
		refs = append(refs, p.since.ref)
		if n < maxPeople {
			names = append(names, w.person(p.value))
		}
	}
	if rest := len(w.people) - len(names); rest > 0 {
		names = append(names, "…")
	}
	if len(names) > 0 {
		out.say(w.l.T("People who took part: %d (%s).", len(w.people), strings.Join(names, ", ")), refs...)
	}
}

// finished counts the finished tasks, and all.
func (w *writer) finished() (done, all int) {
	for n := range w.inc.Checklists {
		done, all = done+w.inc.Checklists[n].Done(), all+len(w.inc.Checklists[n].Tasks)
	}
	return done, all
}

func (w *writer) impact() []made {
	var out lines
	if last := w.spans[len(w.spans)-1]; last.to != 0 {
		out.item(w.l.T("From the start to the end: %s.", incident.FormatDuration(last.to-w.start.at)), w.start.ref, last.end)
	}
	if len(w.updates) > 0 {
		first := w.updates[0]
		out.item(w.l.T("From the start to the first status update: %s.", incident.FormatDuration(first.at-w.start.at)), w.start.ref, first.ref)
	}
	for _, s := range w.stays() {
		out.item(w.l.T("In the stage “%s”: %s.", title(s.stage.Title), incident.FormatDuration(s.length)), s.refs...)
	}
	return out.all
}

func (w *writer) whatHappened() []made {
	kept := slices.Clone(w.story)
	slices.SortStableFunc(kept, func(a, b storyItem) int { return cmp.Compare(a.rank, b.rank) })
	left := kept[min(len(kept), maxMoments):]
	kept = kept[:len(kept)-len(left)]
	slices.SortStableFunc(kept, func(a, b storyItem) int { return cmp.Compare(a.at, b.at) })
	var out lines
	for n := range kept {
		sentence, ref := w.moment(&kept[n])
		if sentence == "" {
			continue
		}
		if kept[n].starred {
			sentence = w.l.T("%s (key moment): %s", when(kept[n].at), sentence)
		} else {
			sentence = when(kept[n].at) + ": " + sentence
		}
		if !out.item(sentence, ref) {
			left = append(slices.Clone(kept[n:]), left...)
			break
		}
	}
	if len(left) > 0 {
		var refs []Ref
		for n := range left {
			_, ref := w.moment(&left[n])
			refs = append(refs, ref)
		}
		out.item(w.l.T("More that is on the timeline: %d.", len(left)), refs...)
	}
	return out.all
}

// moment tells an event or a record.
func (w *writer) moment(m *storyItem) (sentence string, ref Ref) {
	if m.event != nil {
		return text.Sentence(m.event, w.voice()), Ref{refEvent, m.event.ID}
	}
	r := m.record
	who, content := w.person(r.PersonID), quoted(r.Text)
	if r.PersonName != "" {
		who = "@" + text.Escape(incident.Truncate(r.PersonName, maxUserName))
	}
	ref = Ref{refEntry, r.ID}
	switch {
	case r.Type == capability.RecordUpdate && content == "":
		return w.l.T("%s posted a status update.", who), ref
	case r.Type == capability.RecordUpdate:
		return w.l.T("%s posted a status update: %s", who, content), ref
	case content == "":
		return w.l.T("%s posted files.", who), ref
	case r.Type == capability.RecordMessage:
		return w.l.T("%s wrote: %s", who, content), ref
	default:
		return w.l.T("%s noted: %s", who, content), ref
	}
}

// taskTitle is the present title of a task, "" if it is gone.
func (w *writer) taskTitle(id string) string {
	for n := range w.inc.Checklists {
		for _, t := range w.inc.Checklists[n].Tasks {
			if t.ID == id {
				return t.Title
			}
		}
	}
	return ""
}

// late are the updates that were posted later than promised, inTime those that were not.
func (w *writer) late() (late, inTime []update) {
	for _, u := range w.updates {
		switch {
		case u.due == 0:
		case u.at > u.due+grace.Milliseconds():
			late = append(late, u)
		default:
			inTime = append(inTime, u)
		}
	}
	return late, inTime
}

func (w *writer) wentWell() []made {
	var out lines
	last := w.spans[len(w.spans)-1]
	if last.to == 0 {
		return nil
	}
	if late, inTime := w.late(); len(late)+len(w.missed) == 0 && len(inTime) > 0 {
		var refs []Ref
		for _, u := range inTime {
			refs = append(refs, u.ref)
		}
		out.item(w.l.T("All status updates that were due came in time: %d.", len(inTime)), refs...)
	}
	if done, all := w.finished(); all > 0 && done == all && len(w.finishedLate()) == 0 {
		out.item(w.l.T("All tasks were finished before the end: %d.", all), incidentRef(w.inc), last.end)
	}
	if last.to-w.start.at >= silence.Milliseconds() && len(w.silences()) == 0 {
		out.item(w.l.T("Something was recorded at least every %s.", incident.FormatDuration(silence.Milliseconds())), w.start.ref, last.end)
	}
	return out.all
}

// lateTask is a task that was finished after an end of the incident.
type lateTask struct {
	task *incident.Task
	end  int64
}

func (w *writer) finishedLate() (found []lateTask) {
	for n := range w.inc.Checklists {
		for t := range w.inc.Checklists[n].Tasks {
			task := &w.inc.Checklists[n].Tasks[t]
			if task.State == incident.Closed && task.StateModified > 0 && !w.open(task.StateModified) && w.endBefore(task.StateModified) != 0 {
				found = append(found, lateTask{task, w.endBefore(task.StateModified)})
			}
		}
	}
	return found
}

func (w *writer) didNotGoWell() []made {
	var out lines
	late, _ := w.late()
	for n, u := range late {
		if n == maxListed {
			out.item(w.l.T("More status updates that were late: %d.", len(late)-n), late[n].ref)
			break
		}
		out.item(w.l.T("The status update of %s was %s late. It was due on %s.", when(u.at), incident.FormatDuration(u.at-u.due), when(u.due)), u.expected, u.ref)
	}
	for _, m := range w.missed {
		out.item(w.l.T("The status update that was due on %s was not posted before the end.", when(m.due)), m.expected, m.end)
	}
	last := w.spans[len(w.spans)-1]
	if len(w.updates) == 0 && last.to != 0 {
		out.item(w.l.T("No status update was posted."), w.start.ref, last.end)
	}
	for _, q := range w.silences() {
		out.item(w.l.T("Nothing was recorded for %s, from %s to %s.", incident.FormatDuration(q.length()), when(q.from.at), when(q.to.at)), q.from.ref, q.to.ref)
	}
	if last.to != 0 {
		w.sayTasks(&out)
	}
	return out.all
}

// sayTasks tells of tasks that were not finished, or only after the end.
func (w *writer) sayTasks(out *lines) {
	var open []*incident.Task
	var stages []string
	for n := range w.inc.Checklists {
		for t := range w.inc.Checklists[n].Tasks {
			if task := &w.inc.Checklists[n].Tasks[t]; task.State != incident.Closed {
				open, stages = append(open, task), append(stages, w.inc.Checklists[n].Title)
			}
		}
	}
	for n, task := range open {
		if n == maxListed {
			var refs []Ref
			for _, t := range open[n:] {
				refs = append(refs, w.taskRefs(t)...)
			}
			out.item(w.l.T("More tasks that were not finished: %d.", len(open)-n), refs...)
			break
		}
		out.item(w.l.T("The task “%s” of the stage “%s” was not finished.", title(task.Title), title(stages[n])), w.taskRefs(task)...)
	}
	late := w.finishedLate()
	for n, t := range late {
		if n == maxListed {
			var refs []Ref
			for _, t := range late[n:] {
				refs = append(refs, w.taskRefs(t.task)...)
			}
			out.item(w.l.T("More tasks that were finished after the end: %d.", len(late)-n), refs...)
			break
		}
		out.item(w.l.T("The task “%s” was finished %s after the end, on %s.", title(t.task.Title), incident.FormatDuration(t.task.StateModified-t.end),
			when(t.task.StateModified)), w.taskRefs(t.task)...)
	}
}

// taskRefs link to a task, and to the event by which it was finished. A task of version 1.2.0 may have no id.
func (w *writer) taskRefs(t *incident.Task) (refs []Ref) {
	if t.ID == "" {
		return []Ref{incidentRef(w.inc)}
	}
	refs = []Ref{{refTask, t.ID}}
	if p, known := w.closed[t.ID]; known {
		refs = append(refs, p.ref)
	}
	return refs
}

func (w *writer) listFollowUps() []made {
	var out lines
	for n := range w.followUps {
		r := &w.followUps[n]
		sentence := fmt.Sprintf("#%d %s", r.Number, title(r.Text))
		if r.PersonID != "" {
			sentence += " — " + w.person(r.PersonID)
		}
		if r.DueAt > 0 {
			sentence += w.l.T(", due %s", when(r.DueAt))
		}
		switch r.State {
		case "done":
			sentence += w.l.T(", done")
		case "dropped":
			sentence += w.l.T(", dropped")
		}
		if n == maxMoments || !out.item(sentence, Ref{refFollowUp, r.ID}) {
			var refs []Ref
			for _, r := range w.followUps[n:] {
				refs = append(refs, Ref{refFollowUp, r.ID})
			}
			out.item(w.l.T("More follow-ups: %d.", len(w.followUps)-n), refs...)
			break
		}
	}
	return out.all
}
