package main

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInFlight_DrainWaitsForWhatHasEntered(t *testing.T) {
	var f inFlight
	require.True(t, f.enter())
	require.True(t, f.enter())
	f.leave()
	left := make(chan int)
	go func() { left <- f.drain(time.Minute) }()
	require.Eventually(t, func() bool {
		if f.enter() {
			f.leave()
			return false
		}
		return true
	}, 10*time.Second, time.Millisecond, "something more was let in")
	select {
	case <-left:
		t.Fatal("drain did not wait")
	case <-time.After(20 * time.Millisecond):
	}
	f.leave()
	assert.Zero(t, <-left)
}

func TestInFlight_DrainIsBounded(t *testing.T) {
	var f inFlight
	require.True(t, f.enter())
	assert.Equal(t, 1, f.drain(time.Millisecond))
	f.leave()
	var none inFlight
	assert.Zero(t, none.drain(time.Minute))
}

// A request that is being answered when the plugin is disabled is answered to its end. Later ones are refused.
func TestOnDeactivate_LetsRequestsEnd(t *testing.T) {
	p := &Plugin{}
	started, release := make(chan struct{}), make(chan struct{})
	r := &running{http: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-release
		w.WriteHeader(http.StatusCreated)
	})}
	p.running.Store(r)
	answered := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		p.ServeHTTP(nil, w, httptest.NewRequest("POST", "/api/v0/incidents", nil))
		answered <- w.Code
	}()
	<-started
	drained := make(chan int)
	go func() { drained <- p.drain(r, time.Minute) }()
	require.Eventually(t, func() bool { return p.running.Load() == nil }, 10*time.Second, time.Millisecond)
	w := httptest.NewRecorder()
	p.ServeHTTP(nil, w, httptest.NewRequest("POST", "/api/v0/incidents", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.NotEmpty(t, w.Header().Get("Retry-After"))
	assert.JSONEq(t, `{"error":"Incident Management is starting or stopping. Try again in a moment.","details":"","code":"plugin.unavailable"}`, w.Body.String())
	_, appErr := p.ExecuteCommand(nil, &model.CommandArgs{Command: "/incident list"})
	require.NotNil(t, appErr)
	assert.Equal(t, http.StatusServiceUnavailable, appErr.StatusCode)
	close(release)
	assert.Equal(t, http.StatusCreated, <-answered)
	assert.Zero(t, <-drained)
}

// So is one that is being answered when Mattermost has another process for the plugin.
func TestEnd_LetsRequestsEnd(t *testing.T) {
	exit = func(int) {} // and never back: a timer of end calls it later
	p := &Plugin{}
	p.SetAPI(&configuredAPI{})
	started, release, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	p.running.Store(&running{
		http: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(started); <-release }),
		stop: func() { close(stopped); runtime.Goexit() }, // not to end the tests' process
	})
	go p.ServeHTTP(nil, httptest.NewRecorder(), httptest.NewRequest("POST", "/api/v0/incidents", nil))
	<-started
	go p.end("another process runs")
	require.Eventually(t, func() bool { return p.running.Load() == nil }, 10*time.Second, time.Millisecond, "further requests are let in")
	select {
	case <-stopped:
		t.Error("the process ended while a request was being answered")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-stopped
}

// Mattermost may deactivate the plugin while its process ends for another reason, such as SIGTERM: that waits for the same requests.
func TestOnDeactivate_WaitsForAnEndThatIsUnderWay(t *testing.T) {
	exit = func(int) {}
	p := &Plugin{}
	p.SetAPI(&configuredAPI{})
	started, release := make(chan struct{}), make(chan struct{})
	p.running.Store(&running{
		http: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(started); <-release }),
		stop: runtime.Goexit, // not to end the tests' process
	})
	go p.ServeHTTP(nil, httptest.NewRecorder(), httptest.NewRequest("POST", "/api/v0/incidents", nil))
	<-started
	go p.end("it got SIGTERM")
	require.Eventually(t, func() bool { return p.running.Load() == nil }, 10*time.Second, time.Millisecond)
	deactivated := make(chan error)
	go func() { deactivated <- p.OnDeactivate() }()
	select {
	case <-deactivated:
		t.Error("the deactivation did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	assert.NoError(t, <-deactivated)
}
