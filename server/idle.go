package main

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// quiet is how long nothing must have been asked before memory is given back.
const quiet = 5 * time.Second

// idler gives the memory that a burst of requests has left behind back to the system once it is quiet: the garbage
// collector alone keeps it, and Mattermost's machine runs many plugins.
type idler struct {
	served atomic.Int64
}

// run works until ctx ends.
func (i *idler) run(ctx context.Context) {
	ticker := time.NewTicker(quiet)
	defer ticker.Stop()
	var seen, freed int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := i.served.Load()
		if now == seen && now != freed {
			debug.FreeOSMemory()
			freed = now
		}
		seen = now
	}
}
