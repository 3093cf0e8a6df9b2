package command

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Support makes the file that administrators send to those who help them.
type Support interface {
	File(ctx context.Context) (name string, content []byte, err error)
}

// Files sends a file to one user only.
type Files interface {
	// SendFile sends a user a direct message of the bot with a file.
	SendFile(userID, text, name string, content []byte) error
}

var supportHelp = i18n.N("Get a file with versions, counts, settings and the last errors of this plugin")

// OfferSupport makes /incident support work. It must not be called once the handler is in use.
func (h *Handler) OfferSupport(s Support, files Files) { h.support, h.files = s, files }

// sendSupport sends the support file to the administrator who asks for it, and to nobody else.
func (h *Handler) sendSupport(ctx context.Context, c *call) error {
	if !h.svc.IsAdmin(c.UserId) {
		return incident.ErrAdminsOnly
	}
	if h.support == nil {
		h.help(c, "")
		return nil
	}
	name, content, err := h.support.File(ctx)
	if err != nil {
		return err
	}
	text := c.T("This file describes the plugin for those who help you with it: versions, numbers of rows, settings, problems and the last errors. " +
		"It has no names, titles, messages, ids or passwords in it. In a cluster it describes the node that made it.")
	if err := h.files.SendFile(c.UserId, text, name, content); err != nil {
		// Files may be switched off or their storage may be full: just then the report is needed.
		h.log.Warn("The support file could not be sent.", "error", err.Error())
		h.say(c, c.T("The support file could not be sent as a message. Download it here: [support file](%s)", h.supportURL()))
		return nil
	}
	h.say(c, c.T("The support file was sent to you as a direct message."))
	return nil
}

// supportURL is the address of the download, relative to the site if its address is not set.
func (h *Handler) supportURL() string {
	site := ""
	if config := h.host.Config(); config != nil && config.ServiceSettings.SiteURL != nil {
		site = strings.TrimRight(*config.ServiceSettings.SiteURL, "/")
	}
	return site + "/plugins/" + h.pluginID + "/api/v0/support"
}
