package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
)

func wantFindings(t *testing.T, w *cluster, kinds map[Kind]int) {
	t.Helper()
	for _, kind := range []Kind{Lost, Doubled, Leaked, Crashed} {
		assert.Len(t, w.report.findings[kind], kinds[kind], "%s: %v", kind, w.report.Findings())
	}
}

// Each acknowledged line is there once, in order, and the last one ends the text of its revision.
func TestCheckEdits(t *testing.T) {
	edit := func(line string, base, revision int64, result outcome) *sectionEdit {
		return &sectionEdit{incidentID: "i", section: "summary", line: line, base: base, revision: revision, outcome: result}
	}
	first, second := edit("note 1", 1, 2, acknowledged), edit("note 2", 2, 5, acknowledged)
	for name, test := range map[string]struct {
		edits    []*sectionEdit
		text     string
		revision int64
		kinds    map[Kind]int
	}{
		"all there":                      {[]*sectionEdit{first, second}, "Draft.\nnote 1\nnote 2", 5, nil},
		"one is lost":                    {[]*sectionEdit{first, second}, "Draft.\nnote 2", 5, map[Kind]int{Lost: 1}},
		"the last one is lost":           {[]*sectionEdit{first, second}, "Draft.\nnote 1", 5, map[Kind]int{Lost: 3}}, // missing, out of order, not at the end
		"one is there twice":             {[]*sectionEdit{first, second}, "note 1\nnote 1\nnote 2", 5, map[Kind]int{Doubled: 1}},
		"an earlier revision":            {[]*sectionEdit{first, second}, "\nnote 1\nnote 2", 4, map[Kind]int{Lost: 1}},
		"out of order":                   {[]*sectionEdit{first, second}, "\nnote 2\nnote 1", 5, map[Kind]int{Lost: 2}},
		"both replaced one":              {[]*sectionEdit{first, edit("note 2", 1, 5, acknowledged)}, "\nnote 1\nnote 2", 5, map[Kind]int{Lost: 1}},
		"an unknown one is there":        {[]*sectionEdit{first, edit("note 2", 2, 0, unknown)}, "\nnote 1\nnote 2", 3, nil},
		"an unknown one is not there":    {[]*sectionEdit{first, edit("note 2", 2, 0, unknown)}, "\nnote 1", 2, nil},
		"an unknown one is there twice":  {[]*sectionEdit{edit("note 2", 2, 0, unknown)}, "\nnote 2\nnote 2", 3, map[Kind]int{Doubled: 1}},
		"a refused one is there":         {[]*sectionEdit{first, edit("note 2", 1, 0, refused)}, "\nnote 1\nnote 2", 3, map[Kind]int{Doubled: 1}},
		"a line that nobody asked for":   {[]*sectionEdit{first}, "\nnote 1\nnote 7", 3, map[Kind]int{Doubled: 1}},
		"the retrospective is not there": {[]*sectionEdit{first}, "", 0, map[Kind]int{Lost: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{report: newReport(Options{Log: t.Logf}), edits: test.edits}
			stored := map[string]*storedRetrospective{}
			if test.revision > 0 {
				stored["i"] = &storedRetrospective{sections: map[string]storedSection{"summary": {test.text, test.revision}}}
			}
			w.checkEdits(stored)
			wantFindings(t, w, test.kinds)
		})
	}
}

// The events lead to the stored state, have each acknowledged publication once, and decide whether a reminder is pending.
func TestCheckMoves(t *testing.T) {
	const none, draft, published = retrospective.None, retrospective.Drafted, retrospective.Published
	event := func(kind incident.EventType, before, after retrospective.State) incident.Event {
		return incident.Event{ActorID: "a", Payload: retrospective.Moved{Kind: kind, Before: before, After: after}}
	}
	ended, restarted := incident.Event{Payload: incident.Ended{}}, incident.Event{Payload: incident.Restarted{}}
	drafted, publishes := event(retrospective.EventDrafted, none, draft), event(retrospective.EventPublished, draft, published)
	reopens := event(retrospective.EventReopened, published, draft)
	asked := func(kind incident.EventType, result outcome) *move {
		return &move{incidentID: "i", actor: "a", kind: kind, outcome: result}
	}
	publish, reopen := asked(retrospective.EventPublished, acknowledged), asked(retrospective.EventReopened, acknowledged)
	due := []string{"i:5"}
	for name, test := range map[string]struct {
		events []incident.Event
		moved  []*move
		stored *storedRetrospective
		kinds  map[Kind]int
	}{
		"nothing":                                {},
		"ongoing, drafted":                       {events: []incident.Event{drafted}, stored: &storedRetrospective{state: draft}},
		"drafted, not stored":                    {events: []incident.Event{drafted}, kinds: map[Kind]int{Lost: 1}},
		"drafted twice":                          {events: []incident.Event{drafted, drafted}, stored: &storedRetrospective{state: draft}, kinds: map[Kind]int{Doubled: 1}},
		"ended":                                  {events: []incident.Event{ended}, stored: &storedRetrospective{state: none, due: due}},
		"ended, no reminder":                     {events: []incident.Event{ended}, stored: &storedRetrospective{state: none}, kinds: map[Kind]int{Lost: 1}},
		"ended, two reminders":                   {events: []incident.Event{ended}, stored: &storedRetrospective{state: none, due: []string{"i:5", "i:6"}}, kinds: map[Kind]int{Lost: 1}},
		"restarted":                              {events: []incident.Event{ended, restarted}, stored: &storedRetrospective{state: none}},
		"restarted, a reminder stayed":           {events: []incident.Event{ended, restarted}, stored: &storedRetrospective{state: none, due: due}, kinds: map[Kind]int{Leaked: 1}},
		"published":                              {events: []incident.Event{drafted, ended, publishes}, moved: []*move{publish}, stored: &storedRetrospective{state: published}},
		"published, a reminder stayed":           {events: []incident.Event{drafted, ended, publishes}, moved: []*move{publish}, stored: &storedRetrospective{state: published, due: due}, kinds: map[Kind]int{Leaked: 1}},
		"published by an unknown request":        {events: []incident.Event{drafted, ended, publishes}, moved: []*move{asked(retrospective.EventPublished, unknown)}, stored: &storedRetrospective{state: published}},
		"published by a refused request":         {events: []incident.Event{drafted, ended, publishes}, moved: []*move{asked(retrospective.EventPublished, refused)}, stored: &storedRetrospective{state: published}, kinds: map[Kind]int{Doubled: 1}},
		"acknowledged and not published":         {events: []incident.Event{drafted, ended}, moved: []*move{publish}, stored: &storedRetrospective{state: draft, due: due}, kinds: map[Kind]int{Lost: 1}},
		"acknowledged twice and done once":       {events: []incident.Event{drafted, ended, publishes}, moved: []*move{publish, publish}, stored: &storedRetrospective{state: published}, kinds: map[Kind]int{Lost: 1}},
		"reopened":                               {events: []incident.Event{drafted, ended, publishes, reopens}, moved: []*move{publish, reopen}, stored: &storedRetrospective{state: draft}},
		"reopened without having been published": {events: []incident.Event{drafted, ended, reopens}, moved: []*move{reopen}, stored: &storedRetrospective{state: draft, due: due}, kinds: map[Kind]int{Doubled: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{report: newReport(Options{Log: t.Logf}), moved: test.moved, names: map[string]string{"a": "anna"}}
			w.checkMoves("i", test.events, test.stored)
			wantFindings(t, w, test.kinds)
		})
	}
}
