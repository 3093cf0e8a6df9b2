//go:build store

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// ourTables lists the tables of the plugin.
func ourTables(t *testing.T, s *Store) (names []string) {
	t.Helper()
	schema := "DATABASE()"
	if s.postgres {
		schema = "current_schema()"
	}
	require.NoError(t, s.db.SelectContext(t.Context(), &names, "SELECT table_name FROM information_schema.tables WHERE table_schema = "+schema+
		" AND LOWER(table_name) LIKE 'ir!_%' ESCAPE '!' ORDER BY 1"))
	return names
}

// useEveryTable writes, with the names of a script, to each table that has a use.
func useEveryTable(t *testing.T, s *Store, name string) {
	t.Helper()
	me, team := model.NewId(), model.NewId()
	book := newPlaybook(name, me)
	book.TeamID, book.CreatorID = team, me
	require.NoError(t, s.Playbooks().Create(t.Context(), book, 10))
	require.NoError(t, s.Playbooks().Update(t.Context(), book.ID, func(p *playbook.Playbook) error {
		p.Title, p.MemberIDs = name+" 2", []string{model.NewId(), me}
		return nil
	}))
	inc := newIncident(2)
	inc.Name, inc.TeamID, inc.PlaybookID, inc.CommanderUserID = name, team, book.ID, me
	s.addChannel(t, inc.ChannelID, team, "P", me)
	inc, started, err := s.Incidents().Create(t.Context(), inc, me, "key "+inc.ID, model.GetMillis(), app.Extensions{})
	require.NoError(t, err)
	_, err = s.Incidents().AttachPost(t.Context(), inc, started.ID, model.NewId(), func(*incident.Incident) bool { return false })
	require.NoError(t, err)
	post := s.addPost(t, inc.ChannelID, me, 5, 0, "{}")
	change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 60, 5) })
	change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
	require.NoError(t, s.Jobs().Add(t.Context(), jobs.Job{ID: model.NewId(), Kind: "k", Key: inc.ID, IncidentID: inc.ID, CreateAt: 1}))
	require.NoError(t, s.Subscriptions().Add(t.Context(), newSubscription(me, name), 1, 10))
	require.NoError(t, s.FoldNames(t.Context()))
	for _, f := range []app.Filter{{ViewerID: me}, {ViewerID: me, MemberID: me}, {ViewerID: me, SearchTerm: strings.ToUpper(name)}, {ViewerID: me, CommanderUserID: me, Sort: "name"}} {
		f.TeamID, f.PerPage = team, 10
		items, total, err := s.Incidents().List(t.Context(), f)
		require.NoError(t, err)
		assert.Equal(t, "1 1", fmt.Sprint(total, len(items)), fmt.Sprintf("%+v", f))
		assert.Equal(t, name, items[0].Name, "name")
	}
	_, _, err = s.Incidents().View(t.Context(), inc.ID, me)
	require.NoError(t, err)
	books, _, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: team, MemberID: me, UsedBy: me, PerPage: 10})
	require.NoError(t, err)
	assert.Equal(t, 1, len(books), "playbooks")
	found, err := s.Subscriptions().Delete(t.Context(), model.NewId(), me)
	require.NoError(t, err)
	assert.False(t, found, "found")
}

// unused are tables that nothing writes to: they were emptied by a migration.
var unused = []string{"ir_looseend"}

// Each table of ours in each locale: it has a primary key, its ids can be compared with those of the host, names of every script are
// stored, found and sorted, and where PostgreSQL publishes all tables each row can be changed and deleted.
func TestEveryTableInEachLocale(t *testing.T) {
	eachHostLocale(t, func(t *testing.T, s *Store, db *testdb.Database) {
		if s.postgres {
			s.sql(t, "CREATE PUBLICATION everything FOR ALL TABLES")
		} else {
			var other []string
			require.NoError(t, s.db.SelectContext(t.Context(), &other, "SELECT CONCAT(table_name, '.', column_name, ' ', collation_name) FROM information_schema.columns"+
				" WHERE table_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!' AND column_name LIKE '%ID' AND collation_name <> @@collation_database"))
			assert.Equal(t, "", strings.Join(other, ", "), "ids of another collation")
		}
		assert.Equal(t, "", withoutKey(t, s), "tables without a key")
		for _, name := range []string{"Störung", "Сбой оплаты", "Λάθος", "データベース障害", "데이터베이스 장애", "ระบบล่ม", "प्रणाली विफल", "مشكلة في الدفع", "תקלה", "👩‍🚒 🇩🇪", "e\u0301te\u0301", "a_b%c\\d'e\"f"} {
			useEveryTable(t, s, name)
		}
		tables := ourTables(t, s)
		for _, table := range tables {
			if n := one[int](t, s, "SELECT COUNT(*) FROM "+table); n == 0 && !slices.Contains(unused, strings.ToLower(table)) {
				t.Errorf("this test writes nothing to %s", table)
			}
		}
		for range 2 { // rows that others refer to cannot be deleted first
			for _, table := range tables {
				column := one[string](t, s, "SELECT MIN(column_name) FROM information_schema.columns WHERE LOWER(table_name) = ? AND column_name NOT LIKE '%RowID'", strings.ToLower(table))
				s.sql(t, "UPDATE "+table+" SET "+column+" = "+column)
				_, err := s.db.ExecContext(context.Background(), "DELETE FROM "+table)
				if state, number := codes(err); err != nil && state != "23503" && number != 1451 {
					t.Errorf("delete from %s: %v", table, err)
				}
			}
		}
		for _, table := range tables {
			assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM "+table), "rows of "+table)
		}
		s.sql(t, "INSERT INTO IR_System (SKey, SValue) VALUES ('DatabaseVersion', '0.5.0'), ('PluginSchemaVersion', '0')")
		require.NoError(t, open(t, db).Migrate(t.Context())) // all migrations run on their own result
		useEveryTable(t, s, "again")
	})
}
