package support

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/settings"
)

// secrets are what people typed, who they are, and what opens doors.
var secrets = []string{"Checkout is down", "anna", "abcdefghijklmnopqrstuvwxyz", "postgres://mm:pw@db", "hunter2", "chat.example.com"}

func sources(r *Recorder) *Sources {
	config := &model.Config{}
	config.SetDefaults()
	site := "https://chat.example.com"
	config.ServiceSettings.SiteURL = &site
	dsn := "postgres://mm:pw@db"
	config.SqlSettings.DataSource = &dsn
	return &Sources{PluginID: "plugin", Version: "2.0.0", ServerVersion: func() string { return "5.39.3" },
		Config: func() *model.Config { return config },
		Settings: func() settings.Settings {
			return settings.Settings{Creators: access.Creators{Who: access.Listed, Users: []string{"anna"}}, CopiesTo: []string{"anna", "abcdefghijklmnopqrstuvwxyz"}, CopiesLevel: 2}
		},
		Database: func(context.Context) app.DatabaseFacts {
			return app.DatabaseFacts{Driver: "postgres", Version: "15.5", Schema: "0.9.0", SchemaKnown: "0.9.0", Step: 4, StepKnown: 4,
				Counts: map[string]int64{app.CountIncidents: 3},
				Failed: []error{errors.New("count x: ERROR: permission denied for hunter2 (SQLSTATE 42501)")}}
		},
		Recorder: r}
}

func written(t *testing.T, s *Sources) (string, Report) {
	t.Helper()
	name, content, err := s.File(t.Context())
	require.NoError(t, err)
	require.Regexp(t, `^incident-management-support-\d{4}-\d\d-\d\d-\d{6}\.json$`, name)
	var r Report
	require.NoError(t, json.Unmarshal(content, &r))
	return string(content), r
}

func TestReport_HasWhatHelpsAndNothingPrivate(t *testing.T) {
	r := NewRecorder()
	r.Log("error", "A request failed", []interface{}{"request_id", "r", "user_id", "abcdefghijklmnopqrstuvwxyz", "route", "POST /incidents",
		"error", `insert "Checkout is down" by anna: ERROR: value too long hunter2 (SQLSTATE 22001)`})
	r.Log("error", "A command could not be done.", []interface{}{"command", "/incident start Checkout is down", "panic", "anna", "stack", string(debug.Stack())})
	r.Log("error", "A request failed", []interface{}{"route", "GET /x", "error", "panic: Checkout is down\n" + string(debug.Stack())})
	r.Job("reminders", time.Second, errors.New("post to anna: connection refused hunter2"))
	r.Database(failure.Rights, "42501")
	text, report := written(t, sources(r))
	for _, secret := range secrets {
		assert.NotContains(t, text, secret)
	}
	assert.Equal(t, "2.0.0", report.Plugin.Version)
	assert.Equal(t, "5.39.3", report.Mattermost)
	assert.Equal(t, "15.5", report.Database.Version)
	assert.EqualValues(t, 3, report.Database.Counts[app.CountIncidents])
	assert.Equal(t, Chosen{PlaybookCreators: "list", PlaybookCreatorUsers: 1, LogCopyUsers: 2, LogCopyLevel: "warn", SiteURLIsSet: true,
		FileAttachments: true, QueryTimeoutSeconds: 30}, report.Settings)
	assert.Equal(t, []string{"database: rights 42501"}, report.Failures)
	require.Len(t, report.Errors, 3)
	byRoute := map[string]Line{}
	for _, l := range report.Errors {
		byRoute[l.Facts["route"]] = l
	}
	assert.Equal(t, "22001", byRoute["POST /incidents"].Code)
	assert.Equal(t, failure.Panic, byRoute["GET /x"].Class)
	assert.Contains(t, strings.Join(byRoute["GET /x"].Functions, " "), "support.TestReport_HasWhatHelps")
	assert.Contains(t, strings.Join(byRoute[""].Functions, " "), "support.TestReport_HasWhatHelps")
	assert.Equal(t, failure.Connection, report.Jobs["reminders"].LastError)
	require.Len(t, report.Problems, 1)
	assert.Contains(t, report.Problems[0].Text, "grant")
}

func TestReport_LeavesOutTimesThatAreNotKnown(t *testing.T) {
	r := NewRecorder()
	r.JobCounts([]jobs.Count{{Kind: "reminders", Waiting: 2}})
	text, report := written(t, sources(r))
	assert.NotContains(t, text, "0001-01-01")
	assert.EqualValues(t, 2, report.Jobs["reminders"].Waiting)
	r.Job("reminders", time.Second, nil)
	text, report = written(t, sources(r))
	assert.Contains(t, text, `"last": "`)
	assert.False(t, report.Jobs["reminders"].Last.IsZero())
}

func TestReport_NamesTablesOfAnotherVersion(t *testing.T) {
	s := sources(NewRecorder())
	inner := s.Database
	s.Database = func(ctx context.Context) app.DatabaseFacts {
		f := inner(ctx)
		f.Step = 5
		return f
	}
	_, report := written(t, s)
	require.Len(t, report.Problems, 1)
	assert.Equal(t, "database.version", report.Problems[0].ID)
}

func TestTheLastErrorsAreBoundedAndFolded(t *testing.T) {
	r := NewRecorder()
	for n := range 10 * maxErrors {
		r.Log("warn", fmt.Sprint("line ", n), []interface{}{"error", strings.Repeat("x", 100_000)})
	}
	for range 1000 {
		r.Log("error", "again", []interface{}{"incident_id", "i"})
	}
	_, report := written(t, sources(r))
	require.Len(t, report.Errors, maxErrors)
	assert.Equal(t, "again", report.Errors[0].Message, "the newest is first")
	assert.Equal(t, 1000, report.Errors[0].Count)
	assert.Equal(t, 9*maxErrors+1, report.Left)
	assert.Len(t, r.byKey, maxErrors)
}

func TestProblems(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	r := NewRecorder()
	r.Now = func() time.Time { return now }
	ids := func(list []Problem) (ids []string) {
		for _, p := range list {
			ids = append(ids, p.ID)
			assert.NotEmpty(t, p.Text)
		}
		return ids
	}
	assert.Empty(t, r.Problems())
	r.Database(failure.Schema, "42P01")
	r.Mended(failure.Schema)
	r.Database(failure.Lock, "40001")
	r.Database(failure.Timeout, "")
	assert.Empty(t, r.Problems(), "what passes by itself is none")
	r.Database(failure.Rights, "42501")
	r.Database(failure.Timeout, "")
	r.Database(failure.Timeout, "")
	r.SlowSearch(true)
	assert.True(t, r.Settings([]string{"The setting x is wrong."}))
	assert.False(t, r.Settings([]string{"The setting x is wrong."}))
	for n := range 3 {
		assert.Len(t, r.Problems(), 4, "after %d failures of a job", n)
		r.Job("reminders", 0, errors.New("context deadline exceeded"))
	}
	r.Job("clean_up", 0, errors.New("context canceled"))
	all := []string{"database.pg_trgm", "database.rights", "database.timeout", "job.reminders", "settings.1"}
	assert.Equal(t, all, ids(r.Problems()))
	assert.Equal(t, all[:4], ids(r.Untold()), "settings were logged when they were read")
	assert.Empty(t, r.Untold(), "once is enough")

	now = now.Add(recent + time.Second)
	assert.Equal(t, []string{"database.pg_trgm", "job.reminders", "settings.1"}, ids(r.Problems()), "errors of the database that did not come again")
	now = now.Add(repeat)
	assert.Equal(t, []string{"job.reminders"}, ids(r.Untold()), "after an hour again")
	r.Job("reminders", 0, nil)
	r.Settings(nil)
	assert.Equal(t, []string{"database.pg_trgm"}, ids(r.Problems()))
}

func TestProblems_JobsThatHaveFailedForGood(t *testing.T) {
	r := NewRecorder()
	r.JobCounts([]jobs.Count{{Kind: "reminder", Waiting: 3, Retrying: 1}})
	assert.Empty(t, r.Problems(), "what is tried again is none")
	r.JobCounts([]jobs.Count{{Kind: "reminder", Waiting: 3, Retrying: 1, Failed: 2, LastError: "a name, and connection refused"}})
	problems := r.Problems()
	require.Len(t, problems, 1)
	assert.Equal(t, "job.reminder.failed", problems[0].ID)
	assert.Contains(t, problems[0].Text, "2 background jobs of kind reminder")
	assert.NotContains(t, problems[0].Text, "a name")
	s := sources(r)
	inner := s.Database
	s.Database = func(ctx context.Context) app.DatabaseFacts {
		f := inner(ctx)
		f.Jobs = []jobs.Count{{Kind: "delete_post", Waiting: 1}}
		return f
	}
	text, report := written(t, s)
	assert.Equal(t, Job{Waiting: 1}, report.Jobs["delete_post"])
	assert.Zero(t, report.Jobs["reminder"].Failed, "there is none any more")
	assert.NotContains(t, text, "a name")
	assert.Empty(t, report.Problems)
}
