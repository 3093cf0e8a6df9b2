package app

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (h Header) place() access.Place {
	return access.Place{ChannelID: h.ChannelID, TeamID: h.ChannelTeamID, Public: h.Public, Joined: h.Joined,
		MayRead: h.MayRead, MayList: h.MayList}
}

// hidden is the answer for an incident that the user may not see: administrators learn that it does not exist,
// for everybody else missing and forbidden look alike, and take the same questions to Mattermost.
func (s *Service) hidden(userID, id string, err error) error {
	if incident.IsKind(err, incident.NotFound) && !s.rules.ViewNothing(userID, id) {
		return incident.ErrForbidden
	}
	return err
}

// Incident reads one incident. Nothing of it is told, and nothing long of it read, before it is known that the user
// may see it.
func (s *Service) Incident(ctx context.Context, userID, id string) (incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return incident.Incident{}, s.hidden(userID, id, err)
	}
	return s.viewed(ctx, userID, h, inc)
}

// viewed gives out an incident that was read, if the user may see it.
func (s *Service) viewed(ctx context.Context, userID string, h Header, inc *incident.Incident) (incident.Incident, error) {
	if !s.rules.ViewPlace(userID, h.place()) {
		return incident.Incident{}, incident.ErrForbidden
	}
	if inc != nil {
		return *inc, nil
	}
	// The user may see it without being a member, as administrators do.
	return s.incidents.Get(ctx, h.ID)
}

// IncidentByChannel reads the incident of a channel; whatever stands in the way, the answer is NotFound, after the
// same questions.
func (s *Service) IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	inc, _, err := s.byChannel(ctx, userID, channelID)
	if incident.IsKind(err, incident.Forbidden) {
		err = incident.ErrNotFound
	}
	return inc, err
}

// byChannel is Forbidden if the user may not see the channel, NotFound if it has no incident.
func (s *Service) byChannel(ctx context.Context, userID, channelID string) (incident.Incident, Header, error) {
	h, inc, err := s.incidents.ViewByChannel(ctx, channelID, userID)
	if incident.IsKind(err, incident.NotFound) {
		if !s.rules.ViewIncident(userID, channelID) {
			return incident.Incident{}, h, incident.ErrForbidden
		}
		return incident.Incident{}, h, incident.ErrNotFound
	}
	if err != nil {
		return incident.Incident{}, h, err
	}
	whole, err := s.viewed(ctx, userID, h, inc)
	return whole, h, err
}

// IncidentForAutocomplete reads the incident of a channel for the suggestions of /incident check: a missing channel
// id is Invalid, a channel that the user may not see Forbidden, one without an incident NotFound.
func (s *Service) IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	if channelID == "" {
		return incident.Incident{}, incident.InvalidField("channel_id", "channel_id is missing.")
	}
	inc, _, err := s.byChannel(ctx, userID, channelID)
	if incident.IsKind(err, incident.NotFound) {
		return incident.Incident{}, incident.ErrNoChannel
	}
	return inc, err
}

// Metadata reads what the incident page shows beside the incident.
func (s *Service) Metadata(ctx context.Context, userID, id string) (Metadata, error) {
	h, data, err := s.incidents.ViewMetadata(ctx, id, userID)
	if err != nil {
		return Metadata{}, s.hidden(userID, id, err)
	}
	if !s.rules.ViewPlace(userID, h.place()) {
		return Metadata{}, incident.ErrForbidden
	}
	if data != nil {
		return *data, nil
	}
	return s.incidents.Metadata(ctx, id)
}

// visible restricts f to what the user may see. Whoever asks only for incidents in whose channels they are needs no
// permission in the team: so guests, who may not list its channels, see what they were invited to.
func (s *Service) visible(ctx context.Context, userID string, f Filter) (Filter, error) {
	f.ViewerID = userID
	if f.OnlyMember && userID != "" {
		return f, nil
	}
	var err error
	if f.Standing, err = s.incidents.Standing(ctx, userID, f.TeamID); err != nil {
		return f, err
	}
	if !s.rules.ListTeam(userID, f.TeamID, f.Standing.MayList) {
		return f, incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team's incidents.")
	}
	if !f.Standing.Ordinary && s.rules.Admin(userID) {
		f.ViewerID = ""
	}
	return f, nil
}

// ListIncidents lists a page of the team's incidents that the user may see. f must be valid.
func (s *Service) ListIncidents(ctx context.Context, userID string, f Filter) (Page, error) {
	f, err := s.visible(ctx, userID, f)
	if err != nil {
		return Page{}, err
	}
	items, total, err := s.incidents.List(ctx, f)
	if err != nil {
		return Page{}, err
	}
	if items == nil {
		items = []incident.Incident{}
	}
	pages := pageCount(total, f.PerPage)
	return Page{TotalCount: total, PageCount: pages, HasMore: f.Page+1 < pages, Items: items}, nil
}

func pageCount(total, perPage int) int {
	if perPage < 1 {
		return 0
	}
	return (total + perPage - 1) / perPage
}

// ListChannelIDs lists the channels of the same incidents in the same order.
func (s *Service) ListChannelIDs(ctx context.Context, userID string, f Filter) ([]string, error) {
	f, err := s.visible(ctx, userID, f)
	if err != nil {
		return nil, err
	}
	return s.incidents.ChannelIDs(ctx, f)
}

// Commanders lists everybody who commands an incident of the team that the user may see, by username.
func (s *Service) Commanders(ctx context.Context, userID, teamID string) ([]CommanderInfo, error) {
	f, err := s.visible(ctx, userID, Filter{TeamID: teamID})
	if err != nil {
		return nil, err
	}
	return s.incidents.Commanders(ctx, f)
}
