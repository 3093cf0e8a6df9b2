//go:build store

package store

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

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
		must(t, err)
		equal(t, "revisions", fmt.Sprint(revisions[0].Revision, revisions[2].Revision), "3 5")
		events, err := s.Incidents().EventsBetween(t.Context(), inc.ID, 3, 5)
		must(t, err)
		before, after := incident.EncodePayload(events[0].Payload)
		equal(t, "bytes of an event", revisions[0].Bytes, len(before)+len(after))
		equal(t, "events", len(events), 3)
		equal(t, "first", events[0].Revision, 3)
		equal(t, "last", events[2].Revision, 5)
		none, err := s.Incidents().EventSizes(t.Context(), model.NewId(), 3)
		must(t, err)
		equal(t, "of an unknown incident", len(none), 0)
	})
}
