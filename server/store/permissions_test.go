//go:build store

package store

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// TestPermissionsAreProvenOnlyForOrdinaryMembers changes, one at a time, what makes it certain that somebody may do
// something. Each change must take the certainty away, so that Mattermost is asked.
func TestPermissionsAreProvenOnlyForOrdinaryMembers(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		user, scheme := model.NewId(), model.NewId()
		s.sql(t, "INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props) VALUES (?, 'ordinary', 'o@example.com', 'system_user', '{}', '{}', '{}')", user)
		s.sql(t, "INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'ordinary', 'Team', 0)", inc.TeamID)
		s.sql(t, "INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser) VALUES (?, ?, 0, true)", inc.TeamID, user)
		s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, 'P', 'c', 'ordinary')", inc.ChannelID, inc.TeamID)
		s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", inc.ChannelID, user)
		create(t, s, inc)
		book := playbook.Playbook{ID: model.NewId(), Title: "Book", TeamID: inc.TeamID, MemberIDs: []string{user}}
		require.NoError(t, s.Playbooks().Create(t.Context(), book, 0))

		type certainty struct{ read, list, ordinary, post bool }
		now := func(t *testing.T) certainty {
			t.Helper()
			h, err := s.Incidents().Header(t.Context(), inc.ID, user)
			require.NoError(t, err)
			viewed, _, err := s.Incidents().View(t.Context(), inc.ID, user)
			require.NoError(t, err)
			measured, _, err := s.Incidents().ViewMetadata(t.Context(), inc.ID, user)
			require.NoError(t, err)
			_, listGranted, err := s.Playbooks().View(t.Context(), book.ID, user)
			require.NoError(t, err)
			access, err := s.Incidents().TeamAccess(t.Context(), user, inc.TeamID)
			require.NoError(t, err)
			assert.Equal(t, h.ReadGranted, viewed.ReadGranted, "may read, with the incident")
			assert.Equal(t, h.PostGranted, viewed.PostGranted, "may post, with the incident")
			assert.Equal(t, h.ReadGranted, measured.ReadGranted, "may read, with the metadata")
			assert.Equal(t, h.ListGranted, viewed.ListGranted, "may list, with the incident")
			assert.Equal(t, access.ListGranted, listGranted, "may list, with the playbook")
			if h.ChannelTeamID != "" {
				assert.Equal(t, access.ListGranted, h.ListGranted, "may list, with the header")
			}
			return certainty{h.ReadGranted, access.ListGranted, access.NotAdmin, h.PostGranted}
		}
		all := certainty{true, true, true, true}
		assert.Equal(t, all, now(t), "at first")
		for _, c := range []struct {
			what, do, undo string
			args           []interface{}
			want           certainty
		}{
			{"a guest in the channel", "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true, SchemeGuest = false WHERE UserId = ?", []interface{}{user}, certainty{false, true, true, false}},
			{"a membership from before there were schemes", "UPDATE ChannelMembers SET SchemeUser = NULL WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", []interface{}{user}, certainty{false, true, true, false}},
			{"a channel with a scheme", "UPDATE Channels SET SchemeId = '" + scheme + "' WHERE Id = ?", "UPDATE Channels SET SchemeId = NULL WHERE Id = ?", []interface{}{inc.ChannelID}, certainty{false, true, true, false}},
			{"an archived channel", "UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", "UPDATE Channels SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.ChannelID}, certainty{false, true, true, false}},
			{"a team with a scheme", "UPDATE Teams SET SchemeId = '" + scheme + "' WHERE Id = ?", "UPDATE Teams SET SchemeId = '' WHERE Id = ?", []interface{}{inc.TeamID}, certainty{false, false, true, false}},
			{"an archived team", "UPDATE Teams SET DeleteAt = 5 WHERE Id = ?", "UPDATE Teams SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.TeamID}, certainty{false, false, true, false}},
			{"a guest in the team", "UPDATE TeamMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE TeamMembers SET SchemeUser = true, SchemeGuest = false WHERE UserId = ?", []interface{}{user}, certainty{true, false, true, true}},
			{"who has left the team", "UPDATE TeamMembers SET DeleteAt = 5 WHERE UserId = ?", "UPDATE TeamMembers SET DeleteAt = 0 WHERE UserId = ?", []interface{}{user}, certainty{true, false, true, true}},
			{"an administrator", "UPDATE Users SET Roles = 'system_user system_admin' WHERE Id = ?", "UPDATE Users SET Roles = 'system_user' WHERE Id = ?", []interface{}{user}, certainty{true, true, false, true}},
			{"members may not read", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'read_channel', 'forbidden') WHERE Name = 'channel_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'read_channel') WHERE Name = 'channel_user'", nil, certainty{false, true, true, true}},
			{"members may not post", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'create_post', 'forbidden') WHERE Name = 'channel_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'create_post') WHERE Name = 'channel_user'", nil, certainty{true, true, true, false}},
			{"a deleted role", "UPDATE Roles SET DeleteAt = 5 WHERE Name = 'channel_user'", "UPDATE Roles SET DeleteAt = 0 WHERE Name = 'channel_user'", nil, certainty{false, true, true, false}},
			{"members may not list", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'list_team_channels', 'forbidden') WHERE Name = 'team_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'list_team_channels') WHERE Name = 'team_user'", nil, certainty{true, false, true, true}},
			{"everybody administrates", "UPDATE Roles SET Permissions = CONCAT(Permissions, ' manage_system') WHERE Name = 'system_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, ' manage_system', '') WHERE Name = 'system_user'", nil, certainty{true, true, false, true}},
			{"a missing role", "UPDATE Roles SET Name = 'other' WHERE Name = 'system_user'", "UPDATE Roles SET Name = 'system_user' WHERE Name = 'other'", nil, certainty{true, true, false, true}},
		} {
			t.Run(c.what, func(t *testing.T) {
				s.sql(t, c.do, c.args...)
				assert.Equal(t, c.want, now(t), "certain")
				s.sql(t, c.undo, c.args...)
				assert.Equal(t, all, now(t), "certain again")
			})
		}
		s.sql(t, "DELETE FROM ChannelMembers WHERE UserId = ?", user)
		assert.Equal(t, certainty{false, true, true, false}, now(t), "who has left the channel")
		s.sql(t, "DELETE FROM Channels WHERE Id = ?", inc.ChannelID)
		assert.Equal(t, certainty{false, true, true, false}, now(t), "without the channel")
		s.sql(t, "DELETE FROM Users WHERE Id = ?", user)
		access, err := s.Incidents().TeamAccess(t.Context(), user, inc.TeamID)
		require.NoError(t, err)
		assert.False(t, access.ListGranted, "unknown user may list")
		assert.False(t, access.NotAdmin, "unknown user is ordinary")
		for _, ids := range [][2]string{{"", ""}, {user, "nothing"}, {"", inc.TeamID}} {
			access, err := s.Incidents().TeamAccess(t.Context(), ids[0], ids[1])
			require.NoError(t, err)
			assert.False(t, access.ListGranted || access.NotAdmin, "access of nobody")
		}
	})
}

// TestListedChannelsSayWhatIsKnownOfTheViewer changes what decides whether a member may read a listed incident.
func TestListedChannelsSayWhatIsKnownOfTheViewer(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc, user := newIncident(1), model.NewId()
		s.sql(t, "INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'listed', 'Team', 0)", inc.TeamID)
		s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, 'P', 'c', 'listed')", inc.ChannelID, inc.TeamID)
		s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", inc.ChannelID, user)
		create(t, s, inc)
		now := func(t *testing.T) (app.ListedChannel, bool) {
			t.Helper()
			items, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, ViewerID: user, PerPage: 5})
			require.NoError(t, err)
			assert.Equal(t, 1, len(items), "listed")
			access, err := s.Incidents().TeamAccess(t.Context(), user, inc.TeamID)
			require.NoError(t, err)
			return items[0].Channel, access.ReadGranted
		}
		usual, _ := now(t)
		assert.Equal(t, inc.TeamID, usual.TeamID, "the team")
		assert.False(t, usual.Public, "public")
		for _, c := range []struct {
			what, do, undo     string
			args               []interface{}
			plain, same, grant bool
		}{
			{"nothing", "UPDATE Channels SET DeleteAt = 0 WHERE Id = ?", "UPDATE Channels SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.ChannelID}, true, true, true},
			{"an archived channel", "UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", "UPDATE Channels SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.ChannelID}, true, true, true},
			{"a guest", "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true, SchemeGuest = NULL WHERE UserId = ?", []interface{}{user}, true, false, true},
			{"no role", "UPDATE ChannelMembers SET SchemeUser = NULL WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", []interface{}{user}, false, false, true},
			{"an own role", "UPDATE ChannelMembers SET Roles = 'own' WHERE UserId = ?", "UPDATE ChannelMembers SET Roles = NULL WHERE UserId = ?", []interface{}{user}, true, false, true},
			{"a channel with a scheme", "UPDATE Channels SET SchemeId = 'scheme' WHERE Id = ?", "UPDATE Channels SET SchemeId = NULL WHERE Id = ?", []interface{}{inc.ChannelID}, false, false, true},
			{"a team with a scheme", "UPDATE Teams SET SchemeId = 'scheme' WHERE Id = ?", "UPDATE Teams SET SchemeId = '' WHERE Id = ?", []interface{}{inc.TeamID}, true, true, false},
			{"members may not read", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'read_channel', 'forbidden') WHERE Name = 'channel_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'read_channel') WHERE Name = 'channel_user'", nil, true, true, false},
			{"guests may not read", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'read_channel', 'forbidden') WHERE Name = 'channel_guest'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'read_channel') WHERE Name = 'channel_guest'", nil, true, true, false},
		} {
			t.Run(c.what, func(t *testing.T) {
				s.sql(t, c.do, c.args...)
				got, granted := now(t)
				assert.Equal(t, c.plain, got.Plain, "plain")
				assert.Equal(t, c.same, got.Roles == usual.Roles, "the same roles")
				assert.Equal(t, c.grant, granted, "members may read")
				s.sql(t, c.undo, c.args...)
			})
		}
	})
}
