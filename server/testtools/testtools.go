// Package testtools is a capability: sub-commands for servers that are used for tests. They make test data, test the plugin, and
// delete everything that it has stored.
package testtools

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Service is what the test tools need of the use cases; *app.Service has it.
type Service interface {
	IsAdmin(userID string) bool
	Incident(ctx context.Context, userID, id string) (incident.Incident, error)
	IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error)

	Start(ctx context.Context, r app.StartRequest) (incident.Incident, error)
	End(ctx context.Context, userID, id string) error

	AddTask(ctx context.Context, userID, id string, stage incident.Ref, task incident.Task) (incident.Task, error)
	EditTask(ctx context.Context, userID, id string, stage, task incident.Ref, title, command string, description *string) error
	RemoveTask(ctx context.Context, userID, id string, stage, task incident.Ref) error
	MoveTask(ctx context.Context, userID, id string, stage, task incident.Ref, to int) error
	SetTaskState(ctx context.Context, userID, id string, stage, task incident.Ref, state incident.State) error
	ToggleTask(ctx context.Context, userID, id string, stage, task incident.Ref) error

	Playbook(ctx context.Context, userID, id string) (playbook.Playbook, error)
	MemberPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error)
	CreatePlaybook(ctx context.Context, userID string, p playbook.Playbook) (string, error)
	UpdatePlaybook(ctx context.Context, userID, id string, p playbook.Playbook) error
	DeletePlaybook(ctx context.Context, userID, id string) error
}

// Host is what the test tools need of Mattermost.
type Host interface {
	Channel(id string) (*model.Channel, error)
	ArchiveChannel(id string) error
}

// Database is what the test tools need of the database.
type Database interface {
	Nuke(ctx context.Context) error
}

type tools struct {
	svc      Service
	host     Host
	log      app.Log
	database Database
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	t := &tools{svc: core.Service, host: core.Host, log: core.Log, database: core.Database}
	return capability.Capability{Name: "testtools", Commands: t.commands()}
}

func (t *tools) commands() []capability.Command {
	return []capability.Command{
		{Name: "test", Audience: capability.Testers, Suggestion: suggestion, Run: t.test, Usage: []capability.Usage{
			{Arguments: " create-incident [playbook ID] [YYYY-MM-DD] [incident name]", Help: "Start an incident at a date."},
			{Arguments: " bulk-data [ongoing] [ended] [begin] [end] [seed]", Help: "Make many incidents."},
			{Arguments: " self CONFIRM TEST SELF", Help: "Test the plugin."},
		}},
		{Name: "nuke-db", Audience: capability.Testers, Run: t.nuke, Usage: []capability.Usage{
			{Arguments: " CONFIRM NUKE", Help: "Delete all incidents and playbooks of this server."},
		}},
	}
}

const (
	datePattern = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	dateHint    = "Date as YYYY-MM-DD"
)

func suggestion() *model.AutocompleteData {
	create := model.NewAutocompleteData("create-incident", "[playbook ID] [timestamp] [incident name]", "Start an incident at a date")
	create.AddDynamicListArgument("The playbook", "api/v0/playbooks/autocomplete", true)
	create.AddTextArgument("When the incident started", dateHint, datePattern)
	create.AddTextArgument("The name of the incident", "Incident name", "")

	bulk := model.NewAutocompleteData("bulk-data", "[ongoing] [ended] [begin] [end] [seed]", "Make many incidents with random names and dates")
	bulk.AddTextArgument("How many ongoing incidents", "Number of ongoing incidents", "[0-9]+")
	bulk.AddTextArgument("How many ended incidents", "Number of ended incidents", "[0-9]+")
	bulk.AddTextArgument("The first possible day", dateHint, datePattern)
	bulk.AddTextArgument("The day before which all incidents start", dateHint, datePattern)
	bulk.AddTextArgument("Optional: the same seed gives the same names and dates", "Seed, a whole number", "")

	self := model.NewAutocompleteData("self", "", "Test the plugin with incidents and playbooks of its own")

	test := model.NewAutocompleteData("test", "", "Make test data")
	for _, sub := range []*model.AutocompleteData{create, bulk, self} {
		test.AddCommand(sub)
	}
	for _, data := range append(test.SubCommands, test) {
		data.RoleID = model.SYSTEM_ADMIN_ROLE_ID
	}
	return test
}

// test runs one of the tools. They exist only on servers with EnableTesting, and only for administrators.
func (t *tools) test(ctx context.Context, c *capability.Call) error {
	if !c.Testing {
		return capability.UsageError("The test commands work only if the setting EnableTesting of the server is on.")
	}
	if !t.svc.IsAdmin(c.UserId) {
		return incident.ErrAdminsOnly
	}
	name := ""
	if len(c.Words) > 0 {
		name, c.Words = strings.ToLower(c.Words[0]), c.Words[1:]
	}
	switch name {
	case "create-incident":
		return t.createIncident(ctx, c)
	case "bulk-data":
		return t.bulkData(ctx, c)
	case "self":
		return t.selfTest(ctx, c)
	default:
		return capability.UsageError("Say which test command: `/incident test create-incident`, `/incident test bulk-data` or `/incident test self`.")
	}
}

// nuke deletes everything that the plugin has stored.
func (t *tools) nuke(ctx context.Context, c *capability.Call) error {
	if !c.Testing {
		c.Help("")
		return nil
	}
	if !t.svc.IsAdmin(c.UserId) {
		return incident.ErrAdminsOnly
	}
	if strings.Join(c.Words, " ") != "CONFIRM NUKE" {
		return capability.UsageError("This deletes **all** incidents and playbooks of this server, and cannot be undone. If you are sure, type `/incident nuke-db CONFIRM NUKE`.")
	}
	if err := t.database.Nuke(ctx); err != nil {
		return err
	}
	c.Say("All incidents and playbooks were deleted. Their channels and posts are still there.")
	return nil
}
