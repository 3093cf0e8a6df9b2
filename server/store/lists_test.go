//go:build store

package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// names lists the names of all matches in order and checks that every page size gives the same, and the right total.
func names(t *testing.T, s *Store, f app.Filter) string {
	t.Helper()
	var first string
	for _, perPage := range []int{100, 1, 2, 3} {
		var got, channels []string
		f.PerPage = perPage
		for f.Page = 0; ; f.Page++ {
			items, total, err := s.Incidents().List(t.Context(), f)
			require.NoError(t, err)
			ids, err := s.Incidents().ChannelIDs(t.Context(), f)
			require.NoError(t, err)
			channels = append(channels, ids...)
			for n, inc := range items {
				got = append(got, inc.Name)
				assert.Equal(t, inc.ChannelID, ids[n], "channel")
			}
			if len(items) == 0 {
				assert.Equal(t, len(got), total, "total")
				break
			}
			access, err := s.Incidents().TeamAccess(t.Context(), f.ViewerID, f.TeamID)
			require.NoError(t, err)
			cached := f
			cached.CountVersion = access.CountVersion
			same, fromCache, err := s.Incidents().List(t.Context(), cached)
			require.NoError(t, err)
			assert.Equal(t, total, fromCache, "total from the cached counts")
			assert.Equal(t, items, same, "page, if it is known in how many channels the viewer is")
			sameIDs, err := s.Incidents().ChannelIDs(t.Context(), cached)
			require.NoError(t, err)
			assert.Equal(t, ids, sameIDs, "channels, if it is known in how many the viewer is")
		}
		assert.Equal(t, len(got), len(channels), "channels")
		if joined := strings.Join(got, ","); perPage == 100 {
			first = joined
		} else {
			assert.Equal(t, first, joined, fmt.Sprint("names in pages of ", perPage))
		}
	}
	return first
}

func TestListShowsWhatTheViewerMaySee(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, me, other := model.NewId(), model.NewId(), model.NewId()
		add := func(name, kind string, active bool, members ...string) incident.Incident {
			inc := newIncident(1)
			inc.Name, inc.TeamID, inc.IsActive = name, team, active
			s.addChannel(t, inc.ChannelID, inc.TeamID, kind, members...)
			return create(t, s, inc)
		}
		add("public", "O", true, other)
		add("mine", "P", false, me, other)
		add("theirs", "P", true, other)
		deleted := add("deleted", "O", true, me)
		s.sql(t, "UPDATE IR_Incident SET DeleteAt = 5 WHERE ID = ?", deleted.ID)
		moved := add("moved", "O", true, other)
		s.sql(t, "UPDATE Channels SET TeamId = ? WHERE Id = ?", model.NewId(), moved.ChannelID)
		gone := newIncident(1)
		gone.Name, gone.TeamID = "channel gone", team
		create(t, s, gone)

		yes, no := true, false
		for _, c := range []struct {
			filter app.Filter
			want   string
		}{
			{app.Filter{}, "channel gone,mine,moved,public,theirs"},
			{app.Filter{ViewerID: me}, "mine,public"},
			{app.Filter{ViewerID: me, OnlyMember: true}, "mine"},
			{app.Filter{ViewerID: me, MemberID: me}, "mine"},
			{app.Filter{ViewerID: me, MemberID: other, OnlyMember: true}, "mine"},
			{app.Filter{ViewerID: other, MemberID: other, Active: &yes, SearchTerm: "o"}, "moved"},
			{app.Filter{ViewerID: other, MemberID: other, CommanderUserID: gone.CommanderUserID}, ""},
			{app.Filter{ViewerID: other}, "mine,moved,public,theirs"},
			{app.Filter{ViewerID: me, Active: &yes}, "public"},
			{app.Filter{ViewerID: me, Active: &no}, "mine"},
			{app.Filter{ViewerID: me, MemberID: other}, "mine,public"},
			{app.Filter{MemberID: me}, "mine"},
			{app.Filter{CommanderUserID: gone.CommanderUserID}, "channel gone"},
			{app.Filter{CommanderUserID: strings.ToUpper(gone.CommanderUserID)}, ""},
			{app.Filter{ViewerID: me, SearchTerm: "theirs"}, ""},
			{app.Filter{ViewerID: "nobody"}, "public"},
		} {
			c.filter.TeamID, c.filter.Sort = team, "name"
			assert.Equal(t, c.want, names(t, s, c.filter), fmt.Sprintf("%+v", c.filter))
		}
		assert.Equal(t, "", names(t, s, app.Filter{TeamID: model.NewId()}), "another team")
		found, err := s.Incidents().Get(t.Context(), deleted.ID)
		require.NoError(t, err)
		assert.EqualValues(t, 5, found.DeleteAt, "deleted")
	})
}

func TestListSortsStably(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team := model.NewId()
		for n := range 7 {
			inc := newIncident(1)
			inc.Name, inc.TeamID, inc.CreateAt, inc.IsActive = fmt.Sprint("n", n), team, int64(n/3), n%2 == 0
			inc.EndAt = int64(9 - n)
			create(t, s, inc)
		}
		for sort := range incidentSorts {
			up := strings.Split(names(t, s, app.Filter{TeamID: team, Sort: sort}), ",")
			down := strings.Split(names(t, s, app.Filter{TeamID: team, Sort: sort, Descending: true}), ",")
			slices.Reverse(down)
			assert.Equal(t, strings.Join(up, ","), strings.Join(down, ","), "sorted by "+sort)
		}
		assert.Equal(t, "n6,n5,n4,n3,n2,n1,n0", names(t, s, app.Filter{TeamID: team, Sort: "end_at"}), "by end")
		_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Sort: "name; DROP TABLE x", PerPage: 1})
		assert.True(t, incident.IsKind(err, incident.Invalid), "unknown sort")
		items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Page: math.MaxInt, PerPage: 1000})
		require.NoError(t, err)
		assert.Equal(t, 0, len(items), "items of a huge page")
		assert.Equal(t, 7, total, "total of a huge page")
	})
}

func TestListSearchTermIsLiteral(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team := model.NewId()
		for _, name := range []string{"100% down", "100 down", "a_b", "axb", `back\slash`, "back!slash", "it's", "Sicherheitsvorfall ÄÖ 安全事件 🔒", "other 🔓"} {
			inc := newIncident(0)
			inc.Name, inc.TeamID = name, team
			create(t, s, inc)
		}
		for term, want := range map[string]string{
			"%": "100% down", "0% D": "100% down", "_": "a_b", `\`: `back\slash`, "!": "back!slash", "'": "it's",
			"DOWN": "100 down,100% down", "安全": "Sicherheitsvorfall ÄÖ 安全事件 🔒", "🔒": "Sicherheitsvorfall ÄÖ 安全事件 🔒",
			"sicher": "Sicherheitsvorfall ÄÖ 安全事件 🔒", "?": "", "$1": "", `\%`: "", "%%": "",
		} {
			got := strings.Split(names(t, s, app.Filter{TeamID: team, SearchTerm: term}), ",")
			slices.Sort(got)
			assert.Equal(t, want, strings.Join(got, ","), "search for "+term)
		}
	})
}

func TestCommanders(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, anna, boris, chen := model.NewId(), fixtureUser(t, s, "anna"), fixtureUser(t, s, "boris"), fixtureUser(t, s, "chen")
		for _, c := range []struct{ commander, kind, member string }{{boris, "O", "m"}, {anna, "O", "o"}, {anna, "O", ""}, {chen, "P", "m"}} {
			inc := newIncident(1)
			inc.TeamID, inc.CommanderUserID = team, c.commander
			s.addChannel(t, inc.ChannelID, inc.TeamID, c.kind, c.member)
			create(t, s, inc)
		}
		list := func(viewer, member string) string {
			people, err := s.Incidents().Commanders(t.Context(), app.Filter{TeamID: team, ViewerID: viewer, MemberID: member})
			require.NoError(t, err)
			out := make([]string, len(people))
			for n, p := range people {
				out[n] = p.Username
				assert.Equal(t, fixtureUser(t, s, p.Username), p.UserID, "id")
			}
			return strings.Join(out, ",")
		}
		assert.Equal(t, "anna,boris,chen", list("", ""), "all")
		assert.Equal(t, "anna,boris", list("somebody", ""), "visible")
		assert.Equal(t, "boris,chen", list("m", "m"), "one's own")
		assert.Equal(t, "boris", list("o", "m"), "somebody else's")
		assert.Equal(t, "boris,chen", list("", "m"), "an administrator's view of somebody's")
		assert.Equal(t, "", list("z", "z"), "none")
	})
}

func TestMetadata(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		inc.TeamID = fixtureTeam(t, s)
		s.addChannel(t, inc.ChannelID, inc.TeamID, "O")
		create(t, s, inc)
		bot := one[string](t, s, "SELECT UserId FROM Bots LIMIT 1")
		for n, user := range []string{"u1", "u1", "u2", bot} { // u1 left and came back
			s.sql(t, "INSERT INTO ChannelMemberHistory (ChannelId, UserId, JoinTime) VALUES (?, ?, ?)", inc.ChannelID, user, n)
		}
		got, err := s.Incidents().Metadata(t.Context(), inc.ID)
		require.NoError(t, err)
		assert.Equal(t, app.Metadata{ChannelName: "channel-" + inc.ChannelID, ChannelDisplayName: "Channel " + inc.ChannelID,
			TeamName: "ad-1", NumMembers: 2, TotalPosts: 7}, got, "metadata")
	})
}

func TestStatusPostsOfTheHost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		late := s.addPost(t, inc.ChannelID, "u", 200, 0, "{}")
		early := s.addPost(t, inc.ChannelID, "u", 100, 150, "{}")
		for _, post := range []string{late, early, model.NewId()} { // the last one is gone for good
			s.sql(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", inc.ID, post)
		}
		got := load(t, s, inc.ID)
		assert.Equal(t, early+" "+late, strings.Join(got.StatusPostIDs, " "), "order")
		assert.Equal(t, incident.StatusPost{ID: early, CreateAt: 100, DeleteAt: 150}, got.StatusPosts[0], "deleted")
		items, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, PerPage: 1})
		require.NoError(t, err)
		assert.Equal(t, early+" "+late, strings.Join(items[0].StatusPostIDs, " "), "order in lists")
		assert.Equal(t, int64(0), items[0].LastStatusAt, "last update of a whole incident")
		for _, want := range []int64{200, 0} {
			items, _, err = s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, PerPage: 1, Summary: true})
			require.NoError(t, err)
			assert.Equal(t, want, items[0].LastStatusAt, "last update")
			assert.Equal(t, 0, len(items[0].StatusPosts), "updates")
			s.sql(t, "UPDATE Posts SET DeleteAt = 250 WHERE Id = ?", late)
		}
	})
}

// Long values are left out of a list, and can be read afterwards.
func TestLongIncidentsInLists(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team := model.NewId()
		var ids []string
		for n := range 4 {
			inc := newIncident(1)
			inc.TeamID, inc.CreateAt, inc.ReminderMessageTemplate = team, int64(n+1), "template"
			if n%2 == 1 {
				inc.Checklists[0].Tasks[0].Description = strings.Repeat("ü", 100<<10)
			}
			s.addChannel(t, inc.ChannelID, team, "O")
			ids = append(ids, create(t, s, inc).ID)
		}
		for perPage, partial := range map[int]string{1000: "false true false true", 4: "false false false false"} {
			items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, PerPage: perPage})
			require.NoError(t, err)
			assert.Equal(t, 4, total, "total")
			assert.Equal(t, partial, fmt.Sprint(items[0].Partial, items[1].Partial, items[2].Partial, items[3].Partial), "partial")
			for n, i := range items {
				if n%2 == 1 && i.Bytes < 200<<10 || n%2 == 0 && i.Bytes > 2000 {
					t.Errorf("incident %d has %d bytes", n, i.Bytes)
				}
				assert.Equal(t, len(i.Checklists) == 0, i.Partial, "stages")
				assert.Equal(t, i.ReminderMessageTemplate == "", i.Partial, "template")
			}
		}
		whole, err := s.Incidents().GetMany(t.Context(), []string{ids[1], ids[2], model.NewId()})
		require.NoError(t, err)
		assert.Equal(t, 2, len(whole), "found")
		assert.Equal(t, 200<<10, len(whole[ids[1]].Checklists[0].Tasks[0].Description), "whole")
		short, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, PerPage: 2, Summary: true})
		require.NoError(t, err)
		assert.Equal(t, 0, len(short[0].Checklists)+len(short[1].Checklists)+len(short[0].StatusPosts)+len(short[0].ReminderMessageTemplate), "summary")
		offset := 3
		rest, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, PerPage: 2, Offset: &offset})
		require.NoError(t, err)
		assert.Equal(t, 1, len(rest), "rest")
		assert.Equal(t, 4, total, "total")
		assert.Equal(t, ids[3], rest[0].ID, "last")
	})
}

// The first pages of lists are planned once, and those of one's own incidents look at one's own channels only.
func TestListsArePlannedOnce(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		if !s.postgres {
			t.Skip("MariaDB keeps no plans")
		}
		if one[int](t, s, "SELECT current_setting('server_version_num')::integer") < 140000 {
			t.Skip("before version 14 PostgreSQL does not tell which plans it keeps")
		}
		team, me, other := model.NewId(), model.NewId(), model.NewId()
		for n := range 300 {
			inc := newIncident(1)
			inc.TeamID, inc.IsActive = team, n%2 == 0
			members := []string{other}
			if n%50 == 0 {
				members = append(members, me)
			}
			s.addChannel(t, inc.ChannelID, team, "O", members...)
			create(t, s, inc)
		}
		s.sql(t, "ANALYZE")
		yes := true
		for name, f := range map[string]app.Filter{
			"newest first":            {ViewerID: me, Sort: "create_at", Descending: true},
			"where one is a member":   {ViewerID: me, MemberID: me, Sort: "create_at", Descending: true},
			"ongoing, one's own":      {ViewerID: me, MemberID: me, Active: &yes, Sort: "create_at", Descending: true},
			"only one's own":          {ViewerID: me, OnlyMember: true, Sort: "name"},
			"one's own, as others do": {ViewerID: other, MemberID: other, Sort: "create_at"},
		} {
			kept := func() int {
				return one[int](t, s, "SELECT COALESCE(SUM(generic_plans), 0)::integer FROM pg_prepared_statements WHERE statement LIKE 'SELECT i.ID AS id%'")
			}
			before := kept()
			f.TeamID, f.PerPage = team, 3
			access, err := s.Incidents().TeamAccess(t.Context(), f.ViewerID, team)
			require.NoError(t, err)
			f.CountVersion = access.CountVersion
			for range 10 {
				items, _, err := s.Incidents().List(t.Context(), f)
				require.NoError(t, err)
				require.Len(t, items, 3, name)
			}
			assert.Greater(t, kept(), before, "the list "+name+" is planned each time")
		}
	})
}
