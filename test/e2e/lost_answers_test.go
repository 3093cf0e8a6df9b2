//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// impatient is a client of the same session that gives up after a while.
func (p *person) withTimeout(timeout time.Duration) *model.Client4 {
	client := model.NewAPIv4Client(p.server.URL)
	client.AuthToken, client.AuthType = p.AuthToken, model.HEADER_BEARER
	client.HttpClient = &http.Client{Timeout: timeout}
	return client
}

// postAndForget sends a request and does not look at the answer, which is Mattermost's own if the plugin is gone.
func (p *person) postAndForget(t *testing.T, path, content, key string) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.server.URL+"/plugins/"+p.server.pluginID+"/api/v0"+path, strings.NewReader(content))
	if err != nil {
		t.Error(err)
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+p.AuthToken)
	request.Header.Set("Idempotency-Key", key)
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}

// The web client and the mobile app start incidents with the dialog. Whenever the answer is lost, submitting the same dialog once more
// starts no second incident.
func TestStart_OfADialogWhoseAnswerWasLost(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		lobby := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
		playbook := anna.newPlaybook(t, team, nil, anna)
		events := anna.listen(t)
		fields := map[string]any{"playbookID": playbook, "incidentName": "Only one", "incidentDescription": ""}
		lost := 0
		for n, timeout := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 200 * time.Millisecond} {
			anna.command(t, team, lobby, "/incident start")
			dialog := events.dialog(t)
			_, response := anna.withTimeout(timeout).SubmitInteractiveDialog(model.SubmitDialogRequest{Type: "dialog_submission", URL: dialog.URL,
				State: dialog.Dialog.State, UserId: anna.user.Id, TeamId: team.Id, ChannelId: lobby.Id, Submission: fields})
			if response.Error != nil {
				lost++
			}
			accepted(t, anna.submit(t, dialog, team, lobby, fields))
			eventually(t, "one incident for each dialog", func() bool {
				return s.count(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'") == n+1
			})
		}
		if lost == 0 {
			t.Error("no answer was lost: this test finds nothing")
		}
		time.Sleep(time.Second)
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'"); n != 5 {
			t.Errorf("%d incidents of 5 dialogs", n)
		}
	})
}

// The same where the plugin's process is killed at some moment of the start, for the dialog and for clients with a key of their own.
func TestStart_RepeatedAfterTheProcessWasKilled(t *testing.T) {
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{EnableTesting: true})
	anna := s.newUser(t)
	team := s.newTeam(t, anna)
	lobby := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
	playbook := anna.newPlaybook(t, team, nil, anna)
	events := anna.listen(t)
	fields := map[string]any{"playbookID": playbook, "incidentName": "Only one", "incidentDescription": ""}
	for n, after := range []time.Duration{20 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond} {
		anna.command(t, team, lobby, "/incident start")
		dialog := events.dialog(t)
		key := fmt.Sprint("key-", n)
		sent := make(chan bool)
		go func() {
			_, _ = anna.SubmitInteractiveDialog(model.SubmitDialogRequest{Type: "dialog_submission", URL: dialog.URL, State: dialog.Dialog.State,
				UserId: anna.user.Id, TeamId: team.Id, ChannelId: lobby.Id, Submission: fields})
			sent <- true
		}()
		go func() {
			anna.postAndForget(t, "/incidents", `{"name":"Only one","team_id":"`+team.Id+`","commander_user_id":"`+anna.user.Id+`"}`, key)
			sent <- true
		}()
		time.Sleep(after)
		for _, pid := range s.pluginProcesses(t) {
			id, err := strconv.Atoi(pid)
			if err != nil {
				t.Fatal(err)
			}
			if process, err := os.FindProcess(id); err == nil {
				_ = process.Kill()
			}
		}
		<-sent
		<-sent
		if _, response := s.Admin.DisablePlugin(s.pluginID); response.Error != nil {
			t.Fatal(response.Error)
		}
		if _, response := s.Admin.EnablePlugin(s.pluginID); response.Error != nil {
			t.Fatal(response.Error)
		}
		if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
			t.Fatal(err)
		}
		accepted(t, anna.submit(t, dialog, team, lobby, fields))
		anna.call(t, "POST", "/incidents", body{"name": "Only one", "team_id": team.Id, "commander_user_id": anna.user.Id}, "Idempotency-Key: "+key).want(t, 201)
		if got := s.count(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'"); got != 2*(n+1) {
			t.Errorf("killed after %v: %d incidents of %d starts", after, got, 2*(n+1))
		}
	}
}
