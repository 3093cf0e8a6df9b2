//go:build store

package store

import (
	"context"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

const lease60 = 60_000

// remind gives a new incident a reminder due at 70000.
func remind(t *testing.T, s *Store) incident.Incident {
	t.Helper()
	inc := create(t, s, newIncident(1))
	post := s.addPost(t, inc.ChannelID, "u", 10_000, 0, "{}")
	c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 10_000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return i.UpdateStatus(post, 60, 10_000)
	})
	must(t, err)
	return c.After
}

// dueReminders lists the jobs for reminders of an incident that are due.
func dueReminders(t *testing.T, s *Store, id string, now int64) (out []jobs.Job) {
	t.Helper()
	all, err := s.Jobs().Due(t.Context(), jobs.Query{Kind: app.JobReminder, Now: now, Limit: 1000})
	must(t, err)
	for _, job := range all {
		if job.IncidentID == id {
			out = append(out, job)
		}
	}
	return out
}

func claimReminder(t *testing.T, s *Store, id string, now int64) jobs.Lease {
	t.Helper()
	due := dueReminders(t, s, id, now)
	equal(t, "due", len(due), 1)
	lease := jobs.Lease{JobID: due[0].ID, Owner: model.NewId()}
	claimed, err := s.Jobs().Claim(t.Context(), due[0], lease.Owner, now, now+lease60)
	must(t, err)
	equal(t, "claimed", claimed, true)
	return lease
}

func pending(t *testing.T, s *Store, id string) int64 {
	t.Helper()
	at, err := s.Incidents().ReminderAt(t.Context(), id)
	must(t, err)
	return at
}

func reminderJobs(t *testing.T, s *Store, id string) int {
	t.Helper()
	return one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'reminder' AND IncidentID = ?", id)
}

func TestReminderHasAJob(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		equal(t, "due too early", len(dueReminders(t, s, inc.ID, 69_999)), 0)
		due := dueReminders(t, s, inc.ID, 70_000)
		equal(t, "due", len(due) == 1 && due[0].Key == incident.ReminderMark(inc.ID, 70_000) && due[0].DueAt == 70_000, true)

		post := s.addPost(t, inc.ChannelID, "u", 11_000, 0, "{}")
		again := func() {
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				w, err := i.UpdateStatus(post, 120, 10_000)
				w.StatusPostID = ""
				return w, err
			})
		}
		again()
		equal(t, "the former job", len(dueReminders(t, s, inc.ID, 129_999)), 0)
		equal(t, "the new job", len(dueReminders(t, s, inc.ID, 130_000)), 1)
		again()
		equal(t, "the job of the same reminder", len(dueReminders(t, s, inc.ID, 130_000)), 1)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		equal(t, "jobs after the end", reminderJobs(t, s, inc.ID), 0)
		equal(t, "pending after the end", pending(t, s, inc.ID), 0)
	})
}

// The attempt that goes on, or the next one after a crash, has to remove the post.
func TestReminderJobThatWasClaimedOutlivesItsReminder(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		for name, act := range map[string]func(i *incident.Incident) (*incident.ChangeSet, error){
			"ended": func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) },
			"replaced": func(i *incident.Incident) (*incident.ChangeSet, error) {
				w, err := i.UpdateStatus("post", 600, 10_000)
				w.StatusPostID = ""
				return w, err
			},
		} {
			inc := remind(t, s)
			lease := claimReminder(t, s, inc.ID, 70_000)
			change(t, s, inc.ID, act)
			due := dueReminders(t, s, inc.ID, 70_000+lease60)
			equal(t, name+": jobs", len(due) == 1 && due[0].ID == lease.JobID && due[0].Attempts == 1, true)
			if name == "ended" {
				change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
			}
			// Who has posted it meanwhile learns that it was cancelled.
			c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.ShowReminderPost("post", 70_000)
			})
			must(t, err)
			equal(t, name+": shown", c.Event != nil, false)
		}
	})
}

func TestReminderThatWasPostedIsNotPendingAnyMore(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		lease := claimReminder(t, s, inc.ID, 70_000)
		equal(t, "revision of a claimed one", load(t, s, inc.ID).Revision, inc.Revision)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ShowReminderPost(model.NewId(), 70_000)
		})
		must(t, s.Jobs().Complete(t.Context(), lease, false, 1))
		equal(t, "jobs", reminderJobs(t, s, inc.ID), 0)
		equal(t, "pending", pending(t, s, inc.ID), 0)
		equal(t, "claim", one[int](t, s, "SELECT ReminderClaimedAt FROM IR_Incident WHERE ID = ?", inc.ID), 0)
	})
}

// A parked job goes when its reminder goes.
func TestReminderJobThatHasFailedGoesWithItsReminder(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		must(t, s.Jobs().Park(t.Context(), claimReminder(t, s, inc.ID, 70_000), 1, "failed"))
		must(t, s.Incidents().AdoptReminders(t.Context()))
		equal(t, "jobs", reminderJobs(t, s, inc.ID), 1)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		equal(t, "jobs after the end", reminderJobs(t, s, inc.ID), 0)
	})
}

func TestReminderClaimKeepsParallelCheckOffs(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		post := s.addPost(t, inc.ChannelID, "u", 10_001, 0, "{}")
		for _, err := range parallel(10, func(n int) error {
			_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				if n%2 == 0 {
					w, err := i.UpdateStatus(post, 60, int64(10_000+n))
					w.StatusPostID = ""
					return w, err
				}
				return i.AddTask(incident.At(0), incident.Task{Title: "t"})
			})
			return err
		}) {
			must(t, err)
		}
		equal(t, "tasks", len(load(t, s, inc.ID).Checklists[0].Tasks), 6)
		equal(t, "jobs", reminderJobs(t, s, inc.ID), 1)
		equal(t, "the job of the pending one", dueReminders(t, s, inc.ID, 1<<50)[0].DueAt, pending(t, s, inc.ID))
	})
}

func TestReminderIsCancelledIfItIsStillPending(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		must(t, s.Incidents().CancelReminder(t.Context(), inc.ID, 69_999))
		equal(t, "pending", pending(t, s, inc.ID), 70_000)
		must(t, s.Incidents().CancelReminder(t.Context(), inc.ID, 70_000))
		equal(t, "pending", pending(t, s, inc.ID), 0)
		equal(t, "jobs", reminderJobs(t, s, inc.ID), 0)
		must(t, s.Incidents().CancelReminder(t.Context(), model.NewId(), 70_000))
	})
}

// Version 1.2.0 has stored these, or an extension of another plugin.
func TestRemindersOfVersion120AreAdopted(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		add := func(plugin, id, value string) {
			s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", plugin, "once_"+id, []byte(value))
		}
		odd, other, old := create(t, s, newIncident(1)), create(t, s, newIncident(1)), create(t, s, newIncident(1))
		ours := remind(t, s)
		gone := model.NewId()
		add(DefaultPluginID, odd.ID, "not JSON")
		add(DefaultPluginID, old.ID, `{"Key":"x","RunAt":"1970-01-01T00:01:00Z"}`)
		add(DefaultPluginID, gone, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		add("another.plugin", other.ID, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		nodes := []*Store{s, open(t, db)}
		for _, err := range parallel(6, func(n int) error { return nodes[n%2].Incidents().AdoptReminders(context.Background()) }) {
			must(t, err)
		}
		for id, want := range map[string]int{odd.ID: 1, old.ID: 1, ours.ID: 1, gone: 0, other.ID: 0} {
			equal(t, "jobs", reminderJobs(t, s, id), want)
		}
		equal(t, "due", dueReminders(t, s, old.ID, 60_000)[0].DueAt, 60_000)
		equal(t, "due, although its time cannot be read", dueReminders(t, s, odd.ID, 60_000)[0].DueAt, pending(t, s, odd.ID))
		equal(t, "logged", s.logged().has("time of a pending reminder", odd.ID), true)
		equal(t, "rows of gone incidents", one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = ?", "once_"+gone), 0)
		equal(t, "another plugin's row", one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PluginId = 'another.plugin'"), 1)

		// Version 1.2.0 has run again, and has replaced the reminder that we have scheduled.
		s.sql(t, "UPDATE PluginKeyValueStore SET PValue = ? WHERE PKey = ?", []byte(`{"Key":"x","RunAt":"1970-01-01T00:03:00Z"}`), "once_"+ours.ID)
		must(t, s.Incidents().AdoptReminders(t.Context()))
		equal(t, "jobs", reminderJobs(t, s, ours.ID), 2)
		change(t, s, ours.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ShowReminderPost(model.NewId(), 180_000)
		})
		equal(t, "jobs that are left", reminderJobs(t, s, ours.ID), 0)
	})
}

func TestFindPost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel, bot := model.NewId(), model.NewId()
		const propPattern = `"incident_reminder":"a_b%c"`
		s.addPost(t, channel, bot, 100, 0, `{`+propPattern+`}`)
		want := s.addPost(t, channel, bot, 200, 0, `{"x":1,`+propPattern+`}`)
		s.addPost(t, channel, bot, 300, 301, `{`+propPattern+`}`)
		s.addPost(t, channel, "else", 300, 0, `{`+propPattern+`}`)
		s.addPost(t, "else", bot, 300, 0, `{`+propPattern+`}`)
		s.addPost(t, channel, bot, 300, 0, `{"incident_reminder":"axbxc"}`)
		got, err := s.Incidents().FindPost(t.Context(), channel, bot, 150, propPattern)
		must(t, err)
		equal(t, "post", got, want)
		spaced := s.addPost(t, channel, bot, 400, 0, `{"incident_reminder": "a_b%c"}`)
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 150, propPattern)
		must(t, err)
		equal(t, "post with spaced JSON", got, spaced)
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 401, propPattern)
		must(t, err)
		equal(t, "no post", got, "")
	})
}
