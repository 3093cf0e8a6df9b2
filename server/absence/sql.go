package absence

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var tables = []string{"IR_CommanderAbsence"}

var migrations = []capability.Migration{makeTable}

// makeTable makes the table. It has a row for each incident whose commander is gone and was announced, or need not be:
// what was so before the table was made is nothing new.
func makeTable(ctx context.Context, t capability.Tables) error {
	err := t.AddTable(ctx, "IR_CommanderAbsence", `
		IncidentID VARCHAR(26) PRIMARY KEY,
		UserID VARCHAR(26) NOT NULL,
		ToldAt BIGINT NOT NULL
	`)
	if err != nil {
		return err
	}
	const known = "INSERT INTO IR_CommanderAbsence (IncidentID, UserID, ToldAt) SELECT i.ID, i.CommanderUserID, 0 " + from +
		" WHERE " + isGone + " AND a.IncidentID IS NULL"
	return t.Run(ctx, known, known)
}

const (
	from = "FROM IR_Incident i JOIN Channels c ON c.Id = i.ChannelID" +
		" LEFT JOIN Users u ON u.Id = i.CommanderUserID" +
		" LEFT JOIN ChannelMembers cm ON cm.ChannelId = i.ChannelID AND cm.UserId = i.CommanderUserID" +
		" LEFT JOIN IR_CommanderAbsence a ON a.IncidentID = i.ID"
	deactivated = "COALESCE(u.DeleteAt, 1) <> 0"
	// isGone: the incident is ongoing, the bot can post in its channel, and its commander is gone.
	isGone = "i.IsActive = true AND i.DeleteAt = 0 AND c.DeleteAt = 0 AND (cm.UserId IS NULL OR " + deactivated + ")"
)

// search restricts a look for commanders who are gone. Empty fields do not restrict. after is the id of an incident: only those with
// greater ids are listed.
type search struct{ userID, channelID, teamID, after string }

// row is an incident whose commander is gone.
type row struct {
	IncidentID, UserID string
	Deactivated        bool
}

// database keeps which commanders were announced as gone.
type database struct{ capability.Database }

// gone finds at most pageSize incidents whose commander is gone and whose channels were not told, by their ids.
func (d *database) gone(ctx context.Context, s search) ([]row, error) {
	q := d.Builder().Select("i.ID AS incidentid", "i.CommanderUserID AS userid", "CASE WHEN "+deactivated+" THEN true ELSE false END AS deactivated").
		From("IR_Incident i").Join("Channels c ON c.Id = i.ChannelID").
		LeftJoin("Users u ON u.Id = i.CommanderUserID").
		LeftJoin("ChannelMembers cm ON cm.ChannelId = i.ChannelID AND cm.UserId = i.CommanderUserID").
		LeftJoin("IR_CommanderAbsence a ON a.IncidentID = i.ID").
		Where(isGone).Where("(a.IncidentID IS NULL OR a.UserID <> i.CommanderUserID)").
		Where(sq.Gt{"i.ID": s.after}).OrderBy("i.ID").Limit(pageSize)
	for column, value := range map[string]string{"i.CommanderUserID": s.userID, "i.ChannelID": s.channelID, "i.TeamID": s.teamID} {
		if value != "" {
			q = q.Where(sq.Eq{column: value})
		}
	}
	var found []row
	return found, errors.Wrap(d.Select(ctx, &found, q), "look for commanders who are gone")
}

// forgetReturned deletes the rows of incidents whose commander is back or another one.
func (d *database) forgetReturned(ctx context.Context) error {
	back := d.Builder().Select("i.ID").From("IR_Incident i").
		Join("ChannelMembers cm ON cm.ChannelId = i.ChannelID AND cm.UserId = i.CommanderUserID").
		Join("Users u ON u.Id = i.CommanderUserID AND u.DeleteAt = 0").
		Join("IR_CommanderAbsence a ON a.IncidentID = i.ID")
	var ids []string
	if err := d.Select(ctx, &ids, back); err != nil || len(ids) == 0 {
		return errors.Wrap(err, "look for commanders who are back")
	}
	_, err := d.Exec(ctx, d.Builder().Delete("IR_CommanderAbsence").Where(sq.Eq{"IncidentID": ids}))
	return errors.Wrap(err, "forget commanders who were gone")
}

// forgetIn deletes the row of a channel's incident if the user is the commander who was gone.
func (d *database) forgetIn(ctx context.Context, channelID, userID string) error {
	var ids []string
	err := d.Select(ctx, &ids, d.Builder().Select("i.ID").From("IR_Incident i").Join("IR_CommanderAbsence a ON a.IncidentID = i.ID").
		Where(sq.Eq{"i.ChannelID": channelID, "a.UserID": userID}))
	if err != nil || len(ids) == 0 {
		return errors.Wrap(err, "look for a commander who is back")
	}
	_, err = d.Exec(ctx, d.Builder().Delete("IR_CommanderAbsence").Where(sq.Eq{"IncidentID": ids}))
	return errors.Wrap(err, "forget that a commander was gone")
}

// noteOnce stores with the change that the commander is announced as gone, or undoes the change if another node has done so. The incident is
// locked, so no other change of it is under way.
func noteOnce(incidentID, userID string, at int64) app.InTx {
	return func(ctx context.Context, tx app.Tx, c app.Change) error {
		var known []string
		q := tx.Builder().Select("UserID").From("IR_CommanderAbsence").Where(sq.Eq{"IncidentID": incidentID})
		if err := tx.Select(ctx, &known, q); err != nil {
			return errors.Wrap(err, "read whether a commander was announced as gone")
		}
		if len(known) > 0 && known[0] == userID {
			return app.ErrUnchanged
		}
		note := sq.Sqlizer(tx.Builder().Insert("IR_CommanderAbsence").Columns("IncidentID", "UserID", "ToldAt").Values(incidentID, userID, at))
		if len(known) > 0 {
			note = tx.Builder().Update("IR_CommanderAbsence").Set("UserID", userID).Set("ToldAt", at).Where(sq.Eq{"IncidentID": incidentID})
		}
		_, err := tx.Exec(ctx, note)
		return errors.Wrap(err, "store that a commander was announced as gone")
	}
}

// forget deletes the row of an incident that gets another commander.
func forget(ctx context.Context, tx app.Tx, c app.Change) error {
	if c.Event == nil {
		return nil
	}
	if _, changed := c.Event.Payload.(incident.CommanderChanged); !changed {
		return nil
	}
	_, err := tx.Exec(ctx, tx.Builder().Delete("IR_CommanderAbsence").Where(sq.Eq{"IncidentID": c.After.ID}))
	return errors.Wrap(err, "forget the commander who was gone")
}

// erase deletes the row of an incident that is being deleted. Rows are only made in the transaction of a change.
func erase(ctx context.Context, tx app.Tx, incidentID string) error {
	_, err := tx.Exec(ctx, tx.Builder().Delete("IR_CommanderAbsence").Where(sq.Eq{"IncidentID": incidentID}))
	return errors.Wrap(err, "delete what is known about the commander of an incident")
}
