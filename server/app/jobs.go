package app

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Kinds of jobs.
const (
	JobReminder          = "reminder"            // posts a reminder; the key is incident.ReminderMark
	JobDiscardChannel    = "discard_channel"     // archives the channel of a start that was interrupted; the key is the incident's id
	JobDiscardStatusPost = "discard_status_post" // deletes the post of a status update that was not stored; the key is the job's id
	JobDeletePost        = "delete_post"         // deletes a post of the bot; the key is the post's id
	JobAnnouncement      = "announcement"        // posts about a change in the incident's channel; the key is the event's id
	JobBroadcast         = "broadcast"           // repeats a status update in the broadcast channel; the key is the event's id
)

const (
	// CleanUpDelay is how long a request may take until what it has made outside the database is removed.
	CleanUpDelay = 30 * time.Second
	// reminderLease is how long a node has to post a reminder before another node takes over.
	reminderLease = time.Minute
	cleanUpLease  = time.Minute
	// publishLease is how long who has committed a change has to post about it before another node does, publishBackoff the wait
	// after the first failed attempt, and maxRefusals how many attempts Mattermost has to refuse until the job is parked.
	publishLease   = time.Minute
	publishBackoff = 5 * time.Second
	maxRefusals    = 10
	// adoptPeriod is how often a node looks for pending reminders that version 1.2.0 has stored.
	adoptPeriod = 10 * time.Second
	// foldPeriod is how often a node looks for names that version 1.2.0 has stored.
	foldPeriod = 30 * time.Second
)

// JobKinds are the kinds of jobs of the use cases.
func (s *Service) JobKinds() []jobs.Kind {
	cleanUp := jobs.Kind{Poll: 10 * time.Second, Concurrency: 2, Lease: cleanUpLease, Timeout: 40 * time.Second,
		Backoff: time.Minute, MaxBackoff: 24 * time.Hour, MaxAttempts: 40} // for about a month
	discardChannel, discardStatusPost, deletePost := cleanUp, cleanUp, cleanUp
	discardChannel.Name, discardChannel.KeepDone, discardChannel.Run = JobDiscardChannel, true, s.discardChannel
	discardStatusPost.Name, discardStatusPost.KeepDone, discardStatusPost.Run = JobDiscardStatusPost, true, s.discardStatusPost
	deletePost.Name, deletePost.Run = JobDeletePost, s.deletePost
	kinds := []jobs.Kind{
		{Name: JobReminder, Poll: time.Second, Concurrency: 4, Lease: reminderLease, Timeout: 40 * time.Second,
			Backoff: 5 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 1500, // for about a day
			Run: s.postReminder},
		publishing(JobAnnouncement, 2*time.Second, s.announceLater),
		discardChannel, discardStatusPost, deletePost,
	}
	for _, d := range s.extensions.Deliveries {
		kinds = append(kinds, publishing(d.Kind, d.Poll, s.deliverLater(d)))
	}
	return kinds
}

func publishing(name string, poll time.Duration, run func(context.Context, jobs.Job) error) jobs.Kind {
	return jobs.Kind{Name: name, Poll: poll, Concurrency: 4, Lease: publishLease, Timeout: 40 * time.Second,
		Backoff: publishBackoff, MaxBackoff: time.Minute, MaxAttempts: 1500, Ordered: true, Run: run}
}

// PeriodicJobs are what each node does at a fixed rate.
func (s *Service) PeriodicJobs() []jobs.Periodic {
	return []jobs.Periodic{
		{Name: "adopt_reminders", Every: adoptPeriod, Run: s.incidents.AdoptReminders},
		{Name: "fold_names", Every: foldPeriod, Run: s.incidents.FoldNames},
	}
}

// CleanUpJob is a job that is due if the request which stores it at now (Unix ms) does not complete it.
func CleanUpJob(id, kind, incidentID string, now int64) jobs.Job {
	due := now + CleanUpDelay.Milliseconds()
	return jobs.Job{ID: id, Kind: kind, Key: id, IncidentID: incidentID, DueAt: due, NextAttemptAt: due, CreateAt: now}
}

// DeletePostJob deletes a post of the bot in the channel of an incident. The request that stores it at now (Unix ms) tries first.
func DeletePostJob(incidentID, postID string, now int64) jobs.Job {
	return CleanUpJob(postID, JobDeletePost, incidentID, now)
}
