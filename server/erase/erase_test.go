//go:build store

package erase

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml") })

// world is the capability on a real database, behind the whole REST API, and a Mattermost that has channels and nothing else.
type world struct {
	app.Host // what a test does not expect to be called panics
	t        *testing.T
	db       *sql.DB
	bind     int
	store    *store.Store
	erase    *erasure
	http     http.Handler

	mu       sync.Mutex
	told     []string // websocket events
	archived []string
	removed  []string // posts
	lines    []string // of the log
	broken   error    // of ArchiveChannel

	// dora is a system administrator, anna is in the channels.
	anna, dora string
}

func eachDatabase(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			s, err := store.Open(string(driver), d.DSN, store.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			w := &world{t: t, bind: sqlx.QUESTION, store: s, anna: model.NewId(), dora: model.NewId()}
			if s.Postgres() {
				w.bind = sqlx.DOLLAR
			}
			w.db, err = d.Open()
			require.NoError(t, err)
			t.Cleanup(func() { _ = w.db.Close() })
			w.erase = &erasure{svc: w, rules: access.New(w), host: w, jobs: s.Jobs(), log: w, data: s, now: time.Now,
				outliving: func() []string { return []string{app.JobDeletePost} }}
			s.Register(capability.Schema{Capability: "erase", Tables: tables, Migrations: migrations})
			require.NoError(t, s.Migrate(t.Context()))
			w.http = api.New(nil, w, api.WithRoutes(w.erase.routes()...))
			test(t, w)
		})
	}
}

func (w *world) start(name string) incident.Incident {
	w.t.Helper()
	task := incident.Task{ID: model.NewId(), Title: "Call"}
	inc, _, err := w.store.Incidents().Create(w.t.Context(), incident.Incident{ID: model.NewId(), Name: name, IsActive: true, CommanderUserID: w.anna,
		TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1000, ReminderPostID: "reminder", Checklists: []incident.Stage{{ID: model.NewId(), Title: "Stage",
			Tasks: []incident.Task{task}}}}, w.anna, "key "+name, 1000, app.Extensions{})
	require.NoError(w.t, err)
	return inc
}

// call sends a request, and compares the whole answer with api.yaml.
func (w *world) call(status int, user, id, body string) []byte {
	w.t.Helper()
	path := "/api/v0/incidents/" + id + "/everything"
	r := httptest.NewRequest(http.MethodDelete, path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	assert.Equal(w.t, status, answer.Code, "%s: %s", body, answer.Body)
	c, err := checker()
	require.NoError(w.t, err)
	assert.NoError(w.t, c.Check(http.MethodDelete, path, answer.Code, answer.Header(), answer.Body.Bytes()))
	return answer.Body.Bytes()
}

func (w *world) count(query string, args ...interface{}) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(sqlx.Rebind(w.bind, query), args...).Scan(&n), query)
	return n
}

func (w *world) events(id string) int {
	return w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ?", id)
}

func (w *world) note(list *[]string, parts ...interface{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, fmt.Sprint(parts...))
}

// What the capability uses of the core and of Mattermost.
func (w *world) SendToReaders(_ context.Context, channelID, event string, payload interface{}) {
	w.note(&w.told, event, " ", channelID, " ", payload.(Deleted).ID)
}
func (w *world) DeleteBotPost(_, postID string) error { w.note(&w.removed, postID); return nil }
func (w *world) Publish(event string, _ map[string]interface{}, to *model.WebsocketBroadcast) {
	w.note(&w.told, event, " ", to.UserId)
}
func (w *world) Channel(id string) (*model.Channel, error) { return &model.Channel{Id: id}, nil }
func (w *world) ArchiveChannel(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.archived = append(w.archived, id)
	}
	return w.broken
}
func (w *world) HasPermission(userID string, _ *model.Permission) bool { return userID == w.dora }
func (w *world) Locale(string) string                                  { return "en" }
func (w *world) DefaultLocale() string                                 { return "en" }
func (w *world) Debug(string, ...interface{})                          {}
func (w *world) Warn(msg string, pairs ...interface{})                 { w.note(&w.lines, msg, pairs) }
func (w *world) Error(msg string, pairs ...interface{})                { w.note(&w.lines, msg, pairs) }
func (w *world) Info(msg string, pairs ...interface{})                 { w.note(&w.lines, msg, pairs) }

func body(name, channel string) string {
	content, _ := json.Marshal(map[string]string{"name": name, "channel": channel})
	return string(content)
}

// An administrator who names the incident deletes it. One line and one row stay. The same request again finds what it has done.
func TestErase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		const name = "Payments fail 🔥"
		inc, other := w.start(name), w.start("Other")
		var first, again Record
		require.NoError(t, json.Unmarshal(w.call(200, w.dora, inc.ID, body(name, "archive")), &first))
		assert.Equal(t, Record{IncidentID: inc.ID, DeletedByID: w.dora, DeletedAt: first.DeletedAt, NameSHA256: nameHash(name)}, first)
		assert.InDelta(t, time.Now().UnixMilli(), first.DeletedAt, 60_000)
		_, err := w.store.Incidents().Get(t.Context(), inc.ID)
		assert.True(t, incident.IsKind(err, incident.NotFound))
		assert.Equal(t, 0, w.events(inc.ID))
		assert.Equal(t, 1, w.events(other.ID))
		assert.Equal(t, []string{inc.ChannelID}, w.archived)
		assert.Equal(t, []string{"reminder"}, w.removed)
		assert.Equal(t, []string{EventDeleted + " " + inc.ChannelID + " " + inc.ID, EventDeleted + " " + w.dora}, w.told)
		assert.Equal(t, 0, w.count("SELECT COUNT(*) FROM IR_Job WHERE IncidentID <> ?", other.ID))
		assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Erasure WHERE IncidentID = ? AND ActorID = ? AND NameSHA256 = ?", inc.ID, w.dora, nameHash(name)))
		require.Len(t, w.lines, 1)
		for _, part := range []string{inc.ID, w.dora, nameHash(name), "archive"} {
			assert.Contains(t, w.lines[0], part)
		}
		assert.NotContains(t, w.lines[0], "Payments")

		require.NoError(t, json.Unmarshal(w.call(200, w.dora, inc.ID, body(name, "leave")), &again))
		assert.Equal(t, first, again)
		w.call(404, w.dora, inc.ID, body("Other", "archive"))
		assert.Len(t, w.archived, 1)
		assert.Len(t, w.lines, 1)
		assert.Len(t, w.told, 2)

		// Left as it is, the channel is not touched. A key by which the incident was started starts another one.
		w.call(200, w.dora, other.ID, body("Other", "leave"))
		assert.Len(t, w.archived, 1)
		assert.Equal(t, 0, w.count("SELECT COUNT(*) FROM IR_Job"))
		assert.NotEqual(t, other.ID, w.start("Other").ID)
	})
}

// Who is no administrator learns nothing, and a request that does not name the incident deletes nothing.
func TestErase_IsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		inc := w.start("Outage")
		unknown := model.NewId()
		assert.Equal(t, string(w.call(403, w.anna, inc.ID, body("Outage", "archive"))), string(w.call(403, w.anna, unknown, body("Outage", "archive"))))
		w.call(403, w.anna, inc.ID, `{`)
		w.call(404, w.dora, unknown, body("Outage", "archive"))
		for sent, field := range map[string]string{
			`{`: "JSON", ``: "empty", `[]`: "object", `{}`: "name", `{"name":"Outage"}`: "channel", `{"name":"Outage","channel":"delete"}`: "channel",
			`{"name":7,"channel":"archive"}`: "name", `{"name":"Outage","channel":null}`: "channel", `{"name":null,"channel":"leave"}`: "name",
		} {
			assert.Contains(t, string(w.call(400, w.dora, inc.ID, sent)), field, sent)
		}
		for _, name := range []string{"", "outage", "Outage ", "Outag\u0435", inc.ID, strings.Repeat("x", 10000)} {
			assert.Contains(t, string(w.call(409, w.dora, inc.ID, body(name, "archive"))), "Nothing was deleted", name)
		}
		w.call(413, w.dora, inc.ID, body(strings.Repeat("x", 1<<20), "archive"))
		assert.Equal(t, 1, w.events(inc.ID))
		assert.Equal(t, 0, w.count("SELECT COUNT(*) FROM IR_Erasure"))
		assert.Empty(t, w.archived)
		assert.Empty(t, w.told)
	})
}

// A channel that cannot be archived is archived later. Jobs that remove what a request has left behind are done; others are gone.
func TestErase_Jobs(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		inc := w.start("Outage")
		now := time.Now().UnixMilli()
		for kind, key := range map[string]string{app.JobDeletePost: "post", app.JobAnnouncement: "event"} {
			require.NoError(t, w.store.Jobs().Add(t.Context(), jobs.Job{ID: model.NewId(), Kind: kind, Key: key, IncidentID: inc.ID, DueAt: now, NextAttemptAt: now, CreateAt: now}))
		}
		w.broken = errors.New("Mattermost is busy")
		w.call(200, w.dora, inc.ID, body("Outage", "archive"))
		assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Job WHERE IncidentID = ?", inc.ID))
		assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Job WHERE IncidentID = ? AND JobKey = 'post'", inc.ID))
		due, err := w.store.Jobs().Due(t.Context(), jobs.Query{Kind: jobArchive, Now: time.Now().Add(time.Minute).UnixMilli(), Limit: 10})
		require.NoError(t, err)
		require.Len(t, due, 1)
		assert.Equal(t, "Mattermost is busy", due[0].LastError)
		assert.Error(t, w.erase.archiveLater(t.Context(), due[0]))
		w.broken = incident.NewError(incident.NotFound, "gone", "gone")
		assert.NoError(t, w.erase.archiveLater(t.Context(), due[0]))
		w.broken = nil
		assert.NoError(t, w.erase.archiveLater(t.Context(), due[0]))
		assert.Equal(t, []string{inc.ChannelID}, w.archived)
	})
}

// Two administrators at once, beside people who change the incident: one record, and each change is made or finds no incident.
func TestErase_BesideChanges(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		inc := w.start("Outage")
		var wait sync.WaitGroup
		for n := range 8 {
			wait.Go(func() {
				for range 5 {
					_, err := w.store.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: w.anna, At: time.Now().UnixMilli()},
						func(i *incident.Incident) (*incident.ChangeSet, error) {
							return i.AddTask(incident.At(0), incident.Task{Title: fmt.Sprint("Task ", n)})
						})
					assert.True(t, err == nil || incident.IsKind(err, incident.NotFound), "%v", err)
				}
			})
		}
		records := make([]Record, 2)
		for n := range records {
			wait.Go(func() {
				assert.NoError(t, json.Unmarshal(w.call(200, w.dora, inc.ID, body("Outage", "archive")), &records[n]))
			})
		}
		wait.Wait()
		assert.Equal(t, records[0], records[1])
		assert.Equal(t, 0, w.events(inc.ID))
		assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Erasure"))
		assert.Equal(t, []string{inc.ChannelID}, w.archived)
	})
}

// An error within the transaction undoes all of it.
func TestErase_IsWholeOrNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		inc := w.start("Outage")
		broken := errors.New("broken on purpose")
		w.store.Register(capability.Schema{Capability: "erase", Tables: tables, Migrations: migrations,
			Erase: func(ctx context.Context, tx app.Tx, id string) error {
				_, err := tx.Exec(ctx, tx.Builder().Delete("IR_Event").Where("IncidentID = ?", id))
				return errors.Join(err, broken)
			}})
		w.call(500, w.dora, inc.ID, body("Outage", "archive"))
		assert.Equal(t, 1, w.events(inc.ID))
		assert.Equal(t, 0, w.count("SELECT COUNT(*) FROM IR_Erasure"))
		assert.Empty(t, w.archived)
	})
}

// A channel that was there before, or has other incidents, is not archived with one of them.
func TestErase_LeavesTheChannelOfOthers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		made := w.start("Made the channel")
		_, err := w.store.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: made.ID, ActorID: w.anna, At: 1}, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(2) })
		require.NoError(t, err)
		later := incident.Incident{ID: model.NewId(), Name: "Later", IsActive: true, CommanderUserID: w.anna, TeamID: made.TeamID, ChannelID: made.ChannelID, CreateAt: 2000, ExistingChannel: true}
		_, _, err = w.store.Incidents().Create(t.Context(), later, w.anna, "", 2000, app.Extensions{})
		require.NoError(t, err)
		for _, inc := range []incident.Incident{made, later} {
			assert.Contains(t, string(w.call(409, w.dora, inc.ID, body(inc.Name, "archive"))), "erase.channel")
			assert.NotZero(t, w.events(inc.ID))
		}
		w.call(200, w.dora, later.ID, body("Later", "leave"))
		assert.Empty(t, w.archived)
		w.call(200, w.dora, made.ID, body("Made the channel", "archive"))
		assert.Equal(t, []string{made.ChannelID}, w.archived)
	})
}
