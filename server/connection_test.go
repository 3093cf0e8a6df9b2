package main

import (
	"bytes"
	"encoding/json"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/plugin"
	"github.com/stretchr/testify/require"
)

// The lines are as the SDK and net/rpc write them.
func TestUnreadableAnswerIsLoggedOnce(t *testing.T) {
	var out, passed bytes.Buffer
	l := log.New(&rpcFailures{to: &passed, mattermost: &out}, "", log.LstdFlags)
	l.Print("RPC call to GetUser API failed: reading body unexpected EOF") // Mattermost was killed
	l.Print("RPC call to GetUser API failed: connection is shut down")
	l.Print("something else")
	require.NotContains(t, out.String(), "@level")
	for range 2 {
		l.Print(`RPC call to GetPlugins API failed: reading body gob: wrong type (want struct type model.ManifestExecutables; got non-struct) for received field Manifest.Server`)
	}
	var told []map[string]string
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "{") {
			var entry map[string]string
			require.NoError(t, json.Unmarshal([]byte(line), &entry))
			told = append(told, entry)
		}
	}
	require.Len(t, told, 1)
	require.Equal(t, "error", told[0]["@level"])
	require.Contains(t, told[0]["@message"], "install a newer one")
	require.Contains(t, told[0]["error"], "GetPlugins")
	require.Equal(t, 5, strings.Count(passed.String(), "\n"), "everything is passed on")
}

// servedBy is a Mattermost that has one of several processes for the plugin.
type servedBy struct {
	plugin.API
	registered *Plugin // nil if the plugin is disabled
	gone       bool
}

func (s *servedBy) PluginHTTP(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	switch {
	case s.gone:
		return nil
	case s.registered == nil:
		http.NotFound(recorder, r)
	default:
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/"+manifestID)
		s.registered.ServeHTTP(&plugin.Context{}, recorder, r)
	}
	return recorder.Result()
}

func TestProcessLearnsWhetherMattermostUsesIt(t *testing.T) {
	s := &servedBy{}
	processes := make([]*Plugin, 2)
	for n := range processes {
		processes[n] = &Plugin{}
		processes[n].SetAPI(s)
		processes[n].running.Store(&running{http: newMemoryPlugin().handler, instance: newInstance()})
	}
	ask := func(p *Plugin) int { return p.askInstance(p.running.Load().instance) }
	for _, registered := range processes {
		s.registered = registered
		for _, p := range processes {
			require.Equal(t, p == registered, ask(p) == http.StatusOK)
		}
	}
	s.registered = nil
	require.Equal(t, http.StatusNotFound, ask(processes[0]))
	s.registered = &Plugin{} // one that has not started
	require.NotEqual(t, http.StatusOK, ask(processes[0]))
	s.gone = true
	require.Zero(t, ask(processes[0]))
}
