//go:build store

package stagelimits

import (
	"context"
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
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// cluster is two servers on one database, with one clock that can be set. It is the Mattermost of both.
type cluster struct {
	*hosttest.Host
	unexpected
	t     *testing.T
	db    *testdb.Database
	conn  *testdb.Conn
	store *store.Store
	nodes []*node

	mu    sync.Mutex
	at    time.Time
	posts []string
}

// unexpected is what hosttest lacks: it is not called, and would panic.
type unexpected struct{ app.Host }

type node struct {
	*app.Service
	runner *jobs.Runner
}

// restart replaces both servers by new ones.
func (c *cluster) restart() {
	c.nodes = nil
	for range 2 {
		log := &hosttest.Log{}
		c.store = storetest.Open(c.t, c.db, log)
		n := &node{Service: app.New(c.store.Incidents(), c.store.Playbooks(), c.store.Jobs(), c, log, store.DefaultPluginID)}
		n.Now = c.now
		set := capability.Set{(&limits{n.Service}).capability()}
		set.Join(n.Service)
		n.runner = jobs.New(c.store.Jobs(), log, nil, append(n.JobKinds(), set.Jobs()...))
		n.runner.Now = c.now
		c.nodes = append(c.nodes, n)
	}
}

func (c *cluster) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *cluster) CreatePost(p *model.Post) (*model.Post, error) {
	made := p.Clone()
	made.Id = c.conn.AddPost(c.t, p.ChannelId, p.UserId, c.now().UnixMilli(), 0, model.StringInterfaceToJson(p.GetProps()))
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(p.Message, "has taken longer than") {
		c.posts = append(c.posts, p.Message)
	}
	return made, nil
}

// jump sets the clock forwards or back, and lets both servers do what is due, at the same time and twice.
func (c *cluster) jump(d time.Duration) {
	c.t.Helper()
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.mu.Unlock()
	for range 2 {
		errs := make([]error, len(c.nodes))
		var all sync.WaitGroup
		for n := range c.nodes {
			all.Go(func() { errs[n] = c.nodes[n].runner.RunDue(context.Background(), jobLimit) })
		}
		all.Wait()
		for _, err := range errs {
			require.NoError(c.t, err)
		}
	}
}

// expectPosts fails the test unless the channel was told so many times since the last look, with a text in the last post.
func (c *cluster) expectPosts(what string, times int, says string) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if assert.Len(c.t, c.posts, times, what) && times > 0 {
		assert.Contains(c.t, c.posts[times-1], says, what)
	}
	c.posts = nil
}

func (c *cluster) change(id string, fn func(i *incident.Incident, now int64) (*incident.ChangeSet, error)) {
	c.t.Helper()
	_, err := c.nodes[0].Change(c.t.Context(), app.AsPlugin(id), fn)
	require.NoError(c.t, err)
}

// A limit is told once by two servers, through restarts, an outage and jumps of the clock, and no job is left of a stage that was left.
func TestLimits_AreToldOnceByTwoServers(t *testing.T) {
	incident.RegisterEvent(EventReached, decode)
	text.RegisterEvent(EventReached, text.Words{Post: post, Sentence: sentence})
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			db := testdb.NewFixtureDatabase(t, driver)
			c := &cluster{Host: hosttest.New(), t: t, db: db, conn: db.Connect(t), at: time.UnixMilli(1_796_000_000_000)}
			c.restart()
			left := func(id string) int {
				return testdb.Value[int](t, c.conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'stage_limit' AND IncidentID = ?", id)
			}
			start := func() string {
				inc := sample()
				for n := range inc.Checklists { // ids as long as they are
					inc.Checklists[n].ID = model.NewId()
				}
				inc.ID, inc.Name, inc.CommanderUserID, inc.TeamID, inc.ChannelID, inc.CreateAt = model.NewId(), "Incident", model.NewId(), model.NewId(), model.NewId(), c.now().UnixMilli()
				require.NoError(t, starting(t.Context(), &app.Start{Incident: inc}))
				_, _, err := c.store.Incidents().Create(t.Context(), *inc, "u", "", inc.CreateAt, app.Extensions{InTx: []app.InTx{inTx}})
				require.NoError(t, err)
				return inc.ID
			}
			id := start()
			c.jump(time.Minute - time.Second)
			c.expectPosts("before", 0, "")
			c.restart()
			c.jump(time.Second)
			c.expectPosts("reached", 1, "Triage")
			c.jump(time.Hour)
			c.jump(-time.Hour)
			c.jump(time.Hour)
			c.expectPosts("the clock jumps", 0, "")
			require.Zero(t, left(id))

			stage := func(n int) func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
				return func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.SetStage(n) }
			}
			c.change(id, stage(2))
			require.Equal(t, 1, left(id))
			c.change(id, stage(1))
			require.Zero(t, left(id), "a stage without a limit")
			c.jump(time.Hour)
			c.expectPosts("left in time", 0, "")
			c.change(id, stage(2))
			c.restart()
			c.jump(3 * 24 * time.Hour)
			c.expectPosts("after an outage", 1, "late")
			c.change(id, stage(0)) // another visit
			c.jump(time.Minute)
			c.expectPosts("another visit", 1, "Triage")
			c.change(id, stage(2))
			c.change(id, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) })
			require.Zero(t, left(id), "ended")
			c.jump(time.Hour)
			c.expectPosts("ended", 0, "")
			c.change(id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.Restart() })
			c.jump(2*time.Minute - time.Second)
			c.expectPosts("restarted", 0, "")
			c.jump(time.Second)
			c.expectPosts("restarted and reached", 1, "Learn")
			require.Zero(t, left(id))
		})
	}
}
