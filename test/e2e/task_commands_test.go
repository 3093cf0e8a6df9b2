//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestTaskCommands_NeedMembershipAndAChannelThatIsNotArchived(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "/echo ran" })
	run := "/incidents/" + i.ID + "/checklists/0/item/0/run"
	s.admin().call(t, "POST", run, nil).want(t, 403).errorText(t)
	c.boris.call(t, "POST", run, nil).want(t, 403).errorText(t)
	c.anna.call(t, "POST", run, nil).want(t, 200)
	_, response := c.Admin.DeleteChannel(i.ChannelID)
	must(t, "archive", response)
	c.anna.call(t, "POST", run, nil).want(t, 409).errorText(t)
}

func TestTaskCommands_MayBeIncidentCommands(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) {
		p.Checklists[0].Tasks[0].Command, p.Checklists[0].Tasks[1].Command = "/incident info", "/incident start"
	})
	events := c.anna.listen(t)
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/0/run", nil).want(t, 200)
	if text := events.ephemeral(t).Message; strings.Contains(text, "request id") {
		t.Errorf("info: %q", text)
	}
	var ran struct {
		TriggerID string `json:"trigger_id"`
	}
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/1/run", nil).want(t, 200).decode(t, &ran)
	if d := events.dialog(t); ran.TriggerID == "" || !strings.HasSuffix(d.URL, "/incidents/dialog") {
		t.Errorf("start: trigger %q, dialog %s", ran.TriggerID, d.URL)
	}
}

func TestTaskCommands_WithoutASlashAreStoredButNotRun(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "echo hello" })
	if got := c.read(t, i.ID).Checklists[0].Tasks[0].Command; got != "echo hello" {
		t.Fatalf("stored as %q", got)
	}
	events := c.anna.listen(t)
	text := c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/0/run", nil).want(t, 400).errorText(t)
	if note := events.ephemeral(t).Message; !strings.Contains(text, "put / in front") || !strings.Contains(note, "put / in front") {
		t.Errorf("%q, %q", text, note)
	}
}

func TestTaskCommands_UnknownOnesAreNamed(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "/nosuchcommand" })
	events := c.anna.listen(t)
	text := c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/0/run", nil).want(t, 400).errorText(t)
	if note := events.ephemeral(t).Message; !strings.Contains(text, "no such slash command") || !strings.Contains(note, "/nosuchcommand") {
		t.Errorf("%q, %q", text, note)
	}
	if c.read(t, i.ID).Checklists[0].Tasks[0].CommandLastRun != 0 {
		t.Error("a failed command counts as run")
	}
}

func TestTaskCommands_MayChangeTheirOwnIncident(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[1].Command = "/incident check 0 0" })
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/1/run", nil).want(t, 200)
	got := c.read(t, i.ID).Checklists[0].Tasks
	if got[0].State != incident.Closed || got[1].CommandLastRun == 0 {
		t.Errorf("%+v", got)
	}
}

// A task names the user who wrote its command.
func TestTaskCommands_NameTheirAuthor(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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
