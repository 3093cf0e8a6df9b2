package timeline

import (
	"context"
	"iter"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// recordPage is how many entries are read with one statement for other capabilities.
const recordPage = MaxPage

var recordTypes = map[Kind]capability.RecordType{
	Own: capability.RecordEvent, Update: capability.RecordUpdate, Message: capability.RecordMessage, Manual: capability.RecordNote,
}

// records are the entries that were not deleted, and the own events with a star.
func (t *timeline) records(ctx context.Context, incidentID string) iter.Seq2[capability.Record, error] {
	return func(yield func(capability.Record, error) bool) {
		err := t.recordFirst(ctx, incidentID)
		var h app.Header
		if err == nil {
			h, err = t.incidents.Header(ctx, incidentID, "")
		}
		for after := (*place)(nil); err == nil; {
			var page []Entry
			if page, err = t.store.Entries(ctx, incidentID, after, recordPage, capability.MaxRecordText); err == nil {
				err = t.follow(ctx, h, page)
			}
			if err != nil {
				break
			}
			for n := range page {
				if r, include := recordOf(&page[n]); include && !yield(r, nil) {
					return
				}
			}
			if len(page) < recordPage {
				return
			}
			last := page[len(page)-1].place()
			after = &last
		}
		if !incident.IsKind(err, incident.NotFound) { // else the incident was deleted in between
			yield(capability.Record{}, err)
		}
	}
}

// recordOf is an entry for other capabilities; include is false for one that was deleted, and for an own event without a star.
func recordOf(e *Entry) (r capability.Record, include bool) {
	if e.DeletedAt > 0 || e.Kind == Own && !e.Starred {
		return r, false
	}
	r = capability.Record{Type: recordTypes[e.Kind], ID: e.ID, At: e.HappenedAt, PersonID: e.AuthorID, PersonName: e.AuthorName, Text: e.Text, Starred: e.Starred}
	if e.Source != nil {
		r.PostID = e.Source.PostID
	}
	return r, true
}
