package severity

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func (s *severity) commands() []capability.Command {
	return []capability.Command{{Name: "severity", After: "commander", Suggestion: suggestion, Run: s.run, Usage: []capability.Usage{
		{Help: i18n.N("Show the severity of the incident of this channel, and the levels.")},
		{Arguments: " [level] [reason]", Help: i18n.N("Change the severity.")},
	}}}
}

func suggestion() *model.AutocompleteData {
	data := model.NewAutocompleteData("severity", "[level] [reason]", i18n.N("Show or change the severity"))
	data.AddDynamicListArgument(i18n.N("The new level"), "api/v0/incidents/severity-autocomplete", false)
	data.AddTextArgument(i18n.N("Why"), "[reason]", "")
	return data
}

func (s *severity) run(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	state := stateOf(&inc)
	if state == nil {
		return errNoLevels
	}
	if len(c.Words) > 0 {
		_, err = s.set(ctx, c.UserId, inc.ID, c.Words[0], strings.Join(c.Words[1:], " "), false)
		return err
	}
	l := c.Language()
	lines := []string{l.T("No severity is chosen. The levels are:")}
	if level := state.chosen(); level != nil {
		lines[0] = l.T("The severity is **%s**. The levels are:", text.Escape(level.ref().Label()))
	}
	for n := range state.Levels {
		line := "- **" + text.Escape(state.Levels[n].ref().Label()) + "**"
		if state.Levels[n].Description != "" {
			line += ": " + text.Escape(state.Levels[n].Description)
		}
		lines = append(lines, line)
	}
	c.Say(strings.Join(lines, "\n"))
	return nil
}
