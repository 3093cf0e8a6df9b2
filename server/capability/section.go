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
	// Records lists what the capability keeps about an incident, in order of time, for capabilities that tell of it; nil for
	// nothing. Who reads them has checked that the user may see the incident.
	Records func(ctx context.Context, incidentID string) iter.Seq2[Record, error]
}

// Record is something that a capability keeps about an incident, such as an entry of its timeline. Times are Unix milliseconds.
type Record struct {
	Type RecordType
	// ID is that of the event for an Event, else what clients know it by.
	ID string
	// At is when it happened, or was made.
	At int64
	// PersonID is who did, said, wrote or owns it, "" for nobody and for the plugin. PersonName is the name that they had then, or
	// that a webhook has given itself; "" if that is not stored.
	PersonID, PersonName string
	// Text is the beginning of what somebody has written, at least MaxRecordText characters of a longer text. It is "" for events.
	Text string
	// PostID is the post from which it was made, or "".
	PostID string
	// Starred marks a key moment.
	Starred bool
	// Number, State and DueAt are those of a follow-up.
	Number int64
	State  string
	DueAt  int64
}

// MaxRecordText is how many characters of the text of a Record are read: nobody shows more, and an incident may have thousands of long ones.
const MaxRecordText = 1000

// RecordType says what a Record is.
type RecordType string

// The types of records. Of events there are only those that have a star.
const (
	RecordEvent    RecordType = "event"
	RecordUpdate   RecordType = "update"
	RecordMessage  RecordType = "message"
	RecordNote     RecordType = "note"
	RecordFollowUp RecordType = "followup"
)

// Part is what a section says of one incident.
type Part struct {
	// Value is what the JSON form has. If it is nil and there are no Items, JSON and Markdown have nothing of this section.
	Value interface{}
	// Items are a list that the JSON form has in place of Value. They are read while they are sent.
	Items func(ctx context.Context) iter.Seq2[interface{}, error]
	// Lines are listed in the Markdown form. User text in them needs no escaping.
	Lines []string
	// Chapters follow the Lines in the Markdown form.
	Chapters []Chapter
	// Moments, in order of time, are part of the timeline of the Markdown form, which then has no heading for this section.
	Moments func(ctx context.Context) iter.Seq2[Moment, error]
	// Table is what the CSV form has, nil for none.
	Table *Table
}

// Chapter is a text of several lines with a heading. User text in it needs no escaping.
type Chapter struct{ Title, Text string }

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
