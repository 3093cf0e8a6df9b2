package command

import (
	"context"
	"strings"
)

func (h *Handler) commander(ctx context.Context, c *call) error {
	if len(c.words) > 1 {
		return refuse("An incident has one commander: name one user, as in `/incident commander @username`.")
	}
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	if len(c.words) == 0 {
		h.say(c, c.T("**%s** is the commander of this incident.", h.mention(inc.CommanderUserID)))
		return nil
	}
	if strings.Trim(c.words[0], "@") == "" {
		return refuse("Name the new commander, as in `/incident commander @username`.")
	}
	return h.svc.SetCommanderByName(ctx, c.UserId, inc.ID, c.words[0])
}

// announce posts in each named channel; one that fails does not keep the others from being tried.
func (h *Handler) announce(ctx context.Context, c *call) error {
	channels := channelNames(c.words)
	if len(channels) == 0 {
		h.help(c, c.T("Say in which channels: `/incident announce ~channel`."))
		return nil
	}
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	var announced []string
	for _, name := range channels {
		if err := h.svc.AnnounceInChannel(ctx, c.UserId, inc, name); err != nil {
			h.report(c, err)
			continue
		}
		announced = append(announced, "~"+name)
	}
	if len(announced) > 0 { // what was posted is in other channels
		h.say(c, c.T("This incident was announced in %s.", strings.Join(announced, ", ")))
	}
	return nil
}

// channelNames reads channels written as name, ~name, --channel name or --channel=name, each once, also with commas
// between them.
func channelNames(words []string) []string {
	var names []string
	seen := map[string]bool{}
	for _, word := range words {
		if word == "--channel" {
			continue
		}
		name := strings.ToLower(strings.TrimPrefix(strings.Trim(strings.TrimPrefix(word, "--channel="), ","), "~"))
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
