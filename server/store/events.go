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

// EventPage goes through an index by the place behind which it continues, so that each page costs the same.
func (s *incidents) EventPage(ctx context.Context, id string, f app.EventFilter) ([]incident.Event, error) {
	query, order, than := s.selectEvents(id), "ASC", ">"
	if f.Descending {
		order, than = "DESC", "<"
	}
	if len(f.Types) > 0 {
		names := make([]string, 0, len(f.Types))
		for _, kind := range f.Types {
			names = append(names, string(kind))
		}
		query = query.Where(sq.Eq{"e.Type": names})
	}
	if len(f.IDs) > 0 {
		query = query.Where(sq.Eq{"e.ID": f.IDs})
	}
	if f.After != nil {
		// The first condition alone bounds the range of the index that is read.
		query = query.Where("e.CreateAt "+than+"= ?", f.After.CreateAt).
			Where("(e.CreateAt "+than+" ? OR e.Revision "+than+" ?)", f.After.CreateAt, f.After.Revision)
	}
	return s.eventRows(ctx, query.OrderBy("e.CreateAt "+order, "e.Revision "+order).Limit(uint64(max(f.Limit, 0))))
}
