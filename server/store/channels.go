package store

import (
	"context"
	"database/sql"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// errOngoing means that another incident is ongoing in the channel.
var errOngoing = errors.New("another incident is ongoing in the channel")

// asOngoing returns errOngoing for the violation of ongoingIndex, and other errors as they are.
func asOngoing(err error) error {
	if !isUniqueViolation(err) {
		return err
	}
	var pg *pgconn.PgError
	name := err.Error() // MySQL names the index in its message
	if errors.As(err, &pg) {
		name = pg.ConstraintName
	}
	if strings.Contains(strings.ToLower(name), strings.ToLower(ongoingIndex)) {
		return errOngoing
	}
	return err
}

// channelTaken is the Conflict that names the incident which is ongoing in a channel, or says that the channel cannot have another one.
func (s *incidents) channelTaken(ctx context.Context, channelID string) error {
	inc, found, err := s.OngoingIn(ctx, channelID)
	if err != nil {
		return err
	}
	if !found {
		return incident.NewError(incident.Conflict, "incident.channel_taken", "This channel belongs to an incident already.").WithField("channel_id")
	}
	return app.ErrOngoingInChannel(inc.Name, inc.ID)
}

// OngoingIn is the incident that is ongoing in a channel, with nothing but id and name.
func (s *incidents) OngoingIn(ctx context.Context, channelID string) (incident.Incident, bool, error) {
	var row struct{ ID, Name string }
	err := s.get(ctx, s.db, &row, s.builder.Select("i.ID AS id", "i.Name AS name").From("IR_Incident i").
		Where(sq.Eq{"i.ChannelID": channelID, "i.IsActive": true}).Limit(1))
	if errors.Is(err, sql.ErrNoRows) {
		return incident.Incident{}, false, nil
	}
	return incident.Incident{ID: row.ID, Name: row.Name}, err == nil, errors.Wrap(err, "look for the ongoing incident of a channel")
}
