package status

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

func TestRepeatAt_Distances(t *testing.T) {
	for interval, want := range map[time.Duration]string{
		0:                      "15m0s 45m0s 1h45m0s 3h45m0s 7h45m0s 15h45m0s",
		-1:                     "15m0s 45m0s 1h45m0s 3h45m0s 7h45m0s 15h45m0s",
		10 * time.Second:       "15m0s 45m0s 1h45m0s 3h45m0s 7h45m0s 15h45m0s",
		30 * time.Minute:       "30m0s 1h30m0s 3h30m0s 7h30m0s 15h30m0s 31h30m0s",
		4 * time.Hour:          "4h0m0s 12h0m0s 28h0m0s 52h0m0s 76h0m0s 100h0m0s",
		30 * 24 * time.Hour:    "24h0m0s 48h0m0s 72h0m0s 96h0m0s 120h0m0s 144h0m0s",
		math.MaxInt64:          "24h0m0s 48h0m0s 72h0m0s 96h0m0s 120h0m0s 144h0m0s",
		time.Duration(1 << 62): "24h0m0s 48h0m0s 72h0m0s 96h0m0s 120h0m0s 144h0m0s",
	} {
		var got []string
		for n := range maxRepeats {
			got = append(got, (time.Duration(repeatAt(1000, interval, n+1)-1000) * time.Millisecond).String())
		}
		assert.Equal(t, want, strings.Join(got, " "), "%d", interval)
	}
}

// Those that were missed are left out, and the next one comes no sooner than 15 minutes from now.
func TestNextRepeat(t *testing.T) {
	minute := time.Minute.Milliseconds()
	inc := &incident.Incident{ID: "inc", PreviousReminder: (15 * time.Minute).Nanoseconds()}
	inc.SetClock(incident.Clock{OverdueSince: 1_000_000})
	for after, want := range map[int64][2]int64{0: {1, 15}, 14: {1, 29}, 15: {2, 45}, 44: {2, 59}, 45: {3, 105}, 500: {6, 945}, 945: {0, 0}, 3 * 24 * 60: {0, 0}} {
		next, ok := nextRepeat(inc, 0, 1_000_000+after*minute)
		assert.Equal(t, want[0] != 0, ok, after)
		if ok {
			assert.Equal(t, want, [2]int64{int64(next.n), (next.at - 1_000_000) / minute}, after)
		}
	}
	next, ok := nextRepeat(inc, 2, 1_000_000)
	assert.True(t, ok && next.n == 3, "the clock was set back")
	_, ok = nextRepeat(inc, maxRepeats, 1_000_000)
	assert.False(t, ok)
}

func TestReadRepeat_OfAnyKey(t *testing.T) {
	r, ok := readRepeat(*repeat{incidentID: "inc", since: 5, at: 9, n: 2}.job(1))
	assert.True(t, ok)
	assert.Equal(t, repeat{incidentID: "inc", since: 5, at: 9, n: 2}, r)
	for _, key := range []string{"", "inc", "inc:5", "inc:x:1", "inc:5:x", "inc:5:1:1", "::"} {
		_, ok := readRepeat(jobs.Job{Key: key})
		assert.False(t, ok, key)
	}
}

// due lets the update of the fixture become overdue now, with an interval of 15 minutes.
func (w *updatesFixture) becomeDue(t *testing.T) (since int64) {
	t.Helper()
	w.findMarked()
	w.incident().PreviousReminder = (15 * time.Minute).Nanoseconds()
	since = w.Now().UnixMilli()
	w.incident().SetClock(incident.Clock{NextUpdateAt: since})
	w.incidents.due["inc"] = since
	w.remind(t)
	require.Equal(t, incident.Clock{OverdueSince: since}, w.incident().Clock())
	return since
}

// shown is the message of the displayed reminder, the only one that there is.
func (w *updatesFixture) shown(t *testing.T) string {
	t.Helper()
	require.Len(t, w.host.Posts, 1)
	require.Contains(t, w.host.Posts, w.incident().ReminderPostID)
	return w.host.Posts[w.incident().ReminderPostID].Message
}

// An overdue update is asked for again at growing distances, each time in place of the reminder before, and then not any more. Only the
// first time is an event that it is overdue.
func TestOverdue_IsToldAtGrowingDistances(t *testing.T) {
	w := newUpdatesFixture(t)
	since := w.becomeDue(t)
	assert.Equal(t, "@anna, please post a status update.", w.shown(t))
	begin, made := w.Now(), 1
	var told []string
	for minutes := range 24 * 60 {
		w.later(time.Minute)
		w.run(t, jobOverdue)
		if now := w.host.Did("CreatePost"); now > made {
			made = now
			told = append(told, w.Now().Sub(begin).String())
			message := w.shown(t)
			assert.True(t, strings.HasPrefix(message, "@anna, please post a status update.\nThe update is overdue by "+incident.FormatDuration(int64(minutes+1)*60_000)+": it was due at 1970-01-01 00:33 UTC."), message)
			assert.Equal(t, len(told) == maxRepeats, strings.HasSuffix(message, "There will be no further reminder of it."), message)
			assert.NotContains(t, message, "late")
		}
	}
	assert.Equal(t, "15m0s 45m0s 1h45m0s 3h45m0s 7h45m0s 15h45m0s", strings.Join(told, " "))
	assert.Empty(t, w.incidents.jobs.Rows(jobOverdue))
	assert.Equal(t, incident.Clock{OverdueSince: since}, w.incident().Clock())
	overdue := 0
	for _, e := range w.incidents.events {
		if e.Type() == incident.EventUpdateOverdue {
			overdue++
		}
	}
	assert.Equal(t, 1, overdue)
	assert.Equal(t, maxRepeats+1, len(w.incidents.events))
}

// After an outage one reminder stands for all that were missed, and says that it is late.
func TestOverdue_AfterAnOutage(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	w.later(3 * time.Hour)
	w.run(t, jobOverdue)
	assert.Contains(t, w.shown(t), "The update is overdue by 3h: it was due at 1970-01-01 00:33 UTC. This reminder is 2h 45m late.")
	rows := w.incidents.jobs.Rows(jobOverdue)
	require.Len(t, rows, 1)
	assert.Equal(t, w.Now().Add(45*time.Minute).UnixMilli(), rows[0].DueAt, "the next one is the fourth")
	w.later(3 * 24 * time.Hour)
	w.run(t, jobOverdue)
	assert.Contains(t, w.shown(t), "There will be no further reminder of it.")
	assert.Empty(t, w.incidents.jobs.Rows(jobOverdue))

	w = newUpdatesFixture(t)
	w.findMarked()
	due := w.Now().UnixMilli()
	w.incidents.due["inc"] = due
	w.later(3 * 24 * time.Hour)
	w.remind(t)
	assert.Equal(t, "@anna, please post a status update.\nThis reminder is late: the update was due at 1970-01-01 00:33 UTC, 3d ago.", w.shown(t))
	assert.Equal(t, incident.Clock{OverdueSince: due}, w.incident().Clock())
}

// What ends or replaces an overdue update also ends its reminders, before, while and after one is posted.
func TestOverdue_EndsWithItsUpdate(t *testing.T) {
	for name, act := range map[string]func(w *updatesFixture) error{
		"update":  func(w *updatesFixture) error { return w.PostStatus(ctx, "anna", "inc", "all well", 0) },
		"end":     func(w *updatesFixture) error { return w.End(ctx, "anna", "inc") },
		"dismiss": func(w *updatesFixture) error { return w.DismissReminder(ctx, "anna", "inc", "") },
		"snooze":  func(w *updatesFixture) error { _, err := w.Snooze(ctx, "anna", "inc", 3600, ""); return err },
	} {
		w := newUpdatesFixture(t)
		w.becomeDue(t)
		require.NoError(t, act(w), name)
		assert.Empty(t, w.incidents.jobs.Rows(jobOverdue), name)
		assert.Empty(t, w.incident().ReminderPostID, name)
		assert.Zero(t, w.incident().Clock().OverdueSince, name)

		// The change comes while the reminder is being posted.
		w = newUpdatesFixture(t)
		w.becomeDue(t)
		w.later(15 * time.Minute)
		w.incidents.beforeLock = func(i *incident.Incident) { i.ReminderPostID = ""; i.SetClock(incident.Clock{}) }
		before := w.incident().Revision
		w.run(t, jobOverdue)
		assert.Len(t, w.host.Posts, 1, "%s: the post that was made is removed", name)
		assert.Equal(t, before, w.incident().Revision, name)
	}
}

// The node that posted it has died before it could store that, or after.
func TestOverdue_ASecondAttemptPostsNothing(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	w.later(15 * time.Minute)
	w.incidents.fails["Update"] = errBroken
	w.run(t, jobOverdue)
	require.Len(t, w.host.Posts, 2)
	w.incidents.fails = map[string]error{}
	w.later(time.Minute)
	job := w.incidents.jobs.Rows(jobOverdue)[0].Job
	w.run(t, jobOverdue)
	assert.Contains(t, w.shown(t), "overdue by 15m")
	made, revision := w.host.Did("CreatePost"), w.incident().Revision
	job.Attempts = 3
	require.NoError(t, w.postOverdue(ctx, job), "an attempt that has taken long")
	assert.Equal(t, made, w.host.Did("CreatePost"))
	assert.Equal(t, revision, w.incident().Revision)
	w.shown(t)
	require.Len(t, w.incidents.jobs.Rows(jobOverdue), 1)
}

// The channel is asked if the commander is gone, the further times as well.
func TestOverdue_AsksTheChannelIfTheCommanderIsGone(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	w.host.Denied["member:anna"] = true
	w.later(15 * time.Minute)
	w.run(t, jobOverdue)
	assert.True(t, strings.HasPrefix(w.shown(t), "@boris, @clara, please post"), w.shown(t))
}

// A channel that was deleted for good is not tried for ever; one that cannot be reached is.
func TestOverdue_EndsWithItsChannel(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	w.later(15 * time.Minute)
	w.host.Fails["CreatePost"] = incident.NewError(incident.NotFound, "host.not_found", "no such channel")
	w.run(t, jobOverdue)
	require.Len(t, w.incidents.jobs.Rows(jobOverdue), 1)
	delete(w.host.Channels, "channel0")
	w.later(time.Minute)
	w.run(t, jobOverdue)
	assert.Empty(t, w.incidents.jobs.Rows(jobOverdue))
}
