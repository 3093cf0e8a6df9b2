package command

import (
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
)

const trigger = "incident"

var description = i18n.N("Start, follow and end incidents.")

// Command describes /incident to Mattermost. What is for testers is suggested if enableTesting.
func (h *Handler) Command(enableTesting bool) *model.Command {
	language := i18n.For(h.host.DefaultLocale())
	data := h.suggestions(enableTesting)
	translate(data, language)
	return &model.Command{
		Trigger:          trigger,
		DisplayName:      "Incident",
		Description:      language.Word(description),
		AutoComplete:     true,
		AutoCompleteDesc: language.T("Commands: %s", strings.Join(h.names(), ", ")),
		AutoCompleteHint: "[command]",
		AutocompleteData: data,
	}
}

func (h *Handler) suggestions(enableTesting bool) *model.AutocompleteData {
	root := model.NewAutocompleteData(trigger, "[command]", description)
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
	add("start", "", i18n.N("Start a new incident"))
	add("end", "", i18n.N("End the incident of this channel"))
	add("restart", "", i18n.N("Restart the ended incident of this channel"))
	add("stage", "[next/prev]", i18n.N("Move to the next or previous stage")).AddStaticListArgument("", true, []model.AutocompleteListItem{
		{Item: "next", HelpText: i18n.N("Move to the next stage")},
		{Item: "prev", HelpText: i18n.N("Move to the previous stage")},
	})
	add("check", "[checklist item]", i18n.N("Check or uncheck a task")).
		AddDynamicListArgument(i18n.N("The task to check or uncheck"), "api/v0/incidents/checklist-autocomplete", true)
	add("announce", "~[channels]", i18n.N("Announce the incident of this channel in other channels")).
		AddTextArgument(i18n.N("The channel to announce in"), "~[channel]", "")
	add("commander", "[@username]", i18n.N("Show or change the commander")).
		AddTextArgument(i18n.N("The new commander"), "[@username]", "")
	add("list", "", i18n.N("List your ongoing incidents"))
	add("info", "", i18n.N("Show a summary of the incident of this channel"))
	support := model.NewAutocompleteData("support", "", supportHelp)
	adminsOnly(support)
	root.AddCommand(support)
	follow("")
	return root
}

// translate puts all help texts into another language.
func translate(data *model.AutocompleteData, language *i18n.Language) {
	data.HelpText = language.Word(data.HelpText)
	for _, argument := range data.Arguments {
		argument.HelpText = language.Word(argument.HelpText)
		if list, ok := argument.Data.(*model.AutocompleteStaticListArg); ok {
			for n := range list.PossibleArguments {
				list.PossibleArguments[n].HelpText = language.Word(list.PossibleArguments[n].HelpText)
			}
		}
	}
	for _, sub := range data.SubCommands {
		translate(sub, language)
	}
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
	{"start", "", i18n.N("Start a new incident.")},
	{"end", "", i18n.N("End the incident of this channel.")},
	{"restart", "", i18n.N("Restart the ended incident of this channel.")},
	{"stage", " next|prev", i18n.N("Move to the next or previous stage.")},
	{"check", " [checklist #] [item #]", i18n.N("Check or uncheck a task: the number of its stage, and its own number in the stage, both counted from 0.")},
	{"announce", " ~[channels]", i18n.N("Announce the incident of this channel in other channels.")},
	{"commander", " [@username]", i18n.N("Show or change the commander.")},
	{"list", "", i18n.N("List your ongoing incidents.")},
	{"info", "", i18n.N("Show a summary of the incident of this channel.")},
}

var helpLine = usageLine{"help", "", i18n.N("Show this list.")}

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
	b.WriteString("###### " + c.T("Incident Management: slash commands") + "\n")
	for _, u := range append(append(h.usages(), h.adminUsages(c.UserId)...), helpLine) {
		b.WriteString("* `/" + trigger + " " + u.name + u.arguments + "` - " + c.language().Word(u.help) + "\n")
	}
	h.say(c, b.String())
}

// adminUsages is what the help lists for system administrators only.
func (h *Handler) adminUsages(userID string) (lines []usageLine) {
	if h.support != nil {
		lines = append(lines, usageLine{"support", "", i18n.N("Get a file with versions, counts, settings and the last errors of this plugin.")})
	}
	if h.testing() {
		lines = append(lines, h.capabilityUsages("", capability.Testers)...)
	}
	if len(lines) == 0 || !h.svc.IsAdmin(userID) {
		return nil
	}
	return lines
}
