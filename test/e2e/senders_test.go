//go:build e2e

package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// An acting route acts in the name of whoever sends to it. Clients with a token, the page and other plugins may; what a
// member makes somebody else send, by a button, a dialog or a form on another site, may not.

// sender sends a POST to a route in the name of anna and tells whether it got through.
type sender struct {
	name string
	may  bool
	send func(t *testing.T, path string, content map[string]any) int
}

// fromPage sends as a browser does that is signed in as p: with the cookie in place of the token.
func (p *person) fromPage(t *testing.T, method, path string, content []byte, headers map[string]string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.server.URL+"/plugins/"+p.server.pluginID+"/api/v0"+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: model.SESSION_COOKIE_TOKEN, Value: p.AuthToken})
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Mattermost/5.0")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// buttonTo posts a button, or a menu, with any address.
func (p *person) buttonTo(t *testing.T, channelID, address, kind string, context map[string]any) (post, action string) {
	t.Helper()
	made := &model.Post{ChannelId: channelID, Message: "Press me"}
	model.ParseSlackAttachment(made, []*model.SlackAttachment{{Actions: []*model.PostAction{{
		Id: "press", Name: "A kitten", Type: kind, Options: []*model.PostActionOptions{{Text: "One", Value: "one"}},
		Integration: &model.PostActionIntegration{URL: address, Context: context},
	}}}})
	made, response := p.CreatePost(made)
	must(t, "post a button", response)
	return made.Id, made.Attachments()[0].Actions[0].Id
}

// senders are all ways in which a POST in anna's name can reach the plugin. Boris is the one who lures.
func (c *scene) senders(t *testing.T) []sender {
	base := "/plugins/" + c.pluginID + "/api/v0"
	rest := func(t *testing.T, path string, content map[string]any) int {
		return c.anna.call(t, "POST", path, content).Status
	}
	press := func(prefix, kind string) func(t *testing.T, path string, content map[string]any) int {
		return func(t *testing.T, path string, content map[string]any) int {
			post, action := c.boris.buttonTo(t, c.square.Id, prefix+path, kind, content)
			_, _ = c.anna.DoPostActionWithCookie(post, action, "one", "")
			return 0
		}
	}
	submit := func(prefix string) func(t *testing.T, path string, content map[string]any) int {
		return func(t *testing.T, path string, content map[string]any) int {
			state, _ := content["state"].(string)
			fields, _ := content["submission"].(map[string]any)
			_, _ = c.anna.SubmitInteractiveDialog(model.SubmitDialogRequest{Type: "dialog_submission", URL: prefix + path, State: state, CallbackId: "x",
				UserId: c.anna.user.Id, TeamId: c.team.Id, ChannelId: c.square.Id, Submission: fields})
			return 0
		}
	}
	page := func(headers map[string]string) func(t *testing.T, path string, content map[string]any) int {
		return func(t *testing.T, path string, content map[string]any) int {
			return c.anna.fromPage(t, "POST", path, []byte(asJSON(t, content)), headers)
		}
	}
	return []sender{
		{"client with a token", true, rest},
		{"page with X-Requested-With", true, page(map[string]string{"X-Requested-With": "XMLHttpRequest", "Content-Type": "application/json"})},
		// Mattermost 11 removes the user's id from what one plugin sends another.
		{"another plugin", !atLeast(t, 11), func(t *testing.T, path string, content map[string]any) int {
			return c.otherPlugin(t).call(t, "POST", path, content, "X-Act-For: "+c.anna.user.Id).Status
		}},
		{"button inside the server", false, press(base, model.POST_ACTION_TYPE_BUTTON)},
		{"button with a whole address", false, press(c.URL+base, model.POST_ACTION_TYPE_BUTTON)},
		{"menu inside the server", false, press(base, model.POST_ACTION_TYPE_SELECT)},
		{"dialog inside the server", false, submit(base)},
		{"dialog with a whole address", false, submit(c.URL + base)},
		{"dialog with dots in its address", false, submit("/plugins/x/../" + c.pluginID + "/api/v0")},
		{"form of another site", false, page(map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example.com"})},
		{"script of another site", false, page(map[string]string{"Content-Type": "text/plain", "Origin": "https://evil.example.com", "Sec-Fetch-Site": "cross-site"})},
	}
}

// actingRoutes are the routes that act and that a POST reaches.
func (c *scene) actingRoutes(book string) map[string]map[string]any {
	return map[string]map[string]any{
		"/incidents/{id}/checklists/0/item/0/run": {},
		"/incidents/{id}/end":                     {"state": "{id}"},
		"/incidents/{id}/commander":               {"commander_id": c.boris.user.Id},
		"/incidents/{id}/next-stage-dialog":       {"state": "1"},
		"/incidents/{id}/update-status-dialog":    {"submission": map[string]any{"message": "lured", "reminder": "900"}},
		"/incidents/{id}/reminder/button-dismiss": {},
		"/incidents": {"name": "lured", "team_id": c.team.Id, "commander_user_id": c.anna.user.Id},
		"/incidents/dialog": {"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id, "state": `{"post_id":"","client_id":""}`,
			"submission": map[string]any{"playbookID": book, "incidentName": "lured"}},
		"/playbooks":          {"title": "lured", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}},
		"/eventsubscriptions": {"playbook_id": book, "user_id": c.anna.user.Id, "url": map[string]any{"Scheme": "https", "Host": "lured.example.com"}},
	}
}

func TestSenders_OfEveryActingRoute(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		book := c.newPlaybook(t, func(p *playbook.Playbook) {
			private(p)
			p.Checklists[0].Tasks[0].Command = "/echo the command ran"
		})
		naming := "INSTR(PValue, '" + book + "') > 0"
		if s.database.Driver == testenv.Postgres {
			naming = "POSITION('" + book + "'::bytea IN PValue) > 0"
		}
		// footprint is everything that the routes might leave behind in anna's team.
		footprint := func(i incident.Incident) [4]int {
			return [4]int{
				s.count(t, "SELECT COUNT(*) FROM IR_Event e JOIN IR_Incident i ON i.ID = e.IncidentID WHERE i.TeamID = '"+c.team.Id+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_Playbook WHERE TeamID = '"+c.team.Id+"'"),
				s.count(t, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey LIKE 'v2_subscription_%' AND PluginId = '"+s.pluginID+"' AND "+naming),
				s.count(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId = '"+i.ChannelID+"' AND Type = ''"),
			}
		}
		for _, from := range c.senders(t) {
			for path, content := range c.actingRoutes(book) {
				t.Run(from.name+" "+path, func(t *testing.T) {
					i := c.start(t, map[string]any{"playbook_id": book})
					s.addToChannel(t, c.channelOf(t, i), c.boris)
					if strings.HasSuffix(path, "button-dismiss") {
						i = c.remind(t, i)
					}
					sent := map[string]any{}
					for name, value := range content {
						if value == "{id}" {
							value = i.ID
						}
						sent[name] = value
					}
					before := footprint(i)
					status := from.send(t, strings.ReplaceAll(path, "{id}", i.ID), sent)
					acted := footprint(i) != before
					if acted != from.may {
						t.Errorf("answered %d, acted: %v, want %v", status, acted, from.may)
					}
					if from.may && status >= 300 {
						t.Errorf("answered %d", status)
					}
				})
			}
		}
	})
}

// The attack itself: a member has an administrator run a command that the member wrote.
func TestSenders_ACommandIsNotRunByALure(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	admin := s.admin()
	secret := s.newChannel(t, c.team, model.CHANNEL_PRIVATE)
	var i incident.Incident
	s.addToTeam(t, c.team, admin)
	c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": admin.user.Id})).want(t, 201).decode(t, &i)
	c.boris.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "Cake", "command": "/invite @" + c.boris.user.Username + " ~" + secret.Name}).want(t, 201)
	run := "/incidents/" + i.ID + "/checklists/0/item/0/run"
	for _, prefix := range []string{"", s.URL} {
		address := prefix + "/plugins/" + s.pluginID + "/api/v0" + run
		answer, response := admin.SubmitInteractiveDialog(model.SubmitDialogRequest{URL: address, UserId: admin.user.Id, TeamId: c.team.Id, ChannelId: c.square.Id})
		if response.Error == nil && (answer == nil || answer.Error == "") {
			t.Errorf("%s: the dialog was not refused: %+v", address, answer)
		}
		post, action := c.boris.buttonTo(t, c.square.Id, address, model.POST_ACTION_TYPE_BUTTON, nil)
		_, _ = admin.DoPostAction(post, action)
	}
	if _, response := c.boris.GetChannel(secret.Id, ""); response.StatusCode != 403 {
		t.Fatalf("boris is in the private channel: %d", response.StatusCode)
	}
	// The same by the administrator's own will works, if the command is the one that was seen.
	admin.call(t, "POST", run, body{"command": "/echo something else"}).want(t, 409)
	admin.call(t, "POST", run, body{"command": "/invite @" + c.boris.user.Username + " ~" + secret.Name}).want(t, 200)
	if _, response := c.boris.GetChannel(secret.Id, ""); response.Error != nil {
		t.Errorf("the command did not run: %v", response.Error)
	}
}

// Dialogs of our own are accepted from the person for whom they were opened, and from nobody else.
func TestSenders_OwnDialogsBelongToOnePerson(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	other := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	s.addToChannel(t, channel, c.boris)
	boris := c.boris.listen(t)
	c.boris.command(t, c.team, channel, "/incident end")
	dialog := boris.dialog(t)
	c.unchanged(t, "boris' dialog, submitted by anna", i, func() { refused(t, "end", c.anna.submit(t, dialog, c.team, channel, nil)) })
	elsewhere := *dialog
	elsewhere.URL = strings.Replace(dialog.URL, i.ID, other.ID, 1)
	s.addToChannel(t, c.channelOf(t, other), c.boris)
	c.unchanged(t, "boris' dialog for another incident", other, func() { refused(t, "end", c.boris.submit(t, &elsewhere, c.team, channel, nil)) })
	accepted(t, c.boris.submit(t, dialog, c.team, channel, nil))
	if c.read(t, i.ID).IsActive {
		t.Error("boris' own dialog did not end the incident")
	}
}

// Whose command it is, is told with each task.
func TestSenders_TasksTellWhoWroteTheCommand(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	forged := incident.Task{Title: "from the playbook", Command: "/echo one", CommandLastEditorID: c.clara.user.Id, CommandEditedAt: 5, CommandLastRunnerID: c.clara.user.Id}
	id := c.newPlaybook(t, func(p *playbook.Playbook) {
		p.Checklists = []incident.Stage{{Title: "s", Tasks: []incident.Task{forged, {Title: "no command"}}}}
		p.MemberIDs = append(p.MemberIDs, c.boris.user.Id)
	})
	i := c.start(t, map[string]any{"playbook_id": id})
	first := i.Checklists[0].Tasks[0]
	if first.CommandLastEditorID != c.anna.user.Id || first.CommandEditedAt < 1e12 || first.CommandLastRunnerID != "" {
		t.Errorf("from the playbook: %+v", first)
	}
	if none := i.Checklists[0].Tasks[1]; none.CommandLastEditorID != "" || none.CommandEditedAt != 0 {
		t.Errorf("without a command: %+v", none)
	}
	// Boris changes one command in the playbook, and another one in the incident.
	c.boris.call(t, "PUT", "/playbooks/"+id, body{"title": "Playbook", "member_ids": []string{c.anna.user.Id, c.boris.user.Id}, "checklists": []body{
		{"title": "s", "items": []body{{"title": "renamed", "command": "/echo one"}, {"title": "new", "command": "/echo two"}}}}}).want(t, 200)
	later := c.start(t, map[string]any{"playbook_id": id}).Checklists[0].Tasks
	if later[0].CommandLastEditorID != c.anna.user.Id || later[0].CommandEditedAt != first.CommandEditedAt || later[1].CommandLastEditorID != c.boris.user.Id {
		t.Errorf("after boris' save: %+v", later)
	}
	s.addToChannel(t, c.channelOf(t, i), c.boris)
	at := "/incidents/" + i.ID + "/checklists/0/item/0"
	c.anna.call(t, "POST", at+"/run", nil).want(t, 200)
	if ran := c.read(t, i.ID).Checklists[0].Tasks[0]; ran.CommandLastRunnerID != c.anna.user.Id || ran.CommandLastRun < ran.CommandEditedAt {
		t.Errorf("after the run: %+v", ran)
	}
	c.boris.call(t, "PUT", at, body{"title": "another title", "command": "/echo one"}).want(t, 200)
	if same := c.read(t, i.ID).Checklists[0].Tasks[0]; same.CommandLastEditorID != c.anna.user.Id || same.CommandEditedAt != first.CommandEditedAt {
		t.Errorf("the same command: %+v", same)
	}
	c.boris.call(t, "PUT", at, body{"title": "t", "command": "/echo three"}).want(t, 200)
	if edited := c.read(t, i.ID).Checklists[0].Tasks[0]; edited.CommandLastEditorID != c.boris.user.Id || edited.CommandEditedAt <= edited.CommandLastRun {
		t.Errorf("after boris' edit: %+v", edited)
	}
}
