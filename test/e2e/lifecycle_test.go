//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// TestLifecycle_FromPlaybookToRestart is what a team does with the
// plugin, with nothing but its REST API and slash commands.
func TestLifecycle_FromPlaybookToRestart(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		lobby := s.newChannel(t, team, model.CHANNEL_OPEN, anna, boris)
		bulletin := s.newChannel(t, team, model.CHANNEL_OPEN, anna, boris)
		events := anna.listen(t)

		// Anna makes a playbook.
		created := anna.call(t, "POST", "/playbooks", body{
			"title": "Outage", "team_id": team.Id, "create_public_incident": true, "member_ids": []string{anna.user.Id},
			"checklists": stagesBody(), "broadcast_channel_id": bulletin.Id,
			"reminder_message_template": "**Impact:**", "reminder_timer_default_seconds": 900,
		}).want(t, 201)
		var playbook struct{ ID string }
		created.decode(t, &playbook)
		if location := created.Header.Get("Location"); location != "/api/v0/playbooks/"+playbook.ID {
			t.Errorf("Location of the playbook: %q", location)
		}

		// She starts an incident with it.
		clientID := model.NewId()
		anna.command(t, team, lobby, "/incident start "+clientID)
		dialog := events.dialog(t)
		if options := dialog.Dialog.Elements[0].Options; len(options) != 1 || options[0].Value != playbook.ID || options[0].Text != "Outage" {
			t.Fatalf("the dialog offers %v", options)
		}
		accepted(t, anna.submit(t, dialog, team, lobby, map[string]any{
			"playbookID": playbook.ID, "incidentName": "Checkout is down", "incidentDescription": "Orders fail",
		}))
		var started struct {
			ClientID string `json:"client_id"`
			Incident incident.Incident
		}
		events.plugin(t, s, "incident_created", &started)
		id, home := started.Incident.ID, s.channel(t, started.Incident.ChannelID)
		if started.ClientID != clientID || started.Incident.Revision != 1 || started.Incident.CommanderUserID != anna.user.Id {
			t.Errorf("incident_created: %+v", started)
		}
		if home.DisplayName != "Checkout is down" || home.Header != "Orders fail" || home.Type != model.CHANNEL_OPEN || !strings.HasPrefix(home.Name, "checkout-is-down") {
			t.Errorf("the channel: %+v", home)
		}
		if note := events.ephemeral(t); note.ChannelId != lobby.Id || !strings.Contains(note.Message, "~"+home.Name) {
			t.Errorf("the note about the new channel: %+v", note)
		}
		s.addToChannel(t, home, boris)

		// step is one change: it makes one revision, one stored event, one
		// event for the clients and, if says is given, a post by the bot.
		revision := int64(1)
		step := func(kind incident.EventType, actor string, act func(), says ...string) incident.Incident {
			t.Helper()
			act()
			revision++
			var sent incident.Incident
			for sent.Revision < revision {
				events.plugin(t, s, "incident_updated", &sent)
			}
			stored := anna.incident(t, id)
			if stored.Revision != revision || sent.Revision != revision {
				t.Fatalf("%s: revision %d is stored and %d was sent, want %d", kind, stored.Revision, sent.Revision, revision)
			}
			rows := s.storedEvents(t, id)
			last := rows[len(rows)-1]
			if int64(len(rows)) != revision || last.Revision != revision || last.Type() != kind || last.ActorID != actor || last.CreateAt == 0 {
				t.Fatalf("%s by %s: the last of %d events is %+v", kind, actor, len(rows), last)
			}
			if len(says) > 0 {
				mustSay(t, anna, home.Id, says...)
			}
			return stored
		}
		mustSay(t, anna, home.Id, "started", "@"+anna.user.Username)

		// The team works: by command and by REST, by position and by id.
		step(incident.EventTaskState, anna.user.Id, func() { anna.command(t, team, home, "/incident check 0 1") },
			anna.user.Username, "checked", "Open the bridge")
		events.none(t, "an error", isEphemeral)
		task := started.Incident.Checklists[0].Tasks[2]
		step(incident.EventTaskState, boris.user.Id, func() {
			boris.call(t, "PUT", "/incidents/"+id+"/checklists/0/item/"+task.ID+"/state", body{"new_state": "closed"}).want(t, 200)
		}, boris.user.Username, "100% team")
		now := step(incident.EventTaskAssignee, anna.user.Id, func() {
			anna.call(t, "PUT", "/incidents/"+id+"/checklists/0/item/0/assignee", body{"assignee_id": boris.user.Id}).want(t, 200)
		}, "Name the impact", "@"+boris.user.Username)
		if first := now.Checklists[0].Tasks[0]; first.AssigneeID != boris.user.Id || first.AssigneeModifiedPostID == "" {
			t.Errorf("the assigned task: %+v", first)
		}
		step(incident.EventTaskRun, boris.user.Id, func() {
			boris.call(t, "POST", "/incidents/"+id+"/checklists/0/item/0/run", nil).want(t, 200)
		})
		step(incident.EventTaskAdded, boris.user.Id, func() {
			boris.call(t, "PUT", "/incidents/"+id+"/checklists/1/add", body{"title": " Warm the caches "}).want(t, 201)
		})

		// The first task is still open, so the next stage has to be confirmed.
		anna.command(t, team, home, "/incident stage next")
		dialog = events.dialog(t)
		now = step(incident.EventStage, anna.user.Id, func() { accepted(t, anna.submit(t, dialog, team, home, nil)) }, "**Triage**", "**Fix**")
		if now.ActiveStage != 1 || now.ActiveStageTitle != "Fix" {
			t.Errorf("the stage is %d %q", now.ActiveStage, now.ActiveStageTitle)
		}
		step(incident.EventStage, anna.user.Id, func() { anna.command(t, team, home, "/incident stage prev") }, "**Fix**", "**Triage**")

		now = step(incident.EventCommander, anna.user.Id, func() { anna.command(t, team, home, "/incident commander @"+boris.user.Username) },
			"**@"+anna.user.Username+"**", "**@"+boris.user.Username+"**")
		if now.CommanderUserID != boris.user.Id {
			t.Errorf("the commander is %s", now.CommanderUserID)
		}
		anna.command(t, team, home, "/incident announce ~"+lobby.Name)
		mustSay(t, anna, lobby.Id, "@"+boris.user.Username, "~"+home.Name)

		// A status update goes to the broadcast channel and asks for the next one.
		anna.command(t, team, home, "/incident update")
		dialog = events.dialog(t)
		if message := element(t, dialog, "message"); message.Default != "**Impact:**" {
			t.Errorf("the first update begins with %q", message.Default)
		}
		if reminder := element(t, dialog, "reminder"); reminder.Default != "900" || !slices.ContainsFunc(reminder.Options, func(o *model.PostActionOptions) bool { return o.Value == "10" }) {
			t.Errorf("the reminder: %+v", reminder)
		}
		now = step(incident.EventStatusUpdate, anna.user.Id, func() {
			accepted(t, anna.submit(t, dialog, team, home, map[string]any{"message": "**Impact:** 30% of orders", "reminder": "10"}))
		})
		updated := time.Now()
		update := post(t, anna, home.Id, now.StatusPostIDs[0])
		if update.UserId != anna.user.Id || update.Message != "**Impact:** 30% of orders" || now.PreviousReminder != 10e9 || len(now.StatusPosts) != 1 {
			t.Errorf("the update: %+v of %+v", update, now)
		}
		mustSay(t, anna, bulletin.Id, "# [Checkout is down](/"+team.Name+"/pl/"+update.Id+")", "@"+anna.user.Username, "**Impact:** 30% of orders")

		// Ten seconds later the bot asks; Boris dismisses it.
		now = step(incident.EventUpdateOverdue, "", func() {
			var reminded incident.Incident
			for deadline := time.Now().Add(30 * time.Second); reminded.ReminderPostID == ""; {
				if time.Now().After(deadline) {
					t.Fatal("no reminder within 30 s of an update that asked for one in 10 s")
				}
				time.Sleep(300 * time.Millisecond)
				reminded = anna.incident(t, id)
			}
			if waited := time.Since(updated); waited < 8*time.Second {
				t.Errorf("the reminder came after %s", waited)
			}
		}, "@"+boris.user.Username)
		reminder := post(t, anna, home.Id, now.ReminderPostID)
		buttons := reminder.Attachments()[0].Actions
		if len(buttons) != 4 || buttons[0].Type != "button" || buttons[1].Type != "button" {
			t.Fatalf("the reminder's buttons: %+v", buttons)
		}
		_, response := boris.DoPostAction(reminder.Id, buttons[0].Id)
		must(t, "press the button for an update", response)
		// Boris has no websocket here; that the dialog opens is for Anna's click to show.
		_, response = anna.DoPostAction(reminder.Id, buttons[0].Id)
		must(t, "press the button for an update", response)
		if message := element(t, events.dialog(t), "message"); message.Default != "**Impact:** 30% of orders" {
			t.Errorf("the next update begins with %q", message.Default)
		}
		now = step(incident.EventReminderCleared, boris.user.Id, func() {
			_, response := boris.DoPostAction(reminder.Id, buttons[1].Id)
			must(t, "dismiss the reminder", response)
		})
		if now.ReminderPostID != "" || slices.ContainsFunc(anna.posts(t, home.Id), func(p *model.Post) bool { return p.Id == reminder.Id && p.DeleteAt == 0 }) {
			t.Error("the dismissed reminder is still there")
		}

		// It is over, and then it is not.
		anna.command(t, team, home, "/incident end")
		dialog = events.dialog(t)
		now = step(incident.EventEnded, anna.user.Id, func() { accepted(t, anna.submit(t, dialog, team, home, nil)) }, "closed", "@"+anna.user.Username)
		if now.IsActive || now.EndAt == 0 {
			t.Errorf("ended: %+v", now)
		}
		anna.command(t, team, home, "/incident update")
		events.ephemeral(t)
		now = step(incident.EventRestarted, boris.user.Id, func() { boris.command(t, team, home, "/incident restart") }, "restarted", "@"+boris.user.Username)
		if !now.IsActive || now.EndAt != 0 {
			t.Errorf("restarted: %+v", now)
		}
	})
}

func isEphemeral(event *model.WebSocketEvent) bool {
	return event.EventType() == model.WEBSOCKET_EVENT_EPHEMERAL_MESSAGE
}

func element(t *testing.T, dialog *model.OpenDialogRequest, name string) model.DialogElement {
	t.Helper()
	for _, e := range dialog.Dialog.Elements {
		if e.Name == name {
			return e
		}
	}
	t.Fatalf("the dialog has no element %s: %+v", name, dialog.Dialog.Elements)
	return model.DialogElement{}
}

// mustSay wants a post by the bot with all the texts among the channel's last three.
func mustSay(t *testing.T, reader *person, channelID string, texts ...string) {
	t.Helper()
	posts := reader.posts(t, channelID)
	var bots []string
	for _, p := range posts[max(0, len(posts)-3):] {
		if p.Props["from_bot"] != "true" {
			continue
		}
		bots = append(bots, p.Message)
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(p.Message, text) }) {
			return
		}
	}
	t.Errorf("no post by the bot has all of %q; its last ones are %q", texts, bots)
}

func post(t *testing.T, reader *person, channelID, id string) *model.Post {
	t.Helper()
	for _, p := range reader.posts(t, channelID) {
		if p.Id == id {
			return p
		}
	}
	t.Fatalf("post %s is not in the channel", id)
	return nil
}
