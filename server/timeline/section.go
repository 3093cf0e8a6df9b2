package timeline

import "github.com/mattermost/mattermost-plugin-incident-management/server/capability"

func (t *timeline) sections() []capability.Section { return nil }
