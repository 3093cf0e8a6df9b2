package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// The database alone proves for most people that they have a permission: for ordinary members, not guests, where no
// scheme changes what members may do, in channels that are not archived. The proof is read along with what they ask for,
// which saves a call to Mattermost. Where it is missing, Mattermost is asked. See docs/decisions/0012-permissions-read-along.md.

// readGranted: the viewer may read channel c of team ct, as its member cm.
var readGranted = proven("cm.SchemeUser = true AND c.DeleteAt = 0 AND " + noChannelScheme + " AND " + plainTeam +
	" AND " + roleHas("channel_user", "read_channel"))

// postGranted: the viewer may post in channel c of team ct, as its member cm.
var postGranted = proven("cm.SchemeUser = true AND c.DeleteAt = 0 AND " + noChannelScheme + " AND " + plainTeam +
	" AND " + roleHas("channel_user", "create_post"))

// listGranted: the viewer may list the public channels of team ct, as its member tm.
var listGranted = proven("tm.SchemeUser = true AND tm.DeleteAt = 0 AND " + plainTeam + " AND " + roleHas("team_user", "list_team_channels"))

// notAdmin: user u is no administrator of the system.
var notAdmin = proven("u.Roles = 'system_user' AND " + roleLacks("system_user", "manage_system"))

// membersRead: members and guests of the channels of team ct that have no scheme may read them, in archived ones too.
var membersRead = proven(membersReadCondition)

var membersReadCondition = noTeamScheme + " AND " + roleHas("channel_user", "read_channel") + " AND " + roleHas("channel_guest", "read_channel")

const (
	noChannelScheme = "COALESCE(c.SchemeId, '') = ''"
	noTeamScheme    = "COALESCE(ct.SchemeId, '') = ''"
	plainTeam       = "ct.DeleteAt = 0 AND " + noTeamScheme
)

// plainMember and memberRoles are app.ListedChannel.Plain and .Roles of the viewer as member cm of channel c.
var plainMember = proven(plainMemberCondition)

const plainMemberCondition = "(cm.SchemeUser = true OR cm.SchemeGuest = true) AND " + noChannelScheme

const memberRoles = "CONCAT(CASE WHEN cm.SchemeUser = true THEN 'u' ELSE '' END, CASE WHEN cm.SchemeGuest = true THEN 'g' ELSE '' END, " +
	"CASE WHEN cm.SchemeAdmin = true THEN 'a' ELSE '' END, ' ', COALESCE(c.SchemeId, ''), ' ', COALESCE(cm.Roles, ''))"

// proven is a condition of which NULL counts as false.
func proven(condition string) string { return "CASE WHEN " + condition + " THEN true ELSE false END" }

// unproven is the condition that proven is false.
func unproven(condition string) string { return "NOT " + proven(condition) }

// roleHas is the condition that a role exists and has a permission, roleLacks that it exists and does not have it.
func roleHas(role, permission string) string   { return roleWhere(role, permission, "> 0") }
func roleLacks(role, permission string) string { return roleWhere(role, permission, "= 0") }

func roleWhere(role, permission, position string) string {
	return "EXISTS (SELECT 1 FROM Roles r WHERE r.Name = '" + role + "' AND r.DeleteAt = 0" +
		" AND POSITION(' " + permission + " ' IN CONCAT(' ', r.Permissions, ' ')) " + position + ")"
}

// TeamAccess is one statement.
func (s *incidents) TeamAccess(ctx context.Context, userID, teamID string) (app.TeamAccess, error) {
	var row struct {
		ListGranted, ReadGranted, PlainOnly, NotAdmin bool
		Events, Channels, ViewerVersion               string
	}
	const user, team = statement.Value(0), statement.Value(1)
	err := s.get(ctx, s.db, &row, s.built.With("team access", []interface{}{userID, teamID}, func() sq.Sqlizer {
		return s.builder.Select(listGranted+" AS listgranted", membersRead+" AS readgranted", plainOnly+" AS plainonly", notAdmin+" AS notadmin",
			s.eventsVersion()+" AS events", s.channelsVersion()+" AS channels").
			Column("("+s.viewerVersion()+") AS viewerversion", user).
			From("(SELECT 1 AS one) o").
			LeftJoin("Users u ON u.Id = ?", user).
			LeftJoin("Teams ct ON ct.Id = ?", team).
			LeftJoin("TeamMembers tm ON tm.TeamId = ct.Id AND tm.UserId = u.Id")
	}))
	if err != nil {
		return app.TeamAccess{}, errors.Wrap(err, "read what is known about a user in a team")
	}
	return app.TeamAccess{ListGranted: row.ListGranted, ReadGranted: row.ReadGranted, PlainOnly: row.PlainOnly, NotAdmin: row.NotAdmin,
		CountVersion: app.CountVersion{Events: row.Events, Channels: row.Channels, Viewer: row.ViewerVersion}}, nil
}

// NewMembersMay reads the role from the team's scheme if it has one.
func (s *incidents) NewMembersMay(ctx context.Context, teamID, permission string) (bool, error) {
	var n int
	err := s.get(ctx, s.db, &n, s.builder.Select("COUNT(*)").From("Teams ct").
		LeftJoin("Schemes sc ON sc.Id = ct.SchemeId AND sc.DeleteAt = 0").
		Join("Roles r ON r.Name = CASE WHEN COALESCE(sc.DefaultChannelUserRole, '') = '' THEN 'channel_user' ELSE sc.DefaultChannelUserRole END").
		Where("ct.Id = ? AND r.DeleteAt = 0 AND POSITION(? IN CONCAT(' ', r.Permissions, ' ')) > 0", teamID, " "+permission+" "))
	return n > 0, errors.Wrap(err, "read what members of a new channel may do")
}
