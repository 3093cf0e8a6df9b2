//go:build store

package all

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Each table, those of all capabilities included, has a primary key, as some databases demand, and ids of the collation with which they
// are compared.
func TestTables_HaveKeysAndOneCollation(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			s, err := store.Open(string(driver), d.DSN, store.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			schemas := Plug(&capability.Core{Database: s}).Schemas()
			s.Register(schemas...)
			require.NoError(t, s.Migrate(t.Context()))
			db, err := d.Open()
			require.NoError(t, err)
			t.Cleanup(func() { _ = db.Close() })
			list := func(query string) (names []string) {
				rows, err := db.QueryContext(t.Context(), query)
				require.NoError(t, err)
				defer func() { _ = rows.Close() }()
				for rows.Next() {
					var name string
					require.NoError(t, rows.Scan(&name))
					names = append(names, strings.ToLower(name))
				}
				require.NoError(t, rows.Err())
				return names
			}
			schema := "DATABASE()"
			if s.Postgres() {
				schema = "current_schema()"
			}
			ours := "table_schema = " + schema + " AND LOWER(table_name) LIKE 'ir!_%' ESCAPE '!'"
			there := list("SELECT table_name FROM information_schema.tables WHERE " + ours)
			for _, x := range schemas {
				for _, table := range x.Tables {
					require.Contains(t, there, strings.ToLower(table))
				}
			}
			keyed := list("SELECT table_name FROM information_schema.table_constraints WHERE constraint_type = 'PRIMARY KEY' AND " + ours)
			require.ElementsMatch(t, there, keyed, "tables and those with a primary key")
			if !s.Postgres() {
				require.Empty(t, list("SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE column_type = 'varchar(26)' AND "+ours+
					" AND collation_name <> (SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'Channels' AND column_name = 'Id')"))
			}
		})
	}
}
