package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// clients is how many clients work at once.
const clients = 32

// result is what was measured of one operation on one site.
type result struct {
	operation operation
	size      int
	times     []float64 // ms, sorted
	alone     float64   // requests a second of one client
	together  float64   // requests a second of all clients
	counts    counts    // of one run
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func (r *result) p50() float64 { return quantile(r.times, 0.50) }
func (r *result) p95() float64 { return quantile(r.times, 0.95) }

// bench is one run.
type bench struct {
	sites   []*site
	samples int // runs of each operation whose time is taken
	load    time.Duration
	results map[string][]*result // by operation, in the order of the sites
}

func timed(fn func() error) (float64, error) {
	begin := time.Now()
	err := fn()
	return float64(time.Since(begin).Nanoseconds()) / 1e6, err
}

// run runs an operation once as one of the clients.
func run(ctx context.Context, op operation, s *site, client int) error {
	return op.do(ctx, s, client, s.turn(op.name, client))
}

// sample takes the times of all operations. In each round every operation runs once on every site, so that what
// else the machine does at that moment hits all of them alike.
func (b *bench) sample(ctx context.Context, ops []operation) error {
	for _, op := range ops {
		for _, s := range b.sites {
			b.results[op.name] = append(b.results[op.name], &result{operation: op, size: s.size})
		}
	}
	const warmUp = 5
	for round := range warmUp + b.samples {
		for _, op := range ops {
			for n, s := range b.sites {
				taken, err := timed(func() error { return run(ctx, op, s, 0) })
				if err != nil {
					return fmt.Errorf("%s, %d incidents: %w", op.name, s.size, err)
				}
				if round >= warmUp {
					r := b.results[op.name][n]
					r.times = append(r.times, taken)
				}
			}
		}
	}
	for _, op := range ops {
		for _, r := range b.results[op.name] {
			slices.Sort(r.times)
		}
	}
	return nil
}

// throughput measures how many requests a second one client and all clients get through.
func (b *bench) throughput(ctx context.Context, ops []operation) error {
	for _, op := range ops {
		for n, s := range b.sites {
			r := b.results[op.name][n]
			var err error
			if r.alone, err = b.rate(ctx, op, s, 1); err == nil && !op.alone {
				r.together, err = b.rate(ctx, op, s, clients)
			}
			if err != nil {
				return fmt.Errorf("%s, %d incidents, under load: %w", op.name, s.size, err)
			}
		}
	}
	return nil
}

func (b *bench) rate(ctx context.Context, op operation, s *site, together int) (float64, error) {
	var done atomic.Int64
	errs := make([]error, together)
	begin := time.Now()
	var wait sync.WaitGroup
	for client := range together {
		wait.Go(func() {
			for time.Since(begin) < b.load && errs[client] == nil {
				errs[client] = run(ctx, op, s, client)
				done.Add(1)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(done.Load()) / time.Since(begin).Seconds(), nil
}

// count lets the counted build of the plugin tell what an operation costs inside. Now and then the plugin also looks
// for due reminders, which is why the average of several runs is rounded.
func (b *bench) count(ctx context.Context, ops []operation) error {
	const runs = 20
	for _, op := range ops {
		for n, s := range b.sites {
			if err := run(ctx, op, s, 0); err != nil {
				return err
			}
			before, err := s.counts(ctx)
			if err != nil {
				return err
			}
			for range runs {
				if err := run(ctx, op, s, 0); err != nil {
					return err
				}
			}
			after, err := s.counts(ctx)
			if err != nil {
				return err
			}
			again, err := s.counts(ctx) // what asking for the counts allocates itself
			if err != nil {
				return err
			}
			b.results[op.name][n].counts = counts{
				Statements:  (after.Statements - before.Statements) / runs,
				Calls:       (after.Calls - before.Calls) / runs,
				Allocations: (after.Allocations - before.Allocations - (again.Allocations - after.Allocations)) / runs,
				Bytes:       (after.Bytes - before.Bytes - (again.Bytes - after.Bytes)) / runs,
			}
		}
	}
	return nil
}

// race lets as many clients as there are tasks check one off each, at once, and make a post each, at once. It tells
// the median time (ms) of both, and how many check-offs were lost.
func (s *site) race(ctx context.Context, rounds int) (checks, posts float64, lost int, err error) {
	var checked, posted []float64
	for round := range rounds {
		state := [...]string{"closed", ""}[round%2]
		taken, err := timed(func() error {
			return parallel(raceTasks, func(n int) error {
				return s.call(ctx, "PUT", s.api(fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", s.raced.id, n)), map[string]string{"new_state": state}, nil)
			})
		})
		if err != nil {
			return 0, 0, 0, err
		}
		checked = append(checked, taken)
		var now incident.Incident
		if err := s.call(ctx, "GET", s.api("/incidents/"+s.raced.id), nil, &now); err != nil {
			return 0, 0, 0, err
		}
		if closed := closedTasks(&now); state == "closed" {
			lost += raceTasks - closed
		} else {
			lost += closed
		}
		taken, err = timed(func() error {
			return parallel(raceTasks, func(n int) error {
				return s.call(ctx, "POST", s.host("/posts"), map[string]string{"channel_id": s.raced.channel, "message": fmt.Sprintf("Message %d.", n)}, nil)
			})
		})
		if err != nil {
			return 0, 0, 0, err
		}
		posted = append(posted, taken)
	}
	slices.Sort(checked)
	slices.Sort(posted)
	return quantile(checked, 0.5), quantile(posted, 0.5), lost, nil
}

func parallel(n int, fn func(n int) error) error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = fn(i) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// worst runs a list with every filter and sort and finds, of all, the one that costs most with few incidents, and the
// one that costs most with many relative to few.
func (b *bench) worst(ctx context.Context, rounds int) ([]combination, error) {
	out := make([]combination, 0, len(combinations()))
	for _, s := range b.sites { // the first list after a start counts
		if err := s.call(ctx, "GET", s.listPath("sort=create_at"), nil, nil); err != nil {
			return nil, err
		}
	}
	for _, query := range combinations() {
		c := combination{query: query, times: make([]float64, len(b.sites))}
		all := make([][]float64, len(b.sites))
		for range rounds {
			for n, s := range b.sites {
				taken, err := timed(func() error { return s.call(ctx, "GET", s.listPath(query), nil, nil) })
				if err != nil {
					return nil, err
				}
				all[n] = append(all[n], taken)
			}
		}
		for n := range all {
			slices.Sort(all[n])
			c.times[n] = quantile(all[n], 0.5)
		}
		out = append(out, c)
	}
	return out, nil
}

// combination is one way to filter and sort a list, with its median time (ms) on each site.
type combination struct {
	query string
	times []float64
}
