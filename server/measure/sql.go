// Package measure counts what an operation costs: SQL statements and calls of Mattermost's plugin API. It is not part
// of the shipped plugin: tests and builds with the tag "counted" put its counters in between.
package measure

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// Statements counts the statements that a pool of connections sends, BEGIN, COMMIT and ROLLBACK among them: each of
// them is a round trip to the database.
type Statements struct {
	n atomic.Int64
	// Each is called with every statement, if set. Set it before the first use.
	Each func(statement string)
}

// Count is the number of statements so far.
func (s *Statements) Count() int64 { return s.n.Load() }

func (s *Statements) add(statement string) {
	s.n.Add(1)
	if s.Each != nil {
		s.Each(statement)
	}
}

// Wrap puts the counter between a pool and its driver.
func (s *Statements) Wrap(inner driver.Connector) driver.Connector {
	return &connector{Connector: inner, counter: s}
}

type connector struct {
	driver.Connector
	counter *Statements
}

// driverConn is what the drivers of both databases offer.
type driverConn interface {
	driver.Conn
	driver.Pinger
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.SessionResetter
	driver.NamedValueChecker
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := inner.(driverConn)
	if !ok {
		return nil, errors.New("this database driver cannot be measured")
	}
	return &conn{driverConn: full, counter: c.counter}, nil
}

type conn struct {
	driverConn
	counter *Statements
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.counter.add(query)
	return c.driverConn.ExecContext(ctx, query, args)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.counter.add(query)
	return c.driverConn.QueryContext(ctx, query, args)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.counter.add("PREPARE " + query)
	return c.driverConn.PrepareContext(ctx, query)
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.counter.add("BEGIN")
	inner, err := c.driverConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &tx{inner, c.counter}, nil
}

// IsValid passes the driver's opinion of the connection on.
func (c *conn) IsValid() bool {
	v, ok := c.driverConn.(driver.Validator)
	return !ok || v.IsValid()
}

type tx struct {
	inner   driver.Tx
	counter *Statements
}

func (t *tx) Commit() error {
	t.counter.add("COMMIT")
	return t.inner.Commit()
}

func (t *tx) Rollback() error {
	t.counter.add("ROLLBACK")
	return t.inner.Rollback()
}
