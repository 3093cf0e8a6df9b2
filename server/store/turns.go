package store

import (
	"context"
	"sync"
)

// maxTurns is how many changes of one incident may be in the database at the same time: one that holds the lock of the
// row, and the next one that already waits for it.
const maxTurns = 2

// turns lets the changes of one incident wait without a connection, so that a client that floods one incident does not
// take the whole pool from the others.
type turns struct {
	mu   sync.Mutex
	byID map[string]*turn
}

type turn struct {
	slots chan struct{}
	users int
}

// wait waits for a turn with the incident; done must be called when it is over.
func (t *turns) wait(ctx context.Context, id string) (done func(), err error) {
	t.mu.Lock()
	if t.byID == nil {
		t.byID = map[string]*turn{}
	}
	of := t.byID[id]
	if of == nil {
		of = &turn{slots: make(chan struct{}, maxTurns)}
		t.byID[id] = of
	}
	of.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if of.users--; of.users == 0 {
			delete(t.byID, id)
		}
	}
	select {
	case of.slots <- struct{}{}:
		return func() { <-of.slots; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
