package main

import (
	"sync"
	"time"
)

// drainTimeout bounds how long a deactivation waits for requests and commands that are being worked on. Mattermost itself waits for
// a plugin for 10 seconds when it ends. What takes longer, as an export to a slow reader, fails. The clean-up job of a start that is cut
// off is attempted by the next activation.
const drainTimeout = 8 * time.Second

// inFlight counts what is being worked on, so that a deactivation can wait for it.
type inFlight struct {
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{}
}

// enter is false once drain was called. Otherwise the caller must call leave.
func (f *inFlight) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.n++
	return true
}

func (f *inFlight) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n--
	if f.closed && f.n == 0 {
		close(f.idle)
	}
}

// drain lets nothing more in and waits for what has entered, at most for timeout. It returns how many are left.
func (f *inFlight) drain(timeout time.Duration) int {
	f.mu.Lock()
	f.closed, f.idle = true, make(chan struct{})
	n := f.n
	f.mu.Unlock()
	if n == 0 {
		return 0
	}
	select {
	case <-f.idle:
		return 0
	case <-time.After(timeout):
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.n
	}
}

// draining reports whether drain was called.
func (f *inFlight) draining() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// enter returns what runs, or nil if the plugin is starting or stopping. Otherwise the caller must call leave.
func (p *Plugin) enter() *running {
	if r := p.running.Load(); r != nil && r.inFlight.enter() {
		return r
	}
	return nil
}
