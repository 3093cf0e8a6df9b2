package capability

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

// MaxAsked is how many people a post of the bot mentions if there is no commander to ask.
const MaxAsked = 10

// ActivePeople lists the usernames of active people in a channel, who are no bots, those first who have looked at it last. It returns
// at most limit of them.
func ActivePeople(ctx context.Context, d Database, channelID string, limit int) ([]string, error) {
	var names []string
	err := d.Select(ctx, &names, d.Builder().Select("u.Username").From("ChannelMembers m").Join("Users u ON u.Id = m.UserId").
		LeftJoin("Bots b ON b.UserId = u.Id").Where(sq.Eq{"m.ChannelId": channelID, "u.DeleteAt": 0, "b.UserId": nil}).
		OrderBy("m.LastViewedAt DESC", "u.Username").Limit(uint64(max(limit, 0))))
	return names, errors.Wrap(err, "read who is in a channel")
}
