// Package roles is a capability: who does what in an incident. A playbook names roles, such as communications, and assigns tasks to
// them; in an incident they have holders. The command can be handed off: it changes when the receiver has accepted.
package roles

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Service is what roles need of the use cases; *app.Service has it.
type Service interface {
	LoadForEdit(ctx context.Context, userID, id string) (app.ChangeRequest, incident.Incident, error)
	AuthorizeEdit(ctx context.Context, userID, id string) (app.ChangeRequest, error)
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
	IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error)
	FindMember(channelID string, find func() (*model.User, error)) (user *model.User, member bool, err error)
	FindByID(id string) func() (*model.User, error)
	FindByName(username string) func() (*model.User, error)
	// FindPost looks for a post by authorID that was made since a time (Unix ms) and has a prop with a value.
	FindPost(ctx context.Context, channelID, authorID string, since int64, prop, value string) (postID string, err error)
	// DeleteBotPost deletes a post of the bot in a channel. One that is gone is no error.
	DeleteBotPost(channelID, postID string) error
	Username(userID string) string
	// PostLanguage is the language of posts that many read, Language that of one user.
	PostLanguage() *i18n.Language
	Language(userID string) *i18n.Language
}

// roles is the use cases. It is safe for concurrent use.
type roles struct {
	svc       Service
	core      *capability.Core
	rules     *access.Rules
	incidents capability.Incidents
	host      app.Host
	log       app.Log
	pluginID  string
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	u := &roles{svc: core.Service, core: core, rules: core.Rules, incidents: core.Incidents, host: core.Host, log: core.Log,
		pluginID: core.PluginID}
	return capability.Capability{
		Name:          "roles",
		OwnFields:     []capability.OwnField{{Key: Key, Row: noRow, Playbook: cleanPlaybook}},
		CheckPlaybook: checkPlaybook,
		Starting:      u.starting,
		StartLines:    u.startLines,
		Adjust:        adjust,
		Facts:         u.facts,
		Recap:         recap,
		Routes:        u.routes(),
		Commands:      u.commands(),
		Events:        events(),
		Deliveries:    u.deliveries(),
		InTx:          dropLapse,
		Jobs:          append(u.jobKinds(), u.eraseKind()),
		Erase:         erase,
		Hooks:         capability.Hooks{LeftChannel: u.leftChannel, LeftTeam: u.leftTeam},
	}
}

// name is the username of a user, "" for nobody.
func (u *roles) name(userID string) string {
	if userID == "" {
		return ""
	}
	return u.svc.Username(userID)
}

// leftChannel ends a pending handoff to a user who has left the incident's channel.
func (u *roles) leftChannel(ctx context.Context, channelID, userID, _ string) {
	u.left(ctx, sq.Eq{"i.ChannelID": channelID}, userID)
}

// leftTeam ends pending handoffs to a user who has left a team, and with it all its channels.
func (u *roles) leftTeam(ctx context.Context, teamID, userID, _ string) {
	u.left(ctx, sq.Eq{"i.TeamID": teamID, "i.IsActive": true}, userID)
}

// left ends pending handoffs to a user. What is missed here lapses: a receiver who is not in the channel cannot accept.
func (u *roles) left(ctx context.Context, where sq.Eq, userID string) {
	if !model.IsValidId(userID) {
		return
	}
	var ids []string
	db := u.core.Database
	err := db.Select(ctx, &ids, db.Builder().Select("i.ID").From("IR_Incident i").Where(where).
		Where(sq.Like{"i.OwnJSON": `%"to_user_id":"` + userID + `"%`}))
	for _, id := range ids {
		_, failed := u.svc.Change(ctx, app.AsPlugin(id), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return overtakeGone(i, userID) })
		if failed != nil {
			err = failed
		}
	}
	if err != nil {
		u.log.Warn("A handoff to a user who has left could not be ended; it lapses.", "user_id", userID, "error", err.Error())
	}
}
