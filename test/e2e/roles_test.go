//go:build e2e

package e2e

import (
	"strings"
	"testing"

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

// startWithRoles starts an incident with levels of severity and roles, and with tasks that fall to them, in a stage that may take half an hour.
func (c *fixture) startWithRoles(t testing.TB) incident.Incident {
	t.Helper()
	var made struct{ ID string }
	c.anna.call(t, "POST", "/playbooks", body{"title": "Outage", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "create_public_incident": true,
		"severity": levelsBody("SEV3"), "roles": []body{{"name": "Communications", "default": body{"kind": "user", "user_id": c.boris.user.Id}}, {"name": "Scribe"}},
		"checklists": []body{{"title": "Stage", "limit_seconds": 1800, "items": []body{
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
