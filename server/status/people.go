package status

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// people finds who is in a channel.
type people interface {
	// here lists the usernames of active people in a channel, who are no bots, those first who have looked at it last.
	here(ctx context.Context, channelID string, limit int) ([]string, error)
}

func (d *database) here(ctx context.Context, channelID string, limit int) ([]string, error) {
	return capability.ActivePeople(ctx, d, channelID, limit)
}

// reminderText asks the commander for a status update, or the people in the channel if the commander is not among them.
func (u *updates) reminderText(ctx context.Context, inc *incident.Incident) string {
	commander, present := u.core.PresentCommander(inc)
	if present {
		return askCommander(u.core.PostLanguage(), commander)
	}
	names, err := u.people.here(ctx, inc.ChannelID, capability.MaxAsked+1)
	if err != nil {
		u.log.Warn("A reminder mentions nobody by name: who is in the channel could not be read.", "incident_id", inc.ID, "error", err.Error())
	}
	return askOthers(u.core.PostLanguage(), commander, names)
}
