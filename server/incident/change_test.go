package incident

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// sample is an ongoing incident with two stages of three tasks.
func sample() *Incident {
	i := &Incident{ID: "incident", IsActive: true, CommanderUserID: "anna", ActiveStageTitle: "stage 0", Revision: 1}
	for s := 0; s < 2; s++ {
		stage := Stage{ID: fmt.Sprintf("stage%d", s), Title: fmt.Sprintf("stage %d", s)}
		for n := 0; n < 3; n++ {
			stage.Tasks = append(stage.Tasks, Task{ID: fmt.Sprintf("task%d%d", s, n), Title: fmt.Sprintf("task %d %d", s, n)})
		}
		i.Checklists = append(i.Checklists, stage)
	}
	return i
}

// refused checks that a change failed with the given kind and altered nothing.
func refused(t *testing.T, i *Incident, before Incident, w *ChangeSet, err error, kind Kind) {
	t.Helper()
	if !IsKind(err, kind) {
		t.Errorf("error %v, want kind %d", err, kind)
	}
	if w != nil {
		t.Error("a refused change wants something stored")
	}
	if !reflect.DeepEqual(*i, before) {
		t.Errorf("a refused change altered the incident:\n%+v\n%+v", before, *i)
	}
}

func titles(s Stage) string {
	var out []string
	for _, task := range s.Tasks {
		out = append(out, task.ID)
	}
	return strings.Join(out, " ")
}

func TestEndAndRestart(t *testing.T) {
	i := sample()
	i.ReminderPostID = "post"
	w, err := i.End(77)
	if err != nil || i.IsActive || i.EndAt != 77 || i.ReminderPostID != "" {
		t.Fatalf("end: %v, %+v", err, i)
	}
	if w.Payload != (Ended{EndAt: Pair[int64]{0, 77}, ReminderPostID: Pair[string]{"post", ""}}) {
		t.Errorf("ended: %+v", w)
	}
	before := i.Clone()
	w, err = i.End(78)
	refused(t, i, before, w, err, Conflict)

	if w, err = i.Restart(); err != nil || !i.IsActive || i.EndAt != 0 {
		t.Fatalf("restart: %v, %+v", err, i)
	}
	if w.Payload != (Restarted{EndAt: Pair[int64]{77, 0}}) {
		t.Errorf("restarted: %+v", w)
	}
	before = i.Clone()
	w, err = i.Restart()
	refused(t, i, before, w, err, Conflict)
}

func TestSetCommander(t *testing.T) {
	i := sample()
	if w, err := i.SetCommander("anna"); w != nil || err != nil {
		t.Errorf("the same commander: %v, %v", w, err)
	}
	w, err := i.SetCommander("boris")
	if err != nil || i.CommanderUserID != "boris" {
		t.Fatalf("%v, %+v", err, i)
	}
	if before, after := EncodePayload(w.Payload); string(before) != `{"commander_user_id":"anna"}` || string(after) != `{"commander_user_id":"boris"}` {
		t.Errorf("event from %s to %s", before, after)
	}
}

func TestSetStage(t *testing.T) {
	i := sample()
	for _, index := range []int{-1, 2, 1 << 40} {
		before := i.Clone()
		w, err := i.SetStage(index)
		refused(t, i, before, w, err, Invalid)
	}
	if w, err := i.SetStage(0); w != nil || err != nil {
		t.Errorf("the same stage: %v, %v", w, err)
	}
	if _, err := i.SetStage(1); err != nil || i.ActiveStage != 1 || i.ActiveStageTitle != "stage 1" {
		t.Errorf("%v, %+v", err, i)
	}
}

func TestSetTaskState(t *testing.T) {
	i := sample()
	task := &i.Checklists[1].Tasks[2]
	task.StateModifiedPostID = "old"
	w, err := i.SetTaskState(At(1), At(2), InProgress, 55)
	if err != nil || task.State != InProgress || task.StateModified != 55 || task.StateModifiedPostID != "" {
		t.Fatalf("%v, %+v", err, task)
	}
	if ref, ok := TaskRefOf(w.Payload); !ok || ref.TaskID != "task12" {
		t.Errorf("the event is about task %q, %v", ref.TaskID, ok)
	}
	if w, err := i.SetTaskState(At(1), At(2), InProgress, 56); w != nil || err != nil || task.StateModified != 55 {
		t.Errorf("the same state: %v, %v", w, err)
	}
	before := i.Clone()
	w, err = i.SetTaskState(At(1), At(2), "done", 57)
	refused(t, i, before, w, err, Invalid)
	for _, at := range [][2]int{{-1, 0}, {0, -1}, {2, 0}, {0, 3}} {
		w, err = i.SetTaskState(At(at[0]), At(at[1]), Closed, 57)
		refused(t, i, before, w, err, NotFound)
	}
}

func TestToggleTask(t *testing.T) {
	for from, to := range map[State]State{Open: Closed, Closed: Open, InProgress: Open} {
		i := sample()
		i.Checklists[0].Tasks[1].State = from
		if _, err := i.ToggleTask(At(0), At(1), 9); err != nil || i.Checklists[0].Tasks[1].State != to {
			t.Errorf("%q became %q, want %q (%v)", from, i.Checklists[0].Tasks[1].State, to, err)
		}
	}
}

func TestAssign(t *testing.T) {
	i := sample()
	if w, err := i.Assign(At(0), At(0), "", 3); w != nil || err != nil {
		t.Errorf("nobody instead of nobody: %v, %v", w, err)
	}
	if _, err := i.Assign(At(0), ByID("task00"), "anna", 4); err != nil {
		t.Fatal(err)
	}
	if task := i.Checklists[0].Tasks[0]; task.AssigneeID != "anna" || task.AssigneeModified != 4 {
		t.Errorf("%+v", task)
	}
	if _, err := i.Assign(At(0), At(0), "", 5); err != nil || i.Checklists[0].Tasks[0].AssigneeID != "" {
		t.Errorf("not cleared: %v", err)
	}
}

func TestAddTask(t *testing.T) {
	i := sample()
	if _, err := i.AddTask(At(1), Task{ID: "new", Title: "  to do \t"}); err != nil {
		t.Fatal(err)
	}
	if got := i.Checklists[1].Tasks[3]; got.Title != "to do" || got.ID != "new" {
		t.Errorf("%+v", got)
	}
	before := i.Clone()
	for name, task := range map[string]Task{
		"blank": {Title: " \n"}, "title too long": {Title: strings.Repeat("x", MaxTaskTitle+1)},
		"NUL": {Title: "a\x00b"}, "broken UTF-8": {Title: "a\xff"},
		"command too long":     {Title: "a", Command: strings.Repeat("x", MaxCommand+1)},
		"description too long": {Title: "a", Description: strings.Repeat("x", MaxTaskDescription+1)},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := i.AddTask(At(1), task)
			refused(t, i, before, w, err, Invalid)
		})
	}
	w, err := i.AddTask(At(2), Task{Title: "a"})
	refused(t, i, before, w, err, NotFound)
}

func TestEditTask(t *testing.T) {
	i := sample()
	i.Checklists[0].Tasks[0].Description = "why"
	if _, err := i.EditTask(At(0), At(0), " new ", "/echo", nil, "anna", 7); err != nil {
		t.Fatal(err)
	}
	if got := i.Checklists[0].Tasks[0]; got.Title != " new " || got.Command != "/echo" || got.Description != "why" {
		t.Errorf("%+v", got)
	}
	if w, err := i.EditTask(At(0), At(0), " new ", "/echo", nil, "anna", 7); w != nil || err != nil {
		t.Errorf("nothing new: %v, %v", w, err)
	}
	none := ""
	if _, err := i.EditTask(At(0), At(0), "new", "", &none, "anna", 7); err != nil || i.Checklists[0].Tasks[0].Description != "" || i.Checklists[0].Tasks[0].Command != "" {
		t.Errorf("not emptied: %v, %+v", err, i.Checklists[0].Tasks[0])
	}
}

func TestRemoveTask(t *testing.T) {
	i := sample()
	clone := i.Clone()
	if _, err := i.RemoveTask(At(0), At(1)); err != nil || titles(i.Checklists[0]) != "task00 task02" {
		t.Errorf("%v, %s", err, titles(i.Checklists[0]))
	}
	if titles(clone.Checklists[0]) != "task00 task01 task02" {
		t.Error("removing reached into a clone")
	}
}

func TestMoveTask(t *testing.T) {
	for move, want := range map[[2]int]string{
		{0, 2}: "task01 task02 task00", {2, 0}: "task02 task00 task01", {0, 1}: "task01 task00 task02", {1, 2}: "task00 task02 task01",
	} {
		i := sample()
		if _, err := i.MoveTask(At(0), At(move[0]), move[1]); err != nil || titles(i.Checklists[0]) != want {
			t.Errorf("%v: %v, %s, want %s", move, err, titles(i.Checklists[0]), want)
		}
	}
	i := sample()
	if w, err := i.MoveTask(At(0), At(1), 1); w != nil || err != nil {
		t.Errorf("to its own place: %v, %v", w, err)
	}
}

func TestMoveTask_OutOfRangeIsRefused(t *testing.T) {
	i := sample()
	before := i.Clone()
	for _, move := range [][2]int{{-1, 0}, {0, -1}, {3, 0}, {0, 3}, {-1, -1}} {
		w, err := i.MoveTask(At(0), At(move[0]), move[1])
		refused(t, i, before, w, err, Invalid)
	}
}

func TestSetStage_StoredOutOfRangeCanBeChanged(t *testing.T) {
	for _, stored := range []int{-3, 2, 99} {
		i := sample()
		i.ActiveStage = stored
		if i.StageIndex() != 0 || i.CurrentStage().Title != "stage 0" {
			t.Errorf("stored %d counts as %d", stored, i.StageIndex())
		}
		if _, err := i.SetStage(1); err != nil || i.ActiveStage != 1 {
			t.Errorf("stored %d: %v", stored, err)
		}
	}
}

func TestSetStage_WithoutStages(t *testing.T) {
	i := &Incident{ActiveStage: -1}
	if i.StageIndex() != -1 || i.CurrentStage() != nil {
		t.Errorf("stage %d, %v", i.StageIndex(), i.CurrentStage())
	}
	before := i.Clone()
	i.Checklists = []Stage{{ID: "empty"}}
	if _, err := i.MoveTask(At(0), At(0), 0); err == nil || strings.Contains(err.Error(), "-1") {
		t.Errorf("a move in an empty stage: %v", err)
	}
	i.Checklists = nil
	if _, err := i.SetStage(0); err == nil || strings.Contains(err.Error(), "-1") {
		t.Errorf("a stage of none: %v", err)
	}
	w, err := i.SetStage(0)
	refused(t, i, before, w, err, Invalid)
	data, err := json.Marshal(i)
	if err != nil || !strings.Contains(string(data), `"active_stage":-1,`) || !strings.Contains(string(data), `"checklists":[]`) {
		t.Errorf("%v, %s", err, data)
	}
}

func TestRunCommand_ChangesOnlyItsTask(t *testing.T) {
	i := sample()
	i.Checklists[0].Tasks[0].State = Closed // by the command
	want := i.Clone()
	want.Checklists[0].Tasks[1].CommandLastRun, want.Checklists[0].Tasks[1].CommandLastRunnerID = 5, "anna"
	if _, err := i.CommandRan("task01", "anna", 5); err != nil || !reflect.DeepEqual(*i, want) {
		t.Errorf("%v, %+v", err, i)
	}
	if w, err := i.CommandRan("gone", "anna", 6); w != nil || err != nil {
		t.Errorf("a task that is gone: %v, %v", w, err)
	}
}

func TestTaskID_NamesTheTaskAfterAMove(t *testing.T) {
	i := sample()
	if _, err := i.RemoveTask(At(0), At(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := i.SetTaskState(ByID("stage0"), ByID("task01"), Closed, 1); err != nil || i.Checklists[0].Tasks[0].State != Closed {
		t.Errorf("%v, %+v", err, i.Checklists[0])
	}
	before := i.Clone()
	w, err := i.SetTaskState(At(0), ByID("task00"), Closed, 2)
	refused(t, i, before, w, err, NotFound)
}

func TestReminderTimesAreExact(t *testing.T) {
	i := sample()
	w, err := i.UpdateStatus("post", MaxReminderSeconds, 1000)
	due := func() int64 { return w.Payload.(StatusUpdated).ReminderAt }
	if err != nil || due() != 1000+30*24*3600*1000 || i.PreviousReminder != 30*24*3600*1e9 {
		t.Errorf("%v, due %d, previous %d", err, due(), i.PreviousReminder)
	}
	if w, err = i.UpdateStatus("post2", 0, 1000); err != nil || due() != 0 || i.PreviousReminder != 0 {
		t.Errorf("no reminder: %v, %+v", err, w)
	}
	if strings.Join(i.StatusPostIDs, " ") != "post post2" {
		t.Errorf("status posts %v", i.StatusPostIDs)
	}
}

func TestStatusUpdate_OfAnEndedIncidentSaysWhatToDo(t *testing.T) {
	i := sample()
	i.IsActive = false
	before := i.Clone()
	w, err := i.UpdateStatus("post", 0, 1)
	refused(t, i, before, w, err, Conflict)
	if err == nil || !strings.Contains(err.Error(), "restart") {
		t.Errorf("the message is %q", err)
	}
}

func TestAttachPost(t *testing.T) {
	i := sample()
	first, err := i.SetTaskState(At(0), At(0), Closed, 10)
	if err != nil {
		t.Fatal(err)
	}
	if !i.AttachPost(first.Payload, "post") || i.Checklists[0].Tasks[0].StateModifiedPostID != "post" {
		t.Error("not attached")
	}
	other, assignee := first.Payload.(TaskStateChanged), TaskAssigneeChanged{TaskRef: TaskRef{TaskID: "task00"}, AssigneeModified: Pair[int64]{After: 10}}
	other.TaskID = "task01"
	if i.AttachPost(first.Payload, "second") || i.AttachPost(other, "post") || i.AttachPost(assignee, "post") || i.AttachPost(Restarted{}, "post") {
		t.Error("attached what it does not belong to")
	}
	if _, err := i.SetTaskState(At(0), At(0), Open, 11); err != nil {
		t.Fatal(err)
	}
	if i.AttachPost(first.Payload, "late") {
		t.Error("the post about an overtaken change was attached")
	}
}

func TestReminderPost(t *testing.T) {
	i := sample()
	if w, err := i.ClearReminderPost(); w != nil || err != nil {
		t.Errorf("nothing to clear: %v, %v", w, err)
	}
	w, err := i.ShowReminderPost("post")
	if err != nil || i.ReminderPostID != "post" || w.PostID != "post" {
		t.Errorf("%v, %+v", err, w)
	}
	if w, err = i.ClearReminderPost(); err != nil || w == nil || i.ReminderPostID != "" {
		t.Errorf("%v, %+v", err, w)
	}
}

// The stages can grow until they are full. Who then works on them, or makes a task shorter, is not kept from it.
func TestStagesDoNotGrowWithoutEnd(t *testing.T) {
	i := sample()
	long := strings.Repeat("<", MaxTaskDescription)
	add := func() (*ChangeSet, error) {
		return i.AddTask(At(0), Task{ID: "new", Title: "new", Command: long, Description: long})
	}
	var err error
	for n := 0; err == nil; n++ {
		if n > 300 {
			t.Fatal("never full")
		}
		_, err = add()
	}
	before := i.Clone()
	if size := StagesBytes(before.Checklists); size > MaxStagesBytes || size < MaxStagesBytes-60_000 {
		t.Errorf("full with %d bytes", size)
	}
	w, err := add()
	refused(t, i, before, w, err, Invalid)
	w, err = i.EditTask(At(1), At(0), long[:MaxTaskTitle], long, &long, "anna", 7)
	refused(t, i, before, w, err, Invalid)

	i.Checklists[1].Tasks = append(i.Checklists[1].Tasks, before.Checklists[0].Tasks...) // as it was stored before there was a limit
	if _, err = i.SetTaskState(At(0), At(0), Closed, 5); err != nil {
		t.Errorf("check off: %v", err)
	}
	if _, err = i.EditTask(At(0), At(5), "x", "y", nil, "anna", 7); err != nil {
		t.Errorf("shorten: %v", err)
	}
}
