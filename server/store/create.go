package store

import (
	"context"
	"database/sql"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// keyLifetime is how long a repeated request with the same idempotency key finds the first one's incident.
	keyLifetime  = 24 * time.Hour
	maxKeyLength = 128
)

// errKeyUsed means that the idempotency key has a row already.
var errKeyUsed = errors.New("idempotency key was used before")

func (s *incidents) Create(ctx context.Context, inc incident.Incident, actorID, key string, now int64, x app.Extensions) (incident.Incident, *incident.Event, error) {
	if err := checkKey(key); err != nil {
		return incident.Incident{}, nil, err
	}
	if inc.ID == "" {
		inc.ID = model.NewId()
	}
	inc = inc.Clone()
	inc.Revision, inc.PostRevision = 1, 0
	inc.StatusPosts, inc.StatusPostIDs = nil, nil
	if key != "" {
		// Outside the transaction: old keys may go even if the incident is not stored.
		_, err := s.exec(ctx, s.db, s.builder.Delete("IR_IdempotencyKey").Where(sq.LtOrEq{"CreateAt": oldKey()}))
		if err != nil && !isRetryable(err) {
			return incident.Incident{}, nil, errors.Wrap(err, "delete old idempotency keys")
		}
	}
	for attempt := 0; ; attempt++ {
		started := incident.Event{ID: model.NewId(), IncidentID: inc.ID, Revision: inc.Revision, ActorID: actorID, CreateAt: now,
			Payload: incident.Started{Name: inc.Name, CommanderUserID: inc.CommanderUserID, TeamID: inc.TeamID, ChannelID: inc.ChannelID,
				PlaybookID: inc.PlaybookID, PostID: inc.PostID, CreateAt: inc.CreateAt, ExistingChannel: inc.ExistingChannel,
				NextUpdateAt: inc.Clock().NextUpdateAt}}
		err := s.inTx(ctx, func(tx *sqlx.Tx) error { return s.insert(ctx, tx, &inc, started, key, x) })
		if err == nil {
			return inc, &started, nil
		}
		if errors.Is(err, errOngoing) {
			return incident.Incident{}, nil, s.channelTaken(ctx, inc.ChannelID)
		}
		if !errors.Is(err, errKeyUsed) {
			return incident.Incident{}, nil, err
		}
		earlier, found, err := s.FindByKey(ctx, actorID, key)
		if err != nil || found {
			return earlier, nil, err
		}
		if attempt > 0 {
			return incident.Incident{}, nil, errors.New("the idempotency key is used, but its incident is not found")
		}
		// Its incident is gone, as after nuke-db of 1.2.0, or it has just become too old.
		if _, err := s.exec(ctx, s.db, s.builder.Delete("IR_IdempotencyKey").Where(sq.Eq{"ActorID": actorID, "RequestKey": key})); err != nil {
			return incident.Incident{}, nil, errors.Wrap(err, "delete a stale idempotency key")
		}
	}
}

// insert stores a new incident. The key comes first: a second request with it waits here for the first one's end.
func (s *incidents) insert(ctx context.Context, tx *sqlx.Tx, inc *incident.Incident, started incident.Event, key string, x app.Extensions) error {
	if key != "" {
		_, err := s.exec(ctx, tx, s.builder.Insert("IR_IdempotencyKey").
			Columns("ActorID", "RequestKey", "IncidentID", "CreateAt").
			Values(started.ActorID, key, inc.ID, time.Now().UnixMilli()))
		if isUniqueViolation(err) {
			return errKeyUsed
		}
		if err != nil {
			return errors.Wrap(err, "store the idempotency key")
		}
	}
	if !inc.ExistingChannel { // else there is nothing that a failed start would leave behind
		if err := s.completeUnclaimed(ctx, tx, inc.ID); err != nil {
			return err
		}
	}
	set, err := s.changedColumns(&stored{Incident: *inc})
	if err != nil {
		return err
	}
	set["ID"], set["TeamID"], set["ChannelID"], set["ExistingChannel"] = inc.ID, inc.TeamID, inc.ChannelID, inc.ExistingChannel
	row := s.builder.Insert("IR_Incident").SetMap(set)
	err = s.execAll(ctx, tx, append([]sq.Sqlizer{row}, s.eventInserts(inc, started, x)...)...)
	if isUniqueViolation(err) {
		return errOngoing
	}
	if err != nil {
		return errors.Wrap(err, "store an incident")
	}
	if inc.PlaybookID != "" {
		if err := s.usePlaybook(ctx, tx, inc.PlaybookID, started.ActorID, started.CreateAt); err != nil {
			return err
		}
	}
	return s.runInTx(ctx, tx, app.Change{After: inc.Clone(), Event: &started}, x.InTx)
}

func (s *incidents) FindByKey(ctx context.Context, actorID, key string) (incident.Incident, bool, error) {
	if key == "" {
		return incident.Incident{}, false, nil
	}
	if err := checkKey(key); err != nil {
		return incident.Incident{}, false, err
	}
	var id string
	err := s.get(ctx, s.db, &id, s.builder.Select("IncidentID").From("IR_IdempotencyKey").
		Where(sq.Eq{"ActorID": actorID, "RequestKey": key}).Where(sq.Gt{"CreateAt": oldKey()}))
	if errors.Is(err, sql.ErrNoRows) {
		return incident.Incident{}, false, nil
	}
	if err != nil {
		return incident.Incident{}, false, errors.Wrap(err, "look for an idempotency key")
	}
	inc, err := s.Get(ctx, id)
	if incident.IsKind(err, incident.NotFound) {
		return incident.Incident{}, false, nil
	}
	return inc, err == nil, err
}

func checkKey(key string) error {
	return incident.CheckText("Idempotency-Key", key, maxKeyLength)
}

// oldKey is the creation time (Unix ms) up to which keys do not count any more.
func oldKey() int64 { return time.Now().Add(-keyLifetime).UnixMilli() }
