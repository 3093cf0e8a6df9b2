package export

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// values are those of an event's before and after that the timeline tells.
type values struct {
	Title           string         `json:"title"`
	State           incident.State `json:"state"`
	StateModified   int64          `json:"state_modified"`
	ItemID          string         `json:"item_id"`
	AssigneeID      string         `json:"assignee_id"`
	CommanderUserID string         `json:"commander_user_id"`
	StageTitle      string         `json:"active_stage_title"`
	CreateAt        int64          `json:"create_at"`
	Task            *struct {
		Title string `json:"title"`
	} `json:"task"`
}

func (v *values) read(raw json.RawMessage) {
	_ = json.Unmarshal(raw, v) // what cannot be read is left out of the sentence
}

// doers tells for each task who brought it into its state last.
func doers(ctx context.Context, r *app.Report) (map[string]incidentChange, error) {
	found := map[string]incidentChange{}
	for e, err := range r.Events(ctx) {
		if err != nil {
			return nil, err
		}
		if e.Type != incident.EventTaskState {
			continue
		}
		var after values
		after.read(e.After)
		found[after.ItemID] = incidentChange{actorID: e.ActorID, at: after.StateModified}
	}
	return found, nil
}

// tell says in a sentence what happened, or nothing for the plugin's own bookkeeping.
func (d *document) tell(e *app.ReportEvent) string {
	who := d.person(e.ActorID)
	if who == "" {
		who = "Incident Management"
	}
	var before, after values
	before.read(e.Before)
	after.read(e.After)
	task := d.taskTitle(&before, &after)
	switch e.Type {
	case incident.EventStarted:
		return who + " started the incident."
	case incident.EventEnded:
		return who + " ended the incident."
	case incident.EventRestarted:
		return who + " restarted the incident."
	case incident.EventCommander:
		former := ""
		if before.CommanderUserID != "" {
			former = " in place of " + d.person(before.CommanderUserID)
		}
		return fmt.Sprintf("%s made %s commander%s.", who, d.person(after.CommanderUserID), former)
	case incident.EventStage:
		return fmt.Sprintf("%s moved from the stage “%s” to “%s”.", who, escape(before.StageTitle), escape(after.StageTitle))
	case incident.EventTaskState:
		verb := map[incident.State]string{incident.Open: "opened", incident.InProgress: "took up", incident.Closed: "completed"}[after.State]
		return fmt.Sprintf("%s %s %s.", who, verb, task)
	case incident.EventTaskAssignee:
		if after.AssigneeID == "" {
			return fmt.Sprintf("%s took %s from %s.", who, task, d.person(before.AssigneeID))
		}
		return fmt.Sprintf("%s assigned %s to %s.", who, task, d.person(after.AssigneeID))
	case incident.EventTaskAdded:
		return fmt.Sprintf("%s added %s.", who, task)
	case incident.EventTaskEdited:
		return fmt.Sprintf("%s edited %s.", who, task)
	case incident.EventTaskRemoved:
		return fmt.Sprintf("%s deleted %s.", who, task)
	case incident.EventTaskMoved:
		return fmt.Sprintf("%s moved %s.", who, task)
	case incident.EventTaskRun:
		return fmt.Sprintf("%s ran the command of %s.", who, task)
	case incident.EventStatusUpdate:
		return who + " posted a status update."
	case incident.EventReminderPosted:
		return "A reminder of the next status update was posted."
	case incident.EventStartTimeChanged:
		return fmt.Sprintf("%s set the start to %s.", who, when(after.CreateAt))
	default: // reminders that were taken away
		return ""
	}
}

// taskTitle names the task of an event: as it was called then, else as it is called now.
func (d *document) taskTitle(before, after *values) string {
	title := after.Title
	for _, v := range []*values{after, before} {
		if title == "" && v.Task != nil {
			title = v.Task.Title
		}
	}
	if title == "" {
		for _, stage := range d.report.Incident.Checklists {
			for _, t := range stage.Tasks {
				if t.ID == after.ItemID {
					title = t.Title
				}
			}
		}
	}
	if title == "" {
		return "a task"
	}
	return "the task “" + escape(title) + "”"
}
