package command

import (
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

const trigger = "incident"

// Command describes /incident to Mattermost. What is for testers is suggested if enableTesting.
func (h *Handler) Command(enableTesting bool) *model.Command {
	return &model.Command{
		Trigger:          trigger,
		DisplayName:      "Incident",
		Description:      "Start, follow and end incidents.",
		AutoComplete:     true,
		AutoCompleteDesc: "Commands: " + strings.Join(h.names(), ", "),
		AutoCompleteHint: "[command]",
		AutocompleteData: h.suggestions(enableTesting),
	}
}

func (h *Handler) suggestions(enableTesting bool) *model.AutocompleteData {
	root := model.NewAutocompleteData(trigger, "[command]", "Start, follow and end incidents.")
	follow := func(name string) {
		for _, added := range h.capabilities {
			if added.After == name && added.Suggestion != nil && (enableTesting || added.Audience != capability.Testers) {
				root.AddCommand(added.Suggestion())
			}
		}
	}
	add := func(name, hint, help string) *model.AutocompleteData {
		sub := model.NewAutocompleteData(name, hint, help)
		root.AddCommand(sub)
		follow(name)
		return sub
	}
	add("start", "", "Start a new incident")
	add("end", "", "End the incident of this channel")
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
	follow("")
	return root
}

func adminsOnly(data *model.AutocompleteData) {
	data.RoleID = model.SYSTEM_ADMIN_ROLE_ID
	for _, sub := range data.SubCommands {
		adminsOnly(sub)
	}
}

// usageLine is one line of the help.
type usageLine struct{ name, arguments, help string }

// usage lists the sub-commands of the core for the help.
var usage = []usageLine{
	{"start", "", "Start a new incident."},
	{"end", "", "End the incident of this channel."},
	{"restart", "", "Restart the ended incident of this channel."},
	{"stage", " next|prev", "Move to the next or previous stage."},
	{"check", " [checklist #] [item #]", "Check or uncheck a task: the number of its stage, and its own number in the stage, both counted from 0."},
	{"announce", " ~[channels]", "Announce the incident of this channel in other channels."},
	{"commander", " [@username]", "Show or change the commander."},
	{"list", "", "List your ongoing incidents."},
	{"info", "", "Show a summary of the incident of this channel."},
}

var helpLine = usageLine{"help", "", "Show this list."}

// usages is what the help lists for everyone, without the line of help itself, which comes last.
func (h *Handler) usages() (lines []usageLine) {
	for _, line := range usage {
		lines = append(append(lines, line), h.capabilityUsages(line.name, capability.Everyone)...)
	}
	return append(lines, h.capabilityUsages("", capability.Everyone)...)
}

// capabilityUsages are the lines of the capabilities' sub-commands for an audience that follow a sub-command.
func (h *Handler) capabilityUsages(after string, audience capability.Audience) (lines []usageLine) {
	for _, added := range h.capabilities {
		if added.Audience == audience && added.After == after {
			for _, u := range added.Usage {
				lines = append(lines, usageLine{added.Name, u.Arguments, u.Help})
			}
		}
	}
	return lines
}

func (h *Handler) names() []string {
	var list []string
	for _, u := range append(h.usages(), helpLine) {
		if !slices.Contains(list, u.name) {
			list = append(list, u.name)
		}
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
	for _, u := range append(append(h.usages(), h.adminUsages(c.UserId)...), helpLine) {
		b.WriteString("* `/" + trigger + " " + u.name + u.arguments + "` - " + u.help + "\n")
	}
	h.say(c, b.String())
}

// adminUsages is what the help lists for system administrators only.
func (h *Handler) adminUsages(userID string) (lines []usageLine) {
	if h.support != nil {
		lines = append(lines, usageLine{"support", "", supportHelp + "."})
	}
	if h.testing() {
		lines = append(lines, h.capabilityUsages("", capability.Testers)...)
	}
	if len(lines) == 0 || !h.svc.IsAdmin(userID) {
		return nil
	}
	return lines
}
