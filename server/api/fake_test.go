package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var _ Service = (*app.Service)(nil)

const (
	user    = "k3m9q1z7y5x8w2v6u4tsrpnahd"
	other   = "q9z8w7v6u5t4s3r2p1naaaaaaa"
	team    = "7ow1x3cutb8a9pgd5mkezjfhqn"
	inc     = "h5x1t9j3kbr7dqwn8efo6myzca"
	book    = "b8u2n4kfj7c1xw9rzt5qpeomya"
	channel = "pw4m1x7c9kzn3tbq5ojf8reuha"
	taskID  = "t1t2t3t4t5t6t7t8t9t0t1t2t3"
)

// fake answers with err, or with plausible values, and remembers what was asked.
type fake struct {
	mu       sync.Mutex
	admin    bool
	ordinary bool // no administrator, whatever the route
	observed []string
	err      error            // of every method
	errs     map[string]error // of one method
	panics   interface{}
	calls    []string
	started  app.StartRequest
	filter   app.Filter
	books    app.PlaybookFilter
	playbook playbook.Playbook
	expected *int64
	page     app.Page
	task     incident.Task
	text     *string
	from     *int
	incident incident.Incident
	// fileName names the file of the capability's route, which repeats an id and fails with broken after that.
	fileName string
	repeat   int
	broken   error
}

func (f *fake) call(name string, args ...interface{}) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, strings.TrimSpace(name+" "+strings.Trim(fmt.Sprint(args...), "[]")))
	if f.panics != nil && name != "CanEdit" {
		panic(f.panics)
	}
	if err := f.errs[name]; err != nil {
		return err
	}
	return f.err
}

func (f *fake) IsAdmin(string) bool { return f.admin }
func (f *fake) Text() ([]byte, error) {
	return []byte("metric 1\n"), f.call("Text")
}
func (f *fake) File(context.Context) (string, []byte, error) {
	return "support.json", []byte("{}\n"), f.call("File")
}
func (f *fake) Request(method, pattern string, status int, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if took < 0 {
		panic("a request took less than no time")
	}
	f.observed = append(f.observed, fmt.Sprint(method, " ", pattern, " ", status))
}
func (f *fake) Incident(_ context.Context, u, id string) (incident.Incident, error) {
	return f.incident, f.call("Incident", u, " ", id)
}
func (f *fake) IncidentByChannel(_ context.Context, u, id string) (incident.Incident, error) {
	return f.incident, f.call("IncidentByChannel", u, " ", id)
}
func (f *fake) IncidentForAutocomplete(_ context.Context, u, id string) (incident.Incident, error) {
	return f.incident, f.call("IncidentForAutocomplete", u, " ", id)
}
func (f *fake) Metadata(_ context.Context, u, id string) (app.Metadata, error) {
	return app.Metadata{ChannelName: "c"}, f.call("Metadata", u, " ", id)
}
func (f *fake) ListIncidents(_ context.Context, u string, x app.Filter) (app.Page, error) {
	f.filter = x
	return f.page, f.call("ListIncidents", u)
}
func (f *fake) ListChannelIDs(_ context.Context, u string, x app.Filter) ([]string, error) {
	f.filter = x
	return nil, f.call("ListChannelIDs", u)
}
func (f *fake) Commanders(_ context.Context, u, id, member string) ([]app.CommanderInfo, error) {
	return nil, f.call("Commanders", u, " ", id)
}

// added is the route of a capability. Its file has the parts, the first of which must be there.
func (f *fake) added() capability.Route {
	return capability.Route{Method: http.MethodGet, Path: capability.IncidentPath + "/added", Heavy: true, Handle: func(r *capability.Request) (capability.Answer, error) {
		if err := f.call("Added", r.UserID, " ", r.Var("id")); err != nil {
			return capability.Answer{}, err
		}
		if r.URL.Query().Get("as") == "body" {
			return capability.Answer{Status: http.StatusCreated, Body: map[string]string{"id": r.Var("id")}}, nil
		}
		return capability.Answer{File: &capability.File{Name: f.fileName, ContentType: "application/json", Write: func(w io.Writer) error {
			_, err := io.WriteString(w, `{"id":"`+strings.Repeat(r.Var("id"), f.repeat)+`"}`)
			return errors.Join(err, f.broken)
		}}}, nil
	}}
}

// all are the routes of a capability: added, one for a dialog, and two for buttons.
func (f *fake) all() []capability.Route {
	return []capability.Route{f.added(),
		{Method: http.MethodPost, Path: capability.IncidentPath + "/added/submitted", For: capability.ForDialogs, Fields: map[string]string{"message": "text"},
			Permission: func(r *capability.Request) error { return f.CanEdit(r.Context(), r.UserID, r.Var("id")) },
			Handle: func(r *capability.Request) (answer capability.Answer, err error) {
				var in capability.Submission
				if err = r.Decode(&in); err != nil {
					return answer, err
				}
				text, err := in.Text("text")
				if err != nil {
					return answer, err
				}
				return answer, f.call("Submitted", r.UserID, " ", r.Var("id"), " ", text)
			}},
		{Method: http.MethodPost, Path: capability.IncidentPath + "/added/button-press", For: capability.ForButtons,
			Permission: func(r *capability.Request) error { return f.CanEdit(r.Context(), r.UserID, r.Var("id")) },
			Handle: func(r *capability.Request) (answer capability.Answer, err error) {
				click, err := r.Click()
				if err == nil {
					err = f.call("Pressed", r.UserID, " ", r.Var("id"), " ", click.PostID, click.TriggerID)
				}
				return capability.Answer{Body: json.RawMessage("null")}, err
			}},
		{Method: http.MethodPost, Path: capability.IncidentPath + "/added/button-direct", For: capability.ForDirectButtons,
			Permission: func(r *capability.Request) error { return f.CanEdit(r.Context(), r.UserID, r.Var("id")) },
			Handle: func(r *capability.Request) (capability.Answer, error) {
				click, err := r.Click()
				if err == nil {
					err = f.call("PressedDirectly", r.UserID, " ", r.Var("id"), " ", click.PostID, click.TriggerID)
				}
				return capability.Answer{Body: json.RawMessage("null")}, err
			}},
	}
}
func (f *fake) CanEdit(_ context.Context, u, id string) error { return f.call("CanEdit", u, " ", id) }
func (f *fake) CheckMark(mark, u, path, state string) error {
	if mark != "mark "+u+" "+path+" "+state {
		return errInteractive
	}
	return nil
}
func (f *fake) CheckClick(_ context.Context, u, id, postID string) error {
	if postID != ownPost {
		return errInteractive
	}
	return nil
}
func (f *fake) CheckDirectClick(u, path, postID string) error {
	if postID != ownPost || !strings.HasPrefix(path, "/incidents/"+inc+"/added/") {
		return errInteractive
	}
	return nil
}
func (f *fake) Start(_ context.Context, r app.StartRequest) (incident.Incident, error) {
	f.started = r
	return f.incident, f.call("Start")
}
func (f *fake) End(_ context.Context, u, id string) error { return f.call("End", u, " ", id) }
func (f *fake) EndWith(_ context.Context, u, id string, options map[string]json.RawMessage) error {
	return f.call("EndWith", u, " ", id, " ", options)
}
func (f *fake) Restart(_ context.Context, u, id string) error { return f.call("Restart", u, " ", id) }
func (f *fake) SetCommander(_ context.Context, u, id, target string) error {
	return f.call("SetCommander", u, " ", id, " ", target)
}
func (f *fake) SetStage(_ context.Context, u, id string, n int) (incident.Incident, error) {
	return f.incident, f.call("SetStage", u, " ", id, " ", n)
}
func (f *fake) MoveToStage(_ context.Context, u, id string, from *int, to int) error {
	f.from = from
	return f.call("MoveToStage", u, " ", id, " ", to)
}

func named(r incident.Ref) string {
	if r.ID != "" {
		return r.ID
	}
	return fmt.Sprint(r.Position)
}

func (f *fake) AddTask(_ context.Context, u, id string, s incident.Ref, t incident.Task) (incident.Task, error) {
	f.task = t
	return t, f.call("AddTask", u, " ", id, " ", named(s))
}
func (f *fake) EditTask(_ context.Context, u, id string, s, t incident.Ref, title, command string, text *string) error {
	f.text = text
	return f.call("EditTask", u, " ", id, " ", named(s), " ", named(t), " ", title, " ", command)
}
func (f *fake) RemoveTask(_ context.Context, u, id string, s, t incident.Ref) error {
	return f.call("RemoveTask", u, " ", id, " ", named(s), " ", named(t))
}
func (f *fake) MoveTask(_ context.Context, u, id string, s, t incident.Ref, to int) error {
	return f.call("MoveTask", u, " ", id, " ", named(s), " ", named(t), " ", to)
}
func (f *fake) SetTaskState(_ context.Context, u, id string, s, t incident.Ref, state incident.State) error {
	return f.call("SetTaskState", u, " ", id, " ", named(s), " ", named(t), " ", state)
}
func (f *fake) Assign(_ context.Context, u, id string, s, t incident.Ref, assignee string) error {
	return f.call("Assign", u, " ", id, " ", named(s), " ", named(t), " ", assignee)
}
func (f *fake) RunTask(_ context.Context, u, id string, s, t incident.Ref, expected *string) (string, error) {
	if expected != nil {
		return "", f.call("RunTask", u, " ", id, " ", named(s), " ", named(t), " ", *expected)
	}
	return "trigger", f.call("RunTask", u, " ", id, " ", named(s), " ", named(t))
}
func (f *fake) Playbook(_ context.Context, u, id string) (playbook.Playbook, error) {
	return playbook.Playbook{ID: book, Title: "Outage"}, f.call("Playbook", u, " ", id)
}
func (f *fake) ListPlaybooks(_ context.Context, u string, x app.PlaybookFilter) (app.PlaybookPage, error) {
	f.books = x
	return app.PlaybookPage{}, f.call("ListPlaybooks", u)
}
func (f *fake) MemberPlaybooks(_ context.Context, u, id string) ([]playbook.Playbook, error) {
	return []playbook.Playbook{{ID: book, Title: "Outage"}}, f.call("MemberPlaybooks", u, " ", id)
}
func (f *fake) CreatePlaybook(_ context.Context, u string, p playbook.Playbook) (string, error) {
	f.playbook = p
	return book, f.call("CreatePlaybook", u)
}
func (f *fake) LeavePlaybook(_ context.Context, u, id string) error {
	return f.call("LeavePlaybook", u, " ", id)
}
func (f *fake) SavePlaybook(_ context.Context, u, id string, p playbook.Playbook, expected *int64) (int64, error) {
	f.expected = expected
	f.playbook = p
	return 8, f.call("SavePlaybook", u, " ", id)
}
func (f *fake) DeletePlaybook(_ context.Context, u, id string) error {
	return f.call("DeletePlaybook", u, " ", id)
}
func (f *fake) Subscribe(_ context.Context, u string, s app.Subscription) (app.Subscription, error) {
	s.ID = inc
	return s, f.call("Subscribe", u, " ", s.PlaybookID)
}
func (f *fake) ListSubscriptions(_ context.Context, u string, filter app.SubscriptionFilter) (app.SubscriptionPage, error) {
	return app.SubscriptionPage{Items: []app.Subscription{}}, f.call("ListSubscriptions", u, " ", filter.UserID, " ", filter.PlaybookID, " ", filter.Page, " ", filter.PerPage)
}
func (f *fake) Unsubscribe(_ context.Context, u, id string) error {
	return f.call("Unsubscribe", u, " ", id)
}

// journal collects log lines as "level message pairs".
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(level, msg string, pairs []interface{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, level+" "+msg+" "+fmt.Sprintln(pairs...))
}
func (j *journal) Debug(msg string, pairs ...interface{}) { j.add("debug", msg, pairs) }
func (j *journal) Info(msg string, pairs ...interface{})  { j.add("info", msg, pairs) }
func (j *journal) Warn(msg string, pairs ...interface{})  { j.add("warn", msg, pairs) }
func (j *journal) Error(msg string, pairs ...interface{}) { j.add("error", msg, pairs) }

func (j *journal) level(level string) []string {
	var found []string
	for _, line := range j.lines {
		if strings.HasPrefix(line, level+" ") {
			found = append(found, line)
		}
	}
	return found
}

// bench is a handler on a fake, whose every answer is compared with api.yaml.
type bench struct {
	testing.TB
	*fake
	log     *journal
	handler http.Handler
}

func newBench(t testing.TB, options ...Option) *bench {
	f := &fake{errs: map[string]error{}, fileName: "Checkout.json", repeat: 1, incident: incident.Incident{
		ID: inc, Name: "Checkout", TeamID: team, ChannelID: channel, IsActive: true,
		Checklists: []incident.Stage{{ID: book, Title: "Triage", Tasks: []incident.Task{{ID: taskID, Title: "**Find** the [scope](https://example.com)"}}}},
	}}
	log := &journal{}
	options = append([]Option{Observed(f), WithMetrics(f, "text/plain; version=0.0.4; charset=utf-8"), WithSupport(f), WithRoutes(f.all()...)}, options...)
	return &bench{TB: t, fake: f, log: log, handler: New(f, log, options...)}
}

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml", "testdata/added.yaml") })

// forAdmins are paths for system administrators only.
var forAdmins = map[string]bool{"/metrics": true, "/support": true}

// send makes a request as user, an administrator where only those may, whose answer is not checked. Each of headers has the form "Name: value".
func (b *bench) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.Helper()
	b.admin = b.admin || forAdmins[path] && !b.ordinary
	r := httptest.NewRequest(method, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r.WithContext(WithRequestID(r.Context(), "request1")))
	return w
}

// want makes a request and compares its status, and the whole answer with api.yaml.
func (b *bench) want(status int, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.Helper()
	b.calls = nil
	w := b.send(method, path, body, headers...)
	if w.Code != status {
		b.Fatalf("%s %s %s answered %d, want %d: %s", method, path, body, w.Code, status, w.Body)
	}
	b.check(method, path, w)
	return w
}

func (b *bench) check(method, path string, w *httptest.ResponseRecorder) {
	b.Helper()
	c, err := checker()
	if err != nil {
		b.Fatal(err)
	}
	if err = c.Check(method, "/api/v0"+path, w.Code, w.Header(), w.Body.Bytes()); err != nil {
		b.Fatal(err)
	}
}

// contains fails unless the answer's body has the text.
func (b *bench) contains(w *httptest.ResponseRecorder, texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			b.Fatalf("the answer lacks %q: %s", text, w.Body)
		}
	}
}

// called fails unless the last call of the service was this.
func (b *bench) called(want string) {
	b.Helper()
	if n := len(b.calls); n == 0 || b.calls[n-1] != want {
		b.Fatalf("the service was called with %q, want %q last", b.calls, want)
	}
}

// untouched fails if the service was asked for more than permission.
func (b *bench) untouched() {
	b.Helper()
	for _, c := range b.calls {
		if !strings.HasPrefix(c, "Can") {
			b.Fatalf("the service was called: %q", b.calls)
		}
	}
}
