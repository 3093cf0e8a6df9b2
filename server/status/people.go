package status

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxAsked is how many people a reminder mentions if there is no commander to ask.
const maxAsked = 10

// people finds who is in a channel.
type people interface {
	// here lists the usernames of active people in a channel, who are no bots, those first who have looked at it last.
	here(ctx context.Context, channelID string, limit int) ([]string, error)
}

func (d *database) here(ctx context.Context, channelID string, limit int) ([]string, error) {
	var names []string
	err := d.Select(ctx, &names, d.Builder().Select("u.Username").From("ChannelMembers m").Join("Users u ON u.Id = m.UserId").
		LeftJoin("Bots b ON b.UserId = u.Id").Where(sq.Eq{"m.ChannelId": channelID, "u.DeleteAt": 0, "b.UserId": nil}).
		OrderBy("m.LastViewedAt DESC", "u.Username").Limit(uint64(max(limit, 0))))
	return names, errors.Wrap(err, "read who is in a channel")
}

// reminderText asks the commander for a status update, or the people in the channel if the commander is not among them.
func (u *updates) reminderText(ctx context.Context, inc *incident.Incident) string {
	commander, present := u.core.PresentCommander(inc)
	if present {
		return askCommander(u.core.PostLanguage(), commander)
	}
	names, err := u.people.here(ctx, inc.ChannelID, maxAsked+1)
	if err != nil {
		u.log.Warn("A reminder mentions nobody by name: who is in the channel could not be read.", "incident_id", inc.ID, "error", err.Error())
	}
	return askOthers(u.core.PostLanguage(), commander, names)
}
