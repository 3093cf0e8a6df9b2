package incident

import (
	"encoding/json"
)

// EventType says what happened to an incident.
type EventType string

// The types of Event.
const (
	EventStarted          EventType = "started"
	EventEnded            EventType = "ended"
	EventRestarted        EventType = "restarted"
	EventCommander        EventType = "commander_changed"
	EventStage            EventType = "stage_changed"
	EventTaskState        EventType = "task_state_changed"
	EventTaskAssignee     EventType = "task_assignee_changed"
	EventTaskAdded        EventType = "task_added"
	EventTaskEdited       EventType = "task_edited"
	EventTaskRemoved      EventType = "task_removed"
	EventTaskMoved        EventType = "task_moved"
	EventTaskRun          EventType = "task_run"
	EventStatusUpdate     EventType = "status_updated"
	EventReminderPosted   EventType = "reminder_posted"
	EventReminderCleared  EventType = "reminder_cleared"
	EventReminderDropped  EventType = "reminder_dropped"
	EventStartTimeChanged EventType = "start_time_changed"
)

// Event records one change of an incident. Exactly one is stored with each revision, in the same transaction.
type Event struct {
	ID         string
	IncidentID string
	// Revision of the incident after the change.
	Revision int64
	Type     EventType
	// ActorID is the user who made the change, or "" for the plugin itself.
	ActorID string
	// CreateAt is in Unix milliseconds.
	CreateAt int64
	// Before and After hold the changed values as JSON objects.
	Before, After json.RawMessage
	// PostID is the post that announced the change, or "".
	PostID string
}

// Write is what a change wants stored with the incident. Event.ID, IncidentID, Revision, CreateAt and ActorID
// are filled in by whoever applies the change.
type Write struct {
	Event Event
	// Reminder schedules (Unix ms) or cancels (0) the pending reminder; nil leaves it alone.
	Reminder *int64
	// ReminderClaim sets the time (Unix ms) at which a node took the due reminder to post it, 0 for none; nil leaves it.
	ReminderClaim *int64
	// StatusPostID registers one more status post; "" none.
	StatusPostID string
	// OnlyIfDue, unless 0, is the time (Unix ms) for which the reminder must still be pending: else nothing is stored.
	OnlyIfDue int64
	// TiesUp is the id of the loose end that ends with this change; "" none. If it was taken back, the change is a Conflict.
	TiesUp string
	// LooseEnds are stored with the change.
	LooseEnds []LooseEnd
}

// NewWrite makes a Write for an event; before and after are marshalled to JSON objects.
func NewWrite(kind EventType, before, after interface{}) *Write {
	return &Write{Event: Event{Type: kind, Before: marshal(before), After: marshal(after)}}
}

// Values are named values of an event.
type Values map[string]interface{}

func marshal(v interface{}) json.RawMessage {
	if v == nil {
		return json.RawMessage("{}")
	}
	b, err := Marshal(v)
	if err != nil { // only our own plain values come here
		return json.RawMessage("{}")
	}
	return b
}

// TaskID is the id of the task that the event is about.
func (e *Event) TaskID() (string, error) {
	var values struct {
		ItemID string `json:"item_id"`
	}
	err := json.Unmarshal(e.After, &values)
	return values.ItemID, err
}
