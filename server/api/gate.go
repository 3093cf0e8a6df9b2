package api

import (
	"context"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// What one person can make the plugin hold in memory is limited by how many answers of a kind are made for them at once.
// Further requests wait; only those that are heavy are refused.
const (
	// maxReads is how many reading requests of a user are worked on at once.
	maxReads = 3
	// readPatience is how long a further one waits.
	readPatience = 30 * time.Second
)

var (
	errBusyReads = incident.NewError(incident.Busy, "request.busy",
		"Too many of your requests are being answered at this moment. Wait for them, then try again.")
	errBusyHeavy = incident.NewError(incident.Busy, "request.busy",
		"Another export or long list of yours is still being sent. Wait for it, then try again.")
)

// gate lets a limited number of each user's requests through.
type gate struct {
	slots int
	mu    sync.Mutex
	users map[string]*waiting
}

type waiting struct {
	slots chan struct{}
	users int
}

// enter waits for a slot, at most for patience, and tells whether there was one; leave must be called then.
func (g *gate) enter(ctx context.Context, userID string, patience time.Duration) (leave func(), ok bool) {
	g.mu.Lock()
	if g.users == nil {
		g.users = map[string]*waiting{}
	}
	w := g.users[userID]
	if w == nil {
		w = &waiting{slots: make(chan struct{}, max(g.slots, 1))}
		g.users[userID] = w
	}
	w.users++
	g.mu.Unlock()
	gone := func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if w.users--; w.users == 0 {
			delete(g.users, userID)
		}
	}
	select {
	case w.slots <- struct{}{}:
		return func() { <-w.slots; gone() }, true
	default:
	}
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case w.slots <- struct{}{}:
			return func() { <-w.slots; gone() }, true
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	gone()
	return nil, false
}
