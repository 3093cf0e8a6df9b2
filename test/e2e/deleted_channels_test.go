//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// The ways in which a channel can go for good. Mattermost deletes its members before itself; if somebody deletes only the
// channel's row, the members that are left over still list the incident, which they cannot read any more.
const byHand = "only its row is gone"

var vanish = map[string]func(t *testing.T, c *fixture, channelID string){
	"permanently deleted": func(t *testing.T, c *fixture, channelID string) {
		_, response := c.Admin.PermanentDeleteChannel(channelID)
		must(t, "delete the channel for good", response)
	},
	byHand: func(t *testing.T, c *fixture, channelID string) {
		c.exec(t, "DELETE FROM Channels WHERE Id = '"+channelID+"'")
		_, response := c.Admin.InvalidateCaches()
		must(t, "invalidate the caches", response)
	},
}

// TestDeletedChannels_EveryRouteOfTheIncident goes through all routes with incidents whose channels were deleted for good:
// former members have lost them, administrators find, read, change and end them, and nothing is an internal error.
func TestDeletedChannels_EveryRouteOfTheIncident(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		for how, remove := range vanish {
			t.Run(how, func(t *testing.T) {
				s.unharmed(t)
				s.unlogged(t)
				c := s.newFixture(t)
				admin := s.admin()
				s.addToTeam(t, c.team, admin)
				for kind, alter := range map[string]func(p *playbook.Playbook){
					"public": func(p *playbook.Playbook) { p.BroadcastChannelID = c.square.Id }, "private": private,
				} {
					t.Run(kind, func(t *testing.T) {
						i := c.startFromPlaybook(t, alter)
						c.anna.updateStatus(t, i.ID, "before", "1800").want(t, 200)
						c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/1", body{"title": "with a command", "command": "/echo x"}).want(t, 200)
						remove(t, c, i.ChannelID)
						c.boris.mustSee(t, "who was never in it", i, false)
						if how == byHand {
							c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200)
						} else {
							c.anna.mustSee(t, "a former member", i, false)
						}
						c.anna.everyRouteIs(t, i, 403, 404)
						admin.seesWhatIsLeft(t, i)
						admin.everyRouteIs(t, i, 200, 201, 204, 400, 403, 404, 409)
						admin.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200, 409)
						admin.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": "in_progress"}).want(t, 200)
						admin.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
						admin.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 409).errorText(t)
						admin.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
						c.replies(t, c.anna, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}, {"/incident end", "not an incident channel"}})
						for _, line := range []string{"end", "update", "info", "list", "check 0 0", "announce ~town-square"} { // Mattermost refuses
							if _, response := admin.ExecuteCommandWithTeam(i.ChannelID, c.team.Id, "/incident "+line); response.StatusCode < 400 || response.StatusCode >= 500 {
								t.Errorf("%s in a channel that is gone: %d", line, response.StatusCode)
							}
						}
						c.replies(t, admin, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}})
					})
				}
			})
		}
	})
}

// seesWhatIsLeft is what an administrator finds out about an incident without channel.
func (p *person) seesWhatIsLeft(t *testing.T, i incident.Incident) {
	t.Helper()
	if got := p.incident(t, i.ID); got.ID != i.ID || got.ChannelID != i.ChannelID || len(got.Checklists) != 2 {
		t.Errorf("the administrator reads %+v", got)
	}
	var got incident.Incident
	p.call(t, "GET", "/incidents/channel/"+i.ChannelID, nil).want(t, 200).decode(t, &got)
	if got.ID != i.ID {
		t.Errorf("by its channel the administrator finds %+v", got)
	}
	for _, path := range []string{"", "/channels"} {
		answer := p.call(t, "GET", "/incidents"+path+"?team_id="+i.TeamID, nil).want(t, 200)
		if !strings.Contains(string(answer.Body), i.ChannelID) {
			t.Errorf("%s: the incident is not in the administrator's list: %s", path, answer.Body)
		}
	}
	var of struct {
		ChannelName string `json:"channel_name"`
		TeamName    string `json:"team_name"`
	}
	p.call(t, "GET", "/incidents/"+i.ID+"/metadata", nil).want(t, 200).decode(t, &of)
	if of.ChannelName != "" || of.TeamName == "" {
		t.Errorf("the metadata is %+v", of)
	}
	for _, format := range []string{"csv", "json", "markdown"} {
		p.call(t, "GET", "/incidents/"+i.ID+"/export?format="+format, nil).want(t, 200)
	}
}

// everyRouteIs sends one request to each route of an incident and wants one of the statuses.
func (p *person) everyRouteIs(t *testing.T, i incident.Incident, statuses ...int) {
	t.Helper()
	ids := map[string]string{"channel": i.ChannelID, "id": i.ID, "team": i.TeamID, "playbook": i.PlaybookID, "book": p.user.Id}
	for _, row := range permissionRows(t, 14) {
		if !strings.Contains(row.path, "{id}") && !strings.Contains(row.path, "{channel}") {
			continue
		}
		path := strings.NewReplacer("{id}", i.ID, "{channel}", i.ChannelID, "{entry}", p.user.Id, "{event}", p.user.Id, "{followup}", p.user.Id, "{handoff}", p.user.Id).Replace(row.path)
		answer := p.call(t, row.method, path, roleBody(row.method+" "+row.path, p, p, ids)).want(t, statuses...)
		if answer.Status >= 400 {
			answer.errorText(t)
		}
	}
}

// requestsThatFailed are the lines in which the plugin has logged internal errors.
func (s *server) requestsThatFailed(t testing.TB) (lines []string) {
	t.Helper()
	for _, line := range strings.Split(s.log(t), "\n") {
		if strings.Contains(line, "request_id") && strings.Contains(line, s.pluginID) && strings.Contains(line, `"level":"error"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// A reminder that becomes due when its channel is gone ends, and is not tried for ever. That of an archived channel is
// posted: the channel may come back.
func TestDeletedChannels_EndReminders(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		due := func(i incident.Incident) {
			t.Helper()
			c.exec(t, fmt.Sprintf("UPDATE PluginKeyValueStore SET PValue = '{\"Key\":\"%s\",\"RunAt\":\"2020-01-01T00:00:00Z\"}' WHERE PKey = 'once_%s'", i.ID, i.ID))
		}
		pending := func(i incident.Incident) int {
			t.Helper()
			return c.count(t, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = 'once_"+i.ID+"'")
		}
		var all []incident.Incident
		for _, remove := range vanish {
			i := c.start(t, nil)
			c.anna.updateStatus(t, i.ID, "before", "1800").want(t, 200)
			remove(t, c, i.ChannelID)
			all = append(all, i)
		}
		archived := c.start(t, nil)
		c.anna.updateStatus(t, archived.ID, "before", "1800").want(t, 200)
		_, response := c.Admin.DeleteChannel(archived.ChannelID)
		must(t, "archive", response)
		for _, i := range append(all, archived) {
			due(i)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
			left := pending(archived)
			for _, i := range all {
				left += pending(i)
			}
			if left == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d reminders are still pending", left)
			}
		}
		for _, i := range all {
			if n := c.count(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId = '"+i.ChannelID+"' AND "+s.propsText()+" LIKE '%incident_reminder%'"); n != 0 {
				t.Errorf("%d reminders were posted in a channel that is gone", n)
			}
			eventually(t, "no job is left", func() bool {
				return c.count(t, "SELECT COUNT(*) FROM IR_Job WHERE State <> 'done' AND IncidentID = '"+i.ID+"'") == 0
			})
			got := s.admin().incident(t, i.ID)
			if got.ReminderPostID != "" || !got.IsActive {
				t.Errorf("the incident is %+v", got)
			}
		}
		if c.read(t, archived.ID).ReminderPostID == "" {
			t.Error("the reminder of an archived channel was not posted")
		}
	})
}
