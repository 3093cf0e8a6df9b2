package command

import (
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"
)

const trigger = "incident"

// Command describes /incident to Mattermost. The test tools are suggested, to administrators only, if enableTesting.
func Command(enableTesting bool) *model.Command {
	return &model.Command{
		Trigger:          trigger,
		DisplayName:      "Incident",
		Description:      "Start, follow and end incidents.",
		AutoComplete:     true,
		AutoCompleteDesc: "Commands: " + strings.Join(names(), ", "),
		AutoCompleteHint: "[command]",
		AutocompleteData: suggestions(enableTesting),
	}
}

func suggestions(enableTesting bool) *model.AutocompleteData {
	root := model.NewAutocompleteData(trigger, "[command]", "Start, follow and end incidents.")
	add := func(name, hint, help string) *model.AutocompleteData {
		sub := model.NewAutocompleteData(name, hint, help)
		root.AddCommand(sub)
		return sub
	}
	add("start", "", "Start a new incident")
	add("end", "", "End the incident of this channel")
	add("update", "", "Post a status update")
	add("restart", "", "Restart the ended incident of this channel")
	add("stage", "[next/prev]", "Move to the next or previous stage").AddStaticListArgument("", true, []model.AutocompleteListItem{
		{Item: "next", HelpText: "Move to the next stage"},
		{Item: "prev", HelpText: "Move to the previous stage"},
	})
	add("check", "[checklist item]", "Check or uncheck a task").
		AddDynamicListArgument("The task to check or uncheck", "api/v0/incidents/checklist-autocomplete", true)
	add("announce", "~[channels]", "Announce the incident of this channel in other channels").
		AddTextArgument("The channel to announce in", "~[channel]", "")
	add("commander", "[@username]", "Show or change the commander").
		AddTextArgument("The new commander", "[@username]", "")
	add("list", "", "List your ongoing incidents")
	add("info", "", "Show a summary of the incident of this channel")
	support := model.NewAutocompleteData("support", "", supportHelp)
	adminsOnly(support)
	root.AddCommand(support)
	if enableTesting {
		root.AddCommand(testSuggestions())
	}
	return root
}

const (
	datePattern = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	dateHint    = "Date as YYYY-MM-DD"
)

func testSuggestions() *model.AutocompleteData {
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
	adminsOnly(test)
	return test
}

func adminsOnly(data *model.AutocompleteData) {
	data.RoleID = model.SYSTEM_ADMIN_ROLE_ID
	for _, sub := range data.SubCommands {
		adminsOnly(sub)
	}
}

// usage lists the sub-commands for the help text.
var usage = []struct{ name, arguments, help string }{
	{"start", "", "Start a new incident."},
	{"end", "", "End the incident of this channel."},
	{"update", "", "Post a status update."},
	{"restart", "", "Restart the ended incident of this channel."},
	{"stage", " next|prev", "Move to the next or previous stage."},
	{"check", " [checklist #] [item #]", "Check or uncheck a task: the number of its stage, and its own number in the stage, both counted from 0."},
	{"announce", " ~[channels]", "Announce the incident of this channel in other channels."},
	{"commander", " [@username]", "Show or change the commander."},
	{"list", "", "List your ongoing incidents."},
	{"info", "", "Show a summary of the incident of this channel."},
	{"help", "", "Show this list."},
}

var testUsage = []string{
	"`/incident test create-incident [playbook ID] [YYYY-MM-DD] [incident name]` - Start an incident at a date.",
	"`/incident test bulk-data [ongoing] [ended] [begin] [end] [seed]` - Make many incidents.",
	"`/incident test self CONFIRM TEST SELF` - Test the plugin.",
	"`/incident nuke-db CONFIRM NUKE` - Delete all incidents and playbooks of this server.",
}

func names() []string {
	var list []string
	for _, u := range usage {
		list = append(list, u.name)
	}
	return list
}

// help lists the sub-commands, after what was wrong, if anything.
func (h *Handler) help(c *call, wrong string) {
	var b strings.Builder
	if wrong != "" {
		b.WriteString(wrong + "\n\n")
	}
	b.WriteString("###### Incident Management: slash commands\n")
	for _, u := range usage {
		b.WriteString("* `/" + trigger + " " + u.name + u.arguments + "` - " + u.help + "\n")
	}
	admin := (h.support != nil || h.testing()) && h.svc.IsAdmin(c.UserId)
	if admin && h.support != nil {
		b.WriteString("* `/" + trigger + " support` - " + supportHelp + ".\n")
	}
	if admin && h.testing() {
		for _, line := range testUsage {
			b.WriteString("* " + line + "\n")
		}
	}
	h.say(c, b.String())
}
