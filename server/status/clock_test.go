package status

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestSoundClock(t *testing.T) {
	planned, late := incident.Clock{NextUpdateAt: 50}, incident.Clock{OverdueSince: 50}
	for name, x := range map[string]struct {
		clock            incident.Clock
		ended            bool
		post             string
		pending, shownAt int64
		want             incident.Clock
	}{
		"nothing":                         {},
		"pending, stored by 1.2.0":        {pending: 50, want: planned},
		"pending, replaced by 1.2.0":      {clock: incident.Clock{NextUpdateAt: 40}, pending: 50, want: planned},
		"pending, its time is damaged":    {clock: late, pending: overdue, want: late},
		"posted by 1.2.0":                 {clock: planned, post: "p", shownAt: 60, want: late},
		"displayed since before":          {post: "p", shownAt: 60, want: incident.Clock{OverdueSince: 60}},
		"displayed, but its post is gone": {post: "p"},
		"overdue":                         {clock: late, post: "p", shownAt: 60, want: late},
		"dismissed by 1.2.0":              {clock: late},
		"cancelled by 1.2.0":              {clock: planned},
		"ended by 1.2.0":                  {clock: planned, ended: true, pending: 50},
		"updated by 1.2.0 while overdue":  {clock: late, pending: 90, want: incident.Clock{NextUpdateAt: 90}},
	} {
		inc := &incident.Incident{IsActive: !x.ended, ReminderPostID: x.post}
		inc.SetClock(x.clock)
		assert.Equal(t, x.want, expectedClock(inc, x.pending, x.shownAt), name)
	}
}

// severityChanged is a payload of another capability that asks for another time of the next update.
type severityChanged struct{ before, after int64 }

func (severityChanged) Type() incident.EventType { return "severity_changed" }

func (p severityChanged) Sides() (before, after interface{}) {
	return map[string]int64{"next_update_at": p.before}, map[string]int64{"next_update_at": p.after}
}

func (severityChanged) WithNextUpdate(before, after int64) incident.OwnPayload {
	return severityChanged{before, after}
}

func (p severityChanged) PlannedUpdate() (at int64, moved bool) { return p.after, true }

// A change of another capability moves the clock, the reminder and the event together.
func TestNextUpdate_OfAnotherCapability(t *testing.T) {
	const now = 2_000_000
	for name, x := range map[string]struct {
		clock   incident.Clock
		plan    incident.NextUpdate
		want    incident.Clock
		removed bool
	}{
		"earlier than planned":      {incident.Clock{NextUpdateAt: now + 900}, incident.NextUpdate{NoLaterThan: now + 300}, incident.Clock{NextUpdateAt: now + 300}, false},
		"not earlier than planned":  {incident.Clock{NextUpdateAt: now + 200}, incident.NextUpdate{NoLaterThan: now + 300}, incident.Clock{NextUpdateAt: now + 200}, false},
		"none was planned":          {incident.Clock{}, incident.NextUpdate{NoLaterThan: now + 300}, incident.Clock{NextUpdateAt: now + 300}, false},
		"overdue already":           {incident.Clock{OverdueSince: now - 5}, incident.NextUpdate{NoLaterThan: now + 300}, incident.Clock{OverdueSince: now - 5}, false},
		"later, as was asked":       {incident.Clock{NextUpdateAt: now + 200}, incident.NextUpdate{At: now + 900}, incident.Clock{NextUpdateAt: now + 900}, false},
		"later, when it is overdue": {incident.Clock{OverdueSince: now - 5}, incident.NextUpdate{At: now + 900}, incident.Clock{NextUpdateAt: now + 900}, true},
		"nothing is asked":          {incident.Clock{NextUpdateAt: now + 200}, incident.NextUpdate{}, incident.Clock{NextUpdateAt: now + 200}, false},
	} {
		w := newUpdatesFixture(t)
		if x.clock.OverdueSince != 0 {
			w.becomeDue(t)
		}
		w.incident().SetClock(x.clock)
		w.incidents.due["inc"] = x.clock.NextUpdateAt
		shown := w.incident().ReminderPostID
		r := app.AsPlugin("inc")
		c, err := w.Change(ctx, r, func(*incident.Incident, int64) (*incident.ChangeSet, error) {
			return &incident.ChangeSet{Payload: severityChanged{}, NextUpdate: &x.plan}, nil
		})
		require.NoError(t, err, name)
		assert.Equal(t, x.want, w.incident().Clock(), name)
		assert.Equal(t, x.want.NextUpdateAt, w.incidents.due["inc"], "%s: the pending reminder", name)
		moved := severityChanged{}
		if x.clock != x.want {
			moved = severityChanged{x.clock.NextUpdateAt, x.want.NextUpdateAt}
		}
		assert.Equal(t, moved, c.Event.Payload, name)
		if x.removed {
			assert.NotContains(t, w.host.Posts, shown, name)
			assert.Empty(t, w.incidents.jobs.Rows(jobOverdue), name)
		} else {
			assert.Equal(t, shown, w.incident().ReminderPostID, name)
		}
	}
}

// An ended incident has no clock.
func TestNextUpdate_OfAnEndedIncident(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().IsActive = false
	_, err := w.Change(ctx, app.AsPlugin("inc"), func(*incident.Incident, int64) (*incident.ChangeSet, error) {
		return &incident.ChangeSet{Payload: severityChanged{}, NextUpdate: &incident.NextUpdate{At: 9_000_000}}, nil
	})
	require.NoError(t, err)
	assert.Equal(t, incident.Clock{}, w.incident().Clock())
	assert.Zero(t, w.incidents.due["inc"])
}

// What version 1.2.0 has stored is found, and told as an event of nobody. If it changes meanwhile, nothing is stored.
func TestNoteClock(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 9_000_000
	require.NoError(t, w.noteClock(ctx, "inc", 8_000_000, 0))
	assert.Empty(t, w.incidents.events, "another reminder is pending by now")
	require.NoError(t, w.noteClock(ctx, "inc", 9_000_000, 0))
	assert.Equal(t, incident.Clock{NextUpdateAt: 9_000_000}, w.incident().Clock())
	assert.EqualValues(t, 9_000_000, w.incidents.due["inc"])
	require.Len(t, w.incidents.events, 1)
	assert.Empty(t, w.incidents.events[0].ActorID)
	require.NoError(t, w.noteClock(ctx, "inc", 9_000_000, 0))
	assert.Len(t, w.incidents.events, 1, "it is noted once")
	require.NoError(t, w.noteClock(ctx, "unknown", 5, 0))
}
