//go:build store

package store

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestMain(m *testing.M) {
	if migrateAsChild() {
		return
	}
	os.Exit(m.Run())
}

// recorder is a log that tests can look into.
type recorder struct {
	silent
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Warn(msg string, pairs ...interface{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprint(append([]interface{}{msg, " "}, pairs...)...))
}

func (r *recorder) has(parts ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			return true
		}
	}
	return false
}

func open(t *testing.T, db *testdb.Database) *Store {
	t.Helper()
	s, err := Open(string(db.Driver), db.DSN, Options{Log: &recorder{}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (s *Store) logged() *recorder { return s.log.(*recorder) }

// eachHost runs a subtest on each kind of database with the tables of a host that has used 1.2.0, migrated.
func eachHost(t *testing.T, test func(t *testing.T, s *Store, db *testdb.Database)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			db := testdb.NewFixtureDatabase(t, driver)
			s := open(t, db)
			require.NoError(t, s.Migrate(t.Context()))
			test(t, s, db)
		})
	}
}

// conn runs statements on the store's own connections.
func (s *Store) conn() *testdb.Conn {
	driver := testdb.MySQL
	if s.postgres {
		driver = testdb.Postgres
	}
	return &testdb.Conn{DB: s.db.DB, Driver: driver}
}

// sql runs a statement with ? as placeholders.
func (s *Store) sql(t *testing.T, statement string, args ...interface{}) {
	t.Helper()
	s.conn().Exec(t, statement, args...)
}

// one reads a single value.
func one[T any](t *testing.T, s *Store, query string, args ...interface{}) T {
	t.Helper()
	return testdb.Value[T](t, s.conn(), query, args...)
}

// newIncident is an ongoing incident with one stage of that many tasks, not stored.
func newIncident(tasks int) incident.Incident {
	stage := incident.Stage{ID: model.NewId(), Title: "Stage"}
	for n := range tasks {
		stage.Tasks = append(stage.Tasks, incident.Task{ID: model.NewId(), Title: fmt.Sprint("Task ", n)})
	}
	return incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: model.NewId(),
		TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1000, Checklists: []incident.Stage{stage}, ActiveStageTitle: "Stage"}
}

func create(t *testing.T, s *Store, inc incident.Incident) incident.Incident {
	t.Helper()
	made, started, err := s.Incidents().Create(t.Context(), inc, inc.CommanderUserID, "", inc.CreateAt, app.Extensions{})
	require.NoError(t, err)
	assert.True(t, started != nil, "created")
	return made
}

func load(t *testing.T, s *Store, id string) incident.Incident {
	t.Helper()
	inc, err := s.Incidents().Get(t.Context(), id)
	require.NoError(t, err)
	return inc
}

func change(t *testing.T, s *Store, id string, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (incident.Incident, *incident.Event) {
	t.Helper()
	c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: id, ActorID: "actor", At: time.Now().UnixMilli()}, fn)
	require.NoError(t, err)
	return c.After, c.Event
}

// events are all events of an incident, oldest first.
func events(t *testing.T, s *Store, id string) []incident.Event {
	t.Helper()
	found, err := s.Incidents().EventsBetween(t.Context(), id, 0, math.MaxInt64)
	require.NoError(t, err)
	return found
}

func (s *Store) addPost(t *testing.T, channelID, userID string, createAt, deleteAt int64, props string) string {
	t.Helper()
	return s.conn().AddPost(t, channelID, userID, createAt, deleteAt, props)
}

func (s *Store) addChannel(t *testing.T, id, teamID, kind string, members ...string) {
	t.Helper()
	s.conn().AddChannel(t, id, teamID, kind, members...)
}

// parallel runs fn n times at once and returns the errors by number.
func parallel(n int, fn func(n int) error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = fn(i) })
	}
	wait.Wait()
	return errs
}
