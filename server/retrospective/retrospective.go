// Package retrospective is a capability: a document that says what happened in an incident and what is learned of it. It drafts
// itself from what is stored of the incident, is edited by people, and is published.
//
// The same incident always gives the same draft. Each sentence of it links to what it tells of.
package retrospective

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Kinds of events of an incident.
const (
	EventDrafted   incident.EventType = "retrospective_drafted"
	EventPublished incident.EventType = "retrospective_published"
	EventReopened  incident.EventType = "retrospective_reopened"
)

// Moved is the payload of these events: the retrospective came from one state to another.
type Moved struct {
	Kind          incident.EventType
	Before, After State
	// Broadcast: the publication is also posted in the broadcast channel.
	Broadcast bool
}

// Type implements incident.Payload.
func (m Moved) Type() incident.EventType { return m.Kind }

// side is one side of a stored event.
type side struct {
	State     State `json:"retrospective"`
	Broadcast bool  `json:"broadcast,omitempty"`
}

// Sides implements incident.OwnPayload.
func (m Moved) Sides() (before, after interface{}) {
	return side{State: m.Before}, side{State: m.After, Broadcast: m.Broadcast}
}

func decoder(kind incident.EventType) incident.Decoder {
	return func(before, after json.RawMessage) (incident.Payload, error) {
		var b, a side
		if err := json.Unmarshal(before, &b); err != nil {
			return nil, err
		}
		err := json.Unmarshal(after, &a)
		return Moved{Kind: kind, Before: b.State, After: a.State, Broadcast: a.Broadcast}, err
	}
}

func events() []capability.Event {
	return []capability.Event{
		{Type: EventDrafted, Decode: decoder(EventDrafted), Words: text.Words{Sentence: func(_ *incident.Event, who string, v text.Voice) string {
			return v.Language.T("%s began the retrospective.", who)
		}}},
		{Type: EventPublished, Decode: decoder(EventPublished), Words: text.Words{Sentence: func(_ *incident.Event, who string, v text.Voice) string {
			return v.Language.T("%s published the retrospective.", who)
		}}},
		{Type: EventReopened, Decode: decoder(EventReopened), Words: text.Words{Sentence: func(_ *incident.Event, who string, v text.Voice) string {
			return v.Language.T("%s reopened the retrospective.", who)
		}}},
	}
}

// EventUpdated is the name of the websocket event of a retrospective that was changed; clients see it with the prefix
// custom_<plugin id>_.
const EventUpdated = "retrospective_updated"

// Service is what retrospectives need of the use cases of the core; *app.Service has it.
type Service interface {
	AuthorizeEdit(ctx context.Context, userID, id string) (app.ChangeRequest, error)
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
	// Playbook reads a playbook that the user may use, and so change.
	Playbook(ctx context.Context, userID, id string) (playbook.Playbook, error)
	// FindPost looks for a post by userID that was made since a time (Unix ms) and has a prop with a value.
	FindPost(ctx context.Context, channelID, userID string, since int64, prop, value string) (postID string, err error)
	// PostOnce posts a message by the bot about an event.
	PostOnce(ctx context.Context, channelID string, event *incident.Event, message string, attempt int) (postID string, err error)
	// PublishToReaders sends a websocket event to those in a channel who may see its incident.
	PublishToReaders(ctx context.Context, h app.Header, event string, data map[string]interface{})
	// PostLanguage is the language of posts and drafts, Language that of a user.
	PostLanguage() *i18n.Language
	Language(userID string) *i18n.Language
}

// Host is what retrospectives need of Mattermost.
type Host interface {
	User(id string) (*model.User, error)
	Team(id string) (*model.Team, error)
	Channel(id string) (*model.Channel, error)
	DirectChannel(userID string) (*model.Channel, error)
	CreatePost(p *model.Post) (*model.Post, error)
	Ephemeral(userID string, p *model.Post)
	Config() *model.Config
	BotID() string
}

// retrospectives is the use cases. It is safe for concurrent use.
type retrospectives struct {
	core      Service
	rules     *access.Rules
	incidents capability.Incidents
	sections  func() []capability.Section
	others    lookBack
	host      Host
	log       app.Log
	store     storage
	// people lists the usernames of active people in a channel.
	people   func(ctx context.Context, channelID string, limit int) ([]string, error)
	pluginID string
	clock    func() time.Time
	// drafting has a value for each draft that is being generated. draftsOf lets each user's drafts follow each other.
	drafting chan struct{}
	draftsOf limit.PerKey
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	r := &retrospectives{core: core.Service, rules: core.Rules, incidents: core.Incidents, sections: core.Sections, others: core, host: core.Host, log: core.Log,
		store: &database{core.Database}, pluginID: core.PluginID, clock: time.Now, drafting: make(chan struct{}, maxDrafting),
		draftsOf: limit.PerKey{Slots: 1}}
	r.people = func(ctx context.Context, channelID string, limit int) ([]string, error) {
		return capability.ActivePeople(ctx, core.Database, channelID, limit)
	}
	return capability.Capability{Name: "retrospective", Routes: r.routes(), Commands: r.commands(), Sections: r.exports(), InTx: r.plan, Events: events(),
		Deliveries: r.deliveries(), Jobs: r.jobKinds(), Tables: tables, Migrations: migrations,
		Erase: (&database{core.Database}).erase}
}

func (r *retrospectives) now() int64 { return r.clock().UnixMilli() }

func newID() string { return model.NewId() }

// mayRead returns the header of an incident that the user may see. An unknown one gives the same error, after the same
// permission calls, as a forbidden one, except to administrators.
func (r *retrospectives) mayRead(ctx context.Context, userID, id string) (app.Header, error) {
	h, err := r.incidents.Header(ctx, id, userID)
	if incident.IsKind(err, incident.NotFound) && !r.rules.ViewNothing(userID, id) {
		return h, incident.ErrForbidden
	}
	if err == nil && !r.rules.ViewIncident(userID, h.ChannelAccess()) {
		return h, incident.ErrForbidden
	}
	return h, err
}

// eventPage is how many events are in memory at a time.
const eventPage = 500

// events are all events of an incident in order of time.
func (r *retrospectives) events(ctx context.Context, id string) iter.Seq2[incident.Event, error] {
	return func(yield func(incident.Event, error) bool) {
		f := app.EventFilter{Limit: eventPage}
		for {
			page, err := r.incidents.EventPage(ctx, id, f)
			if err != nil {
				yield(incident.Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < f.Limit {
				return
			}
			last := page[len(page)-1]
			f.After = &app.EventPlace{CreateAt: last.CreateAt, Revision: last.Revision}
		}
	}
}

// maxDrafting is how many drafts are generated at once. One of 10,000 entries takes some seconds.
const maxDrafting = 3

// drafts generates all parts of the draft of an incident. It waits until no other one is being generated for the user, and fewer than
// maxDrafting for others.
func (r *retrospectives) drafts(ctx context.Context, userID, id string) (map[Part][]made, error) {
	leave, err := r.draftsOf.Acquire(ctx, userID)
	if err != nil {
		return nil, err
	}
	defer leave()
	select {
	case r.drafting <- struct{}{}:
		defer func() { <-r.drafting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	inc, err := r.incidents.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var records []capability.Record
	for _, s := range r.sections() {
		if s.Records == nil {
			continue
		}
		told := shortener{}
		for record, err := range s.Records(ctx, id) {
			if err != nil {
				return nil, err
			}
			records = append(records, told.shorten(record))
		}
	}
	f, err := collect(&inc, r.events(ctx, id), records, r.others)
	if err != nil {
		return nil, err
	}
	return draft(f, r.core.PostLanguage(), r.usernames()), nil
}

// usernames returns a function that asks Mattermost once for each user's name. It returns "" for a removed account.
func (r *retrospectives) usernames() func(userID string) string {
	names := map[string]string{"": ""}
	return func(userID string) string {
		name, known := names[userID]
		if !known {
			if user, err := r.host.User(userID); err == nil {
				name = user.Username
			}
			names[userID] = name
		}
		return name
	}
}
