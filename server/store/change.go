package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (s *incidents) Update(ctx context.Context, id, actorID string, now int64,
	fn func(inc *incident.Incident) (*incident.Write, error)) (incident.Incident, *incident.Event, error) {
	var inc stored
	var event *incident.Event
	err := s.inTurn(ctx, id, func(tx *sqlx.Tx) error {
		event = nil
		var err error
		if inc, err = s.load(ctx, tx, sq.Eq{"i.ID": id}, true); err != nil {
			return err
		}
		revision := inc.Revision
		write, err := fn(&inc.Incident)
		if inc.unreadable && incident.IsKind(err, incident.NotFound) { // a stage or a task
			return errUnreadable
		}
		if err != nil {
			return err
		}
		if write == nil {
			return errRollback
		}
		if err := s.settle(ctx, tx, &inc, write); err != nil {
			return err
		}
		inc.Revision = revision + 1
		set, err := s.changed(&inc)
		if err != nil {
			return err
		}
		if write.ReminderClaim != nil {
			set["ReminderClaimedAt"] = *write.ReminderClaim
		}
		if err := s.setColumns(ctx, tx, id, set); err != nil {
			return err
		}
		if write.StatusPostID != "" {
			if err := s.addStatusPost(ctx, tx, &inc, id, write.StatusPostID); err != nil {
				return err
			}
		}
		if write.Reminder != nil {
			if err := s.setReminder(ctx, tx, id, *write.Reminder); err != nil {
				return err
			}
		}
		e := write.Event
		e.ID, e.IncidentID, e.Revision, e.ActorID, e.CreateAt = model.NewId(), id, inc.Revision, actorID, now
		event = &e
		return s.insertEvent(ctx, tx, e)
	})
	if errors.Is(err, errRollback) {
		return inc.Incident, nil, nil
	}
	if err != nil {
		return incident.Incident{}, nil, err
	}
	return inc.Incident, event, nil
}

func (s *incidents) AttachPost(ctx context.Context, id, eventID, postID string,
	fn func(inc *incident.Incident) bool) (incident.Incident, error) {
	var inc stored
	err := s.inTurn(ctx, id, func(tx *sqlx.Tx) error {
		var err error
		if inc, err = s.load(ctx, tx, sq.Eq{"i.ID": id}, true); err != nil {
			return err
		}
		_, err = exec(ctx, tx, s.builder.Update("IR_Event").Set("PostID", postID).
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
	_, err := exec(ctx, tx, s.builder.Update("IR_Incident").SetMap(set).Where(sq.Eq{"ID": id}))
	return errors.Wrap(err, "store an incident")
}

// addStatusPost registers a post and reads the status posts again, for the creation times that the host gave them.
func (s *Store) addStatusPost(ctx context.Context, tx *sqlx.Tx, inc *stored, id, postID string) error {
	_, err := exec(ctx, tx, s.builder.Insert("IR_StatusPosts").Columns("IncidentID", "PostID").Values(id, postID))
	if isUniqueViolation(err) {
		return incident.NewError(incident.Conflict, "status.exists", "This post is a status update already.")
	}
	if err != nil {
		return errors.Wrap(err, "register a status post")
	}
	posts, err := s.statusPosts(ctx, tx, []string{id})
	if err != nil {
		return err
	}
	inc.setStatusPosts(posts[id])
	return nil
}

func (s *Store) insertEvent(ctx context.Context, tx *sqlx.Tx, e incident.Event) error {
	_, err := exec(ctx, tx, s.builder.Insert("IR_Event").
		Columns("ID", "IncidentID", "Revision", "Type", "ActorID", "CreateAt", "BeforeJSON", "AfterJSON", "PostID").
		Values(e.ID, e.IncidentID, e.Revision, string(e.Type), e.ActorID, e.CreateAt, string(e.Before), string(e.After), e.PostID))
	return errors.Wrap(err, "store an event")
}
