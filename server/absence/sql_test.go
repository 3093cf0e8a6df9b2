//go:build store

package absence

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

type noLog struct{ app.Log }

func (noLog) Debug(string, ...interface{}) {}
func (noLog) Info(string, ...interface{})  {}
func (noLog) Warn(string, ...interface{})  {}
func (noLog) Error(string, ...interface{}) {}

// changes changes incidents in the database, and announces nothing.
type changes struct{ incidents app.Incidents }

func (c changes) Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	return c.incidents.Update(ctx, app.UpdateRequest{IncidentID: r.ID, At: 1, Extensions: app.Extensions{InTx: []app.InTx{forget, r.InTx}}},
		func(inc *incident.Incident) (*incident.ChangeSet, error) { return fn(inc, 1) })
}

// Each channel is told once for each time that its commander goes, whichever way that is noticed.
func TestTell_Once(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			s, err := store.Open(string(driver), fixture.DSN, store.Options{Log: noLog{}})
			must(t, err)
			t.Cleanup(func() { _ = s.Close() })
			db, err := fixture.Open()
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			exec := func(format string, args ...any) {
				t.Helper()
				_, err := db.ExecContext(t.Context(), fmt.Sprintf(format, args...))
				must(t, err)
			}
			s.Register(capability.Schema{Capability: "absence", Tables: tables, Migrations: migrations})
			must(t, s.Migrate(t.Context()))

			team := model.NewId()
			start := func(commander string) incident.Incident {
				inc := incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: commander, TeamID: team,
					ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}
				exec("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES ('%s', 1, 1, 0, '%s', 'P', 'c', '%s')", inc.ChannelID, team, inc.ID)
				exec("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES ('%s', '%s', true)", inc.ChannelID, commander)
				made, _, err := s.Incidents().Create(t.Context(), inc, commander, "", 1, app.Extensions{})
				must(t, err)
				return made
			}
			user := func() string {
				id := model.NewId()
				exec("INSERT INTO Users (Id, Username, Email, Roles, DeleteAt, NotifyProps, Timezone, Props) VALUES ('%s', '%s', '%s', 'system_user', 0, '{}', '{}', '{}')", id, id, id)
				return id
			}
			anna, boris := user(), user()
			a := &absence{core: changes{s.Incidents()}, log: noLog{}, data: &database{s}, now: time.Now}
			told := func(inc incident.Incident) (n int) {
				t.Helper()
				must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM IR_Event WHERE Type = 'commander_gone' AND IncidentID = '"+inc.ID+"'").Scan(&n))
				return n
			}
			want := func(what string, inc incident.Incident, n int) {
				t.Helper()
				if got := told(inc); got != n {
					t.Errorf("%s: told %d times, want %d", what, got, n)
				}
			}
			left, kept, other := start(anna), start(anna), start(boris)
			must(t, a.scan(t.Context()))
			want("at first", left, 0)
			leave := func() {
				exec("DELETE FROM ChannelMembers WHERE ChannelId = '%s' AND UserId = '%s'", left.ChannelID, anna)
			}
			join := func() {
				exec("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES ('%s', '%s', true)", left.ChannelID, anna)
			}
			leave()
			for range 2 {
				a.leftChannel(t.Context(), left.ChannelID, anna, "")
				must(t, a.scan(t.Context()))
			}
			want("left the channel", left, 1)
			join()
			a.joinedChannel(t.Context(), left.ChannelID, anna, "")
			leave()
			a.leftTeam(t.Context(), team, anna, "")
			want("came back and left the team", left, 2)
			join()
			must(t, a.scan(t.Context())) // nobody has told of it
			leave()
			must(t, a.scan(t.Context()))
			want("came back unnoticed and left", left, 3)
			want("another incident", kept, 0)

			exec("UPDATE Users SET DeleteAt = 5 WHERE Id = '%s'", anna)
			must(t, a.scan(t.Context()))
			must(t, a.scan(t.Context()))
			want("deactivated", kept, 1)
			want("deactivated after having left", left, 3)
			want("of another commander", other, 0)
			// Another commander, who leaves as well.
			_, err = changes{s.Incidents()}.Change(t.Context(), app.ChangeRequest{Header: app.Header{ID: kept.ID}, InTx: noChange}, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
				return i.SetCommander(boris)
			})
			must(t, err)
			must(t, a.scan(t.Context()))
			want("another commander who is not in the channel", kept, 2)

			for what, spoil := range map[string]string{
				"ended": "UPDATE IR_Incident SET IsActive = false WHERE ID = '%s'", "archived": "UPDATE Channels SET DeleteAt = 5 WHERE Name = '%s'",
			} {
				inc := start(anna)
				exec(spoil, inc.ID)
				must(t, a.scan(t.Context()))
				want(what, inc, 0)
			}
		})
	}
}

func noChange(context.Context, app.Tx, app.Change) error { return nil }

// What was so before the capability was there is not told.
func TestMigration_KnowsWhoWasGoneBefore(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			s, err := store.Open(string(driver), fixture.DSN, store.Options{Log: noLog{}})
			must(t, err)
			t.Cleanup(func() { _ = s.Close() })
			must(t, s.Migrate(t.Context()))
			db, err := fixture.Open()
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			for _, statement := range []string{"UPDATE IR_Incident SET IsActive = true, DeleteAt = 0", "DELETE FROM ChannelMembers"} {
				_, err := db.ExecContext(t.Context(), statement)
				must(t, err)
			}
			s.Register(capability.Schema{Capability: "absence", Tables: tables, Migrations: migrations})
			must(t, s.Migrate(t.Context()))
			found, err := (&database{s}).gone(t.Context(), search{})
			must(t, err)
			if len(found) > 0 {
				t.Errorf("would tell of %+v", found)
			}
			if known := ids(t, db); len(known) == 0 {
				t.Error("the fixture has no incident whose commander is gone")
			}
		})
	}
}

func ids(t *testing.T, db *sql.DB) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT IncidentID FROM IR_CommanderAbsence")
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		all = append(all, id)
	}
	must(t, rows.Err())
	slices.Sort(all)
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
