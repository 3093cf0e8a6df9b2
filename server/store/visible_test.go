//go:build store

package store

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// asked is a Mattermost that is asked for permissions, and allows what its maps say.
type asked struct {
	admin string
	teams map[string]bool
	reads map[string]bool
	calls int
}

func (a *asked) HasPermission(userID string, _ *model.Permission) bool {
	a.calls++
	return userID == a.admin
}
func (a *asked) HasPermissionToTeam(_, teamID string, _ *model.Permission) bool {
	a.calls++
	return a.teams[teamID]
}
func (a *asked) HasPermissionToChannel(_, channelID string, _ *model.Permission) bool {
	a.calls++
	return a.reads[channelID]
}

// Over all teams everybody sees the incidents that they see in the list of each team.
func TestVisibleIncidents(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, other := model.NewId(), model.NewId()
		anna, guest, admin, stranger := model.NewId(), model.NewId(), model.NewId(), model.NewId()
		for _, id := range []string{team, other} {
			s.sql(t, "INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, ?, 'Team', 0)", id, id)
		}
		for _, id := range []string{anna, guest, admin, stranger} {
			roles := "system_user"
			if id == admin {
				roles = "system_admin system_user"
			}
			s.sql(t, "INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props) VALUES (?, ?, ?, ?, '{}', '{}', '{}')", id, id, id+"@example.com", roles)
		}
		join := func(user, team string, guest bool) {
			s.sql(t, "INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, ?, ?)", team, user, !guest, guest)
		}
		join(anna, team, false)
		join(guest, team, true)
		names := map[string]string{}
		channels := map[string]string{}
		add := func(name, team, kind string, members ...string) {
			inc := newIncident(1)
			inc.Name, inc.TeamID = name, team
			if kind != "" {
				s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, ?, 'c', ?)", inc.ChannelID, team, kind, inc.ID)
			}
			for _, m := range members {
				s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES (?, ?, ?, ?)", inc.ChannelID, m, m != guest, m == guest)
			}
			create(t, s, inc)
			names[inc.ID], channels[name] = name, inc.ChannelID
		}
		add("public", team, "O")
		add("private", team, "P")
		add("joined", team, "P", anna, guest)
		add("elsewhere", other, "O")
		add("strayed", other, "P", anna) // anna is in the channel, not in its team
		add("gone", team, "", anna)

		host := &asked{admin: admin, teams: map[string]bool{}, reads: map[string]bool{channels["joined"]: true}}
		service := app.New(s.Incidents(), s.Playbooks(), s.Jobs(), hostOf{asks: host}, nil, DefaultPluginID)
		seen := func(user string) (list string, calls int) {
			host.calls = 0
			v, err := service.Visible(t.Context(), user)
			require.NoError(t, err)
			var ids []string
			require.NoError(t, s.Select(t.Context(), &ids, s.Builder().Select("i.ID").From("IR_Incident i").Where(s.VisibleIncidents(v)).OrderBy("i.Name")))
			for _, id := range ids {
				if names[id] != "" { // the database has another incident as well
					list += names[id] + " "
				}
			}
			return list, host.calls
		}
		for _, x := range []struct {
			who, id, want string
			calls         int
		}{
			{"a member of the team", anna, "joined public ", 1}, // asked whether they may read the channel of another team
			{"a guest", guest, "joined ", 1},                    // asked whether they may list the team's channels
			{"an administrator", admin, "elsewhere gone joined private public strayed ", 1},
			{"a user without a team", stranger, "", 0},
			{"an unknown user", model.NewId(), "", 1}, // asked whether they are an administrator
			{"nobody", "", "", 0},
		} {
			list, calls := seen(x.id)
			assert.Equal(t, x.want, list, x.who+" sees")
			assert.Equal(t, x.calls, calls, x.who+": calls")
		}
		host.reads[channels["strayed"]] = true
		list, calls := seen(anna)
		assert.Equal(t, "joined public strayed ", list, "in a channel of another team")
		assert.Equal(t, 1, calls, "calls for the channel of another team")
		s.sql(t, "UPDATE Teams SET SchemeId = 'scheme' WHERE Id = ?", other)
		s.sql(t, "INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, true, false)", other, anna)
		delete(host.reads, channels["strayed"])
		list, calls = seen(anna)
		assert.Equal(t, "joined public ", list, "in a team with a scheme")
		assert.Equal(t, 2, calls, "calls for the team with a scheme, and for its channels")
		s.sql(t, "DELETE FROM TeamMembers WHERE TeamId = ?", other)
		s.sql(t, "DELETE FROM ChannelMembers WHERE ChannelId = ?", channels["strayed"])
		// Neither the ordinary role of members nor that of guests.
		s.sql(t, "UPDATE ChannelMembers SET SchemeUser = false, SchemeAdmin = true WHERE ChannelId = ? AND UserId = ?", channels["joined"], anna)
		list, calls = seen(anna)
		assert.Equal(t, "joined public ", list, "with the role of administrators only")
		assert.Equal(t, 1, calls, "calls for the role of administrators")
		s.sql(t, "UPDATE ChannelMembers SET SchemeUser = true, SchemeAdmin = false WHERE ChannelId = ? AND UserId = ?", channels["joined"], anna)
		// A scheme of the channel proves nothing: Mattermost decides.
		s.sql(t, "UPDATE Channels SET SchemeId = 'scheme' WHERE Id = ?", channels["joined"])
		list, calls = seen(anna)
		assert.Equal(t, "joined public ", list, "allowed by a scheme")
		assert.Equal(t, 1, calls, "calls for the scheme")
		host.reads = nil
		list, _ = seen(anna)
		assert.Equal(t, "public ", list, "refused by a scheme")
		s.sql(t, "UPDATE TeamMembers SET DeleteAt = 5 WHERE UserId = ?", anna)
		list, _ = seen(anna)
		assert.Equal(t, "", list, "after leaving the team")
	})
}

// hostOf is an app.Host that answers only what asked does.
type hostOf struct {
	app.Host
	asks *asked
}

func (h hostOf) HasPermission(userID string, p *model.Permission) bool {
	return h.asks.HasPermission(userID, p)
}
func (h hostOf) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return h.asks.HasPermissionToTeam(userID, teamID, p)
}
func (h hostOf) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return h.asks.HasPermissionToChannel(userID, channelID, p)
}

// A capability's transaction stores and drops jobs with its own rows.
func TestCapabilities_JobsInTransactions(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		job := jobs.Job{ID: model.NewId(), Kind: "page", Key: "one", DueAt: 5, NextAttemptAt: 5, CreateAt: 1}
		in := func(statement func(tx capability.Transaction) sq.Sqlizer) {
			t.Helper()
			require.NoError(t, s.InTransaction(t.Context(), func(tx capability.Transaction) error {
				_, err := tx.Exec(t.Context(), statement(tx))
				return err
			}))
		}
		count := func() int { return one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'page'") }
		in(func(tx capability.Transaction) sq.Sqlizer { return tx.InsertJob(job) })
		job.ID = model.NewId()
		in(func(tx capability.Transaction) sq.Sqlizer { return tx.InsertJob(job) })
		assert.Equal(t, 1, count(), "with the same key")
		in(func(tx capability.Transaction) sq.Sqlizer { return tx.DropJob("other", "one") })
		assert.Equal(t, 1, count(), "of another kind")
		in(func(tx capability.Transaction) sq.Sqlizer { return tx.DropJob("page", "one") })
		assert.Equal(t, 0, count(), "dropped")
	})
}

// PostgreSQL looks the channels of a user up, however many others there are, and plans that once.
func TestReach_ReadsOnlyTheUsersChannels(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, d *testdb.Database) {
		if !s.postgres { // MySQL looks them up by itself
			return
		}
		const own, others = 60, 3000
		user, team := model.NewId(), model.NewId()
		var channels, members []string
		for n := range own + others {
			id := model.NewId()
			channels = append(channels, fmt.Sprintf("('%s', 1, 1, 0, '%s', 'O', 'c', '%s')", id, team, id))
			if n < own {
				members = append(members, fmt.Sprintf("('%s', '%s', true, false)", id, user))
			}
		}
		s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES "+strings.Join(channels, ", "))
		s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES "+strings.Join(members, ", "))
		s.sql(t, "ANALYZE")
		_, err := s.Incidents().Reach(t.Context(), user)
		require.NoError(t, err)
		text, args, err := s.built.With("reach", []interface{}{user}, func() sq.Sqlizer { return nil }).ToSql()
		require.NoError(t, err)
		db := d.Connect(t)
		rows, _ := db.RowsRead(t, text, args...)
		require.LessOrEqual(t, rows, 6*own, "rows read")
		require.Positive(t, db.KeptPlans(t, text, args...), "each is planned anew")
	})
}
