package store

import (
	"context"
	"math/rand"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"
)

const (
	maxRetries = 5
	retryPause = 20 * time.Millisecond
)

// inTx runs fn in a transaction and commits it if fn returns nil. After a deadlock or a serialization failure
// it runs fn again in a new transaction, so fn must have no effects beside the transaction.
func (s *Store) inTx(ctx context.Context, fn func(tx *sqlx.Tx) error) error {
	return s.withRetry(ctx, func() error { return s.runOnce(ctx, fn) })
}

// withRetry runs a transaction, or a statement that is one of its own, again after a deadlock or a serialization failure.
func (s *Store) withRetry(ctx context.Context, run func() error) error {
	for attempt := 0; ; attempt++ {
		err := run()
		if err == nil || !isRetryable(err) || attempt == maxRetries {
			return err
		}
		s.log.Debug("A transaction met another one and is tried again", "attempt", attempt+1, "error", err.Error())
		pause := retryPause<<attempt + time.Duration(rand.Int63n(int64(retryPause<<attempt))) //nolint:gosec // jitter
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// withSlot is inTx for a transaction that locks the incident id. It waits for a slot of the incident first.
func (s *Store) withSlot(ctx context.Context, id string, fn func(tx *sqlx.Tx) error) error {
	done, err := s.changes.Acquire(ctx, id)
	if err != nil {
		return err
	}
	defer done()
	return s.inTx(ctx, fn)
}

func (s *Store) runOnce(ctx context.Context, fn func(tx *sqlx.Tx) error) error {
	// The driver begins and ends a transaction with one context, which must outlast its statements: so it has no deadline
	// but is cancelled if beginning or ending takes too long. MySQL's driver minds only the data source's readTimeout, which
	// Mattermost sets, when it ends one.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(s.timeout, func() { cancel(context.DeadlineExceeded) })
	defer watch.Stop()
	tx, err := s.db.BeginTxx(ctx, nil)
	watch.Stop()
	if err != nil {
		return errors.Wrap(err, "begin a transaction")
	}
	defer func() { // also run when fn panics
		watch.Reset(s.timeout)
		_ = tx.Rollback() // without effect after the commit
	}()
	if err := fn(tx); err != nil {
		return err
	}
	watch.Reset(s.timeout)
	return errors.Wrap(tx.Commit(), "commit")
}

// errRollback ends a transaction that has nothing to store.
var errRollback = errors.New("nothing to store")

// codes gives the error code of the database: an SQLSTATE for PostgreSQL, a number for MySQL.
func codes(err error) (sqlState string, number uint16) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code, 0
	}
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		return "", my.Number
	}
	return "", 0
}

// isRetryable reports whether the transaction failed only because of another one.
func isRetryable(err error) bool {
	switch state, number := codes(err); {
	case state == "40001", state == "40P01": // serialization failure, deadlock
		return true
	case number == 1213, number == 1205, number == 1020: // deadlock, lock wait timeout, changed since the snapshot
		return true
	}
	return false
}

func isUniqueViolation(err error) bool {
	state, number := codes(err)
	return state == "23505" || number == 1062
}

// isSyntaxError reports whether the database of MySQL's kind does not know a statement.
func isSyntaxError(err error) bool {
	_, number := codes(err)
	return number == 1064
}

// isDuplicate reports whether something was to be made that is there already: a table, a column, an index or a row.
func isDuplicate(err error) bool {
	switch state, number := codes(err); {
	case state == "42P07", state == "42701", state == "42710": // table or index, column, other object
		return true
	case number == 1050, number == 1060, number == 1061: // table, column, index
		return true
	}
	return isUniqueViolation(err)
}

func isMissingTable(err error) bool {
	state, number := codes(err)
	return state == "42P01" || number == 1146
}
