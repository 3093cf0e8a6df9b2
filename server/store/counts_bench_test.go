//go:build store

package store

import (
	"strconv"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// BenchmarkListAfterChange reads the first page of a member's list after the header of an incident's channel was edited. The team has
// COUNT incidents of 20 commanders, half of them in public channels; the member is in a tenth of the channels. "affected" counts
// again what the change affects, "all" counts everything again, "cached" has no change before.
func BenchmarkListAfterChange(b *testing.B) {
	for _, driver := range testdb.Drivers {
		for _, count := range []int{1000} {
			db := testdb.NewFixtureDatabase(b, driver)
			s, err := Open(string(driver), db.DSN, Options{})
			require.NoError(b, err)
			b.Cleanup(func() { _ = s.Close() })
			require.NoError(b, s.Migrate(b.Context()))
			team, me := model.NewId(), model.NewId()
			var commanders, channels []string
			for range 20 {
				commanders = append(commanders, model.NewId())
			}
			for n := range count {
				inc := newIncident(5)
				inc.TeamID, inc.CommanderUserID, inc.CreateAt = team, commanders[n%20], int64(1000+n)
				var members []string
				if n%10 == 1 {
					members = []string{me}
				}
				s.conn().AddChannel(b, inc.ChannelID, team, string("OP"[n%2]), members...)
				channels = append(channels, inc.ChannelID)
				_, _, err := s.Incidents().Create(b.Context(), inc, inc.CommanderUserID, "", inc.CreateAt, app.Extensions{})
				require.NoError(b, err)
			}
			list := func(b *testing.B) {
				access, err := s.Incidents().TeamAccess(b.Context(), me, team)
				require.NoError(b, err)
				_, total, err := s.Incidents().List(b.Context(), app.Filter{TeamID: team, ViewerID: me, PerPage: 10, CountVersion: access.CountVersion, Summary: true})
				require.NoError(b, err)
				require.Greater(b, total, count/2)
			}
			for _, how := range []string{"cached", "affected", "all"} {
				b.Run(string(driver)+" "+strconv.Itoa(count)+" "+how, func(b *testing.B) {
					list(b)
					b.ResetTimer()
					for n := range b.N {
						b.StopTimer()
						if how != "cached" {
							s.conn().Exec(b, "UPDATE Channels SET UpdateAt = ? WHERE Id = ?", model.GetMillis(), channels[n%len(channels)])
						}
						if how == "all" {
							s.forgetCounts(app.Filter{TeamID: team, ViewerID: me})
						}
						b.StartTimer()
						list(b)
					}
				})
			}
		}
	}
}
