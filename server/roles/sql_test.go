//go:build store

package roles

import (
	"context"
	"fmt"
	"math/rand"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Whatever happens to a handoff at the same time: there is one commander at each revision, each handoff has one outcome, and no job of a
// handoff that is over is left.
func TestInterleavings_InTheDatabase(t *testing.T) {
	for _, e := range events() {
		incident.RegisterEvent(e.Type, e.Decode)
	}
	each := func(t *testing.T, database *testdb.Database) {
		s := storetest.Open(t, database, nil)
		conn := database.Connect(t)
		for run := range 40 {
			inc, _, err := s.Incidents().Create(t.Context(), incident.Incident{ID: model.NewId(), Name: fmt.Sprint("Incident ", run), IsActive: true, CommanderUserID: "anna",
				TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}, "anna", "", 1, app.Extensions{})
			require.NoError(t, err)
			change := func(now int64, inTx app.InTx, fn func(i *incident.Incident) (*incident.ChangeSet, error)) error {
				_, err := s.Incidents().Update(context.Background(), app.UpdateRequest{IncidentID: inc.ID, At: now, Extensions: app.Extensions{InTx: []app.InTx{inTx, dropLapse}}},
					func(i *incident.Incident) (*incident.ChangeSet, error) { return changed(i, now, fn) })
				return err
			}
			none := func(context.Context, app.Tx, app.Change) error { return nil }
			first := Handoff{ID: model.NewId(), ToUserID: "bob", ByUserID: "anna", At: 2, ExpiresAt: 1000}
			second := Handoff{ID: model.NewId(), ToUserID: "dora", ByUserID: "admin", At: 3, ExpiresAt: 1000}
			require.NoError(t, change(2, insertLapse(&first), func(i *incident.Incident) (*incident.ChangeSet, error) { return offer(i, first, false) }))
			acts := []func(i *incident.Incident) (*incident.ChangeSet, error){
				func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, first.ID, "bob", 4) },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return decline(i, first.ID, "bob", 4) },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, first.ID, "anna", false) },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return lapse(i, first.ID) },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("carl") },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(4) },
				func(i *incident.Incident) (*incident.ChangeSet, error) { return offer(i, second, true) },
			}
			rand.Shuffle(len(acts), func(a, b int) { acts[a], acts[b] = acts[b], acts[a] })
			acts = acts[:2+run%3]
			var all sync.WaitGroup
			for n, act := range acts {
				all.Add(1)
				go func() {
					defer all.Done()
					err := change(int64(4+n), func(ctx context.Context, tx app.Tx, c app.Change) error {
						if p, ok := c.Event.Payload.(HandoffEvent); ok && p.Kind == EventOffered {
							return insertLapse(&second)(ctx, tx, c)
						}
						return nil
					}, act)
					if _, refused := incident.AsError(err); err != nil && !refused {
						t.Errorf("run %d: %v", run, err)
					}
				}()
			}
			all.Wait()
			for range 2 {
				require.NoError(t, change(9, none, recordOvertaken))
			}
			mustBeConsistent(t, s.Incidents(), inc.ID)
			left := testdb.Value[int](t, conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'handoff_lapse' AND IncidentID = ?", inc.ID)
			after, err := s.Incidents().Get(t.Context(), inc.ID)
			require.NoError(t, err)
			state, err := stateOf(&after)
			require.NoError(t, err)
			assert.Equal(t, state.Handoff != nil, left == 1, "run %d: %d jobs are left, pending: %+v", run, left, state.Handoff)
			assert.LessOrEqual(t, left, 1)
		}
	}
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) { each(t, testdb.NewFixtureDatabase(t, driver)) })
	}
}

// mustBeConsistent replays the events of an incident.
func mustBeConsistent(t *testing.T, incidents app.Incidents, id string) {
	t.Helper()
	inc, err := incidents.Get(t.Context(), id)
	require.NoError(t, err)
	events, err := incidents.EventsBetween(t.Context(), id, 1, inc.Revision)
	require.NoError(t, err)
	require.Len(t, events, int(inc.Revision))
	commander, open := "", ""
	ends := map[string]int{}
	for _, e := range events {
		switch p := e.Payload.(type) {
		case incident.Started:
			commander = p.CommanderUserID
		case incident.CommanderChanged:
			require.Equal(t, commander, p.CommanderUserID.Before, "revision %d", e.Revision)
			commander = p.CommanderUserID.After
			if p.HandoffID != "" {
				require.Equal(t, open, p.HandoffID, "revision %d", e.Revision)
				ends[p.HandoffID]++
			}
			open = ""
		case incident.Ended:
			open = ""
		case HandoffEvent:
			if p.Kind == EventOffered {
				require.Empty(t, open, "revision %d: two handoffs are pending", e.Revision)
				open = p.ID
				ends[p.ID] += 0
				continue
			}
			ends[p.ID]++
			if p.Kind != EventOvertaken {
				require.Equal(t, open, p.ID, "revision %d", e.Revision)
				open = ""
			}
		default:
			t.Errorf("revision %d has %#v", e.Revision, p)
		}
		require.NotEmpty(t, commander)
	}
	require.Equal(t, inc.CommanderUserID, commander)
	for handoff, n := range ends {
		if handoff == open {
			require.Zero(t, n)
		} else {
			require.Equal(t, 1, n, "a handoff has ended %d times", n)
		}
	}
}

// The commander in the row was changed by version 1.2.0, which knows of no handoffs. The receiver cannot take over from them.
func TestAccept_AfterVersion120HasChangedTheCommander(t *testing.T) {
	for _, e := range events() {
		incident.RegisterEvent(e.Type, e.Decode)
	}
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			database := testdb.NewFixtureDatabase(t, driver)
			s, conn := storetest.Open(t, database, nil), database.Connect(t)
			inc, _, err := s.Incidents().Create(t.Context(), incident.Incident{ID: model.NewId(), Name: "n", IsActive: true, CommanderUserID: "anna",
				TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}, "anna", "", 1, app.Extensions{})
			require.NoError(t, err)
			w := &storeService{incidents: s.Incidents()}
			u := &roles{svc: w, incidents: s.Incidents()}
			h := Handoff{ID: model.NewId(), ToUserID: "bob", ByUserID: "anna"}
			_, err = w.Change(t.Context(), app.AsPlugin(inc.ID), func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
				h.At, h.ExpiresAt = now, now+1000
				return offer(i, h, false)
			})
			require.NoError(t, err)
			conn.Exec(t, "UPDATE IR_Incident SET CommanderUserID = 'carl' WHERE ID = ?", inc.ID)
			for range 2 {
				_, err = u.Answer(t.Context(), "bob", inc.ID, h.ID, Accept)
				refused, ok := incident.AsError(err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, "handoff.over", refused.Code)
				assert.Equal(t, incident.Conflict, refused.Kind)
				assert.Contains(t, refused.Error(), "the commander was changed meanwhile")
			}
			after, err := s.Incidents().Get(t.Context(), inc.ID)
			require.NoError(t, err)
			assert.Equal(t, "carl", after.CommanderUserID)
			assert.Nil(t, after.Own, "it is over")
			assert.EqualValues(t, 3, after.Revision)
		})
	}
}

// storeService is the use cases on a store, for people who are all in the channel.
type storeService struct {
	Service
	incidents app.Incidents
}

func (w *storeService) AuthorizeEdit(_ context.Context, _, id string) (app.ChangeRequest, error) {
	return app.AsPlugin(id), nil
}
func (w *storeService) FindByID(string) func() (*model.User, error) { return nil }
func (w *storeService) FindMember(string, func() (*model.User, error)) (*model.User, bool, error) {
	return &model.User{}, true, nil
}
func (w *storeService) Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	return w.incidents.Update(ctx, app.UpdateRequest{IncidentID: r.ID, At: 5, Extensions: app.Extensions{InTx: []app.InTx{dropLapse}}}, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return changed(i, 5, func(i *incident.Incident) (*incident.ChangeSet, error) { return fn(i, 5) })
	})
}
