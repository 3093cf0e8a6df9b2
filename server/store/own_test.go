//go:build store

package store

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

type ownChanged struct{}

func (ownChanged) Type() incident.EventType           { return "own_test_changed" }
func (ownChanged) Sides() (before, after interface{}) { return nil, nil }

// storeOwn is a change of one key.
func storeOwn(key string, value interface{}) func(*incident.Incident) (*incident.ChangeSet, error) {
	return func(inc *incident.Incident) (*incident.ChangeSet, error) {
		inc.Own.Store(key, value)
		return inc.ChangeOwn(ownChanged{}), nil
	}
}

func ownColumn(t *testing.T, s *Store, table, id string) string {
	t.Helper()
	return one[string](t, s, "SELECT COALESCE(OwnJSON, '') FROM "+table+" WHERE ID = ?", id)
}

// What capabilities keep is stored with the incident, in its transaction, and read wherever the incident is.
func TestOwn_OfIncidents(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		plain := create(t, s, newIncident(1))
		require.Equal(t, 1, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ? AND OwnJSON IS NULL", plain.ID), "an incident that has none")

		given := newIncident(1)
		given.Own.Store("pager", map[string]int{"calls": 1})
		given.Own.Store("gone", "é🔒<&>")
		s.addChannel(t, given.ChannelID, given.TeamID, "P", given.CommanderUserID)
		inc := create(t, s, given)
		require.Equal(t, given.Own, inc.Own)
		require.Equal(t, given.Own, load(t, s, inc.ID).Own)

		after, event := change(t, s, inc.ID, storeOwn("pager", map[string]int{"calls": 2}))
		want := incident.Own{"pager": json.RawMessage(`{"calls":2}`), "gone": given.Own["gone"]}
		require.Equal(t, want, after.Own)
		require.EqualValues(t, 2, event.Revision)
		change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(model.NewId()) })
		require.Equal(t, want, load(t, s, inc.ID).Own, "another change keeps it")

		_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID}, func(i *incident.Incident) (*incident.ChangeSet, error) {
			i.Own.Store("pager", 3)
			return nil, errors.New("refused")
		})
		require.Error(t, err)
		require.Equal(t, want, load(t, s, inc.ID).Own, "a refused change stores nothing")

		_, seen, err := s.Incidents().View(t.Context(), inc.ID, given.CommanderUserID)
		require.NoError(t, err)
		require.Equal(t, want, seen.Own)
		many, err := s.Incidents().GetMany(t.Context(), []string{inc.ID})
		require.NoError(t, err)
		require.Equal(t, want, many[inc.ID].Own)

		for key := range want {
			after, _ = change(t, s, inc.ID, storeOwn(key, nil))
		}
		require.Nil(t, after.Own)
		require.Empty(t, ownColumn(t, s, "IR_Incident", inc.ID))
	})
}

// Who may not see an incident is not sent what is kept with it.
func TestOwn_IsHiddenFromOthers(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		inc.Own.Store("pager", 1)
		create(t, s, inc)
		s.addChannel(t, inc.ChannelID, inc.TeamID, "P", inc.CommanderUserID)
		var row incidentRow
		q := s.built.With("of a stranger", []interface{}{"stranger", inc.ID}, func() sq.Sqlizer {
			return withAccess(s.builder.Select(maskedColumns(incidentColumns, s.posts())...).From("IR_Incident i")).Where(sq.Eq{"i.ID": sought})
		})
		text, args, err := q.ToSql()
		require.NoError(t, err)
		require.NoError(t, s.db.Unsafe().GetContext(t.Context(), &row, text, args...))
		require.Equal(t, inc.ID, row.ID)
		require.Empty(t, row.OwnJSON)
	})
}

// Lists have it whole, or left out with the stages if it is long; rows without stages have the short form.
func TestOwn_InLists(t *testing.T) {
	incident.RegisterOwn("store_test_long", func(json.RawMessage) json.RawMessage { return json.RawMessage(`"short"`) })
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := newIncident(1)
		inc.Own.Store("store_test_long", strings.Repeat("x", smallShare))
		inc.Own.Store("gone", 1)
		create(t, s, inc)
		list := func(f app.Filter) app.Listed {
			t.Helper()
			f.TeamID = inc.TeamID
			items, _, err := s.Incidents().List(t.Context(), f)
			require.NoError(t, err)
			require.Len(t, items, 1)
			return items[0]
		}
		whole := list(app.Filter{PerPage: 1})
		require.False(t, whole.Partial)
		require.Equal(t, inc.Own, whole.Own)
		partial := list(app.Filter{PerPage: 1000})
		require.True(t, partial.Partial)
		require.Nil(t, partial.Own)
		require.Greater(t, partial.Bytes, smallShare)
		row := list(app.Filter{PerPage: 1000, Summary: true})
		require.Equal(t, incident.Own{"store_test_long": json.RawMessage(`"short"`)}, row.Own)
	})
}

// What is too long is refused with a message for users, and nothing is stored.
func TestOwn_IsBounded(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID}, storeOwn("k", strings.Repeat("x", incident.MaxOwnBytes)))
		require.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
		require.EqualValues(t, 1, load(t, s, inc.ID).Revision)
		longest := strings.Repeat("é", (incident.MaxOwnBytes-len(`{"k":""}`))/2)
		after, _ := change(t, s, inc.ID, storeOwn("k", longest))
		require.Equal(t, after.Own, load(t, s, inc.ID).Own)
		p := newPlaybook("Long", "anna")
		p.Own.Store("k", strings.Repeat("x", incident.MaxOwnBytes))
		require.True(t, incident.IsKind(s.Playbooks().Create(t.Context(), p, 0), incident.Invalid))
	})
}

// Damaged JSON in the column is logged and taken for none. It stays until there is something to store.
func TestOwn_Damaged(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		p := newPlaybook("Damaged", "anna")
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		for _, damaged := range []string{`{"pager":`, `[1]`, `"x"`} {
			s.sql(t, "UPDATE IR_Incident SET OwnJSON = ? WHERE ID = ?", damaged, inc.ID)
			s.sql(t, "UPDATE IR_Playbook SET OwnJSON = ? WHERE ID = ?", damaged, p.ID)
			require.Nil(t, load(t, s, inc.ID).Own)
			require.True(t, s.logged().has("cannot be read", inc.ID))
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.ChangeOwn(ownChanged{}), nil })
			require.Equal(t, damaged, ownColumn(t, s, "IR_Incident", inc.ID))
			require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Title += "!"; return nil }))
			require.Equal(t, damaged, ownColumn(t, s, "IR_Playbook", p.ID))
		}
		change(t, s, inc.ID, storeOwn("pager", 1))
		require.Equal(t, `{"pager":1}`, ownColumn(t, s, "IR_Incident", inc.ID))
	})
}

func TestOwn_OfPlaybooks(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		p := newPlaybook("Outage", "anna")
		p.Own.Store("pager", 1)
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		got, _, err := s.Playbooks().View(t.Context(), p.ID, "")
		require.NoError(t, err)
		require.Equal(t, p.Own, got.Own)
		require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Title = "New"; return nil }))
		got, err = s.Playbooks().GetAny(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, p.Own, got.Own)
		for _, wanted := range []bool{false, true} {
			listed, _, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: p.TeamID, PerPage: 10, WithOwn: wanted})
			require.NoError(t, err)
			require.Len(t, listed, 1)
			require.Equal(t, wanted, listed[0].Own != nil)
		}
		require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Own.Store("pager", nil); return nil }))
		require.Empty(t, ownColumn(t, s, "IR_Playbook", p.ID))
	})
}

// Version 1.2.0 writes whole rows of incidents and playbooks by its own statements, and leaves the column alone.
func TestOwn_Version120LeavesIt(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := fixtureIncidents(t, s)["Checkout is down"]
		change(t, s, inc.ID, storeOwn("pager", 1))
		require.NoError(t, s.Playbooks().Update(t.Context(), inc.PlaybookID, func(p *playbook.Playbook) error { p.Own.Store("pager", 2); return nil }))
		readAs120(t, s)
		s.sql(t, "UPDATE IR_Incident SET Name = 'by 1.2.0', ChecklistsJSON = 'null', IsActive = ? WHERE ID = ?", true, inc.ID)
		s.sql(t, "UPDATE IR_Playbook SET Title = 'by 1.2.0', ChecklistsJSON = 'null', NumStages = 0 WHERE ID = ?", inc.PlaybookID)
		assert.Equal(t, incident.Own{"pager": json.RawMessage("1")}, load(t, s, inc.ID).Own)
		p, err := s.Playbooks().GetAny(t.Context(), inc.PlaybookID)
		require.NoError(t, err)
		assert.Equal(t, incident.Own{"pager": json.RawMessage("2")}, p.Own)
	})
}

// Lists can be sorted by a column of a capability, and filtered by its conditions, also the totals and the channels.
func TestLists_SortsAndFiltersOfCapabilities(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		schema := capability.Schema{Capability: "pager", ListSorts: map[string]string{"pager": "PagerRank"}, Migrations: []capability.Migration{
			func(ctx context.Context, tables capability.Tables) error {
				return tables.AddColumn(ctx, "IR_Incident", "PagerRank", "INT NOT NULL DEFAULT 9", "INT NOT NULL DEFAULT 9")
			}}}
		s.Register(schema)
		require.NoError(t, s.Migrate(t.Context()))
		team, rank := model.NewId(), map[string]int{}
		for n := range 5 {
			inc := newIncident(0)
			inc.TeamID = team
			inc = create(t, s, inc)
			rank[inc.ID] = 9
			if n < 4 {
				rank[inc.ID] = (7 * n) % 4
				s.sql(t, "UPDATE IR_Incident SET PagerRank = ? WHERE ID = ?", rank[inc.ID], inc.ID)
			}
		}
		ranks := func(f app.Filter) (got []int, total int) {
			t.Helper()
			f.TeamID, f.Sort = team, "pager"
			items, total, err := s.Incidents().List(t.Context(), f)
			require.NoError(t, err)
			for _, i := range items {
				got = append(got, rank[i.ID])
			}
			channels, err := s.Incidents().ChannelIDs(t.Context(), f)
			require.NoError(t, err)
			require.Len(t, channels, len(items))
			return got, total
		}
		got, _ := ranks(app.Filter{PerPage: 10})
		require.Equal(t, []int{0, 1, 2, 3, 9}, got)
		got, _ = ranks(app.Filter{PerPage: 10, Descending: true})
		require.Equal(t, []int{9, 3, 2, 1, 0}, got)
		got, total := ranks(app.Filter{PerPage: 1, Where: []sq.Sqlizer{sq.Eq{"i.PagerRank": []int{1, 3}}}})
		require.Equal(t, []int{1}, got)
		require.Equal(t, 2, total)
		_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Sort: "other", PerPage: 1})
		require.True(t, incident.IsKind(err, incident.Invalid))
	})
}
