package app

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errForeignButton = incident.NewError(incident.Forbidden, "request.interactive",
	"This button is not one of Incident Management's own. Nothing was done.")

// ButtonsProp is the name of the prop of a post by the bot, in its direct channel with a user, that says below which path, behind the
// version of the API, the post's buttons send their requests.
const ButtonsProp = "incident_buttons"

// CheckDirectClick fails with Forbidden unless postID is a post by the bot in its direct channel with the user, with buttons for
// the path. Only the user and the bot are in that channel, and only the plugin makes posts of the bot.
func (s *Service) CheckDirectClick(userID, path, postID string) error {
	post, err := s.host.Post(postID)
	if _, refused := incident.AsError(err); err != nil && !refused {
		return err
	}
	if err != nil || post.UserId != s.host.BotID() {
		return errForeignButton
	}
	if below, _ := post.GetProp(ButtonsProp).(string); below == "" || !strings.HasPrefix(path, below+"/") {
		return errForeignButton
	}
	direct, err := s.host.DirectChannel(userID)
	if err != nil {
		return err
	}
	if post.ChannelId != direct.Id {
		return errForeignButton
	}
	return nil
}

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
