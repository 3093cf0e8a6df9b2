//go:build e2e

package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// pluginProcesses are the ids of the plugin's processes that the server has started, in the order of their ids.
func (s *server) pluginProcesses(t testing.TB) (pids []string) {
	t.Helper()
	output, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,stat=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) >= 4 && fields[1] == strconv.Itoa(s.PID()) && !strings.HasPrefix(fields[2], "Z") && strings.Contains(line, s.pluginID) {
			pids = append(pids, fields[0])
		}
	}
	return pids
}

// oneProcess wants one process of the plugin, the same all the time, and returns its id.
func (s *server) oneProcess(t *testing.T, after string, watch time.Duration) string {
	t.Helper()
	if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
		t.Fatalf("%s: %v", after, err)
	}
	first := ""
	for end := time.Now().Add(watch); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		pids := s.pluginProcesses(t)
		if len(pids) != 1 {
			t.Fatalf("%s: the plugin's processes are %v, want one", after, pids)
		}
		if first == "" {
			first = pids[0]
		}
		if pids[0] != first {
			t.Fatalf("%s: process %s was replaced by %s", after, first, pids[0])
		}
	}
	return first
}

func (s *server) pluginSection(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		PluginSettings struct{ Plugins map[string]json.RawMessage }
	}
	if err := json.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	return string(config.PluginSettings.Plugins[s.pluginID])
}

// TestProcesses_OneAfterEachActivation watches longer than Mattermost takes to notice that a process has ended.
func TestProcesses_OneAfterEachActivation(t *testing.T) {
	t.Parallel()
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{})
	ids := map[string]bool{s.oneProcess(t, "a first upload", 40*time.Second): true}
	next := func(after string, watch time.Duration) {
		t.Helper()
		pid := s.oneProcess(t, after, watch)
		if ids[pid] {
			t.Errorf("%s: the process %s is still there", after, pid)
		}
		ids[pid] = true
	}
	if section := s.pluginSection(t); section != "" && section != "{}" {
		t.Errorf("the activation wrote the plugin's configuration: %s", section)
	}

	packed, err := packedPlugin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.InstallPlugin(t.Context(), packed); err != nil {
		t.Fatal(err)
	}
	next("an upload over the running plugin", 15*time.Second)

	if _, response := s.Admin.DisablePlugin(s.pluginID); response.Error != nil {
		t.Fatal(response.Error)
	}
	eventually(t, "no process runs while the plugin is disabled", func() bool { return len(s.pluginProcesses(t)) == 0 })
	if _, response := s.Admin.EnablePlugin(s.pluginID); response.Error != nil {
		t.Fatal(response.Error)
	}
	next("being disabled and enabled", 15*time.Second)

	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	next("a restart of the server", 35*time.Second)

	before := s.oneProcess(t, "the restart", time.Second)
	s.setConfig(t, map[string]map[string]any{"ServiceSettings": {"EnableTesting": true}})
	if after := s.oneProcess(t, "a change of the configuration", 10*time.Second); after != before {
		t.Errorf("a change of the configuration replaced process %s by %s", before, after)
	}
}

// holdSchema makes activations wait until the returned function is called: they read the schema's version.
func (s *server) holdSchema(t *testing.T) (release func()) {
	t.Helper()
	tx, err := s.open(t).BeginTx(context.Background(), &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.Exec("LOCK TABLE IR_System IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

// startsLate makes each process of the plugin begin a second late, until the returned function is called.
func (s *server) startsLate(t *testing.T) (undo func()) {
	t.Helper()
	program := filepath.Join(s.Dir, "plugins", s.pluginID, "server", "dist", "plugin-"+runtime.GOOS+"-"+runtime.GOARCH)
	if err := os.Rename(program, program+".real"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\nsleep 1\nexec \"$0.real\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Rename(program+".real", program); err != nil {
			t.Error(err)
		}
	}
}

// twoProcesses makes the server start a second process of the plugin and forget one: its configuration changes while
// an activation is under way. Mattermost 11 takes a plugin for running before it calls OnActivate, and starts no second process from then on.
// There the configuration changes before, while the first process begins.
func (s *server) twoProcesses(t *testing.T) {
	t.Helper()
	if _, response := s.Admin.DisablePlugin(s.pluginID); response.Error != nil {
		t.Fatal(response.Error)
	}
	eventually(t, "the plugin is disabled", func() bool { return len(s.pluginProcesses(t)) == 0 })
	if atLeast(t, 11) {
		defer s.startsLate(t)()
	}
	release := s.holdSchema(t)
	done := make(chan *model.Response, 2)
	go func() {
		_, response := s.Admin.EnablePlugin(s.pluginID)
		done <- response
	}()
	eventually(t, "the activation has begun", func() bool { return len(s.pluginProcesses(t)) == 1 })
	go func() {
		change := fmt.Sprintf(`{"ServiceSettings": {"SessionLengthMobileInDays": %d}}`, 40+time.Now().Unix()%100)
		response, appErr := s.Admin.DoApiPut("/config/patch", change)
		if response != nil {
			_ = response.Body.Close()
		}
		done <- &model.Response{Error: appErr}
	}()
	eventually(t, "a second activation has begun", func() bool {
		select {
		case response := <-done:
			if response.Error != nil {
				t.Fatal(response.Error)
			}
			done <- response
		default:
		}
		return len(s.pluginProcesses(t)) == 2
	})
	release()
	for range 2 {
		if response := <-done; response.Error != nil {
			t.Fatal(response.Error)
		}
	}
}

func TestProcesses_ForgottenOneEnds(t *testing.T) {
	t.Parallel()
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{})
	c := s.newFixture(t)
	begin := func(seconds string) string {
		i := c.start(t, nil)
		c.anna.updateStatus(t, i.ID, "all well", seconds).want(t, 200)
		return i.ID
	}
	due, later := begin("1"), begin("12")
	s.twoProcesses(t)
	if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
		t.Fatal(err)
	}
	// Both are alive at first, and take the reminder that has become due.
	eventually(t, "one of them posts the reminder", func() bool { all, _, _ := remindersOf(t, s, c.read(t, due)); return all > 0 })
	eventually(t, "one process ends", func() bool { return len(s.pluginProcesses(t)) == 1 })
	s.oneProcess(t, "a double activation", 12*time.Second)
	for _, id := range []string{due, later} {
		i := c.read(t, id)
		eventually(t, "the reminder is posted", func() bool { all, _, _ := remindersOf(t, s, i); return all > 0 })
		if all, displayed, pending := remindersOf(t, s, i); all != 1 || displayed != 1 || pending != 0 {
			t.Errorf("%d reminders were posted, %d are displayed, %d pending; want 1, 1, 0", all, displayed, pending)
		}
	}
	if !s.logged(t, "A process of Incident Management that Mattermost has no more use for ends.") {
		t.Error("the log does not say why the process ended")
	}

	// Disabled at once: neither process may be left, and nothing is posted any more.
	begin("4")
	s.twoProcesses(t)
	if _, response := s.Admin.DisablePlugin(s.pluginID); response.Error != nil {
		t.Fatal(response.Error)
	}
	eventually(t, "no process of the disabled plugin is left", func() bool { return len(s.pluginProcesses(t)) == 0 })
}

// A request that is being answered when the server stops is answered to its end, whether only the server is told to end or, as by systemd
// without KillMode=mixed, all processes are. Others are told to come again.
func TestProcesses_LetRequestsEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{})
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	for target, state := range map[string]incident.State{"the server": incident.Closed, "all processes": incident.InProgress} {
		eventually(t, "nothing else waits for the incident", func() bool { return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE IncidentID = '"+i.ID+"'") == 0 })
		tx, err := s.open(t).BeginTx(context.Background(), &sql.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.Exec("SELECT ID FROM IR_Incident WHERE ID = '" + i.ID + "' FOR UPDATE"); err != nil {
			t.Fatal(err)
		}
		answered := make(chan *reply, 1)
		go func() {
			answered <- c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": state})
		}()
		eventually(t, "the request waits for the incident", func() bool {
			return s.count(t, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
		})
		pid := s.PID()
		if target == "all processes" {
			pid = -pid
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		var refused *reply
		eventually(t, "the plugin lets nothing more in", func() bool {
			refused = c.boris.call(t, "GET", "/incidents?team_id="+c.team.Id, nil)
			return refused.Status != 200
		})
		var problem struct{ Code string }
		refused.want(t, 503).decode(t, &problem)
		if problem.Code != "plugin.unavailable" || refused.Header.Get("Retry-After") == "" {
			t.Errorf("%s: refused with %s %v", target, refused.Body, refused.Header)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if got := <-answered; got.Status != 200 {
			t.Errorf("%s: the request was answered %d: %s", target, got.Status, got.Body)
		}
		_ = s.Wait()
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
			t.Fatal(err)
		}
		if got := c.read(t, i.ID).Checklists[0].Tasks[0].State; got != state {
			t.Errorf("%s: the task has the state %q, want %q", target, got, state)
		}
	}
}
