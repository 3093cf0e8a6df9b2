package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	sq "github.com/Masterminds/squirrel"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// WithRoutes answers the routes of capabilities.
func WithRoutes(routes ...capability.Route) Option {
	return func(a *api) { a.capabilities = append(a.capabilities, routes...) }
}

// WithCapabilities answers the routes of capabilities, and lets their fields of playbooks, their options of starts, and their
// parameters of lists through.
func WithCapabilities(set capability.Set) Option {
	return func(a *api) {
		WithRoutes(set.Routes()...)(a)
		a.playbookKeys, a.startOptions, a.endOptions = set.PlaybookKeys(), set.StartOptions(), set.EndOptions()
		a.sorts, a.filters = set.ListSorts(), set.ListFilters()
		slices.Sort(a.sorts)
	}
}

// fields reads the fields of the body with the given names, as they were sent; nil for none. The body was decoded before.
func (r *request) fields(names []string) (map[string]json.RawMessage, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var all map[string]json.RawMessage
	if err := r.decode(&all); err != nil {
		return nil, err
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return !slices.Contains(names, name) })
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// submittedOptions are the values of the elements that capabilities have added to the start dialog.
func (a *api) submittedOptions(in *capability.Submission) (map[string]json.RawMessage, error) {
	return submitted(in, a.startOptions)
}

func submitted(in *capability.Submission, names []string) (map[string]json.RawMessage, error) {
	var options map[string]json.RawMessage
	for _, name := range names {
		value := in.Submission[name]
		if value == nil {
			continue
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		if options == nil {
			options = map[string]json.RawMessage{}
		}
		options[name] = encoded
	}
	return options, nil
}

// chosenForEnd are the options of capabilities in the body of a request to end an incident, or in the dialog that was submitted. Version
// 1.2.0 has ignored the body, so one that is not a JSON object has none.
func (a *api) chosenForEnd(r *request) (map[string]json.RawMessage, error) {
	if len(a.endOptions) == 0 {
		return nil, nil
	}
	if r.Method == http.MethodPost {
		in, err := r.submission()
		if err != nil {
			return nil, nil
		}
		return submitted(&in, a.endOptions)
	}
	options, err := r.fields(a.endOptions)
	if err != nil {
		return nil, nil
	}
	maps.DeleteFunc(options, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	return options, nil
}

// endFields are the elements that capabilities have added to the dialog that ends an incident.
func (a *api) endFields() map[string]string {
	fields := map[string]string{}
	for _, name := range a.endOptions {
		fields[name] = name
	}
	return fields
}

// ownFields reads the fields of a playbook that capabilities have.
func (a *api) ownFields(r *request) (incident.Own, error) {
	own, err := r.fields(a.playbookKeys)
	return own, err
}

// addedFilters are the conditions of the parameters of capabilities.
func (a *api) addedFilters(q url.Values) (where []sq.Sqlizer, err error) {
	for _, name := range slices.Sorted(maps.Keys(a.filters)) {
		value := q.Get(name)
		if value == "" {
			continue
		}
		if err := incident.CheckText(name, value, incident.MaxSearchTerm); err != nil {
			return nil, err
		}
		condition, err := a.filters[name](value)
		if err != nil {
			return nil, err
		}
		where = append(where, condition)
	}
	return where, nil
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
