package testenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
)

// The administrator that StartMattermost makes, the same as in the fixtures.
const (
	AdminUsername = install.AdminUsername
	AdminPassword = install.AdminPassword
)

// MattermostOptions say how a Mattermost server is started.
type MattermostOptions struct {
	// Server is the version, one of Servers; FindServer says what the empty one is.
	Server string
	// Dist is run, with its own web client, instead of Server.
	Dist   *Dist
	Driver Driver
	DSN    string
	// Port is the TCP port on 127.0.0.1; 0 takes a free one.
	Port int
	// Dir keeps configuration, logs, files and plugins. Empty is a throwaway directory.
	Dir string
	// FilesDir is where uploaded files and plugin bundles are kept, below Dir
	// unless set. Servers on one database share it, as the nodes of a cluster do.
	FilesDir string
	// Path is the path of the site, such as "/chat"; empty is the root.
	Path string
	// SiteURL is the public address, URL unless set.
	SiteURL string
	// ClientDir is the web client that is served. Unless set it is MM_CLIENT_DIR,
	// else our page in test/webhost/dist, else a page that says there is none.
	// Nothing is written to it.
	ClientDir       string
	EnableTesting   bool
	EnableDeveloper bool
	// Config has further settings as in config.json: section, name, value.
	Config map[string]map[string]any
}

// Mattermost is a running Mattermost server.
type Mattermost struct {
	// URL is the address without a slash at its end.
	URL string
	// Admin is logged in as AdminUsername.
	Admin *model.Client4
	// SiteURL is the address that the server believes to have; browsers take other ones for foreign.
	SiteURL string
	// Dir has config.json, plugins/ and, unless set otherwise, files/.
	Dir string
	// LogPath is the server's log, one JSON object per line, from level debug up.
	LogPath string

	executable string
	process    *process
}

// StartMattermost starts a Mattermost server, building it first if need be,
// and waits until its administrator is logged in.
func StartMattermost(ctx context.Context, options MattermostOptions) (*Mattermost, error) {
	executable, err := executableOf(ctx, options)
	if err != nil {
		return nil, err
	}
	dir := options.Dir
	if dir == "" {
		dir, err = throwawayDir("mattermost", nil)
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return nil, err
	}
	port := options.Port
	if port == 0 {
		if port, err = FreePort(); err != nil {
			return nil, err
		}
	}
	if options.SiteURL == "" {
		options.SiteURL = fmt.Sprintf("http://localhost:%d%s", port, options.Path)
	}
	m := &Mattermost{
		SiteURL: options.SiteURL,
		URL:     fmt.Sprintf("http://127.0.0.1:%d%s", port, options.Path), Dir: dir, LogPath: filepath.Join(dir, "mattermost.log"), executable: executable,
	}
	if err := m.writeConfig(port, options); err != nil {
		return nil, fmt.Errorf("configure Mattermost: %w", err)
	}
	if options.Dist != nil {
		err = copyClient(dir, options.Dist)
	} else {
		err = linkClient(dir, options.ClientDir, options.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the web client: %w", err)
	}
	return m, m.Start(ctx)
}

// executableOf returns the server to run, and builds it if need be.
func executableOf(ctx context.Context, options MattermostOptions) (string, error) {
	if options.Dist != nil {
		return options.Dist.Executable(), nil
	}
	server, err := FindServer(options.Server)
	if err != nil {
		return "", err
	}
	if !server.Runs(options.Driver) {
		return "", fmt.Errorf("the Mattermost server %s does not run on %s", server.Version, options.Driver)
	}
	return BuildServer(ctx, server.Version)
}

// writeConfig writes config.json, on top of what an earlier run has left.
// Settings from the environment are avoided: the API could not change those.
func (m *Mattermost) writeConfig(port int, options MattermostOptions) error {
	files := options.FilesDir
	if files == "" {
		files = filepath.Join(m.Dir, "files")
	}
	pluginsDir, clientPlugins := filepath.Join(m.Dir, "plugins"), filepath.Join(m.Dir, "client-plugins")
	for _, dir := range []string{files, pluginsDir, clientPlugins} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	config := map[string]map[string]any{}
	path := filepath.Join(m.Dir, "config.json")
	switch content, err := os.ReadFile(path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(content, &config); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	merge(config, map[string]map[string]any{
		"ServiceSettings": {
			"SiteURL": options.SiteURL, "ListenAddress": fmt.Sprintf("127.0.0.1:%d", port),
			"EnableTesting": options.EnableTesting, "EnableDeveloper": options.EnableDeveloper,
			"EnableUserAccessTokens": true, "EnableBotAccountCreation": true, "EnableSecurityFixAlert": false,
			"EnableAPITeamDeletion": true, "EnableAPIChannelDeletion": true, "EnableAPIUserDeletion": true,
		},
		"SqlSettings": {
			"DriverName": string(options.Driver), "DataSource": options.DSN, "DataSourceReplicas": []string{},
			"MaxOpenConns": 40, "MaxIdleConns": 10,
		},
		"FileSettings": {"DriverName": "local", "Directory": files},
		"LogSettings": {
			"EnableConsole": true, "ConsoleLevel": "DEBUG", "ConsoleJson": true, "EnableFile": false,
			"EnableDiagnostics": false, "EnableSentry": false,
		},
		"NotificationLogSettings": {"EnableConsole": false, "EnableFile": false},
		"PluginSettings": {
			"Enable": true, "EnableUploads": true, "EnableHealthCheck": true, "Directory": pluginsDir, "ClientDirectory": clientPlugins,
			"EnableMarketplace": false, "EnableRemoteMarketplace": false, "AutomaticPrepackagedPlugins": false,
		},
		"TeamSettings":          {"EnableOpenServer": true, "MaxUsersPerTeam": 1000},
		"EmailSettings":         {"SendEmailNotifications": false, "SendPushNotifications": false, "EnableSignUpWithEmail": true},
		"RateLimitSettings":     {"Enable": false},
		"GuestAccountsSettings": {"Enable": true},
		"AnnouncementSettings":  {"AdminNoticesEnabled": false, "UserNoticesEnabled": false},
	})
	merge(config, options.Config)
	content, err := json.MarshalIndent(config, "", "    ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

func merge(config, settings map[string]map[string]any) {
	for section, values := range settings {
		if config[section] == nil {
			config[section] = map[string]any{}
		}
		for name, value := range values {
			config[section][name] = value
		}
	}
}

// Start starts the server again after Stop or Kill, with the same
// configuration, and waits until its administrator is logged in.
func (m *Mattermost) Start(ctx context.Context) error {
	log, err := os.OpenFile(m.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(m.executable, "server", "--config", filepath.Join(m.Dir, "config.json"))
	cmd.Dir = m.Dir // it looks for the web client in ./client
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = environment()
	if m.process, err = startProcess(processSpec{name: "Mattermost", cmd: cmd, stopSignal: syscall.SIGTERM, grace: 30 * time.Second}); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for !m.answers(ctx) {
		select {
		case <-m.process.done:
			return fmt.Errorf("the Mattermost server ended while starting:\n%s", tail(m.LogPath))
		case <-ctx.Done():
			m.process.stop()
			return fmt.Errorf("the Mattermost server did not answer: %w\n%s", ctx.Err(), tail(m.LogPath))
		case <-time.After(100 * time.Millisecond):
		}
	}
	return m.loginAdmin()
}

// environment returns ours without the variables that would change a server's settings.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "MM_") })
}

func (m *Mattermost) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.URL+"/api/v4/system/ping", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// loginAdmin logs the administrator in, who on an empty database is the first
// user and so becomes one.
func (m *Mattermost) loginAdmin() error {
	m.Admin = model.NewAPIv4Client(m.URL)
	if _, response := m.Admin.Login(AdminUsername, AdminPassword); response.Error == nil {
		return nil
	}
	user := &model.User{Username: AdminUsername, Password: AdminPassword, Email: AdminUsername + "@example.com"}
	if _, response := m.Admin.CreateUser(user); response.Error != nil {
		return fmt.Errorf("create the administrator: %w", response.Error)
	}
	if _, response := m.Admin.Login(AdminUsername, AdminPassword); response.Error != nil {
		return fmt.Errorf("log the administrator in: %w", response.Error)
	}
	return nil
}

// Stop ends the server in good order, and its plugins with it.
func (m *Mattermost) Stop() { m.process.stop() }

// Kill ends the server and its plugins as kill -9 does.
func (m *Mattermost) Kill() { m.process.kill() }

// KillAlone ends the server as kill -9 of its process alone does: its plugins
// lose it and have to find out.
func (m *Mattermost) KillAlone() {
	_ = syscall.Kill(m.process.pid(), syscall.SIGKILL)
	<-m.process.done
}

// PID returns the process id of the server.
func (m *Mattermost) PID() int { return m.process.pid() }

// Wait waits until the server has ended.
func (m *Mattermost) Wait() error {
	<-m.process.done
	return m.process.err
}

// Restart stops the server and starts it again.
func (m *Mattermost) Restart(ctx context.Context) error {
	m.Stop()
	return m.Start(ctx)
}

// InstallPlugin uploads a bundle over any earlier version, enables it and waits
// until it runs. It returns the plugin's id.
func (m *Mattermost) InstallPlugin(ctx context.Context, bundle string) (string, error) {
	id, err := install.Plugin(ctx, m.Admin, bundle)
	if err != nil {
		return "", fmt.Errorf("%w\nend of the server's log:\n%s", err, tail(m.LogPath))
	}
	return id, nil
}

// PluginPID returns the process id of a running plugin.
func (m *Mattermost) PluginPID(id string) (int, error) {
	pids, err := m.PluginPIDs(id)
	if err != nil {
		return 0, err
	}
	if len(pids) == 0 {
		return 0, fmt.Errorf("the plugin %s has no process", id)
	}
	return pids[0], nil
}

// PluginPIDs returns the process ids of all running copies of a plugin.
func (m *Mattermost) PluginPIDs(id string) ([]int, error) {
	output, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,stat=,args=").Output()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var pids []int
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		ended := len(fields) < 4 || strings.HasPrefix(fields[2], "Z") // a zombie
		if !ended && fields[1] == strconv.Itoa(m.process.pid()) && strings.Contains(line, id) {
			pid, err := strconv.Atoi(fields[0])
			if err != nil {
				return nil, fmt.Errorf("list processes: %w", err)
			}
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
