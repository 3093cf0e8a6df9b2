package status

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// The clock of an incident follows its pending and its displayed reminder, which version 1.2.0 knows as well, in the transaction of each
// change. What version 1.2.0 has stored or changed is found by the look for pending reminders.

// expectedClock is the clock of an incident whose reminder is pending for a time, or whose displayed reminder was posted at a time, both in
// Unix ms and 0 for none.
func expectedClock(inc *incident.Incident, pending, shownAt int64) incident.Clock {
	c := inc.Clock()
	switch {
	case !inc.IsActive:
		return incident.Clock{}
	case pending > overdue:
		return incident.Clock{NextUpdateAt: pending}
	case pending != 0: // its time cannot be read: it is posted at once
		return c
	case inc.ReminderPostID == "":
		return incident.Clock{}
	case c.OverdueSince != 0:
		return incident.Clock{OverdueSince: c.OverdueSince}
	case c.NextUpdateAt != 0: // version 1.2.0 has posted it
		return incident.Clock{OverdueSince: c.NextUpdateAt}
	}
	return incident.Clock{OverdueSince: shownAt}
}

// facts say when the next update is due, or since when it is overdue.
func facts(inc *incident.Incident, l *i18n.Language) []capability.Fact {
	c := inc.Clock()
	switch {
	case !inc.IsActive:
	case c.OverdueSince != 0:
		return []capability.Fact{{Label: l.T("Next update"), Text: l.T("overdue since %s", moment(c.OverdueSince)), At: c.OverdueSince}}
	case c.NextUpdateAt != 0:
		return []capability.Fact{{Label: l.T("Next update"), Text: l.T("due at %s", moment(c.NextUpdateAt)), At: c.NextUpdateAt}}
	}
	return nil
}

// noteClock sets the clock of an incident to what its reminders say.
func (u *updates) noteClock(ctx context.Context, id string, pending, shownAt int64) error {
	r := app.AsPlugin(id)
	r.InTx = u.reminders.ifStillPending(id, pending)
	_, err := u.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		return i.NoteClock(expectedClock(i, pending, shownAt))
	})
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}

// adjust carries out what a change asks of the next status update. One that is overdue already is not due later than asked.
func adjust(_, inc *incident.Incident, _ int64, set *incident.ChangeSet) {
	plan := set.NextUpdate
	if plan == nil || !inc.IsActive {
		return
	}
	before := inc.Clock()
	after := before
	switch {
	case plan.At != 0:
		after = incident.Clock{NextUpdateAt: plan.At}
	case plan.NoLaterThan == 0 || before.OverdueSince != 0:
	case before.NextUpdateAt == 0 || before.NextUpdateAt > plan.NoLaterThan:
		after.NextUpdateAt = plan.NoLaterThan
	}
	if before == after {
		return
	}
	inc.SetClock(after)
	if after.OverdueSince == 0 {
		inc.ReminderPostID = ""
	}
	if p, ok := set.Payload.(incident.PlansUpdate); ok {
		set.Payload = p.WithNextUpdate(before.NextUpdateAt, after.NextUpdateAt)
	}
}
