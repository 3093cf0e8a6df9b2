//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestStart_IgnoresTheReminderPostOfTheRequest(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		_, post := c.secretPost(t)
		i := c.start(t, map[string]any{"reminder_post_id": post.Id})
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		if i.ReminderPostID != "" {
			t.Errorf("reminder_post_id is %q", i.ReminderPostID)
		}
		_, response := c.Admin.GetPost(post.Id, "")
		must(t, "the post was deleted", response)
	})
}

func TestStart_IgnoresTheStatusPostsOfTheRequest(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		_, post := c.secretPost(t)
		i := c.start(t, map[string]any{"status_post_ids": []string{post.Id}})
		// A row that 1.2.0 left behind must not show the post either.
		s.exec(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES ('"+i.ID+"', '"+post.Id+"')")
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.channelOf(t, i), "/incident update")
		for _, element := range events.dialog(t).Dialog.Elements {
			if strings.Contains(element.Default, "secret") {
				t.Errorf("the dialog shows %q", element.Default)
			}
		}
		if len(i.StatusPostIDs) != 0 {
			t.Errorf("status posts %v", i.StatusPostIDs)
		}
	})
}

func TestStart_IgnoresTheBroadcastChannelOfTheRequest(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	channel, _ := c.secretPost(t)
	i := c.start(t, map[string]any{"broadcast_channel_id": channel.Id})
	c.anna.updateStatus(t, i.ID, "intruding", "0").want(t, 200)
	if n := s.admin().said(t, channel.Id, "intruding"); n != 0 || i.BroadcastChannelID != "" {
		t.Errorf("%d posts in the private channel, broadcast_channel_id %q", n, i.BroadcastChannelID)
	}
}

func TestStart_IgnoresFieldsThatClientsMayNotSet(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, map[string]any{"previous_reminder": 7, "reminder_message_template": "mine", "status_posts": []any{map[string]any{"id": "x"}},
		"is_active": false, "active_stage_title": "mine", "checklists": stages(), "revision": 99, "post_revision": 99})
	if i.PreviousReminder != 0 || i.ReminderMessageTemplate != "" || len(i.StatusPosts) != 0 || !i.IsActive || i.ActiveStageTitle != "Checklist" ||
		len(i.Checklists) != 1 || i.Revision != 1 || i.PostRevision != 0 {
		t.Errorf("%+v", i)
	}
}

func TestStart_IgnoresDeleteAt(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, map[string]any{"delete_at": 5})
	var list struct{ Items []incident.Incident }
	c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200).decode(t, &list)
	if i.DeleteAt != 0 || len(list.Items) != 1 {
		t.Errorf("delete_at %d, listed %d", i.DeleteAt, len(list.Items))
	}
}

func TestStart_RefusesAPlaybookOfAnotherTeam(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	other := s.newTeam(t, c.anna)
	id := c.newPlaybook(t, nil)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"team_id": other.Id, "playbook_id": id})).want(t, 400, 403).errorText(t)
	_, response := c.Admin.RemoveTeamMember(c.team.Id, c.anna.user.Id)
	must(t, "leave the team", response)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"team_id": other.Id, "playbook_id": id})).want(t, 400, 403).errorText(t)
}

func TestStart_ForSomebodyElseAddsBothToTheChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	id := c.newPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = false })
	i := c.start(t, map[string]any{"playbook_id": id, "commander_user_id": c.boris.user.Id})
	c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
	c.boris.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
	if c.anna.said(t, i.ChannelID, "started by @"+c.anna.user.Username) != 1 {
		t.Error("the post does not name who started the incident")
	}
}

func TestStart_ByAnAdministratorOutsideTheTeam(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	admin := s.admin()
	_, response := c.Admin.RemoveTeamMember(c.team.Id, admin.user.Id)
	must(t, "leave the team", response)
	var i incident.Incident
	admin.call(t, "POST", "/incidents", c.startBody(nil)).want(t, 201).decode(t, &i)
	for _, p := range []*person{admin, c.anna} {
		p.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": "Call"}).want(t, 201)
	}
	if c.anna.said(t, i.ChannelID, "started by @"+admin.user.Username) != 1 {
		t.Error("the post does not name who started the incident")
	}
	before := s.count(t, "SELECT count(*) FROM Channels WHERE TeamId = '"+c.team.Id+"'")
	admin.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": admin.user.Id})).want(t, 403).errorText(t)
	if after := s.count(t, "SELECT count(*) FROM Channels WHERE TeamId = '"+c.team.Id+"'"); after != before {
		t.Errorf("%d channels were made for nothing", after-before)
	}
}

func TestStart_RefusedLeavesNoChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	count := "SELECT count(*) FROM Channels WHERE TeamId = '" + c.team.Id + "' AND DeleteAt = 0"
	before := s.count(t, count)
	id := c.newPlaybook(t, nil)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "active_stage": 99})).want(t, 400).errorText(t)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"name": "a\tb\u2028c"}))
	if after := s.count(t, count); after > before+1 {
		t.Errorf("%d channels became %d", before, after)
	}
}

func TestStart_NeedsPermissionForPlaybookAndPost(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	_, secret := c.secretPost(t)
	theirs := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = []string{c.boris.user.Id} })
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": theirs})).want(t, 403).errorText(t)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"post_id": secret.Id})).want(t, 403).errorText(t)
	s.admin().call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": theirs})).want(t, 403).errorText(t)
}

func TestStart_RefusesNamesAndDescriptionsWithAReason(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	for _, fields := range []map[string]any{{"name": ""}, {"name": "  "}, {"name": strings.Repeat("x", 65)}, {"name": "\u200b"}, {"name": "\n\t"},
		{"description": strings.Repeat("x", 1025)}} {
		c.anna.call(t, "POST", "/incidents", c.startBody(fields)).want(t, 400).errorText(t)
	}
}

func TestStart_StoredAndAnswered(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)

		answer := anna.call(t, "POST", "/incidents", body{
			"name": "  Plain one ", "team_id": team.Id, "commander_user_id": anna.user.Id, "unknown_field": true,
			// What a client may not set is ignored.
			"is_active": false, "delete_at": 5, "reminder_post_id": model.NewId(), "status_post_ids": []string{model.NewId()},
			"broadcast_channel_id": model.NewId(), "previous_reminder": 7, "reminder_message_template": "x", "revision": 9,
			"checklists": []body{{"title": "Mine"}}, "active_stage_title": "Mine", "status_posts": []body{{"id": "x"}},
		}).want(t, 201)
		if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("Content-Type: %q", kind)
		}
		var fields map[string]any
		answer.decode(t, &fields)
		id, _ := fields["id"].(string)
		if location := answer.Header.Get("Location"); id == "" || location != "/api/v0/incidents/"+id {
			t.Errorf("Location: %q", location)
		}
		stages, _ := fields["checklists"].([]any)
		if len(stages) != 1 {
			t.Fatalf("stages: %v", stages)
		}
		stage, _ := stages[0].(map[string]any)
		want := body{
			"id": id, "name": "  Plain one ", "description": "", "is_active": true, "commander_user_id": anna.user.Id, "team_id": team.Id,
			"channel_id": fields["channel_id"], "create_at": fields["create_at"], "end_at": 0, "delete_at": 0, "active_stage": 0,
			"active_stage_title": "Checklist", "post_id": "", "playbook_id": "",
			"checklists":      []body{{"id": stage["id"], "title": "Checklist", "items": []any{}}},
			"status_post_ids": []any{}, "status_posts": []any{}, "reminder_post_id": "", "previous_reminder": 0,
			"broadcast_channel_id": "", "reminder_message_template": "", "revision": 1, "post_revision": fields["post_revision"],
		}
		if got, want := asJSON(t, fields), asJSON(t, want); got != want {
			t.Errorf("started:\n%s\nwant\n%s", got, want)
		}
		if stage["id"] == "" {
			t.Error("the stage has no id")
		}
		if read := anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200); !bytes.Equal(bytes.TrimSpace(read.Body), bytes.TrimSpace(answer.Body)) {
			t.Errorf("started as\n%s\nread as\n%s", answer.Body, read.Body)
		}

		for _, playbook := range []struct {
			checklists []body
			stage      int
			title      string
		}{{[]body{}, -1, ""}, {stagesBody(), 0, "Triage"}} {
			made := anna.newPlaybook(t, team, body{"checklists": playbook.checklists, "reminder_timer_default_seconds": 900}, anna)
			started := anna.startIncident(t, team, "From a playbook", made)
			if started.ActiveStage != playbook.stage || started.ActiveStageTitle != playbook.title || started.PreviousReminder != 900e9 || len(started.Checklists) != len(playbook.checklists) {
				t.Errorf("started: %+v", started)
			}
		}
	})
}

func TestStart_Refused(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team, elsewhere := s.newTeam(t, anna, boris), s.newTeam(t, anna)
		lobby, closed := s.newChannel(t, team, model.CHANNEL_OPEN, anna), s.newChannel(t, team, model.CHANNEL_PRIVATE)
		say := func(p *person, channelID string) *model.Post {
			made, response := p.CreatePost(&model.Post{ChannelId: channelID, Message: "What is this?"})
			must(t, "post", response)
			return made
		}
		hidden, gone := say(s.admin(), closed.Id), say(anna, lobby.Id)
		_, response := anna.DeletePost(gone.Id)
		must(t, "delete a post", response)
		mine, foreign := anna.newPlaybook(t, team, nil, anna), anna.newPlaybook(t, elsewhere, nil, anna)
		notMine, deleted := boris.newPlaybook(t, team, nil, boris), anna.newPlaybook(t, team, nil, anna)
		anna.call(t, "DELETE", "/playbooks/"+deleted, nil).want(t, 204)

		with := func(more body) body {
			fields := body{"name": "Never started", "team_id": team.Id, "commander_user_id": anna.user.Id}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		var refusals []refusal
		for _, r := range []struct {
			what   string
			body   any
			status int
		}{
			{"an empty body", "", 400}, {"no JSON", "{", 400}, {"a list", "[]", 400}, {"a number", "5", 400}, {"a string", `"x"`, 400}, {"null", "null", 400},
			{"broken UTF-8 in JSON", strings.Replace(asJSON(t, with(nil)), "Never", "Never\xff", 1), 400},
			{"an id", with(body{"id": model.NewId()}), 400}, {"a private channel of others", with(body{"channel_id": closed.Id}), 404}, {"an unknown channel", with(body{"channel_id": model.NewId()}), 404},
			{"a start time", with(body{"create_at": 1}), 400}, {"an end time", with(body{"end_at": 1}), 400},
			{"no team", with(body{"team_id": ""}), 400}, {"no commander", with(body{"commander_user_id": ""}), 400},
			{"a name that is a number", with(body{"name": 5}), 400}, {"a huge stage", with(body{"active_stage": json.Number("99999999999999999999")}), 400},
			{"a fraction of a stage", with(body{"active_stage": 0.5}), 400},
			{"an unknown commander", with(body{"commander_user_id": model.NewId()}), 403}, {"an unknown team", with(body{"team_id": model.NewId()}), 403},
			{"a malformed team", with(body{"team_id": "' OR 1=1 --"}), 403},
			{"an unknown playbook", with(body{"playbook_id": model.NewId()}), 404}, {"a deleted playbook", with(body{"playbook_id": deleted}), 404},
			{"a playbook of others", with(body{"playbook_id": notMine}), 403}, {"a playbook of another team", with(body{"playbook_id": foreign}), 400},
			{"an unknown post", with(body{"post_id": model.NewId()}), 404}, {"a deleted post", with(body{"post_id": gone.Id}), 404},
			{"a post that she may not read", with(body{"post_id": hidden.Id}), 403},
			{"no name", with(body{"name": ""}), 400}, {"an invisible name", with(body{"name": "\u200b"}), 400}, {"blanks", with(body{"name": "   "}), 400},
			{"a long name", with(body{"name": strings.Repeat("x", 65)}), 400}, {"a name of nothing but a line break", with(body{"name": "\n"}), 400},
			{"a name with NUL", with(body{"name": "NUL\x00NUL"}), 400}, {"a description with NUL", with(body{"description": "\x00"}), 400},
			{"a long description", with(body{"description": strings.Repeat("x", 1025)}), 400},
			{"a stage beyond the last", with(body{"playbook_id": mine, "active_stage": 3}), 400}, {"a negative stage", with(body{"playbook_id": mine, "active_stage": -1}), 400},
			{"a huge body", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		} {
			refusals = append(refusals, refusal{r.what, "POST", "/incidents", r.body, r.status})
		}
		anna.mustBeRefused(t, refusals)
		answer := s.admin().call(t, "POST", "/incidents", body{"name": "Nowhere", "team_id": model.NewId(), "commander_user_id": s.admin().user.Id})
		if answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("a start by the administrator in no team answered %d: %s", answer.Status, answer.Body)
		}
		for _, key := range []string{"", "with blank", strings.Repeat("k", 129), "ключ"} {
			anna.call(t, "POST", "/incidents", with(nil), "Idempotency-Key: "+key).want(t, 400)
		}
		// None of them has left anything behind.
		if n := s.number(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'"); n != 0 {
			t.Errorf("%d incidents were stored", n)
		}
		if n := s.number(t, "SELECT COUNT(*) FROM Channels WHERE DisplayName LIKE 'Never%' AND TeamId = '"+team.Id+"'"); n != 0 {
			t.Errorf("%d channels were made", n)
		}
	})
}
