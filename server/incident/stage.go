package incident

import (
	"strconv"

	"github.com/mattermost/mattermost-server/v5/model"
)

// State of a task.
type State string

// The states of a task.
const (
	Open       State = ""
	InProgress State = "in_progress"
	Closed     State = "closed"
)

// Valid reports whether s is one of the three states.
func (s State) Valid() bool {
	return s == Open || s == InProgress || s == Closed
}

// Stage is a titled list of tasks; "checklist" in the wire format.
type Stage struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Tasks []Task `json:"items"`
	// LimitSeconds is how long the stage should take at most, 0 for no limit.
	LimitSeconds int64 `json:"limit_seconds,omitempty"`
}

// Task is one step of a stage; "checklist item" in the wire format. Times are Unix milliseconds, 0 = never.
type Task struct {
	ID                     string `json:"id"`
	Title                  string `json:"title"`
	State                  State  `json:"state"`
	StateModified          int64  `json:"state_modified"`
	StateModifiedPostID    string `json:"state_modified_post_id"`
	AssigneeID             string `json:"assignee_id"`
	AssigneeModified       int64  `json:"assignee_modified"`
	AssigneeModifiedPostID string `json:"assignee_modified_post_id"`
	// Command is a slash command with its leading slash, or empty.
	Command        string `json:"command"`
	CommandLastRun int64  `json:"command_last_run"`
	Description    string `json:"description"`
	// CommandLastEditorID wrote or last changed the command, in the playbook or the incident, at CommandEditedAt; "" and 0
	// are unknown, as in what version 1.2.0 has stored. CommandLastRunnerID ran it last with success.
	CommandLastEditorID string `json:"command_last_editor_id,omitempty"`
	CommandEditedAt     int64  `json:"command_edited_at,omitempty"`
	CommandLastRunnerID string `json:"command_last_runner_id,omitempty"`
	// Assignment says to whom the task falls; the zero value is nobody.
	Assignment Assignment `json:"assignment,omitzero"`
}

// SetCommand changes the task's command and notes who wrote it, and when (Unix ms). The same command keeps its writer.
func (t *Task) SetCommand(command, editorID string, now int64) {
	if t.Command == command {
		return
	}
	t.Command, t.CommandLastEditorID, t.CommandEditedAt = command, editorID, now
	if command == "" {
		t.CommandLastEditorID, t.CommandEditedAt = "", 0
	}
}

// Done counts the closed tasks.
func (s *Stage) Done() int {
	n := 0
	for i := range s.Tasks {
		if s.Tasks[i].State == Closed {
			n++
		}
	}
	return n
}

// Finished reports whether every task is closed. A task in progress is not finished.
func (s *Stage) Finished() bool {
	return s.Done() == len(s.Tasks)
}

// CloneStages returns a deep copy.
func CloneStages(stages []Stage) []Stage {
	if stages == nil {
		return nil
	}
	out := make([]Stage, len(stages))
	for i, s := range stages {
		out[i] = s
		out[i].Tasks = append([]Task(nil), s.Tasks...)
	}
	return out
}

// normalStages returns stages with empty lists in place of nil ones, leaving the argument alone.
func normalStages(stages []Stage) []Stage {
	out := make([]Stage, len(stages))
	copy(out, stages)
	for i := range out {
		if out[i].Tasks == nil {
			out[i].Tasks = []Task{}
		}
	}
	return out
}

// NormalStages returns stages with empty lists in place of nil ones.
func NormalStages(stages []Stage) []Stage { return normalStages(stages) }

// StagesForStart copies a playbook's stages for a new incident: fresh ids, nothing done, nobody assigned. Assignments are kept.
func StagesForStart(stages []Stage) []Stage {
	out := CloneStages(normalStages(stages))
	for i := range out {
		out[i].ID = model.NewId()
		for j := range out[i].Tasks {
			t := out[i].Tasks[j]
			out[i].Tasks[j] = Task{ID: model.NewId(), Title: t.Title, Command: t.Command, Description: t.Description,
				CommandLastEditorID: t.CommandLastEditorID, CommandEditedAt: t.CommandEditedAt, Assignment: t.Assignment}
		}
	}
	return normalStages(out)
}

// FillIDs gives an id to every stage and task that has none, and reports whether there were any.
func FillIDs(stages []Stage) bool {
	filled := false
	fill := func(id *string) {
		if *id == "" {
			*id, filled = model.NewId(), true
		}
	}
	for i := range stages {
		fill(&stages[i].ID)
		for j := range stages[i].Tasks {
			fill(&stages[i].Tasks[j].ID)
		}
	}
	return filled
}

// Ref names a stage or a task: by zero-based position, or by id where ID is not empty.
type Ref struct {
	ID       string
	Position int
}

// At refers to a position.
func At(position int) Ref { return Ref{Position: position} }

// ByID refers to an id.
func ByID(id string) Ref { return Ref{ID: id} }

// ParseRef reads a position (decimal digits) or an id of 26 characters. Other text is Invalid;
// field names the input in the message.
func ParseRef(field, text string) (Ref, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n < 0 {
			return Ref{}, InvalidField(field, "%s must not be negative: it is counted from 0. Use 0 for the first.", field)
		}
		return At(n), nil
	}
	if model.IsValidId(text) && !allDigits(text) {
		return ByID(text), nil
	}
	return Ref{}, InvalidField(field, "%s must be a number counted from 0, or an id. Use 0 for the first.", field)
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// FindStage resolves ref to an index, or fails with NotFound.
func (i *Incident) FindStage(ref Ref) (int, error) {
	if ref.ID != "" {
		for n := range i.Checklists {
			if i.Checklists[n].ID == ref.ID {
				return n, nil
			}
		}
	} else if ref.Position >= 0 && ref.Position < len(i.Checklists) {
		return ref.Position, nil
	}
	return 0, missingStage(ref, len(i.Checklists))
}

// FindTask resolves two refs to stage and task index, or fails with NotFound.
func (i *Incident) FindTask(stage, task Ref) (int, int, error) {
	s, err := i.FindStage(stage)
	if err != nil {
		return 0, 0, err
	}
	t, err := i.Checklists[s].find(task)
	return s, t, err
}

func (s *Stage) find(ref Ref) (int, error) {
	if ref.ID != "" {
		for n := range s.Tasks {
			if s.Tasks[n].ID == ref.ID {
				return n, nil
			}
		}
	} else if ref.Position >= 0 && ref.Position < len(s.Tasks) {
		return ref.Position, nil
	}
	return 0, missing(ref, len(s.Tasks))
}

// missing is the error for a task that is not there. count is how many the stage has.
func missing(ref Ref, count int) *Error {
	const code = "task.not_found"
	switch {
	case ref.ID != "":
		return NewError(NotFound, code, "This task does not exist, or was deleted. Read the incident again and choose another task.")
	case count == 0:
		return NewError(NotFound, code, "There is no task %d: this stage has no tasks.", ref.Position)
	default:
		return NewError(NotFound, code, "There is no task %d: the tasks of this stage are counted from 0 to %d. Choose one of them.", ref.Position, count-1)
	}
}

// missingStage is the error for a stage that is not there. count is how many the incident has.
func missingStage(ref Ref, count int) *Error {
	const code = "stage.not_found"
	switch {
	case ref.ID != "":
		return NewError(NotFound, code, "This stage does not exist, or was deleted. Read the incident again and choose another stage.")
	case count == 0:
		return NewError(NotFound, code, "There is no stage %d: this incident has no stages.", ref.Position)
	default:
		return NewError(NotFound, code, "There is no stage %d: the stages of this incident are counted from 0 to %d. Choose one of them.", ref.Position, count-1)
	}
}
