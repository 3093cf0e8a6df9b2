//go:build store

package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestJobs(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		jobstest.Check(t, s.Jobs(), open(t, db).Jobs())
	})
}

// discardJob stores the clean-up job of an incident that is to be created.
func discardJob(t *testing.T, s *Store, inc incident.Incident) {
	t.Helper()
	require.NoError(t, s.Jobs().Add(t.Context(), jobs.Job{ID: inc.ID, Kind: app.JobDiscardChannel, Key: inc.ID, IncidentID: inc.ID, NextAttemptAt: 1}))
}

// claimUnfinished claims a job, for ever.
func claimUnfinished(t *testing.T, s *Store, id string) (l jobs.Lease, claimed, stored bool) {
	t.Helper()
	l = jobs.Lease{JobID: id, Owner: model.NewId()}
	claimed, stored, err := s.Jobs().ClaimUnfinished(t.Context(), id, l.Owner, time.Now().UnixMilli(), 1<<60)
	require.NoError(t, err)
	return l, claimed, stored
}

func TestCleanUpJobIsCompletedWithTheIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		discardJob(t, s, inc)
		create(t, s, inc)
		_, claimed, stored := claimUnfinished(t, s, inc.ID)
		assert.False(t, claimed || stored, "claimed or stored")
	})
}

func TestCleanUpJobThatWasClaimedRefusesTheIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		discardJob(t, s, inc)
		var lease jobs.Lease
		for _, step := range []string{"claimed", "given back", "done"} {
			switch step {
			case "claimed":
				var claimed bool
				lease, claimed, _ = claimUnfinished(t, s, inc.ID)
				assert.True(t, claimed, "claimed")
			case "given back":
				require.NoError(t, s.Jobs().Retry(t.Context(), lease, 1, "failed"))
			case "done":
				lease, _, _ = claimUnfinished(t, s, inc.ID)
				require.NoError(t, s.Jobs().Complete(t.Context(), lease, true, 1))
			}
			if _, _, err := s.Incidents().Create(t.Context(), inc, "u", "", 1, app.Extensions{}); !incident.IsKind(err, incident.Conflict) {
				t.Fatalf("%s: stored although it was too late: %v", step, err)
			}
		}
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ?", inc.ID), "incidents")
	})
}

// A claim waits for a transaction that is about to commit.
func TestCleanUpJobIsEitherCompletedOrClaimed(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		for range 20 {
			inc := newIncident(1)
			discardJob(t, s, inc)
			stored, claimed := false, false
			for _, err := range parallel(2, func(n int) (err error) {
				if n == 0 {
					_, started, err := s.Incidents().Create(context.Background(), inc, "u", "", 1, app.Extensions{})
					stored = started != nil
					if incident.IsKind(err, incident.Conflict) {
						err = nil
					}
					return err
				}
				claimed, _, err = s.Jobs().ClaimUnfinished(context.Background(), inc.ID, "x", 1, 2)
				return err
			}) {
				require.NoError(t, err)
			}
			if stored == claimed {
				t.Errorf("stored: %v, claimed: %v", stored, claimed)
			}
		}
	})
}

func TestOrphanChannels(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team, anna, boris := model.NewId(), model.NewId(), model.NewId()
		channel := func(name, kind, header, creator string, created, deleted int64, members ...string) string {
			id := model.NewId()
			s.sql(t, "INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, ExtraUpdateAt, CreatorId)"+
				" VALUES (?, ?, 1000, ?, ?, ?, 'x', ?, ?, '', 0, 0, 0, ?)", id, created, deleted, team, kind, name, header, creator)
			for _, m := range members {
				s.sql(t, "INSERT INTO ChannelMembers (ChannelId, UserId) VALUES (?, ?)", id, m)
			}
			return id
		}
		bot := model.NewId()
		ours := channel("down", "P", "header", bot, 1000, 0, anna)
		old := channel("down-old", "P", "header", "", 1000, 0, anna)
		for name, add := range map[string]func(name string) string{
			"owned": func(name string) string {
				inc := newIncident(1)
				inc.ChannelID = channel(name, "P", "header", bot, 1000, 0, anna)
				return create(t, s, inc).ChannelID
			},
			"archived":          func(name string) string { return channel(name, "P", "header", bot, 1000, 5, anna) },
			"person's":          func(name string) string { return channel(name, "P", "header", boris, 1000, 0, anna) },
			"local mode":        func(name string) string { return channel(name, "P", "header", "", 1000, 0, anna) },
			"local mode, empty": func(name string) string { return channel(name, "P", "header", "", 1000, 0) },
			"another plugin's":  func(name string) string { return channel(name, "P", "another header", "", 1000, 0, anna) },
			"public":            func(name string) string { return channel(name, "O", "header", bot, 1000, 0, anna) },
			"older":             func(name string) string { return channel(name, "P", "header", bot, 999, 0, anna) },
			"newer":             func(name string) string { return channel(name, "P", "header", bot, 2001, 0, anna) },
			"joined by others":  func(name string) string { return channel(name, "P", "header", bot, 1000, 0, anna, boris) },
		} {
			id := add(name)
			orphan := app.Orphan{CreatorID: bot, TeamID: team, Names: []string{"down", "down-old", name}, Type: "P", Header: "header", Members: []string{anna}, From: 1000, To: 2000}
			ids, err := s.Incidents().OrphanChannels(t.Context(), orphan)
			require.NoError(t, err)
			assert.Equal(t, ours, strings.Join(ids, " "), name)
			orphan.CreatorID = "" // a job that an earlier version has stored, of a channel without a mark
			ids, err = s.Incidents().OrphanChannels(t.Context(), orphan)
			require.NoError(t, err)
			before := map[string]bool{"local mode": true, "local mode, empty": true}[name]
			assert.True(t, slices.Contains(ids, old) && slices.Contains(ids, id) == before && len(ids) == 1+map[bool]int{true: 1}[before], name+", unmarked")
			if before {
				s.sql(t, "UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", id)
			}
		}
	})
}

// The rows of IR_LooseEnd become jobs.
func TestMigrate_LooseEndsBecomeJobs(t *testing.T) {
	testdb.EachDriver(t, func(t *testing.T, db *testdb.Database) {
		s := open(t, db)
		buildLegacySchema(t, s, len(legacyMigrations))
		for n, step := range migrations[:7] { // those before the table of jobs
			require.NoError(t, s.step(t.Context(), step, schemaVersionKey, string(rune('1'+n))))
		}
		mark := padded("incident0") + ":70000"
		for id, row := range map[string][]interface{}{
			"channel0": {"channel", "inc", `{"team_id":"team","names":["a","b"]}`, 10, 0}, "channel1": {"channel", "inc", `{"team_id":"team","names":["a"]}`, 10, 5},
			"status0": {"status", "inc", "{}", 11, 0}, "post0": {"post", "inc", "{}", 12, 0},
			"reminder0": {"reminder", "inc", `{"mark":"` + mark + `"}`, 13, 0}, "reminder1": {"reminder", "inc", `{"mark":"` + mark + `"}`, 13, 0},
			"done0": {"tied_up", "inc", `{"team_id":"team"}`, 14, 5}, "done1": {"tied_up", "inc", "{}", 14, 5}, "broken": {"post", "inc", "{", 1, 1},
		} {
			s.sql(t, "INSERT INTO IR_LooseEnd (ID, Kind, IncidentID, Content, CreateAt, TakenAt) VALUES (?, ?, ?, ?, ?, ?)", append([]interface{}{padded(id)}, row...)...)
		}
		require.NoError(t, s.Migrate(t.Context()))
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_LooseEnd"), "rows left")
		later := 12 + app.CleanUpDelay.Milliseconds()
		get := func(kind string, now int64) (out []jobs.Job) {
			out, err := s.Jobs().Due(t.Context(), jobs.Query{Kind: kind, Now: now, Limit: 100})
			require.NoError(t, err)
			return out
		}
		channels := get(app.JobDiscardChannel, later)
		assert.Equal(t, 2, len(channels), "channels")
		assert.Equal(t, 1, channels[0].Attempts+channels[1].Attempts, "claimed before")
		var orphan app.Orphan
		require.NoError(t, json.Unmarshal(channels[0].Payload, &orphan))
		assert.Equal(t, "team a", orphan.TeamID+" "+orphan.Names[0], "team and name")
		status := get("discard_status_post", later)
		assert.True(t, len(status) == 1 && status[0].ID == padded("status0") && status[0].CreateAt == 11 && status[0].IncidentID == "inc", "status posts")
		posts := get(app.JobDeletePost, later)
		assert.True(t, len(posts) == 1 && posts[0].Key == padded("post0"), "posts")
		assert.Equal(t, 0, len(get(app.JobDeletePost, later-1)), "not yet due")
		reminders := get("reminder", later+1)
		assert.True(t, len(reminders) == 1 && reminders[0].Key == mark && reminders[0].DueAt == 70_000 && reminders[0].Attempts == 1, "reminders")
		for _, id := range []string{"done0", "done1"} {
			_, claimed, stored := claimUnfinished(t, s, padded(id))
			assert.True(t, stored && !claimed, id)
		}
		for _, id := range []string{"channel1", "done0"} {
			inc := newIncident(1)
			inc.ID = padded(id)
			if _, _, err := s.Incidents().Create(t.Context(), inc, "u", "", 1, app.Extensions{}); !incident.IsKind(err, incident.Conflict) {
				t.Errorf("stored although it was too late: %v", err)
			}
		}
	})
}

// announcementJobs counts the jobs that announce events of an incident.
func announcementJobs(t *testing.T, s *Store, id string) int {
	t.Helper()
	return one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'announcement' AND State <> 'done' AND IncidentID = ?", id)
}

// The job of an announcement is stored with the change, leased to who has made the change, and deleted with the note of the post.
func TestAnnouncementJobLivesFromTheChangeToItsPost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		made := create(t, s, newIncident(2))
		started := events(t, s, made.ID)[0]
		assert.Equal(t, 1, announcementJobs(t, s, made.ID), "jobs of the start")
		made, err := s.Incidents().AttachPost(t.Context(), made, started.ID, model.NewId(), func(*incident.Incident) bool { return false })
		require.NoError(t, err)
		assert.Equal(t, 0, announcementJobs(t, s, made.ID), "jobs of the announced start")

		_, silent := change(t, s, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.AddTask(incident.At(0), incident.Task{Title: "t"})
		})
		assert.Equal(t, 0, announcementJobs(t, s, made.ID), "jobs of a change that is not announced")
		for name, meanwhile := range map[string]bool{"unchanged": false, "changed meanwhile": true} {
			after, event := change(t, s, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.ToggleTask(incident.At(0), incident.At(0), time.Now().UnixMilli())
			})
			assert.Equal(t, 1, announcementJobs(t, s, made.ID), name+": jobs")
			due := func(now time.Time) []jobs.Job {
				due, err := s.Jobs().Due(t.Context(), jobs.Query{Kind: app.JobAnnouncement, Ordered: true, Now: now.UnixMilli(), Limit: 10})
				require.NoError(t, err)
				return due
			}
			assert.Equal(t, 0, len(due(time.Now().Add(50*time.Second))), name+": due while it is leased")
			late := due(time.Now().Add(70 * time.Second))
			assert.True(t, len(late) == 1 && late[0].Key == event.ID && late[0].Position == event.Revision && late[0].Attempts == 1, name+": due after the lease")
			if meanwhile {
				change(t, s, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.AddTask(incident.At(0), incident.Task{Title: "meanwhile"})
				})
			}
			attach := func(post string) (incident.Incident, error) {
				return s.Incidents().AttachPost(t.Context(), after, event.ID, post, func(i *incident.Incident) bool { return i.AttachPost(event.Payload, post) })
			}
			post := model.NewId()
			attached, err := attach(post)
			require.NoError(t, err)
			assert.Equal(t, post, attached.Checklists[0].Tasks[0].StateModifiedPostID, name+": post")
			assert.Equal(t, post, load(t, s, made.ID).Checklists[0].Tasks[0].StateModifiedPostID, name+": stored post")
			assert.Equal(t, 0, announcementJobs(t, s, made.ID), name+": jobs with the post")
			_, err = attach(post)
			require.NoError(t, err)
			if _, err := attach(model.NewId()); !errors.Is(err, app.ErrAnnounced) {
				t.Errorf("%s: another post was taken: %v", name, err)
			}
			assert.Equal(t, post, load(t, s, made.ID).Checklists[0].Tasks[0].StateModifiedPostID, name+": stored post")
		}
		attach := func(event, post string) error {
			_, err := s.Incidents().AttachPost(t.Context(), made, event, post, func(*incident.Incident) bool { return false })
			return err
		}
		require.NoError(t, s.Jobs().Purge(t.Context(), 1, 1))
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE IncidentID = ?", made.ID), "jobs that are done")
		require.NoError(t, attach(silent.ID, "first"))
		if err := attach(silent.ID, "second"); !errors.Is(err, app.ErrAnnounced) {
			t.Errorf("another post was taken: %v", err)
		}
		if err := attach(model.NewId(), "x"); !incident.IsKind(err, incident.NotFound) {
			t.Errorf("an unknown event: %v", err)
		}
	})
}

// Fifty changes at once, each with its announcement: none meets another one's job.
func TestAnnouncementJobsOfParallelChanges(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		var all []incident.Incident
		for range 5 {
			all = append(all, create(t, s, newIncident(10)))
		}
		for _, err := range parallel(50, func(n int) error {
			c, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: all[n%5].ID, ActorID: "u", At: int64(5000 + n)},
				func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.ToggleTask(incident.At(0), incident.At(n/5), int64(5000+n))
				})
			if err != nil {
				return err
			}
			post := model.NewId()
			_, err = s.Incidents().AttachPost(context.Background(), c.After, c.Event.ID, post, func(i *incident.Incident) bool { return i.AttachPost(c.Event.Payload, post) })
			return err
		}) {
			require.NoError(t, err)
		}
		for _, inc := range all {
			assert.Equal(t, 1, announcementJobs(t, s, inc.ID), "jobs") // of the start
			assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ? AND PostID = ''", inc.ID), "events without a post")
			for _, task := range load(t, s, inc.ID).Checklists[0].Tasks {
				assert.Equal(t, 26, len(task.StateModifiedPostID), "task with its post")
			}
		}
	})
}

// The jobs of deliveries are stored with the change that they follow from, and with a start.
func TestDeliveryJobsAreStoredWithTheChange(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		wanted := func(kinds ...incident.EventType) app.Extensions {
			return app.Extensions{Deliveries: []app.Delivery{{Kind: "page", Wanted: func(inc *incident.Incident, e *incident.Event) bool {
				return inc.BroadcastChannelID != "" && slices.Contains(kinds, e.Type())
			}}}}
		}
		for _, channel := range []string{"", "wide"} {
			inc := newIncident(1)
			inc.BroadcastChannelID = channel
			inc, started, err := s.Incidents().Create(t.Context(), inc, "u", "", 1, wanted(incident.EventStarted))
			require.NoError(t, err)
			c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 1, Extensions: wanted(incident.EventEnded)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(2) })
			require.NoError(t, err)
			_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 1, Extensions: wanted(incident.EventEnded)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.Restart() })
			require.NoError(t, err)
			want := map[string]int{"": 0, "wide": 1}[channel]
			for _, e := range []*incident.Event{started, c.Event} {
				assert.Equal(t, want, one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'page' AND JobKey = ? AND Position = ?", e.ID, e.Revision), "jobs")
			}
			assert.Equal(t, 2*want, one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'page' AND IncidentID = ?", inc.ID), "all jobs")
		}
	})
}

// A key that MySQL has no room for is refused on both databases.
func TestJobs_KeysHaveALimit(t *testing.T) {
	s := &Store{builder: sq.StatementBuilder}
	_, _, err := s.newJobs(jobs.Job{Kind: "k", Key: strings.Repeat("x", jobs.MaxKey)}).ToSql()
	require.NoError(t, err)
	_, _, err = s.newJobs(jobs.Job{Kind: "k", Key: strings.Repeat("x", jobs.MaxKey+1)}).ToSql()
	require.ErrorContains(t, err, "65 bytes")
}
