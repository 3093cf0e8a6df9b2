//go:build store

package store

import (
	"context"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// What capabilities add to a change is committed with it, or not at all.
func TestExtensions_AreOneTransactionWithTheChange(t *testing.T) {
	broken := errors.New("broken on purpose")
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		taken := 0
		require.NoError(t, migrateWith(t, s, pager(1, &taken)))
		row := func(id string) sq.Sqlizer {
			return s.Builder().Insert("IR_Page").Columns("ID", "Level").Values(id, 7)
		}
		add := func(end error) app.InTx {
			return func(ctx context.Context, tx app.Tx, c app.Change) error {
				job := jobs.Job{ID: model.NewId(), Kind: "page", Key: c.Event.ID, IncidentID: c.After.ID, DueAt: 5, NextAttemptAt: 5, CreateAt: 5}
				if _, err := tx.Exec(ctx, tx.InsertJob(job), tx.InsertJob(job), row(c.Event.ID)); err != nil {
					return err
				}
				var ids []string
				if err := tx.Select(ctx, &ids, tx.Builder().Select("ID").From("IR_Page").Where(sq.Eq{"ID": c.Event.ID})); err != nil || len(ids) != 1 {
					return errors.Errorf("read %v, %v", ids, err)
				}
				return end
			}
		}
		rows := func(t *testing.T) int {
			return one[int](t, s, "SELECT COUNT(*) FROM IR_Page") + one[int](t, s, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'page'")
		}
		fails := newIncident(1)
		_, _, err := s.Incidents().Create(t.Context(), fails, "u", "", 1, app.Extensions{InTx: []app.InTx{add(nil), add(broken)}})
		if err == nil {
			t.Error("a start was stored although what belongs to it was not")
		}
		assert.Equal(t, 0, rows(t), "rows")
		if _, err = s.Incidents().Get(t.Context(), fails.ID); !incident.IsKind(err, incident.NotFound) {
			t.Errorf("read %v", err)
		}
		inc, _, err := s.Incidents().Create(t.Context(), newIncident(1), "u", "", 1, app.Extensions{InTx: []app.InTx{add(nil)}})
		require.NoError(t, err)
		assert.Equal(t, 2, rows(t), "rows")

		end := func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) }
		update := func(in ...app.InTx) (app.Change, error) {
			return s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 2, Extensions: app.Extensions{InTx: in}}, end)
		}
		_, err = update(add(broken))
		assert.True(t, errors.Is(err, broken), "the error")
		c, err := update(add(app.ErrUnchanged))
		require.NoError(t, err)
		assert.True(t, c.Event == nil && c.After.IsActive, "event")
		assert.Equal(t, 2, rows(t), "rows")
		assert.EqualValues(t, 1, load(t, s, inc.ID).Revision, "revision")
		c, err = update(add(nil))
		require.NoError(t, err)
		assert.True(t, c.Event != nil && !c.After.IsActive, "event")
		assert.Equal(t, 4, rows(t), "rows")
	})
}

// A clean-up job that was claimed lets the change fail that makes it unnecessary.
func TestExtensions_CompleteJobs(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		for _, claimed := range []bool{true, false} {
			job := app.CleanUpJob(model.NewId(), "page", inc.ID, 1)
			require.NoError(t, s.Jobs().Add(t.Context(), job))
			if claimed {
				_, _, err := s.Jobs().ClaimUnfinished(t.Context(), job.ID, "o", 2, 3)
				require.NoError(t, err)
			}
			_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 2, Extensions: app.Extensions{InTx: []app.InTx{
				func(ctx context.Context, tx app.Tx, _ app.Change) error { return tx.CompleteJob(ctx, job.ID) }}}},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(9) })
			assert.Equal(t, claimed, incident.IsKind(err, incident.Conflict), "refused")
			assert.Equal(t, claimed, load(t, s, inc.ID).IsActive, "stored")
		}
	})
}
