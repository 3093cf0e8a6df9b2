package export

import (
	"context"
	"iter"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Report is everything that is known about one incident. What may be long is read while it is sent.
type Report struct {
	// ExportedAt is in Unix milliseconds.
	ExportedAt int64
	// Language is that of the report for people; nil is English.
	Language *i18n.Language
	Incident incident.Incident
	Channel  app.Metadata
	// Facts are what other capabilities say about the incident, in the form for people.
	Facts []capability.Fact
	// StatusUpdatesOmitted and EventsOmitted count older ones that are left out of Updates and Events.
	StatusUpdatesOmitted, EventsOmitted int
	// Updates and Events are in the order in which they happened. Each call reads them again.
	Updates func(ctx context.Context) iter.Seq2[ReportUpdate, error]
	Events  func(ctx context.Context) iter.Seq2[incident.Event, error]
	// Sections are what other capabilities add.
	Sections []Section
	// Name is a user's name, "" for a removed account.
	Name func(userID string) string
}

// ReportUpdate is one status update.
type ReportUpdate struct {
	PostID   string `json:"post_id"`
	UserID   string `json:"user_id"`
	CreateAt int64  `json:"create_at"`
	EditAt   int64  `json:"edit_at"`
	Message  string `json:"message"`
}

// Section is a part of a report that another capability adds.
type Section struct {
	Name, Title string
	capability.Part
}

func (e *exporter) addUpdates(r *Report, sizes []PostSize) {
	shown := 0
	for _, p := range r.Incident.StatusPosts {
		if p.DeleteAt == 0 {
			shown++
		}
	}
	kept := newest(sizes, func(p PostSize) int { return p.Bytes })
	r.StatusUpdatesOmitted = len(sizes) - len(kept)
	if shown > len(sizes) && len(sizes) == MaxReportUpdates { // else they are in other channels
		r.StatusUpdatesOmitted += shown - len(sizes)
	}
	id := r.Incident.ID
	r.Updates = func(ctx context.Context) iter.Seq2[ReportUpdate, error] {
		return paged(kept, func(p PostSize) int { return p.Bytes }, func(part []PostSize) ([]ReportUpdate, error) {
			var ids []string
			for _, p := range part {
				ids = append(ids, p.ID)
			}
			posts, err := e.posts.StatusUpdates(ctx, id, ids)
			updates := make([]ReportUpdate, 0, len(posts))
			for _, p := range posts {
				updates = append(updates, ReportUpdate{PostID: p.ID, UserID: p.UserID, CreateAt: p.CreateAt, EditAt: p.EditAt, Message: p.Message})
			}
			return updates, err
		})
	}
}

func (e *exporter) addEvents(r *Report, sizes []app.EventSize) {
	for len(sizes) > 0 && sizes[len(sizes)-1].Revision > r.Incident.Revision { // happened after the incident was read
		sizes = sizes[:len(sizes)-1]
	}
	kept := newest(sizes, func(event app.EventSize) int { return event.Bytes })
	if len(kept) < len(sizes) || len(sizes) == MaxReportEvents { // there is one event for each revision
		r.EventsOmitted = int(kept[0].Revision) - 1
	}
	id := r.Incident.ID
	r.Events = func(ctx context.Context) iter.Seq2[incident.Event, error] {
		return paged(kept, func(event app.EventSize) int { return event.Bytes }, func(part []app.EventSize) ([]incident.Event, error) {
			return e.incidents.EventsBetween(ctx, id, part[0].Revision, part[len(part)-1].Revision)
		})
	}
}

// addSections reads what other capabilities add: all that JSON and Markdown have, or the one with the name for its table.
func (e *exporter) addSections(ctx context.Context, userID string, r *Report, name string) error {
	table := name != ""
	for _, s := range e.sections() {
		if table && s.Name != name {
			continue
		}
		part, err := s.Read(ctx, userID, &r.Incident)
		if err != nil {
			return err
		}
		if part != nil && (table || part.Value != nil || part.Items != nil) {
			r.Sections = append(r.Sections, Section{Name: s.Name, Title: s.Title, Part: *part})
		}
	}
	return nil
}

// newest are the last of sizes that have at most MaxReportBytes together, and at least one if there is one.
func newest[T any](sizes []T, bytes func(T) int) []T {
	total := 0
	for n := len(sizes) - 1; n >= 0; n-- {
		if total += bytes(sizes[n]); total > MaxReportBytes && n < len(sizes)-1 {
			return sizes[n+1:]
		}
	}
	return sizes
}

// paged reads what sizes announce in parts of at most BytesPerPage and PostsPerPage, or of one.
func paged[S, T any](sizes []S, bytes func(S) int, read func(part []S) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for part := range app.Parts(sizes, bytes) {
			items, err := read(part)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
