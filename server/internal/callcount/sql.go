// Package callcount counts what an operation costs: SQL statements and calls of Mattermost's plugin API. It is not part
// of the shipped plugin: tests and builds with the tag "counted" put its counters in between.
package callcount

import (
	"database/sql/driver"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/sqlwatch"
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

// Wrap puts the counter between a pool and its driver.
func (s *Statements) Wrap(inner driver.Connector) driver.Connector {
	return sqlwatch.Wrap(inner, func(statement string, _ time.Duration, _ error) {
		if statement == "CONNECT" {
			return // it failed: no statement was sent
		}
		s.n.Add(1)
		if s.Each != nil {
			s.Each(statement)
		}
	})
}
