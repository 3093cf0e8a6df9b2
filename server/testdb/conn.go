package testdb

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"
)

// Conn runs statements of a test, with ? as placeholders on each kind of database. A statement that fails ends the test.
type Conn struct {
	DB     *sql.DB
	Driver Driver
}

// Connect opens the database until the end of the test.
func (d *Database) Connect(t testing.TB) *Conn {
	t.Helper()
	db, err := d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return &Conn{DB: db, Driver: d.Driver}
}

// Rebind returns the statement with the placeholders of the database.
func (c *Conn) Rebind(statement string) string {
	parts := strings.Split(statement, "?")
	if c.Driver != Postgres || len(parts) == 1 {
		return statement
	}
	for n := range parts[1:] {
		parts[n] += "$" + strconv.Itoa(n+1)
	}
	return strings.Join(parts, "")
}

// Exec runs a statement.
func (c *Conn) Exec(t testing.TB, statement string, args ...interface{}) {
	t.Helper()
	_, err := c.DB.ExecContext(t.Context(), c.Rebind(statement), args...)
	require.NoError(t, err, statement)
}

// Value reads a single value.
func Value[T any](t testing.TB, c *Conn, query string, args ...interface{}) (value T) {
	t.Helper()
	require.NoError(t, c.DB.QueryRowContext(t.Context(), c.Rebind(query), args...).Scan(&value), query)
	return value
}

// AddUser stores a user of Mattermost. roles are separated by spaces.
func (c *Conn) AddUser(t testing.TB, id, name, roles string) {
	t.Helper()
	c.Exec(t, "INSERT INTO Users (Id, Username, Email, Roles, DeleteAt, NotifyProps, Timezone, Props) VALUES (?, ?, ?, ?, 0, '{}', '{}', '{}')",
		id, name, id+"@example.com", roles)
}

// AddChannel stores a channel of Mattermost with members, whose roles are not set. kind is "O" for public or "P" for private.
func (c *Conn) AddChannel(t testing.TB, id, teamID, kind string, members ...string) {
	t.Helper()
	c.Exec(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, TotalMsgCount) VALUES (?, 1, 1, 0, ?, ?, ?, ?, 7)",
		id, teamID, kind, "Channel "+id, "channel-"+id)
	for _, userID := range members {
		c.Exec(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", id, userID)
	}
}

// AddPost stores a post of Mattermost without a text, and returns its id. Times are in Unix milliseconds, props are JSON.
func (c *Conn) AddPost(t testing.TB, channelID, userID string, createAt, deleteAt int64, props string) string {
	t.Helper()
	id := model.NewId()
	c.Exec(t, "INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, ?, ?, ?, '', ?)",
		id, createAt, createAt, deleteAt, userID, channelID, props)
	return id
}
