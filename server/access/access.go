// Package access decides who may do what. REST, commands, dialogs and buttons all ask it. Lists are filtered in SQL by the
// same rules, see app.Filter.ViewerID.
//
// Permissions are read from the database or asked of Mattermost with each request and never cached. A user who is removed
// from a channel or team has no access with the next request.
package access

import (
	"sync/atomic"
	"time"

	"github.com/blang/semver"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Host reports what Mattermost's own roles and schemes allow.
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

// ChannelAccess is what is known about the channel of an incident and about a user in it. Only ChannelID must be set: what is
// not known is asked of Mattermost.
type ChannelAccess struct {
	ChannelID string
	// TeamID is the team of the channel, "" if it is not known.
	TeamID string
	// Deleted means that the channel was deleted for good. Its incident is for administrators only. Mattermost is not asked:
	// since version 11 it caches permissions and still grants them to former members for some minutes.
	Deleted bool
	// Public and Joined mean that the channel is public, and that the user is a member of it. They only decide what to ask
	// first. They count only with a TeamID.
	Public, Joined bool
	// ReadGranted means that the database proves that the user may read the channel, and ListGranted that they may list the
	// channels of its team.
	ReadGranted, ListGranted bool
}

// EditIncident: may read the incident's channel, that is, its members, guests included, and administrators.
// Being commander or member of the playbook is irrelevant.
func (r *Rules) EditIncident(userID string, c ChannelAccess) bool {
	return userID != "" && c.ReadGranted || r.ReadPosts(userID, c) || r.Admin(userID)
}

// ReadPosts: may read the posts of the incident's channel. A public channel that the user has not joined may be seen, but
// its posts may not be read.
func (r *Rules) ReadPosts(userID string, c ChannelAccess) bool {
	return r.ReadChannel(userID, c.ChannelID) && !c.Deleted
}

// ViewIncident: may edit it, or its channel is public and the user may list the channels of that team.
func (r *Rules) ViewIncident(userID string, c ChannelAccess) bool {
	if userID == "" {
		return false
	}
	if c.ReadGranted || c.Public && c.ListGranted {
		return true
	}
	public := c.TeamID != "" && c.Public
	if public && !c.Joined { // the question that is more likely to be answered with yes comes first
		return r.ViewTeam(userID, c.TeamID) || r.EditIncident(userID, c)
	}
	if r.ReadPosts(userID, c) || public && r.ViewTeam(userID, c.TeamID) {
		return true
	}
	channel, err := r.host.Channel(c.ChannelID) // always asked, see ViewNothing
	if err == nil && c.TeamID == "" && !c.Deleted && channel.Type == model.CHANNEL_OPEN && r.ViewTeam(userID, channel.TeamId) {
		return true
	}
	return r.Admin(userID)
}

// ViewNothing asks Mattermost what ViewIncident asks about a private channel, for an incident that does not exist, so that
// the time of a refusal does not reveal whether an incident exists. It reports whether the user may learn that it does not
// exist.
func (r *Rules) ViewNothing(userID, id string) bool {
	_ = userID != "" && r.host.HasPermissionToChannel(userID, id, model.PERMISSION_READ_CHANNEL)
	_, _ = r.host.Channel(id)
	return r.Admin(userID)
}

// UsePlaybook: may view its team, and is a member of the playbook or an administrator. listGranted means that the database
// proves that the user may list the channels of the team.
func (r *Rules) UsePlaybook(userID string, p *playbook.Playbook, listGranted bool) bool {
	return r.ListTeam(userID, p.TeamID, listGranted) && (p.HasMember(userID) || r.Admin(userID))
}

// StartFrom: may view its team and is a member of the playbook; administrators have to be members too. listGranted is
// as for UsePlaybook.
func (r *Rules) StartFrom(userID string, p *playbook.Playbook, listGranted bool) bool {
	return p.HasMember(userID) && r.ListTeam(userID, p.TeamID, listGranted)
}

// ListTeam is ViewTeam without a question to Mattermost if listGranted, as for UsePlaybook.
func (r *Rules) ListTeam(userID, teamID string, listGranted bool) bool {
	return listGranted && userID != "" && teamID != "" || r.ViewTeam(userID, teamID)
}

// CreateIncidentChannel: may create a public or a private channel in the team.
func (r *Rules) CreateIncidentChannel(userID, teamID string, public bool) bool {
	p := model.PERMISSION_CREATE_PRIVATE_CHANNEL
	if public {
		p = model.PERMISSION_CREATE_PUBLIC_CHANNEL
	}
	return userID != "" && sure(func() bool { return r.host.HasPermissionToTeam(userID, teamID, p) })
}

// ManageChannelMembers is the permission to add people to public or private channels.
func ManageChannelMembers(public bool) *model.Permission {
	if public {
		return model.PERMISSION_MANAGE_PUBLIC_CHANNEL_MEMBERS
	}
	return model.PERMISSION_MANAGE_PRIVATE_CHANNEL_MEMBERS
}

// AddToNewChannel: may add other people to a public or private channel of the team that is being made and in which they will be an
// ordinary member. membersMay means that the database proves it for ordinary members of such a channel.
func (r *Rules) AddToNewChannel(userID, teamID string, public, membersMay bool) bool {
	return userID != "" && (membersMay || r.host.HasPermissionToTeam(userID, teamID, ManageChannelMembers(public)))
}

// AddToChannel: may add other people to a public or private channel that is there.
func (r *Rules) AddToChannel(userID, channelID string, public bool) bool {
	return userID != "" && sure(func() bool { return r.host.HasPermissionToChannel(userID, channelID, ManageChannelMembers(public)) })
}

// ManageChannel: may manage the header of a channel, or is its administrator.
func (r *Rules) ManageChannel(userID string, c *model.Channel) bool {
	p := model.PERMISSION_MANAGE_PRIVATE_CHANNEL_PROPERTIES
	if c.Type == model.CHANNEL_OPEN {
		p = model.PERMISSION_MANAGE_PUBLIC_CHANNEL_PROPERTIES
	}
	return userID != "" && (r.host.HasPermissionToChannel(userID, c.Id, p) || r.host.HasPermissionToChannel(userID, c.Id, model.PERMISSION_MANAGE_CHANNEL_ROLES))
}

// StartInChannel is ManageChannel, and believes only a repeated refusal.
func (r *Rules) StartInChannel(userID string, c *model.Channel) bool {
	return sure(func() bool { return r.ManageChannel(userID, c) })
}

// ArchiveChannel: may archive a public or private channel.
func (r *Rules) ArchiveChannel(userID string, c *model.Channel) bool {
	p := model.PERMISSION_DELETE_PRIVATE_CHANNEL
	if c.Type == model.CHANNEL_OPEN {
		p = model.PERMISSION_DELETE_PUBLIC_CHANNEL
	}
	return userID != "" && sure(func() bool { return r.host.HasPermissionToChannel(userID, c.Id, p) })
}

// ReadChannel: may read the posts of a channel.
func (r *Rules) ReadChannel(userID, channelID string) bool {
	return userID != "" && r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_READ_CHANNEL)
}

// SeeChannel: may learn the name of a channel: may read it, or it is public and they may list the channels of its team.
func (r *Rules) SeeChannel(userID string, c *model.Channel) bool {
	return r.ReadChannel(userID, c.Id) || c.Type == model.CHANNEL_OPEN && r.ViewTeam(userID, c.TeamId)
}

// Post: may post in a channel.
func (r *Rules) Post(userID, channelID string) bool {
	return userID != "" && channelID != "" && r.host.HasPermissionToChannel(userID, channelID, model.PERMISSION_CREATE_POST)
}

// PostAsMember is Post for a user who may read the channel. A refusal takes longer, which would tell others that the channel exists.
// postGranted means that the database proves the permission. Since version 11 Mattermost caches permissions in channels for up
// to 15 minutes, and where nodes are not a licensed cluster, those who have just been added may be refused.
func (r *Rules) PostAsMember(userID, channelID string, postGranted bool) bool {
	if userID == "" || channelID == "" {
		return false
	}
	return postGranted || sure(func() bool { return r.Post(userID, channelID) })
}

// UseCommands: may run slash commands in a channel that they may read. postGranted is that of PostAsMember.
func (r *Rules) UseCommands(userID, channelID string, postGranted bool) bool {
	permission := commandPermission(r.host.ServerVersion())
	if userID == "" {
		return false
	}
	return postGranted && permission == model.PERMISSION_CREATE_POST ||
		sure(func() bool { return r.host.HasPermissionToChannel(userID, channelID, permission) })
}

// doubts are the pauses before Mattermost is asked again for a permission that it has refused.
var doubts = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond}

// sure asks for a permission until it is granted, at most three times. The plugin API has no error for permissions: it refuses
// them while Mattermost cannot read its database, for example on a connection that was cut.
func sure(granted func() bool) bool {
	for _, pause := range doubts {
		if granted() {
			return true
		}
		time.Sleep(pause)
	}
	return granted()
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
