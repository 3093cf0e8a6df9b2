package engine

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"golang.org/x/sync/errgroup"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

const (
	stagesPerIncident = 6
	tasksPerStage     = 3
	// assignedStage is the stage whose tasks belong to roles and to the commander. No client changes it.
	assignedStage = 5
	password      = "Passw0rd!-torture"
)

// node is one of the Mattermost servers.
type node struct {
	*testenv.Mattermost
	number int
	// plugin is the process id of the plugin, as it was last seen serving.
	plugin int
	// healed is how often Mattermost has restarted the plugin since the server started: after the third crash it stops.
	healed int
}

// cluster is everything of one run: two servers on one database, and the users who work on them.
type cluster struct {
	options Options
	report  *Report
	rng     *rand.Rand // of the faults

	server   *testenv.DatabaseServer
	database *testenv.Database
	sql      *sql.DB
	nodes    []*node
	files    string
	pluginID string

	team, otherTeam *model.Team
	broadcast       *model.Channel
	bot             string
	members         []*person
	nonMembers      []*person
	playbook        string
	names           map[string]string // user id to name
	http            *http.Client

	// trouble counts the beginnings and ends of faults: odd while there is one.
	trouble atomic.Int64

	mu      sync.Mutex
	serial  int
	started []*record // incidents that were asked for
	ready   []*record // those of them that were acknowledged
	// additions are what was asked to be added to incidents.
	additions []*addition
	// edits are the lines that were to be added to retrospectives, moved is what was to be published or reopened.
	edits  []*sectionEdit
	moved  []*move
	free   []*lane // lanes that no client works on
	frozen []int   // processes that are stopped
}

// person is a user with a session, which is good for every node.
type person struct {
	id, name, token string
}

func (w *cluster) start(ctx context.Context) error {
	w.http = &http.Client{Timeout: 3 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var err error
	if w.server, err = testenv.StartPrivate(ctx, w.options.Driver); err != nil {
		return err
	}
	if w.database, err = w.server.NewDatabase(ctx); err != nil {
		return err
	}
	if w.sql, err = w.database.Open(); err != nil {
		return err
	}
	w.sql.SetMaxIdleConns(0) // a restarted database is a new connection
	if w.files, err = os.MkdirTemp("", "incident-torture-files-"); err != nil {
		return err
	}
	for n := range 2 {
		m, err := w.startNode(ctx)
		if err != nil {
			return err
		}
		w.nodes = append(w.nodes, &node{Mattermost: m, number: n + 1})
		if n == 0 { // the second node finds it in the files and starts it by itself
			if w.pluginID, err = m.InstallPlugin(ctx, w.options.Bundle); err != nil {
				return err
			}
		}
	}
	for _, n := range w.nodes {
		if err := w.enable(ctx, n); err != nil {
			return err
		}
	}
	if err := w.populate(); err != nil {
		return err
	}
	for _, n := range w.nodes {
		if err := w.serving(ctx, n, time.Minute); err != nil {
			return err
		}
	}
	return nil
}

func (w *cluster) startNode(ctx context.Context) (*testenv.Mattermost, error) {
	port, err := testenv.LastingPort()
	if err != nil {
		return nil, err
	}
	return testenv.StartMattermost(ctx, testenv.MattermostOptions{
		Driver: w.options.Driver, DSN: w.database.DSN, Port: port, FilesDir: w.files, EnableTesting: true, EnableDeveloper: true,
		Config: map[string]map[string]any{"TeamSettings": {"MaxChannelsPerTeam": 100000, "MaxUsersPerTeam": 1000}},
	})
}

// enable makes sure that the plugin runs on a node; each node has a configuration of its own.
func (w *cluster) enable(ctx context.Context, n *node) error {
	if _, response := n.Admin.EnablePlugin(w.pluginID); response.Error != nil {
		return fmt.Errorf("enable the plugin on node %d: %w", n.number, response.Error)
	}
	return install.WaitForPlugin(ctx, n.Admin, w.pluginID)
}

// populate makes two teams, the members who work on incidents, and users who must not see them.
func (w *cluster) populate() error {
	admin := w.nodes[0].Admin
	w.names = map[string]string{}
	for _, team := range []**model.Team{&w.team, &w.otherTeam} {
		name := "t" + model.NewId()[:12]
		made, response := admin.CreateTeam(&model.Team{Name: name, DisplayName: "Team " + name, Type: model.TEAM_OPEN})
		if response.Error != nil {
			return response.Error
		}
		*team = made
	}
	for _, add := range []struct {
		list *[]*person
		team *model.Team
	}{{&w.members, w.team}, {&w.members, w.team}, {&w.nonMembers, w.team}, {&w.nonMembers, w.otherTeam}} {
		p, err := w.newPerson(add.team)
		if err != nil {
			return err
		}
		*add.list = append(*add.list, p)
	}
	name := "wide" + model.NewId()[:8]
	channel, response := admin.CreateChannel(&model.Channel{TeamId: w.team.Id, Name: name, DisplayName: name, Type: model.CHANNEL_PRIVATE})
	if response.Error != nil {
		return response.Error
	}
	w.broadcast = channel
	stages := make([]map[string]any, stagesPerIncident)
	for s := range stages {
		tasks := make([]map[string]any, tasksPerStage)
		for n := range tasks {
			tasks[n] = map[string]any{"title": fmt.Sprintf("s%d t%d", s, n)}
			if s == assignedStage {
				tasks[n]["assignment"] = assignments[n]
			}
		}
		stages[s] = map[string]any{"title": fmt.Sprintf("Stage %d", s), "items": tasks}
		if s < 2 {
			stages[s]["limit_seconds"] = 60
		}
	}
	ids := []string{}
	for _, m := range w.members {
		if _, response := admin.AddChannelMember(channel.Id, m.id); response.Error != nil {
			return response.Error
		}
		ids = append(ids, m.id)
	}
	bot, response := admin.GetUserByUsername("incident", "")
	if response.Error != nil {
		return response.Error
	}
	w.bot = bot.Id
	made := struct{ ID string }{}
	a := w.call(w.nodes[0], w.members[0], "POST", "/playbooks", map[string]any{"title": "Torture", "team_id": w.team.Id, "member_ids": ids,
		"checklists": stages, "broadcast_channel_id": channel.Id, "roles": definedRoles, "severity": map[string]any{"levels": levels}})
	if err := a.decode(&made); err != nil {
		return fmt.Errorf("create the playbook: %d %s", a.status, a.body)
	}
	w.playbook = made.ID
	if a = w.call(w.nodes[0], w.members[0], "PUT", "/playbooks/"+made.ID+"/retrospective", map[string]any{"broadcast": true}); a.status != http.StatusOK {
		return fmt.Errorf("let retrospectives be broadcast: %s", a)
	}
	return nil
}

func (w *cluster) newPerson(team *model.Team) (*person, error) {
	admin := w.nodes[0].Admin
	name := "u" + model.NewId()[:12]
	user, response := admin.CreateUser(&model.User{Username: name, Email: name + "@example.com", Password: password})
	if response.Error != nil {
		return nil, response.Error
	}
	if _, response = admin.AddTeamMember(team.Id, user.Id); response.Error != nil {
		return nil, response.Error
	}
	client := model.NewAPIv4Client(w.nodes[0].URL)
	if _, response = client.Login(name, password); response.Error != nil {
		return nil, response.Error
	}
	w.names[user.Id] = name
	return &person{id: user.Id, name: name, token: client.AuthToken}, nil
}

// serving waits until the plugin on a node answers, and notes its process.
func (w *cluster) serving(ctx context.Context, n *node, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		a := w.call(n, w.members[0], "GET", "/incidents?team_id="+w.team.Id+"&per_page=1", nil)
		if a.status == http.StatusOK {
			pid, err := n.PluginPID(w.pluginID)
			if err == nil {
				n.plugin = pid
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("node %d does not serve after %s: %s", n.number, limit, a)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (w *cluster) stop() {
	w.thaw()
	for _, n := range w.nodes {
		n.Stop()
	}
	if w.sql != nil {
		_ = w.sql.Close()
	}
	if w.server != nil {
		w.server.Stop()
	}
	if w.files != "" && os.Getenv("TESTENV_KEEP") == "" {
		_ = os.RemoveAll(w.files)
	}
}

// both runs fn for each node at once.
func (w *cluster) both(fn func(n *node) error) error {
	var group errgroup.Group
	for _, n := range w.nodes {
		group.Go(func() error { return fn(n) })
	}
	return group.Wait()
}

// next is a number that was not used before in this run.
func (w *cluster) next() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	return w.serial
}
