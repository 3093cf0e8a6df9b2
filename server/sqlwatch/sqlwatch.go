// Package sqlwatch wraps a database driver and reports each statement to an observer.
package sqlwatch

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// Observer receives each statement after it has run: its text ("BEGIN", "COMMIT" and "ROLLBACK" for transactions,
// "PREPARE" and the text for one that is prepared), how long it took, and the driver's error. It may be called at the same time
// by several goroutines and must not use the pool.
type Observer func(statement string, took time.Duration, err error)

// Wrap puts the observer between a pool and its driver. Connections fail if the driver lacks what both drivers of the
// plugin offer.
func Wrap(inner driver.Connector, observe Observer) driver.Connector {
	return &connector{Connector: inner, observe: observe}
}

type connector struct {
	driver.Connector
	observe Observer
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
		c.observe("CONNECT", 0, err)
		return nil, err
	}
	full, ok := inner.(driverConn)
	if !ok {
		return nil, errors.New("this database driver cannot be watched")
	}
	return &conn{driverConn: full, observe: c.observe}, nil
}

type conn struct {
	driverConn
	observe Observer
}

func (c *conn) done(statement string, start time.Time, err error) {
	if err == driver.ErrSkip { //nolint:errorlint // not an error: the pool prepares the statement instead
		return
	}
	c.observe(statement, time.Since(start), err)
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	result, err := c.driverConn.ExecContext(ctx, query, args)
	c.done(query, start, err)
	return result, err
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	rows, err := c.driverConn.QueryContext(ctx, query, args)
	c.done(query, start, err)
	return rows, err
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	start := time.Now()
	statement, err := c.driverConn.PrepareContext(ctx, query)
	c.done("PREPARE "+query, start, err)
	return statement, err
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	start := time.Now()
	inner, err := c.driverConn.BeginTx(ctx, opts)
	c.done("BEGIN", start, err)
	if err != nil {
		return nil, err
	}
	return &tx{inner, c}, nil
}

// IsValid passes the driver's opinion of the connection on.
func (c *conn) IsValid() bool {
	v, ok := c.driverConn.(driver.Validator)
	return !ok || v.IsValid()
}

type tx struct {
	inner driver.Tx
	conn  *conn
}

func (t *tx) Commit() error {
	start := time.Now()
	err := t.inner.Commit()
	t.conn.done("COMMIT", start, err)
	return err
}

func (t *tx) Rollback() error {
	start := time.Now()
	err := t.inner.Rollback()
	t.conn.done("ROLLBACK", start, err)
	return err
}
