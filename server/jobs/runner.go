package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

const (
	// finishTimeout bounds storing the outcome of an attempt. It also counts while the plugin stops.
	finishTimeout = 10 * time.Second
	// countPeriod and purgePeriod are the times between two counts and two purges.
	countPeriod = 30 * time.Second
	purgePeriod = 10 * time.Minute
	// doneFor is how long a job with KeepDone is kept after it was done, parkedFor how long a parked job is.
	doneFor   = 24 * time.Hour
	parkedFor = 30 * 24 * time.Hour
	// logEvery is how many looks that fail in a row are logged as one line.
	logEvery = 60
	// maxPause is how long a worker pauses at most between two jobs of a backlog.
	maxPause = 500 * time.Millisecond
	// maxErrorText is how many bytes of an error are stored.
	maxErrorText = 500
)

// Periodic is a function that each node calls at a fixed rate, the first time at once.
type Periodic struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Runner runs jobs. Several runners, on one node or on many, may share a Store.
type Runner struct {
	// Now is the clock; tests may replace it before the first call.
	Now func() time.Time
	// Pause waits, or until ctx ends; tests may replace it before the first call.
	Pause func(ctx context.Context, d time.Duration)

	store    Store
	log      Log
	watch    Watch
	kinds    []Kind
	periodic []Periodic
}

// New makes a Runner. watch may be nil.
func New(store Store, log Log, watch Watch, kinds []Kind, periodic ...Periodic) *Runner {
	r := &Runner{Now: time.Now, Pause: pause, store: store, log: log, watch: watch, kinds: kinds}
	r.periodic = append(periodic,
		Periodic{Name: "purge_jobs", Every: purgePeriod, Run: r.purge},
		Periodic{Name: "count_jobs", Every: countPeriod, Run: r.count})
	return r
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (r *Runner) now() int64 { return r.Now().UnixMilli() }

// Run runs jobs until ctx ends. It returns when all attempts have ended.
func (r *Runner) Run(ctx context.Context) {
	var loops sync.WaitGroup
	for _, k := range r.kinds {
		loops.Add(1)
		go func() { defer loops.Done(); r.loop(ctx, k) }()
	}
	for _, p := range r.periodic {
		loops.Add(1)
		go func() { defer loops.Done(); r.repeat(ctx, p) }()
	}
	loops.Wait()
}

// RunDue attempts the due jobs of a kind, one after the other, each once. For tests.
func (r *Runner) RunDue(ctx context.Context, kind string) error {
	for _, k := range r.kinds {
		if k.Name != kind {
			continue
		}
		due, err := r.store.Due(ctx, Query{Kind: k.Name, Ordered: k.Ordered, Now: r.now(), Limit: 1000})
		if err != nil {
			return err
		}
		for _, job := range due {
			if err := r.attempt(ctx, k, job); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Runner) repeat(ctx context.Context, p Periodic) {
	ticker := time.NewTicker(p.Every)
	defer ticker.Stop()
	looks := looks{runner: r, name: p.Name}
	for {
		start := time.Now()
		err := Guarded(func() error { return p.Run(ctx) })
		if ctx.Err() != nil {
			return
		}
		looks.ended(time.Since(start), err)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// worker runs the jobs of one kind on this node.
type worker struct {
	*Runner
	kind  Kind
	looks looks

	mu sync.Mutex
	// backlog means that the last look found more due jobs than can be worked on at once.
	backlog bool
	// busy are the ids of the jobs that are being attempted.
	busy map[string]bool
	// turn says whether the next look begins with the newest job. Only the loop uses it.
	turn bool
	// freed has a value after an attempt has ended.
	freed    chan struct{}
	attempts sync.WaitGroup
}

func (r *Runner) loop(ctx context.Context, k Kind) {
	w := &worker{Runner: r, kind: k, looks: looks{runner: r, name: k.Name}, busy: map[string]bool{}, freed: make(chan struct{}, 1)}
	defer w.attempts.Wait()
	ticker := time.NewTicker(k.Poll)
	defer ticker.Stop()
	for {
		more := w.look(ctx)
		if ctx.Err() != nil {
			return
		}
		freed := w.freed
		if !more {
			freed = nil // there is nothing to do before the next look
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-freed:
		}
	}
}

// look starts an attempt of each due job, as far as there are free workers. It reports whether there may be more due jobs.
func (w *worker) look(ctx context.Context) (more bool) {
	w.mu.Lock()
	free := w.kind.Concurrency - len(w.busy)
	w.mu.Unlock()
	if free <= 0 {
		return true
	}
	// Jobs that are being claimed at this moment are still listed: with them there are at most so many.
	limit := 2 * w.kind.Concurrency
	start := time.Now()
	var due []Job
	more = false
	err := Guarded(func() (err error) {
		q := Query{Kind: w.kind.Name, Ordered: w.kind.Ordered, Now: w.now(), Limit: limit}
		due, err = w.store.Due(ctx, q)
		if more = len(due) == limit; err != nil || !w.kind.Newest || !more {
			return err
		}
		q.Newest = true
		newest, err := w.store.Due(ctx, q)
		w.turn = !w.turn
		due = interleave(due, newest, w.turn)
		return err
	})
	if ctx.Err() != nil {
		return false
	}
	w.looks.ended(time.Since(start), err)
	w.mu.Lock()
	w.backlog = more
	w.mu.Unlock()
	for _, job := range due {
		if !w.start(ctx, job) {
			return true
		}
	}
	return more
}

// interleave takes the jobs of two lists in turn, those of second first if swap is set.
func interleave(first, second []Job, swap bool) (all []Job) {
	if swap {
		first, second = second, first
	}
	for n := range max(len(first), len(second)) {
		if n < len(first) {
			all = append(all, first[n])
		}
		if n < len(second) {
			all = append(all, second[n])
		}
	}
	return all
}

// start begins an attempt. It returns false if all workers are busy.
func (w *worker) start(ctx context.Context, job Job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[job.ID] {
		return true
	}
	if len(w.busy) >= w.kind.Concurrency {
		return false
	}
	w.busy[job.ID] = true
	w.attempts.Add(1)
	go func() {
		defer w.attempts.Done()
		defer func() {
			w.mu.Lock()
			delete(w.busy, job.ID)
			w.mu.Unlock()
			select {
			case w.freed <- struct{}{}:
			default:
			}
		}()
		begin := time.Now()
		if err := Guarded(func() error { return w.attempt(ctx, w.kind, job) }); err != nil && ctx.Err() == nil {
			w.log.Warn("The outcome of a job could not be stored; it is tried again when its lease has ended.",
				"kind", w.kind.Name, "incident_id", job.IncidentID, "error", err.Error())
		}
		w.rest(ctx, time.Since(begin))
	}()
	return true
}

// rest lets others have the processor and the database while there is a backlog: a worker pauses as long as its attempt took.
func (w *worker) rest(ctx context.Context, took time.Duration) {
	w.mu.Lock()
	backlog := w.backlog
	w.mu.Unlock()
	if backlog {
		w.Pause(ctx, min(took, maxPause))
	}
}

// attempt claims a job, makes one attempt and stores the outcome. Its error says that the claim or the outcome could not
// be stored. Then the job is tried again when its lease has ended.
func (r *Runner) attempt(ctx context.Context, k Kind, job Job) error {
	lease := Lease{JobID: job.ID, Owner: model.NewId()}
	now := r.now()
	claimed, err := r.store.Claim(ctx, job, lease.Owner, now, now+k.Lease.Milliseconds())
	if err != nil || !claimed {
		return err
	}
	job.Attempts++
	start := time.Now()
	run, cancel := context.WithTimeout(ctx, k.Timeout)
	err = Guarded(func() error { return k.Run(run, job) })
	cancel()
	if r.watch != nil {
		failed := err
		if _, ok := IsLater(err); ok {
			failed = nil
		}
		r.watch.Job(k.Name, time.Since(start), failed)
	}
	return r.finish(ctx, k, job, lease, err)
}

func (r *Runner) finish(ctx context.Context, k Kind, job Job, lease Lease, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err == nil {
		return r.store.Complete(ctx, lease, k.KeepDone, r.now())
	}
	if wait, ok := IsLater(err); ok {
		return r.store.Retry(ctx, lease, r.now()+wait.Milliseconds(), "")
	}
	text := ErrorText(err)
	pairs := []interface{}{"kind", k.Name, "incident_id", job.IncidentID, "attempts", job.Attempts, "error", err.Error()}
	if IsPermanent(err) || k.MaxAttempts > 0 && job.Attempts >= k.MaxAttempts {
		r.log.Error("A job failed and is not tried again.", pairs...)
		return r.store.Park(ctx, lease, r.now(), text)
	}
	r.log.Warn("A job failed; it is tried again.", pairs...)
	return r.store.Retry(ctx, lease, r.now()+k.delay(job.Attempts).Milliseconds(), text)
}

// ErrorText is the text of an error as it is stored with a job.
func ErrorText(err error) string {
	text := err.Error()
	if len(text) > maxErrorText {
		text = text[:maxErrorText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

func (r *Runner) purge(ctx context.Context) error {
	now := r.Now()
	return r.store.Purge(ctx, now.Add(-doneFor).UnixMilli(), now.Add(-parkedFor).UnixMilli())
}

func (r *Runner) count(ctx context.Context) error {
	if r.watch == nil {
		return nil
	}
	counts, err := r.store.Counts(ctx)
	if err == nil {
		r.watch.JobCounts(counts)
	}
	return err
}

// looks follows looks for due jobs, which fail while the database is away.
type looks struct {
	runner *Runner
	name   string
	failed int // in a row
}

func (l *looks) ended(took time.Duration, err error) {
	if watch := l.runner.watch; watch != nil {
		watch.JobLook(l.name)
		if err != nil || l.failed > 0 {
			watch.Job(l.name, took, err)
		}
	}
	if err == nil {
		l.failed = 0
		return
	}
	if l.failed++; l.failed == 1 || l.failed%logEvery == 0 {
		l.runner.log.Error("Looking for due jobs failed; it is tried again.", "kind", l.name, "attempts", l.failed, "error", err.Error())
	}
}

// Guarded calls fn and turns a panic into an error.
func Guarded(fn func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return fn()
}
