// Package absence is a capability: the bot posts in an incident's channel when its commander is gone, that is, has left the channel or the
// team, or was deactivated. Somebody else can then take over.
package absence

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// scanPeriod is how often each node looks for commanders who are gone: Mattermost 5.28 tells of no deactivation, and hooks are
	// missed while the plugin is not active.
	scanPeriod = time.Minute
	// pageSize is how many incidents are read at once.
	pageSize = 100
)

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
}

// EventGone is the kind of the event: the commander is gone.
const EventGone incident.EventType = "commander_gone"

// Gone is the payload of the event.
type Gone struct {
	UserID string `json:"user_id"`
	// Deactivated means that the account is deactivated or deleted, else the user is not in the channel.
	Deactivated bool `json:"deactivated"`
}

// Type implements incident.Payload.
func (Gone) Type() incident.EventType { return EventGone }

// Sides implements incident.OwnPayload.
func (g Gone) Sides() (before, after interface{}) { return nil, g }

func decode(_, after json.RawMessage) (incident.Payload, error) {
	var g Gone
	err := json.Unmarshal(after, &g)
	return g, err
}

// absence is the use cases. It is safe for concurrent use.
type absence struct {
	core Service
	log  app.Log
	data *database
	now  func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	a := &absence{core: core.Service, log: core.Log, data: &database{core.Database}, now: time.Now}
	return capability.Capability{
		Name:     "absence",
		Events:   []capability.Event{{Type: EventGone, Decode: decode, Words: text.Words{Post: post, Sentence: sentence}}},
		InTx:     forget,
		Hooks:    capability.Hooks{LeftChannel: a.leftChannel, LeftTeam: a.leftTeam, JoinedChannel: a.joinedChannel},
		Periodic: []jobs.Periodic{{Name: "look for commanders who are gone", Every: scanPeriod, Run: a.scan}},
		Tables:   tables, Migrations: migrations, Erase: erase,
	}
}

// scan tells the channels whose commander is gone, and forgets that it has for those who are back.
func (a *absence) scan(ctx context.Context) error {
	return errors.Join(a.data.forgetReturned(ctx), a.tell(ctx, search{}))
}

func (a *absence) leftChannel(ctx context.Context, channelID, userID, _ string) {
	a.heard(ctx, a.tell(ctx, search{userID: userID, channelID: channelID}))
}

// leftTeam is called after a user has left a team. Mattermost has also removed them from all channels of the team.
func (a *absence) leftTeam(ctx context.Context, teamID, userID, _ string) {
	a.heard(ctx, a.tell(ctx, search{userID: userID, teamID: teamID}))
}

func (a *absence) joinedChannel(ctx context.Context, channelID, userID, _ string) {
	a.heard(ctx, a.data.forgetIn(ctx, channelID, userID))
}

func (a *absence) heard(_ context.Context, err error) {
	if err != nil {
		a.log.Warn("Whether the commander of an incident is gone could not be stored; it is looked for again.", "error", err.Error())
	}
}

// tell records and announces each commander who is gone and of whom the channel was not told yet. Incidents that cannot be
// changed do not keep it from those behind them.
func (a *absence) tell(ctx context.Context, s search) error {
	var failed error
	for {
		found, err := a.data.gone(ctx, s)
		if err != nil {
			return errors.Join(failed, err)
		}
		failed = errors.Join(failed, a.tellOf(ctx, found))
		if len(found) < pageSize || ctx.Err() != nil {
			return failed
		}
		s.after = found[len(found)-1].IncidentID
	}
}

func (a *absence) tellOf(ctx context.Context, found []row) error {
	var failed error
	for _, g := range found {
		r := app.AsPlugin(g.IncidentID)
		r.InTx = noteOnce(g.IncidentID, g.UserID, a.now().UnixMilli())
		_, err := a.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
			if !i.IsActive || i.CommanderUserID != g.UserID {
				return nil, nil
			}
			return incident.NewChangeSet(Gone{UserID: g.UserID, Deactivated: g.Deactivated}), nil
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

// post is what the channel is told. It mentions nobody: those who would have to be told are in the channel.
func post(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	g, _ := e.Payload.(Gone)
	who := person(l, name(g.UserID))
	if g.Deactivated {
		return l.T("**The commander of this incident is gone**: %s has no active account any more. Somebody in this channel should take over: `/incident commander @username`.", who)
	}
	return l.T("**The commander of this incident is gone**: %s is not in the channel any more. Somebody in this channel should take over: `/incident commander @username`.", who)
}

func sentence(e *incident.Event, _ string, v text.Voice) string {
	g, _ := e.Payload.(Gone)
	who := v.Person(g.UserID)
	if who == "" {
		who = text.Unknown
	}
	if g.Deactivated {
		return v.Language.T("The commander %s has no active account any more.", who)
	}
	return v.Language.T("The commander %s is not in the channel any more.", who)
}

// person names the commander without a mention. The name of an account that was deleted for good cannot be read any more.
func person(l *i18n.Language, name string) string {
	if name == "" {
		return l.T("this person")
	}
	return text.Code(name)
}
