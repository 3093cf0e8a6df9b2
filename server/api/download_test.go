package api

import (
	"errors"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

const addedPath = "/incidents/" + inc + "/added"

func TestDownload_FileOfACapability(t *testing.T) {
	b := newBench(t)
	b.repeat = 1 << 12
	w := b.want(200, "GET", addedPath, "")
	b.called("Added " + user + " " + inc)
	b.contains(w, strings.Repeat(inc, b.repeat))
	for name, want := range map[string]string{"Content-Type": "application/json", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Content-Disposition": `attachment; filename="Checkout.json"`} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	b.contains(b.want(201, "GET", addedPath+"?as=body", ""), `{"id":"`+inc+`"}`)
}

// A failure on the way is in the log.
func TestDownload_FailureWhileWriting(t *testing.T) {
	b := newBench(t)
	b.broken = errors.New("connection lost")
	b.want(200, "GET", addedPath, "")
	if lines := b.log.level("error"); len(lines) != 1 || !strings.Contains(lines[0], "connection lost") || !strings.Contains(lines[0], "request1") {
		t.Errorf("the log is %q", b.log.lines)
	}
}

func TestDownload_NamesAreASCIIInTheHeader(t *testing.T) {
	for _, name := range []string{"Checkout is down.csv", "Störung – größer.csv", "障害.csv", "🔥 fire.md", `a"b\c.csv`, "x; filename=-evil.exe.csv"} {
		b := newBench(t)
		b.fileName = name
		header := b.want(200, "GET", addedPath, "").Header().Get("Content-Disposition")
		kind, parameters, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || !strings.ContainsAny(name, `"\`) && parameters["filename"] != name {
			t.Errorf("%q is named %q: %s (%v)", name, parameters["filename"], header, err)
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

func TestDownload_ClientThatLeavesIsNoError(t *testing.T) {
	b := newBench(t)
	b.repeat = 10000
	a := &api{svc: b.fake, log: b.log, budget: limit.Users(), heavy: newGate(1)}
	r := &request{Request: httptest.NewRequest("GET", "/api/v0"+addedPath, nil), userID: user,
		writer: goneClient{httptest.NewRecorder()}, route: &route{method: "GET", path: "/x"}}
	answer, err := a.added(b.added()).handle(r)
	if err != nil {
		t.Fatal(err)
	}
	a.send(r, answer.download)
	if len(b.log.lines) > 0 {
		t.Errorf("the log is %q", b.log.lines)
	}
}
