// Package export is a capability: an incident, and the posts of its channel, as CSV, Markdown and JSON.
package export

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of exports; api.yaml states them for clients.
const (
	// PostsPerPage is how many posts of an export are held in memory at a time, and BytesPerPage how many bytes of texts.
	PostsPerPage = app.PartItems
	BytesPerPage = app.PartBytes
	// MaxReportEvents, MaxReportUpdates and MaxReportBytes (of each of both) limit what a report holds; older ones are left
	// out and counted.
	MaxReportEvents  = 10000
	MaxReportUpdates = 1000
	MaxReportBytes   = 64 << 20
)

// Posts reads the posts of channels.
type Posts interface {
	// ChannelPosts are the posts of a channel that follow after, oldest first, at most limit, and at most maxBytes of texts
	// unless one alone is longer. Deleted posts and former versions of edited ones are not among them; replies and the posts
	// of the system and of bots are.
	ChannelPosts(ctx context.Context, channelID string, after PostCursor, limit, maxBytes int) ([]ChannelPost, error)
	// StatusUpdateSizes are the ids of the newest status posts of an incident that are not deleted, oldest first, at most
	// limit, and how long they are.
	StatusUpdateSizes(ctx context.Context, id string, limit int) ([]PostSize, error)
	// StatusUpdates are the status posts of an incident with the given ids that are not deleted, oldest first.
	StatusUpdates(ctx context.Context, id string, postIDs []string) ([]ChannelPost, error)
}

// exporter is the use cases. It is safe for concurrent use.
type exporter struct {
	incidents capability.Incidents
	posts     Posts
	rules     *access.Rules
	host      app.Host
	sections  func() []capability.Section
	facts     capability.FactsOf
	now       func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	e := &exporter{incidents: core.Incidents, posts: &database{core.Database}, rules: core.Rules, host: core.Host, sections: core.Sections, facts: core.Facts, now: time.Now}
	return capability.Capability{Name: "export", Routes: e.routes()}
}

func (e *exporter) routes() []capability.Route {
	return []capability.Route{
		{Method: http.MethodGet, Path: capability.IncidentPath + "/export", Heavy: true, Handle: e.export},
	}
}

// export answers the route.
func (e *exporter) export(r *capability.Request) (capability.Answer, error) {
	ctx, id := r.Context(), r.Var("id")
	file := func(name, extension, contentType string, write func(w io.Writer) error) (capability.Answer, error) {
		return capability.Answer{File: &capability.File{Name: fileName(name, extension), ContentType: contentType, Write: write}}, nil
	}
	switch format := r.URL.Query().Get("format"); format {
	case "csv":
		if name := r.URL.Query().Get("section"); name != "" {
			report, err := e.exportSection(ctx, r.UserID, id, name)
			if err != nil {
				return capability.Answer{}, err
			}
			return file(report.Incident.Name+" "+name, "csv", "text/csv; charset=utf-8", func(w io.Writer) error { return writeTable(ctx, w, report.Sections[0].Table) })
		}
		pages, err := e.exportPosts(ctx, r.UserID, id)
		if err != nil {
			return capability.Answer{}, err
		}
		return file(pages.Name, "csv", "text/csv; charset=utf-8", func(w io.Writer) error { return CSV(ctx, w, pages.Next) })
	case "markdown", "json":
		report, err := e.exportReport(ctx, r.UserID, id)
		if err != nil {
			return capability.Answer{}, err
		}
		if format == "markdown" {
			report.Language = i18n.For(e.host.Locale(r.UserID))
			report.Facts = e.facts(&report.Incident, report.Language)
			return file(report.Incident.Name, "md", "text/markdown; charset=utf-8", func(w io.Writer) error { return Markdown(ctx, w, report) })
		}
		return file(report.Incident.Name, "json", "application/json", func(w io.Writer) error { return JSON(ctx, w, report) })
	default:
		return capability.Answer{}, incident.InvalidField("format", "format must be csv, markdown or json.")
	}
}

// errExport is the answer to users who may see an incident but not read its channel, and to those who may not see it.
var errExport = incident.NewError(incident.Forbidden, "incident.export_forbidden",
	"Only those who are in the channel of an incident can export it. Join the channel, or ask one of its members to add you.")

// mayExport: may read the posts of the incident's channel, that is, its members, guests included, and administrators. A public
// channel that the user has not joined may be seen, but not read.
func (e *exporter) mayExport(userID string, c access.ChannelAccess) bool {
	return e.rules.ReadPosts(userID, c) || e.rules.Admin(userID)
}

// exportable reads an incident that the user may export. Except for administrators an unknown incident gives the
// same error after the same permission calls as a forbidden one.
func (e *exporter) exportable(ctx context.Context, userID, id string) (incident.Incident, error) {
	h, err := e.incidents.Header(ctx, id, userID)
	if incident.IsKind(err, incident.NotFound) {
		_ = e.rules.ReadChannel(userID, id)
		if !e.rules.Admin(userID) {
			return incident.Incident{}, errExport
		}
	}
	if err != nil {
		return incident.Incident{}, err
	}
	if !e.mayExport(userID, h.ChannelAccess()) {
		return incident.Incident{}, errExport
	}
	return e.incidents.Get(ctx, id)
}

// exportPosts reads the posts of an incident's channel.
func (e *exporter) exportPosts(ctx context.Context, userID, id string) (*PostPages, error) {
	inc, err := e.exportable(ctx, userID, id)
	if err != nil {
		return nil, err
	}
	return ReadPosts(ctx, inc.Name, func(ctx context.Context, after PostCursor) ([]ChannelPost, error) {
		if inc.ExistingChannel && after.CreateAt < inc.CreateAt {
			after = PostCursor{CreateAt: inc.CreateAt}
		}
		page, err := e.posts.ChannelPosts(ctx, inc.ChannelID, after, PostsPerPage, BytesPerPage)
		return during(&inc, page), err
	})
}

// during are the posts of a page, oldest first, that belong to the incident. A channel that was there before the incident has others, too:
// there, those from its start to its end.
func during(inc *incident.Incident, page []ChannelPost) []ChannelPost {
	if !inc.ExistingChannel || inc.IsActive {
		return page
	}
	for n := range page {
		if page[n].CreateAt > inc.EndAt {
			return page[:n]
		}
	}
	return page
}

// exportSection reads one section as rows.
func (e *exporter) exportSection(ctx context.Context, userID, id, name string) (*Report, error) {
	inc, err := e.exportable(ctx, userID, id)
	if err != nil {
		return nil, err
	}
	r := &Report{Incident: inc}
	if err := e.addSections(ctx, userID, r, name); err != nil {
		return nil, err
	}
	if len(r.Sections) == 0 || r.Sections[0].Table == nil {
		return nil, incident.InvalidField("section", "There is no section of this name that can be exported as CSV: leave section out for the messages of the channel.")
	}
	return r, nil
}

// exportReport collects what is known about an incident. How much there is is known when it returns.
func (e *exporter) exportReport(ctx context.Context, userID, id string) (*Report, error) {
	inc, err := e.exportable(ctx, userID, id)
	if err != nil {
		return nil, err
	}
	r := &Report{ExportedAt: e.now().UnixMilli(), Incident: inc, Name: e.usernames()}
	if r.Channel, err = e.incidents.Metadata(ctx, id); err != nil {
		return nil, err
	}
	posts, err := e.posts.StatusUpdateSizes(ctx, id, MaxReportUpdates)
	if err != nil {
		return nil, err
	}
	events, err := e.incidents.EventSizes(ctx, id, MaxReportEvents)
	if err != nil {
		return nil, err
	}
	e.addUpdates(r, posts)
	e.addEvents(r, events)
	return r, e.addSections(ctx, userID, r, "")
}

// usernames returns a function that asks Mattermost once for each user's name. It returns "" for a removed account.
func (e *exporter) usernames() func(userID string) string {
	names := map[string]string{"": ""}
	return func(userID string) string {
		name, known := names[userID]
		if !known {
			if user, err := e.host.User(userID); err == nil {
				name = user.Username
			}
			names[userID] = name
		}
		return name
	}
}
