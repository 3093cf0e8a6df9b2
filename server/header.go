package main

import "net/http"

// earlyHeader is a ResponseWriter whose Header is asked for while the request is worked on: Mattermost's own writer asks Mattermost, which
// takes 0.2 ms, a sixth of an empty request. Its Header is never nil: Mattermost's own is once the connection to Mattermost is lost, and
// setting a value in a nil header panics.
//
// One goroutine may use it, and must call done when it has ended.
type earlyHeader struct {
	http.ResponseWriter
	header http.Header
	ready  chan struct{}
}

func headerEarly(w http.ResponseWriter) *earlyHeader {
	e := &earlyHeader{ResponseWriter: w, ready: make(chan struct{})}
	go func() {
		defer close(e.ready)
		if e.header = w.Header(); e.header == nil {
			e.header = http.Header{}
		}
	}()
	return e
}

// done waits until nobody uses the wrapped writer any more.
func (e *earlyHeader) done() { <-e.ready }

func (e *earlyHeader) Header() http.Header {
	<-e.ready
	return e.header
}

func (e *earlyHeader) WriteHeader(status int) {
	<-e.ready
	e.ResponseWriter.WriteHeader(status)
}

func (e *earlyHeader) Write(content []byte) (int, error) {
	<-e.ready
	return e.ResponseWriter.Write(content)
}
