package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

const (
	// oddMember: member cm has neither the ordinary role of members nor that of guests.
	oddMember = "NOT (COALESCE(cm.SchemeUser, false) OR COALESCE(cm.SchemeGuest, false))"
	// roleKey is app.RoleKey of the viewer as member cm of channel c, as one text.
	roleKey = "CONCAT(COALESCE(c.TeamId, ''), ' ', " + memberRoles + ")"
	// memberKey is app.MemberGroup.Roles of user u as member cm of channel c, and tm of its team.
	memberKey = "CONCAT(" + memberRoles + ", ' | ', CASE WHEN tm.SchemeUser = true THEN 'u' ELSE '' END," +
		" CASE WHEN tm.SchemeGuest = true THEN 'g' ELSE '' END, CASE WHEN tm.SchemeAdmin = true THEN 'a' ELSE '' END, ' '," +
		" COALESCE(tm.Roles, ''), ' ', COALESCE(tm.DeleteAt, 1), ' | ', COALESCE(u.Roles, ''))"
)

// plainOnly: all channels of user u are plain, see plainMember, in all teams.
var plainOnly = proven("NOT EXISTS (SELECT 1 FROM Schemes sc WHERE sc.DeleteAt = 0)" +
	" AND (SELECT COUNT(*) FROM ChannelMembers cm WHERE cm.UserId = u.Id AND " + oddMember + ") = 0")

// allMembersRead: all members of channel c of team ct may read it. For public channels the roles are enough.
var allMembersRead = proven(noChannelScheme + " AND " + membersReadCondition +
	" AND (c.Type = 'O' OR (SELECT COUNT(*) FROM ChannelMembers cm WHERE cm.ChannelId = c.Id AND " + oddMember + ") = 0)")

func (s *incidents) ViewerRoles(ctx context.Context, viewerID, teamID string) ([]app.ViewerRole, error) {
	var rows []struct {
		TeamID, MemberRoles, ChannelID string
		Plain                          int
	}
	err := s.selectAll(ctx, s.db, &rows, s.builder.Select("COALESCE(c.TeamId, '') AS teamid", memberRoles+" AS memberroles",
		"MIN(i.ChannelID) AS channelid", "MIN(CASE WHEN "+plainMember+" THEN 1 ELSE 0 END) AS plain").
		From("ChannelMembers cm").Join("IR_Incident i ON i.ChannelID = cm.ChannelId").LeftJoin("Channels c ON c.Id = cm.ChannelId").
		Where(sq.Eq{"cm.UserId": viewerID, "i.TeamID": teamID, "i.DeleteAt": 0}).
		GroupBy("COALESCE(c.TeamId, '')", memberRoles))
	out := make([]app.ViewerRole, len(rows))
	for n, r := range rows {
		out[n] = app.ViewerRole{RoleKey: app.RoleKey{TeamID: r.TeamID, Roles: r.MemberRoles}, Plain: r.Plain != 0, ChannelID: r.ChannelID}
	}
	return out, errors.Wrap(err, "read the roles of somebody in the channels of incidents")
}

// readableOnly drops the incidents that the viewer of f sees only by a role in f.Hidden.
func (s *Store) readableOnly(q sq.SelectBuilder, f app.Filter) sq.SelectBuilder {
	if len(f.Hidden) == 0 || f.ViewerID == "" {
		return q
	}
	keys := make([]string, len(f.Hidden))
	for n, k := range f.Hidden {
		keys[n] = k.TeamID + " " + k.Roles
	}
	member := sq.Select("cm.ChannelId").From("ChannelMembers cm").LeftJoin("Channels c ON c.Id = cm.ChannelId").
		Where(sq.Eq{"cm.UserId": f.ViewerID}).Where(sq.NotEq{roleKey: keys})
	readable := sq.Expr("i.ChannelID IN (?)", member)
	if f.PublicHidden {
		return q.Where(readable)
	}
	return q.Where(sq.Or{sq.Expr(inPublic), readable})
}

func (s *incidents) MemberGroups(ctx context.Context, channelID string) ([]app.MemberGroup, error) {
	var rows []struct {
		UserID, MemberKey string
		Granted           int
	}
	err := s.selectAll(ctx, s.db, &rows, s.membersOf(channelID, "MIN(cm.UserId) AS userid", memberKey+" AS memberkey",
		"MIN(CASE WHEN "+plainMember+" AND "+membersRead+" THEN 1 ELSE 0 END) AS granted").GroupBy(memberKey))
	out := make([]app.MemberGroup, len(rows))
	for n, r := range rows {
		out[n] = app.MemberGroup{Roles: r.MemberKey, UserID: r.UserID, ReadGranted: r.Granted != 0}
	}
	return out, errors.Wrap(err, "read the roles of a channel's members")
}

func (s *incidents) MembersInGroups(ctx context.Context, channelID string, groups []string) ([]string, error) {
	var ids []string
	err := s.selectAll(ctx, s.db, &ids, s.membersOf(channelID, "cm.UserId").Where(sq.Eq{memberKey: groups}))
	return ids, errors.Wrap(err, "read a channel's members with some roles")
}

// membersOf selects from the members cm of a channel c of team ct, who are members tm of the team and users u.
func (s *Store) membersOf(channelID string, columns ...string) sq.SelectBuilder {
	return s.builder.Select(columns...).From("ChannelMembers cm").Join("Channels c ON c.Id = cm.ChannelId").
		LeftJoin("Teams ct ON ct.Id = c.TeamId").LeftJoin("TeamMembers tm ON tm.TeamId = c.TeamId AND tm.UserId = cm.UserId").
		LeftJoin("Users u ON u.Id = cm.UserId").Where(sq.Eq{"cm.ChannelId": channelID})
}
