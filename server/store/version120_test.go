//go:build store

package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// fixtureIncidents gives the incidents of 1.2.0 by name.
func fixtureIncidents(t *testing.T, s *Store) map[string]incident.Incident {
	t.Helper()
	items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: fixtureTeam(t, s), PerPage: 100})
	must(t, err)
	equal(t, "incidents", total, 5)
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
		equal(t, "commander", checkout.CommanderUserID, fixtureUser(t, s, "boris"))
		equal(t, "stage", checkout.ActiveStage, 1)
		equal(t, "stages", len(checkout.Checklists), 3)
		equal(t, "status posts", len(checkout.StatusPosts), 2)
		equal(t, "first update", checkout.StatusPosts[0].CreateAt < checkout.StatusPosts[1].CreateAt, true)
		equal(t, "revision", checkout.Revision, 0)
		if checkout.Checklists[0].Tasks[0].State != incident.Closed {
			t.Error("the first task is not closed")
		}
		equal(t, "stages", len(all["Nothing planned"].Checklists), 0)
		equal(t, "ended", all["Slow site"].IsActive, false)
		equal(t, "started from a post", len(all["Slow site"].PostID), 26)
		equal(t, "displayed reminder", len(all["No playbook"].ReminderPostID), 26)
		equal(t, "updates", len(all["Leaked token"].StatusPosts), 1)

		books, total, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: checkout.TeamID, PerPage: 10})
		must(t, err)
		equal(t, "playbooks", total, 3)
		for _, b := range books {
			full, _, err := s.Playbooks().View(t.Context(), b.ID, "")
			must(t, err)
			equal(t, "stages of "+b.Title, int64(len(full.Checklists)), b.NumStages)
		}
		outage, _, err := s.Playbooks().View(t.Context(), checkout.PlaybookID, "")
		must(t, err)
		equal(t, "timer", outage.ReminderTimerDefaultSeconds, 900)
		equal(t, "members", len(outage.MemberIDs), 2)
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
		must(t, s.Playbooks().Create(t.Context(), b, 0))
		want[made.ID] = b.Title
		empty := newIncident(0)
		empty.Checklists = nil
		create(t, s, empty)
		want[empty.ID] = empty.Name
		equal(t, "no stages", one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", empty.ID), "null")

		got := readAs120(t, s)
		equal(t, "rows", len(got), len(want))
		for id, name := range want {
			equal(t, "name", got[id], name)
		}
	})
}

// 1.2.0 inserts, deletes its tables and makes them anew without knowing ours.
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
		equal(t, "revision", inc.Revision, 1)

		for _, table := range []string{"IR_PlaybookMember", "IR_StatusPosts", "IR_Incident", "IR_Playbook", "IR_System"} {
			s.sql(t, "DROP TABLE "+table)
		}
		for _, migration := range legacyMigrations {
			must(t, s.step(t.Context(), migration.run, legacyVersionKey, migration.version.String()))
		}
		next := open(t, db)
		must(t, next.Migrate(t.Context()))
		made := create(t, next, newIncident(1))
		change(t, next, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
	})
}

func TestNukeLeavesNothing(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		before := describe(t, s)
		others := one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore")
		inc := create(t, s, newIncident(1))
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
		must(t, s.Nuke(t.Context()))
		for _, table := range []string{"IR_PlaybookMember", "IR_StatusPosts", "IR_Incident", "IR_Playbook", "IR_Event", "IR_IdempotencyKey"} {
			equal(t, table, one[int](t, s, "SELECT COUNT(*) FROM "+table), 0)
		}
		equal(t, "other keys", one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore"), others)
		after := slices.DeleteFunc(before, func(line string) bool { return line == "IR_Playbook IR_PlaybookMember_PlaybookID 1 1 ID" })
		equal(t, "schema", strings.Join(describe(t, s), "\n"), strings.Join(after, "\n"))
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
		equal(t, "incidents", len(fixtureIncidents(t, s)), 5)
		got := load(t, s, broken.ID)
		equal(t, "stages", len(got.Checklists), 0)
		equal(t, "logged", s.logged().has("stages of an incident cannot be read", broken.ID), true)

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
			equal(t, what+" is refused", incident.IsKind(err, incident.Conflict), true)
		}
		// What does not need the stages can be done, and leaves them alone.
		ended, event := change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		equal(t, "ended", !ended.IsActive && ended.Revision == 1 && event != nil, true)
		change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		change(t, s, broken.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("c") })
		_, err := s.Incidents().AttachPost(t.Context(), ended, event.ID, "p", func(*incident.Incident) bool { return true })
		must(t, err)
		equal(t, "kept", one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", broken.ID), text)
		equal(t, "stage title", load(t, s, broken.ID).ActiveStageTitle, "")

		// A change fills in what was NULL, so that 1.2.0 can read the row again.
		change(t, s, all["Slow site"].ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		equal(t, "NULLs", one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ? AND (ActiveStageTitle IS NULL OR ReminderPostID IS NULL OR BroadcastChannelID IS NULL OR ReminderMessageTemplate IS NULL)", all["Slow site"].ID), 0)

		id := all["Checkout is down"].PlaybookID
		book, _, err := s.Playbooks().View(t.Context(), id, "")
		must(t, err)
		equal(t, "broadcast", book.BroadcastChannelID, "")
		s.sql(t, "UPDATE IR_Playbook SET ChecklistsJSON = '"+text+"' WHERE ID = ?", id)
		_, _, err = s.Playbooks().View(t.Context(), id, "")
		must(t, err)
		err = s.Playbooks().Update(t.Context(), id, func(p *playbook.Playbook) error { p.Title = "x"; return nil })
		equal(t, "refused", incident.IsKind(err, incident.Conflict), true)
		equal(t, "kept", one[string](t, s, "SELECT ChecklistsJSON FROM IR_Playbook WHERE ID = ?", id), text)
	})
}
