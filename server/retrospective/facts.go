package retrospective

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// silence is the shortest time without a record that a draft mentions, silences how many it mentions.
	silence  = 15 * time.Minute
	silences = 3
	// grace is how much later than due a status update may be: who answers a reminder is not late.
	grace = time.Minute
)

// point is something that happened. Times are Unix milliseconds.
type point struct {
	at  int64
	by  string
	ref Ref
}

// span is a time in which the incident was open. to is 0 if it has not ended.
type span struct {
	from, to   int64
	begin, end Ref
}

// holds reports whether a time is in the span, its ends included.
func (s span) holds(at int64) bool { return s.from <= at && (s.to == 0 || at <= s.to) }

// holder is a value, such as a commander, between two points.
type holder[T any] struct {
	value T
	since point
}

// update is a status update. due is when it was expected, 0 if it was not.
type update struct {
	point
	due      int64
	expected Ref // what has promised it
}

// missed is a status update that was due, but not posted before the end.
type missed struct {
	due           int64
	expected, end Ref
}

// storyItem is something for the story of the incident: an event, or a record.
type storyItem struct {
	at      int64
	rank    int
	starred bool
	event   *incident.Event
	record  *capability.Record
}

// Ranks of the items of the story: if there are too many, those of a greater rank are left out first.
const (
	rankLifecycle = iota
	rankStarred
	rankOther
)

// shortener leaves out the texts of records that no draft tells: of those of one rank, in order of time, at most maxMoments are told.
type shortener map[int]int

// shorten returns a record without what is not shown of its text.
func (s shortener) shorten(r capability.Record) capability.Record {
	if r.Type != capability.RecordFollowUp && r.Text != "" {
		if s[rankOf(&r)]++; s[rankOf(&r)] > maxMoments {
			r.Text = ""
			return r
		}
	}
	r.Text = incident.Truncate(r.Text, 4*maxQuote)
	return r
}

// rankOf is the rank of a record.
func rankOf(r *capability.Record) int {
	if r.Starred {
		return rankStarred
	}
	return rankOther
}

// facts are what a draft says about an incident. The same incident always has the same ones.
type facts struct {
	inc        *incident.Incident
	start      point
	spans      []span
	commanders []holder[string]
	stages     []holder[incident.StageRef]
	updates    []update
	missed     []missed
	// closed are the last changes by which tasks were finished, by the ids of the tasks.
	closed map[string]point
	// people are those who took part, by when they first did.
	people []holder[string]
	// activity is what people did or said, in order of time.
	activity  []point
	story     []storyItem
	followUps []capability.Record
	// history are the events from which capabilities say what they know of the incident.
	history []incident.Event
	others  lookBack
}

// lastEnd is when the incident has ended, 0 if it is ongoing.
func (f *facts) lastEnd() int64 { return f.spans[len(f.spans)-1].to }

// open reports whether the incident was open at a time.
func (f *facts) open(at int64) bool {
	return slices.ContainsFunc(f.spans, func(s span) bool { return s.holds(at) })
}

// endBefore is the last end before a time, 0 if there is none.
func (f *facts) endBefore(at int64) (end int64) {
	for _, s := range f.spans {
		if s.to != 0 && s.to < at {
			end = s.to
		}
	}
	return end
}

// openBetween is how long the incident was open within a time.
func (f *facts) openBetween(from, to int64) (sum int64) {
	for _, s := range f.spans {
		end := to
		if s.to != 0 {
			end = min(to, s.to)
		}
		sum += max(end-max(from, s.from), 0)
	}
	return sum
}

func incidentRef(inc *incident.Incident) Ref { return Ref{refIncident, inc.ID} }

// collect gathers the facts. events and records are in order of time.
func collect(inc *incident.Incident, events iter.Seq2[incident.Event, error], records []capability.Record, others lookBack) (*facts, error) {
	f := &facts{inc: inc, others: others, closed: map[string]point{}, start: point{inc.CreateAt, "", incidentRef(inc)}}
	stars, recorded := map[string]bool{}, map[string]bool{}
	for n := range records {
		stars[records[n].ID] = records[n].Type == capability.RecordEvent && records[n].Starred
		if records[n].Type == capability.RecordUpdate {
			recorded[records[n].PostID] = true
		}
	}
	w := &walk{facts: f, stars: stars, recorded: recorded, posts: map[string]bool{}, commander: inc.CommanderUserID, open: span{from: inc.CreateAt, begin: f.start.ref}}
	for e, err := range events {
		if err != nil {
			return nil, err
		}
		w.event(&e)
	}
	w.end()
	f.read(records)
	return f, nil
}

// walk goes through the events of an incident in order of time.
type walk struct {
	*facts
	// stars are the events with a star, recorded the status updates that have a record of the timeline.
	stars, recorded map[string]bool
	// posts are the status updates that have an event.
	posts map[string]bool
	// commander and stage are those at the start.
	commander string
	stage     *incident.StageRef
	// open is the span that has not ended yet; shut means that there is none.
	open span
	shut bool
	// due is when the next status update was to be posted, promise the event that said so.
	due     int64
	promise Ref
}

// own reports whether an event is one of a retrospective: its own writing is no part of what happened.
func own(kind incident.EventType) bool {
	return kind == EventDrafted || kind == EventPublished || kind == EventReopened
}

func (w *walk) event(e *incident.Event) {
	if own(e.Type()) {
		return
	}
	at := point{e.CreateAt, e.ActorID, Ref{refEvent, e.ID}}
	rank, tell := rankOther, true
	switch p := e.Readable().(type) {
	case incident.Started:
		rank, w.commander = rankLifecycle, p.CommanderUserID
		w.start.by, w.start.ref, w.open.begin = e.ActorID, at.ref, at.ref
		w.due, w.promise = p.NextUpdateAt, at.ref
	case incident.Ended:
		rank = rankLifecycle
		w.ended(at)
	case incident.Restarted:
		rank = rankLifecycle
		if w.shut {
			w.open, w.shut = span{from: at.at, begin: at.ref}, false
		}
	case incident.CommanderChanged:
		if len(w.commanders) == 0 && p.CommanderUserID.Before != "" {
			w.commander = p.CommanderUserID.Before
		}
		w.commanders = append(w.commanders, holder[string]{p.CommanderUserID.After, at})
	case incident.StageChanged:
		if w.stage == nil {
			w.stage = &p.Stage.Before
		}
		w.stages = append(w.stages, holder[incident.StageRef]{p.Stage.After, at})
	case incident.StatusUpdated:
		w.posts[p.StatusPostID] = true
		w.updates = append(w.updates, update{at, w.due, w.promise})
		w.due, w.promise, tell = p.ReminderAt, at.ref, !w.recorded[p.StatusPostID]
	case incident.UpdatePlanned:
		w.planned(p.Clock.After.NextUpdateAt, at)
		tell = false
	case incident.TaskStateChanged:
		tell = false
		if p.State.After == incident.Closed {
			w.closed[p.TaskID] = at
		} else {
			delete(w.closed, p.TaskID)
		}
	case incident.PlansUpdate:
		if due, moved := p.PlannedUpdate(); moved {
			w.planned(due, at)
		}
		tell = w.others.InStory(e.Type())
	default:
		tell = w.others.InStory(e.Type())
	}
	if w.others.Recalls(e.Type()) {
		w.history = append(w.history, *e)
	}
	if e.ActorID != "" {
		w.activity = append(w.activity, at)
	}
	if starred := w.stars[e.ID]; tell || starred {
		if starred {
			rank = min(rank, rankStarred)
		}
		event := *e
		w.story = append(w.story, storyItem{at: e.CreateAt, rank: rank, starred: starred, event: &event})
	}
}

// planned moves the time of the next status update, unless it is late already.
func (w *walk) planned(due int64, at point) {
	if w.due == 0 || at.at <= w.due+grace.Milliseconds() {
		w.due, w.promise = due, at.ref
	}
}

func (w *walk) ended(at point) {
	if w.shut { // it was restarted by version 1.2.0, which has stored no event
		w.spans[len(w.spans)-1].to, w.spans[len(w.spans)-1].end = at.at, at.ref
	} else {
		w.open.to, w.open.end = at.at, at.ref
		w.spans, w.shut = append(w.spans, w.open), true
	}
	if w.due != 0 && at.at > w.due+grace.Milliseconds() {
		w.missed = append(w.missed, missed{w.due, w.promise, at.ref})
	}
	w.due = 0
}

// end adds what the incident itself says to what its events have said.
func (w *walk) end() {
	f, inc := w.facts, w.inc
	switch last := len(f.spans) - 1; {
	case inc.IsActive && w.shut: // as in ended
		f.spans = append(f.spans, span{from: f.spans[last].to, begin: f.spans[last].end})
	case inc.IsActive:
		f.spans = append(f.spans, w.open)
	case !w.shut:
		w.open.to, w.open.end = max(inc.EndAt, w.open.from), incidentRef(inc)
		f.spans = append(f.spans, w.open)
	}
	for _, p := range inc.StatusPosts {
		if !w.posts[p.ID] {
			f.updates = append(f.updates, update{point: point{p.CreateAt, "", Ref{refPost, p.ID}}})
		}
	}
	slices.SortStableFunc(f.updates, func(a, b update) int { return cmp.Compare(a.at, b.at) })
	begin := point{inc.CreateAt, f.start.by, f.start.ref}
	f.commanders = append([]holder[string]{{w.commander, begin}}, f.commanders...)
	if current := inc.CurrentStage(); w.stage == nil && current != nil {
		w.stage = &incident.StageRef{Index: inc.StageIndex(), Title: current.Title}
	}
	if w.stage != nil {
		f.stages = append([]holder[incident.StageRef]{{*w.stage, begin}}, f.stages...)
	}
}

// read adds what capabilities keep about the incident, and finds out who took part.
func (f *facts) read(records []capability.Record) {
	for n := range records {
		r := &records[n]
		switch r.Type {
		case capability.RecordEvent:
		case capability.RecordFollowUp:
			f.followUps = append(f.followUps, *r)
		default:
			f.story = append(f.story, storyItem{at: r.At, rank: rankOf(r), starred: r.Starred, record: r})
			f.activity = append(f.activity, point{r.At, r.PersonID, Ref{refEntry, r.ID}})
		}
	}
	slices.SortStableFunc(f.story, func(a, b storyItem) int { return cmp.Compare(a.at, b.at) })
	slices.SortStableFunc(f.activity, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	took := append([]point{}, f.activity...)
	for _, c := range f.commanders {
		took = append(took, point{c.since.at, c.value, c.since.ref})
	}
	slices.SortStableFunc(took, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	for _, p := range took {
		if p.by != "" && f.open(p.at) && !slices.ContainsFunc(f.people, func(h holder[string]) bool { return h.value == p.by }) {
			f.people = append(f.people, holder[string]{p.by, p})
		}
	}
}

// quiet is a time in which nothing was recorded.
type quiet struct{ from, to point }

func (q quiet) length() int64 { return q.to.at - q.from.at }

// silences are the longest times of silence while the incident was open, in order of time.
func (f *facts) silences() (found []quiet) {
	for _, s := range f.spans {
		last := point{at: s.from, ref: s.begin}
		see := func(p point) {
			if q := (quiet{last, p}); q.length() >= silence.Milliseconds() {
				found = append(found, q)
			}
			last = p
		}
		for _, p := range f.activity {
			if s.holds(p.at) {
				see(p)
			}
		}
		if s.to != 0 {
			see(point{at: s.to, ref: s.end})
		}
	}
	slices.SortStableFunc(found, func(a, b quiet) int { return cmp.Compare(b.length(), a.length()) })
	found = found[:min(len(found), silences)]
	slices.SortStableFunc(found, func(a, b quiet) int { return cmp.Compare(a.from.at, b.from.at) })
	return found
}

// stay is how long the incident was open in a stage.
type stay struct {
	stage  incident.StageRef
	length int64
	refs   []Ref
}

// stays are the times in stages, in the order in which they were first active. There is none for an incident of which the stage
// was never changed. The time in the present stage of an ongoing incident is not known.
func (f *facts) stays() (all []stay) {
	if len(f.stages) < 2 {
		return nil
	}
	for n, h := range f.stages {
		to, refs := f.lastEnd(), []Ref{h.since.ref}
		if n+1 < len(f.stages) {
			to, refs = f.stages[n+1].since.at, append(refs, f.stages[n+1].since.ref)
		} else {
			refs = append(refs, f.spans[len(f.spans)-1].end)
		}
		if to == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(s stay) bool { return s.stage == h.value })
		if at < 0 {
			at, all = len(all), append(all, stay{stage: h.value})
		}
		all[at].length += f.openBetween(h.since.at, to)
		all[at].refs = append(all[at].refs, refs...)
	}
	return all
}
