// Package erase is a capability: a system administrator deletes one incident for good, with everything that belongs to it. It is the
// only way to remove what happened in an incident.
package erase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// EventDeleted is the name of the websocket event of an incident that was deleted; clients see it with the prefix
// custom_<plugin id>_.
const EventDeleted = "incident_deleted"

const (
	// jobArchive archives the channel of a deleted incident; the key is the channel's id. The job names no incident.
	jobArchive = "archive_erased"
	// archiveLease is how long who has deleted the incident has to archive its channel before another node does.
	archiveLease = time.Minute
	// afterwards bounds what a request does after the incident was deleted.
	afterwards = 20 * time.Second
)

// Channel says what becomes of the channel of an incident that is deleted.
type Channel string

// The choices.
const (
	Archive Channel = "archive"
	Leave   Channel = "leave"
)

var errName = incident.NewError(incident.Conflict, "erase.name",
	"The name is not that of the incident. Nothing was deleted. Give the name exactly as the incident's page shows it.").WithField("name")

var errChannel = incident.NewError(incident.Conflict, "erase.channel",
	"The channel was there before this incident, or has other incidents. Nothing was deleted. Leave the channel as it is; it can be archived by hand.").WithField("channel")

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	// SendToReaders sends a websocket event to those in a channel who may see its incident.
	SendToReaders(ctx context.Context, channelID, event string, payload interface{})
	// DeleteBotPost deletes a post of the bot in a channel.
	DeleteBotPost(channelID, postID string) error
}

// Host is what is needed of Mattermost.
type Host interface {
	Channel(id string) (*model.Channel, error)
	ArchiveChannel(id string) error
	Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast)
}

// erasure is the use case. It is safe for concurrent use.
type erasure struct {
	svc   Service
	rules *access.Rules
	host  Host
	jobs  jobs.Store
	log   app.Log
	data  capability.Database
	// outliving is capability.Core.OutlivingJobs.
	outliving func() []string
	now       func() time.Time
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	e := &erasure{svc: core.Service, rules: core.Rules, host: core.Host, jobs: core.Jobs, log: core.Log, data: core.Database,
		outliving: core.OutlivingJobs, now: time.Now}
	return capability.Capability{Name: "erase", Routes: e.routes(), Jobs: []jobs.Kind{app.CleanUpKind(jobArchive, e.archiveLater)},
		Tables: tables, Migrations: migrations}
}

// Record is what stays of an incident that was deleted.
type Record struct {
	IncidentID string `json:"incident_id"`
	// DeletedByID is the administrator, DeletedAt the time in Unix milliseconds.
	DeletedByID string `json:"deleted_by_id"`
	DeletedAt   int64  `json:"deleted_at"`
	// NameSHA256 is the hash of the incident's name in UTF-8, in hexadecimal.
	NameSHA256 string `json:"name_sha256"`
}

func nameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// Deleted is the payload of EventDeleted.
type Deleted struct {
	ID        string `json:"id"`
	TeamID    string `json:"team_id"`
	ChannelID string `json:"channel_id"`
}

// erase deletes an incident and returns its record. If the incident of this id and name was deleted before, it returns the record
// of that.
func (e *erasure) erase(ctx context.Context, adminID, id, name string, choice Channel) (Record, error) {
	now := e.now().UnixMilli()
	record := Record{IncidentID: id, DeletedByID: adminID, DeletedAt: now, NameSHA256: nameHash(name)}
	var gone incident.Incident
	var job jobs.Job
	err := e.data.Erase(ctx, id, e.outliving(), func(tx capability.Transaction, inc incident.Incident) error {
		if inc.Name != name {
			return errName
		}
		gone = inc
		if choice == Archive {
			if err := onlyForIt(ctx, tx, &inc); err != nil {
				return err
			}
			// It names no incident, so that nothing of the incident is left.
			job = app.CleanUpJob(model.NewId(), jobArchive, "", now).First(now, archiveLease)
			job.Key = inc.ChannelID
		}
		return insert(ctx, tx, record, job)
	})
	if incident.IsKind(err, incident.NotFound) {
		return e.before(ctx, record)
	}
	if err != nil {
		return Record{}, err
	}
	e.log.Info("An incident was deleted for good, with everything that belongs to it.", "incident_id", id, "user_id", adminID,
		"name_sha256", record.NameSHA256, "channel", string(choice))
	e.follow(ctx, adminID, &gone, job)
	return record, nil
}

// before returns the record of an incident that was deleted before, if it had the same name: who has lost the answer asks again.
func (e *erasure) before(ctx context.Context, asked Record) (Record, error) {
	found, err := read(ctx, e.data, asked.IncidentID)
	if err != nil {
		return Record{}, err
	}
	if found == nil || found.NameSHA256 != asked.NameSHA256 {
		return Record{}, incident.ErrNotFound
	}
	return *found, nil
}

// follow does what follows from a deletion in Mattermost. Only the archiving is tried again.
func (e *erasure) follow(ctx context.Context, adminID string, gone *incident.Incident, job jobs.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards) // the client may have gone
	defer cancel()
	deleted := Deleted{ID: gone.ID, TeamID: gone.TeamID, ChannelID: gone.ChannelID}
	e.svc.SendToReaders(ctx, gone.ChannelID, EventDeleted, deleted)
	if payload, err := incident.Marshal(deleted); err == nil { // who need not be in the channel
		e.host.Publish(EventDeleted, map[string]interface{}{"payload": string(payload)}, &model.WebsocketBroadcast{UserId: adminID})
	}
	if gone.ReminderPostID != "" {
		if err := e.svc.DeleteBotPost(gone.ChannelID, gone.ReminderPostID); err != nil {
			e.log.Info("The reminder of a deleted incident could not be removed from its channel.", "post_id", gone.ReminderPostID, "error", err.Error())
		}
	}
	if job.ID == "" {
		return
	}
	lease := jobs.FirstLease(job.ID)
	err := e.archive(job.Key)
	if err == nil {
		err = e.jobs.Complete(ctx, lease, false, e.now().UnixMilli())
	} else if failed := e.jobs.Retry(ctx, lease, e.now().UnixMilli(), jobs.ErrorText(err)); failed != nil { // the lease ends by itself
		err = failed
	}
	if err != nil {
		e.log.Warn("The channel of a deleted incident could not be archived; it is tried again.", "channel_id", job.Key, "error", err.Error())
	}
}

func (e *erasure) archiveLater(_ context.Context, job jobs.Job) error { return e.archive(job.Key) }

// archive archives a channel. One that is archived or gone is no error.
func (e *erasure) archive(channelID string) error {
	channel, err := e.host.Channel(channelID)
	if incident.IsKind(err, incident.NotFound) || err == nil && channel.DeleteAt != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	err = e.host.ArchiveChannel(channelID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}
