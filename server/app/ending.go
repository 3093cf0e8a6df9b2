package app

import (
	"context"
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// End is the end of an incident before it is made.
type End struct {
	// UserID is who ends it. They may.
	UserID string
	// Incident is the incident as it was read, ongoing.
	Incident *incident.Incident
	// Options are the fields of the request that capabilities read, by their names, as they were sent.
	Options map[string]json.RawMessage

	with []func(inc *incident.Incident, now int64)
}

// With lets fn add to the incident when it ends at now (Unix ms), under the lock. fn must be pure: it may run again.
func (e *End) With(fn func(inc *incident.Incident, now int64)) { e.with = append(e.with, fn) }

// Apply adds what With was given to an incident that has just ended at now (Unix ms).
func (e *End) Apply(inc *incident.Incident, now int64) {
	for _, add := range e.with {
		add(inc, now)
	}
}

// Ending adds to the end of an incident, or refuses it: then the incident goes on. The Field of an error is the name of the option
// at fault. It is called only for ends that have options.
type Ending func(ctx context.Context, e *End) error

// EndWith is Service.End with options of capabilities.
func (s *Service) EndWith(ctx context.Context, userID, id string, options map[string]json.RawMessage) error {
	if len(options) == 0 {
		return s.End(ctx, userID, id)
	}
	r, inc, err := s.LoadForEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	if !inc.IsActive {
		return incident.ErrAlreadyEnded
	}
	end := End{UserID: userID, Incident: &inc, Options: options}
	for _, ending := range s.extensions.Ending {
		if err := ending(ctx, &end); err != nil {
			return err
		}
	}
	_, err = s.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		set, err := i.End(now)
		if err != nil {
			return nil, err
		}
		end.Apply(i, now)
		return set, nil
	})
	return err
}
