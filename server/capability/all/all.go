// Package all lists the capabilities of the product. Each is one line here and one folder beside the core.
package all

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/absence"
	"github.com/mattermost/mattermost-plugin-incident-management/server/archiving"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/erase"
	"github.com/mattermost/mattermost-plugin-incident-management/server/export"
	"github.com/mattermost/mattermost-plugin-incident-management/server/followups"
	"github.com/mattermost/mattermost-plugin-incident-management/server/invitations"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
	"github.com/mattermost/mattermost-plugin-incident-management/server/roles"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
	"github.com/mattermost/mattermost-plugin-incident-management/server/stagelimits"
	"github.com/mattermost/mattermost-plugin-incident-management/server/status"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testtools"
	"github.com/mattermost/mattermost-plugin-incident-management/server/timeline"
)

// Plug makes all capabilities. Their sub-commands are listed in this order.
func Plug(core *capability.Core) capability.Set {
	return capability.Plug(core,
		testtools.New,
		erase.New,
		export.New,
		followups.New,
		timeline.New,
		retrospective.New,
		roles.New,
		severity.New,
		status.New,
		invitations.New,
		stagelimits.New,
		archiving.New,
		absence.New,
	)
}
