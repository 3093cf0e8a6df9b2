package api

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// statuses is the one mapping of kinds of errors to HTTP statuses. Other errors are internal.
var statuses = map[incident.Kind]int{
	incident.Invalid:   http.StatusBadRequest,
	incident.NotFound:  http.StatusNotFound,
	incident.Forbidden: http.StatusForbidden,
	incident.Conflict:  http.StatusConflict,
	incident.TooLarge:  http.StatusRequestEntityTooLarge,
	incident.Busy:      http.StatusTooManyRequests,
}

// errorBody is what a failed request gets. Errors belong to elements of the dialog that made the request, EphemeralText
// is shown to the user who pressed a button.
type errorBody struct {
	Error         string            `json:"error"`
	Details       string            `json:"details"`
	Code          string            `json:"code,omitempty"`
	Errors        map[string]string `json:"errors,omitempty"`
	EphemeralText string            `json:"ephemeral_text,omitempty"`
}

// panicError is a recovered panic.
type panicError struct {
	value interface{}
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// run calls the route; a panic becomes an internal error.
func (a *api) run(r *request) (answer reply, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: debug.Stack()}
		}
	}()
	if err = a.checkSender(r); err != nil {
		return reply{}, err
	}
	return r.route.handle(r)
}

// domain returns the error and status that a client may see; ok is false for internal errors.
func domain(err error) (e *incident.Error, status int, ok bool) {
	if e, ok = incident.AsError(err); !ok {
		return nil, 0, false
	}
	status, ok = statuses[e.Kind]
	return e, status, ok
}

// fail logs and answers an error: its own text for the domain's errors, only the request id for internal ones. A refusal
// is no warning: it is the client's fault, and any user can cause as many as they like.
func (a *api) fail(r *request, err error) {
	route := r.route.method + " " + r.route.path
	e, status, ok := domain(err)
	if !ok {
		a.log.Error("A request failed", "request_id", r.id, "user_id", r.userID, "route", route, "error", err.Error())
		r.refuse(http.StatusInternalServerError, errorBody{
			Error:   "Something went wrong on the server. Try again; if it fails again, give your administrator the request id " + r.id + ".",
			Details: "request_id: " + r.id,
			Code:    "internal",
		})
		return
	}
	a.log.Debug("A request was refused", "request_id", r.id, "user_id", r.userID, "route", route, "status", status, "error", err.Error())
	body := errorBody{Error: e.Message, Details: e.Details, Code: e.Code}
	if element := r.route.fields[e.Field]; element != "" {
		body.Errors = map[string]string{element: besideElement(e)}
	}
	r.refuse(status, body)
}

// refuse answers a request that has failed. Mattermost shows the error of a button only if it is
// the EphemeralText.
func (r *request) refuse(status int, body errorBody) {
	if r.route.use == capability.ForButtons || body.Code == errInteractive.Code {
		body.EphemeralText = body.Error
	}
	writeError(r.writer, status, body)
}

func writeError(w http.ResponseWriter, status int, body errorBody) {
	content, err := incident.Marshal(body)
	if err != nil { // cannot happen: only texts
		content = []byte(`{"error":"Something went wrong on the server.","details":""}`)
	}
	setJSON(w.Header())
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	_, _ = w.Write(content)
}
