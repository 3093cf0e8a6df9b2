package capability

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Section is a capability's part of the export of an incident.
type Section struct {
	// Name names it in the JSON form, Title is its heading in the Markdown form.
	Name, Title string
	// Read returns the part, or nil for none. The user may read the incident's channel.
	Read func(ctx context.Context, userID string, inc *incident.Incident) (*Part, error)
}

// Part is what a section says of one incident.
type Part struct {
	// Value is what the JSON form has. It must not be nil.
	Value interface{}
	// Lines are listed in the Markdown form. User text in them needs no escaping.
	Lines []string
}
