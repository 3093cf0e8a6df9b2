//go:build store

package store

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestEvents_NewestAndBetween(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		for range 4 {
			post := s.addPost(t, inc.ChannelID, "author", 100, 0, "{}")
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5) })
		}
		revisions, err := s.Incidents().EventSizes(t.Context(), inc.ID, 3)
		require.NoError(t, err)
		assert.Equal(t, "3 5", fmt.Sprint(revisions[0].Revision, revisions[2].Revision), "revisions")
		events, err := s.Incidents().EventsBetween(t.Context(), inc.ID, 3, 5)
		require.NoError(t, err)
		before, after := incident.EncodePayload(events[0].Payload)
		assert.Equal(t, len(before)+len(after), revisions[0].Bytes, "bytes of an event")
		assert.Equal(t, 3, len(events), "events")
		assert.EqualValues(t, 3, events[0].Revision, "first")
		assert.EqualValues(t, 5, events[2].Revision, "last")
		none, err := s.Incidents().EventSizes(t.Context(), model.NewId(), 3)
		require.NoError(t, err)
		assert.Equal(t, 0, len(none), "of an unknown incident")
	})
}

// Pages by time neither lose nor repeat events of the same millisecond, in both directions.
func TestEvents_PagesByTime(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		for n := range 6 {
			_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: fmt.Sprint("actor", n%2), At: int64(5000 + n/3)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(model.NewId()) })
			require.NoError(t, err)
		}
		commanders := []incident.EventType{incident.EventCommander}
		walk := func(f app.EventFilter) (revisions []int64) {
			for {
				page, err := s.Incidents().EventPage(t.Context(), inc.ID, f)
				require.NoError(t, err)
				for _, e := range page {
					revisions = append(revisions, e.Revision)
				}
				if len(page) == 0 {
					return revisions
				}
				last := page[len(page)-1]
				f.After = &app.EventPlace{CreateAt: last.CreateAt, Revision: last.Revision}
			}
		}
		assert.Equal(t, "[2 3 4 5 6 7]", fmt.Sprint(walk(app.EventFilter{Types: commanders, Limit: 2})), "forward")
		assert.Equal(t, "[7 6 5 4 3 2]", fmt.Sprint(walk(app.EventFilter{Types: commanders, Limit: 2, Descending: true})), "backward")
		all := walk(app.EventFilter{Limit: 100})
		assert.Equal(t, 7, len(all), "with the start")
		assert.Equal(t, 0, len(walk(app.EventFilter{Types: []incident.EventType{incident.EventEnded}, Limit: 9})), "of another type")
		page, err := s.Incidents().EventPage(t.Context(), inc.ID, app.EventFilter{Limit: 9})
		require.NoError(t, err)
		some, err := s.Incidents().EventPage(t.Context(), inc.ID, app.EventFilter{IDs: []string{page[1].ID, page[3].ID}, Limit: 9})
		require.NoError(t, err)
		assert.Equal(t, 2, len(some), "by ids")
		other, err := s.Incidents().EventPage(t.Context(), model.NewId(), app.EventFilter{IDs: []string{page[1].ID}, Limit: 9})
		require.NoError(t, err)
		assert.Equal(t, 0, len(other), "of another incident")
	})
}
