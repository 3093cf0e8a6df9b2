package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// End ends an ongoing incident, cancels its reminder and removes a displayed reminder post.
func (s *Service) End(ctx context.Context, userID, id string) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) })
	return err
}

// Restart makes an ended incident ongoing again. A reminder is not scheduled.
func (s *Service) Restart(ctx context.Context, userID, id string) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.Restart() })
	return err
}

// SetStage makes the stage at index the active one.
func (s *Service) SetStage(ctx context.Context, userID, id string, index int) (incident.Incident, error) {
	c, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.SetStage(index) })
	return c.After, err
}

// MoveToStage answers the dialog that asks before leaving a stage with open tasks. from is the stage that was active
// when the dialog was opened, nil if unknown: if another one is active by now, it is a Conflict.
func (s *Service) MoveToStage(ctx context.Context, userID, id string, from *int, to int) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if from != nil && i.StageIndex() != *from && i.StageIndex() != to {
			return nil, incident.NewError(incident.Conflict, "stage.changed", "Someone else has changed the stage. Check the incident, then try again.")
		}
		return i.SetStage(to)
	})
	return err
}

// AnnounceInChannel posts in another channel, named with or without "~", that the incident is going on. It is one of the team that the
// incident's channel is in, which may have been moved: those in it name channels of that team, and only there "~" links to it.
// A channel that does not exist and one where the user may not post give the same NotFound.
func (s *Service) AnnounceInChannel(ctx context.Context, userID string, inc incident.Incident, name string) error {
	if !s.rules.EditIncident(userID, access.ChannelAccess{ChannelID: inc.ChannelID}) {
		return incident.ErrForbidden
	}
	missing := incident.NewError(incident.NotFound, "channel.not_found",
		"There is no channel ~%s in this team in which you may post.", text.Escape(incident.Truncate(name, model.CHANNEL_NAME_MAX_LENGTH)))
	own, err := s.host.Channel(inc.ChannelID)
	if err != nil {
		return err
	}
	target, err := s.host.ChannelByName(own.TeamId, name)
	if _, refused := incident.AsError(err); err != nil && !refused {
		return err
	}
	// Mattermost finds direct messages by name in every team.
	if err != nil || target.DeleteAt != 0 || target.TeamId != own.TeamId || !s.rules.Post(userID, target.Id) {
		return missing
	}
	return s.postAsBot(target.Id, s.posts().Announcement(s.Username(inc.CommanderUserID), own.Name, inc.IsActive)+s.announcedFacts(&inc))
}
