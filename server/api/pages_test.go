package api

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

// longPage is a page whose items come in parts.
func longPage(b *bench, parts int, broken error) app.Page {
	return app.Page{TotalCount: 2 * parts, PageCount: 1, Rest: func(context.Context) iter.Seq2[[]incident.Incident, error] {
		return func(yield func([]incident.Incident, error) bool) {
			for range parts {
				if !yield([]incident.Incident{b.incident, b.incident}, nil) {
					return
				}
			}
			if broken != nil {
				yield(nil, broken)
			}
		}
	}}
}

func TestLongPagesAreSentInParts(t *testing.T) {
	for _, parts := range []int{0, 1, 3} {
		b := newBench(t)
		b.page = longPage(b, parts, nil)
		w := b.want(200, "GET", "/incidents?team_id="+team, "")
		var page app.Page
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Items) != 2*parts || page.TotalCount != 2*parts {
			t.Errorf("%d parts: %v %s", parts, err, w.Body)
		}
		zipped := b.send("GET", "/incidents?team_id="+team, "", "Accept-Encoding: gzip")
		reader, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(reader); err != nil || string(text) != w.Body.String() {
			t.Errorf("zipped: %v %s", err, text)
		}
	}
	b := newBench(t)
	b.page = longPage(b, 1, errors.New("connection lost"))
	w := b.send("GET", "/incidents?team_id="+team, "")
	if json.Valid(w.Body.Bytes()) || len(b.log.level("error")) != 1 {
		t.Errorf("a page that could not be read to its end: %s, %q", w.Body, b.log.lines)
	}
}

// One person gets one heavy answer of a capability at a time; others are not held up.
func TestOneHeavyAnswerAtATime(t *testing.T) {
	b := newBench(t)
	a := &api{svc: b.fake, log: b.log, budget: limit.Users(), heavy: newGate(1), reads: newGate(9), writes: newGate(9), saves: newGate(9), capabilities: []capability.Route{b.added()}}
	b.handler = newRouter(a)
	leave, ok := a.heavy.enter(t.Context(), user, 0)
	if !ok {
		t.Fatal("the gate is closed")
	}
	if w := b.want(429, "GET", addedPath, ""); w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	b.untouched()
	leave()
	for range 3 {
		b.want(200, "GET", addedPath, "")
		b.want(201, "GET", addedPath+"?as=body", "")
		b.errs["Added"] = incident.ErrForbidden
		b.want(403, "GET", addedPath, "")
		delete(b.errs, "Added")
		b.panics = "on purpose"
		b.want(500, "GET", addedPath, "")
		b.panics = nil
	}
	if _, ok = a.heavy.enter(t.Context(), other, 0); !ok || a.heavy.Keys() != 1 {
		t.Errorf("keys in use: %d", a.heavy.Keys())
	}
}

// Of one person only so many requests are worked on at once, reading and acting ones. Further ones wait; others are not held up.
func TestRequestsOfOnePersonAtOnce(t *testing.T) {
	for method, most := range map[string]int{"GET": maxReads, "POST": maxWrites} {
		entered, release := make(chan string, 100), make(chan struct{})
		handler := New(newBench(t).fake, &journal{}, WithRoutes(capability.Route{Method: method, Path: "/slow", Handle: func(r *capability.Request) (capability.Answer, error) {
			entered <- r.UserID
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return capability.Answer{}, nil
		}}))
		send := func(ctx context.Context, userID string) int {
			r := httptest.NewRequest(method, basePath+"/slow", nil).WithContext(ctx)
			r.Header.Set(userHeader, userID)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w.Code
		}
		statuses := make(chan int, 100)
		for range most + 5 {
			go func() { statuses <- send(t.Context(), user) }()
		}
		for range most {
			<-entered
		}
		go func() { statuses <- send(t.Context(), other) }()
		if who := <-entered; who != other {
			t.Errorf("%s: one more than %d of a person is worked on", method, most)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if status := send(gone, user); status != 429 {
			t.Errorf("%s: who cannot wait gets %d", method, status)
		}
		close(release)
		for range most + 6 {
			if status := <-statuses; status != 200 {
				t.Errorf("%s: %d", method, status)
			}
		}
	}
}

// Saves of playbooks, which may be very long, are fewer, and hold no other change up.
func TestSavesOfPlaybooksAtOnce(t *testing.T) {
	b := newBench(t)
	a := &api{svc: b.fake, log: b.log, budget: limit.Users(), reads: newGate(9), writes: newGate(9), saves: newGate(1)}
	b.handler = newRouter(a)
	if _, ok := a.saves.enter(t.Context(), user, 0); !ok {
		t.Fatal("the gate is closed")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, x := range []struct {
		method, path string
		status       int
	}{{"POST", "/playbooks", 429}, {"PUT", "/playbooks/" + book, 429}, {"PUT", "/incidents/" + inc + "/restart", 200}} {
		r := httptest.NewRequest(x.method, basePath+x.path, strings.NewReader("{}")).WithContext(gone)
		r.Header.Set(userHeader, user)
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if w.Code != x.status {
			t.Errorf("%s %s: %d, want %d", x.method, x.path, w.Code, x.status)
		}
	}
}

func TestGate(t *testing.T) {
	g := newGate(2)
	var running, most, through int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 10 {
		all.Add(1)
		go func() {
			defer all.Done()
			leave, ok := g.enter(t.Context(), "anna", time.Minute)
			if !ok {
				return
			}
			defer leave()
			mu.Lock()
			running++
			through++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			running--
			mu.Unlock()
		}()
	}
	all.Wait()
	if most > 2 || through != 10 || g.Keys() != 0 {
		t.Errorf("%d at once, %d in all, %d keys in use", most, through, g.Keys())
	}
	for range 2 {
		g.enter(t.Context(), "anna", 0)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []context.Context{t.Context(), ctx} {
		if _, ok := g.enter(c, "anna", 5*time.Millisecond); ok {
			t.Error("a third one got through")
		}
	}
	if _, ok := g.enter(t.Context(), "boris", 0); !ok || !strings.Contains(errBusyHeavy.Message, "Wait") {
		t.Error("boris is held up by anna")
	}
}
