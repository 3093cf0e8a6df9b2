package timeline

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (t *timeline) routes() []capability.Route {
	const all = capability.IncidentPath + "/timeline"
	const one = all + "/{entry:[a-z0-9]{26}}"
	return []capability.Route{
		{Method: http.MethodGet, Path: all, Handle: t.handleList},
		{Method: http.MethodPost, Path: all, Handle: t.handleAdd},
		{Method: http.MethodGet, Path: one, Handle: t.handleRead},
		{Method: http.MethodPatch, Path: one, Handle: t.handleEdit},
		{Method: http.MethodDelete, Path: one, Handle: t.handleRemove},
	}
}

var idPattern = regexp.MustCompile(`^[a-z0-9]{26}$`)

func (t *timeline) handleList(r *capability.Request) (capability.Answer, error) {
	q, err := readQuery(r.URL.Query())
	if err != nil {
		if _, refused := t.mayRead(r.Context(), r.UserID, r.Var("id")); refused != nil {
			err = refused
		}
		return capability.Answer{}, err
	}
	p, err := t.list(r.Context(), r.UserID, r.Var("id"), q)
	return capability.Answer{Body: p}, err
}

// readQuery reads the query of a list.
func readQuery(values url.Values) (query, error) {
	q := query{limit: defaultPage, person: values.Get("person")}
	if q.person != "" && !idPattern.MatchString(q.person) {
		return q, incident.InvalidField("person", "person must be the id of a user.")
	}
	types := ownTypes()
	for _, name := range strings.Split(values.Get("kind"), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if _, own := types[name]; !own && stored[name] == "" {
			return q, incident.InvalidField("kind", "kind must be a list, separated by commas, of %s.", strings.Join(kindNames(), ", "))
		}
		q.kinds = append(q.kinds, name)
	}
	switch values.Get("starred") {
	case "", "false":
	case "true":
		q.starred = true
	default:
		return q, incident.InvalidField("starred", "starred must be true or false.")
	}
	switch values.Get("direction") {
	case "", "asc":
	case "desc":
		q.descending = true
	default:
		return q, incident.InvalidField("direction", "direction must be asc or desc.")
	}
	if given := values.Get("per_page"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > MaxPage {
			return q, incident.InvalidField("per_page", "per_page must be a number from 1 to %d.", MaxPage)
		}
		q.limit = n
	}
	if cursor := values.Get("cursor"); cursor != "" {
		after, err := parsePlace(cursor)
		if err != nil {
			return q, err
		}
		q.after = &after
	}
	return q, nil
}

// kindNames are the names by which clients choose kinds.
func kindNames() []string {
	var names []string
	for name := range stored {
		names = append(names, name)
	}
	for name := range ownTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (t *timeline) handleRead(r *capability.Request) (capability.Answer, error) {
	d, err := t.read(r.Context(), r.UserID, r.Var("id"), r.Var("entry"))
	return capability.Answer{Body: d}, err
}

// written lets a user who may change the incident do something with an entry.
func (t *timeline) written(r *capability.Request, do func(h app.Header) (Entry, int, error)) (capability.Answer, error) {
	h, err := t.mayWrite(r.Context(), r.UserID, r.Var("id"))
	if err != nil {
		return capability.Answer{}, err
	}
	e, status, err := do(h)
	return capability.Answer{Status: status, Body: e}, err
}

func (t *timeline) handleAdd(r *capability.Request) (capability.Answer, error) {
	return t.written(r, func(h app.Header) (Entry, int, error) {
		var body struct {
			Text       string `json:"text"`
			PostID     string `json:"post_id"`
			HappenedAt int64  `json:"happened_at"`
			Starred    bool   `json:"starred"`
		}
		key, err := r.Key()
		if err == nil {
			err = r.Decode(&body)
		}
		switch {
		case err != nil:
		case body.PostID != "" && (body.Text != "" || body.HappenedAt != 0):
			err = incident.InvalidField("post_id", "post_id cannot be used with text or happened_at: an entry from a message says what the message says.")
		case body.PostID != "" && !idPattern.MatchString(body.PostID):
			err = incident.InvalidField("post_id", "post_id must be the id of a post.")
		}
		if err != nil {
			return Entry{}, 0, err
		}
		e, made, err := t.add(r.Context(), r.UserID, h, newEntry{text: body.Text, postID: body.PostID, happenedAt: body.HappenedAt, starred: body.Starred, key: key})
		if made {
			return e, http.StatusCreated, err
		}
		return e, http.StatusOK, err
	})
}

func (t *timeline) handleEdit(r *capability.Request) (capability.Answer, error) {
	return t.written(r, func(h app.Header) (Entry, int, error) {
		var body struct {
			Text       *string `json:"text"`
			HappenedAt *int64  `json:"happened_at"`
			Starred    *bool   `json:"starred"`
			Version    *int64  `json:"version"`
		}
		if err := r.Decode(&body); err != nil {
			return Entry{}, 0, err
		}
		e, err := t.edit(r.Context(), r.UserID, h, r.Var("entry"), change{text: body.Text, happenedAt: body.HappenedAt, starred: body.Starred, version: body.Version})
		return e, http.StatusOK, err
	})
}

func (t *timeline) handleRemove(r *capability.Request) (capability.Answer, error) {
	return t.written(r, func(h app.Header) (Entry, int, error) {
		e, err := t.remove(r.Context(), r.UserID, h, r.Var("entry"))
		return e, http.StatusOK, err
	})
}
