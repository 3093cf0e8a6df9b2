package app

import (
	"context"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

// Reach is what the database has about a user, their teams and the incidents' channels in which they are.
type Reach struct {
	// NotAdmin: it proves that the user is no administrator of the system.
	NotAdmin bool
	Teams    []ReachedTeam
	// Channels are the incidents' channels in which the user is, one of each kind. Those of which the database proves that the user reads
	// them may be left out.
	Channels []ReachedChannel
}

// ReachedTeam is a team of the user.
type ReachedTeam struct {
	TeamID string
	// ListGranted and ReadGranted are as in TeamAccess.
	ListGranted, ReadGranted bool
}

// ReachedChannel stands for all channels of one team in which the user has the same roles.
type ReachedChannel struct {
	ChannelID string
	// TeamID, Plain and Roles are as in ListedChannel.
	TeamID string
	Plain  bool
	Roles  string
}

// Visible says which incidents of all teams a user may see. The database can select them, see capability.Database.
type Visible struct {
	UserID string
	// All incidents may be seen, as by administrators.
	All bool
	// ListTeams are the teams whose incidents in public channels may be seen.
	ListTeams []string
	// Refused are kinds of channels in which the user is, but may not read.
	Refused []ReachedChannel
}

// Visible finds out which incidents of all teams the user may see, by the rules of lists of incidents. Mattermost is asked
// only where the database proves nothing, once for each team and each kind of channel.
func (s *Service) Visible(ctx context.Context, userID string) (Visible, error) {
	v := Visible{UserID: userID}
	reach, err := s.incidents.Reach(ctx, userID)
	if err != nil || userID == "" {
		return v, err
	}
	if !reach.NotAdmin && s.rules.Admin(userID) {
		v.All = true
		return v, nil
	}
	for _, t := range reach.Teams {
		if s.rules.ListTeam(userID, t.TeamID, t.ListGranted) {
			v.ListTeams = append(v.ListTeams, t.TeamID)
		}
	}
	for _, c := range reach.Channels {
		membersRead := slices.ContainsFunc(reach.Teams, func(t ReachedTeam) bool { return t.TeamID == c.TeamID && t.ReadGranted })
		if c.Plain && membersRead || s.rules.ReadPosts(userID, access.ChannelAccess{ChannelID: c.ChannelID, TeamID: c.TeamID}) {
			continue
		}
		v.Refused = append(v.Refused, c)
	}
	return v, nil
}
