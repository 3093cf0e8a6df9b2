//go:build store

package store

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestFindPost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel, bot := model.NewId(), model.NewId()
		const propPattern = `"incident_reminder":"a_b%c"`
		s.addPost(t, channel, bot, 100, 0, `{`+propPattern+`}`)
		want := s.addPost(t, channel, bot, 200, 0, `{"x":1,`+propPattern+`}`)
		s.addPost(t, channel, bot, 300, 301, `{`+propPattern+`}`)
		s.addPost(t, channel, "else", 300, 0, `{`+propPattern+`}`)
		s.addPost(t, "else", bot, 300, 0, `{`+propPattern+`}`)
		s.addPost(t, channel, bot, 300, 0, `{"incident_reminder":"axbxc"}`)
		got, err := s.Incidents().FindPost(t.Context(), channel, bot, 150, propPattern)
		require.NoError(t, err)
		assert.Equal(t, want, got, "post")
		spaced := s.addPost(t, channel, bot, 400, 0, `{"incident_reminder": "a_b%c"}`)
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 150, propPattern)
		require.NoError(t, err)
		assert.Equal(t, spaced, got, "post with spaced JSON")
		got, err = s.Incidents().FindPost(t.Context(), channel, bot, 401, propPattern)
		require.NoError(t, err)
		assert.Equal(t, "", got, "no post")
	})
}
