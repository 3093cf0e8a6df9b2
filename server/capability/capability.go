// Package capability is the contract between the core and the capabilities beside it. A capability is one feature with all
// of its own: rules, use cases, SQL and migrations, routes, sub-commands, texts and tests, in one folder. Package
// capability/all lists the capabilities of the product.
package capability

import (
	"context"

	sq "github.com/Masterminds/squirrel"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Core is what the core gives to capabilities. They must not use it before the plugin is active.
type Core struct {
	PluginID string
	// Service is the use cases of the core. Each checks the permission of the user.
	Service *app.Service
	// Rules say who may do what.
	Rules     *access.Rules
	Incidents Incidents
	// Jobs stores jobs of the kinds of Capability.Jobs.
	Jobs     jobs.Store
	Host     app.Host
	Log      app.Log
	Database Database
	// Watch receives what background jobs do.
	Watch app.Watch

	plugged Set
}

// Sections lists the parts of an export that all capabilities add. It is complete once the plugin is active.
func (c *Core) Sections() (all []Section) {
	for _, plugged := range c.plugged {
		all = append(all, plugged.Sections...)
	}
	return all
}

// OutlivingJobs are the kinds of jobs, of the use cases and of all capabilities, that are done although their incident was deleted.
// They are complete once the plugin is active.
func (c *Core) OutlivingJobs() (names []string) {
	for _, kind := range append(c.Service.JobKinds(), c.plugged.Jobs()...) {
		if kind.Outlives {
			names = append(names, kind.Name)
		}
	}
	return names
}

// Incidents reads incidents, and asks for no permission: that is for the caller to do, see Core.Rules. Unknown ids give
// incident.ErrNotFound.
type Incidents interface {
	Get(ctx context.Context, id string) (incident.Incident, error)
	// Header reads what decides whether viewerID, which may be "", may see and change an incident.
	Header(ctx context.Context, id, viewerID string) (app.Header, error)
	Metadata(ctx context.Context, id string) (app.Metadata, error)
	// EventSizes are the revisions of the newest events of an incident, oldest first, at most limit, and how long they are.
	EventSizes(ctx context.Context, id string, limit int) ([]app.EventSize, error)
	// EventsBetween are the events of an incident with the revisions from and to and those between, oldest first.
	EventsBetween(ctx context.Context, id string, from, to int64) ([]incident.Event, error)
	// Event reads one event of an incident.
	Event(ctx context.Context, incidentID, eventID string) (incident.Event, error)
	// EventPage are the events of an incident that f selects, in order of (CreateAt, Revision).
	EventPage(ctx context.Context, id string, f app.EventFilter) ([]incident.Event, error)
}

// Database gives capabilities access to Mattermost's database. Statements have a time limit.
type Database interface {
	Selector
	// SelectPrepared is Select for a query that one plan fits, whatever the values in it are: PostgreSQL plans it once.
	SelectPrepared(ctx context.Context, dest interface{}, query sq.Sqlizer) error
	// Exec runs a statement and returns the number of rows that it found.
	Exec(ctx context.Context, statement sq.Sqlizer) (int64, error)
	// InTransaction runs fn in a transaction, and commits it unless fn fails. After a deadlock it runs fn again. So fn must do
	// nothing but run statements of the transaction, and ask nothing of Mattermost.
	InTransaction(ctx context.Context, fn func(tx Transaction) error) error
	// VisibleIncidents is the condition that a user may see IR_Incident i, for queries over that table. See app.Service.Visible.
	VisibleIncidents(v app.Visible) sq.Sqlizer
	// Nuke deletes everything that the plugin has stored in its tables, and makes the tables again.
	Nuke(ctx context.Context) error
	// Erase deletes an incident with everything that core and capabilities keep of it, in one transaction. fn sees the locked
	// incident first, and nothing is deleted if it fails. Jobs of the outliving kinds that are waiting stay. It fails with
	// incident.ErrNotFound if there is no such incident. fn may run again, after a deadlock.
	Erase(ctx context.Context, incidentID string, outliving []string, fn func(tx Transaction, inc incident.Incident) error) error
}

// TeamOfChannel joins, as t, the team through which an incident i is reached: that of its channel c, which may have been moved, and that of
// the incident if the channel is gone.
const TeamOfChannel = "Teams t ON t.Id = COALESCE(c.TeamId, i.TeamID)"

// Rows is what a query of many rows with many columns may be read into in place of a pointer to a slice of structs: to find the fields by their
// names takes longer than to fill them.
type Rows interface {
	// Next adds a row and returns pointers to where its columns go, in the order of the query.
	Next() []interface{}
}

// Selector reads rows. A Database and a Transaction are Selectors.
type Selector = app.Selector

// Transaction runs the statements of one transaction. It is what Capability.InTx is given for a change.
type Transaction = app.Tx

// Capability is what one capability adds to the core. All fields but Name are optional.
type Capability struct {
	// Name is the name of its folder.
	Name     string
	Commands []Command
	Routes   []Route
	// Sections are its parts of the export of an incident.
	Sections []Section
	// OwnFields are the fields of incidents and playbooks in which it keeps its state, see incident.Own.
	OwnFields []OwnField
	// CheckPlaybook refuses a playbook as it is to be stored, with all its fields and tasks. It does no I/O.
	CheckPlaybook func(p *playbook.Playbook) error
	// Starting is called before the channel of a new incident is made. It may add to the incident, or refuse the start.
	Starting app.Starting
	// StartOptions are the fields of the request to start an incident that Starting reads. An error names one of them as its Field.
	StartOptions []string
	// StartFields adds elements to the start dialog.
	StartFields StartFields
	// StartLines are lines of Markdown that are added to the post about the start, in the language of the server. They are asked again if
	// the post is made later.
	StartLines func(inc *incident.Incident, language *i18n.Language) []string
	// Ending is called before an incident ends if the request has one of EndOptions. It may add to the incident, or refuse the end.
	Ending app.Ending
	// EndOptions are the fields of the request to end an incident that Ending reads. An error names one of them as its Field.
	EndOptions []string
	// EndFields adds elements to the dialog that ends an incident.
	EndFields EndFields
	// EndLines are StartLines of the post about the end.
	EndLines func(inc *incident.Incident, language *i18n.Language) []string
	// Adjust is called within each change, under the lock, after the change and before it is stored.
	Adjust app.Adjust
	// Facts are what is said about an incident in /incident info, in exports and, if they say so, in announcements.
	Facts FactsOf
	// Recap is what is said about an incident as a whole when somebody looks back on it, as in a retrospective.
	Recap Recap
	// ListSorts are names by which lists of incidents can be sorted, with the column of IR_Incident that each sorts by. ListFilters
	// are parameters of lists. A migration adds the columns, with defaults, and InTx writes them when their values change.
	ListSorts   map[string]string
	ListFilters map[string]ListFilter
	// Listener is called after each committed change.
	Listener app.Listener
	// InTx adds statements to the transaction of each change, also of those that it does not make itself.
	InTx app.InTx
	// Deliveries are what follows from changes outside of the database and must not be lost.
	Deliveries []app.Delivery
	// Events are its own kinds of events.
	Events []Event
	// Hooks are called when something happens in Mattermost.
	Hooks Hooks
	// Jobs are its kinds of jobs. Their names are unique among all kinds, those of deliveries included.
	Jobs []jobs.Kind
	// Periodic is what each node does at a fixed rate, the first time at once.
	Periodic []jobs.Periodic
	// Tables are the names of its own tables. No foreign key leads to or from them.
	Tables []string
	// Migrations make and extend its tables, in this order. One that was released is never changed or removed: append.
	Migrations []Migration
	// Clear deletes what it keeps outside of its own tables. nuke-db calls it, in a transaction.
	Clear func(ctx context.Context, tx app.Tx) error
	// Erase deletes what it keeps of one incident, in its tables and elsewhere, in the transaction that deletes the incident. The
	// incident's row is locked, and the rows of the core, but for jobs of the incident, are still there. It first locks what
	// the capability's own transactions lock that add something to the incident; they must fail with incident.ErrNotFound if, after
	// that, the incident is gone. It may run again, after a deadlock.
	Erase func(ctx context.Context, tx app.Tx, incidentID string) error
}

// Set is the capabilities of one plugin, in the order in which they were plugged in.
type Set []Capability

// Plug makes the capabilities.
func Plug(core *Core, capabilities ...func(*Core) Capability) Set {
	for _, make := range capabilities {
		made := make(core)
		for _, e := range made.Events {
			e.register()
		}
		for _, field := range made.OwnFields {
			incident.RegisterOwn(field.Key, field.Row)
		}
		core.plugged = append(core.plugged, made)
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

// Routes lists the routes of all capabilities.
func (s Set) Routes() (all []Route) {
	for _, c := range s {
		all = append(all, c.Routes...)
	}
	return all
}

// Jobs lists the kinds of jobs of all capabilities.
func (s Set) Jobs() (all []jobs.Kind) {
	for _, c := range s {
		all = append(all, c.Jobs...)
	}
	return all
}

// Join makes a Service do what the capabilities add to each change. Call it before the first change.
func (s Set) Join(service *app.Service) {
	for _, c := range s {
		service.Extend(c.extensions())
		if c.Listener != nil {
			service.Listen(c.Listener)
		}
	}
}

// Periodic lists what all capabilities do at a fixed rate.
func (s Set) Periodic() (all []jobs.Periodic) {
	for _, c := range s {
		all = append(all, c.Periodic...)
	}
	return all
}

// Schemas lists what capabilities keep in the database.
func (s Set) Schemas() (all []Schema) {
	for _, c := range s {
		if len(c.Migrations) > 0 || c.Clear != nil || c.Erase != nil || len(c.ListSorts) > 0 {
			all = append(all, Schema{Capability: c.Name, Tables: c.Tables, Migrations: c.Migrations, Clear: c.Clear, Erase: c.Erase, ListSorts: c.ListSorts})
		}
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
