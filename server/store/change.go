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
	err := s.inTurn(ctx, id, func(tx *sqlx.Tx) error {
		inc, err := s.lock(ctx, tx, id, r.Known)
		if err != nil {
			return err
		}
		before := inc.Clone()
		c = app.Change{Before: before, After: before}
		// The event names its task by id, and so does what follows the commit.
		incident.FillIDs(inc.Checklists)
		set, err := fn(&inc.Incident)
		if inc.unreadable && (incident.IsKind(err, incident.NotFound) || incident.IsKind(err, incident.Invalid)) { // a stage or a task
			return errUnreadable
		}
		if err != nil {
			return err
		}
		if set == nil {
			return errRollback
		}
		if err := s.applyJobs(ctx, tx, id, set); err != nil {
			return err
		}
		inc.Revision = before.Revision + 1
		columns, err := s.changed(&inc)
		if err != nil {
			return err
		}
		event := incident.Event{ID: r.EventID, IncidentID: id, Revision: inc.Revision, ActorID: r.ActorID, CreateAt: r.At,
			Payload: set.Payload, PostID: set.PostID}
		if event.ID == "" {
			event.ID = model.NewId()
		}
		if err := s.store(ctx, tx, id, columns, event); err != nil {
			return err
		}
		if set.StatusPostID != "" {
			if err := s.addStatusPost(ctx, tx, &inc, id, set.StatusPostID); err != nil {
				return err
			}
		}
		if set.Reminder != nil {
			if err := s.setReminder(ctx, tx, id, *set.Reminder); err != nil {
				return err
			}
		}
		c = app.Change{Before: before, After: inc.Incident, Event: &event}
		return nil
	})
	if errors.Is(err, errRollback) {
		return c, nil
	}
	if err != nil {
		return app.Change{}, err
	}
	return c, nil
}

// applyJobs completes and stores the jobs of a change, and checks that the reminder is pending that the change depends on.
func (s *Store) applyJobs(ctx context.Context, tx *sqlx.Tx, id string, set *incident.ChangeSet) error {
	if set.CompletesCleanup != "" {
		if err := s.completeUnclaimed(ctx, tx, set.CompletesCleanup); err != nil {
			return err
		}
	}
	if set.ExpectReminderAt != 0 {
		due, err := s.reminderAt(ctx, tx, id)
		if err != nil {
			return err
		}
		if due != set.ExpectReminderAt {
			return errRollback
		}
	}
	for _, postID := range set.DeletePosts {
		if !model.IsValidId(postID) { // version 1.2.0 let clients store any text: there is no such post
			continue
		}
		if err := s.addJob(ctx, tx, app.DeletePostJob(id, postID, time.Now().UnixMilli())); err != nil {
			return err
		}
	}
	return nil
}

// store writes a changed incident and the event of the change.
func (s *Store) store(ctx context.Context, tx *sqlx.Tx, id string, set map[string]interface{}, e incident.Event) error {
	update := s.builder.Update("IR_Incident").SetMap(set).Where(sq.Eq{"ID": id})
	if !s.postgres {
		if _, err := s.exec(ctx, tx, update); err != nil {
			return errors.Wrap(err, "store an incident")
		}
		return s.insertEvent(ctx, tx, e)
	}
	_, err := s.exec(ctx, tx, together(update, s.eventInsert(e)))
	return errors.Wrap(err, "store an incident and its event")
}

func (s *incidents) AttachPost(ctx context.Context, committed incident.Incident, eventID, postID string,
	fn func(inc *incident.Incident) bool) (incident.Incident, error) {
	inc := committed.Clone()
	altered := fn(&inc)
	if !altered {
		// Only the event is touched. The state that clients get may be older than a change made meanwhile, which they
		// are told about by whoever made it.
		n, err := s.exec(ctx, s.db, s.builder.Update("IR_Event").Set("PostID", postID).Where(sq.Eq{"ID": eventID, "IncidentID": inc.ID}))
		if err == nil && n == 0 {
			err = incident.ErrNotFound
		}
		return inc, errors.Wrap(err, "note the post of an event")
	}
	done, err := s.turns.wait(ctx, inc.ID)
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

// attachUnchanged stores the id of a post with its event and in the incident, in one statement, if the incident is still
// as it was when inc was read. Every change raises one of the revisions.
func (s *Store) attachUnchanged(ctx context.Context, inc *incident.Incident, eventID, postID string) (bool, error) {
	text, err := encodeStages(inc.Checklists)
	if err != nil {
		return false, err
	}
	const note = "UPDATE IR_Event SET PostID = ? WHERE ID = ? AND IncidentID = ?"
	var n int64
	if s.postgres {
		n, err = s.exec(ctx, s.db, s.builder.Update("IR_Incident").Set("ChecklistsJSON", s.jsonValue(text)).
			Set("PostRevision", inc.PostRevision+1).
			Where(sq.Eq{"ID": inc.ID, "Revision": inc.Revision, "PostRevision": inc.PostRevision}).
			Prefix("WITH noted AS ("+note+")", postID, eventID, inc.ID))
	} else {
		n, err = s.exec(ctx, s.db, sq.Expr("UPDATE IR_Incident i JOIN IR_Event e ON e.ID = ? AND e.IncidentID = ?"+
			" SET i.ChecklistsJSON = ?, i.PostRevision = ?, e.PostID = ?"+
			" WHERE i.ID = ? AND i.Revision = ? AND i.PostRevision = ?",
			eventID, inc.ID, text, inc.PostRevision+1, postID, inc.ID, inc.Revision, inc.PostRevision))
	}
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
	err := s.inTx(ctx, func(tx *sqlx.Tx) error { // the caller has the turn
		var err error
		if inc, err = s.lock(ctx, tx, id, nil); err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, s.builder.Update("IR_Event").Set("PostID", postID).
			Where(sq.Eq{"ID": eventID, "IncidentID": id}))
		if err != nil {
			return errors.Wrap(err, "note the post of an event")
		}
		revision := inc.Revision
		if !fn(&inc.Incident) {
			return nil
		}
		inc.Revision = revision
		inc.PostRevision++
		set, err := s.changed(&inc)
		if err != nil {
			return err
		}
		return s.setColumns(ctx, tx, id, set)
	})
	if err != nil {
		return incident.Incident{}, err
	}
	return inc.Incident, nil
}

// changed gives the columns of an incident that may change. The stages, by far the largest, are among them only
// if they did.
func (s *Store) changed(inc *stored) (map[string]interface{}, error) {
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
	if inc.unreadable { // they stay as they are, for somebody to mend
		if len(inc.Checklists) > 0 {
			return nil, errUnreadable
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

func (s *Store) setColumns(ctx context.Context, tx *sqlx.Tx, id string, set map[string]interface{}) error {
	_, err := s.exec(ctx, tx, s.builder.Update("IR_Incident").SetMap(set).Where(sq.Eq{"ID": id}))
	return errors.Wrap(err, "store an incident")
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

func (s *Store) insertEvent(ctx context.Context, tx *sqlx.Tx, e incident.Event) error {
	_, err := s.exec(ctx, tx, s.eventInsert(e))
	return errors.Wrap(err, "store an event")
}

func (s *Store) eventInsert(e incident.Event) sq.InsertBuilder {
	before, after := incident.EncodePayload(e.Payload)
	return s.builder.Insert("IR_Event").
		Columns("ID", "IncidentID", "Revision", "Type", "ActorID", "CreateAt", "BeforeJSON", "AfterJSON", "PostID").
		Values(e.ID, e.IncidentID, e.Revision, string(e.Type()), e.ActorID, e.CreateAt, string(before), string(after), e.PostID)
}
