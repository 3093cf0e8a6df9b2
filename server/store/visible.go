package store

import (
	"cmp"
	"context"
	"slices"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// Reach is one statement: the user's teams, and the kinds of channels of which the database does not prove that members of the user's teams
// read them. A user who does not exist reaches nothing.
func (s *incidents) Reach(ctx context.Context, userID string) (app.Reach, error) {
	var rows []struct {
		Kind                               string
		ID, TeamID, Roles                  string
		NotAdmin, ListGranted, ReadGranted bool
		Plain                              bool
	}
	user, channels := sq.Expr("?", statement.Value(0)), "Channels c ON c.Id = cm.ChannelId"
	if s.postgres {
		// It looks the user's channels up: to join them, PostgreSQL reads all channels if the user is in a hundredth of them. As it does not
		// see the user's id, one plan is as good as one for each user, and is kept.
		user = sq.Expr("(SELECT CAST(? AS TEXT))", statement.Value(0))
		channels = statement.LookUp(channels)
	}
	err := s.selectPrepared(ctx, &rows, s.built.With("reach", []interface{}{userID}, func() sq.Sqlizer {
		return s.builder.Select("'team' AS kind", "'' AS id", "COALESCE(ct.Id, '') AS teamid", "'' AS roles", notAdmin+" AS notadmin",
			listGranted+" AS listgranted", membersRead+" AS readgranted", "false AS plain").
			From("Users u").
			LeftJoin("TeamMembers tm ON tm.UserId = u.Id AND tm.DeleteAt = 0").
			LeftJoin("Teams ct ON ct.Id = tm.TeamId AND ct.DeleteAt = 0").
			Where(sq.Expr("u.Id = ?", user)).
			SuffixExpr(sq.Expr("UNION ALL ?", sq.Select("'channel'", "MIN(c.Id)", "c.TeamId", memberRoles, "false", "false", "false", plainMember).
				From("ChannelMembers cm").Join(channels).
				LeftJoin("TeamMembers tm ON tm.TeamId = c.TeamId AND tm.UserId = cm.UserId AND tm.DeleteAt = 0").
				LeftJoin("Teams ct ON ct.Id = tm.TeamId AND ct.DeleteAt = 0").
				Where(sq.Expr("cm.UserId = ?", user)).Where(unproven("ct.Id IS NOT NULL AND "+plainMemberCondition+" AND "+membersReadCondition)).
				Where("EXISTS (SELECT 1 FROM IR_Incident i WHERE i.ChannelID = c.Id)").
				GroupBy("c.TeamId", plainMember, memberRoles)))
	}))
	if err != nil {
		return app.Reach{}, errors.Wrap(err, "read what is known about the teams and channels of a user")
	}
	var reach app.Reach
	for _, r := range rows {
		switch {
		case r.Kind == "channel":
			reach.Channels = append(reach.Channels, app.ReachedChannel{ChannelID: r.ID, TeamID: r.TeamID, Plain: r.Plain, Roles: r.Roles})
			continue
		case r.TeamID != "":
			reach.Teams = append(reach.Teams, app.ReachedTeam{TeamID: r.TeamID, ListGranted: r.ListGranted, ReadGranted: r.ReadGranted})
		}
		reach.NotAdmin = r.NotAdmin
	}
	slices.SortFunc(reach.Teams, func(a, b app.ReachedTeam) int { return cmp.Compare(a.TeamID, b.TeamID) })
	slices.SortFunc(reach.Channels, func(a, b app.ReachedChannel) int { return cmp.Compare(a.ChannelID, b.ChannelID) })
	return reach, nil
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
	var either sq.Or
	if len(v.ListTeams) > 0 { // first, since most incidents are public
		either = append(either, sq.And{sq.Eq{"i.TeamID": v.ListTeams}, sq.Expr(inPublic)})
	}
	either = append(either, sq.Expr("(?) IS NOT NULL", in)) // as a value, see inPublic
	return sq.And{sq.Expr("i.DeleteAt = 0"), either}
}
