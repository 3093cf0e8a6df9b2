// The floor is a plugin that does nothing: what a request to it costs is what a request to any plugin costs at least.
package main

import (
	"net/http"

	"github.com/mattermost/mattermost-server/v5/plugin"
)

type floor struct{ plugin.MattermostPlugin }

// ServeHTTP answers 200 without a body.
func (*floor) ServeHTTP(*plugin.Context, http.ResponseWriter, *http.Request) {}

func main() { plugin.ClientMain(&floor{}) }
