// The server part of the Incident Management plugin.
package main

import (
	"log"
	"os"

	"github.com/mattermost/mattermost-server/v5/plugin"
)

func main() {
	log.SetOutput(&rpcFailures{to: os.Stderr})
	plugin.ClientMain(&Plugin{})
}
