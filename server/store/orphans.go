package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

func (s *incidents) OrphanChannels(ctx context.Context, o app.Orphan) ([]string, error) {
	query := s.builder.Select("c.Id").From("Channels c").LeftJoin("IR_Incident i ON i.ChannelID = c.Id").
		Where(sq.Eq{"c.TeamId": o.TeamID, "c.Name": o.Names, "c.CreatorId": o.CreatorID, "c.DeleteAt": 0, "i.ID": nil}).
		Where(sq.GtOrEq{"c.CreateAt": o.From}).Where(sq.LtOrEq{"c.CreateAt": o.To})
	if o.Type != "" {
		query = query.Where(sq.Eq{"c.Type": o.Type, "c.Header": o.Header})
		stranger := sq.Select("1").From("ChannelMembers m").Where("m.ChannelId = c.Id").Where(sq.NotEq{"m.UserId": o.Members})
		query = query.Where(sq.Expr("NOT EXISTS (?)", stranger))
	}
	var ids []string
	err := s.selectAll(ctx, s.db, &ids, query)
	return ids, errors.Wrap(err, "look for channels without an incident")
}
