//go:build store

package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func inChannel(channelID, name string, createAt int64) incident.Incident {
	inc := newIncident(1)
	inc.ChannelID, inc.Name, inc.CreateAt, inc.ExistingChannel = channelID, name, createAt, true
	return inc
}

func end(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) }

func restart(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() }

// namesOngoing checks that an error is the Conflict which names the ongoing incident.
func namesOngoing(t *testing.T, err error, inc incident.Incident) {
	t.Helper()
	e, ok := incident.AsError(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, []interface{}{incident.Conflict, "channel.incident_ongoing"}, []interface{}{e.Kind, e.Code})
	assert.Contains(t, e.Error(), inc.Name)
	assert.Contains(t, e.Error(), inc.ID)
}

func TestChannels_TwoStartsAtOnceOneWins(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		for range 5 {
			channel := model.NewId()
			all := make([]incident.Incident, 4)
			errs := parallel(len(all), func(n int) error {
				all[n] = inChannel(channel, "Start", int64(n))
				_, _, err := s.Incidents().Create(context.Background(), all[n], "actor", "", 1, app.Extensions{})
				return err
			})
			won := -1
			for n, err := range errs {
				if err == nil {
					require.Equal(t, -1, won, "two starts have won")
					won = n
				}
			}
			require.NotEqual(t, -1, won, "%v", errs)
			for n, err := range errs {
				if n != won {
					namesOngoing(t, err, all[won])
				}
			}
			assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ChannelID = ?", channel), "rows")
			assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Event e JOIN IR_Incident i ON i.ID = e.IncidentID WHERE i.ChannelID = ?", channel), "events")
		}
	})
}

func TestChannels_OneIncidentAfterTheOther(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel := model.NewId()
		byChannel := func() string {
			h, _, err := s.Incidents().ViewByChannel(t.Context(), channel, "nobody")
			require.NoError(t, err)
			return load(t, s, h.ID).Name
		}
		first := create(t, s, inChannel(channel, "First", 1000))
		assert.True(t, load(t, s, first.ID).ExistingChannel)
		change(t, s, first.ID, end)
		second := create(t, s, inChannel(channel, "Second", 2000))
		assert.Equal(t, "Second", byChannel(), "the ongoing one")

		_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: first.ID, ActorID: "actor", At: 1}, restart)
		namesOngoing(t, err, second)
		assert.False(t, load(t, s, first.ID).IsActive)
		assert.Len(t, events(t, s, first.ID), 2, "nothing is stored")

		change(t, s, second.ID, end)
		assert.Equal(t, "Second", byChannel(), "the newest one")
		change(t, s, first.ID, restart)
		assert.Equal(t, "First", byChannel(), "the ongoing one is older")
		_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: second.ID, ActorID: "actor", At: 1}, restart)
		namesOngoing(t, err, first)

		ongoing, found, err := s.Incidents().OngoingIn(t.Context(), channel)
		require.NoError(t, err)
		assert.Equal(t, []interface{}{true, first.ID, "First"}, []interface{}{found, ongoing.ID, ongoing.Name})
		_, found, err = s.Incidents().OngoingIn(t.Context(), model.NewId())
		require.NoError(t, err)
		assert.False(t, found)
	})
}

// Two restarts, and a restart and a start, at the same moment.
func TestChannels_RestartsAtOnceOneWins(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel := model.NewId()
		var ids []string
		for n := range 3 {
			inc := create(t, s, inChannel(channel, "Incident", int64(n)))
			change(t, s, inc.ID, end)
			ids = append(ids, inc.ID)
		}
		errs := parallel(4, func(n int) error {
			if n == 3 {
				_, _, err := s.Incidents().Create(context.Background(), inChannel(channel, "New", 9), "actor", "", 1, app.Extensions{})
				return err
			}
			_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: ids[n], ActorID: "actor", At: 1}, restart)
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			assert.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
		}
		assert.Equal(t, 1, won, "%v", errs)
		assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ChannelID = ? AND IsActive = true", channel), "ongoing")
	})
}

// A key that was used before finds the incident that it has started, although another one is ongoing by now.
func TestChannels_RepeatedStartFindsItsIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := inChannel(model.NewId(), "First", 1)
		made, _, err := s.Incidents().Create(t.Context(), inc, "actor", "key", 1, app.Extensions{})
		require.NoError(t, err)
		again := inChannel(inc.ChannelID, "First", 1)
		found, event, err := s.Incidents().Create(t.Context(), again, "actor", "key", 1, app.Extensions{})
		require.NoError(t, err)
		assert.Nil(t, event)
		assert.Equal(t, made.ID, found.ID)
	})
}

// Commanders of several incidents of one channel are counted again when the channel becomes private.
func TestChannels_CountsOfAllIncidentsOfAChannel(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, channel, viewer := model.NewId(), model.NewId(), model.NewId()
		s.addChannel(t, channel, team, "O")
		var last incident.Incident
		for range 3 {
			inc := inChannel(channel, "Incident", 1000)
			inc.TeamID = team
			last = create(t, s, inc)
			change(t, s, last.ID, end)
		}
		total := func() int {
			access, err := s.Incidents().TeamAccess(t.Context(), viewer, team)
			require.NoError(t, err)
			_, n, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, ViewerID: viewer, PerPage: 1, CountVersion: access.CountVersion})
			require.NoError(t, err)
			return n
		}
		assert.Equal(t, 3, total(), "public")
		s.sql(t, "UPDATE Channels SET Type = 'P', UpdateAt = ? WHERE Id = ?", time.Now().UnixMilli(), channel)
		assert.Equal(t, 0, total(), "private")
	})
}

// Version 1.2.0 ends, restarts, starts and reads by its own statements, which know nothing of our columns.
func TestChannels_Version120OnSeveralIncidentsOfAChannel(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel := model.NewId()
		first, second := inChannel(channel, "First", 1000), inChannel(channel, "Second", 2000)
		create(t, s, first)
		change(t, s, first.ID, end)
		create(t, s, second)
		names := readAs120(t, s)
		assert.Equal(t, []string{"First", "Second"}, []string{names[first.ID], names[second.ID]})

		// It restarts an ended incident without a look at others: the database refuses.
		set := "UPDATE IR_Incident SET IsActive = ?, EndAt = ?, Name = ?, ChannelID = ? WHERE ID = ?"
		_, err := s.db.ExecContext(t.Context(), s.conn().Rebind(set), true, 0, "First", channel, first.ID)
		require.Error(t, err)
		assert.True(t, isUniqueViolation(err), "%v", err)
		// It ends the ongoing one, and ours may start.
		s.sql(t, set, false, 5, "Second", channel, second.ID)
		third := create(t, s, inChannel(channel, "Third", 3000))
		change(t, s, third.ID, end)
		s.sql(t, set, true, 0, "First", channel, first.ID)
		_, _, err = s.Incidents().Create(t.Context(), inChannel(channel, "Fourth", 4000), "actor", "", 1, app.Extensions{})
		namesOngoing(t, err, first)
	})
}

// The unique index of version 1.2.0 is found under any name, and the one that replaces it is there before.
func TestChannels_MigrationRemovesTheUniqueIndex(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		schema := strings.Join(describe(t, s), "\n")
		assert.Contains(t, strings.ToLower(schema), strings.ToLower(ongoingIndex))
		s.sql(t, "CREATE UNIQUE INDEX moved_by_hand ON IR_Incident (ChannelID)")
		require.NoError(t, s.step(t.Context(), allowSeveralInChannel, schemaVersionKey, one[string](t, s, "SELECT SValue FROM IR_System WHERE SKey = 'PluginSchemaVersion'")))
		assert.Equal(t, schema, strings.Join(describe(t, s), "\n"))
		_, err := s.db.ExecContext(t.Context(), "DROP INDEX moved_by_hand"+map[bool]string{false: " ON IR_Incident"}[s.postgres])
		require.Error(t, err)
		assert.False(t, errors.Is(err, context.Canceled))
	})
}
