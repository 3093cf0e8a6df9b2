//go:build e2e

// The harness of the end-to-end tests. A test takes a server with the plugin
// running, makes people in it, and lets them act:
//
//	s := sharedServer(t, testenv.Postgres)    // one for all tests, or startServer for one's own
//	anna, boris := s.newUser(t), s.newUser(t) // logged in; s.admin(), s.anonymous(), s.newGuest
//	team := s.newTeam(t, anna, boris)
//	channel := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
//	events := anna.listen(t)                  // her websocket
//	anna.call(t, "GET", "/incidents?team_id="+team.Id, nil).want(t, 200).decode(t, &list)
//	anna.command(t, team, channel, "/incident start")
//	dialog := events.dialog(t)                // also events.ephemeral, events.wait
//	anna.submit(t, dialog, channel, team, map[string]any{…})
//	anna.posts(t, channel.Id)
//
// Teams, users and channels have random names, so tests do not meet each other
// on the shared server and may run in parallel, except for those that change
// its configuration (s.setConfig): they start a server of their own.
//
// MM_SERVER names the version of the server, one of test/mmserver. -run
// TestSmoke is a short round through everything that a server may spoil.
//
// RACE=1 builds the plugin with the race detector; a race that it reports
// fails the run. E2E_BUNDLE names a bundle to install instead of building one.
// TESTENV_KEEP=1 keeps the servers' directories with their logs.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Run(racelessTests{m})) }

// racelessTests fails the run when a plugin has reported a data race, even if
// no test noticed.
type racelessTests struct{ m *testing.M }

func (tests racelessTests) Run() int {
	code := tests.m.Run()
	started.Lock()
	defer started.Unlock()
	for _, s := range started.all {
		s.Stop() // what it still has to say comes into the log
		if report := s.raceReport(); report != "" {
			fmt.Fprintf(os.Stderr, "FAIL: the plugin has a data race:\n%s\n", report)
			code = max(code, 1)
		}
	}
	return code
}

// server is a Mattermost server on which the plugin runs.
type server struct {
	*testenv.Mattermost
	database *testenv.Database
	pluginID string
	// activated is when the plugin was found running, and pids its processes then.
	activated time.Time
	pids      []int
}

var started struct {
	sync.Mutex
	all    []*server
	shared map[testenv.Driver]*server
	failed map[testenv.Driver]error
}

// sharedServer returns the server that all tests share, on a database of the
// given kind. EnableTesting and EnableDeveloper are on.
func sharedServer(t testing.TB, driver testenv.Driver) *server {
	t.Helper()
	started.Lock()
	defer started.Unlock()
	if started.shared == nil {
		started.shared = map[testenv.Driver]*server{}
		started.failed = map[testenv.Driver]error{}
	}
	if started.shared[driver] == nil && started.failed[driver] == nil {
		started.shared[driver], started.failed[driver] = newSharedServer(driver)
		if s := started.shared[driver]; s != nil {
			started.all = append(started.all, s)
		}
	}
	if err := started.failed[driver]; err != nil {
		t.Fatal(err)
	}
	return started.shared[driver]
}

// newSharedServer starts a server that outlives the test that asked for it first.
func newSharedServer(driver testenv.Driver) (*server, error) {
	ctx := context.Background()
	databases, err := testenv.SharedServer(driver)
	if err != nil {
		return nil, err
	}
	database, err := databases.NewDatabase(ctx)
	if err != nil {
		return nil, err
	}
	return launch(ctx, database, testenv.MattermostOptions{EnableTesting: true, EnableDeveloper: true,
		Config: map[string]map[string]any{"ServiceSettings": {"EnableAPIChannelDeletion": true}}})
}

// startServer starts a server for one test. The options' database is filled in.
func startServer(t testing.TB, database *testenv.Database, options testenv.MattermostOptions) *server {
	t.Helper()
	s, err := launch(t.Context(), database, options)
	if err != nil {
		t.Fatal(err)
	}
	started.Lock()
	started.all = append(started.all, s)
	started.Unlock()
	t.Cleanup(s.Stop)
	return s
}

// installing is held while a plugin is installed: Mattermost gives up a plugin that has not started after three seconds, which on
// a busy machine are too few for several at once.
var installing sync.Mutex

// installAlone installs a plugin into a server and returns the plugin's id.
func installAlone(ctx context.Context, m *testenv.Mattermost, packed string) (string, error) {
	installing.Lock()
	defer installing.Unlock()
	return m.InstallPlugin(ctx, packed)
}

// launch starts a server and installs the plugin.
func launch(ctx context.Context, database *testenv.Database, options testenv.MattermostOptions) (*server, error) {
	packed, err := packedPlugin()
	if err != nil {
		return nil, err
	}
	options.Driver, options.DSN = database.Driver, database.DSN
	mattermost, err := testenv.StartMattermost(ctx, options)
	if err != nil {
		return nil, err
	}
	id, err := installAlone(ctx, mattermost, packed)
	if err != nil {
		mattermost.Stop()
		return nil, err
	}
	s := &server{Mattermost: mattermost, database: database, pluginID: id, activated: time.Now()}
	s.pids, err = mattermost.PluginPIDs(id)
	return s, err
}

// packedPlugin returns the bundle under test and builds it with the first call.
var packedPlugin = sync.OnceValues(func() (string, error) {
	if packed := os.Getenv("E2E_BUNDLE"); packed != "" {
		return packed, nil
	}
	return testenv.PackPlugin(context.Background(), "e2e", os.Getenv("RACE") == "1", os.Stderr)
})

// raceReport returns the first lines of the server's log from a report of the
// race detector on.
func (s *server) raceReport() string {
	log, err := os.ReadFile(s.LogPath)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(log, []byte("\n"))
	first := slices.IndexFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte("WARNING: DATA RACE")) })
	if first < 0 {
		return ""
	}
	return string(bytes.Join(lines[first:min(first+40, len(lines))], []byte("\n")))
}

// ownServer is a server that a test may configure.
func ownServer(t *testing.T) *server {
	t.Helper()
	return startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{EnableTesting: true, EnableDeveloper: true})
}
