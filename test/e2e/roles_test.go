//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// withRoles is what the tests read of an incident with roles.
type withRoles struct {
	incident.Incident
	own struct {
		Roles struct{ Handoff struct{ ID string } }
	}
}

func (p *person) withRoles(t testing.TB, id string) (i withRoles) {
	t.Helper()
	answer := p.call(t, "GET", "/incidents/"+id, nil).want(t, 200)
	answer.decode(t, &i.Incident)
	answer.decode(t, &i.own)
	return i
}

// startWithRoles starts an incident with roles, and with tasks that fall to them.
func (c *fixture) startWithRoles(t testing.TB) incident.Incident {
	t.Helper()
	var made struct{ ID string }
	c.anna.call(t, "POST", "/playbooks", body{"title": "Outage", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "create_public_incident": true,
		"roles": []body{{"name": "Communications", "default": body{"kind": "user", "user_id": c.boris.user.Id}}, {"name": "Scribe"}},
		"checklists": []body{{"title": "Stage", "items": []body{
			{"title": "Tell customers", "assignment": body{"kind": "role", "role": "communications"}}, {"title": "Write down", "assignment": body{"kind": "role", "role": "scribe"}},
			{"title": "Decide", "assignment": body{"kind": "commander"}}, {"title": "Look", "assignment": body{"kind": "user", "user_id": c.clara.user.Id}}}}}}).want(t, 201).decode(t, &made)
	return c.start(t, map[string]any{"playbook_id": made.ID})
}

// assignees are the names of who has the tasks of the first stage.
func (c *fixture) assignees(i incident.Incident) string {
	names := map[string]string{"": "-", c.anna.user.Id: "anna", c.boris.user.Id: "boris", c.clara.user.Id: "clara"}
	var all []string
	for _, task := range i.Checklists[0].Tasks {
		all = append(all, names[task.AssigneeID])
	}
	return strings.Join(all, " ")
}

// Roles begin with the people of the playbook, tasks go with them, and the command goes to who accepts it.
func TestRoles_AndHandoff(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startWithRoles(t)
		mustHave := func(what, want string) {
			t.Helper()
			if got := c.assignees(c.anna.withRoles(t, i.ID).Incident); got != want {
				t.Errorf("%s: the tasks are %s, want %s", what, got, want)
			}
		}
		mustHave("at the start", "boris - anna clara") // boris and clara were added to the channel
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/roles/scribe", body{"user_id": c.clara.user.Id}).want(t, 200)
		c.clara.command(t, c.team, c.channelOf(t, i), "/incident role communications @"+c.clara.user.Username)
		mustHave("after two changes", "clara clara anna clara")
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", body{"assignee_id": c.boris.user.Id}).want(t, 200)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/roles/communications", body{"user_id": ""}).want(t, 200)
		mustHave("a task that was assigned by hand", "boris clara anna clara")

		path := "/incidents/" + i.ID + "/handoff"
		offer := func(by, to *person) string {
			t.Helper()
			by.call(t, "POST", path, body{"user_id": to.user.Id}).want(t, 201)
			return c.anna.withRoles(t, i.ID).own.Roles.Handoff.ID
		}
		commander := func(want *person) {
			t.Helper()
			got := c.anna.withRoles(t, i.ID)
			if got.CommanderUserID != want.user.Id || got.own.Roles.Handoff.ID != "" {
				t.Errorf("the commander is %s, want %s; pending: %q", got.CommanderUserID, want.user.Id, got.own.Roles.Handoff.ID)
			}
		}
		press := func(who *person, button int) *model.Post {
			t.Helper()
			posts := who.direct(t)
			post := posts[len(posts)-1]
			attachments := post.Attachments()
			if len(attachments) == 0 || len(attachments[0].Actions) != 2 {
				t.Fatalf("the message has no buttons: %s", post.Message)
			}
			_, response := who.DoPostAction(post.Id, attachments[0].Actions[button].Id)
			must(t, "press", response)
			return post
		}
		offer(c.anna, c.boris)
		if post := press(c.boris, 1); !strings.Contains(post.Message, "Tell customers") {
			t.Errorf("the message says %q", post.Message)
		}
		commander(c.anna)
		offer(c.anna, c.boris)
		press(c.boris, 0)
		commander(c.boris)
		mustHave("after the handoff", "boris clara boris clara")
		if posts := c.boris.direct(t); len(posts[len(posts)-1].Attachments()) != 0 || !strings.Contains(posts[len(posts)-1].Message, "You accepted") {
			t.Errorf("the answered message is %+v", posts[len(posts)-1])
		}

		// Overtaken, by another commander.
		id := offer(c.boris, c.clara)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
		commander(c.anna)
		if answer := c.clara.call(t, "POST", path+"/"+id+"/accept", nil).want(t, 409); !strings.Contains(string(answer.Body), "the commander was changed") {
			t.Errorf("a late acceptance answers %s", answer.Body)
		}
		// Withdrawn, and lapsed.
		id = offer(c.anna, c.clara)
		c.anna.call(t, "POST", path+"/"+id+"/withdraw", nil).want(t, 200)
		commander(c.anna)
		id = offer(c.anna, c.clara)
		s.exec(t, fmt.Sprintf("UPDATE IR_Job SET DueAt = 1, NextAttemptAt = 1 WHERE Kind = 'handoff_lapse' AND JobKey = '%s'", id))
		eventually(t, "the handoff lapses", func() bool { return c.anna.withRoles(t, i.ID).own.Roles.Handoff.ID == "" })
		commander(c.anna)
		c.clara.call(t, "POST", path+"/"+id+"/accept", nil).want(t, 409)

		var history struct{ Items []struct{ Role string } }
		c.anna.call(t, "GET", "/incidents/"+i.ID+"/roles/history", nil).want(t, 200).decode(t, &history)
		var had []string
		for _, term := range history.Items {
			had = append(had, term.Role)
		}
		if got := strings.Join(had, " "); strings.Count(got, "commander") != 3 || strings.Count(got, "communications") != 2 || strings.Count(got, "scribe") != 1 {
			t.Errorf("the history has %s", got)
		}
		kinds := map[incident.EventType]int{}
		eventually(t, "all ends are recorded", func() bool {
			clear(kinds)
			for _, e := range s.storedEvents(t, i.ID) {
				kinds[e.Type()]++
			}
			return kinds["handoff_overtaken"] == 1
		})
		if kinds["handoff_offered"] != 5 || kinds["handoff_declined"] != 1 || kinds["handoff_withdrawn"] != 1 || kinds["handoff_lapsed"] != 1 {
			t.Errorf("the events are %v", kinds)
		}
	})
}

// Only the bot's message to the receiver has buttons that answer a handoff.
func TestHandoff_ForgedButtons(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startWithRoles(t)
	path := "/incidents/" + i.ID + "/handoff"
	c.anna.call(t, "POST", path, body{"user_id": c.boris.user.Id}).want(t, 201)
	id := c.anna.withRoles(t, i.ID).own.Roles.Handoff.ID
	for _, answer := range []string{"accept", "decline", "withdraw"} {
		for _, who := range []*person{c.boris, c.anna} {
			post, action := c.clara.button(t, c.square.Id, path+"/"+id+"/"+answer, map[string]any{"incident_buttons": path + "/" + id})
			c.unchanged(t, who.user.Username+" pressing "+answer, i, func() { _, _ = who.DoPostAction(post, action) })
		}
	}
	if got := c.anna.withRoles(t, i.ID); got.CommanderUserID != c.anna.user.Id || got.own.Roles.Handoff.ID != id {
		t.Errorf("the handoff is %+v", got.own.Roles.Handoff)
	}
}
