//go:build store

package store

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// withoutKey lists our tables that have no primary key.
func withoutKey(t *testing.T, s *Store) string {
	t.Helper()
	where := "t.table_schema = DATABASE()"
	if s.postgres {
		where = "t.table_schema = current_schema()"
	}
	var names []string
	require.NoError(t, s.db.SelectContext(t.Context(), &names, "SELECT t.table_name FROM information_schema.tables t LEFT JOIN information_schema.table_constraints c"+
		" ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'"+
		" WHERE "+where+" AND LOWER(t.table_name) LIKE 'ir!_%' ESCAPE '!' AND c.constraint_name IS NULL ORDER BY 1"))
	return strings.Join(names, " ")
}

func TestEveryTableHasAPrimaryKey(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		fresh, fixture := open(t, db), open(t, testdb.NewFixtureDatabase(t, db.Driver))
		if withoutKey(t, fixture) == "" {
			t.Fatal("the tables of 1.2.0 have all got keys: this test finds nothing")
		}
		for _, s := range []*Store{fresh, fixture} {
			require.NoError(t, s.Migrate(t.Context()))
			assert.Equal(t, "", withoutKey(t, s), "tables without a key")
		}
		require.NoError(t, fixture.Nuke(t.Context()))
		assert.Equal(t, "", withoutKey(t, fixture), "tables without a key after nuke-db")
	})
}

// strictKeys makes the database demand keys: MariaDB by a setting of the server, PostgreSQL by publishing all tables.
func strictKeys(t *testing.T, s *Store) {
	t.Helper()
	if s.postgres {
		s.sql(t, "CREATE PUBLICATION everything FOR ALL TABLES")
		return
	}
	s.sql(t, "SET GLOBAL innodb_force_primary_key = ON")
	t.Cleanup(func() { _, _ = s.db.Exec("SET GLOBAL innodb_force_primary_key = OFF") })
}

func TestDatabasesThatDemandKeys(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		fixture := open(t, testdb.NewFixtureDatabase(t, db.Driver))
		for _, s := range []*Store{open(t, db), fixture} {
			if s.postgres || s != fixture { // MariaDB's setting is of the whole server
				strictKeys(t, s)
			}
			require.NoError(t, s.Migrate(t.Context()))
			p := playbook.Playbook{ID: model.NewId(), Title: "p", TeamID: model.NewId(), CreateAt: 1, MemberIDs: []string{"anna", "boris"}}
			require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
			for _, members := range [][]string{{"boris"}, {"anna", "boris"}, nil} {
				require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error {
					p.MemberIDs = members
					return nil
				}))
			}
			stored, err := s.Playbooks().GetAny(t.Context(), p.ID)
			require.NoError(t, err)
			assert.Equal(t, 0, len(stored.MemberIDs), "members")
		}
		require.NoError(t, fixture.Nuke(t.Context()))
	})
}

// Version 1.2.0 names the columns when it writes. On MySQL it stores members as often as they are named.
func TestVersion120WritesToTheTablesWithKeys(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		id, member := one[string](t, s, "SELECT MIN(ID) FROM IR_Playbook"), model.NewId()
		s.sql(t, "INSERT INTO IR_PlaybookMember (PlaybookID, MemberID) VALUES (?, ?)", id, member)
		want := 1
		if !s.postgres {
			s.sql(t, "INSERT INTO IR_PlaybookMember (PlaybookID, MemberID) VALUES (?, ?), (?, ?)", id, member, id, strings.ToUpper(member))
			want = 3
		}
		assert.Equal(t, want, one[int](t, s, "SELECT COUNT(*) FROM IR_PlaybookMember WHERE LOWER(MemberID) = ?", member), "rows")
		s.sql(t, "DELETE FROM IR_PlaybookMember WHERE PlaybookID = ? AND LOWER(MemberID) = ?", id, member)
		inc := one[string](t, s, "SELECT MIN(ID) FROM IR_Incident")
		s.sql(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", inc, model.NewId())
	})
}

func TestEqualRowsAreRemovedBeforeAKeyIsMade(t *testing.T) {
	db := testdb.NewFixtureDatabase(t, testdb.Postgres)
	s := open(t, db)
	s.sql(t, "ALTER TABLE IR_PlaybookMember DROP CONSTRAINT ir_playbookmember_playbookid_memberid_key")
	before := one[int](t, s, "SELECT COUNT(*) FROM IR_PlaybookMember")
	s.sql(t, "INSERT INTO IR_PlaybookMember (PlaybookID, MemberID) SELECT PlaybookID, MemberID FROM IR_PlaybookMember")
	s.sql(t, "CREATE PUBLICATION everything FOR ALL TABLES")
	require.NoError(t, s.Migrate(t.Context()))
	assert.Equal(t, before, one[int](t, s, "SELECT COUNT(*) FROM IR_PlaybookMember"), "rows")
	assert.Equal(t, "", withoutKey(t, s), "tables without a key")
}
