package capability

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// Migration is one step of the history of a capability's tables. It runs in a transaction that no other node's migrations
// overlap. MySQL commits each of its statements alone, so that a migration that has failed half-way runs again from its
// beginning.
type Migration func(ctx context.Context, t Tables) error

// Tables changes tables within one migration. Each method skips what is there already.
type Tables interface {
	// Run runs the statement for the database at hand. It must skip what is there, as CREATE TABLE IF NOT EXISTS does.
	Run(ctx context.Context, postgres, mysql string) error
	// AddTable makes a table. columns have MySQL's types of texts, VARCHAR(n), TEXT and MEDIUMTEXT; on PostgreSQL all of them are TEXT.
	AddTable(ctx context.Context, name, columns string) error
	// AddColumn adds a column. Its type has a default or allows NULL, so that older versions of the plugin can still write.
	AddColumn(ctx context.Context, table, name, postgres, mysql string) error
	// AddIndex and AddUniqueIndex make an index of columns, separated by commas.
	AddIndex(ctx context.Context, name, table, columns string) error
	AddUniqueIndex(ctx context.Context, name, table, columns string) error
}

// Schema is what a capability keeps in the database.
type Schema struct {
	Capability string
	Tables     []string
	Migrations []Migration
	// Clear and Erase are those of Capability.
	Clear func(ctx context.Context, tx app.Tx) error
	Erase func(ctx context.Context, tx app.Tx, incidentID string) error
	// ListSorts are those of Capability.
	ListSorts map[string]string
}
