package status

import (
	"context"
	"sort"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// offered are the reminder intervals, in seconds. The short one is only for developers.
var offered = []int64{0, 15 * 60, 30 * 60, 60 * 60, 4 * 60 * 60, 24 * 60 * 60}

const developerInterval = 10

// openDialog asks for a status update. An ended incident is a Conflict.
func (u *updates) openDialog(ctx context.Context, userID, id, triggerID string) error {
	r, inc, err := u.core.LoadForEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if err = u.checkPostable(userID, &r, inc.IsActive); err != nil { // before the user types
		return err
	}
	l := u.core.Language(userID)
	options, chosen := u.intervals(l, inc.PreviousReminder)
	return u.core.OpenDialog(userID, triggerID, "/incidents/"+id+"/update-status-dialog", model.Dialog{
		Title:            l.T("Update Status"),
		IntroductionText: l.T("The update is posted in this channel.") + u.broadcastHint(l, userID, inc.BroadcastChannelID),
		SubmitLabel:      l.T("Update Status"),
		Elements: []model.DialogElement{
			{DisplayName: l.T("Change since last update"), Name: "message", Type: "textarea", MaxLength: incident.MaxMessage,
				Default: u.lastMessage(userID, &inc)},
			{DisplayName: l.T("Reminder for next update"), Name: "reminder", Type: "select", Optional: true, Options: options, Default: chosen},
		},
	})
}

// lastMessage is the text of the newest status post, or the template if there is none that the user may read.
func (u *updates) lastMessage(userID string, inc *incident.Incident) string {
	id := inc.LastStatusPostID()
	if id == "" {
		return inc.ReminderMessageTemplate
	}
	post, err := u.host.Post(id)
	// Stored ids need not be trustworthy: version 1.2.0 let clients store the id of any post.
	if err != nil || post.DeleteAt != 0 || post.ChannelId != inc.ChannelID ||
		!u.host.HasPermissionToChannel(userID, post.ChannelId, model.PERMISSION_READ_CHANNEL) {
		return inc.ReminderMessageTemplate
	}
	return post.Message
}

// broadcastHint says where else the update goes. A private channel is not named, and a public one only to those who may see it.
func (u *updates) broadcastHint(l *i18n.Language, userID, channelID string) string {
	if channelID == "" {
		return ""
	}
	channel, err := u.host.Channel(channelID)
	if err != nil || channel.DeleteAt != 0 {
		return ""
	}
	if channel.Type != model.CHANNEL_OPEN {
		return l.T(" It is also broadcast to a private channel.")
	}
	if !u.rules.SeeChannel(userID, channel) {
		return l.T(" It is also broadcast to a channel of another team.")
	}
	if team, err := u.host.Team(channel.TeamId); err == nil {
		return l.T(" It is also broadcast to %s.", "["+text.EscapeLink(channel.DisplayName)+"](/"+team.Name+"/channels/"+channel.Id+")")
	}
	return ""
}

// intervals lists the intervals and the one that is chosen at first: the previous one, in nanoseconds.
func (u *updates) intervals(l *i18n.Language, previous int64) ([]*model.PostActionOptions, string) {
	seconds := append([]int64(nil), offered...)
	if u.developing() {
		seconds = append(seconds, developerInterval)
	}
	chosen := previous / int64(time.Second)
	if chosen < 0 {
		chosen = 0
	}
	if chosen > incident.MaxReminderSeconds {
		chosen = incident.MaxReminderSeconds
	}
	known := false
	for _, s := range seconds {
		known = known || s == chosen
	}
	if !known {
		seconds = append(seconds, chosen)
	}
	sort.Slice(seconds, func(a, b int) bool { return seconds[a] < seconds[b] })
	options := make([]*model.PostActionOptions, 0, len(seconds))
	for _, s := range seconds {
		options = append(options, &model.PostActionOptions{Text: intervalText(l, s), Value: strconv.FormatInt(s, 10)})
	}
	return options, strconv.FormatInt(chosen, 10)
}

// intervalText writes an interval, in seconds, as the playbook editor does: 15min, 60min, 4hr.
func intervalText(l *i18n.Language, seconds int64) string {
	switch {
	case seconds == 0:
		return l.T("None")
	case seconds%3600 == 0 && seconds > 3600:
		return l.T("%dhr", seconds/3600)
	case seconds%60 == 0:
		return l.T("%dmin", seconds/60)
	}
	return l.T("%dsec", seconds)
}

func (u *updates) developing() bool {
	config := u.host.Config()
	if config == nil {
		return false
	}
	s := config.ServiceSettings
	return s.EnableTesting != nil && *s.EnableTesting && s.EnableDeveloper != nil && *s.EnableDeveloper
}
