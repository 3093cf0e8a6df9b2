package main

import "net/http"

// safeHeader is a ResponseWriter whose Header is never nil. Mattermost's own writer returns nil once the connection to
// Mattermost is lost, and setting a value in a nil header panics.
type safeHeader struct {
	http.ResponseWriter
	own http.Header
}

func (s *safeHeader) Header() http.Header {
	if s.own == nil {
		if h := s.ResponseWriter.Header(); h != nil {
			return h
		}
		s.own = http.Header{}
	}
	return s.own
}
