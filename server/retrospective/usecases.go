package retrospective

import (
	"context"
	"errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// read reads the retrospective of an incident that the user may see. What is not stored is drafted.
func (r *retrospectives) read(ctx context.Context, userID, id string) (Document, error) {
	h, err := r.mayRead(ctx, userID, id)
	if err != nil {
		return Document{}, err
	}
	doc, err := r.complete(ctx, userID, id)
	doc.CanEdit = err == nil && r.rules.EditIncident(userID, h.ChannelAccess())
	return doc, err
}

// complete reads a retrospective, and drafts it if it is not stored.
func (r *retrospectives) complete(ctx context.Context, userID, id string) (Document, error) {
	doc, settings, err := r.store.Read(ctx, id)
	if err != nil || doc.State != None {
		return doc, err
	}
	return r.unstored(ctx, userID, doc, settings)
}

// unstored is the draft as it would be stored now.
func (r *retrospectives) unstored(ctx context.Context, userID string, doc Document, settings Settings) (Document, error) {
	drafts, err := r.drafts(ctx, userID, doc.IncidentID)
	made := newDocument(doc.IncidentID, settings.Sections, drafts)
	made.DueAt, made.Broadcast = doc.DueAt, doc.Broadcast
	return made, err
}

// conflict adds the present document to an error of kind Conflict. Other errors are returned as they are.
func (r *retrospectives) conflict(ctx context.Context, userID, id string, err error) error {
	cause, ok := incident.AsError(err)
	if !ok || cause.Kind != incident.Conflict {
		return err
	}
	doc, failed := r.complete(ctx, userID, id)
	if failed != nil {
		return failed
	}
	doc.CanEdit = true
	return &capability.Conflict{Cause: cause, Current: doc, Revision: doc.Revision}
}

// notice is the payload of EventUpdated.
type notice struct {
	IncidentID string `json:"incident_id"`
	Revision   int64  `json:"revision"`
	State      State  `json:"state"`
	// Section is the only one that was changed, "" if there may be more.
	Section     string `json:"section"`
	UpdatedByID string `json:"updated_by_id"`
}

// publish tells those who may read a retrospective that it was changed.
func (r *retrospectives) publish(ctx context.Context, h app.Header, d *Document, section string) {
	content, err := incident.Marshal(notice{d.IncidentID, d.Revision, d.State, section, d.UpdatedByID})
	if err != nil {
		r.log.Error("The change of a retrospective could not be encoded for the websocket.", "incident_id", d.IncidentID, "error", err.Error())
		return
	}
	r.core.PublishToReaders(ctx, h, EventUpdated, map[string]interface{}{"payload": string(content)})
}

// begin stores the draft of an incident that has none. It fails with errBegun if somebody was faster.
func (r *retrospectives) begin(ctx context.Context, userID string, doc *Document) error {
	request, err := r.core.AuthorizeEdit(ctx, userID, doc.IncidentID)
	if err != nil {
		return err
	}
	var stored Document
	request.InTx = func(ctx context.Context, tx app.Tx, c app.Change) error {
		stored = *doc
		stored.Sections = append([]Section{}, doc.Sections...)
		stored.begin(userID, c.Event.CreateAt)
		return r.store.Begin(ctx, tx, &stored)
	}
	_, err = r.core.Change(ctx, request, func(*incident.Incident, int64) (*incident.ChangeSet, error) {
		return incident.NewChangeSet(Moved{Kind: EventDrafted, Before: None, After: Drafted}), nil
	})
	if err != nil {
		return err
	}
	*doc = stored
	r.publish(ctx, request.Header, doc, "")
	return nil
}

// draft stores the draft of an incident that the user may change, or generates the sections again that nobody has edited.
func (r *retrospectives) draft(ctx context.Context, userID string, h app.Header, expected *int64) (Document, error) {
	doc, settings, err := r.store.Read(ctx, h.ID)
	if err != nil {
		return doc, err
	}
	if doc.State == None && fresh(expected, 0) {
		if doc, err = r.unstored(ctx, userID, doc, settings); err != nil {
			return doc, err
		}
		err := r.begin(ctx, userID, &doc)
		if err == nil {
			doc.CanEdit = true
			return doc, nil
		}
		if !errors.Is(err, errBegun) {
			return doc, err
		}
	}
	if doc.State == None && !fresh(expected, 0) {
		return doc, r.conflict(ctx, userID, h.ID, errOutdated)
	}
	drafts, err := r.drafts(ctx, userID, h.ID)
	if err != nil {
		return doc, err
	}
	changed := 0
	broadcast := doc.Broadcast
	doc, err = r.store.Change(ctx, h.ID, func(d *Document) ([]*Section, error) {
		sections, err := d.regenerate(drafts, expected, userID, r.now())
		changed = len(sections)
		return sections, err
	})
	if err != nil {
		return doc, r.conflict(ctx, userID, h.ID, err)
	}
	doc.CanEdit, doc.Broadcast = true, broadcast
	if changed > 0 {
		r.publish(ctx, h, &doc, "")
	}
	return doc, nil
}

// edit changes one section of the retrospective of an incident that the user may change.
func (r *retrospectives) edit(ctx context.Context, userID string, h app.Header, key string, e edit, generated bool) (Document, error) {
	if err := e.check(); err != nil {
		return Document{}, err
	}
	doc, settings, err := r.store.Read(ctx, h.ID)
	if err != nil {
		return doc, err
	}
	if doc.State == None {
		if doc, err = r.unstored(ctx, userID, doc, settings); err != nil {
			return doc, err
		}
		s := doc.section(key)
		switch {
		case s == nil:
			return doc, errNoSection
		case !fresh(e.expected, 0):
			return doc, r.conflict(ctx, userID, h.ID, errOutdated)
		case generated || *e.text == s.Text: // it is so already
			return doc, nil
		}
		err := r.begin(ctx, userID, &doc)
		if err != nil && !errors.Is(err, errBegun) {
			return doc, err
		}
		if err == nil {
			e.expected = &doc.section(key).Revision
		}
	} else if generated {
		s := doc.section(key)
		if s == nil {
			return doc, errNoSection
		}
		drafts, err := r.drafts(ctx, userID, h.ID)
		if err != nil {
			return doc, err
		}
		e.generated = drafts[s.draft]
	}
	changed := false
	doc, err = r.store.Change(ctx, h.ID, func(d *Document) ([]*Section, error) {
		var err error
		if changed, err = d.apply(key, e, userID, r.now()); err != nil || !changed {
			return nil, err
		}
		return []*Section{d.section(key)}, nil
	})
	if err != nil {
		return doc, r.conflict(ctx, userID, h.ID, err)
	}
	if changed {
		r.publish(ctx, h, &doc, key)
	}
	return doc, nil
}

// move publishes or reopens the retrospective of an incident.
func (r *retrospectives) move(ctx context.Context, userID string, request app.ChangeRequest, kind incident.EventType, expected *int64) (Document, error) {
	id := request.ID
	doc, settings, err := r.store.Read(ctx, id)
	if err != nil {
		return doc, err
	}
	if doc.State == None && kind == EventPublished {
		if request, expected, err = r.beginToPublish(ctx, userID, doc, settings, expected); err != nil {
			return doc, r.conflict(ctx, userID, id, err)
		}
	} else if doc.State == None {
		return doc, r.conflict(ctx, userID, id, errNotPublished)
	}
	moved := Moved{Kind: kind, Before: Drafted, After: Published, Broadcast: doc.Broadcast}
	if kind == EventReopened {
		moved = Moved{Kind: kind, Before: Published, After: Drafted}
	}
	request.InTx = func(ctx context.Context, tx app.Tx, c app.Change) error {
		return r.store.SetState(ctx, tx, id, kind == EventPublished, func(d *Document) error { return d.move(moved, expected, userID, c.Event.CreateAt) })
	}
	_, err = r.core.Change(ctx, request, func(inc *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		if kind == EventPublished && inc.IsActive {
			return nil, errNotEnded
		}
		return incident.NewChangeSet(moved), nil
	})
	if err != nil {
		return doc, r.conflict(ctx, userID, id, err)
	}
	if doc, err = r.complete(ctx, userID, id); err != nil {
		return doc, err
	}
	doc.CanEdit = true
	r.publish(ctx, request.Header, &doc, "")
	return doc, nil
}

// beginToPublish stores the draft that is to be published as it is. It returns the request and the revision for the publication.
func (r *retrospectives) beginToPublish(ctx context.Context, userID string, doc Document, settings Settings, expected *int64) (app.ChangeRequest, *int64, error) {
	inc, err := r.incidents.Get(ctx, doc.IncidentID)
	if err == nil && inc.IsActive {
		err = errNotEnded
	}
	if err == nil && !fresh(expected, 0) {
		err = errOutdated
	}
	if err == nil {
		doc, err = r.unstored(ctx, userID, doc, settings)
	}
	if err == nil {
		err = r.begin(ctx, userID, &doc)
	}
	if err == nil {
		expected = &doc.Revision
	} else if !errors.Is(err, errBegun) {
		return app.ChangeRequest{}, nil, err
	}
	request, err := r.core.AuthorizeEdit(ctx, userID, doc.IncidentID)
	return request, expected, err
}

// move brings a document into another state.
func (d *Document) move(m Moved, expected *int64, userID string, now int64) error {
	switch {
	case d.State == m.After && m.Kind == EventPublished:
		return errAlreadyPublished
	case d.State != Published && m.Kind == EventReopened:
		return errNotPublished
	case !fresh(expected, d.Revision):
		return errOutdated
	}
	d.State = m.After
	d.touch(nil, userID, now)
	if m.Kind == EventPublished {
		d.PublishedAt, d.PublishedByID = now, userID
	}
	return nil
}

// plan follows the end and the restart of an incident, in the transaction of the change.
func (r *retrospectives) plan(ctx context.Context, tx app.Tx, c app.Change) error {
	if c.Event == nil {
		return nil
	}
	switch c.Event.Payload.(type) {
	case incident.Ended:
		return r.store.Due(ctx, tx, c.After.ID, c.After.PlaybookID, c.After.EndAt)
	case incident.Restarted:
		return r.store.NotDue(ctx, tx, c.After.ID)
	}
	return nil
}

// settings reads what a playbook that the user may use says about retrospectives.
func (r *retrospectives) settings(ctx context.Context, userID, playbookID string) (Settings, error) {
	p, err := r.core.Playbook(ctx, userID, playbookID)
	if err != nil {
		return Settings{}, err
	}
	return r.store.Settings(ctx, p.ID)
}

var errSettingsOutdated = incident.NewError(incident.Conflict, "retrospective.settings_outdated",
	"Someone else has changed these settings since you opened them. Compare both versions, then save again.")

// saveSettings replaces what a playbook that the user may change says about retrospectives.
func (r *retrospectives) saveSettings(ctx context.Context, userID, playbookID string, sent Settings, expected *int64) (Settings, error) {
	if err := sent.clean(); err != nil {
		return Settings{}, err
	}
	return r.store.SaveSettings(ctx, playbookID, func(stored Settings) (Settings, error) {
		if !fresh(expected, stored.Revision) {
			return stored, &capability.Conflict{Cause: errSettingsOutdated, Current: stored, Revision: stored.Revision}
		}
		after := sent
		after.PlaybookID, after.Revision, after.UpdateAt, after.UpdatedByID = playbookID, stored.Revision+1, r.now(), userID
		return after, nil
	})
}
