package api

import (
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestCompressed_LongBodiesForWhoTakesThem(t *testing.T) {
	b := newBench(t)
	whole := b.want(200, "GET", "/incidents/"+inc, "")
	if whole.Header().Get("Vary") != "" {
		t.Error("a short body varies")
	}
	for n := range 50 {
		stage := &b.incident.Checklists[0]
		stage.Tasks = append(stage.Tasks, incident.Task{ID: taskID, Title: fmt.Sprintf("Task %d", n)})
	}
	whole = b.want(200, "GET", "/incidents/"+inc, "")
	for accepted, compressed := range map[string]bool{
		"gzip": true, "GZIP": true, "deflate, gzip;q=1.0, *;q=0.5": true, "br, x-gzip": true, "gzip, deflate, br, zstd": true,
		"": false, "identity": false, "deflate, br": false, "gzip;q=0": false, "gzip; q=0.000, *": false, "*": false,
		"gzip;q=much": false, ";;,=,gzip;": true, "gzipped": false,
	} {
		w := b.send("GET", "/incidents/"+inc, "", "Accept-Encoding: "+accepted)
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: the header is %v", accepted, w.Header())
		}
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("%q: compressed is %v, want %v", accepted, got, compressed)
			continue
		}
		content := io.Reader(w.Body)
		if compressed {
			if w.Body.Len() > whole.Body.Len()/4 {
				t.Errorf("%q: %d bytes became %d", accepted, whole.Body.Len(), w.Body.Len())
			}
			var err error
			if content, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(content); err != nil || string(got) != whole.Body.String() {
			t.Errorf("%q: another body (%v): %s", accepted, err, got)
		}
	}
}
