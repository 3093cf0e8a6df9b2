package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

type object = map[string]any

// site is a server with a member who attacks and one who stands by, each with an incident of their own.
type site struct {
	server   *testenv.Mattermost
	database *testenv.Database
	pluginID string
	team     string

	attacker, bystander *member
}

type member struct {
	id, token, incident, channel string
}

const password = "Passw0rd!-abuse"

func openSite(ctx context.Context, driver testenv.Driver, packed string) (*site, error) {
	databases, err := testenv.SharedServer(driver)
	if err != nil {
		return nil, err
	}
	s := &site{}
	if s.database, err = databases.NewDatabase(ctx); err != nil {
		return nil, err
	}
	if s.server, err = testenv.StartMattermost(ctx, testenv.MattermostOptions{Driver: s.database.Driver, DSN: s.database.DSN}); err != nil {
		return nil, err
	}
	if s.pluginID, err = s.server.InstallPlugin(ctx, packed); err != nil {
		return nil, err
	}
	team, response := s.server.Admin.CreateTeam(&model.Team{Name: "abuse", DisplayName: "Abuse", Type: model.TEAM_OPEN})
	if response.Error != nil {
		return nil, response.Error
	}
	s.team = team.Id
	if s.attacker, err = s.join(ctx, "attacker"); err != nil {
		return nil, err
	}
	s.bystander, err = s.join(ctx, "bystander")
	return s, err
}

// join makes a member of the team with an incident of two tasks.
func (s *site) join(ctx context.Context, name string) (*member, error) {
	user, response := s.server.Admin.CreateUser(&model.User{Username: name, Email: name + "@example.com", Password: password})
	if response.Error != nil {
		return nil, response.Error
	}
	if _, response = s.server.Admin.AddTeamMember(s.team, user.Id); response.Error != nil {
		return nil, response.Error
	}
	client := model.NewAPIv4Client(s.server.URL)
	if _, response = client.Login(name, password); response.Error != nil {
		return nil, response.Error
	}
	m := &member{id: user.Id, token: client.AuthToken}
	var book struct{ ID string }
	if err := s.call(ctx, m, "POST", "/playbooks", object{"title": name, "team_id": s.team, "member_ids": []string{m.id}, "checklists": []object{
		{"title": "Stage", "items": []object{{"title": "one"}, {"title": "two"}}}}}, &book); err != nil {
		return nil, err
	}
	var made struct {
		ID        string
		ChannelID string `json:"channel_id"`
	}
	err := s.call(ctx, m, "POST", "/incidents", object{"name": name, "team_id": s.team, "commander_user_id": m.id, "playbook_id": book.ID}, &made)
	m.incident, m.channel = made.ID, made.ChannelID
	return m, err
}

func (s *site) url(path string) string {
	return s.server.URL + "/plugins/" + s.pluginID + "/api/v0" + path
}

// call sends a request of somebody to the plugin.
func (s *site) call(ctx context.Context, who *member, method, path string, body, target any) error {
	return testenv.Call(ctx, http.DefaultClient, who.token, method, s.url(path), body, target)
}

// bystand is what a bystander does all the time: check a task off or open it again, and look at the incident.
func (s *site) bystand(ctx context.Context) error {
	state := "closed"
	if time.Now().UnixMilli()%2 == 0 {
		state = ""
	}
	at := "/incidents/" + s.bystander.incident
	if err := s.call(ctx, s.bystander, "PUT", at+"/checklists/0/item/0/state", object{"new_state": state}, nil); err != nil {
		return err
	}
	return s.call(ctx, s.bystander, "GET", at, nil, nil)
}

// stall asks for something and does not read the answer, until ctx ends.
func (s *site) stall(ctx context.Context, who *member, path string) error {
	host := strings.TrimPrefix(s.server.URL, "http://")
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10)
	}
	target := strings.TrimPrefix(s.url(path), s.server.URL)
	if _, err = fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", target, host, who.token); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// exec runs statements on the server's database.
func (s *site) exec(ctx context.Context, statements ...string) error {
	db, err := s.database.Open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.200s: %w", statement, err)
		}
	}
	return nil
}
