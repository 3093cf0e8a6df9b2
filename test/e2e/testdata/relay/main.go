// Relay is a plugin for the end-to-end tests. It passes what it is sent on to the plugin under test, as one plugin calls
// another, without saying for whom, unless the header X-Act-For names a user.
package main

import (
	"io"
	"net/http"

	"github.com/mattermost/mattermost-server/v5/plugin"
)

const target = "/com.mattermost.plugin-incident-management"

type relay struct {
	plugin.MattermostPlugin
}

func (p *relay) ServeHTTP(_ *plugin.Context, w http.ResponseWriter, r *http.Request) {
	request, err := http.NewRequest(r.Method, target+r.URL.RequestURI(), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	if user := r.Header.Get("X-Act-For"); user != "" {
		request.Header.Set("Mattermost-User-ID", user)
	}
	response := p.API.PluginHTTP(request)
	if response == nil {
		http.Error(w, "no answer", http.StatusTeapot)
		return
	}
	defer func() { _ = response.Body.Close() }()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

func main() { plugin.ClientMain(&relay{}) }
