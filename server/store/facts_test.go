//go:build store

package store

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestFacts(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		before := s.Facts(t.Context())
		equal(t, "failures", len(before.Failed), 0)
		equal(t, "driver", before.Driver, string(db.Driver))
		equal(t, "schema", before.Schema, before.SchemaKnown)
		equal(t, "step", before.Step, len(migrations))
		if before.Version == "" || before.Connections == 0 {
			t.Errorf("lacks facts: %+v", before)
		}
		made := create(t, s, newIncident(1))
		ended := newIncident(1)
		ended.IsActive = false
		create(t, s, ended)
		s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, '{}', 0)", DefaultPluginID, "once_"+made.ID)
		s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, '{}', 0)", "other", "once_"+made.ID)
		must(t, s.Jobs().Add(t.Context(), jobs.Job{ID: model.NewId(), Kind: "of a test", Key: "k", NextAttemptAt: 1}))
		after := s.Facts(t.Context())
		equal(t, "failures", len(after.Failed), 0)
		for name, more := range map[string]int64{app.CountIncidents: 2, app.CountOngoing: 1, app.CountPlaybooks: 0, app.CountEvents: 2,
			app.CountReminders: 1} {
			equal(t, name, after.Counts[name]-before.Counts[name], more)
		}
		equal(t, "jobs", slices.Contains(after.Jobs, jobs.Count{Kind: "of a test", Waiting: 1}), true)
	})
}

func TestFacts_IncludeWhatCannotBeRead(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		s.sql(t, "DROP TABLE IR_Job")
		f := s.Facts(t.Context())
		equal(t, "failures", len(f.Failed), 1)
		equal(t, "schema", f.Schema, f.SchemaKnown)
		if _, counted := f.Counts[app.CountIncidents]; !counted {
			t.Errorf("the rest is missing: %v", f.Counts)
		}
		must(t, s.Close())
		equal(t, "failures without a database", len(s.Facts(t.Context()).Failed), 1)
	})
}

func TestSlowSearch_ReportsTheMissingIndex(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		slow, err := s.SlowSearch(t.Context())
		must(t, err)
		equal(t, "slow", slow, false)
		if db.Driver != testdb.Postgres {
			return
		}
		s.sql(t, "DROP EXTENSION pg_trgm CASCADE")
		slow, err = s.SlowSearch(t.Context())
		must(t, err)
		equal(t, "slow without the extension", slow, true)
	})
}
