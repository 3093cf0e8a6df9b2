package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// exports is the part of the store that exports need beside fakeIncidents.
type exports struct {
	*fakeIncidents
	posts   []ChannelPost
	updates []ChannelPost
	events  []incident.Event
	limits  []int
}

func (e *exports) ChannelPosts(_ context.Context, _ string, after PostCursor, limit int) ([]ChannelPost, error) {
	e.limits = append(e.limits, limit)
	var page []ChannelPost
	for _, p := range e.posts {
		if len(page) < limit && (p.CreateAt > after.CreateAt || p.CreateAt == after.CreateAt && p.ID > after.ID) {
			page = append(page, p)
		}
	}
	return page, e.fails["ChannelPosts"]
}
func (e *exports) LatestStatusUpdates(context.Context, string, int) ([]ChannelPost, error) {
	return e.updates, e.fails["LatestStatusUpdates"]
}
func (e *exports) LatestEvents(context.Context, string, int) ([]incident.Event, error) {
	return e.events, e.fails["LatestEvents"]
}
func (e *exports) Metadata(context.Context, string) (Metadata, error) {
	return Metadata{ChannelName: "inc"}, e.fails["Metadata"]
}

func newExports(t *testing.T) (*world, *exports) {
	w := newWorld(t)
	e := &exports{fakeIncidents: w.incidents}
	w.Service.incidents = e
	return w, e
}

func TestExport_PostsComeInPages(t *testing.T) {
	w, e := newExports(t)
	for n := range 2*PostsPerPage + 1 { // many in the same millisecond
		e.posts = append(e.posts, ChannelPost{ID: fmt.Sprintf("%06d", n), CreateAt: int64(n / 700)})
	}
	pages, err := w.ExportPosts(context.Background(), "anna", "inc")
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
	if seen != len(e.posts) {
		t.Errorf("%d posts of %d", seen, len(e.posts))
	}
	for _, limit := range e.limits {
		if limit != PostsPerPage {
			t.Errorf("asked for %d posts at once", limit)
		}
	}
}

func TestExport_OnlyForThoseWhoMayReadTheChannel(t *testing.T) {
	w, _ := newExports(t)
	w.host.denied["read_channel:boris:channel0"] = true
	w.host.denied["read_channel:admin:channel0"] = true
	for _, c := range []struct {
		user, id string
		want     error
	}{
		{"anna", "inc", nil}, {"admin", "inc", nil},
		{"boris", "inc", errExport}, {"boris", "missing", errExport}, {"anna", "missing", errExport}, {"", "inc", errExport},
		{"admin", "missing", incident.ErrNotFound},
	} {
		_, posts := w.ExportPosts(context.Background(), c.user, c.id)
		_, report := w.ExportReport(context.Background(), c.user, c.id)
		if !errors.Is(posts, c.want) || !errors.Is(report, c.want) {
			t.Errorf("%q exports %s: %v, %v; want %v", c.user, c.id, posts, report, c.want)
		}
	}
}

func TestExport_FailuresAreTold(t *testing.T) {
	for _, name := range []string{"ChannelPosts", "LatestStatusUpdates", "LatestEvents", "Metadata"} {
		w, e := newExports(t)
		e.fails[name] = errBroken
		_, posts := w.ExportPosts(context.Background(), "anna", "inc")
		_, report := w.ExportReport(context.Background(), "anna", "inc")
		if (name == "ChannelPosts") != errors.Is(posts, errBroken) || (name != "ChannelPosts") != errors.Is(report, errBroken) {
			t.Errorf("%s: %v, %v", name, posts, report)
		}
	}
}

func TestExport_OmittedUpdatesAreCounted(t *testing.T) {
	for posts, omitted := range map[int]int{MaxReportUpdates - 1: 0, MaxReportUpdates: 3} { // fewer: the others are in another channel
		w, e := newExports(t)
		for n := range MaxReportUpdates + 3 {
			w.incident().StatusPosts = append(w.incident().StatusPosts, incident.StatusPost{ID: fmt.Sprint(n)})
		}
		w.incident().StatusPosts = append(w.incident().StatusPosts, incident.StatusPost{ID: "deleted", DeleteAt: 5})
		e.updates = make([]ChannelPost, posts)
		if r, err := w.ExportReport(context.Background(), "anna", "inc"); err != nil || r.StatusUpdatesOmitted != omitted {
			t.Errorf("of %d updates %d are said to be omitted: %v", posts, r.StatusUpdatesOmitted, err)
		}
	}
}

func TestExport_ReportFitsTheIncident(t *testing.T) {
	w, e := newExports(t)
	i := w.incident()
	i.Revision = 3
	i.Checklists[0].Tasks[0].AssigneeID = "clara"
	i.StatusPosts = []incident.StatusPost{{ID: "a"}, {ID: "b"}, {ID: "c", DeleteAt: 5}}
	e.updates = []ChannelPost{{ID: "b", UserID: "dora", Message: "Fine", CreateAt: 5}}
	e.events = []incident.Event{
		{Revision: 1, Type: incident.EventStarted, ActorID: "boris", Before: json.RawMessage("{}"), After: json.RawMessage("{}")},
		{Revision: 2, Type: incident.EventCommander, ActorID: "gone", Before: json.RawMessage(`{"commander_user_id":"emil"}`), After: json.RawMessage(`{"commander_user_id":"anna"}`)},
		{Revision: 3, Type: incident.EventTaskAssignee, Before: json.RawMessage(`{"assignee_id":"fred"}`), After: json.RawMessage(`{"assignee_id":""}`)},
		{Revision: 4, Type: incident.EventEnded, ActorID: "later", Before: json.RawMessage("{}"), After: json.RawMessage("{}")},
	}
	r, err := w.ExportReport(context.Background(), "anna", "inc")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Events) != 3 || r.EventsOmitted != 0 || r.StatusUpdatesOmitted != 0 || r.ExportedAt != 2000_000 || r.Channel.ChannelName != "inc" {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{"anna", "boris", "clara", "dora", "emil", "fred"} {
		if r.People[name] != name {
			t.Errorf("%s is not among %v", name, r.People)
		}
	}
	if len(r.People) != 6 { // neither removed accounts nor whoever comes later
		t.Errorf("people: %v", r.People)
	}
}

func TestExport_ReportIsLimited(t *testing.T) {
	w, e := newExports(t)
	w.incident().Revision = MaxReportEvents + 25
	for n := range MaxReportEvents {
		e.events = append(e.events, incident.Event{Revision: int64(n + 26), Before: json.RawMessage("{}"), After: json.RawMessage("{}")})
	}
	r, err := w.ExportReport(context.Background(), "anna", "inc")
	if err != nil || r.EventsOmitted != 25 || len(r.Events) != MaxReportEvents {
		t.Errorf("omitted %d, kept %d (%v)", r.EventsOmitted, len(r.Events), err)
	}
}
