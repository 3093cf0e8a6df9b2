package invitations

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// person is somebody who is invited.
type person struct {
	ID, Username string
	// InTeam means that they are a member of the team. Here means that they are in the channel, or have been: who has left a channel that
	// was made for the incident is not added again.
	InTeam, Here bool
	// Inactive means that they are deactivated.
	Inactive, Bot bool
}

// group is a group that is invited, and exists or was deleted.
type group struct {
	ID, DisplayName string
	// Mentionable means that people may mention it: only then may its name be said and its members be invited. Deleted groups stay.
	Mentionable, Deleted bool
}

// target is the channel to which people are invited.
type target struct {
	ChannelID, TeamID string
	// Existing means that only present members of the channel count as being there.
	Existing bool
}

// invited is who is invited.
type invited struct {
	// users are those of Invitations.UserIDs who exist, in that order, members those of groups who are active in the team, no bots and no
	// users. There are at most MaxPeople who can be added.
	users, members []person
	groups         []group
	// more counts the active members of groups beyond that who are not in the channel, outside those who are not in the team.
	more, outside int
}

// database reads Mattermost's tables. The plugin API of version 5.28 does not tell who is in a group.
type database struct{ capability.Database }

const (
	isBot    = "CASE WHEN b.UserId IS NULL THEN false ELSE true END AS bot"
	joinBots = "Bots b ON b.UserId = u.Id"
	isInTeam = "CASE WHEN tm.UserId IS NULL THEN false ELSE true END AS inteam"
	joinTeam = "TeamMembers tm ON tm.UserId = u.Id AND tm.DeleteAt = 0 AND tm.TeamId = ?"
)

func (d *database) known(ctx context.Context, i Invitations) (users []person, groupIDs []string, err error) {
	if len(i.UserIDs) > 0 {
		err = d.Select(ctx, &users, d.Builder().Select("u.Id AS id", isBot).From("Users u").LeftJoin(joinBots).Where(sq.Eq{"u.Id": i.UserIDs}))
	}
	if len(i.GroupIDs) > 0 && err == nil {
		err = d.Select(ctx, &groupIDs, d.Builder().Select("g.Id").From("UserGroups g").Where(sq.Eq{"g.Id": i.GroupIDs, "g.DeleteAt": 0, "g.AllowReference": true}))
	}
	return users, groupIDs, errors.Wrap(err, "read who is to be invited")
}

func (d *database) invited(ctx context.Context, i Invitations, to target) (invited, error) {
	var all invited
	if len(i.UserIDs) > 0 {
		var found []person
		q := d.people(to).Columns("CASE WHEN u.DeleteAt <> 0 THEN true ELSE false END AS inactive", isBot).Where(sq.Eq{"u.Id": i.UserIDs})
		if err := d.Select(ctx, &found, q); err != nil {
			return all, errors.Wrap(err, "read who is invited")
		}
		for _, id := range i.UserIDs {
			for _, p := range found {
				if p.ID == id {
					all.users = append(all.users, p)
				}
			}
		}
	}
	if len(i.GroupIDs) == 0 {
		return all, nil
	}
	err := d.Select(ctx, &all.groups, d.Builder().Select("g.Id AS id", "COALESCE(g.DisplayName, '') AS displayname",
		"CASE WHEN g.AllowReference = true THEN true ELSE false END AS mentionable", "CASE WHEN g.DeleteAt = 0 THEN false ELSE true END AS deleted").
		From("UserGroups g").Where(sq.Eq{"g.Id": i.GroupIDs}))
	if err != nil {
		return all, errors.Wrap(err, "read which groups are invited")
	}
	return all, errors.Wrap(d.members(ctx, i, to, &all), "read the members of groups who are invited")
}

// people reads people with their state in a channel and its team.
func (d *database) people(to target) sq.SelectBuilder {
	q := d.Builder().Select("u.Id AS id", "u.Username AS username", isInTeam)
	return here(q, to).From("Users u").LeftJoin(joinBots).LeftJoin(joinTeam, to.TeamID)
}

// here adds the column Here.
func here(q sq.SelectBuilder, to target) sq.SelectBuilder {
	const member, past = "EXISTS (SELECT 1 FROM ChannelMembers cm WHERE cm.UserId = u.Id AND cm.ChannelId = ?)",
		"EXISTS (SELECT 1 FROM ChannelMemberHistory h WHERE h.UserId = u.Id AND h.ChannelId = ?)"
	if to.Existing {
		return q.Column("CASE WHEN "+member+" THEN true ELSE false END AS here", to.ChannelID)
	}
	return q.Column("CASE WHEN "+member+" OR "+past+" THEN true ELSE false END AS here", to.ChannelID, to.ChannelID)
}

// members reads the members of the groups that may be invited.
func (d *database) members(ctx context.Context, i Invitations, to target, all *invited) error {
	var usable []string
	for _, g := range all.groups {
		if g.usable() {
			usable = append(usable, g.ID)
		}
	}
	if len(usable) == 0 {
		return nil
	}
	places := MaxPeople
	for _, p := range all.users {
		if p.canJoin() {
			places--
		}
	}
	in := sq.Expr("u.Id IN (?)", sq.Select("gm.UserId").From("GroupMembers gm").Where(sq.Eq{"gm.GroupId": usable, "gm.DeleteAt": 0}))
	active := sq.And{in, sq.Eq{"u.DeleteAt": 0, "b.UserId": nil}}
	if len(i.UserIDs) > 0 {
		active = append(active, sq.NotEq{"u.Id": i.UserIDs})
	}
	q := d.people(to).Where(active).Where("tm.UserId IS NOT NULL").OrderBy("u.Username", "u.Id").Limit(uint64(places)) //nolint:gosec // above 0
	if err := d.Select(ctx, &all.members, q); err != nil {
		return err
	}
	var counts []struct {
		InTeam, Here bool
		N            int
	}
	each := here(d.Builder().Select(isInTeam), to).From("Users u").LeftJoin(joinBots).LeftJoin(joinTeam, to.TeamID).Where(active)
	if err := d.Select(ctx, &counts, d.Builder().Select("inteam", "here", "COUNT(*) AS n").FromSelect(each, "e").GroupBy("inteam", "here")); err != nil {
		return err
	}
	for _, c := range counts {
		switch {
		case !c.InTeam:
			all.outside += c.N
		case !c.Here:
			all.more = c.N
		}
	}
	for _, p := range all.members {
		if !p.Here {
			all.more--
		}
	}
	all.more = max(all.more, 0) // somebody may have come between both statements
	return nil
}

func (g *group) usable() bool { return g.Mentionable && !g.Deleted }

// canJoin reports whether somebody can be in the channel.
func (p *person) canJoin() bool { return p.InTeam && !p.Inactive && !p.Bot }
