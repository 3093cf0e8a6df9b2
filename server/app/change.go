package app

import (
	"context"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Change is a committed change of an incident.
type Change struct {
	// Before and After are the incident before and after the change. If nothing had to be changed, both are its state.
	Before, After incident.Incident
	// Event records the change; nil if nothing had to be changed.
	Event *incident.Event
	// Actor is the username of the user who made the change; "" for the plugin itself, and if it is unknown.
	Actor string

	// NextUpdate is what the change asks of the next status update; nil for nothing, and in a later attempt of a Delivery.
	NextUpdate *incident.NextUpdate

	// Attachment is what ChangeRequest.Attachment was. It is nil in a later attempt of a Delivery.
	Attachment interface{}

	// membersRead is that of the Header.
	membersRead bool
	// names are usernames, by user id, that need not be read again.
	names map[string]string
}

// ChangeRequest says who changes which incident. Only AuthorizeEdit, LoadForEdit and AsPlugin make one that is permitted.
type ChangeRequest struct {
	Header
	// At is the time of the change in Unix milliseconds, 0 for now.
	At int64
	// EventID is the id of the event, "" for a new one.
	EventID string
	// InTx adds statements to the transaction; nil for none.
	InTx InTx
	// Attachment is passed on with the Change, to those who deliver it.
	Attachment interface{}

	actorID   string
	permitted bool
	// names is passed on with the Change.
	names map[string]string
}

// Name passes on a username, so that publishing need not read it.
func (r *ChangeRequest) Name(userID, username string) {
	if r.names == nil {
		r.names = map[string]string{}
	}
	r.names[userID] = username
}

// AuthorizeEdit fails with NotFound for an unknown incident and with Forbidden if the user may not change it.
func (s *Service) AuthorizeEdit(ctx context.Context, userID, id string) (ChangeRequest, error) {
	h, err := s.incidents.Header(ctx, id, userID)
	if err != nil {
		return ChangeRequest{}, err
	}
	return s.authorize(userID, h)
}

func (s *Service) authorize(userID string, h Header) (ChangeRequest, error) {
	if !s.rules.EditIncident(userID, h.ChannelAccess()) {
		return ChangeRequest{}, incident.ErrForbidden
	}
	return ChangeRequest{Header: h, actorID: userID, permitted: true, names: map[string]string{userID: h.ViewerName}}, nil
}

// LoadForEdit is AuthorizeEdit with the incident as it is now.
func (s *Service) LoadForEdit(ctx context.Context, userID, id string) (ChangeRequest, incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return ChangeRequest{}, incident.Incident{}, err
	}
	r, err := s.authorize(userID, h)
	if err != nil {
		return r, incident.Incident{}, err
	}
	if inc != nil {
		return r, *inc, nil
	}
	whole, err := s.incidents.Get(ctx, id)
	return r, whole, err
}

// AsPlugin is the request of the plugin itself, which needs no permission.
func AsPlugin(id string) ChangeRequest { return ChangeRequest{Header: Header{ID: id}, permitted: true} }

// Change is the only caller of Incidents.Update. It refuses a request that is not permitted, lets fn change the fresh
// state of the locked incident, commits state and event together, and publishes the change. fn must be pure: it may run
// again. If fn returns no ChangeSet, nothing is stored and published.
func (s *Service) Change(ctx context.Context, r ChangeRequest,
	fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (Change, error) {
	if !r.permitted {
		return Change{}, incident.ErrForbidden
	}
	if r.At == 0 {
		r.At = s.now()
	}
	extensions := s.extensions
	if r.InTx != nil {
		extensions.InTx = append(slices.Clip(extensions.InTx), r.InTx)
	}
	c, err := s.incidents.Update(ctx, UpdateRequest{IncidentID: r.ID, ActorID: r.actorID, At: r.At, EventID: r.EventID, Known: r.Known, Extensions: extensions},
		s.adjusted(fn, r.At))
	if err != nil {
		return Change{}, err
	}
	c.Actor, c.names, c.Attachment, c.membersRead = r.ViewerName, r.names, r.Attachment, r.MembersRead
	s.publish(ctx, c)
	return c, nil
}

// edit is Change on behalf of a user, with the check of the permission.
func (s *Service) edit(ctx context.Context, userID, id string,
	fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (Change, error) {
	r, err := s.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return Change{}, err
	}
	return s.Change(ctx, r, fn)
}

// PublishStored publishes a change that was committed although its commit returned an error.
func (s *Service) PublishStored(ctx context.Context, r ChangeRequest) error {
	event, err := s.incidents.Event(ctx, r.ID, r.EventID)
	if err != nil {
		return err
	}
	inc, err := s.incidents.Get(ctx, r.ID)
	if err != nil {
		return err
	}
	s.publish(ctx, Change{Before: inc, After: inc, Event: &event, Actor: r.ViewerName, names: r.names, Attachment: r.Attachment})
	return nil
}
