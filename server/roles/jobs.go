package roles

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// JobLapse ends a handoff that was not answered; the key is its id.
const JobLapse = "handoff_lapse"

func (u *roles) jobKinds() []jobs.Kind {
	return []jobs.Kind{{Name: JobLapse, Poll: 2 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 40 * time.Second,
		Backoff: 5 * time.Second, MaxBackoff: 5 * time.Minute, Run: u.lapse}}
}

// lapse ends a handoff, if it is still pending. The job decides that it is time, so that a clock that was set back does not keep the
// handoff open.
func (u *roles) lapse(ctx context.Context, job jobs.Job) error {
	_, err := u.svc.Change(ctx, app.AsPlugin(job.IncidentID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		return lapse(i, job.Key)
	})
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}

// insertLapse stores the job with the offer.
func insertLapse(h *Handoff) app.InTx {
	return func(ctx context.Context, tx app.Tx, c app.Change) error {
		_, err := tx.Exec(ctx, tx.InsertJob(jobs.Job{ID: model.NewId(), Kind: JobLapse, Key: h.ID, IncidentID: c.After.ID,
			DueAt: h.ExpiresAt, NextAttemptAt: h.ExpiresAt, CreateAt: h.At}))
		return err
	}
}

// dropLapse deletes the job with the end of the handoff.
func dropLapse(ctx context.Context, tx app.Tx, c app.Change) error {
	if c.Event == nil {
		return nil
	}
	id, over := ended(c.Event.Payload)
	if !over {
		return nil
	}
	_, err := tx.Exec(ctx, tx.DropJob(JobLapse, id))
	return err
}

// ended returns the handoff that an event ends.
func ended(p incident.Payload) (id string, over bool) {
	switch p := p.(type) {
	case incident.CommanderChanged:
		return p.HandoffID, p.HandoffID != ""
	case HandoffEvent:
		return p.ID, p.Kind != EventOffered
	}
	return "", false
}
