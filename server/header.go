package main

import "net/http"

// earlyHeader asks Mattermost for the response's header while the request is being worked on: to have it costs a round
// trip. It is for requests that read, whose response nearly always needs it; most changes are answered without.
type earlyHeader struct {
	http.ResponseWriter
	ready chan struct{}
}

func headerEarly(w http.ResponseWriter) *earlyHeader {
	e := &earlyHeader{w, make(chan struct{})}
	go func() {
		defer close(e.ready)
		w.Header()
	}()
	return e
}

// done waits until nobody uses the wrapped writer any more.
func (e *earlyHeader) done() { <-e.ready }

func (e *earlyHeader) Header() http.Header {
	<-e.ready
	return e.ResponseWriter.Header()
}

func (e *earlyHeader) WriteHeader(status int) {
	<-e.ready
	e.ResponseWriter.WriteHeader(status)
}

func (e *earlyHeader) Write(content []byte) (int, error) {
	<-e.ready
	return e.ResponseWriter.Write(content)
}

// lastingHeader gives a header also when Mattermost is gone. Its own writer then has none, and to set something in it
// would panic.
type lastingHeader struct {
	http.ResponseWriter
	own http.Header
}

func (l *lastingHeader) Header() http.Header {
	if l.own == nil {
		if h := l.ResponseWriter.Header(); h != nil {
			return h
		}
		l.own = http.Header{}
	}
	return l.own
}
