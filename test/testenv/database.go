package testenv

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// These are what the plugin's own tests use.
type (
	Driver   = testdb.Driver
	Database = testdb.Database
)

// The databases that Mattermost supports. MySQL stands for MariaDB too.
const (
	Postgres = testdb.Postgres
	MySQL    = testdb.MySQL
)

// Drivers are the databases that the plugin is tested on.
var Drivers = testdb.Drivers

// DatabaseServer is a running database server in which databases can be made.
type DatabaseServer struct {
	testdb.Server

	process *process // nil when somebody else has started it
	spec    func() processSpec
	logPath string
	// crashSignal ends the server's processes at once; SIGKILL unless set.
	crashSignal syscall.Signal
}

// Stop ends the server if it was started here.
func (s *DatabaseServer) Stop() {
	if s.process != nil {
		s.process.stop()
	}
}

// Version returns the product and its version, as "PostgreSQL 17.10".
func (s *DatabaseServer) Version(ctx context.Context) (string, error) {
	query := "SELECT current_setting('server_version')"
	if s.Driver == MySQL {
		query = "SELECT version()"
	}
	db, err := s.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	var version string
	if err := db.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return "", err
	}
	if s.Driver == Postgres {
		return "PostgreSQL " + version, nil
	}
	if number, _, found := strings.Cut(version, "-MariaDB"); found {
		return "MariaDB " + number, nil
	}
	return "MySQL " + version, nil
}

// Crash ends a server that was started here without a chance to write anything.
func (s *DatabaseServer) Crash() {
	if s.crashSignal != 0 {
		_ = syscall.Kill(s.process.pid(), s.crashSignal)
		select {
		case <-s.process.done:
		case <-time.After(s.process.spec.grace):
		}
	}
	s.process.kill()
}

// start starts the server's process, with its output in a log file, and waits
// until it answers.
func (s *DatabaseServer) start(ctx context.Context, spec func() processSpec, logPath string) error {
	s.spec, s.logPath = spec, logPath
	return s.Start(ctx)
}

// Start starts a server again, after Stop or Crash, at the same address and
// with its data, and waits until it answers.
func (s *DatabaseServer) Start(ctx context.Context) error {
	logPath := s.logPath
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	spec := s.spec()
	spec.cmd.Stdout, spec.cmd.Stderr = log, log
	if s.process, err = startProcess(spec); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	db, err := s.Open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.done:
			return fmt.Errorf("%s ended while starting:\n%s", spec.name, tail(logPath))
		case <-ctx.Done():
			s.process.stop()
			return fmt.Errorf("%s did not answer (%w):\n%s", spec.name, err, tail(logPath))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// StartPrivate starts a database server of the caller's own, even where the
// environment names one, which may be stopped, crashed and started again: what
// it has committed survives the end of its processes.
func StartPrivate(ctx context.Context, driver Driver) (*DatabaseServer, error) {
	switch driver {
	case Postgres:
		return StartPostgres(ctx, PostgresOptions{Private: true})
	case MySQL:
		return startMariaDB(ctx, true)
	default:
		return nil, fmt.Errorf("there is no database %q", driver)
	}
}

// shared are the database servers of this process, one of each kind.
var shared struct {
	sync.Mutex
	servers map[Driver]*DatabaseServer
	errs    map[Driver]error
}

// SharedServer returns the database server of this process, and starts it with
// the first call.
func SharedServer(driver Driver) (*DatabaseServer, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.servers == nil {
		shared.servers = map[Driver]*DatabaseServer{}
		shared.errs = map[Driver]error{}
	}
	if shared.servers[driver] == nil && shared.errs[driver] == nil {
		var server *DatabaseServer
		var err error
		switch driver {
		case Postgres:
			server, err = StartPostgres(context.Background(), PostgresOptions{})
		case MySQL:
			server, err = StartMariaDB(context.Background())
		default:
			err = fmt.Errorf("there is no database %q", driver)
		}
		shared.servers[driver], shared.errs[driver] = server, err
	}
	return shared.servers[driver], shared.errs[driver]
}

// NewDatabase gives a test an empty database of its own, dropped at its end. The
// test is skipped if TEST_DRIVERS leaves this kind of database out.
func NewDatabase(t testing.TB, driver Driver) *Database {
	t.Helper()
	testdb.SkipUnlessChosen(t, driver)
	server, err := SharedServer(driver)
	if err != nil {
		t.Fatal(err)
	}
	return server.TestDatabase(t)
}

// EachServerDriver runs a subtest with an empty database of each kind on which
// the server of the tests runs.
func EachServerDriver(t *testing.T, test func(t *testing.T, database *Database)) {
	t.Helper()
	server, err := FindServer("")
	if err != nil {
		t.Fatal(err)
	}
	for _, driver := range server.TestDrivers() {
		t.Run(string(driver), func(t *testing.T) { test(t, NewDatabase(t, driver)) })
	}
}

// tail returns the end of a log file.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
