package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// incidentRow is a row of IR_Incident.
type incidentRow struct {
	ID, Name, Description              string
	IsActive                           bool
	CommanderUserID, TeamID, ChannelID string
	CreateAt, EndAt, DeleteAt          int64
	ActiveStage                        int64
	ActiveStageTitle                   string
	PostID, PlaybookID                 string
	ChecklistsJSON                     string
	ReminderPostID, BroadcastChannelID string
	PreviousReminder                   int64
	ReminderMessageTemplate            string
	Revision, PostRevision             int64
	ReminderClaimedAt                  int64
}

var incidentColumns = columns("i", []string{"ID", "Name", "Description", "IsActive", "CommanderUserID", "TeamID", "ChannelID",
	"CreateAt", "EndAt", "DeleteAt", "ActiveStage", "PostID", "PlaybookID", "ChecklistsJSON", "PreviousReminder",
	"Revision", "PostRevision", "ReminderClaimedAt"},
	[]string{"ActiveStageTitle", "ReminderPostID", "BroadcastChannelID", "ReminderMessageTemplate"})

// columns lists columns for a SELECT. Their results are named in lower case, which both databases and sqlx
// agree on. NULL in one of the nullable text columns reads as "".
func columns(table string, plain, nullable []string) []string {
	var out []string
	for _, name := range plain {
		out = append(out, table+"."+name+" AS "+strings.ToLower(name))
	}
	for _, name := range nullable {
		out = append(out, "COALESCE("+table+"."+name+", '') AS "+strings.ToLower(name))
	}
	return out
}

// stored is an incident with what is stored beside it.
type stored struct {
	incident.Incident
	claimedAt int64
	// checklistsJSON is the text in the row.
	checklistsJSON string
	// unreadable tells that the stages in the row could not be read.
	unreadable bool
}

var errUnreadable = incident.NewError(incident.Conflict, "incident.stages_unreadable",
	"The stages of this incident cannot be read from the database, so they cannot be changed without being lost. Ask your administrator to restore its ChecklistsJSON.")

// fromRow tolerates stages that cannot be read: they are logged and left out.
func (s *Store) fromRow(r *incidentRow) stored {
	out := stored{claimedAt: r.ReminderClaimedAt, checklistsJSON: r.ChecklistsJSON, Incident: incident.Incident{
		ID: r.ID, Name: r.Name, Description: r.Description, IsActive: r.IsActive,
		CommanderUserID: r.CommanderUserID, TeamID: r.TeamID, ChannelID: r.ChannelID,
		CreateAt: r.CreateAt, EndAt: r.EndAt, DeleteAt: r.DeleteAt,
		ActiveStage: int(r.ActiveStage), ActiveStageTitle: r.ActiveStageTitle,
		PostID: r.PostID, PlaybookID: r.PlaybookID,
		ReminderPostID: r.ReminderPostID, BroadcastChannelID: r.BroadcastChannelID,
		PreviousReminder: r.PreviousReminder, ReminderMessageTemplate: r.ReminderMessageTemplate,
		Revision: r.Revision, PostRevision: r.PostRevision,
	}}
	stages, err := decodeStages(r.ChecklistsJSON)
	if err != nil {
		out.unreadable = true
		s.log.Warn("The stages of an incident cannot be read", "incident_id", r.ID, "error", err.Error())
	}
	out.Checklists = stages
	return out
}

func decodeStages(text string) ([]incident.Stage, error) {
	var stages []incident.Stage
	if err := json.Unmarshal([]byte(text), &stages); err != nil {
		return nil, err
	}
	return stages, nil
}

// encodeStages writes stages as 1.2.0 does: null for none.
func encodeStages(stages []incident.Stage) (string, error) {
	if len(stages) == 0 {
		return "null", nil
	}
	b, err := json.Marshal(stages)
	return string(b), errors.Wrap(err, "encode the stages")
}

// jsonValue is text for a column of type JSON on PostgreSQL, which does not take plain text.
func (s *Store) jsonValue(text string) interface{} {
	if s.postgres {
		return sq.Expr("CAST(? AS json)", text)
	}
	return text
}

// sameCase tells whether a row has the very id that was asked for. MySQL finds it in any letter case as well, but what
// is stored beside it, by an id in another letter case, would not be found again.
func sameCase(where sq.Eq, column, id string) bool {
	wanted, asked := where[column]
	return !asked || wanted == id
}

// load reads the incident that where selects, with its status posts.
func (s *Store) load(ctx context.Context, q sqlx.QueryerContext, where sq.Eq, lock bool) (stored, error) {
	query := s.builder.Select(incidentColumns...).From("IR_Incident i").Where(where)
	if lock {
		query = query.Suffix("FOR UPDATE")
	}
	var row incidentRow
	err := get(ctx, q, &row, query)
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, incident.ErrNotFound
	}
	if err != nil {
		return stored{}, errors.Wrap(err, "read an incident")
	}
	if !sameCase(where, "i.ID", row.ID) || !sameCase(where, "i.ChannelID", row.ChannelID) {
		return stored{}, incident.ErrNotFound
	}
	out := s.fromRow(&row)
	posts, err := s.statusPosts(ctx, q, []string{out.ID})
	if err != nil {
		return stored{}, err
	}
	out.setStatusPosts(posts[out.ID])
	return out, nil
}

func (i *stored) setStatusPosts(posts []incident.StatusPost) {
	i.StatusPosts, i.StatusPostIDs = posts, nil
	for _, p := range posts {
		i.StatusPostIDs = append(i.StatusPostIDs, p.ID)
	}
}

// statusPosts reads the status posts of incidents, oldest first. Deleted posts are among them, those that the
// host has removed for good are not.
func (s *Store) statusPosts(ctx context.Context, q sqlx.QueryerContext, ids []string) (map[string][]incident.StatusPost, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		IncidentID, ID     string
		CreateAt, DeleteAt int64
	}
	err := selectAll(ctx, q, &rows, s.builder.
		Select("sp.IncidentID AS incidentid", "p.Id AS id", "COALESCE(p.CreateAt, 0) AS createat", "COALESCE(p.DeleteAt, 0) AS deleteat").
		From("IR_StatusPosts sp").Join("Posts p ON p.Id = sp.PostID").
		Where(sq.Eq{"sp.IncidentID": ids}).OrderBy("p.CreateAt", "p.Id"))
	if err != nil {
		return nil, errors.Wrap(err, "read status posts")
	}
	out := map[string][]incident.StatusPost{}
	for _, r := range rows {
		out[r.IncidentID] = append(out[r.IncidentID], incident.StatusPost{ID: r.ID, CreateAt: r.CreateAt, DeleteAt: r.DeleteAt})
	}
	return out, nil
}
