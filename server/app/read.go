package app

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// hidden is the answer for an incident that the user may not see: administrators learn that it does not exist,
// for everybody else missing and forbidden look alike, and take the same questions to Mattermost.
func (s *Service) hidden(userID, id string, err error) error {
	if incident.IsKind(err, incident.NotFound) && !s.rules.ViewNothing(userID, id) {
		return incident.ErrForbidden
	}
	return err
}

// Incident reads one incident. Nothing of it is read before it is known that the user may see it.
func (s *Service) Incident(ctx context.Context, userID, id string) (incident.Incident, error) {
	if err := s.viewable(ctx, userID, id); err != nil {
		return incident.Incident{}, err
	}
	inc, err := s.incidents.Get(ctx, id)
	return inc, s.hidden(userID, id, err)
}

func (s *Service) viewable(ctx context.Context, userID, id string) error {
	h, err := s.incidents.Header(ctx, id)
	if err != nil {
		return s.hidden(userID, id, err)
	}
	if !s.rules.ViewIncident(userID, h.ChannelID) {
		return incident.ErrForbidden
	}
	return nil
}

// IncidentByChannel reads the incident of a channel; whatever stands in the way, the answer is NotFound. Who may not
// read the channel is refused before it is known whether it has an incident.
func (s *Service) IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	if !s.rules.ViewIncident(userID, channelID) {
		return incident.Incident{}, incident.ErrNotFound
	}
	return s.incidents.GetByChannel(ctx, channelID)
}

// IncidentForAutocomplete reads the incident of a channel for the suggestions of /incident check: a missing channel
// id is Invalid, a channel that the user may not see Forbidden, one without an incident NotFound.
func (s *Service) IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	if channelID == "" {
		return incident.Incident{}, incident.InvalidField("channel_id", "channel_id is missing.")
	}
	if !s.rules.ViewIncident(userID, channelID) {
		return incident.Incident{}, incident.ErrForbidden
	}
	inc, err := s.incidents.GetByChannel(ctx, channelID)
	if incident.IsKind(err, incident.NotFound) {
		return incident.Incident{}, incident.ErrNoChannel
	}
	return inc, err
}

// Metadata reads what the incident page shows beside the incident.
func (s *Service) Metadata(ctx context.Context, userID, id string) (Metadata, error) {
	if err := s.viewable(ctx, userID, id); err != nil {
		return Metadata{}, err
	}
	return s.incidents.Metadata(ctx, id)
}

// visible restricts f to what the user may see. Whoever asks only for incidents in whose channels they are needs no
// permission in the team: so guests, who may not list its channels, see what they were invited to.
func (s *Service) visible(userID string, f Filter) (Filter, error) {
	f.ViewerID = userID
	if f.OnlyMember && userID != "" {
		return f, nil
	}
	if !s.rules.ViewTeam(userID, f.TeamID) {
		return f, incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team's incidents.")
	}
	if s.rules.Admin(userID) {
		f.ViewerID = ""
	}
	return f, nil
}

// ListIncidents lists a page of the team's incidents that the user may see. f must be valid.
func (s *Service) ListIncidents(ctx context.Context, userID string, f Filter) (Page, error) {
	f, err := s.visible(userID, f)
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
	f, err := s.visible(userID, f)
	if err != nil {
		return nil, err
	}
	return s.incidents.ChannelIDs(ctx, f)
}

// Commanders lists everybody who commands an incident of the team that the user may see, by username.
func (s *Service) Commanders(ctx context.Context, userID, teamID string) ([]CommanderInfo, error) {
	f, err := s.visible(userID, Filter{TeamID: teamID})
	if err != nil {
		return nil, err
	}
	return s.incidents.Commanders(ctx, f)
}
