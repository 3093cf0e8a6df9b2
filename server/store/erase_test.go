//go:build store

package store

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// A list on another node counts a deleted incident no longer, however old the incident is: its events are not among the newest.
func TestErase_IsNoticedByCounts(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		me, team := model.NewId(), model.NewId()
		var all []incident.Incident
		for range versionRows + 5 {
			inc := newIncident(1)
			inc.TeamID, inc.CommanderUserID = team, me
			s.addChannel(t, inc.ChannelID, team, "O", me)
			all = append(all, create(t, s, inc))
		}
		other := open(t, db)
		total := func(what string, want int) {
			t.Helper()
			access, err := other.Incidents().TeamAccess(t.Context(), me, team)
			require.NoError(t, err)
			items, n, err := other.Incidents().List(t.Context(), app.Filter{TeamID: team, ViewerID: me, PerPage: 1, CountVersion: access.CountVersion})
			require.NoError(t, err)
			assert.Equal(t, want, n, what)
			assert.Equal(t, 1, len(items), "items")
		}
		total("all", len(all))
		nothing := func(capability.Transaction, incident.Incident) error { return nil }
		require.NoError(t, s.Erase(t.Context(), all[0].ID, nil, nothing))
		total("after one was deleted", len(all)-1)
		require.NoError(t, s.Erase(t.Context(), all[1].ID, nil, nothing))
		total("after another one was deleted", len(all)-2)

		broken := errors.New("broken on purpose")
		err := s.Erase(t.Context(), all[2].ID, nil, func(capability.Transaction, incident.Incident) error { return broken })
		assert.True(t, errors.Is(err, broken), "failed as fn did")
		assert.Equal(t, all[2].ID, load(t, s, all[2].ID).ID, "there")
		total("after nothing was deleted", len(all)-2)
		err = s.Erase(t.Context(), all[0].ID, nil, nothing)
		assert.True(t, incident.IsKind(err, incident.NotFound), "%v", err)
	})
}
