package app

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errForeignButton = incident.NewError(incident.Forbidden, "request.interactive",
	"This button is not one of Incident Management's own. Nothing was done.")

// CheckClick fails with Forbidden unless postID is a post by the bot in the channel of an incident that the user may change.
func (s *Service) CheckClick(ctx context.Context, userID, id, postID string) error {
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
