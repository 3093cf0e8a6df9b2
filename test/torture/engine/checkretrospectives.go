package engine

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
)

// noteMark begins the lines of clients in retrospectives.
const noteMark = "note "

// storedRetrospective is a retrospective as it is in the tables.
type storedRetrospective struct {
	state    retrospective.State
	revision int64
	sections map[string]storedSection
	// due are the keys of the jobs that remind of it.
	due []string
}

type storedSection struct {
	text     string
	revision int64
}

// notes are the lines of clients in a section, in their order.
func (s *storedSection) notes() []string {
	return slices.DeleteFunc(strings.Split(s.text, "\n"), func(line string) bool { return !strings.HasPrefix(line, noteMark) })
}

// readRetrospectives reads the retrospectives from the tables, by incident. One that has only a job is there as well.
func (w *cluster) readRetrospectives(ctx context.Context) (map[string]*storedRetrospective, error) {
	stored := map[string]*storedRetrospective{}
	of := func(id string) *storedRetrospective {
		if stored[id] == nil {
			stored[id] = &storedRetrospective{state: retrospective.None, sections: map[string]storedSection{}}
		}
		return stored[id]
	}
	for query, row := range map[string]func(rows *sql.Rows) error{
		"SELECT IncidentID, State, Revision FROM IR_Retrospective": func(rows *sql.Rows) error {
			var id, state string
			var revision int64
			err := rows.Scan(&id, &state, &revision)
			of(id).state, of(id).revision = retrospective.State(state), revision
			return err
		},
		"SELECT IncidentID, SectionKey, Content, Revision FROM IR_RetrospectiveSection": func(rows *sql.Rows) error {
			var id, key string
			var s storedSection
			err := rows.Scan(&id, &key, &s.text, &s.revision)
			of(id).sections[key] = s
			return err
		},
		"SELECT IncidentID, JobKey FROM IR_Job WHERE Kind = '" + retrospective.JobDue + "' AND State = 'waiting'": func(rows *sql.Rows) error {
			var id, key string
			err := rows.Scan(&id, &key)
			of(id).due = append(of(id).due, key)
			return err
		},
	} {
		if err := w.query(ctx, row, query); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// checkEdits wants each acknowledged line of a section to be there once and in the order of the revisions, each unknown one at most
// once, each refused one not, and nothing else. No two acknowledged edits may replace the same revision: one would be lost.
func (w *cluster) checkEdits(stored map[string]*storedRetrospective) {
	type place struct{ incidentID, section string }
	asked := map[place][]*sectionEdit{}
	for _, e := range w.edits {
		asked[place{e.incidentID, e.section}] = append(asked[place{e.incidentID, e.section}], e)
	}
	for at, edits := range asked {
		found := storedSection{}
		if r := stored[at.incidentID]; r != nil {
			found = r.sections[at.section]
		}
		where := fmt.Sprintf("section %s of the retrospective of incident %s", at.section, at.incidentID)
		notes := found.notes()
		count := func(line string) (n int) {
			for _, note := range notes {
				if note == line {
					n++
				}
			}
			return n
		}
		made := []*sectionEdit{}
		replaced := map[int64]*sectionEdit{}
		known := map[string]bool{}
		for _, e := range edits {
			known[e.line] = true
			n := count(e.line)
			switch {
			case n > 1:
				w.report.find(Doubled, "%s has %q %d times", where, e.line, n)
			case n == 0 && e.outcome == acknowledged:
				w.report.find(Lost, "%s has no %q, which was acknowledged as revision %d, made from %d", where, e.line, e.revision, e.base)
			case n == 1 && e.outcome == refused:
				w.report.find(Doubled, "%s has %q, which was refused", where, e.line)
			case n == 1:
				w.report.count("retrospectives: edits found once", 1)
			}
			if e.outcome != acknowledged {
				continue
			}
			if other := replaced[e.base]; other != nil {
				w.report.find(Lost, "%s: both %q and %q replaced revision %d", where, e.line, other.line, e.base)
			}
			replaced[e.base] = e
			made = append(made, e)
		}
		for _, note := range notes {
			if !known[note] {
				w.report.find(Doubled, "%s has %q, for which nobody has asked there", where, note)
			}
		}
		slices.SortFunc(made, func(a, b *sectionEdit) int { return int(a.revision - b.revision) })
		for n, e := range made {
			if n > 0 && slices.Index(notes, e.line) < slices.Index(notes, made[n-1].line) {
				w.report.find(Lost, "%s: %q, revision %d, is before %q, revision %d", where, e.line, e.revision, made[n-1].line, made[n-1].revision)
			}
		}
		if len(made) == 0 {
			continue
		}
		last := made[len(made)-1]
		if found.revision < last.revision || found.revision == last.revision && !strings.HasSuffix(found.text, "\n"+last.line) {
			w.report.find(Lost, "%s has revision %d and ends with %v, but %q was acknowledged as revision %d",
				where, found.revision, notes[max(0, len(notes)-2):], last.line, last.revision)
		}
	}
}

// checkMoves wants the events of an incident to tell one story of its retrospective, which ends with the stored state: drafted once,
// and each acknowledged publication and reopening once. The reminder of a retrospective is pending from the end of the incident
// until it goes on or the retrospective is published.
func (w *cluster) checkMoves(id string, events []incident.Event, stored *storedRetrospective) {
	if stored == nil {
		stored = &storedRetrospective{state: retrospective.None}
	}
	type step struct {
		actor string
		kind  incident.EventType
	}
	happened := map[step]int{}
	state, due := retrospective.None, ""
	for _, e := range events {
		switch p := e.Payload.(type) {
		case incident.Ended:
			if due = ""; state != retrospective.Published {
				due = id + ":"
			}
		case incident.Restarted:
			due = ""
		case retrospective.Moved:
			if p.Before != state || p.Before == p.After {
				w.report.find(Doubled, "the retrospective of incident %s went from %s to %s, but was %s (event %d)", id, p.Before, p.After, state, e.Revision)
			}
			state = p.After
			happened[step{e.ActorID, p.Kind}]++
			if p.Kind == retrospective.EventPublished {
				due = ""
				w.report.count("retrospectives: publications", 1)
			}
		}
	}
	if stored.state != state {
		w.report.find(Lost, "the retrospective of incident %s is %s, but its events lead to %s", id, stored.state, state)
	}
	least, most := map[step]int{}, map[step]int{}
	for _, m := range w.moved {
		if m.incidentID != id || m.outcome == refused {
			continue
		}
		at := step{m.actor, m.kind}
		if most[at]++; m.outcome == acknowledged {
			least[at]++
		}
	}
	all := maps.Clone(happened)
	maps.Copy(all, most)
	for at := range all {
		switch n := happened[at]; {
		case at.kind == retrospective.EventDrafted:
		case n < least[at]:
			w.report.find(Lost, "incident %s has %d events %s by %s, but %d were acknowledged", id, n, at.kind, w.names[at.actor], least[at])
		case n > most[at]:
			w.report.find(Doubled, "incident %s has %d events %s by %s, but %d were asked for", id, n, at.kind, w.names[at.actor], most[at])
		}
	}
	switch {
	case due == "" && len(stored.due) > 0:
		w.report.find(Leaked, "the retrospective of incident %s has reminders that should not be there: %v", id, stored.due)
	case due != "" && (len(stored.due) != 1 || !strings.HasPrefix(stored.due[0], due)):
		w.report.find(Lost, "the retrospective of incident %s should have one reminder, and has %v", id, stored.due)
	case due != "":
		w.report.count("retrospectives: reminders pending", 1)
	}
}
