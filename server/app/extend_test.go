package app

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// What capabilities and the change itself add is run in the transaction of the change, and of a start.
func TestExtensions_RunInTheTransaction(t *testing.T) {
	w := newServiceFixture(t)
	var heard []string
	add := func(name string) InTx {
		return func(_ context.Context, _ Tx, c Change) error {
			heard = append(heard, name+" "+string(c.Event.Type()))
			return nil
		}
	}
	w.Extend(Extensions{InTx: []InTx{add("first")}})
	w.Extend(Extensions{InTx: []InTx{add("second")}})
	r, err := w.AuthorizeEdit(ctx, "anna", "inc")
	require.NoError(t, err)
	r.InTx = add("own")
	_, err = w.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) })
	require.NoError(t, err)
	require.NoError(t, w.Restart(ctx, "anna", "inc"))
	_, err = w.Start(ctx, startRequest())
	require.NoError(t, err)
	assert.Equal(t, []string{"first ended", "second ended", "own ended", "first restarted", "second restarted", "first started", "second started"}, heard)
}

// A delivery that fails, panics or is interrupted is made later, once.
func TestDeliveries_AreMadeLater(t *testing.T) {
	for _, how := range []string{"fails", "panics"} {
		w := newServiceFixture(t)
		var attempts []int
		var last Change
		broken := true
		w.Extend(Extensions{Deliveries: []Delivery{{Kind: "page", Poll: time.Second,
			Wanted: func(_ *incident.Incident, e *incident.Event) bool { return e.Type() == incident.EventEnded },
			Deliver: func(_ context.Context, c Change, attempt int) error {
				attempts, last = append(attempts, attempt), c
				switch {
				case broken && how == "panics":
					panic("on purpose")
				case broken:
					return errBroken
				}
				return nil
			}}}})
		r, err := w.AuthorizeEdit(ctx, "anna", "inc")
		require.NoError(t, err)
		r.Attachment = "attached"
		_, err = w.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) })
		require.NoError(t, err)
		assert.Equal(t, []int{1}, attempts)
		assert.Equal(t, "attached", last.Attachment)
		require.Len(t, w.waiting(), 1, "only the delivery waits, not the announcement")
		broken = false
		for range 3 {
			w.later(time.Minute)
			w.run(t, "page")
		}
		assert.Equal(t, []int{1, 2}, attempts)
		assert.Equal(t, "anna", last.Actor)
		assert.Nil(t, last.Attachment)
		assert.Empty(t, w.waiting())
		require.NoError(t, w.Restart(ctx, "anna", "inc"))
		assert.Len(t, attempts, 2, "it was not wanted")
	}
}

// A delivery for later is not made by the request, and counts its attempts from 1 all the same.
func TestDeliveries_ForLater(t *testing.T) {
	w := newServiceFixture(t)
	var attempts []int
	failed := errBroken
	w.Extend(Extensions{Deliveries: []Delivery{{Kind: "count", Poll: time.Second, Later: true,
		Wanted: func(_ *incident.Incident, e *incident.Event) bool { return e.Type() == incident.EventStarted },
		Deliver: func(_ context.Context, c Change, attempt int) error {
			attempts = append(attempts, attempt)
			return failed
		}}}})
	_, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	assert.Empty(t, attempts)
	require.Len(t, w.waiting(), 1)
	w.run(t, "count")
	failed = nil
	for range 3 {
		w.later(time.Minute)
		w.run(t, "count")
	}
	assert.Equal(t, []int{1, 2}, attempts)
	assert.Empty(t, w.waiting())
}

// Each job of an event has an id of its own, which fits into the column.
func TestDeliveries_JobIDs(t *testing.T) {
	id := "h5x1t9j3kbr7dqwn8efo6myzca"
	assert.Equal(t, id, publishingID(JobAnnouncement, id))
	assert.Len(t, publishingID("page", id), 26)
	assert.NotEqual(t, publishingID("page", id), publishingID("other", id))
}
