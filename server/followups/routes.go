package followups

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const itemPath = "/followups/{id:[A-Za-z0-9]+}"

func (f *followups) routes() []capability.Route {
	const of = capability.IncidentPath + "/followups"
	return []capability.Route{
		{Method: http.MethodGet, Path: "/followups", Handle: f.handleList},
		{Method: http.MethodGet, Path: itemPath, Handle: f.handleGet},
		{Method: http.MethodPatch, Path: itemPath, Handle: f.handleChange},
		{Method: http.MethodGet, Path: of, Handle: f.handleListOf},
		{Method: http.MethodPost, Path: of, Handle: f.handleCreate},
		{Method: http.MethodPost, Path: of + "/carry_over", Handle: f.handleCarryOver},
	}
}

func (f *followups) handleList(r *capability.Request) (capability.Answer, error) {
	filter, err := readFilter(r.URL.Query(), "due_at")
	if err != nil {
		return capability.Answer{}, err
	}
	page, err := f.List(r.Context(), r.UserID, filter)
	return capability.Answer{Body: page}, err
}

func (f *followups) handleListOf(r *capability.Request) (capability.Answer, error) {
	h, err := f.mayView(r.Context(), r.UserID, r.Var("id"))
	if err != nil {
		return capability.Answer{}, err
	}
	filter, err := readFilter(r.URL.Query(), "number")
	if err != nil {
		return capability.Answer{}, err
	}
	filter.TeamID, filter.PlaybookID = "", ""
	page, err := f.listOf(r.Context(), r.UserID, h, filter)
	if err != nil {
		return capability.Answer{}, err
	}
	similar, err := capability.Choice(r.URL.Query(), "similar", "false", "true", "false")
	if err != nil || similar == "false" {
		return capability.Answer{Body: page}, err
	}
	visible, err := f.svc.Visible(r.Context(), r.UserID)
	if err != nil {
		return capability.Answer{}, err
	}
	n, err := f.data.Similar(r.Context(), h.ID, &visible)
	page.SimilarOpen = &n
	return capability.Answer{Body: page}, err
}

// Detail is a follow-up with its history, newest first.
type Detail struct {
	Shown
	History []Entry `json:"history"`
	// HistoryOmitted counts older changes that are left out.
	HistoryOmitted int64 `json:"history_omitted"`
}

func (f *followups) handleGet(r *capability.Request) (capability.Answer, error) {
	item, err := f.open(r.Context(), r.UserID, r.Var("id"))
	if err != nil {
		return capability.Answer{}, err
	}
	history, err := f.data.History(r.Context(), item.ID, MaxHistory)
	if err != nil {
		return capability.Answer{}, err
	}
	history = fitting(history)
	return capability.Answer{Body: Detail{Shown: item, History: history, HistoryOmitted: max(item.Revision-int64(len(history)), 0)}}, nil
}

// fitting leaves out the oldest changes of a history that has more than maxBytes, but not the newest one.
func fitting(history []Entry) []Entry {
	total := 0
	for n := range history {
		if total += len(history[n].Changes); total > maxBytes && n > 0 {
			return history[:n]
		}
	}
	return history
}

func (f *followups) handleCreate(r *capability.Request) (capability.Answer, error) {
	id := r.Var("id")
	if _, err := f.mayAdd(r.Context(), r.UserID, id); err != nil {
		return capability.Answer{}, err
	}
	key, err := r.Key()
	if err != nil {
		return capability.Answer{}, err
	}
	var body struct {
		Title   string `json:"title"`
		Text    string `json:"text"`
		OwnerID string `json:"owner_id"`
		DueAt   int64  `json:"due_at"`
		Link    string `json:"link"`
		PostID  string `json:"post_id"`
		Source  string `json:"source"`
	}
	if err := r.Decode(&body); err != nil {
		return capability.Answer{}, err
	}
	source := FromREST
	switch {
	case body.Source == string(FromRetrospective):
		source = FromRetrospective
	case body.Source != "" && body.Source != string(FromREST) && body.Source != string(FromMessage):
		return capability.Answer{}, incident.InvalidField("source", "source must be one of: retrospective, message, rest. Tasks are carried over by the route carry_over.")
	case body.PostID != "":
		source = FromMessage
	case body.Source == string(FromMessage):
		return capability.Answer{}, incident.InvalidField("post_id", "post_id is missing: give the id of the message, or leave source out.")
	}
	made, err := f.Create(r.Context(), r.UserID, id, Draft{Title: body.Title, Text: body.Text, OwnerID: body.OwnerID, DueAt: body.DueAt, Link: body.Link,
		PostID: body.PostID, Source: source, Key: key})
	return capability.Answer{Status: http.StatusCreated, Body: made}, err
}

// conflictBody is the answer to a change that is based on an old revision.
type conflictBody struct {
	Error          string `json:"error"`
	LocalizedError string `json:"localized_error,omitempty"`
	Details        string `json:"details"`
	Code           string `json:"code"`
	Current        Shown  `json:"current"`
	Sent           Shown  `json:"sent"`
}

func (f *followups) handleChange(r *capability.Request) (capability.Answer, error) {
	item, err := f.open(r.Context(), r.UserID, r.Var("id"))
	if err == nil && !item.CanEdit {
		err = errReadOnly
	}
	if err != nil { // before the body is looked at
		return capability.Answer{}, err
	}
	var p Patch
	if err := r.Decode(&p); err != nil {
		return capability.Answer{}, err
	}
	after, err := f.change(r.Context(), r.UserID, item, p)
	var conflict *Conflict
	if errors.As(err, &conflict) {
		body := conflictBody{Error: conflict.cause.Message, Code: conflict.cause.Code, Current: conflict.Current, Sent: conflict.Sent}
		if shown := f.svc.Language(r.UserID).Error(conflict.cause); shown != body.Error {
			body.LocalizedError = shown
		}
		return capability.Answer{Status: http.StatusConflict, Body: body}, nil
	}
	return capability.Answer{Body: after}, err
}

func (f *followups) handleCarryOver(r *capability.Request) (capability.Answer, error) {
	id := r.Var("id")
	if _, err := f.mayAdd(r.Context(), r.UserID, id); err != nil {
		return capability.Answer{}, err
	}
	var body struct {
		TaskIDs []string `json:"task_ids"`
	}
	if err := r.Decode(&body); err != nil {
		return capability.Answer{}, err
	}
	if len(body.TaskIDs) > incident.MaxTasks {
		return capability.Answer{}, incident.InvalidField("task_ids", "task_ids has too many ids, at most %d are allowed.", incident.MaxTasks)
	}
	made, err := f.CarryOver(r.Context(), r.UserID, id, body.TaskIDs)
	return capability.Answer{Body: struct {
		Items []Shown `json:"items"`
	}{made}}, err
}

var idPattern = regexp.MustCompile(`^[a-z0-9]{26}$`)

// readFilter reads the query of a list.
func readFilter(q url.Values, sort string) (Filter, error) {
	f := Filter{Sort: sort, PerPage: MaxPerPage}
	for name, target := range map[string]*string{"team_id": &f.TeamID, "playbook_id": &f.PlaybookID, "incident_id": &f.IncidentID} {
		*target = strings.ToLower(q.Get(name))
		if *target != "" && !idPattern.MatchString(*target) {
			return f, incident.InvalidField(name, "%s must be an id of 26 letters and digits.", name)
		}
	}
	for name, target := range map[string]*bool{"mine": &f.Mine, "overdue": &f.Overdue} {
		value, err := capability.Choice(q, name, "false", "true", "false")
		if err != nil {
			return f, err
		}
		*target = value == "true"
	}
	state, err := capability.Choice(q, "state", "all", "all", string(Open), string(Done), string(Dropped))
	if err != nil {
		return f, err
	}
	if state != "all" {
		f.State = State(state)
	}
	if f.Sort, err = capability.Choice(q, "sort", sort, "due_at", "create_at", "update_at", "title", "state", "incident", "number"); err != nil {
		return f, err
	}
	direction, err := capability.Choice(q, "direction", "asc", "asc", "desc")
	if err != nil {
		return f, err
	}
	f.Descending = direction == "desc"
	if f.Page, err = capability.Number(q, "page", math.MaxInt32); err != nil {
		return f, err
	}
	perPage, err := capability.Number(q, "per_page", MaxPerPage)
	if perPage > 0 {
		f.PerPage = perPage
	}
	return f, err
}
