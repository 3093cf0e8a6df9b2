package app

import (
	"context"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// addition is people whom a capability wants in the channel of an incident that starts.
type addition struct {
	userIDs  []string
	notAdded func(inc *incident.Incident, userIDs []string)
}

// Add asks for people to be added to the incident's channel when it is there, as the rights of who starts the incident allow. notAdded
// is called before the incident is stored with those who are not in the channel then, if there are any.
func (s *Start) Add(userIDs []string, notAdded func(inc *incident.Incident, userIDs []string)) {
	if len(userIDs) > 0 {
		s.additions = append(s.additions, addition{userIDs, notAdded})
	}
}

// MayAddToNew reports whether a user may add other people to a public or private channel of the team that is made for an incident.
func (s *Service) MayAddToNew(ctx context.Context, userID, teamID string, public bool) (bool, error) {
	membersMay, err := s.incidents.NewMembersMay(ctx, teamID, access.ManageChannelMembers(public).Id)
	return err == nil && s.rules.AddToNewChannel(userID, teamID, public, membersMay), err
}

// MayAddNow reports whether a user may add other people to a channel that is there, as they could by hand: who was deactivated may not,
// although Mattermost keeps their roles.
func (s *Service) MayAddNow(userID, channelID string, public bool) (bool, error) {
	user, err := s.host.User(userID)
	if incident.IsKind(err, incident.NotFound) {
		return false, nil
	}
	if err != nil || user.DeleteAt != 0 {
		return false, err
	}
	return s.rules.AddToChannel(userID, channelID, public), nil
}

// wantedPeople are those of all additions, each once.
func wantedPeople(additions []addition) []string {
	var all []string
	for _, a := range additions {
		all = append(all, a.userIDs...)
	}
	return uniqueIDs(all...)
}

// addPeople adds the people of a plan to the incident's channel, who are not in it yet, and tells who could not be added. The
// commander is in it. Nobody is added to an existing channel. It makes no call if there are none.
func (s *Service) addPeople(ctx context.Context, r StartRequest, plan *startPlan, inc *incident.Incident) {
	var missing []string
	may := func() bool {
		if plan.incident.ExistingChannel { // nothing of it is changed before the incident is stored
			return false
		}
		may, err := s.MayAddToNew(ctx, r.RequesterID, r.TeamID, plan.public)
		return err == nil && may
	}
	asked, allowed := false, false
	for _, userID := range wantedPeople(plan.additions) {
		if userID == r.CommanderID {
			continue
		}
		member, err := s.isThere(plan, inc.ChannelID, userID)
		if err == nil && member {
			continue
		}
		if !asked {
			asked, allowed = true, may()
		}
		if !allowed || !s.addPerson(r.TeamID, inc.ChannelID, userID) {
			missing = append(missing, userID)
		}
	}
	for _, a := range plan.additions {
		if of := slices.DeleteFunc(slices.Clone(a.userIDs), func(id string) bool { return !slices.Contains(missing, id) }); len(of) > 0 {
			a.notAdded(inc, of)
		}
	}
}

// isThere reports whether a user is in the incident's channel. In an existing one may be people who were deactivated since.
func (s *Service) isThere(plan *startPlan, channelID, userID string) (bool, error) {
	if plan.incident.ExistingChannel {
		user, err := s.activeMember(channelID, userID)
		return user != nil, err
	}
	return s.host.IsChannelMember(channelID, userID)
}

// addPerson adds an active member of the team to the channel, and reports whether it did.
func (s *Service) addPerson(teamID, channelID, userID string) bool {
	user, err := s.host.User(userID)
	if err == nil && (user.Id != userID || user.DeleteAt != 0) {
		return false
	}
	member := false
	if err == nil {
		if member, err = s.host.IsTeamMember(teamID, userID); err == nil && !member {
			return false
		}
	}
	if err == nil {
		err = s.host.AddToChannel(channelID, userID, s.host.BotID())
	}
	if err != nil {
		s.log.Info("Somebody who has a part in a new incident was not added to its channel.", "user_id", userID, "channel_id", channelID, "error", err.Error())
	}
	return err == nil
}
