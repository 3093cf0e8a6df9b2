// Package invitations is a capability: a playbook names people and groups who are added to the channel of each incident that is
// started from it. A job adds them after the start, and the channel is told once who could not be added.
package invitations

import (
	"context"
	"encoding/json"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Key is the name of the field of playbooks.
const Key = "invitations"

// Limits of one playbook, and of one incident.
const (
	MaxUsers  = 100
	MaxGroups = 20
	// MaxPeople is how many people of users and groups together are added to one channel.
	MaxPeople = 1000
	// MaxNames is how many people and groups the post names who could not be added; the others are counted.
	MaxNames = 20
)

// jobInvite adds the people to the channel of an incident; the key is the incident's id.
const jobInvite = "invite_people"

// Invitations are who is added to the channels of a playbook's incidents.
type Invitations struct {
	UserIDs  []string `json:"user_ids"`
	GroupIDs []string `json:"group_ids"`
}

func (i *Invitations) empty() bool { return len(i.UserIDs)+len(i.GroupIDs) == 0 }

// order is what the job has to do.
type order struct {
	Invitations
	// StarterID is whose rights decide, as they are when somebody is added.
	StarterID string `json:"starter_id"`
	// Existing means that the incident was started in an existing channel, to which nobody is added.
	Existing bool `json:"existing,omitempty"`
}

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	// MayAddNow reports whether a user may add other people to a public or private channel at this moment.
	MayAddNow(userID, channelID string, public bool) (bool, error)
	// FindPost looks for a post by authorID that was made since a time (Unix ms) and has a prop with a value.
	FindPost(ctx context.Context, channelID, authorID string, since int64, prop, value string) (postID string, err error)
	Username(userID string) string
	PostLanguage() *i18n.Language
}

// Incidents reads incidents; capability.Incidents has it.
type Incidents interface {
	Header(ctx context.Context, id, viewerID string) (app.Header, error)
}

// directory reads people and groups; *database is the real one.
type directory interface {
	// known lists which users and groups exist. Groups are those that people may mention.
	known(ctx context.Context, i Invitations) (users []person, groupIDs []string, err error)
	// invited reads who is invited to a channel of a team.
	invited(ctx context.Context, i Invitations, to target) (invited, error)
}

// invitations is the use cases. It is safe for concurrent use.
type invitations struct {
	svc       Service
	incidents Incidents
	host      app.Host
	log       app.Log
	data      directory
	now       func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	u := &invitations{svc: core.Service, incidents: core.Incidents, host: core.Host, log: core.Log, data: &database{core.Database}, now: time.Now}
	return capability.Capability{
		Name:      "invitations",
		OwnFields: []capability.OwnField{{Key: Key, Row: noRow, Playbook: u.cleanPlaybook}},
		Starting:  u.starting,
		Jobs:      u.jobKinds(),
	}
}

// noRow leaves the field out of lists. Incidents do not have it at all.
func noRow(json.RawMessage) json.RawMessage { return nil }

func (u *invitations) jobKinds() []jobs.Kind {
	return []jobs.Kind{{Name: jobInvite, Poll: 2 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 50 * time.Second, Newest: true,
		Backoff: 5 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 1500, // for about a day
		Run: u.invite}}
}

// of reads the invitations of a playbook.
func of(p *playbook.Playbook) (found Invitations, err error) {
	if p != nil {
		_, err = p.Own.Load(Key, &found)
	}
	return found, err
}

// starting has the job stored with the incident, if its playbook invites somebody.
func (u *invitations) starting(_ context.Context, s *app.Start) error {
	found, err := of(s.Playbook)
	if err != nil {
		u.log.Warn("The invitations of a playbook cannot be read, so nobody is invited to an incident.", "playbook_id", s.Playbook.ID, "error", err.Error())
		return nil
	}
	if found.empty() {
		return nil
	}
	store, err := storeJob(order{Invitations: found, StarterID: s.Request.RequesterID, Existing: s.Incident.ExistingChannel})
	if err == nil {
		s.InTx(store)
	}
	return err
}

// storeJob stores the job with the incident.
func storeJob(o order) (app.InTx, error) {
	payload, err := json.Marshal(o)
	return func(ctx context.Context, tx app.Tx, c app.Change) error {
		at := c.Event.CreateAt
		_, err := tx.Exec(ctx, tx.InsertJob(jobs.Job{ID: model.NewId(), Kind: jobInvite, Key: c.After.ID, IncidentID: c.After.ID, Payload: payload,
			DueAt: at, NextAttemptAt: at, CreateAt: at}))
		return err
	}, err
}
