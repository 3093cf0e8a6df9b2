package engine

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
)

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
			before, after := incident.EncodePayload(event.Payload)
			return state, fmt.Errorf("event %d %s: %w: before %s, after %s", event.Revision, event.Type(), err, before, after)
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
	var err error
	switch p := event.Payload.(type) {
	case incident.StageChanged:
		err = fits(state.ActiveStage, p.Stage.Before.Index)
		state.ActiveStage, state.ActiveStageTitle = p.Stage.After.Index, p.Stage.After.Title
	case incident.CommanderChanged:
		err = fits(state.CommanderUserID, p.CommanderUserID.Before)
		state.CommanderUserID = p.CommanderUserID.After
	case incident.Ended:
		err = fits([]any{state.IsActive, state.ReminderPostID}, []any{true, p.ReminderPostID.Before})
		state.IsActive, state.EndAt, state.ReminderPostID = false, p.EndAt.After, p.ReminderPostID.After
		state.SetClock(incident.Clock{})
	case incident.Restarted:
		err = fits(state.IsActive, false)
		state.IsActive, state.EndAt = true, p.EndAt.After
	case incident.StatusUpdated:
		err = fits([]any{state.IsActive, state.PreviousReminder, state.ReminderPostID}, []any{true, p.PreviousReminder.Before, p.ReminderPostID.Before})
		state.PreviousReminder, state.ReminderPostID = p.PreviousReminder.After, p.ReminderPostID.After
		state.StatusPostIDs = append(state.StatusPostIDs, p.StatusPostID)
		state.SetClock(incident.Clock{NextUpdateAt: p.ReminderAt})
	case incident.UpdatePlanned:
		err = fits([]any{state.ReminderPostID, state.Clock()}, []any{p.ReminderPostID.Before, p.Clock.Before})
		state.ReminderPostID = p.ReminderPostID.After
		state.SetClock(p.Clock.After)
	case incident.UpdateOverdue:
		err = fits([]any{state.ReminderPostID, state.Clock()}, []any{p.ReminderPostID.Before, p.Clock.Before})
		state.ReminderPostID = p.ReminderPostID.After
		state.SetClock(p.Clock.After)
	case incident.ReminderPosted:
		err = fits(state.ReminderPostID, p.PostID.Before)
		state.ReminderPostID = p.PostID.After
	case incident.ReminderCleared:
		err = fits(state.ReminderPostID, p.PostID.Before)
		state.ReminderPostID = p.PostID.After
		state.SetClock(incident.Clock{})
	case incident.ReminderDropped:
		state.SetClock(incident.Clock{})
	case severity.Changed:
		if seconds := updateSeconds(p.After.Key); seconds != 0 {
			state.PreviousReminder = seconds * 1e9
		}
		if p.NextUpdate != nil {
			err = fits(state.Clock().NextUpdateAt, p.NextUpdate.Before)
			state.SetClock(incident.Clock{NextUpdateAt: p.NextUpdate.After})
			state.ReminderPostID = ""
		}
	case incident.OwnPayload: // what a capability keeps is not part of the incident
	default:
		return applyToTask(state, event)
	}
	return err
}

func applyToTask(state *incident.Incident, event incident.Event) error {
	payload := event.Payload
	ref, ok := incident.TaskRefOf(payload)
	if !ok {
		return fmt.Errorf("the type is unknown, or the event is damaged")
	}
	if ref.Stage < 0 || ref.Stage >= len(state.Checklists) {
		return fmt.Errorf("there is no stage %d", ref.Stage)
	}
	stage := &state.Checklists[ref.Stage]
	at := slices.IndexFunc(stage.Tasks, func(task incident.Task) bool { return task.ID == ref.TaskID })
	if p, added := payload.(incident.TaskAdded); added {
		err := fits([]int{at, len(stage.Tasks)}, []int{-1, p.Position})
		stage.Tasks = append(stage.Tasks, p.Task)
		return err
	}
	if at < 0 {
		return fmt.Errorf("the events before it have removed the task, or never added it")
	}
	task := &stage.Tasks[at]
	var err error
	switch p := payload.(type) {
	case incident.TaskStateChanged:
		err = fits(task.State, p.State.Before)
		task.State, task.StateModified = p.State.After, p.StateModified.After
	case incident.TaskAssigneeChanged:
		err = fits(task.AssigneeID, p.AssigneeID.Before)
		task.AssigneeID, task.AssigneeModified = p.AssigneeID.After, p.AssigneeModified.After
	case incident.TaskEdited:
		err = fits([]string{task.Title, task.Command, task.Description}, []string{p.Title.Before, p.Command.Before, p.Description.Before})
		task.Title, task.Description = p.Title.After, p.Description.After
		task.SetCommand(p.Command.After, event.ActorID, event.CreateAt)
	case incident.TaskRun:
		err = fits(task.CommandLastRun, p.LastRun.Before)
		task.CommandLastRun, task.CommandLastRunnerID = p.LastRun.After, event.ActorID
	case incident.TaskRemoved:
		err = fits(at, p.Position)
		stage.Tasks = slices.Delete(stage.Tasks, at, at+1)
	case incident.TaskMoved:
		err = fits(at, p.Position.Before)
		moved := *task
		if p.Position.After < 0 || p.Position.After >= len(stage.Tasks) {
			return fmt.Errorf("there is no place %d", p.Position.After)
		}
		stage.Tasks = slices.Insert(slices.Delete(stage.Tasks, at, at+1), p.Position.After, moved)
	default:
		return fmt.Errorf("the type is unknown")
	}
	return err
}

// WithoutPosts drops what is noted after the commit of a change, or joined from Mattermost's tables, and what capabilities keep.
func WithoutPosts(i incident.Incident) incident.Incident {
	i = i.Clone()
	i.PostRevision = 0
	i.StatusPosts = nil
	i.Own = nil // what capabilities keep is theirs to replay
	for s := range i.Checklists {
		for n := range i.Checklists[s].Tasks {
			task := &i.Checklists[s].Tasks[n]
			task.StateModifiedPostID, task.AssigneeModifiedPostID = "", ""
			if task.Assignment.Kind != "" { // it follows a role or the commander, without an event
				task.AssigneeID, task.AssigneeModified = "", 0
			}
		}
	}
	if len(i.StatusPostIDs) == 0 {
		i.StatusPostIDs = nil
	}
	return i
}
