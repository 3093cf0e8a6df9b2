//go:build store

package store

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// as is the database's data source for another user.
func as(t *testing.T, db *testdb.Database, user, password string) string {
	t.Helper()
	if db.Driver == testdb.MySQL {
		config, err := mysql.ParseDSN(db.DSN)
		require.NoError(t, err)
		config.User, config.Passwd = user, password
		return config.FormatDSN()
	}
	dsn, err := url.Parse(db.DSN)
	require.NoError(t, err)
	dsn.User = url.UserPassword(user, password)
	return dsn.String()
}

func openAs(t *testing.T, db *testdb.Database, dsn string) *Store {
	t.Helper()
	s, err := Open(string(db.Driver), dsn, Options{Log: &recorder{}, Timeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// limitedUser makes a user who may read and write rows, but not make tables.
func limitedUser(t *testing.T, s *Store) (name string) {
	t.Helper()
	name = "limited" + strings.ToLower(model.NewId()[:8])
	if s.postgres {
		s.sql(t, "CREATE ROLE "+name+" LOGIN PASSWORD 'secret'")
		s.sql(t, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
		t.Cleanup(func() { _, _ = s.db.Exec("DROP OWNED BY " + name); _, _ = s.db.Exec("DROP ROLE " + name) })
		return name
	}
	s.sql(t, "CREATE USER '"+name+"'@'%' IDENTIFIED BY 'secret'")
	s.sql(t, "GRANT SELECT, INSERT, UPDATE, DELETE ON "+one[string](t, s, "SELECT DATABASE()")+".* TO '"+name+"'@'%'")
	t.Cleanup(func() { _, _ = s.db.Exec("DROP USER '" + name + "'@'%'") })
	return name
}

func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range append(words, "enable the plugin again", "The database said") {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in: %v", word, err)
		}
	}
}

func TestAMigrationThatFailsSaysWhatToDo(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		owner := open(t, db)
		user := limitedUser(t, owner)

		t.Run("without the right to create tables", func(t *testing.T) {
			says(t, openAs(t, db, as(t, db, user, "secret")).Migrate(t.Context()), "may not create or change tables", "GRANT")
		})
		t.Run("with a wrong password", func(t *testing.T) {
			says(t, openAs(t, db, as(t, db, user, "wrong")).Migrate(t.Context()), "refuses the user or the password")
		})
		t.Run("unreachable", func(t *testing.T) {
			port, err := freePort()
			require.NoError(t, err)
			dsn := map[testdb.Driver]string{testdb.Postgres: "postgres://u:p@127.0.0.1:%d/x?sslmode=disable", testdb.MySQL: "u:p@tcp(127.0.0.1:%d)/x"}[db.Driver]
			says(t, openAs(t, db, strings.Replace(dsn, "%d", strconv.Itoa(port), 1)).Migrate(t.Context()), "cannot be reached")
		})
		t.Run("with tables of another user", func(t *testing.T) {
			require.NoError(t, owner.Migrate(t.Context()))
			owner.sql(t, "UPDATE IR_System SET SValue = '0' WHERE SKey = 'PluginSchemaVersion'")
			words := []string{"may not create or change tables"}
			if db.Driver == testdb.Postgres {
				owner.sql(t, "GRANT USAGE, CREATE ON SCHEMA public TO "+user)
				owner.sql(t, "GRANT ALL ON ALL TABLES IN SCHEMA public TO "+user)
				owner.sql(t, "ALTER TABLE IR_Incident DROP COLUMN ReminderClaimedAt")
				words = []string{"belong to another database user", "OWNER TO"}
			} else {
				owner.sql(t, "ALTER TABLE IR_Incident DROP COLUMN ReminderClaimedAt")
			}
			says(t, openAs(t, db, as(t, db, user, "secret")).Migrate(t.Context()), words...)
		})
		t.Run("locked", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.NoError(t, owner.withMigrationLock(t.Context(), func() error {
				says(t, openAs(t, db, db.DSN).Migrate(ctx), "did not finish in time", "Another server")
				return nil
			}))
		})
	})
}

// A role that may make tables but no extensions, as where the extension's files are not installed.
func TestWithoutTheExtensionForSearchingAllElseWorks(t *testing.T) {
	db := testdb.NewDatabase(t, testdb.Postgres)
	owner := open(t, db)
	user := limitedUser(t, owner)
	owner.sql(t, "GRANT USAGE, CREATE ON SCHEMA public TO "+user)
	s := openAs(t, db, as(t, db, user, "secret"))
	require.NoError(t, s.Migrate(t.Context()))
	if !s.logged().has("pg_trgm could not be set up", "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX IF NOT EXISTS IR_Incident_NameFolded", "permission denied") {
		t.Errorf("the log says only: %s", s.logged().lines)
	}
	assert.Equal(t, "", withoutKey(t, s), "tables without a key")
}

// freePort returns a TCP port of the loopback interface on which nothing listens.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
