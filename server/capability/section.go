package capability

import (
	"context"
	"iter"

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
	// Value is what the JSON form has. If it is nil and there are no Items, JSON and Markdown have nothing of this section.
	Value interface{}
	// Items are a list that the JSON form has in place of Value. They are read while they are sent.
	Items func(ctx context.Context) iter.Seq2[interface{}, error]
	// Lines are listed in the Markdown form. User text in them needs no escaping.
	Lines []string
	// Moments, in order of time, are part of the timeline of the Markdown form, which then has no heading for this section.
	Moments func(ctx context.Context) iter.Seq2[Moment, error]
	// Table is what the CSV form has, nil for none.
	Table *Table
}

// Moment is one entry of the timeline of an incident's export.
type Moment struct {
	// At is in Unix milliseconds.
	At int64
	// Text is a sentence, Quote what somebody has written, of several lines, or "". User text in them needs no escaping.
	Text, Quote string
	// Starred marks a key moment.
	Starred bool
}

// Table is a section of an export as rows. User text in them needs no escaping.
type Table struct {
	Columns []string
	Rows    func(ctx context.Context) iter.Seq2[[]string, error]
}
