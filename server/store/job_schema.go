package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// addJobs makes the table of jobs and moves the rows of IR_LooseEnd there.
func addJobs(ctx context.Context, c *schema) error {
	err := c.table(ctx, "IR_Job", `
		ID VARCHAR(26) PRIMARY KEY,
		Kind VARCHAR(32) NOT NULL,
		JobKey VARCHAR(64) NOT NULL,
		IncidentID VARCHAR(26) NOT NULL DEFAULT '',
		Payload TEXT NOT NULL,
		Position BIGINT NOT NULL DEFAULT 0,
		State VARCHAR(16) NOT NULL,
		DueAt BIGINT NOT NULL,
		NextAttemptAt BIGINT NOT NULL,
		LeaseOwner VARCHAR(26) NOT NULL DEFAULT '',
		LeasedUntil BIGINT NOT NULL DEFAULT 0,
		Attempts BIGINT NOT NULL DEFAULT 0,
		LastError VARCHAR(512) NOT NULL DEFAULT '',
		CreateAt BIGINT NOT NULL
	`)
	if err != nil {
		return err
	}
	if err := c.uniqueIndex(ctx, "IR_Job_Kind_JobKey", "IR_Job", "Kind, JobKey"); err != nil {
		return err
	}
	if err := c.index(ctx, "IR_Job_Kind_State_NextAttemptAt", "IR_Job", "Kind, State, NextAttemptAt"); err != nil {
		return err
	}
	if err := c.index(ctx, "IR_Job_IncidentID_Kind", "IR_Job", "IncidentID, Kind, Position"); err != nil {
		return err
	}
	return c.moveLooseEnds(ctx)
}

// moveLooseEnds turns the rows of IR_LooseEnd into jobs. One that was taken counts as claimed once.
func (c *schema) moveLooseEnds(ctx context.Context) error {
	var rows []struct {
		ID, Kind, IncidentID, Content string
		CreateAt, TakenAt             int64
	}
	err := c.s.selectAll(ctx, c.tx, &rows, c.s.builder.Select("ID AS id", "Kind AS kind", "IncidentID AS incidentid", "Content AS content",
		"CreateAt AS createat", "TakenAt AS takenat").From("IR_LooseEnd").OrderBy("ID"))
	if err != nil {
		return errors.Wrap(err, "read the rows of IR_LooseEnd")
	}
	for _, r := range rows {
		var content struct {
			TeamID string `json:"team_id"`
			Mark   string `json:"mark"`
		}
		if err := json.Unmarshal([]byte(r.Content), &content); err != nil {
			c.s.log.Warn("A row of IR_LooseEnd cannot be read and is dropped", "id", r.ID, "error", err.Error())
			continue
		}
		kind, key, state, dueAt := "", r.ID, jobWaiting, r.CreateAt
		switch r.Kind {
		case "channel":
			kind = "discard_channel"
		case "status":
			kind = "discard_status_post"
		case "post":
			kind = "delete_post"
		case "reminder": // a reminder that was cancelled while it was being posted
			_, due, _ := strings.Cut(content.Mark, ":")
			kind, key, r.TakenAt = "reminder", content.Mark, r.CreateAt
			if dueAt, err = strconv.ParseInt(due, 10, 64); err != nil {
				continue
			}
		case "tied_up":
			kind, state = "discard_status_post", jobDone
			if content.TeamID != "" {
				kind = "discard_channel"
			}
		default:
			continue
		}
		attempts := 0
		if r.TakenAt != 0 {
			attempts = 1
		}
		_, err := c.s.exec(ctx, c.tx, c.s.builder.Insert("IR_Job").
			Columns("ID", "Kind", "JobKey", "IncidentID", "Payload", "State", "DueAt", "NextAttemptAt", "Attempts", "LastError", "CreateAt").
			Values(r.ID, kind, key, r.IncidentID, r.Content, state, dueAt, r.CreateAt+app.CleanUpDelay.Milliseconds(), attempts, "", r.CreateAt).
			Suffix(c.s.ignoreConflict()))
		if err != nil {
			return errors.Wrap(err, "turn a row of IR_LooseEnd into a job")
		}
	}
	_, err = c.s.exec(ctx, c.tx, c.s.builder.Delete("IR_LooseEnd"))
	return errors.Wrap(err, "empty IR_LooseEnd")
}
