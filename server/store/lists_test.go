//go:build store

package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

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
			must(t, err)
			ids, err := s.Incidents().ChannelIDs(t.Context(), f)
			must(t, err)
			channels = append(channels, ids...)
			for n, inc := range items {
				got = append(got, inc.Name)
				equal(t, "channel", ids[n], inc.ChannelID)
			}
			if len(items) == 0 {
				equal(t, "total", total, len(got))
				break
			}
			access, err := s.Incidents().TeamAccess(t.Context(), f.ViewerID, f.TeamID)
			must(t, err)
			cached := f
			cached.CountVersion = access.CountVersion
			_, fromCache, err := s.Incidents().List(t.Context(), cached)
			must(t, err)
			equal(t, "total from the cached counts", fromCache, total)
		}
		equal(t, "channels", len(channels), len(got))
		if joined := strings.Join(got, ","); perPage == 100 {
			first = joined
		} else {
			equal(t, fmt.Sprint("names in pages of ", perPage), joined, first)
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
			equal(t, fmt.Sprintf("%+v", c.filter), names(t, s, c.filter), c.want)
		}
		equal(t, "another team", names(t, s, app.Filter{TeamID: model.NewId()}), "")
		found, err := s.Incidents().Get(t.Context(), deleted.ID)
		must(t, err)
		equal(t, "deleted", found.DeleteAt, 5)
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
			equal(t, "sorted by "+sort, strings.Join(down, ","), strings.Join(up, ","))
		}
		equal(t, "by end", names(t, s, app.Filter{TeamID: team, Sort: "end_at"}), "n6,n5,n4,n3,n2,n1,n0")
		_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Sort: "name; DROP TABLE x", PerPage: 1})
		equal(t, "unknown sort", incident.IsKind(err, incident.Invalid), true)
		items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Page: math.MaxInt, PerPage: 1000})
		must(t, err)
		equal(t, "items of a huge page", len(items), 0)
		equal(t, "total of a huge page", total, 7)
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
			equal(t, "search for "+term, strings.Join(got, ","), want)
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
			must(t, err)
			out := make([]string, len(people))
			for n, p := range people {
				out[n] = p.Username
				equal(t, "id", p.UserID, fixtureUser(t, s, p.Username))
			}
			return strings.Join(out, ",")
		}
		equal(t, "all", list("", ""), "anna,boris,chen")
		equal(t, "visible", list("somebody", ""), "anna,boris")
		equal(t, "one's own", list("m", "m"), "boris,chen")
		equal(t, "somebody else's", list("o", "m"), "boris")
		equal(t, "an administrator's view of somebody's", list("", "m"), "boris,chen")
		equal(t, "none", list("z", "z"), "")
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
		must(t, err)
		equal(t, "metadata", got, app.Metadata{ChannelName: "channel-" + inc.ChannelID, ChannelDisplayName: "Channel " + inc.ChannelID,
			TeamName: "ad-1", NumMembers: 2, TotalPosts: 7})
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
		equal(t, "order", strings.Join(got.StatusPostIDs, " "), early+" "+late)
		equal(t, "deleted", got.StatusPosts[0], incident.StatusPost{ID: early, CreateAt: 100, DeleteAt: 150})
		items, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, PerPage: 1})
		must(t, err)
		equal(t, "order in lists", strings.Join(items[0].StatusPostIDs, " "), early+" "+late)
		equal(t, "last update of a whole incident", items[0].LastStatusAt, int64(0))
		for _, want := range []int64{200, 0} {
			items, _, err = s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, PerPage: 1, Summary: true})
			must(t, err)
			equal(t, "last update", items[0].LastStatusAt, want)
			equal(t, "updates", len(items[0].StatusPosts), 0)
			s.sql(t, "UPDATE Posts SET DeleteAt = 250 WHERE Id = ?", late)
		}
	})
}

// Whatever is long is left out of a list, and can be read afterwards.
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
			must(t, err)
			equal(t, "total", total, 4)
			equal(t, "partial", fmt.Sprint(items[0].Partial, items[1].Partial, items[2].Partial, items[3].Partial), partial)
			for n, i := range items {
				if n%2 == 1 && i.Bytes < 200<<10 || n%2 == 0 && i.Bytes > 2000 {
					t.Errorf("incident %d has %d bytes", n, i.Bytes)
				}
				equal(t, "stages", i.Partial, len(i.Checklists) == 0)
				equal(t, "template", i.Partial, i.ReminderMessageTemplate == "")
			}
		}
		whole, err := s.Incidents().GetMany(t.Context(), []string{ids[1], ids[2], model.NewId()})
		must(t, err)
		equal(t, "found", len(whole), 2)
		equal(t, "whole", len(whole[ids[1]].Checklists[0].Tasks[0].Description), 200<<10)
		short, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, PerPage: 2, Summary: true})
		must(t, err)
		equal(t, "summary", len(short[0].Checklists)+len(short[1].Checklists)+len(short[0].StatusPosts)+len(short[0].ReminderMessageTemplate), 0)
		offset := 3
		rest, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, PerPage: 2, Offset: &offset})
		must(t, err)
		equal(t, "rest", len(rest), 1)
		equal(t, "total", total, 4)
		equal(t, "last", rest[0].ID, ids[3])
	})
}
