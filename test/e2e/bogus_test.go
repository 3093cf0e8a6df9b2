//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// A member who makes many playbooks for others is stopped, does not hide the real ones, and the others can leave.
func TestBogusPlaybooks(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
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

func TestLeavingAPlaybook(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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
