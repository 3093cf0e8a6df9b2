// Package capability is the contract between the core and the capabilities beside it. A capability is one feature with all
// of its own: rules, use cases, SQL and migrations, routes, sub-commands, texts and tests, in one folder. Package
// capability/all lists the capabilities of the product.
package capability

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// Core is what the core gives to capabilities.
type Core struct {
	PluginID string
	Service  *app.Service
	Host     app.Host
	Log      app.Log
	Database Database

	plugged Set
}

// Database gives capabilities access to Mattermost's database. Statements have a time limit.
type Database interface {
	// Postgres reports whether it is PostgreSQL, else it is MySQL or MariaDB.
	Postgres() bool
	// Builder builds statements in the dialect of the database.
	Builder() sq.StatementBuilderType
	// Select reads all rows into a slice. The names of columns are matched in lower case.
	Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error
	// Nuke deletes everything that the plugin has stored in its tables, and makes the tables again.
	Nuke(ctx context.Context) error
}

// Capability is what one capability adds to the core. All fields but Name are optional.
type Capability struct {
	// Name is the name of its folder.
	Name     string
	Commands []Command
	// Listener hears of each committed change.
	Listener app.Listener
}

// Set is the capabilities of one plugin, in the order in which they were plugged in.
type Set []Capability

// Plug makes the capabilities.
func Plug(core *Core, capabilities ...func(*Core) Capability) Set {
	for _, make := range capabilities {
		core.plugged = append(core.plugged, make(core))
	}
	return core.plugged
}

// Commands lists the sub-commands of all capabilities.
func (s Set) Commands() (all []Command) {
	for _, c := range s {
		all = append(all, c.Commands...)
	}
	return all
}

// Listeners lists the listeners of all capabilities.
func (s Set) Listeners() (all []app.Listener) {
	for _, c := range s {
		if c.Listener != nil {
			all = append(all, c.Listener)
		}
	}
	return all
}
