//go:build counted

package main

import (
	"database/sql/driver"
	"encoding/json"
	"net/http"
	"runtime"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
	"github.com/mattermost/mattermost-plugin-incident-management/server/internal/callcount"
)

var (
	statements callcount.Statements
	calls      callcount.Calls
)

// instruments count, and tell anybody who asks GET /counts. "make bench" builds them to learn what an operation costs
// inside a real plugin process.
var instruments = struct {
	api       func(host.API) host.API
	connector func(driver.Connector) driver.Connector
	http      func(http.Handler) http.Handler
}{
	api:       calls.Wrap,
	connector: statements.Wrap,
	http: func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/counts" {
				h.ServeHTTP(w, r)
				return
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			_ = json.NewEncoder(w).Encode(map[string]uint64{
				"statements": uint64(statements.Count()), "calls": uint64(calls.Count()), //nolint:gosec // counts are not negative
				"allocations": memory.Mallocs, "bytes": memory.TotalAlloc,
			})
		})
	},
}
