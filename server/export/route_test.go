package export

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	incidentID = "h5x1t9j3kbr7dqwn8efo6myzca"
	exportPath = "/incidents/" + incidentID + "/export?format="
	postID     = "b8u2n4kfj7c1xw9rzt5qpeomya"
	answerID   = "t1t2t3t4t5t6t7t8t9t0t1t2t3"
)

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml") })

// logged collects what is logged as an error.
type logged struct {
	app.Log
	errors []string
}

func (l *logged) Debug(string, ...interface{}) {}
func (l *logged) Error(msg string, pairs ...interface{}) {
	l.errors = append(l.errors, msg+" "+fmt.Sprintln(pairs...))
}

// bench is the whole REST API with the export's route.
type bench struct {
	*exportFixture
	t   *testing.T
	log *logged
	api http.Handler
}

func newBench(t *testing.T) *bench {
	w := newExportFixture()
	w.incident.ID, w.incident.Name = incidentID, "Checkout"
	b := &bench{exportFixture: w, t: t, log: &logged{}}
	b.api = api.New(nil, b.log, api.WithRoutes(w.exporter.routes()...))
	return b
}

// want sends a request as anna and compares its status, and the whole answer with api.yaml.
func (b *bench) want(status int, path string) *httptest.ResponseRecorder {
	b.t.Helper()
	w := b.send(path)
	if w.Code != status {
		b.t.Fatalf("%s answered %d, want %d: %s", path, w.Code, status, w.Body)
	}
	c, err := checker()
	if err == nil {
		err = c.Check(http.MethodGet, "/api/v0"+path, w.Code, w.Header(), w.Body.Bytes())
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

// send sends a request as anna.
func (b *bench) send(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/api/v0"+path, nil)
	r.Header.Set("Mattermost-User-ID", "anna")
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r.WithContext(api.WithRequestID(r.Context(), "request1")))
	return w
}

func (b *bench) contains(w *httptest.ResponseRecorder, text string) {
	b.t.Helper()
	if !strings.Contains(w.Body.String(), text) {
		b.t.Fatalf("the answer lacks %q: %s", text, w.Body)
	}
}

func TestExport_PostsAsCSV(t *testing.T) {
	b := newBench(t)
	b.channelPosts = []ChannelPost{{ID: postID, Username: "anna", Message: "Line one\nsays \"two\"", CreateAt: 1000}, {ID: answerID, RootID: postID, CreateAt: 2000}}
	w := b.want(200, exportPath+"csv")
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][8] != "Line one\nsays \"two\"" || rows[2][3] != postID {
		t.Errorf("the rows are %q (%v)", rows, err)
	}
	for name, want := range map[string]string{"Content-Type": "text/csv; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Content-Disposition": `attachment; filename="Checkout.csv"`} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestExport_Markdown(t *testing.T) {
	b := newBench(t)
	w := b.want(200, exportPath+"markdown")
	b.contains(w, "# Checkout\n")
	if got := w.Header().Get("Content-Type"); got != "text/markdown; charset=utf-8" {
		t.Errorf("the content type is %q", got)
	}
}

func TestExport_RefusesOtherFormats(t *testing.T) {
	for _, format := range []string{"", "CSV", "pdf", "csv%00"} {
		b := newBench(t)
		b.contains(b.want(400, exportPath+format), "csv, markdown or json")
		if len(b.limits) > 0 {
			t.Error("something was read")
		}
	}
}

// A failure while the first page is read has its status; a later one is in the file and in the log.
func TestExport_FailureWhileReading(t *testing.T) {
	b := newBench(t)
	b.fails["ChannelPosts"] = errBroken
	w := b.want(500, exportPath+"csv")
	if w.Header().Get("Content-Disposition") != "" || len(b.log.errors) != 1 || strings.Contains(w.Body.String(), errBroken.Error()) {
		t.Errorf("headers %v, log %q", w.Header(), b.log.errors)
	}

	b = newBench(t)
	b.channelPosts = []ChannelPost{{ID: postID, CreateAt: 1}, {ID: answerID, CreateAt: 2}}
	b.failsAfter = 1
	w = b.want(200, exportPath+"csv")
	rows, err := csv.NewReader(w.Body).ReadAll()
	if last := rows[len(rows)-1]; err != nil || last[4] != "export_incomplete" || strings.Contains(w.Body.String(), errBroken.Error()) {
		t.Errorf("the last row is %q (%v)", last, err)
	}
	if lines := b.log.errors; len(lines) != 1 || !strings.Contains(lines[0], errBroken.Error()) || !strings.Contains(lines[0], "request1") {
		t.Errorf("the log is %q", lines)
	}
}

// Each error has the status of its kind, and says no more than it should.
func TestExport_Errors(t *testing.T) {
	b := newBench(t)
	b.denied["read_channel:anna:channel0"] = true
	b.denied["read_channel:anna:missing"] = true
	for _, format := range []string{"csv", "markdown", "json"} {
		b.contains(b.want(403, exportPath+format), errExport.Message)
		b.contains(b.want(403, "/incidents/missing/export?format="+format), errExport.Message)
	}
	b.denied = nil
	b.fails["Get"] = incident.ErrNotFound
	b.contains(b.want(404, exportPath+"json"), incident.ErrNotFound.Message)
	b.fails["Get"] = errBroken
	if w := b.want(500, exportPath+"json"); strings.Contains(w.Body.String(), errBroken.Error()) || len(b.log.errors) != 1 {
		t.Errorf("%s, log %q", w.Body, b.log.errors)
	}
}

// Other capabilities add parts to a report.
func TestExport_SectionsOfOtherCapabilities(t *testing.T) {
	b := newBench(t)
	if text := b.want(200, exportPath+"json").Body.String(); strings.Contains(text, "sections") {
		t.Errorf("without sections: %s", text)
	}
	read := func(part *capability.Part, err error) func(context.Context, string, *incident.Incident) (*capability.Part, error) {
		return func(_ context.Context, userID string, inc *incident.Incident) (*capability.Part, error) {
			if userID != "anna" || inc.ID != incidentID {
				t.Errorf("%s asks for %s", userID, inc.ID)
			}
			return part, err
		}
	}
	b.sections = []capability.Section{
		{Name: "pages", Title: "Pages", Read: read(&capability.Part{Value: []string{"one"}, Lines: []string{"# one", "two"}}, nil)},
		{Name: "none", Title: "None", Read: read(nil, nil)},
		{Name: "empty", Title: "Empty", Read: read(&capability.Part{Value: 0}, nil)},
	}
	var report struct{ Sections map[string]interface{} }
	w := b.want(200, exportPath+"json")
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || len(report.Sections) != 2 || fmt.Sprint(report.Sections["pages"]) != "[one]" {
		t.Errorf("%v: %s", err, w.Body)
	}
	b.contains(b.want(200, exportPath+"markdown"), "\n\n## Pages\n\n- \\# one\n- two\n\n## Empty\n\nNone.\n")
	b.sections[1].Read = read(nil, errBroken)
	b.want(500, exportPath+"json")
}

// A section may be read while it is sent, be part of the timeline, and be a table.
func TestExport_SectionsThatAreLong(t *testing.T) {
	b := newBench(t)
	b.events = []incident.Event{{Revision: 1, CreateAt: 1000, Payload: incident.Started{}}, {Revision: 2, CreateAt: 5000, Payload: incident.Ended{}}}
	b.incident.Revision = 2
	part := &capability.Part{
		Items: func(context.Context) iter.Seq2[interface{}, error] { return given[interface{}](nil, "one", 2) },
		Moments: func(context.Context) iter.Seq2[capability.Moment, error] {
			return given(nil, capability.Moment{At: 999, Text: "# Before"}, capability.Moment{At: 5000, Text: "At the end", Quote: "a *b*\n\nc", Starred: true}, capability.Moment{At: 6000, Text: "After"})
		},
		Table: &capability.Table{Columns: []string{"a", "b"}, Rows: func(context.Context) iter.Seq2[[]string, error] { return given(nil, []string{"=1+1", "x"}) }},
	}
	b.sections = []capability.Section{
		{Name: "story", Title: "Story", Read: func(context.Context, string, *incident.Incident) (*capability.Part, error) { return part, nil }},
		{Name: "unused", Title: "Unused", Read: func(context.Context, string, *incident.Incident) (*capability.Part, error) {
			return &capability.Part{Table: part.Table}, nil
		}},
	}
	b.contains(b.want(200, exportPath+"json"), "\"sections\": {\n    \"story\": [\n      \"one\",\n      2\n    ]\n  },")
	w := b.want(200, exportPath+"markdown")
	b.contains(w, "\n\n## Timeline\n\n- 1970-01-01 00:00:00 UTC: \\# Before\n- 1970-01-01 00:00:01 UTC: Incident Management started the incident.\n- 1970-01-01 00:00:05 UTC: Incident Management ended the incident.\n"+
		"- 1970-01-01 00:00:05 UTC (key moment): At the end\n\n  > a \\*b\\*\n  >\n  > c\n\n- 1970-01-01 00:00:06 UTC: After\n")
	if strings.Contains(w.Body.String(), "Story") || strings.Contains(w.Body.String(), "Unused") {
		t.Errorf("a heading without text: %s", w.Body)
	}
	for _, name := range []string{"story", "unused"} {
		if w := b.want(200, exportPath+"csv&section="+name); w.Body.String() != "\ufeffa,b\n'=1+1,x\n" || !strings.Contains(w.Header().Get("Content-Disposition"), "Checkout "+name+".csv") {
			t.Errorf("%s %v", w.Body, w.Header())
		}
	}
	for _, name := range []string{"nothing", "Story", "%00"} {
		b.contains(b.want(400, exportPath+"csv&section="+name), "leave section out")
	}
	b.denied["read_channel:anna:channel0"] = true
	b.want(403, exportPath+"csv&section=nothing")
	b.denied = map[string]bool{}

	// What fails on the way shows in the file and in the log.
	part.Items = func(context.Context) iter.Seq2[interface{}, error] { return given[interface{}](errBroken, "one") }
	part.Moments = func(context.Context) iter.Seq2[capability.Moment, error] {
		return given(errBroken, capability.Moment{At: 1, Text: "First"})
	}
	part.Table = &capability.Table{Columns: []string{"a"}, Rows: func(context.Context) iter.Seq2[[]string, error] { return given(errBroken, []string{"1"}) }}
	b.contains(b.send(exportPath+"markdown"), "First\n\nThe rest could not be read.")
	b.contains(b.send(exportPath+"csv&section=story"), "\ufeffa\n1\nexport_incomplete,")
	b.send(exportPath + "json")
	if len(b.log.errors) != 3 {
		t.Errorf("the log is %q", b.log.errors)
	}
}

// given gives items, and then an error unless it is nil.
func given[T any](err error, items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		var none T
		if err != nil {
			yield(none, err)
		}
	}
}

func TestExport_FileNames(t *testing.T) {
	for name, want := range map[string]string{
		"Checkout is down":                     "Checkout is down.csv",
		"../../etc/passwd":                     "-..-etc-passwd.csv",
		`a\b:c*d?e"f<g>h|i%j`:                  "a-b-c-d-e-f-g-h-i-j.csv",
		"Störung – größer\r\nSet-Cookie: x":    "Störung – größer Set-Cookie- x.csv",
		"障害":                                   "障害.csv",
		"exe.\u202egpj":                        "exe.gpj.csv",
		".hidden.":                             "hidden.csv",
		"  \t ":                                "incident.csv",
		"NUL":                                  "incident NUL.csv",
		"com1.txt":                             "incident com1.txt.csv",
		"\x00\x1b[31m":                         "[31m.csv",
		"broken \xff utf":                      "broken - utf.csv",
		strings.Repeat("ü", 300):               strings.Repeat("ü", maxFileName) + ".csv",
		`"; filename="evil.exe`:                "-; filename=-evil.exe.csv",
		"🔥 fire":                               "🔥 fire.csv",
		"{}; filename*=UTF-8''evil.exe; a=\"b": "{}; filename-=UTF-8''evil.exe; a=-b.csv",
	} {
		b := newBench(t)
		b.incident.Name = name
		w := b.want(200, exportPath+"csv")
		header := w.Header().Get("Content-Disposition")
		kind, parameters, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || parameters["filename"] != want {
			t.Errorf("%q is named %q, want %q: %s (%v)", name, parameters["filename"], want, header, err)
		}
		for _, c := range header {
			if c < ' ' || c > '~' {
				t.Errorf("the header is not ASCII: %q", header)
			}
		}
	}
}
