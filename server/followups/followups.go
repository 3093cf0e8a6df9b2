// Package followups is a capability: what is to be done after an incident. Follow-ups belong to an incident and live on after
// its end. Their owners are reminded of them.
package followups

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Names of the websocket events. Clients see them with the prefix custom_<plugin id>_.
const (
	// EventUpdated has one follow-up that was made or changed.
	EventUpdated = "followup_updated"
	// EventCarriedOver says that follow-ups of an incident were made from its tasks.
	EventCarriedOver = "followups_carried_over"
)

// Errors of follow-ups.
var (
	errUnknown   = incident.NewError(incident.NotFound, "followup.not_found", "This follow-up does not exist.")
	errForbidden = incident.NewError(incident.Forbidden, "followup.forbidden",
		"You do not have access to this follow-up. Ask a member of its incident's channel to add you.")
	errReadOnly = incident.NewError(incident.Forbidden, "followup.read_only",
		"Only members of the incident's channel and the owner may change this follow-up. Ask one of them, or join the channel.")
	errTooMany = incident.NewError(incident.Conflict, "followup.limit",
		"An incident can have at most %d follow-ups. Nothing was added. Put several things into one follow-up, or keep the rest in an issue tracker.", MaxPerIncident)
)

// Service is what follow-ups need of the use cases; *app.Service has it.
type Service interface {
	// FindPost looks for a post by authorID that was made since a time (Unix ms) and has a prop with a value.
	FindPost(ctx context.Context, channelID, authorID string, since int64, prop, value string) (postID string, err error)
	Visible(ctx context.Context, userID string) (app.Visible, error)
	// SendToReaders sends a websocket event to those in a channel who may see its incident.
	SendToReaders(ctx context.Context, channelID, event string, payload interface{})
	// PostLanguage is the language of posts that many read, Language that of one user.
	PostLanguage() *i18n.Language
	Language(userID string) *i18n.Language
}

// Data keeps follow-ups; *database does. Unknown ids give errUnknown.
type Data interface {
	Get(ctx context.Context, id, viewerID string, now int64) (Shown, error)
	ByNumber(ctx context.Context, incidentID string, number int64) (string, error)
	GetMany(ctx context.Context, ids []string, viewerID string, now int64) ([]Shown, error)
	History(ctx context.Context, id string, limit int) ([]Entry, error)
	List(ctx context.Context, f Filter) ([]Shown, error)
	Page(ctx context.Context, f Filter) (items []Shown, total int, counts Counts, err error)
	Similar(ctx context.Context, incidentID string, v *app.Visible) (int, error)
	Create(ctx context.Context, c Creation) (ids []string, err error)
	Update(ctx context.Context, id, actorID string, at int64, fn func(f FollowUp) (FollowUp, map[string]Field, error)) (changed bool, err error)
	Reminded(ctx context.Context, id string, due, next, at int64) (stored bool, err error)
	TellLost(ctx context.Context, now int64) (owned bool, err error)
	OpenOf(ctx context.Context, incidentID, ownerID string, limit int, now int64) ([]Shown, error)
	OwnerStates(ctx context.Context, incidentID string, userIDs []string) (map[string]string, error)
	FoldTitles(ctx context.Context) error
}

// followups is the use cases. It is safe for concurrent use.
type followups struct {
	svc       Service
	rules     *access.Rules
	incidents capability.Incidents
	jobs      jobs.Store
	host      app.Host
	log       app.Log
	data      Data
	pluginID  string
	clock     func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	f := &followups{svc: core.Service, rules: core.Rules, incidents: core.Incidents, jobs: core.Jobs, host: core.Host, log: core.Log,
		data: &database{core.Database}, pluginID: core.PluginID, clock: time.Now}
	return capability.Capability{Name: "followups", Routes: f.routes(), Commands: f.commands(), Jobs: f.jobKinds(), Sections: f.sections(),
		Deliveries: f.deliveries(), Periodic: f.periodic(), Tables: tables, Migrations: migrations, Erase: (&database{core.Database}).erase}
}

func (f *followups) now() int64 { return f.clock().UnixMilli() }

// publish sends a follow-up to those in the incident's channel who may see the incident. A client takes what only its own user
// knows, CanEdit, from what it has read.
func (f *followups) publish(ctx context.Context, s Shown) {
	s.CanEdit = false
	f.svc.SendToReaders(ctx, s.ChannelID, EventUpdated, s)
}

// zone is the time zone that the user has set, else UTC.
func (f *followups) zone(userID string) *time.Location {
	if userID == "" {
		return time.UTC
	}
	user, err := f.host.User(userID)
	if err != nil {
		return time.UTC
	}
	return text.Zone(user)
}
