package command

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
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
		h.say(c, "**"+h.mention(inc.CommanderUserID)+"** is the commander of this incident.")
		return nil
	}
	name := strings.TrimLeft(c.words[0], "@")
	if name == "" {
		return refuse("Name the new commander, as in `/incident commander @username`.")
	}
	user, err := h.host.UserByUsername(strings.ToLower(name))
	if e, ok := incident.AsError(err); ok && (e.Kind == incident.NotFound || e.Kind == incident.Invalid) {
		return incident.NewError(incident.NotFound, "user.not_found", "There is no user named %s.", text.Escape(incident.Truncate(name, maxEcho)))
	}
	if err != nil {
		return err
	}
	if user.Id == inc.CommanderUserID {
		return incident.NewError(incident.Conflict, "commander.same", "**@%s** is the commander already.", user.Username)
	}
	if user.DeleteAt != 0 {
		return incident.NewError(incident.Forbidden, "commander.deactivated",
			"**@%s** is deactivated. Choose an active member of this channel.", user.Username)
	}
	member, err := h.host.IsChannelMember(inc.ChannelID, user.Id)
	if err != nil {
		return err
	}
	if !member {
		return incident.NewError(incident.Forbidden, "commander.not_in_channel",
			"**@%s** is not a member of this channel. Add them to the channel first.", user.Username)
	}
	return h.svc.SetCommander(ctx, c.UserId, inc.ID, user.Id)
}

// announce posts in each named channel; one that fails does not keep the others from being tried.
func (h *Handler) announce(ctx context.Context, c *call) error {
	channels := channelNames(c.words)
	if len(channels) == 0 {
		h.help(c, "Say in which channels: `/incident announce ~channel`.")
		return nil
	}
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	var told []string
	for _, name := range channels {
		if err := h.svc.AnnounceInChannel(ctx, c.UserId, inc, name); err != nil {
			h.report(c, err)
			continue
		}
		told = append(told, "~"+name)
	}
	if len(told) > 0 { // what was posted is in other channels
		h.say(c, "This incident was announced in "+strings.Join(told, ", ")+".")
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
