//go:build store

package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/mattermost/mattermost-server/v5/model"
)

func looseEnds(t *testing.T, s *Store) []incident.LooseEnd {
	t.Helper()
	ends, err := s.Incidents().LooseEnds(t.Context(), 1<<60, 1<<60)
	must(t, err)
	return ends
}

func TestLooseEndIsTiedUpWithTheIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		end := incident.LooseEnd{ID: inc.ID, IncidentID: inc.ID, Kind: incident.LooseChannel, CreateAt: time.Now().UnixMilli(),
			TeamID: inc.TeamID, Names: []string{"a", "b"}}
		must(t, s.Incidents().AddLooseEnd(t.Context(), end))
		ends := looseEnds(t, s)
		if len(ends) != 1 || ends[0].TeamID != inc.TeamID || len(ends[0].Names) != 2 || ends[0].Kind != incident.LooseChannel {
			t.Fatalf("stored %+v", ends)
		}
		create(t, s, inc)
		equal(t, "left", len(looseEnds(t, s)), 0)
		there, err := s.Incidents().TakeLooseEnd(t.Context(), inc.ID, 1)
		must(t, err)
		equal(t, "can be taken back", there, false)
	})
}

func TestLooseEndThatWasTakenBackIsNotStored(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		must(t, s.Incidents().AddLooseEnd(t.Context(), incident.LooseEnd{ID: inc.ID, Kind: incident.LooseChannel, CreateAt: time.Now().UnixMilli()}))
		for _, step := range []string{"taken", "tied up"} {
			if step == "tied up" {
				must(t, s.Incidents().DropLooseEnd(t.Context(), inc.ID))
				equal(t, "listed", len(looseEnds(t, s)), 0)
			}
			there, err := s.Incidents().TakeLooseEnd(t.Context(), inc.ID, 1)
			must(t, err)
			equal(t, "taken back", there, true)
			if _, _, err := s.Incidents().Create(t.Context(), inc, "u", "", 1); !incident.IsKind(err, incident.Conflict) {
				t.Fatalf("%s: stored all the same: %v", step, err)
			}
		}
		equal(t, "incidents", one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ?", inc.ID), 0)
		s.sql(t, "UPDATE IR_LooseEnd SET CreateAt = 1")
		looseEnds(t, s)
		equal(t, "kept", one[int](t, s, "SELECT COUNT(*) FROM IR_LooseEnd"), 0)
	})
}

// Taking back waits for a transaction that is about to commit.
func TestLooseEndIsEitherStoredOrTakenBack(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		for range 20 {
			inc := newIncident(1)
			must(t, s.Incidents().AddLooseEnd(t.Context(), incident.LooseEnd{ID: inc.ID, Kind: incident.LooseChannel}))
			stored, taken := false, false
			for _, err := range parallel(2, func(n int) (err error) {
				if n == 0 {
					_, started, err := s.Incidents().Create(context.Background(), inc, "u", "", 1)
					stored = started != nil
					if incident.IsKind(err, incident.Conflict) {
						err = nil
					}
					return err
				}
				taken, err = s.Incidents().TakeLooseEnd(context.Background(), inc.ID, 1)
				return err
			}) {
				must(t, err)
			}
			if stored == taken {
				t.Errorf("stored: %v, taken back: %v", stored, taken)
			}
		}
	})
}

func TestLooseEndOfAReminderThatIsBeingPosted(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := remind(t, s)
		_, due, _, ok, err := s.Incidents().ClaimReminder(t.Context(), inc.ID, 70_000, lease)
		must(t, err)
		equal(t, "claimed", ok, true)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(1) })
		ends := looseEnds(t, s)
		if len(ends) != 1 || ends[0].Kind != incident.LooseReminder || ends[0].Mark != incident.ReminderMark(inc.ID, due) {
			t.Fatalf("stored %+v", ends)
		}
		must(t, s.Incidents().DropLooseEnd(t.Context(), ends[0].ID))
		equal(t, "left", len(looseEnds(t, s)), 0)

		// Who has posted it meanwhile learns that it was cancelled.
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
		c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ShowReminderPost("post", due)
		})
		must(t, err)
		equal(t, "shown", c.Event != nil, false)
		equal(t, "state after it", c.After.ReminderPostID, "")
	})
}

func TestLooseChannels(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, owned := model.NewId(), model.NewId()
		channel := func(id, name, creator string, deleted int) string {
			s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, ExtraUpdateAt, CreatorId)"+
				" VALUES (?, 1000, 1000, ?, ?, 'P', 'x', ?, '', '', 0, 0, 0, ?)", id, deleted, team, name, creator)
			return id
		}
		orphan := channel(model.NewId(), "down", "", 0)
		channel(owned, "down-owned", "", 0)
		channel(model.NewId(), "down-archived", "", 5)
		channel(model.NewId(), "down-persons", model.NewId(), 0)
		inc := newIncident(1)
		inc.ChannelID = owned
		create(t, s, inc)
		names := []string{"down", "down-owned", "down-archived", "down-persons"}
		ids, err := s.Incidents().LooseChannels(t.Context(), team, names, 1000)
		must(t, err)
		equal(t, "channels", strings.Join(ids, " "), orphan)
		ids, err = s.Incidents().LooseChannels(t.Context(), team, names, 1001)
		must(t, err)
		equal(t, "older channels", len(ids), 0)
	})
}
