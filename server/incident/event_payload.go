package incident

import "encoding/json"

// Payload is what an event says about its change: one type for each EventType, and Unknown.
type Payload interface {
	// Type returns the type of the event.
	Type() EventType
}

// Pair holds a value before and after a change.
type Pair[T any] struct{ Before, After T }

// StageRef names the active stage.
type StageRef struct {
	Index int
	Title string
}

// TaskRef names the task of an event and its stage as they were when the event happened.
type TaskRef struct {
	StageID string
	// Stage is the zero-based index of the stage.
	Stage  int
	TaskID string
}

// TaskRefOf returns the task that a payload is about; ok is false if it is about none.
func TaskRefOf(p Payload) (ref TaskRef, ok bool) {
	about, ok := p.(interface{ ref() TaskRef })
	if !ok {
		return TaskRef{}, false
	}
	return about.ref(), true
}

func (r TaskRef) ref() TaskRef { return r }

// Started is the payload of the first event of an incident. CreateAt is the start in Unix milliseconds.
type Started struct {
	Name, CommanderUserID, TeamID, ChannelID, PlaybookID, PostID string
	CreateAt                                                     int64
	// ExistingChannel means that the channel was there before the incident.
	ExistingChannel bool
	// NextUpdateAt is when the first status update is due, in Unix milliseconds, 0 for none.
	NextUpdateAt int64
}

// Ended is the payload of an end. EndAt is in Unix milliseconds.
type Ended struct {
	EndAt          Pair[int64]
	ReminderPostID Pair[string]
}

// Restarted is the payload of a restart. EndAt is in Unix milliseconds.
type Restarted struct{ EndAt Pair[int64] }

// CommanderChanged is the payload of a change of the commander.
type CommanderChanged struct {
	CommanderUserID Pair[string]
	// HandoffID is the handoff that the new commander has accepted, "" if the command was not handed off.
	HandoffID string
}

// StageChanged is the payload of a change of the active stage.
type StageChanged struct{ Stage Pair[StageRef] }

// TaskStateChanged is the payload of a change of a task's state. StateModified is in Unix milliseconds.
type TaskStateChanged struct {
	TaskRef
	Title         string
	State         Pair[State]
	StateModified Pair[int64]
}

// TaskAssigneeChanged is the payload of a change of a task's assignee, "" for nobody. AssigneeModified is in Unix
// milliseconds. Assignment is that of the task before, which has none after.
type TaskAssigneeChanged struct {
	TaskRef
	Title            string
	AssigneeID       Pair[string]
	AssigneeModified Pair[int64]
	Assignment       Assignment
}

// TaskAdded is the payload of a new task. Position is its zero-based place in the stage.
type TaskAdded struct {
	TaskRef
	Position int
	Task     Task
}

// TaskEdited is the payload of an edited task.
type TaskEdited struct {
	TaskRef
	Title, Command, Description Pair[string]
}

// TaskRemoved is the payload of a deleted task. Position is the zero-based place that it had in the stage.
type TaskRemoved struct {
	TaskRef
	Position int
	Task     Task
}

// TaskMoved is the payload of a task that was moved within its stage. Positions are zero-based.
type TaskMoved struct {
	TaskRef
	Position Pair[int]
}

// TaskRun is the payload of a run of a task's command. LastRun is in Unix milliseconds.
type TaskRun struct {
	TaskRef
	LastRun Pair[int64]
}

// StatusUpdated is the payload of a status update. PreviousReminder is in nanoseconds. ReminderAt is the time (Unix ms)
// of the next reminder, 0 for none.
type StatusUpdated struct {
	PreviousReminder Pair[int64]
	ReminderPostID   Pair[string]
	StatusPostID     string
	ReminderAt       int64
}

// UpdatePlanned is the payload of another time of the next status update. An event without actor states what was found, as after
// version 1.2.0 has run.
type UpdatePlanned struct {
	Clock          Pair[Clock]
	ReminderPostID Pair[string]
}

// UpdateOverdue is the payload of a status update that was due and has not come: the first reminder was posted.
type UpdateOverdue struct {
	Clock          Pair[Clock]
	ReminderPostID Pair[string]
}

// ReminderPosted is the payload of a further reminder that was posted. PostID is the displayed reminder post.
type ReminderPosted struct{ PostID Pair[string] }

// ReminderCleared is the payload of a dismissed reminder. PostID is the displayed reminder post.
type ReminderCleared struct{ PostID Pair[string] }

// ReminderDropped is the payload of a reminder that could not be posted. At is its time in Unix milliseconds.
type ReminderDropped struct{ At Pair[int64] }

// StartTimeChanged is the payload of a change of the start, in Unix milliseconds.
type StartTimeChanged struct{ CreateAt Pair[int64] }

// Unknown is the payload of a stored event of an unknown type, and of one whose JSON is damaged.
type Unknown struct {
	Stored        EventType
	Before, After json.RawMessage
	// Readable holds what could be read of a damaged event; nil for an unknown type.
	Readable Payload
}

// Type returns EventStarted.
func (Started) Type() EventType { return EventStarted }

// Type returns EventEnded.
func (Ended) Type() EventType { return EventEnded }

// Type returns EventRestarted.
func (Restarted) Type() EventType { return EventRestarted }

// Type returns EventCommander.
func (CommanderChanged) Type() EventType { return EventCommander }

// Type returns EventStage.
func (StageChanged) Type() EventType { return EventStage }

// Type returns EventTaskState.
func (TaskStateChanged) Type() EventType { return EventTaskState }

// Type returns EventTaskAssignee.
func (TaskAssigneeChanged) Type() EventType { return EventTaskAssignee }

// Type returns EventTaskAdded.
func (TaskAdded) Type() EventType { return EventTaskAdded }

// Type returns EventTaskEdited.
func (TaskEdited) Type() EventType { return EventTaskEdited }

// Type returns EventTaskRemoved.
func (TaskRemoved) Type() EventType { return EventTaskRemoved }

// Type returns EventTaskMoved.
func (TaskMoved) Type() EventType { return EventTaskMoved }

// Type returns EventTaskRun.
func (TaskRun) Type() EventType { return EventTaskRun }

// Type returns EventStatusUpdate.
func (StatusUpdated) Type() EventType { return EventStatusUpdate }

// Type returns EventUpdatePlanned.
func (UpdatePlanned) Type() EventType { return EventUpdatePlanned }

// Type returns EventUpdateOverdue.
func (UpdateOverdue) Type() EventType { return EventUpdateOverdue }

// Type returns EventReminderPosted.
func (ReminderPosted) Type() EventType { return EventReminderPosted }

// Type returns EventReminderCleared.
func (ReminderCleared) Type() EventType { return EventReminderCleared }

// Type returns EventReminderDropped.
func (ReminderDropped) Type() EventType { return EventReminderDropped }

// Type returns EventStartTimeChanged.
func (StartTimeChanged) Type() EventType { return EventStartTimeChanged }

// Type returns the stored type.
func (u Unknown) Type() EventType { return u.Stored }
