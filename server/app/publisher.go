package app

import (
	"context"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Listener hears of each committed change on the node that made it, after the incident's channel and clients were told.
// It must return at once. A timeline, webhooks and a live card register here. Subscriptions of subscribe.go are stored
// only: as in version 1.2.0, nothing delivers events to them.
type Listener interface {
	IncidentChanged(ctx context.Context, c Change)
}

// Listen registers l. Call it before the first change.
func (s *Service) Listen(l Listener) { s.listeners = append(s.listeners, l) }

// publish does all that follows from a committed change. Nothing here undoes the change: what fails is logged.
func (s *Service) publish(ctx context.Context, c Change) {
	if c.Event == nil {
		return
	}
	if holdsPost(c.Event.Payload) { // one websocket event, which has the post's id
		fresh, _ := s.announce(ctx, c, 1)
		s.publishUpdated(fresh)
	} else {
		s.publishUpdated(c.After)
		_, _ = s.announce(ctx, c, 1)
	}
	if c.statusPost != nil {
		s.broadcast(c.After, c.Event.ActorID, c.Actor, c.statusPost)
	}
	s.removeReminderPost(c.After.ChannelID, c.Event.RemovedReminderPost())
	s.notifyListeners(ctx, c)
}

// publishStarted is publish for the start of an incident. It also answers the client that has asked for it.
func (s *Service) publishStarted(ctx context.Context, c Change, r StartRequest, original *model.Post) {
	s.publishUpdated(c.After)
	if c.Event != nil { // the post is not stored with the event, which spares a statement
		if _, err := s.postAnnouncement(ctx, c, 1); err != nil {
			s.logAnnouncement(c, err)
		}
	}
	if original != nil {
		s.say(c.After.ChannelID, text.OriginalPost(s.siteURL(), original.Id, original.Message))
	}
	created := map[string]interface{}{"incident": c.After}
	if r.ClientID != "" || r.DialogChannelID != "" {
		created["client_id"] = r.ClientID
	}
	if payload, err := incident.Marshal(created); err == nil {
		s.host.Publish(EventIncidentCreated, map[string]interface{}{"payload": string(payload)}, &model.WebsocketBroadcast{UserId: r.RequesterID})
	}
	if r.DialogChannelID != "" {
		if channel, err := s.host.Channel(c.After.ChannelID); err == nil {
			s.host.Ephemeral(c.After.CommanderUserID, &model.Post{UserId: s.host.BotID(), ChannelId: r.DialogChannelID,
				Message: text.StartedIn(c.After.Name, channel.Name)})
		}
	}
	if c.Event != nil {
		s.notifyListeners(ctx, c)
	}
}

// notifyListeners logs the panic of a listener and goes on.
func (s *Service) notifyListeners(ctx context.Context, c Change) {
	for _, l := range s.listeners {
		if err := jobs.Guarded(func() error { l.IncidentChanged(ctx, c); return nil }); err != nil {
			s.log.Error("A listener failed to handle the change of an incident.", "incident_id", c.After.ID, "event", string(c.Event.Type()), "error", err.Error())
		}
	}
}

const (
	// eventProp marks the post that announces an event with the event's id, so that another attempt finds the post that
	// may have been made.
	eventProp = "incident_event"
	// clockSkew is how far the clocks of two nodes may differ.
	clockSkew = time.Minute
)

// holdsPost reports whether the incident itself stores the post that announces the event.
func holdsPost(p incident.Payload) bool {
	switch p.(type) {
	case incident.TaskStateChanged, incident.TaskAssigneeChanged:
		return true
	}
	return false
}

// announceEvent makes the post of an event that was stored, unless there is one already, and stores its id with the
// event. attempt counts from 1; from the second on it looks for a post that an earlier attempt may have made. An event
// that is not announced, is gone, or whose channel was deleted for good is no error.
func (s *Service) announceEvent(ctx context.Context, incidentID, eventID string, attempt int) error {
	event, err := s.incidents.Event(ctx, incidentID, eventID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil || event.PostID != "" {
		return err
	}
	inc, err := s.incidents.Get(ctx, incidentID)
	if err != nil {
		return err
	}
	fresh, err := s.announce(ctx, Change{Before: inc, After: inc, Event: &event}, attempt)
	if incident.IsKind(err, incident.NotFound) {
		if _, gone := s.host.Channel(inc.ChannelID); incident.IsKind(gone, incident.NotFound) {
			return nil
		}
	}
	if err == nil && holdsPost(event.Payload) {
		s.publishUpdated(fresh)
	}
	return err
}

// announce makes the post of a change and stores its id with the event. It returns the state after that, which is c.After
// if that failed or the event is not announced. It logs the error that it returns.
func (s *Service) announce(ctx context.Context, c Change, attempt int) (incident.Incident, error) {
	postID, err := s.postAnnouncement(ctx, c, attempt)
	if err != nil || postID == "" {
		s.logAnnouncement(c, err)
		return c.After, err
	}
	fresh, err := s.incidents.AttachPost(ctx, c.After, c.Event.ID, postID, func(i *incident.Incident) bool {
		return i.AttachPost(c.Event.Payload, postID)
	})
	if err != nil {
		s.log.Warn("The id of a post about an incident could not be stored.", "incident_id", c.After.ID, "post_id", postID, "error", err.Error())
		return c.After, err
	}
	return fresh, nil
}

// postAnnouncement makes the post of a change, or finds the one that an earlier attempt has made. It returns "" for an
// event that is not announced.
func (s *Service) postAnnouncement(ctx context.Context, c Change, attempt int) (postID string, err error) {
	message := text.ChangePost(c.Event, func(userID string) string {
		if name, known := c.names[userID]; known {
			return name
		}
		return s.username(userID)
	})
	if message == "" {
		return "", nil
	}
	if attempt > 1 {
		since := c.Event.CreateAt - clockSkew.Milliseconds()
		postID, err = s.incidents.FindPost(ctx, c.After.ChannelID, s.host.BotID(), since, needle(eventProp, c.Event.ID))
		if err != nil || postID != "" {
			return postID, err
		}
	}
	post := &model.Post{UserId: s.host.BotID(), ChannelId: c.After.ChannelID, Message: message}
	post.AddProp(eventProp, c.Event.ID)
	made, err := s.createPost(post)
	if err != nil {
		return "", err
	}
	return made.Id, nil
}

func (s *Service) logAnnouncement(c Change, err error) {
	if err != nil {
		s.log.Warn("An incident was changed, but the post about it failed.", "incident_id", c.After.ID, "event", string(c.Event.Type()), "error", err.Error())
	}
}

// say posts a message by the bot; a failure is logged.
func (s *Service) say(channelID, message string) {
	if err := s.postAsBot(channelID, message); err != nil {
		s.log.Warn("A post by the bot failed.", "channel_id", channelID, "error", err.Error())
	}
}

// postAsBot posts a message by the bot.
func (s *Service) postAsBot(channelID, message string) error {
	_, err := s.createPost(&model.Post{UserId: s.host.BotID(), ChannelId: channelID, Message: message})
	return err
}

// createPost makes a post. Servers whose table of posts was never widened take 4000 characters and no more.
func (s *Service) createPost(post *model.Post) (*model.Post, error) {
	made, err := s.host.CreatePost(post)
	if short := text.Shorten(post.Message, model.POST_MESSAGE_MAX_RUNES_V1); short != post.Message && incident.IsKind(err, incident.Invalid) {
		cut := post.Clone()
		cut.Message = short
		made, err = s.host.CreatePost(cut)
	}
	return made, err
}
