package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/test/pluginapi/uses"
)

// A call whose types differ on some server ends the plugin there. Which ones are safe is in docs/plugin-api.md.
func TestOnlyCallsThatAreSafeOnEveryServerAreUsed(t *testing.T) {
	used, err := uses.Find("../..")
	require.NoError(t, err)
	allowed, err := uses.Allowed("../..")
	require.NoError(t, err)
	require.Empty(t, used.Helpers, "the SDK's helpers make further calls, and one panics on versions that it cannot read")
	for _, names := range []map[string]string{used.Calls, used.Hooks} {
		require.NotEmpty(t, names)
		for name, file := range names {
			require.True(t, allowed[name], "%s uses %s, which is not in %s as compatible: run \"go -C test run ./pluginapi\"", file, name, uses.Document)
		}
	}
	require.Contains(t, used.Calls, "GetPluginStatus")
	require.Contains(t, used.Calls, "CreatePost", "calls through our own interfaces are found")
	require.NotContains(t, used.Calls, "GetPlugins")
	for name := range allowed {
		require.True(t, used.Calls[name] != "" || used.Hooks[name] != "", "%s is listed in %s, but nothing uses it", name, uses.Document)
	}
}
