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
			must(t, err)
		}
		after := load(t, s, inc.ID)
		equal(t, "done", after.Checklists[0].Done(), 50)
		equal(t, "revision", after.Revision, 51)
		events := events(t, s, inc.ID)
		equal(t, "events", len(events), 51)
		actors := map[string]bool{}
		for n, e := range events {
			equal(t, "revision of event", e.Revision, int64(n+1))
			actors[e.ActorID] = true
		}
		equal(t, "actors", len(actors), 51)
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
			must(t, err)
		}
		titles := map[string]bool{}
		for _, task := range load(t, s, inc.ID).Checklists[0].Tasks {
			titles[task.Title] = true
		}
		equal(t, "tasks", len(titles), 50)
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
				must(t, err)
			}
			after := load(t, s, inc.ID)
			equal(t, "active", after.IsActive, false)
			equal(t, "done", after.Checklists[0].Done(), 1)
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
		equal(t, "successful ends", won, 1)
		equal(t, "revision", load(t, s, inc.ID).Revision, 2)
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
			must(t, err)
		}
		after := load(t, s, inc.ID)
		equal(t, "status posts in the order of the posts", strings.Join(after.StatusPostIDs, " "), strings.Join(posts, " "))
	})
}

func TestUpdateStoresRevisionAndEventTogether(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(2))
		equal(t, "first revision", inc.Revision, 1)
		c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "anna", At: 4000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.At(0), incident.At(1), incident.Closed, 4000)
		})
		must(t, err)
		before, after, event := c.Before, c.After, c.Event
		equal(t, "revision before", before.Revision, 1)
		equal(t, "state before", before.Checklists[0].Tasks[1].State, incident.Open)
		equal(t, "revision", after.Revision, 2)
		events := events(t, s, inc.ID)
		equal(t, "events", len(events), 2)
		equal(t, "first", events[0].Type(), incident.EventStarted)
		got, _ := json.Marshal(events[1])
		want, _ := json.Marshal(*event)
		equal(t, "event", string(got), string(want))
		equal(t, "actor", event.ActorID, "anna")
		equal(t, "time", event.CreateAt, 4000)
		equal(t, "event revision", event.Revision, 2)
		values := event.Payload.(incident.TaskStateChanged)
		equal(t, "state in the event", values.State, incident.Pair[incident.State]{After: incident.Closed})
		equal(t, "title in the event", values.Title, "Task 1")
		equal(t, "columns", one[string](t, s, "SELECT CONCAT(BeforeJSON, AfterJSON) FROM IR_Event WHERE ID = ?", event.ID),
			fmt.Sprintf(`{"checklist":0,"checklist_id":"%[1]s","item_id":"%[2]s","state":"","state_modified":0,"title":"Task 1"}`+
				`{"checklist":0,"checklist_id":"%[1]s","item_id":"%[2]s","state":"closed","state_modified":4000,"title":"Task 1"}`, values.StageID, values.TaskID))
		read, err := s.Incidents().Event(t.Context(), inc.ID, event.ID)
		must(t, err)
		equal(t, "the event by its id", read, *event)
		stored, _ := json.Marshal(load(t, s, inc.ID))
		returned, _ := json.Marshal(after)
		equal(t, "stored state", string(stored), string(returned))
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
		equal(t, "no event", event == nil, true)
		equal(t, "no id, for none is stored", same.Checklists[0].Tasks[1].ID, "")
		after, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.SetTaskState(incident.At(0), incident.At(1), incident.Closed, 5)
		})
		ref, _ := incident.TaskRefOf(event.Payload)
		id := ref.TaskID
		equal(t, "the event's task", id, after.Checklists[0].Tasks[1].ID)
		equal(t, "has an id", model.IsValidId(id), true)
		equal(t, "stored", load(t, s, inc.ID).Checklists[0].Tasks[1].ID, id)
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
		equal(t, "state", string(after), string(before))
		equal(t, "events", one[int](t, s, "SELECT COUNT(*) FROM IR_Event"), 1)
		// What comes after the event row cannot be stored: neither may the event be.
		for n, want := range []bool{true, false} {
			_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.UpdateStatus(post, int64(60*n), 1)
			})
			equal(t, "stored", err == nil, want)
		}
		equal(t, "events", one[int](t, s, "SELECT COUNT(*) FROM IR_Event"), 2)
		equal(t, "revision", load(t, s, inc.ID).Revision, 2)
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
			must(t, err)
			return after
		}
		after := attach("post1")
		equal(t, "post of the task", after.Checklists[0].Tasks[0].StateModifiedPostID, "post1")
		equal(t, "revision", after.Revision, 2)
		equal(t, "post revision", after.PostRevision, 1)
		equal(t, "stored post revision", load(t, s, inc.ID).PostRevision, 1)
		equal(t, "second attach", attach("post1").PostRevision, 1)
		events := events(t, s, inc.ID)
		equal(t, "post of the event", events[1].PostID, "post1")

		// A change that comes in between is neither lost nor hidden.
		committed, event = change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(0), 9)
		})
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(1), 10)
		})
		after = attach("post3")
		equal(t, "post after another change", after.Checklists[0].Tasks[0].StateModifiedPostID, "post3")
		equal(t, "the other change", after.Checklists[0].Tasks[1].State, incident.Closed)
		equal(t, "revision after both", after.Revision, 4)
	})
}

// Whatever was read before the lock must not hide a status update that was made until it was taken.
func TestUpdateSeesStatusPostsThatCameAfterItsHeader(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		h, err := s.Incidents().Header(t.Context(), inc.ID, "u")
		must(t, err)
		post := s.addPost(t, inc.ChannelID, "u", 5000, 0, "{}")
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5000) })
		update := func(h app.Header) []string {
			c, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: h.ID, ActorID: "u", At: 6000, Known: h.Known}, func(i *incident.Incident) (*incident.ChangeSet, error) {
				return i.ToggleTask(incident.At(0), incident.At(0), 6000)
			})
			must(t, err)
			return c.After.StatusPostIDs
		}
		equal(t, "status posts, with an old header", strings.Join(update(h), " "), post)
		h, err = s.Incidents().Header(t.Context(), inc.ID, "u")
		must(t, err)
		equal(t, "status posts, with a new header", strings.Join(update(h), " "), post)
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
				must(t, err)
				equal(t, name+": id", h.ID, c.inc.ID)
				equal(t, name+": public", h.Public, c.public)
				equal(t, name+": joined", h.Joined, c.joined)
				equal(t, name+": shown", inc != nil, c.public || c.joined)
				if inc != nil {
					got, _ := json.Marshal(*inc)
					want, _ := json.Marshal(load(t, s, c.inc.ID))
					equal(t, name+": incident", string(got), string(want))
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
			must(t, err)
		}
		count := 0
		for n := range ids {
			equal(t, "id", ids[n], ids[0])
			if made[n] {
				count++
			}
		}
		equal(t, "created", count, 1)
		found, ok, err := s.Incidents().FindByKey(t.Context(), "anna", "key")
		must(t, err)
		equal(t, "found", ok && found.ID == ids[0], true)
		for _, other := range [][2]string{{"boris", "key"}, {"anna", "KEY"}} { // others' keys, and keys in other letters
			_, started, err := s.Incidents().Create(t.Context(), newIncident(1), other[0], other[1], 1, app.Extensions{})
			must(t, err)
			equal(t, "created", started != nil, true)
		}

		// A day later, and after 1.2.0 has dropped its tables, the key counts no more.
		s.sql(t, "UPDATE IR_IdempotencyKey SET CreateAt = ? WHERE ActorID = 'anna'", time.Now().Add(-25*time.Hour).UnixMilli())
		_, ok, err = s.Incidents().FindByKey(t.Context(), "anna", "key")
		must(t, err)
		equal(t, "old key found", ok, false)
		for range 2 {
			inc, started, err := s.Incidents().Create(t.Context(), newIncident(1), "anna", "key", 1, app.Extensions{})
			must(t, err)
			equal(t, "created", started != nil, true)
			s.sql(t, "DELETE FROM IR_Incident WHERE ID = ?", inc.ID)
		}
		_, _, err = s.Incidents().Create(t.Context(), newIncident(1), "anna", strings.Repeat("k", 129), 1, app.Extensions{})
		equal(t, "long key is invalid", incident.IsKind(err, incident.Invalid), true)
	})
}

func TestSecondIncidentOfAChannelIsAConflict(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		first := create(t, s, newIncident(1))
		second := newIncident(1)
		second.ChannelID = first.ChannelID
		_, _, err := s.Incidents().Create(t.Context(), second, "anna", "key", 1, app.Extensions{})
		equal(t, "conflict", incident.IsKind(err, incident.Conflict), true)
		equal(t, "keys", one[int](t, s, "SELECT COUNT(*) FROM IR_IdempotencyKey"), 0)
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
		equal(t, "tasks", len(after.Checklists[0].Tasks), 99)
		equal(t, "description", after.Checklists[0].Tasks[98].Description, strings.Repeat("界", 1000))
		equal(t, "text", after.Description, inc.Description)
		if size := len(one[string](t, s, "SELECT ChecklistsJSON FROM IR_Incident WHERE ID = ?", made.ID)); size < 64<<10 {
			t.Errorf("only %d bytes: the test does not test anything", size)
		}
	})
}
