//go:build store

package archiving

import (
	"encoding/json"
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
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// cluster is two servers on one database and their Mattermost.
type cluster struct {
	*hosttest.Host
	unexpected
	*storetest.Cluster

	mu    sync.Mutex
	posts []string
	// archived counts how often the channel was archived. If broken, Mattermost archives it and its answer is lost.
	archived int
	broken   bool
}

type raw = json.RawMessage

// unexpected is what hosttest lacks: it is not called, and would panic.
type unexpected struct{ app.Host }

// boot replaces both servers by new ones.
func (c *cluster) boot() {
	c.Boot(c, func(n *storetest.Node) capability.Set {
		a := &archiving{core: n.Service, incidents: c.Store.Incidents(), host: c, rights: n.Rules(), log: n.Log, db: &database{c.Store}, now: c.Now}
		return capability.Plug(&capability.Core{}, func(*capability.Core) capability.Capability { return a.capability() })
	})
}

func (c *cluster) CreatePost(p *model.Post) (*model.Post, error) {
	made := c.StorePost(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts = append(c.posts, p.Message)
	return made, nil
}

func (c *cluster) ArchiveChannel(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.archived++
	at := c.Now().UnixMilli() + 3
	c.Conn.Exec(c.T, "UPDATE Channels SET DeleteAt = ?, UpdateAt = ? WHERE Id = ?", at, at, id)
	c.Conn.Exec(c.T, "UPDATE PublicChannels SET DeleteAt = ? WHERE Id = ?", at, id)
	if c.broken {
		c.broken = false
		panic("the process was killed")
	}
	return nil
}

// jump sets the clock, and lets both servers do what is due.
func (c *cluster) jump(d time.Duration) {
	c.T.Helper()
	c.Jump(d, app.JobAnnouncement, jobArchive, jobRestored)
}

// expect fails the test unless the channel was archived so many times, and told so many times with a text, since the last look.
func (c *cluster) expect(what string, archived, told int, says string) {
	c.T.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	found := 0
	for _, post := range c.posts {
		if strings.Contains(post, says) {
			found++
		}
	}
	assert.Equal(c.T, archived, c.archived, what)
	assert.Equal(c.T, told, found, "%s: %q", what, c.posts)
	c.archived, c.posts = 0, nil
}

// Two servers archive the channel once and tell of it once, through restarts and an outage, and a restart brings it back once, also
// if an attempt was interrupted. What somebody else has archived stays as it is.
func TestArchiving_OnceByTwoServers(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			db := testdb.NewFixtureDatabase(t, driver)
			c := &cluster{Host: hosttest.New(), Cluster: storetest.NewCluster(t, db)}
			c.boot()
			channelID, teamID, anna := model.NewId(), model.NewId(), model.NewId()
			c.Conn.AddUser(t, anna, anna, "system_user")
			c.Conn.AddChannel(t, channelID, teamID, "O", anna)
			c.Conn.Exec(t, "INSERT INTO PublicChannels (Id, DeleteAt, TeamId, DisplayName, Name, Header, Purpose) VALUES (?, 0, ?, 'Outage', 'outage', '', '')", channelID, teamID)
			c.Channels[channelID] = &model.Channel{Id: channelID, TeamId: teamID, Type: "O", Name: "outage"}
			deleted := func() [2]int64 {
				return [2]int64{testdb.Value[int64](t, c.Conn, "SELECT DeleteAt FROM Channels WHERE Id = ?", channelID),
					testdb.Value[int64](t, c.Conn, "SELECT DeleteAt FROM PublicChannels WHERE Id = ?", channelID)}
			}
			left := func() int {
				return testdb.Value[int](t, c.Conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind IN ('channel_archive', 'channel_restored') AND State = 'waiting'")
			}
			inc := incident.Incident{ID: model.NewId(), Name: "Outage", IsActive: true, CommanderUserID: anna, TeamID: teamID, ChannelID: channelID, CreateAt: 1,
				Checklists: []incident.Stage{{Title: "Triage"}}}
			require.NoError(t, starting(t.Context(), &app.Start{Incident: &inc, Playbook: &playbook.Playbook{Own: incident.Own{ownKey: []byte(`{"archive_after_days":3}`)}}}))
			_, _, err := c.Store.Incidents().Create(t.Context(), inc, anna, "", 1, app.Extensions{InTx: []app.InTx{inTx}})
			require.NoError(t, err)
			read := func() incident.Incident {
				i, err := c.Store.Incidents().Get(t.Context(), inc.ID)
				require.NoError(t, err)
				return i
			}
			end := func(options map[string]raw) {
				require.NoError(t, c.Nodes[0].EndWith(t.Context(), "admin", inc.ID, options))
			}
			restart := func() { require.NoError(t, c.Nodes[1].Restart(t.Context(), "admin", inc.ID)) }

			end(nil)
			c.expect("ended", 0, 1, "will be archived at 2026-12-03")
			c.jump(46*time.Hour + 59*time.Minute)
			c.expect("before the warning", 0, 0, "archived")
			c.boot()
			c.jump(time.Minute)
			c.expect("warned", 0, 1, "lets the channel be archived at 2026-12-03")
			c.jump(-time.Hour)
			c.jump(time.Hour)
			c.jump(24 * time.Hour)
			c.expect("a day later", 0, 0, "archived")
			c.boot()
			c.jump(3 * 24 * time.Hour) // an outage
			c.expect("archived", 1, 0, "archived")
			after := read()
			at := stateOf(&after).ArchivedAt
			require.Equal(t, [2]int64{at, at}, deleted())
			require.Zero(t, left())
			restart()
			require.Equal(t, [2]int64{}, deleted(), "back before the restart is answered")
			require.Equal(t, 1, left())
			c.jump(0)
			c.expect("restarted", 0, 1, "is back because the incident goes on")
			require.Equal(t, 1, c.Did("RefreshMember "+anna))
			c.jump(time.Hour)
			c.expect("later", 0, 0, "")
			after = read()
			require.Equal(t, state{AfterDays: 3}, stateOf(&after))

			chosen := map[string]raw{optionArchive: raw("true")}
			end(chosen)
			require.Equal(t, [2]int64{}, deleted(), "the end's posts come first")
			c.mu.Lock()
			c.broken = true
			c.mu.Unlock()
			c.jump(5 * time.Second)
			after = read()
			require.Zero(t, stateOf(&after).ArchivedAt, "interrupted")
			c.boot()
			c.jump(time.Minute)
			c.expect("archived by choice", 1, 1, "The channel is archived now.")
			after = read()
			require.Equal(t, deleted()[0], stateOf(&after).ArchivedAt, "the interrupted attempt is found")

			// Somebody has unarchived it and archived it again.
			c.Conn.Exec(t, "UPDATE Channels SET DeleteAt = 99 WHERE Id = ?", channelID)
			restart()
			require.EqualValues(t, 99, deleted()[0])
			require.Zero(t, left())
			end(nil)
			c.jump(9 * 24 * time.Hour)
			c.jump(2 * 24 * time.Hour)
			require.EqualValues(t, 99, deleted()[0])
			after = read()
			require.Equal(t, state{AfterDays: 3}, stateOf(&after), "archived by somebody else")
			require.Zero(t, left())
		})
	}
}
