//go:build store

package status

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

const lease60 = 60_000

// fixture is the capability on the database of a host that has used version 1.2.0.
type fixture struct {
	*updates
	*testdb.Conn
	store *store.Store
	log   *hosttest.Log
}

// eachHost runs a subtest on each kind of database.
func eachHost(t *testing.T, test func(t *testing.T, s *fixture, d *testdb.Database)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			test(t, open(t, d), d)
		})
	}
}

// open makes another node.
func open(t *testing.T, d *testdb.Database) *fixture {
	t.Helper()
	log := &hosttest.Log{}
	s := storetest.Open(t, d, log, capability.Set{(&updates{reminders: &database{}}).capability()}.Schemas()...)
	f := &fixture{store: s, log: log, Conn: d.Connect(t)}
	core := app.New(s.Incidents(), s.Playbooks(), s.Jobs(), nil, log, store.DefaultPluginID)
	f.updates = &updates{core: core, incidents: s.Incidents(), jobs: s.Jobs(), log: log, reminders: &database{Database: s, jobs: s.Jobs(), log: log, pluginID: store.DefaultPluginID, pageSize: rowsPerLook, clocksAtOnce: clocksPerLook,
		note: func(context.Context, string, int64, int64) error { return nil }}}
	return f
}

// create stores an ongoing incident with one stage of one task.
func create(t *testing.T, s *fixture) incident.Incident {
	t.Helper()
	inc, _, err := s.store.Incidents().Create(t.Context(), incident.Incident{Name: "Incident", IsActive: true, CommanderUserID: model.NewId(),
		TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1000, Checklists: []incident.Stage{{Title: "Stage", Tasks: []incident.Task{{Title: "Task"}}}}},
		"u", "", 1000, app.Extensions{})
	require.NoError(t, err)
	return inc
}

func load(t *testing.T, s *fixture, id string) incident.Incident {
	t.Helper()
	inc, err := s.store.Incidents().Get(t.Context(), id)
	require.NoError(t, err)
	return inc
}

type changeFunc = func(i *incident.Incident) (*incident.ChangeSet, error)

// update changes an incident as the use cases do: with what the capability adds to each change, and to its own.
func (s *fixture) update(id string, fn changeFunc, own ...app.InTx) (app.Change, error) {
	return s.store.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: id, ActorID: "u", At: 10_000,
		Extensions: app.Extensions{InTx: append([]app.InTx{s.inTx}, own...)}}, fn)
}

func change(t *testing.T, s *fixture, id string, fn changeFunc) app.Change {
	t.Helper()
	c, err := s.update(id, fn)
	require.NoError(t, err)
	return c
}

// shown stores that the reminder which was pending for due was posted.
func shown(t *testing.T, s *fixture, id, postID string, due int64) app.Change {
	t.Helper()
	c, err := s.update(id, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.ShowOverdue(postID, due) }, s.reminders.end(id, due))
	require.NoError(t, err)
	return c
}

// updated is a status update that has no post.
func updated(seconds, now int64) changeFunc {
	return func(i *incident.Incident) (*incident.ChangeSet, error) {
		w, err := i.UpdateStatus("post", seconds, now)
		w.StatusPostID = ""
		return w, err
	}
}

// parallel runs fn n times at once and returns the errors by number.
func parallel(n int, fn func(n int) error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = fn(i) })
	}
	wait.Wait()
	return errs
}

// remind gives a new incident a reminder due at 70000.
func remind(t *testing.T, s *fixture) incident.Incident {
	t.Helper()
	inc := create(t, s)
	post := s.AddPost(t, inc.ChannelID, "u", 10_000, 0, "{}")
	return change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 60, 10_000) }).After
}

// dueReminders lists the jobs for reminders of an incident that are due.
func dueReminders(t *testing.T, s *fixture, id string, now int64) (out []jobs.Job) {
	t.Helper()
	all, err := s.jobs.Due(t.Context(), jobs.Query{Kind: jobReminder, Now: now, Limit: 1000})
	require.NoError(t, err)
	for _, job := range all {
		if job.IncidentID == id {
			out = append(out, job)
		}
	}
	return out
}

func claimReminder(t *testing.T, s *fixture, id string, now int64) jobs.Lease {
	t.Helper()
	due := dueReminders(t, s, id, now)
	assert.Equal(t, 1, len(due), "due")
	lease := jobs.Lease{JobID: due[0].ID, Owner: model.NewId()}
	claimed, err := s.jobs.Claim(t.Context(), due[0], lease.Owner, now, now+lease60)
	require.NoError(t, err)
	assert.True(t, claimed, "claimed")
	return lease
}

func pendingAt(t *testing.T, s *fixture, id string) int64 {
	t.Helper()
	at, err := s.reminders.at(t.Context(), id)
	require.NoError(t, err)
	return at
}

func reminderJobs(t *testing.T, s *fixture, id string) int {
	t.Helper()
	return testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'reminder' AND IncidentID = ?", id)
}

func TestReminderHasAJob(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		assert.Equal(t, 0, len(dueReminders(t, s, inc.ID, 69_999)), "due too early")
		due := dueReminders(t, s, inc.ID, 70_000)
		assert.True(t, len(due) == 1 && due[0].Key == reminderMark(inc.ID, 70_000) && due[0].DueAt == 70_000, "due")

		again := func() {
			change(t, s, inc.ID, updated(120, 10_000))
		}
		again()
		assert.Equal(t, 0, len(dueReminders(t, s, inc.ID, 129_999)), "the former job")
		assert.Equal(t, 1, len(dueReminders(t, s, inc.ID, 130_000)), "the new job")
		again()
		assert.Equal(t, 1, len(dueReminders(t, s, inc.ID, 130_000)), "the job of the same reminder")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		assert.Equal(t, 0, reminderJobs(t, s, inc.ID), "jobs after the end")
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "pending after the end")
	})
}

// The attempt that goes on, or the next one after a crash, has to remove the post.
func TestReminderJobThatWasClaimedOutlivesItsReminder(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		for name, act := range map[string]changeFunc{
			"ended":    func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) },
			"replaced": updated(600, 10_000),
		} {
			inc := remind(t, s)
			lease := claimReminder(t, s, inc.ID, 70_000)
			change(t, s, inc.ID, act)
			due := dueReminders(t, s, inc.ID, 70_000+lease60)
			assert.True(t, len(due) == 1 && due[0].ID == lease.JobID && due[0].Attempts == 1, name+": jobs")
			if name == "ended" {
				change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
			}
			// A node that has posted it in between finds that it was cancelled.
			c := shown(t, s, inc.ID, "post", 70_000)
			assert.False(t, c.Event != nil, name+": shown")
		}
	})
}

func TestReminderThatWasPostedIsNotPendingAnyMore(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		lease := claimReminder(t, s, inc.ID, 70_000)
		assert.Equal(t, inc.Revision, load(t, s, inc.ID).Revision, "revision of a claimed one")
		shown(t, s, inc.ID, model.NewId(), 70_000)
		require.NoError(t, s.jobs.Complete(t.Context(), lease, false, 1))
		assert.Equal(t, 0, reminderJobs(t, s, inc.ID), "jobs")
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "pending")
		assert.Equal(t, 0, testdb.Value[int](t, s.Conn, "SELECT ReminderClaimedAt FROM IR_Incident WHERE ID = ?", inc.ID), "claim")
	})
}

// A parked job goes when its reminder goes.
func TestReminderJobThatHasFailedGoesWithItsReminder(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		require.NoError(t, s.jobs.Park(t.Context(), claimReminder(t, s, inc.ID, 70_000), 1, "failed"))
		require.NoError(t, s.reminders.adopt(t.Context()))
		assert.Equal(t, 1, reminderJobs(t, s, inc.ID), "jobs")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		assert.Equal(t, 0, reminderJobs(t, s, inc.ID), "jobs after the end")
	})
}

func TestReminderClaimKeepsParallelCheckOffs(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		for _, err := range parallel(10, func(n int) error {
			_, err := s.update(inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				if n%2 == 0 {
					return updated(60, int64(10_000+n))(i)
				}
				return i.AddTask(incident.At(0), incident.Task{Title: "t"})
			})
			return err
		}) {
			require.NoError(t, err)
		}
		assert.Equal(t, 6, len(load(t, s, inc.ID).Checklists[0].Tasks), "tasks")
		assert.Equal(t, 1, reminderJobs(t, s, inc.ID), "jobs")
		assert.Equal(t, pendingAt(t, s, inc.ID), dueReminders(t, s, inc.ID, 1<<50)[0].DueAt, "the job of the pending one")
	})
}

func TestReminderIsCancelledIfItIsStillPending(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		require.NoError(t, s.reminders.cancel(t.Context(), inc.ID, 69_999))
		assert.EqualValues(t, 70_000, pendingAt(t, s, inc.ID), "pending")
		require.NoError(t, s.reminders.cancel(t.Context(), inc.ID, 70_000))
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "pending")
		assert.Equal(t, 0, reminderJobs(t, s, inc.ID), "jobs")
		require.NoError(t, s.reminders.cancel(t.Context(), model.NewId(), 70_000))
	})
}

// Version 1.2.0 has stored these, or an extension of another plugin.
func TestRemindersOfVersion120AreAdopted(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, db *testdb.Database) {
		add := func(plugin, id, value string) {
			s.Exec(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", plugin, "once_"+id, []byte(value))
		}
		odd, other, old := create(t, s), create(t, s), create(t, s)
		ours := remind(t, s)
		gone := model.NewId()
		add(store.DefaultPluginID, odd.ID, "not JSON")
		add(store.DefaultPluginID, old.ID, `{"Key":"x","RunAt":"1970-01-01T00:01:00Z"}`)
		add(store.DefaultPluginID, gone, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		add("another.plugin", other.ID, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		nodes := []*fixture{s, open(t, db)}
		for _, err := range parallel(6, func(n int) error { return nodes[n%2].reminders.adopt(context.Background()) }) {
			require.NoError(t, err)
		}
		for id, want := range map[string]int{odd.ID: 1, old.ID: 1, ours.ID: 1, gone: 0, other.ID: 0} {
			assert.Equal(t, want, reminderJobs(t, s, id), "jobs")
		}
		assert.EqualValues(t, 60_000, dueReminders(t, s, old.ID, 60_000)[0].DueAt, "due")
		assert.Equal(t, pendingAt(t, s, odd.ID), dueReminders(t, s, odd.ID, 60_000)[0].DueAt, "due, although its time cannot be read")
		assert.True(t, s.log.Has("time of a pending reminder"), "logged")
		assert.Equal(t, 0, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = ?", "once_"+gone), "rows of gone incidents")
		assert.Equal(t, 1, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PluginId = 'another.plugin'"), "another plugin's row")

		// Version 1.2.0 has run again, and has replaced the reminder that we have scheduled.
		s.Exec(t, "UPDATE PluginKeyValueStore SET PValue = ? WHERE PKey = ?", []byte(`{"Key":"x","RunAt":"1970-01-01T00:03:00Z"}`), "once_"+ours.ID)
		require.NoError(t, open(t, db).reminders.adopt(t.Context())) // with the next activation
		assert.Equal(t, 2, reminderJobs(t, s, ours.ID), "jobs")
		shown(t, s, ours.ID, model.NewId(), 180_000)
		assert.Equal(t, 0, reminderJobs(t, s, ours.ID), "jobs that are left")
	})
}

// The last of many updates at once decides when the reminder is due.
func TestReminder_ParallelStatusUpdatesLeaveOne(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := create(t, s)
		posts := make([]string, 8)
		for n := range posts {
			posts[n] = s.AddPost(t, inc.ChannelID, "u", int64(3000+n), 0, "{}")
		}
		for _, err := range parallel(len(posts), func(n int) error {
			_, err := s.update(inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.UpdateStatus(posts[n], int64(60+n), 5000)
			})
			return err
		}) {
			require.NoError(t, err)
		}
		after := load(t, s, inc.ID)
		assert.Equal(t, len(posts), len(after.StatusPostIDs), "status posts")
		assert.Equal(t, 5000+after.PreviousReminder/1e6, pendingAt(t, s, inc.ID), "reminder of the last update")
		assert.Equal(t, 1, reminderJobs(t, s, inc.ID), "jobs")
	})
}

// An update that is not stored schedules no reminder, and cancels none.
func TestReminder_IsStoredWithItsUpdateOrNotAtAll(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := create(t, s)
		post := s.AddPost(t, inc.ChannelID, "u", 1, 0, "{}")
		update := func(seconds int64) error {
			_, err := s.update(inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, seconds, 1) })
			return err
		}
		s.Exec(t, "ALTER TABLE IR_Event RENAME TO IR_Away")
		if update(60) == nil {
			t.Error("an update without its event was stored")
		}
		s.Exec(t, "ALTER TABLE IR_Away RENAME TO IR_Event")
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "reminder")
		require.NoError(t, update(60))
		if update(0) == nil {
			t.Error("two updates have the same post")
		}
		assert.EqualValues(t, 60_001, pendingAt(t, s, inc.ID), "reminder of the update that was stored")
		assert.Equal(t, 1, reminderJobs(t, s, inc.ID), "jobs")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(2) })
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "after end and restart")
	})
}

func TestPostsThatAreNotDisplayedGetAJob(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := create(t, s)
		post := model.NewId()
		for _, shown := range []string{post, "no id", strings.Repeat("x", 26)} { // 1.2.0 let clients store any text
			s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = ? WHERE ID = ?", shown, inc.ID)
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.ClearReminderPost() })
		}
		due, err := s.jobs.Due(t.Context(), jobs.Query{Kind: app.JobDeletePost, Now: time.Now().Add(app.CleanUpDelay).UnixMilli(), Limit: 10})
		require.NoError(t, err)
		assert.True(t, len(due) >= 1 && due[0].Key == post && due[0].IncidentID == inc.ID, "jobs")
		require.NoError(t, s.jobs.Withdraw(t.Context(), app.JobDeletePost, post))
		assert.Equal(t, 0, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM IR_Job WHERE JobKey = ?", post), "left")
	})
}

// Version 1.2.0 has stored a pending reminder, and reads those that we store.
func TestReminder_FormIsThatOfVersion120(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		id := testdb.Value[string](t, s.Conn, "SELECT ID FROM IR_Incident WHERE Name = 'Checkout is down'")
		assert.Equal(t, "2026-11-24", time.UnixMilli(pendingAt(t, s, id)).UTC().Format(time.DateOnly), "day of the pending reminder")
		post := s.AddPost(t, load(t, s, id).ChannelID, "u", time.Now().UnixMilli(), 0, "{}")
		change(t, s, id, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.UpdateStatus(post, 1800, time.Now().UnixMilli())
		})
		if wait := time.Until(time.UnixMilli(pendingAt(t, s, id))); wait < 25*time.Minute || wait > 30*time.Minute {
			t.Errorf("reminder in %v", wait)
		}
		value := testdb.Value[string](t, s.Conn, "SELECT PValue FROM PluginKeyValueStore WHERE PKey = ?", "once_"+id)
		if !strings.HasPrefix(value, `{"Key":"`+id+`","RunAt":"20`) || !strings.HasSuffix(value, `Z"}`) {
			t.Errorf("reminder is not in the form of 1.2.0: %s", value)
		}
	})
}

// The reminder of an incident whose stages cannot be read fires once.
func TestReminder_OfADamagedIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := create(t, s)
		s.Exec(t, `UPDATE IR_Incident SET ChecklistsJSON = '{"a":1}' WHERE ID = ?`, inc.ID)
		post := s.AddPost(t, inc.ChannelID, "u", 5, 0, "{}")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 60, 5) })
		assert.Equal(t, 1, len(dueReminders(t, s, inc.ID, 60_005)), "due")
		assert.Equal(t, "reminder", shown(t, s, inc.ID, "reminder", 60_005).After.ReminderPostID, "shown")
		assert.EqualValues(t, 0, pendingAt(t, s, inc.ID), "pending")
		assert.True(t, shown(t, s, inc.ID, "again", 60_005).Event == nil, "shown twice")
		assert.Equal(t, `{"a":1}`, testdb.Value[string](t, s.Conn, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", inc.ID), "kept")
	})
}

// nuke-db deletes the pending reminders, and no other keys.
func TestReminders_AreNuked(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		remind(t, s)
		others := testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey NOT LIKE 'once!_%' ESCAPE '!'")
		s.store.Register(capability.Set{s.capability()}.Schemas()...)
		require.NoError(t, s.store.Nuke(t.Context()))
		assert.Equal(t, 0, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey LIKE 'once!_%' ESCAPE '!'"), "reminders")
		assert.Equal(t, others, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM PluginKeyValueStore"), "other keys")
	})
}

// Pending reminders that have a job are not read again and again, however many there are. Those that version 1.2.0 stores while it
// still runs on another node are found.
func TestReminders_ThatHaveAJobCostNothing(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		s.reminders.(*database).pageSize = 2
		reads := func() int {
			s.log.Lines = nil
			require.NoError(t, s.reminders.adopt(t.Context()))
			return len(s.log.Lines)
		}
		for range 3 {
			s.Exec(t, "UPDATE PluginKeyValueStore SET PValue = ? WHERE PKey = ?", []byte("not JSON"), "once_"+remind(t, s).ID) // who reads it logs it
		}
		assert.True(t, reads() >= 3, "read with the activation")
		for range 5 {
			assert.Equal(t, 0, reads(), "read again")
		}
		theirs := create(t, s)
		s.Exec(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", store.DefaultPluginID, "once_"+theirs.ID, []byte(`{"Key":"x","RunAt":"1970-01-01T00:01:00Z"}`))
		reads()
		assert.Equal(t, 1, reminderJobs(t, s, theirs.ID), "jobs")
	})
}

// counted counts what a look asks of the database.
type counted struct {
	capability.Database
	jobs.Store
	selects, rows, writes int
}

func (c *counted) Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	c.selects++
	err := c.Database.Select(ctx, dest, query)
	c.rows += reflect.ValueOf(dest).Elem().Len()
	return err
}

func (c *counted) Exec(ctx context.Context, statement sq.Sqlizer) (int64, error) {
	c.writes++
	return c.Database.Exec(ctx, statement)
}

func (c *counted) Add(ctx context.Context, all ...jobs.Job) error {
	c.writes++
	return c.Store.Add(ctx, all...)
}

// However many reminders version 1.2.0 has left, a look reads few rows at once and sets few clocks. When all have a job and a clock, it is one
// statement that finds nothing; everything is compared again after ten minutes, page by page.
func TestReminders_AdoptionIsBounded(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		s.Exec(t, "DELETE FROM PluginKeyValueStore WHERE PKey LIKE 'once!_%' ESCAPE '!'")
		s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = ''")
		const many, page, clocks = 23, 5, 4
		for range many {
			s.Exec(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", store.DefaultPluginID, "once_"+create(t, s).ID,
				[]byte(`{"Key":"x","RunAt":"2099-01-01T00:00:00Z"}`))
		}
		d := s.reminders.(*database)
		c := &counted{Database: d.Database, Store: d.jobs}
		d.Database, d.jobs, d.pageSize, d.clocksAtOnce = c, c, page, clocks
		set := 0
		d.note = func(_ context.Context, id string, pending, _ int64) error {
			set++
			s.Exec(t, "UPDATE IR_Incident SET OwnJSON = ? WHERE ID = ?", fmt.Sprintf(`{"%s":{"next_update_at":%d}}`, incident.OwnClock, pending), id)
			return nil
		}
		look := func() (selects, rows, writes, clocks int) {
			*c, set = counted{Database: c.Database, Store: c.Store}, 0
			require.NoError(t, d.adopt(t.Context()))
			return c.selects, c.rows, c.writes, set
		}
		selects, rows, writes, atOnce := look()
		assert.Equal(t, many, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'reminder' AND DueAt = 4070908800000"), "all have a job after the first look")
		assert.LessOrEqual(t, selects, many/page+1+1, "the pages of all, and one that is compared")
		assert.LessOrEqual(t, rows, many+page)
		assert.Equal(t, many/page+1, writes, "a statement stores the jobs of a page")
		total := atOnce
		for n := 2; n <= 8; n++ {
			selects, rows, writes, atOnce = look()
			assert.LessOrEqual(t, selects, 3, "look %d", n)
			assert.LessOrEqual(t, rows, 2*page, "look %d", n)
			assert.LessOrEqual(t, atOnce, clocks, "look %d", n)
			assert.Zero(t, writes, "look %d", n)
			total += atOnce
		}
		assert.Equal(t, many, total, "each clock was set once")
		for n := 9; n <= compareEvery; n++ {
			selects, rows, writes, atOnce = look()
			require.Equal(t, [4]int{1, 0, 0, 0}, [4]int{selects, rows, writes, atOnce}, "look %d", n)
		}
		compared := 0
		for n := 1; n <= many/page+2; n++ {
			selects, rows, writes, atOnce = look()
			assert.LessOrEqual(t, selects, 3, "look %d of the comparison", n)
			assert.LessOrEqual(t, rows, page, "look %d of the comparison", n)
			assert.Zero(t, writes+atOnce, "look %d of the comparison", n)
			compared += rows
		}
		assert.Equal(t, many, compared, "each reminder was compared once more")
	})
}

// While reminders are few, one that version 1.2.0 replaces is noticed with the next look.
func TestReminders_ThatAreReplacedAreNoticed(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		inc := remind(t, s)
		require.NoError(t, s.reminders.adopt(t.Context()))
		before := reminderJobs(t, s, inc.ID)
		s.Exec(t, "UPDATE PluginKeyValueStore SET PValue = ? WHERE PKey = ?", []byte(`{"Key":"x","RunAt":"1970-01-01T00:01:00Z"}`), "once_"+inc.ID)
		require.NoError(t, s.reminders.adopt(t.Context()))
		assert.Equal(t, before+1, reminderJobs(t, s, inc.ID), "jobs")
	})
}

// Copies of updates that were edited, deleted or removed from the database are found; others are not.
func TestCopies_OfEditedUpdatesAreFound(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		d := s.reminders.(*database)
		posts, inc := map[string]string{}, create(t, s)
		for _, name := range []string{"same", "edited", "deleted", "vanished", "old"} {
			posts[name] = s.AddPost(t, "channel", "u", 10, 0, "{}")
			s.Exec(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", inc.ID, posts[name])
			createAt := int64(100)
			if name == "old" {
				createAt = 10
			}
			require.NoError(t, d.add(t.Context(), copied{StatusPostID: posts[name], PostID: name, CreateAt: createAt}))
		}
		require.NoError(t, d.add(t.Context(), copied{StatusPostID: posts["same"], PostID: "same", CreateAt: 100})) // a second attempt
		s.Exec(t, "UPDATE Posts SET EditAt = 50 WHERE Id IN (?, ?)", posts["edited"], posts["old"])
		s.Exec(t, "UPDATE Posts SET DeleteAt = 50 WHERE Id = ?", posts["deleted"])
		s.Exec(t, "DELETE FROM Posts WHERE Id = ?", posts["vanished"])
		found := func(id string) (names []string) {
			all, err := d.stale(t.Context(), id, "", 50)
			require.NoError(t, err)
			for _, c := range all {
				names = append(names, c.PostID)
			}
			slices.Sort(names)
			return names
		}
		assert.Equal(t, "deleted edited vanished", strings.Join(found(""), " "), "found")
		assert.Equal(t, "edited", strings.Join(found(posts["edited"]), " "), "one")
		assert.Equal(t, 0, len(found(posts["same"])), "the same")
		require.NoError(t, d.repeats(t.Context(), posts["edited"], 50))
		require.NoError(t, d.remove(t.Context(), posts["deleted"]))
		require.NoError(t, d.remove(t.Context(), posts["vanished"]))
		assert.Equal(t, 0, len(found("")), "left")
	})
}

// People who are asked for an update are active members of the channel and no bots, those first who have looked last.
func TestPeople_WhoIsHere(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		channel := model.NewId()
		for name, seen := range map[string]int64{"anna": 10, "boris": 30, "clara": 20, "deactivated": 40, "robot": 50, "elsewhere": 60} {
			id, in := model.NewId(), channel
			deleted := map[string]int64{"deactivated": 5}[name]
			if name == "elsewhere" {
				in = model.NewId()
			}
			s.Exec(t, "INSERT INTO Users (Id, Username, Email, Roles, DeleteAt, NotifyProps, Timezone, Props) VALUES (?, ?, ?, 'system_user', ?, '{}', '{}', '{}')", id, name+id, id, deleted)
			s.Exec(t, "INSERT INTO ChannelMembers (ChannelId, UserId, LastViewedAt) VALUES (?, ?, ?)", in, id, seen)
			if name == "robot" {
				s.Exec(t, "INSERT INTO Bots (UserId, OwnerId, CreateAt, UpdateAt, DeleteAt) VALUES (?, ?, 1, 1, 0)", id, id)
			}
		}
		for limit, want := range map[int]string{3: "boris clara anna", 2: "boris clara"} {
			names, err := s.reminders.(*database).here(t.Context(), channel, limit)
			require.NoError(t, err)
			for n := range names {
				names[n] = names[n][:len(names[n])-26]
			}
			assert.Equal(t, want, strings.Join(names, " "), "here")
		}
	})
}

// A copy that is made while the incident is deleted waits, and is not stored.
func TestCopies_OfADeletedIncidentAreNotStored(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, _ *testdb.Database) {
		d, inc, post := s.reminders.(*database), create(t, s), s.AddPost(t, "channel", "u", 10, 0, "{}")
		s.Exec(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", inc.ID, post)
		require.NoError(t, d.add(t.Context(), copied{StatusPostID: post, PostID: "first", CreateAt: 5}))
		locked, stored := make(chan struct{}), make(chan error)
		go func() {
			<-locked
			stored <- d.add(t.Context(), copied{StatusPostID: post, PostID: "second", CreateAt: 5})
		}()
		s.store.Register(capability.Schema{Capability: "status", Tables: []string{copyTable}, Migrations: []capability.Migration{addCopies},
			Erase: func(ctx context.Context, tx app.Tx, id string) error {
				err := d.erase(ctx, tx, id)
				close(locked)
				select {
				case err := <-stored:
					t.Errorf("the copy did not wait: %v", err)
				case <-time.After(300 * time.Millisecond):
				}
				return err
			}})
		require.NoError(t, s.store.Erase(t.Context(), inc.ID, nil, func(capability.Transaction, incident.Incident) error { return nil }))
		require.NoError(t, <-stored)
		assert.Equal(t, 0, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM IR_StatusCopy"))
	})
}
