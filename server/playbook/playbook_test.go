package playbook

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func valid() Playbook {
	return Playbook{Title: "T", Checklists: []incident.Stage{{Title: "s", Tasks: []incident.Task{{Title: "a"}, {Title: "b"}}}, {Title: "empty"}}}
}

func TestTasksOfAPlaybookHaveNoState(t *testing.T) {
	p := valid()
	p.Checklists[0].Tasks[0] = incident.Task{ID: "x", Title: "a", State: incident.Closed, StateModified: 1, AssigneeID: "u", Command: "/c", CommandLastRun: 2, Description: "d"}
	if err := p.Clean(); err != nil {
		t.Fatal(err)
	}
	if want := (incident.Task{ID: "x", Title: "a", Command: "/c", Description: "d"}); p.Checklists[0].Tasks[0] != want {
		t.Errorf("%+v", p.Checklists[0].Tasks[0])
	}
	p.Checklists[0].Tasks[0].State = "done"
	if err := p.Clean(); !incident.IsKind(err, incident.Invalid) {
		t.Errorf("an unknown state: %v", err)
	}
}

// A limit is kept, also when an incident is started, and takes no room in the JSON of who has none.
func TestLimitsOfStages(t *testing.T) {
	p := valid()
	p.Checklists[0].LimitSeconds = 1800
	if err := p.Clean(); err != nil || p.Checklists[0].LimitSeconds != 1800 {
		t.Errorf("%v, %+v", err, p.Checklists[0])
	}
	if started := incident.StagesForStart(p.Checklists); started[0].LimitSeconds != 1800 || started[1].LimitSeconds != 0 {
		t.Errorf("%+v", started)
	}
	data, err := json.Marshal(p)
	if err != nil || strings.Count(string(data), "limit_seconds") != 1 {
		t.Errorf("%v, %s", err, data)
	}
}

func TestMembersAreStoredOnce(t *testing.T) {
	p := valid()
	p.MemberIDs = []string{"a", "b", "a"}
	if err := p.Clean(); err != nil || strings.Join(p.MemberIDs, " ") != "a b" {
		t.Errorf("%v, %v", err, p.MemberIDs)
	}
}

func TestClean_Refuses(t *testing.T) {
	for name, spoil := range map[string]func(p *Playbook){
		"no title":          func(p *Playbook) { p.Title = " " },
		"long title":        func(p *Playbook) { p.Title = strings.Repeat("x", MaxTitle+1) },
		"long description":  func(p *Playbook) { p.Description = strings.Repeat("x", MaxDescription+1) },
		"long template":     func(p *Playbook) { p.ReminderMessageTemplate = strings.Repeat("x", incident.MaxMessage+1) },
		"long channel id":   func(p *Playbook) { p.BroadcastChannelID = strings.Repeat("x", 27) },
		"negative reminder": func(p *Playbook) { p.ReminderTimerDefaultSeconds = -1 },
		"late reminder":     func(p *Playbook) { p.ReminderTimerDefaultSeconds = incident.MaxReminderSeconds + 1 },
		"many members":      func(p *Playbook) { p.MemberIDs = make([]string, MaxMembers+1) },
		"short limit":       func(p *Playbook) { p.Checklists[0].LimitSeconds = 59 },
		"negative limit":    func(p *Playbook) { p.Checklists[1].LimitSeconds = -60 },
		"long limit":        func(p *Playbook) { p.Checklists[0].LimitSeconds = incident.MaxStageSeconds + 1 },
		"many stages":       func(p *Playbook) { p.Checklists = make([]incident.Stage, incident.MaxStages+1) },
	} {
		p := valid()
		spoil(&p)
		if err := p.Clean(); !incident.IsKind(err, incident.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCountAndNoNulls(t *testing.T) {
	p := valid()
	p.NumStages, p.NumSteps = 99, 99
	if err := p.Clean(); err != nil || p.NumStages != 2 || p.NumSteps != 2 {
		t.Errorf("%v, %d stages, %d steps", err, p.NumStages, p.NumSteps)
	}
	data, err := json.Marshal(Playbook{})
	if err != nil || strings.Contains(string(data), "null") {
		t.Errorf("%v, %s", err, data)
	}
}
