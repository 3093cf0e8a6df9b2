//go:build store

package retrospective_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// The tests of this package use all capabilities, as timeline and follow-ups are what a draft tells of. They compare each answer
// with the description of the routes.
var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.LoadAll("..") })

// The people. anna, boris and guest are in the incident's channel, carla only in its team. dora is administrator.
const (
	anna  = "annaaaaaaaaaaaaaaaaaaaaaaa"
	boris = "borisbbbbbbbbbbbbbbbbbbbbb"
	carla = "carlaccccccccccccccccccccc"
	guest = "guestggggggggggggggggggggg"
	dora  = "doraaaaaaaaaaaaaaaaaaaaaaa"
	gone  = "goneeeeeeeeeeeeeeeeeeeeeee"
	team  = "teamtttttttttttttttttttttt"
	bot   = "botbbbbbbbbbbbbbbbbbbbbbbb"
)

// fixture is all of the plugin on a real database, and a Mattermost that has its tables and nothing else.
type fixture struct {
	app.Host // what a test does not expect to be called panics
	t        *testing.T
	db       *sql.DB
	bind     int
	store    *store.Store
	core     *capability.Core
	service  *app.Service
	http     http.Handler
	set      capability.Set
	runner   *jobs.Runner
	inc      incident.Incident

	mu        sync.Mutex // guards what follows
	now       time.Time
	posts     []*model.Post
	ephemeral []string
	notices   []string
	warnings  []string
	// broken lets CreatePost make the post and report an error, as if its answer was lost.
	broken bool
}

// tests are run one after the other on one database of each kind: to make one takes longer than most of them.
var tests = []struct {
	name string
	test func(t *testing.T, w *fixture)
}{
	{"Retrospective_IsStoredWithTheFirstEdit", testRetrospective_IsStoredWithTheFirstEdit},
	{"Retrospective_TwoPeopleAtOnce", testRetrospective_TwoPeopleAtOnce},
	{"Retrospective_IsBegunOnce", testRetrospective_IsBegunOnce},
	{"Retrospective_IsGeneratedAgainWhereNobodyHasWritten", testRetrospective_IsGeneratedAgainWhereNobodyHasWritten},
	{"Retrospective_BodiesThatAreRefused", testRetrospective_BodiesThatAreRefused},
	{"Retrospective_WhoMay", testRetrospective_WhoMay},
	{"Publish_IsToldOnce", testPublish_IsToldOnce},
	{"Publish_StoresTheDraft", testPublish_StoresTheDraft},
	{"Reminder_OfARetrospectiveThatIsDue", testReminder_OfARetrospectiveThatIsDue},
	{"Settings_OfAPlaybook", testSettings_OfAPlaybook},
	{"Export_HasTheRetrospectiveOnceItIsStored", testExport_HasTheRetrospectiveOnceItIsStored},
	{"Command_SaysWhereItIs", testCommand_SaysWhereItIs},
	{"Draft_Golden", testDraft_Golden},
}

func TestOnDatabases(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			w := newFixture(t, driver)
			for _, x := range tests {
				t.Run(x.name, func(t *testing.T) {
					w.forget(t)
					x.test(t, w)
				})
			}
		})
	}
}

// forget makes a fixture as it was at the beginning, except for the incidents and playbooks of earlier tests.
func (w *fixture) forget(t *testing.T) {
	w.t = t
	w.sql("DELETE FROM IR_Job")
	w.sql("DELETE FROM TeamMembers WHERE TeamId = ?", team)
	for _, id := range []string{anna, boris, carla, guest, dora} {
		w.sql("INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, ?, ?)", team, id, id != guest, id == guest)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now, w.posts, w.ephemeral, w.notices, w.warnings, w.broken = monday, nil, nil, nil, nil, false
}

// monday is when most incidents start.
var monday = time.Date(2024, 11, 4, 10, 0, 0, 0, time.UTC)

func newFixture(t *testing.T, driver testdb.Driver) *fixture {
	d := testdb.NewFixtureDatabase(t, driver)
	w := &fixture{t: t, now: monday, bind: sqlx.QUESTION}
	var err error
	w.store, err = store.Open(string(driver), d.DSN, store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.store.Close() })
	if w.store.Postgres() {
		w.bind = sqlx.DOLLAR
	}
	w.db, err = d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.db.Close() })
	w.node()
	w.store.Register(w.set.Schemas()...)
	require.NoError(t, w.store.Migrate(t.Context()))
	w.sql("DELETE FROM Users WHERE Username IN ('anna', 'boris', 'carla', 'guest', 'dora')") // of the fixture
	w.sql("INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'ops', 'Ops', 0)", team)
	for name, id := range map[string]string{"anna": anna, "boris": boris, "carla": carla, "guest": guest, "dora": dora} {
		roles := "system_user"
		if id == dora {
			roles = "system_admin system_user"
		}
		w.sql("INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props, DeleteAt) VALUES (?, ?, ?, ?, '{}', '{}', '{}', 0)", id, name, id+"@example.com", roles)
	}
	return w
}

// node makes the plugin, as another node does.
func (w *fixture) node() {
	w.service = app.New(w.store.Incidents(), w.store.Playbooks(), w.store.Jobs(), w, w, store.DefaultPluginID)
	w.service.Now = w.time
	w.core = &capability.Core{PluginID: store.DefaultPluginID, Service: w.service, Rules: w.service.Rules(), Incidents: w.store.Incidents(),
		Jobs: w.store.Jobs(), Host: w, Log: w, Database: w.store}
	w.set = all.Plug(w.core)
	w.set.Join(w.service)
	w.http = api.New(w.service, w, api.WithRoutes(w.set.Routes()...))
	w.runner = jobs.New(w.store.Jobs(), w, nil, append(w.service.JobKinds(), w.set.Jobs()...))
	w.runner.Now = w.time
}

func (w *fixture) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// wait lets time pass.
func (w *fixture) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// at sets the time to some minutes after the start.
func (w *fixture) at(minutes float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = time.UnixMilli(w.inc.CreateAt).UTC().Add(time.Duration(minutes * float64(time.Minute)))
}

// sql runs a statement with ? as placeholders.
func (w *fixture) sql(statement string, args ...interface{}) {
	w.t.Helper()
	_, err := w.db.Exec(sqlx.Rebind(w.bind, statement), args...)
	require.NoError(w.t, err, statement)
}

// rows reads numbers and texts.
func (w *fixture) rows(query string, args ...interface{}) (found [][]string) {
	w.t.Helper()
	rows, err := w.db.Query(sqlx.Rebind(w.bind, query), args...)
	require.NoError(w.t, err, query)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	require.NoError(w.t, err)
	for rows.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]interface{}, len(columns))
		for n := range values {
			targets[n] = &values[n]
		}
		require.NoError(w.t, rows.Scan(targets...), query)
		var row []string
		for _, v := range values {
			row = append(row, v.String)
		}
		found = append(found, row)
	}
	require.NoError(w.t, rows.Err(), query)
	return found
}

func (w *fixture) count(query string, args ...interface{}) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(sqlx.Rebind(w.bind, query), args...).Scan(&n), query)
	return n
}

// start stores an incident of anna with the others in its channel.
func (w *fixture) start(inc incident.Incident, kind string) {
	w.t.Helper()
	if inc.ChannelID == "" {
		inc.ChannelID = model.NewId()
	}
	w.sql("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, ?, 'Incident', ?)", inc.ChannelID, team, kind, inc.ChannelID)
	for _, id := range []string{anna, boris, guest} {
		w.sql("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES (?, ?, ?, ?)", inc.ChannelID, id, id != guest, id == guest)
	}
	inc.ID, inc.IsActive, inc.TeamID, inc.CreateAt = model.NewId(), true, team, w.time().UnixMilli()
	if inc.Name == "" {
		inc.Name = "Checkout"
	}
	if inc.CommanderUserID == "" {
		inc.CommanderUserID = anna
	}
	incident.FillIDs(inc.Checklists)
	var err error
	w.inc, _, err = w.store.Incidents().Create(w.t.Context(), inc, anna, "", inc.CreateAt, app.Extensions{})
	require.NoError(w.t, err)
}

// book stores a playbook of anna.
func (w *fixture) book() string {
	w.t.Helper()
	id, err := w.service.CreatePlaybook(w.t.Context(), anna, playbook.Playbook{Title: "Outage", TeamID: team, MemberIDs: []string{anna}})
	require.NoError(w.t, err)
	return id
}

// update posts a status update, and promises the next one in some minutes.
func (w *fixture) update(userID, message string, minutes int64) {
	w.t.Helper()
	id, at := model.NewId(), w.time().UnixMilli()
	w.sql("INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, Type, Message, Props) VALUES (?, ?, ?, 0, 0, ?, ?, '', '', ?, '{}')",
		id, at, at, userID, w.inc.ChannelID, message)
	r, err := w.service.AuthorizeEdit(w.t.Context(), userID, w.inc.ID)
	require.NoError(w.t, err)
	_, err = w.service.Change(w.t.Context(), r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.UpdateStatus(id, minutes*60, now)
	})
	require.NoError(w.t, err)
}

// finish finishes a task.
func (w *fixture) finish(userID string, stage, task int) {
	w.t.Helper()
	require.NoError(w.t, w.service.SetTaskState(w.t.Context(), userID, w.inc.ID, incident.At(stage), incident.At(task), incident.Closed))
}

func (w *fixture) end(userID string) {
	w.t.Helper()
	require.NoError(w.t, w.service.End(w.t.Context(), userID, w.inc.ID))
}

// call sends a request to the incident's routes, or to the path if it begins with a slash, and compares the answer with the
// description of the route.
func (w *fixture) call(userID, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = strings.TrimSuffix("/incidents/"+w.inc.ID+"/"+path, "/")
	}
	r := httptest.NewRequest(method, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", userID)
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	c, err := checker()
	require.NoError(w.t, err)
	require.NoError(w.t, c.Check(method, "/api/v0"+path, answer.Code, answer.Header(), answer.Body.Bytes()))
	return answer
}

// do is call with the status that is expected. It decodes the answer.
func (w *fixture) do(userID, method, path, body string, status int, into interface{}, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	answer := w.call(userID, method, path, body, headers...)
	require.Equal(w.t, status, answer.Code, "%s %s: %s", method, path, answer.Body)
	if into != nil {
		require.NoError(w.t, json.Unmarshal(answer.Body.Bytes(), into))
	}
	return answer
}

// document is a retrospective as clients read it.
type document struct {
	IncidentID    string `json:"incident_id"`
	State         string
	Revision      int64
	CanEdit       bool  `json:"can_edit"`
	DueAt         int64 `json:"due_at"`
	Broadcast     bool
	PublishedByID string `json:"published_by_id"`
	Sections      []section
}

type section struct {
	Key, Heading, Origin, Text string
	Questions                  []string
	Revision                   int64
	Sentences                  []struct {
		Line int
		Refs []struct{ Kind, ID string }
	}
}

func (d *document) section(key string) *section {
	return &d.Sections[slices.IndexFunc(d.Sections, func(s section) bool { return s.Key == key })]
}

// read reads the retrospective of the incident.
func (w *fixture) read(userID string) (d document) {
	w.t.Helper()
	w.do(userID, "GET", "retrospective", "", 200, &d)
	return d
}

// section reads a section of the retrospective.
func (w *fixture) section(userID, key string) *section {
	w.t.Helper()
	d := w.read(userID)
	return d.section(key)
}

// refused checks that a request fails with a code.
func (w *fixture) refused(userID, method, path, body string, status int, code string) {
	w.t.Helper()
	var got struct{ Code, Error string }
	w.do(userID, method, path, body, status, &got)
	require.Equal(w.t, code, got.Code, "%s %s %s: %s", method, path, body, got.Error)
	require.NotEmpty(w.t, got.Error)
}

// Mattermost, as its tables say.
func (w *fixture) HasPermission(userID string, _ *model.Permission) bool { return userID == dora }
func (w *fixture) HasPermissionToTeam(userID, teamID string, _ *model.Permission) bool {
	return userID == dora || userID != guest && w.count("SELECT COUNT(*) FROM TeamMembers WHERE TeamId = ? AND UserId = ? AND DeleteAt = 0", teamID, userID) > 0
}
func (w *fixture) HasPermissionToChannel(userID, channelID string, _ *model.Permission) bool {
	return userID == dora || w.count("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", channelID, userID) > 0
}
func (w *fixture) ServerVersion() string { return "5.39.3" }

var errNotFound = incident.NewError(incident.NotFound, "host.not_found", "not found")

func (w *fixture) User(id string) (*model.User, error) {
	u := &model.User{Id: id}
	if err := w.db.QueryRow(sqlx.Rebind(w.bind, "SELECT Username, DeleteAt FROM Users WHERE Id = ?"), id).Scan(&u.Username, &u.DeleteAt); err != nil {
		return nil, errNotFound
	}
	return u, nil
}
func (w *fixture) Channel(id string) (*model.Channel, error) {
	c := &model.Channel{Id: id}
	if err := w.db.QueryRow(sqlx.Rebind(w.bind, "SELECT TeamId, Type, DisplayName, DeleteAt FROM Channels WHERE Id = ?"), id).Scan(&c.TeamId, &c.Type, &c.DisplayName, &c.DeleteAt); err != nil {
		return nil, errNotFound
	}
	return c, nil
}
func (w *fixture) IsChannelMember(channelID, userID string) (bool, error) {
	return w.count("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", channelID, userID) > 0, nil
}
func (w *fixture) IsTeamMember(teamID, userID string) (bool, error) { return teamID == team, nil }
func (w *fixture) Team(id string) (*model.Team, error)              { return &model.Team{Id: id, Name: "ops"}, nil }
func (w *fixture) DirectChannel(userID string) (*model.Channel, error) {
	return &model.Channel{Id: "d" + userID[1:]}, nil
}
func (w *fixture) BotID() string         { return bot }
func (w *fixture) Locale(string) string  { return "en" }
func (w *fixture) DefaultLocale() string { return "en" }
func (w *fixture) Config() *model.Config {
	url := "http://example.com"
	return &model.Config{ServiceSettings: model.ServiceSettings{SiteURL: &url}}
}
func (w *fixture) Post(id string) (*model.Post, error) {
	p := &model.Post{Id: id}
	if err := w.db.QueryRow(sqlx.Rebind(w.bind, "SELECT ChannelId, UserId, Message, DeleteAt FROM Posts WHERE Id = ?"), id).Scan(&p.ChannelId, &p.UserId, &p.Message, &p.DeleteAt); err != nil {
		return nil, errNotFound
	}
	return p, nil
}
func (w *fixture) CreatePost(p *model.Post) (*model.Post, error) {
	p = p.Clone()
	p.Id = model.NewId()
	props, err := json.Marshal(p.GetProps())
	if err != nil {
		return nil, err
	}
	at := w.time().UnixMilli()
	w.sql("INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, Type, Message, Props) VALUES (?, ?, ?, 0, 0, ?, ?, '', '', ?, ?)",
		p.Id, at, at, p.UserId, p.ChannelId, p.Message, string(props))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = append(w.posts, p)
	if w.broken {
		return nil, fmt.Errorf("broken on purpose")
	}
	return p, nil
}

// told lists the messages of the bot in a channel that contain a text.
func (w *fixture) told(channelID, part string) (messages []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.posts {
		if p.ChannelId == channelID && strings.Contains(p.Message, part) {
			messages = append(messages, p.Message)
		}
	}
	return messages
}

func (w *fixture) Ephemeral(userID string, p *model.Post) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ephemeral = append(w.ephemeral, userID+": "+p.Message)
}
func (w *fixture) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if event == "retrospective_updated" {
		w.notices = append(w.notices, to.ChannelId+" "+payload["payload"].(string))
	}
}
func (w *fixture) Debug(string, ...interface{}) {}
func (w *fixture) Info(string, ...interface{})  {}
func (w *fixture) Warn(msg string, pairs ...interface{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.warnings = append(w.warnings, fmt.Sprintln(append([]interface{}{msg}, pairs...)...))
}
func (w *fixture) Error(msg string, pairs ...interface{}) { w.Warn(msg, pairs...) }

// command types /incident retrospective in the incident's channel.
func (w *fixture) command(userID string, words ...string) (said string, err error) {
	w.t.Helper()
	commands := w.set.Commands()
	at := slices.IndexFunc(commands, func(c capability.Command) bool { return c.Name == "retrospective" })
	call := &capability.Call{CommandArgs: &model.CommandArgs{UserId: userID, ChannelId: w.inc.ChannelID}, Words: words, Say: func(text string) { said += text },
		Incident: func(ctx context.Context) (incident.Incident, error) { return w.store.Incidents().Get(ctx, w.inc.ID) }}
	err = commands[at].Run(w.t.Context(), call)
	return said, err
}
