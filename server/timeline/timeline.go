// Package timeline is a capability: what happened in an incident and when. Its entries are the incident's own events, its
// status updates, messages and what people write by hand.
//
// Evidence is never changed without trace. Each entry has versions, of which rows are only ever added, and an entry that is
// deleted leaves a mark. Own events are not copied: they are read from where each change stores them.
package timeline

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Limits of the timeline; api.yaml states them for clients.
const (
	// MaxEntries is how many entries people may add to one incident. Deleted ones count; own events and status updates do not.
	MaxEntries = 10000
	// MaxText is how many characters an entry that is written by hand may have.
	MaxText = 4000
	// MaxVersions is how many versions an entry may have.
	MaxVersions = 1000
	// MaxPage is the greatest number of entries of a page, defaultPage the number without per_page.
	MaxPage     = 100
	defaultPage = 30
	// maxBytes is how many bytes of texts a page, or the versions of one entry, have: 1 MiB. A longer page ends earlier.
	maxBytes = 1 << 20
	// MaxHashedFile and MaxHashed are how many bytes a file, and all files of a message, may have to be read for their hashes.
	MaxHashedFile = 10 << 20
	MaxHashed     = 20 << 20
	// earliest is the first time that an entry may have happened: 2000-01-01, in Unix milliseconds.
	earliest = 946684800000
	// clockSkew is how far ahead of the server's clock a client's may be.
	clockSkew = time.Minute
)

// Host is what the timeline needs of Mattermost.
type Host interface {
	User(id string) (*model.User, error)
	Post(id string) (*model.Post, error)
	Channel(id string) (*model.Channel, error)
	File(id string) ([]byte, error)
	// Locale is the language of a user.
	Locale(userID string) string
}

// Service is what the timeline needs of the use cases of the core; *app.Service has it.
type Service interface {
	// PublishToReaders sends a websocket event to those in a channel who may see its incident.
	PublishToReaders(ctx context.Context, h app.Header, event string, data map[string]interface{})
}

// timeline is the use cases. It is safe for concurrent use.
type timeline struct {
	incidents capability.Incidents
	rules     *access.Rules
	svc       Service
	host      Host
	log       app.Log
	store     storage
	now       func() time.Time
	// hashing has one slot: the files of one message are in memory at a time.
	hashing chan struct{}
	// recorded means that the status updates of all incidents have been looked at since the plugin was started.
	recorded atomic.Bool
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	db := newDatabase(core.Database)
	t := &timeline{incidents: core.Incidents, rules: core.Rules, svc: core.Service, host: core.Host, log: core.Log,
		store: db, now: time.Now, hashing: make(chan struct{}, 1)}
	return capability.Capability{
		Name: "timeline", Routes: t.routes(), Commands: t.commands(), Sections: t.sections(), InTx: t.storeUpdate,
		Hooks:    capability.Hooks{PostUpdated: t.followEdit},
		Periodic: []jobs.Periodic{{Name: "timeline_updates", Every: recordPeriod, Run: t.recordAllUpdates}},
		Tables:   tables, Migrations: migrations, Erase: db.erase,
	}
}

func (t *timeline) millis() int64 { return t.now().UnixMilli() }

// header reads what decides who may do what. An unknown incident gives the same error, after the same permission calls, as a forbidden
// one, except to administrators.
func (t *timeline) header(ctx context.Context, userID, id string) (app.Header, error) {
	h, err := t.incidents.Header(ctx, id, userID)
	if incident.IsKind(err, incident.NotFound) && !t.rules.ViewNothing(userID, id) {
		return h, incident.ErrForbidden
	}
	return h, err
}

// mayRead returns the header of an incident that the user may see.
func (t *timeline) mayRead(ctx context.Context, userID, id string) (app.Header, error) {
	h, err := t.header(ctx, userID, id)
	if err == nil && !t.rules.ViewIncident(userID, h.ChannelAccess()) {
		return h, incident.ErrForbidden
	}
	return h, err
}

// mayWrite returns the header of an incident that the user may change. It may have ended: a story is written afterwards.
func (t *timeline) mayWrite(ctx context.Context, userID, id string) (app.Header, error) {
	h, err := t.header(ctx, userID, id)
	if err == nil && !t.rules.EditIncident(userID, h.ChannelAccess()) {
		return h, incident.ErrForbidden
	}
	return h, err
}
