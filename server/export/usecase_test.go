package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// all collects what a report gives one by one.
func all[T any](t *testing.T, items iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, item)
	}
	return out
}

func TestExport_PostsComeInPages(t *testing.T) {
	e := newExportFixture()
	for n := range 2*PostsPerPage + 1 { // many in the same millisecond
		e.channelPosts = append(e.channelPosts, ChannelPost{ID: fmt.Sprintf("%06d", n), CreateAt: int64(n / 700)})
	}
	pages, err := e.exporter.exportPosts(context.Background(), "anna", "inc")
	if err != nil || pages.Name != "Inc" {
		t.Fatal(pages, err)
	}
	seen := 0
	for {
		page, err := pages.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, p := range page {
			if p.ID != fmt.Sprintf("%06d", seen) {
				t.Fatalf("post %d is %s", seen, p.ID)
			}
			seen++
		}
	}
	if seen != len(e.channelPosts) {
		t.Errorf("%d posts of %d", seen, len(e.channelPosts))
	}
	for _, limit := range e.limits {
		if limit != PostsPerPage {
			t.Errorf("asked for %d posts at once", limit)
		}
	}
}

func TestExport_OnlyForThoseWhoMayReadTheChannel(t *testing.T) {
	e := newExportFixture()
	e.denied["read_channel:boris:channel0"] = true
	e.denied["read_channel:admin:channel0"] = true
	for _, c := range []struct {
		user, id string
		want     error
	}{
		{"anna", "inc", nil}, {"admin", "inc", nil},
		{"boris", "inc", errExport}, {"boris", "missing", errExport}, {"anna", "missing", errExport}, {"", "inc", errExport},
		{"admin", "missing", incident.ErrNotFound},
	} {
		_, posts := e.exporter.exportPosts(context.Background(), c.user, c.id)
		_, report := e.exporter.exportReport(context.Background(), c.user, c.id)
		if !errors.Is(posts, c.want) || !errors.Is(report, c.want) {
			t.Errorf("%q exports %s: %v, %v; want %v", c.user, c.id, posts, report, c.want)
		}
	}
}

func TestExport_FailuresAreReported(t *testing.T) {
	for _, name := range []string{"ChannelPosts", "StatusUpdateSizes", "EventSizes", "Metadata"} {
		e := newExportFixture()
		e.fails[name] = errBroken
		_, posts := e.exporter.exportPosts(context.Background(), "anna", "inc")
		_, report := e.exporter.exportReport(context.Background(), "anna", "inc")
		if (name == "ChannelPosts") != errors.Is(posts, errBroken) || (name != "ChannelPosts") != errors.Is(report, errBroken) {
			t.Errorf("%s: %v, %v", name, posts, report)
		}
	}
}

func TestExport_OmittedUpdatesAreCounted(t *testing.T) {
	for posts, omitted := range map[int]int{MaxReportUpdates - 1: 0, MaxReportUpdates: 3} { // fewer: the others are in another channel
		e := newExportFixture()
		for n := range MaxReportUpdates + 3 {
			e.incident.StatusPosts = append(e.incident.StatusPosts, incident.StatusPost{ID: fmt.Sprint(n)})
		}
		e.incident.StatusPosts = append(e.incident.StatusPosts, incident.StatusPost{ID: "deleted", DeleteAt: 5})
		e.updates = make([]ChannelPost, posts)
		if r, err := e.exporter.exportReport(context.Background(), "anna", "inc"); err != nil || r.StatusUpdatesOmitted != omitted {
			t.Errorf("of %d updates %d are said to be omitted: %v", posts, r.StatusUpdatesOmitted, err)
		}
	}
}

func TestExport_ReportFitsTheIncident(t *testing.T) {
	e := newExportFixture()
	i := e.incident
	i.Revision = 3
	i.Checklists[0].Tasks[0].AssigneeID = "clara"
	i.StatusPosts = []incident.StatusPost{{ID: "a"}, {ID: "b"}, {ID: "c", DeleteAt: 5}}
	e.updates = []ChannelPost{{ID: "b", UserID: "dora", Message: "Fine", CreateAt: 5}}
	e.events = []incident.Event{
		{Revision: 1, ActorID: "boris", Payload: incident.Started{}},
		{Revision: 2, ActorID: "gone", Payload: incident.CommanderChanged{CommanderUserID: incident.Pair[string]{Before: "emil", After: "anna"}}},
		{Revision: 3, Payload: incident.TaskAssigneeChanged{AssigneeID: incident.Pair[string]{Before: "fred"}}},
		{Revision: 4, ActorID: "later", Payload: incident.Ended{}},
	}
	r, err := e.exporter.exportReport(context.Background(), "anna", "inc")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	events, updates := all(t, r.Events(ctx)), all(t, r.Updates(ctx))
	if len(events) != 3 || len(updates) != 1 || r.EventsOmitted != 0 || r.StatusUpdatesOmitted != 0 || r.ExportedAt != 2000_000 || r.Channel.ChannelName != "inc" {
		t.Errorf("%+v", r)
	}
	if again := all(t, r.Events(ctx)); len(again) != 3 || again[0].ActorID != "boris" {
		t.Errorf("read again: %+v", again)
	}
	if r.Name("anna") != "anna" || r.Name("gone") != "" || r.Name("") != "" {
		t.Errorf("names: %q %q %q", r.Name("anna"), r.Name("gone"), r.Name(""))
	}
}

func TestExport_ReportIsLimited(t *testing.T) {
	e := newExportFixture()
	e.incident.Revision = MaxReportEvents + 25
	for n := range MaxReportEvents {
		e.events = append(e.events, incident.Event{Revision: int64(n + 26), Payload: incident.Restarted{}})
	}
	r, err := e.exporter.exportReport(context.Background(), "anna", "inc")
	if err != nil || r.EventsOmitted != 25 || len(all(t, r.Events(context.Background()))) != MaxReportEvents {
		t.Errorf("omitted %d (%v)", r.EventsOmitted, err)
	}
	for _, n := range e.parts {
		if n > PostsPerPage {
			t.Errorf("%d events were read at once", n)
		}
	}
}

// Long events and updates are read in parts of about a megabyte, and the oldest are left out where there are too many.
func TestExport_LongReportsAreReadInParts(t *testing.T) {
	e := newExportFixture()
	const each = 300 << 10
	long := incident.Unknown{Before: json.RawMessage("{}"), After: json.RawMessage(`"` + strings.Repeat("x", each) + `"`)}
	fit := MaxReportBytes / (each + 4)
	e.incident.Revision = int64(fit + 10)
	for n := range fit + 10 {
		e.events = append(e.events, incident.Event{Revision: int64(n + 1), Payload: long})
	}
	for n := range 12 {
		e.updates = append(e.updates, ChannelPost{ID: fmt.Sprint(n), Message: strings.Repeat("y", each)})
	}
	r, err := e.exporter.exportReport(context.Background(), "anna", "inc")
	if err != nil {
		t.Fatal(err)
	}
	if events := all(t, r.Events(context.Background())); len(events) != fit || r.EventsOmitted != 10 || events[0].Revision != 11 {
		t.Errorf("%d events, %d omitted", len(events), r.EventsOmitted)
	}
	if updates := all(t, r.Updates(context.Background())); len(updates) != 12 || r.StatusUpdatesOmitted != 0 {
		t.Errorf("%d updates, %d omitted", len(updates), r.StatusUpdatesOmitted)
	}
	for _, n := range e.parts {
		if n > BytesPerPage/each {
			t.Errorf("%d were read at once", n)
		}
	}
	e.fails["EventsBetween"] = errBroken
	for _, err := range r.Events(context.Background()) {
		if !errors.Is(err, errBroken) {
			t.Errorf("%v", err)
		}
	}
}

// Of a channel that was there before the incident, only what was written during the incident is exported.
func TestExport_PostsOfAnExistingChannel(t *testing.T) {
	for name, c := range map[string]struct {
		existing, active bool
		want             string
	}{
		"ended":                {true, false, "20b 20c 25d 30e"},
		"ongoing":              {true, true, "20b 20c 25d 30e 31f"},
		"a channel of its own": {false, false, "19a 20b 20c 25d 30e 31f"},
	} {
		e := newExportFixture()
		e.incident.ExistingChannel, e.incident.IsActive, e.incident.CreateAt, e.incident.EndAt = c.existing, c.active, 20, 30
		e.channelPosts = nil
		for _, id := range strings.Fields("19a 20b 20c 25d 30e 31f") {
			at, err := strconv.ParseInt(id[:2], 10, 64)
			require.NoError(t, err)
			e.channelPosts = append(e.channelPosts, ChannelPost{ID: id, CreateAt: at})
		}
		pages, err := e.exporter.exportPosts(context.Background(), "anna", "inc")
		require.NoError(t, err)
		var got []string
		for {
			page, err := pages.Next(context.Background())
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				got = append(got, p.ID)
			}
		}
		require.Equal(t, c.want, strings.Join(got, " "), name)
	}
}
