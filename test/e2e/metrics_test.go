//go:build e2e

package e2e

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// metric reads one series; 0 if there is none.
func (p *person) metric(t testing.TB, series string) float64 {
	t.Helper()
	text := string(p.call(t, "GET", "/metrics", nil).want(t, 200).Body)
	for _, line := range strings.Split(text, "\n") {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return 0
}

func TestMetrics_CountWhatHappens(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	s.unharmed(t)
	c := s.newFixture(t)
	admin := s.admin()
	i := c.startFromPlaybook(t, nil)
	before := map[string]float64{}
	series := map[string]float64{ // and by how much they grow
		`incident_management_http_requests_total{method="GET",route="/incidents/{id}",status="2xx"}`:    3,
		`incident_management_http_requests_total{method="GET",route="/incidents/{id}",status="4xx"}`:    1,
		`incident_management_http_request_duration_seconds_count{method="GET",route="/incidents/{id}"}`: 4,
		`incident_management_http_requests_total{method="unknown",route="unknown",status="4xx"}`:        1,
		`incident_management_websocket_events_total{event="incident_updated"}`:                          1,
		`incident_management_log_lines_total{level="debug"}`:                                            1,
		`incident_management_sql_statement_duration_seconds_count{kind="commit"}`:                       1,
	}
	for name := range series {
		before[name] = admin.metric(t, name)
	}
	for range 3 {
		c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
	}
	s.newUser(t).call(t, "GET", "/incidents/"+i.ID, nil).want(t, 403)
	c.anna.call(t, "GET", "/nowhere/"+i.ID, nil).want(t, 404)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "One more"}).want(t, 201)
	for name, by := range series {
		if got := admin.metric(t, name) - before[name]; got < by || by > 1 && got != by {
			t.Errorf("%s grew by %v, want %v", name, got, by)
		}
	}
	eventually(t, "the job that posts reminders runs", func() bool { return admin.metric(t, `incident_management_job_looks_total{job="reminder"}`) > 0 })

	// A reminder that was due while nobody looked is late.
	c.anna.updateStatus(t, i.ID, "Fine", "900").want(t, 200)
	s.exec(t, "UPDATE PluginKeyValueStore SET PValue = '{\"Key\":\""+i.ID+"\",\"RunAt\":\"2026-01-02T03:04:05Z\"}' WHERE PKey = 'once_"+i.ID+"'")
	eventually(t, "a late reminder is counted", func() bool {
		return admin.metric(t, "incident_management_reminders_late_total") == 1 && admin.metric(t, "incident_management_reminder_delay_seconds_count") == 1
	})

	if n := admin.metric(t, `incident_management_job_runs_total{job="reminder"}`); n == 0 {
		t.Error("the attempt is not counted")
	}
	eventually(t, "the stored jobs are counted", func() bool {
		return strings.Contains(string(admin.call(t, "GET", "/metrics", nil).Body), "incident_management_jobs{") || s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE State <> 'done'") == 0
	})

	// A database that refuses is counted by class.
	s.exec(t, "ALTER TABLE IR_Incident RENAME TO IR_Away")
	c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 500)
	eventually(t, "the errors of the database", func() bool { return admin.metric(t, `incident_management_sql_errors_total{class="schema"}`) > 0 })
	eventually(t, "the job fails", func() bool {
		return admin.metric(t, `incident_management_job_failures_total{job="adopt_reminders"}`) > 0
	})

	text := string(admin.call(t, "GET", "/metrics", nil).want(t, 200).Body)
	for _, private := range []string{i.ID, i.Name, c.anna.user.Id, c.anna.user.Username, c.team.Id, i.ChannelID} {
		if strings.Contains(text, private) {
			t.Errorf("the metrics tell %q", private)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eInfNa]+)$`).MatchString(line) {
			t.Errorf("not in Prometheus' format: %q", line)
		}
	}
}

// A scraper has no browser session: it shows a personal access token, which Mattermost passes on as the session of its user.
func TestMetrics_ForAdministratorsAndTheirTokens(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	user := s.newUser(t)
	user.call(t, "GET", "/metrics", nil).want(t, 403)
	s.anonymous().call(t, "GET", "/metrics", nil).want(t, 401)
	scraper := s.newUser(t)
	for _, roles := range []string{"system_user system_user_access_token", "system_user system_admin"} {
		_, response := s.Admin.UpdateUserRoles(scraper.user.Id, roles)
		must(t, "give roles", response)
		token, response := s.Admin.CreateUserAccessToken(scraper.user.Id, "metrics")
		must(t, "make a token", response)
		client := model.NewAPIv4Client(s.URL)
		client.AuthToken = token.Token
		want := 403
		if strings.Contains(roles, "admin") {
			want = 200
		}
		answer := (&person{Client4: client, user: scraper.user, server: s}).call(t, "GET", "/metrics", nil).want(t, want)
		if want == 200 && !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
			t.Errorf("the type is %q", answer.Header.Get("Content-Type"))
		}
		_, response = s.Admin.RevokeUserAccessToken(token.Id)
		must(t, "revoke the token", response)
		(&person{Client4: client, user: scraper.user, server: s}).call(t, "GET", "/metrics", nil).want(t, 401)
		time.Sleep(10 * time.Millisecond)
	}
}
