//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// A member who makes many playbooks for others is stopped, does not hide the real ones, and the others can leave.
func TestPlaybooks_OneMemberCannotFloodTheOthers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	real := c.newPlaybook(t, func(p *playbook.Playbook) { p.Title = "Zulu, the real one" })
	used := c.newPlaybook(t, func(p *playbook.Playbook) {
		p.Title = "Yankee, used by others"
		p.MemberIDs = append(p.MemberIDs, c.clara.user.Id)
	})
	c.start(t, map[string]any{"playbook_id": real})
	c.clara.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": used, "commander_user_id": c.clara.user.Id})).want(t, 201)

	bogus := body{"title": "Aaa bogus", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id, c.boris.user.Id}}
	var last struct{ ID string }
	for n := range playbook.MaxPerCreator {
		bogus["title"] = fmt.Sprintf("Aaa bogus %03d", n)
		c.boris.call(t, "POST", "/playbooks", bogus).want(t, 201).decode(t, &last)
	}
	if text := c.boris.call(t, "POST", "/playbooks", bogus).want(t, 409).errorText(t); text == "" {
		t.Error("no reason given")
	}
	var rows []struct{ Item, HelpText string }
	c.anna.call(t, "GET", "/playbooks/autocomplete?team_id="+c.team.Id, nil).want(t, 200).decode(t, &rows)
	if len(rows) < 3 || rows[0].Item != real || rows[1].Item != used || rows[2].HelpText != "Aaa bogus 000" {
		t.Errorf("suggested first: %+v", rows[:3])
	}
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.square, "/incident start")
	options := events.dialog(t).Dialog.Elements[0].Options
	if len(options) < 3 || options[0].Value != real || options[1].Value != used {
		t.Errorf("offered first: %+v, %+v", options[0], options[1])
	}

	// Others are not held up: neither another member nor an administrator.
	c.newPlaybook(t, nil)
	s.admin().call(t, "POST", "/playbooks", bogus).want(t, 201)
	c.boris.call(t, "DELETE", "/playbooks/"+last.ID, nil).want(t, 204)
	c.boris.call(t, "POST", "/playbooks", bogus).want(t, 201).decode(t, &last)
	c.boris.call(t, "POST", "/playbooks", bogus).want(t, 409)
}

func TestPlaybooks_MembersCanLeave(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		leave := "/playbooks/" + id + "/leave"
		c.clara.call(t, "POST", leave, nil).want(t, 403)
		s.admin().call(t, "POST", leave, nil).want(t, 409)
		s.anonymous().call(t, "POST", leave, nil).want(t, 401)
		c.boris.call(t, "POST", leave, nil).want(t, 204)
		c.boris.call(t, "POST", leave, nil).want(t, 403)
		c.boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 403)
		var p playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &p)
		if len(p.MemberIDs) != 1 || p.Revision != 2 || len(p.Checklists) != 2 {
			t.Errorf("left behind %+v", p)
		}
		// Somebody who has left the team can still leave its playbooks.
		c.anna.call(t, "PUT", "/playbooks/"+id, body{"title": "x", "member_ids": []string{c.anna.user.Id, c.boris.user.Id}}).want(t, 200)
		_, response := c.Admin.RemoveTeamMember(c.team.Id, c.boris.user.Id)
		must(t, "leave the team", response)
		c.boris.call(t, "POST", leave, nil).want(t, 204)
		// With the last member the playbook goes.
		c.anna.call(t, "POST", leave, nil).want(t, 204)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 404)
		c.anna.call(t, "POST", leave, nil).want(t, 404)
	})
}

// A playbook that its last member leaves is deleted as by DELETE, with the subscriptions to it, also those of members who have left
// before. It does not count against its creator any more, who may be a deactivated user.
func TestPlaybooks_LeftByTheLastMember(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		var made struct{ ID string }
		c.clara.call(t, "POST", "/playbooks", body{"title": "Of somebody who is gone", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id, c.boris.user.Id}}).want(t, 201).decode(t, &made)
		for _, p := range []*person{c.anna, c.boris} {
			p.call(t, "POST", "/eventsubscriptions", body{"playbook_id": made.ID, "user_id": p.user.Id}).want(t, 201)
		}
		_, response := c.Admin.UpdateUserActive(c.clara.user.Id, false)
		must(t, "deactivate", response)
		leave := "/playbooks/" + made.ID + "/leave"
		c.anna.call(t, "POST", leave, nil).want(t, 204)
		c.boris.call(t, "POST", leave, nil).want(t, 204)
		s.admin().call(t, "GET", "/playbooks/"+made.ID, nil).want(t, 404)
		for name, p := range map[string]*person{"anna": c.anna, "boris": c.boris} {
			var page struct {
				TotalCount int `json:"total_count"`
			}
			if p.call(t, "GET", "/eventsubscriptions", nil).want(t, 200).decode(t, &page); page.TotalCount != 0 {
				t.Errorf("%s still has %d subscriptions", name, page.TotalCount)
			}
		}
		if n := s.number(t, "SELECT COUNT(*) FROM IR_Playbook WHERE CreatorID = '"+c.clara.user.Id+"' AND DeleteAt = 0"); n != 0 {
			t.Errorf("%d playbooks count against the creator", n)
		}

		// An administrator leaves like others, and may be the last.
		id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, s.admin().user.Id) })
		s.addToTeam(t, c.team, s.admin())
		leave = "/playbooks/" + id + "/leave"
		c.anna.call(t, "POST", leave, nil).want(t, 204)
		s.admin().call(t, "POST", leave, nil).want(t, 204)
		s.admin().call(t, "POST", leave, nil).want(t, 404)
	})
}

// Members who leave at the same moment, each twice, leave once, and the playbook goes with the last of them.
func TestPlaybooks_LeftByAllAtOnce(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newFixture(t)
		for range 8 {
			id := c.newPlaybook(t, func(p *playbook.Playbook) {
				p.MemberIDs = append(p.MemberIDs, c.boris.user.Id, c.clara.user.Id)
			})
			people := []*person{c.anna, c.boris, c.clara}
			answers := make([]*reply, 6)
			atOnce(len(answers), func(k int) {
				answers[k] = people[k%3].call(t, "POST", "/playbooks/"+id+"/leave", nil).want(t, 204, 403, 404)
			})
			for k := range people {
				if (answers[k].Status == 204) == (answers[k+3].Status == 204) {
					t.Errorf("somebody who leaves twice gets %d and %d", answers[k].Status, answers[k+3].Status)
				}
			}
			s.admin().call(t, "GET", "/playbooks/"+id, nil).want(t, 404)
		}
	})
}

// A playbook that is deleted while incidents are started from it starts whole incidents, or none.
func TestPlaybooks_DeletedWhileIncidentsStart(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newFixture(t)
		for k := range 6 {
			id := c.newPlaybook(t, nil)
			atOnce(4, func(n int) {
				if n == 0 {
					time.Sleep(time.Duration(k) * 15 * time.Millisecond)
					c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
					return
				}
				answer := c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"name": "Only one", "playbook_id": id})).want(t, 201, 404)
				if answer.Status == 404 {
					if text := answer.errorText(t); !strings.Contains(text, "playbook") {
						t.Errorf("told %q", text)
					}
				}
			})
		}
		started := s.number(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+c.team.Id+"'")
		mustHaveIncidents(t, s, c.team, started)

		// The dialog was opened before.
		id := c.newPlaybook(t, nil)
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.square, "/incident start")
		d := events.dialog(t)
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		if answer := c.anna.submit(t, d, c.team, c.square, c.fields(id, "Only one")); answer == nil || !strings.Contains(answer.Errors["playbookID"], "playbook") {
			t.Errorf("the dialog shows %+v", answer)
		}
		mustHaveIncidents(t, s, c.team, started)
	})
}

func TestPlaybooks_StayInTheirTeam(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	other := s.newTeam(t, c.boris)
	id := c.newPlaybook(t, nil)
	for _, team := range []string{other.Id, "", "nonsense"} {
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "Moved", "team_id": team, "member_ids": []string{c.anna.user.Id}})
		var got playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &got)
		if got.TeamID != c.team.Id {
			t.Errorf("team_id %q moved the playbook to %q", team, got.TeamID)
		}
	}
}

func TestPlaybooks_DeletedCannotBeUsedOrRestored(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		id := c.newPlaybook(t, nil)
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "T", "delete_at": 5, "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200)
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id})).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "T", "delete_at": 0, "member_ids": []string{c.anna.user.Id}}).want(t, 404)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 404)
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
	})
}

func TestPlaybooks_MembersMustBeInTheTeam(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		stranger := s.newUser(t)
		make := func(members ...string) *reply {
			return c.anna.call(t, "POST", "/playbooks", map[string]any{"title": "T", "team_id": c.team.Id, "member_ids": members})
		}
		make(stranger.user.Id).want(t, 400).errorText(t)
		make(model.NewId()).want(t, 400).errorText(t)
		make("nonsense").want(t, 400).errorText(t)
		c.anna.call(t, "POST", "/playbooks", map[string]any{"title": " ", "team_id": c.team.Id}).want(t, 400).errorText(t)
		var made struct{ ID string }
		make(c.anna.user.Id, c.boris.user.Id, c.anna.user.Id).want(t, 201).decode(t, &made)
		var got playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+made.ID, nil).want(t, 200).decode(t, &got)
		if len(got.MemberIDs) != 2 {
			t.Errorf("members %v", got.MemberIDs)
		}
	})
}

func TestPlaybooks_CreateReadChangeDelete(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris, stranger := s.newUser(t), s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		bulletin, closed := s.newChannel(t, team, model.CHANNEL_OPEN, anna), s.newChannel(t, team, model.CHANNEL_PRIVATE)
		for _, title := range []string{"Bravo 🔒", "安全事件", "تعطل", "alpha"} {
			anna.newPlaybook(t, team, body{"title": title, "broadcast_channel_id": bulletin.Id, "reminder_message_template": "T", "reminder_timer_default_seconds": 60}, anna, boris, anna)
		}
		id := anna.newPlaybook(t, team, body{
			"title": "Zulu", "create_at": 5, "delete_at": 6, "num_stages": 99, "num_steps": 99,
			"checklists": []body{{"title": "S", "items": []body{{"title": "t", "state": "closed", "assignee_id": anna.user.Id, "state_modified": 9}}}},
		}, anna, boris, anna)
		var made map[string]any
		anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &made)
		members, _ := made["member_ids"].([]any)
		if made["num_stages"] != 1.0 || made["num_steps"] != 1.0 || made["delete_at"] != 0.0 || made["create_at"] == 5.0 || len(members) != 2 {
			t.Errorf("made: %v", made)
		}
		if text := asJSON(t, made["checklists"]); !strings.Contains(text, `"state":""`) || strings.Contains(text, anna.user.Id) {
			t.Errorf("the stages: %s", text)
		}

		var list struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []map[string]any
		}
		anna.call(t, "GET", "/playbooks?team_id="+team.Id+"&per_page=2&sort=STEPS&direction=DESC", nil).want(t, 200).decode(t, &list)
		if list.TotalCount != 5 || list.PageCount != 3 || !list.HasMore || len(list.Items) != 2 {
			t.Errorf("the first page: %+v", list)
		}
		for _, item := range list.Items {
			if asJSON(t, []any{item["checklists"], item["member_ids"], item["broadcast_channel_id"], item["reminder_message_template"], item["reminder_timer_default_seconds"]}) != `[[],[],"","",0]` || item["num_steps"] != 6.0 {
				t.Errorf("listed: %v", item)
			}
		}
		var items []struct{ Item, Hint, HelpText string }
		boris.call(t, "GET", "/playbooks/autocomplete?team_id="+team.Id, nil).want(t, 200).decode(t, &items)
		if len(items) != 5 || !slices.ContainsFunc(items, func(i struct{ Item, Hint, HelpText string }) bool {
			return i.Item == id && i.Hint == "" && i.HelpText == "Zulu"
		}) {
			t.Errorf("suggested: %+v", items)
		}

		// A PUT replaces everything but the team, the times and the id.
		anna.call(t, "PUT", "/playbooks/"+id, body{"id": model.NewId(), "title": "Zulu 2", "team_id": s.newTeam(t, anna).Id, "delete_at": 7, "member_ids": []string{anna.user.Id}}).want(t, 200)
		var changed map[string]any
		anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &changed)
		if changed["id"] != id || changed["team_id"] != team.Id || changed["delete_at"] != 0.0 || changed["create_at"] != made["create_at"] || asJSON(t, changed["checklists"]) != "[]" {
			t.Errorf("changed: %v", changed)
		}
		boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 403)

		with := func(more body) body {
			fields := body{"title": "Never made", "team_id": team.Id, "member_ids": []string{anna.user.Id}}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		var refusals []refusal
		for what, r := range map[string]struct {
			body   any
			status int
		}{
			"an id": {with(body{"id": model.NewId()}), 400}, "no title": {with(body{"title": " "}), 400}, "NUL": {with(body{"title": "a\x00"}), 400},
			"a long title": {with(body{"title": strings.Repeat("x", 1025)}), 400}, "a long description": {with(body{"description": strings.Repeat("x", 4097)}), 400},
			"an unknown member": {with(body{"member_ids": []string{model.NewId()}}), 400}, "a member of no team": {with(body{"member_ids": []string{stranger.user.Id}}), 400},
			"a malformed member":  {with(body{"member_ids": []string{strings.Repeat("x", 100)}}), 400},
			"a negative reminder": {with(body{"reminder_timer_default_seconds": -1}), 400}, "half a second": {with(body{"reminder_timer_default_seconds": 0.5}), 400},
			"a state of its own": {with(body{"checklists": []body{{"items": []body{{"title": "x", "state": "done"}}}}}), 400},
			"too many stages":    {with(body{"checklists": make([]body, 101)}), 400}, "too many tasks": {with(body{"checklists": []body{{"title": "x", "items": tasks(1001, "x")}}}), 400},
			"a broadcast where she may not post": {with(body{"broadcast_channel_id": closed.Id}), 403}, "a broadcast to nowhere": {with(body{"broadcast_channel_id": model.NewId()}), 403},
			"no team": {with(body{"team_id": ""}), 403}, "an unknown team": {with(body{"team_id": model.NewId()}), 403},
		} {
			refusals = append(refusals, refusal{what, "POST", "/playbooks", r.body, r.status})
		}
		subscription := func(more body) body {
			fields := body{"url": body{"Scheme": "https", "Host": "example.com", "Path": "/hook"}, "playbook_id": id, "user_id": anna.user.Id}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		refusals = append(refusals,
			refusal{"no playbook", "POST", "/eventsubscriptions", subscription(body{"playbook_id": ""}), 400},
			refusal{"an unknown playbook", "POST", "/eventsubscriptions", subscription(body{"playbook_id": model.NewId()}), 404},
			refusal{"another user", "POST", "/eventsubscriptions", subscription(body{"user_id": boris.user.Id}), 400},
			refusal{"a URL that is a string", "POST", "/eventsubscriptions", subscription(body{"url": "https://example.com"}), 400})
		anna.mustBeRefused(t, refusals)

		var subscribed map[string]any
		anna.call(t, "POST", "/eventsubscriptions", subscription(body{"id": "mine"})).want(t, 201).decode(t, &subscribed)
		if address, _ := subscribed["url"].(map[string]any); len(fmt.Sprint(subscribed["id"])) != 26 || address["Host"] != "example.com" || address["Path"] != "/hook" {
			t.Errorf("subscribed: %v", subscribed)
		}

		anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		anna.mustBeRefused(t, []refusal{
			{"a deleted playbook", "GET", "/playbooks/" + id, nil, 404}, {"a deleted playbook", "PUT", "/playbooks/" + id, with(nil), 404},
			{"a subscription to it", "POST", "/eventsubscriptions", subscription(nil), 404},
		})
	})
}

// A channel that is archived cannot be chosen for broadcasts. A playbook that has it already can be saved, and a start says in the
// incident's channel that updates are not broadcast.
func TestPlaybooks_ArchivedBroadcastChannel(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		wide, other := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna), s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
		fields := func(channelID string) body {
			return body{"title": "Broadcasts", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "broadcast_channel_id": channelID}
		}
		var made struct{ ID string }
		c.anna.call(t, "POST", "/playbooks", fields(wide.Id)).want(t, 201).decode(t, &made)
		for _, channel := range []*model.Channel{wide, other} {
			_, response := c.Admin.DeleteChannel(channel.Id)
			must(t, "archive", response)
			// Mattermost may take the permission to post in an archived channel away.
			c.anna.call(t, "POST", "/playbooks", fields(channel.Id)).want(t, 400).errorText(t)
		}
		c.anna.call(t, "PUT", "/playbooks/"+made.ID, fields(other.Id)).want(t, 400).errorText(t)
		c.anna.call(t, "PUT", "/playbooks/"+made.ID, fields(wide.Id)).want(t, 200, 204)
		i := c.start(t, map[string]any{"playbook_id": made.ID})
		if n := c.anna.said(t, i.ChannelID, "that channel is archived"); n != 1 {
			t.Errorf("the channel is told %d times", n)
		}
		hidden := s.newChannel(t, c.team, model.CHANNEL_PRIVATE)
		_, response := c.Admin.DeleteChannel(hidden.Id)
		must(t, "archive", response)
		refusal := c.anna.call(t, "POST", "/playbooks", fields(model.NewId())).want(t, 403).errorText(t)
		if text := c.anna.call(t, "POST", "/playbooks", fields(hidden.Id)).want(t, 403).errorText(t); text != refusal {
			t.Errorf("a hidden channel is refused with %q, an unknown one with %q", text, refusal)
		}
	})
}
