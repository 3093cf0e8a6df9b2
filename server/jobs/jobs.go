// Package jobs runs work that must be done later, or again after a failure or a crash. A job is a row of a table that all
// nodes share. A node claims a due job for the time of a lease, makes one attempt, and then completes the job, schedules
// the next attempt, or parks the job as failed. A job whose node died is claimed by another node when the lease has ended.
//
// A job may therefore be attempted more than once. Each kind of job has to find out what an earlier attempt has done.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// MaxKey is how long the key of a job may be, in bytes. The column of MySQL has no room for more.
const MaxKey = 64

// Job is one piece of work.
type Job struct {
	// ID is the primary key.
	ID   string
	Kind string
	// Key is unique among the jobs of a kind, so that a job can be named without its ID. It has at most MaxKey bytes.
	Key string
	// IncidentID is the incident that the job belongs to, or "".
	IncidentID string
	// Payload is a JSON object, or empty.
	Payload json.RawMessage
	// Position orders the jobs of one incident and kind, see Kind.Ordered.
	Position int64
	// DueAt is when the job is to be done, NextAttemptAt when it is next tried, CreateAt when it was stored. All are in Unix
	// milliseconds.
	DueAt, NextAttemptAt, CreateAt int64
	// Attempts is how often the job was claimed, the present attempt included.
	Attempts int
	// LastError is the text of the error of the last attempt that failed.
	LastError string
	// Owner and LeasedUntil (Unix ms) are set only when a job is stored by who makes the first attempt at once, see First.
	Owner       string
	LeasedUntil int64
}

// First makes the one who stores the job at now (Unix ms) the holder of a lease, for the first attempt.
func (j Job) First(now int64, lease time.Duration) Job {
	j.Owner, j.LeasedUntil, j.Attempts = j.ID, now+lease.Milliseconds(), 1
	return j
}

// FirstLease is the lease of who has stored a job that was made by First.
func FirstLease(id string) Lease { return Lease{JobID: id, Owner: id} }

// Again reports whether an earlier attempt may have done the work, or a part of it.
func (j *Job) Again() bool { return j.Attempts > 1 }

// Kind describes one kind of job and its limits. Each kind has a loop and workers of its own, so that a slow kind does not
// delay another one.
type Kind struct {
	Name string
	// Poll is the time between two looks for due jobs.
	Poll time.Duration
	// Concurrency is how many attempts one node makes at the same time.
	Concurrency int
	// Lease is how long a claimed job is left to the node that claimed it.
	Lease time.Duration
	// Timeout ends the context of an attempt. It is shorter than Lease.
	Timeout time.Duration
	// Backoff is the wait after the first failed attempt. It doubles with each further one, up to MaxBackoff.
	Backoff, MaxBackoff time.Duration
	// MaxAttempts is how many attempts fail until the job is parked; 0 for no limit.
	MaxAttempts int
	// Ordered lets a job of an incident wait until all jobs of that incident with a smaller Position are done or parked.
	Ordered bool
	// Newest lets every second attempt take the job that has become due last, so that a job which becomes due does not wait until
	// all that were due before are done.
	Newest bool
	// KeepDone keeps the row of a completed job, so that it can be seen for a day that the job was claimed and completed.
	KeepDone bool
	// Outlives keeps a job that waits when its incident is deleted, as one that removes what a request has left behind in
	// Mattermost. Run must then do without the incident.
	Outlives bool
	// Run makes one attempt. It is called again after an error that is not Permanent. A panic counts as an error.
	Run func(ctx context.Context, job Job) error
}

// delay is the wait after the given number of attempts, all of which failed.
func (k *Kind) delay(attempts int) time.Duration {
	d := k.Backoff
	for n := 1; n < attempts && d < k.MaxBackoff; n++ {
		d *= 2
	}
	return min(d, k.MaxBackoff)
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error of Kind.Run that no further attempt can change: the job is parked as failed.
func Permanent(err error) error { return permanent{err} }

// IsPermanent reports whether err was marked by Permanent.
func IsPermanent(err error) bool { return errors.As(err, &permanent{}) }

type later struct{ wait time.Duration }

func (l later) Error() string { return "to be looked at again in " + l.wait.String() }

// Later is what Kind.Run returns if there is nothing to do yet: the job is attempted again after a time. That is no failure: it is
// neither logged nor counted as one. Kind.Run has to end it, as MaxAttempts does not count.
func Later(wait time.Duration) error { return later{wait} }

// IsLater reports whether err was made by Later, and after which time.
func IsLater(err error) (wait time.Duration, ok bool) {
	var l later
	ok = errors.As(err, &l)
	return l.wait, ok
}

// Lease is the right to complete or reschedule one job.
type Lease struct {
	JobID string
	// Owner is a new id for each claim, so that an attempt whose lease has ended cannot take part any more.
	Owner string
}

// Query selects due jobs.
type Query struct {
	Kind    string
	Ordered bool
	// Newest lists those with the latest next attempt first.
	Newest bool
	// Now is in Unix milliseconds.
	Now   int64
	Limit int
}

// Count describes the stored jobs of one kind.
type Count struct {
	Kind string
	// Waiting jobs are to be done now or later. Retrying are those of them that have failed at least once.
	Waiting, Retrying int64
	// Failed jobs are parked: they are not tried any more.
	Failed int64
	// LastError is the text of the latest error of a job that is retried or parked.
	LastError string
}

// Store is where jobs are kept. Times are in Unix milliseconds.
type Store interface {
	// Add stores jobs with one statement, except those for which there is one of the same kind with the same key.
	Add(ctx context.Context, all ...Job) error
	// Due lists waiting jobs that may be claimed, those with the earliest next attempt first, see also Query.Newest.
	Due(ctx context.Context, q Query) ([]Job, error)
	// Claim takes a job that Due has listed until a time. It returns false if the job has changed since.
	Claim(ctx context.Context, job Job, owner string, now, until int64) (bool, error)
	// ClaimUnfinished takes a waiting job that nobody else holds, whether it is due or not. stored reports whether the job is
	// stored at all: a job that a transaction has completed is not.
	ClaimUnfinished(ctx context.Context, id, owner string, now, until int64) (claimed, stored bool, err error)
	// Complete deletes a job, or, if keep is set, marks it as done.
	Complete(ctx context.Context, l Lease, keep bool, now int64) error
	// Retry gives a job back, to be tried at a time.
	Retry(ctx context.Context, l Lease, at int64, lastError string) error
	// Park marks a job as failed.
	Park(ctx context.Context, l Lease, now int64, lastError string) error
	// Withdraw deletes the job of a kind with a key unless it was ever claimed.
	Withdraw(ctx context.Context, kind, key string) error
	// Counts describes all kinds that have jobs, by name.
	Counts(ctx context.Context) ([]Count, error)
	// Purge deletes jobs that were done or parked before a time.
	Purge(ctx context.Context, doneBefore, parkedBefore int64) error
}

// Log writes to the plugin log of Mattermost; pairs alternate names and values.
type Log interface {
	Info(msg string, pairs ...interface{})
	Warn(msg string, pairs ...interface{})
	Error(msg string, pairs ...interface{})
}

// Watch hears what the runner does. Its methods must return at once.
type Watch interface {
	// Job is called after each attempt, and after a look for due jobs that failed or succeeded after a failure.
	Job(kind string, took time.Duration, err error)
	// JobLook is called after each look for due jobs, and after each run of a periodic function.
	JobLook(kind string)
	// JobCounts is called from time to time with the counts of all kinds of jobs.
	JobCounts(counts []Count)
}
