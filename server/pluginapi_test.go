package main

import (
	"bytes"
	"encoding/gob"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/build/pluginapi/uses"
)

// A call whose types differ on some server ends the plugin there. Which ones are safe is in docs/plugin-api.md.
func TestOnlyCallsThatAreSafeOnEveryServerAreUsed(t *testing.T) {
	used, err := uses.Find("..")
	require.NoError(t, err)
	allowed, err := uses.Allowed("..")
	require.NoError(t, err)
	require.Empty(t, used.Helpers, "the SDK's helpers make further calls, and one panics on versions that it cannot read")
	for _, names := range []map[string]string{used.Calls, used.Hooks} {
		require.NotEmpty(t, names)
		for name, file := range names {
			require.True(t, allowed[name], "%s uses %s, which is not in %s as compatible: run \"go run ./build/pluginapi\"", file, name, uses.Document)
		}
	}
	require.Contains(t, used.Calls, "GetPluginStatus")
	require.Contains(t, used.Calls, "CreatePost", "calls through our own interfaces are found")
	require.NotContains(t, used.Calls, "GetPlugins")
	for name := range allowed {
		require.True(t, used.Calls[name] != "" || used.Hooks[name] != "", "%s is listed in %s, but nothing uses it", name, uses.Document)
	}
}

// sentPreview is what Mattermost 6 sends of a post that links to another one, under its own name for the type.
type sentPreview struct {
	PostID, TeamName string
	Post             *model.Post
}

func TestAPostWithAPreviewOfAnotherCanBeRead(t *testing.T) {
	type embed struct {
		Type model.PostEmbedType
		Data interface{}
	}
	type metadata struct{ Embeds []*embed }
	type post struct {
		Id       string
		Metadata *metadata
	}
	var wire bytes.Buffer
	err := gob.NewEncoder(&wire).Encode(post{"id", &metadata{[]*embed{{"permalink", &previewPost{PostID: "linked"}}}}})
	require.NoError(t, err)
	require.Contains(t, wire.String(), "*model.PreviewPost", "the name under which Mattermost sends it")
	var got model.Post
	require.NoError(t, gob.NewDecoder(&wire).Decode(&got))
	require.Equal(t, "id", got.Id)
	require.Equal(t, &previewPost{PostID: "linked"}, got.Metadata.Embeds[0].Data)

	// The fields that Mattermost's type has beyond ours are passed over.
	wire.Reset()
	require.NoError(t, gob.NewEncoder(&wire).Encode(sentPreview{"linked", "town", &model.Post{Id: "linked"}}))
	var preview previewPost
	require.NoError(t, gob.NewDecoder(&wire).Decode(&preview))
	require.Equal(t, "linked", preview.PostID)
}
