//go:build store

package all

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// story is an incident that is played through the REST API, on a real database, with a clock of its own. Mattermost is what a story
// needs of it: people who may do everything, channels and posts.
type story struct {
	app.Host // what is not expected to be called panics
	*plain
	service *app.Service
	http    http.Handler
	at      time.Time

	team                string
	anna, boris, carla  string
	names               map[string]string // of people
	channels            map[string]*model.Channel
	posts               map[string]*model.Post
	incidentID, channel string
}

// day is the day of the story; its hours are UTC.
const day = "2024-05-14 "

// clock sets the time of what happens next.
func (s *story) clock(hour string) int64 {
	at, err := time.Parse("2006-01-02 15:04:05", day+hour)
	require.NoError(s.t, err)
	s.at = at
	return at.UnixMilli()
}

func newStory(t *testing.T, driver testdb.Driver) *story {
	t.Helper()
	d := testdb.NewFixtureDatabase(t, driver)
	db, err := store.Open(string(driver), d.DSN, store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	s := &story{plain: &plain{t: t, bind: sqlx.QUESTION}, team: model.NewId(), anna: model.NewId(), boris: model.NewId(), carla: model.NewId(),
		channels: map[string]*model.Channel{}, posts: map[string]*model.Post{}}
	if db.Postgres() {
		s.bind = sqlx.DOLLAR
	}
	s.db, err = d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.db.Close() })
	s.names = map[string]string{s.anna: "anna.berg", s.boris: "boris.lund", s.carla: "carla.voss", "bot": "incident"}
	s.exec("INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'shop', 'Shop', 0)", s.team)
	for _, id := range []string{s.anna, s.boris, s.carla} {
		s.exec("INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props, DeleteAt) VALUES (?, ?, ?, 'system_user', '{}', '{}', '{}', 0)", id, s.names[id], id+"@example.com")
		s.exec("INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, true, false)", s.team, id)
	}
	s.service = app.New(db.Incidents(), db.Playbooks(), db.Jobs(), s, s, store.DefaultPluginID)
	s.service.Now = func() time.Time { return s.at }
	set := Plug(&capability.Core{PluginID: store.DefaultPluginID, Service: s.service, Rules: s.service.Rules(), Incidents: db.Incidents(), Jobs: db.Jobs(), Host: s, Log: s, Database: db})
	db.Register(set.Schemas()...)
	require.NoError(t, db.Migrate(t.Context()))
	set.Join(s.service)
	s.http = api.New(s.service, s, api.WithCapabilities(set))
	return s
}

// call sends a request of a user about the incident.
func (s *story) call(user, method, path string, body interface{}) []byte {
	s.t.Helper()
	content, err := json.Marshal(body)
	require.NoError(s.t, err)
	r := httptest.NewRequest(method, "/api/v0/incidents/"+s.incidentID+path, strings.NewReader(string(content)))
	r.Header.Set("Mattermost-User-ID", user)
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	require.Less(s.t, w.Code, 300, "%s %s: %s", method, path, w.Body)
	return w.Body.Bytes()
}

type fields map[string]interface{}

// message is posted by a user in the incident's channel.
func (s *story) message(user, text string) string {
	s.t.Helper()
	post, err := s.CreatePost(&model.Post{UserId: user, ChannelId: s.channel, Message: text})
	require.NoError(s.t, err)
	return post.Id
}

// task sets the state of a task.
func (s *story) task(user string, stage, task int, state string) {
	s.t.Helper()
	s.call(user, "PUT", fmt.Sprintf("/checklists/%d/item/%d/state", stage, task), fields{"new_state": state})
}

func (s *story) update(user, text string) {
	s.t.Helper()
	s.call(user, "POST", "/update-status-dialog", fields{"submission": fields{"message": text, "reminder": "1800"}})
}

// play tells of payments that fail after a release.
func (s *story) play() {
	s.t.Helper()
	s.clock("09:02:10")
	title := func(titles ...string) (tasks []incident.Task) {
		for _, t := range titles {
			tasks = append(tasks, incident.Task{Title: t})
		}
		return tasks
	}
	level := func(key, name string, seconds int) fields {
		return fields{"key": key, "name": name, "description": "", "color": "orange", "update_seconds": seconds}
	}
	var own incident.Own
	own.Store("severity", fields{"levels": []fields{level("SEV1", "Critical", 1800), level("SEV2", "High", 3600), level("SEV3", "Low", 0)}, "default": "SEV2"})
	own.Store("roles", []fields{{"key": "communications", "name": "Communications", "description": "Tells support and customers.", "default": fields{"kind": "starter"}}})
	book, err := s.service.CreatePlaybook(context.Background(), s.anna, playbook.Playbook{Title: "Outage", TeamID: s.team, MemberIDs: []string{s.anna}, CreatePublicIncident: true, Own: own,
		Checklists: []incident.Stage{
			{Title: "Find the cause", Tasks: title("Look at the dashboards", "Ask who has changed something")},
			{Title: "Mitigate", Tasks: title("Roll back the last release", "Tell support what to say")},
			{Title: "Clean up", Tasks: title("Pay back what was charged twice", "Write down what is left to do")},
		}})
	require.NoError(s.t, err)
	inc, err := s.service.Start(context.Background(), app.StartRequest{RequesterID: s.anna, CommanderID: s.anna, TeamID: s.team, PlaybookID: book,
		Name: "Payments fail", Description: "Customers see an error page when they pay. The shop itself works."})
	require.NoError(s.t, err)
	s.incidentID, s.channel = inc.ID, inc.ChannelID
	for _, id := range []string{s.boris, s.carla} {
		require.NoError(s.t, s.AddToChannel(s.channel, id, s.anna))
	}

	s.clock("09:03:30")
	before := s.clock("08:55:00")
	s.clock("09:03:40")
	s.call(s.carla, "POST", "/timeline", fields{"text": "The first customer calls: paying ends with error 502.", "happened_at": before, "starred": true})
	s.clock("09:04:20")
	cause := s.message(s.boris, "It began with release 412, deployed at 08:50. Requests to the payment provider time out.")
	s.clock("09:05:00")
	s.call(s.anna, "POST", "/timeline", fields{"post_id": cause, "starred": true})
	s.clock("09:05:30")
	s.call(s.anna, "PUT", "/severity", fields{"severity": "SEV1", "reason": "No payment succeeds."})
	s.call(s.anna, "PUT", "/roles/communications", fields{"user_id": s.carla})
	s.clock("09:06:15")
	s.task(s.boris, 0, 0, "closed")
	s.call(s.anna, "PUT", "/checklists/0/item/1/assignee", fields{"assignee_id": s.boris})
	edited := s.clock("09:08:50")
	s.exec("UPDATE Posts SET Message = ?, EditAt = ? WHERE Id = ?", "It began with release 411, deployed at 08:50. Requests to the payment provider time out.", edited, cause)
	s.call(s.anna, "GET", "/timeline", nil)
	s.clock("09:09:30")
	s.task(s.boris, 0, 1, "closed")
	s.clock("09:10:00")
	s.update(s.anna, "We know the cause: release 411 calls the payment provider by its old address. We roll it back. Expect 15 minutes.")
	s.clock("09:10:20")
	s.call(s.anna, "PATCH", "", fields{"active_stage": 1})
	s.clock("09:11:00")
	s.task(s.boris, 1, 0, "in_progress")
	s.clock("09:13:00")
	s.task(s.carla, 1, 1, "closed")
	s.clock("09:15:00")
	s.call(s.anna, "POST", "/commander", fields{"commander_id": s.boris})
	s.clock("09:21:40")
	s.task(s.boris, 1, 0, "closed")
	s.clock("09:24:00")
	s.call(s.boris, "POST", "/timeline", fields{"text": "The rate of failed payments falls from 38 % to 0.2 %.", "happened_at": s.clock("09:23:00"), "starred": true})
	s.clock("09:30:00")
	s.update(s.boris, "Payments work again since 09:23. We watch them until ten.")
	s.clock("09:30:40")
	s.call(s.boris, "PUT", "/severity", fields{"severity": "SEV3"})
	s.clock("09:34:00")
	charged := s.message(s.carla, "40 customers were charged twice. I have sent the list to accounting.")
	s.clock("09:35:00")
	s.call(s.carla, "POST", "/timeline", fields{"post_id": charged})
	gone := s.clock("09:50:00")
	s.exec("UPDATE Posts SET DeleteAt = ? WHERE Id = ?", gone, charged)
	s.clock("09:52:00")
	s.call(s.boris, "PATCH", "", fields{"active_stage": 2})
	s.call(s.boris, "PUT", "/checklists/2/item/0/assignee", fields{"assignee_id": s.carla})
	s.clock("09:58:00")
	s.task(s.boris, 2, 1, "closed")
	s.clock("10:00:00")
	s.call(s.boris, "PUT", "/end", nil)

	s.clock("10:05:00")
	s.call(s.boris, "POST", "/followups/carry_over", fields{})
	s.call(s.boris, "POST", "/followups", fields{"title": "Alert when the payment provider answers slower than 5 seconds", "link": "https://tracker.example.com/SHOP-812"})
	dropped := s.call(s.boris, "POST", "/followups", fields{"title": "Ask the provider for a status page"})
	var made struct{ ID string }
	require.NoError(s.t, json.Unmarshal(dropped, &made))
	r := httptest.NewRequest("PATCH", "/api/v0/followups/"+made.ID, strings.NewReader(`{"state":"dropped","reason":"they have one: status.example.com"}`))
	r.Header.Set("Mattermost-User-ID", s.boris)
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	require.Equal(s.t, 200, w.Code, w.Body)
	s.lookBack()
}

// lookBack drafts the retrospective, writes what a draft cannot know, and publishes it.
func (s *story) lookBack() {
	s.t.Helper()
	section := func(user, key, text string) {
		s.t.Helper()
		s.call(user, "PATCH", "/retrospective/sections/"+key, fields{"text": text})
	}
	s.clock("11:30:00")
	s.call(s.boris, "POST", "/retrospective/draft", fields{})
	var doc struct {
		Sections []struct{ Key, Text string }
	}
	require.NoError(s.t, json.Unmarshal(s.call(s.anna, "GET", "/retrospective", nil), &doc))
	drafted := map[string]string{}
	for _, d := range doc.Sections {
		drafted[d.Key] = d.Text
	}
	s.clock("11:42:00")
	section(s.anna, "summary", "From 08:50 to 09:23 nobody could pay, because release 411 called the payment provider by an address that it had switched off.\n\n"+drafted["summary"])
	s.clock("11:47:00")
	section(s.carla, "impact", drafted["impact"]+"\n- About 1,900 payments failed. 40 customers were charged twice and get their money back.")
	s.clock("11:55:00")
	section(s.boris, "causes", "- The provider had announced the new address in March. The mail went to somebody who has left.\n- Our tests use a stand-in for the provider, which answers at both addresses.")
	s.clock("12:10:00")
	section(s.boris, "went_well", drafted["went_well"]+"\n- It took two minutes from the start to the cause, since the deployment was on the dashboard.")
	s.clock("14:00:00")
	s.call(s.anna, "POST", "/retrospective/publish", fields{})
}

const (
	exampleFile = "../../../docs/example-report.md"
	exampleHead = "<!-- The Markdown export of an incident, written by TestExampleReport: UPDATE_EXAMPLE=1 RUN=TestExampleReport make test-store -->\n\n"
)

// exported is the line with the time of the export, which is the present one.
var exported = regexp.MustCompile(`(?m)^- \*\*Exported:\*\* .*$`)

// The report of an incident tells its story to somebody who was not there: what happened and when, who decided what, what messages said
// before they were edited and deleted, and what is left to do. It is the same each time, and on both databases.
func TestExampleReport(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			s := newStory(t, driver)
			s.play()
			report := exampleHead + exported.ReplaceAllString(string(s.call(s.carla, "GET", "/export?format=markdown", nil)), "- **Exported:** 2024-05-15 08:00:00 UTC")
			if os.Getenv("UPDATE_EXAMPLE") != "" {
				require.NoError(t, os.WriteFile(filepath.FromSlash(exampleFile), []byte(report), 0o644)) //nolint:gosec // a document
			}
			want, err := os.ReadFile(filepath.FromSlash(exampleFile))
			require.NoError(t, err, "write it first: UPDATE_EXAMPLE=1")
			require.Equal(t, string(want), report)
		})
	}
}

// What the use cases ask of Mattermost.
func (s *story) User(id string) (*model.User, error) {
	if name, known := s.names[id]; known {
		return &model.User{Id: id, Username: name, Roles: model.SYSTEM_USER_ROLE_ID}, nil
	}
	return nil, incident.NewError(incident.NotFound, "story.user", "no such user")
}
func (s *story) Team(id string) (*model.Team, error) {
	return &model.Team{Id: id, Name: "shop", DisplayName: "Shop"}, nil
}
func (s *story) IsTeamMember(string, string) (bool, error)    { return true, nil }
func (s *story) IsChannelMember(string, string) (bool, error) { return true, nil }
func (s *story) HasPermission(string, *model.Permission) bool { return false }
func (s *story) HasPermissionToTeam(string, string, *model.Permission) bool {
	return true
}
func (s *story) HasPermissionToChannel(string, string, *model.Permission) bool {
	return true
}
func (s *story) ServerVersion() string { return "5.39.3" }
func (s *story) Locale(string) string  { return "en" }
func (s *story) DefaultLocale() string { return "en" }
func (s *story) BotID() string         { return "bot" }
func (s *story) Config() *model.Config {
	c := &model.Config{}
	c.SetDefaults()
	return c
}
func (s *story) Channel(id string) (*model.Channel, error) { return s.channels[id], nil }
func (s *story) CreateChannel(c *model.Channel) (*model.Channel, *model.AppError) {
	made := *c
	made.Id = model.NewId()
	s.channels[made.Id] = &made
	at := s.at.UnixMilli()
	s.exec("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, TotalMsgCount) VALUES (?, ?, ?, 0, ?, ?, ?, ?, 48)",
		made.Id, at, at, made.TeamId, made.Type, made.DisplayName, made.Name)
	return &made, nil
}
func (s *story) AddToChannel(channelID, userID, _ string) error {
	s.exec("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES (?, ?, true, false)", channelID, userID)
	s.exec("INSERT INTO ChannelMemberHistory (ChannelId, UserId, JoinTime) VALUES (?, ?, ?)", channelID, userID, s.at.UnixMilli())
	return nil
}
func (s *story) Post(id string) (*model.Post, error) {
	if post := s.posts[id]; post != nil {
		return post, nil
	}
	return nil, incident.NewError(incident.NotFound, "story.post", "no such post")
}
func (s *story) CreatePost(p *model.Post) (*model.Post, error) {
	made := p.Clone()
	made.Id, made.CreateAt = model.NewId(), s.at.UnixMilli()
	s.posts[made.Id] = made
	s.exec("INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, 0, ?, ?, ?, '{}')",
		made.Id, made.CreateAt, made.CreateAt, made.UserId, made.ChannelId, made.Message)
	return made, nil
}
func (s *story) DeletePost(string) error                                           { return nil }
func (s *story) Ephemeral(string, *model.Post)                                     {}
func (s *story) Publish(string, map[string]interface{}, *model.WebsocketBroadcast) {}
func (s *story) Debug(string, ...interface{})                                      {}
func (s *story) Info(string, ...interface{})                                       {}
func (s *story) Warn(msg string, pairs ...interface{})                             { s.t.Errorf("warned: %s %v", msg, pairs) }
func (s *story) Error(msg string, pairs ...interface{})                            { s.t.Errorf("failed: %s %v", msg, pairs) }
