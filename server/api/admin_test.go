package api

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestOnlyAdministratorsSeeMetricsAndSupport(t *testing.T) {
	for path := range forAdmins {
		b := newBench(t)
		b.ordinary = true
		b.contains(b.want(403, "GET", path, ""), "Only system administrators")
		b.untouched()
		b.ordinary = false
		b.want(200, "GET", path, "")
	}
	w := httptest.NewRecorder()
	b := newBench(t)
	b.admin = true
	r := httptest.NewRequest("GET", "/api/v0/metrics", nil)
	r.Header.Set("Mattermost-User-ID", user)
	New(b.fake, b.log).ServeHTTP(w, r) // without any
	if w.Code != 404 {
		t.Errorf("metrics that are not kept answered %d", w.Code)
	}
}

// The label of a request is the pattern of its route as api.yaml writes it, and one word for all that does not exist.
func TestRequestsAreObservedByPatternAndStatus(t *testing.T) {
	c, err := checker()
	if err != nil {
		t.Fatal(err)
	}
	described := c.Routes()
	for _, x := range examples {
		b := newBench(t)
		b.send(x.method, x.path, x.body)
		if len(b.observed) != 1 {
			t.Fatalf("%s %s was observed as %q", x.method, x.path, b.observed)
		}
		at := strings.LastIndex(b.observed[0], " ")
		if route := b.observed[0][:at]; !slices.Contains(described, route) {
			t.Errorf("%s %s was observed as %q, which api.yaml does not describe", x.method, x.path, route)
		}
		for _, id := range []string{inc, book, channel, team, user, "/0/", "/1"} {
			if strings.Contains(b.observed[0], id) {
				t.Errorf("%q has an id in it", b.observed[0])
			}
		}
	}
	b := newBench(t)
	b.errs["Incident"] = incident.ErrAdminsOnly
	b.send("GET", "/incidents/"+inc, "")
	b.panics = "boom"
	b.errs = nil
	b.send("GET", "/incidents/"+inc, "")
	b.send("GET", "/"+inc, "")
	b.send("TRACE", "/incidents/"+inc, "")
	if got, want := strings.Join(b.observed, "; "), "GET /incidents/{id} 403; GET /incidents/{id} 500; unknown unknown 404; unknown unknown 405"; got != want {
		t.Errorf("observed %s, want %s", got, want)
	}
}

// A number of a million digits, a text in place of a number and the like are repeated in part only, in the answer and in the log.
func TestWhatIsRepeatedOfARequestIsBounded(t *testing.T) {
	const most = 8000
	long := strings.Repeat("1", 1_000_000)
	quoted, err := json.Marshal(strings.Repeat("é<", 300_000))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ method, path, body string }{
		{"PATCH", "/incidents/" + inc, `{"active_stage":` + long + `}`},
		{"PATCH", "/incidents/" + inc, `{"active_stage":` + string(quoted) + `}`},
		{"PATCH", "/incidents/" + inc, long},
		{"PATCH", "/incidents/" + inc, string(quoted)},
		{"POST", "/incidents", `{"name":` + long + `}`},
		{"POST", "/incidents", `{"name":` + string(quoted) + `,"team_id":"` + team + `","commander_user_id":"` + user + `"}`},
		{"POST", "/playbooks", `{"team_id":` + string(quoted) + `}`},
		{"POST", "/playbooks", `{"title":"t","team_id":"` + team + `","broadcast_channel_id":` + string(quoted) + `}`},
		{"POST", "/playbooks", `{"checklists":[{"items":[{"state_modified":` + long + `}]}]}`},
		{"POST", "/incidents/dialog", `{"user_id":"` + user + `","state":` + string(quoted) + `}`},
		{"POST", "/incidents/dialog", strings.Replace(startDialog, `"Checkout"`, long, 1)},
		{"POST", "/incidents/" + inc + "/next-stage-dialog", `{"state":` + string(quoted) + `}`},
		{"PUT", "/incidents/" + inc + "/checklists/0/item/1/state", `{"new_state":` + string(quoted) + `}`},
		{"GET", "/incidents?team_id=" + strings.Repeat("x", 100_000), ""},
		{"GET", "/incidents?team_id=" + team + "&per_page=" + long, ""},
		{"GET", "/incidents?team_id=" + team + "&sort=" + strings.Repeat("x", 100_000), ""},
		{"GET", "/incidents/" + inc + "/export?format=" + strings.Repeat("x", 100_000), ""},
	} {
		b := newBench(t)
		w := b.send(x.method, x.path, x.body)
		b.check(x.method, strings.SplitN(x.path, "?", 2)[0], w)
		if w.Body.Len() > most {
			t.Errorf("%s %.40s %.60s is answered with %d bytes", x.method, x.path, x.body, w.Body.Len())
		}
		for _, line := range b.log.lines {
			if len(line) > most {
				t.Errorf("%s %.40s %.60s is logged with %d bytes", x.method, x.path, x.body, len(line))
			}
		}
	}
}
