package api

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// statuses is the one mapping of kinds of errors to HTTP statuses. Other errors are internal.
var statuses = map[incident.Kind]int{
	incident.Invalid:     http.StatusBadRequest,
	incident.NotFound:    http.StatusNotFound,
	incident.Forbidden:   http.StatusForbidden,
	incident.Conflict:    http.StatusConflict,
	incident.TooLarge:    http.StatusRequestEntityTooLarge,
	incident.Busy:        http.StatusTooManyRequests,
	incident.Unavailable: http.StatusServiceUnavailable,
}

// ErrUnavailable is answered while the plugin starts or stops.
var ErrUnavailable = incident.NewError(incident.Unavailable, "plugin.unavailable", "Incident Management is starting or stopping. Try again in a moment.")

// Unavailable answers a request that comes while the plugin starts or stops. The language of the user is not known then.
func Unavailable(w http.ResponseWriter) {
	writeError(w, statuses[ErrUnavailable.Kind], errorBody{Error: ErrUnavailable.Message, Code: ErrUnavailable.Code})
}

// WithEnd answers what fails while the plugin stops, and its database is closed, as requests that come too late.
func WithEnd(stopping func() bool) Option { return func(a *api) { a.stopping = stopping } }

// errorBody is what a failed request gets. Errors belong to elements of the dialog that made the request, EphemeralText
// is shown to the user who pressed a button.
type errorBody struct {
	Error string `json:"error"`
	// LocalizedError is Error in the user's language, empty for English. Error itself is translated only for what Mattermost
	// shows to the user: clients may know its texts.
	LocalizedError string            `json:"localized_error,omitempty"`
	Details        string            `json:"details"`
	Code           string            `json:"code,omitempty"`
	Errors         map[string]string `json:"errors,omitempty"`
	EphemeralText  string            `json:"ephemeral_text,omitempty"`
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
	_, defect := err.(*panicError)
	if !ok && !defect && a.stopping != nil && a.stopping() {
		a.log.Info("A request failed because the plugin stops", "request_id", r.id, "user_id", r.userID, "route", route, "error", err.Error())
		a.refuse(r, statuses[ErrUnavailable.Kind], ErrUnavailable)
		return
	}
	if !ok {
		a.log.Error("A request failed", "request_id", r.id, "user_id", r.userID, "route", route, "error", err.Error())
		a.refuse(r, http.StatusInternalServerError, incident.NewError(0, "internal",
			"Something went wrong on the server. Try again; if it fails again, give your administrator the request id %s.", r.id).WithDetails("request_id: "+r.id))
		return
	}
	a.log.Debug("A request was refused", "request_id", r.id, "user_id", r.userID, "route", route, "status", status, "error", err.Error())
	a.refuse(r, status, e)
}

// bodyOf is what a request that has failed is answered.
func (a *api) bodyOf(r *request, e *incident.Error) errorBody {
	answer := a.answerLanguage(r)
	body := errorBody{Error: answer.Error(e), Details: e.Details, Code: e.Code}
	shown := a.language(r).Error(e)
	if shown != body.Error {
		body.LocalizedError = shown
	}
	if element := r.route.fields[e.Field]; element != "" {
		body.Errors = map[string]string{element: besideElement(answer, e)}
	}
	// Mattermost shows the error of a button only if it is the EphemeralText.
	if r.route.use == capability.ForButtons || r.route.use == capability.ForDirectButtons || e.Code == errInteractive.Code {
		body.EphemeralText = shown
	}
	return body
}

// refuse answers a request that has failed.
func (a *api) refuse(r *request, status int, e *incident.Error) {
	writeError(r.writer, status, a.bodyOf(r, e))
}

// Translated shows errors in the language of the user, whose locale Mattermost knows.
func Translated(locale func(userID string) string) Option { return func(a *api) { a.locale = locale } }

// language is that of the user of a request.
func (a *api) language(r *request) *i18n.Language {
	if a.locale == nil {
		return nil
	}
	return i18n.For(a.locale(r.userID))
}

// answerLanguage is that of the field error: the user's where Mattermost shows it, since a dialog or button has made the request,
// else English.
func (a *api) answerLanguage(r *request) *i18n.Language {
	if r.route.use == capability.ForClients || !interactive(r.Request) {
		return nil
	}
	return a.language(r)
}

func writeError(w http.ResponseWriter, status int, body errorBody) {
	content, err := incident.Marshal(body)
	if err != nil { // cannot happen: only texts
		content = []byte(`{"error":"Something went wrong on the server.","details":""}`)
	}
	setJSON(w.Header())
	if (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	w.WriteHeader(status)
	_, _ = w.Write(content)
}
