package status

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
)

var errBroken = errors.New("broken on purpose")

// fakeHost is a Mattermost in memory. What hosttest lacks is not expected to be called, and panics.
type fakeHost struct {
	*hosttest.Host
	unexpected
}

type unexpected struct{ app.Host }

// fakeIncidents keeps incidents and pending reminders in memory and fails where a test says so.
type fakeIncidents struct {
	app.Incidents
	mu   sync.Mutex
	rows map[string]*incident.Incident
	due  map[string]int64
	// archived means that the channels of all incidents are.
	archived bool
	fails    map[string]error
	// events are those of all incidents, oldest first.
	events []incident.Event
	jobs   *jobstest.Memory
	// posts finds a post for FindPost; nil finds none.
	posts func(channelID, userID string, since int64, propPattern string) string
	// at is the present time in Unix milliseconds.
	at func() int64
	// beforeLock runs before Update locks the row.
	beforeLock func(i *incident.Incident)
}

func (f *fakeIncidents) Header(_ context.Context, id, viewerID string) (app.Header, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.rows[id]
	if i == nil {
		return app.Header{}, incident.ErrNotFound
	}
	return app.Header{ID: id, TeamID: i.TeamID, ChannelID: i.ChannelID, ChannelTeamID: i.TeamID, Joined: true, Archived: f.archived, IsActive: i.IsActive, ViewerName: viewerID}, nil
}

func (f *fakeIncidents) View(ctx context.Context, id, viewerID string) (app.Header, *incident.Incident, error) {
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
			return incident.Incident{}, app.ErrAnnounced
		}
		f.events[n].PostID = postID
		f.jobs.Delete(eventID)
	}
	if fn(f.rows[id]) {
		f.rows[id].PostRevision++
	}
	return f.rows[id].Clone(), nil
}

func (f *fakeIncidents) MemberGroups(context.Context, string) ([]app.MemberGroup, error) {
	return nil, nil
}

// fakeTx does what it is given when the change is committed.
type fakeTx struct {
	*fakeIncidents
	done []func()
}

type jobInsert struct {
	sq.Sqlizer
	job jobs.Job
}

func (t *fakeTx) Postgres() bool                   { return true }
func (t *fakeTx) Builder() sq.StatementBuilderType { return sq.StatementBuilder }
func (t *fakeTx) Select(context.Context, interface{}, sq.Sqlizer) error {
	return errors.New("not expected")
}
func (t *fakeTx) Exec(_ context.Context, statements ...sq.Sqlizer) (int64, error) {
	for _, one := range statements {
		t.done = append(t.done, func() { _ = t.jobs.Add(context.Background(), one.(jobInsert).job) })
	}
	return 1, nil
}
func (t *fakeTx) InsertJob(job jobs.Job) sq.Sqlizer { return jobInsert{job: job} }
func (t *fakeTx) DropJob(string, string) sq.Sqlizer { return nil }
func (t *fakeTx) SetJob(context.Context, string, string, *jobs.Job, ...sq.Sqlizer) error {
	return errors.New("not expected")
}
func (t *fakeTx) CompleteJob(_ context.Context, id string) error {
	if !t.jobs.CompleteUnclaimed(id) {
		return incident.NewError(incident.Conflict, "too_slow", "too slow")
	}
	return nil
}

func (f *fakeIncidents) Update(ctx context.Context, r app.UpdateRequest, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (app.Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	row := f.rows[r.IncidentID]
	if row == nil {
		return app.Change{}, incident.ErrNotFound
	}
	if f.beforeLock != nil {
		f.beforeLock(row)
	}
	fresh, before := row.Clone(), row.Clone()
	set, err := fn(&fresh)
	if err != nil || set == nil {
		return app.Change{Before: before, After: before}, err
	}
	if err := f.fails["Update"]; err != nil {
		return app.Change{}, err
	}
	fresh.Revision++
	event := incident.Event{ID: r.EventID, IncidentID: r.IncidentID, Revision: fresh.Revision, ActorID: r.ActorID, CreateAt: r.At, Payload: set.Payload, PostID: set.PostID}
	if event.ID == "" {
		event.ID = model.NewId()
	}
	tx := &fakeTx{fakeIncidents: f}
	for _, add := range r.InTx {
		if err := add(ctx, tx, app.Change{Before: before, After: fresh, Event: &event}); errors.Is(err, app.ErrUnchanged) {
			return app.Change{Before: before, After: before}, nil
		} else if err != nil {
			return app.Change{}, err
		}
	}
	for _, do := range tx.done {
		do()
	}
	f.rows[r.IncidentID] = &fresh
	f.events = append(f.events, event)
	for _, job := range r.PublishingJobs(&fresh, &event, f.at()) {
		_ = f.jobs.Add(ctx, job)
	}
	if err := f.fails["Update's answer"]; err != nil {
		return app.Change{}, err
	}
	return app.Change{Before: before, After: fresh.Clone(), Event: &event}, nil
}

// fakeReminders is the reminders of fakeIncidents.
type fakeReminders struct{ *fakeIncidents }

func (f fakeReminders) set(_ context.Context, tx app.Tx, id string, at int64) error {
	t := tx.(*fakeTx)
	t.done = append(t.done, func() { f.due[id] = at })
	return nil
}

func (f fakeReminders) end(id string, due int64) app.InTx {
	return func(ctx context.Context, tx app.Tx, _ app.Change) error {
		if f.due[id] != due {
			return app.ErrUnchanged
		}
		return f.set(ctx, tx, id, 0)
	}
}

func (f fakeReminders) setRepeat(_ context.Context, tx app.Tx, id string, job *jobs.Job) error {
	t := tx.(*fakeTx)
	t.done = append(t.done, func() {
		for _, row := range f.jobs.Rows(jobOverdue) {
			if row.IncidentID == id && row.Attempts == 0 {
				f.jobs.Delete(row.ID)
			}
		}
		if job != nil {
			_ = f.jobs.Add(context.Background(), *job)
		}
	})
	return nil
}

func (f fakeReminders) completeRepeat(_ context.Context, tx app.Tx, job jobs.Job, next *jobs.Job) error {
	t := tx.(*fakeTx)
	for _, row := range f.jobs.Rows(jobOverdue) {
		if row.Key != job.Key {
			continue
		}
		t.done = append(t.done, func() {
			f.jobs.Delete(row.ID)
			if next != nil {
				_ = f.jobs.Add(context.Background(), *next)
			}
		})
		return nil
	}
	return app.ErrUnchanged
}

func (f fakeReminders) ifStillPending(id string, at int64) app.InTx {
	return func(context.Context, app.Tx, app.Change) error {
		if f.due[id] != at {
			return app.ErrUnchanged
		}
		return nil
	}
}

func (f fakeReminders) at(_ context.Context, id string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.due[id], f.fails["ReminderAt"]
}

func (f fakeReminders) cancel(_ context.Context, id string, due int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.due[id] == due {
		f.due[id] = 0
	}
	return f.fails["CancelReminder"]
}

// adopt stores the jobs of pending reminders. The database stores them with the reminders.
func (f fakeReminders) adopt(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, at := range f.due {
		if at == 0 {
			continue
		}
		mark := reminderMark(id, at)
		_ = f.jobs.Add(ctx, jobs.Job{ID: mark, Kind: jobReminder, Key: mark, IncidentID: id, DueAt: at, NextAttemptAt: at})
	}
	return f.fails["AdoptReminders"]
}

func (f fakeReminders) clear(context.Context, app.Tx) error { return nil }

// fakePeople is who is in every channel.
type fakePeople struct {
	names []string
	fails error
}

func (p *fakePeople) here(context.Context, string, int) ([]string, error) {
	if p.fails != nil {
		return nil, p.fails
	}
	return p.names, nil
}

// fakeCopies is the copies in memory.
type fakeCopies struct {
	host *fakeHost
	rows map[string]copied
}

func (f *fakeCopies) add(_ context.Context, c copied) error {
	f.rows[c.StatusPostID] = c
	return f.host.Fails["add copy"]
}

func (f *fakeCopies) stale(_ context.Context, id, after string, since int64) (found []copied, err error) {
	for _, key := range slices.Sorted(maps.Keys(f.rows)) {
		c := f.rows[key]
		p := f.host.Posts[c.StatusPostID]
		if (id == "" || id == key) && key > after && len(found) < followPage && c.CreateAt >= since && (p == nil || p.DeleteAt != 0 || p.EditAt > c.EditAt) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (f *fakeCopies) repeats(_ context.Context, id string, editAt int64) error {
	c := f.rows[id]
	c.EditAt = editAt
	f.rows[id] = c
	return nil
}

func (f *fakeCopies) remove(_ context.Context, id string) error {
	delete(f.rows, id)
	return nil
}

// updatesFixture is the capability on fakes, with an ongoing incident "inc" in "channel0" commanded by anna.
type updatesFixture struct {
	*app.Service
	*updates
	host      *fakeHost
	incidents *fakeIncidents
	log       *hosttest.Log
	set       capability.Capability
}

func newUpdatesFixture(t *testing.T) *updatesFixture {
	t.Helper()
	w := &updatesFixture{
		host:      &fakeHost{Host: hosttest.New()},
		incidents: &fakeIncidents{rows: map[string]*incident.Incident{}, due: map[string]int64{}, fails: map[string]error{}, jobs: jobstest.New()},
		log:       &hosttest.Log{},
	}
	w.incidents.at = func() int64 { return w.Now().UnixMilli() }
	w.Service = app.New(w.incidents, nil, w.incidents.jobs, w.host, w.log, "plugin")
	w.Now = func() time.Time { return time.Unix(2000, 0) }
	w.updates = &updates{core: w.Service, incidents: w.incidents, jobs: w.incidents.jobs, rules: w.Rules(), host: w.host, log: w.log, pluginID: "plugin",
		reminders: fakeReminders{w.incidents}, copies: &fakeCopies{host: w.host, rows: map[string]copied{}},
		people: &fakePeople{names: []string{"boris", "clara"}}}
	incident.RegisterOwn(incident.OwnClock, nil)
	w.set = w.capability()
	capability.Set{w.set}.Join(w.Service)
	w.incidents.rows["inc"] = &incident.Incident{ID: "inc", Name: "Inc", IsActive: true, CommanderUserID: "anna", TeamID: "team", ChannelID: "channel0",
		CreateAt: 1_000, Revision: 1, ReminderMessageTemplate: "template", Checklists: []incident.Stage{{ID: "s0", Title: "first", Tasks: []incident.Task{{ID: "t0", Title: "one"}}}}}
	return w
}

// run attempts all due jobs of a kind, as a runner does.
func (w *updatesFixture) run(t *testing.T, kind string) {
	t.Helper()
	runner := jobs.New(w.incidents.jobs, w.log, nil, append(w.JobKinds(), w.set.Jobs...))
	runner.Now = w.Now
	if err := runner.RunDue(ctx, kind); err != nil {
		t.Fatal(err)
	}
}

// cleanUp attempts all due clean-up jobs.
func (w *updatesFixture) cleanUp(t *testing.T) {
	t.Helper()
	for _, kind := range []string{jobDiscardStatusPost, app.JobDeletePost} {
		w.run(t, kind)
	}
}

// remind posts the due reminders.
func (w *updatesFixture) remind(t *testing.T) {
	t.Helper()
	if err := w.reminders.adopt(ctx); err != nil {
		t.Fatal(err)
	}
	w.run(t, jobReminder)
}

// waiting are the ids of the jobs that are to be done, but for further reminders.
func (w *updatesFixture) waiting() (ids []string) {
	for _, row := range w.incidents.jobs.Rows("") {
		if row.State == jobstest.Waiting && row.Kind != jobOverdue {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func (w *updatesFixture) incident() *incident.Incident { return w.incidents.rows["inc"] }

// later moves the clock on.
func (w *updatesFixture) later(d time.Duration) {
	now := w.Now().Add(d)
	w.Now = func() time.Time { return now }
}

// findMarked lets FindPost find the bot's posts by their props, as the database does.
func (w *updatesFixture) findMarked() {
	w.incidents.posts = func(channelID, userID string, _ int64, propPattern string) string {
		for _, p := range w.host.Posts {
			if p.ChannelId == channelID && p.UserId == userID && strings.Contains(model.StringInterfaceToJson(p.GetProps()), propPattern) {
				return p.Id
			}
		}
		return ""
	}
}

// finds is a FindPost that finds one post.
func finds(id string) func(string, string, int64, string) string {
	return func(string, string, int64, string) string { return id }
}

var ctx = context.Background()
