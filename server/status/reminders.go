package status

import (
	"context"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// reminderProp marks a reminder post with the reminder it belongs to, so that a node that takes over after a crash finds the
// post that may have been made.
const reminderProp = "incident_reminder"

// postReminder posts the reminder of an incident, if it is still pending.
func (u *updates) postReminder(ctx context.Context, job jobs.Job) error {
	id, mark := job.IncidentID, job.Key
	pending, err := u.reminders.at(ctx, id)
	if err != nil {
		return err
	}
	inc, err := u.incidents.Get(ctx, id)
	gone := incident.IsKind(err, incident.NotFound)
	if err != nil && !gone {
		return err
	}
	if gone || !inc.IsActive || pending != job.DueAt {
		return u.retractReminder(ctx, &inc, job)
	}
	postID := ""
	if job.Again() {
		if postID, err = u.findReminder(ctx, &inc, job); err != nil {
			return err
		}
	}
	if postID == "" {
		post, postErr := u.host.CreatePost(u.reminderPost(ctx, &inc, mark, u.lateNote(job.DueAt)))
		if incident.IsKind(postErr, incident.NotFound) {
			return u.dropReminder(ctx, &inc, job.DueAt, postErr)
		}
		if postErr != nil {
			return postErr
		}
		postID = post.Id
	}
	updates := len(inc.StatusPostIDs)
	r := app.AsPlugin(id)
	r.InTx = u.reminders.end(id, job.DueAt)
	c, err := u.core.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		if !i.IsActive || len(i.StatusPostIDs) != updates { // ended or updated while the post was being made
			return nil, nil
		}
		due := job.DueAt
		if due <= overdue { // its time could not be read
			due = now
		}
		return i.ShowOverdue(postID, due)
	})
	if incident.IsKind(err, incident.NotFound) { // the incident was deleted while the post was being made
		return u.core.DeleteBotPost(inc.ChannelID, postID)
	}
	if err != nil {
		return err
	}
	if c.Event == nil {
		return u.core.DeleteBotPost(c.After.ChannelID, postID)
	}
	u.watchDelay(job.DueAt)
	return nil
}

// findReminder looks for the post that an earlier attempt may have made.
func (u *updates) findReminder(ctx context.Context, inc *incident.Incident, job jobs.Job) (postID string, err error) {
	return u.core.FindPost(ctx, inc.ChannelID, u.host.BotID(), max(job.DueAt, job.CreateAt), reminderProp, job.Key)
}

// retractReminder ends the job of a reminder that is not pending any more, and removes the post that an earlier attempt may
// have made. The reminder of an incident that is gone, or that version 1.2.0 has ended, is cancelled.
func (u *updates) retractReminder(ctx context.Context, inc *incident.Incident, job jobs.Job) error {
	if job.Again() && inc.ID != "" {
		postID, err := u.findReminder(ctx, inc, job)
		if err == nil && postID != "" && postID != inc.ReminderPostID {
			err = u.core.DeleteBotPost(inc.ChannelID, postID)
		}
		if err != nil {
			return err
		}
	}
	if inc.IsActive {
		return nil
	}
	return u.reminders.cancel(ctx, job.IncidentID, job.DueAt)
}

// dropReminder ends a reminder that cannot be posted if that is because the incident's channel was deleted for good.
func (u *updates) dropReminder(ctx context.Context, inc *incident.Incident, dueAt int64, postErr error) error {
	if _, err := u.host.Channel(inc.ChannelID); !incident.IsKind(err, incident.NotFound) {
		return postErr
	}
	r := app.AsPlugin(inc.ID)
	r.InTx = u.reminders.end(inc.ID, dueAt)
	c, err := u.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.DropReminder(dueAt) })
	if err != nil || c.Event == nil {
		return err
	}
	u.log.Warn("A reminder was dropped: the channel of its incident was deleted for good.", "incident_id", inc.ID, "channel_id", inc.ChannelID)
	return nil
}

// reminderPost is a reminder with its buttons. Those of version 1.2.0 come first. note follows the text.
func (u *updates) reminderPost(ctx context.Context, inc *incident.Incident, mark, note string) *model.Post {
	url, l := "/plugins/"+u.pluginID+"/api/v0/incidents/"+inc.ID+"/reminder/", u.core.PostLanguage()
	button := func(id, name string) *model.PostAction {
		return &model.PostAction{Id: strings.ReplaceAll(id, "-", ""), Name: name, Type: model.POST_ACTION_TYPE_BUTTON,
			Integration: &model.PostActionIntegration{URL: url + id}}
	}
	actions := []*model.PostAction{button("button-update", l.T("Update Status")), button("button-dismiss", l.T("Dismiss"))}
	for _, d := range snoozed {
		seconds := int64(d.Seconds())
		snooze := button("button-snooze", l.T("Snooze %s", intervalText(l, seconds)))
		snooze.Id += strconv.FormatInt(seconds, 10)
		snooze.Integration.Context = map[string]interface{}{"seconds": seconds}
		actions = append(actions, snooze)
	}
	post := &model.Post{UserId: u.host.BotID(), ChannelId: inc.ChannelID, Message: u.reminderText(ctx, inc) + note}
	model.ParseSlackAttachment(post, []*model.SlackAttachment{{Actions: actions}})
	post.AddProp(reminderProp, mark)
	return post
}

func isReminderOf(post *model.Post, incidentID string) bool {
	mark, _ := post.GetProp(reminderProp).(string)
	return strings.HasPrefix(mark, incidentID+":")
}

// DismissReminder removes the displayed reminder post. postID is the post whose button was clicked, or "": a reminder
// post of this incident that is displayed by mistake is removed as well. Nothing to dismiss is no error.
func (u *updates) DismissReminder(ctx context.Context, userID, id, postID string) error {
	r, err := u.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	c, err := u.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.ClearReminderPost() })
	if err != nil {
		return err
	}
	u.removePressed(&c, postID)
	return nil
}

// removePressed removes the reminder post whose button was pressed, if it is one of the incident that is displayed by mistake.
func (u *updates) removePressed(c *app.Change, postID string) {
	if postID == "" || postID == c.Before.ReminderPostID {
		return
	}
	post, err := u.host.Post(postID)
	if err == nil && post.UserId == u.host.BotID() && post.ChannelId == c.After.ChannelID && isReminderOf(post, c.After.ID) {
		u.core.RemoveBotPost(c.After.ChannelID, postID)
	}
}
