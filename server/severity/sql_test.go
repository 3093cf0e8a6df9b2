//go:build store

package severity

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Lists sort by the place of the level and filter by its key, as they were at the start and after each change, on a database of version
// 1.2.0, whose incidents have none.
func TestLists(t *testing.T) {
	extensions := app.Extensions{InTx: []app.InTx{writeColumns}}
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			conn := fixture.Connect(t)
			s := storetest.Open(t, fixture, nil, capability.Schema{Capability: "severity", Migrations: migrations, ListSorts: map[string]string{key: "SeverityRank"}})
			team := testdb.Value[string](t, conn, "SELECT Id FROM Teams WHERE Name = 'ad-1'")
			start := func(level string) incident.Incident {
				inc := with(t, level)
				inc.ID, inc.TeamID, inc.ChannelID, inc.Name, inc.CreateAt = model.NewId(), team, model.NewId(), "new "+level, 1
				made, _, err := s.Incidents().Create(t.Context(), *inc, "anna", "", 1, extensions)
				require.NoError(t, err)
				return made
			}
			list := func(descending bool, values ...string) string {
				t.Helper()
				f := app.Filter{TeamID: team, Sort: key, Descending: descending, PerPage: 100, Summary: true}
				for _, v := range values {
					condition, err := filter(v)
					require.NoError(t, err)
					f.Where = append(f.Where, condition)
				}
				items, total, err := s.Incidents().List(t.Context(), f)
				require.NoError(t, err)
				require.Equal(t, total, len(items))
				var names []string
				for _, i := range items {
					if name, ours := strings.CutPrefix(i.Name, "new "); ours {
						names = append(names, name)
					} else if len(values) == 0 {
						names = append(names, "1.2.0")
					}
				}
				return strings.Join(names, " ")
			}
			low, high := start("SEV3"), start("SEV1")
			unset := start("")
			require.Equal(t, "SEV1 SEV3", list(false, "SEV1,sev3"))
			require.True(t, strings.HasPrefix(list(false), "SEV1 SEV3 "), list(false))
			require.True(t, strings.HasSuffix(list(true), " SEV3 SEV1"), list(true))
			require.Equal(t, 5, strings.Count(list(false), "1.2.0"), "incidents of version 1.2.0 come last")
			require.Equal(t, 0, testdb.Value[int](t, conn, "SELECT COUNT(*) FROM IR_Incident WHERE ID = ? AND SeverityKey <> ''", unset.ID))
			set := func(inc incident.Incident, level string) {
				_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 5, Extensions: extensions}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return change(i, level, "why", false, 5)
				})
				require.NoError(t, err)
			}
			set(low, "SEV1")
			set(high, "SEV3")
			set(unset, "SEV2")
			require.Equal(t, "SEV3  SEV1", list(false, "SEV1,SEV2,SEV3"), "by the level that they have now")
			require.Equal(t, "SEV3", list(false, "SEV1"))
			_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: low.ID, At: 6, Extensions: extensions}, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(6) })
			require.NoError(t, err)
			require.Equal(t, "SEV3", list(false, "SEV1"), "another change leaves it")
			events, err := s.Incidents().EventsBetween(t.Context(), low.ID, 2, 2)
			require.NoError(t, err)
			require.Equal(t, "severity_changed", string(events[0].Type()))

			// The sort is answered by an index: whatever the planner chooses with few rows, it is there.
			var n []int
			q := sq.Select("COUNT(*)").From("information_schema.statistics").Where("index_name LIKE 'IR_Incident_Team%SeverityRank'")
			if s.Postgres() {
				q = sq.Select("COUNT(*)").From("pg_indexes").Where("indexname LIKE 'ir_incident_team%severityrank'")
			}
			require.NoError(t, s.Select(t.Context(), &n, q))
			require.NotZero(t, n[0])
		})
	}
}
