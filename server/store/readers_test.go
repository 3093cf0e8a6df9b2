//go:build store

package store

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// A list leaves out what the viewer sees only with a role that may not read, on the page and in the total.
func TestList_LeavesOutHiddenRoles(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, me := model.NewId(), model.NewId()
		add := func(name, kind, roles string, plain bool) incident.Incident {
			inc := newIncident(1)
			inc.Name, inc.TeamID, inc.CommanderUserID = name, team, model.NewId()
			s.addChannel(t, inc.ChannelID, inc.TeamID, kind, me)
			s.sql(t, "UPDATE ChannelMembers SET SchemeUser = ?, Roles = ? WHERE ChannelId = ?", plain, roles, inc.ChannelID)
			s.sql(t, "INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props) VALUES (?, ?, ?, 'system_user', '{}', '{}', '{}')",
				inc.CommanderUserID, name, name+"@example.com")
			return create(t, s, inc)
		}
		ordinary := add("ordinary", "P", "", true)
		add("blocked", "P", "blocked", false)
		add("open", "O", "blocked", false)

		roles, err := s.Incidents().ViewerRoles(t.Context(), me, team)
		require.NoError(t, err)
		hidden := slices.DeleteFunc(roles, func(r app.ViewerRole) bool {
			assert.Equal(t, r.ChannelID == ordinary.ChannelID, r.Plain, "plain: "+r.Roles)
			return r.Plain
		})
		assert.Equal(t, 1, len(hidden), "roles that are not plain")
		for _, c := range []struct {
			filter app.Filter
			want   string
		}{
			{app.Filter{}, "open,ordinary"},
			{app.Filter{MemberID: me}, "open,ordinary"},
			{app.Filter{MemberID: me, PublicHidden: true}, "ordinary"},
			{app.Filter{OnlyMember: true, PublicHidden: true}, "ordinary"},
			{app.Filter{SearchTerm: "block"}, ""},
		} {
			c.filter.TeamID, c.filter.ViewerID, c.filter.Sort, c.filter.Hidden = team, me, "name", []app.RoleKey{hidden[0].RoleKey}
			assert.Equal(t, c.want, names(t, s, c.filter), "listed")
			if c.filter.OnlyMember || c.filter.SearchTerm != "" {
				continue
			}
			commanders, err := s.Incidents().Commanders(t.Context(), app.Filter{TeamID: team, ViewerID: me, MemberID: c.filter.MemberID,
				Hidden: c.filter.Hidden, PublicHidden: c.filter.PublicHidden})
			require.NoError(t, err)
			var found string
			for _, x := range commanders {
				found += "," + x.Username
			}
			assert.Equal(t, ","+c.want, found, "commanders")
		}
	})
}

// It is proven for a channel that all its members may read it only while they have ordinary roles, and these roles may.
func TestMembersRead_IsProvenForOrdinaryRoles(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		me, odd := model.NewId(), model.NewId()
		s.sql(t, "INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'readers', 'Team', 0)", inc.TeamID)
		s.addChannel(t, inc.ChannelID, inc.TeamID, "P", me, odd)
		s.sql(t, "UPDATE ChannelMembers SET SchemeUser = true WHERE ChannelId = ?", inc.ChannelID)
		for _, id := range []string{me, odd} {
			s.sql(t, "INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props) VALUES (?, ?, ?, 'system_user', '{}', '{}', '{}')", id, id, id)
		}
		create(t, s, inc)
		for _, c := range []struct {
			what, do, undo string
			args           []interface{}
			all, plain     bool
			granted        int // groups of members for whom it is proven
		}{
			{"ordinary members", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", "", []interface{}{odd}, true, true, 1},
			{"a guest", "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true, SchemeGuest = false WHERE UserId = ?", []interface{}{odd}, true, true, 2},
			{"an odd member", "UPDATE ChannelMembers SET SchemeUser = false WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", []interface{}{odd}, false, false, 1},
			{"a member from before there were schemes", "UPDATE ChannelMembers SET SchemeUser = NULL WHERE UserId = ?", "UPDATE ChannelMembers SET SchemeUser = true WHERE UserId = ?", []interface{}{odd}, false, false, 1},
			{"members may not read", "UPDATE Roles SET Permissions = REPLACE(Permissions, ' read_channel ', ' ') WHERE Name = 'channel_user'", "UPDATE Roles SET Permissions = CONCAT(' read_channel ', Permissions) WHERE Name = 'channel_user'", nil, false, true, 0},
			{"a scheme of the channel", "UPDATE Channels SET SchemeId = 's' WHERE Id = ?", "UPDATE Channels SET SchemeId = '' WHERE Id = ?", []interface{}{inc.ChannelID}, false, true, 0},
			{"a scheme of the team", "UPDATE Teams SET SchemeId = 's' WHERE Id = ?", "UPDATE Teams SET SchemeId = NULL WHERE Id = ?", []interface{}{inc.TeamID}, false, true, 0},
			{"any scheme", "INSERT INTO Schemes (Id, Name, DisplayName, Scope, DeleteAt) VALUES ('s', 's', 's', 'channel', 0)", "DELETE FROM Schemes WHERE Id = 's'", nil, true, false, 1},
		} {
			s.sql(t, c.do, c.args...)
			h, err := s.Incidents().Header(t.Context(), inc.ID, me)
			require.NoError(t, err)
			assert.Equal(t, c.all, h.MembersRead, c.what+": all read")
			access, err := s.Incidents().TeamAccess(t.Context(), odd, inc.TeamID)
			require.NoError(t, err)
			assert.Equal(t, c.plain, access.PlainOnly, c.what+": plain only")
			groups, err := s.Incidents().MemberGroups(t.Context(), inc.ChannelID)
			require.NoError(t, err)
			granted, members := 0, 0
			for _, g := range groups {
				if g.ReadGranted {
					granted++
				}
				ids, err := s.Incidents().MembersInGroups(t.Context(), inc.ChannelID, []string{g.Roles})
				require.NoError(t, err)
				assert.True(t, slices.Contains(ids, g.UserID), c.what+": the representative is in the group")
				members += len(ids)
			}
			assert.Equal(t, c.granted, granted, c.what+": proven groups")
			assert.Equal(t, 2, members, c.what+": members of all groups")
			if c.undo != "" {
				s.sql(t, c.undo, c.args...)
			}
		}
	})
}
