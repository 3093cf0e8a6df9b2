//go:build store

package store

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestFacts(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		before := s.Facts(t.Context())
		assert.Equal(t, 0, len(before.Failed), "failures")
		assert.Equal(t, string(db.Driver), before.Driver, "driver")
		assert.Equal(t, before.SchemaKnown, before.Schema, "schema")
		assert.Equal(t, len(migrations), before.Step, "step")
		if before.Version == "" || before.Connections == 0 {
			t.Errorf("lacks facts: %+v", before)
		}
		made := create(t, s, newIncident(1))
		ended := newIncident(1)
		ended.IsActive = false
		create(t, s, ended)
		s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, '{}', 0)", DefaultPluginID, "once_"+made.ID)
		s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, '{}', 0)", "other", "once_"+made.ID)
		require.NoError(t, s.Jobs().Add(t.Context(), jobs.Job{ID: model.NewId(), Kind: "of a test", Key: "k", NextAttemptAt: 1}))
		after := s.Facts(t.Context())
		assert.Equal(t, 0, len(after.Failed), "failures")
		for name, more := range map[string]int64{app.CountIncidents: 2, app.CountOngoing: 1, app.CountPlaybooks: 0, app.CountEvents: 2,
			app.CountReminders: 1} {
			assert.Equal(t, more, after.Counts[name]-before.Counts[name], name)
		}
		assert.True(t, slices.Contains(after.Jobs, jobs.Count{Kind: "of a test", Waiting: 1}), "jobs")
	})
}

func TestFacts_IncludeWhatCannotBeRead(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		s.sql(t, "DROP TABLE IR_Job")
		f := s.Facts(t.Context())
		assert.Equal(t, 1, len(f.Failed), "failures")
		assert.Equal(t, f.SchemaKnown, f.Schema, "schema")
		if _, counted := f.Counts[app.CountIncidents]; !counted {
			t.Errorf("the rest is missing: %v", f.Counts)
		}
		require.NoError(t, s.Close())
		assert.Equal(t, 1, len(s.Facts(t.Context()).Failed), "failures without a database")
	})
}

func TestSlowSearch_ReportsTheMissingIndex(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		slow, err := s.SlowSearch(t.Context())
		require.NoError(t, err)
		assert.False(t, slow, "slow")
		if db.Driver != testdb.Postgres {
			return
		}
		s.sql(t, "DROP EXTENSION pg_trgm CASCADE")
		slow, err = s.SlowSearch(t.Context())
		require.NoError(t, err)
		assert.True(t, slow, "slow without the extension")
	})
}
