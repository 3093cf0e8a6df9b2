//go:build store

package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Columns by the number of the legacy migration that added them, counted from 1. A schema has the level of its newest migration. The key comes first.
var oldColumns = map[string][]struct {
	since   int
	columns string
}{
	"IR_Incident": {
		{1, "ID,Name,Description,IsActive,CommanderUserID,TeamID,ChannelID,CreateAt,EndAt,DeleteAt,ActiveStage,PostID,PlaybookID,ChecklistsJSON"},
		{3, "ActiveStageTitle"}, {4, "ReminderPostID,BroadcastChannelID"}, {5, "PreviousReminder,ReminderMessageTemplate"},
	},
	"IR_Playbook": {
		{1, "ID,Title,Description,TeamID,CreatePublicIncident,CreateAt,DeleteAt,ChecklistsJSON,NumStages,NumSteps"},
		{4, "BroadcastChannelID"}, {5, "ReminderMessageTemplate,ReminderTimerDefaultSeconds"},
	},
	"IR_PlaybookMember": {{1, "PlaybookID,MemberID"}},
	"IR_StatusPosts":    {{4, "IncidentID,PostID"}},
	"IR_System":         {{1, "SKey,SValue"}},
}

// columnsAt lists a table's columns at a level; none before the table existed.
func columnsAt(table string, level int) []string {
	var names []string
	for _, part := range oldColumns[table] {
		if part.since <= level {
			names = append(names, strings.Split(part.columns, ",")...)
		}
	}
	return names
}

// buildLegacySchema brings an empty database to a level, as a version of that time would have left it.
func buildLegacySchema(t *testing.T, s *Store, level int) {
	t.Helper()
	for _, r := range legacyMigrations[:level] {
		require.NoError(t, s.step(t.Context(), r.run, legacyVersionKey, r.version.String()))
	}
}

// insert stores a row; values that the level has no column for are left out.
func (s *Store) insert(t *testing.T, level int, table string, row map[string]interface{}) {
	t.Helper()
	var names, marks []string
	var values []interface{}
	for _, name := range columnsAt(table, level) {
		value, given := row[name]
		if !given {
			continue
		}
		mark := "?"
		if name == "ChecklistsJSON" && s.postgres {
			mark = "CAST(? AS json)"
		}
		names, marks, values = append(names, name), append(marks, mark), append(values, value)
	}
	s.sql(t, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
}

func padded(id string) string { return id + strings.Repeat("0", 26-len(id)) }

// Stages as 1.2.0 and what came before stored them.
const twoStages = `[{"id":"","title":"One","items":null},{"id":"stage0000000000000000000002","title":"Two — 二","items":[{"id":"","title":"a \"quoted\" \\ task","state":"closed","state_modified":7,"state_modified_post_id":"p","assignee_id":"","assignee_modified":0,"assignee_modified_post_id":"","command":"/echo %s","command_last_run":0,"description":""}]}]`

// oldData is what people left in a database: the usual, and all that 1.2.0's reads put up with.
func (s *Store) insertOldData(t *testing.T, level int) {
	t.Helper()
	for n, x := range []struct {
		name, checklists, title string
		stage                   int64
		active                  bool
	}{
		{"Plain", twoStages, "Two — 二", 1, true}, {"Ended", twoStages, "One", 0, false}, {"No stages", "null", "", 0, true},
		{"Empty list", "[]", "", 0, true}, {"Out of range", twoStages, "", 7, true}, {"Negative", twoStages, "", -1, true},
		{"Not a list", `{"not":"a list"}`, "", 0, true}, {"  ünïcödé 安全 🔒 \\ ' \" %s  ", twoStages, "One", 0, true},
		{strings.Repeat("long ", 200), `[{"id":"x","title":"` + strings.Repeat("big", 300) + `","items":[{"id":"y","title":"` + strings.Repeat("z", 60000) + `"}]}]`, strings.Repeat("big", 300), 0, true},
	} {
		id := padded("incident" + strconv.Itoa(n))
		s.insert(t, level, "IR_Incident", map[string]interface{}{
			"ID": id, "Name": x.name, "Description": "about " + x.name, "IsActive": x.active, "CommanderUserID": padded("anna"), "TeamID": padded("team"),
			"ChannelID": padded("channel" + strconv.Itoa(n)), "CreateAt": int64(1600000000000 + n), "EndAt": map[bool]int64{false: 1600000009999}[x.active],
			"DeleteAt": int64(0), "ActiveStage": x.stage, "PostID": "", "PlaybookID": padded("playbook0"), "ChecklistsJSON": x.checklists,
			"ActiveStageTitle": x.title, "ReminderPostID": "", "BroadcastChannelID": padded("wide"), "PreviousReminder": int64(900e9), "ReminderMessageTemplate": "how is it?",
		})
		if columnsAt("IR_StatusPosts", level) != nil && n < 3 {
			s.insert(t, level, "IR_StatusPosts", map[string]interface{}{"IncidentID": id, "PostID": padded("post" + strconv.Itoa(n))})
			s.insert(t, level, "IR_StatusPosts", map[string]interface{}{"IncidentID": id, "PostID": padded("other" + strconv.Itoa(n))})
		}
	}
	for n, deleteAt := range []int64{0, 1600000000005} {
		id := padded("playbook" + strconv.Itoa(n))
		s.insert(t, level, "IR_Playbook", map[string]interface{}{
			"ID": id, "Title": "Outage 🔥", "Description": "", "TeamID": padded("team"), "CreatePublicIncident": n == 0, "CreateAt": int64(1500000000000), "DeleteAt": deleteAt,
			"ChecklistsJSON": twoStages, "NumStages": int64(2), "NumSteps": int64(1), "BroadcastChannelID": "", "ReminderMessageTemplate": "t", "ReminderTimerDefaultSeconds": int64(3600),
		})
		for _, member := range []string{"anna", "boris"} {
			s.insert(t, level, "IR_PlaybookMember", map[string]interface{}{"PlaybookID": id, "MemberID": padded(member)})
		}
		if !s.postgres { // no unique key there
			s.insert(t, level, "IR_PlaybookMember", map[string]interface{}{"PlaybookID": id, "MemberID": padded("anna")})
		}
	}
}

// rows reads the given columns of a table as sorted lines of text.
func (s *Store) rows(t *testing.T, table string, columns []string) []string {
	t.Helper()
	if len(columns) == 0 {
		return nil
	}
	rows, err := s.db.QueryContext(t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM "+table)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]interface{}, len(columns))
		for n := range values {
			targets[n] = &values[n]
		}
		require.NoError(t, rows.Scan(targets...))
		var line strings.Builder
		for n, v := range values {
			text := "NULL"
			if v.Valid {
				text = strconv.Quote(v.String)
			}
			_, _ = fmt.Fprintf(&line, "%s=%s ", columns[n], text)
		}
		lines = append(lines, line.String())
	}
	require.NoError(t, rows.Err())
	slices.Sort(lines)
	return lines
}

// snapshot is everything that a level knows, except the versions.
func (s *Store) snapshot(t *testing.T, level int) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for table := range oldColumns {
		if table != "IR_System" {
			out[table] = s.rows(t, table, columnsAt(table, level))
		}
	}
	return out
}

func sameRows(t *testing.T, what string, got, want map[string][]string) {
	t.Helper()
	for table := range want {
		if len(got[table]) != len(want[table]) {
			t.Errorf("%s: %s has %d rows, want %d", what, table, len(got[table]), len(want[table]))
			continue
		}
		for n := range want[table] {
			if got[table][n] != want[table][n] {
				t.Errorf("%s: a row of %s became\n%.600s\nfrom\n%.600s", what, table, got[table][n], want[table][n])
			}
		}
	}
}

// whole is the schema and all that is in our tables, also what later versions added. Events have ids of chance and
// are left out: a migration makes none.
func (s *Store) whole(t *testing.T) string {
	t.Helper()
	all := describe(t, s)
	for table := range oldColumns {
		columns := columnsAt(table, len(legacyMigrations))
		if table == "IR_Incident" {
			columns = append(columns, "Revision", "PostRevision", "ReminderClaimedAt")
		}
		all = append(all, s.rows(t, table, columns)...)
	}
	all = append(all, fmt.Sprint("events ", one[int](t, s, "SELECT COUNT(*) FROM IR_Event")))
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// Each version of the schema, with data, becomes the newest one and loses nothing: all rows and columns are compared.
func TestUpgradeKeepsEveryRowOfEachVersion(t *testing.T) {
	for level := 1; level <= len(legacyMigrations); level++ {
		t.Run(legacyMigrations[level-1].version.String(), func(t *testing.T) {
			testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
				s := open(t, db)
				buildLegacySchema(t, s, level)
				s.insertOldData(t, level)
				before := s.snapshot(t, level)

				// Two nodes start on it, twice.
				other := open(t, db)
				for range 2 {
					for _, err := range parallel(2, func(n int) error { return []*Store{s, other}[n].Migrate(t.Context()) }) {
						require.NoError(t, err)
					}
					sameRows(t, "migrated", s.snapshot(t, level), before)
				}
				s.mustHaveDefaults(t, level)
				assert.Equal(t, "0.5.0", one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"), "legacy version")
				assert.Equal(t, strconv.Itoa(len(migrations)), one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'PluginSchemaVersion'"), "own")
				assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM IR_System"), "versions")

				fresh := open(t, testdb.NewDatabase(t, db.Driver))
				require.NoError(t, fresh.Migrate(t.Context()))
				assert.Equal(t, strings.Join(describe(t, fresh), "\n"), strings.Join(describe(t, s), "\n"), "schema")
			})
		})
	}
}

// mustHaveDefaults checks what a migration from a level has put into the columns that the level did not have.
func (s *Store) mustHaveDefaults(t *testing.T, level int) {
	t.Helper()
	titles := map[string]string{"Plain": "Two — 二", "Ended": "One", "No stages": "", "Out of range": "", "Negative": "", "Not a list": "", "Empty list": ""}
	var rows []incidentRow
	require.NoError(t, s.selectAll(t.Context(), s.db, &rows, s.builder.Select(incidentColumns...).From("IR_Incident i")))
	for _, row := range rows {
		what := row.Name
		if want, known := titles[row.Name]; known && level < 3 {
			assert.Equal(t, want, row.ActiveStageTitle, what+": stage title")
		}
		if level < 4 {
			assert.Equal(t, "", row.ReminderPostID+row.BroadcastChannelID, what+": reminder post and broadcast channel")
		}
		if level < 5 {
			assert.EqualValues(t, 0, row.PreviousReminder, what+": previous reminder")
			assert.Equal(t, "", row.ReminderMessageTemplate, what+": template")
		}
		assert.EqualValues(t, 0, row.Revision+row.PostRevision+one[int64](t, s, "SELECT ReminderClaimedAt FROM IR_Incident WHERE ID = ?", row.ID), what+": revisions and claim")
	}
	// 1.2.0 cannot read a NULL in these.
	for _, column := range []string{"ActiveStageTitle", "BroadcastChannelID", "ReminderMessageTemplate"} {
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE "+column+" IS NULL"), "NULLs in "+column)
	}
	assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Playbook WHERE BroadcastChannelID IS NULL OR ReminderMessageTemplate IS NULL"), "NULLs in playbooks")
}

// A database of one of our releases gets the further migrations and keeps its rows.
func TestUpgradeFromEachOfOurOwnSchemas(t *testing.T) {
	for own := 0; own <= len(migrations); own++ {
		t.Run(strconv.Itoa(own), func(t *testing.T) {
			testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
				s := open(t, db)
				buildLegacySchema(t, s, len(legacyMigrations))
				for n, step := range migrations[:own] {
					require.NoError(t, s.step(t.Context(), step, schemaVersionKey, strconv.Itoa(n+1)))
				}
				s.insertOldData(t, len(legacyMigrations))
				if own > 0 {
					s.sql(t, "UPDATE IR_Incident SET Revision = 12, PostRevision = 3, ReminderClaimedAt = 4")
					s.sql(t, "INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON) VALUES ('e', ?, 12, 'ended', 'a', 5, '{}', '{\"is_active\":false}')", padded("incident0"))
					s.sql(t, "INSERT INTO IR_IdempotencyKey (ActorID, RequestKey, IncidentID, CreateAt) VALUES ('a', 'k', ?, 5)", padded("incident0"))
				}
				before := s.snapshot(t, len(legacyMigrations))
				require.NoError(t, s.Migrate(t.Context()))
				sameRows(t, "migrated", s.snapshot(t, len(legacyMigrations)), before)
				if own > 0 {
					assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE Revision <> 12 OR PostRevision <> 3 OR ReminderClaimedAt <> 4"), "revisions")
					assert.Equal(t, `{"is_active":false}`, one[string](t, s, "SELECT AfterJSON FROM IR_Event WHERE ID = 'e' AND Revision = 12 AND Type = 'ended'"), "events")
					assert.Equal(t, padded("incident0"), one[string](t, s, "SELECT IncidentID FROM IR_IdempotencyKey WHERE ActorID = 'a' AND RequestKey = 'k'"), "keys")
				}
			})
		})
	}
}

// 1.2.0 works on our database, by its own statements, and then we do again. It rewrites whole rows, and leaves out
// what it does not know.
func TestUpgradeAfter120HasWorkedOnOurDatabase(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		all := fixtureIncidents(t, s)
		ours, theirs := all["Checkout is down"].ID, padded("by120")
		for range 3 {
			change(t, s, ours, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.AddTask(incident.At(0), incident.Task{ID: padded("added"), Title: "by us"})
			})
		}
		before := load(t, s, ours)
		readAs120(t, s)

		// A check-off by 1.2.0: the row as it has read it, with one task changed, and no word of revisions.
		stages := before.Clone().Checklists
		stages[0].Tasks[0].State = incident.InProgress
		text, err := encodeStages(stages)
		require.NoError(t, err)
		s.sql(t, "UPDATE IR_Incident SET Name = 'Renamed by 1.2.0', IsActive = ?, EndAt = 77, ChecklistsJSON = "+map[bool]string{true: "CAST(? AS json)", false: "?"}[s.postgres]+
			", ActiveStage = 2, ActiveStageTitle = ?, ReminderPostID = '', PreviousReminder = 0 WHERE ID = ?", false, text, stages[2].Title, ours)
		// A new incident, a new playbook, a member twice where nothing forbids it, and a status post.
		s.insert(t, len(legacyMigrations), "IR_Incident", map[string]interface{}{"ID": theirs, "Name": "New", "Description": "", "IsActive": true, "CommanderUserID": before.CommanderUserID,
			"TeamID": before.TeamID, "ChannelID": padded("chan120"), "CreateAt": int64(9), "ActiveStage": int64(0), "ChecklistsJSON": "null", "ActiveStageTitle": "",
			"ReminderPostID": "", "BroadcastChannelID": "", "ReminderMessageTemplate": ""})
		s.insert(t, len(legacyMigrations), "IR_Playbook", map[string]interface{}{"ID": theirs, "Title": "New", "Description": "", "TeamID": before.TeamID, "CreatePublicIncident": true,
			"CreateAt": int64(9), "ChecklistsJSON": twoStages, "NumStages": int64(2), "NumSteps": int64(1), "BroadcastChannelID": "", "ReminderMessageTemplate": ""})
		s.insert(t, len(legacyMigrations), "IR_PlaybookMember", map[string]interface{}{"PlaybookID": theirs, "MemberID": before.CommanderUserID})
		if !s.postgres {
			s.insert(t, len(legacyMigrations), "IR_PlaybookMember", map[string]interface{}{"PlaybookID": theirs, "MemberID": before.CommanderUserID})
		}
		post := s.addPost(t, before.ChannelID, before.CommanderUserID, 1, 0, "{}")
		s.insert(t, len(legacyMigrations), "IR_StatusPosts", map[string]interface{}{"IncidentID": ours, "PostID": post})
		assert.Equal(t, "0.5.0", one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'"), "legacy version")

		again := open(t, db)
		require.NoError(t, again.Migrate(t.Context()))
		after := load(t, again, ours)
		if after.Name != "Renamed by 1.2.0" || after.IsActive || after.EndAt != 77 || after.ActiveStage != 2 || after.Checklists[0].Tasks[0].State != incident.InProgress ||
			after.Revision != before.Revision || len(after.StatusPostIDs) != len(before.StatusPostIDs)+1 || after.StatusPostIDs[0] != post {
			t.Errorf("what 1.2.0 did is not seen: %+v", after)
		}
		restarted, event := change(t, again, ours, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		assert.Equal(t, before.Revision+1, restarted.Revision, "revision")
		assert.Equal(t, before.Revision+1, event.Revision, "revision of the event")
		fresh, _ := change(t, again, theirs, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(5) })
		assert.EqualValues(t, 1, fresh.Revision, "revision of a new incident")
		book, _, err := again.Playbooks().View(t.Context(), theirs, "")
		require.NoError(t, err)
		assert.Equal(t, 1, len(book.MemberIDs), "members")
		readAs120(t, again)
		if _, total, err := again.Incidents().List(t.Context(), app.Filter{TeamID: before.TeamID, PerPage: 50}); err != nil || total != 6 {
			t.Errorf("%d incidents are listed: %v", total, err)
		}
	})
}
