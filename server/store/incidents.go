package store

import (
	"context"
	"database/sql"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// incidents implements app.Incidents.
type incidents struct {
	*Store
}

var _ app.Incidents = (*incidents)(nil)

func (s *incidents) Get(ctx context.Context, id string) (incident.Incident, error) {
	inc, err := s.load(ctx, s.db, sq.Eq{"i.ID": id}, false)
	return inc.Incident, err
}

func (s *incidents) GetByChannel(ctx context.Context, channelID string) (incident.Incident, error) {
	inc, err := s.load(ctx, s.db, sq.Eq{"i.ChannelID": channelID}, false)
	return inc.Incident, err
}

func (s *incidents) Header(ctx context.Context, id string) (app.Header, error) {
	return s.header(ctx, sq.Eq{"ID": id})
}

func (s *incidents) HeaderByChannel(ctx context.Context, channelID string) (app.Header, error) {
	return s.header(ctx, sq.Eq{"ChannelID": channelID})
}

func (s *incidents) header(ctx context.Context, where sq.Eq) (app.Header, error) {
	var h app.Header
	err := get(ctx, s.db, &h, s.builder.Select("ID AS id", "TeamID AS teamid", "ChannelID AS channelid").
		From("IR_Incident").Where(where))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !(sameCase(where, "ID", h.ID) && sameCase(where, "ChannelID", h.ChannelID)) {
		return app.Header{}, incident.ErrNotFound
	}
	return h, errors.Wrap(err, "read the header of an incident")
}

func (s *incidents) Events(ctx context.Context, id string) ([]incident.Event, error) {
	events, err := s.eventRows(ctx, s.selectEvents(id).OrderBy("e.Revision"))
	if err != nil {
		return nil, err
	}
	if len(events) == 0 { // incidents of 1.2.0 have none
		if _, err := s.Header(ctx, id); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func (s *Store) selectEvents(incidentID string) sq.SelectBuilder {
	return s.builder.Select(columns("e", []string{"ID", "IncidentID", "Revision", "Type", "ActorID",
		"CreateAt", "BeforeJSON", "AfterJSON", "PostID"}, nil)...).
		From("IR_Event e").Where(sq.Eq{"e.IncidentID": incidentID})
}

func (s *Store) eventRows(ctx context.Context, query sq.SelectBuilder) ([]incident.Event, error) {
	var rows []struct {
		ID, IncidentID                               string
		Revision                                     int64
		Type, ActorID, BeforeJSON, AfterJSON, PostID string
		CreateAt                                     int64
	}
	if err := selectAll(ctx, s.db, &rows, query); err != nil {
		return nil, errors.Wrap(err, "read the events of an incident")
	}
	events := make([]incident.Event, 0, len(rows))
	for _, r := range rows {
		events = append(events, incident.Event{ID: r.ID, IncidentID: r.IncidentID, Revision: r.Revision,
			Type: incident.EventType(r.Type), ActorID: r.ActorID, CreateAt: r.CreateAt,
			Before: []byte(r.BeforeJSON), After: []byte(r.AfterJSON), PostID: r.PostID})
	}
	return events, nil
}

func (s *incidents) Metadata(ctx context.Context, id string) (app.Metadata, error) {
	var row struct {
		ChannelName, ChannelDisplayName, TeamName string
		NumMembers, TotalPosts                    int64
	}
	err := get(ctx, s.db, &row, s.builder.Select(
		"COALESCE(c.Name, '') AS channelname",
		"COALESCE(c.DisplayName, '') AS channeldisplayname",
		"COALESCE(t.Name, '') AS teamname",
		"COALESCE(c.TotalMsgCount, 0) AS totalposts",
		"(SELECT COUNT(DISTINCT h.UserId) FROM ChannelMemberHistory h LEFT JOIN Bots b ON b.UserId = h.UserId"+
			" WHERE h.ChannelId = i.ChannelID AND b.UserId IS NULL) AS nummembers").
		From("IR_Incident i").LeftJoin("Channels c ON c.Id = i.ChannelID").LeftJoin("Teams t ON t.Id = i.TeamID").
		Where(sq.Eq{"i.ID": id}))
	if errors.Is(err, sql.ErrNoRows) {
		return app.Metadata{}, incident.ErrNotFound
	}
	return app.Metadata{ChannelName: row.ChannelName, ChannelDisplayName: row.ChannelDisplayName, TeamName: row.TeamName,
		NumMembers: row.NumMembers, TotalPosts: row.TotalPosts}, errors.Wrap(err, "read the metadata of an incident")
}

func (s *incidents) Nuke(ctx context.Context) error { return s.nuke(ctx) }
