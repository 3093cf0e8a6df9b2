package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
	"github.com/mattermost/mattermost-server/v5/model"
)

const teamName = "operations"

// users are the ordinary users that are created.
var users = [2]string{"anna", "boris"}

func passwordOf(username string) string { return "Passw0rd!-" + username }

// seeder fills in the examples. What is there already stays as it is.
type seeder struct {
	ctx     context.Context
	server  *testenv.Mattermost
	base    string // of the plugin's REST API
	team    *model.Team
	clients map[string]*model.Client4
	ids     map[string]string // of users by name
}

// incident is what the examples need to know of an incident.
type incident struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	ChannelID string `json:"channel_id"`
}

// seed creates users, a team, playbooks and incidents in different states.
func seed(ctx context.Context, server *testenv.Mattermost, pluginID string) error {
	s := &seeder{
		ctx: ctx, server: server, base: server.URL + "/plugins/" + pluginID + "/api/v0",
		clients: map[string]*model.Client4{}, ids: map[string]string{},
	}
	if err := s.people(); err != nil {
		return err
	}
	playbooks, err := s.playbooks()
	if err != nil {
		return err
	}
	return s.incidents(playbooks)
}

// people creates the team and the users, all of them members.
func (s *seeder) people() error {
	admin := s.server.Admin
	team, response := admin.GetTeamByName(teamName, "")
	if response.StatusCode == http.StatusNotFound {
		team, response = admin.CreateTeam(&model.Team{Name: teamName, DisplayName: "Operations", Type: model.TEAM_OPEN})
	}
	if response.Error != nil {
		return fmt.Errorf("create the team: %w", response.Error)
	}
	s.team = team
	me, response := admin.GetMe("")
	if response.Error != nil {
		return response.Error
	}
	s.clients[me.Username], s.ids[me.Username] = admin, me.Id

	for _, name := range users {
		client := model.NewAPIv4Client(s.server.URL)
		user, response := client.Login(name, passwordOf(name))
		if response.Error != nil {
			if user, response = admin.CreateUser(&model.User{Username: name, Email: name + "@example.com", Password: passwordOf(name)}); response.Error != nil {
				return fmt.Errorf("create the user %s: %w", name, response.Error)
			}
			if _, response = client.Login(name, passwordOf(name)); response.Error != nil {
				return fmt.Errorf("log in as %s: %w", name, response.Error)
			}
		}
		s.clients[name], s.ids[name] = client, user.Id
	}
	for name, id := range s.ids {
		if _, response := admin.AddTeamMember(team.Id, id); response.Error != nil {
			return fmt.Errorf("add %s to the team: %w", name, response.Error)
		}
	}
	return nil
}

// playbooks creates the playbooks and returns their ids by title.
func (s *seeder) playbooks() (map[string]string, error) {
	var list struct {
		Items []struct{ ID, Title string }
	}
	if err := s.call(users[0], http.MethodGet, "/playbooks?team_id="+s.team.Id, nil, &list); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, item := range list.Items {
		ids[item.Title] = item.ID
	}
	square, response := s.server.Admin.GetChannelByName(model.DEFAULT_CHANNEL, s.team.Id, "")
	if response.Error != nil {
		return nil, response.Error
	}
	members := []string{}
	for _, id := range s.ids {
		members = append(members, id)
	}
	for _, playbook := range examplePlaybooks(square.Id) {
		title := playbook["title"].(string)
		if ids[title] != "" {
			continue
		}
		progress("creating the playbook %q", title)
		playbook["team_id"], playbook["member_ids"] = s.team.Id, members
		var created struct{ ID string }
		if err := s.call(users[0], http.MethodPost, "/playbooks", playbook, &created); err != nil {
			return nil, err
		}
		ids[title] = created.ID
	}
	return ids, nil
}

// incidents creates those of the examples whose names are not taken.
func (s *seeder) incidents(playbooks map[string]string) error {
	var list struct{ Items []incident }
	path := "/incidents?" + url.Values{"team_id": {s.team.Id}, "per_page": {"200"}}.Encode()
	if err := s.call(testenv.AdminUsername, http.MethodGet, path, nil, &list); err != nil {
		return err
	}
	exists := map[string]bool{}
	for _, item := range list.Items {
		exists[item.Name] = true
	}
	for _, example := range exampleIncidents {
		if exists[example.name] {
			continue
		}
		progress("creating the incident %q", example.name)
		var made incident
		body := map[string]any{
			"name": example.name, "description": example.description, "team_id": s.team.Id,
			"commander_user_id": s.ids[example.commander], "playbook_id": playbooks[example.playbook],
		}
		if err := s.call(example.commander, http.MethodPost, "/incidents", body, &made); err != nil {
			return err
		}
		for _, act := range example.acts {
			if err := act(s, example.commander, made); err != nil {
				return fmt.Errorf("%s: %w", example.name, err)
			}
		}
	}
	return nil
}

// call sends a request to the plugin's REST API as a user. The answer goes
// into target unless that is nil.
func (s *seeder) call(username, method, path string, body, target any) error {
	return testenv.Call(s.ctx, http.DefaultClient, s.clients[username].AuthToken, method, s.base+path, body, target)
}
