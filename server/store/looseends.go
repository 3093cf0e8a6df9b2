package store

import (
	"context"
	"encoding/json"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A loose end that is taken back stays as TiedUp for a day, so that who was very slow and still wants to store what
// it waited for is refused.
const tiedUpLifetime = 24 * time.Hour

var errTakenBack = incident.NewError(incident.Conflict, "too_slow",
	"This took so long that it was given up and taken back. Try again.")

func (s *incidents) AddLooseEnd(ctx context.Context, end incident.LooseEnd) error {
	return s.insertLooseEnd(ctx, s.db, end)
}

func (s *Store) insertLooseEnd(ctx context.Context, e sqlx.ExecerContext, end incident.LooseEnd) error {
	content, err := json.Marshal(end)
	if err != nil {
		return errors.Wrap(err, "encode a loose end")
	}
	suffix := "ON DUPLICATE KEY UPDATE ID = ID"
	if s.postgres {
		suffix = "ON CONFLICT (ID) DO NOTHING"
	}
	_, err = s.exec(ctx, e, s.builder.Insert("IR_LooseEnd").Columns("ID", "Kind", "IncidentID", "Content", "CreateAt").
		Values(end.ID, string(end.Kind), end.IncidentID, string(content), end.CreateAt).Suffix(suffix))
	return errors.Wrap(err, "store a loose end")
}

func (s *incidents) LooseEnds(ctx context.Context, before, takenBefore int64) ([]incident.LooseEnd, error) {
	_, err := s.exec(ctx, s.db, s.builder.Delete("IR_LooseEnd").
		Where(sq.Eq{"Kind": string(incident.TiedUp)}).Where(sq.Lt{"CreateAt": time.Now().Add(-tiedUpLifetime).UnixMilli()}))
	if err != nil && !isRetryable(err) {
		return nil, errors.Wrap(err, "delete what was tied up")
	}
	var rows []struct {
		ID, Kind, IncidentID, Content string
		CreateAt                      int64
	}
	err = s.selectAll(ctx, s.db, &rows, s.builder.
		Select("ID AS id", "Kind AS kind", "IncidentID AS incidentid", "Content AS content", "CreateAt AS createat").
		From("IR_LooseEnd").Where(sq.NotEq{"Kind": string(incident.TiedUp)}).
		Where(sq.Lt{"CreateAt": before}).Where(sq.Lt{"TakenAt": takenBefore}).OrderBy("CreateAt", "ID").Limit(100))
	if err != nil {
		return nil, errors.Wrap(err, "read the loose ends")
	}
	var ends []incident.LooseEnd
	for _, r := range rows {
		end := incident.LooseEnd{ID: r.ID, Kind: incident.LooseEndKind(r.Kind), IncidentID: r.IncidentID, CreateAt: r.CreateAt}
		if err := json.Unmarshal([]byte(r.Content), &end); err != nil {
			s.log.Warn("A loose end cannot be read", "id", r.ID, "error", err.Error())
			continue
		}
		ends = append(ends, end)
	}
	return ends, nil
}

// TakeLooseEnd waits for a transaction that is about to tie the loose end up, because that one has locked its row.
func (s *incidents) TakeLooseEnd(ctx context.Context, id string, now int64) (bool, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) (err error) {
		n, err = s.exec(ctx, tx, s.builder.Update("IR_LooseEnd").Set("TakenAt", now).Where(sq.Eq{"ID": id}))
		return err
	})
	return n > 0, errors.Wrap(err, "take a loose end")
}

func (s *incidents) DropLooseEnd(ctx context.Context, id string) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := s.exec(ctx, tx, s.builder.Update("IR_LooseEnd").Set("Kind", string(incident.TiedUp)).
			Where(sq.Eq{"ID": id, "Kind": []string{string(incident.LooseChannel), string(incident.LooseStatus)}}).Where(sq.NotEq{"TakenAt": 0}))
		if err == nil {
			_, err = s.exec(ctx, tx, s.builder.Delete("IR_LooseEnd").
				Where(sq.Eq{"ID": id, "Kind": []string{string(incident.LoosePost), string(incident.LooseReminder)}}))
		}
		return err
	})
	return errors.Wrap(err, "tie a loose end up")
}

// tieUp deletes the loose end with what it waited for. It fails if somebody has taken it to take it back.
func (s *Store) tieUp(ctx context.Context, tx *sqlx.Tx, id string) error {
	n, err := s.exec(ctx, tx, s.builder.Delete("IR_LooseEnd").Where(sq.Eq{"ID": id, "TakenAt": 0}))
	if err != nil {
		return errors.Wrap(err, "tie a loose end up")
	}
	if n > 0 {
		return nil
	}
	var taken int
	if err := s.get(ctx, tx, &taken, s.builder.Select("COUNT(*)").From("IR_LooseEnd").Where(sq.Eq{"ID": id})); err != nil {
		return errors.Wrap(err, "look for a loose end")
	}
	if taken > 0 {
		return errTakenBack
	}
	return nil
}

// settle stores and checks what a change has to do with loose ends and with the pending reminder.
func (s *Store) settle(ctx context.Context, tx *sqlx.Tx, inc *stored, w *incident.ChangeSet) error {
	if w.CompletesCleanup != "" {
		if err := s.tieUp(ctx, tx, w.CompletesCleanup); err != nil {
			return err
		}
	}
	ends := w.LooseEnds
	if w.ExpectReminderAt != 0 || w.ReminderClaim != nil && inc.claimedAt != 0 {
		due, err := s.reminderAt(ctx, tx, inc.ID)
		switch {
		case err != nil:
			return err
		case w.ExpectReminderAt != 0 && due != w.ExpectReminderAt:
			return errRollback
		case w.ExpectReminderAt == 0 && due != 0: // somebody may have posted it and died
			ends = append(ends, incident.LooseEnd{ID: model.NewId(), Kind: incident.LooseReminder, Mark: incident.ReminderMark(inc.ID, due)})
		}
	}
	for _, end := range ends {
		end.IncidentID, end.CreateAt = inc.ID, time.Now().UnixMilli()
		if err := s.insertLooseEnd(ctx, tx, end); err != nil {
			return err
		}
	}
	return nil
}

func (s *incidents) LooseChannels(ctx context.Context, teamID string, names []string, since int64) ([]string, error) {
	var ids []string
	err := s.selectAll(ctx, s.db, &ids, s.builder.Select("c.Id").From("Channels c").
		LeftJoin("IR_Incident i ON i.ChannelID = c.Id").
		Where(sq.Eq{"c.TeamId": teamID, "c.Name": names, "c.CreatorId": "", "c.DeleteAt": 0, "i.ID": nil}).
		Where(sq.GtOrEq{"c.CreateAt": since}))
	return ids, errors.Wrap(err, "look for channels without an incident")
}
