package severity

import (
	"context"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// post is what the bot posts about a change.
func post(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	c, _ := e.Payload.(Changed)
	who, before, after := text.In(l).Actor(name(e.ActorID)), text.Escape(c.Before.Label()), text.Escape(c.After.Label())
	said := ""
	switch {
	case c.Before.Key == "":
		said = l.T("%s set the severity to **%s**.", who, after)
	case c.Raised:
		said = l.T("%s raised the severity from **%s** to **%s**.", who, before, after)
	default:
		said = l.T("%s lowered the severity from **%s** to **%s**.", who, before, after)
	}
	if c.Reason == "" {
		return said
	}
	return said + text.Quote("", c.Reason) // which mentions nobody
}

// sentence is the sentence of timelines.
func sentence(e *incident.Event, who string, v text.Voice) string {
	c, _ := e.Payload.(Changed)
	l, before, after, reason := v.Language, v.Escape(c.Before.Label()), v.Escape(c.After.Label()), ""
	if c.Reason != "" {
		reason = " " + l.T("Reason: %s", v.Escape(strings.Join(strings.Fields(c.Reason), " ")))
	}
	switch {
	case c.Before.Key == "":
		return l.T("%s set the severity to %s.", who, after) + reason
	case c.Raised:
		return l.T("%s raised the severity from %s to %s.", who, before, after) + reason
	default:
		return l.T("%s lowered the severity from %s to %s.", who, before, after) + reason
	}
}

// startLines say the level in the post about the start.
func startLines(inc *incident.Incident, l *i18n.Language) []string {
	level := stateOf(inc).chosen()
	if level == nil {
		return nil
	}
	return []string{l.T("Severity: **%s**", text.Escape(level.ref().Label()))}
}

const (
	// defaultOption is the choice of the start dialog that leaves the level to the playbook. No key is like it.
	defaultOption = "."
	// maxOptions is how many levels the start dialog offers: those of the first playbooks that have any.
	maxOptions = 60
)

// startFields is a choice of all levels of the playbooks that are offered, unless none has any. A dialog cannot change while it is
// open: a level that the chosen playbook does not have is refused beside the element.
func (s *severity) startFields(_ context.Context, userID string, playbooks []playbook.Playbook) []model.DialogElement {
	ranks := map[string]int{}
	names := map[string]string{}
	var keys []string
	for n := range playbooks {
		var t Template
		if _, err := playbooks[n].Own.Load(key, &t); err != nil {
			continue
		}
		for rank := range t.Levels {
			level := &t.Levels[rank]
			folded := strings.ToUpper(level.Key)
			if names[folded] == "" {
				keys, ranks[folded], names[folded] = append(keys, level.Key), rank, level.Name
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	keys = keys[:min(len(keys), maxOptions)] // before they are sorted: the playbooks in use come first, and their levels must not give way to others
	slices.SortStableFunc(keys, func(a, b string) int { return ranks[strings.ToUpper(a)] - ranks[strings.ToUpper(b)] })
	l := s.core.Language(userID)
	options := []*model.PostActionOptions{{Text: l.T("Default of the playbook"), Value: defaultOption}}
	for _, levelKey := range keys {
		options = append(options, &model.PostActionOptions{Text: label(levelKey, names[strings.ToUpper(levelKey)]), Value: levelKey})
	}
	return []model.DialogElement{{DisplayName: l.T("Severity"), Name: key, Type: "select", Optional: true, Default: defaultOption, Options: options,
		HelpText: l.T("Only some playbooks have severity levels, and they may differ.")}}
}
