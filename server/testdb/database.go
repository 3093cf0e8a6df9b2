// Package testdb gives each test a fresh database of its own, on the servers
// that TEST_POSTGRES_DSN and TEST_MYSQL_DSN name. Their user must be allowed to
// create databases. "make test-store" starts such servers and sets both.
//
//	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) { … })
//
// Only tests use this package.
package testdb

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"
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

// Setting is the environment variable that names a server of this kind.
func (d Driver) Setting() string {
	if d == Postgres {
		return "TEST_POSTGRES_DSN"
	}
	return "TEST_MYSQL_DSN"
}

// Server is a running database server in which databases can be made.
type Server struct {
	Driver Driver
	// DSN connects to the server as a user who may create databases.
	DSN string
}

// Named returns the server that the environment names. It is an error if it names none.
func Named(driver Driver) (*Server, error) {
	dsn := os.Getenv(driver.Setting())
	if dsn == "" {
		return nil, fmt.Errorf(`%s is not set: run "make test-store", which starts the databases, or set it to a server whose user may create databases`, driver.Setting())
	}
	return &Server{Driver: driver, DSN: dsn}, nil
}

// Open connects to the server.
func (s *Server) Open() (*sql.DB, error) {
	return sql.Open(s.Driver.sqlName(), s.DSN)
}

// Database is one database of a server.
type Database struct {
	Driver Driver
	// DSN connects to this database. It is what Mattermost takes as SqlSettings.DataSource.
	DSN  string
	Name string

	server *Server
}

// NewDatabase makes an empty database with a random name.
func (s *Server) NewDatabase(ctx context.Context) (*Database, error) {
	return s.ensure(ctx, randomName(), "")
}

func randomName() string { return "incident_" + strings.ToLower(rand.Text()[:12]) }

// EnsureDatabase returns the database with the given name and makes it, empty,
// unless it is there. The name must be made of lower-case letters, digits and _.
func (s *Server) EnsureDatabase(ctx context.Context, name string) (*Database, error) {
	return s.ensure(ctx, name, "")
}

// ensure is EnsureDatabase with more options of CREATE DATABASE.
func (s *Server) ensure(ctx context.Context, name, options string) (*Database, error) {
	dsn, err := s.databaseDSN(name)
	if err != nil {
		return nil, err
	}
	database := &Database{Driver: s.Driver, DSN: dsn, Name: name, server: s}
	return database, s.exec(ctx, func(db *sql.DB) error {
		if s.Driver == MySQL {
			_, err := db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+name+" DEFAULT CHARACTER SET utf8mb4 "+options)
			return err
		}
		var exists bool
		if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
			return err
		}
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' "+options)
		return err
	})
}

func (s *Server) databaseDSN(name string) (string, error) {
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

func (s *Server) exec(ctx context.Context, do func(*sql.DB) error) error {
	db, err := s.Open()
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

// Drop deletes the database, also with open connections.
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

//go:embed fixtures/*.sql.gz
var fixtures embed.FS

// LoadFixture runs the dump of a whole 5.39.3 server that has used version
// 1.2.0 of the plugin in the database. Its accounts: sysadmin (Sys@dmin-123),
// anna, boris and chen (Passw0rd!-<name>); its team: ad-1.
func (d *Database) LoadFixture(ctx context.Context) error {
	name := "fixtures/im-1.2.0-server-5.39.3-postgres.sql.gz"
	dsn := d.DSN
	if d.Driver == MySQL {
		name = "fixtures/im-1.2.0-server-5.39.3-mariadb.sql.gz"
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			return err
		}
		config.MultiStatements = true
		dsn = config.FormatDSN()
	}
	script, err := readFixture(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	script = strings.Replace(script, "SET default_table_access_method = heap;", "", 1) // it is; PostgreSQL knows the name since version 12
	db, err := sql.Open(d.Driver.sqlName(), dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, script); err != nil {
		return fmt.Errorf("load %s: %w", name, err)
	}
	return nil
}

func readFixture(name string) (string, error) {
	file, err := fixtures.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return "", err
	}
	script, err := io.ReadAll(unzipped)
	return string(script), err
}

// NewDatabase gives a test an empty database of its own, dropped at its end. The
// test is skipped if TEST_DRIVERS leaves this kind of database out, and fails if
// the environment names no server.
func NewDatabase(t testing.TB, driver Driver) *Database {
	t.Helper()
	SkipUnlessChosen(t, driver)
	server, err := Named(driver)
	if err != nil {
		t.Fatal(err)
	}
	return server.TestDatabase(t)
}

// SkipUnlessChosen skips the test if TEST_DRIVERS leaves this kind of database out.
func SkipUnlessChosen(t testing.TB, driver Driver) {
	t.Helper()
	if !slices.Contains(Drivers, driver) {
		t.Skipf("TEST_DRIVERS leaves %s out", driver)
	}
}

// TestDatabase gives a test an empty database of its own, dropped at its end.
func (s *Server) TestDatabase(t testing.TB) *Database {
	t.Helper()
	database, err := s.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dropAfter(t, database)
}

func dropAfter(t testing.TB, database *Database) *Database {
	t.Cleanup(func() {
		if err := database.Drop(context.Background()); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return database
}

// NewFixtureDatabase gives a test a database that version 1.2.0 has used; see
// LoadFixture.
func NewFixtureDatabase(t testing.TB, driver Driver) *Database {
	t.Helper()
	return NewDatabase(t, driver).WithFixture(t)
}

// WithFixture returns the database after LoadFixture, which must not fail.
func (d *Database) WithFixture(t testing.TB) *Database {
	t.Helper()
	if err := d.LoadFixture(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// locales are options of CREATE DATABASE.
var locales = map[Driver][]string{
	Postgres: {"LOCALE 'C'", "LOCALE 'C.UTF-8'", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'", "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'"},
	MySQL:    {"COLLATE utf8mb4_general_ci", "COLLATE utf8mb4_unicode_ci", "COLLATE utf8mb4_bin"},
}

// EachLocale runs a subtest with an empty database of each kind for each of several locales and collations. What the server does
// not have, as ICU before PostgreSQL 15, is skipped.
func EachLocale(t *testing.T, test func(t *testing.T, database *Database)) {
	t.Helper()
	for _, driver := range Drivers {
		for _, options := range locales[driver] {
			t.Run(string(driver)+" "+options, func(t *testing.T) {
				server, err := Named(driver)
				if err != nil {
					t.Fatal(err)
				}
				database, err := server.ensure(t.Context(), randomName(), options)
				if err != nil {
					t.Skip(err)
				}
				test(t, dropAfter(t, database))
			})
		}
	}
}

// EachDriver runs a subtest with an empty database of each kind.
func EachDriver(t *testing.T, test func(t *testing.T, database *Database)) {
	t.Helper()
	for _, driver := range Drivers {
		t.Run(string(driver), func(t *testing.T) { test(t, NewDatabase(t, driver)) })
	}
}
