package app

import (
	"context"
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of exports; server/api/api.yaml states them for clients.
const (
	// PostsPerPage is how many posts of an export are held in memory at a time.
	PostsPerPage = 500
	// MaxReportEvents and MaxReportUpdates limit what a report holds; older ones are left out and counted.
	MaxReportEvents  = 10000
	MaxReportUpdates = 1000
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

// Report is everything that is known about one incident.
type Report struct {
	// ExportedAt is in Unix milliseconds.
	ExportedAt int64             `json:"exported_at"`
	Incident   incident.Incident `json:"incident"`
	Channel    Metadata          `json:"channel"`
	// People maps the ids of users in the report to their user names; removed accounts are missing.
	People map[string]string `json:"people"`
	// StatusUpdates and Events are in the order in which they happened. Omitted counts older ones that were left out.
	StatusUpdates        []ReportUpdate `json:"status_updates"`
	StatusUpdatesOmitted int            `json:"status_updates_omitted"`
	Events               []ReportEvent  `json:"events"`
	EventsOmitted        int            `json:"events_omitted"`
}

// ReportUpdate is one status update.
type ReportUpdate struct {
	PostID   string `json:"post_id"`
	UserID   string `json:"user_id"`
	CreateAt int64  `json:"create_at"`
	EditAt   int64  `json:"edit_at"`
	Message  string `json:"message"`
}

// ReportEvent is one change of the incident.
type ReportEvent struct {
	Revision int64              `json:"revision"`
	Type     incident.EventType `json:"type"`
	// ActorID is empty for the plugin itself.
	ActorID  string          `json:"actor_id"`
	CreateAt int64           `json:"create_at"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
	PostID   string          `json:"post_id"`
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
	if !s.rules.ExportIncident(userID, h.ChannelID) {
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
		return s.incidents.ChannelPosts(ctx, inc.ChannelID, after, PostsPerPage)
	})
}

// ExportReport collects what is known about an incident.
func (s *Service) ExportReport(ctx context.Context, userID, id string) (Report, error) {
	inc, err := s.exportable(ctx, userID, id)
	if err != nil {
		return Report{}, err
	}
	r := Report{ExportedAt: s.now(), Incident: inc, StatusUpdates: []ReportUpdate{}, Events: []ReportEvent{}}
	if r.Channel, err = s.incidents.Metadata(ctx, id); err != nil {
		return Report{}, err
	}
	posts, err := s.incidents.LatestStatusUpdates(ctx, id, MaxReportUpdates)
	if err != nil {
		return Report{}, err
	}
	events, err := s.incidents.LatestEvents(ctx, id, MaxReportEvents)
	if err != nil {
		return Report{}, err
	}
	r.addUpdates(posts)
	r.addEvents(events)
	r.People = s.namesIn(&r)
	return r, nil
}

func (r *Report) addUpdates(posts []ChannelPost) {
	for _, p := range posts {
		r.StatusUpdates = append(r.StatusUpdates, ReportUpdate{PostID: p.ID, UserID: p.UserID, CreateAt: p.CreateAt, EditAt: p.EditAt, Message: p.Message})
	}
	shown := 0
	for _, p := range r.Incident.StatusPosts {
		if p.DeleteAt == 0 {
			shown++
		}
	}
	if shown > len(posts) && len(posts) == MaxReportUpdates { // else they are in other channels
		r.StatusUpdatesOmitted = shown - len(posts)
	}
}

func (r *Report) addEvents(events []incident.Event) {
	for _, e := range events {
		if e.Revision > r.Incident.Revision { // happened after the incident was read
			break
		}
		r.Events = append(r.Events, ReportEvent{Revision: e.Revision, Type: e.Type, ActorID: e.ActorID, CreateAt: e.CreateAt,
			Before: e.Before, After: e.After, PostID: e.PostID})
	}
	if len(events) == MaxReportEvents { // there is one event for each revision
		r.EventsOmitted = int(events[0].Revision) - 1
	}
}

// namesIn maps everybody in a report to their user names.
func (s *Service) namesIn(r *Report) map[string]string {
	ids := map[string]bool{r.Incident.CommanderUserID: true}
	for _, stage := range r.Incident.Checklists {
		for _, task := range stage.Tasks {
			ids[task.AssigneeID] = true
		}
	}
	for _, u := range r.StatusUpdates {
		ids[u.UserID] = true
	}
	for _, e := range r.Events {
		ids[e.ActorID] = true
		for _, values := range []json.RawMessage{e.Before, e.After} {
			var named struct {
				Commander string `json:"commander_user_id"`
				Assignee  string `json:"assignee_id"`
			}
			if json.Unmarshal(values, &named) == nil {
				ids[named.Commander], ids[named.Assignee] = true, true
			}
		}
	}
	names := map[string]string{}
	for id := range ids {
		if name := s.username(id); name != "" {
			names[id] = name
		}
	}
	return names
}
