package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const startDialog = `{"user_id":"` + user + `","team_id":"` + team + `","channel_id":"` + channel + `","state":"{\"post_id\":\"\",\"client_id\":\"\"}",` +
	`"submission":{"playbookID":"` + book + `","incidentName":"Checkout","incidentDescription":null}}`

// example is a request that succeeds, one for each route in the order of the table of routes.
type example struct {
	method, path, body string
	status             int
	answer             string // "" = empty, "*" = any JSON
	call               string
	location           string
}

var examples = []example{
	{"GET", "/incidents?team_id=" + team, "", 200, `{"total_count":0,"page_count":0,"has_more":false,"items":[]}`, "ListIncidents " + user, ""},
	{"POST", "/incidents", `{"name":"Checkout","team_id":"` + team + `","commander_user_id":"` + user + `"}`, 201, "*", "Start", "/api/v0/incidents/" + inc},
	{"POST", "/incidents/dialog", startDialog, 201, "", "Start", "/api/v0/incidents/" + inc},
	{"GET", "/incidents/commanders?team_id=" + team, "", 200, "[]", "Commanders " + user + " " + team, ""},
	{"GET", "/incidents/channels?team_id=" + team, "", 200, "[]", "ListChannelIDs " + user, ""},
	{"GET", "/incidents/checklist-autocomplete?channel_id=" + channel + "&user_input=x", "", 200, "*", "IncidentForAutocomplete " + user + " " + channel, ""},
	{"GET", "/incidents/channel/" + channel, "", 200, "*", "IncidentByChannel " + user + " " + channel, ""},
	{"GET", "/incidents/" + inc, "", 200, "*", "Incident " + user + " " + inc, ""},
	{"PATCH", "/incidents/" + inc, `{"active_stage":1}`, 200, "*", "SetStage " + user + " " + inc + " 1", ""},
	{"GET", "/incidents/" + inc + "/metadata", "", 200, "*", "Metadata " + user + " " + inc, ""},
	{"PUT", "/incidents/" + inc + "/end", "", 200, "", "End " + user + " " + inc, ""},
	{"POST", "/incidents/" + inc + "/end", "ignored", 200, "", "End " + user + " " + inc, ""},
	{"PUT", "/incidents/" + inc + "/restart", "", 200, "", "Restart " + user + " " + inc, ""},
	{"POST", "/incidents/" + inc + "/commander", `{"commander_id":"` + other + `"}`, 200, "", "SetCommander " + user + " " + inc + " " + other, ""},
	{"POST", "/incidents/" + inc + "/next-stage-dialog", `{"state":"2"}`, 200, "", "MoveToStage " + user + " " + inc + " 2", ""},
	{"PUT", "/incidents/" + inc + "/checklists/0/add", `{"title":"Call"}`, 201, "", "AddTask " + user + " " + inc + " 0", ""},
	{"PUT", "/incidents/" + inc + "/checklists/0/reorder", `{"item_num":1,"new_location":2}`, 200, "", "MoveTask " + user + " " + inc + " 0 1 2", ""},
	{"PUT", "/incidents/" + inc + "/checklists/0/item/1", `{"title":"Call","command":"/call"}`, 200, "", "EditTask " + user + " " + inc + " 0 1 Call /call", ""},
	{"DELETE", "/incidents/" + inc + "/checklists/0/item/1", "", 204, "", "RemoveTask " + user + " " + inc + " 0 1", ""},
	{"PUT", "/incidents/" + inc + "/checklists/0/item/1/state", `{"new_state":"closed"}`, 200, "{}", "SetTaskState " + user + " " + inc + " 0 1 closed", ""},
	{"PUT", "/incidents/" + inc + "/checklists/0/item/1/assignee", `{"assignee_id":"` + other + `"}`, 200, "{}", "Assign " + user + " " + inc + " 0 1 " + other, ""},
	{"POST", "/incidents/" + inc + "/checklists/0/item/1/run", "", 200, `{"trigger_id":"trigger"}`, "RunTask " + user + " " + inc + " 0 1", ""},
	{"GET", "/playbooks?team_id=" + team, "", 200, `{"total_count":0,"page_count":0,"has_more":false,"items":[],"can_create":false}`, "ListPlaybooks " + user, ""},
	{"POST", "/playbooks", `{"title":"Outage","team_id":"` + team + `"}`, 201, `{"id":"` + book + `"}`, "CreatePlaybook " + user, "/api/v0/playbooks/" + book},
	{"GET", "/playbooks/autocomplete?team_id=" + team, "", 200, `[{"Item":"` + book + `","Hint":"","HelpText":"Outage"}]`, "MemberPlaybooks " + user + " " + team, ""},
	{"GET", "/playbooks/" + book, "", 200, "*", "Playbook " + user + " " + book, ""},
	{"PUT", "/playbooks/" + book, `{"title":"Outage"}`, 200, "", "SavePlaybook " + user + " " + book, ""},
	{"DELETE", "/playbooks/" + book, "", 204, "", "DeletePlaybook " + user + " " + book, ""},
	{"POST", "/playbooks/" + book + "/leave", "", 204, "", "LeavePlaybook " + user + " " + book, ""},
	{"POST", "/eventsubscriptions", `{"url":{"Scheme":"https"},"playbook_id":"` + book + `","user_id":"` + user + `"}`, 201, "*", "Subscribe " + user + " " + book, ""},
	{"GET", "/eventsubscriptions", "", 200, `{"total_count":0,"page_count":0,"has_more":false,"items":[]}`, "ListSubscriptions " + user + "   0 100", ""},
	{"DELETE", "/eventsubscriptions/" + inc, "", 204, "", "Unsubscribe " + user + " " + inc, ""},
	{"GET", "/metrics", "", 200, "metric 1\n", "Text", ""},
	{"GET", "/support", "", 200, "{}\n", "File", ""},
	{"GET", "/incidents/" + inc + "/added", "", 200, `{"id":"` + inc + `"}`, "Added " + user + " " + inc, ""}, // the routes of a capability
	{"POST", "/incidents/" + inc + "/added/submitted", `{"submission":{"text":"Fine"}}`, 200, "", "Submitted " + user + " " + inc + " Fine", ""},
	{"POST", "/incidents/" + inc + "/added/button-press", `{"post_id":"p"}`, 200, "null", "Pressed " + user + " " + inc + " p", ""},
	{"POST", "/incidents/" + inc + "/added/button-direct", `{"post_id":"p"}`, 200, "null", "PressedDirectly " + user + " " + inc + " p", ""},
}

func TestEveryRoute(t *testing.T) {
	for i, x := range (&api{capabilities: (&fake{}).all()}).routes() {
		if x.method != examples[i].method {
			t.Fatalf("example %d is not for %s %s", i, x.method, x.path)
		}
	}
	for _, x := range examples {
		t.Run(x.method+" "+x.path, func(t *testing.T) {
			b := newBench(t)
			w := b.want(x.status, x.method, x.path, x.body)
			b.called(x.call)
			if x.answer != "*" && w.Body.String() != x.answer {
				t.Errorf("answered %q, want %q", w.Body, x.answer)
			}
			if got := w.Header().Get("Location"); got != x.location {
				t.Errorf("Location is %q, want %q", got, x.location)
			}
		})
	}
}

// Nobody signed in, a plugin that calls another included: the table of all routes.
func TestRequestsWithoutUserGet401(t *testing.T) {
	for _, x := range examples {
		b := newBench(t)
		r := httptest.NewRequest(x.method, "/api/v0"+x.path, strings.NewReader(x.body))
		r.Header.Set("Mattermost-Plugin-ID", "another.plugin")
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s %s answered %d %q", x.method, x.path, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s may be kept by a cache", x.method, x.path)
		}
		b.check(x.method, x.path, w)
		if len(b.calls) > 0 {
			t.Errorf("%s %s called %q", x.method, x.path, b.calls)
		}
	}
}

func TestErrorsOfTheServiceBecomeStatuses(t *testing.T) {
	for kind, status := range statuses {
		for _, x := range examples {
			if x.path == "/incidents/dialog" { // see TestE18
				continue
			}
			b := newBench(t)
			b.err = incident.NewError(kind, "some.code", "Some text.").WithDetails("Some detail.")
			w := b.send(x.method, x.path, x.body)
			if w.Code != status {
				t.Errorf("%s %s answered %d, want %d", x.method, x.path, w.Code, status)
			}
			shown := ""
			if strings.Contains(x.path, "/button-") {
				shown = `,"ephemeral_text":"Some text."`
			}
			if got, want := w.Body.String(), `{"error":"Some text.","details":"Some detail.","code":"some.code"`+shown+`}`; got != want {
				t.Errorf("%s %s answered %s, want %s", x.method, x.path, got, want)
			}
			if len(b.log.level("error")) > 0 {
				t.Errorf("%s %s logged at error level: %q", x.method, x.path, b.log.lines)
			}
		}
	}
}

func TestInternalErrorsAreLoggedOnceWithRequestID(t *testing.T) {
	for _, x := range examples {
		for name, prepare := range map[string]func(*bench){
			"error": func(b *bench) { b.err = errors.New("secret cause") },
			"panic": func(b *bench) { b.panics = "secret cause" },
		} {
			b := newBench(t)
			prepare(b)
			w := b.want(500, x.method, x.path, x.body)
			b.contains(w, "request1")
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s: %s %s tells the cause: %s", name, x.method, x.path, w.Body)
			}
			lines := b.log.level("error")
			if len(lines) != 1 || len(b.log.lines) != 1 {
				t.Fatalf("%s: %s %s logged %q", name, x.method, x.path, b.log.lines)
			}
			for _, part := range []string{"request1", user, "secret cause", x.method + " /"} {
				if !strings.Contains(lines[0], part) {
					t.Errorf("the log lacks %q: %s", part, lines[0])
				}
			}
		}
	}
}

// What fails because the plugin stops, and its database is closed, is to be tried again, and no fault that anybody has to look after.
func TestRequestsThatFailWhileThePluginStopsAreUnavailable(t *testing.T) {
	for _, x := range examples {
		b := newBench(t, WithEnd(func() bool { return true }))
		b.err = errors.New("sql: database is closed")
		w := b.send(x.method, x.path, x.body)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"code":"plugin.unavailable"`) {
			t.Errorf("%s %s answered %d %v: %s", x.method, x.path, w.Code, w.Header(), w.Body)
		}
		if len(b.log.level("info")) != 1 || len(b.log.lines) != 1 {
			t.Errorf("%s %s logged %q", x.method, x.path, b.log.lines)
		}
		b = newBench(t, WithEnd(func() bool { return true }))
		b.panics = "a defect"
		b.want(500, x.method, x.path, x.body)
	}
}

// Any user can cause as many refusals as they like, so administrators are not troubled with them.
func TestRefusalsAreLoggedForDevelopers(t *testing.T) {
	for kind := range statuses {
		b := newBench(t)
		b.err = incident.NewError(kind, "some.code", "Some text.")
		b.send("GET", "/incidents/"+inc, "")
		lines := b.log.level("debug")
		if len(lines) != 1 || len(b.log.lines) != 1 || !strings.Contains(lines[0], user) || !strings.Contains(lines[0], "Some text.") || !strings.Contains(lines[0], "GET /") {
			t.Errorf("%v logged %q", kind, b.log.lines)
		}
	}
	b := newBench(t)
	b.err = incident.NewError(incident.Forbidden, "some.code", "Some text.")
	b.send("POST", "/incidents/dialog", start.String())
	if lines := b.log.level("debug"); len(lines) != 1 || len(b.log.lines) != 1 || !strings.Contains(lines[0], user) {
		t.Errorf("a dialog logged %q", b.log.lines)
	}
}

// brokenWriter panics when it is asked for its header, so that neither an answer nor an error can be given.
type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Header() http.Header { panic("no header") }

func TestPanicEndsOnlyTheRequest(t *testing.T) {
	b := newBench(t)
	r := httptest.NewRequest("GET", "/api/v0/incidents/"+inc, nil)
	r.Header.Set("Mattermost-User-ID", user)
	b.handler.ServeHTTP(brokenWriter{httptest.NewRecorder()}, r)
	lines := b.log.level("error")
	if len(lines) != 1 || !strings.Contains(lines[0], "no header") {
		t.Errorf("logged %q", b.log.lines)
	}
}

func TestRequestIDIsMadeIfMissing(t *testing.T) {
	b := newBench(t)
	b.err = errors.New("cause")
	r := httptest.NewRequest("GET", "/api/v0/incidents/"+inc, nil)
	r.Header.Set("Mattermost-User-ID", user)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	id := regexp.MustCompile(`request_id: ([a-z0-9]{26})"`).FindStringSubmatch(w.Body.String())
	if id == nil || !strings.Contains(b.log.lines[0], id[1]) {
		t.Fatalf("no id in %s and %q", w.Body, b.log.lines)
	}
}

// Refusals come before the body is looked at.
func TestPermissionComesBeforeBody(t *testing.T) {
	for _, x := range examples {
		if !strings.HasPrefix(x.path, "/incidents/"+inc) || x.method == "GET" {
			continue
		}
		b := newBench(t)
		b.err = incident.ErrForbidden
		b.want(403, x.method, x.path, "{broken")
		if len(b.calls) != 1 {
			t.Errorf("%s %s called %q", x.method, x.path, b.calls)
		}
	}
}

// 404 and 405 come before the sign-in is looked at.
func TestUnknownPathsAndMethods(t *testing.T) {
	b := newBench(t)
	for _, x := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404}, {"GET", "", 404}, {"GET", "/nothing", 404}, {"GET", "/incidents/", 404}, {"GET", "/incidents/" + inc + "/", 404},
		{"GET", "/incidents//" + inc, 404}, {"GET", "/incidents/a-b", 404}, {"GET", "/incidents/" + inc + "/details", 404},
		{"PUT", "/incidents/" + inc + "/checklists/-1/add", 404}, {"PUT", "/incidents/" + inc + "/checklists/+1/add", 404},
		{"DELETE", "/incidents/" + inc + "/checklists/0/item/x", 404}, {"PUT", "/incidents/" + inc + "/checklists/0/item/-1/state", 404},
		{"DELETE", "/incidents", 405}, {"HEAD", "/incidents", 405}, {"HEAD", "/incidents/" + inc, 405}, {"POST", "/incidents/" + inc + "/restart", 405},
		{"PUT", "/incidents/" + inc + "/checklists/0/item/1/run", 405}, {"DELETE", "/incidents/" + inc, 405}, {"PUT", "/eventsubscriptions", 405}, {"GET", "/eventsubscriptions/" + inc, 405}, {"DELETE", "/eventsubscriptions", 405}, {"OPTIONS", "/playbooks", 405},
	} {
		for _, id := range []string{"", user} {
			r := httptest.NewRequest(x.method, "/api/v0"+x.path, nil)
			r.Header.Set("Mattermost-User-ID", id)
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			if w.Code != x.status {
				t.Errorf("%s %s answered %d, want %d", x.method, x.path, w.Code, x.status)
			}
			b.check(x.method, x.path, w)
		}
	}
}

func TestLiteralWordsAreIncidentIDsForOtherMethods(t *testing.T) {
	b := newBench(t)
	for _, word := range []string{"dialog", "channel"} {
		b.want(200, "GET", "/incidents/"+word, "")
		b.called("Incident " + user + " " + word)
	}
}

func TestPositionsAndIDsInPaths(t *testing.T) {
	b := newBench(t)
	b.want(204, "DELETE", "/incidents/"+inc+"/checklists/00/item/007", "")
	b.called("RemoveTask " + user + " " + inc + " 0 7")
	b.want(204, "DELETE", "/incidents/"+inc+"/checklists/"+book+"/item/"+taskID, "")
	b.called("RemoveTask " + user + " " + inc + " " + book + " " + taskID)
	for _, n := range []string{"9223372036854775808", "99999999999999999999999999", "999999999999999999999999999999"} {
		b.want(400, "DELETE", "/incidents/"+inc+"/checklists/"+n+"/item/0", "")
		b.want(400, "DELETE", "/incidents/"+inc+"/checklists/0/item/"+n, "")
		b.want(400, "PUT", "/incidents/"+inc+"/checklists/"+n+"/reorder", "{}")
		b.untouched()
	}
}

func TestContentTypeIsJSON(t *testing.T) {
	for _, x := range examples {
		w := newBench(t).send(x.method, x.path, x.body)
		want := ""
		if w.Body.Len() > 0 {
			want = "application/json"
		}
		if x.path == "/metrics" {
			want = "text/plain; version=0.0.4; charset=utf-8"
		}
		if got := w.Header().Get("Content-Type"); got != want {
			t.Errorf("%s %s has the content type %q, want %q", x.method, x.path, got, want)
		}
		// What is private is kept by no cache, and taken for nothing else.
		for name, safe := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := w.Header().Get(name); want != "" && got != safe {
				t.Errorf("%s %s has the header %s: %q, want %q", x.method, x.path, name, got, safe)
			}
		}
	}
}

// Every route is described, and nothing else is.
func TestRoutesAreThoseOfTheDescription(t *testing.T) {
	c, err := checker()
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`:(?:[^{}]|\{[0-9]+\})*\}`)
	var routes []string
	err = newRouter(&api{capabilities: (&fake{}).all()}).Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		for _, m := range methods {
			routes = append(routes, m+" "+pattern.ReplaceAllString(strings.TrimPrefix(path, "/api/v0"), "}"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(routes)
	if len(routes) != 38 || !reflect.DeepEqual(routes, c.Routes()) {
		t.Fatalf("routes are\n%s\nbut api.yaml describes\n%s", strings.Join(routes, "\n"), strings.Join(c.Routes(), "\n"))
	}
}
