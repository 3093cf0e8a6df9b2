//go:build e2e

package e2e

import (
	"net/http"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
)

var description = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.LoadAll("../../server") })

// Every answer that any test gets from the plugin's REST API is compared with api.yaml.
func init() {
	checkReply = func(t testing.TB, request *http.Request, _ []byte, answer *reply) {
		t.Helper()
		checker, err := description()
		if err != nil {
			t.Fatal(err)
		}
		if err := checker.Check(request.Method, request.URL.Path, answer.Status, answer.Header, answer.Body); err != nil {
			t.Errorf("the answer is not as described in api.yaml: %v", err)
		}
		// What is private is kept by no cache, and taken for nothing else.
		if described := answer.Status != http.StatusNotFound && answer.Status != http.StatusMethodNotAllowed; len(answer.Body) > 0 && described {
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
				if got := answer.Header.Get(name); got != want && answer.Status != http.StatusServiceUnavailable {
					t.Errorf("%s %s: the header %s is %q, want %q", request.Method, request.URL.Path, name, got, want)
				}
			}
		}
	}
}
