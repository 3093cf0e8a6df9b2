//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// TestSmoke is a short round through what a version of the server may spoil:
// activation, REST, commands, dialogs, buttons, websocket events, reminders. No
// more than ordinary members take part.
func TestSmoke(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		t.Run("one process", func(t *testing.T) {
			if len(s.pids) != 1 {
				t.Errorf("the activation has started the processes %v", s.pids)
			}
		})
		s.unlogged(t)
		c := s.newFixture(t)
		book := c.newPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "/echo the task ran" })
		events := c.anna.listen(t)
		var byREST incident.Incident
		t.Run("an incident by REST", func(t *testing.T) {
			byREST = c.start(t, map[string]any{"playbook_id": book})
			var created struct{ Incident incident.Incident }
			if events.plugin(t, s, "incident_created", &created); created.Incident.ID != byREST.ID {
				t.Errorf("the event is about %q", created.Incident.ID)
			}
			s.addToChannel(t, c.channelOf(t, byREST), c.boris)
		})
		t.Run("an incident by command and dialog", func(t *testing.T) {
			c.anna.command(t, c.team, c.square, "/incident start")
			accepted(t, c.anna.submit(t, events.dialog(t), c.team, c.square, c.fields(book, "By command")))
			var created struct{ Incident incident.Incident }
			events.plugin(t, s, "incident_created", &created)
			if text := events.ephemeral(t).Message; created.Incident.Name != "By command" || !strings.Contains(text, "~by-command") {
				t.Errorf("%+v, told %q", created.Incident, text)
			}
		})
		t.Run("a member runs a task's command", func(t *testing.T) {
			c.boris.call(t, "POST", "/incidents/"+byREST.ID+"/checklists/0/item/0/run", nil).want(t, 200)
			events.wait(t, "what the command says", func(event *model.WebSocketEvent) bool {
				return event.EventType() == model.WEBSOCKET_EVENT_POSTED && strings.Contains(event.ToJson(), "the task ran")
			})
			c.boris.command(t, c.team, c.channelOf(t, byREST), "/incident check 0 1")
			if got := c.read(t, byREST.ID).Checklists[0].Tasks; got[0].CommandLastRun == 0 || got[1].State != incident.Closed {
				t.Errorf("%+v", got)
			}
		})
		t.Run("a reminder and its buttons", func(t *testing.T) {
			i := c.remind(t, byREST)
			buttons := post(t, c.anna, i.ChannelID, i.ReminderPostID).Attachments()[0].Actions
			_, response := c.anna.DoPostAction(i.ReminderPostID, buttons[0].Id)
			must(t, "press the button for an update", response)
			if d := events.dialog(t); element(t, d, "message").Default != "well" {
				t.Errorf("the dialog is %+v", d)
			}
			_, response = c.anna.DoPostAction(i.ReminderPostID, buttons[1].Id)
			must(t, "dismiss the reminder", response)
			if got := c.read(t, i.ID); got.ReminderPostID != "" {
				t.Errorf("the reminder is still %s", got.ReminderPostID)
			}
		})
		t.Run("it still answers a minute later", func(t *testing.T) {
			time.Sleep(time.Until(s.activated.Add(65 * time.Second)))
			c.read(t, byREST.ID)
			pids, err := s.PluginPIDs(s.pluginID)
			if err != nil || !slices.Equal(pids, s.pids) {
				t.Errorf("the processes %v became %v (%v)", s.pids, pids, err)
			}
		})
	})
}
