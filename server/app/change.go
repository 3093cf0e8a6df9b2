package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

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

	// names are usernames, by user id, that need not be read again.
	names map[string]string
	// statusPost is the post of a status update that was just made; nil if there is none.
	statusPost *model.Post
}

// changeRequest says who changes which incident. Only authorizeEdit, loadForEdit and asPlugin make one that is permitted.
type changeRequest struct {
	Header
	actorID   string
	permitted bool
	// at is the time of the change in Unix milliseconds, 0 for now.
	at int64
	// eventID is the id of the event, "" for a new one.
	eventID string
	// names and statusPost are passed on with the Change.
	names      map[string]string
	statusPost *model.Post
}

// name passes on a username, so that publishing need not read it.
func (r *changeRequest) name(userID, username string) { r.names[userID] = username }

// authorizeEdit fails with NotFound for an unknown incident and with Forbidden if the user may not change it.
func (s *Service) authorizeEdit(ctx context.Context, userID, id string) (changeRequest, error) {
	h, err := s.incidents.Header(ctx, id, userID)
	if err != nil {
		return changeRequest{}, err
	}
	return s.authorize(userID, h)
}

func (s *Service) authorize(userID string, h Header) (changeRequest, error) {
	if !s.rules.EditIncident(userID, h.ChannelAccess()) {
		return changeRequest{}, incident.ErrForbidden
	}
	return changeRequest{Header: h, actorID: userID, permitted: true, names: map[string]string{userID: h.ViewerName}}, nil
}

// loadForEdit is authorizeEdit with the incident as it is now.
func (s *Service) loadForEdit(ctx context.Context, userID, id string) (changeRequest, incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return changeRequest{}, incident.Incident{}, err
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

// asPlugin is the request of the plugin itself, which needs no permission.
func asPlugin(id string) changeRequest { return changeRequest{Header: Header{ID: id}, permitted: true} }

// change is the only caller of Incidents.Update. It refuses a request that is not permitted, lets fn change the fresh
// state of the locked incident, commits state and event together, and publishes the change. fn must be pure: it may run
// again. If fn returns no ChangeSet, nothing is stored and published.
func (s *Service) change(ctx context.Context, r changeRequest,
	fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (Change, error) {
	if !r.permitted {
		return Change{}, incident.ErrForbidden
	}
	if r.at == 0 {
		r.at = s.now()
	}
	c, err := s.incidents.Update(ctx, UpdateRequest{IncidentID: r.ID, ActorID: r.actorID, At: r.at, EventID: r.eventID, Known: r.Known},
		func(inc *incident.Incident) (*incident.ChangeSet, error) { return fn(inc, r.at) })
	if err != nil {
		return Change{}, err
	}
	c.Actor, c.names, c.statusPost = r.ViewerName, r.names, r.statusPost
	s.publish(ctx, c)
	return c, nil
}

// edit is change on behalf of a user, with the check of the permission.
func (s *Service) edit(ctx context.Context, userID, id string,
	fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (Change, error) {
	r, err := s.authorizeEdit(ctx, userID, id)
	if err != nil {
		return Change{}, err
	}
	return s.change(ctx, r, fn)
}
