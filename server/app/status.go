package app

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errStatusForbidden = incident.NewError(incident.Forbidden, "status.forbidden", "You may not post in this incident's channel. Join the channel, or ask one of its administrators for the permission.")

// CanPostStatus fails unless the user may change the incident and post in its channel.
func (s *Service) CanPostStatus(ctx context.Context, userID, id string) error {
	r, err := s.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if !s.rules.PostAsMember(userID, r.ChannelID, r.PostGranted) {
		return errStatusForbidden
	}
	return nil
}

// PostStatus posts a status update by the user, repeats it in the broadcast channel and schedules the next reminder in
// reminderSeconds (0 for none, at most incident.MaxReminderSeconds). An ended incident is a Conflict.
func (s *Service) PostStatus(ctx context.Context, userID, id, message string, reminderSeconds int64) error {
	if strings.TrimSpace(message) == "" {
		return incident.InvalidField("message", "message must not be empty: say how the incident is going.")
	}
	if err := incident.CheckText("message", message, incident.MaxMessage); err != nil {
		return err
	}
	if reminderSeconds < 0 || reminderSeconds > incident.MaxReminderSeconds {
		return incident.InvalidField("reminder", "reminder must be between 0 and %d seconds.", incident.MaxReminderSeconds)
	}
	r, shown, err := s.LoadForEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if !s.rules.PostAsMember(userID, r.ChannelID, r.PostGranted) {
		return errStatusForbidden
	}
	if err = shown.CheckUpdatable(); err != nil { // refuse before anything is posted
		return err
	}
	discard := CleanUpJob(model.NewId(), JobDiscardStatusPost, id, s.now())
	if err = s.jobs.Add(ctx, discard); err != nil {
		return err
	}
	unposted := &model.Post{UserId: userID, ChannelId: shown.ChannelID, Message: message}
	unposted.AddProp(statusProp, discard.ID)
	post, err := s.host.CreatePost(unposted)
	if err != nil {
		s.CancelCleanUp(discard, err)
		return err
	}
	r.At, r.EventID, r.Attachment = post.CreateAt, model.NewId(), post
	_, err = s.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		set, err := i.UpdateStatus(post.Id, reminderSeconds, now)
		if set != nil {
			set.CompletesCleanup = discard.ID
		}
		return set, err
	})
	if err == nil {
		return nil
	}
	// An update that was not stored must not look like one.
	if !s.Compensate(discard, func() error { return s.host.DeletePost(post.Id) }) {
		return err
	}
	return s.PublishStored(ctx, r)
}

// PublishStored publishes a change that was committed although its commit returned an error.
func (s *Service) PublishStored(ctx context.Context, r ChangeRequest) error {
	event, err := s.incidents.Event(ctx, r.ID, r.EventID)
	if err != nil {
		return err
	}
	inc, err := s.incidents.Get(ctx, r.ID)
	if err != nil {
		return err
	}
	s.publish(ctx, Change{Before: inc, After: inc, Event: &event, Actor: r.ViewerName, names: r.names, Attachment: r.Attachment})
	return nil
}

// DeleteBotPost deletes a post of the bot in an incident's channel ("" for any). Another post is left alone: version
// 1.2.0 let clients store the id of any post as that of the reminder. One that is gone is no error.
func (s *Service) DeleteBotPost(channelID, postID string) error {
	post, err := s.host.Post(postID)
	if _, refused := incident.AsError(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	if post.UserId != s.host.BotID() || channelID != "" && post.ChannelId != channelID {
		s.log.Warn("A post that was stored as an incident's reminder is none, and is left alone.", "post_id", postID, "channel_id", post.ChannelId)
		return nil
	}
	return s.host.DeletePost(postID)
}

// RemoveBotPost is DeleteBotPost for a post whose DeletePostJob is stored: a failure is logged. postID may be "".
func (s *Service) RemoveBotPost(channelID, postID string) {
	if postID == "" {
		return
	}
	err := s.DeleteBotPost(channelID, postID)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), compensateTimeout)
		defer cancel()
		err = s.jobs.Withdraw(ctx, JobDeletePost, postID)
	}
	if err != nil {
		s.log.Warn("A reminder post could not be deleted; it is tried again.", "post_id", postID, "error", err.Error())
	}
}

// DismissReminder removes the displayed reminder post. postID is the post whose button was clicked, or "": a reminder
// post of this incident that is displayed by mistake is removed as well. Nothing to dismiss is no error.
func (s *Service) DismissReminder(ctx context.Context, userID, id, postID string) error {
	c, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.ClearReminderPost() })
	if err != nil {
		return err
	}
	if postID == "" || postID == c.Before.ReminderPostID {
		return nil
	}
	post, err := s.host.Post(postID)
	if err == nil && post.UserId == s.host.BotID() && post.ChannelId == c.After.ChannelID && isReminderOf(post, id) {
		s.RemoveBotPost(c.After.ChannelID, postID)
	}
	return nil
}

var errForeignButton = incident.NewError(incident.Forbidden, "request.interactive",
	"This button is not one of Incident Management's own. Nothing was done.")

// CheckReminderClick fails with Forbidden unless postID is a post by the bot in the channel of an incident that the user may
// change: the only posts with buttons there are reminders.
func (s *Service) CheckReminderClick(ctx context.Context, userID, id, postID string) error {
	r, err := s.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	post, err := s.host.Post(postID)
	if _, refused := incident.AsError(err); err != nil && !refused {
		return err
	}
	if err != nil || post.UserId != s.host.BotID() || post.ChannelId != r.ChannelID {
		return errForeignButton
	}
	return nil
}
