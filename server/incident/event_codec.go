package incident

import "encoding/json"

// values are the named values of one side of an event. Their JSON has the names in alphabetical order.
type values map[string]interface{}

func (v values) json() json.RawMessage {
	if len(v) == 0 {
		return json.RawMessage("{}")
	}
	return marshal(v)
}

// EncodePayload returns the JSON objects of the columns BeforeJSON and AfterJSON. The JSON of an Unknown payload is what
// was stored; a text that is no JSON becomes a JSON string.
func EncodePayload(p Payload) (before, after json.RawMessage) {
	if u, ok := p.(Unknown); ok {
		return validJSON(u.Before), validJSON(u.After)
	}
	if own, ok := p.(OwnPayload); ok {
		return ownSides(own)
	}
	b, a := sides(p)
	return b.json(), a.json()
}

func validJSON(stored json.RawMessage) json.RawMessage {
	if json.Valid(stored) {
		return stored
	}
	return marshal(string(stored))
}

// pair sets a name to both values of a pair.
func pair[T any](before, after values, name string, p Pair[T]) {
	before[name], after[name] = p.Before, p.After
}

// sides returns the values before and after. The names are those of version 2.0.0 and must stay.
func sides(p Payload) (before, after values) {
	before, after = values{}, values{}
	if ref, ok := TaskRefOf(p); ok {
		for _, side := range []values{before, after} {
			side["checklist_id"], side["checklist"], side["item_id"] = ref.StageID, ref.Stage, ref.TaskID
		}
	}
	switch p := p.(type) {
	case Started:
		after = values{"name": p.Name, "commander_user_id": p.CommanderUserID, "team_id": p.TeamID, "channel_id": p.ChannelID,
			"playbook_id": p.PlaybookID, "post_id": p.PostID, "create_at": p.CreateAt}
		if p.ExistingChannel {
			after["existing_channel"] = true
		}
		if p.NextUpdateAt != 0 {
			after["next_update_at"] = p.NextUpdateAt
		}
		return nil, after
	case Ended:
		pair(before, after, "is_active", Pair[bool]{true, false})
		pair(before, after, "end_at", p.EndAt)
		pair(before, after, "reminder_post_id", p.ReminderPostID)
	case Restarted:
		pair(before, after, "is_active", Pair[bool]{false, true})
		pair(before, after, "end_at", p.EndAt)
	case CommanderChanged:
		pair(before, after, "commander_user_id", p.CommanderUserID)
		if p.HandoffID != "" {
			after["handoff_id"] = p.HandoffID
		}
	case StageChanged:
		pair(before, after, "active_stage", Pair[int]{p.Stage.Before.Index, p.Stage.After.Index})
		pair(before, after, "active_stage_title", Pair[string]{p.Stage.Before.Title, p.Stage.After.Title})
	case TaskStateChanged:
		pair(before, after, "title", Pair[string]{p.Title, p.Title})
		pair(before, after, "state", p.State)
		pair(before, after, "state_modified", p.StateModified)
	case TaskAssigneeChanged:
		pair(before, after, "title", Pair[string]{p.Title, p.Title})
		pair(before, after, "assignee_id", p.AssigneeID)
		pair(before, after, "assignee_modified", p.AssigneeModified)
		if p.Assignment != (Assignment{}) {
			before["assignment"] = p.Assignment
		}
	case TaskAdded:
		after["item"], after["task"] = p.Position, p.Task
		return nil, after
	case TaskEdited:
		pair(before, after, "title", p.Title)
		pair(before, after, "command", p.Command)
		pair(before, after, "description", p.Description)
	case TaskRemoved:
		before["item"], before["task"] = p.Position, p.Task
	case TaskMoved:
		pair(before, after, "item", p.Position)
	case TaskRun:
		pair(before, after, "command_last_run", p.LastRun)
	case StatusUpdated:
		pair(before, after, "previous_reminder", p.PreviousReminder)
		pair(before, after, "reminder_post_id", p.ReminderPostID)
		after["status_post_id"], after["reminder_at"] = p.StatusPostID, p.ReminderAt
	case UpdatePlanned:
		clockPair(before, after, p.Clock)
		pair(before, after, "reminder_post_id", p.ReminderPostID)
	case UpdateOverdue:
		clockPair(before, after, p.Clock)
		pair(before, after, "reminder_post_id", p.ReminderPostID)
	case ReminderPosted:
		pair(before, after, "reminder_post_id", p.PostID)
	case ReminderCleared:
		pair(before, after, "reminder_post_id", p.PostID)
	case ReminderDropped:
		pair(before, after, "reminder_at", p.At)
	case StartTimeChanged:
		pair(before, after, "create_at", p.CreateAt)
	}
	return before, after
}

// clockPair sets the times of both clocks.
func clockPair(before, after values, p Pair[Clock]) {
	pair(before, after, "next_update_at", Pair[int64]{p.Before.NextUpdateAt, p.After.NextUpdateAt})
	pair(before, after, "overdue_since", Pair[int64]{p.Before.OverdueSince, p.After.OverdueSince})
}

// side is one side of a stored event: all names of all types.
type side struct {
	Name            string `json:"name"`
	CommanderUserID string `json:"commander_user_id"`
	TeamID          string `json:"team_id"`
	ChannelID       string `json:"channel_id"`
	PlaybookID      string `json:"playbook_id"`
	PostID          string `json:"post_id"`
	CreateAt        int64  `json:"create_at"`
	EndAt           int64  `json:"end_at"`
	ExistingChannel bool   `json:"existing_channel"`

	ActiveStage      int    `json:"active_stage"`
	ActiveStageTitle string `json:"active_stage_title"`

	ChecklistID      string `json:"checklist_id"`
	Checklist        int    `json:"checklist"`
	ItemID           string `json:"item_id"`
	Item             int    `json:"item"`
	Task             Task   `json:"task"`
	Title            string `json:"title"`
	Command          string `json:"command"`
	Description      string `json:"description"`
	State            State  `json:"state"`
	StateModified    int64  `json:"state_modified"`
	AssigneeID       string `json:"assignee_id"`
	AssigneeModified int64  `json:"assignee_modified"`
	HandoffID        string `json:"handoff_id"`

	Assignment     Assignment `json:"assignment"`
	CommandLastRun int64      `json:"command_last_run"`

	PreviousReminder int64  `json:"previous_reminder"`
	ReminderPostID   string `json:"reminder_post_id"`
	StatusPostID     string `json:"status_post_id"`
	ReminderAt       int64  `json:"reminder_at"`
	Clock
}

// DecodePayload reads what the columns Type, BeforeJSON and AfterJSON of an event say. It never fails: what it cannot
// read is an Unknown payload.
func DecodePayload(kind EventType, before, after json.RawMessage) Payload {
	var b, a side
	errBefore, errAfter := json.Unmarshal(before, &b), json.Unmarshal(after, &a)
	p := typed(kind, &b, &a)
	if p == nil {
		if own := decodeOwn(kind, before, after); own != nil {
			return own
		}
	}
	if p == nil || errBefore != nil || errAfter != nil {
		return Unknown{Stored: kind, Before: before, After: after, Readable: p}
	}
	return p
}

// typed returns the payload of a type, nil for an unknown one.
func typed(kind EventType, b, a *side) Payload {
	ref := TaskRef{StageID: a.ChecklistID, Stage: a.Checklist, TaskID: a.ItemID}
	reminderPost := Pair[string]{b.ReminderPostID, a.ReminderPostID}
	switch kind {
	case EventStarted:
		return Started{Name: a.Name, CommanderUserID: a.CommanderUserID, TeamID: a.TeamID, ChannelID: a.ChannelID,
			PlaybookID: a.PlaybookID, PostID: a.PostID, CreateAt: a.CreateAt, ExistingChannel: a.ExistingChannel, NextUpdateAt: a.NextUpdateAt}
	case EventEnded:
		return Ended{EndAt: Pair[int64]{b.EndAt, a.EndAt}, ReminderPostID: reminderPost}
	case EventRestarted:
		return Restarted{EndAt: Pair[int64]{b.EndAt, a.EndAt}}
	case EventCommander:
		return CommanderChanged{CommanderUserID: Pair[string]{b.CommanderUserID, a.CommanderUserID}, HandoffID: a.HandoffID}
	case EventStage:
		return StageChanged{Pair[StageRef]{StageRef{b.ActiveStage, b.ActiveStageTitle}, StageRef{a.ActiveStage, a.ActiveStageTitle}}}
	case EventTaskState:
		return TaskStateChanged{TaskRef: ref, Title: a.Title, State: Pair[State]{b.State, a.State},
			StateModified: Pair[int64]{b.StateModified, a.StateModified}}
	case EventTaskAssignee:
		return TaskAssigneeChanged{TaskRef: ref, Title: a.Title, AssigneeID: Pair[string]{b.AssigneeID, a.AssigneeID},
			AssigneeModified: Pair[int64]{b.AssigneeModified, a.AssigneeModified}, Assignment: b.Assignment}
	case EventTaskAdded:
		return TaskAdded{TaskRef: ref, Position: a.Item, Task: a.Task}
	case EventTaskEdited:
		return TaskEdited{TaskRef: ref, Title: Pair[string]{b.Title, a.Title}, Command: Pair[string]{b.Command, a.Command},
			Description: Pair[string]{b.Description, a.Description}}
	case EventTaskRemoved:
		return TaskRemoved{TaskRef: ref, Position: b.Item, Task: b.Task}
	case EventTaskMoved:
		return TaskMoved{TaskRef: ref, Position: Pair[int]{b.Item, a.Item}}
	case EventTaskRun:
		return TaskRun{TaskRef: ref, LastRun: Pair[int64]{b.CommandLastRun, a.CommandLastRun}}
	case EventStatusUpdate:
		return StatusUpdated{PreviousReminder: Pair[int64]{b.PreviousReminder, a.PreviousReminder}, ReminderPostID: reminderPost,
			StatusPostID: a.StatusPostID, ReminderAt: a.ReminderAt}
	case EventUpdatePlanned:
		return UpdatePlanned{Clock: Pair[Clock]{b.Clock, a.Clock}, ReminderPostID: reminderPost}
	case EventUpdateOverdue:
		return UpdateOverdue{Clock: Pair[Clock]{b.Clock, a.Clock}, ReminderPostID: reminderPost}
	case EventReminderPosted:
		return ReminderPosted{reminderPost}
	case EventReminderCleared:
		return ReminderCleared{reminderPost}
	case EventReminderDropped:
		return ReminderDropped{Pair[int64]{b.ReminderAt, a.ReminderAt}}
	case EventStartTimeChanged:
		return StartTimeChanged{Pair[int64]{b.CreateAt, a.CreateAt}}
	}
	return nil
}
