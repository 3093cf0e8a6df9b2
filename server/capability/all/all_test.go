package all

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

var pattern = regexp.MustCompile(`:(?:[^{}]|\{[0-9]+\})*\}`)

// Every route of the core and of all capabilities is described, and nothing else is. No two have the same method and path.
func TestRoutesAreThoseOfTheDescriptions(t *testing.T) {
	checker, err := apitest.LoadAll("../..")
	require.NoError(t, err)
	var routes []string
	handler := api.New(nil, nil, api.WithCapabilities(Plug(&capability.Core{})))
	err = handler.(*mux.Router).Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		for _, m := range methods {
			routes = append(routes, m+" "+pattern.ReplaceAllString(strings.TrimPrefix(path, "/api/v0"), "}"))
		}
		return err
	})
	require.NoError(t, err)
	slices.Sort(routes)
	require.Equal(t, checker.Routes(), routes)
	require.Contains(t, routes, http.MethodGet+" /incidents")
}

// Names are unique, and each capability is named as its folder.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Plug(&capability.Core{}) {
		require.False(t, seen[c.Name], c.Name)
		require.DirExists(t, "../../"+c.Name)
		seen[c.Name] = true
	}
	commands := map[string]bool{}
	for _, c := range Plug(&capability.Core{}).Commands() {
		require.False(t, commands[c.Name], c.Name)
		commands[c.Name] = true
	}
}
