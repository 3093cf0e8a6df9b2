package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"sort"
	"strconv"
	"strings"

	sq "github.com/Masterminds/squirrel"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
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
	OwnJSON                            string
	ExistingChannel                    bool
	StatusPosts                        string
}

var incidentColumns = columns("i", []string{"ID", "Name", "Description", "IsActive", "CommanderUserID", "TeamID", "ChannelID",
	"CreateAt", "EndAt", "DeleteAt", "ActiveStage", "PostID", "PlaybookID", "ChecklistsJSON", "PreviousReminder",
	"Revision", "PostRevision", "ExistingChannel"},
	[]string{"ActiveStageTitle", "ReminderPostID", "BroadcastChannelID", "ReminderMessageTemplate", "OwnJSON"})

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
	// foldedName is the name in the row, of which the folded forms are stored; "" in a new row.
	foldedName string
	// checklistsJSON and ownJSON are the texts in the row.
	checklistsJSON, ownJSON string
	// corrupt means that the stages in the row could not be read.
	corrupt bool
}

var errCorruptStages = incident.NewError(incident.Conflict, "incident.stages_unreadable",
	"The stages of this incident cannot be read from the database, so they cannot be changed without being lost. Ask your administrator to restore its ChecklistsJSON.")

// fromRow tolerates stages that cannot be read: they are logged and left out.
func (s *Store) fromRow(r *incidentRow) stored {
	out := stored{foldedName: r.Name, checklistsJSON: r.ChecklistsJSON, ownJSON: r.OwnJSON, Incident: incident.Incident{
		ID: r.ID, Name: r.Name, Description: r.Description, IsActive: r.IsActive,
		CommanderUserID: r.CommanderUserID, TeamID: r.TeamID, ChannelID: r.ChannelID,
		CreateAt: r.CreateAt, EndAt: r.EndAt, DeleteAt: r.DeleteAt,
		ActiveStage: int(r.ActiveStage), ActiveStageTitle: r.ActiveStageTitle,
		PostID: r.PostID, PlaybookID: r.PlaybookID,
		ReminderPostID: r.ReminderPostID, BroadcastChannelID: r.BroadcastChannelID,
		PreviousReminder: r.PreviousReminder, ReminderMessageTemplate: r.ReminderMessageTemplate,
		Revision: r.Revision, PostRevision: r.PostRevision, ExistingChannel: r.ExistingChannel,
	}}
	stages, err := decodeStages(r.ChecklistsJSON)
	if err != nil {
		out.corrupt = true
		s.log.Warn("The stages of an incident cannot be read", "incident_id", r.ID, "error", err.Error())
	}
	out.Checklists = stages
	out.Own = s.decodeOwn(r.OwnJSON, "incident_id", r.ID)
	return out
}

func decodeStages(text string) ([]incident.Stage, error) {
	var stages []incident.Stage
	// What version 1.2.0 and we have written is read four times as fast by the strict decoder. What it refuses, such as
	// unknown names and names in another letter case, is read by the tolerant one.
	if jsonv2.Unmarshal([]byte(text), &stages, jsonv2.RejectUnknownMembers(true)) == nil {
		return stages, nil
	}
	stages = nil
	if err := json.Unmarshal([]byte(text), &stages); err != nil {
		return nil, err
	}
	return stages, nil
}

// decodeOwn tolerates what cannot be read: it is logged and left out. The pair names whose it is.
func (s *Store) decodeOwn(text string, pair ...interface{}) incident.Own {
	own, err := incident.DecodeOwn(text)
	if err != nil {
		s.log.Warn("What capabilities keep of an incident or a playbook cannot be read", append(pair, "error", err.Error())...)
	}
	return own
}

// setOwn adds the column OwnJSON if own is not what is stored, as text. What is stored and cannot be read stays until there is
// something to store.
func setOwn(set map[string]interface{}, own incident.Own, text string) error {
	encoded, err := own.Encode()
	if err != nil || encoded == text {
		return err
	}
	if _, unreadable := incident.DecodeOwn(text); unreadable != nil && encoded == "" {
		return nil
	}
	set["OwnJSON"] = encoded
	return nil
}

// encodeStages writes stages in a form that 1.2.0 reads: null for none.
func encodeStages(stages []incident.Stage) (string, error) {
	if len(stages) == 0 {
		return "null", nil
	}
	b, err := incident.Marshal(stages)
	return string(b), errors.Wrap(err, "encode the stages")
}

// jsonValue is text for a column of type JSON on PostgreSQL, which does not take plain text.
func (s *Store) jsonValue(text string) interface{} {
	if s.postgres {
		return sq.Expr("CAST(? AS json)", text)
	}
	return text
}

// sameCase reports whether a row has the very id that was asked for. MySQL finds it in any letter case as well, but what
// is stored beside it, by an id in another letter case, would not be found again.
func sameCase(where sq.Eq, column, id string) bool {
	wanted, asked := where[column]
	return !asked || wanted == id
}

// posts is a column that lists the status posts of IR_Incident i as "id createat deleteat", separated by commas, so
// that they need no statement of their own. Deleted posts are among them, those that the host has removed for good
// are not.
func (s *Store) posts() string {
	const one = "CONCAT(p.Id, ' ', COALESCE(p.CreateAt, 0), ' ', COALESCE(p.DeleteAt, 0))"
	list := "GROUP_CONCAT(" + one + " SEPARATOR ',')"
	if s.postgres {
		list = "STRING_AGG(" + one + ", ',')"
	}
	return "COALESCE((SELECT " + list + " FROM IR_StatusPosts sp JOIN Posts p ON p.Id = sp.PostID WHERE sp.IncidentID = i.ID), '') AS statusposts"
}

// decodePosts reads the column posts, oldest first.
func decodePosts(text string) ([]incident.StatusPost, error) {
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	out := make([]incident.StatusPost, 0, len(list))
	for _, one := range list {
		fields := strings.Split(one, " ")
		if len(fields) != 3 {
			return nil, errors.Errorf("a status post is listed as %q", one)
		}
		createAt, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, errors.Wrap(err, "creation time of a status post")
		}
		deleteAt, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return nil, errors.Wrap(err, "deletion time of a status post")
		}
		out = append(out, incident.StatusPost{ID: fields[0], CreateAt: createAt, DeleteAt: deleteAt})
	}
	sort.Slice(out, func(a, b int) bool {
		if out[a].CreateAt != out[b].CreateAt {
			return out[a].CreateAt < out[b].CreateAt
		}
		return out[a].ID < out[b].ID
	})
	return out, nil
}

// selectIncidents selects whole incidents with their status posts.
func (s *Store) selectIncidents() sq.SelectBuilder {
	return s.builder.Select(incidentColumns...).Column(s.posts()).From("IR_Incident i")
}

// incident is the incident of a row of selectIncidents().
func (s *Store) incident(r *incidentRow) (stored, error) {
	out := s.fromRow(r)
	posts, err := decodePosts(r.StatusPosts)
	out.setStatusPosts(posts)
	return out, err
}

// getIncident reads the incident that where selects, with its status posts.
func (s *Store) getIncident(ctx context.Context, q sqlx.QueryerContext, where sq.Eq) (stored, error) {
	var row incidentRow
	err := s.get(ctx, q, &row, s.selectIncidents().Where(where))
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, incident.ErrNotFound
	}
	if err != nil {
		return stored{}, errors.Wrap(err, "read an incident")
	}
	if !sameCase(where, "i.ID", row.ID) || !sameCase(where, "i.ChannelID", row.ChannelID) {
		return stored{}, incident.ErrNotFound
	}
	return s.incident(&row)
}

// lockIncident locks an incident and reads its fresh state. Its status posts are read in a statement of their own: PostgreSQL
// would show those of the moment when this transaction began to wait for the lock. Only if known, which was read
// before, is of the revision that is now locked, its status posts are still those of the incident: each status update
// raises the revision.
func (s *Store) lockIncident(ctx context.Context, tx *sqlx.Tx, id string, known *app.KnownState) (stored, error) {
	var row incidentRow
	err := s.get(ctx, tx, &row, s.builder.Select(incidentColumns...).From("IR_Incident i").Where(sq.Eq{"i.ID": id}).Suffix("FOR UPDATE"))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.ID != id { // see sameCase
		return stored{}, incident.ErrNotFound
	}
	if err != nil {
		return stored{}, errors.Wrap(err, "lock an incident")
	}
	out := s.fromRow(&row)
	if known != nil && known.Revision == out.Revision {
		out.setStatusPosts(known.StatusPosts)
		return out, nil
	}
	posts, err := s.statusPosts(ctx, tx, id)
	out.setStatusPosts(posts)
	return out, err
}

func (i *stored) setStatusPosts(posts []incident.StatusPost) {
	i.StatusPosts, i.StatusPostIDs = append([]incident.StatusPost(nil), posts...), nil
	for _, p := range posts {
		i.StatusPostIDs = append(i.StatusPostIDs, p.ID)
	}
}

// statusPosts reads the status posts of an incident, oldest first.
func (s *Store) statusPosts(ctx context.Context, q sqlx.QueryerContext, id string) ([]incident.StatusPost, error) {
	var text string
	err := s.get(ctx, q, &text, s.builder.Select(s.posts()).From("IR_Incident i").Where(sq.Eq{"i.ID": id}))
	if err != nil {
		return nil, errors.Wrap(err, "read status posts")
	}
	return decodePosts(text)
}
