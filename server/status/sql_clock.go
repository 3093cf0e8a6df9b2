package status

import (
	"context"

	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// setRepeat makes a job the only one for further reminders of an incident; nil removes them. One that was claimed is left alone: the
// attempt sees that it is not wanted any more.
func (d *database) setRepeat(ctx context.Context, tx app.Tx, id string, job *jobs.Job) error {
	return errors.Wrap(tx.SetJob(ctx, jobOverdue, id, job), "plan a further reminder")
}

// completeRepeat completes the job of a further reminder, and stores that of the next one, nil for none. If another attempt has completed it, the
// change is undone.
func (d *database) completeRepeat(ctx context.Context, tx app.Tx, job jobs.Job, next *jobs.Job) error {
	n, err := tx.Exec(ctx, tx.DropJob(job.Kind, job.Key))
	if err != nil {
		return errors.Wrap(err, "complete a further reminder")
	}
	if n == 0 {
		return app.ErrUnchanged
	}
	if next == nil {
		return nil
	}
	_, err = tx.Exec(ctx, tx.InsertJob(*next))
	return errors.Wrap(err, "plan a further reminder")
}

// ifStillPending undoes a change if the reminder of the incident is not pending for at (Unix ms, 0 for none) any more.
func (d *database) ifStillPending(id string, at int64) app.InTx {
	return func(ctx context.Context, tx app.Tx, _ app.Change) error {
		pending, _, err := d.read(ctx, tx, id)
		if err == nil && pending != at {
			return app.ErrUnchanged
		}
		return err
	}
}
