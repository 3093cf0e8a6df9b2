package app

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Kinds of jobs of the core.
const (
	JobDiscardChannel = "discard_channel" // archives the channel of a start that was interrupted; the key is the incident's id
	JobDeletePost     = "delete_post"     // deletes a post of the bot; the key is the post's id
	JobAnnouncement   = "announcement"    // posts about a change in the incident's channel; the key is the event's id
)

const (
	// CleanUpDelay is how long a request may take until what it has made outside the database is removed.
	CleanUpDelay = 30 * time.Second
	cleanUpLease = time.Minute
	// lateDelay is how long Mattermost may take to make what a request has asked for whose process has died: it goes on by itself.
	// Until then a clean-up job looks for it every lateLook. otherStart is the wait for another start of the same name.
	lateDelay  = 10 * time.Minute
	lateLook   = 2 * time.Minute
	otherStart = 10 * time.Second
	// publishLease is how long who has committed a change has to post about it before another node does, publishBackoff the wait
	// after the first failed attempt, and maxRefusals how many attempts Mattermost has to refuse until the job is parked.
	publishLease   = time.Minute
	publishBackoff = 5 * time.Second
	maxRefusals    = 10
	// foldPeriod is how often a node looks for names that version 1.2.0 has stored.
	foldPeriod = 30 * time.Second
)

// JobKinds are the kinds of jobs of the use cases and of the deliveries.
func (s *Service) JobKinds() []jobs.Kind {
	discardChannel := CleanUpKind(JobDiscardChannel, s.discardChannel)
	discardChannel.KeepDone = true
	kinds := []jobs.Kind{
		publishing(JobAnnouncement, 2*time.Second, s.announceLater),
		discardChannel, CleanUpKind(JobDeletePost, s.deletePost),
	}
	for _, d := range s.extensions.Deliveries {
		kinds = append(kinds, publishing(d.Kind, d.Poll, s.deliverLater(d)))
	}
	return kinds
}

// CleanUpKind is a kind of the jobs that CleanUpJob makes. It has to set KeepDone if a request that is slow must not store what was
// removed, see Tx.CompleteJob.
func CleanUpKind(name string, run func(context.Context, jobs.Job) error) jobs.Kind {
	return jobs.Kind{Name: name, Poll: 10 * time.Second, Concurrency: 2, Lease: cleanUpLease, Timeout: 40 * time.Second,
		Backoff: 10 * time.Second, MaxBackoff: 24 * time.Hour, MaxAttempts: 40, Outlives: true, Run: run} // for about a month
}

func publishing(name string, poll time.Duration, run func(context.Context, jobs.Job) error) jobs.Kind {
	return jobs.Kind{Name: name, Poll: poll, Concurrency: 4, Lease: publishLease, Timeout: 40 * time.Second,
		Backoff: publishBackoff, MaxBackoff: time.Minute, MaxAttempts: 1500, Ordered: true, Run: run}
}

// PeriodicJobs are what each node does at a fixed rate.
func (s *Service) PeriodicJobs() []jobs.Periodic {
	return []jobs.Periodic{
		{Name: "fold_names", Every: foldPeriod, Run: s.incidents.FoldNames},
	}
}

// CleanUpJob is a job that is due if the request which stores it at now (Unix ms) does not complete it.
func CleanUpJob(id, kind, incidentID string, now int64) jobs.Job {
	due := now + CleanUpDelay.Milliseconds()
	return jobs.Job{ID: id, Kind: kind, Key: id, IncidentID: incidentID, DueAt: due, NextAttemptAt: due, CreateAt: now}
}

// LookAgain is what a clean-up job returns at now (Unix ms) if it has found nothing to remove: Mattermost may make it later.
func LookAgain(job jobs.Job, now int64) error {
	if now < job.CreateAt+lateDelay.Milliseconds() {
		return jobs.Later(lateLook)
	}
	return nil
}

// DeletePostJob deletes a post of the bot in the channel of an incident. The request that stores it at now (Unix ms) tries first.
func DeletePostJob(incidentID, postID string, now int64) jobs.Job {
	return CleanUpJob(postID, JobDeletePost, incidentID, now)
}
