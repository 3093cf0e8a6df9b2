//go:build store

package store

import (
	"encoding/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// archiver is a Mattermost that can archive channels of the database, and nothing else.
type archiver struct {
	app.Host // what a test does not expect to be called panics
	t        *testing.T
	s        *Store
}

func (a *archiver) ArchiveChannel(id string) error {
	a.s.sql(a.t, "UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", id)
	return nil
}

// Processes are killed between the channel and the incident. What they leave behind is gone within 90 seconds, also when two starts of the
// same name were interrupted one after the other, and within two minutes if Mattermost makes the channel only later. A start of that name that
// goes on keeps its channel.
func TestInterruptedStarts_LeaveNoChannel(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		begin := time.UnixMilli(1_000_000_000)
		now := begin
		svc := app.New(s.Incidents(), s.Playbooks(), s.Jobs(), &archiver{t: t, s: s}, s.log, DefaultPluginID)
		svc.Now = func() time.Time { return now }
		runner := jobs.New(s.Jobs(), s.log, nil, svc.JobKinds())
		runner.Now = svc.Now
		team, bot, anna := model.NewId(), model.NewId(), model.NewId()
		// start is a start until the channel is there.
		channel := func(name string) (id string) {
			id = model.NewId()
			s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, ExtraUpdateAt, CreatorId)"+
				" VALUES (?, ?, 1, 0, ?, 'P', 'x', ?, 'header', '', 0, 0, 0, ?)", id, now.UnixMilli(), team, name, bot)
			s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", id, anna)
			return id
		}
		promise := func(names ...string) jobs.Job {
			id := model.NewId()
			job := app.CleanUpJob(id, app.JobDiscardChannel, id, now.UnixMilli())
			var err error
			job.Payload, err = json.Marshal(app.Orphan{CreatorID: bot, TeamID: team, Names: names, Type: "P", Header: "header", Members: []string{anna}})
			require.NoError(t, err)
			require.NoError(t, s.Jobs().Add(t.Context(), job))
			return job
		}
		// pass lets the runner look every ten seconds, as it does.
		pass := func(d time.Duration) {
			t.Helper()
			for end := now.Add(d); now.Before(end); {
				now = now.Add(10 * time.Second)
				require.NoError(t, runner.RunDue(t.Context(), app.JobDiscardChannel))
			}
		}
		archived := func(id string) bool { return one[int64](t, s, "SELECT DeleteAt FROM Channels WHERE Id = ?", id) != 0 }

		promise("down", "down-a")
		first := channel("down")
		now = now.Add(20 * time.Second)
		promise("down", "down-b")
		second := channel("down-b")
		now = now.Add(20 * time.Second)
		alive := promise("down", "down-c") // goes on, and stores its incident in time
		third := channel("down-c")
		pass(20 * time.Second)
		inc := newIncident(7)
		inc.ID, inc.ChannelID, inc.TeamID = alive.ID, third, team
		_, _, err := s.Incidents().Create(t.Context(), inc, anna, "", now.UnixMilli(), app.Extensions{})
		require.NoError(t, err)
		pass(begin.Add(90 * time.Second).Sub(now))
		assert.Equal(t, true, archived(first), "the first is archived after 90 s")
		assert.Equal(t, true, archived(second), "the second is archived after 90 s")
		assert.Equal(t, false, archived(third), "that of the incident is archived")

		promise("late", "late-a")
		pass(5 * time.Minute)
		late := channel("late")
		pass(2 * time.Minute)
		assert.Equal(t, true, archived(late), "the late one is archived")

		promise("never", "never-a")
		pass(15 * time.Minute)
		waiting, err := s.Jobs().Due(t.Context(), jobs.Query{Kind: app.JobDiscardChannel, Now: now.Add(24 * time.Hour).UnixMilli(), Limit: 10})
		require.NoError(t, err)
		assert.Equal(t, 0, len(waiting), "jobs that are left")
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE LastError <> ''"), "jobs that have failed")
	})
}
