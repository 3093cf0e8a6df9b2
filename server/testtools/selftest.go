package testtools

import (
	"context"
	"fmt"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// selfTest tries the plugin out on a playbook and an incident of its own. Live data is not touched.
type selfTest struct {
	*tools
	user, team  string
	mark        string
	playbookID  string
	template    playbook.Playbook
	incident    incident.Incident
	added       incident.Task
	ended, gone bool // whether incident and playbook are cleaned up already
}

type step struct {
	name string
	run  func(ctx context.Context, t *selfTest) error
}

// selfTest runs the steps of the test.
func (t *tools) selfTest(ctx context.Context, c *capability.Call) error {
	if strings.Join(c.Words, " ") != "CONFIRM TEST SELF" {
		return capability.UsageError("The self test makes a playbook and an incident of its own. Afterwards the playbook is deleted and the incident is ended and its channel archived; it stays in the list of incidents. If you want that, type `/incident test self CONFIRM TEST SELF`.")
	}
	run := &selfTest{tools: t, user: c.UserId, team: c.TeamId, mark: "Self test " + model.NewId()[:8]}
	defer run.cleanUp(ctx)
	for _, s := range selfTestSteps {
		err := s.run(ctx, run)
		if err == nil {
			continue
		}
		c.Say("The self test **failed** at the step \"" + s.name + "\".")
		return err
	}
	c.Say(fmt.Sprintf("The self test passed all %d steps.", len(selfTestSteps)))
	return nil
}

// mismatch means that the plugin did something else than was expected.
func mismatch(format string, args ...interface{}) error {
	return incident.NewError(incident.Conflict, "self_test.mismatch", format, args...)
}

// cleanUp removes what the test made, as far as the test has not done so itself.
func (t *selfTest) cleanUp(ctx context.Context) {
	warn := func(what string, err error) {
		if err != nil {
			t.log.Warn("The self test could not clean up.", "what", what, "error", err.Error())
		}
	}
	if t.incident.ID != "" {
		if !t.ended {
			warn("end the incident", t.svc.End(ctx, t.user, t.incident.ID))
		}
		warn("archive the channel", t.host.ArchiveChannel(t.incident.ChannelID))
	}
	if t.playbookID != "" && !t.gone {
		warn("delete the playbook", t.svc.DeletePlaybook(ctx, t.user, t.playbookID))
	}
}

// stages makes 3 stages with 10 tasks together.
func (t *selfTest) stages() []incident.Stage {
	var stages []incident.Stage
	for s, tasks := range []int{3, 3, 4} {
		stage := incident.Stage{Title: fmt.Sprintf("Stage %d", s)}
		for n := 0; n < tasks; n++ {
			stage.Tasks = append(stage.Tasks, incident.Task{Title: fmt.Sprintf("Task %d.%d", s, n)})
		}
		stages = append(stages, stage)
	}
	return stages
}

// expect reads the incident again and compares its first stage's tasks, written "title" or "title (done)".
func (t *selfTest) expect(ctx context.Context, want ...string) error {
	inc, err := t.svc.Incident(ctx, t.user, t.incident.ID)
	if err != nil {
		return err
	}
	if len(inc.Checklists) != 3 {
		return mismatch("the incident has %d stages instead of 3", len(inc.Checklists))
	}
	var got []string
	for _, task := range inc.Checklists[0].Tasks {
		title := task.Title
		if task.State == incident.Closed {
			title += " (done)"
		}
		got = append(got, title)
	}
	if a, b := strings.Join(got, ", "), strings.Join(want, ", "); a != b {
		return mismatch("the tasks are %q instead of %q", a, b)
	}
	return nil
}

var selfTestSteps = []step{
	{"create a playbook", func(ctx context.Context, t *selfTest) (err error) {
		t.template = playbook.Playbook{
			Title: t.mark, TeamID: t.team, CreatePublicIncident: true, MemberIDs: []string{t.user}, Checklists: t.stages(),
		}
		t.playbookID, err = t.svc.CreatePlaybook(ctx, t.user, t.template)
		return err
	}},
	{"read the playbook", func(ctx context.Context, t *selfTest) error {
		p, err := t.svc.Playbook(ctx, t.user, t.playbookID)
		if err != nil {
			return err
		}
		if p.Title != t.mark || p.NumStages != 3 || p.NumSteps != 10 || !p.HasMember(t.user) {
			return mismatch("read another playbook than was stored: %q with %d stages and %d tasks", p.Title, p.NumStages, p.NumSteps)
		}
		return nil
	}},
	{"list playbooks", func(ctx context.Context, t *selfTest) error {
		list, err := t.svc.MemberPlaybooks(ctx, t.user, t.team)
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].ID == t.playbookID {
				return nil
			}
		}
		return mismatch("the new playbook is not in the list")
	}},
	{"update the playbook", func(ctx context.Context, t *selfTest) error {
		t.template.Description = t.mark
		if err := t.svc.UpdatePlaybook(ctx, t.user, t.playbookID, t.template); err != nil {
			return err
		}
		p, err := t.svc.Playbook(ctx, t.user, t.playbookID)
		if err == nil && p.Description != t.mark {
			err = mismatch("the new description is not stored")
		}
		return err
	}},
	{"start an incident", func(ctx context.Context, t *selfTest) (err error) {
		t.incident, err = t.svc.Start(ctx, app.StartRequest{
			RequesterID: t.user, CommanderID: t.user, TeamID: t.team, PlaybookID: t.playbookID, Name: t.mark,
		})
		if err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.1", "Task 0.2")
	}},
	{"find the incident by its channel", func(ctx context.Context, t *selfTest) error {
		inc, err := t.svc.IncidentByChannel(ctx, t.user, t.incident.ChannelID)
		if err == nil && inc.ID != t.incident.ID {
			err = mismatch("another incident was found")
		}
		return err
	}},
	{"add a task", func(ctx context.Context, t *selfTest) (err error) {
		t.added, err = t.svc.AddTask(ctx, t.user, t.incident.ID, incident.At(0), incident.Task{Title: "Added"})
		if err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.1", "Task 0.2", "Added")
	}},
	{"check a task", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.SetTaskState(ctx, t.user, t.incident.ID, incident.At(0), incident.ByID(t.added.ID), incident.Closed); err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.1", "Task 0.2", "Added (done)")
	}},
	{"uncheck a task", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.ToggleTask(ctx, t.user, t.incident.ID, incident.At(0), incident.ByID(t.added.ID)); err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.1", "Task 0.2", "Added")
	}},
	{"remove a task", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.RemoveTask(ctx, t.user, t.incident.ID, incident.At(0), incident.At(1)); err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.2", "Added")
	}},
	{"rename a task", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.EditTask(ctx, t.user, t.incident.ID, incident.At(0), incident.ByID(t.added.ID), "Renamed", "", nil); err != nil {
			return err
		}
		return t.expect(ctx, "Task 0.0", "Task 0.2", "Renamed")
	}},
	{"move a task", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.MoveTask(ctx, t.user, t.incident.ID, incident.At(0), incident.ByID(t.added.ID), 0); err != nil {
			return err
		}
		return t.expect(ctx, "Renamed", "Task 0.0", "Task 0.2")
	}},
	{"end the incident", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.End(ctx, t.user, t.incident.ID); err != nil {
			return err
		}
		t.ended = true
		inc, err := t.svc.Incident(ctx, t.user, t.incident.ID)
		if err == nil && (inc.IsActive || inc.EndAt == 0) {
			err = mismatch("the incident is still ongoing")
		}
		return err
	}},
	{"delete the playbook", func(ctx context.Context, t *selfTest) error {
		if err := t.svc.DeletePlaybook(ctx, t.user, t.playbookID); err != nil {
			return err
		}
		t.gone = true
		_, err := t.svc.Playbook(ctx, t.user, t.playbookID)
		if incident.IsKind(err, incident.NotFound) {
			return nil
		}
		if err == nil {
			err = mismatch("the deleted playbook can still be read")
		}
		return err
	}},
}
