package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strconv"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/blang/semver"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

const (
	// legacyVersionKey holds the schema version that 1.2.0 knows, a semantic version.
	legacyVersionKey = "DatabaseVersion"
	// schemaVersionKey holds the number of migrations that have run since 1.2.0, which does not look at it.
	schemaVersionKey = "PluginSchemaVersion"

	// lockNumber names the migration lock in a PostgreSQL database.
	lockNumber int64 = 0x4952_6d69_6772_6174
	// lockWait is how long to wait for another node's migrations.
	lockWait = 2 * time.Minute
)

// versions of the schema, as stored.
type versions struct {
	legacy       semver.Version // 0.0.0 without tables
	current      int
	capabilities map[string]int
}

// complete reports whether there is nothing to migrate.
func (s *Store) complete(v versions) bool {
	for _, c := range s.capabilities {
		if v.capabilities[c.Capability] < len(c.Migrations) {
			return false
		}
	}
	return v.legacy.GTE(legacyMigrations[len(legacyMigrations)-1].version) && v.current >= len(migrations)
}

// Register adds the tables of capabilities, which Migrate brings up to date and Nuke drops, in place of those registered
// before. It must not be called while another method runs.
func (s *Store) Register(capabilities ...capability.Schema) { s.capabilities = capabilities }

// Migrate brings the schema to the newest version, with the tables of the registered capabilities. Nodes of a cluster may
// call it at the same time: one migrates while the others wait. It is few queries if there is nothing to do.
//
// It fails, without touching anything, if the version cannot be read, is not understood, or is lower than the
// newest but not one that 1.2.0 or an earlier version ever stored.
//
// Errors that an administrator can do something about say what.
func (s *Store) Migrate(ctx context.Context) error {
	v, err := s.readVersions(ctx)
	if err == nil && !s.complete(v) {
		err = s.withMigrationLock(ctx, func() error { return s.migrate(ctx) })
	}
	if err != nil {
		return s.explain(err)
	}
	if err := s.checkCollations(ctx); err != nil {
		return err
	}
	// Version 1.2.0 may have written since.
	if err := s.FoldNames(ctx); err != nil {
		return s.explain(err)
	}
	if err := s.adoptSubscriptions(ctx); err != nil {
		return s.explain(err)
	}
	return s.explain(s.forgetSubscriptions(ctx))
}

// migrate runs the missing migrations. The caller holds the lock.
func (s *Store) migrate(ctx context.Context) error {
	v, err := s.readVersions(ctx)
	if err != nil {
		return err
	}
	for _, step := range legacyMigrations {
		if v.legacy.GTE(step.version) {
			continue
		}
		to := step.version.String()
		s.log.Info("Migrating the database", "to", to)
		if err := s.step(ctx, step.run, legacyVersionKey, to); err != nil {
			return errors.Wrapf(err, "migrate the database to version %s", to)
		}
	}
	for n := v.current; n < len(migrations); n++ {
		s.log.Info("Migrating the tables that 1.2.0 does not know", "migration", n+1)
		if err := s.step(ctx, migrations[n], schemaVersionKey, strconv.Itoa(n+1)); err != nil {
			return errors.Wrapf(err, "migrate the database: migration %d", n+1)
		}
	}
	return s.migrateCapabilities(ctx, v)
}

// step runs one migration and stores the version in the same transaction. MySQL commits each DDL statement on its own:
// there a migration that failed half-way runs again from its beginning, so each migration skips what exists.
//
// The database may still be running a statement of a node that was killed. If that statement creates what is being
// created here, the migration runs again and finds it.
func (s *Store) step(ctx context.Context, run func(context.Context, *schema) error, key, version string) error {
	err := s.stepOnce(ctx, run, key, version)
	for attempt := 0; attempt < maxRetries && isDuplicate(err); attempt++ {
		s.log.Debug("A migration met the end of another one and runs again", "error", err.Error())
		err = s.stepOnce(ctx, run, key, version)
	}
	return err
}

func (s *Store) stepOnce(ctx context.Context, run func(context.Context, *schema) error, key, version string) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := run(ctx, &schema{s, tx}); err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, s.builder.Update("IR_System").Set("SValue", version).Where(sq.Eq{"SKey": key}))
		if err == nil && n == 0 {
			_, err = s.exec(ctx, tx, s.builder.Insert("IR_System").Columns("SKey", "SValue").Values(key, version))
		}
		return errors.Wrap(err, "store the schema version")
	})
}

// readVersions reads and checks the stored versions. Only a missing table means that there is no schema yet.
func (s *Store) readVersions(ctx context.Context) (versions, error) {
	var rows []struct{ Name, Content string }
	v := versions{capabilities: map[string]int{}}
	numbers := map[string]string{}
	keys := []string{legacyVersionKey, schemaVersionKey}
	for _, c := range s.capabilities {
		keys = append(keys, capabilityVersionKey(c.Capability))
		numbers[capabilityVersionKey(c.Capability)] = c.Capability
	}
	err := s.selectAll(ctx, s.db, &rows, s.builder.Select("SKey AS name", "COALESCE(SValue, '') AS content").
		From("IR_System").Where(sq.Eq{"SKey": keys}))
	if isMissingTable(err) {
		return v, nil
	}
	if err != nil {
		return v, errors.Wrap(err, "read the schema version")
	}
	for _, row := range rows {
		if row.Content == "" {
			continue
		}
		if name, ofCapability := numbers[row.Name]; ofCapability || row.Name == schemaVersionKey {
			n, err := strconv.Atoi(row.Content)
			if err != nil || n < 0 {
				return v, errors.Errorf("the schema version %q under %s in table IR_System is not a number: correct it or restore the database", row.Content, row.Name)
			}
			if ofCapability {
				v.capabilities[name] = n
			} else {
				v.current = n
			}
			continue
		}
		if v.legacy, err = semver.Parse(row.Content); err != nil {
			return v, errors.Errorf("the schema version %q under %s in table IR_System is not a version number: correct it or restore the database", row.Content, legacyVersionKey)
		}
	}
	if !knownVersion(v.legacy) {
		return v, errors.Errorf("the schema version %s in table IR_System is unknown: no release of the plugin has stored it, so it cannot be migrated; restore the database", v.legacy)
	}
	return v, nil
}

func knownVersion(v semver.Version) bool {
	if v.Equals(semver.Version{}) || v.GT(legacyMigrations[len(legacyMigrations)-1].version) {
		return true
	}
	for _, step := range legacyMigrations {
		if v.Equals(step.version) {
			return true
		}
	}
	return false
}

// withMigrationLock runs fn while this store alone, of all nodes, holds the migration lock of the database.
func (s *Store) withMigrationLock(ctx context.Context, fn func() error) error {
	lock := s.lockMySQL
	if s.postgres {
		lock = s.lockPostgres
	}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	unlock, err := lock(wait, ctx)
	if err != nil {
		return errors.Wrap(err, "wait for the migrations of another node")
	}
	defer unlock()
	return fn()
}

// lockPostgres takes a lock that ends with a transaction: unlike one of the session it also holds behind a
// connection pooler, and no failure can leave it behind.
func (s *Store) lockPostgres(wait, ctx context.Context) (func(), error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(wait, "SELECT pg_advisory_xact_lock($1)", lockNumber); err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return func() { _ = tx.Rollback() }, nil
}

func (s *Store) lockMySQL(wait, ctx context.Context) (func(), error) {
	conn, err := s.db.Connx(ctx)
	if err != nil {
		return nil, err
	}
	// Lock names are shared by all databases of a server and limited to 64 characters.
	const name = "CONCAT('IR_migration_', LEFT(DATABASE(), 40), CRC32(DATABASE()))"
	for {
		// Short waits, because the host's data source may have a read timeout.
		var got sql.NullInt64
		if err := conn.GetContext(wait, &got, "SELECT GET_LOCK("+name+", 5)"); err != nil {
			discard(conn)
			return nil, err
		}
		if got.Int64 == 1 {
			break
		}
	}
	return func() {
		free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := conn.ExecContext(free, "DO RELEASE_LOCK("+name+")"); err != nil {
			discard(conn)
			return
		}
		_ = conn.Close()
	}, nil
}

// discard ends the session of conn, and with it the locks that it may hold.
func discard(conn *sqlx.Conn) {
	_ = conn.Raw(func(interface{}) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// Nuke deletes everything that the plugin has stored in its tables, and what capabilities keep elsewhere, and makes the tables again. The
// migrations of other nodes wait for it.
func (s *Store) Nuke(ctx context.Context) error {
	return s.withMigrationLock(ctx, func() error {
		err := s.inTx(ctx, func(tx *sqlx.Tx) error {
			_, err := s.exec(ctx, tx, s.builder.Delete("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID}).
				Where("PKey LIKE ? ESCAPE '!'", likeEscape(subscriptionPrefix)+"%"))
			if err != nil {
				return errors.Wrap(err, "delete the subscriptions of version 1.2.0")
			}
			var names []string
			for _, c := range s.capabilities {
				names = append(names, c.Tables...)
				if c.Clear != nil {
					if err := c.Clear(ctx, changeTx{s, tx}); err != nil {
						return errors.Wrapf(err, "delete what %s has stored", c.Capability)
					}
				}
			}
			// Tables that refer to others first; IR_System last, so that an interrupted nuke is known to be incomplete.
			for _, table := range append(names, "IR_PlaybookMember", "IR_StatusPosts", "IR_Incident", "IR_Playbook",
				"IR_Event", "IR_IdempotencyKey", "IR_LooseEnd", "IR_Job", "IR_PlaybookUse", "IR_Subscription", "IR_System") {
				if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
					return errors.Wrapf(err, "drop table %s", table)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return s.migrate(ctx)
	})
}
