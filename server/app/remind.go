package app

import (
	"context"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// reminderProp marks a reminder post with the reminder it belongs to, so that a node that takes over after a crash finds the
// post that may have been made.
const reminderProp = "incident_reminder"

// postReminder posts the reminder of an incident, if it is still pending.
func (s *Service) postReminder(ctx context.Context, job jobs.Job) error {
	id, mark := job.IncidentID, job.Key
	pending, err := s.incidents.ReminderAt(ctx, id)
	if err != nil {
		return err
	}
	inc, err := s.incidents.Get(ctx, id)
	gone := incident.IsKind(err, incident.NotFound)
	if err != nil && !gone {
		return err
	}
	if gone || !inc.IsActive || pending != job.DueAt {
		return s.retractReminder(ctx, &inc, job)
	}
	postID := ""
	if job.Again() {
		if postID, err = s.findReminder(ctx, &inc, job); err != nil {
			return err
		}
	}
	if postID == "" {
		post, postErr := s.host.CreatePost(s.reminderPost(&inc, mark))
		if incident.IsKind(postErr, incident.NotFound) {
			return s.dropReminder(ctx, &inc, job.DueAt, postErr)
		}
		if postErr != nil {
			return postErr
		}
		postID = post.Id
	}
	updates := len(inc.StatusPostIDs)
	c, err := s.Change(ctx, AsPlugin(id), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if !i.IsActive || len(i.StatusPostIDs) != updates { // ended or updated while the post was being made
			return nil, nil
		}
		return i.ShowReminderPost(postID, job.DueAt)
	})
	if err != nil {
		return err
	}
	if c.Event == nil {
		return s.DeleteBotPost(c.After.ChannelID, postID)
	}
	if s.Watch != nil {
		s.Watch.Reminder(time.Duration(s.now()-job.DueAt) * time.Millisecond)
	}
	return nil
}

// findReminder looks for the post that an earlier attempt may have made.
func (s *Service) findReminder(ctx context.Context, inc *incident.Incident, job jobs.Job) (postID string, err error) {
	return s.FindPost(ctx, inc.ChannelID, s.host.BotID(), max(job.DueAt, job.CreateAt), reminderProp, job.Key)
}

// retractReminder ends the job of a reminder that is not pending any more, and removes the post that an earlier attempt may
// have made. The reminder of an incident that is gone, or that version 1.2.0 has ended, is cancelled.
func (s *Service) retractReminder(ctx context.Context, inc *incident.Incident, job jobs.Job) error {
	if job.Again() && inc.ID != "" {
		postID, err := s.findReminder(ctx, inc, job)
		if err == nil && postID != "" && postID != inc.ReminderPostID {
			err = s.DeleteBotPost(inc.ChannelID, postID)
		}
		if err != nil {
			return err
		}
	}
	if inc.IsActive {
		return nil
	}
	return s.incidents.CancelReminder(ctx, job.IncidentID, job.DueAt)
}

// dropReminder ends a reminder that cannot be posted if that is because the incident's channel was deleted for good.
func (s *Service) dropReminder(ctx context.Context, inc *incident.Incident, dueAt int64, postErr error) error {
	if _, err := s.host.Channel(inc.ChannelID); !incident.IsKind(err, incident.NotFound) {
		return postErr
	}
	c, err := s.Change(ctx, AsPlugin(inc.ID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.DropReminder(dueAt) })
	if err != nil || c.Event == nil {
		return err
	}
	s.log.Warn("A reminder was dropped: the channel of its incident was deleted for good.", "incident_id", inc.ID, "channel_id", inc.ChannelID)
	return nil
}

func (s *Service) reminderPost(inc *incident.Incident, mark string) *model.Post {
	url := "/plugins/" + s.pluginID + "/api/v0/incidents/" + inc.ID + "/reminder/"
	button := func(id, name string) *model.PostAction {
		return &model.PostAction{Id: strings.ReplaceAll(id, "-", ""), Name: name, Type: model.POST_ACTION_TYPE_BUTTON,
			Integration: &model.PostActionIntegration{URL: url + id}}
	}
	post := &model.Post{UserId: s.host.BotID(), ChannelId: inc.ChannelID, Message: text.ReminderDue(s.Username(inc.CommanderUserID))}
	model.ParseSlackAttachment(post, []*model.SlackAttachment{{Actions: []*model.PostAction{
		button("button-update", "Update Status"), button("button-dismiss", "Dismiss"),
	}}})
	post.AddProp(reminderProp, mark)
	return post
}

func isReminderOf(post *model.Post, incidentID string) bool {
	mark, _ := post.GetProp(reminderProp).(string)
	return strings.HasPrefix(mark, incidentID+":")
}
