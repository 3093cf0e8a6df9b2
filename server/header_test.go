package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowWriter is Mattermost's writer: what it is asked takes time, and two at once get mixed up.
type slowWriter struct {
	http.ResponseWriter
	wait chan struct{}
	// asked counts without a lock, so that the race detector sees two at once.
	asked, written int
}

func (s *slowWriter) Header() http.Header {
	<-s.wait
	s.asked++
	return s.ResponseWriter.Header()
}

func (s *slowWriter) Write(b []byte) (int, error) {
	s.written++
	return s.ResponseWriter.Write(b)
}

func TestEarlyHeader_IsAskedForOnceAndBeforeAnythingIsSent(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"body":   func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")) },
		"status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"header": func(w http.ResponseWriter) { w.Header().Set("A", "b"); w.Header().Set("C", "d") },
		"none":   func(http.ResponseWriter) {},
	} {
		t.Run(name, func(t *testing.T) {
			inner := &slowWriter{ResponseWriter: httptest.NewRecorder(), wait: make(chan struct{})}
			w, ended := headerEarly(inner), make(chan struct{})
			go func() {
				defer close(ended)
				answer(w)
				w.done()
			}()
			select {
			case <-ended:
				t.Fatal("ended while Mattermost was still asked")
			case <-time.After(20 * time.Millisecond):
			}
			close(inner.wait)
			<-ended
			require.Equal(t, 1, inner.asked)
		})
	}
}
