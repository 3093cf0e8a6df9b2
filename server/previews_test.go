package main

import (
	"bytes"
	"encoding/gob"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"
)

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
