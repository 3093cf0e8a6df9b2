package incident

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
)

func TestStagesForStart_HaveNewIDs(t *testing.T) {
	source := sample().Checklists
	seen := map[string]bool{}
	for run := 0; run < 2; run++ {
		for _, s := range StagesForStart(source) {
			for _, id := range append([]string{s.ID}, strings.Fields(titles(s))...) {
				if !model.IsValidId(id) || seen[id] {
					t.Errorf("id %q is not fresh", id)
				}
				seen[id] = true
			}
		}
	}
	if source[0].ID != "stage0" {
		t.Error("the playbook's stages were altered")
	}
}

func TestStagesForStart_HaveNothingDone(t *testing.T) {
	got := StagesForStart([]Stage{{Title: "s", Tasks: []Task{{ID: "x", Title: "a", State: Closed, StateModified: 5, StateModifiedPostID: "p",
		AssigneeID: "u", AssigneeModified: 6, AssigneeModifiedPostID: "q", Command: "/c", CommandLastRun: 7, Description: "d"}}}})
	want := Task{ID: got[0].Tasks[0].ID, Title: "a", Command: "/c", Description: "d"}
	if got[0].Tasks[0] != want {
		t.Errorf("%+v", got[0].Tasks[0])
	}
}

func TestEditTask_RefusesABlankTitle(t *testing.T) {
	i := sample()
	before := i.Clone()
	w, err := i.EditTask(At(0), At(0), " \t", "/echo", nil, "anna", 7)
	refused(t, i, before, w, err, Invalid)
}

func TestLimitsOfStagesAndTasks(t *testing.T) {
	if err := CheckStages(make([]Stage, MaxStages)); err != nil {
		t.Error(err)
	}
	for name, stages := range map[string][]Stage{
		"stages":      make([]Stage, MaxStages+1),
		"tasks":       {{Tasks: make([]Task, MaxTasks/2)}, {Tasks: make([]Task, MaxTasks/2+1)}},
		"stage title": {{Title: strings.Repeat("x", MaxStageTitle+1)}},
		"stage id":    {{ID: strings.Repeat("x", 27)}},
		"task title":  {{Tasks: []Task{{Title: strings.Repeat("ж", MaxTaskTitle+1)}}}},
		"command":     {{Tasks: []Task{{Command: strings.Repeat("x", MaxCommand+1)}}}},
		"description": {{Tasks: []Task{{Description: strings.Repeat("x", MaxTaskDescription+1)}}}},
		"task id":     {{Tasks: []Task{{ID: strings.Repeat("x", 27)}}}},
	} {
		if err := CheckStages(stages); !IsKind(err, Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	i := &Incident{Checklists: []Stage{{ID: "s", Tasks: make([]Task, MaxTasks)}}}
	_, err := i.AddTask(At(0), Task{Title: "one more"})
	if !IsKind(err, Invalid) || !strings.Contains(strings.ReplaceAll(err.Error(), ",", ""), strconv.Itoa(MaxTasks)) {
		t.Errorf("a task too many: %v", err)
	}
}

func TestNULIsRefused(t *testing.T) {
	for _, text := range []string{"\x00", "a\x00b"} {
		if err := CheckText("name", text, 10); !IsKind(err, Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTaskInProgressIsNotFinished(t *testing.T) {
	s := Stage{Tasks: []Task{{State: Closed}, {State: InProgress}}}
	if s.Finished() || s.Done() != 1 {
		t.Errorf("finished %v, done %d", s.Finished(), s.Done())
	}
	s.Tasks[1].State = Closed
	if !s.Finished() || !(&Stage{}).Finished() {
		t.Error("a stage of closed tasks, or none, is not finished")
	}
}

func TestParseRef(t *testing.T) {
	id := "abcdefghijklmnopqrstuvwx12"
	for text, want := range map[string]Ref{"0": At(0), "00": At(0), "12": At(12), id: ByID(id)} {
		if got, err := ParseRef("item", text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "1.5", "x", "99999999999999999999", strings.Repeat("9", 26), strings.ToUpper(id) + "!"} {
		if _, err := ParseRef("item", text); !IsKind(err, Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMarshalHasNoNulls(t *testing.T) {
	i := Incident{Checklists: []Stage{{Title: "s"}}, ActiveStage: 7}
	data, err := json.Marshal(i)
	if err != nil || strings.Contains(string(data), "null") || !strings.Contains(string(data), `"active_stage":0,`) {
		t.Errorf("%v, %s", err, data)
	}
	if i.ActiveStage != 7 || i.Checklists[0].Tasks != nil {
		t.Error("writing altered the incident")
	}
}

func TestLastStatusPostSkipsDeletedOnes(t *testing.T) {
	i := Incident{StatusPosts: []StatusPost{{ID: "a"}, {ID: "b"}, {ID: "c", DeleteAt: 1}}}
	if got := i.LastStatusPostID(); got != "b" {
		t.Errorf("%q", got)
	}
	if got := (&Incident{}).LastStatusPostID(); got != "" {
		t.Errorf("%q without any", got)
	}
}

func TestFillIDsKeepsThoseThatExist(t *testing.T) {
	stages := []Stage{{ID: "kept", Tasks: []Task{{}, {ID: "kept too"}}}, {}}
	FillIDs(stages)
	if stages[0].ID != "kept" || stages[0].Tasks[1].ID != "kept too" || !model.IsValidId(stages[0].Tasks[0].ID) || !model.IsValidId(stages[1].ID) {
		t.Errorf("%+v", stages)
	}
}

func TestFindTask_SaysHowManyThereAre(t *testing.T) {
	i := Incident{Checklists: []Stage{{}, {Tasks: []Task{{ID: "a"}}}}}
	for text, ref := range map[string][2]int{"no stage 2: the stages of this incident are counted from 0 to 1.": {2, 0}, "this stage has no tasks.": {0, 0},
		"no task 1: the tasks of this stage are counted from 0 to 0.": {1, 1}} {
		if _, _, err := i.FindTask(At(ref[0]), At(ref[1])); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v lacks %q", err, text)
		}
	}
	if _, err := new(Incident).FindStage(At(0)); err == nil || !strings.Contains(err.Error(), "this incident has no stages.") {
		t.Error(err)
	}
	if _, _, err := i.FindTask(At(1), ByID("b")); err == nil || !strings.Contains(err.Error(), "This task does not exist, or was deleted.") {
		t.Error(err)
	}
}
