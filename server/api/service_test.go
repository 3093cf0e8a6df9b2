package api

import "github.com/mattermost/mattermost-plugin-incident-management/server/app"

var _ Service = (*app.Service)(nil)
