package timeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var (
	errNoEntry = incident.NewError(incident.NotFound, "timeline.no_entry", "This entry of the timeline does not exist.")
	errFull    = incident.NewError(incident.Conflict, "timeline.full",
		"The timeline of this incident has the maximum of %d entries. Nothing more can be added.", MaxEntries)
	errDeleted  = incident.NewError(incident.Conflict, "timeline.deleted", "This entry was deleted. It cannot be changed any more.")
	errOutdated = incident.NewError(incident.Conflict, "timeline.outdated",
		"Somebody else has changed this entry. Look at it again, then repeat your change if it is still needed.")
	errRecord = incident.NewError(incident.Conflict, "timeline.record",
		"This entry is part of the incident's own record. It can be starred, but not edited or deleted.")
	errMessage = incident.NewError(incident.Conflict, "timeline.message",
		"This entry is what a message said. It can be starred or deleted, but not edited. Add an entry of your own to comment on it.")
	errVersions = incident.NewError(incident.Conflict, "timeline.versions",
		"This entry was changed the maximum of %d times. Add another one.", MaxVersions)
)

// newEntry is what is asked for when an entry is added: a text, or a post.
type newEntry struct {
	text       string
	postID     string
	happenedAt int64 // 0 for now
	starred    bool
	// key is the Idempotency-Key, "" for none.
	key string
}

// add adds an entry. made is false if it was there already.
func (t *timeline) add(ctx context.Context, userID string, h app.Header, n newEntry) (e Entry, made bool, err error) {
	now := t.millis()
	e = Entry{ID: model.NewId(), IncidentID: h.ID, RecordedAt: now, seq: now, AddedByID: userID, Starred: n.starred, Version: 1}
	var keys []string
	if n.postID != "" {
		if err = t.takeMessage(ctx, userID, h, n.postID, &e); err != nil {
			return Entry{}, false, err
		}
		keys = []string{messageKey(n.postID), updateKey(n.postID)} // a status update of this incident has an entry already
	} else {
		e.Kind, e.AuthorID, e.Text, e.HappenedAt = Manual, userID, strings.TrimSpace(n.text), n.happenedAt
		if e.HappenedAt == 0 {
			e.HappenedAt = now
		}
		if err = checkText(e.Text); err == nil {
			err = checkTime(e.HappenedAt, now)
		}
		if err != nil {
			return Entry{}, false, err
		}
	}
	requestKey := ""
	if n.key != "" {
		sum := sha256.Sum256([]byte(userID + "\x00" + n.key))
		requestKey = hex.EncodeToString(sum[:])
	}
	if e, made, err = t.store.Add(ctx, e, keys, requestKey, MaxEntries); err != nil {
		return Entry{}, false, err
	}
	if made {
		t.publish(ctx, &h, &e)
	}
	return e, made, nil
}

func messageKey(postID string) string { return "message:" + postID }
func updateKey(postID string) string  { return "update:" + postID }

func checkText(text string) error {
	if incident.IsBlank(text) {
		return incident.InvalidField("text", "text must not be blank: say what happened.")
	}
	return incident.CheckText("text", text, MaxText)
}

// checkTime accepts times from the year 2000 until now (Unix ms).
func checkTime(at, now int64) error {
	switch {
	case at < earliest:
		return incident.InvalidField("happened_at", "happened_at is before the year 2000. Give Unix milliseconds.")
	case at > now+clockSkew.Milliseconds():
		return incident.InvalidField("happened_at", "happened_at is in the future. A timeline says what has happened.")
	}
	return nil
}

// change is what is asked for when an entry is changed; nil leaves alone.
type change struct {
	text       *string
	happenedAt *int64
	starred    *bool
	// version is the version that the user has seen; nil for any.
	version *int64
}

func (c *change) check(now int64) error {
	if c.text == nil && c.happenedAt == nil && c.starred == nil {
		return incident.NewError(incident.Invalid, "timeline.nothing", "Nothing is to be changed: give text, happened_at or starred.")
	}
	if c.text != nil {
		*c.text = strings.TrimSpace(*c.text)
		if err := checkText(*c.text); err != nil {
			return err
		}
	}
	if c.happenedAt != nil {
		return checkTime(*c.happenedAt, now)
	}
	return nil
}

// edit changes an entry. What is so already makes no version.
func (t *timeline) edit(ctx context.Context, userID string, h app.Header, entryID string, c change) (Entry, error) {
	now := t.millis()
	if err := c.check(now); err != nil {
		return Entry{}, err
	}
	before := int64(0)
	e, err := t.store.Change(ctx, h.ID, entryID, now, func(e *Entry) (string, action, error) {
		before = e.Version
		if e.Kind == Own { // its star is stored by Mark
			return "", "", errNoEntry
		}
		what, err := c.apply(e, userID, now)
		return userID, what, err
	})
	if incident.IsKind(err, incident.NotFound) {
		return t.editOwn(ctx, userID, h, entryID, c)
	}
	if err != nil {
		return Entry{}, err
	}
	if e.Version > before {
		t.publish(ctx, &h, &e)
	}
	return e, nil
}

// apply changes an entry and says what was done, "" for nothing.
func (c *change) apply(e *Entry, userID string, now int64) (action, error) {
	texts := c.text != nil && *c.text != e.Text || c.happenedAt != nil && *c.happenedAt != e.HappenedAt
	switch {
	case e.DeletedAt > 0:
		return "", errDeleted
	case c.version != nil && *c.version != e.Version:
		return "", errOutdated
	case e.Kind == Update && texts:
		return "", errRecord
	case e.Kind == Message && texts:
		return "", errMessage
	}
	what := action("")
	if c.starred != nil {
		what = setStar(e, *c.starred)
	}
	if texts {
		if c.text != nil {
			e.Text = *c.text
		}
		if c.happenedAt != nil {
			e.HappenedAt = *c.happenedAt
		}
		what, e.EditedAt, e.EditedByID = edited, now, userID
	}
	if what == "" {
		return "", nil
	}
	return what, checkVersions(e)
}

// setStar returns what was done, "" for nothing.
func setStar(e *Entry, star bool) action {
	switch {
	case e.Starred == star:
		return ""
	case star:
		e.Starred = true
		return starred
	default:
		e.Starred = false
		return unstarred
	}
}

func checkVersions(e *Entry) error {
	if e.Version >= MaxVersions {
		return errVersions
	}
	return nil
}

// editOwn stars an own event.
func (t *timeline) editOwn(ctx context.Context, userID string, h app.Header, id string, c change) (Entry, error) {
	event, err := t.ownEvent(ctx, h, id)
	if err != nil {
		return Entry{}, err
	}
	if c.text != nil || c.happenedAt != nil || c.starred == nil {
		return Entry{}, errRecord
	}
	e, err := t.store.Mark(ctx, &event, userID, *c.starred, t.millis())
	if err == nil {
		t.publish(ctx, &h, &e)
	}
	return e, err
}

// remove deletes an entry and leaves a mark. One that is deleted already stays as it is.
func (t *timeline) remove(ctx context.Context, userID string, h app.Header, entryID string) (Entry, error) {
	now, done := t.millis(), false
	e, err := t.store.Change(ctx, h.ID, entryID, now, func(e *Entry) (string, action, error) {
		done = false // it may run again
		switch {
		case e.DeletedAt > 0:
			return "", "", nil
		case e.Kind == Update || e.Kind == Own:
			return "", "", errRecord
		}
		done, e.DeletedAt, e.DeletedByID = true, now, userID
		return userID, deleted, nil
	})
	if incident.IsKind(err, incident.NotFound) {
		if _, err := t.ownEvent(ctx, h, entryID); err != nil {
			return Entry{}, err
		}
		return Entry{}, errRecord
	}
	if err != nil {
		return Entry{}, err
	}
	e.Text, e.Original, e.Source, e.Files = "", nil, nil, nil
	if done {
		t.publish(ctx, &h, &e)
	}
	return e, nil
}

// EventChanged is the name of the websocket event of an entry that was added or changed; clients see it with the prefix
// custom_<plugin id>_. maxEventBytes is how long an entry may be as JSON that is sent with it.
const (
	EventChanged  = "timeline_entry_updated"
	maxEventBytes = 128 << 10
)

// publish sends an entry to those who are in the incident's channel and may see the incident. Of one that is too long only ids and
// version are sent.
func (t *timeline) publish(ctx context.Context, h *app.Header, e *Entry) {
	payload, err := incident.Marshal(e)
	data := map[string]interface{}{"payload": string(payload)}
	if err == nil && len(payload) > maxEventBytes {
		payload, err = incident.Marshal(map[string]interface{}{"id": e.ID, "incident_id": e.IncidentID, "version": e.Version})
		data = map[string]interface{}{"payload": "", "changed": string(payload)}
	}
	if err != nil {
		t.log.Error("An entry of a timeline could not be encoded for the websocket.", "incident_id", e.IncidentID, "error", err.Error())
		return
	}
	t.svc.PublishToReaders(ctx, *h, EventChanged, data)
}
