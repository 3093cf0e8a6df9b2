package capability

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"
)

// Hooks are functions that are called when something happens in Mattermost, also if it has nothing to do with incidents: so each has to
// find out quickly, best without a statement, whether it matters. All are optional. They are called on one node, once and
// after the fact, and not at all while the plugin is not active: what must not be missed has to be looked for as well, see
// Capability.Periodic. Mattermost 5.28 has no hooks for posts that are deleted, channels that are archived, and users who are
// deactivated.
type Hooks struct {
	// PostUpdated is called after a post was edited.
	PostUpdated func(ctx context.Context, post, before *model.Post)
	// JoinedChannel and LeftChannel are called after a user has joined or left a channel. actorID is who has added or removed them, "" if nobody else has.
	JoinedChannel func(ctx context.Context, channelID, userID, actorID string)
	LeftChannel   func(ctx context.Context, channelID, userID, actorID string)
	// LeftTeam is called after a user has left a team or was removed from it.
	LeftTeam func(ctx context.Context, teamID, userID, actorID string)
}

// Hooks lists the hooks of all capabilities.
func (s Set) Hooks() (all []Hooks) {
	for _, c := range s {
		all = append(all, c.Hooks)
	}
	return all
}
