package incident

import (
	"strings"
)

// End marks an ongoing incident as ended at now (Unix ms).
// An ended incident is a Conflict.
func (i *Incident) End(now int64) (*ChangeSet, error) {
	if !i.IsActive {
		return nil, ErrAlreadyEnded
	}
	set := NewChangeSet(Ended{EndAt: Pair[int64]{i.EndAt, now}, ReminderPostID: Pair[string]{i.ReminderPostID, ""}})
	i.IsActive, i.EndAt, i.ReminderPostID = false, now, ""
	i.SetClock(Clock{})
	return set, nil
}

// Restart makes an ended incident ongoing again. An ongoing incident is a Conflict.
func (i *Incident) Restart() (*ChangeSet, error) {
	if i.IsActive {
		return nil, ErrAlreadyActive
	}
	set := NewChangeSet(Restarted{Pair[int64]{i.EndAt, 0}})
	i.IsActive, i.EndAt = true, 0
	i.SetClock(Clock{})
	return set, nil
}

// SetCommander makes userID the commander; the same one is no change.
func (i *Incident) SetCommander(userID string) (*ChangeSet, error) {
	if i.CommanderUserID == userID {
		return nil, nil
	}
	set := NewChangeSet(CommanderChanged{CommanderUserID: Pair[string]{i.CommanderUserID, userID}})
	i.CommanderUserID = userID
	return set, nil
}

// SetStage makes index the active stage. Out of range is Invalid; the same one is no change.
func (i *Incident) SetStage(index int) (*ChangeSet, error) {
	if len(i.Checklists) == 0 {
		return nil, InvalidField("active_stage", "active_stage cannot be set: the incident has no stages.")
	}
	if index < 0 || index >= len(i.Checklists) {
		return nil, InvalidField("active_stage", "active_stage must be between 0 and %d: the incident has %d stages.", len(i.Checklists)-1, len(i.Checklists))
	}
	if i.StageIndex() == index {
		return nil, nil
	}
	// The stored title may be that of another stage, as the stored index may be out of range.
	before, after := StageRef{i.ActiveStage, i.CurrentStage().Title}, StageRef{index, i.Checklists[index].Title}
	i.ActiveStage, i.ActiveStageTitle = after.Index, after.Title
	return NewChangeSet(StageChanged{Pair[StageRef]{before, after}}), nil
}

// taskRef names a task of the stage with index s for an event.
func (i *Incident) taskRef(s int, t *Task) TaskRef {
	return TaskRef{StageID: i.Checklists[s].ID, Stage: s, TaskID: t.ID}
}

// SetTaskState sets a task's state at now (Unix ms); the same state is no change.
func (i *Incident) SetTaskState(stage, task Ref, state State, now int64) (*ChangeSet, error) {
	if !state.Valid() {
		return nil, InvalidField("new_state", `new_state must be "", "in_progress" or "closed".`)
	}
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	t := &i.Checklists[s].Tasks[n]
	if t.State == state {
		return nil, nil
	}
	p := TaskStateChanged{TaskRef: i.taskRef(s, t), Title: t.Title, State: Pair[State]{t.State, state}, StateModified: Pair[int64]{t.StateModified, now}}
	t.State, t.StateModified, t.StateModifiedPostID = state, now, ""
	return NewChangeSet(p), nil
}

// ToggleTask closes an open task and opens any other.
func (i *Incident) ToggleTask(stage, task Ref, now int64) (*ChangeSet, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	next := Open
	if i.Checklists[s].Tasks[n].State == Open {
		next = Closed
	}
	return i.SetTaskState(At(s), At(n), next, now)
}

// Assign gives a task to userID, "" for nobody, and takes it from the role or whom else it was assigned to by the playbook. The same one
// is no change, unless the task had such an assignment.
func (i *Incident) Assign(stage, task Ref, userID string, now int64) (*ChangeSet, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	t := &i.Checklists[s].Tasks[n]
	if t.AssigneeID == userID && t.Assignment == (Assignment{}) {
		return nil, nil
	}
	p := TaskAssigneeChanged{TaskRef: i.taskRef(s, t), Title: t.Title, AssigneeID: Pair[string]{t.AssigneeID, userID},
		AssigneeModified: Pair[int64]{t.AssigneeModified, now}, Assignment: t.Assignment}
	t.AssigneeID, t.AssigneeModified, t.AssigneeModifiedPostID, t.Assignment = userID, now, "", Assignment{}
	return NewChangeSet(p), nil
}

// AddTask appends a task, which must have an id, to a stage. A blank title is Invalid.
func (i *Incident) AddTask(stage Ref, task Task) (*ChangeSet, error) {
	task.Title = strings.TrimSpace(task.Title)
	if task.Title == "" {
		return nil, InvalidField("title", "title must not be blank: say what is to be done.")
	}
	if err := CheckTask("", task.Title, task.Command, task.Description); err != nil {
		return nil, err
	}
	s, err := i.FindStage(stage)
	if err != nil {
		return nil, err
	}
	if total := i.taskCount(); total >= MaxTasks {
		return nil, InvalidField("items", "This incident has the maximum of 1,000 tasks.")
	}
	if err := i.checkRoom(jsonSize(unsigned(task)) + 1); err != nil {
		return nil, err
	}
	i.Checklists[s].Tasks = append(i.Checklists[s].Tasks, task)
	return NewChangeSet(TaskAdded{TaskRef: i.taskRef(s, &task), Position: len(i.Checklists[s].Tasks) - 1, Task: task}), nil
}

func (i *Incident) taskCount() int {
	n := 0
	for s := range i.Checklists {
		n += len(i.Checklists[s].Tasks)
	}
	return n
}

// checkRoom fails if the stages would be longer than MaxStagesBytes with more bytes.
func (i *Incident) checkRoom(more int) error {
	if more <= 0 {
		return nil
	}
	if StagesBytes(i.Checklists)+more > MaxStagesBytes {
		return InvalidField("items", "The tasks of this incident have the maximum size of %d bytes. Shorten or delete tasks.", MaxStagesBytes)
	}
	return nil
}

// EditTask replaces title and command, and the description unless it is nil, on behalf of a user at now (Unix ms). A blank
// title is Invalid.
func (i *Incident) EditTask(stage, task Ref, title, command string, description *string, editorID string, now int64) (*ChangeSet, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	t := &i.Checklists[s].Tasks[n]
	if strings.TrimSpace(title) == "" {
		return nil, InvalidField("title", "title must not be blank: say what is to be done.")
	}
	text := t.Description
	if description != nil {
		text = *description
	}
	if err := CheckTask("", title, command, text); err != nil {
		return nil, err
	}
	if t.Title == title && t.Command == command && t.Description == text {
		return nil, nil
	}
	edited := *t
	edited.Title, edited.Description = title, text
	edited.SetCommand(command, editorID, now)
	if err := i.checkRoom(jsonSize(unsigned(edited)) - jsonSize(unsigned(*t))); err != nil {
		return nil, err
	}
	p := TaskEdited{TaskRef: i.taskRef(s, t), Title: Pair[string]{t.Title, title}, Command: Pair[string]{t.Command, command},
		Description: Pair[string]{t.Description, text}}
	*t = edited
	return NewChangeSet(p), nil
}

// RemoveTask deletes a task.
func (i *Incident) RemoveTask(stage, task Ref) (*ChangeSet, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	tasks := i.Checklists[s].Tasks
	gone := tasks[n]
	i.Checklists[s].Tasks = append(tasks[:n:n], tasks[n+1:]...)
	return NewChangeSet(TaskRemoved{TaskRef: i.taskRef(s, &gone), Position: n, Task: gone}), nil
}

// MoveTask moves a task within its stage so that it ends at position to. Out of range is Invalid;
// the place where it is already is no change.
func (i *Incident) MoveTask(stage, task Ref, to int) (*ChangeSet, error) {
	s, err := i.FindStage(stage)
	if err != nil {
		return nil, err
	}
	tasks := i.Checklists[s].Tasks
	if len(tasks) == 0 {
		return nil, InvalidField("item_num", "item_num cannot be moved: the stage has no tasks.")
	}
	if task.ID == "" && (task.Position < 0 || task.Position >= len(tasks)) {
		return nil, InvalidField("item_num", "item_num must be between 0 and %d: the stage has %d tasks.", len(tasks)-1, len(tasks))
	}
	if to < 0 || to >= len(tasks) {
		return nil, InvalidField("new_location", "new_location must be between 0 and %d: the stage has %d tasks.", len(tasks)-1, len(tasks))
	}
	n, err := i.Checklists[s].find(task)
	if err != nil {
		return nil, err
	}
	if n == to {
		return nil, nil
	}
	t := tasks[n]
	rest := append(append([]Task{}, tasks[:n]...), tasks[n+1:]...)
	moved := append([]Task{}, rest[:to]...)
	moved = append(moved, t)
	i.Checklists[s].Tasks = append(moved, rest[to:]...)
	return NewChangeSet(TaskMoved{TaskRef: i.taskRef(s, &t), Position: Pair[int]{n, to}}), nil
}

// CommandRan records that a user has run a task's command successfully at now (Unix ms). A task that is gone is no change.
func (i *Incident) CommandRan(taskID, runnerID string, now int64) (*ChangeSet, error) {
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			t := &i.Checklists[s].Tasks[n]
			if t.ID != taskID {
				continue
			}
			p := TaskRun{TaskRef: i.taskRef(s, t), LastRun: Pair[int64]{t.CommandLastRun, now}}
			t.CommandLastRun, t.CommandLastRunnerID = now, runnerID
			return NewChangeSet(p), nil
		}
	}
	return nil, nil
}

// AttachPost stores with the task of a TaskStateChanged or TaskAssigneeChanged payload the post that announced the change,
// if the task still has the value that was announced and no post. It reports whether it changed the incident.
func (i *Incident) AttachPost(p Payload, postID string) bool {
	ref, ok := TaskRefOf(p)
	if !ok {
		return false
	}
	t := i.taskByID(ref.TaskID)
	if t == nil {
		return false
	}
	switch p := p.(type) {
	case TaskStateChanged:
		if t.StateModified == p.StateModified.After && t.StateModifiedPostID == "" {
			t.StateModifiedPostID = postID
			return true
		}
	case TaskAssigneeChanged:
		if t.AssigneeModified == p.AssigneeModified.After && t.AssigneeModifiedPostID == "" {
			t.AssigneeModifiedPostID = postID
			return true
		}
	}
	return false
}

// taskByID returns the task with the id, nil if there is none.
func (i *Incident) taskByID(id string) *Task {
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			if t := &i.Checklists[s].Tasks[n]; t.ID == id {
				return t
			}
		}
	}
	return nil
}

// UpdateStatus registers a status update that is post postID. The next reminder is due at now (Unix ms) + seconds; there is none
// for 0. An ended incident is a Conflict.
func (i *Incident) UpdateStatus(postID string, seconds, now int64) (*ChangeSet, error) {
	if !i.IsActive {
		return nil, ErrNoUpdate
	}
	due := int64(0)
	if seconds > 0 {
		due = now + seconds*1000
	}
	set := NewChangeSet(StatusUpdated{PreviousReminder: Pair[int64]{i.PreviousReminder, seconds * 1e9},
		ReminderPostID: Pair[string]{i.ReminderPostID, ""}, StatusPostID: postID, ReminderAt: due})
	set.PostID = postID
	i.PreviousReminder, i.ReminderPostID = seconds*1e9, ""
	i.SetClock(Clock{NextUpdateAt: due})
	set.StatusPostID = postID
	i.StatusPostIDs = append(i.StatusPostIDs, postID)
	i.StatusPosts = append(i.StatusPosts, StatusPost{ID: postID, CreateAt: now})
	return set, nil
}

// ClearReminderPost forgets the displayed reminder post, and that an update is overdue; none is no change.
func (i *Incident) ClearReminderPost() (*ChangeSet, error) {
	if i.ReminderPostID == "" {
		return nil, nil
	}
	set := NewChangeSet(ReminderCleared{Pair[string]{i.ReminderPostID, ""}})
	i.ReminderPostID = ""
	i.SetClock(Clock{NextUpdateAt: i.Clock().NextUpdateAt})
	return set, nil
}

// ShowReminderPost remembers the reminder post postID, which takes the place of the one that is displayed.
func (i *Incident) ShowReminderPost(postID string) (*ChangeSet, error) {
	set := NewChangeSet(ReminderPosted{Pair[string]{i.ReminderPostID, postID}})
	set.PostID = postID
	i.ReminderPostID = postID
	return set, nil
}

// DropReminder records that the reminder which was pending for due (Unix ms) can never be posted.
func (i *Incident) DropReminder(due int64) (*ChangeSet, error) {
	i.SetClock(Clock{})
	return NewChangeSet(ReminderDropped{Pair[int64]{due, 0}}), nil
}
