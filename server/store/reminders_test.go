//go:build store

package store

import (
	"context"
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

const lease = 60_000

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

func due(t *testing.T, s *Store, id string, now int64) bool {
	t.Helper()
	ids, err := s.Incidents().DueReminders(t.Context(), now, lease)
	must(t, err)
	return slices.Contains(ids, id)
}

func TestReminderIsClaimedByOneNode(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		nodes := []*Store{s, open(t, db)}
		inc := remind(t, s)
		equal(t, "due too early", due(t, s, inc.ID, 69_999), false)
		_, _, _, ok, err := s.Incidents().ClaimReminder(t.Context(), inc.ID, 69_999, lease)
		must(t, err)
		equal(t, "claimed too early", ok, false)
		equal(t, "due", due(t, s, inc.ID, 70_000), true)

		won := make([]bool, 10)
		for _, err := range parallel(10, func(n int) error {
			got, at, again, ok, err := nodes[n%2].Incidents().ClaimReminder(context.Background(), inc.ID, 70_000, lease)
			won[n] = ok
			if ok && (got.ID != inc.ID || at != 70_000 || again) {
				t.Errorf("got %s, %d, %v", got.ID, at, again)
			}
			return err
		}) {
			must(t, err)
		}
		count := 0
		for _, w := range won {
			if w {
				count++
			}
		}
		equal(t, "claims", count, 1)
		equal(t, "due while claimed", due(t, s, inc.ID, 70_001), false)
		equal(t, "revision of a claimed one", load(t, s, inc.ID).Revision, inc.Revision)

		// The node died: after the lease another one takes over.
		equal(t, "due after the lease", due(t, s, inc.ID, 70_000+lease), true)
		_, _, again, ok, err := nodes[1].Incidents().ClaimReminder(t.Context(), inc.ID, 70_000+lease, lease)
		must(t, err)
		equal(t, "claimed again", ok && again, true)

		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.ShowReminderPost("post", 70_000) })
		equal(t, "due when shown", due(t, s, inc.ID, 1<<50), false)
		equal(t, "claim", one[int](t, s, "SELECT ReminderClaimedAt FROM IR_Incident WHERE ID = ?", inc.ID), 0)
	})
}

func TestC3_ClaimingAReminderKeepsParallelCheckOffs(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		for _, err := range parallel(10, func(n int) error {
			var err error
			if n%2 == 0 {
				_, _, _, _, err = s.Incidents().ClaimReminder(context.Background(), inc.ID, int64(70_000+n*lease), lease)
			} else {
				_, err = s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.AddTask(incident.At(0), incident.Task{Title: "t"})
				})
			}
			return err
		}) {
			must(t, err)
		}
		equal(t, "tasks", len(load(t, s, inc.ID).Checklists[0].Tasks), 6)
	})
}

func TestReminderOfAnEndedIncidentIsDropped(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		ended := remind(t, s)
		change(t, s, ended.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(20_000) })
		at, err := s.reminderAt(t.Context(), s.db, ended.ID)
		must(t, err)
		equal(t, "reminder after the end", at, 0)

		s.sql(t, "UPDATE IR_Incident SET IsActive = ? WHERE ID = ?", false, inc.ID) // as 1.2.0 could leave it
		_, _, _, ok, err := s.Incidents().ClaimReminder(t.Context(), inc.ID, 80_000, lease)
		must(t, err)
		equal(t, "claimed", ok, false)
		equal(t, "due", due(t, s, inc.ID, 80_000), false)
		at, err = s.reminderAt(t.Context(), s.db, inc.ID)
		must(t, err)
		equal(t, "reminder", at, 0)
	})
}

func TestRemindersFoundInTheHost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		add := func(plugin, id, value string) {
			s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", plugin, "once_"+id, []byte(value))
		}
		odd, other := create(t, s, newIncident(1)), create(t, s, newIncident(1))
		gone := model.NewId()
		add(DefaultPluginID, odd.ID, "not JSON")
		add(DefaultPluginID, gone, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		add("another.plugin", other.ID, `{"Key":"x","RunAt":"2020-01-01T00:00:00Z"}`)
		equal(t, "unreadable time is due", due(t, s, odd.ID, 70_000), true)
		equal(t, "logged", s.logged().has("time of a pending reminder", odd.ID), true)
		equal(t, "another plugin's", due(t, s, other.ID, 1<<50), false)
		equal(t, "rows of gone incidents", one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = ?", "once_"+gone), 0)
		equal(t, "another plugin's row", one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PluginId = 'another.plugin'"), 1)
		_, at, _, ok, err := s.Incidents().ClaimReminder(t.Context(), odd.ID, 70_000, lease)
		must(t, err)
		equal(t, "claimed", ok && at > 0, true)
	})
}

func TestFindPost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel, bot := model.NewId(), model.NewId()
		const needle = `"incident_reminder":"a_b%c"`
		s.addPost(t, channel, bot, 100, 0, `{`+needle+`}`)
		want := s.addPost(t, channel, bot, 200, 0, `{"x":1,`+needle+`}`)
		s.addPost(t, channel, bot, 300, 301, `{`+needle+`}`)
		s.addPost(t, channel, "else", 300, 0, `{`+needle+`}`)
		s.addPost(t, "else", bot, 300, 0, `{`+needle+`}`)
		s.addPost(t, channel, bot, 300, 0, `{"incident_reminder":"axbxc"}`)
		got, err := s.Incidents().FindPost(t.Context(), channel, bot, 150, needle)
		must(t, err)
		equal(t, "post", got, want)
		spaced := s.addPost(t, channel, bot, 400, 0, `{"incident_reminder": "a_b%c"}`)
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 150, needle)
		must(t, err)
		equal(t, "post with spaced JSON", got, spaced)
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 401, needle)
		must(t, err)
		equal(t, "no post", got, "")
	})
}
