package limit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const slotsOfTest = 2

func TestPerKey_OneKeyDoesNotHoldUpAnother(t *testing.T) {
	limit := PerKey{Slots: slotsOfTest}
	for range slotsOfTest {
		if _, err := limit.Acquire(t.Context(), "flooded"); err != nil {
			t.Fatal(err)
		}
	}
	late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := limit.Acquire(late, "flooded"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third one was let in: %v", err)
	}
	done, err := limit.Acquire(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	done()
	if limit.Keys() != 1 {
		t.Errorf("%d keys are in use, want only the one in use", limit.Keys())
	}
}

func TestPerKey_AllGetASlot(t *testing.T) {
	limit := PerKey{Slots: slotsOfTest}
	var all sync.WaitGroup
	var inside, most, total atomic.Int32
	for range 200 {
		all.Add(1)
		go func() {
			defer all.Done()
			done, err := limit.Acquire(t.Context(), "one")
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
	if most.Load() > slotsOfTest || total.Load() != 200 || limit.Keys() != 0 {
		t.Errorf("%d at once, %d in all, %d remembered", most.Load(), total.Load(), limit.Keys())
	}
}
