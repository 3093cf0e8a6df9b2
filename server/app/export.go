package app

import (
	"context"
	"iter"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of exports; server/api/api.yaml states them for clients.
const (
	// PostsPerPage is how many posts of an export are held in memory at a time, and BytesPerPage how many bytes of texts.
	PostsPerPage = 500
	BytesPerPage = 1 << 20
	// MaxReportEvents, MaxReportUpdates and MaxReportBytes (of each of both) limit what a report holds; older ones are left
	// out and counted.
	MaxReportEvents  = 10000
	MaxReportUpdates = 1000
	MaxReportBytes   = 64 << 20
)

// ChannelPost is one post of a channel as the host stores it. Times are Unix milliseconds, 0 = never.
type ChannelPost struct {
	ID, UserID string
	// Username is the author's user name, or "" if the account was removed.
	Username string
	// RootID is the post that this one answers, or "".
	RootID string
	// Type is "" for what people and bots write, else the host's type, for example "system_join_channel".
	Type             string
	Message          string
	CreateAt, EditAt int64
	// Props is a JSON object; webhooks and bots keep attachments there.
	Props string
	// Files are the names of the attached files.
	Files []string
}

// PostCursor is a place in the order of a channel's posts, which is that of (CreateAt, ID). The zero value is before all.
type PostCursor struct {
	CreateAt int64
	ID       string
}

// PostPages gives the posts of an incident's channel page by page.
type PostPages struct {
	// Name is the incident's name.
	Name string

	page []ChannelPost
	read func(ctx context.Context, after PostCursor) ([]ChannelPost, error)
}

// ReadPosts reads the first page, so that a failure shows before anything was sent.
func ReadPosts(ctx context.Context, name string, read func(ctx context.Context, after PostCursor) ([]ChannelPost, error)) (*PostPages, error) {
	page, err := read(ctx, PostCursor{})
	if err != nil {
		return nil, err
	}
	return &PostPages{Name: name, page: page, read: read}, nil
}

// Next gives the next page, oldest post first; an empty one is the end.
func (p *PostPages) Next(ctx context.Context) ([]ChannelPost, error) {
	page := p.page
	if len(page) == 0 {
		return nil, nil
	}
	last := page[len(page)-1]
	next, err := p.read(ctx, PostCursor{CreateAt: last.CreateAt, ID: last.ID})
	if err != nil {
		return nil, err
	}
	p.page = next
	return page, nil
}

// Report is everything that is known about one incident. What may be long is read while it is sent.
type Report struct {
	// ExportedAt is in Unix milliseconds.
	ExportedAt int64
	Incident   incident.Incident
	Channel    Metadata
	// StatusUpdatesOmitted and EventsOmitted count older ones that are left out of Updates and Events.
	StatusUpdatesOmitted, EventsOmitted int
	// Updates and Events are in the order in which they happened. Each call reads them again.
	Updates func(ctx context.Context) iter.Seq2[ReportUpdate, error]
	Events  func(ctx context.Context) iter.Seq2[incident.Event, error]
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

// errExport is the answer to whoever may see an incident but not read its channel, and for all that is hidden from them.
var errExport = incident.NewError(incident.Forbidden, "incident.export_forbidden",
	"Only those who are in the channel of an incident can export it. Join the channel, or ask one of its members to add you.")

// exportable reads an incident that the user may export. Unknown and forbidden look alike, except to administrators,
// and take the same questions to Mattermost.
func (s *Service) exportable(ctx context.Context, userID, id string) (incident.Incident, error) {
	h, err := s.incidents.Header(ctx, id, userID)
	if incident.IsKind(err, incident.NotFound) && (!s.rules.ExportIncident(userID, id) || !s.rules.Admin(userID)) {
		return incident.Incident{}, errExport
	}
	if err != nil {
		return incident.Incident{}, err
	}
	if !s.rules.ExportPlace(userID, h.place()) {
		return incident.Incident{}, errExport
	}
	return s.incidents.Get(ctx, id)
}

// ExportPosts reads the posts of an incident's channel.
func (s *Service) ExportPosts(ctx context.Context, userID, id string) (*PostPages, error) {
	inc, err := s.exportable(ctx, userID, id)
	if err != nil {
		return nil, err
	}
	return ReadPosts(ctx, inc.Name, func(ctx context.Context, after PostCursor) ([]ChannelPost, error) {
		return s.incidents.ChannelPosts(ctx, inc.ChannelID, after, PostsPerPage, BytesPerPage)
	})
}

// ExportReport collects what is known about an incident. How much there is is known when it returns.
func (s *Service) ExportReport(ctx context.Context, userID, id string) (*Report, error) {
	inc, err := s.exportable(ctx, userID, id)
	if err != nil {
		return nil, err
	}
	r := &Report{ExportedAt: s.now(), Incident: inc, Name: s.rememberedNames()}
	if r.Channel, err = s.incidents.Metadata(ctx, id); err != nil {
		return nil, err
	}
	posts, err := s.incidents.StatusUpdateSizes(ctx, id, MaxReportUpdates)
	if err != nil {
		return nil, err
	}
	events, err := s.incidents.EventSizes(ctx, id, MaxReportEvents)
	if err != nil {
		return nil, err
	}
	s.addUpdates(r, posts)
	s.addEvents(r, events)
	return r, nil
}

func (s *Service) addUpdates(r *Report, sizes []PostSize) {
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
			posts, err := s.incidents.StatusUpdates(ctx, id, ids)
			updates := make([]ReportUpdate, 0, len(posts))
			for _, p := range posts {
				updates = append(updates, ReportUpdate{PostID: p.ID, UserID: p.UserID, CreateAt: p.CreateAt, EditAt: p.EditAt, Message: p.Message})
			}
			return updates, err
		})
	}
}

func (s *Service) addEvents(r *Report, sizes []EventSize) {
	for len(sizes) > 0 && sizes[len(sizes)-1].Revision > r.Incident.Revision { // happened after the incident was read
		sizes = sizes[:len(sizes)-1]
	}
	kept := newest(sizes, func(e EventSize) int { return e.Bytes })
	if len(kept) < len(sizes) || len(sizes) == MaxReportEvents { // there is one event for each revision
		r.EventsOmitted = int(kept[0].Revision) - 1
	}
	id := r.Incident.ID
	r.Events = func(ctx context.Context) iter.Seq2[incident.Event, error] {
		return paged(kept, func(e EventSize) int { return e.Bytes }, func(part []EventSize) ([]incident.Event, error) {
			return s.incidents.EventsBetween(ctx, id, part[0].Revision, part[len(part)-1].Revision)
		})
	}
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
		for part := range parts(sizes, bytes) {
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

// parts cuts sizes into parts of at most BytesPerPage and PostsPerPage, or of one.
func parts[S any](sizes []S, bytes func(S) int) iter.Seq[[]S] {
	return func(yield func([]S) bool) {
		for len(sizes) > 0 {
			n, total := 1, bytes(sizes[0])
			for n < len(sizes) && n < PostsPerPage && total+bytes(sizes[n]) <= BytesPerPage {
				total += bytes(sizes[n])
				n++
			}
			if !yield(sizes[:n]) {
				return
			}
			sizes = sizes[n:]
		}
	}
}

// rememberedNames is username that asks Mattermost once for each user.
func (s *Service) rememberedNames() func(userID string) string {
	names := map[string]string{}
	return func(userID string) string {
		name, known := names[userID]
		if !known {
			name = s.username(userID)
			names[userID] = name
		}
		return name
	}
}
