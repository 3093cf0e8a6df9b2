package engine

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// fault is a failure around the plugin. do returns when the fault has ended; recovery may take longer.
type fault struct {
	name   string
	weight int
	do     func(w *cluster, ctx context.Context) error
}

// heal is the maximum time until the plugin serves again: Mattermost looks for dead plugins every 30 seconds.
const heal = 90 * time.Second

var faults = []fault{
	{"plugin killed", 4, (*cluster).killPlugin},
	{"server killed", 3, func(w *cluster, ctx context.Context) error { return w.killServer(ctx, false) }},
	{"server killed without its plugin", 2, func(w *cluster, ctx context.Context) error { return w.killServer(ctx, true) }},
	{"server stopped", 1, (*cluster).stopServer},
	{"database stopped", 2, func(w *cluster, ctx context.Context) error { return w.stopDatabase(ctx, w.server.Stop) }},
	{"database crashed", 2, func(w *cluster, ctx context.Context) error { return w.stopDatabase(ctx, w.server.Crash) }},
	{"connections cut", 4, (*cluster).cutConnections},
	{"database full", 2, (*cluster).fillDatabase},
	{"rows locked", 2, (*cluster).lockRows},
	{"processes frozen", 2, (*cluster).freeze},
}

// torment makes faults at random moments until the deadline, each at least once. After each it waits until both nodes
// serve again.
func (w *cluster) torment(ctx context.Context, deadline time.Time) error {
	faults := w.options.faults()
	order := w.rng.Perm(len(faults))
	total := 0
	for _, f := range faults {
		total += f.weight
	}
	for n := 0; ; n++ {
		pause := time.Duration(300+w.rng.IntN(3000)) * time.Millisecond
		if time.Until(deadline) < pause && n >= len(order) {
			break
		}
		time.Sleep(pause)
		f := faults[order[n%len(order)]]
		if n >= len(order) {
			pick := w.rng.IntN(total)
			for _, f = range faults {
				if pick -= f.weight; pick < 0 {
					break
				}
			}
		}
		w.trouble.Add(1)
		if err := f.do(w, ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		w.report.count("faults: "+f.name, 1)
		over := time.Now()
		err := w.both(func(n *node) error { return w.healed(ctx, n) })
		w.options.Log("%s: %s, healed after %.1f s", w.options.Driver, f.name, time.Since(over).Seconds())
		if err != nil {
			w.report.find(Crashed, "after %q: %v", f.name, err)
			return nil
		}
		time.Sleep(time.Second) // requests in flight end
		w.trouble.Add(1)
	}
	time.Sleep(time.Until(deadline))
	return nil
}

// healed waits until the plugin on a node serves, and reports a process that should not have been restarted.
func (w *cluster) healed(ctx context.Context, n *node) error {
	before := n.plugin
	if err := w.serving(ctx, n, heal); err != nil {
		return err
	}
	if before != 0 && n.plugin != before {
		w.report.find(Crashed, "the plugin on node %d ended although nothing was done to it", n.number)
	}
	return nil
}

func (w *cluster) anyNode() *node { return w.nodes[w.rng.IntN(len(w.nodes))] }

// killPlugin kills the plugin's process. Mattermost gives a plugin up that has crashed three times within an hour:
// then the server is killed instead, which resets the count.
func (w *cluster) killPlugin(ctx context.Context) error {
	n := w.anyNode()
	if n.healed == 2 {
		return w.killServer(ctx, false)
	}
	n.healed++
	if err := syscall.Kill(n.plugin, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill the plugin's process: %w", err)
	}
	n.plugin = 0
	return nil
}

func (w *cluster) killServer(ctx context.Context, alone bool) error {
	n := w.anyNode()
	orphan := n.plugin
	n.plugin, n.healed = 0, 0
	if alone {
		n.KillAlone()
	} else {
		n.Kill()
	}
	time.Sleep(time.Duration(w.rng.IntN(3000)) * time.Millisecond)
	if err := w.boot(ctx, n); err != nil {
		return err
	}
	if !alone {
		return nil
	}
	for range 100 {
		if !testenv.Alive(orphan) {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.report.find(Leaked, "the plugin's process went on for more than 10 s after its server was killed")
	return syscall.Kill(orphan, syscall.SIGKILL)
}

// boot starts a server again. Mattermost begins to look after its plugins only when its configuration changes for the
// first time: until then it would not start a plugin that died again.
func (w *cluster) boot(ctx context.Context, n *node) error {
	if err := n.Start(ctx); err != nil {
		return err
	}
	_, response := n.Admin.PatchConfig(&model.Config{TeamSettings: model.TeamSettings{CustomDescriptionText: model.NewString(model.NewId())}})
	if response.Error != nil {
		return fmt.Errorf("change the configuration: %w", response.Error)
	}
	return nil
}

func (w *cluster) stopServer(ctx context.Context) error {
	n := w.anyNode()
	n.plugin, n.healed = 0, 0
	n.Stop()
	time.Sleep(time.Duration(w.rng.IntN(2000)) * time.Millisecond)
	return w.boot(ctx, n)
}

func (w *cluster) stopDatabase(ctx context.Context, stop func()) error {
	stop()
	time.Sleep(time.Duration(w.rng.IntN(4000)) * time.Millisecond)
	return w.server.Start(ctx)
}

// cutConnections cuts about half of the connections to the database, several times.
func (w *cluster) cutConnections(ctx context.Context) error {
	for range 1 + w.rng.IntN(4) {
		list := "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
		cut := "SELECT pg_terminate_backend(%d)"
		if w.mysql() {
			list, cut = "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()", "KILL %d"
		}
		ids, err := w.numbers(ctx, list)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if w.rng.IntN(2) == 0 {
				continue
			}
			if _, err := w.sql.ExecContext(ctx, fmt.Sprintf(cut, id)); err != nil && !strings.Contains(err.Error(), "Unknown thread") {
				return err
			}
			w.report.count("cut: connections", 1)
		}
		time.Sleep(time.Duration(w.rng.IntN(500)) * time.Millisecond)
	}
	return nil
}

// fillDatabase takes all connections that the database has left, after cutting those of the servers.
func (w *cluster) fillDatabase(ctx context.Context) error {
	db, err := w.database.Open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	cut := make(chan error, 1)
	go func() { cut <- w.cutConnections(ctx) }()
	until := time.Now().Add(time.Duration(1000+w.rng.IntN(3000)) * time.Millisecond)
	var held []*sql.Conn
	for time.Now().Before(until) {
		wait, cancel := context.WithTimeout(ctx, time.Second)
		c, err := db.Conn(wait)
		cancel()
		if err != nil {
			time.Sleep(10 * time.Millisecond) // full: take what becomes free
			continue
		}
		held = append(held, c)
	}
	for _, c := range held {
		_ = c.Close()
	}
	if err := <-cut; err != nil && ctx.Err() != nil { // it may have found no connection left
		return err
	}
	return nil
}

// lockRows locks all incidents for a while, so that each request of the plugin keeps a connection and its pool is full.
func (w *cluster) lockRows(ctx context.Context) error {
	tx, err := w.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := tx.QueryContext(ctx, "SELECT ID FROM IR_Incident ORDER BY ID FOR UPDATE")
	if err != nil {
		if strings.Contains(strings.ToLower(err.Error()), "deadlock") {
			return nil
		}
		return err
	}
	for rows.Next() { //nolint:revive // they are locked once they are read
	}
	if err := rows.Close(); err != nil {
		return err
	}
	time.Sleep(time.Duration(1000+w.rng.IntN(4000)) * time.Millisecond)
	return nil
}

// freeze stops a server, a plugin, or both, for a while, as a virtual machine that is moved does.
func (w *cluster) freeze(_ context.Context) error {
	n := w.anyNode()
	pids := [][]int{{n.plugin}, {n.PID()}, {n.PID(), n.plugin}}[w.rng.IntN(3)]
	w.mu.Lock()
	w.frozen = pids
	w.mu.Unlock()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
	}
	time.Sleep(time.Duration(500+w.rng.IntN(4000)) * time.Millisecond)
	w.thaw()
	return nil
}

func (w *cluster) thaw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pid := range w.frozen {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	w.frozen = nil
}

func (w *cluster) mysql() bool { return w.options.Driver == "mysql" }

func (w *cluster) numbers(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := w.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// log reads what a node has logged.
func (n *node) log() ([]string, error) {
	content, err := os.ReadFile(n.LogPath)
	return strings.Split(string(content), "\n"), err
}
