package followups

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func ptr[T any](v T) *T { return &v }

func item() FollowUp {
	return FollowUp{ID: "a", Title: "Watch", State: Open, Revision: 3, OwnerID: "anna", DueAt: 5000}
}

// What must not be stored is refused with the name of the field.
func TestApply_Refuses(t *testing.T) {
	for _, x := range []struct {
		field string
		patch Patch
	}{
		{"title", Patch{Title: ptr(" \n ")}},
		{"title", Patch{Title: ptr("\u200b\u2060")}},
		{"title", Patch{Title: ptr(strings.Repeat("x", MaxTitle+1))}},
		{"title", Patch{Title: ptr("a\x00b")}},
		{"title", Patch{Title: ptr("a\xffb")}},
		{"text", Patch{Text: ptr(strings.Repeat("x", MaxText+1))}},
		{"due_at", Patch{DueAt: ptr(int64(-1))}},
		{"due_at", Patch{DueAt: ptr(int64(MaxDueAt + 1))}},
		{"state", Patch{State: ptr(State("closed"))}},
		{"state", Patch{State: ptr(State(""))}},
		{"reason", Patch{State: ptr(Dropped)}},
		{"reason", Patch{State: ptr(Dropped), Reason: ptr("  ")}},
		{"reason", Patch{State: ptr(Dropped), Reason: ptr("\u200d")}},
		{"reason", Patch{State: ptr(Dropped), Reason: ptr(strings.Repeat("x", MaxReason+1))}},
		{"reason", Patch{Reason: ptr("why")}},
		{"reason", Patch{State: ptr(Done), Reason: ptr("why")}},
		{"link", Patch{Link: ptr("javascript:alert(1)")}},
		{"link", Patch{Link: ptr("data:text/html,x")}},
		{"link", Patch{Link: ptr("ftp://example.com/x")}},
		{"link", Patch{Link: ptr("//example.com/x")}},
		{"link", Patch{Link: ptr("https://")}},
		{"link", Patch{Link: ptr("https://a:b@example.com")}},
		{"link", Patch{Link: ptr("https://example.com/a b")}},
		{"link", Patch{Link: ptr("https://example.com/" + strings.Repeat("x", MaxLink))}},
		{"link", Patch{Link: ptr("ISSUE-1")}},
		{"link", Patch{Link: ptr("https://example.com/\u202emoc.reitnorf")}}, // reads backwards
		{"link", Patch{Link: ptr("https://example.com/a\u200bb")}},
		{"link", Patch{Link: ptr("https://example.com/a\u00a0b")}},
		{"link", Patch{Link: ptr("https://example.com/a\u2028b")}},
		{"link", Patch{Link: ptr(`https://example.com/\`)}},
	} {
		_, changed, err := item().apply(x.patch, 9)
		e, ok := incident.AsError(err)
		require.True(t, ok, "%s: %v", x.field, err)
		assert.Equal(t, x.field, e.Field, e.Message)
		assert.Equal(t, incident.Invalid, e.Kind)
		assert.Empty(t, changed)
	}
}

func TestApply_States(t *testing.T) {
	done, changed, err := item().apply(Patch{State: ptr(Done)}, 9)
	require.NoError(t, err)
	assert.Equal(t, map[string]Field{"state": {Open, Done}}, changed)
	assert.Equal(t, []int64{9, 9, 4}, []int64{done.ClosedAt, done.UpdateAt, done.Revision})
	same, changed, err := done.apply(Patch{State: ptr(Done), Title: ptr(" Watch ")}, 20)
	require.NoError(t, err)
	assert.Empty(t, changed)
	assert.Equal(t, done, same)
	dropped, _, err := done.apply(Patch{State: ptr(Dropped), Reason: ptr(" old ")}, 11)
	require.NoError(t, err)
	assert.Equal(t, "old", dropped.Reason)
	assert.EqualValues(t, 11, dropped.ClosedAt)
	open, changed, err := dropped.apply(Patch{State: ptr(Open)}, 12)
	require.NoError(t, err)
	assert.Len(t, changed, 2)
	assert.Empty(t, open.Reason)
	assert.Zero(t, open.ClosedAt)
	for _, link := range []string{"", "http://tracker/1", "https://tracker.example.com/ISSUE-1?x=ä#y", "https://example.com:8443/(1)"} {
		_, _, err := item().apply(Patch{Link: &link}, 9)
		assert.NoError(t, err, link)
	}
}

func TestSchedule(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := func(text string) int64 {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		require.NoError(t, err)
		return parsed.UnixMilli()
	}
	for _, x := range []struct{ due, now, want string }{
		{"2026-12-01 23:59", "2026-11-30 12:00", "2026-12-01 09:00"},
		{"2026-12-01 23:59", "2026-12-01 10:00", "2026-12-01 23:59"}, // nine has passed
		{"2026-12-01 08:00", "2026-11-30 12:00", "2026-12-01 08:00"}, // due before nine
		{"2026-12-01 08:00", "2026-12-03 12:00", "2026-12-03 12:00"}, // overdue already
		{"2026-03-29 23:59", "2026-03-28 12:00", "2026-03-29 09:00"}, // the clocks go forward
	} {
		assert.Equal(t, at(x.want), firstReminder(at(x.due), berlin, at(x.now)), "%+v", x)
	}
	now := at("2026-11-30 12:00")
	before := FollowUp{State: Open, OwnerID: "anna", DueAt: at("2026-12-01 23:59"), RemindAt: 77}
	changed := func(change func(f *FollowUp)) int64 {
		after := before
		change(&after)
		return schedule(&before, &after, berlin, now)
	}
	assert.EqualValues(t, 77, changed(func(f *FollowUp) { f.Title = "x" }), "another title leaves the reminder alone")
	assert.Zero(t, changed(func(f *FollowUp) { f.State = Done }))
	assert.Zero(t, changed(func(f *FollowUp) { f.OwnerID = "" }))
	assert.Zero(t, changed(func(f *FollowUp) { f.DueAt = 0 }))
	assert.Equal(t, at("2026-12-01 09:00"), changed(func(f *FollowUp) { f.OwnerID = "boris" }))
	assert.Equal(t, at("2026-12-05 09:00"), changed(func(f *FollowUp) { f.DueAt = at("2026-12-05 10:00") }))

	weeks := week.Milliseconds()
	assert.Equal(t, 100+weeks, nextReminder(100, 101))
	assert.Equal(t, 100+weeks, nextReminder(100, 50), "a clock that is behind")
	assert.Equal(t, 100+4*weeks, nextReminder(100, 100+3*weeks+1))
}

func TestReadArguments(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := time.Date(2026, 11, 30, 14, 5, 0, 0, berlin)
	day := func(text string) int64 {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		require.NoError(t, err)
		return parsed.UnixMilli()
	}
	for typed, want := range map[string]arguments{
		"Watch the disk":             {title: "Watch the disk"},
		"Watch @anna":                {title: "Watch", owner: "anna"},
		"Watch @Anna due 2026-12-01": {"Watch", "anna", day("2026-12-01 23:59")},
		"Watch due 2026-12-01 @anna": {"Watch", "anna", day("2026-12-01 23:59")},
		"Watch due 2026-12-01 14:30": {title: "Watch", due: day("2026-12-01 14:30")},
		"Watch DUE in 3d":            {title: "Watch", due: day("2026-12-03 14:05")},
		"Watch due in 2w":            {title: "Watch", due: day("2026-12-14 14:05")},
		"Watch due in 90m":           {title: "Watch", due: day("2026-11-30 15:35")},
		"Watch due 5h":               {title: "Watch", due: day("2026-11-30 19:05")},
		"Watch due today":            {title: "Watch", due: day("2026-11-30 23:59")},
		"Watch due tomorrow":         {title: "Watch", due: day("2026-12-01 23:59")},
		"Ask @anna about the disk":   {title: "Ask @anna about the disk"},
		"Find out what is due":       {title: "Find out what is due"},
		"Pay what is due soon @anna": {title: "Pay what is due soon", owner: "anna"},
		"Ask @boris @anna":           {title: "Ask @boris", owner: "anna"},
		"Say what is due in time":    {title: "Say what is due in time"},
		"due in 3d":                  {},
		"@anna":                      {},
		"":                           {},
		"Watch due 2026-02-30":       {},
		"Watch due 2026-11-29":       {},
		"Watch due 2999-01-01":       {},
		"Watch due in 3y":            {},
		"Watch due 3x":               {},
		"Watch due 2026-12-01 25:00": {},
		"Watch due in 99999d":        {},
	} {
		got, err := readArguments(strings.Fields(typed), berlin, now)
		if want.title == "" {
			assert.True(t, incident.IsKind(err, incident.Invalid), "%q: %+v %v", typed, got, err)
			continue
		}
		require.NoError(t, err, typed)
		assert.Equal(t, want, got, typed)
	}
}

func FuzzReadArguments(f *testing.F) {
	for _, seed := range []string{"Watch @anna due in 3d", "due due due", "x due 2026-12-01 14:00 @", "@ @ @", "due in", "x due 0d", "\x00 due 9999w"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 30, 14, 5, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		a, err := readArguments(strings.Fields(typed), time.UTC, now)
		if err != nil {
			if !incident.IsKind(err, incident.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if a.title == "" || a.due != 0 && (a.due < now.UnixMilli() || a.due > MaxDueAt) {
			t.Fatalf("%+v", a)
		}
	})
}

func FuzzApply(f *testing.F) {
	f.Add("Watch", "text", "https://example.com", "open", "", int64(0))
	f.Add("", "\x00", "javascript:x", "dropped", "why", int64(-1))
	f.Fuzz(func(t *testing.T, title, text, link, state, reason string, due int64) {
		before := item()
		after, changed, err := before.apply(Patch{Title: &title, Text: &text, Link: &link, State: ptr(State(state)), Reason: &reason, DueAt: &due}, 9)
		if err != nil {
			if !incident.IsKind(err, incident.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if err := after.check(); err != nil {
			t.Fatalf("stored what is refused: %v", err)
		}
		if len(changed) > 0 != (after.Revision == before.Revision+1) {
			t.Fatalf("%d changes, revision %d", len(changed), after.Revision)
		}
		again, changed, err := after.apply(Patch{Title: &title, Text: &text, Link: &link, State: ptr(State(state)), Reason: &reason, DueAt: &due}, 10)
		if err != nil || len(changed) > 0 || again != after {
			t.Fatalf("the same again changes %v: %v", changed, err)
		}
	})
}

// A history is cut where it becomes too long, but has at least the newest change.
func TestFitting_CutsALongHistory(t *testing.T) {
	change := func(n int) Entry { return Entry{Changes: json.RawMessage(strings.Repeat("x", n))} }
	assert.Len(t, fitting([]Entry{change(1), change(1)}), 2)
	assert.Len(t, fitting([]Entry{change(1), change(maxBytes), change(1)}), 1)
	assert.Len(t, fitting([]Entry{change(2 * maxBytes), change(1)}), 1)
	assert.Empty(t, fitting(nil))
}
