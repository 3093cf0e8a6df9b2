//go:build store

package all

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// related are tables without a column IncidentID whose rows belong to an incident all the same: a column has what a column of another
// table has, whose rows have an IncidentID.
var related = map[string]struct{ column, of, ofColumn string }{
	"ir_followuphistory": {"followupid", "ir_followup", "id"},
	"ir_statuscopy":      {"statuspostid", "ir_statusposts", "postid"},
}

// lasting are tables whose rows stay when an incident is deleted.
var lasting = []string{
	"ir_system", "ir_playbook", "ir_playbookmember", "ir_playbookuse", "ir_subscription",
	"ir_retrospectivetemplate", // of playbooks
	"ir_erasure",               // the record of the deletion
}

// plain is a database with the tables of core and capabilities, in which rows are made without the code that makes them otherwise.
type plain struct {
	t    *testing.T
	db   *sql.DB
	bind int
}

func (p *plain) exec(statement string, args ...interface{}) {
	p.t.Helper()
	_, err := p.db.Exec(sqlx.Rebind(p.bind, statement), args...)
	require.NoError(p.t, err, statement)
}

func (p *plain) strings(query string, args ...interface{}) (values []string) {
	p.t.Helper()
	rows, err := p.db.Query(sqlx.Rebind(p.bind, query), args...)
	require.NoError(p.t, err, query)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value string
		require.NoError(p.t, rows.Scan(&value))
		values = append(values, value)
	}
	require.NoError(p.t, rows.Err())
	return values
}

// schema is the function that names the database in information_schema.
func (p *plain) schema() string {
	if p.bind == sqlx.DOLLAR {
		return "current_schema()"
	}
	return "DATABASE()"
}

// tables lists the plugin's tables, in lower case.
func (p *plain) tables() (names []string) {
	for _, name := range p.strings("SELECT table_name FROM information_schema.tables WHERE table_schema = " + p.schema()) {
		if strings.HasPrefix(strings.ToLower(name), "ir_") {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	return names
}

// columns lists the columns of a table, in lower case, each with its type.
func (p *plain) columns(table string) map[string]string {
	columns := map[string]string{}
	for _, line := range p.strings("SELECT CONCAT(column_name, ' ', data_type) FROM information_schema.columns WHERE table_schema = "+p.schema()+
		" AND (table_name = ? OR table_name = ?)", table, p.spelled(table)) {
		name, kind, _ := strings.Cut(strings.ToLower(line), " ")
		columns[name] = kind
	}
	return columns
}

// spelled is the name of a table with its capitals, which MySQL needs.
func (p *plain) spelled(table string) string {
	if p.bind == sqlx.DOLLAR {
		return table
	}
	for _, name := range p.strings("SELECT table_name FROM information_schema.tables WHERE table_schema = " + p.schema()) {
		if strings.EqualFold(name, table) {
			return name
		}
	}
	return table
}

// fill makes a row, with an id or a small value in each column that is not given.
func (p *plain) fill(table string, given map[string]interface{}) {
	p.t.Helper()
	var names, marks []string
	var values []interface{}
	for name, kind := range p.columns(table) {
		value, ok := given[name]
		switch {
		case ok:
		case name == "rowid" || name == "ongoingchannelid": // the database fills it
			continue
		case strings.Contains(name, "json") || kind == "json":
			value = "[]"
		case strings.Contains(kind, "char") || strings.Contains(kind, "text"):
			value = strings.ToLower(model.NewId())
			if !strings.HasSuffix(name, "id") {
				value = value.(string)[:8]
			}
		case kind == "bytea" || strings.Contains(kind, "blob") || strings.Contains(kind, "binary"):
			value = []byte("x")
		case kind == "boolean" || kind == "tinyint":
			value = false
		default:
			value = 1
		}
		names, marks, values = append(names, name), append(marks, "?"), append(values, value)
	}
	p.exec("INSERT INTO "+p.spelled(table)+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
}

// rows is how many rows of a table belong to an incident; ok is false for a table that does not say.
func (p *plain) rows(table, incidentID string) (n int, ok bool) {
	where, value := "", incidentID
	columns := p.columns(table)
	switch r, isRelated := related[table]; {
	case table == "ir_incident":
		where = "id = ?"
	case columns["incidentid"] != "":
		where = "incidentid = ?"
	case isRelated:
		where, value = r.column+" LIKE ?", incidentID[:8]+"%" // see use
	default:
		return 0, false
	}
	require.NoError(p.t, p.db.QueryRow(sqlx.Rebind(p.bind, "SELECT COUNT(*) FROM "+p.spelled(table)+" WHERE "+where), value).Scan(&n))
	return n, true
}

// use makes a row of an incident in each table. Ids that relate tables begin as that of the incident, so that rows are recognised
// when the other table's are gone.
func (p *plain) use(incidentID string) {
	p.t.Helper()
	relating := func(table string) map[string]interface{} {
		given := map[string]interface{}{"incidentid": incidentID}
		for _, r := range related {
			if r.of == table {
				given[r.ofColumn] = incidentID[:8] + strings.ToLower(model.NewId())[:18]
			}
		}
		return given
	}
	p.fill("ir_incident", map[string]interface{}{"id": incidentID, "name": "Outage", "isactive": true})
	var later []string
	for _, table := range p.tables() {
		_, isRelated := related[table]
		switch {
		case table == "ir_incident" || slices.Contains(lasting, table):
		case isRelated:
			later = append(later, table)
		case p.columns(table)["incidentid"] != "":
			p.fill(table, relating(table))
		}
	}
	for _, table := range later {
		r := related[table]
		ids := p.strings("SELECT "+r.ofColumn+" FROM "+p.spelled(r.of)+" WHERE incidentid = ?", incidentID)
		require.NotEmpty(p.t, ids, table)
		p.fill(table, map[string]interface{}{r.column: ids[0]})
	}
	// The pending reminder, where version 1.2.0 looks for it.
	p.exec("INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, '{}', 0)", store.DefaultPluginID, "once_"+incidentID)
}

// erasing deletes one of two incidents that have rows in each table, and lists where something is left of it, or missing of the other
// one.
func erasing(t *testing.T, driver testdb.Driver, more ...capability.Schema) (wrong []string) {
	t.Helper()
	d := testdb.NewFixtureDatabase(t, driver)
	s, err := store.Open(string(driver), d.DSN, store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	set := Plug(&capability.Core{PluginID: store.DefaultPluginID, Service: app.New(s.Incidents(), s.Playbooks(), s.Jobs(), nil, nil, store.DefaultPluginID),
		Incidents: s.Incidents(), Jobs: s.Jobs(), Database: s})
	s.Register(append(set.Schemas(), more...)...)
	require.NoError(t, s.Migrate(t.Context()))
	p := &plain{t: t, bind: sqlx.QUESTION}
	if s.Postgres() {
		p.bind = sqlx.DOLLAR
	}
	p.db, err = d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.db.Close() })

	gone, stays := strings.ToLower(model.NewId()), strings.ToLower(model.NewId())
	p.use(gone)
	p.use(stays)
	seen := ""
	require.NoError(t, s.Erase(t.Context(), gone, nil, func(_ capability.Transaction, inc incident.Incident) error {
		seen = inc.Name
		return nil
	}))
	require.Equal(t, "Outage", seen)
	for _, table := range p.tables() {
		left, ok := p.rows(table, gone)
		switch {
		case slices.Contains(lasting, table):
		case !ok:
			wrong = append(wrong, table+": say in related or in lasting whether its rows belong to an incident")
		case left != 0:
			wrong = append(wrong, fmt.Sprint(table, ": ", left, " rows are left"))
		default:
			if n, _ := p.rows(table, stays); n != 1 {
				wrong = append(wrong, fmt.Sprint(table, ": another incident has ", n, " rows"))
			}
		}
	}
	require.Equal(t, []string{"once_" + stays}, p.strings("SELECT PKey FROM PluginKeyValueStore WHERE PKey IN (?, ?)", "once_"+gone, "once_"+stays))
	return wrong
}

// Nothing is left of an incident that was deleted, in any table of the core or of a capability, and nothing is missing of another one.
// A table that is added later is found in the database, and filled here by its columns.
func TestErase_LeavesNothing(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) { require.Empty(t, erasing(t, driver)) })
	}
}

// The test notices a capability that forgets its rows, and one that does not say whose they are.
func TestErase_LeftoversAreNoticed(t *testing.T) {
	table := func(name, columns string) capability.Schema {
		create := "CREATE TABLE IF NOT EXISTS " + name + " (" + columns + ")"
		return capability.Schema{Capability: name, Tables: []string{name}, Migrations: []capability.Migration{func(ctx context.Context, t capability.Tables) error {
			return t.Run(ctx, create, create+" DEFAULT CHARACTER SET utf8mb4")
		}}}
	}
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			require.Equal(t, []string{"ir_forgetful: 1 rows are left", "ir_silent: say in related or in lasting whether its rows belong to an incident"},
				erasing(t, driver, table("IR_Forgetful", "ID VARCHAR(26) PRIMARY KEY, IncidentID VARCHAR(26) NOT NULL, Number BIGINT NOT NULL"),
					table("IR_Silent", "ID VARCHAR(26) PRIMARY KEY, RotaID VARCHAR(26) NOT NULL")))
		})
	}
}
