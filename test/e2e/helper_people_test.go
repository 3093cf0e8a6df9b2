//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

const userPassword = "Passw0rd!-e2e"

// person is somebody who acts on a server. The embedded client is logged in as
// them, so that all of Mattermost's own API is at hand.
type person struct {
	*model.Client4
	user   *model.User
	server *server
}

// admin is the system administrator.
func (s *server) admin() *person {
	user, _ := s.Admin.GetMe("")
	return &person{Client4: s.Admin, user: user, server: s}
}

// anonymous is somebody who is not logged in.
func (s *server) anonymous() *person {
	return &person{Client4: model.NewAPIv4Client(s.URL), user: &model.User{}, server: s}
}

// newUser makes an ordinary user.
func (s *server) newUser(t testing.TB) *person {
	t.Helper()
	name := "u" + model.NewId()[:12]
	user := &model.User{Username: name, Email: name + "@example.com", Password: userPassword}
	created, response := s.Admin.CreateUser(user)
	must(t, "create a user", response)
	if atLeast(t, 11) { // without a licence it takes 250 active users
		t.Cleanup(func() { _, _ = s.Admin.UpdateUserActive(created.Id, false) })
	}
	p := &person{Client4: model.NewAPIv4Client(s.URL), user: created, server: s}
	_, response = p.Login(name, userPassword)
	must(t, "log in", response)
	return p
}

// newGuest makes a guest of a team and some of its channels. Guests need a
// licence to be made by the API, so the roles are set in the database.
func (s *server) newGuest(t testing.TB, team *model.Team, channels ...*model.Channel) *person {
	t.Helper()
	guest := s.newUser(t)
	s.addToTeam(t, team, guest)
	for _, channel := range channels {
		s.addToChannel(t, channel, guest)
	}
	db, err := s.database.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{
		"UPDATE Users SET Roles = 'system_guest' WHERE Id = '%s'",
		"UPDATE Sessions SET Roles = 'system_guest' WHERE UserId = '%s'",
		"UPDATE TeamMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = '%s'",
		"UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE UserId = '%s'",
	} {
		if _, err := db.Exec(fmt.Sprintf(statement, guest.user.Id)); err != nil {
			t.Fatal(err)
		}
	}
	// A guest is only in the channels that they were invited to.
	joined, response := s.Admin.GetChannelsForTeamForUser(team.Id, guest.user.Id, false, "")
	must(t, "list the guest's channels", response)
	for _, channel := range joined {
		if !slices.ContainsFunc(channels, func(c *model.Channel) bool { return c.Id == channel.Id }) {
			statement := "DELETE FROM ChannelMembers WHERE ChannelId = '%s' AND UserId = '%s'"
			if _, err := db.Exec(fmt.Sprintf(statement, channel.Id, guest.user.Id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, response = s.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
	guest.user.Roles = model.SYSTEM_GUEST_ROLE_ID
	return guest
}

// newTeam makes a team with the given members.
func (s *server) newTeam(t testing.TB, members ...*person) *model.Team {
	t.Helper()
	name := "t" + model.NewId()[:12]
	team, response := s.Admin.CreateTeam(&model.Team{Name: name, DisplayName: "Team " + name, Type: model.TEAM_OPEN})
	must(t, "create a team", response)
	s.addToTeam(t, team, members...)
	return team
}

func (s *server) addToTeam(t testing.TB, team *model.Team, members ...*person) {
	t.Helper()
	for _, member := range members {
		_, response := s.Admin.AddTeamMember(team.Id, member.user.Id)
		must(t, "add to a team", response)
	}
}

// newChannel makes a channel (model.CHANNEL_OPEN or CHANNEL_PRIVATE) with the
// given members. The administrator makes it and is a member too.
func (s *server) newChannel(t testing.TB, team *model.Team, kind string, members ...*person) *model.Channel {
	t.Helper()
	name := "c" + model.NewId()[:12]
	channel, response := s.Admin.CreateChannel(&model.Channel{TeamId: team.Id, Name: name, DisplayName: "Channel " + name, Type: kind})
	must(t, "create a channel", response)
	s.addToChannel(t, channel, members...)
	return channel
}

func (s *server) addToChannel(t testing.TB, channel *model.Channel, members ...*person) {
	t.Helper()
	for _, member := range members {
		_, response := s.Admin.AddChannelMember(channel.Id, member.user.Id)
		must(t, "add to a channel", response)
	}
}

// setConfig changes settings of the server, {"Section": {"Name": value}}. It
// is not undone: use it on a server of the test's own.
func (s *server) setConfig(t testing.TB, settings map[string]map[string]any) {
	t.Helper()
	body, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	response, appErr := s.Admin.DoApiPut("/config/patch", string(body))
	if appErr != nil {
		t.Fatalf("change the configuration: %v", appErr)
	}
	_ = response.Body.Close()
}

// logged says whether the server's log has a line with all the given texts.
func (s *server) logged(t testing.TB, texts ...string) bool {
	t.Helper()
	for _, line := range strings.Split(s.log(t), "\n") {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			return true
		}
	}
	return false
}

// reply is what the plugin's REST API has answered.
type reply struct {
	Method, Path string
	Status       int
	Header       http.Header
	Body         []byte
}

// checkReply, when set, sees every request to the plugin's REST API and its
// answer: the place to compare them with the API's description.
var checkReply func(t testing.TB, request *http.Request, requestBody []byte, answer *reply)

// call sends a request to the plugin's REST API; path begins behind /api/v0. A
// body that is a string or []byte is sent as it is, nil not at all, and
// anything else as JSON. Each of headers has the form "Name: value".
func (p *person) call(t testing.TB, method, path string, body any, headers ...string) *reply {
	t.Helper()
	var content []byte
	switch body := body.(type) {
	case nil:
	case string:
		content = []byte(body)
	case []byte:
		content = body
	default:
		var err error
		if content, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	url := p.server.URL + "/plugins/" + p.server.pluginID + "/api/v0" + path
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if p.AuthToken != "" {
		request.Header.Set("Authorization", "Bearer "+p.AuthToken)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer := &reply{Method: method, Path: path, Status: response.StatusCode, Header: response.Header}
	if answer.Body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	if checkReply != nil {
		checkReply(t, request, content, answer)
	}
	return answer
}

// want fails the test unless the answer has one of the given statuses.
func (r *reply) want(t testing.TB, statuses ...int) *reply {
	t.Helper()
	if !slices.Contains(statuses, r.Status) {
		t.Fatalf("%s %s answered %d, want %v: %s", r.Method, r.Path, r.Status, statuses, r.Body)
	}
	return r
}

// decode reads the answer's JSON into target.
func (r *reply) decode(t testing.TB, target any) *reply {
	t.Helper()
	if err := json.Unmarshal(r.Body, target); err != nil {
		t.Fatalf("%s %s answered what is not the expected JSON (%v): %s", r.Method, r.Path, err, r.Body)
	}
	return r
}

// posts returns the posts of a channel, the oldest first, at most 200.
func (p *person) posts(t testing.TB, channelID string) []*model.Post {
	t.Helper()
	list, response := p.GetPostsForChannel(channelID, 0, 200, "")
	must(t, "read the channel", response)
	posts := list.ToSlice()
	slices.SortStableFunc(posts, func(a, b *model.Post) int { return int(a.CreateAt - b.CreateAt) })
	return posts
}

// command runs a slash command in a channel and returns what Mattermost
// answers. The plugin's own answers are ephemeral posts and dialogs: listen.
func (p *person) command(t testing.TB, team *model.Team, channel *model.Channel, command string) *model.CommandResponse {
	t.Helper()
	answer, response := p.ExecuteCommandWithTeam(channel.Id, team.Id, command)
	must(t, command, response)
	return answer
}

// submit sends a dialog off with the given fields and returns what the plugin
// answers through Mattermost: nothing, or errors for the dialog to show.
func (p *person) submit(t testing.TB, dialog *model.OpenDialogRequest, team *model.Team, channel *model.Channel, fields map[string]any) *model.SubmitDialogResponse {
	t.Helper()
	answer, response := p.SubmitInteractiveDialog(model.SubmitDialogRequest{
		Type: "dialog_submission", URL: dialog.URL, CallbackId: dialog.Dialog.CallbackId, State: dialog.Dialog.State,
		UserId: p.user.Id, TeamId: team.Id, ChannelId: channel.Id, Submission: fields,
	})
	must(t, "submit the dialog", response)
	return answer
}

func must(t testing.TB, what string, response *model.Response) {
	t.Helper()
	if response.Error != nil {
		t.Fatalf("%s: %v", what, response.Error)
	}
}

// atLeast says whether the server of the tests is of a major version or a later one.
func atLeast(t testing.TB, major int) bool {
	t.Helper()
	server, err := testenv.FindServer("")
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(server.Version, ".")
	have, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("%q is no version: %v", server.Version, err)
	}
	return have >= major
}

// drivers are the databases on which the server of the tests runs.
func drivers(t testing.TB) []testenv.Driver {
	t.Helper()
	server, err := testenv.FindServer("")
	if err != nil {
		t.Fatal(err)
	}
	return server.TestDrivers()
}

// eachDriver runs a subtest on the shared server of each kind of database, beside other tests: they mostly wait.
func eachDriver(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	onDrivers(t, drivers(t), test)
}

// eachDriverOr is eachDriver for long tables that depend little on the kind of database: with E2E_DRIVERS=one, as in CI, they run on
// the given kind only, if the server has it.
func eachDriverOr(t *testing.T, one testenv.Driver, test func(t *testing.T, s *server)) {
	t.Helper()
	onDrivers(t, driversOr(t, one), test)
}

func driversOr(t testing.TB, one testenv.Driver) []testenv.Driver {
	t.Helper()
	all := drivers(t)
	if os.Getenv("E2E_DRIVERS") == "one" && slices.Contains(all, one) {
		return []testenv.Driver{one}
	}
	return all
}

func onDrivers(t *testing.T, chosen []testenv.Driver, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	for _, driver := range chosen {
		t.Run(string(driver), func(t *testing.T) {
			t.Parallel()
			test(t, sharedServer(t, driver))
		})
	}
}

// get reads from Mattermost's own API.
func (p *person) get(t testing.TB, path string, target any) {
	t.Helper()
	response, appErr := p.DoApiGet(path, "")
	if appErr != nil {
		t.Fatal(appErr)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(target); err != nil {
		t.Fatal(err)
	}
}
