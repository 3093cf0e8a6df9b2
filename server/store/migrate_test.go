//go:build store

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// describe lists our tables' columns with their types, nullability and defaults, and their indexes.
func describe(t *testing.T, s *Store) []string {
	t.Helper()
	queries := []string{
		"SELECT CONCAT(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ', COALESCE(column_default, '-')) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!' ORDER BY 1",
		"SELECT CONCAT(table_name, ' ', index_name, ' ', non_unique, ' ', seq_in_index, ' ', column_name) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!' ORDER BY 1",
	}
	if s.postgres {
		queries = []string{
			"SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '-') FROM information_schema.columns WHERE table_name LIKE 'ir!_%' ESCAPE '!' ORDER BY 1",
			"SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'ir!_%' ESCAPE '!' ORDER BY 1",
		}
	}
	var out []string
	for _, q := range queries {
		var lines []string
		require.NoError(t, s.db.SelectContext(t.Context(), &lines, q))
		out = append(out, lines...)
	}
	return out
}

func TestEmptyDatabaseGetsTheSchemaOf120AndOurs(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		s := open(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		assert.Equal(t, "0.5.0", one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"), "legacy version")
		assert.Equal(t, strconv.Itoa(len(migrations)), one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'PluginSchemaVersion'"), "own")
		first := describe(t, s)
		require.NoError(t, s.Migrate(t.Context()))
		if again := describe(t, s); !reflect.DeepEqual(first, again) {
			t.Errorf("a second migration changed the schema:\n%v\n%v", first, again)
		}

		fixture := open(t, testdb.NewFixtureDatabase(t, db.Driver))
		require.NoError(t, fixture.Migrate(t.Context()))
		got, want := strings.Join(first, "\n"), strings.Join(describe(t, fixture), "\n")
		if db.Driver == testdb.MySQL {
			// An index on the primary key alone that 1.2.0 made by mistake.
			want = strings.Replace(want, "IR_Playbook IR_PlaybookMember_PlaybookID 1 1 ID\n", "", 1)
		}
		if got != want {
			t.Errorf("the schema differs from a migrated one of 1.2.0. Made:\n%s\n\nof 1.2.0:\n%s", got, want)
		}
	})
}

func TestSchemaUpToDateCostsOneQueryAndNoLock(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		s, other := open(t, db), open(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, other.withMigrationLock(t.Context(), func() error { return s.Migrate(t.Context()) }))
	})
}

func TestTwoNodesMigrateAtOnce(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		stores := []*Store{open(t, db), open(t, db)}
		for _, err := range parallel(6, func(n int) error { return stores[n%2].Migrate(context.Background()) }) {
			require.NoError(t, err)
		}
		assert.Equal(t, 2, one[int](t, stores[0], "SELECT COUNT(*) FROM IR_System"), "versions")
		// The lock is free again.
		require.NoError(t, stores[1].withMigrationLock(t.Context(), func() error { return nil }))
	})
}

func TestLockIsFreeAfterAFailure(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		a, b := open(t, db), open(t, db)
		fails := fmt.Errorf("a migration failed")
		assert.Equal(t, fails, a.withMigrationLock(t.Context(), func() error { return fails }), "error")
		require.NoError(t, b.withMigrationLock(t.Context(), func() error { return nil }))
	})
}

func TestEachVersionOfTheSchemaIsMigrated(t *testing.T) {
	for n := 1; n <= len(legacyMigrations); n++ {
		t.Run(legacyMigrations[n-1].version.String(), func(t *testing.T) {
			testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
				s := open(t, db)
				for _, migration := range legacyMigrations[:n] {
					require.NoError(t, s.step(t.Context(), migration.run, legacyVersionKey, migration.version.String()))
				}
				stages := `[{"id":"","title":"One","items":null},{"id":"","title":"Two","items":[{"id":"","title":"a"}]}]`
				add := func(stage int, checklists string) string {
					id := model.NewId()
					s.sql(t, "INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, ActiveStage, ChecklistsJSON) VALUES (?, 'Old', 'd', ?, 'c', 'team', ?, 5, ?, "+
						map[bool]string{true: "CAST(? AS json)", false: "?"}[s.postgres]+")", id, true, id, stage, checklists)
					return id
				}
				good, none, outside := add(1, stages), add(0, "null"), add(7, stages)
				require.NoError(t, s.Migrate(t.Context()))

				// Host tables are missing here, so the rows are read directly.
				wantTitle := ""
				if n < 3 {
					wantTitle = "Two"
				}
				for id, want := range map[string]string{good: wantTitle, none: "", outside: ""} {
					var row incidentRow
					require.NoError(t, s.get(t.Context(), s.db, &row, s.builder.Select(incidentColumns...).From("IR_Incident i").Where("i.ID = ?", id)))
					assert.Equal(t, want, row.ActiveStageTitle, "stage title")
					assert.EqualValues(t, 0, row.Revision, "revision")
					assert.EqualValues(t, 0, row.PreviousReminder, "previous reminder")
				}
				if n < 5 {
					assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ReminderMessageTemplate IS NULL"), "NULL templates")
				}
			})
		})
	}
}

// A step that failed half-way on MySQL leaves its first statements behind.
func TestMigrationsCanBeRepeated(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		s := open(t, db)
		for range 2 {
			for _, migration := range legacyMigrations {
				require.NoError(t, s.inTx(t.Context(), func(tx *sqlx.Tx) error { return migration.run(t.Context(), &schema{s, tx}) }))
			}
			for _, own := range migrations {
				require.NoError(t, s.inTx(t.Context(), func(tx *sqlx.Tx) error { return own(t.Context(), &schema{s, tx}) }))
			}
		}
		require.NoError(t, s.Migrate(t.Context()))
	})
}

func TestOnlyAMissingTableMeansNoSchemaYet(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		s := open(t, db)
		require.NoError(t, s.Migrate(t.Context()))
		set := func(version string) {
			s.sql(t, "UPDATE IR_System SET SValue = ? WHERE SKey = 'DatabaseVersion'", version)
			s.sql(t, "DELETE FROM IR_System WHERE SKey = 'PluginSchemaVersion'")
		}
		for _, bad := range []string{"0.4.5", "0.0.1", "five", "0.5"} {
			set(bad)
			if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), bad) {
				t.Errorf("version %q: got error %v, want one that names it", bad, err)
			}
			assert.Equal(t, bad, one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"), "version")
		}
		set("0.7.0")
		require.NoError(t, s.Migrate(t.Context()))
		assert.Equal(t, "0.7.0", one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"), "newer version")
		s.sql(t, "UPDATE IR_System SET SValue = 'x' WHERE SKey = 'PluginSchemaVersion'")
		if err := s.Migrate(t.Context()); err == nil {
			t.Error("an unparsable own version was accepted")
		}

		s.sql(t, "ALTER TABLE IR_System RENAME TO IR_Away")
		s.sql(t, "CREATE TABLE IR_System (Wrong INTEGER)")
		if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "read the schema version") {
			t.Errorf("got %v, want a read error", err)
		}
	})
}

// readAs120 reads all incidents and playbooks with the explicit columns of 1.2.0, which tolerates no NULL, and
// checks the JSON: all fields present, none added.
func readAs120(t *testing.T, s *Store) (names map[string]string) {
	t.Helper()
	names = map[string]string{}
	checkJSON := func(id, text string, filled bool) {
		var stages []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &stages); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		for _, stage := range stages {
			assert.Equal(t, 3, len(stage), "fields of a stage")
			var items []map[string]interface{}
			require.NoError(t, json.Unmarshal(stage["items"], &items))
			if filled && len(stage["id"]) != 28 {
				t.Errorf("%s: stage without id: %s", id, stage["id"])
			}
			for _, item := range items {
				assert.Equal(t, 11, len(item), "fields of a task")
				for _, field := range []string{"id", "title", "state", "state_modified", "state_modified_post_id", "assignee_id",
					"assignee_modified", "assignee_modified_post_id", "command", "command_last_run", "description"} {
					if _, ok := item[field]; !ok {
						t.Errorf("%s: task without %s", id, field)
					}
				}
				if filled && len(item["id"].(string)) != 26 {
					t.Errorf("%s: task without id", id)
				}
			}
		}
	}
	each := func(query string, scan func(rows *sql.Rows) error) {
		rows, err := s.db.QueryContext(t.Context(), query)
		require.NoError(t, err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			require.NoError(t, scan(rows))
		}
		require.NoError(t, rows.Err())
	}
	each("SELECT ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, EndAt, DeleteAt, ActiveStage, ActiveStageTitle, PostID, PlaybookID, ChecklistsJSON, ReminderPostID, PreviousReminder, BroadcastChannelID, ReminderMessageTemplate FROM IR_Incident",
		func(rows *sql.Rows) error {
			var id, name, description, commander, team, channel, title, post, playbook, checklists, reminderPost, broadcast, template string
			var active bool
			var createAt, endAt, deleteAt, stage, previous int64
			err := rows.Scan(&id, &name, &description, &active, &commander, &team, &channel, &createAt, &endAt, &deleteAt, &stage, &title,
				&post, &playbook, &checklists, &reminderPost, &previous, &broadcast, &template)
			names[id] = name
			checkJSON(id, checklists, true)
			return err
		})
	each("SELECT ID, Title, Description, TeamID, CreatePublicIncident, CreateAt, DeleteAt, ChecklistsJSON, NumStages, NumSteps, BroadcastChannelID, ReminderMessageTemplate, ReminderTimerDefaultSeconds FROM IR_Playbook",
		func(rows *sql.Rows) error {
			var id, title, description, team, checklists, broadcast, template string
			var public bool
			var createAt, deleteAt, stages, steps, timer int64
			err := rows.Scan(&id, &title, &description, &team, &public, &createAt, &deleteAt, &checklists, &stages, &steps, &broadcast, &template, &timer)
			names[id] = title
			checkJSON(id, checklists, false)
			return err
		})
	return names
}
