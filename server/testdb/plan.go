package testdb

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// RowsRead is how many rows a query reads of how many tables, by what the database says of its run.
func (c *Conn) RowsRead(t testing.TB, query string, args ...interface{}) (rows, tables int) {
	t.Helper()
	explain := map[Driver]string{Postgres: "EXPLAIN (ANALYZE, FORMAT JSON) ", MySQL: "ANALYZE FORMAT=JSON "}[c.Driver]
	plan := Value[string](t, c, explain+query, args...)
	var value interface{}
	require.NoError(t, json.Unmarshal([]byte(plan), &value))
	var walk func(value interface{})
	walk = func(value interface{}) {
		switch value := value.(type) {
		case []interface{}:
			for _, v := range value {
				walk(v)
			}
		case map[string]interface{}:
			number := func(key string) float64 { n, _ := value[key].(float64); return n }
			if value["Relation Name"] != nil {
				rows, tables = rows+int(number("Actual Loops")*(number("Actual Rows")+number("Rows Removed by Filter"))), tables+1
			}
			if value["table_name"] != nil {
				rows, tables = rows+int(number("r_loops")*number("r_rows")), tables+1
			}
			for _, v := range value {
				walk(v)
			}
		}
	}
	walk(value)
	require.Positive(t, tables, "tables of the plan "+plan)
	return rows, tables
}

// KeptPlans is for how many of ten runs of a prepared statement PostgreSQL has used a plan that it keeps. Before version 14 it does not tell,
// and the answer is 1.
func (c *Conn) KeptPlans(t testing.TB, statement string, args ...interface{}) (kept int) {
	t.Helper()
	if Value[int](t, c, "SELECT current_setting('server_version_num')::integer") < 140000 {
		return 1
	}
	conn, err := c.DB.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	prepared, err := conn.PrepareContext(t.Context(), statement)
	require.NoError(t, err)
	for range 10 {
		rows, err := prepared.QueryContext(t.Context(), args...)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
	require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1", statement).Scan(&kept))
	return kept
}
