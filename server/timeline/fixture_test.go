//go:build store

package timeline

import (
	"context"
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

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml") })

// timelineFixture is a timeline on a real database, behind the whole REST API, and a Mattermost that has its tables and nothing else.
type timelineFixture struct {
	app.Host // what a test does not expect to be called panics
	app.Log
	t     *testing.T
	db    *testdb.Conn
	store *store.Store
	line  *timeline
	http  http.Handler
	now   int64
	// locale is the language of everybody, "" for English.
	locale string

	mu        sync.Mutex
	published []Entry
	fetched   []string // ids of files that were read
	files     map[string]string
	errors    []string

	// anna and boris are in the incident's channel, carla only in its team. dora is administrator.
	anna, boris, carla, dora string
	team                     string
	inc                      incident.Incident
}

// eachDatabase runs a subtest on each kind of database, with an incident in a public channel.
func eachDatabase(t *testing.T, test func(t *testing.T, w *timelineFixture)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			w := &timelineFixture{t: t, now: time.Now().UnixMilli(), files: map[string]string{}, team: model.NewId()}
			w.Log, w.db = w, d.Connect(t)
			w.store = storetest.Open(t, d, nil, capability.Schema{Capability: "timeline", Tables: tables, Migrations: migrations})
			w.line = w.newTimeline()
			for name, id := range map[string]*string{"anna": &w.anna, "boris": &w.boris, "carla": &w.carla, "dora": &w.dora} {
				*id = model.NewId()
				w.db.AddUser(t, *id, name+(*id)[:6], "system_user")
			}
			w.inc = w.start(model.CHANNEL_OPEN)
			test(t, w)
		})
	}
}

// newTimeline makes another node.
func (w *timelineFixture) newTimeline() *timeline {
	t := &timeline{incidents: w.store.Incidents(), rules: access.New(w), svc: w, host: w, log: w, store: newDatabase(w.store),
		now: func() time.Time { return time.UnixMilli(w.now) }, hashing: make(chan struct{}, 1)}
	t.recorded.Store(true)
	w.http = api.New(nil, w, api.WithRoutes(t.routes()...))
	return t
}

func (w *timelineFixture) sql(statement string, args ...interface{}) {
	w.t.Helper()
	w.db.Exec(w.t, statement, args...)
}

func (w *timelineFixture) count(query string, args ...interface{}) int {
	w.t.Helper()
	return testdb.Value[int](w.t, w.db, query, args...)
}

// channel makes a channel.
func (w *timelineFixture) channel(kind, name string) string {
	id := model.NewId()
	w.sql("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, ?, ?, ?)", id, w.team, kind, name, id)
	return id
}

func (w *timelineFixture) join(channelID string, users ...string) {
	for _, user := range users {
		w.sql("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, ?)", channelID, user, true)
	}
}

// start stores an incident with anna and boris in its channel.
func (w *timelineFixture) start(kind string) incident.Incident {
	w.t.Helper()
	channelID := w.channel(kind, "incident")
	w.join(channelID, w.anna, w.boris)
	inc, _, err := w.store.Incidents().Create(w.t.Context(), incident.Incident{ID: model.NewId(), Name: "Checkout", IsActive: true, CommanderUserID: w.anna,
		TeamID: w.team, ChannelID: channelID, CreateAt: w.now}, w.anna, "", w.now, app.Extensions{})
	require.NoError(w.t, err)
	return inc
}

// change changes the incident, as the core does.
func (w *timelineFixture) change(actorID string, fn func(i *incident.Incident) (*incident.ChangeSet, error)) incident.Event {
	w.t.Helper()
	c, err := w.store.Incidents().Update(w.t.Context(), app.UpdateRequest{IncidentID: w.inc.ID, ActorID: actorID, At: w.now,
		Extensions: app.Extensions{InTx: []app.InTx{w.line.storeUpdate}}}, fn)
	require.NoError(w.t, err)
	return *c.Event
}

// post writes a message.
func (w *timelineFixture) post(channelID, userID, message, props string) string {
	w.t.Helper()
	id := model.NewId()
	w.sql("INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, Type, Message, Props) VALUES (?, ?, ?, 0, 0, ?, ?, '', '', ?, ?)",
		id, w.now, w.now, userID, channelID, message, props)
	return id
}

func (w *timelineFixture) editPost(id, message string) {
	w.now += 1000
	w.sql("UPDATE Posts SET Message = ?, EditAt = ?, UpdateAt = ? WHERE Id = ?", message, w.now, w.now, id)
}

// attach adds a file to a post.
func (w *timelineFixture) attach(postID, name, content string, size int64) {
	id := model.NewId()
	w.sql("INSERT INTO FileInfo (Id, PostId, CreateAt, DeleteAt, Name, Size) VALUES (?, ?, ?, 0, ?, ?)", id, postID, w.count("SELECT COUNT(*) FROM FileInfo")+1, name, size)
	w.files[id] = content
}

// do sends a request, and compares its status, and the whole answer with api.yaml.
func (w *timelineFixture) do(user, method, path, body string, status int, headers ...string) []byte {
	w.t.Helper()
	path = "/api/v0/incidents/" + w.inc.ID + "/timeline" + path
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	if answer.Code != status {
		w.t.Fatalf("%s %s answered %d, want %d: %s %v", method, path, answer.Code, status, answer.Body, w.errors)
	}
	c, err := checker()
	require.NoError(w.t, err)
	require.NoError(w.t, c.Check(method, path, answer.Code, answer.Header(), answer.Body.Bytes()))
	return answer.Body.Bytes()
}

func decoded[T any](w *timelineFixture, content []byte) (value T) {
	w.t.Helper()
	require.NoError(w.t, json.Unmarshal(content, &value))
	return value
}

// add adds an entry and returns it.
func (w *timelineFixture) add(user, body string) Entry {
	w.t.Helper()
	return decoded[Entry](w, w.do(user, "POST", "", body, 201))
}

func (w *timelineFixture) list(user, query string) page {
	w.t.Helper()
	return decoded[page](w, w.do(user, "GET", "?"+query, "", 200))
}

func (w *timelineFixture) entry(user, id string) detail {
	w.t.Helper()
	return decoded[detail](w, w.do(user, "GET", "/"+id, "", 200))
}

// refused checks that a request has failed with a code.
func (w *timelineFixture) refused(user, method, path, body string, status int, code string) {
	w.t.Helper()
	got := decoded[struct{ Code, Error string }](w, w.do(user, method, path, body, status))
	if got.Code != code {
		w.t.Errorf("%s %s %s: %v, want %s", method, path, body, got, code)
	}
}

// Mattermost.
func (w *timelineFixture) HasPermission(userID string, _ *model.Permission) bool {
	return userID == w.dora
}
func (w *timelineFixture) HasPermissionToTeam(userID, teamID string, _ *model.Permission) bool {
	return teamID == w.team && userID != "guest"
}
func (w *timelineFixture) HasPermissionToChannel(userID, channelID string, _ *model.Permission) bool {
	return userID == w.dora || w.count("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", channelID, userID) > 0
}
func (w *timelineFixture) ServerVersion() string { return "5.39.3" }

var errNotFound = incident.NewError(incident.NotFound, "host.not_found", "not found")

func (w *timelineFixture) User(id string) (*model.User, error) {
	u := &model.User{Id: id}
	if err := w.db.DB.QueryRow(w.db.Rebind("SELECT Username FROM Users WHERE Id = ?"), id).Scan(&u.Username); err != nil {
		return nil, errNotFound
	}
	return u, nil
}
func (w *timelineFixture) Locale(string) string { return w.locale }

func (w *timelineFixture) Channel(id string) (*model.Channel, error) {
	c := &model.Channel{Id: id}
	if err := w.db.DB.QueryRow(w.db.Rebind("SELECT TeamId, Type, DisplayName FROM Channels WHERE Id = ?"), id).Scan(&c.TeamId, &c.Type, &c.DisplayName); err != nil {
		return nil, errNotFound
	}
	return c, nil
}
func (w *timelineFixture) Post(id string) (*model.Post, error) {
	p, props := &model.Post{Id: id}, ""
	if err := w.db.DB.QueryRow(w.db.Rebind("SELECT ChannelId, UserId, Message, Props, CreateAt, EditAt, DeleteAt, Type FROM Posts WHERE Id = ? AND DeleteAt = 0"), id).
		Scan(&p.ChannelId, &p.UserId, &p.Message, &props, &p.CreateAt, &p.EditAt, &p.DeleteAt, &p.Type); err != nil {
		return nil, errNotFound
	}
	p.SetProps(model.StringInterfaceFromJson(strings.NewReader(props)))
	return p, nil
}
func (w *timelineFixture) File(id string) ([]byte, error) {
	w.fetched = append(w.fetched, id)
	content, found := w.files[id]
	if !found {
		return nil, errNotFound
	}
	return []byte(content), nil
}
func (w *timelineFixture) PublishToReaders(_ context.Context, h app.Header, event string, payload map[string]interface{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if event != EventChanged || h.ChannelID != w.inc.ChannelID {
		w.t.Errorf("%s was sent to %v", event, h)
	}
	var e Entry
	text := payload["payload"].(string)
	if text == "" {
		text = payload["changed"].(string)
	}
	require.NoError(w.t, json.Unmarshal([]byte(text), &e))
	w.published = append(w.published, e)
}
func (w *timelineFixture) Debug(string, ...interface{}) {}
func (w *timelineFixture) Warn(string, ...interface{})  {}
func (w *timelineFixture) Error(msg string, pairs ...interface{}) {
	w.errors = append(w.errors, msg+fmt.Sprintln(pairs...))
}

func updateRequest(w *timelineFixture) app.UpdateRequest {
	return app.UpdateRequest{IncidentID: w.inc.ID, ActorID: w.boris, At: w.now}
}
