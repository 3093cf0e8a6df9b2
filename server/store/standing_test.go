//go:build store

package store

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// TestStandingIsCertainOnlyOfOrdinaryMembers changes, one at a time, what makes it certain that somebody may do
// something. Each change must take the certainty away, so that Mattermost is asked.
func TestStandingIsCertainOnlyOfOrdinaryMembers(t *testing.T) {
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
		must(t, s.Playbooks().Create(t.Context(), book, 0))

		type certainty struct{ read, list, ordinary bool }
		now := func(t *testing.T) certainty {
			t.Helper()
			h, err := s.Incidents().Header(t.Context(), inc.ID, user)
			must(t, err)
			viewed, _, err := s.Incidents().View(t.Context(), inc.ID, user)
			must(t, err)
			measured, _, err := s.Incidents().ViewMetadata(t.Context(), inc.ID, user)
			must(t, err)
			_, mayList, err := s.Playbooks().View(t.Context(), book.ID, user)
			must(t, err)
			standing, err := s.Incidents().Standing(t.Context(), user, inc.TeamID)
			must(t, err)
			equal(t, "may read, with the incident", viewed.MayRead, h.MayRead)
			equal(t, "may read, with the metadata", measured.MayRead, h.MayRead)
			equal(t, "may list, with the incident", viewed.MayList, h.MayList)
			equal(t, "may list, with the playbook", mayList, standing.MayList)
			if h.ChannelTeamID != "" {
				equal(t, "may list, with the header", h.MayList, standing.MayList)
			}
			return certainty{h.MayRead, standing.MayList, standing.Ordinary}
		}
		all := certainty{true, true, true}
		equal(t, "at first", now(t), all)
		for _, c := range []struct {
			what, do, undo string
			args           []interface{}
			want           certainty
		}{
			{"a guest in the channel", "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true, SchemeGuest = false WHERE UserId = ?", []interface{}{user}, certainty{false, true, true}},
			{"a membership from before there were schemes", "UPDATE ChannelMembers SET SchemeUser = NULL WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", []interface{}{user}, certainty{false, true, true}},
			{"a channel with a scheme", "UPDATE Channels SET SchemeId = '" + scheme + "' WHERE Id = ?", "UPDATE Channels SET SchemeId = NULL WHERE Id = ?", []interface{}{inc.ChannelID}, certainty{false, true, true}},
			{"an archived channel", "UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", "UPDATE Channels SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.ChannelID}, certainty{false, true, true}},
			{"a team with a scheme", "UPDATE Teams SET SchemeId = '" + scheme + "' WHERE Id = ?", "UPDATE Teams SET SchemeId = '' WHERE Id = ?", []interface{}{inc.TeamID}, certainty{false, false, true}},
			{"an archived team", "UPDATE Teams SET DeleteAt = 5 WHERE Id = ?", "UPDATE Teams SET DeleteAt = 0 WHERE Id = ?", []interface{}{inc.TeamID}, certainty{false, false, true}},
			{"a guest in the team", "UPDATE TeamMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE TeamMembers SET SchemeUser = true, SchemeGuest = false WHERE UserId = ?", []interface{}{user}, certainty{true, false, true}},
			{"who has left the team", "UPDATE TeamMembers SET DeleteAt = 5 WHERE UserId = ?", "UPDATE TeamMembers SET DeleteAt = 0 WHERE UserId = ?", []interface{}{user}, certainty{true, false, true}},
			{"an administrator", "UPDATE Users SET Roles = 'system_user system_admin' WHERE Id = ?", "UPDATE Users SET Roles = 'system_user' WHERE Id = ?", []interface{}{user}, certainty{true, true, false}},
			{"members may not read", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'read_channel', 'forbidden') WHERE Name = 'channel_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'read_channel') WHERE Name = 'channel_user'", nil, certainty{false, true, true}},
			{"a deleted role", "UPDATE Roles SET DeleteAt = 5 WHERE Name = 'channel_user'", "UPDATE Roles SET DeleteAt = 0 WHERE Name = 'channel_user'", nil, certainty{false, true, true}},
			{"members may not list", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'list_team_channels', 'forbidden') WHERE Name = 'team_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, 'forbidden', 'list_team_channels') WHERE Name = 'team_user'", nil, certainty{true, false, true}},
			{"everybody administrates", "UPDATE Roles SET Permissions = CONCAT(Permissions, ' manage_system') WHERE Name = 'system_user'", "UPDATE Roles SET Permissions = REPLACE(Permissions, ' manage_system', '') WHERE Name = 'system_user'", nil, certainty{true, true, false}},
			{"a missing role", "UPDATE Roles SET Name = 'other' WHERE Name = 'system_user'", "UPDATE Roles SET Name = 'system_user' WHERE Name = 'other'", nil, certainty{true, true, false}},
		} {
			t.Run(c.what, func(t *testing.T) {
				s.sql(t, c.do, c.args...)
				equal(t, "certain", now(t), c.want)
				s.sql(t, c.undo, c.args...)
				equal(t, "certain again", now(t), all)
			})
		}
		s.sql(t, "DELETE FROM ChannelMembers WHERE UserId = ?", user)
		equal(t, "who has left the channel", now(t), certainty{false, true, true})
		s.sql(t, "DELETE FROM Channels WHERE Id = ?", inc.ChannelID)
		equal(t, "without the channel", now(t), certainty{false, true, true})
		s.sql(t, "DELETE FROM Users WHERE Id = ?", user)
		standing, err := s.Incidents().Standing(t.Context(), user, inc.TeamID)
		must(t, err)
		equal(t, "unknown user may list", standing.MayList, false)
		equal(t, "unknown user is ordinary", standing.Ordinary, false)
		for _, ids := range [][2]string{{"", ""}, {user, "nothing"}, {"", inc.TeamID}} {
			standing, err := s.Incidents().Standing(t.Context(), ids[0], ids[1])
			must(t, err)
			equal(t, "nobody's standing", standing.MayList || standing.Ordinary, false)
		}
	})
}
