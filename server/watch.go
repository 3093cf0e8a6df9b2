package main

import (
	"context"
	"database/sql/driver"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/logcopy"
	"github.com/mattermost/mattermost-plugin-incident-management/server/metrics"
	"github.com/mattermost/mattermost-plugin-incident-management/server/settings"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/support"
)

const (
	// problemPoll is how often is looked for problems that are not in the log yet.
	problemPoll = 10 * time.Second
	// lastCopies is how long a deactivation waits for the last copies of the log.
	lastCopies = 2 * time.Second
)

// watch is what administrators see of a running plugin: metrics, the support file, and copies of the log.
type watch struct {
	metrics  *metrics.Metrics
	recorder *support.Recorder
	copies   *logcopy.Copier
	settings atomic.Pointer[settings.Settings]
	// changed means that the settings have changed.
	changed chan struct{}
}

func newWatch() *watch {
	w := &watch{recorder: support.NewRecorder(), changed: make(chan struct{}, 1)}
	w.metrics = metrics.New(manifestVersion, w.recorder.Database)
	w.settings.Store(&settings.Settings{})
	return w
}

// attach makes the log report to the watch. warn writes to the log of Mattermost only.
func (w *watch) attach(h *host.Host, warn func(msg string, pairs ...interface{})) {
	w.copies = logcopy.New(h, settings.Levels, warn)
	recorded := slices.Index(settings.Levels, "warn")
	h.TellLog(func(level int, msg string, pairs []interface{}) {
		name := settings.Levels[level]
		w.metrics.LogLine(name)
		if level >= recorded {
			w.recorder.Log(name, msg, pairs)
		}
		w.copies.Add(level, msg, pairs)
	})
}

// connector counts statements, after what else may count them.
func (w *watch) connector(inner driver.Connector) driver.Connector {
	if instruments.connector != nil {
		inner = instruments.connector(inner)
	}
	return w.metrics.Connector(inner)
}

// Job counts an attempt of a job.
func (w *watch) Job(name string, took time.Duration, err error) {
	w.metrics.Job(name, took, err)
	w.recorder.Job(name, took, err)
}

// JobLook counts a look for due jobs.
func (w *watch) JobLook(kind string) { w.metrics.JobLook(kind) }

// JobCounts shows how many jobs are stored.
func (w *watch) JobCounts(counts []jobs.Count) {
	w.metrics.JobCounts(counts)
	w.recorder.JobCounts(counts)
}

// Reminder counts a reminder that was posted.
func (w *watch) Reminder(delay time.Duration) { w.metrics.Reminder(delay) }

// follow takes new settings and logs what is wrong in them, unless that is known.
func (w *watch) follow(s settings.Settings, h *host.Host) {
	w.settings.Store(&s)
	w.copies.Configure(s.CopiesTo, s.CopiesLevel)
	if w.recorder.Settings(s.Problems) {
		for _, problem := range s.Problems {
			h.Warn(problem)
		}
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// tellProblems logs problems as they come up, in words that an administrator can act on, until ctx ends.
func (w *watch) tellProblems(ctx context.Context, h *host.Host, s *store.Store) {
	slow, err := s.SlowSearch(ctx)
	if err == nil {
		w.recorder.SlowSearch(slow)
	}
	ticker := time.NewTicker(problemPoll)
	defer ticker.Stop()
	for {
		for _, p := range w.recorder.Untold() {
			h.Warn(p.Text, "kind", p.ID)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
			w.copies.Check()
			for _, name := range w.settings.Load().Creators.Users {
				if _, err := h.UserID(name); err != nil {
					h.Warn("The setting "+settings.KeyCreatorList+" names a user who does not exist or is deactivated.", "user", name)
				}
			}
		case <-ticker.C:
		}
	}
}

// close sends the last copies of the log.
func (w *watch) close() { w.copies.Close(lastCopies) }
