package timeline

import (
	"context"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// recordPeriod is how often each node looks for status updates that have no entry: those from before the timeline, those of
	// version 1.2.0, and those whose node died at the wrong moment.
	recordPeriod = 10 * time.Minute
	// recordBatch is how many status updates are looked at with one statement.
	recordBatch = 100
)

// updatePlace is a place among all status updates.
type updatePlace struct{ incidentID, postID string }

// unrecorded is a status update that has no entry, with its post. PostChannelID is "" if the post was deleted for good.
type unrecorded struct {
	IncidentID, ChannelID, PostID                   string
	PostChannelID, UserID, Username, Message, Props string
	CreateAt, EditAt, DeleteAt                      int64
	Recorded                                        bool
}

// storeUpdate stores the text of a status update in the transaction of the change. Who shows a timeline reads it when the incident
// has changed, as own events, which are not sent again: so changes cost nothing more where nobody does.
func (t *timeline) storeUpdate(ctx context.Context, tx app.Tx, c app.Change) error {
	p, ok := c.Event.Payload.(incident.StatusUpdated)
	if !ok {
		return nil
	}
	rows, err := selectUpdates(ctx, tx, tx, nil, sq.Eq{"p.Id": p.StatusPostID}, 1)
	if err != nil || len(rows) == 0 || rows[0].PostChannelID != c.After.ChannelID {
		return err
	}
	return t.store.Insert(ctx, tx, t.update(&rows[0]), updateKey(p.StatusPostID))
}

// followEdit stores a new version of the entries of a post that was edited. Without it the next reading does.
func (t *timeline) followEdit(ctx context.Context, post, _ *model.Post) {
	entries, err := t.store.OfPost(ctx, post.Id)
	for n := 0; n < len(entries) && err == nil; n++ {
		var h app.Header
		if h, err = t.incidents.Header(ctx, entries[n].IncidentID, ""); err == nil {
			err = t.follow(ctx, h, entries[n:n+1])
		}
	}
	if err != nil && !incident.IsKind(err, incident.NotFound) {
		t.log.Warn("The edit of a message on a timeline could not be followed; the next reader does.", "post_id", post.Id, "error", err.Error())
	}
}

// update is the entry of a status update with what its post says.
func (t *timeline) update(u *unrecorded) Entry {
	now := t.millis()
	e := Entry{ID: model.NewId(), IncidentID: u.IncidentID, Kind: Update, RecordedAt: now, seq: now, Version: 1, AuthorID: u.UserID, AuthorName: u.Username,
		AddedByID: u.UserID, HappenedAt: u.CreateAt, postEditAt: u.EditAt, Source: &Source{PostID: u.PostID, ChannelID: u.ChannelID}}
	e.Text, _ = text.Post(u.Message, u.Props)
	return e
}

// record stores the entry of a status update that has none. Where the post was deleted, the event of the update tells who has posted it
// and when; without an event nothing is known.
func (t *timeline) record(ctx context.Context, u *unrecorded) error {
	if u.PostChannelID != "" && u.PostChannelID != u.ChannelID { // version 1.2.0 let clients store the id of any post
		return nil
	}
	e := t.update(u)
	if u.PostChannelID == "" || u.DeleteAt != 0 {
		e.Text = "" // who deleted it did so before there was a timeline
		if found, err := t.lost(ctx, u, &e); err != nil || !found {
			return err
		}
	}
	_, _, err := t.store.Add(ctx, e, []string{updateKey(u.PostID)}, "", 0)
	return err
}

// lost fills the entry of a status update whose post is gone. It returns false if nothing is known of it.
func (t *timeline) lost(ctx context.Context, u *unrecorded, e *Entry) (found bool, err error) {
	f := app.EventFilter{Types: []incident.EventType{incident.EventStatusUpdate}, Limit: recordBatch}
	for {
		events, err := t.incidents.EventPage(ctx, u.IncidentID, f)
		if err != nil {
			return false, err
		}
		for n := range events {
			if p, ok := events[n].Readable().(incident.StatusUpdated); ok && p.StatusPostID == u.PostID {
				e.HappenedAt, e.AuthorID, e.AuthorName = events[n].CreateAt, events[n].ActorID, t.username(events[n].ActorID)
				e.AddedByID = e.AuthorID
				e.Source.Gone, e.Source.Lost = true, true
				return true, nil
			}
		}
		if len(events) < f.Limit {
			return false, nil
		}
		last := events[len(events)-1]
		f.After = &app.EventPlace{CreateAt: last.CreateAt, Revision: last.Revision}
	}
}

// recordFirst stores the status updates of one incident that have no entry, until those of all incidents were looked at.
func (t *timeline) recordFirst(ctx context.Context, incidentID string) error {
	if t.recorded.Load() {
		return nil
	}
	return t.recordUpdates(ctx, incidentID)
}

// recordAllUpdates stores the status updates of all incidents that have no entry.
func (t *timeline) recordAllUpdates(ctx context.Context) error {
	err := t.recordUpdates(ctx, "")
	if err == nil {
		t.recorded.Store(true)
	}
	return err
}

// recordUpdates goes on after a status update that cannot be stored, and returns the last error.
func (t *timeline) recordUpdates(ctx context.Context, incidentID string) (failed error) {
	after := updatePlace{}
	for {
		found, next, err := t.store.Unrecorded(ctx, incidentID, after, recordBatch)
		if err != nil {
			return err
		}
		for n := range found {
			if err := t.record(ctx, &found[n]); err != nil {
				failed = errors.Wrap(err, "store a status update in the timeline")
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if next == (updatePlace{}) {
			return failed
		}
		after = next
	}
}

// Unrecorded looks at the next limit status updates by incident and post. Ids that no post can have are left out.
func (d *database) Unrecorded(ctx context.Context, incidentID string, after updatePlace, limit int) (found []unrecorded, next updatePlace, err error) {
	of := sq.Eq{}
	if incidentID != "" {
		of["sp.IncidentID"] = incidentID
	}
	rows, err := selectUpdates(ctx, d, d, &after, of, limit)
	if err != nil {
		return nil, next, err
	}
	for n := range rows {
		if !rows[n].Recorded && model.IsValidId(rows[n].PostID) {
			found = append(found, rows[n])
		}
	}
	if len(rows) == limit {
		next = updatePlace{rows[len(rows)-1].IncidentID, rows[len(rows)-1].PostID}
	}
	return found, next, nil
}

// dialect tells databases apart.
type dialect interface {
	Postgres() bool
	Builder() sq.StatementBuilderType
}

// selectUpdates reads status updates with their posts, by incident and post, those after a place first; nil is the beginning.
func selectUpdates(ctx context.Context, d dialect, from capability.Selector, after *updatePlace, of sq.Eq, limit int) (rows []unrecorded, err error) {
	props := "CAST(p.Props AS CHAR)" // text, in later versions of the host JSON
	if d.Postgres() {
		props = "CAST(p.Props AS TEXT)"
	}
	query := d.Builder().Select("sp.IncidentID AS incidentid", "sp.PostID AS postid", "COALESCE(i.ChannelID, '') AS channelid", "t.ID IS NOT NULL AS recorded",
		"COALESCE(p.ChannelId, '') AS postchannelid", "COALESCE(p.UserId, '') AS userid", "COALESCE(u.Username, '') AS username",
		"COALESCE(CASE WHEN t.ID IS NULL THEN p.Message END, '') AS message", "COALESCE(CASE WHEN t.ID IS NULL THEN "+props+" END, '') AS props",
		"COALESCE(p.CreateAt, 0) AS createat", "COALESCE(p.EditAt, 0) AS editat", "COALESCE(p.DeleteAt, 0) AS deleteat").
		From("IR_StatusPosts sp").Join("IR_Incident i ON i.ID = sp.IncidentID").
		LeftJoin("IR_TimelineEntry t ON t.IncidentID = sp.IncidentID AND t.UniqueKey = CONCAT('update:', sp.PostID)").
		LeftJoin("Posts p ON p.Id = sp.PostID").LeftJoin("Users u ON u.Id = p.UserId").
		OrderBy("sp.IncidentID", "sp.PostID").Limit(uint64(max(limit, 0)))
	if len(of) > 0 {
		query = query.Where(of)
	}
	if after != nil && *after != (updatePlace{}) {
		query = query.Where("sp.IncidentID >= ?", after.incidentID).Where("(sp.IncidentID > ? OR sp.PostID > ?)", after.incidentID, after.postID)
	}
	return rows, errors.Wrap(from.Select(ctx, &rows, query), "look for the status updates of timelines")
}
