// Package archiving is a capability: the channel of an incident is archived after its end, if who ends it chooses so or the playbook says
// so, and a restart brings it back.
package archiving

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// ownKey is the field of incidents and playbooks.
	ownKey = "channel"
	// maxDays is how many days after the end a playbook may let the channel be archived.
	maxDays = 365
	// warnBefore is how long before a channel is archived by its playbook the warning is due, leastWarning how long before it is archived
	// it was warned in any case.
	warnBefore, leastWarning = 25 * time.Hour, 24 * time.Hour
	// settle is how long after the end a channel is archived that is to be archived at once: who has ended the incident sees what
	// is posted about it.
	settle = 5 * time.Second
	day    = 24 * time.Hour
)

// state is what is kept with an incident. Times are Unix milliseconds, 0 for never.
type state struct {
	// AfterDays is the playbook's choice when the incident was started; 0 for none. It is removed when somebody keeps the channel.
	AfterDays int64 `json:"archive_after_days,omitempty"`
	// ArchiveAt is when the channel will be archived. ArchivedAt is when the plugin has archived it, exactly as the channel has it.
	ArchiveAt  int64 `json:"archive_at"`
	ArchivedAt int64 `json:"archived_at"`
	// ByUserID is who chose at the end that the channel be archived; "" for the playbook.
	ByUserID string `json:"by_user_id,omitempty"`
	// WarnedAt is when the channel was told that its playbook lets it be archived.
	WarnedAt int64 `json:"warned_at,omitempty"`
}

// stateOf reads the state of an incident. It is empty if there is none, and if what is stored cannot be read.
func stateOf(inc *incident.Incident) state {
	var s state
	if _, err := inc.Own.Load(ownKey, &s); err != nil {
		return state{}
	}
	return s
}

// store stores the state, nothing for an empty one.
func (s state) store(inc *incident.Incident) {
	switch {
	case s != state{}:
		if s != stateOf(inc) {
			inc.Own.Store(ownKey, s)
		}
	case inc.Own[ownKey] != nil:
		inc.Own.Store(ownKey, nil)
	}
}

// warned reports whether the channel need not be warned any more.
func (s state) warned() bool { return s.ByUserID != "" || s.WarnedAt != 0 }

// key identifies the next step of one plan of an incident.
func (s state) key(incidentID string) string {
	return fmt.Sprint(incidentID, ":", s.ArchiveAt, ":", s.WarnedAt)
}

// job is the next step, stored at now (Unix ms): the warning, or the archiving. It is nil if nothing is planned.
func (s state) job(incidentID string, now int64) *jobs.Job {
	due := s.ArchiveAt
	switch {
	case due == 0:
		return nil
	case s.ByUserID != "":
		due += settle.Milliseconds()
	case !s.warned():
		due -= warnBefore.Milliseconds()
	}
	return &jobs.Job{ID: model.NewId(), Kind: jobArchive, Key: s.key(incidentID), IncidentID: incidentID, DueAt: due, NextAttemptAt: due, CreateAt: now}
}

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	AuthorizeEdit(ctx context.Context, userID, id string) (app.ChangeRequest, error)
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
	JobKinds() []jobs.Kind
	Language(userID string) *i18n.Language
	PostLanguage() *i18n.Language
}

// Host is what is needed of Mattermost; app.Host has it.
type Host interface {
	Channel(id string) (*model.Channel, error)
	ArchiveChannel(id string) error
	RefreshMember(channelID, userID string) error
	CreatePost(p *model.Post) (*model.Post, error)
	BotID() string
}

// Rights say who may archive a channel; *access.Rules has them.
type Rights interface {
	ArchiveChannel(userID string, c *model.Channel) bool
}

var _ Rights = (*access.Rules)(nil)

// archiving is the use cases. It is safe for concurrent use.
type archiving struct {
	core      Service
	incidents capability.Incidents
	host      Host
	rights    Rights
	log       app.Log
	db        channels
	now       func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	a := &archiving{core: core.Service, incidents: core.Incidents, host: core.Host, rights: core.Rules, log: core.Log, db: &database{core.Database}, now: time.Now}
	return a.capability()
}

func (a *archiving) capability() capability.Capability {
	return capability.Capability{
		Name:      "archiving",
		OwnFields: []capability.OwnField{{Key: ownKey, Row: func(json.RawMessage) json.RawMessage { return nil }, Playbook: cleanPlaybook}},
		Starting:  starting, Ending: a.ending, EndOptions: []string{optionArchive}, EndFields: a.endFields, EndLines: endLines,
		Adjust: adjust, InTx: inTx, Facts: facts,
		Routes: a.routes(), Commands: a.commands(),
		Events: []capability.Event{
			{Type: EventAnnounced, Decode: decodeAnnounced, Words: text.Words{Post: announcedPost, Sentence: announcedSentence}},
			{Type: EventArchived, Decode: decodeArchived, Words: text.Words{Sentence: archivedSentence}},
			{Type: EventKept, Decode: decodeKept, Words: text.Words{Post: keptPost, Sentence: keptSentence}},
			{Type: EventRestored, Decode: decodeRestored, Words: text.Words{Post: restoredPost, Sentence: restoredSentence}},
		},
		Jobs: a.jobKinds(),
	}
}

// template is what a playbook has.
type template struct {
	AfterDays int64 `json:"archive_after_days"`
}

var errDays = incident.InvalidField(ownKey, "channel must be an object whose archive_after_days is a whole number from 0, which is never, to %d.", maxDays)

// cleanPlaybook validates the field of a playbook.
func cleanPlaybook(_ context.Context, _, _ string, value json.RawMessage) (json.RawMessage, error) {
	var t template
	if !bytes.HasPrefix(bytes.TrimSpace(value), []byte("{")) || json.Unmarshal(value, &t) != nil || t.AfterDays < 0 || t.AfterDays > maxDays {
		return nil, errDays
	}
	if t.AfterDays == 0 {
		return nil, nil
	}
	return incident.Marshal(t)
}

// starting copies the playbook's choice, so that a later one does not surprise. A channel that was there before is not the playbook's to archive.
func starting(_ context.Context, s *app.Start) error {
	if s.Playbook == nil || s.Incident.ExistingChannel {
		return nil
	}
	var t template
	if found, err := s.Playbook.Own.Load(ownKey, &t); err != nil || !found || t.AfterDays < 0 || t.AfterDays > maxDays {
		return nil
	}
	state{AfterDays: t.AfterDays}.store(s.Incident)
	return nil
}

// adjust plans the archiving with the end, and forgets it with the restart. An incident that is ongoing has no plan, no matter who has
// restarted it.
func adjust(before, inc *incident.Incident, now int64, _ *incident.ChangeSet) {
	if inc.Own[ownKey] == nil {
		return
	}
	s := stateOf(inc)
	switch {
	case inc.IsActive:
		s = state{AfterDays: s.AfterDays}
	case before.IsActive && s.ArchiveAt == 0 && s.AfterDays > 0:
		s.ArchiveAt = now + s.AfterDays*day.Milliseconds()
		if s.AfterDays == 1 { // the post about the end is the warning
			s.WarnedAt = now
		}
	}
	s.store(inc)
}

// inTx stores the job of the next step, and restores the channel that the plugin has archived when the incident is ongoing again.
func inTx(ctx context.Context, tx app.Tx, c app.Change) error {
	if bytes.Equal(c.Before.Own[ownKey], c.After.Own[ownKey]) {
		return nil
	}
	before, after := stateOf(&c.Before), stateOf(&c.After)
	now := c.Event.CreateAt
	if before.key("") != after.key("") {
		if err := tx.SetJob(ctx, jobArchive, c.After.ID, after.job(c.After.ID, now)); err != nil {
			return err
		}
	}
	if !c.After.IsActive || before.ArchivedAt == 0 {
		return nil
	}
	restored, err := restore(ctx, tx, c.After.ChannelID, before.ArchivedAt, now)
	if err != nil || !restored {
		return err
	}
	_, err = tx.Exec(ctx, tx.InsertJob(restoredJob(c.After.ID, before.ArchivedAt, now)))
	return err
}
