package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
)

// Postgres reports whether the database is PostgreSQL, else it is MySQL or MariaDB.
func (s *Store) Postgres() bool { return s.postgres }

// Builder builds statements in the dialect of the database.
func (s *Store) Builder() sq.StatementBuilderType { return s.builder }

// Select reads all rows into a slice. On PostgreSQL the query is planned each time, for the values in it.
func (s *Store) Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	return s.selectPlanned(ctx, dest, query)
}
