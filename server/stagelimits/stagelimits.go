// Package stagelimits is a capability: time limits of stages. When a stage has been the current one for longer than its limit, the
// incident's channel is told once.
package stagelimits

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// ownKey is the key of the clock in the Own of an incident, and its field of the JSON form.
	ownKey = "stage_clock"
	// jobLimit tells the channel that a limit was reached; the key is clock.key.
	jobLimit = "stage_limit"
	// lateAfter is how much later than due a channel is told that is told that this is late.
	lateAfter = 5 * time.Minute
)

// EventReached is the kind of the event: a stage has taken longer than its limit.
const EventReached incident.EventType = "stage_limit_reached"

// clock is the time limit of the current stage. Times are Unix milliseconds. There is none without a limit.
type clock struct {
	// Stage is the position of the stage, StageID its id.
	Stage   int    `json:"stage"`
	StageID string `json:"stage_id"`
	// Since is when it became the current stage. DueAt is when its limit is reached, ReachedAt when the channel was told, 0 for not yet.
	Since     int64 `json:"since"`
	DueAt     int64 `json:"due_at"`
	ReachedAt int64 `json:"reached_at"`
}

// clockOf reads the clock of an incident. It is empty if there is none, and if what is stored cannot be read.
func clockOf(inc *incident.Incident) clock {
	var c clock
	if _, err := inc.Own.Load(ownKey, &c); err != nil {
		return clock{}
	}
	return c
}

// follow is the clock of an incident after a change at now (Unix ms), given that before the change. Each visit of a stage, and each restart of
// the incident, starts a new clock. Renaming or moving the stage does not.
func (c clock) follow(inc *incident.Incident, now int64) clock {
	stage := inc.CurrentStage()
	if !inc.IsActive || stage == nil || stage.LimitSeconds <= 0 {
		return clock{}
	}
	if c.StageID != stage.ID {
		c = clock{StageID: stage.ID, Since: now}
	}
	c.Stage, c.DueAt = inc.StageIndex(), c.Since+stage.LimitSeconds*1000
	return c
}

// key identifies one visit of a stage of an incident, and its limit. An incident has one clock at a time, so the stage need not be in it: with
// it, the key would be longer than jobs.MaxKey.
func (c clock) key(incidentID string) string {
	return fmt.Sprint(incidentID, ":", c.Since, ":", c.DueAt)
}

// job is the job that tells the channel, nil if it is not to be told.
func (c clock) job(incidentID string, now int64) *jobs.Job {
	if c.DueAt == 0 || c.ReachedAt != 0 {
		return nil
	}
	return &jobs.Job{ID: model.NewId(), Kind: jobLimit, Key: c.key(incidentID), IncidentID: incidentID, DueAt: c.DueAt, NextAttemptAt: c.DueAt, CreateAt: now}
}

// Reached is the payload of the event.
type Reached struct {
	Stage        int    `json:"stage"`
	StageID      string `json:"stage_id"`
	Title        string `json:"title"`
	LimitSeconds int64  `json:"limit_seconds"`
	Since        int64  `json:"since"`
	DueAt        int64  `json:"due_at"`
}

// Type implements incident.Payload.
func (Reached) Type() incident.EventType { return EventReached }

// Sides implements incident.OwnPayload.
func (r Reached) Sides() (before, after interface{}) { return nil, r }

func decode(_, after json.RawMessage) (incident.Payload, error) {
	var r Reached
	err := json.Unmarshal(after, &r)
	return r, err
}

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
}

// limits is the use cases. It is safe for concurrent use.
type limits struct{ core Service }

// New makes the capability.
func New(core *capability.Core) capability.Capability { return (&limits{core.Service}).capability() }

func (l *limits) capability() capability.Capability {
	return capability.Capability{
		Name:      "stagelimits",
		OwnFields: []capability.OwnField{{Key: ownKey, Row: func(json.RawMessage) json.RawMessage { return nil }}},
		Starting:  starting, Adjust: adjust, InTx: inTx, Facts: facts,
		Events: []capability.Event{{Type: EventReached, Decode: decode, InStory: true, Words: text.Words{Post: post, Sentence: sentence}}},
		Jobs: []jobs.Kind{{Name: jobLimit, Poll: 2 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 40 * time.Second, Newest: true,
			Backoff: 5 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 1500, // for about a day
			Run: l.reached}},
	}
}

// starting begins the clock of the first stage.
func starting(_ context.Context, s *app.Start) error {
	setClock(s.Incident, clockOf(s.Incident).follow(s.Incident, s.Incident.CreateAt))
	return nil
}

// adjust lets the clock follow each change.
func adjust(_, inc *incident.Incident, now int64, _ *incident.ChangeSet) {
	setClock(inc, clockOf(inc).follow(inc, now))
}

func setClock(inc *incident.Incident, c clock) {
	switch {
	case c != clock{}:
		if c != clockOf(inc) {
			inc.Own.Store(ownKey, c)
		}
	case inc.Own[ownKey] != nil:
		inc.Own.Store(ownKey, nil)
	}
}

// facts say when the limit of the current stage is reached.
func facts(inc *incident.Incident, l *i18n.Language) []capability.Fact {
	c := clockOf(inc)
	if !inc.IsActive || c.DueAt == 0 {
		return nil
	}
	at := time.UnixMilli(c.DueAt).UTC().Format("2006-01-02 15:04 UTC")
	if c.ReachedAt != 0 {
		return []capability.Fact{{Label: l.T("Time limit of the stage"), Text: l.T("reached at %s", at), At: c.DueAt}}
	}
	return []capability.Fact{{Label: l.T("Time limit of the stage"), Text: l.T("until %s", at), At: c.DueAt}}
}

// inTx stores the job of a new clock, and removes that of the former one.
func inTx(ctx context.Context, tx app.Tx, c app.Change) error {
	before, after := clockOf(&c.Before), clockOf(&c.After)
	if before.DueAt == after.DueAt && before.StageID == after.StageID && before.Since == after.Since && before.ReachedAt == after.ReachedAt {
		return nil
	}
	return tx.SetJob(ctx, jobLimit, c.After.ID, after.job(c.After.ID, time.Now().UnixMilli()))
}

// reached tells the channel, unless the stage is not the current one any more. The core posts about the event once.
func (l *limits) reached(ctx context.Context, job jobs.Job) error {
	_, err := l.core.Change(ctx, app.AsPlugin(job.IncidentID), func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		c, stage := clockOf(i), i.CurrentStage()
		if !i.IsActive || stage == nil || stage.ID != c.StageID || c.ReachedAt != 0 || c.key(i.ID) != job.Key {
			return nil, nil
		}
		c.ReachedAt = now
		setClock(i, c)
		return i.ChangeOwn(Reached{Stage: c.Stage, StageID: c.StageID, Title: stage.Title, LimitSeconds: stage.LimitSeconds, Since: c.Since, DueAt: c.DueAt}), nil
	})
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}

// post is what the channel is told.
func post(l *i18n.Language, e *incident.Event, _ func(userID string) string) string {
	r, _ := e.Payload.(Reached)
	message := l.T("The stage **%s** has taken longer than %s.", text.Title(r.Title), incident.FormatDuration(r.LimitSeconds*1000))
	if late := e.CreateAt - r.DueAt; late > lateAfter.Milliseconds() {
		message += " " + l.T("This message is %s late.", incident.FormatDuration(late))
	}
	return message
}

func sentence(e *incident.Event, _ string, v text.Voice) string {
	r, _ := e.Payload.(Reached)
	return v.Language.T("The stage “%s” had taken longer than %s.", v.Escape(r.Title), incident.FormatDuration(r.LimitSeconds*1000))
}
