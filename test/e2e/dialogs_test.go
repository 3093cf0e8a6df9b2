//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func (c *fixture) fields(playbookID, name string) map[string]any {
	return map[string]any{"playbookID": playbookID, "incidentName": name, "incidentDescription": "why"}
}

func TestDialogs_Start(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		second := c.newPlaybook(t, func(p *playbook.Playbook) { p.Title = "B" })
		first := c.newPlaybook(t, func(p *playbook.Playbook) { p.Title = "A" })
		c.newPlaybook(t, func(p *playbook.Playbook) { p.Title, p.MemberIDs = "C", []string{c.boris.user.Id} })
		post, response := c.anna.CreatePost(&model.Post{ChannelId: c.square.Id, Message: "one\ntwo"})
		must(t, "post", response)
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.square, "/incident start client-1 "+post.Id)
		d := events.dialog(t)
		if !strings.HasSuffix(d.URL, "/plugins/"+s.pluginID+"/api/v0/incidents/dialog") || d.Dialog.CallbackId != "" || d.Dialog.NotifyOnCancel {
			t.Errorf("%+v", d)
		}
		var state map[string]string
		if err := json.Unmarshal([]byte(d.Dialog.State), &state); err != nil || state["post_id"] != post.Id || state["client_id"] != "client-1" {
			t.Errorf("state %q (%v)", d.Dialog.State, err)
		}
		books, name, description := element(t, d, "playbookID"), element(t, d, "incidentName"), element(t, d, "incidentDescription")
		if len(books.Options) != 2 || books.Options[0].Value != first || books.Options[1].Value != second || books.Optional || books.Type != "select" {
			t.Errorf("playbooks %+v", books)
		}
		if name.MinLength != 1 || name.MaxLength != 64 || name.Optional || name.Type != "text" {
			t.Errorf("name %+v", name)
		}
		if description.MaxLength != 1024 || !description.Optional || description.Type != "textarea" || !strings.Contains(description.Default, "/_redirect/pl/"+post.Id) {
			t.Errorf("description %+v", description)
		}
		if !strings.Contains(d.Dialog.IntroductionText, "@"+c.anna.user.Username) {
			t.Errorf("introduction %q", d.Dialog.IntroductionText)
		}
		accepted(t, c.anna.submit(t, d, c.team, c.square, c.fields(first, "From a dialog")))
		var created struct {
			ClientID string `json:"client_id"`
			Incident incident.Incident
		}
		events.plugin(t, s, "incident_created", &created)
		if created.ClientID != "client-1" || created.Incident.PostID != post.Id || created.Incident.Description != "why" {
			t.Errorf("%+v", created)
		}
		if text := events.ephemeral(t).Message; !strings.Contains(text, "~from-a-dialog") {
			t.Errorf("told %q", text)
		}
		if c.anna.said(t, created.Incident.ChannelID, "> one\n> two") != 1 {
			t.Error("the original post is not quoted")
		}
	})
}

func TestDialogs_StartNamesTheWrongField(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	book := c.newPlaybook(t, nil)
	foreign := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = []string{c.boris.user.Id} })
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.square, "/incident start")
	d := events.dialog(t)
	for field, fields := range map[string][]map[string]any{
		"playbookID":          {c.fields("", "Name"), c.fields(model.NewId(), "Name"), c.fields(foreign, "Name"), {"incidentName": "Name"}, {"incidentName": "Name", "playbookID": 5}},
		"incidentName":        {c.fields(book, " "), c.fields(book, ""), c.fields(book, strings.Repeat("x", 65)), c.fields(book, "\u200b"), {"playbookID": book}},
		"incidentDescription": {{"playbookID": book, "incidentName": "Name", "incidentDescription": strings.Repeat("x", 1025)}},
	} {
		for _, sent := range fields {
			if answer := c.anna.submit(t, d, c.team, c.square, sent); answer.Errors[field] == "" {
				t.Errorf("%v: %+v", sent, answer)
			}
		}
	}
	cancelled := map[string]any{"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id, "state": "{}", "cancelled": true, "submission": c.fields(book, "Cancelled")}
	c.anna.call(t, "POST", "/incidents/dialog", cancelled).want(t, 200)
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE TeamID = '"+c.team.Id+"'"); n != 0 {
		t.Errorf("%d incidents started", n)
	}
}

func TestDialogs_End(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		channel, events := c.channelOf(t, i), c.anna.listen(t)
		c.anna.command(t, c.team, channel, "/incident end")
		d := events.dialog(t)
		if !strings.HasSuffix(d.URL, "/incidents/"+i.ID+"/end") || len(d.Dialog.Elements) != 1 || d.Dialog.State != i.ID {
			t.Errorf("%+v", d)
		}
		accepted(t, c.anna.submit(t, d, c.team, channel, nil))
		if c.read(t, i.ID).IsActive {
			t.Error("not ended")
		}
		if answer := c.anna.submit(t, d, c.team, channel, nil); answer.Error == "" {
			t.Error("ending twice is not refused")
		}
	})
}

func TestDialogs_NextStage(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel, events := c.channelOf(t, i), c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident stage next")
	d := events.dialog(t)
	if !strings.Contains(d.URL, "/incidents/"+i.ID+"/next-stage-dialog") || len(d.Dialog.Elements) != 0 || d.Dialog.State != "1" {
		t.Errorf("%+v", d)
	}
	accepted(t, c.anna.submit(t, d, c.team, channel, nil))
	if got := c.read(t, i.ID).ActiveStage; got != 1 {
		t.Errorf("stage %d", got)
	}
	for _, state := range []string{"99", "-1"} {
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/next-stage-dialog", map[string]any{"state": state}).want(t, 400).errorText(t)
	}
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/next-stage-dialog", map[string]any{"state": "x"}).want(t, 400).errorText(t)
}

func TestDialogs_StaleNextStageIsRefused(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists = append(p.Checklists, incident.Stage{Title: "Third"}) })
	channel, events := c.channelOf(t, i), c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident stage next")
	d := events.dialog(t)
	c.anna.call(t, "PATCH", "/incidents/"+i.ID, `{"active_stage":2}`).want(t, 200)
	if answer := c.anna.submit(t, d, c.team, channel, nil); answer.Error == "" {
		t.Error("a dialog about another stage is accepted")
	}
	if got := c.read(t, i.ID).ActiveStage; got != 2 {
		t.Errorf("stage %d", got)
	}
}

func TestDialogs_NextStageAsksWhileATaskIsInProgress(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	for _, item := range []string{"0", "1", "2"} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/"+item+"/state", `{"new_state":"in_progress"}`).want(t, 200)
	}
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident stage next")
	events.dialog(t)
	if c.anna.said(t, i.ChannelID, "checked") != 0 {
		t.Error("work in progress is announced as checked off")
	}
}

func TestDialogs_Update(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
		i := c.startFromPlaybook(t, func(p *playbook.Playbook) {
			p.BroadcastChannelID, p.ReminderMessageTemplate, p.ReminderTimerDefaultSeconds = wide.Id, "template", 900
		})
		channel, events := c.channelOf(t, i), c.anna.listen(t)
		c.anna.command(t, c.team, channel, "/incident update")
		d := events.dialog(t)
		message, reminder := element(t, d, "message"), element(t, d, "reminder")
		if message.Default != "template" || message.Type != "textarea" || message.MaxLength != incident.MaxMessage || message.Optional {
			t.Errorf("message %+v", message)
		}
		var values []string
		for _, option := range reminder.Options {
			values = append(values, option.Value)
		}
		if strings.Join(values, " ") != "0 10 900 1800 3600 14400 86400" || reminder.Default != "900" || !reminder.Optional {
			t.Errorf("reminder %v, default %s", values, reminder.Default)
		}
		if !strings.Contains(d.Dialog.IntroductionText, "["+wide.DisplayName+"](/"+c.team.Name+"/channels/"+wide.Id+")") {
			t.Errorf("introduction %q", d.Dialog.IntroductionText)
		}
		accepted(t, c.anna.submit(t, d, c.team, channel, map[string]any{"message": "100% **well** %d", "reminder": "1800"}))
		got := c.read(t, i.ID)
		if len(got.StatusPostIDs) != 1 || got.PreviousReminder != 1800e9 {
			t.Errorf("%+v", got)
		}
		post, response := c.anna.GetPost(got.StatusPostIDs[0], "")
		must(t, "read the status post", response)
		if post.UserId != c.anna.user.Id || post.Message != "100% **well** %d" {
			t.Errorf("%+v", post)
		}
		if c.anna.said(t, wide.Id, "100% **well** %d") != 1 || c.anna.said(t, wide.Id, "/"+c.team.Name+"/pl/"+post.Id+")") != 1 {
			t.Error("not broadcast")
		}
		c.anna.command(t, c.team, channel, "/incident update")
		if d = events.dialog(t); element(t, d, "message").Default != post.Message || element(t, d, "reminder").Default != "1800" {
			t.Errorf("the next dialog does not begin with the last update: %+v", d.Dialog.Elements)
		}
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		if answer := c.anna.submit(t, d, c.team, channel, map[string]any{"message": "late", "reminder": "0"}); answer.Error == "" || strings.Contains(answer.Error, "log") {
			t.Errorf("an update after the end: %+v", answer)
		}
		if c.anna.said(t, i.ChannelID, "late") != 0 {
			t.Error("a refused update was posted")
		}
	})
}

func TestDialogs_UpdateOffersAnUnusualReminderToo(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.ReminderTimerDefaultSeconds = 7200 })
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident update")
	reminder := element(t, events.dialog(t), "reminder")
	for _, option := range reminder.Options {
		if option.Value == reminder.Default && option.Value == "7200" {
			return
		}
	}
	t.Errorf("default %s is not among %+v", reminder.Default, reminder.Options)
}

func TestDialogs_FieldsMayBeMissing(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newFixture(t)
	i := c.start(t, nil)
	for _, sent := range []string{`{}`, `null`, `{"submission":null}`, `{"submission":{}}`, `{"submission":{"message":"x"}}`, `{"submission":{"reminder":"0"}}`,
		`{"submission":{"message":null,"reminder":null}}`, `{"submission":{"message":5,"reminder":[]}}`, `{"submission":{"message":"x","reminder":"soon"}}`,
		`{"submission":{"message":"","reminder":"0"}}`, `{`, ``} {
		if answer := c.anna.call(t, "POST", "/incidents/"+i.ID+"/update-status-dialog", sent); answer.Status != 400 {
			t.Errorf("%s: %d %s", sent, answer.Status, answer.Body)
		}
	}
	if got := c.read(t, i.ID); got.Revision != i.Revision {
		t.Errorf("%+v", got)
	}
}

// Dialogs of our own are accepted from the person for whom they were opened, and from nobody else.
func TestDialogs_BelongToTheUserWhoOpenedThem(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

// A start from a post that not everybody in the team may read says so in the dialog. Without that the post is not quoted, also
// when the channel became private while the dialog was open, or the state was altered or is another user's.
func TestDialogs_StartFromAPrivatePostSaysSo(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		closed := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna, c.boris)
		direct, response := c.anna.CreateDirectChannel(c.anna.user.Id, c.boris.user.Id)
		must(t, "open a direct channel", response)
		elsewhere := s.newChannel(t, s.newTeam(t, c.anna, c.boris), model.CHANNEL_OPEN, c.anna, c.boris)
		square := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
		events := c.anna.listen(t)
		open := func(channel *model.Channel) *model.OpenDialogRequest {
			t.Helper()
			post, response := c.anna.CreatePost(&model.Post{ChannelId: channel.Id, Message: "the secret"})
			must(t, "post", response)
			c.anna.command(t, c.team, c.square, "/incident start client-1 "+post.Id)
			return events.dialog(t)
		}
		const says = "not in a public channel"
		made := func(name string) int {
			return s.count(t, "SELECT COUNT(*) FROM Channels WHERE DisplayName = '"+name+"' AND TeamId = '"+c.team.Id+"'")
		}
		for what, channel := range map[string]*model.Channel{"private": closed, "direct": direct, "elsewhere": elsewhere, "public": square} {
			d := open(channel)
			if told := strings.Contains(d.Dialog.IntroductionText, says); told != (what != "public") {
				t.Errorf("%s: the dialog says %q", what, d.Dialog.IntroductionText)
			}
			accepted(t, c.anna.submit(t, d, c.team, c.square, c.fields(book, "From "+what)))
			if made("From "+what) != 1 {
				t.Errorf("%s: nothing was started", what)
			}
			// Another user, or an altered state, is refused.
			d = open(channel)
			refused(t, what+", another user", c.boris.submit(t, d, c.team, c.square, c.fields(book, "Forged")))
			for before, after := range map[string]string{`"client_id":"client-1"`: `"client_id":"client-2"`, `"post_id":"`: `"post_id":"a`, `"mark":"`: `"mark":"1`} {
				forged := *d
				forged.Dialog.State = strings.Replace(d.Dialog.State, before, after, 1)
				refused(t, what+", altered "+before, c.anna.submit(t, &forged, c.team, c.square, c.fields(book, "Forged")))
			}
		}
		// A state of one's own making, sent by a client itself, quotes no private post either.
		post, response := c.anna.CreatePost(&model.Post{ChannelId: closed.Id, Message: "the secret"})
		must(t, "post", response)
		for _, state := range []string{`{"post_id":"` + post.Id + `"}`, `{"post_id":"` + post.Id + `","told":true}`, `{"post_id":"` + post.Id + `","told":true,"mark":"x"}`} {
			answer := c.anna.call(t, "POST", "/incidents/dialog", body{"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id,
				"state": state, "submission": c.fields(book, "Forged")}).want(t, 200)
			if !strings.Contains(string(answer.Body), says) {
				t.Errorf("%s: %s", state, answer.Body)
			}
		}
		// The channel becomes private while the dialog is open.
		d := open(square)
		_, response = c.Admin.UpdateChannelPrivacy(square.Id, model.CHANNEL_PRIVATE)
		must(t, "make private", response)
		answer := c.anna.submit(t, d, c.team, c.square, c.fields(book, "Forged"))
		refused(t, "made private", answer)
		if answer == nil || !strings.Contains(answer.Error, says) {
			t.Errorf("made private: %+v", answer)
		}
		if n := made("Forged"); n != 0 {
			t.Errorf("%d incidents were started", n)
		}
	})
}
