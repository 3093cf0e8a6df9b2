package status

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// broadcastWanted reports whether an event is a status update that is to be broadcast.
func broadcastWanted(inc *incident.Incident, e *incident.Event) bool {
	_, update := e.Payload.(incident.StatusUpdated)
	return update && inc.BroadcastChannelID != ""
}

// deliverBroadcast makes an attempt to broadcast a status update. One whose post is gone is left out.
func (u *updates) deliverBroadcast(ctx context.Context, c app.Change, attempt int) error {
	post, made := c.Attachment.(*model.Post)
	if !made {
		var err error
		post, err = u.host.Post(c.Event.Payload.(incident.StatusUpdated).StatusPostID)
		if _, refused := incident.AsError(err); refused || err == nil && post.DeleteAt != 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return u.broadcast(ctx, &c.After, c.Event, c.Actor, post, attempt)
}

// broadcast repeats a status update in the incident's broadcast channel, if its author may post there. If not, it sends a message to the
// author. An error means that it may succeed later.
func (u *updates) broadcast(ctx context.Context, inc *incident.Incident, event *incident.Event, author string, post *model.Post, attempt int) error {
	target, err := u.host.Channel(inc.BroadcastChannelID)
	_, refused := incident.AsError(err)
	switch {
	case refused:
		return u.tellAuthor(inc, event.ActorID, i18n.N("that channel does not exist"), err)
	case err != nil:
		return err
	case target.DeleteAt != 0:
		return u.tellAuthor(inc, event.ActorID, i18n.N("that channel is archived"), nil)
	case !u.rules.Post(event.ActorID, target.Id):
		if !u.rules.Post(event.ActorID, inc.ChannelID) { // where the author has just posted: Mattermost denies all while its database is away
			return errStatusForbidden
		}
		return u.tellAuthor(inc, event.ActorID, i18n.N("you may not post in that channel"), nil)
	}
	channel, err := u.host.Channel(inc.ChannelID)
	if err != nil {
		return err
	}
	team, err := u.host.Team(channel.TeamId)
	if err != nil {
		return err
	}
	message := broadcastText(u.core.PostLanguage(), channel.DisplayName, team.Name, post.Id, author, post.CreateAt-inc.CreateAt, inc.IsActive, post.Message)
	postID, err := u.core.PostOnce(ctx, target.Id, event, message, attempt)
	if err != nil {
		return err
	}
	return u.copies.add(ctx, copied{StatusPostID: post.Id, PostID: postID, EditAt: post.EditAt, CreateAt: u.now()})
}

// tellAuthor sends the author the reason why a status update is not broadcast.
func (u *updates) tellAuthor(inc *incident.Incident, authorID, why string, err error) error {
	pairs := []interface{}{"incident_id", inc.ID, "broadcast_channel_id", inc.BroadcastChannelID, "reason", why}
	if err != nil {
		pairs = append(pairs, "error", err.Error())
	}
	u.log.Info("A status update was not broadcast.", pairs...) // for Mattermost's administrators there is nothing to do
	u.host.Ephemeral(authorID, &model.Post{UserId: u.host.BotID(), ChannelId: inc.ChannelID, Message: notBroadcast(u.core.Language(authorID), why)})
	return nil
}
