//go:build store

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

func TestUpdate_FiftyParallelCheckOffsAreKept(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		nodes := []*Store{s, open(t, db)}
		inc := create(t, s, newIncident(50))
		for _, err := range parallel(50, func(n int) error {
			c, err := nodes[n%2].Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: fmt.Sprint("u", n), At: 2000},
				func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.SetTaskState(incident.At(0), incident.At(n), incident.Closed, 2000)
				})
			if err == nil && c.Event == nil {
				return errors.New("no event")
			}
			return err
		}) {
			require.NoError(t, err)
		}
		after := load(t, s, inc.ID)
		assert.Equal(t, 50, after.Checklists[0].Done(), "done")
		assert.EqualValues(t, 51, after.Revision, "revision")
		events := events(t, s, inc.ID)
		assert.Equal(t, 51, len(events), "events")
		actors := map[string]bool{}
		for n, e := range events {
			assert.Equal(t, int64(n+1), e.Revision, "revision of event")
			actors[e.ActorID] = true
		}
		assert.Equal(t, 51, len(actors), "actors")
	})
}

func TestUpdate_FiftyParallelAddsAreKept(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(0))
		for _, err := range parallel(50, func(n int) error {
			_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 2000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.AddTask(incident.At(0), incident.Task{ID: model.NewId(), Title: fmt.Sprint("Added ", n)})
			})
			return err
		}) {
			require.NoError(t, err)
		}
		titles := map[string]bool{}
		for _, task := range load(t, s, inc.ID).Checklists[0].Tasks {
			titles[task.Title] = true
		}
		assert.Equal(t, 50, len(titles), "tasks")
	})
}

func TestUpdate_EndIsNotUndoneByACheckOff(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		for range 5 {
			inc := create(t, s, newIncident(1))
			for _, err := range parallel(2, func(n int) error {
				_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 2000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					if n == 0 {
						return i.End(2000)
					}
					return i.ToggleTask(incident.At(0), incident.At(0), 2000)
				})
				return err
			}) {
				require.NoError(t, err)
			}
			after := load(t, s, inc.ID)
			assert.False(t, after.IsActive, "active")
			assert.Equal(t, 1, after.Checklists[0].Done(), "done")
		}
	})
}

func TestUpdate_OneOfParallelEndsSucceeds(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		won := 0
		for _, err := range parallel(8, func(int) error {
			_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 2000}, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(2000) })
			return err
		}) {
			switch {
			case err == nil:
				won++
			case !incident.IsKind(err, incident.Conflict):
				t.Error(err)
			}
		}
		assert.Equal(t, 1, won, "successful ends")
		assert.EqualValues(t, 2, load(t, s, inc.ID).Revision, "revision")
	})
}

func TestUpdate_ParallelStatusUpdates(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		posts := make([]string, 8)
		for n := range posts {
			posts[n] = s.addPost(t, inc.ChannelID, "u", int64(3000+n), 0, "{}")
		}
		for _, err := range parallel(len(posts), func(n int) error {
			_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 5000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.UpdateStatus(posts[n], int64(60+n), 5000)
			})
			return err
		}) {
			require.NoError(t, err)
		}
		after := load(t, s, inc.ID)
		assert.Equal(t, strings.Join(posts, " "), strings.Join(after.StatusPostIDs, " "), "status posts in the order of the posts")
	})
}

func TestUpdateStoresRevisionAndEventTogether(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(2))
		assert.EqualValues(t, 1, inc.Revision, "first revision")
		c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "anna", At: 4000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.At(0), incident.At(1), incident.Closed, 4000)
		})
		require.NoError(t, err)
		before, after, event := c.Before, c.After, c.Event
		assert.EqualValues(t, 1, before.Revision, "revision before")
		assert.Equal(t, incident.Open, before.Checklists[0].Tasks[1].State, "state before")
		assert.EqualValues(t, 2, after.Revision, "revision")
		events := events(t, s, inc.ID)
		assert.Equal(t, 2, len(events), "events")
		assert.Equal(t, incident.EventStarted, events[0].Type(), "first")
		got, _ := json.Marshal(events[1])
		want, _ := json.Marshal(*event)
		assert.Equal(t, string(want), string(got), "event")
		assert.Equal(t, "anna", event.ActorID, "actor")
		assert.EqualValues(t, 4000, event.CreateAt, "time")
		assert.EqualValues(t, 2, event.Revision, "event revision")
		values := event.Payload.(incident.TaskStateChanged)
		assert.Equal(t, incident.Pair[incident.State]{After: incident.Closed}, values.State, "state in the event")
		assert.Equal(t, "Task 1", values.Title, "title in the event")
		assert.Equal(t, fmt.Sprintf(`{"checklist":0,"checklist_id":"%[1]s","item_id":"%[2]s","state":"","state_modified":0,"title":"Task 1"}`+
			`{"checklist":0,"checklist_id":"%[1]s","item_id":"%[2]s","state":"closed","state_modified":4000,"title":"Task 1"}`, values.StageID, values.TaskID), one[string](t, s, "SELECT CONCAT(BeforeJSON, AfterJSON) FROM IR_Event WHERE ID = ?", event.ID), "columns")
		read, err := s.Incidents().Event(t.Context(), inc.ID, event.ID)
		require.NoError(t, err)
		assert.Equal(t, *event, read, "the event by its id")
		stored, _ := json.Marshal(load(t, s, inc.ID))
		returned, _ := json.Marshal(after)
		assert.Equal(t, string(returned), string(stored), "stored state")
	})
}

// Stages and tasks that were stored without ids get them before the change, so that its event names the task.
func TestUpdateOfATaskWithoutID(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		s.sql(t, "UPDATE IR_Incident SET ChecklistsJSON = ? WHERE ID = ?", `[{"title":"s","items":[{"title":"a"},{"id":"","title":"b"}]}]`, inc.ID)
		same, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.At(0), incident.At(1), incident.Open, 5)
		})
		assert.True(t, event == nil, "no event")
		assert.Equal(t, "", same.Checklists[0].Tasks[1].ID, "no id, for none is stored")
		after, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.At(0), incident.At(1), incident.Closed, 5)
		})
		ref, _ := incident.TaskRefOf(event.Payload)
		id := ref.TaskID
		assert.Equal(t, after.Checklists[0].Tasks[1].ID, id, "the event's task")
		assert.True(t, model.IsValidId(id), "has an id")
		assert.Equal(t, id, load(t, s, inc.ID).Checklists[0].Tasks[1].ID, "stored")
	})
}

func TestRefusedOrEmptyUpdateLeavesNothing(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		before, _ := json.Marshal(load(t, s, inc.ID))
		refused := errors.New("refused")
		c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			i.Name = "Changed"
			return nil, refused
		})
		if !errors.Is(err, refused) || c.Event != nil {
			t.Errorf("got %v, %v", c.Event, err)
		}
		c, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetCommander(inc.CommanderUserID)
		})
		if err != nil || c.Event != nil || c.After.CommanderUserID != inc.CommanderUserID || c.After.Revision != inc.Revision {
			t.Errorf("got %+v, %v", c, err)
		}
		// The event row cannot be stored: neither may the incident and the status post be.
		s.sql(t, "ALTER TABLE IR_Event RENAME TO IR_Away")
		post := s.addPost(t, inc.ChannelID, "u", 1, 0, "{}")
		if _, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.UpdateStatus(post, 60, 1)
		}); err == nil {
			t.Error("an update without event row succeeded")
		}
		s.sql(t, "ALTER TABLE IR_Away RENAME TO IR_Event")
		after, _ := json.Marshal(load(t, s, inc.ID))
		assert.Equal(t, string(before), string(after), "state")
		assert.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Event"), "events")
		// What comes after the event row cannot be stored: neither may the event be.
		for n, want := range []bool{true, false} {
			_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.UpdateStatus(post, int64(60*n), 1)
			})
			assert.Equal(t, want, err == nil, "stored")
		}
		assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM IR_Event"), "events")
		assert.EqualValues(t, 2, load(t, s, inc.ID).Revision, "revision")
	})
}

func TestUnknownIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		ctx, in := t.Context(), s.Incidents()
		id := model.NewId()
		calls := map[string]func() error{
			"Get":           func() error { _, err := in.Get(ctx, id); return err },
			"Header":        func() error { _, err := in.Header(ctx, id, ""); return err },
			"View":          func() error { _, _, err := in.View(ctx, id, ""); return err },
			"ViewByChannel": func() error { _, _, err := in.ViewByChannel(ctx, id, ""); return err },
			"Event":         func() error { _, err := in.Event(ctx, id, id); return err },
			"Metadata":      func() error { _, err := in.Metadata(ctx, id); return err },
			"Update": func() error {
				_, err := in.Update(ctx, app.UpdateRequest{IncidentID: id, ActorID: "u", At: 1}, func(*incident.Incident) (*incident.ChangeSet, error) { return nil, nil })
				return err
			},
			"AttachPost": func() error {
				_, err := in.AttachPost(ctx, incident.Incident{ID: id}, "e", "p", func(*incident.Incident) bool { return false })
				return err
			},
		}
		for name, call := range calls {
			if err := call(); !incident.IsKind(err, incident.NotFound) {
				t.Errorf("%s: got %v, want not found", name, err)
			}
		}
	})
}

func TestAttachPost(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(2))
		committed, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(0), 9)
		})
		attach := func(post string) incident.Incident {
			after, err := s.Incidents().AttachPost(t.Context(), committed, event.ID, post, func(i *incident.Incident) bool {
				return i.AttachPost(event.Payload, post)
			})
			require.NoError(t, err)
			return after
		}
		after := attach("post1")
		assert.Equal(t, "post1", after.Checklists[0].Tasks[0].StateModifiedPostID, "post of the task")
		assert.EqualValues(t, 2, after.Revision, "revision")
		assert.EqualValues(t, 1, after.PostRevision, "post revision")
		assert.EqualValues(t, 1, load(t, s, inc.ID).PostRevision, "stored post revision")
		assert.EqualValues(t, 1, attach("post1").PostRevision, "second attach")
		events := events(t, s, inc.ID)
		assert.Equal(t, "post1", events[1].PostID, "post of the event")

		// A change that comes in between is neither lost nor hidden.
		committed, event = change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(0), 9)
		})
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(1), 10)
		})
		after = attach("post3")
		assert.Equal(t, "post3", after.Checklists[0].Tasks[0].StateModifiedPostID, "post after another change")
		assert.Equal(t, incident.Closed, after.Checklists[0].Tasks[1].State, "the other change")
		assert.EqualValues(t, 4, after.Revision, "revision after both")
	})
}

// What was read before the lock must not hide a status update that was made before the lock was taken.
func TestUpdateSeesStatusPostsThatCameAfterItsHeader(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		h, err := s.Incidents().Header(t.Context(), inc.ID, "u")
		require.NoError(t, err)
		post := s.addPost(t, inc.ChannelID, "u", 5000, 0, "{}")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5000) })
		update := func(h app.Header) []string {
			c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: h.ID, ActorID: "u", At: 6000, Known: h.Known}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.ToggleTask(incident.At(0), incident.At(0), 6000)
			})
			require.NoError(t, err)
			return c.After.StatusPostIDs
		}
		assert.Equal(t, post, strings.Join(update(h), " "), "status posts, with an old header")
		h, err = s.Incidents().Header(t.Context(), inc.ID, "u")
		require.NoError(t, err)
		assert.Equal(t, post, strings.Join(update(h), " "), "status posts, with a new header")
	})
}

// Only those who may be somebody to see an incident get more than its header.
func TestViewHidesWhatTheViewerIsNotIn(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		open, closed := create(t, s, newIncident(1)), create(t, s, newIncident(1))
		s.addChannel(t, open.ChannelID, open.TeamID, "O")
		s.addChannel(t, closed.ChannelID, closed.TeamID, "P", "anna")
		gone := create(t, s, newIncident(1)) // its channel was deleted for good
		for _, c := range []struct {
			inc            incident.Incident
			viewer         string
			public, joined bool
		}{{open, "boris", true, false}, {closed, "boris", false, false}, {closed, "anna", false, true}, {gone, "anna", false, false}} {
			for name, view := range map[string]func() (app.Header, *incident.Incident, error){
				"View": func() (app.Header, *incident.Incident, error) {
					return s.Incidents().View(t.Context(), c.inc.ID, c.viewer)
				},
				"ViewByChannel": func() (app.Header, *incident.Incident, error) {
					return s.Incidents().ViewByChannel(t.Context(), c.inc.ChannelID, c.viewer)
				},
			} {
				h, inc, err := view()
				require.NoError(t, err)
				assert.Equal(t, c.inc.ID, h.ID, name+": id")
				assert.Equal(t, c.public, h.Public, name+": public")
				assert.Equal(t, c.joined, h.Joined, name+": joined")
				assert.Equal(t, c.public || c.joined, inc != nil, name+": shown")
				if inc != nil {
					got, _ := json.Marshal(*inc)
					want, _ := json.Marshal(load(t, s, c.inc.ID))
					assert.Equal(t, string(want), string(got), name+": incident")
				}
			}
		}
	})
}

func TestIdempotencyKeyMakesOneIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		nodes := []*Store{s, open(t, db)}
		ids, made := make([]string, 10), make([]bool, 10)
		for _, err := range parallel(10, func(n int) error {
			inc, started, err := nodes[n%2].Incidents().Create(context.Background(), newIncident(1), "anna", "key", 1, app.Extensions{})
			ids[n], made[n] = inc.ID, started != nil
			return err
		}) {
			require.NoError(t, err)
		}
		count := 0
		for n := range ids {
			assert.Equal(t, ids[0], ids[n], "id")
			if made[n] {
				count++
			}
		}
		assert.Equal(t, 1, count, "created")
		found, ok, err := s.Incidents().FindByKey(t.Context(), "anna", "key")
		require.NoError(t, err)
		assert.True(t, ok && found.ID == ids[0], "found")
		for _, other := range [][2]string{{"boris", "key"}, {"anna", "KEY"}} { // others' keys, and keys in other letters
			_, started, err := s.Incidents().Create(t.Context(), newIncident(1), other[0], other[1], 1, app.Extensions{})
			require.NoError(t, err)
			assert.True(t, started != nil, "created")
		}

		// A day later, and after 1.2.0 has dropped its tables, the key counts no more.
		s.sql(t, "UPDATE IR_IdempotencyKey SET CreateAt = ? WHERE ActorID = 'anna'", time.Now().Add(-25*time.Hour).UnixMilli())
		_, ok, err = s.Incidents().FindByKey(t.Context(), "anna", "key")
		require.NoError(t, err)
		assert.False(t, ok, "old key found")
		for range 2 {
			inc, started, err := s.Incidents().Create(t.Context(), newIncident(1), "anna", "key", 1, app.Extensions{})
			require.NoError(t, err)
			assert.True(t, started != nil, "created")
			s.sql(t, "DELETE FROM IR_Incident WHERE ID = ?", inc.ID)
		}
		_, _, err = s.Incidents().Create(t.Context(), newIncident(1), "anna", strings.Repeat("k", 129), 1, app.Extensions{})
		assert.True(t, incident.IsKind(err, incident.Invalid), "long key is invalid")
	})
}

func TestSecondIncidentOfAChannelIsAConflict(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		first := create(t, s, newIncident(1))
		second := newIncident(1)
		second.ChannelID = first.ChannelID
		_, _, err := s.Incidents().Create(t.Context(), second, "anna", "key", 1, app.Extensions{})
		assert.True(t, incident.IsKind(err, incident.Conflict), "conflict")
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_IdempotencyKey"), "keys")
	})
}

func TestManyLongTasksFit(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(100)
		for n := range inc.Checklists[0].Tasks {
			inc.Checklists[0].Tasks[n].Description = strings.Repeat("界", 1000)
		}
		inc.Description = `<quotes> " ' \ and %s ? $1 🔒`
		made := create(t, s, inc)
		change(t, s, made.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.RemoveTask(incident.At(0), incident.At(0))
		})
		after := load(t, s, made.ID)
		assert.Equal(t, 99, len(after.Checklists[0].Tasks), "tasks")
		assert.Equal(t, strings.Repeat("界", 1000), after.Checklists[0].Tasks[98].Description, "description")
		assert.Equal(t, inc.Description, after.Description, "text")
		if size := len(one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", made.ID)); size < 64<<10 {
			t.Errorf("only %d bytes: the test does not test anything", size)
		}
	})
}
