//go:build e2e

package testenv

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
)

// packSmallest packs the plugin in smallest/ for this machine.
func packSmallest(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("smallest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Join(source, "server", "dist")) })
	packed := filepath.Join(t.TempDir(), "smallest.tar.gz")
	if err := BuildAndPack(t.Context(), source, packed, false, os.Stderr); err != nil {
		t.Fatal(err)
	}
	return packed
}

func TestMattermost_KeepsItsPluginOverRestartAndKill(t *testing.T) {
	packed := packSmallest(t)
	EachServerDriver(t, func(t *testing.T, database *Database) {
		server, err := StartMattermost(t.Context(), MattermostOptions{Driver: database.Driver, DSN: database.DSN, EnableTesting: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
		id, err := server.InstallPlugin(t.Context(), packed)
		if err != nil {
			t.Fatal(err)
		}

		pids := []int{askPID(t, server, id)}
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, askPID(t, server, id))
		server.Kill()
		if err := server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, askPID(t, server, id))
		server.Stop()
		for _, pid := range pids {
			waitGone(t, pid)
		}
	})
}

func TestMattermost_TwoServersShareADatabase(t *testing.T) {
	database := NewDatabase(t, Postgres)
	files := t.TempDir()
	for range 2 {
		server, err := StartMattermost(t.Context(), MattermostOptions{Driver: database.Driver, DSN: database.DSN, FilesDir: files})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
	}
}

func TestMattermost_OpensTheFixtures(t *testing.T) {
	for _, driver := range Drivers {
		t.Run(string(driver), func(t *testing.T) {
			database := NewDatabase(t, driver).WithFixture(t)
			server, err := StartMattermost(t.Context(), MattermostOptions{Driver: driver, DSN: database.DSN})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Stop)
			if _, response := server.Admin.GetTeamByName("ad-1", ""); response.Error != nil {
				t.Errorf("the team of the fixture is not there: %v", response.Error)
			}
		})
	}
}

// askPID asks the plugin for its process id, and compares it with ours.
func askPID(t *testing.T, server *Mattermost, id string) int {
	t.Helper()
	if err := install.WaitForPlugin(t.Context(), server.Admin, id); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(server.URL + "/plugins/" + id + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := strconv.Atoi(string(body))
	if err != nil {
		t.Fatalf("the plugin answered %s: %s", response.Status, body)
	}
	got, err := server.PluginPID(id)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("PluginPID = %d, the plugin says %d", got, want)
	}
	return want
}

func waitGone(t *testing.T, pid int) {
	t.Helper()
	for range 100 {
		// A zombie has ended; its parent has not waited for it yet.
		state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		if err != nil || strings.HasPrefix(string(state), "Z") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the process %d of the plugin is still there", pid)
}

// TestDist_RunsTheServerOfAnArchive packs the server and the web page as
// Mattermost's releases are packed, and runs that.
func TestDist_RunsTheServerOfAnArchive(t *testing.T) {
	database := NewDatabase(t, Postgres)
	executable, err := BuildServer(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	files := entries{
		"mattermost/": "", "mattermost/logs/": "", "mattermost/prepackaged_plugins/": "",
		"mattermost/config/config.json": `{"SqlSettings": {"DataSource": "not used"}}`,
		"mattermost/client/root.html":   "<!DOCTYPE html><title>Of the archive</title>",
		"mattermost/client/a/b.css":     "a{}",
	}
	for _, tree := range []string{"mattermost", "i18n", "templates", "fonts"} {
		from := filepath.Join(filepath.Dir(executable), tree)
		err := filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			name, _ := strings.CutPrefix(filepath.ToSlash(path), filepath.ToSlash(filepath.Dir(executable)))
			if tree == "mattermost" {
				name = "/" + serverInArchive
			}
			files["mattermost"+name] = string(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	path, sum := packDist(t, files)
	web := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(path))))
	defer web.Close()
	t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
	dist, err := OpenDist(t.Context(), web.URL+"/"+filepath.Base(path), sum)
	if err != nil {
		t.Fatal(err)
	}
	server, err := FindServer("")
	if err != nil {
		t.Fatal(err)
	}
	if minor := server.Version[:strings.LastIndex(server.Version, ".")]; !strings.HasPrefix(dist.Version, minor+".") || dist.Build != "dev" {
		t.Errorf("the archive has version %s, build %s; packed was %s", dist.Version, dist.Build, server.Version)
	}

	started, err := StartMattermost(t.Context(), MattermostOptions{Dist: dist, Driver: database.Driver, DSN: database.DSN})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Stop)
	page := func() string {
		response, err := http.Get(started.URL + "/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if body := page(); !strings.Contains(body, "Of the archive") {
		t.Errorf("the page is %s", body)
	}
	// The server may write to its own copy of the client, and to nothing that others use.
	if err := os.WriteFile(filepath.Join(started.Dir, "client", "root.html"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(dist.ClientDir(), "root.html")); err != nil || string(content) != files["mattermost/client/root.html"] {
		t.Errorf("in the cache the page is now %q, %v", content, err)
	}
}
