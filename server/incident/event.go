package incident

// EventType names the kind of an event. It is the value of the column Type.
type EventType string

// The types of Event. Each has a payload type, see event_payload.go.
const (
	EventStarted         EventType = "started"
	EventEnded           EventType = "ended"
	EventRestarted       EventType = "restarted"
	EventCommander       EventType = "commander_changed"
	EventStage           EventType = "stage_changed"
	EventTaskState       EventType = "task_state_changed"
	EventTaskAssignee    EventType = "task_assignee_changed"
	EventTaskAdded       EventType = "task_added"
	EventTaskEdited      EventType = "task_edited"
	EventTaskRemoved     EventType = "task_removed"
	EventTaskMoved       EventType = "task_moved"
	EventTaskRun         EventType = "task_run"
	EventStatusUpdate    EventType = "status_updated"
	EventReminderPosted  EventType = "reminder_posted"
	EventReminderCleared EventType = "reminder_cleared"
	EventReminderDropped EventType = "reminder_dropped"
	EventUpdatePlanned   EventType = "update_planned"
	EventUpdateOverdue   EventType = "update_overdue"
	// EventStartTimeChanged is read, but nothing writes it.
	EventStartTimeChanged EventType = "start_time_changed"
)

// Event records one change of an incident. Exactly one is stored with each revision, in the same transaction.
type Event struct {
	ID         string
	IncidentID string
	// Revision of the incident after the change.
	Revision int64
	// ActorID is the user who made the change, or "" for the plugin itself.
	ActorID string
	// CreateAt is in Unix milliseconds.
	CreateAt int64
	// Payload holds the values before and after the change.
	Payload Payload
	// PostID is the post that announced the change, or "".
	PostID string
}

// Type returns the type of the event's payload, "" without one.
func (e *Event) Type() EventType {
	if e.Payload == nil {
		return ""
	}
	return e.Payload.Type()
}

// Readable returns the payload, or what could be read of a damaged one; nil if the type is unknown.
func (e *Event) Readable() Payload {
	if u, ok := e.Payload.(Unknown); ok {
		return u.Readable
	}
	return e.Payload
}

// RemovedReminderPost returns the id of the reminder post that is no longer displayed after the event, "" for none.
func (e *Event) RemovedReminderPost() string {
	var post Pair[string]
	switch p := e.Payload.(type) {
	case Ended:
		post = p.ReminderPostID
	case StatusUpdated:
		post = p.ReminderPostID
	case ReminderPosted:
		post = p.PostID
	case ReminderCleared:
		post = p.PostID
	case UpdatePlanned:
		post = p.ReminderPostID
	case UpdateOverdue:
		post = p.ReminderPostID
	}
	if post.Before == post.After {
		return ""
	}
	return post.Before
}

// ChangeSet is what a change stores together with the incident.
type ChangeSet struct {
	// Payload is that of the event.
	Payload Payload
	// PostID is the post that announced the change before it was made, "" for none.
	PostID string
	// StatusPostID registers one more status post; "" none.
	StatusPostID string
	// NextUpdate asks for another time of the next status update; nil leaves it.
	NextUpdate *NextUpdate
}

// NextUpdate is what a change asks of the time when the next status update is due, in Unix milliseconds. The capability of status
// updates carries it out; without it nothing happens.
type NextUpdate struct {
	// NoLaterThan makes the next update due then if it is due later, or if none is due; 0 asks for nothing.
	NoLaterThan int64
	// At makes it due then in any case; 0 asks for nothing.
	At int64
}

// NewChangeSet returns a ChangeSet that stores an event with payload p.
func NewChangeSet(p Payload) *ChangeSet { return &ChangeSet{Payload: p} }
