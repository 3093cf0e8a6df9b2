//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// sees returns whether somebody may read an incident, and whether it is in their lists.
func (p *person) sees(t testing.TB, i incident.Incident) (read, listed bool) {
	t.Helper()
	read = p.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200, 403).Status == 200
	for path, status := range map[string]int{
		"/incidents/" + i.ID + "/metadata":                            403,
		"/incidents/channel/" + i.ChannelID:                           404,
		"/incidents/checklist-autocomplete?channel_id=" + i.ChannelID: 403,
	} {
		if read {
			status = 200
		}
		p.call(t, "GET", path, nil).want(t, status)
	}
	// An id in another letter case is another id, also where the database does not care.
	p.call(t, "GET", "/incidents/"+strings.ToUpper(i.ID), nil).want(t, 403)
	p.call(t, "GET", "/incidents/channel/"+strings.ToUpper(i.ChannelID), nil).want(t, 404)
	for _, query := range []string{"", "&search_term=" + strings.Fields(i.Name)[1], "&commander_user_id=" + i.CommanderUserID, "&member_id=" + i.CommanderUserID} {
		answer := p.call(t, "GET", "/incidents?team_id="+i.TeamID+query, nil).want(t, 200, 403)
		listed = strings.Contains(string(answer.Body), i.ID)
		channels := p.call(t, "GET", "/incidents/channels?team_id="+i.TeamID+query, nil).want(t, 200, 403)
		if strings.Contains(string(channels.Body), i.ChannelID) != listed {
			t.Errorf("%q: the incident is listed (%v) but its channel is not, or the other way round: %s", query, listed, channels.Body)
		}
		if !listed {
			for _, secret := range []string{i.Name, i.ChannelID} {
				if strings.Contains(string(answer.Body), secret) {
					t.Errorf("%q tells %q: %s", query, secret, answer.Body)
				}
			}
		}
	}
	commanders := p.call(t, "GET", "/incidents/commanders?team_id="+i.TeamID, nil).want(t, 200, 403)
	if strings.Contains(string(commanders.Body), i.CommanderUserID) != listed {
		t.Errorf("the commander is told, although the incident is listed: %v: %s", listed, commanders.Body)
	}
	return read, listed
}

func (p *person) mustSee(t testing.TB, what string, i incident.Incident, want bool) {
	t.Helper()
	if read, listed := p.sees(t, i); read != want || listed != want {
		t.Errorf("%s: read %v, listed %v, want %v", what, read, listed, want)
	}
}

// A member of a channel may have a role there that may not read it, or by a scheme all members of the channel. The roles are
// set in the database: to change them by the API needs a licence.
func TestIntruders_AMemberWhoseRoleMayNotRead(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		secret, other := c.startFromPlaybook(t, private), c.startFromPlaybook(t, private)
		// Boris commands, so that his name tells of the incident.
		for _, i := range []incident.Incident{secret, other} {
			_, response := c.Admin.AddChannelMember(i.ChannelID, c.boris.user.Id)
			must(t, "add a member", response)
		}
		c.anna.call(t, "POST", "/incidents/"+secret.ID+"/commander", body{"commander_id": c.boris.user.Id}).want(t, 200)
		for _, i := range []incident.Incident{secret, other} {
			c.anna.call(t, "POST", "/incidents/"+i.ID+"/followups", body{"title": "Watch"}).want(t, 201)
		}
		set := func(statement string) {
			t.Helper()
			s.exec(t, statement)
			_, response := c.Admin.InvalidateCaches()
			must(t, "invalidate the caches", response)
			time.Sleep(100 * time.Millisecond)
		}
		own := "UPDATE ChannelMembers SET SchemeUser = %v, Roles = '' WHERE ChannelId = '" + secret.ChannelID + "' AND UserId = '" + c.boris.user.Id + "'"
		// A scheme of the channel whose role of members has no permission but to post.
		role, scheme := model.NewId(), model.NewId()
		s.exec(t, "INSERT INTO Roles (Id, Name, DisplayName, Description, CreateAt, UpdateAt, DeleteAt, Permissions, SchemeManaged, BuiltIn) VALUES ('"+
			role+"', '"+role+"', 'r', '', 1, 1, 0, ' create_post ', true, false)")
		s.exec(t, "INSERT INTO Schemes (Id, Name, DisplayName, Description, CreateAt, UpdateAt, DeleteAt, Scope, DefaultTeamAdminRole, DefaultTeamUserRole, "+
			"DefaultTeamGuestRole, DefaultChannelAdminRole, DefaultChannelUserRole, DefaultChannelGuestRole) VALUES ('"+scheme+"', '"+scheme+
			"', 's', '', 1, 1, 0, 'channel', '', '', '', '"+role+"', '"+role+"', '"+role+"')")
		t.Cleanup(func() { s.exec(t, "UPDATE Schemes SET DeleteAt = 1 WHERE Id = '"+scheme+"'") })
		inScheme := "UPDATE Channels SET SchemeId = %s WHERE Id = '" + other.ChannelID + "'"
		for _, step := range []struct {
			what, statement string
			secret, other   bool
		}{
			{"at first", "", true, true},
			{"a role of their own", fmt.Sprintf(own, false), false, true},
			{"an ordinary role again", fmt.Sprintf(own, true), true, true},
			{"a scheme", fmt.Sprintf(inScheme, "'"+scheme+"'"), true, false},
			{"no scheme again", fmt.Sprintf(inScheme, "NULL"), true, true},
			{"a role as before there were schemes", strings.Replace(fmt.Sprintf(own, false), "Roles = ''", "Roles = 'channel_user'", 1), true, true},
		} {
			if step.statement != "" {
				set(step.statement)
			}
			for i, granted := range map[*incident.Incident]bool{&secret: step.secret, &other: step.other} {
				status := map[bool]int{true: 200, false: 403}[granted]
				c.boris.call(t, "GET", "/incidents/"+i.ID, nil).want(t, status)
				c.boris.call(t, "GET", "/incidents/"+i.ID+"/metadata", nil).want(t, status)
				c.boris.call(t, "GET", "/incidents/"+i.ID+"/timeline", nil).want(t, status)
				c.boris.call(t, "GET", "/followups?incident_id="+i.ID, nil).want(t, status)
				c.boris.call(t, "GET", "/incidents/channel/"+i.ChannelID, nil).want(t, map[bool]int{true: 200, false: 404}[granted])
			}
			for _, query := range []string{"", "&view=summary", "&member_id=" + c.boris.user.Id, "&status=active", "&per_page=1", "&search_term=" + strings.Fields(secret.Name)[1]} {
				var page app.Page
				c.boris.call(t, "GET", "/incidents?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &page)
				want := map[bool]int{true: 1}[step.secret]
				if !strings.Contains(query, "search") {
					want += map[bool]int{true: 1}[step.other]
				}
				if page.TotalCount != want || !strings.Contains(query, "per_page") && len(page.Items) != want {
					t.Errorf("%s, %q: %d incidents of %d, want %d", step.what, query, len(page.Items), page.TotalCount, want)
				}
				var channels []string
				c.boris.call(t, "GET", "/incidents/channels?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &channels)
				if slices.Contains(channels, secret.ChannelID) != step.secret && !strings.Contains(query, "per_page") {
					t.Errorf("%s, %q: the channels are %v", step.what, query, channels)
				}
			}
			var tasks followUps
			c.boris.call(t, "GET", "/followups?team_id="+c.team.Id, nil).want(t, 200).decode(t, &tasks)
			if want := map[bool]int{true: 1}[step.secret] + map[bool]int{true: 1}[step.other]; tasks.TotalCount != want || len(tasks.Items) != want || tasks.Counts.Open != want {
				t.Errorf("%s: the follow-ups are %+v, want %d", step.what, tasks, want)
			}
			commanders := string(c.boris.call(t, "GET", "/incidents/commanders?team_id="+c.team.Id, nil).want(t, 200).Body)
			if strings.Contains(commanders, c.boris.user.Id) != step.secret {
				t.Errorf("%s: the commanders are %s", step.what, commanders)
			}
			// The websocket: what is said of the one incident comes before what is said of the other.
			events := c.boris.listen(t)
			admin := c.admin()
			for _, i := range []incident.Incident{secret, other} { // by somebody whom the roles do not touch
				admin.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "more"}).want(t, 201)
				admin.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": "closed"}).want(t, 200)
			}
			for i, granted := range map[*incident.Incident]bool{&secret: step.secret, &other: step.other} {
				if !granted {
					events.hearsNothingOf(t, *i)
					continue
				}
				events.wait(t, step.what, func(e *model.WebSocketEvent) bool {
					payload, _ := e.GetData()["payload"].(string)
					return strings.HasSuffix(e.EventType(), "incident_updated") && strings.Contains(payload, i.ID)
				})
			}
		}
	})
}

func TestVisibility_ChannelBecomesPublicOrPrivate(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		guest := s.newGuest(t, c.team, c.square)
		secret := c.startFromPlaybook(t, private)
		for range 2 {
			c.boris.mustSee(t, "private", secret, false)
			c.anna.mustSee(t, "a member, private", secret, true)
			_, response := c.Admin.UpdateChannelPrivacy(secret.ChannelID, model.CHANNEL_OPEN)
			must(t, "make public", response)
			c.boris.mustSee(t, "public", secret, true)
			guest.mustSee(t, "a guest, public", secret, false)
			c.boris.call(t, "PUT", "/incidents/"+secret.ID+"/end", nil).want(t, 403)
			events := c.boris.listen(t)
			c.anna.call(t, "PUT", "/incidents/"+secret.ID+"/checklists/0/add", body{"title": "more"}).want(t, 201)
			events.hearsNothingOf(t, secret)
			_, response = c.Admin.UpdateChannelPrivacy(secret.ChannelID, model.CHANNEL_PRIVATE)
			must(t, "make private", response)
		}
		c.boris.mustSee(t, "private again", secret, false)
	})
}

func TestVisibility_ArchivedChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	secret := c.startFromPlaybook(t, private)
	_, response := c.Admin.DeleteChannel(secret.ChannelID)
	must(t, "archive", response)
	c.boris.mustSee(t, "a private channel that was archived", secret, false)
	c.anna.mustSee(t, "a member of an archived channel", secret, true)
	open := c.startFromPlaybook(t, nil)
	_, response = c.Admin.DeleteChannel(open.ChannelID)
	must(t, "archive", response)
	read, listed := c.boris.call(t, "GET", "/incidents/"+open.ID, nil).want(t, 200, 403).Status == 200,
		strings.Contains(string(c.boris.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200).Body), open.ID)
	if !read || !listed {
		t.Errorf("a public channel that was archived: read %v, listed %v", read, listed)
	}
}

// A channel that was moved takes its incident out of sight of the team that it has left, but for its members.
func TestVisibility_ChannelMovedToAnotherTeam(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		dora := s.newUser(t)
		other := s.newTeam(t, c.anna, dora)
		moved := c.startFromPlaybook(t, nil)
		c.boris.mustSee(t, "before", moved, true)
		if _, response := c.Admin.MoveChannel(moved.ChannelID, other.Id, true); response.Error != nil {
			t.Fatalf("move the channel: %v", response.Error)
		}
		c.boris.mustSee(t, "who is not in the channel's new team", moved, false)
		c.anna.mustSee(t, "a member", moved, true)
		dora.call(t, "GET", "/incidents/"+moved.ID, nil).want(t, 200)
		dora.call(t, "PUT", "/incidents/"+moved.ID+"/end", nil).want(t, 403)
		if got := c.read(t, moved.ID); got.TeamID != c.team.Id {
			t.Errorf("the incident's team has changed to %s", got.TeamID)
		}
	})
}
