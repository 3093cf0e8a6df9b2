package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// broadcastFirst makes the first attempt to broadcast a status update that was just made.
func (s *Service) broadcastFirst(ctx context.Context, c Change) {
	if c.After.BroadcastChannelID != "" {
		s.endFirst(c, s.broadcast(ctx, &c.After, c.Event, c.Actor, c.statusPost, 1))
	}
}

// broadcastLater makes a further attempt to broadcast a status update.
func (s *Service) broadcastLater(ctx context.Context, job jobs.Job) error {
	event, inc, err := s.eventOf(ctx, job.IncidentID, job.Key)
	if err != nil || event == nil || inc.BroadcastChannelID == "" {
		return err
	}
	update, ok := event.Payload.(incident.StatusUpdated)
	if !ok {
		return nil
	}
	post, err := s.host.Post(update.StatusPostID)
	if _, refused := incident.AsError(err); refused || err == nil && post.DeleteAt != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return lasting(job, s.broadcast(ctx, &inc, event, s.username(event.ActorID), post, job.Attempts))
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
	_, err = s.postOnce(ctx, target.Id, event, message, attempt)
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
