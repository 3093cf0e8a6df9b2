package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

// small is a budget that ordinary answers of the tests do not use up.
func small() *limit.Budget { return &limit.Budget{Burst: 10_000, PerSecond: 1000} }

// timed makes a request and returns how long it took.
func (b *bench) timed(status int, method, path, body string) time.Duration {
	b.Helper()
	begin := time.Now()
	b.want(status, method, path, body)
	return time.Since(begin)
}

func TestBudget_LongAnswersAndBodiesArePaidFor(t *testing.T) {
	const short = "/incidents/" + inc
	conflict := capability.Route{Method: http.MethodGet, Path: "/conflict", Handle: func(*capability.Request) (capability.Answer, error) {
		return capability.Answer{}, &capability.Conflict{Cause: incident.ErrForbidden, Current: strings.Repeat("x", 19_800)}
	}}
	charged := capability.Route{Method: http.MethodGet, Path: "/charged", Handle: func(r *capability.Request) (capability.Answer, error) {
		limit.Charge(r.Context(), 20_000)
		return capability.Answer{}, nil
	}}
	for name, long := range map[string]func(b *bench){
		"an answer": func(b *bench) {
			b.incident.Description = strings.Repeat("x", 19_600)
			b.want(200, "GET", short, "")
			b.incident.Description = ""
		},
		"a compressed answer": func(b *bench) {
			b.incident.Description = strings.Repeat("x", 19_600)
			if w := b.send("GET", short, "", "Accept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "gzip" {
				t.Error("it is not compressed")
			}
			b.incident.Description = ""
		},
		"a body": func(b *bench) {
			b.want(200, "PUT", short+"/restart", strings.Repeat(" ", 20_000)) // not read
			if took := b.timed(200, "GET", short, ""); took > 0 {
				t.Errorf("a body that was not read costs %v", took)
			}
			b.want(400, "PATCH", short, strings.Repeat("x", 20_000))
		},
		"a body that is too long": func(b *bench) {
			if took := b.timed(413, "PATCH", short, strings.Repeat("x", 2<<20)); took > 0 {
				t.Errorf("it was waited for %v", took)
			}
			time.Sleep((maxBody - 20_000) / 1000 * time.Second)
		},
		"a conflict": func(b *bench) {
			b.send("GET", "/conflict", "")
		},
		"what the service charges": func(b *bench) {
			b.send("GET", "/charged", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				budget := small()
				b := newBench(t, WithBudget(budget), WithRoutes(conflict, charged))
				long(b)
				r := httptest.NewRequest("GET", basePath+short, nil)
				r.Header.Set(userHeader, other)
				begin := time.Now()
				if b.handler.ServeHTTP(httptest.NewRecorder(), r); time.Since(begin) > 0 {
					t.Errorf("somebody else waited for %v", time.Since(begin))
				}
				for _, request := range [][3]string{{"GET", short}, {"PUT", short + "/restart"}} {
					if took := b.timed(200, request[0], request[1], request[2]); request[0] == "GET" && (took < 9*time.Second || took > 11*time.Second) {
						t.Errorf("the next request took %v, want about 10 s", took)
					}
				}
				time.Sleep(time.Minute)
				if budget.Keys() != 0 {
					t.Error("a budget is remembered")
				}
			})
		})
	}
}

func TestBudget_RefusalsSayWhenToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, WithBudget(small()))
		b.want(400, "PATCH", "/incidents/"+inc, strings.Repeat("x", 50_000)) // 40 s
		begin := time.Now()
		w := b.want(429, "GET", "/incidents/"+inc, "")
		if time.Since(begin) > 0 || w.Header().Get("Retry-After") != "40" {
			t.Errorf("after %v: %s", time.Since(begin), w.Header().Get("Retry-After"))
		}
		b.untouched()
		time.Sleep(10 * time.Second)
		if took := b.timed(200, "GET", "/incidents/"+inc, ""); took < 29*time.Second || took > gateTimeout {
			t.Errorf("it took %v", took)
		}
	})
}

// recording writes down when something was sent.
type recording struct {
	http.ResponseWriter
	begin time.Time
	at    []time.Duration
	bytes int
}

func (r *recording) Write(p []byte) (int, error) {
	r.at = append(r.at, time.Since(r.begin))
	r.bytes += len(p)
	return len(p), nil
}

func TestBudget_LongAnswersArePaidForWhileTheyAreSent(t *testing.T) {
	for name, path := range map[string]string{"a file": addedPath, "a long page": "/incidents?team_id=" + team} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				budget := &limit.Budget{Burst: 2 * writeSize, PerSecond: writeSize}
				b := newBench(t, WithBudget(budget))
				b.repeat = 20 * writeSize / len(inc)
				b.incident.Description = strings.Repeat("x", writeSize)
				b.page = longPage(b, 10, nil)
				ask := func(ctx context.Context) *recording {
					r := httptest.NewRequest("GET", basePath+path, nil).WithContext(ctx)
					r.Header.Set(userHeader, user)
					w := &recording{ResponseWriter: httptest.NewRecorder(), begin: time.Now()}
					b.handler.ServeHTTP(w, r)
					return w
				}
				w := ask(t.Context())
				if took := time.Since(w.begin); took < 16*time.Second || took > 20*time.Second {
					t.Errorf("%d bytes took %v", w.bytes, took)
				}
				for n := range len(w.at) - 1 {
					if pause := w.at[n+1] - w.at[n]; pause > 3*time.Second {
						t.Errorf("nothing was sent for %v", pause)
					}
				}
				begin := time.Now()
				b.incident.Description = ""
				b.want(200, "GET", "/incidents/"+inc, "")
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("it leaves a debt of %v", took)
				}
				gone, cancel := context.WithCancel(t.Context())
				time.AfterFunc(5*time.Second, cancel)
				b.incident.Description = strings.Repeat("x", writeSize)
				if w = ask(gone); time.Since(w.begin) > 6*time.Second || len(b.log.level("error")) > 0 {
					t.Errorf("a client that has gone: after %v, %q", time.Since(w.begin), b.log.lines)
				}
			})
		})
	}
}
