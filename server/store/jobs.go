package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// States of a row of IR_Job.
const (
	jobWaiting = "waiting"
	jobFailed  = "failed" // parked: not tried any more
	jobDone    = "done"   // kept for a day, see jobs.Kind.KeepDone
)

var errTooSlow = incident.NewError(incident.Conflict, "too_slow",
	"The request timed out and was rolled back. Try again.")

type jobStore struct{ *Store }

// Jobs gives access to the jobs.
func (s *Store) Jobs() jobs.Store { return &jobStore{s} }

var jobColumns = columns("j", []string{"ID", "Kind", "JobKey", "IncidentID", "Payload", "Position", "DueAt", "NextAttemptAt",
	"CreateAt", "Attempts", "LastError"}, nil)

type jobRow struct {
	ID, Kind, JobKey, IncidentID, Payload    string
	Position, DueAt, NextAttemptAt, CreateAt int64
	Attempts                                 int
	LastError                                string
}

func (r *jobRow) job() jobs.Job {
	return jobs.Job{ID: r.ID, Kind: r.Kind, Key: r.JobKey, IncidentID: r.IncidentID, Payload: []byte(r.Payload), Position: r.Position,
		DueAt: r.DueAt, NextAttemptAt: r.NextAttemptAt, CreateAt: r.CreateAt, Attempts: r.Attempts, LastError: r.LastError}
}

func (s *jobStore) Add(ctx context.Context, all ...jobs.Job) error {
	if len(all) == 0 {
		return nil
	}
	_, err := s.exec(ctx, s.db, s.jobInsert(all...))
	return errors.Wrap(err, "store jobs")
}

// jobInsert stores jobs, except those for which there is one of the same kind with the same key.
func (s *Store) jobInsert(all ...jobs.Job) sq.InsertBuilder {
	return s.newJobs(all...).Suffix(s.ignoreConflict())
}

// newJobs stores jobs that cannot be there already.
func (s *Store) newJobs(all ...jobs.Job) sq.InsertBuilder {
	q := s.builder.Insert("IR_Job").Columns("ID", "Kind", "JobKey", "IncidentID", "Payload", "Position", "State", "DueAt", "NextAttemptAt",
		"CreateAt", "Attempts", "LastError", "LeaseOwner", "LeasedUntil")
	for _, job := range all {
		payload := string(job.Payload)
		if payload == "" {
			payload = "{}"
		}
		var key interface{} = job.Key
		if len(job.Key) > jobs.MaxKey { // PostgreSQL would take it
			key = refused{errors.Errorf("the key of a job of the kind %s is %d bytes long, at most %d are allowed", job.Kind, len(job.Key), jobs.MaxKey)}
		}
		q = q.Values(job.ID, job.Kind, key, job.IncidentID, payload, job.Position, jobWaiting, job.DueAt, job.NextAttemptAt, job.CreateAt,
			job.Attempts, job.LastError, job.Owner, job.LeasedUntil)
	}
	return q
}

// refused is a value that no statement takes.
type refused struct{ error }

// ToSql implements sq.Sqlizer.
func (r refused) ToSql() (string, []interface{}, error) { return "", nil, r.error }

// ignoreConflict ends an INSERT into IR_Job that does nothing if the job is stored already.
func (s *Store) ignoreConflict() string {
	if s.postgres {
		return "ON CONFLICT DO NOTHING"
	}
	return "ON DUPLICATE KEY UPDATE ID = ID"
}

func (s *jobStore) Due(ctx context.Context, q jobs.Query) ([]jobs.Job, error) {
	query := s.builder.Select(jobColumns...).From("IR_Job j").Where(sq.Eq{"j.Kind": q.Kind, "j.State": jobWaiting}).
		Where(sq.LtOrEq{"j.NextAttemptAt": q.Now}).Where(sq.LtOrEq{"j.LeasedUntil": q.Now})
	if q.Ordered {
		query = query.Where("NOT EXISTS (SELECT 1 FROM IR_Job o WHERE o.IncidentID = j.IncidentID AND o.Kind = j.Kind" +
			" AND o.State = '" + jobWaiting + "' AND o.Position < j.Position)")
	}
	var rows []jobRow
	err := s.selectAll(ctx, s.db, &rows, query.OrderBy(dueOrder(q)...).Limit(uint64(max(q.Limit, 0))))
	if err != nil {
		return nil, errors.Wrap(err, "look for due jobs")
	}
	due := make([]jobs.Job, 0, len(rows))
	for i := range rows {
		due = append(due, rows[i].job())
	}
	return due, nil
}

func dueOrder(q jobs.Query) []string {
	if q.Newest {
		return []string{"j.NextAttemptAt DESC", "j.ID DESC"}
	}
	return []string{"j.NextAttemptAt", "j.ID"}
}

// update runs one conditional UPDATE of jobs. It reports whether a row fulfilled the condition. An UPDATE waits for a
// transaction that has locked the row, and then sees the committed row.
func (s *jobStore) update(ctx context.Context, q sq.UpdateBuilder) (bool, error) {
	var n int64
	err := s.withRetry(ctx, func() (err error) {
		n, err = s.exec(ctx, s.db, q)
		return err
	})
	return n > 0, err
}

func (s *jobStore) claim(id, owner string, now, until int64) sq.UpdateBuilder {
	return s.builder.Update("IR_Job").Set("LeaseOwner", owner).Set("LeasedUntil", until).Set("Attempts", sq.Expr("Attempts + 1")).
		Where(sq.Eq{"ID": id, "State": jobWaiting}).Where(sq.LtOrEq{"LeasedUntil": now})
}

func (s *jobStore) Claim(ctx context.Context, job jobs.Job, owner string, now, until int64) (bool, error) {
	claimed, err := s.update(ctx, s.claim(job.ID, owner, now, until).
		Where(sq.LtOrEq{"NextAttemptAt": now}).Where(sq.Eq{"Attempts": job.Attempts}))
	return claimed, errors.Wrap(err, "claim a job")
}

func (s *jobStore) ClaimUnfinished(ctx context.Context, id, owner string, now, until int64) (claimed, stored bool, err error) {
	if claimed, err = s.update(ctx, s.claim(id, owner, now, until)); err != nil || claimed {
		return claimed, claimed, errors.Wrap(err, "claim a job")
	}
	var n int
	err = s.get(ctx, s.db, &n, s.builder.Select("COUNT(*)").From("IR_Job").Where(sq.Eq{"ID": id}))
	return false, n > 0, errors.Wrap(err, "look for a job")
}

// held selects the job of a lease, if the lease was not lost.
func held(l jobs.Lease) sq.Eq {
	return sq.Eq{"ID": l.JobID, "LeaseOwner": l.Owner, "State": jobWaiting}
}

func (s *jobStore) Complete(ctx context.Context, l jobs.Lease, keep bool, now int64) error {
	if keep {
		_, err := s.update(ctx, s.builder.Update("IR_Job").Set("State", jobDone).Set("NextAttemptAt", now).Set("LeasedUntil", 0).Where(held(l)))
		return errors.Wrap(err, "mark a job as done")
	}
	err := s.withRetry(ctx, func() error {
		_, err := s.exec(ctx, s.db, s.builder.Delete("IR_Job").Where(held(l)))
		return err
	})
	return errors.Wrap(err, "complete a job")
}

func (s *jobStore) Retry(ctx context.Context, l jobs.Lease, at int64, lastError string) error {
	return s.release(ctx, l, jobWaiting, at, lastError)
}

func (s *jobStore) Park(ctx context.Context, l jobs.Lease, now int64, lastError string) error {
	return s.release(ctx, l, jobFailed, now, lastError)
}

func (s *jobStore) release(ctx context.Context, l jobs.Lease, state string, at int64, lastError string) error {
	_, err := s.update(ctx, s.builder.Update("IR_Job").Set("State", state).Set("NextAttemptAt", at).Set("LastError", lastError).
		Set("LeaseOwner", "").Set("LeasedUntil", 0).Where(held(l)))
	return errors.Wrap(err, "give a job back")
}

func (s *jobStore) Withdraw(ctx context.Context, kind, key string) error {
	err := s.withRetry(ctx, func() error {
		_, err := s.exec(ctx, s.db, s.builder.Delete("IR_Job").Where(sq.Eq{"Kind": kind, "JobKey": key, "Attempts": 0}))
		return err
	})
	return errors.Wrap(err, "withdraw a job")
}

func (s *jobStore) Counts(ctx context.Context) ([]jobs.Count, error) {
	var counts []jobs.Count
	err := s.selectAll(ctx, s.db, &counts, s.builder.Select("Kind AS kind",
		"COUNT(CASE WHEN State = '"+jobWaiting+"' THEN 1 END) AS waiting",
		"COUNT(CASE WHEN State = '"+jobWaiting+"' AND LastError <> '' THEN 1 END) AS retrying",
		"COUNT(CASE WHEN State = '"+jobFailed+"' THEN 1 END) AS failed", "'' AS lasterror").
		From("IR_Job").Where(sq.NotEq{"State": jobDone}).GroupBy("Kind").OrderBy("Kind"))
	if err != nil {
		return nil, errors.Wrap(err, "count the jobs")
	}
	for n := range counts {
		c := &counts[n]
		if c.Retrying+c.Failed == 0 {
			continue
		}
		var texts []string
		err := s.selectAll(ctx, s.db, &texts, s.builder.Select("LastError").From("IR_Job").Where(sq.Eq{"Kind": c.Kind}).
			Where(sq.NotEq{"State": jobDone, "LastError": ""}).OrderBy("NextAttemptAt DESC").Limit(1))
		if err != nil {
			return nil, errors.Wrap(err, "read the errors of jobs")
		}
		if len(texts) > 0 {
			c.LastError = texts[0]
		}
	}
	return counts, nil
}

func (s *jobStore) Purge(ctx context.Context, doneBefore, parkedBefore int64) error {
	for state, before := range map[string]int64{jobDone: doneBefore, jobFailed: parkedBefore} {
		err := s.withRetry(ctx, func() error {
			_, err := s.exec(ctx, s.db, s.builder.Delete("IR_Job").Where(sq.Eq{"State": state}).Where(sq.Lt{"NextAttemptAt": before}))
			return err
		})
		if err != nil {
			return errors.Wrap(err, "delete old jobs")
		}
	}
	return nil
}

// completeUnclaimed deletes a clean-up job in the transaction that makes it unnecessary. It fails if the job was claimed:
// then what this transaction wants to store has been, or is being, removed. A job that was never stored is no error.
func (s *Store) completeUnclaimed(ctx context.Context, tx *sqlx.Tx, id string) error {
	n, err := s.exec(ctx, tx, s.builder.Delete("IR_Job").Where(sq.Eq{"ID": id, "Attempts": 0}))
	if err != nil {
		return errors.Wrap(err, "complete a job")
	}
	if n > 0 {
		return nil
	}
	var claimed int
	if err := s.get(ctx, tx, &claimed, s.builder.Select("COUNT(*)").From("IR_Job").Where(sq.Eq{"ID": id})); err != nil {
		return errors.Wrap(err, "look for a job")
	}
	if claimed > 0 {
		return errTooSlow
	}
	return nil
}
