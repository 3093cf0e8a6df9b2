package status

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// An update that was due and has not come is asked for by the reminder, and then again at growing distances: after one interval of
// the incident, after two more, four more and so on. Each further reminder takes the place of the displayed one, and stores the
// job of the next.

const (
	// maxRepeats is how often an update is asked for again after the reminder. Then there is no further one.
	maxRepeats = 6
	// minDistance and maxDistance are the least and the greatest distance between two reminders of the same update.
	minDistance = 15 * time.Minute
	maxDistance = 24 * time.Hour
	// lateAfter is how much later than planned a reminder is that says that it is late.
	lateAfter = 5 * time.Minute
)

// repeatAt is when an update is to be asked for again for the nth time (from 1), in Unix ms. It was due since a time (Unix ms).
func repeatAt(since int64, interval time.Duration, n int) int64 {
	distance, after := min(max(interval, minDistance), maxDistance), time.Duration(0)
	for range n {
		after += distance
		distance = min(2*distance, maxDistance)
	}
	return since + after.Milliseconds()
}

// repeat is one further reminder of an update.
type repeat struct {
	incidentID string
	// since is when the update was due, at when the reminder is to be posted, both in Unix ms. n counts from 1.
	since, at int64
	n         int
}

// nextRepeat is the reminder that follows at now (Unix ms) after the one with a number, 0 for the first reminder. Those whose time has passed
// are left out, and it is not before minDistance from now. ok is false if there is none any more.
func nextRepeat(inc *incident.Incident, sent int, now int64) (r repeat, ok bool) {
	r = repeat{incidentID: inc.ID, since: inc.Clock().OverdueSince}
	for r.n = sent + 1; r.n <= maxRepeats; r.n++ {
		if r.at = repeatAt(r.since, time.Duration(inc.PreviousReminder), r.n); r.at > now {
			r.at = max(r.at, now+minDistance.Milliseconds())
			return r, true
		}
	}
	return repeat{}, false
}

// mark identifies the reminder among all; it is the key of its job.
func (r repeat) mark() string { return reminderMark(r.incidentID, r.since) + ":" + strconv.Itoa(r.n) }

// job is the job that posts the reminder, stored at now (Unix ms).
func (r repeat) job(now int64) *jobs.Job {
	return &jobs.Job{ID: model.NewId(), Kind: jobOverdue, Key: r.mark(), IncidentID: r.incidentID, DueAt: r.at, NextAttemptAt: r.at, CreateAt: now}
}

// readRepeat reads the reminder of a job.
func readRepeat(job jobs.Job) (r repeat, ok bool) {
	parts := strings.Split(job.Key, ":")
	if len(parts) != 3 {
		return r, false
	}
	since, err := strconv.ParseInt(parts[1], 10, 64)
	n, err2 := strconv.Atoi(parts[2])
	return repeat{incidentID: parts[0], since: since, at: job.DueAt, n: n}, err == nil && err2 == nil
}

// pendingIn reports whether the incident still waits for the update, and displays a reminder post.
func (r repeat) pendingIn(inc *incident.Incident) bool {
	return inc.IsActive && inc.ReminderPostID != "" && inc.Clock().OverdueSince == r.since
}

// repeatJob is the job of the reminder that follows after the one with a number, nil if there is none.
func (u *updates) repeatJob(inc *incident.Incident, sent int) *jobs.Job {
	if next, ok := nextRepeat(inc, sent, u.now()); ok && inc.Clock().OverdueSince != 0 {
		return next.job(u.now())
	}
	return nil
}

// postOverdue asks again for an update that is overdue.
func (u *updates) postOverdue(ctx context.Context, job jobs.Job) error {
	r, ok := readRepeat(job)
	if !ok {
		return nil
	}
	inc, err := u.incidents.Get(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	postID := ""
	if job.Again() {
		if postID, err = u.findReminder(ctx, &inc, job); err != nil {
			return err
		}
	}
	if !r.pendingIn(&inc) {
		return u.removeUnshown(&inc, postID)
	}
	if postID == "" {
		post, err := u.host.CreatePost(u.reminderPost(ctx, &inc, r.mark(), u.overdueNote(r, &inc)))
		if incident.IsKind(err, incident.NotFound) {
			if _, gone := u.host.Channel(inc.ChannelID); incident.IsKind(gone, incident.NotFound) {
				return nil // the channel was deleted for good
			}
		}
		if err != nil {
			return err
		}
		postID = post.Id
	}
	request := app.AsPlugin(inc.ID)
	request.InTx = func(ctx context.Context, tx app.Tx, c app.Change) error {
		return u.reminders.completeRepeat(ctx, tx, job, u.repeatJob(&c.After, r.n))
	}
	c, err := u.core.Change(ctx, request, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if !r.pendingIn(i) { // ended, updated, snoozed or dismissed while the post was being made
			return nil, nil
		}
		return i.ShowReminderPost(postID)
	})
	if incident.IsKind(err, incident.NotFound) { // the incident was deleted while the post was being made
		return u.core.DeleteBotPost(inc.ChannelID, postID)
	}
	if err != nil {
		return err
	}
	if c.Event == nil {
		return u.removeUnshown(&c.After, postID)
	}
	u.watchDelay(job.DueAt)
	return nil
}

// removeUnshown deletes a reminder post, "" for none, that the incident does not display.
func (u *updates) removeUnshown(inc *incident.Incident, postID string) error {
	if postID == "" || postID == inc.ReminderPostID {
		return nil
	}
	return u.core.DeleteBotPost(inc.ChannelID, postID)
}

func (u *updates) watchDelay(dueAt int64) {
	if u.watch != nil {
		u.watch.Reminder(time.Duration(u.now()-dueAt) * time.Millisecond)
	}
}

// lateNote says that the first reminder of an update that was due at a time (Unix ms) is late, "" if it is not.
func (u *updates) lateNote(due int64) string {
	late := u.now() - due
	if late <= lateAfter.Milliseconds() || due <= overdue {
		return ""
	}
	return "\n" + u.core.PostLanguage().T("This reminder is late: the update was due at %s, %s ago.", moment(due), incident.FormatDuration(late))
}

// overdueNote says since when an update is overdue, that the reminder is late, and that it is the last one.
func (u *updates) overdueNote(r repeat, inc *incident.Incident) string {
	l, now := u.core.PostLanguage(), u.now()
	note := "\n" + l.T("The update is overdue by %s: it was due at %s.", incident.FormatDuration(now-r.since), moment(r.since))
	if late := now - r.at; late > lateAfter.Milliseconds() {
		note += " " + l.T("This reminder is %s late.", incident.FormatDuration(late))
	}
	if _, more := nextRepeat(inc, r.n, now); !more {
		note += " " + l.T("There will be no further reminder of it.")
	}
	return note
}

// moment writes a time (Unix ms) for a post that many read.
func moment(at int64) string { return time.UnixMilli(at).UTC().Format("2006-01-02 15:04 UTC") }
