package metrics

import (
	"errors"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin/plugintest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

func text(t *testing.T, m *Metrics) string {
	t.Helper()
	content, err := m.Text()
	require.NoError(t, err)
	return string(content)
}

func TestText(t *testing.T) {
	var classes []string
	m := New("2.0.0", func(class, code string) { classes = append(classes, class+" "+code) })
	m.Request("GET", "/incidents/{id}", 200, 3*time.Millisecond)
	m.Request("GET", "/incidents/{id}", 204, 3*time.Millisecond)
	m.Request("GET", "/incidents/{id}", 403, time.Second)
	m.Request("GET", "/incidents/{id}", 0, time.Second)
	m.statement("select 1", time.Millisecond, nil)
	m.statement("WITH x AS (SELECT 1) SELECT 2", time.Millisecond, nil)
	m.statement("UPDATE IR_Incident SET Name = 'SECRET'", time.Millisecond, errors.New("ERROR: SECRET (SQLSTATE 42501)"))
	m.statement("", time.Millisecond, nil)
	m.Job("reminders", time.Millisecond, errors.New("SECRET"))
	m.Job("reminders", time.Millisecond, nil)
	m.JobLook("reminder")
	m.JobCounts([]jobs.Count{{Kind: "gone", Waiting: 9}})
	m.JobCounts([]jobs.Count{{Kind: "reminder", Waiting: 7, Retrying: 2, Failed: 1, LastError: "SECRET"}})
	m.Reminder(3 * time.Second)
	m.Reminder(-time.Second)
	m.Reminder(time.Minute)
	m.Reminder(50 * 365 * 24 * time.Hour)
	m.LogLine("warn")
	got := text(t, m)
	for _, line := range []string{
		`incident_management_http_requests_total{method="GET",route="/incidents/{id}",status="2xx"} 2`,
		`incident_management_http_requests_total{method="GET",route="/incidents/{id}",status="4xx"} 1`,
		`incident_management_http_requests_total{method="GET",route="/incidents/{id}",status="other"} 1`,
		`incident_management_http_request_duration_seconds_bucket{method="GET",route="/incidents/{id}",le="0.005"} 2`,
		`incident_management_sql_statement_duration_seconds_count{kind="select"} 2`,
		`incident_management_sql_statement_duration_seconds_count{kind="update"} 1`,
		`incident_management_sql_statement_duration_seconds_count{kind="other"} 1`,
		`incident_management_sql_errors_total{class="rights"} 1`,
		`incident_management_job_runs_total{job="reminders"} 2`,
		`incident_management_job_failures_total{job="reminders"} 1`,
		`incident_management_job_looks_total{job="reminder"} 1`,
		`incident_management_jobs{job="reminder",state="waiting"} 7`,
		`incident_management_jobs{job="reminder",state="retrying"} 2`,
		`incident_management_jobs{job="reminder",state="failed"} 1`,
		`incident_management_reminders_late_total 2`,
		`incident_management_reminder_delay_seconds_count 4`,
		`incident_management_log_lines_total{level="warn"} 1`,
		`incident_management_info{version="2.0.0"} 1`,
		"\ngo_goroutines ", "\ngo_memstats_heap_alloc_bytes ", "\nprocess_cpu_seconds_total ",
	} {
		assert.Contains(t, got, line)
	}
	assert.NotContains(t, got, "SECRET")
	assert.NotContains(t, got, "gone")
	assert.Equal(t, []string{"rights 42501"}, classes)
}

func TestAPI_CountsEventsAndWhatGoesWrong(t *testing.T) {
	m, api := New("2.0.0", nil), &plugintest.API{}
	refused := model.NewAppError("x", "id", nil, "", 404)
	failed := model.NewAppError("x", "id", nil, "", 500)
	api.On("PublishWebSocketEvent", mock.Anything, mock.Anything, mock.Anything).Return()
	api.On("GetUser", "known").Return(&model.User{}, nil)
	api.On("GetUser", "unknown").Return(nil, refused)
	api.On("GetUser", "gone").Return(nil, nil)
	api.On("CreatePost", mock.Anything).Return(nil, failed)
	api.On("DeletePost", "p").Return(nil)
	api.On("DeletePost", "q").Return(failed)
	api.On("ExecuteSlashCommand", mock.Anything).Return(nil, refused)
	a := m.API(host.API(api))
	a.PublishWebSocketEvent("incident_updated", nil, nil)
	for _, id := range []string{"known", "unknown", "gone"} {
		_, _ = a.GetUser(id)
	}
	_, _ = a.CreatePost(nil)
	require.Nil(t, a.DeletePost("p"))
	require.NotNil(t, a.DeletePost("q"))
	_, err := a.ExecuteSlashCommand(nil)
	require.Error(t, err)
	got := text(t, m)
	for _, line := range []string{
		`incident_management_websocket_events_total{event="incident_updated"} 1`,
		`incident_management_plugin_api_errors_total{call="GetUser",kind="refused"} 1`,
		`incident_management_plugin_api_errors_total{call="GetUser",kind="no_answer"} 1`,
		`incident_management_plugin_api_errors_total{call="CreatePost",kind="failed"} 1`,
		`incident_management_plugin_api_errors_total{call="DeletePost",kind="failed"} 1`,
		`incident_management_plugin_api_errors_total{call="ExecuteSlashCommand",kind="refused"} 1`,
	} {
		assert.Contains(t, got, line)
	}
}

func BenchmarkRequest(b *testing.B) {
	m := New("2.0.0", nil)
	b.ReportAllocs()
	for b.Loop() {
		m.Request("GET", "/incidents/{id}", 200, time.Millisecond)
	}
}

func BenchmarkStatement(b *testing.B) {
	m := New("2.0.0", nil)
	b.ReportAllocs()
	for b.Loop() {
		m.statement("SELECT i.ID FROM IR_Incident i", time.Millisecond, nil)
	}
}

func BenchmarkText(b *testing.B) {
	m := New("2.0.0", nil)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = m.Text()
	}
}
