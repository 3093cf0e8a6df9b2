package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
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

// setReminder schedules the reminder of an incident for at (Unix ms), or cancels it for 0.
func (s *Store) setReminder(ctx context.Context, tx *sqlx.Tx, id string, at int64) error {
	if at == 0 {
		_, err := s.exec(ctx, tx, s.builder.Delete("PluginKeyValueStore").Where(s.ofReminder(id)))
		return errors.Wrap(err, "cancel a reminder")
	}
	value, err := json.Marshal(reminderValue{Key: id, RunAt: time.UnixMilli(at).UTC()})
	if err != nil {
		return errors.Wrap(err, "encode a reminder")
	}
	suffix := "ON DUPLICATE KEY UPDATE PValue = VALUES(PValue), ExpireAt = 0"
	if s.postgres {
		suffix = "ON CONFLICT (PluginId, PKey) DO UPDATE SET PValue = EXCLUDED.PValue, ExpireAt = 0"
	}
	_, err = s.exec(ctx, tx, s.builder.Insert("PluginKeyValueStore").
		Columns("PluginId", "PKey", "PValue", "ExpireAt").
		Values(s.pluginID, reminderKey(id), value, 0).Suffix(suffix))
	return errors.Wrap(err, "schedule a reminder")
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

func claimed(claimedAt, now, lease int64) bool {
	return claimedAt != 0 && claimedAt > now-lease
}

func (s *incidents) DueReminders(ctx context.Context, now, lease int64) ([]string, error) {
	var rows []struct {
		Name      string
		Content   []byte
		ID        sql.NullString
		ClaimedAt int64
	}
	err := s.selectAll(ctx, s.db, &rows, s.builder.
		Select("k.PKey AS name", "k.PValue AS content", "i.ID AS id", "COALESCE(i.ReminderClaimedAt, 0) AS claimedat").
		From("PluginKeyValueStore k").
		LeftJoin("IR_Incident i ON i.ID = SUBSTR(k.PKey, 6)"). // what follows reminderPrefix
		Where(sq.Eq{"k.PluginId": s.pluginID}).
		Where(`k.PKey LIKE ? ESCAPE '!'`, likeEscape(reminderPrefix)+"%").OrderBy("k.PKey"))
	if err != nil {
		return nil, errors.Wrap(err, "read the pending reminders")
	}
	var due, gone []string
	for _, r := range rows {
		if !r.ID.Valid {
			gone = append(gone, r.Name)
			continue
		}
		id := strings.TrimPrefix(r.Name, reminderPrefix)
		if !claimed(r.ClaimedAt, now, lease) && s.dueAt(id, r.Content) <= now {
			due = append(due, id)
		}
	}
	if len(gone) > 0 {
		_, err := s.exec(ctx, s.db, s.builder.Delete("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID, "PKey": gone}))
		if err != nil {
			s.log.Warn("Reminders of incidents that are gone could not be deleted", "error", err.Error())
		}
	}
	return due, nil
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

func (s *incidents) ClaimReminder(ctx context.Context, id string, now, lease int64) (inc incident.Incident, dueAt int64, again, ok bool, err error) {
	err = s.inTurn(ctx, id, func(tx *sqlx.Tx) error {
		inc, dueAt, again, ok = incident.Incident{}, 0, false, false
		row, err := s.lock(ctx, tx, id, nil)
		if incident.IsKind(err, incident.NotFound) {
			return s.setReminder(ctx, tx, id, 0)
		}
		if err != nil {
			return err
		}
		inc = row.Incident
		if dueAt, err = s.reminderAt(ctx, tx, id); err != nil {
			return err
		}
		if dueAt == 0 || dueAt > now {
			return errRollback
		}
		if !inc.IsActive {
			if err := s.setReminder(ctx, tx, id, 0); err != nil {
				return err
			}
			return s.setColumns(ctx, tx, id, map[string]interface{}{"ReminderClaimedAt": int64(0)})
		}
		if claimed(row.claimedAt, now, lease) {
			return errRollback
		}
		ok, again = true, row.claimedAt != 0
		return s.setColumns(ctx, tx, id, map[string]interface{}{"ReminderClaimedAt": now})
	})
	if errors.Is(err, errRollback) {
		err = nil
	}
	if err != nil {
		return incident.Incident{}, 0, false, false, err
	}
	return inc, dueAt, again, ok, nil
}

func (s *incidents) FindPost(ctx context.Context, channelID, userID string, since int64, needle string) (string, error) {
	// The host keeps props as JSON text, in later versions as JSON that is spaced when turned into text.
	props := "REPLACE(CAST(Props AS CHAR), '\": ', '\":')"
	if s.postgres {
		props = "REPLACE(CAST(Props AS TEXT), '\": ', '\":')"
	}
	needle = strings.ReplaceAll(needle, `": `, `":`)
	var id string
	where := sq.Eq{"ChannelId": channelID, "DeleteAt": 0}
	if userID != "" {
		where["UserId"] = userID
	}
	err := s.get(ctx, s.db, &id, s.builder.Select("Id").From("Posts").
		Where(where).
		Where(sq.GtOrEq{"CreateAt": since}).
		Where(props+` LIKE ? ESCAPE '!'`, "%"+likeEscape(needle)+"%").
		OrderBy("CreateAt DESC", "Id DESC").Limit(1))
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, errors.Wrap(err, "look for a post")
}
