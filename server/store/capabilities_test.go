//go:build store

package store

import (
	"context"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

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
		must(t, migrateWith(t, s, pager(1, &taken)))
		must(t, migrateWith(t, open(t, db), pager(1, &taken))) // another node
		equal(t, "migrations", taken, 1)
		n, err := s.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values("one", 7))
		must(t, err)
		equal(t, "inserted", n, 1)

		// A newer version adds a column; the older one, and one without the capability, go on.
		newer := open(t, db)
		must(t, migrateWith(t, newer, pager(2, &taken)))
		must(t, migrateWith(t, newer, pager(2, &taken)))
		equal(t, "migrations", taken, 2)
		must(t, migrateWith(t, s, pager(1, &taken)))
		must(t, open(t, db).Migrate(t.Context()))
		_, err = s.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values("two", 8))
		must(t, err)
		var rows []struct {
			ID, Note string
			Level    int
		}
		must(t, newer.Select(t.Context(), &rows, s.Builder().Select("ID AS id", "Note AS note", "Level AS level").From("IR_Page").Where(sq.GtOrEq{"Level": 7}).OrderBy("Level")))
		equal(t, "rows", len(rows), 2)
		equal(t, "row", rows[1].ID, "two")

		// Nuke forgets the rows, and makes the table again.
		must(t, newer.Nuke(t.Context()))
		equal(t, "migrations", taken, 4)
		equal(t, "rows", one[int](t, s, "SELECT COUNT(*) FROM IR_Page"), 0)

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
		must(t, migrateWith(t, s, pager(2, &taken)))
		equal(t, "migrations", taken, 3)
	})
}

// A transaction of a capability is committed whole or not at all.
func TestCapabilities_Transactions(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		taken := 0
		must(t, migrateWith(t, s, pager(1, &taken)))
		insert := func(id string) func(tx capability.Transaction) error {
			return func(tx capability.Transaction) error {
				_, err := tx.Exec(t.Context(), s.Builder().Insert("IR_Page").Columns("ID", "Level").Values(id, 1))
				return err
			}
		}
		must(t, s.InTransaction(t.Context(), insert("one")))
		broken := errors.New("broken on purpose")
		err := s.InTransaction(t.Context(), func(tx capability.Transaction) error {
			must(t, insert("two")(tx))
			var seen []string
			must(t, tx.Select(t.Context(), &seen, s.Builder().Select("ID").From("IR_Page").OrderBy("ID")))
			equal(t, "seen within", len(seen), 2)
			return broken
		})
		equal(t, "failed as fn did", errors.Is(err, broken), true)
		if err := s.InTransaction(t.Context(), insert("one")); err == nil {
			t.Error("the same key twice is no error")
		}
		equal(t, "rows", one[int](t, s, "SELECT COUNT(*) FROM IR_Page"), 1)
	})
}

func migrateWith(t *testing.T, s *Store, schema capability.Schema) error {
	t.Helper()
	s.Register(schema)
	return s.Migrate(t.Context())
}
