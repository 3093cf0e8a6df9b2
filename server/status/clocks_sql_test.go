//go:build store

package status

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// cluster is two servers on one database and their Mattermost.
type cluster struct {
	*fakeHost
	*storetest.Cluster
	t     *testing.T // of the running subtest
	conn  *fixture
	nodes []*clusterNode

	mu    sync.Mutex
	posts map[string]*model.Post
	made  int
}

type clusterNode struct {
	*updates
	*storetest.Node
}

func newCluster(t *testing.T, s *fixture, db *testdb.Database) *cluster {
	incident.RegisterOwn(incident.OwnClock, nil)
	c := &cluster{fakeHost: &fakeHost{Host: hosttest.New()}, Cluster: storetest.NewCluster(t, db), t: t, conn: s, posts: map[string]*model.Post{}}
	c.Look = func(n int) error { return c.nodes[n].reminders.adopt(context.Background()) }
	c.restart()
	return c
}

// restart replaces both servers by new ones.
func (c *cluster) restart() {
	c.nodes = nil
	c.Boot(c, func(n *storetest.Node) capability.Set {
		u := &updates{core: n.Service, incidents: c.Store.Incidents(), jobs: c.Store.Jobs(), rules: n.Rules(), host: c, log: n.Log, pluginID: store.DefaultPluginID}
		stored := &database{Database: c.Store, jobs: c.Store.Jobs(), log: n.Log, pluginID: store.DefaultPluginID, pageSize: rowsPerLook, clocksAtOnce: clocksPerLook, note: u.noteClock}
		u.reminders, u.copies, u.people = stored, stored, stored
		c.nodes = append(c.nodes, &clusterNode{u, n})
		return capability.Set{u.capability()}
	})
}

// jump sets the clock forwards or back, and lets both servers do what is due.
func (c *cluster) jump(d time.Duration) {
	c.t.Helper()
	c.Jump(d, jobReminder, jobOverdue, app.JobDeletePost)
}

func (c *cluster) CreatePost(p *model.Post) (*model.Post, error) {
	made := c.StorePost(p)
	made.CreateAt = c.Now().UnixMilli()
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.GetProp(reminderProp) != nil { // others are of no interest here
		c.posts[made.Id], c.made = made, c.made+1
	}
	return made, nil
}

func (c *cluster) Post(id string) (*model.Post, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.posts[id]; p != nil {
		return p, nil
	}
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such post")
}

func (c *cluster) DeletePost(id string) error {
	c.conn.Exec(c.t, "UPDATE Posts SET DeleteAt = 1 WHERE Id = ?", id)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.posts, id)
	return nil
}

// start starts an incident whose next update is due in a time.
func (c *cluster) start(interval time.Duration) string {
	c.t.Helper()
	inc := create(c.t, c.conn)
	c.update(inc.ID, interval)
	return inc.ID
}

// update is a status update.
func (c *cluster) update(id string, interval time.Duration) {
	c.t.Helper()
	post := c.conn.AddPost(c.t, load(c.t, c.conn, id).ChannelID, "u", c.Now().UnixMilli(), 0, "{}")
	_, err := c.nodes[0].Change(c.t.Context(), app.AsPlugin(id), func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.UpdateStatus(post, int64(interval.Seconds()), now)
	})
	require.NoError(c.t, err)
}

// expect compares the incident: how many reminders were posted since the last look, what the displayed one says ("" for none), and what the
// clock says.
func (c *cluster) expect(what, id string, made int, says string, want incident.Clock) {
	c.t.Helper()
	c.mu.Lock()
	assert.Equal(c.t, made, c.made, "%s: posts", what)
	c.made = 0
	var shown []*model.Post
	for _, p := range c.posts {
		shown = append(shown, p)
	}
	c.mu.Unlock()
	inc := load(c.t, c.conn, id)
	assert.Equal(c.t, want, inc.Clock(), "%s: clock", what)
	assert.Equal(c.t, want.NextUpdateAt, pendingAt(c.t, c.conn, id), "%s: pending reminder", what)
	if says == "" {
		assert.Empty(c.t, shown, "%s: displayed", what)
		assert.Empty(c.t, inc.ReminderPostID, what)
		return
	}
	if assert.Len(c.t, shown, 1, "%s: displayed", what) {
		assert.Contains(c.t, shown[0].Message, says, what)
		assert.Equal(c.t, shown[0].Id, inc.ReminderPostID, what)
	}
}

// end ends the incident of a scenario, and checks that nothing is left of its clock.
func (c *cluster) end(id string) {
	c.t.Helper()
	_, err := c.nodes[1].Change(c.t.Context(), app.AsPlugin(id), func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) })
	require.NoError(c.t, err)
	c.jump(time.Minute)
	c.expect("ended", id, 0, "", incident.Clock{})
	assert.Zero(c.t, testdb.Value[int](c.t, c.conn.Conn, "SELECT COUNT(*) FROM IR_Job WHERE IncidentID = ? AND Kind IN ('reminder', 'update_overdue')", id), "jobs")
}

// Each clock fires once, on two servers, through restarts, crashes, outages and jumps of the clock.
func TestClocks_FireOnceOnTwoServers(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, db *testdb.Database) {
		s.Exec(t, "DELETE FROM PluginKeyValueStore WHERE PKey LIKE 'once!_%' ESCAPE '!'") // of the incidents of the dump
		s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = ''")
		c := newCluster(t, s, db)
		planned := func(at int64) incident.Clock { return incident.Clock{NextUpdateAt: at} }
		since := func(at int64) incident.Clock { return incident.Clock{OverdueSince: at} }
		const quarter = 15 * time.Minute

		t.Run("through restarts", func(t *testing.T) {
			c.t = t
			id := c.start(quarter)
			due := c.Now().Add(quarter).UnixMilli()
			c.jump(quarter - time.Second)
			c.expect("before", id, 0, "", planned(due))
			c.jump(time.Second)
			c.expect("due", id, 1, "please post a status update.", since(due))
			c.restart()
			c.jump(quarter - time.Second)
			c.expect("before the second", id, 0, "please", since(due))
			c.jump(time.Second)
			c.expect("second", id, 1, "overdue by 15m", since(due))
			c.restart()
			c.jump(2*quarter - time.Second)
			c.expect("before the third", id, 0, "overdue by 15m", since(due))
			c.jump(time.Second)
			c.expect("third", id, 1, "overdue by 45m", since(due))
			c.update(id, 0)
			c.jump(48 * time.Hour)
			c.expect("updated", id, 0, "", incident.Clock{})
			c.end(id)
		})
		t.Run("planned by the start", func(t *testing.T) {
			c.t = t
			due := c.Now().Add(quarter).UnixMilli()
			first := incident.Incident{Name: "n", IsActive: true, CommanderUserID: model.NewId(), TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: c.Now().UnixMilli()}
			first.SetClock(planned(due))
			inc, started, err := s.store.Incidents().Create(t.Context(), first, "u", "", first.CreateAt, app.Extensions{InTx: []app.InTx{c.nodes[0].inTx}})
			require.NoError(t, err)
			assert.Equal(t, due, started.Payload.(incident.Started).NextUpdateAt)
			c.jump(quarter - time.Second)
			c.expect("before", inc.ID, 0, "", planned(due))
			c.restart()
			c.jump(time.Second)
			c.expect("due", inc.ID, 1, "please post a status update.", since(due))
			c.end(inc.ID)
		})
		t.Run("a server dies after it has posted", func(t *testing.T) {
			c.t = t
			id := c.start(quarter)
			due := c.Now().Add(quarter).UnixMilli()
			die := func(kind string, after time.Duration) {
				c.Advance(after)
				all, err := s.jobs.Due(t.Context(), jobs.Query{Kind: kind, Now: c.Now().UnixMilli(), Limit: 10})
				require.NoError(t, err)
				require.Len(t, all, 1)
				claimed, err := s.jobs.Claim(t.Context(), all[0], model.NewId(), c.Now().UnixMilli(), c.Now().UnixMilli()+reminderLease.Milliseconds())
				require.True(t, claimed && err == nil)
				inc := load(t, s, id)
				_, err = c.CreatePost(c.nodes[0].reminderPost(t.Context(), &inc, all[0].Key, ""))
				require.NoError(t, err)
				c.jump(reminderLease - time.Second)
				c.jump(2 * time.Second)
			}
			die(jobReminder, quarter)
			c.expect("first", id, 1, "please", since(due))
			die(jobOverdue, 2*quarter)
			c.expect("second", id, 1, "please", since(due))
			c.end(id)
		})
		t.Run("an outage of three days", func(t *testing.T) {
			c.t = t
			id := c.start(quarter)
			due := c.Now().Add(quarter).UnixMilli()
			c.restart()
			c.jump(3*24*time.Hour + quarter)
			c.expect("one for all", id, 1, "This reminder is late", since(due))
			c.jump(3 * 24 * time.Hour)
			c.expect("all that were to follow have passed", id, 0, "late", since(due))
			c.update(id, 4*time.Hour)
			c.jump(4 * time.Hour)
			due = c.Now().UnixMilli()
			c.expect("due", id, 1, "please", since(due))
			c.restart()
			c.jump(3 * 24 * time.Hour) // 4, 12, 28 and 52 hours have passed
			c.expect("one for four", id, 1, "overdue by 3d: it was due", since(due))
			c.jump(4 * time.Hour)
			c.expect("the fifth", id, 1, "overdue by 3d 4h", since(due))
			c.jump(24 * time.Hour)
			c.expect("the last one", id, 1, "no further reminder", since(due))
			c.jump(10 * 24 * time.Hour)
			c.expect("no more", id, 0, "no further reminder", since(due))
			c.end(id)
		})
		t.Run("the clock jumps", func(t *testing.T) {
			c.t = t
			id := c.start(2 * quarter)
			due := c.Now().Add(2 * quarter).UnixMilli()
			c.jump(time.Hour)
			c.expect("an hour forwards", id, 1, "please", since(due))
			c.jump(-time.Hour)
			c.jump(time.Minute)
			c.expect("and back", id, 0, "please", since(due))
			c.jump(-time.Hour)
			c.jump(quarter)
			c.expect("an hour back", id, 0, "please", since(due))
			c.jump(time.UnixMilli(due).Add(90*time.Minute - time.Second).Sub(c.Now())) // the first one that follows had passed
			c.expect("before the second", id, 0, "please", since(due))
			c.jump(time.Second)
			c.expect("the second", id, 1, "overdue by", since(due))
			for range 3 {
				c.jump(-time.Hour)
				c.jump(time.Hour)
			}
			c.expect("back and forth", id, 0, "overdue by", since(due))
			c.end(id)
		})
		t.Run("snoozed", func(t *testing.T) {
			c.t = t
			id := c.start(quarter)
			c.jump(quarter)
			c.expect("due", id, 1, "please", since(c.Now().UnixMilli()))
			for _, err := range parallel(2, func(n int) error {
				_, err := c.nodes[n].Snooze(context.Background(), "admin", id, 3600, "")
				return err
			}) {
				require.NoError(t, err)
			}
			due := c.Now().Add(time.Hour).UnixMilli()
			c.jump(time.Hour - time.Second)
			c.expect("snoozed", id, 0, "", planned(due))
			c.jump(time.Second)
			c.expect("due again", id, 1, "please", since(due))
			c.end(id)
		})
		t.Run("with version 1.2.0 on the same database", func(t *testing.T) {
			c.t = t
			id := c.start(quarter)
			key := "once_" + id
			theirs := c.Now().Add(time.Hour).UTC()
			value, err := json.Marshal(map[string]interface{}{"Key": id, "RunAt": theirs})
			require.NoError(t, err)
			s.Exec(t, "UPDATE PluginKeyValueStore SET PValue = ? WHERE PKey = ?", value, key)
			c.jump(quarter)
			c.expect("replaced", id, 0, "", planned(theirs.UnixMilli()))
			s.Exec(t, "DELETE FROM PluginKeyValueStore WHERE PKey = ?", key) // posted by 1.2.0, with the next activation of ours
			post, err := c.CreatePost(c.nodes[0].reminderPost(t.Context(), &incident.Incident{ID: id, ChannelID: load(t, s, id).ChannelID}, "", ""))
			require.NoError(t, err)
			s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = ? WHERE ID = ?", post.Id, id)
			c.restart()
			c.jump(0)
			c.expect("posted", id, 1, "lease post", since(theirs.UnixMilli()))
			require.NoError(t, c.DeletePost(post.Id))
			s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = '' WHERE ID = ?", id) // dismissed
			c.restart()
			c.jump(0)
			c.expect("dismissed", id, 0, "", incident.Clock{})
			s.Exec(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", store.DefaultPluginID, key, value)
			c.jump(0)
			c.expect("planned", id, 0, "", planned(theirs.UnixMilli()))
			c.end(id)
		})
	})
}

// After an upgrade each incident with a pending or displayed reminder has a clock, however many there are, and is told once.
func TestClocks_AfterAnUpgrade(t *testing.T) {
	eachHost(t, func(t *testing.T, s *fixture, db *testdb.Database) {
		c := newCluster(t, s, db)
		shown, pending := map[string]int64{}, map[string]time.Time{}
		for n := range 3 {
			inc := create(t, s)
			at := int64(1_700_000_000_000 + n)
			post := s.AddPost(t, inc.ChannelID, "bot", at, 0, "{}")
			s.Exec(t, "UPDATE IR_Incident SET ReminderPostID = ? WHERE ID = ?", post, inc.ID)
			shown[inc.ID] = at
			inc = create(t, s)
			pending[inc.ID] = c.Now().Add(time.Hour).UTC()
			s.Exec(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", store.DefaultPluginID, "once_"+inc.ID,
				[]byte(fmt.Sprintf(`{"Key":"%s","RunAt":"%s"}`, inc.ID, pending[inc.ID].Format(time.RFC3339Nano))))
		}
		for n := range c.nodes {
			c.nodes[n].reminders.(*database).pageSize = 1
		}
		for _, err := range parallel(4, func(n int) error { return c.nodes[n%2].reminders.adopt(context.Background()) }) {
			require.NoError(t, err)
		}
		for id, at := range shown {
			inc := load(t, s, id)
			assert.Equal(t, incident.Clock{OverdueSince: at}, inc.Clock())
			assert.EqualValues(t, 2, inc.Revision)
		}
		for id, at := range pending {
			inc := load(t, s, id)
			assert.Equal(t, incident.Clock{NextUpdateAt: at.UnixMilli()}, inc.Clock())
			assert.EqualValues(t, 2, inc.Revision)
			value := testdb.Value[string](t, s.Conn, "SELECT PValue FROM PluginKeyValueStore WHERE PKey = ?", "once_"+id)
			assert.True(t, strings.Contains(value, at.Format(time.RFC3339Nano)), "the reminder of 1.2.0 is as it was: %s", value)
		}
		assert.Zero(t, testdb.Value[int](t, s.Conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'update_overdue' AND IncidentID IN (SELECT ID FROM IR_Incident WHERE ReminderPostID <> '')"), "nobody is asked again for what was due long ago")
	})
}
