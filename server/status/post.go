package status

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// postProp marks the post of a status update with its clean-up job.
const postProp = "incident_status"

var errStatusForbidden = incident.NewError(incident.Forbidden, "status.forbidden", "You may not post in this incident's channel. Join the channel, or ask one of its administrators for the permission.")

// errArchived is refused as Mattermost refuses a user's post.
var errArchived = incident.NewError(incident.Conflict, "channel.archived",
	"The incident's channel is archived: no status update can be posted in it. Ask an administrator to restore the channel.")

// checkPostable fails if the user, who may change the incident, may not post in its channel, or the incident or its channel takes
// no update.
func (u *updates) checkPostable(userID string, r *app.ChangeRequest, isActive bool) error {
	switch {
	case r.Archived: // where later versions of Mattermost deny the permission to post
		return errArchived
	case !u.rules.PostAsMember(userID, r.ChannelID, r.PostGranted):
		return errStatusForbidden
	case !isActive:
		return incident.ErrNoUpdate
	}
	return nil
}

// CanPostStatus fails unless the user may change the incident and post in its channel.
func (u *updates) CanPostStatus(ctx context.Context, userID, id string) error {
	r, err := u.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if !u.rules.PostAsMember(userID, r.ChannelID, r.PostGranted) {
		return errStatusForbidden
	}
	return nil
}

// PostStatus posts a status update by the user, repeats it in the broadcast channel and schedules the next reminder in
// reminderSeconds (0 for none, at most incident.MaxReminderSeconds). An ended incident is a Conflict.
func (u *updates) PostStatus(ctx context.Context, userID, id, message string, reminderSeconds int64) error {
	if strings.TrimSpace(message) == "" {
		return incident.InvalidField("message", "message must not be empty: say how the incident is going.")
	}
	if err := incident.CheckText("message", message, incident.MaxMessage); err != nil {
		return err
	}
	if reminderSeconds < 0 || reminderSeconds > incident.MaxReminderSeconds {
		return incident.InvalidField("reminder", "reminder must be between 0 and %d seconds.", incident.MaxReminderSeconds)
	}
	r, err := u.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if err = u.checkPostable(userID, &r, r.IsActive); err != nil { // before anything is posted
		return err
	}
	discard := app.CleanUpJob(model.NewId(), jobDiscardStatusPost, id, u.now())
	if err = u.jobs.Add(ctx, discard); err != nil {
		return err
	}
	unposted := &model.Post{UserId: userID, ChannelId: r.ChannelID, Message: message}
	unposted.AddProp(postProp, discard.ID)
	post, err := u.host.CreatePost(unposted)
	if err != nil {
		u.core.CancelCleanUp(discard, err)
		return err
	}
	r.At, r.EventID, r.Attachment = post.CreateAt, model.NewId(), post
	r.InTx = func(ctx context.Context, tx app.Tx, _ app.Change) error { return tx.CompleteJob(ctx, discard.ID) }
	_, err = u.core.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.UpdateStatus(post.Id, reminderSeconds, now)
	})
	if err == nil {
		return nil
	}
	// An update that was not stored must not look like one.
	if !u.core.Compensate(discard, func() error { return u.host.DeletePost(post.Id) }) {
		return err
	}
	return u.core.PublishStored(ctx, r)
}

// discardPost deletes the post of a status update that was not stored.
func (u *updates) discardPost(ctx context.Context, job jobs.Job) error {
	inc, err := u.incidents.Get(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	postID, err := u.core.FindPost(ctx, inc.ChannelID, "", job.CreateAt, postProp, job.ID)
	if err != nil {
		return err
	}
	if postID == "" {
		return app.LookAgain(job, u.now())
	}
	return u.host.DeletePost(postID)
}
