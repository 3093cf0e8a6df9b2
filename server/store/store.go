// Package store keeps incidents and playbooks in the database of Mattermost, PostgreSQL or MySQL/MariaDB.
//
// The tables are those of version 1.2.0 with additions that it does not notice, so both versions can work on
// the same database one after the other.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// The database drivers as Mattermost's SqlSettings.DriverName spells them.
const (
	driverPostgres = "postgres"
	driverMySQL    = "mysql"
)

// DefaultPluginID is the plugin under whose id pending reminders are stored, unless Options say otherwise.
const DefaultPluginID = "com.mattermost.plugin-incident-management"

const (
	defaultMaxOpen = 10
	// maxIdleTime closes connections that a burst of requests has left behind.
	maxIdleTime = 5 * time.Minute
	// maxPrepared is how many statements are kept prepared on each connection of PostgreSQL.
	maxPrepared = 64
	// maxBuilt is how many texts of statements are kept. There are fewer.
	maxBuilt    = 32
	dialTimeout = 10 * time.Second
	// defaultTimeout is that of Mattermost's own statements.
	defaultTimeout = 30 * time.Second
)

// maxConcurrentChanges is how many changes of one incident may use a connection at the same time: one that holds the lock of
// the row, and the next one that already waits for it. The others wait without a connection, so that a client that floods
// one incident does not take the whole pool.
const maxConcurrentChanges = 2

// Options of Open. The zero value is usable.
type Options struct {
	// MaxOpen limits the open connections. It is 10 if 0, and at least 2, since migrations hold a lock on one.
	MaxOpen int
	// Log receives what was tolerated or retried; nil discards it.
	Log app.Log
	// Wrap, if not nil, stands between the pool and the driver, to count statements.
	Wrap func(driver.Connector) driver.Connector
	// Timeout bounds how long each statement may take, and the wait for a connection; 30 s if 0. Migrations may take longer.
	Timeout time.Duration
	// PluginID owns the pending reminders in the host's key-value table; "" means DefaultPluginID.
	PluginID string
}

// Store is a pool of connections to one database. It is safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	postgres bool
	builder  sq.StatementBuilderType
	log      app.Log
	pluginID string
	// timeout bounds each statement. Without it a connection to a machine that is gone would block until the operating system
	// gives it up, a quarter of an hour later.
	timeout time.Duration
	// changes limits the changes of one incident that are in the database at the same time.
	changes limit.PerKey
	cache   countCache
	// built has the texts of the statements that read one thing for a viewer, by a name that says which.
	built *statement.Cache[string]
	// capabilities is what capabilities keep in the database.
	capabilities []capability.Schema
}

// Open prepares a store without connecting yet. name is "postgres" or "mysql", dataSource the host's data source.
func Open(name, dataSource string, opts Options) (*Store, error) {
	s := &Store{log: opts.Log, pluginID: opts.PluginID, timeout: opts.Timeout, changes: limit.PerKey{Slots: maxConcurrentChanges},
		built: statement.NewCache[string](maxBuilt)}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	if s.log == nil {
		s.log = silent{}
	}
	if s.pluginID == "" {
		s.pluginID = DefaultPluginID
	}
	var connector driver.Connector
	var err error
	switch name {
	case driverPostgres:
		s.postgres = true
		s.builder = sq.StatementBuilder.PlaceholderFormat(sq.Dollar)
		connector, err = postgresConnector(dataSource)
	case driverMySQL:
		s.builder = sq.StatementBuilder.PlaceholderFormat(sq.Question)
		connector, err = mysqlConnector(dataSource)
	default:
		err = errors.Errorf("database driver %q is not supported: use postgres or mysql", name)
	}
	if err != nil {
		return nil, err
	}
	if opts.Wrap != nil {
		connector = opts.Wrap(connector)
	}
	s.db = sqlx.NewDb(sql.OpenDB(connector), map[bool]string{true: "pgx", false: "mysql"}[s.postgres])
	open := max(cmp.Or(opts.MaxOpen, defaultMaxOpen), 2)
	s.db.SetMaxOpenConns(open)
	s.db.SetMaxIdleConns(open) // to open one costs more than most queries
	s.db.SetConnMaxIdleTime(maxIdleTime)
	return s, nil
}

// postgresConnector makes the connections to PostgreSQL.
func postgresConnector(dataSource string) (driver.Connector, error) {
	config, err := pgx.ParseConfig(dataSource)
	if err != nil {
		return nil, errors.New("SqlSettings.DataSource is not a valid PostgreSQL data source") // pgx's error may quote the password
	}
	// Each query is one round trip. A statement that is prepared once saves its planning as well, but is lost if a
	// pooler gives each transaction another connection. Behind such a pooler Mattermost itself only works with
	// binary_parameters, so without them there is none. See docs/decisions/0009-prepared-statements.md.
	var options []stdlib.OptionOpenDB
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = maxPrepared, 0
	if strings.EqualFold(config.RuntimeParams["binary_parameters"], "yes") {
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		config.StatementCacheCapacity = 0
	} else {
		// To start workers or a compiler takes longer than our queries.
		options = append(options, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
			return configure(ctx, c, "max_parallel_workers_per_gather = 0", "jit = off")
		}))
	}
	// Mattermost's data sources are written for lib/pq. The server would refuse its own parameters.
	for _, name := range []string{"binary_parameters", "disable_prepared_binary_result", "fallback_application_name"} {
		delete(config.RuntimeParams, name)
	}
	return stdlib.GetConnector(*config, options...), nil
}

// mysqlConnector makes the connections to MySQL and MariaDB.
func mysqlConnector(dataSource string) (driver.Connector, error) {
	config, err := mysql.ParseDSN(dataSource)
	if err != nil {
		return nil, errors.New("SqlSettings.DataSource is not a valid MySQL data source")
	}
	config.InterpolateParams = true // one round trip per query
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	config.Params["group_concat_max_len"] = "1000000000" // else lists of status posts end at 1 KB
	// With other modes, of the server or the data source, our statements would be refused, mean something else, or cut what is too long.
	config.Params["sql_mode"] = "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"
	config.ClientFoundRows = true // an UPDATE counts the rows it found, as on PostgreSQL
	if config.Timeout == 0 {
		config.Timeout = dialTimeout
	}
	connector, err := mysql.NewConnector(config)
	return connector, errors.Wrap(err, "MySQL data source")
}

// configure sets what the server knows: PostgreSQL 10 has no jit.
func configure(ctx context.Context, c *pgx.Conn, settings ...string) error {
	for _, setting := range settings {
		_, err := c.Exec(ctx, "SET "+setting, pgx.QueryExecModeSimpleProtocol)
		var refused *pgconn.PgError
		if err != nil && !(errors.As(err, &refused) && refused.Code == "42704") {
			return errors.Wrap(err, "configure a connection")
		}
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

// Incidents gives access to the incidents.
func (s *Store) Incidents() app.Incidents { return &incidents{s} }

// Subscriptions gives access to the subscriptions.
func (s *Store) Subscriptions() app.Subscriptions { return &subscriptions{s} }

// Playbooks gives access to the playbooks.
func (s *Store) Playbooks() app.Playbooks { return &playbooks{s} }

// get reads exactly one row; none is sql.ErrNoRows.
func (s *Store) get(ctx context.Context, q sqlx.QueryerContext, dest interface{}, b sq.Sqlizer) error {
	query, args, err := b.ToSql()
	if err != nil {
		return errors.Wrap(err, "build a query")
	}
	return s.getText(ctx, q, dest, query, args)
}

func (s *Store) getText(ctx context.Context, q sqlx.QueryerContext, dest interface{}, query string, args []interface{}) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := sqlx.GetContext(ctx, q, dest, query, args...)
	charge(ctx, 1, dest)
	return err
}

// selectAll reads all rows into a slice.
func (s *Store) selectAll(ctx context.Context, q sqlx.QueryerContext, dest interface{}, b sq.Sqlizer) error {
	query, args, err := b.ToSql()
	if err != nil {
		return errors.Wrap(err, "build a query")
	}
	return s.selectText(ctx, q, dest, query, args)
}

func (s *Store) selectText(ctx context.Context, q sqlx.QueryerContext, dest interface{}, query string, args []interface{}) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var err error
	if rows, is := dest.(capability.Rows); is {
		err = scan(ctx, q, rows, query, args)
	} else {
		err = sqlx.SelectContext(ctx, q, dest, query, args...)
	}
	charge(ctx, 1, dest)
	return err
}

func scan(ctx context.Context, q sqlx.QueryerContext, into capability.Rows, query string, args []interface{}) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err says what went wrong
	for rows.Next() {
		if err := rows.Scan(into.Next()...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectPrepared is selectAll outside of a transaction.
func (s *Store) selectPrepared(ctx context.Context, dest interface{}, b sq.Sqlizer) error {
	return s.selectAll(ctx, s.db, dest, b)
}

// selectPlanned is selectAll for queries whose best plan depends on the values in them. PostgreSQL plans them each time.
func (s *Store) selectPlanned(ctx context.Context, dest interface{}, b sq.Sqlizer) error {
	query, args, err := b.ToSql()
	if err != nil {
		return errors.Wrap(err, "build a query")
	}
	if s.postgres {
		args = append([]interface{}{pgx.QueryExecModeExec}, args...)
	}
	return s.selectText(ctx, s.db, dest, query, args)
}

// exec runs a statement and returns the number of rows that it found.
func (s *Store) exec(ctx context.Context, e sqlx.ExecerContext, b sq.Sqlizer) (int64, error) {
	query, args, err := b.ToSql()
	if err != nil {
		return 0, errors.Wrap(err, "build a statement")
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	result, err := e.ExecContext(ctx, query, args...)
	charge(ctx, limit.WriteWeight, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// charge charges what was read or written to whom ctx is for. Background work is not counted.
func charge(ctx context.Context, weight int, value interface{}) {
	if limit.IsCharged(ctx) {
		limit.Charge(ctx, weight*textBytes(reflect.ValueOf(value)))
	}
}

// textBytes is how many bytes of text a value has, such as what was read or the arguments of a statement. Nothing else is ever long.
func textBytes(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer, reflect.Interface:
		return textBytes(v.Elem()) // none of nil
	case reflect.Struct:
		for i := range v.NumField() {
			n += textBytes(v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len()
		}
		for i := range v.Len() {
			n += textBytes(v.Index(i))
		}
	}
	return n
}

type silent struct{}

func (silent) Debug(string, ...interface{}) {}
func (silent) Info(string, ...interface{})  {}
func (silent) Warn(string, ...interface{})  {}
func (silent) Error(string, ...interface{}) {}
