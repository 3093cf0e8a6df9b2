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
	jobReminder          = "reminder"            // posts a reminder; the key is reminderMark
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
	stored := &database{Database: core.Database, jobs: core.Jobs, log: core.Log, pluginID: core.PluginID, compareUpTo: manyReminders}
	u.reminders, u.copies, u.people, u.erase = stored, stored, stored, stored.erase
	return u.capability()
}

func (u *updates) capability() capability.Capability {
	discard := app.CleanUpKind(jobDiscardStatusPost, u.discardPost)
	discard.KeepDone = true
	return capability.Capability{
		Name: "status", Routes: u.routes(), Commands: []capability.Command{u.command()}, InTx: u.inTx, Listener: u,
		Deliveries: []app.Delivery{{Kind: jobBroadcast, Poll: 5 * time.Second, Wanted: broadcastWanted, Deliver: u.deliverBroadcast}},
		Jobs: []jobs.Kind{{Name: jobReminder, Poll: time.Second, Concurrency: 4, Lease: reminderLease, Timeout: 40 * time.Second, Newest: true,
			Backoff: 5 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 1500, // for about a day
			Run: u.postReminder}, discard},
		Periodic: []jobs.Periodic{{Name: "adopt_reminders", Every: adoptPeriod, Run: u.reminders.adopt},
			{Name: "follow_updates", Every: followPeriod, Run: u.follow}},
		Hooks:  capability.Hooks{PostUpdated: u.postUpdated},
		Tables: []string{copyTable}, Migrations: []capability.Migration{addCopies},
		Clear: u.reminders.clear, Erase: u.erase,
	}
}

// inTx cancels the reminder with the end of an incident, and stores the job that removes a reminder post which is not displayed
// any more.
func (u *updates) inTx(ctx context.Context, tx app.Tx, c app.Change) error {
	// Version 1.2.0 let clients store any text: then there is no such post.
	if removed := c.Event.RemovedReminderPost(); model.IsValidId(removed) {
		if _, err := tx.Exec(ctx, tx.InsertJob(app.DeletePostJob(c.After.ID, removed, u.now()))); err != nil {
			return err
		}
	}
	if _, ended := c.Event.Payload.(incident.Ended); ended {
		return u.reminders.set(ctx, tx, c.After.ID, 0)
	}
	return nil
}

// IncidentChanged removes a reminder post that is not displayed any more.
func (u *updates) IncidentChanged(_ context.Context, c app.Change) {
	u.core.RemoveBotPost(c.After.ChannelID, c.Event.RemovedReminderPost())
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
