package status

import (
	"context"
	"database/sql"
	stderrors "errors"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
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

// clockRow is what the database has of an incident whose clock is looked at.
type clockRow struct {
	ID string
	// Own is that of the incident as it is stored.
	Own            string
	IsActive       bool
	ReminderPostID string
	// Content is the value of the pending reminder; nil for none.
	Content []byte
	// ShownAt is when the displayed reminder was posted, in Unix ms; not valid if there is no such post.
	ShownAt sql.NullInt64
}

// clockColumns are those of clockRow, of IR_Incident i, PluginKeyValueStore k and Posts p.
var clockColumns = []string{"i.ID AS id", "COALESCE(i.OwnJSON, '') AS own", "i.IsActive AS isactive", "COALESCE(i.ReminderPostID, '') AS reminderpostid",
	"k.PValue AS content", "p.CreateAt AS shownat"}

// compareClocks compares the clocks of all incidents that have a pending reminder, a displayed one, or a clock.
func (d *database) compareClocks(ctx context.Context) error {
	var rows []clockRow
	err := d.Select(ctx, &rows, d.Builder().Select(clockColumns...).From("IR_Incident i").
		LeftJoin(table+" k ON k.PluginId = ? AND k.PKey = CONCAT('"+keyPrefix+"', i.ID)", d.pluginID).
		LeftJoin("Posts p ON p.Id = i.ReminderPostID AND p.ChannelId = i.ChannelID AND p.DeleteAt = 0").
		Where(sq.Eq{"i.DeleteAt": 0}).Where(`(k.PKey IS NOT NULL OR i.ReminderPostID <> '' OR i.OwnJSON LIKE '%"`+incident.OwnClock+`":%')`).OrderBy("i.ID"))
	if err != nil {
		return errors.Wrap(err, "compare the clocks of incidents with their reminders")
	}
	var failed []error
	for _, k := range rows {
		pending := int64(0)
		if k.Content != nil {
			pending = d.dueAt(k.ID, k.Content)
		}
		failed = append(failed, d.compare(ctx, k, pending))
	}
	return stderrors.Join(failed...)
}

// compare lets the clock of an incident be set if it is another one than the displayed reminder says and the one that is pending for a
// time, 0 for none.
func (d *database) compare(ctx context.Context, k clockRow, pending int64) error {
	own, err := incident.DecodeOwn(k.Own)
	if err != nil {
		return nil // who reads the incident logs it
	}
	inc := incident.Incident{ID: k.ID, Own: own, IsActive: k.IsActive, ReminderPostID: k.ReminderPostID}
	if inc.Clock() == expectedClock(&inc, pending, k.ShownAt.Int64) {
		return nil
	}
	return d.note(ctx, k.ID, pending, k.ShownAt.Int64)
}
