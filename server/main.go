// The server part of the Incident Management plugin.
package main

import (
	"encoding/gob"
	"os"
	"runtime/debug"

	"github.com/mattermost/mattermost-server/v5/plugin"
)

// previewPost stands for Mattermost's type of that name, which the SDK does not have. Posts with a link to another post
// carry one in their metadata on versions from 5.40 until Mattermost began to send posts to plugins without metadata. An
// answer with an unknown type behind an interface would break the connection.
type previewPost struct{ PostID string }

func init() { gob.RegisterName("*model.PreviewPost", &previewPost{}) }

// softMemoryLimit is the memory from which on the garbage collector works harder instead of letting the heap grow to twice of what is in use.
// Ordinary work takes a quarter of it. The variable GOMEMLIMIT of Mattermost's environment replaces it.
const softMemoryLimit = 128 << 20

func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}

func main() {
	limitMemory()
	failures.mattermost = os.Stderr // go-plugin replaces it
	plugin.ClientMain(&Plugin{})
}
