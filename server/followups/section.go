package followups

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// sections are the part of an incident's export.
func (f *followups) sections() []capability.Section {
	return []capability.Section{{Name: "followups", Title: i18n.N("Follow-ups"), Read: f.section, Records: f.records}}
}

// section has all follow-ups of an incident, in order of their numbers. Times in lines and rows are UTC.
func (f *followups) section(ctx context.Context, userID string, inc *incident.Incident) (*capability.Part, error) {
	items, err := f.data.List(ctx, Filter{IncidentID: inc.ID, ViewerID: userID, Sort: "number", PerPage: MaxPerIncident, Now: f.now()})
	if err != nil {
		return nil, err
	}
	part := &capability.Part{Table: table(items)}
	if len(items) == 0 {
		return part, nil
	}
	part.Value = items
	language := f.svc.Language(userID)
	for n := range items {
		part.Lines = append(part.Lines, plainSummary(language, &items[n]))
	}
	return part, nil
}

// records are all follow-ups of an incident for other capabilities, in order of their numbers.
func (f *followups) records(ctx context.Context, incidentID string) iter.Seq2[capability.Record, error] {
	return func(yield func(capability.Record, error) bool) {
		items, err := f.data.List(ctx, Filter{IncidentID: incidentID, Sort: "number", PerPage: MaxPerIncident, Now: f.now()})
		if err != nil {
			yield(capability.Record{}, err)
			return
		}
		for n := range items {
			s := &items[n]
			if !yield(capability.Record{Type: capability.RecordFollowUp, ID: s.ID, At: s.CreateAt, PersonID: s.OwnerID, Text: s.Title, PostID: s.PostID,
				Number: s.Number, State: string(s.State), DueAt: s.DueAt}, nil) {
				return
			}
		}
	}
}

// table is the CSV form. The columns are described in api.yaml.
func table(items []Shown) *capability.Table {
	at := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return time.UnixMilli(ms).UTC().Format(time.RFC3339)
	}
	return &capability.Table{
		Columns: []string{"number", "title", "state", "reason", "owner_id", "owner", "due_at", "link", "source", "create_at", "closed_at", "text"},
		Rows: func(context.Context) iter.Seq2[[]string, error] {
			return func(yield func([]string, error) bool) {
				for n := range items {
					s := &items[n]
					if !yield([]string{fmt.Sprint(s.Number), s.Title, string(s.State), s.Reason, s.OwnerID, s.OwnerUsername, at(s.DueAt), s.Link, string(s.Source),
						at(s.CreateAt), at(s.ClosedAt), s.Text}, nil) {
						return
					}
				}
			}
		},
	}
}
