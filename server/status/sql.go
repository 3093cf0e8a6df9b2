package status

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Pending reminders are rows of Mattermost's key-value table for plugins, in the form that version 1.2.0 gave them, so that
// either version honours the reminders of the other. They are written here and not through the plugin API, because only so
// a change of an incident and of its reminder are one transaction.

// reminders stores the pending reminders. Times are in Unix milliseconds.
type reminders interface {
	// set schedules the reminder of an incident for a time, or cancels it for 0, together with its job. A job that was claimed
	// is left alone: the attempt, or the next one after a crash, sees that the reminder is not pending any more and removes
	// its post.
	set(ctx context.Context, tx app.Tx, id string, at int64) error
	// end cancels the reminder that is pending for due. If it is not pending for that time any more, the change is undone.
	end(id string, due int64) app.InTx
	// setRepeat, completeRepeat and ifStillPending are those of database.
	setRepeat(ctx context.Context, tx app.Tx, id string, job *jobs.Job) error
	completeRepeat(ctx context.Context, tx app.Tx, job jobs.Job, next *jobs.Job) error
	ifStillPending(id string, at int64) app.InTx
	// at is the time of the pending reminder, 0 for none.
	at(ctx context.Context, id string) (int64, error)
	// cancel deletes the pending reminder if it is still that for due.
	cancel(ctx context.Context, id string, due int64) error
	// adopt stores a job for each pending reminder that has none, as those that version 1.2.0 has stored, and deletes the
	// reminders of incidents that are gone. Clocks that do not fit the reminders are set, at most clocksPerLook with each call.
	adopt(ctx context.Context) error
	// clear deletes all pending reminders.
	clear(ctx context.Context, tx app.Tx) error
}

type database struct {
	capability.Database
	jobs     jobs.Store
	log      app.Log
	pluginID string
	// pageSize is rowsPerLook, clocksAtOnce is clocksPerLook.
	pageSize, clocksAtOnce int
	adoption               adoption
	// note is updates.noteClock.
	note func(ctx context.Context, id string, pending, shownAt int64) error
}

const (
	table = "PluginKeyValueStore"
	// keyPrefix of the key of a pending reminder stands before the incident's id. pending selects the keys with it.
	keyPrefix = "once_"
	pending   = `PKey LIKE 'once!_%' ESCAPE '!'`
	// overdue (Unix ms) is the due time of a reminder whose time cannot be read. It must not depend on the present time: a due
	// time identifies one reminder of an incident.
	overdue int64 = 1
)

type reminderValue struct {
	Key   string
	RunAt time.Time
}

// reminderMark identifies the reminder of an incident that is due at a time (Unix ms). Reminder posts are marked with it.
func reminderMark(incidentID string, due int64) string {
	return incidentID + ":" + strconv.FormatInt(due, 10)
}

// reminderJob is the job that posts the reminder of an incident that is pending for at (Unix ms).
func reminderJob(id string, at int64) jobs.Job {
	return jobs.Job{ID: model.NewId(), Kind: jobReminder, Key: reminderMark(id, at), IncidentID: id,
		DueAt: at, NextAttemptAt: at, CreateAt: time.Now().UnixMilli()}
}

func (d *database) row(id string) sq.Eq { return sq.Eq{"PluginId": d.pluginID, "PKey": keyPrefix + id} }

func (d *database) set(ctx context.Context, tx app.Tx, id string, at int64) error {
	if at == 0 {
		err := tx.SetJob(ctx, jobReminder, id, nil, d.Builder().Delete(table).Where(d.row(id)))
		return errors.Wrap(err, "cancel a reminder")
	}
	value, err := json.Marshal(reminderValue{Key: id, RunAt: time.UnixMilli(at).UTC()})
	if err != nil {
		return errors.Wrap(err, "encode a reminder")
	}
	suffix := "ON DUPLICATE KEY UPDATE PValue = VALUES(PValue), ExpireAt = 0"
	if d.Postgres() {
		suffix = "ON CONFLICT (PluginId, PKey) DO UPDATE SET PValue = EXCLUDED.PValue, ExpireAt = 0"
	}
	job := reminderJob(id, at)
	err = tx.SetJob(ctx, jobReminder, id, &job, d.Builder().Insert(table).Columns("PluginId", "PKey", "PValue", "ExpireAt").
		Values(d.pluginID, keyPrefix+id, value, 0).Suffix(suffix))
	return errors.Wrap(err, "set a reminder")
}

func (d *database) end(id string, due int64) app.InTx {
	return func(ctx context.Context, tx app.Tx, _ app.Change) error {
		at, _, err := d.read(ctx, tx, id)
		if err != nil {
			return err
		}
		if at != due {
			return app.ErrUnchanged
		}
		return d.set(ctx, tx, id, 0)
	}
}

func (d *database) at(ctx context.Context, id string) (int64, error) {
	at, _, err := d.read(ctx, d, id)
	return at, err
}

// read returns the time of the pending reminder, 0 for none, and its stored value.
func (d *database) read(ctx context.Context, from capability.Selector, id string) (at int64, value []byte, err error) {
	var values [][]byte
	if err := from.Select(ctx, &values, d.Builder().Select("PValue").From(table).Where(d.row(id))); err != nil {
		return 0, nil, errors.Wrap(err, "read a reminder")
	}
	if len(values) == 0 {
		return 0, nil, nil
	}
	return d.dueAt(id, values[0]), values[0], nil
}

// dueAt reads the time (Unix ms) from the value of a pending reminder.
func (d *database) dueAt(id string, value []byte) int64 {
	var v reminderValue
	if err := json.Unmarshal(value, &v); err != nil || v.RunAt.IsZero() {
		d.log.Warn("The time of a pending reminder cannot be read, it counts as due", "incident_id", id)
		return overdue
	}
	return max(v.RunAt.UnixMilli(), overdue)
}

// cancel deletes the row by its value, so that a change of the incident that sets another reminder at the same time is not undone.
func (d *database) cancel(ctx context.Context, id string, due int64) error {
	at, value, err := d.read(ctx, d, id)
	if err != nil || at != due {
		return err
	}
	n, err := d.Exec(ctx, d.Builder().Delete(table).Where(d.row(id)).Where(sq.Eq{"PValue": value}))
	if err != nil || n == 0 {
		return errors.Wrap(err, "cancel a reminder")
	}
	return d.jobs.Withdraw(ctx, jobReminder, reminderMark(id, due))
}

func (d *database) clear(ctx context.Context, tx app.Tx) error {
	_, err := tx.Exec(ctx, d.Builder().Delete(table).Where(sq.Eq{"PluginId": d.pluginID}).Where(pending))
	return errors.Wrap(err, "delete the pending reminders")
}
