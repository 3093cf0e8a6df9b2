package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// errNoCommander is the same for a user who does not exist, is deactivated or is not in the channel: somebody who may not list
// the users of the server must not learn who exists.
var errNoCommander = incident.NewError(incident.Forbidden, "commander.not_in_channel",
	"The commander must be an active member of the incident's channel. Add the user to the channel first.").WithField("commander_id")

var errSameCommander = incident.NewError(incident.Conflict, "commander.same", "This user is the commander already.")

// SetCommander makes targetID, an active member of the incident's channel, the commander. Guests may be commanders, and may
// name one. It is not an error if they are the commander already.
func (s *Service) SetCommander(ctx context.Context, userID, id, targetID string) error {
	_, err := s.setCommander(ctx, userID, id, s.FindByID(targetID), targetID)
	return err
}

// SetCommanderByName is SetCommander for a username, with or without "@" and in any letter case. It is a Conflict if they are the
// commander already.
func (s *Service) SetCommanderByName(ctx context.Context, userID, id, username string) error {
	c, err := s.setCommander(ctx, userID, id, s.FindByName(username), "")
	if err == nil && c.Event == nil {
		return errSameCommander
	}
	return err
}

// setCommander makes the user that find finds the commander. targetID is their id if it is known.
func (s *Service) setCommander(ctx context.Context, userID, id string, find func() (*model.User, error), targetID string) (Change, error) {
	r, err := s.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return Change{}, err
	}
	user, member, err := s.findMember(r.ChannelID, find)
	if err != nil {
		return Change{}, err
	}
	if user != nil {
		targetID = user.Id
	}
	if member {
		r.Name(targetID, user.Username)
	}
	return s.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if !member && i.CommanderUserID != targetID { // the present commander may have left
			return nil, errNoCommander
		}
		return i.SetCommander(targetID)
	})
}

// PresentCommander reports whether the commander is an active member of the incident's channel, with their username, "" if they are
// gone. While Mattermost does not answer they count as present.
func (s *Service) PresentCommander(inc *incident.Incident) (username string, present bool) {
	user, err := s.activeMember(inc.ChannelID, inc.CommanderUserID)
	if user != nil {
		return user.Username, true
	}
	return s.Username(inc.CommanderUserID), err != nil
}
