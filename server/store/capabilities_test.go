//go:build store

package store

import (
	"context"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// pager is a capability's table, with one or two migrations.
func pager(steps int, taken *int) capability.Schema {
	all := []capability.Migration{
		func(ctx context.Context, t capability.Tables) error {
			*taken++
			if err := t.Run(ctx, "CREATE TABLE IF NOT EXISTS IR_Page (ID VARCHAR(26) PRIMARY KEY, Level BIGINT NOT NULL)",
				"CREATE TABLE IF NOT EXISTS IR_Page (ID VARCHAR(26) PRIMARY KEY, Level BIGINT NOT NULL) "+mysqlCharset); err != nil {
				return err
			}
			return t.AddIndex(ctx, "IR_Page_Level", "IR_Page", "Level, ID")
		},
		func(ctx context.Context, t capability.Tables) error {
			*taken++
			if err := t.AddColumn(ctx, "IR_Page", "Note", "TEXT NOT NULL DEFAULT ''", "VARCHAR(64) NOT NULL DEFAULT ''"); err != nil {
				return err
			}
			return t.AddUniqueIndex(ctx, "IR_Page_Note_Level", "IR_Page", "Note, Level")
		},
	}
	return capability.Schema{Capability: "pager", Tables: []string{"IR_Page"}, Migrations: all[:steps]}
}

func TestCapabilities_Migrations(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		taken := 0
		require.NoError(t, migrateWith(t, s, pager(1, &taken)))
		require.NoError(t, migrateWith(t, open(t, db), pager(1, &taken))) // another node
		assert.Equal(t, 1, taken, "migrations")
		n, err := s.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values("one", 7))
		require.NoError(t, err)
		assert.EqualValues(t, 1, n, "inserted")

		// A newer version adds a column; the older one, and one without the capability, go on.
		newer := open(t, db)
		require.NoError(t, migrateWith(t, newer, pager(2, &taken)))
		require.NoError(t, migrateWith(t, newer, pager(2, &taken)))
		assert.Equal(t, 2, taken, "migrations")
		require.NoError(t, migrateWith(t, s, pager(1, &taken)))
		require.NoError(t, open(t, db).Migrate(t.Context()))
		_, err = s.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values("two", 8))
		require.NoError(t, err)
		var rows []struct {
			ID, Note string
			Level    int
		}
		require.NoError(t, newer.Select(t.Context(), &rows, s.Builder().Select("ID AS id", "Note AS note", "Level AS level").From("IR_Page").Where(sq.GtOrEq{"Level": 7}).OrderBy("Level")))
		assert.Equal(t, 2, len(rows), "rows")
		assert.Equal(t, "two", rows[1].ID, "row")

		// Nuke forgets the rows, and makes the table again.
		require.NoError(t, newer.Nuke(t.Context()))
		assert.Equal(t, 4, taken, "migrations")
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Page"), "rows")

		s.sql(t, "UPDATE IR_System SET SValue = 'many' WHERE SKey = 'PluginSchemaVersion.pager'")
		if err := migrateWith(t, s, pager(2, &taken)); err == nil || taken != 4 {
			t.Errorf("a damaged version: %v, %d migrations", err, taken)
		}
	})
}

func TestCapabilities_MigrationsThatFail(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		taken := 0
		broken := pager(2, &taken)
		second := broken.Migrations[1]
		broken.Migrations[1] = func(ctx context.Context, t capability.Tables) error {
			if err := second(ctx, t); err != nil {
				return err
			}
			return errors.New("broken on purpose")
		}
		if err := migrateWith(t, s, broken); err == nil {
			t.Error("a failed migration is no error")
		}
		require.NoError(t, migrateWith(t, s, pager(2, &taken)))
		assert.Equal(t, 3, taken, "migrations")
	})
}

// A transaction of a capability is committed whole or not at all.
func TestCapabilities_Transactions(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		taken := 0
		require.NoError(t, migrateWith(t, s, pager(1, &taken)))
		insert := func(id string) func(tx capability.Transaction) error {
			return func(tx capability.Transaction) error {
				_, err := tx.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values(id, 1))
				return err
			}
		}
		require.NoError(t, s.InTransaction(t.Context(), insert("one")))
		broken := errors.New("broken on purpose")
		err := s.InTransaction(t.Context(), func(tx capability.Transaction) error {
			require.NoError(t, insert("two")(tx))
			var seen []string
			require.NoError(t, tx.Select(t.Context(), &seen, s.Builder().Select("ID").From("IR_Page").OrderBy("ID")))
			assert.Equal(t, 2, len(seen), "seen within")
			return broken
		})
		assert.True(t, errors.Is(err, broken), "failed as fn did")
		if err := s.InTransaction(t.Context(), insert("one")); err == nil {
			t.Error("the same key twice is no error")
		}
		assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Page"), "rows")
	})
}

func migrateWith(t *testing.T, s *Store, schema capability.Schema) error {
	t.Helper()
	s.Register(schema)
	return s.Migrate(t.Context())
}
