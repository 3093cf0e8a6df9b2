//go:build store

package store

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// TestTotalsFollowWhatHappens asks after each change for a page with one incident, so that the total is not told by the
// page.
func TestTotalsFollowWhatHappens(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, me := model.NewId(), model.NewId()
		add := func(kind string, members ...string) incident.Incident {
			inc := newIncident(1)
			inc.TeamID = team
			s.addChannel(t, inc.ChannelID, team, kind, members...)
			return create(t, s, inc)
		}
		join := func(inc incident.Incident) {
			s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", inc.ChannelID, me)
		}
		leave := func(inc incident.Incident) {
			s.sql(t, "DELETE FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", inc.ChannelID, me)
		}
		check := func(after string, want, joined int) {
			t.Helper()
			access, err := s.Incidents().TeamAccess(t.Context(), me, team)
			must(t, err)
			for _, version := range []app.CountVersion{{}, access.CountVersion} { // counted directly, and from the cache
				f := app.Filter{TeamID: team, ViewerID: me, PerPage: 1, CountVersion: version}
				_, total, err := s.Incidents().List(t.Context(), f)
				must(t, err)
				equal(t, "total after "+after, total, want)
				f.MemberID = me
				_, total, err = s.Incidents().List(t.Context(), f)
				must(t, err)
				equal(t, "own after "+after, total, joined)
			}
		}
		public, first, second, third := add("O"), add("P", me), add("P", me), add("P")
		check("the start", 3, 2)
		leave(first)
		check("leaving one", 2, 1)
		join(third)
		leave(second)
		check("changing one for another", 2, 1)
		s.sql(t, "UPDATE Channels SET Type = 'P', UpdateAt = ? WHERE Id = ?", model.GetMillis(), public.ChannelID)
		check("a public one became private", 1, 1)
		join(public)
		check("joining it", 2, 2)
		s.sql(t, "UPDATE Channels SET Type = 'O', UpdateAt = ? WHERE Id = ?", model.GetMillis()+1, public.ChannelID)
		check("it became public again", 2, 2)
		leave(public)
		check("leaving what is public", 2, 1)
		add("P", me)
		check("another start", 3, 2)
		yes := true
		ended, _ := change(t, s, third.ID, func(inc *incident.Incident) (*incident.ChangeSet, error) {
			inc.IsActive = false
			return incident.NewChangeSet(incident.Ended{}), nil
		})
		equal(t, "ended", ended.IsActive, false)
		access, err := s.Incidents().TeamAccess(t.Context(), me, team)
		must(t, err)
		_, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, ViewerID: me, PerPage: 1, Active: &yes, CountVersion: access.CountVersion})
		must(t, err)
		equal(t, "ongoing after an end", total, 2)
	})
}

// Direct messages and changes of tasks leave counts valid.
func TestCountVersionsChangeOnlyWithWhatIsCounted(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, me := model.NewId(), model.NewId()
		inc := newIncident(1)
		inc.TeamID = team
		s.addChannel(t, inc.ChannelID, team, "O")
		create(t, s, inc)
		last := app.CountVersion{}
		check := func(after string, teamChanges, viewerChanges bool) {
			t.Helper()
			access, err := s.Incidents().TeamAccess(t.Context(), me, team)
			must(t, err)
			equal(t, "the team's version changes with "+after, access.CountVersion.Team != last.Team, teamChanges)
			equal(t, "the viewer's version changes with "+after, access.CountVersion.Viewer != last.Viewer, viewerChanges)
			last = access.CountVersion
		}
		channel := func(kind string) string {
			id := model.NewId()
			s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, ?, ?, 0, '', ?, 'c', ?)",
				id, model.GetMillis(), model.GetMillis(), kind, id)
			return id
		}
		check("the start", true, true)
		check("nothing", false, false)
		direct := channel("D")
		channel("G")
		check("direct and group messages", false, false)
		s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", direct, me)
		check("joining a channel", false, true)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.Ref{}, incident.Ref{}, incident.Closed, 1)
		})
		check("a task", false, false)
		s.sql(t, "UPDATE Channels SET Type = 'P', UpdateAt = ? WHERE Id = ?", model.GetMillis()+1, inc.ChannelID)
		check("a channel that becomes private", true, false)
		other := newIncident(1)
		create(t, s, other)
		check("a start in another team", true, false)
	})
}
