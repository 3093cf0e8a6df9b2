//go:build store

package stagelimits

import (
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
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// cluster is two servers on one database and their Mattermost.
type cluster struct {
	*hosttest.Host
	unexpected
	*storetest.Cluster

	mu    sync.Mutex
	posts []string
}

// unexpected is what hosttest lacks: it is not called, and would panic.
type unexpected struct{ app.Host }

// restart replaces both servers by new ones.
func (c *cluster) restart() {
	c.Boot(c, func(n *storetest.Node) capability.Set { return capability.Set{(&limits{n.Service}).capability()} })
}

func (c *cluster) CreatePost(p *model.Post) (*model.Post, error) {
	made := c.StorePost(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(p.Message, "has taken longer than") {
		c.posts = append(c.posts, p.Message)
	}
	return made, nil
}

// jump sets the clock forwards or back, and lets both servers do what is due.
func (c *cluster) jump(d time.Duration) {
	c.T.Helper()
	c.Jump(d, jobLimit)
}

// expectPosts fails the test unless the channel was told so many times since the last look, with a text in the last post.
func (c *cluster) expectPosts(what string, times int, says string) {
	c.T.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if assert.Len(c.T, c.posts, times, what) && times > 0 {
		assert.Contains(c.T, c.posts[times-1], says, what)
	}
	c.posts = nil
}

func (c *cluster) change(id string, fn func(i *incident.Incident, now int64) (*incident.ChangeSet, error)) {
	c.T.Helper()
	_, err := c.Nodes[0].Change(c.T.Context(), app.AsPlugin(id), fn)
	require.NoError(c.T, err)
}

// A limit is told once by two servers, through restarts, an outage and jumps of the clock, and no job is left of a stage that was left.
func TestLimits_AreToldOnceByTwoServers(t *testing.T) {
	incident.RegisterEvent(EventReached, decode)
	text.RegisterEvent(EventReached, text.Words{Post: post, Sentence: sentence})
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			db := testdb.NewFixtureDatabase(t, driver)
			c := &cluster{Host: hosttest.New(), Cluster: storetest.NewCluster(t, db)}
			c.restart()
			left := func(id string) int {
				return testdb.Value[int](t, c.Conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'stage_limit' AND IncidentID = ?", id)
			}
			start := func() string {
				inc := sample()
				for n := range inc.Checklists { // ids as long as they are
					inc.Checklists[n].ID = model.NewId()
				}
				inc.ID, inc.Name, inc.CommanderUserID, inc.TeamID, inc.ChannelID, inc.CreateAt = model.NewId(), "Incident", model.NewId(), model.NewId(), model.NewId(), c.Now().UnixMilli()
				require.NoError(t, starting(t.Context(), &app.Start{Incident: inc}))
				_, _, err := c.Store.Incidents().Create(t.Context(), *inc, "u", "", inc.CreateAt, app.Extensions{InTx: []app.InTx{inTx}})
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
