package store

import (
	"context"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (s *incidents) Update(ctx context.Context, r app.UpdateRequest, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (app.Change, error) {
	id := r.IncidentID
	var c app.Change
	err := s.withSlot(ctx, id, func(tx *sqlx.Tx) error {
		inc, err := s.lockIncident(ctx, tx, id, r.Known)
		if err != nil {
			return err
		}
		before := inc.Clone()
		c = app.Change{Before: before, After: before}
		// The event names its task by id, and so does what follows the commit.
		incident.FillIDs(inc.Checklists)
		set, err := fn(&inc.Incident)
		if inc.corrupt && (incident.IsKind(err, incident.NotFound) || incident.IsKind(err, incident.Invalid)) { // a stage or a task
			return errCorruptStages
		}
		if err != nil {
			return err
		}
		if set == nil {
			return errRollback
		}
		inc.Revision = before.Revision + 1
		columns, err := s.changedColumns(&inc)
		if err != nil {
			return err
		}
		event := incident.Event{ID: r.EventID, IncidentID: id, Revision: inc.Revision, ActorID: r.ActorID, CreateAt: r.At,
			Payload: set.Payload, PostID: set.PostID}
		if event.ID == "" {
			event.ID = model.NewId()
		}
		if err := s.updateWithEvent(ctx, tx, &inc.Incident, columns, event, r.Extensions); err != nil {
			return err
		}
		if set.StatusPostID != "" {
			if err := s.addStatusPost(ctx, tx, &inc, id, set.StatusPostID); err != nil {
				return err
			}
		}
		made := app.Change{Before: before, After: inc.Incident, Event: &event, NextUpdate: set.NextUpdate}
		if err := s.runInTx(ctx, tx, made, r.InTx); err != nil {
			return err
		}
		c = made
		return nil
	})
	switch {
	case errors.Is(err, errRollback):
		return c, nil
	case errors.Is(err, errOngoing):
		return app.Change{}, s.channelTaken(ctx, c.Before.ChannelID)
	}
	if err != nil {
		return app.Change{}, err
	}
	return c, nil
}

// updateWithEvent writes a changed incident, the event of the change, and the jobs that publish it.
func (s *Store) updateWithEvent(ctx context.Context, tx *sqlx.Tx, inc *incident.Incident, set map[string]interface{}, e incident.Event, x app.Extensions) error {
	update := s.builder.Update("IR_Incident").SetMap(set).Where(sq.Eq{"ID": inc.ID})
	return errors.Wrap(asOngoing(s.execAll(ctx, tx, append([]sq.Sqlizer{update}, s.eventInserts(inc, e, x)...)...)), "store an incident and its event")
}

// eventInserts store an event and the jobs that publish it.
func (s *Store) eventInserts(inc *incident.Incident, e incident.Event, x app.Extensions) []sq.Sqlizer {
	statements := []sq.Sqlizer{s.eventInsert(e)}
	if follow := x.PublishingJobs(inc, &e, time.Now().UnixMilli()); len(follow) > 0 {
		statements = append(statements, s.newJobs(follow...))
	}
	return statements
}

// AttachPost on PostgreSQL is one statement, unless the incident was changed in between. The job that makes the post is
// completed with it.
func (s *incidents) AttachPost(ctx context.Context, committed incident.Incident, eventID, postID string,
	fn func(inc *incident.Incident) bool) (incident.Incident, error) {
	inc := committed.Clone()
	altered := fn(&inc)
	if !altered {
		// Only the event is touched. If the incident was changed in between, that change is published by itself.
		n, err := s.exec(ctx, s.db, s.noteQuery(inc.ID, eventID, postID))
		if err == nil && n == 0 {
			err = s.whyNotNoted(ctx, s.db, inc.ID, eventID)
		}
		return inc, errors.Wrap(err, "note the post of an event")
	}
	done, err := s.changes.Acquire(ctx, inc.ID)
	if err != nil {
		return incident.Incident{}, err
	}
	defer done()
	if len(inc.Checklists) > 0 { // else they may be unreadable, and must be left alone
		if attached, err := s.attachUnchanged(ctx, &inc, eventID, postID); err != nil || attached {
			return inc, err
		}
	}
	return s.attachLocked(ctx, inc.ID, eventID, postID, fn)
}

// noteQuery stores the id of a post with its event, unless another post was stored with it, and completes the job that
// announces the event.
func (s *Store) noteQuery(id, eventID, postID string) sq.Sqlizer {
	if s.postgres {
		return together(s.completeJob(eventID), s.noteOnly(id, eventID, postID))
	}
	return sq.Expr("UPDATE IR_Event e LEFT JOIN IR_Job j ON j.ID = ? SET e.PostID = ?, "+jobIsDone+
		" WHERE e.ID = ? AND e.IncidentID = ? AND e.PostID IN ('', ?)", eventID, postID, eventID, id, postID)
}

func (s *Store) noteOnly(id, eventID, postID string) sq.UpdateBuilder {
	return s.builder.Update("IR_Event").Set("PostID", postID).Where(sq.Eq{"ID": eventID, "IncidentID": id, "PostID": []string{"", postID}})
}

// completeJob deletes the job that announces an event. MySQL cannot do that in the statement that stores the post's id, and
// marks the job as done there; the next purge deletes it.
func (s *Store) completeJob(eventID string) sq.Sqlizer {
	return s.builder.Delete("IR_Job").Where(sq.Eq{"ID": eventID})
}

const jobIsDone = "j.State = '" + jobDone + "', j.NextAttemptAt = 0, j.LeasedUntil = 0"

// whyNotNoted is the error after noteQuery has found no event.
func (s *Store) whyNotNoted(ctx context.Context, q sqlx.QueryerContext, id, eventID string) error {
	var n int
	err := s.get(ctx, q, &n, s.builder.Select("COUNT(*)").From("IR_Event").Where(sq.Eq{"ID": eventID, "IncidentID": id}))
	switch {
	case err != nil:
		return err
	case n == 0:
		return incident.ErrNotFound
	}
	return app.ErrAnnounced
}

// attachUnchanged stores the id of a post with its event and in the incident, in one statement, if the incident is still
// as it was when inc was read. Every change raises one of the revisions.
func (s *Store) attachUnchanged(ctx context.Context, inc *incident.Incident, eventID, postID string) (bool, error) {
	text, err := encodeStages(inc.Checklists)
	if err != nil {
		return false, err
	}
	var attach sq.Sqlizer
	if s.postgres {
		attach = together(s.completeJob(eventID), named{"noted", s.noteOnly(inc.ID, eventID, postID).Suffix("RETURNING ID")},
			s.builder.Update("IR_Incident").Set("ChecklistsJSON", s.jsonValue(text)).Set("PostRevision", inc.PostRevision+1).
				Where(sq.Eq{"ID": inc.ID, "Revision": inc.Revision, "PostRevision": inc.PostRevision}).Where("EXISTS (SELECT 1 FROM noted)"))
	} else {
		attach = sq.Expr("UPDATE IR_Incident i JOIN IR_Event e ON e.ID = ? AND e.IncidentID = ? LEFT JOIN IR_Job j ON j.ID = ?"+
			" SET i.ChecklistsJSON = ?, i.PostRevision = ?, e.PostID = ?, "+jobIsDone+
			" WHERE i.ID = ? AND i.Revision = ? AND i.PostRevision = ? AND e.PostID IN ('', ?)",
			eventID, inc.ID, eventID, text, inc.PostRevision+1, postID, inc.ID, inc.Revision, inc.PostRevision, postID)
	}
	n, err := s.exec(ctx, s.db, attach)
	if isRetryable(err) {
		return false, nil
	}
	if err != nil || n == 0 {
		return false, errors.Wrap(err, "note the post of a change")
	}
	inc.PostRevision++
	return true, nil
}

func (s *Store) attachLocked(ctx context.Context, id, eventID, postID string,
	fn func(inc *incident.Incident) bool) (incident.Incident, error) {
	var inc stored
	err := s.inTx(ctx, func(tx *sqlx.Tx) error { // the caller has the slot
		var err error
		if inc, err = s.lockIncident(ctx, tx, id, nil); err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, s.noteQuery(id, eventID, postID))
		if err == nil && n == 0 {
			err = s.whyNotNoted(ctx, tx, id, eventID)
		}
		if err != nil {
			return errors.Wrap(err, "note the post of an event")
		}
		revision := inc.Revision
		if !fn(&inc.Incident) {
			return nil
		}
		inc.Revision = revision
		inc.PostRevision++
		set, err := s.changedColumns(&inc)
		if err != nil {
			return err
		}
		return errors.Wrap(s.execAll(ctx, tx, s.builder.Update("IR_Incident").SetMap(set).Where(sq.Eq{"ID": id})), "store an incident")
	})
	if err != nil {
		return incident.Incident{}, err
	}
	return inc.Incident, nil
}

// changedColumns returns the columns of an incident that may change. The stages, by far the largest, are among them only
// if they did, and so are the folded forms of the name.
func (s *Store) changedColumns(inc *stored) (map[string]interface{}, error) {
	set := map[string]interface{}{
		"Name":                    inc.Name,
		"Description":             inc.Description,
		"IsActive":                inc.IsActive,
		"CommanderUserID":         inc.CommanderUserID,
		"CreateAt":                inc.CreateAt,
		"EndAt":                   inc.EndAt,
		"DeleteAt":                inc.DeleteAt,
		"ActiveStage":             int64(inc.ActiveStage),
		"ActiveStageTitle":        inc.ActiveStageTitle,
		"PostID":                  inc.PostID,
		"PlaybookID":              inc.PlaybookID,
		"ReminderPostID":          inc.ReminderPostID,
		"BroadcastChannelID":      inc.BroadcastChannelID,
		"PreviousReminder":        inc.PreviousReminder,
		"ReminderMessageTemplate": inc.ReminderMessageTemplate,
		"Revision":                inc.Revision,
		"PostRevision":            inc.PostRevision,
	}
	if inc.Name != inc.foldedName || inc.Name == "" {
		foldName(set, inc.Name)
	}
	if err := setOwn(set, inc.Own, inc.ownJSON); err != nil {
		return nil, err
	}
	if inc.corrupt { // they stay as they are, so that they can be repaired
		if len(inc.Checklists) > 0 {
			return nil, errCorruptStages
		}
		return set, nil
	}
	incident.FillIDs(inc.Checklists)
	text, err := encodeStages(inc.Checklists)
	if err != nil {
		return nil, err
	}
	if text != inc.checklistsJSON {
		set["ChecklistsJSON"] = s.jsonValue(text)
	}
	return set, nil
}

// addStatusPost registers a post and reads the status posts again, for the creation times that the host gave them.
func (s *Store) addStatusPost(ctx context.Context, tx *sqlx.Tx, inc *stored, id, postID string) error {
	_, err := s.exec(ctx, tx, s.builder.Insert("IR_StatusPosts").Columns("IncidentID", "PostID").Values(id, postID))
	if isUniqueViolation(err) {
		return incident.NewError(incident.Conflict, "status.exists", "This post is a status update already.")
	}
	if err != nil {
		return errors.Wrap(err, "register a status post")
	}
	posts, err := s.statusPosts(ctx, tx, id)
	inc.setStatusPosts(posts)
	return err
}

func (s *Store) eventInsert(e incident.Event) sq.InsertBuilder {
	before, after := incident.EncodePayload(e.Payload)
	return s.builder.Insert("IR_Event").
		Columns("ID", "IncidentID", "Revision", "Type", "ActorID", "CreateAt", "BeforeJSON", "AfterJSON", "PostID").
		Values(e.ID, e.IncidentID, e.Revision, string(e.Type()), e.ActorID, e.CreateAt, string(before), string(after), e.PostID)
}
