// Package access answers who may do what. Every way in (REST, commands, dialogs, buttons) asks here,
// and lists are filtered in SQL by the same rule (see app.Filter.ViewerID).
//
// Permissions are read from the database or asked of Mattermost for every request and never remembered, so that whoever
// is removed from a channel or team has lost access with the very next request.
package access

import (
	"sync/atomic"

	"github.com/blang/semver"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Host tells what Mattermost's own roles and schemes allow.
type Host interface {
	HasPermission(userID string, p *model.Permission) bool
	HasPermissionToTeam(userID, teamID string, p *model.Permission) bool
	HasPermissionToChannel(userID, channelID string, p *model.Permission) bool
	Channel(id string) (*model.Channel, error)
	// ServerVersion is the version of Mattermost, such as "11.4.0"; "" if it is not known.
	ServerVersion() string
	User(id string) (*model.User, error)
}

// Rules holds one method for each question.
type Rules struct {
	host     Host
	creators atomic.Pointer[Creators]
}

// New makes Rules that ask host.
func New(host Host) *Rules { return &Rules{host: host} }

// Admin: may manage the system.
func (r *Rules) Admin(userID string) bool {
	return userID != "" && r.host.HasPermission(userID, model.PERMISSION_MANAGE_SYSTEM)
}

// ViewTeam: may list the channels of the team. Guests may not; nobody may for an empty team id.
func (r *Rules) ViewTeam(userID, teamID string) bool {
	return userID != "" && teamID != "" && r.host.HasPermissionToTeam(userID, teamID, model.PERMISSION_LIST_TEAM_CHANNELS)
}

// EditIncident: may read the incident's channel, that is, its members, guests included, and administrators.
// Being commander or member of the playbook is irrelevant.
func (r *Rules) EditIncident(userID, channelID string) bool {
	return userID != "" && r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_READ_CHANNEL) || r.Admin(userID)
}

// EditPlace is EditIncident for a channel about which more is known.
func (r *Rules) EditPlace(userID string, p Place) bool {
	return userID != "" && p.ReadGranted || r.ReadPlace(userID, p) || r.Admin(userID)
}

// ReadPlace: may read the posts of the channel, unless it is gone.
func (r *Rules) ReadPlace(userID string, p Place) bool {
	return r.ReadChannel(userID, p.ChannelID) && !p.gone()
}

// ViewIncident: may edit it, or its channel is public and the user may list the channels of that team.
func (r *Rules) ViewIncident(userID, channelID string) bool {
	if userID == "" {
		return false
	}
	if r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_READ_CHANNEL) {
		return true
	}
	channel, err := r.host.Channel(channelID)
	if err == nil && channel.Type == model.CHANNEL_OPEN && r.ViewTeam(userID, channel.TeamId) {
		return true
	}
	return r.Admin(userID)
}

// Place is the channel of an incident as the database has it.
type Place struct {
	ChannelID string
	// TeamID is the team of the channel, "" if the channel was deleted for good.
	TeamID string
	Public bool
	// Joined tells that the user is a member of the channel. It only says what to ask first.
	Joined bool
	// ReadGranted: the database proves that the user may read the channel. ListGranted: it proves that they may list the
	// channels of its team.
	ReadGranted, ListGranted bool
}

// gone tells that the channel was deleted for good. Its incident is for administrators only. Mattermost must not be asked
// alone: since version 11 it caches permissions and still grants them to former members for some minutes.
func (p Place) gone() bool { return p.TeamID == "" }

// ViewPlace is ViewIncident for a channel about which more is known, so that mostly one question is enough.
func (r *Rules) ViewPlace(userID string, p Place) bool {
	if userID != "" && (p.ReadGranted || p.Public && p.ListGranted) {
		return true
	}
	if p.Public && !p.Joined {
		return r.ViewTeam(userID, p.TeamID) || r.EditPlace(userID, p)
	}
	if r.ReadPlace(userID, p) {
		return true
	}
	if p.Public && r.ViewTeam(userID, p.TeamID) {
		return true
	}
	_, _ = r.host.Channel(p.ChannelID) // as ViewNothing and ViewIncident do
	return r.Admin(userID)
}

// ViewNothing asks Mattermost what ViewPlace asks about a private channel, about an incident that does not exist, so
// that it takes no less time to refuse than one that the user may not see. It tells whether the user may learn that it
// does not exist.
func (r *Rules) ViewNothing(userID, id string) bool {
	_ = userID != "" && r.host.HasPermissionToChannel(userID, id, model.PERMISSION_READ_CHANNEL)
	_, _ = r.host.Channel(id)
	return r.Admin(userID)
}

// UsePlaybook: may view its team, and is a member of the playbook or an administrator. mayList tells that the former is
// known for certain.
func (r *Rules) UsePlaybook(userID string, p *playbook.Playbook, mayList bool) bool {
	return r.ListTeam(userID, p.TeamID, mayList) && (p.HasMember(userID) || r.Admin(userID))
}

// StartFrom: may view its team and is a member of the playbook; administrators have to be members too. mayList is as for
// UsePlaybook.
func (r *Rules) StartFrom(userID string, p *playbook.Playbook, mayList bool) bool {
	return p.HasMember(userID) && r.ListTeam(userID, p.TeamID, mayList)
}

// ListTeam is ViewTeam where that may be known for certain.
func (r *Rules) ListTeam(userID, teamID string, known bool) bool {
	return known && userID != "" && teamID != "" || r.ViewTeam(userID, teamID)
}

// CreateIncidentChannel: may create a public or a private channel in the team.
func (r *Rules) CreateIncidentChannel(userID, teamID string, public bool) bool {
	p := model.PERMISSION_CREATE_PRIVATE_CHANNEL
	if public {
		p = model.PERMISSION_CREATE_PUBLIC_CHANNEL
	}
	return userID != "" && r.host.HasPermissionToTeam(userID, teamID, p)
}

// ReadChannel: may read the posts of a channel.
func (r *Rules) ReadChannel(userID, channelID string) bool {
	return userID != "" && r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_READ_CHANNEL)
}

// Post: may post in a channel.
func (r *Rules) Post(userID, channelID string) bool {
	return userID != "" && channelID != "" && r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_CREATE_POST)
}

// UseCommands: may run slash commands in a channel.
func (r *Rules) UseCommands(userID, channelID string) bool {
	return userID != "" && r.host.HasPermissionToChannel(userID, channelID, commandPermission(r.host.ServerVersion()))
}

// commandsByPost is the first version of Mattermost that demands create_post, and no longer use_slash_commands, of those
// who run a slash command (mattermost/mattermost#22468, MM-52574; its pull requests name 7.8 and 7.9). New installations
// of Mattermost 11 give use_slash_commands to administrators only. Early patches of 7.8 may still demand the older
// permission of Mattermost itself, which then refuses the command.
var commandsByPost = semver.MustParse("7.8.0")

// commandPermission is the permission that Mattermost of this version demands of those who run a slash command. A version
// that cannot be read counts as a new one: it is one of a later form.
func commandPermission(version string) *model.Permission {
	if v, err := semver.ParseTolerant(version); err == nil && v.LT(commandsByPost) {
		return model.PERMISSION_USE_SLASH_COMMANDS
	}
	return model.PERMISSION_CREATE_POST
}
