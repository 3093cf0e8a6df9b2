// Package jobstest has a store of jobs in memory, and a test for all stores.
package jobstest

import (
	"context"
	"slices"
	"sort"
	"sync"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// States of a row.
const (
	Waiting = "waiting"
	Failed  = "failed"
	Done    = "done"
)

// Row is a stored job.
type Row struct {
	jobs.Job
	State string
	// Owner and LeasedUntil are those of the present lease.
	Owner       string
	LeasedUntil int64
}

// Memory is a jobs.Store in memory. It is safe for concurrent use.
type Memory struct {
	// Fails maps the name of a method to the error that it returns.
	Fails map[string]error

	mu   sync.Mutex
	rows map[string]*Row
}

var _ jobs.Store = (*Memory)(nil)

// New makes a Memory.
func New() *Memory { return &Memory{Fails: map[string]error{}, rows: map[string]*Row{}} }

// Rows lists the jobs of a kind, or all for "", by ID.
func (m *Memory) Rows(kind string) []Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Row
	for _, r := range m.rows {
		if kind == "" || r.Kind == kind {
			out = append(out, *r)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID < out[b].ID })
	return out
}

// CompleteUnclaimed deletes a job as a transaction does that makes the job unnecessary. It returns false if the job was
// claimed before.
func (m *Memory) CompleteUnclaimed(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[id]
	if r != nil && r.Attempts > 0 {
		return false
	}
	delete(m.rows, id)
	return true
}

// Delete deletes a job as a transaction does that has done the work.
func (m *Memory) Delete(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
}

// Add implements jobs.Store.
func (m *Memory) Add(_ context.Context, all ...jobs.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Fails["Add"]; err != nil {
		return err
	}
	for _, job := range all {
		m.add(job)
	}
	return nil
}

func (m *Memory) add(job jobs.Job) {
	for _, r := range m.rows {
		if r.ID == job.ID || r.Kind == job.Kind && r.Key == job.Key {
			return
		}
	}
	r := &Row{Job: job, State: Waiting, Owner: job.Owner, LeasedUntil: job.LeasedUntil}
	r.Job.Owner, r.Job.LeasedUntil = "", 0
	m.rows[job.ID] = r
}

// Due implements jobs.Store.
func (m *Memory) Due(_ context.Context, q jobs.Query) ([]jobs.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Fails["Due"]; err != nil {
		return nil, err
	}
	var out []jobs.Job
	for _, r := range m.rows {
		if r.Kind != q.Kind || r.State != Waiting || r.NextAttemptAt > q.Now || r.LeasedUntil > q.Now {
			continue
		}
		first := true
		for _, o := range m.rows {
			first = first && !(q.Ordered && o.Kind == r.Kind && o.IncidentID == r.IncidentID && o.State == Waiting && o.Position < r.Position)
		}
		if first {
			out = append(out, r.Job)
		}
	}
	slices.SortFunc(out, func(a, b jobs.Job) int {
		if q.Newest {
			a, b = b, a
		}
		if a.NextAttemptAt != b.NextAttemptAt {
			return int(a.NextAttemptAt - b.NextAttemptAt)
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out[:min(len(out), q.Limit)], nil
}

// Claim implements jobs.Store.
func (m *Memory) Claim(_ context.Context, job jobs.Job, owner string, now, until int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Fails["Claim"]; err != nil {
		return false, err
	}
	r := m.rows[job.ID]
	if r == nil || r.State != Waiting || r.Attempts != job.Attempts || r.NextAttemptAt > now || r.LeasedUntil > now {
		return false, nil
	}
	r.Owner, r.LeasedUntil, r.Attempts = owner, until, r.Attempts+1
	return true, nil
}

// ClaimUnfinished implements jobs.Store.
func (m *Memory) ClaimUnfinished(_ context.Context, id, owner string, now, until int64) (claimed, stored bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Fails["ClaimUnfinished"]; err != nil {
		return false, false, err
	}
	r := m.rows[id]
	if r == nil || r.State != Waiting || r.LeasedUntil > now {
		return false, r != nil, nil
	}
	r.Owner, r.LeasedUntil, r.Attempts = owner, until, r.Attempts+1
	return true, true, nil
}

// held calls fn with the row of a lease.
func (m *Memory) held(method string, l jobs.Lease, fn func(r *Row)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Fails[method]; err != nil {
		return err
	}
	if r := m.rows[l.JobID]; r != nil && r.State == Waiting && r.Owner == l.Owner {
		fn(r)
	}
	return nil
}

// Complete implements jobs.Store.
func (m *Memory) Complete(_ context.Context, l jobs.Lease, keep bool, now int64) error {
	return m.held("Complete", l, func(r *Row) {
		if r.State, r.NextAttemptAt = Done, now; !keep {
			delete(m.rows, l.JobID)
		}
	})
}

// Retry implements jobs.Store.
func (m *Memory) Retry(_ context.Context, l jobs.Lease, at int64, lastError string) error {
	return m.held("Retry", l, func(r *Row) { r.NextAttemptAt, r.LastError, r.Owner, r.LeasedUntil = at, lastError, "", 0 })
}

// Park implements jobs.Store.
func (m *Memory) Park(_ context.Context, l jobs.Lease, now int64, lastError string) error {
	return m.held("Park", l, func(r *Row) {
		r.State, r.NextAttemptAt, r.LastError, r.Owner, r.LeasedUntil = Failed, now, lastError, "", 0
	})
}

// Withdraw implements jobs.Store.
func (m *Memory) Withdraw(_ context.Context, kind, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.rows {
		if r.Kind == kind && r.Key == key && r.Attempts == 0 {
			delete(m.rows, id)
		}
	}
	return m.Fails["Withdraw"]
}

// Counts implements jobs.Store.
func (m *Memory) Counts(context.Context) ([]jobs.Count, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts, latest := map[string]*jobs.Count{}, map[string]int64{}
	for _, r := range m.rows {
		c := counts[r.Kind]
		if c == nil {
			c = &jobs.Count{Kind: r.Kind}
			counts[r.Kind] = c
		}
		switch {
		case r.State == Failed:
			c.Failed++
		case r.State == Waiting:
			c.Waiting++
			if r.LastError != "" {
				c.Retrying++
			}
		}
		if r.LastError != "" && r.State != Done && r.NextAttemptAt >= latest[r.Kind] {
			c.LastError, latest[r.Kind] = r.LastError, r.NextAttemptAt
		}
	}
	var out []jobs.Count
	for _, c := range counts {
		if c.Waiting+c.Failed > 0 {
			out = append(out, *c)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].Kind < out[b].Kind })
	return out, m.Fails["Counts"]
}

// Purge implements jobs.Store.
func (m *Memory) Purge(_ context.Context, doneBefore, parkedBefore int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.rows {
		if r.State == Done && r.NextAttemptAt < doneBefore || r.State == Failed && r.NextAttemptAt < parkedBefore {
			delete(m.rows, id)
		}
	}
	return m.Fails["Purge"]
}
