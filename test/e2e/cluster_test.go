//go:build e2e

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"golang.org/x/sync/errgroup"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// startNodes starts two servers on one database, with one directory of files, at the same moment. The plugin is in the
// files and enabled, so that both activate it while they start.
func startNodes(t *testing.T, database *testenv.Database) []*server {
	t.Helper()
	packed, err := packedPlugin()
	if err != nil {
		t.Fatal(err)
	}
	const id = "com.mattermost.plugin-incident-management"
	options := testenv.MattermostOptions{Driver: database.Driver, DSN: database.DSN, FilesDir: t.TempDir(), EnableTesting: true, EnableDeveloper: true}
	// Mattermost itself cannot make its tables from two servers at once.
	alone, err := testenv.StartMattermost(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	alone.Stop()
	place(t, packed, filepath.Join(options.FilesDir, "plugins", id+".tar.gz"))
	options.Config = map[string]map[string]any{"PluginSettings": {"PluginStates": map[string]any{id: map[string]any{"Enable": true}}}}

	nodes := make([]*server, 2)
	var group errgroup.Group
	for n := range nodes {
		group.Go(func() error {
			m, err := testenv.StartMattermost(t.Context(), options)
			if err != nil {
				return err
			}
			t.Cleanup(m.Stop)
			nodes[n] = &server{Mattermost: m, database: database, pluginID: id}
			return install.WaitForPlugin(t.Context(), m.Admin, id)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	started.Lock()
	started.all = append(started.all, nodes...)
	started.Unlock()
	return nodes
}

func place(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = source.Close() }()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}

// hearOfOthers makes a node forget what it has read, as the other nodes of a cluster would tell it to. Ours are no cluster,
// which takes a licence; since Mattermost 11 permissions in channels come from what it remembers.
func (s *server) hearOfOthers() { _, _ = s.Admin.InvalidateCaches() }

// on is the same person on another node.
func (p *person) on(s *server) *person {
	s.hearOfOthers()
	client := model.NewAPIv4Client(s.URL)
	client.SetToken(p.AuthToken)
	return &person{Client4: client, user: p.user, server: s}
}

// times counts a text in the logs of all nodes.
func times(t *testing.T, nodes []*server, text string) int {
	t.Helper()
	n := 0
	for _, s := range nodes {
		n += strings.Count(s.log(t), text)
	}
	return n
}

// TestCluster_TwoServersOnOneDatabase has two servers on one database.
func TestCluster_TwoServersOnOneDatabase(t *testing.T) {
	t.Parallel() // it has servers of its own
	for _, driver := range drivers(t) {
		t.Run(string(driver)+"/empty", func(t *testing.T) {
			t.Parallel()
			nodes := startNodes(t, testenv.NewDatabase(t, driver))
			if n := times(t, nodes, `"msg":"Migrating the database"`); n != 5 {
				t.Errorf("%d steps up to 1.2.0 were taken, want 5", n)
			}
			mustHaveMigrated(t, nodes)
			mustShareIncidents(t, nodes)
			mustRemindOnce(t, nodes)
		})
		t.Run(string(driver)+"/1.2.0", func(t *testing.T) {
			t.Parallel()
			nodes := startNodes(t, testenv.NewDatabase(t, driver).WithFixture(t))
			if n := times(t, nodes, `"msg":"Migrating the database"`); n != 0 {
				t.Errorf("%d steps up to 1.2.0 were taken, want none", n)
			}
			mustHaveMigrated(t, nodes)
			mustShareIncidents(t, nodes)
		})
	}
}

// mustHaveMigrated wants each of our own steps once.
func mustHaveMigrated(t *testing.T, nodes []*server) {
	t.Helper()
	own := nodes[0].number(t, "SELECT SValue FROM IR_System WHERE SKey = 'PluginSchemaVersion'")
	if n := times(t, nodes, `"msg":"Migrating the tables that 1.2.0 does not know"`); n != own || own == 0 {
		t.Errorf("%d own steps were taken to get to version %d", n, own)
	}
}

// mustShareIncidents changes one incident from both nodes at once.
func mustShareIncidents(t *testing.T, nodes []*server) {
	t.Helper()
	anna := nodes[0].newUser(t)
	team := nodes[0].newTeam(t, anna)
	started := anna.startIncident(t, team, "Two nodes", "")
	people := []*person{anna, anna.on(nodes[1])}
	atOnce(40, func(k int) {
		people[k%2].call(t, "PUT", "/incidents/"+started.ID+"/checklists/0/add", body{"title": "task"}).want(t, 201)
	})
	for _, p := range people {
		if final := p.incident(t, started.ID); len(final.Checklists[0].Tasks) != 40 || final.Revision != 41 {
			t.Errorf("40 tasks were added from two nodes, %d are there, at revision %d", len(final.Checklists[0].Tasks), final.Revision)
		}
	}
}

// remindersOf are the reminder posts of an incident, with those that were deleted.
func remindersOf(t *testing.T, s *server, i incident.Incident) (all, displayed, pending int) {
	t.Helper()
	where := " FROM Posts WHERE ChannelId = '" + i.ChannelID + "' AND OriginalId = '' AND " + s.propsText() + " LIKE '%incident_reminder%'"
	return s.count(t, "SELECT COUNT(*)"+where), s.count(t, "SELECT COUNT(*)"+where+" AND DeleteAt = 0"),
		s.count(t, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = 'once_"+i.ID+"'")
}

// eventually waits for what needs no certain time.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after 90 s", what)
		}
	}
}

// mustRemindOnce leaves the nodes killed and started again.
func mustRemindOnce(t *testing.T, nodes []*server) {
	anna := nodes[0].newUser(t)
	team := nodes[0].newTeam(t, anna)
	remind := func(p *person, seconds string) incident.Incident {
		i := anna.startIncident(t, team, "Remind me", "")
		p.server.hearOfOthers()
		p.updateStatus(t, i.ID, "all well", seconds).want(t, 200)
		return i
	}
	arrive := func(s *server, i incident.Incident) {
		t.Helper()
		eventually(t, "the reminder is posted and noted", func() bool {
			all, _, pending := remindersOf(t, s, i)
			return all > 0 && pending == 0 && s.count(t, "SELECT COUNT(*) FROM IR_Incident WHERE ID = '"+i.ID+"' AND ReminderPostID <> ''") == 1
		})
	}
	once := func(s *server, i incident.Incident) {
		t.Helper()
		if all, displayed, pending := remindersOf(t, s, i); all != 1 || displayed != 1 || pending != 0 {
			t.Errorf("%d reminders were posted, %d are displayed, %d pending; want 1, 1, 0", all, displayed, pending)
		}
	}

	t.Run("once, for a reminder of each node", func(t *testing.T) {
		var all []incident.Incident
		for n := range 6 {
			all = append(all, remind(anna.on(nodes[n%2]), "1"))
		}
		for _, i := range all {
			arrive(nodes[1], i)
		}
		time.Sleep(2 * time.Second) // two more polls of both nodes
		for _, i := range all {
			once(nodes[1], i)
		}
	})
	t.Run("none is left over", func(t *testing.T) {
		for name, act := range map[string]func(i incident.Incident){
			"ended": func(i incident.Incident) { anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200) },
			"ended and restarted": func(i incident.Incident) {
				anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
				anna.on(nodes[1]).call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
			},
			"updated": func(i incident.Incident) {
				anna.on(nodes[1]).updateStatus(t, i.ID, "over", "0").want(t, 200)
			},
			"dismissed": func(i incident.Incident) {
				anna.on(nodes[1]).call(t, "POST", "/incidents/"+i.ID+"/reminder/button-dismiss", body{}).want(t, 200)
			},
		} {
			displayed, pending := remind(anna, "1"), remind(anna, "3600")
			arrive(nodes[0], displayed)
			act(displayed)
			if _, shown, kept := remindersOf(t, nodes[0], displayed); shown != 0 || kept != 0 {
				t.Errorf("%s: %d reminders are still displayed, %d pending", name, shown, kept)
			}
			act(pending)
			want := 0
			if name == "dismissed" { // only what is displayed can be dismissed
				want = 1
			}
			if _, _, kept := remindersOf(t, nodes[0], pending); kept != want {
				t.Errorf("%s: %d reminders are pending, want %d", name, kept, want)
			}
		}
		if n := nodes[0].count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'delete_post'"); n != 0 {
			t.Errorf("%d posts are still to be removed", n)
		}
	})
	t.Run("of a node that is gone", func(t *testing.T) {
		i := remind(anna, "3")
		nodes[0].Kill()
		arrive(nodes[1], i)
		once(nodes[1], i)
	})
	t.Run("late rather than never", func(t *testing.T) {
		i := incident.Incident{}
		anna.on(nodes[1]).call(t, "POST", "/incidents", body{"name": "Outage", "team_id": team.Id, "commander_user_id": anna.user.Id}).
			want(t, 201).decode(t, &i)
		anna.on(nodes[1]).updateStatus(t, i.ID, "all well", "2").want(t, 200)
		nodes[1].Kill()
		time.Sleep(3 * time.Second)
		if all, _, pending := remindersOf(t, nodes[1], i); all != 0 || pending != 1 {
			t.Fatalf("%d reminders were posted while no server ran, %d are pending", all, pending)
		}
		for _, s := range nodes {
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		arrive(nodes[0], i)
		time.Sleep(2 * time.Second)
		once(nodes[0], i)
	})
}
