package support

import (
	"context"
	"encoding/json"
	"runtime"
	"sort"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
	"github.com/mattermost/mattermost-plugin-incident-management/server/settings"
)

// Report is the content of the file. It is for people and for programs.
type Report struct {
	GeneratedAt time.Time `json:"generated_at"`
	Plugin      Plugin    `json:"plugin"`
	// Mattermost is the version of the server.
	Mattermost string            `json:"mattermost_version"`
	Database   app.DatabaseFacts `json:"database"`
	Settings   Chosen            `json:"settings"`
	Problems   []Problem         `json:"problems"`
	Jobs       map[string]Job    `json:"jobs"`
	// Errors are the latest warnings and errors of this node, the newest first. Left are those before them.
	Errors []Line `json:"last_errors"`
	Left   int    `json:"last_errors_left_out"`
	// Failures say what of this report could not be found out.
	Failures []string `json:"failures"`
}

// Plugin is about this process. In a cluster each node has its own.
type Plugin struct {
	ID         string    `json:"id"`
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	Platform   string    `json:"platform"`
	Since      time.Time `json:"active_since"`
	Goroutines int       `json:"goroutines"`
	MemoryMB   uint64    `json:"memory_mb"`
}

// Chosen are the settings that matter. Users are only counted.
type Chosen struct {
	PlaybookCreators     string `json:"playbook_creators"`
	PlaybookCreatorUsers int    `json:"playbook_creator_users"`
	LogCopyUsers         int    `json:"log_copy_users"`
	LogCopyLevel         string `json:"log_copy_level"`
	EnableTesting        bool   `json:"enable_testing"`
	EnableDeveloper      bool   `json:"enable_developer"`
	SiteURLIsSet         bool   `json:"site_url_is_set"`
	FileAttachments      bool   `json:"file_attachments"`
	AccessTokens         bool   `json:"personal_access_tokens"`
	Cluster              bool   `json:"cluster"`
	QueryTimeoutSeconds  int    `json:"query_timeout_seconds"`
	GuestAccounts        bool   `json:"guest_accounts"`
}

// Sources are where a report comes from.
type Sources struct {
	PluginID, Version string
	ServerVersion     func() string
	Config            func() *model.Config
	Settings          func() settings.Settings
	Database          func(ctx context.Context) app.DatabaseFacts
	Recorder          *Recorder
}

// reportTimeout is how long the database may take to answer for a report.
const reportTimeout = 20 * time.Second

// Report describes the plugin now.
func (s *Sources) Report(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r := s.Recorder
	report := Report{GeneratedAt: r.Now().UTC(), Mattermost: s.ServerVersion(), Database: s.Database(ctx),
		Settings: chosen(s.Settings(), s.Config()), Failures: []string{}}
	r.SlowSearch(report.Database.SlowSearch)
	if report.Database.Jobs != nil {
		r.JobCounts(report.Database.Jobs)
	}
	for _, err := range report.Database.Failed {
		class, code := failure.Class(err.Error())
		text := "database: " + class
		if code != "" {
			text += " " + code
		}
		report.Failures = append(report.Failures, text)
	}
	report.Problems = r.Problems()
	if d := &report.Database; d.Schema != "" && (d.Schema != d.SchemaKnown || d.Step != d.StepKnown) {
		report.Problems = append(report.Problems, Problem{ID: "database.version", Text: "The tables have another version than this plugin knows. " +
			"If it is older, disable and enable the plugin, which brings them up to date. If it is newer, the plugin was replaced by an older one: install the newer one again."})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	report.Plugin = Plugin{ID: s.PluginID, Version: s.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Since: r.started.UTC(), Goroutines: runtime.NumGoroutine(), MemoryMB: memory.Sys >> 20}
	report.Jobs, report.Left, report.Errors = map[string]Job{}, r.dropped, []Line{}
	for name, j := range r.jobs {
		report.Jobs[name] = *j
	}
	for _, l := range r.lines {
		report.Errors = append(report.Errors, *l)
	}
	sort.SliceStable(report.Errors, func(i, k int) bool { return report.Errors[i].Last.After(report.Errors[k].Last) })
	return report
}

// File is the report as a file.
func (s *Sources) File(ctx context.Context) (name string, content []byte, err error) {
	report := s.Report(ctx)
	content, err = json.MarshalIndent(report, "", "  ")
	return "incident-management-support-" + report.GeneratedAt.Format("2006-01-02-150405") + ".json", append(content, '\n'), err
}

var who = map[access.Who]string{access.Everybody: "everyone", access.TeamAdmins: "team_admins", access.Listed: "list", access.NobodyElse: "system_admins"}

func chosen(s settings.Settings, config *model.Config) Chosen {
	c := Chosen{PlaybookCreators: who[s.Creators.Who], PlaybookCreatorUsers: len(s.Creators.Users),
		LogCopyUsers: len(s.CopiesTo), LogCopyLevel: settings.Levels[s.CopiesLevel], EnableTesting: s.Testing, EnableDeveloper: s.Developer}
	if config == nil {
		return c
	}
	is := func(b *bool) bool { return b != nil && *b }
	c.SiteURLIsSet = config.ServiceSettings.SiteURL != nil && *config.ServiceSettings.SiteURL != ""
	c.FileAttachments, c.AccessTokens = is(config.FileSettings.EnableFileAttachments), is(config.ServiceSettings.EnableUserAccessTokens)
	c.Cluster, c.GuestAccounts = is(config.ClusterSettings.Enable), is(config.GuestAccountsSettings.Enable)
	if config.SqlSettings.QueryTimeout != nil {
		c.QueryTimeoutSeconds = *config.SqlSettings.QueryTimeout
	}
	return c
}
