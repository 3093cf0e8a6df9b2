package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// broadcastWanted reports whether an event is a status update that is to be broadcast.
func broadcastWanted(inc *incident.Incident, e *incident.Event) bool {
	_, update := e.Payload.(incident.StatusUpdated)
	return update && inc.BroadcastChannelID != ""
}

// broadcastUpdate makes an attempt to broadcast a status update. One whose post is gone is left out.
func (s *Service) broadcastUpdate(ctx context.Context, c Change, attempt int) error {
	post, made := c.Attachment.(*model.Post)
	if !made {
		var err error
		post, err = s.host.Post(c.Event.Payload.(incident.StatusUpdated).StatusPostID)
		if _, refused := incident.AsError(err); refused || err == nil && post.DeleteAt != 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return s.broadcast(ctx, &c.After, c.Event, c.Actor, post, attempt)
}

// broadcast repeats a status update in the incident's broadcast channel, if its author may post there. If not, it sends a message to the
// author. An error means that it may succeed later.
func (s *Service) broadcast(ctx context.Context, inc *incident.Incident, event *incident.Event, author string, post *model.Post, attempt int) error {
	target, err := s.host.Channel(inc.BroadcastChannelID)
	_, refused := incident.AsError(err)
	switch {
	case refused:
		return s.notBroadcast(inc, event.ActorID, "that channel does not exist", err)
	case err != nil:
		return err
	case target.DeleteAt != 0:
		return s.notBroadcast(inc, event.ActorID, "that channel is archived", nil)
	case !s.rules.Post(event.ActorID, target.Id):
		if !s.rules.Post(event.ActorID, inc.ChannelID) { // where the author has just posted: Mattermost denies all while its database is away
			return errStatusForbidden
		}
		return s.notBroadcast(inc, event.ActorID, "you may not post in that channel", nil)
	}
	channel, err := s.host.Channel(inc.ChannelID)
	if err != nil {
		return err
	}
	team, err := s.host.Team(inc.TeamID)
	if err != nil {
		return err
	}
	message := text.Broadcast(channel.DisplayName, team.Name, post.Id, author, post.CreateAt-inc.CreateAt, inc.IsActive, post.Message)
	_, err = s.PostOnce(ctx, target.Id, event, message, attempt)
	return err
}

// notBroadcast sends the author the reason why a status update is not broadcast.
func (s *Service) notBroadcast(inc *incident.Incident, authorID, why string, err error) error {
	pairs := []interface{}{"incident_id", inc.ID, "broadcast_channel_id", inc.BroadcastChannelID, "reason", why}
	if err != nil {
		pairs = append(pairs, "error", err.Error())
	}
	s.log.Info("A status update was not broadcast.", pairs...) // for Mattermost's administrators there is nothing to do
	s.host.Ephemeral(authorID, &model.Post{UserId: s.host.BotID(), ChannelId: inc.ChannelID, Message: text.NotBroadcast(why)})
	return nil
}
