//go:build store

package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// charged returns what was charged for what do has done, in MiB.
func charged(t *testing.T, do func(ctx context.Context) error) float64 {
	t.Helper()
	b, slots := &limit.Budget{Burst: 1, PerSecond: 1}, &limit.PerKey{Slots: 2}
	ctx, leave, err := b.Turn(t.Context(), slots, "anna", 0)
	require.NoError(t, err)
	defer leave()
	require.NoError(t, do(ctx))
	_, again, err := b.Turn(t.Context(), slots, "anna", 0)
	var refused *limit.Refused
	if !errors.As(err, &refused) {
		require.NoError(t, err)
		again()
		return 0
	}
	return refused.After.Seconds() / (1 << 20)
}

func TestWhatIsReadAndWrittenIsCharged(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		const write = limit.WriteWeight
		mega := strings.Repeat("x", 1<<20)
		inc := newIncident(2)
		inc.Checklists[0].Tasks[0].Description = mega
		for _, step := range []struct {
			name string
			want float64
			do   func(ctx context.Context) error
		}{
			{"a start", write, func(ctx context.Context) (err error) {
				inc, _, err = s.Incidents().Create(ctx, inc, "anna", "", 1000, app.Extensions{})
				return err
			}},
			{"a look", 1, func(ctx context.Context) error { _, err := s.Incidents().Get(ctx, inc.ID); return err }},
			{"a list", 1, func(ctx context.Context) error { _, err := s.Incidents().GetMany(ctx, []string{inc.ID}); return err }},
			{"a list without stages", 0, func(ctx context.Context) error {
				_, _, err := s.Incidents().List(ctx, app.Filter{TeamID: inc.TeamID, PerPage: 10, Summary: true})
				return err
			}},
			{"what is not found", 0, func(ctx context.Context) error {
				_, err := s.Incidents().Get(ctx, "other")
				assert.ErrorIs(t, err, incident.ErrNotFound)
				return nil
			}},
			{"a change", 1 + write, func(ctx context.Context) error {
				c, err := s.Incidents().Update(ctx, app.UpdateRequest{IncidentID: inc.ID, ActorID: "anna", At: 2000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.SetTaskState(incident.At(0), incident.At(1), incident.Closed, 2000)
				})
				inc = c.After
				return err
			}},
			{"a change of something else", 1, func(ctx context.Context) error {
				c, err := s.Incidents().Update(ctx, app.UpdateRequest{IncidentID: inc.ID, ActorID: "anna", At: 2000}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.SetCommander("ben")
				})
				inc = c.After
				return err
			}},
			{"a playbook", write, func(ctx context.Context) error {
				p := newPlaybook("Long", "anna")
				p.ID, p.Checklists[0].Tasks[0].Description = "long", mega
				return s.Playbooks().Create(ctx, p, 0)
			}},
			{"its look", 1, func(ctx context.Context) error { _, _, err := s.Playbooks().View(ctx, "long", "anna"); return err }},
			{"its change", 1 + write, func(ctx context.Context) error {
				return s.Playbooks().Update(ctx, "long", func(p *playbook.Playbook) error { p.Title = "New"; return nil })
			}},
			{"what a capability writes and reads in a transaction", write + 1, func(ctx context.Context) error {
				return s.InTransaction(ctx, func(tx capability.Transaction) error {
					_, err := tx.Exec(ctx, s.Builder().Update("IR_Incident").Set("OwnJSON", mega).Where("ID = ?", inc.ID))
					if err != nil {
						return err
					}
					var texts []string
					return tx.Select(ctx, &texts, s.Builder().Select("OwnJSON").From("IR_Incident").Where("ID = ?", inc.ID))
				})
			}},
			{"what it reads", 1, func(ctx context.Context) error {
				var rows []struct{ Text []byte }
				return s.Select(ctx, &rows, s.Builder().Select("OwnJSON AS text").From("IR_Incident").Where("ID = ?", inc.ID))
			}},
		} {
			assert.InDelta(t, step.want, charged(t, step.do), 0.01, step.name)
		}
	})
}
