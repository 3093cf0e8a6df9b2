package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// ErrOngoingInChannel is the Conflict of a start or a restart in a channel in which an incident is ongoing.
func ErrOngoingInChannel(name, id string) *incident.Error {
	return incident.NewError(incident.Conflict, "channel.incident_ongoing",
		"The incident “%s” is ongoing in this channel, and a channel has only one at a time. End it first, or use a channel of its own.", name).
		WithField("channel_id").WithDetails("incident_id: " + id)
}

var (
	errNoSuchChannel = incident.NewError(incident.NotFound, "channel.unknown",
		"This channel does not exist, or you may not see it. Choose a channel that you are in, or leave channel_id out: then the incident gets a new channel.").WithField("channel_id")
	errDirectChannel = incident.InvalidField("channel_id",
		"channel_id must not be that of direct or group messages: an incident needs a channel of its team.")
	errArchivedChannel = incident.NewError(incident.Conflict, "channel.archived",
		"This channel is archived. Unarchive it first, or start the incident in a new channel.").WithField("channel_id")
	errOtherTeam      = incident.InvalidField("channel_id", "channel_id must be that of a channel in the incident's team.")
	errNotYourChannel = incident.NewError(incident.Forbidden, "channel.start_forbidden",
		"You may not start an incident in this channel: that needs the permission to manage the channel's header. Ask an administrator of the channel, or start in a new channel.").WithField("channel_id")
)

// planChannel checks that the requester may use the existing channel, or make a new one.
func (s *Service) planChannel(ctx context.Context, r StartRequest, plan *startPlan, inc *incident.Incident) error {
	if r.ChannelID != "" {
		channel, err := s.existingChannel(ctx, r)
		if err != nil {
			return err
		}
		inc.ChannelID, inc.ExistingChannel = channel.Id, true
		public := channel.Type == model.CHANNEL_OPEN
		plan.hidden, plan.public = r.PlaybookID != "" && plan.public && !public, public
		return nil
	}
	if !s.rules.CreateIncidentChannel(r.RequesterID, r.TeamID, plan.public) {
		return incident.NewError(incident.Forbidden, "team.create_channel_forbidden",
			"You may not create the incident's channel in this team. Ask an administrator for the permission to create %s channels.", visibility(plan.public)).WithField("team_id")
	}
	return s.checkAdding(ctx, r, plan.public)
}

// existingChannel reads the channel in which an incident is to be started, after all checks. Nothing is changed before the incident
// is stored, so that a start that fails leaves nothing behind. See docs/decisions/0048-incidents-of-a-channel.md.
func (s *Service) existingChannel(ctx context.Context, r StartRequest) (*model.Channel, error) {
	channel, err := s.host.Channel(r.ChannelID)
	if _, refused := incident.AsError(err); refused {
		s.rules.ReadChannel(r.RequesterID, r.ChannelID) // as for a channel that may not be seen
		return nil, errNoSuchChannel
	}
	switch {
	case err != nil:
		return nil, err
	case channel.Id != r.ChannelID || !s.rules.SeeChannel(r.RequesterID, channel):
		return nil, errNoSuchChannel
	case channel.Type != model.CHANNEL_OPEN && channel.Type != model.CHANNEL_PRIVATE:
		return nil, errDirectChannel
	case channel.TeamId != r.TeamID:
		return nil, errOtherTeam
	case !s.rules.ViewTeam(r.RequesterID, r.TeamID), !s.rules.StartInChannel(r.RequesterID, channel):
		return nil, errNotYourChannel
	case channel.DeleteAt != 0:
		return nil, errArchivedChannel
	}
	ongoing, found, err := s.incidents.OngoingIn(ctx, channel.Id)
	if err != nil {
		return nil, err
	}
	if found {
		return nil, ErrOngoingInChannel(ongoing.Name, ongoing.ID)
	}
	commander, err := s.activeMember(channel.Id, r.CommanderID)
	if err == nil && commander == nil {
		err = errNoCommander.WithField("commander_user_id")
	}
	return channel, err
}

// storeInExisting stores an incident that was planned in a channel that is there. There is no event if an earlier request with the
// same key has started it.
func (s *Service) storeInExisting(ctx context.Context, r StartRequest, plan *startPlan) (incident.Incident, *incident.Event, error) {
	planned := plan.incident
	s.addPeople(ctx, r, plan, &planned)
	inc, started, err := s.incidents.Create(ctx, planned, r.RequesterID, r.Key, s.now(), s.extensions.with(plan.inTx))
	if _, refused := incident.AsError(err); err == nil || refused {
		return inc, started, err
	}
	// The commit may have come through although its answer was lost.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), compensateTimeout)
	defer cancel()
	inc, started, missing := s.startedIncident(ctx, plan.incident.ID)
	if missing != nil {
		return incident.Incident{}, nil, err
	}
	return inc, started, nil
}

// visibility is Incident.Visibility of an incident in an existing channel.
func (p *startPlan) visibility() string {
	if p.public {
		return incident.VisibilityPublic
	}
	return incident.VisibilityPrivate
}

// ChannelForStart says whether an incident can be started in an existing channel.
type ChannelForStart struct {
	// ID is that of the channel; "" if it cannot be.
	ID     string
	Public bool
}

// ChannelForStart returns the channel if the user may start an incident of the team in it now, else an empty value.
func (s *Service) ChannelForStart(ctx context.Context, userID, teamID, channelID string) (ChannelForStart, error) {
	if channelID == "" {
		return ChannelForStart{}, nil
	}
	if _, found, err := s.incidents.OngoingIn(ctx, channelID); err != nil || found {
		return ChannelForStart{}, err
	}
	channel, err := s.host.Channel(channelID)
	if _, refused := incident.AsError(err); refused {
		return ChannelForStart{}, nil
	}
	if err != nil {
		return ChannelForStart{}, err
	}
	team := channel.TeamId == teamID && (channel.Type == model.CHANNEL_OPEN || channel.Type == model.CHANNEL_PRIVATE)
	if !team || channel.DeleteAt != 0 || !s.rules.SeeChannel(userID, channel) || !s.rules.ManageChannel(userID, channel) {
		return ChannelForStart{}, nil
	}
	member, err := s.host.IsChannelMember(channelID, userID) // the dialog makes the user commander
	if err != nil || !member {
		return ChannelForStart{}, err
	}
	return ChannelForStart{ID: channelID, Public: channel.Type == model.CHANNEL_OPEN}, nil
}
