//go:build store

package costtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/internal/callcount"
	"github.com/mattermost/mattermost-plugin-incident-management/server/metrics"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/settings"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/support"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// pluginFixture is the whole plugin on a real database and a Mattermost that exists only as answers, with everything counted.
type pluginFixture struct {
	t          *testing.T
	http       http.Handler
	commands   *command.Handler
	service    *app.Service
	mattermost *mattermost

	mu         sync.Mutex
	statements []string
	calls      []string

	// anna and boris are in the channels, as is guest, a guest; carla is only in the team.
	team, anna, boris, carla, guest, admin string
	square                                 *model.Channel
	playbook, shared                       string // two stages of three tasks; one with two members
	subscription                           string // of the line that deletes one
	incident                               incident.Incident
	// newest are ids of the incident, by their marks.
	newest   map[string]string
	followUp string // its id
}

func newPluginFixture(t *testing.T, driver testdb.Driver) *pluginFixture {
	t.Helper()
	database := testdb.NewFixtureDatabase(t, driver)
	db, err := database.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	w := &pluginFixture{t: t, team: model.NewId(), anna: model.NewId(), boris: model.NewId(), carla: model.NewId(),
		guest: model.NewId(), admin: model.NewId()}
	w.mattermost = &mattermost{t: t, db: db, postgres: driver == testdb.Postgres, admin: w.admin, guest: w.guest, team: w.team,
		channels: map[string]*model.Channel{}, members: map[string]bool{}, posts: map[string]*model.Post{}, kv: map[string][]byte{}}
	w.mattermost.exec("INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, ?, 'Team', 0)", w.team, "team"+w.team)
	for name, id := range map[string]string{"anna": w.anna, "boris": w.boris, "carla": w.carla, "guest": w.guest, "admin": w.admin} {
		roles := "system_user"
		if id == w.admin {
			roles = "system_admin system_user"
		}
		w.mattermost.exec("INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props) VALUES (?, ?, ?, ?, '{}', '{}', '{}')",
			id, name+id, name+id+"@example.com", roles)
		w.mattermost.exec("INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, ?, ?)",
			w.team, id, id != w.guest, id == w.guest)
	}
	statements := &callcount.Statements{Each: w.note(&w.statements)}
	calls := &callcount.Calls{Each: w.note(&w.calls)}
	h := host.New(calls.Wrap(w.mattermost), "bot")
	h.ServerVersion() // asked once, with the activation
	s, err := store.Open(string(driver), database.DSN, store.Options{Wrap: statements.Wrap, Log: h})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	w.service = app.New(s.Incidents(), s.Playbooks(), s.Jobs(), h, h, store.DefaultPluginID)
	w.service.Subscriptions = s.Subscriptions()
	capabilities := all.Plug(&capability.Core{PluginID: store.DefaultPluginID, Service: w.service, Rules: w.service.Rules(), Incidents: s.Incidents(),
		Jobs: s.Jobs(), Host: h, Log: h, Database: s})
	s.Register(capabilities.Schemas()...)
	require.NoError(t, s.Migrate(t.Context()))
	capabilities.Join(w.service)
	for _, p := range capabilities.Periodic() { // as the activation does
		require.NoError(t, p.Run(t.Context()))
	}
	dialogs := dialog.New(w.service, h, store.DefaultPluginID, capabilities.StartFields)
	dialogs.EndFields = capabilities.EndFields
	h.SetConfig(w.mattermost.GetConfig())
	recorder := support.NewRecorder()
	counters := metrics.New("budget", recorder.Database)
	sources := &support.Sources{ServerVersion: func() string { return "" }, Config: h.Config, Database: s.Facts, Recorder: recorder,
		Settings: func() settings.Settings { return settings.Settings{} }}
	w.http = api.New(w.service, h, api.Observed(counters), api.WithMetrics(counters, metrics.ContentType), api.WithSupport(sources),
		api.WithCapabilities(capabilities))
	w.commands = command.New(w.service, dialogs, h, h, store.DefaultPluginID, capabilities.Commands()...)
	w.commands.OfferSupport(sources, h)

	stages := []incident.Stage{{Title: "First"}, {Title: "Second"}}
	for n := range stages {
		for _, title := range []string{"one", "two", "three"} {
			stages[n].Tasks = append(stages[n].Tasks, incident.Task{Title: title, Command: "/echo hello"})
		}
	}
	square, appErr := w.mattermost.CreateChannel(&model.Channel{TeamId: w.team, Type: model.CHANNEL_OPEN, Name: "square"})
	if appErr == nil {
		w.square = square
		_, appErr = w.mattermost.AddUserToChannel(square.Id, w.anna, "")
	}
	if appErr != nil {
		t.Fatal(appErr)
	}
	w.playbook, err = w.service.CreatePlaybook(t.Context(), w.anna, playbook.Playbook{Title: "Outage", TeamID: w.team,
		MemberIDs: []string{w.anna}, Checklists: stages, CreatePublicIncident: true,
		Own: incident.Own{"roles": json.RawMessage(`[{"key":"comms","name":"Communications"}]`)}})
	require.NoError(t, err)
	// Two members, so that one can leave.
	w.shared, err = w.service.CreatePlaybook(t.Context(), w.anna, playbook.Playbook{Title: "Shared", TeamID: w.team, MemberIDs: []string{w.anna, w.boris}})
	require.NoError(t, err)
	_, err = w.service.Mark(w.anna, "", "") // the key of dialogs is read once in the life of a process
	require.NoError(t, err)
	w.incident = w.start(w.playbook)
	return w
}

func (w *pluginFixture) note(list *[]string) func(string) {
	return func(entry string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		*list = append(*list, entry)
	}
}

// start lets anna start an incident, with boris in its channel.
func (w *pluginFixture) start(playbookID string) incident.Incident {
	w.t.Helper()
	inc, err := w.service.Start(context.Background(), app.StartRequest{RequesterID: w.anna, CommanderID: w.anna, TeamID: w.team,
		Name: "Incident " + model.NewId()[:6], PlaybookID: playbookID})
	require.NoError(w.t, err)
	for _, id := range []string{w.boris, w.guest} {
		if _, appErr := w.mattermost.AddUserToChannel(inc.ChannelID, id, ""); appErr != nil {
			w.t.Fatal(appErr)
		}
	}
	return inc
}

// spent runs something and lists the statements and calls that it took.
func (w *pluginFixture) spent(do func()) (statements, calls []string) {
	w.mu.Lock()
	w.statements, w.calls = nil, nil
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.statements, w.calls
}

// request sends a request of a user. Marks in path and body stand for ids: {id}, {channel}, {team}, {playbook}, {shared}, {subscription}, {boris}.
func (w *pluginFixture) request(user, method, path, body string) {
	w.t.Helper()
	path, body = w.fill(path), w.fill(body)
	r := httptest.NewRequest(method, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	if answer.Code >= 300 || strings.Contains(answer.Body.String(), `"error`) {
		w.t.Errorf("%s %s answers %d: %s", method, path, answer.Code, answer.Body)
	}
}

// addFollowUp lets anna add a follow-up to the incident.
func (w *pluginFixture) addFollowUp() {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v0/incidents/"+w.incident.ID+"/followups", strings.NewReader(`{"title":"Watch the disk"}`))
	r.Header.Set("Mattermost-User-ID", w.anna)
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	var made struct{ ID string }
	require.NoError(w.t, json.Unmarshal(answer.Body.Bytes(), &made))
	w.followUp = made.ID
}

// command runs a slash command in the incident's channel.
func (w *pluginFixture) command(user, text string) {
	w.t.Helper()
	if _, appErr := w.commands.Execute(context.Background(), &model.CommandArgs{UserId: user, TeamId: w.team, ChannelId: w.incident.ChannelID,
		Command: w.fill(text), TriggerId: "trigger", SiteURL: "http://example.com"}); appErr != nil {
		w.t.Error(appErr)
	}
}

// one reads a value of the incident.
func (w *pluginFixture) one(query string) (value string) {
	w.t.Helper()
	if w.mattermost.postgres {
		query = strings.Replace(query, "?", "$1", 1)
	}
	require.NoError(w.t, w.mattermost.db.QueryRow(query, w.incident.ID).Scan(&value))
	return value
}

func (w *pluginFixture) fill(text string) string {
	for mark, id := range w.newest {
		text = strings.ReplaceAll(text, mark, id)
	}
	return strings.NewReplacer("{id}", w.incident.ID, "{name}", w.incident.Name, "{channel}", w.incident.ChannelID, "{team}", w.team, "{playbook}", w.playbook, "{shared}", w.shared, "{subscription}", w.subscription,
		"{anna}", w.anna, "{boris}", w.boris, "{guest}", w.guest, "{square}", w.square.Name, "{square id}", w.square.Id, "{followup}", w.followUp, "{boris name}", "boris"+w.boris, "{time}", fmt.Sprint(time.Now().UnixNano())).Replace(text)
}

// mattermost answers the plugin API. Members of channels may do everything in them, members of the team everything in
// the team, the administrator everything. What it makes is in the database as well, where the plugin looks for it.
type mattermost struct {
	host.API // what is not expected to be called panics
	t        *testing.T
	db       *sql.DB
	postgres bool
	admin    string
	guest    string
	team     string
	mu       sync.Mutex
	channels map[string]*model.Channel
	members  map[string]bool // channel id + user id
	posts    map[string]*model.Post
	kv       map[string][]byte
}

func (m *mattermost) exec(statement string, args ...any) {
	m.t.Helper()
	if m.postgres {
		for n := range args {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n+1), 1)
		}
	}
	if _, err := m.db.Exec(statement, args...); err != nil {
		m.t.Fatalf("%s: %v", statement, err)
	}
}

func missing() *model.AppError { return model.NewAppError("", "missing", nil, "", http.StatusNotFound) }

func (m *mattermost) HasPermissionTo(userID string, _ *model.Permission) bool {
	return userID == m.admin
}
func (m *mattermost) HasPermissionToTeam(_, teamID string, _ *model.Permission) bool {
	return teamID == m.team
}
func (m *mattermost) HasPermissionToChannel(userID, channelID string, _ *model.Permission) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return userID == m.admin || m.members[channelID+userID]
}
func (m *mattermost) GetServerVersion() string { return "5.39.3" }

func (m *mattermost) GetUser(id string) (*model.User, *model.AppError) {
	return &model.User{Id: id, Username: "user" + id, Roles: model.SYSTEM_USER_ROLE_ID}, nil
}
func (m *mattermost) GetUserByUsername(name string) (*model.User, *model.AppError) {
	return &model.User{Id: strings.TrimPrefix(name, "boris"), Username: name}, nil
}
func (m *mattermost) GetTeam(id string) (*model.Team, *model.AppError) {
	return &model.Team{Id: id, Name: "team", DisplayName: "Team"}, nil
}
func (m *mattermost) GetTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError) {
	return &model.TeamMember{TeamId: teamID, UserId: userID}, nil
}
func (m *mattermost) GetChannel(id string) (*model.Channel, *model.AppError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.channels[id]; c != nil {
		return c, nil
	}
	return nil, missing()
}
func (m *mattermost) GetChannelByName(_, name string, _ bool) (*model.Channel, *model.AppError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.channels {
		if c.Name == name {
			return c, nil
		}
	}
	return nil, missing()
}
func (m *mattermost) GetChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members[channelID+userID] {
		return nil, missing()
	}
	return &model.ChannelMember{ChannelId: channelID, UserId: userID}, nil
}
func (m *mattermost) CreateChannel(c *model.Channel) (*model.Channel, *model.AppError) {
	made := *c
	made.Id = model.NewId()
	m.exec("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, ?, ?, ?)",
		made.Id, made.TeamId, made.Type, made.DisplayName, made.Name)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.channels[made.Id] = &made
	return &made, nil
}
func (m *mattermost) DeleteChannel(string) *model.AppError { return nil }
func (m *mattermost) UpdateChannelMemberNotifications(channelID, userID string, _ map[string]string) (*model.ChannelMember, *model.AppError) {
	return &model.ChannelMember{ChannelId: channelID, UserId: userID}, nil
}
func (m *mattermost) AddUserToChannel(channelID, userID, _ string) (*model.ChannelMember, *model.AppError) {
	m.exec("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES (?, ?, ?, ?)", channelID, userID, userID != m.guest, userID == m.guest)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.members[channelID+userID] = true
	return &model.ChannelMember{ChannelId: channelID, UserId: userID}, nil
}
func (m *mattermost) GetPost(id string) (*model.Post, *model.AppError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.posts[id]; p != nil {
		return p, nil
	}
	return nil, missing()
}
func (m *mattermost) CreatePost(p *model.Post) (*model.Post, *model.AppError) {
	made := p.Clone()
	made.Id, made.CreateAt = model.NewId(), model.GetMillis()
	m.exec("INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, 0, ?, ?, ?, '{}')",
		made.Id, made.CreateAt, made.CreateAt, made.UserId, made.ChannelId, made.Message)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posts[made.Id] = made
	return made, nil
}
func (m *mattermost) DeletePost(string) *model.AppError                             { return nil }
func (m *mattermost) SendEphemeralPost(_ string, p *model.Post) *model.Post         { return p }
func (m *mattermost) OpenInteractiveDialog(model.OpenDialogRequest) *model.AppError { return nil }
func (m *mattermost) ExecuteSlashCommand(*model.CommandArgs) (*model.CommandResponse, error) {
	return &model.CommandResponse{}, nil
}
func (m *mattermost) PublishWebSocketEvent(string, map[string]interface{}, *model.WebsocketBroadcast) {
}
func (m *mattermost) GetSession(id string) (*model.Session, *model.AppError) {
	return &model.Session{Id: id}, nil
}
func (m *mattermost) GetDirectChannel(userID, _ string) (*model.Channel, *model.AppError) {
	return &model.Channel{Id: userID}, nil
}
func (m *mattermost) UploadFile([]byte, string, string) (*model.FileInfo, *model.AppError) {
	return &model.FileInfo{Id: "file"}, nil
}
func (m *mattermost) GetConfig() *model.Config {
	c := &model.Config{}
	c.SetDefaults()
	*c.ServiceSettings.EnableTesting = true
	return c
}
func (m *mattermost) KVGet(key string) ([]byte, *model.AppError) { return m.kv[key], nil }
func (m *mattermost) KVCompareAndSet(key string, _, value []byte) (bool, *model.AppError) {
	m.kv[key] = value
	return true, nil
}
func (m *mattermost) LogDebug(string, ...interface{}) {}
func (m *mattermost) LogInfo(string, ...interface{})  {}
func (m *mattermost) LogWarn(msg string, pairs ...interface{}) {
	m.t.Errorf("the plugin warns: %s %v", msg, pairs)
}
func (m *mattermost) LogError(msg string, pairs ...interface{}) {
	m.t.Errorf("the plugin fails: %s %v", msg, pairs)
}
