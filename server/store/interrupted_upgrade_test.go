//go:build store

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	process "os/exec"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Variables that make the test program migrate a database and end, so that it can be killed on the way.
const (
	childDriver = "STORE_TEST_MIGRATE_DRIVER"
	childDSN    = "STORE_TEST_MIGRATE_DSN"
)

// migrateAsChild does so; it reports whether it did.
func migrateAsChild() bool {
	if os.Getenv(childDSN) == "" {
		return false
	}
	s, err := Open(os.Getenv(childDriver), os.Getenv(childDSN), Options{})
	if err == nil {
		err = s.Migrate(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// wire carries connections to a database and counts what the client sends. At the cut-th message it calls kill, and
// then drops the message, or delivers it and drops the answer.
type wire struct {
	listener net.Listener
	target   string
	cut      int
	deliver  bool
	kill     func()

	mu    sync.Mutex
	sent  int
	conns []net.Conn
}

func newWire(t *testing.T, target string, cut int, deliver bool, kill func()) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: listener, target: target, cut: cut, deliver: deliver, kill: kill}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			w.mu.Lock()
			w.conns = append(w.conns, client, server)
			w.mu.Unlock()
			go w.pump(server, client)
			go func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			}()
		}
	}()
	return w
}

func (w *wire) pump(server, client net.Conn) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			_ = server.Close()
			return
		}
		w.mu.Lock()
		w.sent++
		now := w.sent == w.cut
		w.mu.Unlock()
		if now {
			w.kill()
			if w.deliver {
				_, _ = server.Write(buffer[:n])
			}
			w.close()
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *wire) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
}

// migrateInChild migrates in a process of its own that is killed (SIGKILL) at its cut-th message to the database; 0
// lets it finish. It returns the number of messages.
func migrateInChild(t *testing.T, db *testdb.Database, cut int, deliver bool) int {
	t.Helper()
	var target, dsn string
	var redirect func(address string) string
	if db.Driver == testdb.Postgres {
		u, err := url.Parse(db.DSN)
		require.NoError(t, err)
		target, redirect = u.Host, func(address string) string { u.Host = address; return u.String() }
	} else {
		config, err := mysql.ParseDSN(db.DSN)
		require.NoError(t, err)
		target, redirect = config.Addr, func(address string) string { config.Addr = address; return config.FormatDSN() }
	}
	child := process.Command(os.Args[0])
	started := make(chan struct{})
	w := newWire(t, target, cut, deliver, func() {
		<-started
		_ = child.Process.Kill()
	})
	defer w.close()
	dsn = redirect(w.listener.Addr().String())
	child.Env = append(os.Environ(), childDriver+"="+string(db.Driver), childDSN+"="+dsn)
	var output bytes.Buffer
	child.Stdout, child.Stderr = &output, &output
	require.NoError(t, child.Start())
	close(started)
	err := child.Wait()
	var exit *process.ExitError
	switch {
	case cut == 0 && err != nil:
		t.Fatalf("the migration failed: %v: %s", err, output.String())
	case cut > 0 && (!errors.As(err, &exit) || exit.ExitCode() != -1): // not ended by a signal
		t.Fatalf("the migration was not killed at message %d: %v: %s", cut, err, output.String())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// TestUpgradeSurvivesBeingKilled kills the process that migrates (kill -9), at messages to the database all over the
// migration: between the steps, within a step's transaction, at its commit, with the answer lost. It is started again,
// killed again, and finished; then schema and rows are those of a migration that was left in peace. Normally some
// messages are tried, with STORE_TEST_KILL_ALL=1 every one.
func TestUpgradeSurvivesBeingKilled(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			const level = 2 // everything that moves data lies behind it
			prepare := func() (*testdb.Database, *Store) {
				db := testdb.NewDatabase(t, driver)
				s := open(t, db)
				buildLegacySchema(t, s, level)
				s.insertOldData(t, level)
				return db, s
			}
			db, s := prepare()
			messages := migrateInChild(t, db, 0, false)
			want := s.whole(t)
			before := s.snapshot(t, level)

			step := max(1, messages/10)
			if os.Getenv("STORE_TEST_KILL_ALL") != "" {
				step = 1
			}
			killed := 0
			for cut := 1; cut <= messages; cut += step {
				// A process that has sent its last message may end before it is killed.
				if cut > messages-3 {
					break
				}
				db, s := prepare()
				migrateInChild(t, db, cut, cut%2 == 0)
				killed++
				sameRows(t, fmt.Sprintf("killed at message %d", cut), s.snapshot(t, level), before)
				if cut%3 == 0 { // again, early on
					migrateInChild(t, db, 7, false)
					killed++
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				err := s.Migrate(ctx)
				cancel()
				if err != nil {
					t.Fatalf("killed at message %d of %d, it could not be started again: %v", cut, messages, err)
				}
				if got := s.whole(t); got != want {
					t.Errorf("killed at message %d of %d and started again:\n%.3000s\nwant\n%.3000s", cut, messages, got, want)
				}
				_ = s.Close()
			}
			t.Logf("%d messages, killed %d times", messages, killed)
			if killed < 8 {
				t.Errorf("only %d processes were killed", killed)
			}
		})
	}
}
