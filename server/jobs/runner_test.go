package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
)

var errBusy = errors.New("busy")

func TestMemoryStore(t *testing.T) {
	m := jobstest.New()
	jobstest.Check(t, m, m)
}

type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) add(level, msg string, pairs []interface{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, level+" "+msg+" "+fmt.Sprint(pairs...))
}
func (l *logged) Info(msg string, pairs ...interface{})  { l.add("info", msg, pairs) }
func (l *logged) Warn(msg string, pairs ...interface{})  { l.add("warn", msg, pairs) }
func (l *logged) Error(msg string, pairs ...interface{}) { l.add("error", msg, pairs) }
func (l *logged) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines)
}

// node is a runner with a clock that stands still.
type node struct {
	*jobs.Runner
	now time.Time
}

func newNode(store jobs.Store, log jobs.Log, kind jobs.Kind) *node {
	n := &node{now: time.UnixMilli(1_000_000)}
	n.Runner = jobs.New(store, log, nil, []jobs.Kind{kind})
	n.Now = func() time.Time { return n.now }
	return n
}

func aKind(run func(ctx context.Context, job jobs.Job) error) jobs.Kind {
	return jobs.Kind{Name: "kind", Poll: time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 30 * time.Second,
		Backoff: time.Second, MaxBackoff: 5 * time.Second, MaxAttempts: 6, Run: run}
}

func add(t *testing.T, m *jobstest.Memory, kind, id string) {
	t.Helper()
	require.NoError(t, m.Add(context.Background(), jobs.Job{ID: id, Kind: kind, Key: id, IncidentID: "inc", DueAt: 1_000_000, NextAttemptAt: 1_000_000}))
}

func TestRunner_BacksOffAndParks(t *testing.T) {
	m, log := jobstest.New(), &logged{}
	var attempts []int
	n := newNode(m, log, aKind(func(_ context.Context, job jobs.Job) error {
		attempts = append(attempts, job.Attempts)
		if job.Attempts == 2 {
			panic("on purpose")
		}
		return errBusy
	}))
	add(t, m, "kind", "a")
	var waits []time.Duration
	for m.Rows("kind")[0].State == jobstest.Waiting {
		require.NoError(t, n.RunDue(t.Context(), "kind"))
		row := m.Rows("kind")[0]
		waits = append(waits, time.UnixMilli(row.NextAttemptAt).Sub(n.now))
		if row.Attempts == 2 {
			assert.Contains(t, row.LastError, "panic: on purpose")
		}
		n.now = time.UnixMilli(row.NextAttemptAt)
	}
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6}, attempts)
	assert.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second, 0}, waits)
	assert.Equal(t, jobstest.Failed, m.Rows("kind")[0].State)
	assert.Equal(t, "busy", m.Rows("kind")[0].LastError)
	assert.Equal(t, 6, log.number())
}

func TestRunner_APermanentErrorParksAtOnce(t *testing.T) {
	m := jobstest.New()
	n := newNode(m, &logged{}, aKind(func(context.Context, jobs.Job) error { return jobs.Permanent(errBusy) }))
	add(t, m, "kind", "a")
	require.NoError(t, n.RunDue(t.Context(), "kind"))
	assert.Equal(t, jobstest.Failed, m.Rows("kind")[0].State)
}

// To look again is no failure, however often it happens.
func TestRunner_LooksAgain(t *testing.T) {
	m, log := jobstest.New(), &logged{}
	looks := 0
	n := newNode(m, log, aKind(func(context.Context, jobs.Job) error {
		if looks++; looks <= 10 {
			return jobs.Later(3 * time.Second)
		}
		return nil
	}))
	add(t, m, "kind", "a")
	for len(m.Rows("kind")) > 0 {
		require.NoError(t, n.RunDue(t.Context(), "kind"))
		for _, row := range m.Rows("kind") {
			assert.Equal(t, jobstest.Waiting, row.State)
			assert.Empty(t, row.LastError)
			assert.Equal(t, 3*time.Second, time.UnixMilli(row.NextAttemptAt).Sub(n.now))
		}
		n.now = n.now.Add(3 * time.Second)
	}
	assert.Equal(t, 11, looks)
	assert.Zero(t, log.number())
}

func TestRunner_KeepsDoneJobsIfTheKindSaysSo(t *testing.T) {
	for _, keep := range []bool{true, false} {
		m := jobstest.New()
		kind := aKind(func(context.Context, jobs.Job) error { return nil })
		kind.KeepDone = keep
		add(t, m, "kind", "a")
		require.NoError(t, newNode(m, &logged{}, kind).RunDue(t.Context(), "kind"))
		rows := m.Rows("kind")
		assert.Equal(t, keep, len(rows) == 1 && rows[0].State == jobstest.Done)
	}
}

// A node dies while it has a job: another one takes over when the lease has ended, and not before.
func TestRunner_TakesOverAfterTheLease(t *testing.T) {
	m := jobstest.New()
	add(t, m, "kind", "a")
	claimed, err := m.Claim(t.Context(), m.Rows("kind")[0].Job, "dead", 1_000_000, 1_000_000+time.Minute.Milliseconds())
	require.NoError(t, err)
	require.True(t, claimed)
	again := 0
	n := newNode(m, &logged{}, aKind(func(_ context.Context, job jobs.Job) error {
		if job.Again() {
			again++
		}
		return nil
	}))
	n.now = n.now.Add(time.Minute - time.Millisecond)
	require.NoError(t, n.RunDue(t.Context(), "kind"))
	assert.Zero(t, again)
	n.now = n.now.Add(time.Millisecond)
	require.NoError(t, n.RunDue(t.Context(), "kind"))
	assert.Equal(t, 1, again)
	assert.Empty(t, m.Rows("kind"))
}

// An attempt that outlives its lease does not end the job of the node that has taken over.
func TestRunner_WhoLostTheLeaseDecidesNothing(t *testing.T) {
	m := jobstest.New()
	add(t, m, "kind", "a")
	var first, second *node
	second = newNode(m, &logged{}, aKind(func(context.Context, jobs.Job) error { return errBusy }))
	first = newNode(m, &logged{}, aKind(func(ctx context.Context, _ jobs.Job) error {
		second.now = first.now.Add(time.Minute)
		return second.RunDue(ctx, "kind")
	}))
	require.NoError(t, first.RunDue(t.Context(), "kind"))
	rows := m.Rows("kind")
	require.Len(t, rows, 1, "the second node's attempt has failed, so the job goes on")
	assert.Equal(t, "busy", rows[0].LastError)
}

func TestRunner_TheAttemptHasATimeout(t *testing.T) {
	m := jobstest.New()
	kind := aKind(func(ctx context.Context, _ jobs.Job) error {
		<-ctx.Done()
		return ctx.Err()
	})
	kind.Timeout = time.Millisecond
	add(t, m, "kind", "a")
	require.NoError(t, newNode(m, &logged{}, kind).RunDue(t.Context(), "kind"))
	assert.Equal(t, context.DeadlineExceeded.Error(), m.Rows("kind")[0].LastError)
}

func fast(kind jobs.Kind) jobs.Kind {
	kind.Poll = 2 * time.Millisecond
	return kind
}

// started runs a runner until the test ends.
func started(t *testing.T, r *jobs.Runner) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Error("the runner goes on after its context has ended")
		}
	})
}

// A kind whose attempts hang, and one whose looks hang, do not delay another kind.
func TestRunner_ASlowKindDelaysNoOther(t *testing.T) {
	m := jobstest.New()
	hold := make(chan struct{})
	defer close(hold)
	slow := fast(aKind(func(context.Context, jobs.Job) error { <-hold; return nil }))
	slow.Name = "slow"
	var done atomic.Int64
	quick := fast(aKind(func(context.Context, jobs.Job) error { done.Add(1); return nil }))
	quick.Name = "quick"
	deaf := quick
	deaf.Name = "deaf"
	for n := range 10 {
		add(t, m, "slow", fmt.Sprint("s", n))
		add(t, m, "quick", fmt.Sprint("q", n))
	}
	store := hanging{Memory: m, hold: hold}
	started(t, jobs.New(store, &logged{}, nil, []jobs.Kind{slow, deaf, quick}))
	require.Eventually(t, func() bool { return done.Load() == 10 }, 10*time.Second, time.Millisecond)
	assert.Len(t, m.Rows("slow"), 10)
}

type hanging struct {
	*jobstest.Memory
	hold chan struct{}
}

func (h hanging) Due(ctx context.Context, q jobs.Query) ([]jobs.Job, error) {
	if q.Kind == "deaf" {
		<-h.hold
	}
	return h.Memory.Due(ctx, q)
}

// One attempt that hangs leaves the other workers of its kind to the other jobs.
func TestRunner_ASlowAttemptDelaysNoOther(t *testing.T) {
	m := jobstest.New()
	hold := make(chan struct{})
	defer close(hold)
	var done, running, most atomic.Int64
	kind := fast(aKind(func(_ context.Context, job jobs.Job) error {
		n := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if job.ID == "0" {
			<-hold
		}
		done.Add(1)
		return nil
	}))
	for n := range 50 {
		add(t, m, "kind", fmt.Sprint(n))
	}
	started(t, jobs.New(m, &logged{}, nil, []jobs.Kind{kind}))
	require.Eventually(t, func() bool { return done.Load() == 49 }, 10*time.Second, time.Millisecond)
	assert.EqualValues(t, 2, most.Load(), "as many at once as the kind allows")
}

func TestRunner_TwoRunnersShareTheJobs(t *testing.T) {
	m := jobstest.New()
	var mu sync.Mutex
	by := map[string]int{}
	kind := func() jobs.Kind {
		return fast(aKind(func(_ context.Context, job jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			by[job.ID]++
			return nil
		}))
	}
	for n := range 200 {
		add(t, m, "kind", fmt.Sprint(n))
	}
	for range 2 {
		started(t, jobs.New(m, &logged{}, nil, []jobs.Kind{kind()}))
	}
	require.Eventually(t, func() bool { return len(m.Rows("kind")) == 0 }, 10*time.Second, time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	assert.Len(t, by, 200)
	for id, n := range by {
		assert.Equal(t, 1, n, id)
	}
}

// watch collects what a runner reports.
type watch struct {
	mu     sync.Mutex
	failed map[string]int
	looks  map[string]int
	counts []jobs.Count
}

func (w *watch) Job(kind string, _ time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.failed[kind]++
	}
}
func (w *watch) JobLook(kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks[kind]++
}
func (w *watch) JobCounts(counts []jobs.Count) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts = counts
}

func TestRunner_ReportsAnUnreachableDatabaseWithoutALineASecond(t *testing.T) {
	m, log, w := jobstest.New(), &logged{}, &watch{failed: map[string]int{}, looks: map[string]int{}}
	m.Fails["Due"] = errBusy
	panics := jobs.Periodic{Name: "panics", Every: time.Millisecond, Run: func(context.Context) error { panic("on purpose") }}
	add(t, m, "else", "parked")
	lease := jobs.Lease{JobID: "parked", Owner: "x"}
	_, _ = m.Claim(t.Context(), m.Rows("else")[0].Job, "x", 1_000_000, 2_000_000)
	require.NoError(t, m.Park(t.Context(), lease, time.Now().UnixMilli(), "broken"))
	started(t, jobs.New(m, log, w, []jobs.Kind{fast(aKind(nil))}, panics))
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.failed["kind"] > 20 && w.failed["panics"] > 20 && len(w.counts) == 1
	}, 10*time.Second, time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	assert.Equal(t, w.failed["kind"], w.looks["kind"])
	assert.Less(t, log.number(), 2+(w.failed["kind"]+w.failed["panics"])/20)
	assert.Equal(t, jobs.Count{Kind: "else", Failed: 1, LastError: "broken"}, w.counts[0])
}

// What cannot be stored is tried again when the lease has ended.
func TestRunner_AnOutcomeThatCannotBeStored(t *testing.T) {
	m := jobstest.New()
	n := newNode(m, &logged{}, aKind(func(context.Context, jobs.Job) error { return nil }))
	add(t, m, "kind", "a")
	m.Fails["Complete"] = errBusy
	require.ErrorIs(t, n.RunDue(t.Context(), "kind"), errBusy)
	delete(m.Fails, "Complete")
	require.NoError(t, n.RunDue(t.Context(), "kind"))
	require.Len(t, m.Rows("kind"), 1)
	n.now = n.now.Add(time.Minute)
	require.NoError(t, n.RunDue(t.Context(), "kind"))
	assert.Empty(t, m.Rows("kind"))
}

// A job that becomes due while thousands wait does not wait for them; they are done as well.
func TestRunner_NewestJobsDoNotWaitForABacklog(t *testing.T) {
	for _, x := range []struct {
		newest bool
		within int
	}{{true, 8}, {false, 300}} {
		m := jobstest.New()
		for n := range int64(300) {
			require.NoError(t, m.Add(t.Context(), jobs.Job{ID: fmt.Sprintf("old%03d", n), Kind: "kind", Key: fmt.Sprint(n), NextAttemptAt: n, DueAt: n}))
		}
		require.NoError(t, m.Add(t.Context(), jobs.Job{ID: "now", Kind: "kind", Key: "now", NextAttemptAt: 1_000_000, DueAt: 1_000_000}))
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var done []string
		kind := aKind(func(_ context.Context, job jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if done = append(done, job.ID); len(done) == 301 {
				cancel()
			}
			return nil
		})
		kind.Newest = x.newest
		newNode(m, &logged{}, kind).Run(ctx)
		place := slices.Index(done, "now")
		require.GreaterOrEqual(t, place, 0)
		assert.Equal(t, x.newest, place < x.within && x.newest, "done as number %d", place)
		assert.Contains(t, done, "old000")
		if x.newest {
			assert.Less(t, slices.Index(done, "old000"), x.within, "the oldest do not wait for ever either")
		}
		cancel()
	}
}

// Workers pause between the jobs of a backlog, so that other requests are not slowed down by it; a few jobs run without a pause.
func TestRunner_PausesWhileThereIsABacklog(t *testing.T) {
	for count, wantPauses := range map[int]bool{2: false, 40: true} {
		m := jobstest.New()
		var pauses atomic.Int64
		kind := aKind(func(context.Context, jobs.Job) error { time.Sleep(time.Millisecond); return nil })
		kind.Poll = 5 * time.Millisecond
		n := newNode(m, &logged{}, kind)
		n.Pause = func(_ context.Context, d time.Duration) {
			assert.True(t, d >= time.Millisecond && d <= 500*time.Millisecond, "a pause of %s", d)
			pauses.Add(1)
		}
		for job := range count {
			add(t, m, "kind", fmt.Sprint("job", job))
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); n.Run(ctx) }()
		require.Eventually(t, func() bool { return len(m.Rows("kind")) == 0 }, 10*time.Second, time.Millisecond)
		cancel()
		<-ended
		if wantPauses {
			assert.GreaterOrEqual(t, pauses.Load(), int64(count/2), "of %d jobs", count)
		} else {
			assert.Zero(t, pauses.Load(), "of %d jobs", count)
		}
	}
}
