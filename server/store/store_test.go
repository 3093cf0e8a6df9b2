//go:build store

package store

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestDataSourcesOfHosts(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		separator := "?"
		if strings.Contains(db.DSN, "?") {
			separator = "&"
		}
		extra := map[testdb.Driver]string{
			testdb.Postgres: "connect_timeout=10&binary_parameters=yes",
			testdb.MySQL:    "readTimeout=30s&writeTimeout=30s",
		}
		s, err := Open(string(db.Driver), db.DSN+separator+extra[db.Driver], Options{MaxOpen: 1})
		require.NoError(t, err)
		defer func() { _ = s.Close() }()
		require.NoError(t, s.Migrate(t.Context()))
		_, err = s.Playbooks().GetAny(t.Context(), "nothing")
		assert.True(t, incident.IsKind(err, incident.NotFound), "not found")
	})
}

func TestBadDataSourcesAreRefusedWithoutTellingThePassword(t *testing.T) {
	for _, c := range [][2]string{{"sqlite3", "secret"}, {"postgres", "postgres://u:secret@host:port/x"}, {"mysql", "u:secret@("}} {
		if _, err := Open(c[0], c[1], Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", c[0], err)
		}
	}
}

func TestDeadlockedTransactionsAreTriedAgain(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		ids := []string{create(t, s, newIncident(1)).ID, create(t, s, newIncident(1)).ID}
		var runs, holding atomic.Int32
		bothHold := make(chan struct{})
		for _, err := range parallel(2, func(n int) error {
			return s.inTx(context.Background(), func(tx *sqlx.Tx) error {
				first := runs.Add(1) <= 2
				name := func(id, name string) error {
					return s.execAll(context.Background(), tx, s.builder.Update("IR_Incident").Set("Name", name).Where(sq.Eq{"ID": id}))
				}
				if err := name(ids[n], "first"); err != nil {
					return err
				}
				if first { // until both hold what the other wants
					if holding.Add(1) == 2 {
						close(bothHold)
					}
					select {
					case <-bothHold:
					case <-time.After(10 * time.Second):
					}
				}
				return name(ids[1-n], "second")
			})
		}) {
			require.NoError(t, err)
		}
		if runs.Load() < 3 {
			t.Errorf("only %d runs: there was no deadlock", runs.Load())
		}
	})
}
