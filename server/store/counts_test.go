//go:build store

package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// TestTotalsFollowWhatHappens asks after each change for a page with one incident, so that the total does not follow from the
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
			require.NoError(t, err)
			for _, version := range []app.CountVersion{{}, access.CountVersion} { // counted directly, and from the cache
				f := app.Filter{TeamID: team, ViewerID: me, PerPage: 1, CountVersion: version}
				_, total, err := s.Incidents().List(t.Context(), f)
				require.NoError(t, err)
				assert.Equal(t, want, total, "total after "+after)
				f.MemberID = me
				_, total, err = s.Incidents().List(t.Context(), f)
				require.NoError(t, err)
				assert.Equal(t, joined, total, "own after "+after)
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
		assert.False(t, ended.IsActive, "ended")
		access, err := s.Incidents().TeamAccess(t.Context(), me, team)
		require.NoError(t, err)
		_, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, ViewerID: me, PerPage: 1, Active: &yes, CountVersion: access.CountVersion})
		require.NoError(t, err)
		assert.Equal(t, 2, total, "ongoing after an end")
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
			require.NoError(t, err)
			team := access.CountVersion.Events != last.Events || access.CountVersion.Channels != last.Channels
			assert.Equal(t, teamChanges, team, "the team's version changes with "+after)
			assert.Equal(t, viewerChanges, access.CountVersion.Viewer != last.Viewer, "the viewer's version changes with "+after)
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

// What happens to channels and incidents makes only those numbers counted again that it may have changed.
func TestOnlyWhatMayHaveChangedIsCountedAgain(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, me, anna, boris := model.NewId(), model.NewId(), model.NewId(), model.NewId()
		now := model.GetMillis() - 2*time.Hour.Milliseconds()
		edit := func(set, channelID string) {
			now += 2 * versionOverlap.Milliseconds() // what was just before is looked at once more
			s.sql(t, "UPDATE Channels SET "+set+", UpdateAt = ? WHERE Id = ?", now, channelID)
		}
		add := func(teamID, commander, kind string, members ...string) incident.Incident {
			inc := newIncident(1)
			inc.TeamID, inc.CommanderUserID = teamID, commander
			s.addChannel(t, inc.ChannelID, teamID, kind, members...)
			edit("Header = ''", inc.ChannelID)
			made, _, err := s.Incidents().Create(t.Context(), inc, commander, "", now, app.Extensions{})
			require.NoError(t, err)
			return made
		}
		first, second := add(team, anna, "O"), add(team, anna, "O")
		third := add(team, boris, "P", me)
		other := model.NewId()
		s.addChannel(t, other, team, "O")
		add(model.NewId(), anna, "O")
		statements := ""
		check := func(after string, total, public int, counted string) {
			t.Helper()
			access, err := s.Incidents().TeamAccess(t.Context(), me, team)
			require.NoError(t, err)
			before := s.cache.counts[countKey{team, ""}]
			for viewer, want := range map[string]int{"": total, me: public} {
				_, n, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, ViewerID: viewer, PerPage: 1, CountVersion: access.CountVersion})
				require.NoError(t, err)
				assert.Equal(t, want, n, "total after "+after)
			}
			people, err := s.Incidents().Commanders(t.Context(), app.Filter{TeamID: team, ViewerID: me, CountVersion: access.CountVersion})
			require.NoError(t, err)
			direct, err := s.Incidents().Commanders(t.Context(), app.Filter{TeamID: team, ViewerID: me})
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprint(direct), fmt.Sprint(people), "commanders after "+after)
			got := s.cache.counts[countKey{team, ""}]
			switch {
			case before == nil || got.read != before.read:
				statements = "all"
			case len(got.groups) > 0 && len(before.groups) > 0 && &got.groups[0] == &before.groups[0]:
				statements = "none"
			default:
				statements = "some"
			}
			assert.Equal(t, counted, statements, "counted after "+after)
		}
		check("the start", 3, 3, "all")
		check("nothing", 3, 3, "none")
		edit("Header = 'x'", other)
		check("the header of an unrelated channel", 3, 3, "none")
		edit("Purpose = 'x'", other)
		check("its purpose", 3, 3, "none")
		edit("Header = 'x'", first.ChannelID)
		check("the header of an incident's channel", 3, 3, "some")
		for range 3 {
			edit("Header = 'y'", first.ChannelID)
			check("the same once more", 3, 3, "none")
		}
		edit("Type = 'P'", first.ChannelID)
		check("a conversion to private", 3, 2, "some")
		edit("Header = 'z'", other)
		check("an unrelated header after that", 3, 2, "none")
		edit("Type = 'O'", first.ChannelID)
		check("a conversion to public", 3, 3, "some")
		edit("TeamId = '"+model.NewId()+"'", second.ChannelID)
		check("a move to another team", 3, 2, "some")
		add(model.NewId(), anna, "O")
		check("a start in another team", 3, 2, "none")
		fourth := add(team, boris, "O")
		check("a start", 4, 3, "some")
		change(t, s, third.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(now) })
		check("an end", 4, 3, "some")
		change(t, s, fourth.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(anna) })
		check("another commander", 4, 3, "some")
		change(t, s, third.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(anna) })
		check("the last one of a commander", 4, 3, "some")
		s.sql(t, "DELETE FROM Channels WHERE Id = ?", second.ChannelID)
		check("a channel that is deleted for good", 4, 3, "all")
	})
}
