package timeline

import (
	"context"
	"encoding/json"
	"slices"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// errStored ends a transaction that has nothing to store.
var errStored = errors.New("is stored already")

// lock lets the transactions that add to one timeline follow each other, and counts add entries.
func (d *database) lock(ctx context.Context, tx capability.Transaction, incidentID string, add int64) error {
	insert := d.Builder().Insert("IR_Timeline").Columns("IncidentID", "Entries").Values(incidentID, add)
	if d.Postgres() {
		insert = insert.Suffix("ON CONFLICT (IncidentID) DO UPDATE SET Entries = IR_Timeline.Entries + ?", add)
	} else {
		insert = insert.Suffix("ON DUPLICATE KEY UPDATE Entries = Entries + ?", add)
	}
	_, err := tx.Exec(ctx, insert)
	return errors.Wrap(err, "lock a timeline")
}

// entries counts the entries that people have added to a timeline that is locked. It fails with incident.ErrNotFound if the incident
// was deleted in between: who deletes it locks the timeline first.
func (d *database) entries(ctx context.Context, tx capability.Transaction, incidentID string) (int64, error) {
	var n []int64
	err := tx.Select(ctx, &n, d.Builder().Select("t.Entries").From("IR_Timeline t").Join("IR_Incident i ON i.ID = t.IncidentID").Where(sq.Eq{"t.IncidentID": incidentID}))
	if err != nil {
		return 0, errors.Wrap(err, "count the entries of a timeline")
	}
	if len(n) == 0 {
		return 0, incident.ErrNotFound
	}
	return n[0], nil
}

func (d *database) Add(ctx context.Context, e Entry, keys []string, requestKey string, limit int64) (stored Entry, made bool, err error) {
	counted := int64(0)
	if limit > 0 {
		counted = 1
	}
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		stored = e
		if err := d.lock(ctx, tx, e.IncidentID, counted); err != nil {
			return err
		}
		there := sq.Or{sq.Eq{"t.UniqueKey": keys}}
		if requestKey != "" {
			there = append(there, sq.Eq{"t.RequestKey": requestKey})
		}
		found, err := d.read(ctx, tx, d.selectEntries(0).Where(sq.Eq{"t.IncidentID": e.IncidentID}).Where(there).Limit(1))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			stored = found[0]
			return errStored
		}
		n, err := d.entries(ctx, tx, e.IncidentID)
		if err != nil {
			return err
		}
		if limit > 0 && n > limit {
			return errFull
		}
		return d.insert(ctx, tx, &e, "", keys, requestKey)
	})
	if errors.Is(err, errStored) {
		return stored, false, nil
	}
	return stored, err == nil, err
}

func (d *database) Insert(ctx context.Context, tx app.Tx, e Entry, key string) error {
	return d.insert(ctx, tx, &e, "", []string{key}, "")
}

// insert stores a new entry with its first version.
func (d *database) insert(ctx context.Context, tx capability.Transaction, e *Entry, eventType incident.EventType, keys []string, requestKey string) error {
	var source Source
	if e.Source != nil {
		source = *e.Source
	}
	files := ""
	if len(e.Files) > 0 {
		encoded, err := json.Marshal(e.Files)
		if err != nil {
			return err
		}
		files = string(encoded)
	}
	var unique, request interface{}
	if len(keys) > 0 {
		unique = keys[0]
	}
	if requestKey != "" {
		request = requestKey
	}
	what := added
	if e.Kind == Own {
		what = starred
	}
	_, err := tx.Exec(ctx, tx.Builder().Insert("IR_TimelineEntry").
		Columns("ID", "IncidentID", "Kind", "HappenedAt", "Seq", "RecordedAt", "AuthorID", "AuthorName", "AddedByID", "ChannelID", "ChannelName", "PostID",
			"PostEditAt", "Content", "FilesJSON", "Starred", "Lost", "Version", "EventType", "UniqueKey", "RequestKey").
		Values(e.ID, e.IncidentID, string(e.Kind), e.HappenedAt, e.seq, e.RecordedAt, e.AuthorID, e.AuthorName, e.AddedByID, source.ChannelID, source.ChannelName,
			source.PostID, e.postEditAt, e.Text, files, e.Starred, source.Lost, e.Version, string(eventType), unique, request),
		newVersion(tx, e, what, e.AddedByID, e.RecordedAt, &e.Text))
	return errors.Wrap(err, "store an entry")
}

// newVersion is the only statement that writes versions. content is nil where the text is that of the version before.
func newVersion(tx capability.Transaction, e *Entry, what action, by string, now int64, content *string) sq.Sqlizer {
	return tx.Builder().Insert("IR_TimelineVersion").
		Columns("EntryID", "Version", "IncidentID", "Action", "ActorID", "CreateAt", "HappenedAt", "Content").
		Values(e.ID, e.Version, e.IncidentID, string(what), by, now, e.HappenedAt, content)
}

func (d *database) Change(ctx context.Context, incidentID, id string, now int64, fn func(e *Entry) (by string, what action, err error)) (Entry, error) {
	var changed Entry
	err := d.InTransaction(ctx, func(tx capability.Transaction) error {
		var locked []string
		if err := tx.Select(ctx, &locked, d.Builder().Select("ID").From("IR_TimelineEntry").
			Where(sq.Eq{"ID": id, "IncidentID": incidentID}).Suffix("FOR UPDATE")); err != nil {
			return errors.Wrap(err, "lock an entry")
		}
		if len(locked) == 0 {
			return errNoEntry
		}
		e, err := d.one(ctx, tx, incidentID, id)
		if err != nil {
			return err
		}
		changed, err = d.change(ctx, tx, e, now, fn)
		return err
	})
	return changed, err
}

func (d *database) change(ctx context.Context, tx capability.Transaction, e Entry, now int64, fn func(e *Entry) (by string, what action, err error)) (Entry, error) {
	before := e
	by, what, err := fn(&e)
	if err != nil {
		return e, err
	}
	if what != "" {
		e.Version++
	}
	set := map[string]interface{}{"HappenedAt": e.HappenedAt, "Starred": e.Starred, "Version": e.Version, "EditedAt": e.EditedAt, "EditedByID": e.EditedByID,
		"PostEditAt": e.postEditAt, "DeleteAt": e.DeletedAt, "DeletedByID": e.DeletedByID}
	var content *string
	if e.Text != before.Text {
		content = &e.Text
		set["Content"] = e.Text
	}
	if e.EditedAt > before.EditedAt && e.Original == nil {
		e.Original = &Original{Text: before.Text, HappenedAt: before.HappenedAt}
	}
	if e.DeletedAt > 0 {
		set["UniqueKey"] = nil // the message may be added again
	}
	statements := []sq.Sqlizer{tx.Builder().Update("IR_TimelineEntry").SetMap(set).Where(sq.Eq{"ID": e.ID})}
	if what != "" {
		statements = append(statements, newVersion(tx, &e, what, by, now, content))
	}
	_, err = tx.Exec(ctx, statements...)
	return e, errors.Wrap(err, "change an entry")
}

func (d *database) Mark(ctx context.Context, event *incident.Event, by string, star bool, now int64) (Entry, error) {
	marked := ownEvent(event)
	err := d.InTransaction(ctx, func(tx capability.Transaction) error {
		if err := d.lock(ctx, tx, event.IncidentID, 0); err != nil {
			return err
		}
		if _, err := d.entries(ctx, tx, event.IncidentID); err != nil {
			return err
		}
		e, err := d.one(ctx, tx, event.IncidentID, event.ID)
		if errors.Is(err, errNoEntry) {
			if !star {
				return nil
			}
			marked.RecordedAt, marked.AddedByID, marked.Starred, marked.Version = now, by, true, 1
			return d.insert(ctx, tx, &marked, event.Type(), nil, "")
		}
		if err != nil {
			return err
		}
		marked, err = d.change(ctx, tx, e, now, func(e *Entry) (string, action, error) { return by, setStar(e, star), checkVersions(e) })
		return err
	})
	return withStar(ownEvent(event), &marked), err
}

// eraseBatch is how many entries lose their versions with one statement, each of which has a time limit.
const eraseBatch = 500

// erase deletes the timeline of an incident that is being deleted. Who adds an entry waits for the lock of the timeline, and who
// changes one for that of the entry.
func (d *database) erase(ctx context.Context, tx app.Tx, incidentID string) error {
	if err := d.lock(ctx, tx, incidentID, 0); err != nil {
		return err
	}
	var ids []string
	if err := tx.Select(ctx, &ids, d.Builder().Select("ID").From("IR_TimelineEntry").Where(sq.Eq{"IncidentID": incidentID}).Suffix("FOR UPDATE")); err != nil {
		return errors.Wrap(err, "lock the entries of a timeline")
	}
	for some := range slices.Chunk(ids, eraseBatch) {
		if _, err := tx.Exec(ctx, tx.Builder().Delete("IR_TimelineVersion").Where(sq.Eq{"EntryID": some})); err != nil {
			return errors.Wrap(err, "delete the versions of entries")
		}
	}
	for _, table := range []string{"IR_TimelineVersion", "IR_TimelineEntry", "IR_Timeline"} {
		if _, err := tx.Exec(ctx, tx.Builder().Delete(table).Where(sq.Eq{"IncidentID": incidentID})); err != nil {
			return errors.Wrap(err, "delete the timeline of an incident")
		}
	}
	return nil
}
