// Package api is the plugin's REST API, described by api.yaml. A route checks the form of a request, calls one
// use case and writes its result; errors become statuses in one place.
package api

import (
	"context"
	"net/http"
	"regexp"
	"runtime/debug"

	"github.com/gorilla/mux"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

const (
	basePath = "/api/v0"
	// userHeader is set by Mattermost for signed-in users, and removed from what clients send.
	userHeader = "Mattermost-User-ID"
	// maxBody is the greatest size of a request's body in bytes: 1 MiB.
	maxBody = 1 << 20
)

// api answers REST requests.
type api struct {
	svc          Service
	log          app.Log
	observer     Observer
	metrics      Metrics
	metricsType  string
	support      Support
	capabilities []capability.Route
	// playbookKeys, startOptions, endOptions, sorts and filters are those of capabilities.
	playbookKeys, startOptions, endOptions, sorts []string
	filters                                       map[string]capability.ListFilter
	// locale returns the language of a user; nil for English.
	locale func(userID string) string
	// reads, writes, saves and heavy limit what is done for one user at once.
	reads, writes, saves, heavy gate
	// stopping reports whether the plugin stops; nil if it never does.
	stopping func() bool
	// budget bounds what is done for one user in a second.
	budget *limit.Budget
}

// New makes the handler of the whole API. Paths begin with /api/v0; the host must set the Mattermost-User-ID header.
func New(svc Service, log app.Log, options ...Option) http.Handler {
	a := &api{svc: svc, log: log, reads: newGate(maxReads), writes: newGate(maxWrites), saves: newGate(maxSaves), heavy: newGate(1), budget: limit.Users()}
	for _, option := range options {
		option(a)
	}
	return newRouter(a)
}

type contextKey struct{}

// WithRequestID adds the id that the host gave to a request, for logs.
func WithRequestID(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, contextKey{}, requestID)
}

// request is one authenticated request.
type request struct {
	*http.Request
	writer http.ResponseWriter
	id     string
	userID string
	route  *route
	body   *body
}

// reply is what a route answers. A nil body is empty.
type reply struct {
	status   int
	body     interface{}
	location string
	// text, of the type textType, replaces body.
	text     []byte
	textType string
	etag     string
	// download and page replace body.
	download *download
	page     *app.Page
}

func done() (reply, error) { return reply{status: http.StatusOK}, nil }

func ok(body interface{}) reply { return reply{status: http.StatusOK, body: body} }

// route is one method of one path. fields maps names of inputs at fault to the elements of the dialog that
// calls the route, so that the dialog can show an error beside the element. use says what else the route is made for. A route that saves
// takes a whole playbook.
type route struct {
	method, path string
	handle       func(*request) (reply, error)
	fields       map[string]string
	use          capability.Use
	saves        bool
}

func (a *api) routes() []route {
	const (
		one   = capability.IncidentPath
		stage = one + "/checklists/{checklist:[0-9]+|[a-z0-9]{26}}"
		task  = stage + "/item/{item:[0-9]+|[a-z0-9]{26}}"
		book  = "/playbooks/{id:[A-Za-z0-9]+}"
	)
	routes := []route{
		{method: http.MethodGet, path: "/incidents", handle: a.listIncidents},
		{method: http.MethodPost, path: "/incidents", handle: a.startIncident},
		{method: http.MethodPost, path: "/incidents/dialog", handle: a.startFromDialog, fields: startFields, use: capability.ForDialogs},
		{method: http.MethodGet, path: "/incidents/commanders", handle: a.listCommanders},
		{method: http.MethodGet, path: "/incidents/channels", handle: a.listChannels},
		{method: http.MethodGet, path: "/incidents/checklist-autocomplete", handle: a.completeTasks},
		{method: http.MethodGet, path: "/incidents/channel/{channel_id:[A-Za-z0-9]+}", handle: a.incidentByChannel},
		{method: http.MethodGet, path: one, handle: a.incident},
		{method: http.MethodPatch, path: one, handle: a.requireEdit(a.changeIncident)},
		{method: http.MethodGet, path: one + "/metadata", handle: a.metadata},
		{method: http.MethodPut, path: one + "/end", handle: a.end},
		{method: http.MethodPost, path: one + "/end", handle: a.requireEdit(a.end), fields: a.endFields(), use: capability.ForDialogs},
		{method: http.MethodPut, path: one + "/restart", handle: a.restart},
		{method: http.MethodPost, path: one + "/commander", handle: a.requireEdit(a.setCommander)},
		{method: http.MethodPost, path: one + "/next-stage-dialog", handle: a.requireEdit(a.nextStageFromDialog), use: capability.ForDialogs},
		{method: http.MethodPut, path: stage + "/add", handle: a.requireEdit(a.addTask)},
		{method: http.MethodPut, path: stage + "/reorder", handle: a.requireEdit(a.moveTask)},
		{method: http.MethodPut, path: task, handle: a.requireEdit(a.editTask)},
		{method: http.MethodDelete, path: task, handle: a.requireEdit(a.removeTask)},
		{method: http.MethodPut, path: task + "/state", handle: a.requireEdit(a.setTaskState)},
		{method: http.MethodPut, path: task + "/assignee", handle: a.requireEdit(a.assignTask)},
		{method: http.MethodPost, path: task + "/run", handle: a.requireEdit(a.runTask)},
		{method: http.MethodGet, path: "/playbooks", handle: a.listPlaybooks},
		{method: http.MethodPost, path: "/playbooks", handle: a.createPlaybook, saves: true},
		{method: http.MethodGet, path: "/playbooks/autocomplete", handle: a.completePlaybooks},
		{method: http.MethodGet, path: book, handle: a.playbook},
		{method: http.MethodPut, path: book, handle: a.updatePlaybook, saves: true},
		{method: http.MethodDelete, path: book, handle: a.deletePlaybook},
		{method: http.MethodPost, path: book + "/leave", handle: a.leavePlaybook},
		{method: http.MethodPost, path: "/eventsubscriptions", handle: a.subscribe},
		{method: http.MethodGet, path: "/eventsubscriptions", handle: a.listSubscriptions},
		{method: http.MethodDelete, path: "/eventsubscriptions/{id:[A-Za-z0-9]+}", handle: a.unsubscribe},
		{method: http.MethodGet, path: "/metrics", handle: a.showMetrics},
		{method: http.MethodGet, path: "/support", handle: a.downloadSupport},
	}
	for _, c := range a.capabilities {
		routes = append(routes, a.added(c))
	}
	return routes
}

func newRouter(a *api) *mux.Router {
	// Without SkipClean a doubled slash would be redirected rather than be unknown.
	r := mux.NewRouter().SkipClean(true)
	for _, x := range a.routes() {
		x := x
		r.Handle(basePath+x.path, a.observed(x.method, pattern(x.path), a.serve(&x))).Methods(x.method)
	}
	r.NotFoundHandler = a.observed(unknownRoute, unknownRoute, http.HandlerFunc(http.NotFound))
	r.MethodNotAllowedHandler = a.observed(unknownRoute, unknownRoute, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMethodNotAllowed)
	}))
	return r
}

var variable = regexp.MustCompile(`\{([a-z_]+):[^{}]*(?:\{[0-9,]+\})?\}`)

// pattern is the path of a route without what its variables have to look like, as api.yaml writes it.
func pattern(path string) string { return variable.ReplaceAllString(path, "{$1}") }

// serve authenticates, runs the route and writes its reply or error. A panic ends only this request.
func (a *api) serve(x *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, httpRequest *http.Request) {
		userID := httpRequest.Header.Get(userHeader)
		if userID == "" {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "Not authenticated: sign in to Mattermost first.", http.StatusUnauthorized)
			return
		}
		requestID, _ := httpRequest.Context().Value(contextKey{}).(string)
		r := &request{Request: httpRequest, writer: w, id: requestID, userID: userID, route: x}
		if r.id == "" {
			r.id = model.NewId()
		}
		defer func() { // of what answers: the route's own panics end in run
			if value := recover(); value != nil {
				a.log.Error("A request could not be answered", "request_id", r.id, "user_id", userID, "route", x.method+" "+x.path,
					"error", (&panicError{value: value, stack: debug.Stack()}).Error())
			}
		}()
		at := &a.writes
		switch {
		case httpRequest.Method == http.MethodGet:
			at = &a.reads
		case x.saves: // apart from the others, which do not wait for them
			at = &a.saves
		}
		ctx, leave, err := a.budget.Turn(r.Context(), &at.PerKey, userID, gateTimeout)
		if err != nil {
			setRetryAfter(w.Header(), err)
			a.fail(r, errBusy)
			return
		}
		defer leave()
		r.Request = r.WithContext(ctx)
		answer, err := a.run(r)
		switch {
		case err != nil:
		case answer.download != nil:
			defer answer.download.finish()
			a.send(r, answer.download)
			return
		case answer.page != nil:
			err = a.sendPage(r, answer.page)
		default:
			err = write(w, r.Request, answer)
		}
		if err != nil {
			a.fail(r, err)
		}
	})
}

// setType says what the body is, and that it is nothing else: it may hold any text, which a browser must not take for HTML. No cache keeps
// it, for it may be private.
func setType(h http.Header, contentType string) {
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func setJSON(h http.Header) { setType(h, "application/json") }

// write sends a reply. It fails only before anything was sent.
func write(w http.ResponseWriter, r *http.Request, answer reply) error {
	content, contentType := answer.text, answer.textType
	if answer.body != nil {
		var err error
		if content, err = incident.Marshal(answer.body); err != nil {
			return err
		}
		setJSON(w.Header())
	} else if content != nil {
		setType(w.Header(), contentType)
	}
	if content != nil {
		limit.Charge(r.Context(), len(content))
		if len(content) >= worthCompressing {
			w.Header().Set("Vary", "Accept-Encoding")
			if acceptsGzip(r.Header) {
				var err error
				if content, err = compress(content); err != nil {
					return err
				}
				w.Header().Set("Content-Encoding", "gzip")
			}
		}
	}
	if answer.location != "" {
		w.Header().Set("Location", answer.location)
	}
	if answer.etag != "" {
		w.Header().Set("ETag", answer.etag)
	}
	// Each call is a round trip to Mattermost; 200 goes without saying, unless only its header is to be sent.
	if answer.status != http.StatusOK || len(content) == 0 && answer.etag != "" {
		w.WriteHeader(answer.status)
	}
	if len(content) > 0 {
		_, _ = w.Write(content) // an error means that the client is gone
	}
	return nil
}

// requireEdit hides validation errors from users who may not edit the incident. The use case checks the permission of valid
// requests; requireEdit checks it for invalid ones.
func (a *api) requireEdit(next func(*request) (reply, error)) func(*request) (reply, error) {
	return maskInvalid(func(r *request) error { return a.svc.CanEdit(r.Context(), r.userID, r.path("id")) }, next)
}

// maskInvalid returns the error of may in place of an Invalid or TooLarge error of next.
func maskInvalid(may func(*request) error, next func(*request) (reply, error)) func(*request) (reply, error) {
	return func(r *request) (reply, error) {
		answer, err := next(r)
		if incident.IsKind(err, incident.Invalid) || incident.IsKind(err, incident.TooLarge) {
			if refused := may(r); refused != nil {
				return reply{}, refused
			}
		}
		return answer, err
	}
}

// path is the value of a variable of the path.
func (r *request) path(name string) string { return mux.Vars(r.Request)[name] }
