//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestTasks_ReorderRefusesNegativePositions(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	for _, sent := range []string{`{"item_num":0,"new_location":-1}`, `{"item_num":-1,"new_location":0}`, `{"item_num":3}`, `{"new_location":3}`} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/reorder", sent).want(t, 400).errorText(t)
	}
}

func TestTasks_CanBeAddressedByID(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	stage := i.Checklists[0]
	c.anna.call(t, "DELETE", "/incidents/"+i.ID+"/checklists/0/item/0", nil).want(t, 204)
	path := "/incidents/" + i.ID + "/checklists/" + stage.ID + "/item/"
	c.anna.call(t, "PUT", path+stage.Tasks[1].ID+"/state", `{"new_state":"closed"}`).want(t, 200)
	c.anna.call(t, "PUT", path+stage.Tasks[0].ID+"/state", `{"new_state":"closed"}`).want(t, 404).errorText(t)
	if got := c.read(t, i.ID).Checklists[0].Tasks; got[0].ID != stage.Tasks[1].ID || got[0].State != incident.Closed || got[1].State != incident.Open {
		t.Errorf("%+v", got)
	}
}

func TestTasks_HaveIDsFromTheStart(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	events := c.anna.listen(t)
	i := c.startFromPlaybook(t, nil)
	var created struct{ Incident incident.Incident }
	events.plugin(t, s, "incident_created", &created)
	stored := c.read(t, i.ID)
	for n, stage := range stored.Checklists {
		for k, task := range stage.Tasks {
			if !model.IsValidId(task.ID) || i.Checklists[n].Tasks[k].ID != task.ID || created.Incident.Checklists[n].Tasks[k].ID != task.ID {
				t.Errorf("task %d %d: %q in the answer, %q in the event, %q stored", n, k, i.Checklists[n].Tasks[k].ID, created.Incident.Checklists[n].Tasks[k].ID, task.ID)
			}
		}
	}
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", `{"title":"new","id":"mine","state":"closed"}`).want(t, 201)
	var updated incident.Incident
	for len(updated.Checklists) == 0 || len(updated.Checklists[0].Tasks) != 4 {
		events.plugin(t, s, "incident_updated", &updated)
	}
	if task := updated.Checklists[0].Tasks[3]; !model.IsValidId(task.ID) || task.State != incident.Open {
		t.Errorf("%+v", task)
	}
}

func TestTasks_LongStoredTitlesCanBeCheckedAndAssigned(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, nil)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": strings.Repeat("語", incident.MaxTaskTitle+1)}).want(t, 400).errorText(t)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": "as 1.2.0 stored it"}).want(t, 201)
	s.exec(t, "UPDATE IR_Incident SET ChecklistsJSON = CAST(REPLACE(CAST(ChecklistsJSON AS TEXT), 'as 1.2.0 stored it', '"+strings.Repeat("語", 20000)+"') AS json) WHERE ID = '"+i.ID+"'")
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", `{"new_state":"closed"}`).want(t, 200)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", map[string]any{"assignee_id": c.anna.user.Id}).want(t, 200)
	if task := c.read(t, i.ID).Checklists[0].Tasks[0]; task.StateModifiedPostID == "" || task.AssigneeModifiedPostID == "" {
		t.Errorf("not announced: %+v", task)
	}
}

func TestTasks_PositionsBeyondTheEndAreNotFound(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	for _, path := range []string{"/checklists/2/item/0", "/checklists/0/item/3"} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path, `{"title":"x"}`).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path+"/state", `{"new_state":"closed"}`).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path+"/assignee", `{}`).want(t, 404).errorText(t)
		c.anna.call(t, "POST", "/incidents/"+i.ID+path+"/run", nil).want(t, 404).errorText(t)
		c.anna.call(t, "DELETE", "/incidents/"+i.ID+path, nil).want(t, 404).errorText(t)
	}
	if got := c.read(t, i.ID); got.Revision != i.Revision {
		t.Error("something was changed")
	}
}

func TestTasks_PercentSignsInTitlesAreKept(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Title = "100% done" })
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", `{"new_state":"closed"}`).want(t, 200)
	if c.anna.said(t, i.ChannelID, "100% done") != 1 {
		t.Error("the title is mangled")
	}
}

// A task keeps its id when others move, and can be named by it.
func TestTasks_ByIDAndPosition(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		started := anna.startIncident(t, team, "Many ways", anna.newPlaybook(t, team, nil, anna))
		at, stage := "/incidents/"+started.ID+"/checklists/", started.Checklists[0]
		titles := func() string {
			var found []string
			for _, task := range anna.incident(t, started.ID).Checklists[0].Tasks {
				found = append(found, task.Title+string(task.State))
			}
			return strings.Join(found, "|")
		}
		for _, step := range []struct {
			method, path string
			body         body
			status       int
			want         string
		}{
			{"PUT", "0/reorder", body{"item_num": 0, "new_location": 2}, 200, "Open the bridge|Page *the* 100% team|Name the impact"},
			{"PUT", stage.ID + "/reorder", body{"item_id": stage.Tasks[2].ID, "new_location": 0}, 200, "Page *the* 100% team|Open the bridge|Name the impact"},
			{"PUT", stage.ID + "/item/" + stage.Tasks[0].ID + "/state", body{"new_state": "closed"}, 200, "Page *the* 100% team|Open the bridge|Name the impactclosed"},
			{"PUT", "00/item/01/state", body{"new_state": "in_progress"}, 200, "Page *the* 100% team|Open the bridgein_progress|Name the impactclosed"},
			{"PUT", "0/item/" + stage.Tasks[2].ID, body{"title": "Renamed 🔥"}, 200, "Renamed 🔥|Open the bridgein_progress|Name the impactclosed"},
			{"DELETE", stage.ID + "/item/1", nil, 204, "Renamed 🔥|Name the impactclosed"},
			{"PUT", "0/add", body{"title": "  مهمة  ", "state": "closed", "id": "mine"}, 201, "Renamed 🔥|Name the impactclosed|مهمة"},
			{"PUT", "0/item/1/state", body{}, 200, "Renamed 🔥|Name the impact|مهمة"},
		} {
			var sent any
			if step.body != nil {
				sent = step.body
			}
			answer := anna.call(t, step.method, at+step.path, sent).want(t, step.status)
			if got := titles(); got != step.want {
				t.Errorf("%s %s: %q, want %q", step.method, step.path, got, step.want)
			}
			want := ""
			if strings.HasSuffix(step.path, "/state") {
				want = "{}"
			}
			if got := strings.TrimSpace(string(answer.Body)); got != want {
				t.Errorf("%s %s answers %q", step.method, step.path, got)
			}
		}
		var items []struct{ Item, Hint, HelpText string }
		anna.call(t, "GET", "/incidents/checklist-autocomplete?channel_id="+started.ChannelID+"&user_input=x", nil).want(t, 200).decode(t, &items)
		if len(items) != 6 || items[0].Item != "0 0" || items[0].Hint != `"Renamed 🔥"` || items[0].HelpText == "" || items[5].Item != "2 0" {
			t.Errorf("suggested: %+v", items)
		}
	})
}
