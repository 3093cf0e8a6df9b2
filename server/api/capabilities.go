package api

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// WithRoutes answers the routes of capabilities.
func WithRoutes(routes ...capability.Route) Option {
	return func(a *api) { a.capabilities = append(a.capabilities, routes...) }
}

// added makes a route of one of a capability.
func (a *api) added(c capability.Route) route {
	made := func(r *request) *capability.Request {
		return &capability.Request{Request: r.Request, UserID: r.userID, Var: r.path, Decode: r.decode, Key: r.idempotencyKey,
			Expected: r.expectedRevision}
	}
	handle := func(r *request) (answer reply, err error) {
		leave := func() {}
		if c.Heavy {
			var ok bool
			if leave, ok = a.heavy.enter(r.Context(), r.userID, 0); !ok {
				return reply{}, errBusyHeavy
			}
		}
		defer func() {
			if answer.download == nil {
				leave()
			}
		}()
		given, err := c.Handle(made(r))
		var conflict *capability.Conflict
		if errors.As(err, &conflict) {
			return reply{status: statuses[conflict.Cause.Kind], etag: etag(conflict.Revision), body: struct {
				errorBody
				Current interface{} `json:"current"`
			}{a.bodyOf(r, conflict.Cause), conflict.Current}}, nil
		}
		if err != nil {
			return reply{}, err
		}
		if f := given.File; f != nil {
			return reply{download: &download{name: f.Name, contentType: f.ContentType, write: f.Write, done: leave}}, nil
		}
		answer = reply{status: cmp.Or(given.Status, http.StatusOK), body: given.Body}
		if given.Revision > 0 {
			answer.etag = etag(given.Revision)
		}
		return answer, nil
	}
	if c.Permission != nil {
		handle = maskInvalid(func(r *request) error { return c.Permission(made(r)) }, handle)
	}
	return route{method: c.Method, path: c.Path, handle: handle, fields: c.Fields, use: c.For}
}
