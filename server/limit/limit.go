// Package limit bounds how much is done at once for each key, such as a user or an incident.
package limit

import (
	"context"
	"sync"
)

// PerKey is a semaphore for each key. A key that nobody uses takes no memory.
type PerKey struct {
	// Slots is how many may hold a key at once; at least 1.
	Slots int

	mu   sync.Mutex
	keys map[string]*slots
}

type slots struct {
	taken chan struct{}
	users int // who hold a slot or wait for one
}

// Acquire waits for a slot of key until ctx is done. If a slot is free it succeeds, even if ctx is done. The caller must call
// release.
func (l *PerKey) Acquire(ctx context.Context, key string) (release func(), err error) {
	l.mu.Lock()
	if l.keys == nil {
		l.keys = map[string]*slots{}
	}
	s := l.keys[key]
	if s == nil {
		s = &slots{taken: make(chan struct{}, max(l.Slots, 1))}
		l.keys[key] = s
	}
	s.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if s.users--; s.users == 0 {
			delete(l.keys, key)
		}
	}
	release = func() { <-s.taken; leave() }
	select {
	case s.taken <- struct{}{}:
		return release, nil
	default:
	}
	select {
	case s.taken <- struct{}{}:
		return release, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// Keys returns how many keys are in use.
func (l *PerKey) Keys() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.keys)
}
