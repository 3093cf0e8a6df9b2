package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// Facts describes the database for a support report. What cannot be read is listed in Failed; the rest is filled in.
func (s *Store) Facts(ctx context.Context) app.DatabaseFacts {
	newest := legacyMigrations[len(legacyMigrations)-1].version
	stats := s.db.Stats()
	f := app.DatabaseFacts{Driver: driverMySQL, SchemaKnown: newest.String(), StepKnown: len(migrations), Counts: map[string]int64{},
		Connections: stats.OpenConnections, InUse: stats.InUse, Waited: stats.WaitCount}
	version := "VERSION()"
	if s.postgres {
		f.Driver, version = driverPostgres, "CURRENT_SETTING('server_version')"
	}
	failed := func(err error) bool {
		if err != nil {
			f.Failed = append(f.Failed, err)
		}
		return err != nil
	}
	if failed(errors.Wrap(s.get(ctx, s.db, &f.Version, s.builder.Select(version)), "read the version of the database")) {
		return f // the rest would wait as long
	}
	if v, err := s.readVersions(ctx); !failed(err) {
		f.Schema, f.Step = v.legacy.String(), v.current
	}
	rows := s.builder.Select("COUNT(*)")
	for _, count := range []struct {
		name  string
		query sq.SelectBuilder
	}{
		{app.CountIncidents, rows.From("IR_Incident").Where(sq.Eq{"DeleteAt": 0})},
		{app.CountOngoing, rows.From("IR_Incident").Where(sq.Eq{"DeleteAt": 0, "IsActive": true})},
		{app.CountPlaybooks, rows.From("IR_Playbook").Where(sq.Eq{"DeleteAt": 0})},
		{app.CountEvents, rows.From("IR_Event")},
		{app.CountReminders, rows.From("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID}).
			Where(`PKey LIKE ? ESCAPE '!'`, likeEscape("once_")+"%")},
	} {
		var n int64
		if !failed(errors.Wrapf(s.get(ctx, s.db, &n, count.query), "count %s", count.name)) {
			f.Counts[count.name] = n
		}
	}
	var err error
	f.Jobs, err = s.Jobs().Counts(ctx)
	failed(err)
	f.SlowSearch, err = s.SlowSearch(ctx)
	failed(err)
	return f
}

// SlowSearch reports whether searching incidents by name reads all names of a team, although the database could do better: the
// extension pg_trgm or the index that it makes possible is missing.
func (s *Store) SlowSearch(ctx context.Context) (bool, error) {
	if !s.postgres {
		return false, nil
	}
	var n int
	err := s.get(ctx, s.db, &n, s.builder.Select("COUNT(*)").From("pg_indexes").
		Where("schemaname = current_schema() AND tablename = 'ir_incident' AND indexdef LIKE '%namefolded%gin!_trgm!_ops%' ESCAPE '!'"))
	return n == 0, errors.Wrap(err, "look for the index of names")
}
