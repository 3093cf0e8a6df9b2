//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// hearsNothingOf fails the test if an event of the plugin, a dialog or an ephemeral post contains the incident.
func (l *listener) hearsNothingOf(t testing.TB, i incident.Incident) {
	t.Helper()
	l.none(t, "somebody who must not hear", func(event *model.WebSocketEvent) bool {
		text := event.ToJson()
		own := strings.HasPrefix(event.EventType(), "custom_") || event.EventType() == model.WEBSOCKET_EVENT_EPHEMERAL_MESSAGE || event.EventType() == model.WEBSOCKET_EVENT_OPEN_DIALOG
		return own && (strings.Contains(text, i.ID) || strings.Contains(text, i.ChannelID) || strings.Contains(text, i.Name))
	})
}

// Users who are not in the channel receive no event of an incident from its start to its end, administrators included.
func TestWebsocketEvents_ReachOnlyMembers(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.newPlaybook(t, func(p *playbook.Playbook) { private(p); p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		guest := s.newGuest(t, c.team, c.square)
		former := s.newUser(t)
		s.addToTeam(t, c.team, former)
		ears := map[string]*listener{"member of the playbook": c.boris.listen(t), "member of the team": c.clara.listen(t), "guest": guest.listen(t),
			"administrator": s.admin().listen(t)}
		own := c.anna.listen(t)
		i := c.start(t, map[string]any{"playbook_id": book, "name": "Secret " + model.NewId()})
		var created struct{ Incident incident.Incident }
		own.plugin(t, s, "incident_created", &created)
		if created.Incident.ID != i.ID {
			t.Errorf("created: %+v", created)
		}
		channel := c.channelOf(t, i)
		s.addToChannel(t, channel, former)
		inside := former.listen(t)
		at := "/incidents/" + i.ID
		c.anna.call(t, "PUT", at+"/checklists/0/add", body{"title": "more"}).want(t, 201)
		var seen incident.Incident
		inside.plugin(t, s, "incident_updated", &seen)
		_, response := c.Admin.RemoveUserFromChannel(i.ChannelID, former.user.Id)
		must(t, "remove", response)
		time.Sleep(300 * time.Millisecond) // what was sent before is delivered
		inside.take(func(*model.WebSocketEvent) bool { return false })
		inside.mutex.Lock()
		inside.received = nil
		inside.mutex.Unlock()
		ears["former member"] = inside

		c.anna.call(t, "PUT", at+"/checklists/0/item/0/state", body{"new_state": "closed"}).want(t, 200)
		c.anna.call(t, "PUT", at+"/checklists/0/item/0/assignee", body{"assignee_id": c.anna.user.Id}).want(t, 200)
		c.anna.call(t, "DELETE", at+"/checklists/0/item/1", nil).want(t, 204)
		c.anna.call(t, "PATCH", at, body{"active_stage": 1}).want(t, 200)
		c.remind(t, i)
		c.anna.command(t, c.team, channel, "/incident info")
		c.anna.command(t, c.team, channel, "/incident end")
		c.anna.call(t, "POST", at+"/reminder/button-dismiss", body{}).want(t, 200)
		c.anna.call(t, "PUT", at+"/end", nil).want(t, 200)
		c.anna.call(t, "PUT", at+"/restart", nil).want(t, 200)
		own.wait(t, "the last event", func(event *model.WebSocketEvent) bool {
			payload, _ := event.GetData()["payload"].(string)
			return strings.HasSuffix(event.EventType(), "incident_updated") && strings.Contains(payload, asJSON(t, c.read(t, i.ID))[:20])
		})
		for who, ear := range ears {
			t.Run(who, func(t *testing.T) { ear.hearsNothingOf(t, i) })
		}
	})
}
