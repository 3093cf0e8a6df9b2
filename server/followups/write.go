package followups

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/fold"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// insertBatch is how many follow-ups one statement stores: a database need not accept statements of more than 4 MB.
const insertBatch = 50

// Creation says what to store.
type Creation struct {
	IncidentID string
	// Key, if it is not "", makes the same author's next creation with it in this incident store nothing.
	Key string
	// All are the follow-ups, without numbers. Those whose task has one already are left out.
	All []FollowUp
	// At is the time in Unix milliseconds.
	At int64
}

func keyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Create stores follow-ups and returns the ids of those that were stored, or of the one that was made with the key before.
// It fails with errTooMany, and stores nothing, if the incident would have more than MaxPerIncident.
func (d *database) Create(ctx context.Context, c Creation) (ids []string, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		ids = nil
		last, err := d.lockCount(ctx, tx, c.IncidentID)
		if err != nil {
			return err
		}
		if c.Key != "" {
			q := d.Builder().Select("ID").From("IR_FollowUp").Where(sq.Eq{"IncidentID": c.IncidentID, "AuthorID": c.All[0].AuthorID, "KeyHash": keyHash(c.Key)})
			if err := tx.Select(ctx, &ids, q); err != nil || len(ids) > 0 {
				return errors.Wrap(err, "look for the key of a follow-up")
			}
		}
		missing, err := d.withoutCarried(ctx, tx, c)
		if err != nil || len(missing) == 0 {
			return err
		}
		if last+int64(len(missing)) > MaxPerIncident {
			return errTooMany
		}
		for n := range missing {
			missing[n].Number = last + int64(n) + 1
			ids = append(ids, missing[n].ID)
		}
		return d.insert(ctx, tx, missing, c)
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// lockCount locks what gives the numbers of an incident, and returns the last one. It fails with incident.ErrNotFound if the incident
// was deleted in between: who deletes it locks the numbers first.
func (d *database) lockCount(ctx context.Context, tx capability.Transaction, incidentID string) (int64, error) {
	suffix := "ON DUPLICATE KEY UPDATE LastNumber = LastNumber"
	if d.Postgres() {
		suffix = "ON CONFLICT (IncidentID) DO UPDATE SET LastNumber = IR_FollowUpCount.LastNumber"
	}
	_, err := tx.Exec(ctx, d.Builder().Insert("IR_FollowUpCount").Columns("IncidentID", "LastNumber").Values(incidentID, 0).Suffix(suffix))
	if err != nil {
		return 0, errors.Wrap(err, "lock the number of follow-ups")
	}
	var last []int64
	err = tx.Select(ctx, &last, d.Builder().Select("n.LastNumber").From("IR_FollowUpCount n").Join("IR_Incident i ON i.ID = n.IncidentID").
		Where(sq.Eq{"n.IncidentID": incidentID}))
	if err != nil {
		return 0, errors.Wrap(err, "read the number of follow-ups")
	}
	if len(last) == 0 {
		return 0, incident.ErrNotFound
	}
	return last[0], nil
}

// withoutCarried leaves out the follow-ups of tasks that have one.
func (d *database) withoutCarried(ctx context.Context, tx capability.Transaction, c Creation) ([]FollowUp, error) {
	if c.All[0].TaskID == "" {
		return c.All, nil
	}
	var carried []string
	err := tx.Select(ctx, &carried, d.Builder().Select("TaskID").From("IR_FollowUp").Where(sq.Eq{"IncidentID": c.IncidentID}).Where("TaskID IS NOT NULL"))
	if err != nil {
		return nil, errors.Wrap(err, "look for the tasks that were carried over")
	}
	has := map[string]bool{}
	for _, id := range carried {
		has[id] = true
	}
	var missing []FollowUp
	for _, f := range c.All {
		if !has[f.TaskID] && !has[f.formerTaskID] {
			missing = append(missing, f)
			has[f.TaskID] = true
		}
	}
	return missing, nil
}

func (d *database) insert(ctx context.Context, tx capability.Transaction, all []FollowUp, c Creation) error {
	for from := 0; from < len(all); from += insertBatch {
		rows := d.Builder().Insert("IR_FollowUp").Columns("ID", "IncidentID", "Number", "Title", "Description", "OwnerID", "DueAt", "State", "Reason", "Link",
			"Source", "PostID", "TaskID", "KeyHash", "AuthorID", "CreateAt", "UpdateAt", "ClosedAt", "Revision", "RemindAt", "TitleSort", "FoldVersion")
		history := d.Builder().Insert("IR_FollowUpHistory").Columns("FollowUpID", "Revision", "ActorID", "CreateAt", "ChangesJSON")
		for _, f := range all[from:min(from+insertBatch, len(all))] {
			var taskID, key interface{}
			if f.TaskID != "" {
				taskID = f.TaskID
			}
			if c.Key != "" {
				key = keyHash(c.Key)
			}
			rows = rows.Values(f.ID, f.IncidentID, f.Number, f.Title, f.Text, f.OwnerID, f.DueAt, string(f.State), f.Reason, f.Link,
				string(f.Source), f.PostID, taskID, key, f.AuthorID, f.CreateAt, f.UpdateAt, f.ClosedAt, f.Revision, f.RemindAt,
				fold.SortKey(f.Title), fold.Version)
			nothing := FollowUp{State: f.State}
			changes, err := incident.Marshal(nothing.changes(&f))
			if err != nil {
				return err
			}
			history = history.Values(f.ID, f.Revision, f.AuthorID, f.CreateAt, string(changes))
		}
		if _, err := tx.Exec(ctx, rows, history); err != nil {
			return errors.Wrap(err, "store follow-ups and their history")
		}
	}
	rest := []sq.Sqlizer{tx.InsertJob(ownersJob(c.At))}
	for n := range all {
		if all[n].RemindAt != 0 {
			rest = append(rest, tx.InsertJob(reminderJob(&all[n], c.At)))
		}
	}
	_, err := tx.Exec(ctx, append(rest, d.Builder().Update("IR_FollowUpCount").Set("LastNumber", all[len(all)-1].Number).Where(sq.Eq{"IncidentID": c.IncidentID}))...)
	return errors.Wrap(err, "store the number of follow-ups and their jobs")
}

// Update locks a follow-up, and stores what fn makes of it, its history and its reminder. Nothing is stored if fn changes
// nothing. fn may run again.
func (d *database) Update(ctx context.Context, id, actorID string, at int64, fn func(f FollowUp) (FollowUp, map[string]Field, error)) (changed bool, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		changed = false
		before, err := d.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		after, fields, err := fn(before)
		if err != nil || len(fields) == 0 {
			return err
		}
		changes, err := incident.Marshal(fields)
		if err != nil {
			return err
		}
		set := map[string]interface{}{"Title": after.Title, "Description": after.Text, "OwnerID": after.OwnerID, "DueAt": after.DueAt, "State": string(after.State),
			"Reason": after.Reason, "Link": after.Link, "UpdateAt": after.UpdateAt, "ClosedAt": after.ClosedAt, "Revision": after.Revision, "RemindAt": after.RemindAt,
			"TitleSort": fold.SortKey(after.Title), "FoldVersion": fold.Version}
		if after.OwnerID != before.OwnerID {
			set["OwnerTold"] = ""
		}
		statements := append(d.reschedule(tx, &before, &after, at), d.Builder().Insert("IR_FollowUpHistory").
			Columns("FollowUpID", "Revision", "ActorID", "CreateAt", "ChangesJSON").Values(id, after.Revision, actorID, at, string(changes)),
			d.Builder().Update("IR_FollowUp").SetMap(set).Where(sq.Eq{"ID": id}))
		changed = true
		_, err = tx.Exec(ctx, statements...)
		return errors.Wrap(err, "store a follow-up and its history")
	})
	return changed && err == nil, err
}

// reschedule replaces the job of the next reminder if it is another one.
func (d *database) reschedule(tx capability.Transaction, before, after *FollowUp, at int64) (statements []sq.Sqlizer) {
	if before.RemindAt == after.RemindAt {
		return nil
	}
	if before.RemindAt != 0 {
		statements = append(statements, tx.DropJob(JobReminder, reminderKey(before)))
	}
	if after.RemindAt != 0 {
		statements = append(statements, tx.InsertJob(reminderJob(after, at)))
	}
	return statements
}

func (d *database) lock(ctx context.Context, tx capability.Transaction, id string) (FollowUp, error) {
	var rows []followUpRow
	err := tx.Select(ctx, &rows, d.Builder().Select(columns...).Column("f.Description AS text").From("IR_FollowUp f").
		Where(sq.Eq{"f.ID": id}).Suffix("FOR UPDATE"))
	if err != nil {
		return FollowUp{}, errors.Wrap(err, "lock a follow-up")
	}
	if len(rows) == 0 {
		return FollowUp{}, errUnknown
	}
	return rows[0].followUp(), nil
}

// Reminded sets the time of the next reminder, and its job, unless the follow-up is not to be reminded at due any more.
func (d *database) Reminded(ctx context.Context, id string, due, next, at int64) (stored bool, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		stored = false
		f, err := d.lock(ctx, tx, id)
		if err != nil || f.State != Open || f.RemindAt != due {
			return err
		}
		f.RemindAt = next
		stored = true
		_, err = tx.Exec(ctx, tx.InsertJob(reminderJob(&f, at)), d.Builder().Update("IR_FollowUp").Set("RemindAt", next).Where(sq.Eq{"ID": id}))
		return errors.Wrap(err, "store the time of the next reminder")
	})
	return stored, err
}

// Lost are open follow-ups of one incident whose owner is deactivated or cannot read it.
type Lost struct {
	IncidentID, OwnerID, OwnerState string
	N                               int
}

// TellLost finds owners of open follow-ups who were lost and about whom the commander has no message yet, and stores a job for
// each owner and incident that sends it. Owners who are back are forgotten, so that their next loss is reported. It reports whether
// there are open follow-ups with an owner at all.
func (d *database) TellLost(ctx context.Context, now int64) (any bool, err error) {
	var rows []struct {
		IncidentID, OwnerID, OwnerState, OwnerTold string
	}
	err = d.Select(ctx, &rows, d.Builder().Select("f.IncidentID AS incidentid", "f.OwnerID AS ownerid", ownerState+" AS ownerstate", "MIN(f.OwnerTold) AS ownertold").
		From("IR_FollowUp f").Join("IR_Incident i ON i.ID = f.IncidentID").LeftJoin("Channels c ON c.Id = i.ChannelID").LeftJoin("Users u ON u.Id = f.OwnerID").
		Where(sq.Eq{"f.State": string(Open)}).Where(sq.NotEq{"f.OwnerID": ""}).
		GroupBy("f.IncidentID", "f.OwnerID", "i.TeamID", "c.Id", "c.Type", "c.TeamId", "u.Id", "u.DeleteAt", "u.Roles").OrderBy("incidentid", "ownerid"))
	if err != nil {
		return false, errors.Wrap(err, "look for owners who were lost")
	}
	for _, r := range rows {
		announced := ""
		if r.OwnerState != "" {
			announced = r.OwnerID
		}
		if r.OwnerTold == announced {
			continue
		}
		err := d.InTransaction(ctx, func(tx capability.Transaction) error {
			n, err := tx.Exec(ctx, d.Builder().Update("IR_FollowUp").Set("OwnerTold", announced).
				Where(sq.Eq{"IncidentID": r.IncidentID, "OwnerID": r.OwnerID, "State": string(Open)}).Where(sq.NotEq{"OwnerTold": announced}))
			if err != nil || n == 0 || announced == "" { // another node was as fast
				return errors.Wrap(err, "note that the loss of an owner is reported")
			}
			_, err = tx.Exec(ctx, tx.InsertJob(lostJob(r.IncidentID, r.OwnerID, now)))
			return errors.Wrap(err, "store the job that reports the loss of an owner")
		})
		if err != nil {
			return false, err
		}
	}
	return len(rows) > 0, nil
}

// OpenOf are the open follow-ups of an owner in an incident, at most limit.
func (d *database) OpenOf(ctx context.Context, incidentID, ownerID string, limit int, now int64) ([]Shown, error) {
	return d.read(ctx, now, d.selectShown("").Where(sq.Eq{"f.IncidentID": incidentID, "f.OwnerID": ownerID, "f.State": string(Open)}).
		OrderBy("f.Number").Limit(uint64(limit)))
}

// OwnerStates are the states that the users would have as owners in an incident. Unknown users are missing.
func (d *database) OwnerStates(ctx context.Context, incidentID string, userIDs []string) (map[string]string, error) {
	var rows []struct{ ID, State string }
	err := d.Select(ctx, &rows, d.Builder().Select("u.Id AS id", "CASE WHEN "+deactivated+" THEN '"+OwnerDeactivated+"' WHEN "+reads+" THEN '' ELSE '"+OwnerNoAccess+"' END AS state").
		From("Users u").Join("IR_Incident i ON i.ID = ?", incidentID).LeftJoin("Channels c ON c.Id = i.ChannelID").Where(sq.Eq{"u.Id": userIDs}))
	if err != nil {
		return nil, errors.Wrap(err, "look whether owners can read an incident")
	}
	states := map[string]string{}
	for _, r := range rows {
		states[r.ID] = r.State
	}
	return states, nil
}

// erase deletes the follow-ups of an incident that is being deleted. Who adds some waits for the lock of the numbers, and who changes
// one for its own.
func (d *database) erase(ctx context.Context, tx app.Tx, incidentID string) error {
	_, err := d.lockCount(ctx, tx, incidentID)
	if err != nil {
		return err
	}
	var ids []string
	if err := tx.Select(ctx, &ids, d.Builder().Select("ID").From("IR_FollowUp").Where(sq.Eq{"IncidentID": incidentID}).Suffix("FOR UPDATE")); err != nil {
		return errors.Wrap(err, "lock the follow-ups of an incident")
	}
	if len(ids) > 0 {
		if _, err := tx.Exec(ctx, tx.Builder().Delete("IR_FollowUpHistory").Where(sq.Eq{"FollowUpID": ids})); err != nil {
			return errors.Wrap(err, "delete the history of follow-ups")
		}
	}
	for _, table := range []string{"IR_FollowUp", "IR_FollowUpCount"} {
		if _, err := tx.Exec(ctx, tx.Builder().Delete(table).Where(sq.Eq{"IncidentID": incidentID})); err != nil {
			return errors.Wrap(err, "delete the follow-ups of an incident")
		}
	}
	return nil
}

func newID() string { return model.NewId() }
