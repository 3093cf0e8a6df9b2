package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Selector reads rows of the database, in a transaction or outside.
type Selector interface {
	// Postgres reports whether the database is PostgreSQL, else it is MySQL or MariaDB.
	Postgres() bool
	// Builder builds statements in the dialect of the database.
	Builder() sq.StatementBuilderType
	// Select reads all rows into a slice. The names of columns are matched in lower case.
	Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error
}

// Tx is the transaction of a change, or one of a capability. Nothing else may be done in it: no call to Mattermost, no other connection.
type Tx interface {
	Selector
	// Exec runs statements and returns the number of rows that the last one has found. On PostgreSQL it is one round trip, and
	// none of them sees what the others have written.
	Exec(ctx context.Context, statements ...sq.Sqlizer) (int64, error)
	// InsertJob is a statement for Exec that stores a job, unless there is one of the same kind with the same key.
	InsertJob(job jobs.Job) sq.Sqlizer
	// DropJob is a statement for Exec that deletes the job of a kind with a key. An attempt that has begun goes on, and is the
	// last one.
	DropJob(kind, key string) sq.Sqlizer
	// SetJob makes a job the only one of its kind of an incident that is to be done; nil only removes the others. One that was
	// claimed is left alone. with are statements that are run in the same round trip on PostgreSQL, before those of the jobs
	// elsewhere.
	SetJob(ctx context.Context, kind, incidentID string, job *jobs.Job, with ...sq.Sqlizer) error
	// CompleteJob deletes a clean-up job that becomes unnecessary with the change. It fails with a Conflict if the job was
	// claimed: then what the change wants to store has been, or is being, removed.
	CompleteJob(ctx context.Context, id string) error
}

// ErrUnchanged is returned by an InTx if there turns out to be nothing to change: nothing is stored, and the Change has no
// event.
var ErrUnchanged = errors.New("there is nothing to change")

// InTx adds statements to the transaction of a change, after the incident and the event were written. It is also called for the start
// of an incident as well; then c.Before is empty. It may run again, after a deadlock. An error undoes the change.
type InTx func(ctx context.Context, tx Tx, c Change) error

// Delivery is what follows from a change outside of the database and must be done, such as a post in another channel. Its job
// is stored with the change. The first attempt is made by the process that made the change, before it answers, unless it is for Later. After a
// failure, or if the process has died, any node makes the next one.
type Delivery struct {
	// Kind is the kind of its jobs, Poll the time between two looks for those that are to be tried again.
	Kind string
	Poll time.Duration
	// Later leaves the first attempt to any node, within Poll, for what a request need not wait for.
	Later bool
	// Wanted reports whether it follows from an event. inc is the incident after the change; in a later attempt it is the
	// incident as it is by then.
	Wanted func(inc *incident.Incident, e *incident.Event) bool
	// Deliver makes one attempt; attempt counts from 1. From the second on it has to find out what an earlier one has done,
	// see Service.PostOnce. In a later attempt Before and After are the incident as it is by then. An error means that it may
	// succeed later.
	Deliver func(ctx context.Context, c Change, attempt int) error
}

// Extensions is what capabilities add to each change.
type Extensions struct {
	InTx       []InTx
	Deliveries []Delivery

	Starting []Starting
	Ending   []Ending
	Adjust   []Adjust
	// PlaybookFields are the keys of the Own of playbooks that clients may set.
	PlaybookFields map[string]PlaybookField
	// CheckPlaybook refuses playbooks whose parts do not fit together, as they are to be stored. It does no I/O.
	CheckPlaybook []func(p *playbook.Playbook) error
	// Facts are what is said about an incident, StartLines and EndLines what is added to the posts about its start and its end, which
	// are Markdown.
	Facts                []func(inc *incident.Incident, language *i18n.Language) []Fact
	StartLines, EndLines []func(inc *incident.Incident, language *i18n.Language) []string
}

// Extend adds to what is done with each change. Call it before the first one.
func (s *Service) Extend(x Extensions) {
	s.extensions.InTx = append(s.extensions.InTx, x.InTx...)
	s.extensions.Deliveries = append(s.extensions.Deliveries, x.Deliveries...)
	s.extensions.Starting = append(s.extensions.Starting, x.Starting...)
	s.extensions.Ending = append(s.extensions.Ending, x.Ending...)
	s.extensions.Adjust = append(s.extensions.Adjust, x.Adjust...)
	s.extensions.CheckPlaybook = append(s.extensions.CheckPlaybook, x.CheckPlaybook...)
	s.extensions.Facts = append(s.extensions.Facts, x.Facts...)
	s.extensions.StartLines = append(s.extensions.StartLines, x.StartLines...)
	s.extensions.EndLines = append(s.extensions.EndLines, x.EndLines...)
	if s.extensions.PlaybookFields == nil {
		s.extensions.PlaybookFields = map[string]PlaybookField{}
	}
	maps.Copy(s.extensions.PlaybookFields, x.PlaybookFields)
}

// with returns x with more of what is added to the transaction of one change.
func (x Extensions) with(inTx []InTx) Extensions {
	x.InTx = slices.Concat(x.InTx, inTx)
	return x
}

// PublishingJobs are the jobs that publish an event of an incident: the post that announces it, and the deliveries. They are
// stored with the event at now (Unix ms), and leased to who stores them, unless they are for later. If that process dies, or the first
// attempt fails, they are tried again.
func (x Extensions) PublishingJobs(inc *incident.Incident, e *incident.Event, now int64) (all []jobs.Job) {
	add := func(kind string, later bool) {
		job := jobs.Job{ID: publishingID(kind, e.ID), Kind: kind, Key: e.ID, IncidentID: inc.ID, Position: e.Revision, DueAt: now, NextAttemptAt: now, CreateAt: now}
		if !later {
			job = job.First(now, publishLease)
		}
		all = append(all, job)
	}
	if text.Announced(e.Payload) {
		add(JobAnnouncement, false)
	}
	for _, d := range x.Deliveries {
		if d.Wanted(inc, e) {
			add(d.Kind, d.Later)
		}
	}
	return all
}

// publishingID is the id of the job of a kind that publishes an event. That of the announcement has the id of the event, so
// that the statement which stores the post's id can complete it.
func publishingID(kind, eventID string) string {
	if kind == JobAnnouncement {
		return eventID
	}
	sum := sha256.Sum256([]byte(kind + ":" + eventID))
	return hex.EncodeToString(sum[:13])
}

// deliverFirst makes the first attempt of each delivery of a change that was just made, unless it is for later.
func (s *Service) deliverFirst(ctx context.Context, c Change) {
	for _, d := range s.extensions.Deliveries {
		if !d.Later && d.Wanted(&c.After, c.Event) {
			s.endFirst(d.Kind, c, jobs.Guarded(func() error { return d.Deliver(ctx, c, 1) }))
		}
	}
}

// deliverLater returns what makes a further attempt of a delivery.
func (s *Service) deliverLater(d Delivery) func(context.Context, jobs.Job) error {
	return func(ctx context.Context, job jobs.Job) error {
		event, inc, err := s.eventOf(ctx, job.IncidentID, job.Key)
		if err != nil || event == nil || !d.Wanted(&inc, event) {
			return err
		}
		return lasting(job, d.Deliver(ctx, Change{Before: inc, After: inc, Event: event, Actor: s.Username(event.ActorID)}, job.Attempts))
	}
}
