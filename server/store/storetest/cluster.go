package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Node is one server of a cluster.
type Node struct {
	*app.Service
	Log    *hosttest.Log
	runner *jobs.Runner
}

// Cluster is two servers on one database, with one clock that can be set. It is safe for concurrent use, but for Boot.
type Cluster struct {
	T    testing.TB
	DB   *testdb.Database
	Conn *testdb.Conn
	// Store is that of one of the servers.
	Store *store.Store
	Nodes []*Node
	// Look is what each server, by its number, does before its jobs in Jump; nil for nothing.
	Look func(n int) error

	mu sync.Mutex
	at time.Time
}

// NewCluster has no servers before Boot.
func NewCluster(t testing.TB, db *testdb.Database) *Cluster {
	return &Cluster{T: t, DB: db, Conn: db.Connect(t), at: time.UnixMilli(1_796_000_000_000)}
}

// Boot replaces both servers by new ones on a host, each with the capabilities that plug returns for it.
func (c *Cluster) Boot(host app.Host, plug func(*Node) capability.Set) {
	c.Nodes = nil
	for range 2 {
		log := &hosttest.Log{}
		c.Store = Open(c.T, c.DB, log)
		n := &Node{Service: app.New(c.Store.Incidents(), c.Store.Playbooks(), c.Store.Jobs(), host, log, store.DefaultPluginID), Log: log}
		n.Now = c.Now
		set := plug(n)
		set.Join(n.Service)
		n.runner = jobs.New(c.Store.Jobs(), log, nil, append(n.JobKinds(), set.Jobs()...))
		n.runner.Now = c.Now
		c.Nodes = append(c.Nodes, n)
	}
}

// Now is the time of the cluster.
func (c *Cluster) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance sets the clock forwards or back.
func (c *Cluster) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// StorePost stores a post at the time of the cluster, and returns it with its id.
func (c *Cluster) StorePost(p *model.Post) *model.Post {
	made := p.Clone()
	made.Id = c.Conn.AddPost(c.T, p.ChannelId, p.UserId, c.Now().UnixMilli(), 0, model.StringInterfaceToJson(p.GetProps()))
	return made
}

// Jump sets the clock forwards or back, and lets both servers run the jobs of some kinds that are due, at the same time and twice.
func (c *Cluster) Jump(d time.Duration, kinds ...string) {
	c.T.Helper()
	c.Advance(d)
	for range 2 {
		var all sync.WaitGroup
		for number, n := range c.Nodes {
			all.Go(func() {
				if c.Look != nil {
					assert.NoError(c.T, c.Look(number))
				}
				for _, kind := range kinds {
					assert.NoError(c.T, n.runner.RunDue(context.Background(), kind))
				}
			})
		}
		all.Wait()
	}
}
