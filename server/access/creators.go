package access

import (
	"slices"

	"github.com/mattermost/mattermost-server/v5/model"
)

// Who says which users may create playbooks in teams that they may view. System administrators always may.
type Who int

// The values of Who.
const (
	// Everybody who may view the team, as in version 1.2.0.
	Everybody Who = iota
	// TeamAdmins are the administrators of the team.
	TeamAdmins
	// Listed are the users of Creators.Users.
	Listed
	// NobodyElse than system administrators.
	NobodyElse
)

// Creators is the setting that says who may create playbooks.
type Creators struct {
	Who Who
	// Users are user ids and user names, in lower case.
	Users []string
}

// SetCreators sets who may create playbooks. Without it everybody may.
func (r *Rules) SetCreators(c Creators) { r.creators.Store(&c) }

// Creators returns who may create playbooks.
func (r *Rules) Creators() Creators {
	if c := r.creators.Load(); c != nil {
		return *c
	}
	return Creators{}
}

// CreatePlaybook: may view the team, and is among those whom the setting allows, or administers the system.
func (r *Rules) CreatePlaybook(userID, teamID string) bool {
	return r.ViewTeam(userID, teamID) && r.CreateInTeam(userID, teamID)
}

// CreateInTeam is CreatePlaybook for somebody who may view the team.
func (r *Rules) CreateInTeam(userID, teamID string) bool {
	if userID == "" {
		return false
	}
	switch c := r.Creators(); c.Who {
	case Everybody:
		return true
	case TeamAdmins:
		return r.host.HasPermissionToTeam(userID, teamID, model.PERMISSION_MANAGE_TEAM) || r.Admin(userID)
	case Listed:
		return slices.Contains(c.Users, userID) || r.isNamed(userID, c.Users) || r.Admin(userID)
	default:
		return r.Admin(userID)
	}
}

// isNamed reports whether the list has the user's name. Mattermost is asked only if there is a name in the list.
func (r *Rules) isNamed(userID string, users []string) bool {
	if !slices.ContainsFunc(users, func(name string) bool { return !model.IsValidId(name) }) {
		return false
	}
	user, err := r.host.User(userID)
	return err == nil && slices.Contains(users, user.Username)
}
