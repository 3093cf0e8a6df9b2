//go:build tools

// Package mmserver pins a Mattermost server of the tests. It is a module of
// its own so that the plugin can stay on the SDK of its minimum server version.
package mmserver

import _ "github.com/mattermost/mattermost/server/v8/cmd/mattermost"
