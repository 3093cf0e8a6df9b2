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
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// changes changes incidents in the database, and announces nothing.
type changes struct{ incidents app.Incidents }

func (c changes) Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	return c.incidents.Update(ctx, app.UpdateRequest{IncidentID: r.ID, At: 1, Extensions: app.Extensions{InTx: []app.InTx{forget, r.InTx}}},
		func(inc *incident.Incident) (*incident.ChangeSet, error) { return fn(inc, 1) })
}

// There is one post for each time that the commander goes, however that is noticed.
func TestTell_Once(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			s := storetest.Open(t, fixture, nil, capability.Schema{Capability: "absence", Tables: tables, Migrations: migrations})
			conn := fixture.Connect(t)
			team := model.NewId()
			start := func(commander string) incident.Incident {
				inc := incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: commander, TeamID: team,
					ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}
				conn.Exec(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, 'P', 'c', ?)", inc.ChannelID, team, inc.ID)
				conn.Exec(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", inc.ChannelID, commander)
				made, _, err := s.Incidents().Create(t.Context(), inc, commander, "", 1, app.Extensions{})
				require.NoError(t, err)
				return made
			}
			user := func() string {
				id := model.NewId()
				conn.AddUser(t, id, id, "system_user")
				return id
			}
			anna, boris := user(), user()
			a := &absence{core: changes{s.Incidents()}, log: &hosttest.Log{}, data: &database{s}, now: time.Now}
			posted := func(inc incident.Incident) int {
				t.Helper()
				return testdb.Value[int](t, conn, "SELECT COUNT(*) FROM IR_Event WHERE Type = 'commander_gone' AND IncidentID = ?", inc.ID)
			}
			want := func(what string, inc incident.Incident, n int) {
				t.Helper()
				if got := posted(inc); got != n {
					t.Errorf("%s: posted %d times, want %d", what, got, n)
				}
			}
			left, kept, other := start(anna), start(anna), start(boris)
			require.NoError(t, a.scan(t.Context()))
			want("at first", left, 0)
			leave := func() {
				conn.Exec(t, "DELETE FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", left.ChannelID, anna)
			}
			join := func() {
				conn.Exec(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", left.ChannelID, anna)
			}
			leave()
			for range 2 {
				a.leftChannel(t.Context(), left.ChannelID, anna, "")
				require.NoError(t, a.scan(t.Context()))
			}
			want("left the channel", left, 1)
			join()
			a.joinedChannel(t.Context(), left.ChannelID, anna, "")
			leave()
			a.leftTeam(t.Context(), team, anna, "")
			want("came back and left the team", left, 2)
			join()
			require.NoError(t, a.scan(t.Context())) // no hook was called
			leave()
			require.NoError(t, a.scan(t.Context()))
			want("came back unnoticed and left", left, 3)
			want("another incident", kept, 0)

			conn.Exec(t, "UPDATE Users SET DeleteAt = 5 WHERE Id = ?", anna)
			require.NoError(t, a.scan(t.Context()))
			require.NoError(t, a.scan(t.Context()))
			want("deactivated", kept, 1)
			want("deactivated after having left", left, 3)
			want("of another commander", other, 0)
			// Another commander, who leaves as well.
			_, err := changes{s.Incidents()}.Change(t.Context(), app.ChangeRequest{Header: app.Header{ID: kept.ID}, InTx: noChange}, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
				return i.SetCommander(boris)
			})
			require.NoError(t, err)
			require.NoError(t, a.scan(t.Context()))
			want("another commander who is not in the channel", kept, 2)

			for what, spoil := range map[string]string{
				"ended": "UPDATE IR_Incident SET IsActive = false WHERE ID = ?", "archived": "UPDATE Channels SET DeleteAt = 5 WHERE Name = ?",
			} {
				inc := start(anna)
				conn.Exec(t, spoil, inc.ID)
				require.NoError(t, a.scan(t.Context()))
				want(what, inc, 0)
			}
		})
	}
}

// unchangeable refuses to change incidents whose ids begin with a zero.
type unchangeable struct{ changes }

func (u unchangeable) Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	if r.ID[0] == '0' {
		return app.Change{}, incident.NewError(incident.Conflict, "x", "Cannot be changed.")
	}
	return u.changes.Change(ctx, r, fn)
}

// Incidents that cannot be changed do not keep the channels of others from being told, however many there are.
func TestTell_BehindThoseThatCannotBeChanged(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			s := storetest.Open(t, fixture, nil, capability.Schema{Capability: "absence", Tables: tables, Migrations: migrations})
			conn := fixture.Connect(t)
			for n := range pageSize + 2 {
				inc := incident.Incident{ID: fmt.Sprintf("0%025d", n), Name: "Incident", IsActive: true, CommanderUserID: model.NewId(), TeamID: model.NewId(),
					ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}
				if n > pageSize {
					inc.ID = "z" + inc.ID[1:]
				}
				conn.Exec(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, 'P', 'c', ?)", inc.ChannelID, inc.TeamID, inc.ID)
				_, _, err := s.Incidents().Create(t.Context(), inc, inc.CommanderUserID, "", 1, app.Extensions{})
				require.NoError(t, err)
			}
			a := &absence{core: unchangeable{changes{s.Incidents()}}, log: &hosttest.Log{}, data: &database{s}, now: time.Now}
			if err := a.scan(t.Context()); err == nil {
				t.Error("nothing is said of those that cannot be changed")
			}
			var told int
			require.NoError(t, conn.DB.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM IR_Event WHERE Type = 'commander_gone' AND IncidentID LIKE 'z%'").Scan(&told))
			if told != 1 {
				t.Errorf("the one behind them was told %d times", told)
			}
		})
	}
}

func noChange(context.Context, app.Tx, app.Change) error { return nil }

// A commander who was gone before the capability was there is not announced.
func TestMigration_KnowsWhoWasGoneBefore(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			s, conn := storetest.Open(t, fixture, nil), fixture.Connect(t)
			conn.Exec(t, "UPDATE IR_Incident SET IsActive = true, DeleteAt = 0")
			conn.Exec(t, "DELETE FROM ChannelMembers")
			s.Register(capability.Schema{Capability: "absence", Tables: tables, Migrations: migrations})
			require.NoError(t, s.Migrate(t.Context()))
			found, err := (&database{s}).gone(t.Context(), search{})
			require.NoError(t, err)
			if len(found) > 0 {
				t.Errorf("would announce %+v", found)
			}
			if known := ids(t, conn.DB); len(known) == 0 {
				t.Error("the fixture has no incident whose commander is gone")
			}
		})
	}
}

func ids(t *testing.T, db *sql.DB) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT IncidentID FROM IR_CommanderAbsence")
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		all = append(all, id)
	}
	require.NoError(t, rows.Err())
	slices.Sort(all)
	return all
}
