package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// changeTx is app.Tx.
type changeTx struct {
	*Store
	tx *sqlx.Tx
}

var _ app.Tx = changeTx{}

// Select reads all rows into a slice.
func (t changeTx) Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	return t.selectAll(ctx, t.tx, dest, query)
}

// Exec runs statements, on PostgreSQL in one round trip.
func (t changeTx) Exec(ctx context.Context, statements ...sq.Sqlizer) (n int64, err error) {
	if t.postgres && len(statements) > 1 {
		statements = []sq.Sqlizer{together(statements...)}
	}
	for _, one := range statements {
		if n, err = t.exec(ctx, t.tx, one); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// InsertJob stores a job, unless it is stored already.
func (t changeTx) InsertJob(job jobs.Job) sq.Sqlizer { return t.jobInsert(job) }

// DropJob deletes a job, claimed or not.
func (t changeTx) DropJob(kind, key string) sq.Sqlizer {
	return t.builder.Delete("IR_Job").Where(sq.Eq{"Kind": kind, "JobKey": key})
}

// SetJob replaces the jobs of a kind of an incident that were not claimed, and those that are parked.
func (t changeTx) SetJob(ctx context.Context, kind, incidentID string, job *jobs.Job, with ...sq.Sqlizer) error {
	key := ""
	if job != nil {
		key = job.Key
	}
	obsolete := sq.And{sq.Eq{"Kind": kind, "IncidentID": incidentID}, sq.NotEq{"JobKey": key},
		sq.Or{sq.Eq{"Attempts": 0}, sq.Eq{"State": jobFailed}}}
	if t.postgres { // all in one round trip
		statements := []sq.Sqlizer{t.builder.Delete("IR_Job").Where(obsolete)}
		if job != nil {
			statements = append(statements, t.jobInsert(*job))
		}
		_, err := t.Exec(ctx, append(statements, with...)...)
		return err
	}
	if _, err := t.Exec(ctx, with...); err != nil {
		return err
	}
	// MySQL would lock the gap around a row that a DELETE does not find, and so let other transactions wait.
	var ids []string
	if err := t.Select(ctx, &ids, t.builder.Select("ID").From("IR_Job").Where(obsolete)); err != nil {
		return err
	}
	if len(ids) > 0 {
		if _, err := t.Exec(ctx, t.builder.Delete("IR_Job").Where(sq.And{sq.Eq{"ID": ids}, obsolete})); err != nil {
			return err
		}
	}
	if job == nil {
		return nil
	}
	_, err := t.Exec(ctx, t.jobInsert(*job))
	return err
}

// CompleteJob deletes a clean-up job unless it was claimed.
func (t changeTx) CompleteJob(ctx context.Context, id string) error {
	return t.completeUnclaimed(ctx, t.tx, id)
}

// runInTx runs what capabilities add to the transaction of a change.
func (s *Store) runInTx(ctx context.Context, tx *sqlx.Tx, c app.Change, all []app.InTx) error {
	for _, add := range all {
		err := add(ctx, changeTx{s, tx}, c)
		if errors.Is(err, app.ErrUnchanged) {
			return errRollback
		}
		if err != nil {
			return err
		}
	}
	return nil
}
