package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTurns_OneIncidentDoesNotHoldUpAnother(t *testing.T) {
	var turns turns
	for range maxTurns {
		if _, err := turns.wait(t.Context(), "flooded"); err != nil {
			t.Fatal(err)
		}
	}
	late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := turns.wait(late, "flooded"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third change of one incident was let in: %v", err)
	}
	done, err := turns.wait(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	done()
	if len(turns.byID) != 1 {
		t.Errorf("%d incidents are remembered, want only the one in use", len(turns.byID))
	}
}

func TestTurns_AllGetTheirTurn(t *testing.T) {
	var turns turns
	var all sync.WaitGroup
	var inside, most, total atomic.Int32
	for range 200 {
		all.Add(1)
		go func() {
			defer all.Done()
			done, err := turns.wait(t.Context(), "one")
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			total.Add(1)
			inside.Add(-1)
		}()
	}
	all.Wait()
	if most.Load() > maxTurns || total.Load() != 200 || len(turns.byID) != 0 {
		t.Errorf("%d at once, %d in all, %d remembered", most.Load(), total.Load(), len(turns.byID))
	}
}
