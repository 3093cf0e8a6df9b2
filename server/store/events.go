package store

import (
	"context"
	"slices"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (s *incidents) EventSizes(ctx context.Context, id string, limit int) ([]app.EventSize, error) {
	var rows []app.EventSize
	err := s.selectAll(ctx, s.db, &rows, s.builder.Select("e.Revision AS revision", "OCTET_LENGTH(e.BeforeJSON) + OCTET_LENGTH(e.AfterJSON) AS bytes").
		From("IR_Event e").Where(sq.Eq{"e.IncidentID": id}).OrderBy("e.Revision DESC").Limit(uint64(max(limit, 0))))
	slices.Reverse(rows)
	return rows, errors.Wrap(err, "look for the events of an incident")
}

func (s *incidents) EventsBetween(ctx context.Context, id string, from, to int64) ([]incident.Event, error) {
	return s.eventRows(ctx, s.selectEvents(id).Where(sq.GtOrEq{"e.Revision": from}).Where(sq.LtOrEq{"e.Revision": to}).OrderBy("e.Revision"))
}
