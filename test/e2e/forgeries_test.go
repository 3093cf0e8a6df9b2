//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// hearsNothingOf fails the test if a plugin's event, a dialog or an ephemeral post tells of the incident.
func (l *listener) hearsNothingOf(t testing.TB, i incident.Incident) {
	t.Helper()
	l.none(t, "somebody who must not hear", func(event *model.WebSocketEvent) bool {
		text := event.ToJson()
		own := strings.HasPrefix(event.EventType(), "custom_") || event.EventType() == model.WEBSOCKET_EVENT_EPHEMERAL_MESSAGE || event.EventType() == model.WEBSOCKET_EVENT_OPEN_DIALOG
		return own && (strings.Contains(text, i.ID) || strings.Contains(text, i.ChannelID) || strings.Contains(text, i.Name))
	})
}

// Whoever is not in the channel hears nothing of an incident from its start to its end; the administrator neither.
func TestForgeries_WhoMustNotHear(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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

func TestForgeries_Dialogs(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		secret := c.startFromPlaybook(t, private)
		var own incident.Incident
		c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": c.boris.user.Id})).want(t, 201).decode(t, &own)
		base := "/plugins/" + s.pluginID + "/api/v0/incidents/"
		status := map[string]any{"message": "forged", "reminder": "900"}
		// Through Mattermost, which fills in the user, and straight at the plugin, with anna's name in every place.
		for _, x := range []struct {
			path, state string
			fields      map[string]any
		}{
			{"/end", secret.ID, map[string]any{}}, {"/end", own.ID, map[string]any{}}, {"/next-stage-dialog", "1", map[string]any{}},
			{"/next-stage-dialog?from=0", "1", map[string]any{}}, {"/update-status-dialog", "", status}, {"/update-status-dialog", secret.ID, status},
		} {
			c.unchanged(t, x.path, secret, func() {
				dialog := &model.OpenDialogRequest{URL: base + secret.ID + x.path, Dialog: model.Dialog{State: x.state}}
				refused(t, x.path, c.boris.submit(t, dialog, c.team, c.square, x.fields))
				forged := body{"type": "dialog_submission", "state": x.state, "user_id": c.anna.user.Id, "channel_id": secret.ChannelID, "team_id": c.team.Id, "submission": x.fields}
				c.boris.call(t, "POST", "/incidents/"+secret.ID+x.path, forged).want(t, 403)
				forged["user_id"] = c.boris.user.Id
				c.boris.call(t, "POST", "/incidents/"+secret.ID+x.path, forged).want(t, 403)
				// On an incident of one's own, what the body says of another one has no effect there.
				forged["incident_id"], forged["id"] = secret.ID, secret.ID
				c.boris.call(t, "POST", "/incidents/"+own.ID+x.path, forged).want(t, 200, 400, 409)
			})
		}
		c.boris.call(t, "PUT", "/incidents/"+own.ID+"/restart", nil).want(t, 200, 409)
		// Whoever the body names, it is boris who posts, as in version 1.2.0.
		c.addToChannel(t, c.channelOf(t, own), c.anna)
		c.boris.call(t, "POST", "/incidents/"+own.ID+"/update-status-dialog", body{"user_id": c.anna.user.Id, "submission": status}).want(t, 200)
		updates := c.read(t, own.ID).StatusPostIDs
		post, response := c.boris.GetPost(updates[len(updates)-1], "")
		if response.Error != nil || post.UserId != c.boris.user.Id {
			t.Errorf("the update is by %+v: %v", post, response.Error)
		}

		// The start dialog: another user's name, team or playbook, a post that must not be read.
		_, hidden := c.secretPost(t)
		elsewhere := s.newTeam(t, c.anna)
		mine := c.newPlaybook(t, nil)
		forged := func(user, team, book, state string) body {
			return body{"user_id": user, "team_id": team, "channel_id": secret.ChannelID, "state": state, "submission": c.fields(book, "Forged start")}
		}
		c.boris.call(t, "POST", "/incidents/dialog", forged(c.anna.user.Id, c.team.Id, mine, "{}")).want(t, 400)
		for what, x := range map[string]body{
			"anna's playbook": forged(c.boris.user.Id, c.team.Id, mine, "{}"), "anna's team": forged(c.boris.user.Id, elsewhere.Id, mine, "{}"),
		} {
			if answer := c.boris.call(t, "POST", "/incidents/dialog", x).want(t, 200); !strings.Contains(string(answer.Body), "error") {
				t.Errorf("%s: %s", what, answer.Body)
			}
		}
		if answer := c.anna.call(t, "POST", "/incidents/dialog", forged(c.anna.user.Id, c.team.Id, mine, `{"post_id":"`+hidden.Id+`"}`)).want(t, 200); !strings.Contains(string(answer.Body), "error") || strings.Contains(string(answer.Body), "secret") {
			t.Errorf("a post that must not be read: %s", answer.Body)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM Channels WHERE DisplayName = 'Forged start' AND TeamId IN ('"+c.team.Id+"', '"+elsewhere.Id+"')"); n != 0 {
			t.Errorf("%d channels were made", n)
		}
	})
}

// button posts a button that leads to a path of the plugin's API and returns post and action.
func (p *person) button(t *testing.T, channelID, path string, context map[string]any) (post, action string) {
	t.Helper()
	made := &model.Post{ChannelId: channelID, Message: "Press me"}
	model.ParseSlackAttachment(made, []*model.SlackAttachment{{Actions: []*model.PostAction{{
		Id: "press", Name: "A kitten", Type: model.POST_ACTION_TYPE_BUTTON,
		Integration: &model.PostActionIntegration{URL: "/plugins/" + p.server.pluginID + "/api/v0" + path, Context: context},
	}}}})
	made, response := p.CreatePost(made)
	must(t, "post a button", response)
	return made.Id, made.Attachments()[0].Actions[0].Id
}

func TestForgeries_Buttons(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		secret := c.remind(t, c.startFromPlaybook(t, func(p *playbook.Playbook) {
			private(p)
			p.Checklists[0].Tasks[0].Command = "/echo the command ran"
		}))
		context := map[string]any{"user_id": c.anna.user.Id, "commander_id": c.boris.user.Id, "new_state": "closed", "message": "forged", "submission": body{"message": "x"}}
		for _, path := range []string{
			"/reminder/button-update", "/reminder/button-dismiss", "/end", "/commander", "/next-stage-dialog", "/update-status-dialog", "/checklists/0/item/0/run",
		} {
			full := "/incidents/" + secret.ID + path
			post, action := c.boris.button(t, c.square.Id, full, context)
			c.unchanged(t, "boris pressing "+path, secret, func() { _, _ = c.boris.DoPostAction(post, action) })
			if path != "/reminder/button-update" && path != "/reminder/button-dismiss" {
				// A member who is lured into pressing it changes nothing either.
				c.unchanged(t, "anna pressing "+path, secret, func() { _, _ = c.anna.DoPostAction(post, action) })
			}
		}
		// The post of a click is removed only if it is this incident's own reminder.
		var own incident.Incident
		c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": c.boris.user.Id})).want(t, 201).decode(t, &own)
		dismiss := "/incidents/" + own.ID + "/reminder/button-dismiss"
		public, response := c.anna.CreatePost(&model.Post{ChannelId: c.square.Id, Message: "stays"})
		must(t, "post", response)
		bots := c.anna.posts(t, secret.ChannelID)[0].Id
		for _, id := range []string{secret.ReminderPostID, public.Id, bots, model.NewId(), "nonsense"} {
			for _, channelID := range []string{secret.ChannelID, own.ChannelID, c.square.Id, ""} {
				c.boris.call(t, "POST", dismiss, body{"post_id": id, "channel_id": channelID, "user_id": c.anna.user.Id, "context": body{"post_id": id}}).want(t, 200)
			}
		}
		for _, id := range []string{secret.ReminderPostID, public.Id, bots} {
			if n := s.count(t, "SELECT COUNT(*) FROM Posts WHERE Id = '"+id+"' AND DeleteAt = 0"); n != 1 {
				t.Errorf("the post %s is gone", id)
			}
		}
		if got := c.read(t, secret.ID); got.ReminderPostID != secret.ReminderPostID {
			t.Errorf("the reminder was dismissed: %q", got.ReminderPostID)
		}
	})
}

// A post that claims to be a reminder is not taken for one: neither by a dismissal nor by a node that looks for the
// reminder that another one may have posted.
func TestForgeries_AReminderThatIsNotTheBots(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, nil)
	forged := &model.Post{ChannelId: i.ChannelID, Message: "I am a reminder"}
	forged.AddProp("incident_reminder", i.ID+":1")
	forged, response := c.anna.CreatePost(forged)
	must(t, "post", response)
	s.addToChannel(t, c.channelOf(t, i), c.boris)
	c.boris.call(t, "POST", "/incidents/"+i.ID+"/reminder/button-dismiss", body{"post_id": forged.Id}).want(t, 200)
	if _, response = c.anna.GetPost(forged.Id, ""); response.Error != nil {
		t.Errorf("somebody else's post was deleted: %v", response.Error)
	}
}
