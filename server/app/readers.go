package app

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

// Somebody may be in a channel without the permission to read it: their role was changed, or a scheme takes the permission
// away. They get no private incident, neither by lists nor by websocket. Mattermost is asked once for all who have the same
// roles, and only where the database proves nothing.

// RoleKey identifies a user's roles in the channels of a team. In channels of one team with the same Roles the user has the same
// permissions.
type RoleKey struct{ TeamID, Roles string }

// ViewerRole says which roles a viewer has in some channels of incidents.
type ViewerRole struct {
	RoleKey
	// Plain is as in ListedChannel.
	Plain bool
	// ChannelID is one of the channels.
	ChannelID string
}

// MemberGroup is the members of a channel who have the same roles in the channel, its team and the system.
type MemberGroup struct {
	// Roles identifies the group in its channel.
	Roles string
	// UserID is one of the members.
	UserID string
	// ReadGranted: the database proves that they may read the channel.
	ReadGranted bool
}

// hiddenRoles are the roles of the viewer with which they may not read channels of the team's incidents.
func (s *Service) hiddenRoles(ctx context.Context, viewerID, teamID string, may *listAccess) ([]RoleKey, error) {
	roles, err := s.incidents.ViewerRoles(ctx, viewerID, teamID)
	if err != nil {
		return nil, err
	}
	var hidden []RoleKey
	for _, r := range roles {
		if may.membersRead && r.Plain && r.TeamID == teamID {
			continue
		}
		if !may.reads(s.rules, viewerID, r.RoleKey, r.ChannelID) {
			hidden = append(hidden, r.RoleKey)
		}
	}
	return hidden, nil
}

// reads reports whether the viewer may read a channel in which they have these roles.
func (may *listAccess) reads(rules *access.Rules, viewerID string, key RoleKey, channelID string) bool {
	allowed, known := may.answers[key]
	if !known {
		allowed = rules.EditIncident(viewerID, access.ChannelAccess{ChannelID: channelID, TeamID: key.TeamID, Deleted: key.TeamID == ""})
		if may.answers == nil {
			may.answers = map[RoleKey]bool{}
		}
		may.answers[key] = allowed
	}
	return allowed
}

// hiddenFrom are the members of a channel who may not see its incident.
func (s *Service) hiddenFrom(ctx context.Context, channelID string) (userIDs []string, err error) {
	groups, err := s.incidents.MemberGroups(ctx, channelID)
	if err != nil {
		return nil, err
	}
	var hidden []string
	for _, g := range groups {
		if !g.ReadGranted && !s.rules.ViewIncident(g.UserID, access.ChannelAccess{ChannelID: channelID}) {
			hidden = append(hidden, g.Roles)
		}
	}
	if len(hidden) == 0 {
		return nil, nil
	}
	return s.incidents.MembersInGroups(ctx, channelID, hidden)
}
