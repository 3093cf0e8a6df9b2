package app

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// reminderPoll is how often each node looks for due reminders, and so the greatest delay of a reminder.
	reminderPoll = time.Second
	// reminderLease is how long a node that took a due reminder has to post it before another node takes over.
	reminderLease = time.Minute
	// reminderProp marks a reminder post with the reminder it belongs to, so that a node that takes over after a
	// crash finds the post that may have been made.
	reminderProp = "incident_reminder"
	// looseEndTicks is how many polls lie between two looks for loose ends.
	looseEndTicks = 10
)

// RunReminders posts reminders as they become due, until ctx ends. Every node of a cluster runs it: a claim in the
// incident's row decides who posts.
func (s *Service) RunReminders(ctx context.Context) {
	ticker := time.NewTicker(reminderPoll)
	defer ticker.Stop()
	failures := 0
	for tick := 0; ; tick++ {
		var err error
		if tick%looseEndTicks == 0 {
			err = s.watched(JobCleanUp, func() error { return s.tieUpLooseEnds(ctx) })
		}
		if remindErr := s.watched(JobReminders, func() error { return s.postDueReminders(ctx) }); remindErr != nil {
			err = remindErr
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failures = 0
		default:
			failures++
			if failures == 1 || failures%60 == 0 { // not a line a second while the database is away
				s.log.Error("Looking for due reminders failed; it is tried again.", "attempts", failures, "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// guarded turns a panic into an error, so that one does not end all reminders.
func (s *Service) guarded(fn func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return fn()
}

// PostDueReminders posts every reminder that is due now. One that fails is logged and keeps none from being posted.
func (s *Service) PostDueReminders(ctx context.Context) error {
	return untold(s.postDueReminders(ctx))
}

func (s *Service) postDueReminders(ctx context.Context) error {
	ids, err := s.incidents.DueReminders(ctx, s.now(), reminderLease.Milliseconds())
	if err != nil {
		return err
	}
	var failed error
	for _, id := range ids {
		if err := s.postReminder(ctx, id); err != nil {
			s.log.Error("A reminder could not be posted; it is tried again.", "incident_id", id, "error", err.Error())
			failed = told{err}
		}
	}
	return failed
}

func (s *Service) postReminder(ctx context.Context, id string) error {
	inc, dueAt, again, ok, err := s.incidents.ClaimReminder(ctx, id, s.now(), reminderLease.Milliseconds())
	if err != nil || !ok {
		return err
	}
	mark := incident.ReminderMark(id, dueAt)
	postID := ""
	if again {
		if postID, err = s.incidents.FindPost(ctx, inc.ChannelID, s.host.BotID(), dueAt, needle(reminderProp, mark)); err != nil {
			return err
		}
	}
	if postID == "" {
		post, postErr := s.host.CreatePost(s.reminderPost(&inc, mark))
		if incident.IsKind(postErr, incident.NotFound) {
			return s.dropReminder(ctx, &inc, dueAt, postErr)
		}
		if postErr != nil {
			return postErr
		}
		postID = post.Id
	}
	updates := len(inc.StatusPostIDs)
	c, err := s.change(ctx, asPlugin(id), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if !i.IsActive || len(i.StatusPostIDs) != updates { // ended or updated while the post was being made
			return nil, nil
		}
		return i.ShowReminderPost(postID, dueAt)
	})
	if err != nil {
		return err
	}
	if c.Event == nil {
		s.removeReminderPost(c.After.ChannelID, postID)
		return nil
	}
	if s.Watch != nil {
		s.Watch.Reminder(time.Duration(s.now()-dueAt) * time.Millisecond)
	}
	return nil
}

// dropReminder ends a reminder that cannot be posted if that is because the incident's channel was deleted for good.
func (s *Service) dropReminder(ctx context.Context, inc *incident.Incident, dueAt int64, postErr error) error {
	if _, err := s.host.Channel(inc.ChannelID); !incident.IsKind(err, incident.NotFound) {
		return postErr
	}
	c, err := s.change(ctx, asPlugin(inc.ID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.DropReminder(dueAt) })
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
	post := &model.Post{UserId: s.host.BotID(), ChannelId: inc.ChannelID, Message: text.ReminderDue(s.username(inc.CommanderUserID))}
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
