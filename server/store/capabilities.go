package store

import (
	"context"
	"strconv"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

var _ capability.Database = (*Store)(nil)

// Postgres reports whether the database is PostgreSQL, else it is MySQL or MariaDB.
func (s *Store) Postgres() bool { return s.postgres }

// Builder builds statements in the dialect of the database.
func (s *Store) Builder() sq.StatementBuilderType { return s.builder }

// Select reads all rows into a slice. On PostgreSQL the query is planned each time, for the values in it.
func (s *Store) Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	return s.selectPlanned(ctx, dest, query)
}

// SelectPrepared is Select for a query that one plan fits, whatever the values in it are.
func (s *Store) SelectPrepared(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	return s.selectPrepared(ctx, dest, query)
}

// Exec runs a statement and returns the number of rows that it found.
func (s *Store) Exec(ctx context.Context, statement sq.Sqlizer) (int64, error) {
	return s.exec(ctx, s.db, statement)
}

// InTransaction runs fn in a transaction, and commits it unless fn fails. After a deadlock it runs fn again.
func (s *Store) InTransaction(ctx context.Context, fn func(tx capability.Transaction) error) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return fn(changeTx{s, tx}) })
}

// capabilityVersionKey holds the number of migrations of a capability that were taken. 1.2.0 does not look at it.
func capabilityVersionKey(name string) string { return schemaVersionKey + "." + name }

// tables is capability.Tables for one migration.
type tables struct{ *schema }

func (t tables) Run(ctx context.Context, postgres, mysql string) error {
	return t.run(ctx, postgres, mysql)
}

func (t tables) AddTable(ctx context.Context, name, columns string) error {
	return t.table(ctx, name, columns)
}

func (t tables) AddColumn(ctx context.Context, table, name, postgres, mysql string) error {
	return t.column(ctx, table, name, postgres, mysql)
}

func (t tables) AddIndex(ctx context.Context, name, table, columns string) error {
	return t.index(ctx, name, table, columns)
}

func (t tables) AddUniqueIndex(ctx context.Context, name, table, columns string) error {
	return t.uniqueIndex(ctx, name, table, columns)
}

// migrateCapabilities takes the missing migrations of capabilities. The caller holds the lock.
func (s *Store) migrateCapabilities(ctx context.Context, v versions) error {
	for _, c := range s.capabilities {
		for n := v.capabilities[c.Capability]; n < len(c.Migrations); n++ {
			s.log.Info("Migrating the tables of a capability", "capability", c.Capability, "step", n+1)
			migration := c.Migrations[n]
			err := s.step(ctx, func(ctx context.Context, to *schema) error { return migration(ctx, tables{to}) },
				capabilityVersionKey(c.Capability), strconv.Itoa(n+1))
			if err != nil {
				return errors.Wrapf(err, "migrate the database: step %d of %s", n+1, c.Capability)
			}
		}
	}
	return nil
}
