package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// target is an incident that operations work on.
type target struct{ id, channel string }

// site is a Mattermost server with a database of its own and a number of incidents in it.
type site struct {
	size       int
	pluginID   string
	server     *testenv.Mattermost
	database   *testenv.Database
	client     *http.Client
	team       string
	anna       person
	commanders []string
	own        []target // anna is a member of the channel
	foreign    []target // public, anna is not a member
	written    []target // made for the operations that write, one for each client
	raced      target   // has raceTasks tasks
	playbook   string
	middle     int64 // Unix ms, in the middle of the long timeline
	// lastFollowUp is the id of the last follow-up of each client.
	lastFollowUp sync.Map
	serial       atomic.Int64
	turns        sync.Map // number of runs, by operation and client
}

const raceTasks = 50

func newSite(ctx context.Context, databases *testenv.DatabaseServer, size int, b bundles) (*site, error) {
	database, err := databases.NewDatabase(ctx)
	if err != nil {
		return nil, err
	}
	s := &site{size: size, pluginID: b.id, database: database,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	s.server, err = testenv.StartMattermost(ctx, testenv.MattermostOptions{Driver: database.Driver, DSN: database.DSN,
		Config: map[string]map[string]any{
			// A server in production does not log what it does at every step.
			"LogSettings":     {"ConsoleLevel": "ERROR", "EnableConsole": true, "ConsoleJson": true, "EnableFile": false, "EnableDiagnostics": false, "EnableSentry": false},
			"TeamSettings":    {"MaxChannelsPerTeam": 1000000, "MaxUsersPerTeam": 1000, "EnableOpenServer": true, "MaxNotificationsPerChannel": 1000},
			"SqlSettings":     {"MaxOpenConns": 60, "MaxIdleConns": 30},
			"ServiceSettings": {"EnableAPIChannelDeletion": true},
		}})
	if err != nil {
		return nil, err
	}
	for _, packed := range []string{b.floor, b.shipped} {
		if _, err := s.server.InstallPlugin(ctx, packed); err != nil {
			return nil, err
		}
	}
	if err := s.people(); err != nil {
		return nil, fmt.Errorf("make the people: %w", err)
	}
	if err := s.seed(ctx); err != nil {
		return nil, fmt.Errorf("seed %d incidents: %w", size, err)
	}
	if err := s.makeWritten(ctx); err != nil {
		return nil, fmt.Errorf("start incidents: %w", err)
	}
	return s, nil
}

// makeWritten starts the incidents that are going to be changed.
func (s *site) makeWritten(ctx context.Context) error {
	start := func(count int) (target, error) {
		p := playbook.Playbook{Title: fmt.Sprintf("Playbook with %d tasks", count), TeamID: s.team, MemberIDs: []string{s.anna.id},
			CreatePublicIncident: true, Checklists: []incident.Stage{{Title: "Only"}}}
		for n := range count {
			p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, incident.Task{Title: fmt.Sprintf("Task %d", n)})
		}
		if s.playbook == "" || count == raceTasks {
			var made struct{ ID string }
			if err := s.call(ctx, "POST", s.api("/playbooks"), p, &made); err != nil {
				return target{}, err
			}
			s.playbook = made.ID
		}
		var made incident.Incident
		err := s.call(ctx, "POST", s.api("/incidents"), s.newIncident(), &made)
		return target{made.ID, made.ChannelID}, err
	}
	var err error
	if s.raced, err = start(raceTasks); err != nil {
		return err
	}
	s.playbook = ""
	for range clients {
		t, err := start(tasks)
		if err != nil {
			return err
		}
		s.written = append(s.written, t)
		if err := s.call(ctx, "POST", s.retrospective(len(s.written)-1)+"/draft", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// turn counts the runs of an operation by one client.
func (s *site) turn(operation string, client int) int {
	counter, _ := s.turns.LoadOrStore(fmt.Sprint(operation, client), new(atomic.Int64))
	return int(counter.(*atomic.Int64).Add(1)) - 1
}

func (s *site) newIncident() map[string]any {
	return map[string]any{"name": fmt.Sprintf("Measured %d", s.serial.Add(1)), "team_id": s.team, "commander_user_id": s.anna.id, "playbook_id": s.playbook}
}

// api is the address of a route of ours, host that of a route of Mattermost.
func (s *site) api(path string) string  { return "/plugins/" + s.pluginID + "/api/v0" + path }
func (s *site) host(path string) string { return "/api/v4" + path }

// call sends a request as the ordinary user and reads the whole answer, into target unless that is nil.
func (s *site) call(ctx context.Context, method, path string, body, into any) error {
	return testenv.Call(ctx, s.client, s.anna.AuthToken, method, s.server.URL+path, body, into)
}

// command runs a slash command as the ordinary user.
func (s *site) command(ctx context.Context, t target, text string) error {
	return s.call(ctx, "POST", s.host("/commands/execute"), &model.CommandArgs{ChannelId: t.channel, TeamId: s.team, Command: text}, nil)
}

// counts are what the counted build of the plugin has counted so far.
type counts struct{ Statements, Calls, Allocations, Bytes float64 }

func (s *site) counts(ctx context.Context) (c counts, err error) {
	err = s.call(ctx, "GET", "/plugins/"+s.pluginID+"/counts", nil, &c)
	return c, err
}
