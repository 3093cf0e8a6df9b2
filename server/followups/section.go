package followups

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// sections are the part of an incident's export.
func (f *followups) sections() []capability.Section {
	return []capability.Section{{Name: "followups", Title: "Follow-ups", Read: f.section}}
}

// section has all follow-ups of an incident, in order of their numbers. Times in the lines are UTC.
func (f *followups) section(ctx context.Context, userID string, inc *incident.Incident) (*capability.Part, error) {
	items, err := f.data.List(ctx, Filter{IncidentID: inc.ID, ViewerID: userID, Sort: "number", PerPage: MaxPerIncident, Now: f.now()})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	lines := make([]string, len(items))
	for n := range items {
		lines[n] = plainSummary(&items[n])
	}
	return &capability.Part{Value: items, Lines: lines}, nil
}
