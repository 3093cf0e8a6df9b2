//go:build store

package store

import (
	"context"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// A server that was upgraded has tables of another collation than it gives to new ones. MySQL and MariaDB refuse to
// compare columns of both.
func TestMigrate_TablesOfAnotherCollationThanTheServers(t *testing.T) {
	const collation = "utf8mb4_unicode_ci"
	for name, dropped := range map[string]string{"with the tables of 1.2.0": "none", "without tables of ours": "IR\\_%"} {
		t.Run(name, func(t *testing.T) {
			s := open(t, testdb.NewFixtureDatabase(t, testdb.MySQL))
			connection, err := s.db.Connx(t.Context())
			require.NoError(t, err)
			defer func() { _ = connection.Close() }()
			run := func(statement string) {
				_, err := connection.ExecContext(t.Context(), statement)
				require.NoError(t, err)
			}
			tables := func(like string) (names []string) {
				require.NoError(t, connection.SelectContext(t.Context(), &names, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '"+like+"'"))
				return names
			}
			run("SET FOREIGN_KEY_CHECKS = 0")
			for _, table := range tables(dropped) {
				run("DROP TABLE " + table)
			}
			for _, table := range append(tables("IR\\_PlaybookMember"), tables("IR\\_StatusPosts")...) { // foreign keys forbid the conversion
				run("ALTER TABLE " + table + " DROP FOREIGN KEY " + table + "_ibfk_1")
			}
			for _, table := range tables("%") {
				if strings.HasPrefix(table, "Retention") { // foreign keys hold them
					continue
				}
				run("ALTER TABLE " + table + " CONVERT TO CHARACTER SET utf8mb4 COLLATE " + collation)
			}
			require.NoError(t, s.Migrate(t.Context()))

			var others []string
			require.NoError(t, connection.SelectContext(t.Context(), &others, "SELECT CONCAT(table_name, '.', column_name, ' ', collation_name) FROM information_schema.columns"+
				" WHERE table_schema = DATABASE() AND table_name LIKE 'IR\\_%' AND collation_name <> '"+collation+"' AND column_name <> 'RequestKey'"))
			if len(others) > 0 {
				t.Errorf("columns of another collation: %s", strings.Join(others, ", "))
			}

			inc := create(t, s, newIncident(1))
			changed, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.SetTaskState(incident.Ref{}, incident.Ref{}, incident.Closed, 1)
			})
			attached, err := s.Incidents().AttachPost(t.Context(), changed, event.ID, model.NewId(), func(i *incident.Incident) bool {
				return i.AttachPost(event.Payload, model.NewId())
			})
			require.NoError(t, err)
			assert.EqualValues(t, 1, attached.PostRevision, "post revision")
			_, _, err = s.Incidents().View(t.Context(), inc.ID, model.NewId())
			require.NoError(t, err)
			_, err = s.Incidents().OrphanChannels(t.Context(), app.Orphan{TeamID: inc.TeamID, Names: []string{"a"}, Type: "P", Members: []string{"b"}})
			require.NoError(t, err)
		})
	}
}

// The collation may be that of an installation of ours that could not know better: the post's id is stored nevertheless.
func TestAttachPost_EventsOfAnotherCollation(t *testing.T) {
	s := open(t, testdb.NewFixtureDatabase(t, testdb.MySQL))
	require.NoError(t, s.Migrate(t.Context()))
	s.sql(t, "ALTER TABLE IR_Event CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	inc := create(t, s, newIncident(1))
	changed, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return i.SetTaskState(incident.Ref{}, incident.Ref{}, incident.Closed, 1)
	})
	post := model.NewId()
	_, err := s.Incidents().AttachPost(t.Context(), changed, event.ID, post, func(i *incident.Incident) bool { return true })
	require.NoError(t, err)
	assert.Equal(t, post, one[string](t, s, "SELECT PostID FROM IR_Event WHERE ID = ?", event.ID), "post")
}

// PostgreSQL 10, on which Mattermost 5.39 runs, lacks a setting that later ones have.
func TestOpen_PostgresWithoutASetting(t *testing.T) {
	s := open(t, testdb.NewFixtureDatabase(t, testdb.Postgres))
	connection, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	require.NoError(t, connection.Raw(func(c any) error {
		return configure(context.Background(), c.(*stdlib.Conn).Conn(), "jit_of_the_future = off", "max_parallel_workers_per_gather = 3")
	}))
	var workers string
	require.NoError(t, connection.QueryRowContext(t.Context(), "SHOW max_parallel_workers_per_gather").Scan(&workers))
	assert.Equal(t, "3", workers, "the other setting")
	require.NoError(t, connection.Raw(func(c any) error {
		if err := configure(t.Context(), c.(*stdlib.Conn).Conn(), "max_parallel_workers_per_gather = many"); err == nil {
			t.Error("a refused value went unnoticed")
		}
		return nil
	}))
}

// The modes of the server, or of the data source, would give our statements another meaning, or refuse them: MySQL has ONLY_FULL_GROUP_BY
// unless somebody has taken it away, and MariaDB then refuses more than MySQL.
func TestOpen_StatementsDoNotDependOnTheModesOfMySQL(t *testing.T) {
	db := testdb.NewFixtureDatabase(t, testdb.MySQL)
	config, err := mysql.ParseDSN(db.DSN)
	require.NoError(t, err)
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	config.Params["sql_mode"] = "'ONLY_FULL_GROUP_BY,HIGH_NOT_PRECEDENCE,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'"
	s, err := Open(string(db.Driver), config.FormatDSN(), Options{Log: &recorder{}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	inc := newIncident(1)
	inc.Name = `quotes ' " and a backslash \`
	inc = create(t, s, inc)
	user := one[string](t, s, "SELECT MIN(UserId) FROM TeamMembers WHERE DeleteAt = 0")
	reach, err := s.Incidents().Reach(t.Context(), user)
	require.NoError(t, err)
	require.NotEmpty(t, reach.Teams)
	_, err = s.Incidents().ViewerRoles(t.Context(), user, inc.TeamID)
	require.NoError(t, err)
	_, err = s.Incidents().MemberGroups(t.Context(), inc.ChannelID)
	require.NoError(t, err)
	stored, err := s.Incidents().Get(t.Context(), inc.ID)
	require.NoError(t, err)
	assert.Equal(t, inc.Name, stored.Name)
}
