package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// incidents implements app.Incidents.
type incidents struct {
	*Store
}

var _ app.Incidents = (*incidents)(nil)

func (s *incidents) Get(ctx context.Context, id string) (incident.Incident, error) {
	inc, err := s.getIncident(ctx, s.db, sq.Eq{"i.ID": id})
	return inc.Incident, err
}

// headerRow decides who may see and change an incident, and saves the change a few statements.
type headerRow struct {
	ID, TeamID, ChannelID string
	Revision              int64
	StatusPosts           string
	AllRead, IsActive     bool
	accessRow
}

// accessRow describes an incident's channel and the viewer.
type accessRow struct {
	Public, Joined bool
	Archived       bool
	ReadGranted    bool
	PostGranted    bool
	ListGranted    bool
	ChannelTeamID  string
	ViewerName     string
}

// header returns the header of an incident.
func (r *accessRow) header(id, teamID, channelID string) app.Header {
	return app.Header{ID: id, TeamID: teamID, ChannelID: channelID, Public: r.Public, Joined: r.Joined, Archived: r.Archived,
		ReadGranted: r.ReadGranted, PostGranted: r.PostGranted, ListGranted: r.ListGranted, ChannelTeamID: r.ChannelTeamID, ViewerName: r.ViewerName}
}

const (
	isPublic = "CASE WHEN c.Type = 'O' THEN true ELSE false END"
	isJoined = "CASE WHEN cm.UserId IS NULL THEN false ELSE true END"
	// shownToViewer: channel c is public, or the viewer is member cm of it.
	shownToViewer = "(c.Type = 'O' OR cm.UserId IS NOT NULL)"
)

// viewer and sought are the values of the statements that read an incident for a viewer.
const (
	viewer = statement.Value(iota)
	sought
)

// withAccess adds to a query over IR_Incident i its channel c, the viewer's membership cm, and the columns of an accessRow.
func withAccess(q sq.SelectBuilder) sq.SelectBuilder {
	return q.Columns(isPublic+" AS public", isJoined+" AS joined", "CASE WHEN c.DeleteAt <> 0 THEN true ELSE false END AS archived", "COALESCE(c.TeamId, '') AS channelteamid",
		readGranted+" AS readgranted", postGranted+" AS postgranted", listGranted+" AS listgranted").
		Column("COALESCE((SELECT u.Username FROM Users u WHERE u.Id = ?), '') AS viewername", viewer).
		LeftJoin("Channels c ON c.Id = i.ChannelID").
		LeftJoin("ChannelMembers cm ON cm.ChannelId = i.ChannelID AND cm.UserId = ?", viewer).
		LeftJoin("Teams ct ON ct.Id = c.TeamId").
		LeftJoin("TeamMembers tm ON tm.TeamId = ct.Id AND tm.UserId = ?", viewer)
}

func (s *incidents) Header(ctx context.Context, id, viewerID string) (app.Header, error) {
	var row headerRow
	err := s.get(ctx, s.db, &row, s.built.With("header", []interface{}{viewerID, id}, func() sq.Sqlizer {
		// What takes time with much of it is read only for those who see the incident, so that the time of a refusal reveals nothing.
		posts, _ := strings.CutSuffix(s.posts(), " AS statusposts")
		return withAccess(s.builder.Select("i.ID AS id", "i.TeamID AS teamid", "i.ChannelID AS channelid",
			"i.Revision AS revision", "i.IsActive AS isactive", "CASE WHEN "+shownToViewer+" THEN "+posts+" ELSE '' END AS statusposts",
			"CASE WHEN "+shownToViewer+" THEN "+allMembersRead+" ELSE false END AS allread").From("IR_Incident i")).Where(sq.Eq{"i.ID": sought})
	}))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.ID != id { // see sameCase
		return app.Header{}, incident.ErrNotFound
	}
	if err != nil {
		return app.Header{}, errors.Wrap(err, "read the header of an incident")
	}
	h := row.header(row.ID, row.TeamID, row.ChannelID)
	h.IsActive = row.IsActive
	if !row.Public && !row.Joined {
		return h, nil
	}
	decoded, err := decodePosts(row.StatusPosts)
	h.MembersRead = row.AllRead
	h.Known = &app.KnownState{Revision: row.Revision, StatusPosts: decoded}
	return h, err
}

func (s *incidents) View(ctx context.Context, id, viewerID string) (app.Header, *incident.Incident, error) {
	return s.view(ctx, "i.ID", id, viewerID)
}

func (s *incidents) ViewByChannel(ctx context.Context, channelID, viewerID string) (app.Header, *incident.Incident, error) {
	return s.view(ctx, "i.ChannelID", channelID, viewerID)
}

// view reads the header of the incident that has an id in a column, and the incident itself if the viewer is in its channel or that is public.
// Of other incidents the long columns are not read, so that the time of a refusal reveals nothing about them.
func (s *incidents) view(ctx context.Context, column, id, viewerID string) (app.Header, *incident.Incident, error) {
	var row struct {
		incidentRow
		accessRow
	}
	// A channel may have several incidents: the ongoing one is meant, else the newest. See docs/decisions/0048-incidents-of-a-channel.md.
	err := s.get(ctx, s.db, &row, s.built.With("view by "+column, []interface{}{viewerID, id}, func() sq.Sqlizer {
		return withAccess(s.builder.Select(maskedColumns(incidentColumns, s.posts())...).From("IR_Incident i")).Where(sq.Eq{column: sought}).
			OrderBy("i.IsActive DESC", "i.CreateAt DESC", "i.ID DESC").Limit(1)
	}))
	if errors.Is(err, sql.ErrNoRows) {
		return app.Header{}, nil, incident.ErrNotFound
	}
	if err != nil {
		return app.Header{}, nil, errors.Wrap(err, "read an incident for somebody")
	}
	where := sq.Eq{column: id}
	if !sameCase(where, "i.ID", row.ID) || !sameCase(where, "i.ChannelID", row.ChannelID) {
		return app.Header{}, nil, incident.ErrNotFound
	}
	inc, err := s.incident(&row.incidentRow)
	if err != nil {
		return app.Header{}, nil, err
	}
	h := row.header(inc.ID, inc.TeamID, inc.ChannelID)
	if !row.Public && !row.Joined {
		return h, nil, nil
	}
	h.Known = &app.KnownState{Revision: inc.Revision, StatusPosts: inc.StatusPosts}
	return h, &inc.Incident, nil
}

// maskedColumns returns the columns with empty values for the long ones unless the viewer is a member or the channel is public.
func maskedColumns(all []string, posts string) []string {
	nothing := map[string]string{"name": "''", "description": "''", "checklistsjson": "'null'", "activestagetitle": "''",
		"remindermessagetemplate": "''", "ownjson": "''", "statusposts": "''"}
	var out []string
	for _, column := range append(append([]string(nil), all...), posts) {
		at := strings.LastIndex(column, " AS ")
		value, name := column[:at], column[at+len(" AS "):]
		if other := nothing[name]; other != "" {
			value = "CASE WHEN " + shownToViewer + " THEN " + value + " ELSE " + other + " END"
		}
		out = append(out, value+" AS "+name)
	}
	return out
}

func (s *incidents) Event(ctx context.Context, incidentID, eventID string) (incident.Event, error) {
	events, err := s.eventRows(ctx, s.selectEvents(incidentID).Where(sq.Eq{"e.ID": eventID}))
	if err != nil || len(events) == 0 {
		return incident.Event{}, cmp.Or(err, error(incident.ErrNotFound))
	}
	return events[0], nil
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
	if err := s.selectAll(ctx, s.db, &rows, query); err != nil {
		return nil, errors.Wrap(err, "read the events of an incident")
	}
	events := make([]incident.Event, 0, len(rows))
	for _, r := range rows {
		events = append(events, incident.Event{ID: r.ID, IncidentID: r.IncidentID, Revision: r.Revision,
			ActorID: r.ActorID, CreateAt: r.CreateAt, PostID: r.PostID,
			Payload: incident.DecodePayload(incident.EventType(r.Type), []byte(r.BeforeJSON), []byte(r.AfterJSON))})
	}
	return events, nil
}

func (s *incidents) Metadata(ctx context.Context, id string) (app.Metadata, error) {
	_, data, err := s.metadata(ctx, id, "", "true")
	return data, err
}

func (s *incidents) ViewMetadata(ctx context.Context, id, viewerID string) (app.Header, *app.Metadata, error) {
	h, data, err := s.metadata(ctx, id, viewerID, shownToViewer)
	if err != nil || !h.Public && !h.Joined {
		return h, nil, err
	}
	return h, &data, nil
}

// metadata counts the members only where shown, a condition, holds.
func (s *incidents) metadata(ctx context.Context, id, viewerID, shown string) (app.Header, app.Metadata, error) {
	var row struct {
		ID, TeamID, ChannelID                     string
		ChannelName, ChannelDisplayName, TeamName string
		NumMembers, TotalPosts                    int64
		accessRow
	}
	err := s.get(ctx, s.db, &row, s.built.With("metadata "+shown, []interface{}{viewerID, id}, func() sq.Sqlizer {
		return withAccess(s.builder.Select("i.ID AS id", "i.TeamID AS teamid", "i.ChannelID AS channelid",
			"COALESCE(c.Name, '') AS channelname",
			"COALESCE(c.DisplayName, '') AS channeldisplayname",
			"COALESCE(t.Name, '') AS teamname",
			"COALESCE(c.TotalMsgCount, 0) AS totalposts",
			"CASE WHEN "+shown+" THEN (SELECT COUNT(DISTINCT h.UserId) FROM ChannelMemberHistory h LEFT JOIN Bots b ON b.UserId = h.UserId"+
				" WHERE h.ChannelId = i.ChannelID AND b.UserId IS NULL) ELSE 0 END AS nummembers").
			From("IR_Incident i")).LeftJoin(capability.TeamOfChannel).
			Where(sq.Eq{"i.ID": sought})
	}))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.ID != id { // see sameCase
		return app.Header{}, app.Metadata{}, incident.ErrNotFound
	}
	return row.header(row.ID, row.TeamID, row.ChannelID), app.Metadata{ChannelName: row.ChannelName, ChannelDisplayName: row.ChannelDisplayName, TeamName: row.TeamName,
		NumMembers: row.NumMembers, TotalPosts: row.TotalPosts}, errors.Wrap(err, "read the metadata of an incident")
}
