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
	must(t, err)
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
			must(t, s.Migrate(t.Context()))
			test(t, s, db)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// sql runs a statement with ? as placeholders.
func (s *Store) sql(t *testing.T, statement string, args ...interface{}) {
	t.Helper()
	if _, err := s.db.ExecContext(t.Context(), s.db.Rebind(statement), args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// one reads a single value.
func one[T any](t *testing.T, s *Store, query string, args ...interface{}) T {
	t.Helper()
	var v T
	if err := s.db.QueryRowContext(t.Context(), s.db.Rebind(query), args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
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
	must(t, err)
	equal(t, "created", started != nil, true)
	return made
}

func load(t *testing.T, s *Store, id string) incident.Incident {
	t.Helper()
	inc, err := s.Incidents().Get(t.Context(), id)
	must(t, err)
	return inc
}

func change(t *testing.T, s *Store, id string, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (incident.Incident, *incident.Event) {
	t.Helper()
	c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: id, ActorID: "actor", At: time.Now().UnixMilli()}, fn)
	must(t, err)
	return c.After, c.Event
}

// events are all events of an incident, oldest first.
func events(t *testing.T, s *Store, id string) []incident.Event {
	t.Helper()
	found, err := s.Incidents().EventsBetween(t.Context(), id, 0, math.MaxInt64)
	must(t, err)
	return found
}

func (s *Store) addPost(t *testing.T, channelID, userID string, createAt, deleteAt int64, props string) string {
	t.Helper()
	id := model.NewId()
	s.sql(t, "INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, ?, ?, ?, '', ?)",
		id, createAt, createAt, deleteAt, userID, channelID, props)
	return id
}

func (s *Store) addChannel(t *testing.T, id, teamID, kind string, members ...string) {
	t.Helper()
	s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, TotalMsgCount) VALUES (?, 1, 1, 0, ?, ?, ?, ?, 7)",
		id, teamID, kind, "Channel "+id, "channel-"+id)
	for _, m := range members {
		s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", id, m)
	}
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
