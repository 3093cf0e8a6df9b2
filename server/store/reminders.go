package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Pending reminders are rows of the host's key-value table for plugins, in the form that 1.2.0 gave them, so that
// either version honours the reminders of the other. They are written here and not through the plugin API, because
// only so a change of an incident and of its reminder are one transaction.

// reminderPrefix of the key of a pending reminder stands before the incident's id.
const reminderPrefix = "once_"

// overdue (Unix ms) is the due time of a reminder whose time cannot be read. It must not depend on the present time:
// a due time identifies one reminder of an incident.
const overdue int64 = 1

type reminderValue struct {
	Key   string
	RunAt time.Time
}

func reminderKey(id string) string { return reminderPrefix + id }

func (s *Store) ofReminder(id string) sq.Eq {
	return sq.Eq{"PluginId": s.pluginID, "PKey": reminderKey(id)}
}

// deleteReminders deletes all pending reminders.
func (s *Store) deleteReminders() sq.Sqlizer {
	return s.builder.Delete("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID}).
		Where(`PKey LIKE ? ESCAPE '!'`, likeEscape(reminderPrefix)+"%")
}

// setReminder schedules the reminder of an incident for at (Unix ms), or cancels it for 0, together with its job. A job that
// was claimed is left alone: the attempt, or the next one after a crash, sees that the reminder is not pending any more and
// removes its post.
func (s *Store) setReminder(ctx context.Context, tx *sqlx.Tx, id string, at int64) error {
	var row sq.Sqlizer = s.builder.Delete("PluginKeyValueStore").Where(s.ofReminder(id))
	var job jobs.Job
	if at != 0 {
		value, err := json.Marshal(reminderValue{Key: id, RunAt: time.UnixMilli(at).UTC()})
		if err != nil {
			return errors.Wrap(err, "encode a reminder")
		}
		suffix := "ON DUPLICATE KEY UPDATE PValue = VALUES(PValue), ExpireAt = 0"
		if s.postgres {
			suffix = "ON CONFLICT (PluginId, PKey) DO UPDATE SET PValue = EXCLUDED.PValue, ExpireAt = 0"
		}
		row = s.builder.Insert("PluginKeyValueStore").Columns("PluginId", "PKey", "PValue", "ExpireAt").
			Values(s.pluginID, reminderKey(id), value, 0).Suffix(suffix)
		job = reminderJob(id, at)
	}
	obsolete := sq.And{sq.Eq{"Kind": app.JobReminder, "IncidentID": id}, sq.NotEq{"JobKey": job.Key},
		sq.Or{sq.Eq{"Attempts": 0}, sq.Eq{"State": jobFailed}}}
	if s.postgres { // all in one round trip
		statements := []sq.Sqlizer{s.builder.Delete("IR_Job").Where(obsolete)}
		if at != 0 {
			statements = append(statements, s.jobInsert(job))
		}
		_, err := s.exec(ctx, tx, together(append(statements, row)...))
		return errors.Wrap(err, "set a reminder")
	}
	if _, err := s.exec(ctx, tx, row); err != nil {
		return errors.Wrap(err, "set a reminder")
	}
	// MySQL would lock the gap around a row that a DELETE does not find, and so let other transactions wait.
	var ids []string
	if err := s.selectAll(ctx, tx, &ids, s.builder.Select("ID").From("IR_Job").Where(obsolete)); err != nil {
		return errors.Wrap(err, "look for the jobs of a reminder")
	}
	if len(ids) > 0 {
		_, err := s.exec(ctx, tx, s.builder.Delete("IR_Job").Where(sq.And{sq.Eq{"ID": ids}, obsolete}))
		if err != nil {
			return errors.Wrap(err, "withdraw the job of a reminder")
		}
	}
	if at == 0 {
		return nil
	}
	return s.addJob(ctx, tx, job)
}

// reminderJob is the job that posts the reminder of an incident that is pending for at (Unix ms).
func reminderJob(id string, at int64) jobs.Job {
	return jobs.Job{ID: model.NewId(), Kind: app.JobReminder, Key: incident.ReminderMark(id, at), IncidentID: id,
		DueAt: at, NextAttemptAt: at, CreateAt: time.Now().UnixMilli()}
}

// dueAt reads the time (Unix ms) from the value of a pending reminder.
func (s *Store) dueAt(id string, value []byte) int64 {
	var v reminderValue
	if err := json.Unmarshal(value, &v); err != nil || v.RunAt.IsZero() {
		s.log.Warn("The time of a pending reminder cannot be read, it counts as due", "incident_id", id)
		return overdue
	}
	if at := v.RunAt.UnixMilli(); at > overdue {
		return at
	}
	return overdue
}

// AdoptReminders gives a job to each pending reminder that has none, as those that version 1.2.0 has stored, and deletes
// the reminders of incidents that are gone.
func (s *incidents) AdoptReminders(ctx context.Context) error {
	var rows []struct {
		Name    string
		Content []byte
		ID      sql.NullString
		JobKey  string
	}
	err := s.selectAll(ctx, s.db, &rows, s.builder.
		Select("k.PKey AS name", "k.PValue AS content", "i.ID AS id", "COALESCE(j.JobKey, '') AS jobkey").
		From("PluginKeyValueStore k").
		LeftJoin("IR_Incident i ON i.ID = SUBSTR(k.PKey, 6)"). // what follows reminderPrefix
		LeftJoin("IR_Job j ON j.IncidentID = i.ID AND j.Kind = '"+app.JobReminder+"'").
		Where(sq.Eq{"k.PluginId": s.pluginID}).
		Where(`k.PKey LIKE ? ESCAPE '!'`, likeEscape(reminderPrefix)+"%").OrderBy("k.PKey"))
	if err != nil {
		return errors.Wrap(err, "read the pending reminders")
	}
	var gone []string
	missing := map[string]jobs.Job{} // by key
	for _, r := range rows {
		if !r.ID.Valid {
			gone = append(gone, r.Name)
			continue
		}
		job := reminderJob(r.ID.String, s.dueAt(r.ID.String, r.Content))
		missing[job.Key] = job
	}
	for _, r := range rows {
		delete(missing, r.JobKey)
	}
	for _, job := range missing {
		if err := s.addJob(ctx, s.db, job); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		_, err := s.exec(ctx, s.db, s.builder.Delete("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID, "PKey": gone}))
		if err != nil {
			s.log.Warn("Reminders of incidents that are gone could not be deleted", "error", err.Error())
		}
	}
	return nil
}

func (s *incidents) ReminderAt(ctx context.Context, id string) (int64, error) {
	return s.reminderAt(ctx, s.db, id)
}

func (s *Store) reminderAt(ctx context.Context, q sqlx.QueryerContext, id string) (int64, error) {
	var value []byte
	err := s.get(ctx, q, &value, s.builder.Select("PValue").From("PluginKeyValueStore").Where(s.ofReminder(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, errors.Wrap(err, "read a reminder")
	}
	return s.dueAt(id, value), nil
}

func (s *incidents) CancelReminder(ctx context.Context, id string, due int64) error {
	err := s.withSlot(ctx, id, func(tx *sqlx.Tx) error {
		if _, err := s.lockIncident(ctx, tx, id, nil); err != nil && !incident.IsKind(err, incident.NotFound) {
			return err
		}
		at, err := s.reminderAt(ctx, tx, id)
		if err != nil {
			return err
		}
		if at != due {
			return errRollback
		}
		return s.setReminder(ctx, tx, id, 0)
	})
	if errors.Is(err, errRollback) {
		return nil
	}
	return err
}

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
