package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Observer receives each request that was answered: its method, the pattern of its path as api.yaml writes it, the
// status, and how long it took. The pattern is "unknown" for a path or method that does not exist.
type Observer interface {
	Request(method, pattern string, status int, took time.Duration)
}

// Metrics is the present state of the counters, in the text format of Prometheus.
type Metrics interface {
	Text() ([]byte, error)
}

// Support makes the file that administrators send to those who help them.
type Support interface {
	File(ctx context.Context) (name string, content []byte, err error)
}

// Option adds something to the API that only administrators and operators see.
type Option func(*api)

// Observed reports each request to an observer.
func Observed(o Observer) Option { return func(a *api) { a.observer = o } }

// WithMetrics answers GET /metrics; contentType is that of the text.
func WithMetrics(m Metrics, contentType string) Option {
	return func(a *api) { a.metrics, a.metricsType = m, contentType }
}

// WithSupport answers GET /support.
func WithSupport(s Support) Option { return func(a *api) { a.support = s } }

var errNotOffered = incident.NewError(incident.NotFound, "not_offered", "This is not available on this server.")

func (a *api) showMetrics(r *request) (reply, error) {
	switch {
	case !a.svc.IsAdmin(r.userID):
		return reply{}, incident.ErrAdminsOnly
	case a.metrics == nil:
		return reply{}, errNotOffered
	}
	text, err := a.metrics.Text()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, text: text, textType: a.metricsType}, nil
}

func (a *api) downloadSupport(r *request) (reply, error) {
	switch {
	case !a.svc.IsAdmin(r.userID):
		return reply{}, incident.ErrAdminsOnly
	case a.support == nil:
		return reply{}, errNotOffered
	}
	name, content, err := a.support.File(r.Context())
	if err != nil {
		return reply{}, err
	}
	return reply{download: &download{name: name, contentType: "application/json", write: func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}}}, nil
}

// unknownRoute stands for all paths and methods that do not exist.
const unknownRoute = "unknown"

// observed reports the requests to a route to the observer.
func (a *api) observed(method, pattern string, next http.Handler) http.Handler {
	if a.observer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s := statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { a.observer.Request(method, pattern, s.status, time.Since(start)) }()
		next.ServeHTTP(&s, r)
	})
}

// statusWriter remembers the status; what is never set is 200.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
