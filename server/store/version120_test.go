//go:build store

package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixtureIncidents gives the incidents of 1.2.0 by name.
func fixtureIncidents(t *testing.T, s *Store) map[string]incident.Incident {
	t.Helper()
	items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: fixtureTeam(t, s), PerPage: 100})
	require.NoError(t, err)
	assert.Equal(t, 5, total, "incidents")
	out := map[string]incident.Incident{}
	for _, inc := range items {
		out[inc.Name] = inc.Incident
	}
	return out
}

func fixtureTeam(t *testing.T, s *Store) string {
	t.Helper()
	return one[string](t, s, "SELECT Id FROM Teams WHERE Name = 'ad-1'")
}

func fixtureUser(t *testing.T, s *Store, name string) string {
	t.Helper()
	return one[string](t, s, "SELECT Id FROM Users WHERE Username = ?", name)
}

func TestDatabaseOf120IsOpenedInPlace(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		all := fixtureIncidents(t, s)
		checkout := all["Checkout is down"]
		assert.Equal(t, fixtureUser(t, s, "boris"), checkout.CommanderUserID, "commander")
		assert.Equal(t, 1, checkout.ActiveStage, "stage")
		assert.Equal(t, 3, len(checkout.Checklists), "stages")
		assert.Equal(t, 2, len(checkout.StatusPosts), "status posts")
		assert.True(t, checkout.StatusPosts[0].CreateAt < checkout.StatusPosts[1].CreateAt, "first update")
		assert.EqualValues(t, 0, checkout.Revision, "revision")
		if checkout.Checklists[0].Tasks[0].State != incident.Closed {
			t.Error("the first task is not closed")
		}
		assert.Equal(t, 0, len(all["Nothing planned"].Checklists), "stages")
		assert.False(t, all["Slow site"].IsActive, "ended")
		assert.Equal(t, 26, len(all["Slow site"].PostID), "started from a post")
		assert.Equal(t, 26, len(all["No playbook"].ReminderPostID), "displayed reminder")
		assert.Equal(t, 1, len(all["Leaked token"].StatusPosts), "updates")

		books, total, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: checkout.TeamID, PerPage: 10})
		require.NoError(t, err)
		assert.Equal(t, 3, total, "playbooks")
		for _, b := range books {
			full, _, err := s.Playbooks().View(t.Context(), b.ID, "")
			require.NoError(t, err)
			assert.Equal(t, b.NumStages, int64(len(full.Checklists)), "stages of "+b.Title)
		}
		outage, _, err := s.Playbooks().View(t.Context(), checkout.PlaybookID, "")
		require.NoError(t, err)
		assert.EqualValues(t, 900, outage.ReminderTimerDefaultSeconds, "timer")
		assert.Equal(t, 2, len(outage.MemberIDs), "members")
	})
}

func TestVersion120StillReadsWhatWeChanged(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		want := readAs120(t, s)
		all := fixtureIncidents(t, s)
		for _, inc := range all {
			post := s.addPost(t, inc.ChannelID, inc.CommanderUserID, time.Now().UnixMilli(), 0, "{}")
			if !inc.IsActive {
				change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
			}
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.UpdateStatus(post, 1800, time.Now().UnixMilli())
			})
			if len(inc.Checklists) > 0 {
				change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.AddTask(incident.At(0), incident.Task{Title: "by us"})
				})
			}
		}
		made := create(t, s, newIncident(2))
		want[made.ID] = made.Name
		b := playbook.Playbook{ID: made.ID, Title: "New", TeamID: made.TeamID, Checklists: made.Checklists}
		require.NoError(t, s.Playbooks().Create(t.Context(), b, 0))
		want[made.ID] = b.Title
		empty := newIncident(0)
		empty.Checklists = nil
		create(t, s, empty)
		want[empty.ID] = empty.Name
		assert.Equal(t, "null", one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", empty.ID), "no stages")

		got := readAs120(t, s)
		assert.Equal(t, len(want), len(got), "rows")
		for id, name := range want {
			assert.Equal(t, name, got[id], "name")
		}
	})
}

// 1.2.0 inserts, deletes its tables and makes them again without knowing ours.
func TestVersion120MayWorkInBetween(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		json := "?"
		if s.postgres {
			json = "CAST(? AS json)"
		}
		insert := "INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, EndAt, DeleteAt, ActiveStage, ActiveStageTitle, PostID, PlaybookID, ChecklistsJSON, ReminderPostID, PreviousReminder, BroadcastChannelID, ReminderMessageTemplate)" +
			" VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'By 1.2.0', '', ?, 'c', 't', 'channel', 1, 0, 0, 0, '', '', '', " + json + ", '', 0, '', '')"
		s.sql(t, insert, true, "[]")
		inc, _ := change(t, s, "aaaaaaaaaaaaaaaaaaaaaaaaaa", func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("d") })
		assert.EqualValues(t, 1, inc.Revision, "revision")

		for _, table := range []string{"IR_PlaybookMember", "IR_StatusPosts", "IR_Incident", "IR_Playbook", "IR_System"} {
			s.sql(t, "DROP TABLE "+table)
		}
		for _, migration := range legacyMigrations {
			require.NoError(t, s.step(t.Context(), migration.run, legacyVersionKey, migration.version.String()))
		}
		next := open(t, db)
		require.NoError(t, next.Migrate(t.Context()))
		made := create(t, next, newIncident(1))
		change(t, next, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
	})
}

// After an incident was deleted, 1.2.0 still reads all others, writes to its tables, and may be followed by us again.
func TestVersion120AfterADeletion(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		want := readAs120(t, s)
		all := fixtureIncidents(t, s)
		deleted, kept := all["Checkout is down"], all["Leaked token"]
		change(t, s, deleted.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
		require.NoError(t, s.Erase(t.Context(), deleted.ID, nil, func(capability.Transaction, incident.Incident) error { return nil }))
		delete(want, deleted.ID)
		assert.Equal(t, want, readAs120(t, s))
		assert.Zero(t, one[int](t, s, "SELECT COUNT(*) FROM IR_StatusPosts WHERE IncidentID = ?", deleted.ID), "status posts")

		// The statements of 1.2.0: its version, which decides what it migrates, what it joins, and what it inserts.
		assert.Equal(t, legacyMigrations[len(legacyMigrations)-1].version.String(), one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"))
		updates := "SELECT COUNT(*) FROM IR_StatusPosts sp JOIN Posts p ON sp.PostID = p.Id JOIN IR_Incident i ON i.ID = sp.IncidentID WHERE i.ID = ?"
		before := one[int](t, s, updates, kept.ID)
		s.sql(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", kept.ID, s.addPost(t, kept.ChannelID, kept.CommanderUserID, 5, 0, "{}"))
		assert.Equal(t, before+1, one[int](t, s, updates, kept.ID))
		json := "?"
		if s.postgres {
			json = "CAST(? AS json)"
		}
		s.sql(t, "INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, EndAt, DeleteAt, ActiveStage, ActiveStageTitle, PostID, PlaybookID, ChecklistsJSON, ReminderPostID, PreviousReminder, BroadcastChannelID, ReminderMessageTemplate)"+
			" VALUES (?, 'In the same channel', '', ?, 'c', ?, ?, 1, 0, 0, 0, '', '', '', "+json+", '', 0, '', '')", deleted.ID, true, deleted.TeamID, deleted.ChannelID, "[]")

		// We come back. The deletion is not undone, and an incident that 1.2.0 has made with the same id and channel is a new one.
		next := open(t, db)
		require.NoError(t, next.Migrate(t.Context()))
		made, _ := change(t, next, deleted.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("d") })
		assert.Equal(t, "In the same channel", made.Name)
		assert.EqualValues(t, 1, made.Revision, "it has no history of the deleted one")
		assert.Empty(t, made.StatusPosts)
		assert.Equal(t, 5, len(fixtureIncidents(t, next)), "incidents")
		require.NoError(t, next.Erase(t.Context(), deleted.ID, nil, func(capability.Transaction, incident.Incident) error { return nil }))
		assert.Equal(t, want, readAs120(t, next))
	})
}

func TestNukeLeavesNothing(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		before := describe(t, s)
		others := one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore")
		inc := create(t, s, newIncident(1))
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
		require.NoError(t, s.Nuke(t.Context()))
		for _, table := range []string{"IR_PlaybookMember", "IR_StatusPosts", "IR_Incident", "IR_Playbook", "IR_Event", "IR_IdempotencyKey"} {
			assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM "+table), table)
		}
		assert.Equal(t, others, one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore"), "other keys")
		after := slices.DeleteFunc(before, func(line string) bool { return line == "IR_Playbook IR_PlaybookMember_PlaybookID 1 1 ID" })
		assert.Equal(t, strings.Join(after, "\n"), strings.Join(describe(t, s), "\n"), "schema")
		create(t, s, inc)
	})
}

func TestNullsAndBrokenStagesDoNotHideOthers(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		all := fixtureIncidents(t, s)
		s.sql(t, "UPDATE IR_Incident SET ActiveStageTitle = NULL, ReminderPostID = NULL, BroadcastChannelID = NULL, ReminderMessageTemplate = NULL")
		s.sql(t, "UPDATE IR_Playbook SET BroadcastChannelID = NULL, ReminderMessageTemplate = NULL")
		broken := all["Leaked token"]
		const text = `{"not":"a list"}`
		s.sql(t, "UPDATE IR_Incident SET ChecklistsJSON = '"+text+"' WHERE ID = ?", broken.ID)
		assert.Equal(t, 5, len(fixtureIncidents(t, s)), "incidents")
		got := load(t, s, broken.ID)
		assert.Equal(t, 0, len(got.Checklists), "stages")
		assert.True(t, s.logged().has("stages of an incident cannot be read", broken.ID), "logged")

		for what, fn := range map[string]func(i *incident.Incident) (*incident.ChangeSet, error){
			"add": func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.AddTask(incident.At(0), incident.Task{Title: "t"})
			},
			"remove": func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.RemoveTask(incident.At(0), incident.At(0))
			},
			"set": func(i *incident.Incident) (*incident.ChangeSet, error) {
				i.Checklists = newIncident(1).Checklists
				return i.End(1)
			},
		} {
			_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: broken.ID, ActorID: "u", At: 1}, fn)
			assert.True(t, incident.IsKind(err, incident.Conflict), what+" is refused")
		}
		// What does not need the stages can be done, and leaves them alone.
		ended, event := change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		assert.True(t, !ended.IsActive && ended.Revision == 1 && event != nil, "ended")
		change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("c") })
		_, err := s.Incidents().AttachPost(t.Context(), ended, event.ID, "p", func(*incident.Incident) bool { return true })
		require.NoError(t, err)
		assert.Equal(t, text, one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", broken.ID), "kept")
		assert.Equal(t, "", load(t, s, broken.ID).ActiveStageTitle, "stage title")

		// A change fills in what was NULL, so that 1.2.0 can read the row again.
		change(t, s, all["Slow site"].ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ? AND (ActiveStageTitle IS NULL OR ReminderPostID IS NULL OR BroadcastChannelID IS NULL OR ReminderMessageTemplate IS NULL)", all["Slow site"].ID), "NULLs")

		id := all["Checkout is down"].PlaybookID
		book, _, err := s.Playbooks().View(t.Context(), id, "")
		require.NoError(t, err)
		assert.Equal(t, "", book.BroadcastChannelID, "broadcast")
		s.sql(t, "UPDATE IR_Playbook SET ChecklistsJSON = '"+text+"' WHERE ID = ?", id)
		_, _, err = s.Playbooks().View(t.Context(), id, "")
		require.NoError(t, err)
		err = s.Playbooks().Update(t.Context(), id, func(p *playbook.Playbook) error { p.Title = "x"; return nil })
		assert.True(t, incident.IsKind(err, incident.Conflict), "refused")
		assert.Equal(t, text, one[string](t, s, "SELECT ChecklistsJSON FROM IR_Playbook WHERE ID = ?", id), "kept")
	})
}
