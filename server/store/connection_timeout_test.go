//go:build store

package store

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// line stands between the store and the database. What goes through a connection that was made before it fell silent arrives
// nowhere, and the connection stays open, as when the machine behind it is gone.
type line struct {
	net.Listener
	server     string
	generation atomic.Int64
}

func (l *line) fallSilent() { l.generation.Add(1) }

func newLine(t *testing.T, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{Listener: listener, server: server}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(client)
		}
	}()
	return l
}

func (l *line) carry(client net.Conn) {
	born := l.generation.Load()
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		_ = client.Close()
		return
	}
	one := func(to io.WriteCloser, from io.Reader) {
		defer func() { _ = to.Close() }()
		buffer := make([]byte, 32<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if l.generation.Load() == born {
				_, _ = to.Write(buffer[:n])
			}
		}
	}
	go one(server, client)
	one(client, server)
}

// through gives the data source of db by way of a line.
func through(t *testing.T, db *testdb.Database) (*line, string) {
	t.Helper()
	if db.Driver == testdb.Postgres {
		source, err := url.Parse(db.DSN)
		require.NoError(t, err)
		l := newLine(t, source.Host)
		source.Host = l.Addr().String()
		return l, source.String()
	}
	source, err := mysql.ParseDSN(db.DSN)
	require.NoError(t, err)
	l := newLine(t, source.Addr)
	source.Addr = l.Addr().String()
	return l, source.FormatDSN()
}

// When the database moves to another machine, the connections to the old one may stay open without ever answering.
func TestSilentConnectionsTimeOut(t *testing.T) {
	eachHost(t, func(t *testing.T, direct *Store, db *testdb.Database) {
		inc := create(t, direct, newIncident(1))
		l, dsn := through(t, db)
		s, err := Open(string(db.Driver), dsn, Options{MaxOpen: 3, Timeout: time.Second})
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		fill := func() {
			for _, err := range parallel(3, func(int) error { _, err := s.Incidents().Get(t.Context(), inc.ID); return err }) {
				require.NoError(t, err)
			}
		}
		for what, ask := range map[string]func() error{
			"reading": func() error { _, err := s.Incidents().Get(t.Context(), inc.ID); return err },
			"a list": func() error {
				_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: inc.TeamID, PerPage: 1})
				return err
			},
			"a change": func() error {
				_, err := s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) {
					return i.AddTask(incident.At(0), incident.Task{Title: "t"})
				})
				return err
			},
		} {
			fill()
			l.fallSilent()
			begin := time.Now()
			for ask() != nil {
				if time.Since(begin) > 10*time.Second {
					t.Fatalf("%s still fails after %v", what, time.Since(begin))
				}
			}
		}
		if !s.postgres {
			return
		}
		// Rolling back is something to wait for, too.
		begin := time.Now()
		_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "u", At: 1}, func(*incident.Incident) (*incident.ChangeSet, error) {
			l.fallSilent()
			return nil, incident.ErrAlreadyEnded
		})
		if !errors.Is(err, incident.ErrAlreadyEnded) || time.Since(begin) > 10*time.Second {
			t.Errorf("a refused change: %v after %v", err, time.Since(begin))
		}
	})
}
