package erase

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

var tables = []string{"IR_Erasure"}

var migrations = []capability.Migration{makeTable}

// makeTable makes the table. It has a row for each incident that was deleted, which is never changed or deleted.
func makeTable(ctx context.Context, t capability.Tables) error {
	return t.AddTable(ctx, "IR_Erasure", `
		IncidentID VARCHAR(26) PRIMARY KEY,
		ActorID VARCHAR(26) NOT NULL,
		CreateAt BIGINT NOT NULL,
		NameSHA256 VARCHAR(64) NOT NULL
	`)
}

// insert stores a record, and the job that archives the channel unless its ID is "".
func insert(ctx context.Context, tx capability.Transaction, r Record, job jobs.Job) error {
	statements := []sq.Sqlizer{tx.Builder().Insert("IR_Erasure").Columns("IncidentID", "ActorID", "CreateAt", "NameSHA256").
		Values(r.IncidentID, r.DeletedByID, r.DeletedAt, r.NameSHA256)}
	if job.ID != "" {
		statements = append(statements, tx.InsertJob(job))
	}
	_, err := tx.Exec(ctx, statements...)
	return errors.Wrap(err, "store the record of a deletion")
}

// onlyForIt fails unless the channel was made for the incident and has no other one.
func onlyForIt(ctx context.Context, tx capability.Transaction, inc *incident.Incident) error {
	if inc.ExistingChannel {
		return errChannel
	}
	var others []string
	err := tx.Select(ctx, &others, tx.Builder().Select("ID").From("IR_Incident").Where(sq.Eq{"ChannelID": inc.ChannelID}).
		Where(sq.NotEq{"ID": inc.ID}).Limit(1))
	if err == nil && len(others) > 0 {
		return errChannel
	}
	return errors.Wrap(err, "look for other incidents of a channel")
}

// read returns the record of an incident that was deleted, or nil.
func read(ctx context.Context, d capability.Database, incidentID string) (*Record, error) {
	var rows []struct {
		IncidentID, ActorID, NameSHA256 string
		CreateAt                        int64
	}
	err := d.Select(ctx, &rows, d.Builder().Select("IncidentID AS incidentid", "ActorID AS actorid", "CreateAt AS createat", "NameSHA256 AS namesha256").
		From("IR_Erasure").Where(sq.Eq{"IncidentID": incidentID}))
	if err != nil {
		return nil, errors.Wrap(err, "read the record of a deletion")
	}
	if len(rows) == 0 || rows[0].IncidentID != incidentID { // MySQL takes letter cases for the same
		return nil, nil
	}
	return &Record{IncidentID: incidentID, DeletedByID: rows[0].ActorID, DeletedAt: rows[0].CreateAt, NameSHA256: rows[0].NameSHA256}, nil
}
