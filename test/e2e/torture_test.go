//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
	"github.com/mattermost/mattermost-plugin-incident-management/test/torture/engine"
)

// TestTorture is the short form of "make torture": 20 seconds on each kind of database, both at the same time. The
// seed is fixed; "make torture SEED=…" tries others, and all faults.
func TestTorture(t *testing.T) {
	for driver, faults := range map[testenv.Driver][]string{
		testenv.Postgres: {"server killed without its plugin", "database crashed", "connections cut", "rows locked"},
		testenv.MySQL:    {"server killed", "database crashed", "connections cut", "processes frozen"},
	} {
		if !slices.Contains(drivers(t), driver) {
			continue
		}
		t.Run(string(driver), func(t *testing.T) {
			t.Parallel()
			packed, err := packedPlugin()
			if err != nil {
				t.Fatal(err)
			}
			report, err := engine.Run(t.Context(), engine.Options{Driver: driver, Bundle: packed, Duration: 20 * time.Second, Seed: 4,
				Clients: 6, Faults: faults, Log: t.Logf})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println(report.Summary())
			for _, finding := range report.Findings() {
				t.Error(finding)
			}
			if t.Failed() {
				t.Logf("tried:\n%s", report.Counts())
			}
		})
	}
}
