package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// Reach is two statements. A user who does not exist reaches nothing.
func (s *incidents) Reach(ctx context.Context, userID string) (app.Reach, error) {
	var teams []struct {
		TeamID                             string
		NotAdmin, ListGranted, ReadGranted bool
	}
	err := s.selectPrepared(ctx, &teams, s.builder.Select("COALESCE(ct.Id, '') AS teamid", notAdmin+" AS notadmin",
		listGranted+" AS listgranted", membersRead+" AS readgranted").
		From("Users u").
		LeftJoin("TeamMembers tm ON tm.UserId = u.Id AND tm.DeleteAt = 0").
		LeftJoin("Teams ct ON ct.Id = tm.TeamId AND ct.DeleteAt = 0").
		Where(sq.Eq{"u.Id": userID}).OrderBy("teamid"))
	if err != nil {
		return app.Reach{}, errors.Wrap(err, "read what is known about the teams of a user")
	}
	var reach app.Reach
	for _, t := range teams {
		reach.NotAdmin = t.NotAdmin
		if t.TeamID != "" {
			reach.Teams = append(reach.Teams, app.ReachedTeam{TeamID: t.TeamID, ListGranted: t.ListGranted, ReadGranted: t.ReadGranted})
		}
	}
	err = s.selectPrepared(ctx, &reach.Channels, s.builder.Select("MIN(c.Id) AS channelid", "c.TeamId AS teamid", plainMember+" AS plain", memberRoles+" AS roles").
		From("ChannelMembers cm").Join("Channels c ON c.Id = cm.ChannelId").Join("IR_Incident i ON i.ChannelID = c.Id").
		Where(sq.Eq{"cm.UserId": userID}).GroupBy("c.TeamId", plainMember, memberRoles).OrderBy("channelid"))
	return reach, errors.Wrap(err, "read the kinds of channels in which a user is")
}

// VisibleIncidents is the condition that v.UserID may see IR_Incident i. It is the rule of lists of incidents, for all teams: an
// incident whose channel is gone is for administrators only.
func (s *Store) VisibleIncidents(v app.Visible) sq.Sqlizer {
	if v.All {
		return sq.Expr("i.DeleteAt = 0")
	}
	in := sq.Select("1").From("ChannelMembers cm").Join("Channels c ON c.Id = cm.ChannelId").
		Where("cm.ChannelId = i.ChannelID").Where(sq.Eq{"cm.UserId": v.UserID})
	for _, refused := range v.Refused {
		in = in.Where("NOT (c.TeamId = ? AND "+memberRoles+" = ?)", refused.TeamID, refused.Roles)
	}
	either := sq.Or{sq.Expr("(?) IS NOT NULL", in)} // as a value, see inPublic
	if len(v.ListTeams) > 0 {
		either = append(either, sq.And{sq.Eq{"i.TeamID": v.ListTeams}, sq.Expr(inPublic)})
	}
	return sq.And{sq.Eq{"i.DeleteAt": 0}, either}
}
