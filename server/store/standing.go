package store

import (
	"context"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// The database alone can say of most people that they may do something: of those who are there as ordinary members, not
// as guests, where no scheme changes what members may do, in channels that are not archived. Whether that is so is read
// along with what they ask for, which spares a call to Mattermost that takes longer than all else. In every other case
// the answer is no, and Mattermost is asked. See docs/decisions/0012-permissions-read-along.md.

// mayRead tells that the viewer surely may read channel c of team ct, as its member cm.
var mayRead = certain("cm.SchemeUser = true AND c.DeleteAt = 0 AND COALESCE(c.SchemeId, '') = '' AND " + plainTeam +
	" AND " + granted("channel_user", "read_channel", true))

// mayList tells that the viewer surely may list the public channels of team ct, as its member tm.
var mayList = certain("tm.SchemeUser = true AND tm.DeleteAt = 0 AND " + plainTeam + " AND " + granted("team_user", "list_team_channels", true))

// ordinary tells that user u surely is no administrator of the system.
var ordinary = certain("u.Roles = 'system_user' AND " + granted("system_user", "manage_system", false))

const plainTeam = "ct.DeleteAt = 0 AND COALESCE(ct.SchemeId, '') = ''"

// certain is a condition whose being unknown counts as no.
func certain(condition string) string { return "CASE WHEN " + condition + " THEN true ELSE false END" }

// granted is the condition that a role is there and has a permission, or that it is there and has it not.
func granted(role, permission string, has bool) string {
	found := " = 0)"
	if has {
		found = " > 0)"
	}
	return "EXISTS (SELECT 1 FROM Roles r WHERE r.Name = '" + role + "' AND r.DeleteAt = 0" +
		" AND POSITION(' " + permission + " ' IN CONCAT(' ', r.Permissions, ' '))" + found
}

// Standing is one statement. Beside what is certain about the user it reads what tallies depend on: see survey.go.
func (s *incidents) Standing(ctx context.Context, userID, teamID string) (app.Standing, error) {
	return s.standing(ctx, userID, teamID)
}

func (s *Store) standing(ctx context.Context, userID, teamID string) (app.Standing, error) {
	var row struct {
		MayList, Ordinary bool
		Mark, Memberships string
	}
	err := s.get(ctx, s.db, &row, s.builder.Select(mayList+" AS maylist", ordinary+" AS ordinary", s.mark()+" AS mark").
		Column("("+s.memberships()+") AS memberships", userID).
		From("(SELECT 1 AS one) o").
		LeftJoin("Users u ON u.Id = ?", userID).
		LeftJoin("Teams ct ON ct.Id = ?", teamID).
		LeftJoin("TeamMembers tm ON tm.TeamId = ct.Id AND tm.UserId = u.Id"))
	if err != nil {
		return app.Standing{}, errors.Wrap(err, "read somebody's standing in a team")
	}
	return app.Standing{MayList: row.MayList, Ordinary: row.Ordinary, Mark: row.Mark, Memberships: row.Memberships}, nil
}
