//go:build e2e

package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestForgedRequests_Dialogs(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
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
		// Boris posts, also if the body names another user, as in version 1.2.0.
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

func TestForgedRequests_Buttons(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		secret := c.remind(t, c.startFromPlaybook(t, func(p *playbook.Playbook) {
			private(p)
			p.Checklists[0].Tasks[0].Command = "/echo the command ran"
		}))
		context := map[string]any{"user_id": c.anna.user.Id, "commander_id": c.boris.user.Id, "new_state": "closed", "message": "forged", "submission": body{"message": "x"}, "seconds": 900}
		for _, path := range []string{
			"/reminder/button-update", "/reminder/button-dismiss", "/reminder/button-snooze", "/snooze", "/end", "/commander", "/next-stage-dialog", "/update-status-dialog", "/checklists/0/item/0/run",
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
func TestForgedRequests_ReminderPostOfAUser(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

// A route that changes something acts as the user who sends the request. Requests from clients with a token, from the page
// and from other plugins are accepted. Requests that a member makes another user send, by a button, a dialog or a form on
// another site, are refused.

// sender sends a POST to a route as anna; send returns the status.
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
func (c *fixture) senders(t *testing.T) []sender {
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

// actingRoutes are the routes that act and that a POST reaches, with what is sent to them.
func (c *fixture) actingRoutes(book string) map[string]map[string]any {
	return map[string]map[string]any{
		"/incidents/{id}/checklists/0/item/0/run": {},
		"/incidents/{id}/end":                     {"state": "{id}"},
		"/incidents/{id}/channel/keep":            {},
		"/incidents/{id}/commander":               {"commander_id": c.boris.user.Id},
		"/incidents/{id}/next-stage-dialog":       {"state": "1"},
		"/incidents/{id}/update-status-dialog":    {"submission": map[string]any{"message": "lured", "reminder": "900"}},
		"/incidents/{id}/reminder/button-dismiss": {},
		"/incidents/{id}/reminder/button-snooze":  {"context": map[string]any{"seconds": 900}},
		"/incidents/{id}/snooze":                  {"seconds": 900},
		"/incidents/{id}/timeline":                {"text": "lured", "starred": true},
		"/incidents/{id}/handoff":                 {"user_id": c.boris.user.Id},
		"/incidents/{id}/followups":               {"title": "lured", "owner_id": c.boris.user.Id},
		"/incidents/{id}/followups/carry_over":    {},
		"/incidents/{id}/retrospective/draft":     {},
		"/incidents/{id}/retrospective/publish":   {},
		"/incidents/{id}/retrospective/reopen":    {},
		"/incidents":                              {"name": "lured", "team_id": c.team.Id, "commander_user_id": c.anna.user.Id},
		"/incidents/dialog": {"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id, "state": `{"post_id":"","client_id":""}`,
			"submission": map[string]any{"playbookID": book, "incidentName": "lured"}},
		"/playbooks":                {"title": "lured", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}},
		"/playbooks/{shared}/leave": {},
		"/eventsubscriptions":       {"playbook_id": book, "user_id": c.anna.user.Id, "url": map[string]any{"Scheme": "https", "Host": "lured.example.com"}},
	}
}

// elsewhereTested are routes that a POST reaches and that are not in actingRoutes: opening a dialog needs the press of a button, and answering
// a handoff needs one, see TestHandoff_ForgedButtons.
var elsewhereTested = []string{"/incidents/{id}/reminder/button-update", "/incidents/{id}/handoff/{handoff}/accept", "/incidents/{id}/handoff/{handoff}/decline",
	"/incidents/{id}/handoff/{handoff}/withdraw"}

// mustHaveEveryPost fails the test if a route that a POST reaches is not in actingRoutes, or the other way round.
func (c *fixture) mustHaveEveryPost(t *testing.T) {
	t.Helper()
	checker, err := description()
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for path := range c.actingRoutes("") {
		path = strings.NewReplacer("{shared}", "{id}", "/checklists/0/item/0/", "/checklists/{checklist}/item/{item}/").Replace(path)
		have = append(have, path)
	}
	for _, route := range checker.Routes() {
		if path, posted := strings.CutPrefix(route, "POST "); posted && !slices.Contains(elsewhereTested, path) {
			want = append(want, path)
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Fatalf("actingRoutes has\n%s\nbut a POST reaches\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

func TestForgedRequests_OriginOfEveryActingRoute(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		c.mustHaveEveryPost(t)
		book := c.newPlaybook(t, func(p *playbook.Playbook) {
			private(p)
			p.Checklists[0].Tasks[0].Command = "/echo the command ran"
		})
		var whole map[string]any
		c.anna.call(t, "GET", "/playbooks/"+book, nil).want(t, 200).decode(t, &whole)
		whole["channel"] = body{"archive_after_days": 7} // there is something to keep
		c.anna.call(t, "PUT", "/playbooks/"+book, whole).want(t, 200)
		// footprint is everything that the routes might leave behind in anna's team.
		footprint := func(i incident.Incident) [8]int {
			return [8]int{
				s.count(t, "SELECT COALESCE(SUM(Revision), 0) FROM IR_Retrospective WHERE IncidentID = '"+i.ID+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_TimelineEntry WHERE IncidentID = '"+i.ID+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_FollowUp WHERE IncidentID = '"+i.ID+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_PlaybookMember m JOIN IR_Playbook p ON p.ID = m.PlaybookID WHERE p.TeamID = '"+c.team.Id+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_Event e JOIN IR_Incident i ON i.ID = e.IncidentID WHERE i.TeamID = '"+c.team.Id+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_Playbook WHERE TeamID = '"+c.team.Id+"'"),
				s.count(t, "SELECT COUNT(*) FROM IR_Subscription WHERE PlaybookID = '"+book+"'"),
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
					path := path
					if strings.Contains(path, "{shared}") {
						shared := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
						path = strings.ReplaceAll(path, "{shared}", shared)
					}
					switch of := "/incidents/" + i.ID; {
					case strings.HasSuffix(path, "/publish"):
						c.anna.call(t, "PUT", of+"/end", nil).want(t, 200)
					case strings.HasSuffix(path, "/reopen"):
						c.anna.call(t, "PUT", of+"/end", nil).want(t, 200)
						c.anna.call(t, "POST", of+"/retrospective/publish", body{}).want(t, 200)
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
func TestForgedRequests_ALinkRunsNoCommand(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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
