package incident

import (
	"strings"
)

// End marks an ongoing incident as ended at now (Unix ms) and cancels its reminder.
// An ended incident is a Conflict.
func (i *Incident) End(now int64) (*Write, error) {
	if !i.IsActive {
		return nil, ErrAlreadyEnded
	}
	w := NewWrite(EventEnded,
		Values{"is_active": true, "end_at": i.EndAt, "reminder_post_id": i.ReminderPostID},
		Values{"is_active": false, "end_at": now, "reminder_post_id": ""})
	w.removes(i.ReminderPostID)
	i.IsActive, i.EndAt, i.ReminderPostID = false, now, ""
	w.Reminder, w.ReminderClaim = new(int64), new(int64)
	return w, nil
}

// Restart makes an ended incident ongoing again. An ongoing incident is a Conflict.
func (i *Incident) Restart() (*Write, error) {
	if i.IsActive {
		return nil, ErrAlreadyActive
	}
	w := NewWrite(EventRestarted, Values{"is_active": false, "end_at": i.EndAt}, Values{"is_active": true, "end_at": 0})
	i.IsActive, i.EndAt = true, 0
	return w, nil
}

// SetCommander makes userID the commander; the same one is no change.
func (i *Incident) SetCommander(userID string) (*Write, error) {
	if i.CommanderUserID == userID {
		return nil, nil
	}
	w := NewWrite(EventCommander, Values{"commander_user_id": i.CommanderUserID}, Values{"commander_user_id": userID})
	i.CommanderUserID = userID
	return w, nil
}

// SetStage makes index the active stage. Out of range is Invalid; the same one is no change.
func (i *Incident) SetStage(index int) (*Write, error) {
	if len(i.Checklists) == 0 {
		return nil, InvalidField("active_stage", "active_stage cannot be set: the incident has no stages.")
	}
	if index < 0 || index >= len(i.Checklists) {
		return nil, InvalidField("active_stage", "active_stage must be between 0 and %d: the incident has %d stages.", len(i.Checklists)-1, len(i.Checklists))
	}
	if i.StageIndex() == index {
		return nil, nil
	}
	title := i.Checklists[index].Title
	w := NewWrite(EventStage,
		Values{"active_stage": i.ActiveStage, "active_stage_title": i.ActiveStageTitle},
		Values{"active_stage": index, "active_stage_title": title})
	i.ActiveStage, i.ActiveStageTitle = index, title
	return w, nil
}

// taskValues are the values of an event about one task.
func (i *Incident) taskValues(s int, t Task, more Values) Values {
	v := Values{"checklist_id": i.Checklists[s].ID, "checklist": s, "item_id": t.ID}
	for k, x := range more {
		v[k] = x
	}
	return v
}

// SetTaskState sets a task's state at now (Unix ms); the same state is no change.
func (i *Incident) SetTaskState(stage, task Ref, state State, now int64) (*Write, error) {
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
	before := i.taskValues(s, *t, Values{"state": t.State, "state_modified": t.StateModified, "title": t.Title})
	t.State, t.StateModified, t.StateModifiedPostID = state, now, ""
	return NewWrite(EventTaskState, before, i.taskValues(s, *t, Values{"state": state, "state_modified": now, "title": t.Title})), nil
}

// ToggleTask closes an open task and opens any other.
func (i *Incident) ToggleTask(stage, task Ref, now int64) (*Write, error) {
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

// Assign gives a task to userID, "" for nobody; the same one is no change.
func (i *Incident) Assign(stage, task Ref, userID string, now int64) (*Write, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	t := &i.Checklists[s].Tasks[n]
	if t.AssigneeID == userID {
		return nil, nil
	}
	before := i.taskValues(s, *t, Values{"assignee_id": t.AssigneeID, "assignee_modified": t.AssigneeModified, "title": t.Title})
	t.AssigneeID, t.AssigneeModified, t.AssigneeModifiedPostID = userID, now, ""
	return NewWrite(EventTaskAssignee, before, i.taskValues(s, *t, Values{"assignee_id": userID, "assignee_modified": now, "title": t.Title})), nil
}

// AddTask appends a task, which must have an id, to a stage. A blank title is Invalid.
func (i *Incident) AddTask(stage Ref, task Task) (*Write, error) {
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
		return nil, InvalidField("items", "items is full: an incident has at most %d tasks.", MaxTasks)
	}
	if err := i.checkRoom(jsonSize(unsigned(task)) + 1); err != nil {
		return nil, err
	}
	i.Checklists[s].Tasks = append(i.Checklists[s].Tasks, task)
	return NewWrite(EventTaskAdded, nil, i.taskValues(s, task, Values{"item": len(i.Checklists[s].Tasks) - 1, "task": task})), nil
}

func (i *Incident) taskCount() int {
	n := 0
	for s := range i.Checklists {
		n += len(i.Checklists[s].Tasks)
	}
	return n
}

// checkRoom refuses what would make the stages more bytes longer if they would be too long then.
func (i *Incident) checkRoom(more int) error {
	if more <= 0 {
		return nil
	}
	if StagesBytes(i.Checklists)+more > MaxStagesBytes {
		return InvalidField("items", "items is full: all tasks of an incident together take at most %d bytes. Shorten or delete other tasks.", MaxStagesBytes)
	}
	return nil
}

// EditTask replaces title and command, and the description unless it is nil, on behalf of a user at now (Unix ms). A blank
// title is Invalid.
func (i *Incident) EditTask(stage, task Ref, title, command string, description *string, editorID string, now int64) (*Write, error) {
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
	before := i.taskValues(s, *t, Values{"title": t.Title, "command": t.Command, "description": t.Description})
	*t = edited
	return NewWrite(EventTaskEdited, before, i.taskValues(s, *t, Values{"title": title, "command": command, "description": text})), nil
}

// RemoveTask deletes a task.
func (i *Incident) RemoveTask(stage, task Ref) (*Write, error) {
	s, n, err := i.FindTask(stage, task)
	if err != nil {
		return nil, err
	}
	tasks := i.Checklists[s].Tasks
	gone := tasks[n]
	i.Checklists[s].Tasks = append(tasks[:n:n], tasks[n+1:]...)
	return NewWrite(EventTaskRemoved, i.taskValues(s, gone, Values{"item": n, "task": gone}), i.taskValues(s, gone, nil)), nil
}

// MoveTask moves a task within its stage so that it ends at position to. Out of range is Invalid;
// the place where it is already is no change.
func (i *Incident) MoveTask(stage, task Ref, to int) (*Write, error) {
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
	return NewWrite(EventTaskMoved, i.taskValues(s, t, Values{"item": n}), i.taskValues(s, t, Values{"item": to})), nil
}

// CommandRan records that a user has run a task's command successfully at now (Unix ms). A task that is gone is no change.
func (i *Incident) CommandRan(taskID, runnerID string, now int64) (*Write, error) {
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			t := &i.Checklists[s].Tasks[n]
			if t.ID != taskID {
				continue
			}
			before := i.taskValues(s, *t, Values{"command_last_run": t.CommandLastRun})
			t.CommandLastRun, t.CommandLastRunnerID = now, runnerID
			return NewWrite(EventTaskRun, before, i.taskValues(s, *t, Values{"command_last_run": now})), nil
		}
	}
	return nil, nil
}

// AttachPost notes the post that announced a change of a task's state or assignee, if the task still
// has the value it announced. It tells whether anything was changed.
func (i *Incident) AttachPost(kind EventType, taskID string, modified int64, postID string) bool {
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			t := &i.Checklists[s].Tasks[n]
			switch {
			case t.ID != taskID:
			case kind == EventTaskState && t.StateModified == modified && t.StateModifiedPostID == "":
				t.StateModifiedPostID = postID
				return true
			case kind == EventTaskAssignee && t.AssigneeModified == modified && t.AssigneeModifiedPostID == "":
				t.AssigneeModifiedPostID = postID
				return true
			}
		}
	}
	return false
}

// UpdateStatus registers a status update that is post postID, and schedules the next reminder for
// now (Unix ms) + seconds, or none for 0. An ended incident is a Conflict.
func (i *Incident) UpdateStatus(postID string, seconds, now int64) (*Write, error) {
	if !i.IsActive {
		return nil, ErrNoUpdate
	}
	due := int64(0)
	if seconds > 0 {
		due = now + seconds*1000
	}
	w := NewWrite(EventStatusUpdate,
		Values{"previous_reminder": i.PreviousReminder, "reminder_post_id": i.ReminderPostID},
		Values{"previous_reminder": seconds * 1e9, "reminder_post_id": "", "status_post_id": postID, "reminder_at": due})
	w.Event.PostID = postID
	w.removes(i.ReminderPostID)
	i.PreviousReminder, i.ReminderPostID = seconds*1e9, ""
	w.Reminder, w.ReminderClaim, w.StatusPostID = &due, new(int64), postID
	i.StatusPostIDs = append(i.StatusPostIDs, postID)
	i.StatusPosts = append(i.StatusPosts, StatusPost{ID: postID, CreateAt: now})
	return w, nil
}

// ClearReminderPost forgets the displayed reminder post; none is no change.
func (i *Incident) ClearReminderPost() (*Write, error) {
	if i.ReminderPostID == "" {
		return nil, nil
	}
	w := NewWrite(EventReminderCleared, Values{"reminder_post_id": i.ReminderPostID}, Values{"reminder_post_id": ""})
	w.removes(i.ReminderPostID)
	i.ReminderPostID = ""
	return w, nil
}

// ShowReminderPost remembers the reminder post postID, which fired the reminder that was pending for due (Unix ms).
func (i *Incident) ShowReminderPost(postID string, due int64) (*Write, error) {
	w := NewWrite(EventReminderPosted, Values{"reminder_post_id": i.ReminderPostID}, Values{"reminder_post_id": postID})
	w.Event.PostID, w.OnlyIfDue = postID, due
	if i.ReminderPostID != postID {
		w.removes(i.ReminderPostID)
	}
	i.ReminderPostID = postID
	w.Reminder, w.ReminderClaim = new(int64), new(int64)
	return w, nil
}

// DropReminder forgets the reminder that was pending for due (Unix ms), because it can never be posted.
func (i *Incident) DropReminder(due int64) (*Write, error) {
	w := NewWrite(EventReminderDropped, Values{"reminder_at": due}, Values{"reminder_at": 0})
	w.OnlyIfDue, w.Reminder, w.ReminderClaim = due, new(int64), new(int64)
	return w, nil
}
