//go:build store

package store

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

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

// Pages by time neither lose nor repeat events of the same millisecond, in both directions.
func TestEvents_PagesByTime(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		for n := range 6 {
			_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: fmt.Sprint("actor", n%2), At: int64(5000 + n/3)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(model.NewId()) })
			must(t, err)
		}
		commanders := []incident.EventType{incident.EventCommander}
		walk := func(f app.EventFilter) (revisions []int64) {
			for {
				page, err := s.Incidents().EventPage(t.Context(), inc.ID, f)
				must(t, err)
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
		equal(t, "forward", fmt.Sprint(walk(app.EventFilter{Types: commanders, Limit: 2})), "[2 3 4 5 6 7]")
		equal(t, "backward", fmt.Sprint(walk(app.EventFilter{Types: commanders, Limit: 2, Descending: true})), "[7 6 5 4 3 2]")
		equal(t, "of one person", fmt.Sprint(walk(app.EventFilter{ActorID: "actor1", Limit: 1})), "[3 5 7]")
		all := walk(app.EventFilter{Limit: 100})
		equal(t, "with the start", len(all), 7)
		equal(t, "of another type", len(walk(app.EventFilter{Types: []incident.EventType{incident.EventEnded}, Limit: 9})), 0)
		page, err := s.Incidents().EventPage(t.Context(), inc.ID, app.EventFilter{Limit: 9})
		must(t, err)
		some, err := s.Incidents().EventPage(t.Context(), inc.ID, app.EventFilter{IDs: []string{page[1].ID, page[3].ID}, Limit: 9})
		must(t, err)
		equal(t, "by ids", len(some), 2)
		other, err := s.Incidents().EventPage(t.Context(), model.NewId(), app.EventFilter{IDs: []string{page[1].ID}, Limit: 9})
		must(t, err)
		equal(t, "of another incident", len(other), 0)
	})
}
