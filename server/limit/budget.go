package limit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budget bounds how many bytes of work are done for each key, such as a user, in a second. What is done is paid afterwards: a key that has
// spent more than it had is in debt, and waits until that is paid off. A key whose budget is full again takes no memory.
// See docs/decisions/0054-a-budget-of-bytes-for-each-user.md.
type Budget struct {
	// Burst is how many bytes may be spent at once, PerSecond how many are added in a second until there are Burst again.
	Burst, PerSecond int

	mu   sync.Mutex
	keys map[string]*account
}

// account is what a key has left; less than nothing is a debt.
type account struct {
	*rate.Limiter
	users  int         // requests that are being worked on or wait
	forget *time.Timer // while there are none
}

// WriteWeight is how many bytes each byte costs that is written to the database: PostgreSQL compresses it, and writes it twice. In processor
// time of plugin and database, writing costs 1.4 times (one repeated letter) to 3.2 times (words) as much as reading.
const WriteWeight = 3

// Users returns the Budgets of users. Reading, encoding or sending 1 MiB takes about 15 ms of processor time.
func Users() *Budget { return &Budget{Burst: 16 << 20, PerSecond: 16 << 20} }

// Refused is the error of Turn.
type Refused struct {
	// After is when the key will have no debt.
	After time.Duration
	// Cause is the reason of the context, nil if the debt would have taken longer than there was time.
	Cause error
}

func (r *Refused) Error() string { return fmt.Sprintf("no turn, with a debt of %v", r.After) }

func (r *Refused) Unwrap() error { return r.Cause }

// Turn waits for a slot of key, and then until key has no debt, for timeout at most in all. If the debt would last longer than that, it
// fails at once. What is done with the context that it returns is charged to key. The caller must call leave.
func (b *Budget) Turn(ctx context.Context, slots *PerKey, key string, timeout time.Duration) (charged context.Context, leave func(), err error) {
	a := b.enter(key)
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	release, err := slots.Acquire(within, key)
	if err == nil {
		if err = a.settle(within); err == nil {
			return context.WithValue(ctx, meterKey{}, a), func() { release(); b.leave(key, a) }, nil
		}
		release()
	}
	debt := a.debt()
	b.leave(key, a)
	return nil, nil, &Refused{After: debt, Cause: within.Err()}
}

func (b *Budget) enter(key string) *account {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.keys == nil {
		b.keys = map[string]*account{}
	}
	a := b.keys[key]
	if a == nil {
		a = &account{Limiter: rate.NewLimiter(rate.Limit(b.PerSecond), b.Burst)}
		b.keys[key] = a
	}
	if a.forget != nil {
		a.forget.Stop()
		a.forget = nil
	}
	a.users++
	return a
}

// leave forgets the key as soon as its budget is full again.
func (b *Budget) leave(key string, a *account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.users--; a.users > 0 {
		return
	}
	missing := float64(b.Burst) - a.Tokens()
	if missing <= 0 {
		delete(b.keys, key)
		return
	}
	full := time.Duration(missing / float64(b.PerSecond) * float64(time.Second))
	var timer *time.Timer
	timer = time.AfterFunc(full, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if a.forget == timer { // else a request has come meanwhile
			delete(b.keys, key)
		}
	})
	a.forget = timer
}

// Keys returns how many keys are remembered.
func (b *Budget) Keys() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.keys)
}

// charge takes n bytes, also if there are fewer.
func (a *account) charge(n int) {
	now := time.Now()
	for most := a.Burst(); n > 0; n -= most {
		a.ReserveN(now, min(n, most))
	}
}

// debt returns how long it takes until there is none.
func (a *account) debt() time.Duration {
	now := time.Now()
	return a.ReserveN(now, 0).DelayFrom(now)
}

// settle waits until there is no debt. What others spend meanwhile makes it longer.
func (a *account) settle(ctx context.Context) error {
	for a.debt() > 0 {
		if err := a.WaitN(ctx, 0); err != nil { // also if it would take longer than the deadline
			return err
		}
	}
	return nil
}

type meterKey struct{}

// IsCharged reports whether work with ctx is charged to anybody. If not, it need not be counted.
func IsCharged(ctx context.Context) bool { return ctx.Value(meterKey{}) != nil }

// Charge takes n bytes of work that was done from the budget of whom ctx is for, if any.
func Charge(ctx context.Context, n int) {
	if a, ok := ctx.Value(meterKey{}).(*account); ok {
		a.charge(n)
	}
}

// Settle waits until whom ctx is for has no debt, so that a long answer is paid for while it is sent. The caller must hold no lock, row
// or transaction.
func Settle(ctx context.Context) error {
	if a, ok := ctx.Value(meterKey{}).(*account); ok {
		return a.settle(ctx)
	}
	return nil
}
