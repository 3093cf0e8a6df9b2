// Command server is the smallest plugin there is, for the tests of testenv.
package main

import (
	"net/http"
	"os"
	"strconv"

	"github.com/mattermost/mattermost-server/v5/plugin"
)

type smallest struct{ plugin.MattermostPlugin }

// ServeHTTP answers with the process id of the plugin.
func (*smallest) ServeHTTP(_ *plugin.Context, w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(strconv.Itoa(os.Getpid())))
}

func main() { plugin.ClientMain(&smallest{}) }
