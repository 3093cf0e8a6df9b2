package limit

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const timeoutOfTest = 30 * time.Second

// turn takes a turn of key, and returns what to charge and how long the wait was.
func turn(t *testing.T, b *Budget, slots *PerKey, key string) (ctx context.Context, leave func(), waited time.Duration) {
	t.Helper()
	begin := time.Now()
	ctx, leave, err := b.Turn(t.Context(), slots, key, timeoutOfTest)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, leave, time.Since(begin)
}

func TestBudget_WhoHasSpentTooMuchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 100}, &PerKey{Slots: 3}
		ctx, leave, waited := turn(t, b, slots, "anna")
		Charge(ctx, 400)
		Charge(ctx, 3600) // more than the whole budget
		leave()
		if waited != 0 {
			t.Errorf("a full budget lets wait for %v", waited)
		}
		if _, leave, waited = turn(t, b, slots, "ben"); waited != 0 {
			t.Errorf("somebody else waits for %v", waited)
		}
		leave()
		ctx, leave, waited = turn(t, b, slots, "anna")
		if waited != 30*time.Second {
			t.Errorf("a debt of 3,000 bytes is paid off after %v", waited)
		}
		Charge(ctx, 50)
		leave()
		if _, leave, waited = turn(t, b, slots, "anna"); waited != 500*time.Millisecond {
			t.Errorf("a debt of 50 bytes is paid off after %v", waited)
		}
		leave()
	})
}

// Each of 30 requests in a second costs what is read, sent and written of an incident of 50 KB.
func TestBudget_OrdinaryUsersDoNotNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := Users(), &PerKey{Slots: 8}
		for range 300 {
			ctx, leave, waited := turn(t, b, slots, "anna")
			if waited > 0 {
				t.Fatalf("waited for %v", waited)
			}
			Charge(ctx, 3*50_000+WriteWeight*2*50_000)
			leave()
			time.Sleep(time.Second / 30)
		}
	})
}

func TestBudget_WaitIsLongerThanThereIsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 100}, &PerKey{Slots: 1}
		ctx, leave, _ := turn(t, b, slots, "anna")
		Charge(ctx, 1000+100*31)
		refuse := func(want, after time.Duration) {
			t.Helper()
			begin := time.Now()
			_, _, err := b.Turn(t.Context(), slots, "anna", timeoutOfTest)
			var refused *Refused
			if !errors.As(err, &refused) || time.Since(begin) != want || refused.After != after {
				t.Errorf("after %v: %v, want a refusal after %v with %v left", time.Since(begin), err, want, after)
			}
		}
		refuse(timeoutOfTest, time.Second) // for a slot
		Charge(ctx, 100*31)
		leave()
		refuse(0, 32*time.Second)
		// Slot and debt together.
		time.Sleep(3 * time.Second)
		_, leave, _ = turn(t, b, slots, "anna") // after 29 seconds
		go func() { time.Sleep(20 * time.Second); Charge(ctx, 1000+100*11); leave() }()
		refuse(20*time.Second, 11*time.Second) // when 10 are left
	})
}

func TestBudget_WhoGoesAwayStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 100}, &PerKey{Slots: 1}
		ctx, leave, _ := turn(t, b, slots, "anna")
		Charge(ctx, 3000)
		leave()
		gone, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		if _, _, err := b.Turn(gone, slots, "anna", timeoutOfTest); !errors.Is(err, context.Canceled) || time.Since(begin) != time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if slots.Keys() != 0 {
			t.Error("the slot is still taken")
		}
	})
}

func TestBudget_IsForgottenWhenItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 100}, &PerKey{Slots: 9}
		_, leave, _ := turn(t, b, slots, "unspent")
		leave()
		if b.Keys() != 0 {
			t.Error("a full budget is remembered")
		}
		ctx, leave, _ := turn(t, b, slots, "anna")
		Charge(ctx, 1200)
		leave()
		time.Sleep(11 * time.Second)
		ctx, leave, _ = turn(t, b, slots, "anna") // before it is forgotten
		time.Sleep(3 * time.Second)
		if b.Keys() != 1 {
			t.Error("it is forgotten while it is in use")
		}
		Charge(ctx, 500)
		leave()
		time.Sleep(4900 * time.Millisecond)
		if b.Keys() != 1 {
			t.Error("it is forgotten too early")
		}
		time.Sleep(time.Second)
		if b.Keys() != 0 {
			t.Error("it is not forgotten")
		}
	})
}

func TestSettle_PartsArePaidForBetweenThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 100}, &PerKey{Slots: 1}
		ctx, leave, _ := turn(t, b, slots, "anna")
		defer leave()
		begin := time.Now()
		for range 10 {
			if err := Settle(ctx); err != nil {
				t.Fatal(err)
			}
			Charge(ctx, 500)
		}
		if took := time.Since(begin); took != 35*time.Second { // the tenth is not waited for
			t.Errorf("5,000 bytes took %v", took)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := Settle(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who is gone: %v", err)
		}
	})
	Charge(t.Context(), 1<<40) // what nobody pays for
	if err := Settle(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBudget_OfManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, slots := &Budget{Burst: 1000, PerSecond: 1000}, &PerKey{Slots: 3}
		begin := time.Now()
		var all sync.WaitGroup
		for n := range 100 {
			all.Go(func() {
				ctx, leave, err := b.Turn(t.Context(), slots, []string{"anna", "ben"}[n%2], timeoutOfTest)
				if err != nil {
					t.Error(err)
					return
				}
				defer leave()
				Charge(ctx, 500)
				time.Sleep(time.Millisecond)
			})
		}
		all.Wait()
		// 25,000 bytes each, of which 1,000 are there, and those of the last three are not waited for.
		if took := time.Since(begin); took < 22*time.Second || took > 25*time.Second {
			t.Errorf("all took %v", took)
		}
		time.Sleep(timeoutOfTest)
		if b.Keys() != 0 || slots.Keys() != 0 {
			t.Errorf("%d budgets and %d slots are remembered", b.Keys(), slots.Keys())
		}
	})
}
