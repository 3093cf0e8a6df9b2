//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// What an incident mentions may go away: every person, and every channel, in every way. Nothing of it gives an internal error, takes
// the incident from others, or shows what was private.

// mentioned is an incident of which everything mentions one person.
type mentioned struct {
	incident.Incident
	// followUp is owned by the person, added was made by them.
	followUp, added string
	// entries are those of the timeline that the person made or said.
	entries []string
}

// mention makes the person commander and assignee, and lets them check, run, post, write, star, delete, own, add and subscribe.
func (c *fixture) mention(t *testing.T, who *person) (m mentioned) {
	t.Helper()
	m.Incident = c.startFromPlaybook(t, func(p *playbook.Playbook) {
		private(p)
		p.MemberIDs = append(p.MemberIDs, who.user.Id)
	})
	at, id := "/incidents/"+m.ID, struct{ ID string }{}
	c.addToChannel(t, c.channelOf(t, m.Incident), who)
	c.anna.call(t, "PUT", at+"/checklists/0/item/0/assignee", body{"assignee_id": who.user.Id}).want(t, 200)
	who.call(t, "PUT", at+"/checklists/0/item/1/state", body{"new_state": "closed"}).want(t, 200)
	who.call(t, "PUT", at+"/checklists/0/item/2", body{"title": "three", "command": "/echo three"}).want(t, 200)
	who.call(t, "POST", at+"/checklists/0/item/2/run", body{"command": "/echo three"}).want(t, 200)
	who.updateStatus(t, m.ID, "All is said", "0").want(t, 200)
	post := who.post(t, &model.Post{ChannelId: m.ChannelID, Message: "The disk is full"})
	m.entries = append(m.entries, c.anna.addMessage(t, m.ID, post.Id, 201).ID)
	for _, text := range []string{"kept", "deleted"} {
		who.call(t, "POST", at+"/timeline", body{"text": text, "starred": true}).want(t, 201).decode(t, &id)
		m.entries = append(m.entries, id.ID)
	}
	who.call(t, "DELETE", at+"/timeline/"+id.ID, nil).want(t, 200)
	c.anna.call(t, "POST", at+"/followups", body{"title": "Watch", "owner_id": who.user.Id}).want(t, 201).decode(t, &id)
	m.followUp = id.ID
	who.call(t, "POST", at+"/followups", body{"title": "Second"}).want(t, 201).decode(t, &id)
	m.added = id.ID
	who.call(t, "POST", "/eventsubscriptions", body{"playbook_id": m.PlaybookID, "user_id": who.user.Id, "url": body{"Scheme": "https", "Host": "x.example.com"}}).want(t, 201)
	c.anna.call(t, "POST", at+"/commander", body{"commander_id": who.user.Id}).want(t, 200)
	return m
}

// demote makes a member a guest. That needs a licence by the API.
func (s *server) demote(t *testing.T, who *person) {
	t.Helper()
	for _, statement := range []string{
		"UPDATE Users SET Roles = 'system_guest' WHERE Id = '%s'", "UPDATE Sessions SET Roles = 'system_guest' WHERE UserId = '%s'",
		"UPDATE TeamMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = '%s'", "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = '%s'",
	} {
		s.exec(t, fmt.Sprintf(statement, who.user.Id))
	}
	_, response := s.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
}

// erase deletes an account for good, with its posts. That is off by default in the API.
func (s *server) erase(t *testing.T, who *person) {
	t.Helper()
	_, response := s.Admin.UpdateUserActive(who.user.Id, false)
	must(t, "deactivate", response)
	for _, statement := range []string{"DELETE FROM Sessions WHERE UserId = '%s'", "DELETE FROM Posts WHERE UserId = '%s'", "DELETE FROM ChannelMembers WHERE UserId = '%s'",
		"DELETE FROM TeamMembers WHERE UserId = '%s'", "DELETE FROM Users WHERE Id = '%s'"} {
		s.exec(t, fmt.Sprintf(statement, who.user.Id))
	}
	_, response = s.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
}

// personChange is a way in which a person goes away.
type personChange struct {
	leave func(t *testing.T, teamID, channelID string, who *person)
	// owner is the state of the owner of a follow-up, own what they get for the incident.
	owner string
	own   int
}

// eachPersonChange runs a subtest for each of the ways, with a person of the fixture's team who is to go.
func (s *server) eachPersonChange(t *testing.T, test func(t *testing.T, c *fixture, who *person, way string, x personChange)) {
	for way, x := range personChanges(s) {
		t.Run(way, func(t *testing.T) {
			s.unharmed(t)
			s.unlogged(t)
			c := s.newFixture(t)
			who := s.newUser(t)
			s.addToTeam(t, c.team, who)
			test(t, c, who, way, x)
		})
	}
}

func personChanges(s *server) map[string]personChange {
	return map[string]personChange{
		"left the channel": {func(t *testing.T, _, channelID string, who *person) {
			_, response := s.Admin.RemoveUserFromChannel(channelID, who.user.Id)
			must(t, "remove from the channel", response)
		}, "no_access", 403},
		"left the team": {func(t *testing.T, teamID, _ string, who *person) {
			_, response := s.Admin.RemoveTeamMember(teamID, who.user.Id)
			must(t, "remove from the team", response)
		}, "no_access", 403},
		"deactivated": {func(t *testing.T, _, _ string, who *person) {
			_, response := s.Admin.UpdateUserActive(who.user.Id, false)
			must(t, "deactivate", response)
		}, "deactivated", 401},
		"became a guest": {func(t *testing.T, _, _ string, who *person) { s.demote(t, who) }, "", 200},
		"deleted":        {func(t *testing.T, _, _ string, who *person) { s.erase(t, who) }, "deactivated", 401},
	}
}

func TestGone_EveryPersonWhoIsMentioned(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		s.eachPersonChange(t, func(t *testing.T, c *fixture, who *person, way string, x personChange) {
			m := c.mention(t, who)
			at := "/incidents/" + m.ID
			x.leave(t, m.TeamID, m.ChannelID, who)
			who.call(t, "GET", at, nil).want(t, x.own)
			who.call(t, "GET", "/followups/"+m.followUp, nil).want(t, x.own)
			who.call(t, "GET", at+"/timeline", nil).want(t, x.own)
			who.call(t, "POST", at+"/timeline", body{"text": "again"}).want(t, x.own, map[int]int{200: 201}[x.own])

			// The others see all of it.
			for _, path := range []string{at, at + "/metadata", "/incidents?team_id=" + m.TeamID, "/incidents/commanders?team_id=" + m.TeamID, at + "/timeline?per_page=100",
				at + "/timeline?person=" + who.user.Id, "/followups?incident_id=" + m.ID, "/followups/" + m.followUp, "/followups/" + m.added, at + "/followups?similar=true",
				"/playbooks/" + m.PlaybookID, at + "/export?format=csv", at + "/export?format=json", at + "/export?format=csv&section=timeline", at + "/export?format=csv&section=followups"} {
				c.anna.call(t, "GET", path, nil).want(t, 200)
			}
			for _, entry := range m.entries {
				c.anna.call(t, "GET", at+"/timeline/"+entry, nil).want(t, 200)
			}
			if got := c.read(t, m.ID); got.CommanderUserID != who.user.Id || got.Checklists[0].Tasks[0].AssigneeID != who.user.Id {
				t.Errorf("the incident has become %+v", got)
			}
			var owned followUp
			c.anna.call(t, "GET", "/followups/"+m.followUp, nil).want(t, 200).decode(t, &owned)
			if owned.OwnerState != x.owner || owned.OwnerID != who.user.Id {
				t.Errorf("the owner is %+v, want %q", owned, x.owner)
			}
			var story []string
			for _, e := range c.anna.timeline(t, m.ID, "kind=message,manual,update") {
				story = append(story, e.Text)
			}
			if got := strings.Join(story, "|"); got != "All is said|The disk is full|kept|" && got != "All is said|The disk is full|kept||again" {
				t.Errorf("the timeline says %q", got)
			}
			report := string(c.anna.call(t, "GET", at+"/export?format=markdown", nil).want(t, 200).Body)
			if !strings.Contains(report, map[bool]string{true: "removed user", false: who.user.Username}[way == "deleted"]) {
				t.Errorf("the report does not name who did it:\n%s", report)
			}
			c.replies(t, c.anna, c.channelOf(t, m.Incident), [][2]string{{"/incident timeline", "disk is full"}, {"/incident followup list", "watch"}, {"/incident commander", ""}})

			// They can take over everything, and keep what they do not touch.
			c.anna.call(t, "PUT", at+"/checklists/0/item/1/state", body{"new_state": ""}).want(t, 200)
			c.anna.call(t, "PUT", at+"/checklists/0/item/2", body{"title": "renamed", "command": "/echo three"}).want(t, 200)
			c.anna.call(t, "PATCH", "/followups/"+m.followUp, body{"title": "Watch it"}).want(t, 200)
			c.anna.call(t, "PATCH", at+"/timeline/"+m.entries[1], body{"text": "corrected"}).want(t, 200)
			var book playbook.Playbook
			c.anna.call(t, "GET", "/playbooks/"+m.PlaybookID, nil).want(t, 200).decode(t, &book)
			c.anna.call(t, "PUT", "/playbooks/"+m.PlaybookID, book).want(t, 200)
			c.anna.call(t, "POST", at+"/followups/carry_over", body{}).want(t, 200)
			c.anna.call(t, "PUT", at+"/checklists/0/item/0/assignee", body{"assignee_id": c.anna.user.Id}).want(t, 200)
			c.anna.call(t, "POST", at+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
			c.anna.call(t, "PATCH", "/followups/"+m.followUp, body{"owner_id": c.anna.user.Id}).want(t, 200)
			if x.owner != "" { // back to who cannot be reached: refused as somebody unknown is
				c.anna.call(t, "PATCH", "/followups/"+m.followUp, body{"owner_id": who.user.Id}).want(t, 400)
			}
			c.anna.updateStatus(t, m.ID, "going on", "0").want(t, 200)
			c.useAll(t, way, m.Incident)
		})
	})
}

// channelChanges are the ways in which a channel may go away or become another one.
var channelChanges = map[string]func(t *testing.T, c *fixture, other *model.Team, channelID string){
	"archived": func(t *testing.T, c *fixture, _ *model.Team, channelID string) {
		_, response := c.Admin.DeleteChannel(channelID)
		must(t, "archive", response)
	},
	"converted to private": func(t *testing.T, c *fixture, _ *model.Team, channelID string) {
		_, response := c.Admin.UpdateChannelPrivacy(channelID, model.CHANNEL_PRIVATE)
		must(t, "make private", response)
	},
	"moved": func(t *testing.T, c *fixture, other *model.Team, channelID string) {
		_, response := c.Admin.MoveChannel(channelID, other.Id, true)
		must(t, "move", response)
	},
	"renamed": func(t *testing.T, c *fixture, _ *model.Team, channelID string) {
		name, shown := "renamed-"+model.NewId()[:8], "Renamed"
		_, response := c.Admin.PatchChannel(channelID, &model.ChannelPatch{Name: &name, DisplayName: &shown})
		must(t, "rename", response)
	},
	"deleted": func(t *testing.T, c *fixture, _ *model.Team, channelID string) {
		_, response := c.Admin.PermanentDeleteChannel(channelID)
		must(t, "delete for good", response)
	},
}

func TestGone_EveryChannelThatIsMentioned(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		for _, what := range []string{"the incident's", "the broadcast", "the message's"} {
			for way, change := range channelChanges {
				t.Run(what+" channel "+way, func(t *testing.T) {
					s.unharmed(t)
					s.unlogged(t)
					c := s.newFixture(t)
					other := s.newTeam(t, c.anna)
					wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
					source := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
					i := c.startWithEverything(t, c.boris, func(p *playbook.Playbook) {
						p.BroadcastChannelID, p.CreatePublicIncident, p.Checklists[0].LimitSeconds = wide.Id, true, 3600
					})
					c.anna.call(t, "POST", "/incidents/"+i.ID+"/handoff", body{"user_id": c.boris.user.Id}).want(t, 201)
					c.anna.updateStatus(t, i.ID, "before", "1800").want(t, 200)
					post := c.anna.post(t, &model.Post{ChannelId: source.Id, Message: "It burns"})
					c.anna.addMessage(t, i.ID, post.Id, 201)
					var item struct{ ID string }
					c.anna.call(t, "POST", "/incidents/"+i.ID+"/followups", body{"title": "Watch", "owner_id": c.boris.user.Id, "post_id": post.Id}).want(t, 201).decode(t, &item)

					change(t, c, other, map[string]string{"the incident's": i.ChannelID, "the broadcast": wide.Id, "the message's": source.Id}[what])

					switch what {
					case "the broadcast":
						c.anna.updateStatus(t, i.ID, "afterwards", "0").want(t, 200)
						repeated := s.count(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId = '"+wide.Id+"' AND Message LIKE '%afterwards%'")
						if want := map[bool]int{true: 0, false: 1}[way == "archived" || way == "deleted"]; repeated != want {
							t.Errorf("repeated %d times, want %d", repeated, want)
						}
						if c.anna.said(t, i.ChannelID, "afterwards") != 1 {
							t.Error("the update itself is missing")
						}
						c.start(t, map[string]any{"playbook_id": i.PlaybookID})
					case "the message's":
						got := c.boris.timeline(t, i.ID, "kind=message")
						if len(got) != 1 || got[0].Text != "It burns" || got[0].Source.ChannelName != source.DisplayName || got[0].Source.Gone != (way == "deleted") {
							t.Errorf("the entry has become %+v", got)
						}
						c.boris.call(t, "GET", "/followups/"+item.ID, nil).want(t, 200)
					case "the incident's":
						status := 200
						if way == "deleted" {
							status = 403
						}
						c.anna.call(t, "GET", "/followups/"+item.ID, nil).want(t, status)
						c.anna.call(t, "GET", "/incidents/"+i.ID+"/timeline", nil).want(t, status)
						// Clara was never in it: she sees a public one of her team, and no other.
						clara := map[bool]int{true: 200, false: 403}[way == "archived" || way == "renamed"]
						c.clara.call(t, "GET", "/followups/"+item.ID, nil).want(t, clara)
						c.clara.call(t, "GET", "/incidents/"+i.ID+"/timeline", nil).want(t, clara)
						var page followUps
						c.clara.call(t, "GET", "/followups?team_id="+c.team.Id, nil).want(t, 200).decode(t, &page)
						if (len(page.Items) == 1) != (clara == 200) {
							t.Errorf("clara lists %+v", page.Items)
						}
					}
					if what == "the incident's" && (way == "archived" || way == "deleted") { // Mattermost runs no commands there
						c.anna.everyRouteIs(t, i, 200, 201, 204, 400, 403, 404, 409)
					} else {
						c.useAll(t, what+" channel "+way, i)
					}
				})
			}
		}
	})
}
