package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Values are the contents of an event's JSON.
type Values struct {
	ActiveStage      int    `json:"active_stage"`
	ActiveStageTitle string `json:"active_stage_title"`
	CommanderUserID  string `json:"commander_user_id"`
	IsActive         bool   `json:"is_active"`
	EndAt            int64  `json:"end_at"`

	Checklist        int            `json:"checklist"`
	ItemID           string         `json:"item_id"`
	Item             int            `json:"item"`
	Task             incident.Task  `json:"task"`
	Title            string         `json:"title"`
	Command          string         `json:"command"`
	Description      string         `json:"description"`
	State            incident.State `json:"state"`
	StateModified    int64          `json:"state_modified"`
	AssigneeID       string         `json:"assignee_id"`
	AssigneeModified int64          `json:"assignee_modified"`
	CommandLastRun   int64          `json:"command_last_run"`

	PreviousReminder int64  `json:"previous_reminder"`
	ReminderPostID   string `json:"reminder_post_id"`
	StatusPostID     string `json:"status_post_id"`
	ReminderAt       int64  `json:"reminder_at"`
}

// Read reads what an event says about before and after.
func Read(event incident.Event) (before, after Values, err error) {
	if err = json.Unmarshal(event.Before, &before); err == nil {
		err = json.Unmarshal(event.After, &after)
	}
	return before, after, err
}

// Replay applies the events after base's revision to it, one after the other. Each has to have the next revision, and
// to fit the state that the one before it has left.
func Replay(base incident.Incident, events []incident.Event) (incident.Incident, error) {
	state := base.Clone()
	for n, event := range events {
		if event.Revision != int64(n+1) {
			return state, fmt.Errorf("event %d has revision %d", n+1, event.Revision)
		}
		if event.Revision <= base.Revision {
			continue
		}
		if err := apply(&state, event); err != nil {
			return state, fmt.Errorf("event %d %s: %w: before %s, after %s", event.Revision, event.Type, err, event.Before, event.After)
		}
		state.Revision = event.Revision
	}
	return state, nil
}

func fits(is, was any) error {
	if reflect.DeepEqual(is, was) {
		return nil
	}
	return fmt.Errorf("it changes %v, but the events before it lead to %v", was, is)
}

func apply(state *incident.Incident, event incident.Event) error {
	before, after, err := Read(event)
	if err != nil {
		return err
	}
	switch event.Type {
	case incident.EventStage:
		err = fits(state.ActiveStage, before.ActiveStage)
		state.ActiveStage, state.ActiveStageTitle = after.ActiveStage, after.ActiveStageTitle
	case incident.EventCommander:
		err = fits(state.CommanderUserID, before.CommanderUserID)
		state.CommanderUserID = after.CommanderUserID
	case incident.EventEnded:
		err = fits([]any{state.IsActive, state.ReminderPostID}, []any{before.IsActive, before.ReminderPostID})
		state.IsActive, state.EndAt, state.ReminderPostID = after.IsActive, after.EndAt, after.ReminderPostID
	case incident.EventRestarted:
		err = fits(state.IsActive, before.IsActive)
		state.IsActive, state.EndAt = after.IsActive, after.EndAt
	case incident.EventStatusUpdate:
		err = fits([]any{state.IsActive, state.PreviousReminder, state.ReminderPostID}, []any{true, before.PreviousReminder, before.ReminderPostID})
		state.PreviousReminder, state.ReminderPostID = after.PreviousReminder, after.ReminderPostID
		state.StatusPostIDs = append(state.StatusPostIDs, after.StatusPostID)
	case incident.EventReminderPosted, incident.EventReminderCleared:
		err = fits(state.ReminderPostID, before.ReminderPostID)
		state.ReminderPostID = after.ReminderPostID
	default:
		return applyToTask(state, event, before, after)
	}
	return err
}

func applyToTask(state *incident.Incident, event incident.Event, before, after Values) error {
	if after.Checklist < 0 || after.Checklist >= len(state.Checklists) {
		return fmt.Errorf("there is no stage %d", after.Checklist)
	}
	stage := &state.Checklists[after.Checklist]
	at := slices.IndexFunc(stage.Tasks, func(task incident.Task) bool { return task.ID == after.ItemID })
	if event.Type == incident.EventTaskAdded {
		err := fits([]int{at, len(stage.Tasks)}, []int{-1, after.Item})
		stage.Tasks = append(stage.Tasks, after.Task)
		return err
	}
	if at < 0 {
		return fmt.Errorf("the events before it have removed the task, or never added it")
	}
	task := &stage.Tasks[at]
	var err error
	switch event.Type {
	case incident.EventTaskState:
		err = fits(task.State, before.State)
		task.State, task.StateModified = after.State, after.StateModified
	case incident.EventTaskAssignee:
		err = fits(task.AssigneeID, before.AssigneeID)
		task.AssigneeID, task.AssigneeModified = after.AssigneeID, after.AssigneeModified
	case incident.EventTaskEdited:
		err = fits([]string{task.Title, task.Command, task.Description}, []string{before.Title, before.Command, before.Description})
		task.Title, task.Command, task.Description = after.Title, after.Command, after.Description
	case incident.EventTaskRun:
		err = fits(task.CommandLastRun, before.CommandLastRun)
		task.CommandLastRun = after.CommandLastRun
	case incident.EventTaskRemoved:
		err = fits(at, before.Item)
		stage.Tasks = slices.Delete(stage.Tasks, at, at+1)
	case incident.EventTaskMoved:
		err = fits(at, before.Item)
		moved := *task
		if after.Item < 0 || after.Item >= len(stage.Tasks) {
			return fmt.Errorf("there is no place %d", after.Item)
		}
		stage.Tasks = slices.Insert(slices.Delete(stage.Tasks, at, at+1), after.Item, moved)
	default:
		return fmt.Errorf("the type is unknown")
	}
	return err
}

// WithoutPosts drops what is noted after the commit of a change, or joined from Mattermost's tables.
func WithoutPosts(i incident.Incident) incident.Incident {
	i = i.Clone()
	i.PostRevision = 0
	i.StatusPosts = nil
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			task := &i.Checklists[s].Tasks[n]
			task.StateModifiedPostID, task.AssigneeModifiedPostID = "", ""
		}
	}
	if len(i.StatusPostIDs) == 0 {
		i.StatusPostIDs = nil
	}
	return i
}
