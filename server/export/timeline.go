package export

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// doers returns, for each task, the last user who changed its state.
func doers(ctx context.Context, r *Report) (map[string]incidentChange, error) {
	found := map[string]incidentChange{}
	for e, err := range r.Events(ctx) {
		if err != nil {
			return nil, err
		}
		if p, ok := e.Readable().(incident.TaskStateChanged); ok {
			found[p.TaskID] = incidentChange{actorID: e.ActorID, at: p.StateModified.After}
		}
	}
	return found, nil
}

// sentence returns an event as a sentence, "" for events that only the plugin needs.
func (d *document) sentence(e *incident.Event) string {
	return text.Sentence(e, text.Voice{Language: d.Language, Person: d.person, Escape: escape, Time: when, TaskTitle: d.taskTitle})
}

// taskTitle returns the present title of a task, "" if the task is gone.
func (d *document) taskTitle(id string) string {
	for _, stage := range d.report.Incident.Checklists {
		for _, t := range stage.Tasks {
			if t.ID == id {
				return t.Title
			}
		}
	}
	return ""
}
