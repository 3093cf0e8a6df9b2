package api

import (
	"encoding/csv"
	"errors"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

const exportPath = "/incidents/" + inc + "/export?format="

func TestExport_PostsAsCSV(t *testing.T) {
	b := newBench(t)
	b.pages = [][]app.ChannelPost{{{ID: book, Username: "anna", Message: "Line one\nsays \"two\"", CreateAt: 1000}}, {{ID: taskID, RootID: book, CreateAt: 2000}}, nil}
	w := b.want(200, "GET", exportPath+"csv", "")
	b.called("ExportPosts " + user + " " + inc)
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][8] != "Line one\nsays \"two\"" || rows[2][3] != book {
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
	w := b.want(200, "GET", exportPath+"markdown", "")
	b.contains(w, "# Checkout\n")
	if got := w.Header().Get("Content-Type"); got != "text/markdown; charset=utf-8" {
		t.Errorf("the content type is %q", got)
	}
}

func TestExport_RefusesOtherFormats(t *testing.T) {
	for _, format := range []string{"", "CSV", "pdf", "csv%00"} {
		b := newBench(t)
		b.contains(b.want(400, "GET", exportPath+format, ""), "csv, markdown or json")
		b.untouched()
	}
}

// A failure while the first page is read has its status; a later one is in the file and in the log.
func TestExport_FailureWhileReading(t *testing.T) {
	b := newBench(t)
	b.broken = errors.New("connection lost")
	w := b.want(500, "GET", exportPath+"csv", "")
	if w.Header().Get("Content-Disposition") != "" || len(b.log.level("error")) != 1 {
		t.Errorf("headers %v, log %q", w.Header(), b.log.lines)
	}

	b = newBench(t)
	b.broken = errors.New("connection lost")
	b.pages = [][]app.ChannelPost{{{ID: book, CreateAt: 1}}, {{ID: taskID, CreateAt: 2}}}
	w = b.want(200, "GET", exportPath+"csv", "")
	rows, err := csv.NewReader(w.Body).ReadAll()
	if last := rows[len(rows)-1]; err != nil || last[4] != "export_incomplete" || strings.Contains(w.Body.String(), "connection lost") {
		t.Errorf("the last row is %q (%v)", last, err)
	}
	if lines := b.log.level("error"); len(lines) != 1 || !strings.Contains(lines[0], "connection lost") || !strings.Contains(lines[0], "request1") {
		t.Errorf("the log is %q", b.log.lines)
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
		w := b.want(200, "GET", exportPath+"csv", "")
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

// goneClient is a client that has closed the connection.
type goneClient struct{ http.ResponseWriter }

func (goneClient) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestExport_ClientThatLeavesIsNoError(t *testing.T) {
	b := newBench(t)
	b.pages = [][]app.ChannelPost{{{ID: book, Message: strings.Repeat("long ", 10000)}}, nil}
	a := &api{svc: b.fake, log: b.log}
	r := &request{Request: httptest.NewRequest("GET", "/api/v0"+exportPath+"csv", nil), userID: user,
		writer: goneClient{httptest.NewRecorder()}, route: &route{method: "GET", path: "/x"}}
	answer, err := a.export(r)
	if err != nil {
		t.Fatal(err)
	}
	a.send(r, answer.download)
	if len(b.log.lines) > 0 {
		t.Errorf("the log is %q", b.log.lines)
	}
}
