package store

import (
	"context"
	"database/sql"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

func (s *incidents) FindPost(ctx context.Context, channelID, userID string, since int64, propPattern string) (string, error) {
	// The host keeps props as JSON text, in later versions as JSON that is spaced when turned into text.
	props := "REPLACE(CAST(Props AS CHAR), '\": ', '\":')"
	if s.postgres {
		props = "REPLACE(CAST(Props AS TEXT), '\": ', '\":')"
	}
	propPattern = strings.ReplaceAll(propPattern, `": `, `":`)
	var id string
	where := sq.Eq{"ChannelId": channelID, "DeleteAt": 0}
	if userID != "" {
		where["UserId"] = userID
	}
	err := s.get(ctx, s.db, &id, s.builder.Select("Id").From("Posts").
		Where(where).
		Where(sq.GtOrEq{"CreateAt": since}).
		Where(props+` LIKE ? ESCAPE '!'`, "%"+likeEscape(propPattern)+"%").
		OrderBy("CreateAt DESC", "Id DESC").Limit(1))
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, errors.Wrap(err, "look for a post")
}
