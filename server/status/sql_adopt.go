package status

import (
	"context"
	"database/sql"
	"sync"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

const (
	// rowsPerLook is how many rows a look compares. If there are more, it goes on with the next look.
	rowsPerLook = 500
	// clocksPerLook is how many clocks a look sets. Each of them is a change of an incident, with its event.
	clocksPerLook = 100
	// compareEvery looks, ten minutes, are between the beginnings of two comparisons of everything.
	compareEvery = 60
)

// adoption is what one node has compared of the pending reminders and of the clocks of incidents.
type adoption struct {
	mu    sync.Mutex
	looks int
	// clocks is how many clocks the present look may still set.
	clocks             int
	pending, incidents walk
}

// walk goes through all rows of a query in the order of a key, one page with each look.
type walk struct {
	// due means that it has to begin, or to go on.
	due bool
	// after is the key behind which it goes on, "" for the beginning. long means that one of its pages was full.
	after string
	long  bool
	// few means that the last walk needed no full page.
	few bool
}

// adopt lets the database find the pending reminders without a job: with each look, as those that have one cost next to nothing so.
// Version 1.2.0 may also have replaced a reminder that has a job, or have posted or cancelled it. That is found by comparing everything, page
// by page, every ten minutes; while the reminders are few, all of them with each look. The first look goes on until everything is compared
// or the clocks that it may set are.
func (d *database) adopt(ctx context.Context) error {
	a := &d.adoption
	a.mu.Lock()
	defer a.mu.Unlock()
	a.looks++
	a.clocks = d.clocksAtOnce
	if a.looks%compareEvery == 1 {
		a.pending.due, a.incidents.due = true, true
	}
	if err := d.addMissingJobs(ctx); err != nil {
		return err
	}
	if a.pending.due || a.pending.few {
		if err := d.take(ctx, &a.pending, d.comparePending); err != nil {
			return err
		}
	}
	if a.incidents.due {
		return d.take(ctx, &a.incidents, d.compareClocks)
	}
	return nil
}

// take goes on with a walk by one page, with the first look to its end, until no more clocks may be set. compare reads the page behind a
// key; it returns the last key that it has compared, and how many rows the page has.
func (d *database) take(ctx context.Context, w *walk, compare func(ctx context.Context, after string) (last string, rows int, err error)) error {
	for d.adoption.clocks > 0 {
		last, rows, err := compare(ctx, w.after)
		if err != nil {
			return err
		}
		w.long = rows == d.pageSize || w.after != "" && w.long
		w.due = rows == d.pageSize || d.adoption.clocks == 0
		if !w.due {
			w.after, w.few = "", !w.long
			return nil
		}
		if w.after = last; d.adoption.looks > 1 {
			return nil
		}
	}
	return nil
}

// pendingRow is a pending reminder with its incident and one of its jobs.
type pendingRow struct {
	Name, JobKey, Own, ReminderPostID string
	// ID is that of the incident, not valid if it is gone.
	ID       sql.NullString
	IsActive bool
	Content  []byte
}

// pendingAfter selects a page of pending reminders, those behind a key.
func (d *database) pendingAfter(after string) sq.SelectBuilder {
	return d.Builder().Select("k.PKey AS name", "k.PValue AS content", "i.ID AS id", "COALESCE(j.JobKey, '') AS jobkey", "COALESCE(i.OwnJSON, '') AS own",
		"COALESCE(i.IsActive, false) AS isactive", "COALESCE(i.ReminderPostID, '') AS reminderpostid").From(table + " k").
		LeftJoin("IR_Incident i ON i.ID = SUBSTR(k.PKey, 6)"). // what follows keyPrefix
		LeftJoin("IR_Job j ON j.IncidentID = i.ID AND j.Kind = '" + jobReminder + "'").
		Where(sq.Eq{"k.PluginId": d.pluginID}).Where(sq.Gt{"k.PKey": after}).Where("k." + pending).OrderBy("k.PKey").Limit(uint64(d.pageSize))
}

// addMissingJobs gives a job to each pending reminder that has none, and deletes the reminders of incidents that are gone. Clocks that have
// to wait are set by the next comparison, which begins at once.
func (d *database) addMissingJobs(ctx context.Context) error {
	for after := ""; ; {
		var rows []pendingRow
		if err := d.Select(ctx, &rows, d.pendingAfter(after).Where("j.ID IS NULL")); err != nil {
			return errors.Wrap(err, "read the pending reminders without a job")
		}
		if err := d.addJobs(ctx, rows); err != nil {
			return err
		}
		d.forgetGone(ctx, rows)
		if _, err := d.compareRows(ctx, rows, after); err != nil {
			return err
		}
		d.adoption.pending.due = d.adoption.pending.due || d.adoption.clocks == 0
		if len(rows) < d.pageSize {
			return nil
		}
		after = rows[len(rows)-1].Name
	}
}

// addJobs stores the jobs of pending reminders that the rows do not have.
func (d *database) addJobs(ctx context.Context, rows []pendingRow) error {
	known, missing := map[string]bool{}, []jobs.Job(nil)
	for n := range rows {
		known[rows[n].JobKey] = true
	}
	for n := range rows {
		if id := rows[n].ID.String; id != "" {
			if job := reminderJob(id, d.dueAt(id, rows[n].Content)); !known[job.Key] {
				known[job.Key] = true
				missing = append(missing, job)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return d.jobs.Add(ctx, missing...)
}

func (d *database) forgetGone(ctx context.Context, rows []pendingRow) {
	var gone []string
	for n := range rows {
		if !rows[n].ID.Valid {
			gone = append(gone, rows[n].Name)
		}
	}
	if len(gone) == 0 {
		return
	}
	if _, err := d.Exec(ctx, d.Builder().Delete(table).Where(sq.Eq{"PluginId": d.pluginID, "PKey": gone})); err != nil {
		d.log.Warn("Reminders of incidents that are gone could not be deleted", "error", err.Error())
	}
}

// comparePending compares a page of pending reminders with their jobs and with the clocks of their incidents.
func (d *database) comparePending(ctx context.Context, after string) (last string, n int, err error) {
	var rows []pendingRow
	if err := d.Select(ctx, &rows, d.pendingAfter(after)); err != nil {
		return "", 0, errors.Wrap(err, "compare the pending reminders")
	}
	if err := d.addJobs(ctx, rows); err != nil {
		return "", 0, err
	}
	last, err = d.compareRows(ctx, rows, after)
	return last, len(rows), err
}

// compareRows compares the clocks of incidents with their pending reminders, those behind a key, as long as clocks may be set. It returns the
// last key that it has compared.
func (d *database) compareRows(ctx context.Context, rows []pendingRow, after string) (last string, err error) {
	for _, r := range rows {
		if d.adoption.clocks == 0 {
			break
		}
		if r.ID.Valid && r.Name != after { // it is twice among the rows if it has two jobs
			err := d.compare(ctx, clockRow{ID: r.ID.String, Own: r.Own, IsActive: r.IsActive, ReminderPostID: r.ReminderPostID, Content: r.Content})
			if err != nil {
				return "", err
			}
		}
		after = r.Name
	}
	return after, nil
}

// clockRow is what the database has of an incident whose clock is looked at.
type clockRow struct {
	ID string
	// Own is that of the incident as it is stored.
	Own            string
	IsActive       bool
	ReminderPostID string
	// Content is the value of the pending reminder; nil for none.
	Content []byte
	// ShownAt is when the displayed reminder was posted, in Unix ms; not valid if there is no such post.
	ShownAt sql.NullInt64
}

// compareClocks compares the clocks of a page of incidents that have no pending reminder, but a displayed one or a clock.
func (d *database) compareClocks(ctx context.Context, after string) (last string, n int, err error) {
	var rows []clockRow
	err = d.Select(ctx, &rows, d.Builder().Select("i.ID AS id", "COALESCE(i.OwnJSON, '') AS own", "i.IsActive AS isactive",
		"COALESCE(i.ReminderPostID, '') AS reminderpostid", "p.CreateAt AS shownat").From("IR_Incident i").
		LeftJoin("Posts p ON p.Id = i.ReminderPostID AND p.ChannelId = i.ChannelID AND p.DeleteAt = 0").
		Where(sq.Gt{"i.ID": after}).Where(sq.Eq{"i.DeleteAt": 0}).
		Where(`(i.ReminderPostID <> '' OR i.OwnJSON LIKE '%"`+incident.OwnClock+`":%')`).
		Where("NOT EXISTS (SELECT 1 FROM "+table+" k WHERE k.PluginId = ? AND k.PKey = CONCAT('"+keyPrefix+"', i.ID))", d.pluginID).
		OrderBy("i.ID").Limit(uint64(d.pageSize)))
	if err != nil {
		return "", 0, errors.Wrap(err, "compare the clocks of incidents with their reminders")
	}
	for _, r := range rows {
		if d.adoption.clocks == 0 {
			break
		}
		if err := d.compare(ctx, r); err != nil {
			return "", 0, err
		}
		after = r.ID
	}
	return after, len(rows), nil
}

// compare lets the clock of an incident be set if it is another one than its pending and its displayed reminder say. It fails only if the
// context has ended.
func (d *database) compare(ctx context.Context, r clockRow) error {
	own, err := incident.DecodeOwn(r.Own)
	if err != nil {
		return nil // who reads the incident logs it
	}
	pending := int64(0)
	if r.Content != nil {
		pending = d.dueAt(r.ID, r.Content)
	}
	inc := incident.Incident{ID: r.ID, Own: own, IsActive: r.IsActive, ReminderPostID: r.ReminderPostID}
	if inc.Clock() == expectedClock(&inc, pending, r.ShownAt.Int64) {
		return nil
	}
	d.adoption.clocks--
	if err := d.note(ctx, r.ID, pending, r.ShownAt.Int64); err != nil {
		d.log.Warn("The clock of an incident could not be set; it is tried again.", "incident_id", r.ID, "error", err.Error())
	}
	return ctx.Err()
}
