// Package metrics counts what the plugin does, for Prometheus. No label holds an id, a name or a text of a user.
package metrics

import (
	"bytes"
	"database/sql/driver"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/sqlwatch"
)

const namespace = "incident_management"

// ContentType is that of Text.
var ContentType = string(expfmt.NewFormat(expfmt.TypeTextPlain))

var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// Metrics holds all counters of one plugin process. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests      *prometheus.CounterVec
	requestTimes  *prometheus.HistogramVec
	statements    map[string]prometheus.Observer
	statementErrs *prometheus.CounterVec
	jobs          *prometheus.CounterVec
	jobFailures   *prometheus.CounterVec
	jobTimes      *prometheus.HistogramVec
	jobsStored    *prometheus.GaugeVec
	jobLooks      *prometheus.CounterVec
	reminders     prometheus.Histogram
	late          prometheus.Counter
	events        *prometheus.CounterVec
	apiErrors     *prometheus.CounterVec
	lines         *prometheus.CounterVec
	// onSQLError receives the class and the code of each error of the database.
	onSQLError func(class, code string)
}

// statementKinds are the values of the label of statements.
var statementKinds = []string{"select", "insert", "update", "delete", "begin", "commit", "rollback", "other"}

// New makes the counters; version is that of the plugin. onSQLError may be nil.
func New(version string, onSQLError func(class, code string)) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), statements: map[string]prometheus.Observer{}, onSQLError: onSQLError}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: seconds}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.requests = counter("http_requests_total", "Requests that were answered, by route and class of the status.", "method", "route", "status")
	m.requestTimes = histogram("http_request_duration_seconds", "How long requests took, by route.", "method", "route")
	statementTimes := histogram("sql_statement_duration_seconds", "How long SQL statements took, by kind.", "kind")
	m.statementErrs = counter("sql_errors_total", "SQL statements and connections that failed, by class of the error.", "class")
	m.jobs = counter("job_runs_total", "Attempts of background jobs.", "job")
	m.jobFailures = counter("job_failures_total", "Attempts of background jobs that failed.", "job")
	m.jobTimes = histogram("job_duration_seconds", "How long attempts of background jobs took.", "job")
	m.jobLooks = counter("job_looks_total", "Looks for due background jobs of this node.", "job")
	m.jobsStored = prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "jobs",
		Help: "Stored background jobs of all nodes: waiting, retrying (waiting after a failure) or failed (not tried again)."}, []string{"job", "state"})
	m.events = counter("websocket_events_total", "Websocket events that were sent, by name.", "event")
	m.apiErrors = counter("plugin_api_errors_total",
		"Calls of Mattermost's plugin API that were refused (status 4xx), failed, or got no answer.", "call", "kind")
	m.lines = counter("log_lines_total", "Lines that were logged, by level.", "level")
	m.reminders = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "reminder_delay_seconds",
		Help: "How long after it was due a reminder was posted.", Buckets: []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 3600, 86400}})
	m.late = prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "reminders_late_total",
		Help: "Reminders that were posted more than 10 seconds after they were due."})
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "info", Help: "Always 1; the label is the plugin's version."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.jobsStored, m.reminders, m.late, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, kind := range statementKinds {
		m.statements[kind] = statementTimes.WithLabelValues(kind)
	}
	return m
}

// Text is the present state in the text format of Prometheus.
func (m *Metrics) Text() ([]byte, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// classes of HTTP statuses, by their first digit.
var classes = [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Request counts a request that was answered; route is the pattern of its path.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	class := classes[0]
	if n := status / 100; n > 0 && n < len(classes) {
		class = classes[n]
	}
	m.requests.WithLabelValues(method, route, class).Inc()
	m.requestTimes.WithLabelValues(method, route).Observe(took.Seconds())
}

// Connector counts the statements that go to a database.
func (m *Metrics) Connector(inner driver.Connector) driver.Connector {
	return sqlwatch.Wrap(inner, m.statement)
}

func (m *Metrics) statement(text string, took time.Duration, err error) {
	m.statements[kind(text)].Observe(took.Seconds())
	if err == nil {
		return
	}
	class, code := failure.Class(err.Error())
	m.statementErrs.WithLabelValues(class).Inc()
	if m.onSQLError != nil {
		m.onSQLError(class, code)
	}
}

func kind(statement string) string {
	for _, k := range statementKinds {
		if len(statement) >= len(k) && strings.EqualFold(statement[:len(k)], k) {
			return k
		}
	}
	if len(statement) >= 4 && strings.EqualFold(statement[:4], "WITH") {
		return "select"
	}
	return "other"
}

// Job counts an attempt of a background job.
func (m *Metrics) Job(name string, took time.Duration, err error) {
	m.jobs.WithLabelValues(name).Inc()
	m.jobTimes.WithLabelValues(name).Observe(took.Seconds())
	if err != nil {
		m.jobFailures.WithLabelValues(name).Inc()
	}
}

// JobLook counts a look for due jobs.
func (m *Metrics) JobLook(name string) { m.jobLooks.WithLabelValues(name).Inc() }

// JobCounts shows how many jobs are stored.
func (m *Metrics) JobCounts(counts []jobs.Count) {
	m.jobsStored.Reset()
	for _, c := range counts {
		for state, n := range map[string]int64{"waiting": c.Waiting, "retrying": c.Retrying, "failed": c.Failed} {
			m.jobsStored.WithLabelValues(c.Kind, state).Set(float64(n))
		}
	}
}

// lateAfter is the delay from which a reminder counts as late.
const lateAfter = 10 * time.Second

// longest is what counts for a reminder whose time cannot be read, which is due since 1970.
const longest = 30 * 24 * time.Hour

// Reminder counts a reminder that was posted so long after it was due.
func (m *Metrics) Reminder(delay time.Duration) {
	m.reminders.Observe(min(max(delay, 0), longest).Seconds())
	if delay > lateAfter {
		m.late.Inc()
	}
}

// LogLine counts a line of the log; level is one of debug, info, warn, error.
func (m *Metrics) LogLine(level string) { m.lines.WithLabelValues(level).Inc() }
