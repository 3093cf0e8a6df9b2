package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Listener receives each committed change on the node that made it, after the post, the websocket event and the deliveries.
// The user who makes the change waits for it, so it must be fast. What must not be lost is a Delivery. Subscriptions of subscribe.go are stored
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
		s.publishUpdated(ctx, s.announceFirst(ctx, c), c.membersRead)
	} else {
		s.publishUpdated(ctx, c.After, c.membersRead)
		s.announceFirst(ctx, c)
	}
	s.deliverFirst(ctx, c)
	s.notifyListeners(ctx, c)
}

// publishStarted is publish for the start of an incident. It also answers the client that has asked for it.
func (s *Service) publishStarted(ctx context.Context, c Change, r StartRequest, plan *startPlan) {
	s.publishUpdated(ctx, c.After, c.membersRead)
	if c.Event != nil {
		s.announceFirst(ctx, c)
	}
	if plan.post != nil {
		s.say(c.After.ChannelID, s.posts().OriginalPost(s.siteURL(), s.original(plan.post)))
	}
	if plan.hidden {
		s.say(c.After.ChannelID, s.posts().HiddenByChannel())
	}
	if why := s.noBroadcast(&c.After); why != "" {
		s.say(c.After.ChannelID, s.posts().NoBroadcasts(why))
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
				Message: s.answers(c.After.CommanderUserID).StartedIn(c.After.Name, channel.Name)})
		}
	}
	if c.Event != nil {
		s.deliverFirst(ctx, c)
		s.notifyListeners(ctx, c)
	}
}

// original is what is quoted of the post from which an incident is started. Files whose name cannot be read are left out.
func (s *Service) original(post *model.Post) text.Original {
	o := text.Original{ID: post.Id, Message: post.Message, Attachments: post.Attachments()}
	for _, id := range post.FileIds {
		name, err := s.host.FileName(id)
		if err != nil {
			s.log.Info("The name of a file could not be read for the quote of a post.", "post_id", post.Id, "error", err.Error())
			continue
		}
		o.Files = append(o.Files, name)
	}
	return o
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

// endFirst stores the outcome of the first attempt of a job of PublishingJobs, of the given kind.
func (s *Service) endFirst(kind string, c Change, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), compensateTimeout) // the request's own may have ended
	defer cancel()
	lease := jobs.FirstLease(publishingID(kind, c.Event.ID))
	var failed error
	if err == nil {
		failed = s.jobs.Complete(ctx, lease, false, s.now())
	} else {
		s.log.Warn("An incident was changed, but the post about it failed; it is tried again.",
			"incident_id", c.After.ID, "event", string(c.Event.Type()), "error", err.Error())
		failed = s.jobs.Retry(ctx, lease, s.now()+publishBackoff.Milliseconds(), jobs.ErrorText(err))
	}
	if failed != nil { // the lease ends by itself
		s.log.Warn("The job of a post about an incident could not be stored; it is tried again later.", "incident_id", c.After.ID, "error", failed.Error())
	}
}

// announceFirst makes the first attempt to announce a change. It returns the state after that.
func (s *Service) announceFirst(ctx context.Context, c Change) incident.Incident {
	fresh, err := s.announce(ctx, c, 1)
	if err != nil {
		if s.nobodyToTell(c.After.ChannelID, err) {
			err = nil
		}
		s.endFirst(JobAnnouncement, c, err)
	}
	return fresh
}

// nobodyToTell reports whether a post was refused because the channel was deleted for good or is archived.
func (s *Service) nobodyToTell(channelID string, err error) bool {
	if _, refused := incident.AsError(err); !refused {
		return false
	}
	channel, err := s.host.Channel(channelID)
	return incident.IsKind(err, incident.NotFound) || err == nil && channel.DeleteAt != 0
}

// announceLater makes a further attempt to announce a change.
func (s *Service) announceLater(ctx context.Context, job jobs.Job) error {
	return lasting(job, s.announceEvent(ctx, job.IncidentID, job.Key, job.Attempts))
}

// lasting marks an error as permanent if Mattermost has refused a post often. While its database is away it may refuse what
// it allows otherwise.
func lasting(job jobs.Job, err error) error {
	if _, refused := incident.AsError(err); refused && job.Attempts >= maxRefusals {
		return jobs.Permanent(err)
	}
	return err
}

// announceEvent makes the post of an event that was stored, unless there is one already, and stores its id with the
// event. attempt counts from 1; from the second on it looks for a post that an earlier attempt may have made. An event
// that is not announced, is gone, or whose channel was deleted for good or is archived, is no error.
func (s *Service) announceEvent(ctx context.Context, incidentID, eventID string, attempt int) error {
	event, inc, err := s.eventOf(ctx, incidentID, eventID)
	if err != nil || event == nil || event.PostID != "" {
		return err
	}
	fresh, err := s.announce(ctx, Change{Before: inc, After: inc, Event: event}, attempt)
	if err != nil {
		if s.nobodyToTell(inc.ChannelID, err) {
			return nil
		}
		return err
	}
	if holdsPost(event.Payload) {
		s.publishUpdated(ctx, fresh, false)
	}
	return nil
}

// eventOf reads an event with its incident. The event is nil if one of them is gone.
func (s *Service) eventOf(ctx context.Context, incidentID, eventID string) (*incident.Event, incident.Incident, error) {
	event, err := s.incidents.Event(ctx, incidentID, eventID)
	if err == nil {
		var inc incident.Incident
		if inc, err = s.incidents.Get(ctx, incidentID); err == nil {
			return &event, inc, nil
		}
	}
	if incident.IsKind(err, incident.NotFound) {
		err = nil
	}
	return nil, incident.Incident{}, err
}

// announce makes the post of a change and stores its id with the event, which completes the job. It returns the state after
// that, which is c.After if that failed or the event is not announced.
func (s *Service) announce(ctx context.Context, c Change, attempt int) (incident.Incident, error) {
	postID, err := s.postAnnouncement(ctx, c, attempt)
	if err != nil || postID == "" {
		return c.After, err
	}
	fresh, err := s.incidents.AttachPost(ctx, c.After, c.Event.ID, postID, func(i *incident.Incident) bool {
		return i.AttachPost(c.Event.Payload, postID)
	})
	erased := incident.IsKind(err, incident.NotFound) // while the post was being made
	if erased || errors.Is(err, ErrAnnounced) {       // or another attempt, whose lease had ended or began too early, was as fast
		of := c.After.ID
		if erased {
			of = "" // nothing of the incident is to be left
		}
		if err := s.jobs.Add(ctx, DeletePostJob(of, postID, s.now())); err != nil {
			return c.After, err
		}
		s.RemoveBotPost(c.After.ChannelID, postID)
		return c.After, nil
	}
	if err != nil {
		return c.After, fmt.Errorf("store the id of the post %s: %w", postID, err)
	}
	return fresh, nil
}

// postAnnouncement makes the post of a change, or finds the one that an earlier attempt has made. It returns "" for an
// event that is not announced.
func (s *Service) postAnnouncement(ctx context.Context, c Change, attempt int) (postID string, err error) {
	message := s.posts().ChangePost(c.Event, func(userID string) string {
		if name, known := c.names[userID]; known {
			return name
		}
		return s.Username(userID)
	})
	if message == "" {
		return "", nil
	}
	return s.PostOnce(ctx, c.After.ChannelID, c.Event, message+s.addedLines(&c.After, c.Event.Payload), attempt)
}

// PostOnce posts a message by the bot about an event, and returns the id of the post. From the second attempt on it first
// looks for the post that an earlier attempt has made in the channel.
func (s *Service) PostOnce(ctx context.Context, channelID string, event *incident.Event, message string, attempt int) (postID string, err error) {
	if attempt > 1 {
		postID, err = s.FindPost(ctx, channelID, s.host.BotID(), event.CreateAt, eventProp, event.ID)
		if err != nil || postID != "" {
			return postID, err
		}
	}
	post := &model.Post{UserId: s.host.BotID(), ChannelId: channelID, Message: message}
	post.AddProp(eventProp, event.ID)
	made, err := s.createPost(post)
	if err != nil {
		return "", err
	}
	return made.Id, nil
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
