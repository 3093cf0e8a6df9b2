//go:build store

package invitations

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	pluginstore "github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// cluster is the Mattermost of two servers on one database.
type cluster struct {
	*hosttest.Host
	unexpected
	t    *testing.T
	conn *testdb.Conn

	mu    sync.Mutex
	added []string
	posts []string
	// fails is called before somebody is added.
	fails func(userID string) error
}

func (c *cluster) AddToChannel(channelID, userID, _ string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails != nil {
		if err := c.fails(userID); err != nil {
			return err
		}
	}
	if n := testdb.Value[int](c.t, c.conn, "SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", channelID, userID); n > 0 {
		return nil
	}
	c.join(channelID, userID)
	c.added = append(c.added, userID)
	return nil
}

func (c *cluster) join(channelID, userID string) {
	c.conn.Exec(c.t, "INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", channelID, userID)
	c.conn.Exec(c.t, "INSERT INTO ChannelMemberHistory (ChannelId, UserId, JoinTime) VALUES (?, ?, 1)", channelID, userID)
}

func (c *cluster) CreatePost(p *model.Post) (*model.Post, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := p.Clone()
	made.Id = c.conn.AddPost(c.t, p.ChannelId, p.UserId, time.Now().UnixMilli(), 0, model.StringInterfaceToJson(p.GetProps()))
	if p.GetProp(invitedProp) != nil {
		c.posts = append(c.posts, p.Message)
	}
	return made, nil
}

// Two servers add the people of a playbook once, the members of its groups included, one goes on where the other has stopped, and the
// channel is told once who is missing.
func TestInvite_UsersAndGroupsByTwoServers(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			fixture := testdb.NewFixtureDatabase(t, driver)
			conn, s := fixture.Connect(t), storetest.Open(t, fixture, nil)
			c := &cluster{Host: hosttest.New(), t: t, conn: conn}
			service := app.New(s.Incidents(), s.Playbooks(), s.Jobs(), c, &hosttest.Log{}, pluginstore.DefaultPluginID)
			u := &invitations{svc: service, incidents: s.Incidents(), host: c, log: &hosttest.Log{}, data: &database{s}, now: time.Now}
			team, names := testdb.Value[string](t, conn, "SELECT Id FROM Teams WHERE Name = 'ad-1'"), map[string]string{}
			user := func(name string, in bool) string {
				id := model.NewId()
				names[id] = name
				conn.AddUser(t, id, name+"-"+id, "system_user")
				if in {
					conn.Exec(t, "INSERT INTO TeamMembers (TeamId, UserId, Roles, DeleteAt, SchemeUser) VALUES (?, ?, '', 0, true)", team, id)
				}
				return id
			}
			group := func(name string, deleteAt int, mention bool, userIDs ...string) string {
				id := model.NewId()
				conn.Exec(t, "INSERT INTO UserGroups (Id, Name, DisplayName, Description, Source, RemoteId, CreateAt, UpdateAt, DeleteAt, AllowReference) VALUES (?, ?, ?, '', 'custom', ?, 1, 1, ?, ?)",
					id, id, name, id, deleteAt, mention)
				for _, userID := range userIDs {
					conn.Exec(t, "INSERT INTO GroupMembers (GroupId, UserId, CreateAt, DeleteAt) VALUES (?, ?, 1, 0)", id, userID)
				}
				return id
			}
			anna, boris, clara, dora, emil := user("anna", true), user("boris", true), user("clara", true), user("dora", true), user("emil", false)
			former, robot, dropped, left := user("former", true), user("robot", true), user("dropped", true), user("left", true)
			conn.Exec(t, "UPDATE Users SET DeleteAt = 5 WHERE Id = ?", former)
			conn.Exec(t, "INSERT INTO Bots (UserId, OwnerId, CreateAt, UpdateAt, DeleteAt) VALUES (?, 'x', 1, 1, 0)", robot)
			onCall := group("On call", 0, true, anna, clara, dora, emil, former, robot, dropped)
			conn.Exec(t, "UPDATE GroupMembers SET DeleteAt = 5 WHERE UserId = ?", dropped)
			both := group("Both", 0, true, dora, left)
			deleted, secret := group("Deleted", 5, true, dropped), group("Secret", 0, false, dropped)
			i := Invitations{UserIDs: []string{boris, anna, former, emil, robot}, GroupIDs: []string{onCall, both, deleted, secret, model.NewId()}}

			users, groups, err := u.data.known(t.Context(), Invitations{UserIDs: append(i.UserIDs, model.NewId()), GroupIDs: i.GroupIDs})
			require.NoError(t, err)
			require.Len(t, users, 5)
			require.ElementsMatch(t, []string{onCall, both}, groups)

			inc := incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: anna, TeamID: team, ChannelID: model.NewId(), CreateAt: 1,
				Checklists: []incident.Stage{{Title: "Stage"}}}
			conn.AddChannel(t, inc.ChannelID, team, "P")
			c.join(inc.ChannelID, anna)
			c.join(inc.ChannelID, left)
			conn.Exec(t, "DELETE FROM ChannelMembers WHERE UserId = ?", left)
			found := func(existing bool) (all invited) {
				t.Helper()
				all, err := u.data.invited(t.Context(), i, target{ChannelID: inc.ChannelID, TeamID: team, Existing: existing})
				require.NoError(t, err)
				return all
			}
			named := func(people []person) string {
				var all []string
				for _, p := range people {
					all = append(all, names[p.ID])
				}
				return strings.Join(all, " ")
			}
			all := found(false)
			require.Equal(t, "boris anna former emil robot", named(all.users))
			require.Equal(t, []person{{InTeam: true}, {InTeam: true, Here: true}, {InTeam: true, Inactive: true}, {}, {InTeam: true, Bot: true}}, states(all.users))
			require.Equal(t, "clara dora left", named(all.members))
			require.Equal(t, "boris clara dora", named(all.absent()))
			require.Len(t, all.groups, 4)
			require.Equal(t, []int{0, 0}, []int{all.more, all.outside})
			all = found(true)
			require.Equal(t, "boris clara dora left", named(all.absent()), "of an existing channel")

			// An attempt fails after two people, another one goes on. Both servers look at the same time.
			run := func() {
				log := &hosttest.Log{}
				runners := []*jobs.Runner{jobs.New(s.Jobs(), log, nil, u.jobKinds()), jobs.New(s.Jobs(), log, nil, u.jobKinds())}
				var both sync.WaitGroup
				for _, r := range runners {
					both.Go(func() { _ = r.RunDue(context.Background(), jobInvite) })
				}
				both.Wait()
			}
			c.fails = func(userID string) error {
				if userID == dora {
					return context.DeadlineExceeded
				}
				return nil
			}
			store, err := storeJob(order{Invitations: i, StarterID: anna})
			require.NoError(t, err)
			_, _, err = s.Incidents().Create(t.Context(), inc, anna, "", time.Now().UnixMilli(), app.Extensions{InTx: []app.InTx{store}})
			require.NoError(t, err)
			run()
			require.Equal(t, []string{boris, clara}, c.added)
			require.Empty(t, c.posts)
			c.fails = nil
			for range 2 {
				conn.Exec(t, "UPDATE IR_Job SET NextAttemptAt = 1 WHERE Kind = 'invite_people'")
				run()
			}
			require.Equal(t, []string{boris, clara, dora}, c.added)
			require.Len(t, c.posts, 1)
			for _, says := range []string{"Not in this team: one person", "Deactivated: `former-", "`Deleted` and 2 others"} {
				require.Contains(t, c.posts[0], says)
			}
			require.Zero(t, testdb.Value[int](t, conn, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'invite_people'"))
		})
	}
}

// states are people without their names.
func states(people []person) (all []person) {
	for _, p := range people {
		p.ID, p.Username = "", ""
		all = append(all, p)
	}
	return all
}
