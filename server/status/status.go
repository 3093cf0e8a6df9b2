// Package status is a capability: status updates of incidents, their broadcast in another channel, and the reminders of the
// next update.
package status

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Kinds of jobs.
const (
	jobReminder          = "reminder"            // posts the first reminder of an update; the key is reminderMark
	jobOverdue           = "update_overdue"      // posts a further one; the key is repeat.mark
	jobDiscardStatusPost = "discard_status_post" // deletes the post of an update that was not stored; the key is the job's id
	jobBroadcast         = "broadcast"           // repeats an update in the broadcast channel; the key is the event's id
)

const (
	// reminderLease is how long a node has to post a reminder before another node takes over.
	reminderLease = time.Minute
	// adoptPeriod is how often a node looks for pending reminders that version 1.2.0 has stored.
	adoptPeriod = 10 * time.Second
)

// updates is the use cases. It is safe for concurrent use.
type updates struct {
	core      *app.Service
	incidents capability.Incidents
	jobs      jobs.Store
	rules     *access.Rules
	host      app.Host
	log       app.Log
	watch     app.Watch
	pluginID  string
	reminders reminders
	copies    copies
	people    people
	// erase is Capability.Erase.
	erase func(ctx context.Context, tx app.Tx, incidentID string) error
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	u := &updates{core: core.Service, incidents: core.Incidents, jobs: core.Jobs, rules: core.Rules, host: core.Host, log: core.Log,
		watch: core.Watch, pluginID: core.PluginID}
	stored := &database{Database: core.Database, jobs: core.Jobs, log: core.Log, pluginID: core.PluginID, pageSize: rowsPerLook, clocksAtOnce: clocksPerLook}
	stored.note = u.noteClock
	u.reminders, u.copies, u.people, u.erase = stored, stored, stored, stored.erase
	return u.capability()
}

func (u *updates) capability() capability.Capability {
	discard := app.CleanUpKind(jobDiscardStatusPost, u.discardPost)
	discard.KeepDone = true
	reminder := jobs.Kind{Name: jobReminder, Poll: time.Second, Concurrency: 4, Lease: reminderLease, Timeout: 40 * time.Second, Newest: true,
		Backoff: 5 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 1500, // for about a day
		Run: u.postReminder}
	again := reminder
	again.Name, again.Poll, again.Run = jobOverdue, 5*time.Second, u.postOverdue
	return capability.Capability{
		Name: "status", Routes: u.routes(), Commands: []capability.Command{u.command(), u.snoozeCommand()}, InTx: u.inTx, Listener: u,
		OwnFields: []capability.OwnField{{Key: incident.OwnClock}}, Adjust: adjust, Facts: facts,
		Deliveries: []app.Delivery{{Kind: jobBroadcast, Poll: 5 * time.Second, Wanted: broadcastWanted, Deliver: u.deliverBroadcast}},
		Jobs:       []jobs.Kind{reminder, again, discard},
		Periodic: []jobs.Periodic{{Name: "adopt_reminders", Every: adoptPeriod, Run: u.reminders.adopt},
			{Name: "follow_updates", Every: followPeriod, Run: u.follow}},
		Hooks:  capability.Hooks{PostUpdated: u.postUpdated},
		Tables: []string{copyTable}, Migrations: []capability.Migration{addCopies},
		Clear: u.reminders.clear, Erase: u.erase,
	}
}

// inTx lets the pending reminder, its job and that of the next reminder of an overdue update follow the clock, and stores the job that
// removes a reminder post which is not displayed any more.
func (u *updates) inTx(ctx context.Context, tx app.Tx, c app.Change) error {
	// Version 1.2.0 let clients store any text: then there is no such post.
	if removed := removedPost(&c); model.IsValidId(removed) {
		if _, err := tx.Exec(ctx, tx.InsertJob(app.DeletePostJob(c.After.ID, removed, u.now()))); err != nil {
			return err
		}
	}
	before, after := c.Before.Clock(), c.After.Clock()
	if before.OverdueSince != after.OverdueSince {
		if err := u.reminders.setRepeat(ctx, tx, c.After.ID, u.repeatJob(&c.After, 0)); err != nil {
			return err
		}
	}
	set := before.NextUpdateAt != after.NextUpdateAt
	switch c.Event.Payload.(type) {
	case incident.UpdateOverdue, incident.ReminderDropped: // those who make them end the reminder
		set = false
	case incident.UpdatePlanned:
		if c.Event.ActorID == "" { // it states what is pending
			return nil
		}
	case incident.StatusUpdated, incident.Ended: // also if version 1.2.0 has stored another time meanwhile
		set = true
	}
	if !set {
		return nil
	}
	return u.reminders.set(ctx, tx, c.After.ID, after.NextUpdateAt)
}

// removedPost is the reminder post that is no longer displayed after a change, "" for none.
func removedPost(c *app.Change) string {
	if removed := c.Event.RemovedReminderPost(); removed != "" {
		return removed
	}
	if c.Before.ReminderPostID != c.After.ReminderPostID {
		return c.Before.ReminderPostID
	}
	return ""
}

// IncidentChanged removes a reminder post that is not displayed any more.
func (u *updates) IncidentChanged(_ context.Context, c app.Change) {
	u.core.RemoveBotPost(c.After.ChannelID, removedPost(&c))
}

func (u *updates) now() int64 { return u.core.Now().UnixMilli() }

func (u *updates) command() capability.Command {
	return capability.Command{Name: "update", After: "end", Usage: []capability.Usage{{Help: i18n.N("Post a status update.")}},
		Suggestion: func() *model.AutocompleteData {
			return model.NewAutocompleteData("update", "", i18n.N("Post a status update"))
		},
		Run: func(ctx context.Context, c *capability.Call) error {
			inc, err := c.Incident(ctx)
			if err != nil {
				return err
			}
			return u.openDialog(ctx, c.UserId, inc.ID, c.TriggerId)
		}}
}
