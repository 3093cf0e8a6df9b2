package testenv

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Driver is a kind of database, spelled as in Mattermost's SqlSettings.DriverName.
type Driver string

// The databases that Mattermost supports. MySQL stands for MariaDB too.
const (
	Postgres Driver = "postgres"
	MySQL    Driver = "mysql"
)

// Drivers are the databases that the plugin is tested on: all that it must work
// on, or those that TEST_DRIVERS names ("postgres", "mysql").
var Drivers = testedDrivers()

func testedDrivers() []Driver {
	all := []Driver{Postgres, MySQL}
	chosen := strings.Fields(os.Getenv("TEST_DRIVERS"))
	if len(chosen) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(driver Driver) bool { return !slices.Contains(chosen, string(driver)) })
}

// sqlName is the name of the driver in database/sql.
func (d Driver) sqlName() string {
	if d == Postgres {
		return "pgx"
	}
	return "mysql"
}

// DatabaseServer is a running database server in which databases can be made.
type DatabaseServer struct {
	Driver Driver
	// DSN connects to the server as somebody who may create databases.
	DSN string

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

// Version tells the product and its version, as "PostgreSQL 17.10".
func (s *DatabaseServer) Version(ctx context.Context) (string, error) {
	query := "SELECT current_setting('server_version')"
	if s.Driver == MySQL {
		query = "SELECT version()"
	}
	var version string
	if err := s.exec(ctx, func(db *sql.DB) error { return db.QueryRowContext(ctx, query).Scan(&version) }); err != nil {
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
	db, err := sql.Open(s.Driver.sqlName(), s.DSN)
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

// Database is one database of a server.
type Database struct {
	Driver Driver
	// DSN connects to this database. It is what Mattermost takes as SqlSettings.DataSource.
	DSN  string
	Name string

	server *DatabaseServer
}

// NewDatabase makes an empty database with a random name.
func (s *DatabaseServer) NewDatabase(ctx context.Context) (*Database, error) {
	return s.EnsureDatabase(ctx, "incident_"+strings.ToLower(rand.Text()[:12]))
}

// EnsureDatabase returns the database with the given name and makes it, empty,
// unless it is there. The name must be made of lower-case letters, digits and _.
func (s *DatabaseServer) EnsureDatabase(ctx context.Context, name string) (*Database, error) {
	dsn, err := s.databaseDSN(name)
	if err != nil {
		return nil, err
	}
	database := &Database{Driver: s.Driver, DSN: dsn, Name: name, server: s}
	return database, s.exec(ctx, func(db *sql.DB) error {
		if s.Driver == MySQL {
			_, err := db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+name+" DEFAULT CHARACTER SET utf8mb4")
			return err
		}
		var exists bool
		if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
			return err
		}
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
		return err
	})
}

func (s *DatabaseServer) databaseDSN(name string) (string, error) {
	if s.Driver == MySQL {
		config, err := mysql.ParseDSN(s.DSN)
		if err != nil {
			return "", fmt.Errorf("TEST_MYSQL_DSN: %w", err)
		}
		config.DBName = name
		if config.Params == nil {
			config.Params = map[string]string{}
		}
		config.Params["charset"] = "utf8mb4"
		return config.FormatDSN(), nil
	}
	dsn, err := url.Parse(s.DSN)
	if err != nil || dsn.Scheme == "" {
		return "", errors.New("TEST_POSTGRES_DSN must have the form postgres://user:password@host:port/database?sslmode=disable")
	}
	dsn.Path = "/" + name
	return dsn.String(), nil
}

func (s *DatabaseServer) exec(ctx context.Context, do func(*sql.DB) error) error {
	db, err := sql.Open(s.Driver.sqlName(), s.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to the %s server: %w", s.Driver, err)
	}
	return do(db)
}

// Drop deletes the database, whoever is still connected.
func (d *Database) Drop(ctx context.Context) error {
	return d.server.exec(ctx, func(db *sql.DB) error {
		if d.Driver == MySQL {
			_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+d.Name)
			return err
		}
		var version int
		if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::integer").Scan(&version); err != nil {
			return err
		}
		force := " WITH (FORCE)"
		if version < 130000 {
			force = ""
			if _, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", d.Name); err != nil {
				return err
			}
		}
		_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+d.Name+force)
		return err
	})
}

// Open connects to the database.
func (d *Database) Open() (*sql.DB, error) {
	return sql.Open(d.Driver.sqlName(), d.DSN)
}

// LoadFixture runs a dump (.sql.gz) of pg_dump or mariadb-dump in the database.
func (d *Database) LoadFixture(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	script, err := io.ReadAll(unzipped)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}

	dsn := d.DSN
	if d.Driver == MySQL {
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			return err
		}
		config.MultiStatements = true
		dsn = config.FormatDSN()
	}
	db, err := sql.Open(d.Driver.sqlName(), dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("load %s: %w", filepath.Base(path), err)
	}
	return nil
}

// FixturePath returns the dump of a whole 5.39.3 server that has used version
// 1.2.0 of the plugin. Its accounts: sysadmin (Sys@dmin-123), anna, boris and
// chen (Passw0rd!-<name>); its team: ad-1.
func FixturePath(driver Driver) (string, error) {
	root, err := RepoRoot()
	if err != nil {
		return "", err
	}
	names := map[Driver]string{Postgres: "postgres", MySQL: "mariadb"}
	return filepath.Join(root, "build", "testenv", "fixtures", "im-1.2.0-server-5.39.3-"+names[driver]+".sql.gz"), nil
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
	if !slices.Contains(Drivers, driver) {
		t.Skipf("TEST_DRIVERS leaves %s out", driver)
	}
	server, err := SharedServer(driver)
	if err != nil {
		t.Fatal(err)
	}
	database, err := server.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Drop(context.Background()); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return database
}

// NewFixtureDatabase gives a test a database that version 1.2.0 has used; see
// FixturePath.
func NewFixtureDatabase(t testing.TB, driver Driver) *Database {
	t.Helper()
	database := NewDatabase(t, driver)
	path, err := FixturePath(driver)
	if err != nil {
		t.Fatal(err)
	}
	if err := database.LoadFixture(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return database
}

// EachDriver runs a subtest with an empty database of each kind. Tests that
// start a server use EachServerDriver.
func EachDriver(t *testing.T, test func(t *testing.T, database *Database)) {
	t.Helper()
	for _, driver := range Drivers {
		t.Run(string(driver), func(t *testing.T) { test(t, NewDatabase(t, driver)) })
	}
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
