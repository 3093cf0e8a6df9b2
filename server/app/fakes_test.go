package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var errBroken = errors.New("broken on purpose")

// fakeHost is a Mattermost in memory. What hosttest lacks is not expected to be called, and panics.
type fakeHost struct {
	*hosttest.Host
	unexpected
}

type unexpected struct{ Host }

// fakeIncidents keeps incidents in memory and fails where a test says so.
type fakeIncidents struct {
	Incidents
	mu    sync.Mutex
	rows  map[string]*incident.Incident
	fails map[string]error
	// events are those of all incidents, oldest first.
	events []incident.Event
	jobs   *jobstest.Memory
	// keys maps actor and idempotency key to the incident; blind is for a key that another node stores meanwhile.
	keys  map[string]string
	blind bool
	// loose are the channels that OrphanChannels finds, orphan what was looked for.
	loose  []string
	orphan Orphan
	// looked runs after each look of OrphanChannels.
	looked func()
	// posts finds a post for FindPost; nil finds none.
	posts func(channelID, userID string, since int64, propPattern string) string
	// roles are those of any viewer, groups the members of any channel.
	roles  []ViewerRole
	groups []MemberGroup
	// membersMay are the permissions of ordinary members of new channels.
	membersMay map[string]bool
	// at is the present time in Unix milliseconds.
	at func() int64
	// beforeLock runs before Update locks the row.
	beforeLock func(*incident.Incident)
}

func (f *fakeIncidents) TeamAccess(context.Context, string, string) (TeamAccess, error) {
	return TeamAccess{}, nil
}

func (f *fakeIncidents) Header(_ context.Context, id, viewerID string) (Header, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.rows[id]
	if i == nil {
		return Header{}, incident.ErrNotFound
	}
	return Header{ID: id, TeamID: i.TeamID, ChannelID: i.ChannelID, ChannelTeamID: i.TeamID, Joined: true, MembersRead: true, ViewerName: viewerID}, nil
}

func (f *fakeIncidents) ViewerRoles(context.Context, string, string) ([]ViewerRole, error) {
	return f.roles, f.fails["ViewerRoles"]
}

func (f *fakeIncidents) NewMembersMay(_ context.Context, _, permission string) (bool, error) {
	return f.membersMay[permission], f.fails["NewMembersMay"]
}

func (f *fakeIncidents) MemberGroups(context.Context, string) ([]MemberGroup, error) {
	return f.groups, f.fails["MemberGroups"]
}

// MembersInGroups takes a group's roles for the only member's id.
func (f *fakeIncidents) MembersInGroups(_ context.Context, _ string, roles []string) ([]string, error) {
	if err := f.fails["MembersInGroups"]; err != nil {
		return nil, err
	}
	return roles, nil
}

func (f *fakeIncidents) View(ctx context.Context, id, viewerID string) (Header, *incident.Incident, error) {
	h, err := f.Header(ctx, id, viewerID)
	if err != nil {
		return h, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	inc := f.rows[id].Clone()
	return h, &inc, nil
}

func (f *fakeIncidents) Get(_ context.Context, id string) (incident.Incident, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.rows[id]
	if i == nil {
		return incident.Incident{}, incident.ErrNotFound
	}
	return i.Clone(), nil
}

func (f *fakeIncidents) FindByKey(_ context.Context, actorID, key string) (incident.Incident, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if id := f.keys[actorID+" "+key]; id != "" && !f.blind {
		return f.rows[id].Clone(), true, nil
	}
	return incident.Incident{}, false, f.fails["FindByKey"]
}

func (f *fakeIncidents) Create(_ context.Context, inc incident.Incident, actorID, key string, now int64, x Extensions) (incident.Incident, *incident.Event, error) {
	if err := f.fails["Create"]; err != nil {
		return incident.Incident{}, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if id := f.keys[actorID+" "+key]; id != "" {
		return f.rows[id].Clone(), nil, nil
	}
	if key != "" {
		f.keys[actorID+" "+key] = inc.ID
	}
	if !f.jobs.CompleteUnclaimed(inc.ID) {
		return incident.Incident{}, nil, incident.NewError(incident.Conflict, "too_slow", "too slow")
	}
	inc.Revision = 1
	f.rows[inc.ID] = &inc
	if key != "" {
		f.keys[actorID+" "+key] = inc.ID
	}
	started := incident.Event{ID: model.NewId(), IncidentID: inc.ID, Revision: 1, ActorID: actorID, CreateAt: now, Payload: incident.Started{CommanderUserID: inc.CommanderUserID}}
	f.events = append(f.events, started)
	for _, add := range x.InTx {
		if err := add(context.Background(), nil, Change{After: inc, Event: &started}); err != nil {
			return incident.Incident{}, nil, err
		}
	}
	for _, job := range x.PublishingJobs(&inc, &started, f.at()) {
		_ = f.jobs.Add(context.Background(), job)
	}
	if err := f.fails["Create's answer"]; err != nil {
		return incident.Incident{}, nil, err
	}
	return inc.Clone(), &started, nil
}

func (f *fakeIncidents) OngoingIn(_ context.Context, channelID string) (incident.Incident, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range f.rows {
		if i.ChannelID == channelID && i.IsActive {
			return incident.Incident{ID: i.ID, Name: i.Name}, true, f.fails["OngoingIn"]
		}
	}
	return incident.Incident{}, false, f.fails["OngoingIn"]
}

func (f *fakeIncidents) OrphanChannels(_ context.Context, o Orphan) ([]string, error) {
	f.orphan = o
	found := f.loose
	if f.looked != nil {
		f.looked()
	}
	return found, nil
}

func (f *fakeIncidents) FindPost(_ context.Context, channelID, userID string, since int64, propPattern string) (string, error) {
	if f.posts != nil {
		return f.posts(channelID, userID, since, propPattern), f.fails["FindPost"]
	}
	return "", f.fails["FindPost"]
}

func (f *fakeIncidents) Event(_ context.Context, incidentID, eventID string) (incident.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.IncidentID == incidentID && e.ID == eventID {
			return e, f.fails["Event"]
		}
	}
	return incident.Event{}, incident.ErrNotFound
}

func (f *fakeIncidents) EventsBetween(_ context.Context, id string, from, to int64) ([]incident.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []incident.Event
	for _, e := range f.events {
		if e.IncidentID == id && e.Revision >= from && e.Revision <= to {
			found = append(found, e)
		}
	}
	return found, nil
}

func (f *fakeIncidents) Update(_ context.Context, r UpdateRequest, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.IncidentID
	row := f.rows[id]
	if row == nil {
		return Change{}, incident.ErrNotFound
	}
	if f.beforeLock != nil {
		f.beforeLock(row)
	}
	fresh, before := row.Clone(), row.Clone()
	w, err := fn(&fresh)
	if err != nil || w == nil {
		return Change{Before: before, After: before}, err
	}
	if err := f.fails["Update"]; err != nil {
		return Change{}, err
	}
	fresh.Revision++
	event := incident.Event{ID: r.EventID, IncidentID: id, Revision: fresh.Revision, ActorID: r.ActorID, CreateAt: r.At, Payload: w.Payload, PostID: w.PostID}
	if event.ID == "" {
		event.ID = model.NewId()
	}
	for _, add := range r.InTx {
		if err := add(context.Background(), nil, Change{Before: before, After: fresh, Event: &event, NextUpdate: w.NextUpdate}); errors.Is(err, ErrUnchanged) {
			return Change{Before: before, After: before}, nil
		} else if err != nil {
			return Change{}, err
		}
	}
	f.rows[id] = &fresh
	f.events = append(f.events, event)
	for _, job := range r.PublishingJobs(&fresh, &event, f.at()) {
		_ = f.jobs.Add(context.Background(), job)
	}
	if err := f.fails["Update's answer"]; err != nil {
		return Change{}, err
	}
	return Change{Before: before, After: fresh.Clone(), Event: &event}, nil
}

func (f *fakeIncidents) AttachPost(_ context.Context, committed incident.Incident, eventID, postID string, fn func(inc *incident.Incident) bool) (incident.Incident, error) {
	if err := f.fails["AttachPost"]; err != nil {
		return incident.Incident{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	id := committed.ID
	for n := range f.events {
		if f.events[n].ID != eventID {
			continue
		}
		if f.events[n].PostID != "" && f.events[n].PostID != postID {
			return incident.Incident{}, ErrAnnounced
		}
		f.events[n].PostID = postID
		f.jobs.Delete(eventID)
	}
	if fn(f.rows[id]) {
		f.rows[id].PostRevision++
	}
	return f.rows[id].Clone(), nil
}

func (f *fakeIncidents) FoldNames(context.Context) error { return f.fails["FoldNames"] }

type fakePlaybooks struct {
	Playbooks
	rows map[string]playbook.Playbook
}

func (f *fakePlaybooks) View(_ context.Context, id, _ string) (playbook.Playbook, bool, error) {
	p, ok := f.rows[id]
	if !ok || p.DeleteAt != 0 {
		return playbook.Playbook{}, false, ErrPlaybookNotFound
	}
	return p, false, nil
}

// serviceFixture is a Service on fakes, with an ongoing incident "inc" in "channel0" commanded by anna.
type serviceFixture struct {
	*Service
	host      *fakeHost
	incidents *fakeIncidents
	playbooks *fakePlaybooks
	subs      *fakeSubscriptions
	log       *hosttest.Log
}

// fakeSubscriptions keeps subscriptions in memory.
type fakeSubscriptions struct{ rows []Subscription }

func (f *fakeSubscriptions) Add(_ context.Context, sub Subscription, _ int64, limit int) error {
	n := 0
	for _, row := range f.rows {
		if row.UserID == sub.UserID {
			n++
		}
	}
	if n >= limit {
		return ErrTooManySubscriptions
	}
	f.rows = append(f.rows, sub)
	return nil
}

func (f *fakeSubscriptions) List(_ context.Context, filter SubscriptionFilter) (items []Subscription, total int, err error) {
	for _, row := range f.rows {
		if row.UserID == filter.UserID && (filter.PlaybookID == "" || row.PlaybookID == filter.PlaybookID) {
			if total++; total > filter.Skip() && len(items) < filter.PerPage {
				items = append(items, row)
			}
		}
	}
	return items, total, nil
}

func (f *fakeSubscriptions) Delete(_ context.Context, id, userID string) (bool, error) {
	n := len(f.rows)
	f.rows = slices.DeleteFunc(f.rows, func(row Subscription) bool { return row.ID == id && (userID == "" || row.UserID == userID) })
	return len(f.rows) < n, nil
}

func newServiceFixture(t *testing.T) *serviceFixture {
	t.Helper()
	w := &serviceFixture{
		host: &fakeHost{Host: hosttest.New()},
		incidents: &fakeIncidents{rows: map[string]*incident.Incident{}, fails: map[string]error{},
			jobs: jobstest.New(), keys: map[string]string{}},
		playbooks: &fakePlaybooks{rows: map[string]playbook.Playbook{}},
		subs:      &fakeSubscriptions{},
		log:       &hosttest.Log{},
	}
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, w.host, w.log, "plugin")
	w.Subscriptions = w.subs
	w.Now = func() time.Time { return time.Unix(2000, 0) }
	w.incidents.at = func() int64 { return w.now() }
	w.incidents.rows["inc"] = &incident.Incident{ID: "inc", Name: "Inc", IsActive: true, CommanderUserID: "anna", TeamID: "team", ChannelID: "channel0",
		CreateAt: 1_000, Revision: 1, Checklists: []incident.Stage{
			{ID: "s0", Title: "first", Tasks: []incident.Task{{ID: "t0", Title: "one", Command: "/echo hi"}, {ID: "t1", Title: "two"}}},
			{ID: "s1", Title: "second"}, {ID: "s2", Title: "third"},
		}}
	return w
}

// run attempts all due jobs of a kind, as a runner does.
func (w *serviceFixture) run(t *testing.T, kind string) {
	t.Helper()
	runner := jobs.New(w.incidents.jobs, w.log, nil, w.JobKinds())
	runner.Now = w.Now
	if err := runner.RunDue(ctx, kind); err != nil {
		t.Fatal(err)
	}
}

// cleanUp attempts all due clean-up jobs.
func (w *serviceFixture) cleanUp(t *testing.T) {
	t.Helper()
	for _, kind := range []string{JobDiscardChannel, JobDeletePost} {
		w.run(t, kind)
	}
}

// waiting are the ids of the jobs that are to be done.
func (w *serviceFixture) waiting() (ids []string) {
	for _, row := range w.incidents.jobs.Rows("") {
		if row.State == jobstest.Waiting {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func (w *serviceFixture) incident() *incident.Incident { return w.incidents.rows["inc"] }

var ctx = context.Background()

func startRequest() StartRequest {
	return StartRequest{RequesterID: "boris", CommanderID: "anna", TeamID: "team", Name: "Server down"}
}
