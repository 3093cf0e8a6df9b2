package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Ids of the fuzz tests: anna is in the incident's channel, boris is not, the root user is administrator.
const (
	anna, boris, root      = "anna1111111111111111111111", "boris111111111111111111111", "root1111111111111111111111"
	aTeam                  = "team1111111111111111111111"
	aChannel, otherChannel = "channel1111111111111111111", "other111111111111111111111"
	own, foreign           = "incident111111111111111111", "foreign1111111111111111111"
	ownBook, foreignBook   = "playbook111111111111111111", "otherbook11111111111111111"
	wide                   = "wide1111111111111111111111"
	anEvent                = "event111111111111111111111"
	aHandoff               = "handoff1111111111111111111"
)

// someLevels are levels of severity.
const someLevels = `[{"key":"SEV1","name":"Critical","description":"","color":"red","update_seconds":1800},{"key":"SEV2","name":"Low","description":"","color":"grey","update_seconds":0}]`

// someRoles are the roles of an incident, and a handoff to anna that nobody has answered.
const someRoles = `{"roles":[{"key":"comms","name":"Communications","description":"","holder_id":"` + anna + `","since":5},{"key":"scribe","name":"Scribe","description":"","holder_id":"","since":0}],` +
	`"handoff":{"id":"` + aHandoff + `","to_user_id":"` + anna + `","by_user_id":"` + root + `","at":5,"expires_at":9000000000000}}`

// memoryPlugin is the whole server part on a Mattermost and a database that are kept in memory.
type memoryPlugin struct {
	app.Host      // what is not kept here must not be called
	app.Incidents // likewise
	books         memoryBooks
	incidents     map[string]*incident.Incident
	posts         map[string]*model.Post
	kv            map[string][]byte
	errors        []string
	handler       http.Handler
	commands      *command.Handler
	service       *app.Service
	started       int
}

type memoryBooks map[string]playbook.Playbook

// newMemoryPlugin takes a long time, because of the patterns of all routes. See reset.
func newMemoryPlugin() *memoryPlugin {
	w := &memoryPlugin{books: memoryBooks{}}
	w.reset()
	w.service = app.New(w, w.books, jobstest.New(), w, w, manifestID)
	w.service.Subscriptions = &memorySubscriptions{}
	capabilities := all.Plug(&capability.Core{PluginID: manifestID, Service: w.service, Rules: w.service.Rules(), Incidents: w, Jobs: jobstest.New(), Host: w, Log: w, Database: noRows{}})
	dialogs := dialog.New(w.service, w, manifestID, capabilities.StartFields)
	dialogs.EndFields = capabilities.EndFields
	capabilities.Join(w.service)
	w.handler = api.New(w.service, w, api.WithCapabilities(capabilities))
	w.commands = command.New(w.service, dialogs, w, w, manifestID, capabilities.Commands()...)
	return w
}

// reset stores what a new memoryPlugin has, in place of what was changed.
func (w *memoryPlugin) reset() {
	w.incidents, w.posts, w.kv, w.errors, w.started = map[string]*incident.Incident{}, map[string]*model.Post{}, map[string][]byte{}, nil, 0
	clear(w.books)
	stages := func() []incident.Stage {
		return []incident.Stage{
			{ID: model.NewId(), Title: "One", Tasks: []incident.Task{{ID: model.NewId(), Title: "a", Command: "/echo"}, {ID: model.NewId(), Title: "b"}}},
			{ID: model.NewId(), Title: "Two", Tasks: []incident.Task{{ID: model.NewId(), Title: "c"}}},
		}
	}
	for id, channel := range map[string]string{own: aChannel, foreign: otherChannel} {
		w.incidents[id] = &incident.Incident{ID: id, Name: "Name", Description: "d", IsActive: true, CommanderUserID: anna, TeamID: aTeam, ChannelID: channel, CreateAt: 5,
			PostID: "p", PlaybookID: ownBook, Checklists: stages(), ActiveStageTitle: "One", BroadcastChannelID: wide, ReminderMessageTemplate: "t", Revision: 1,
			Own: incident.Own{"severity": json.RawMessage(`{"key":"SEV2","levels":` + someLevels + `}`), "roles": json.RawMessage(someRoles)}}
	}
	for id, members := range map[string][]string{ownBook: {anna, root}, foreignBook: {"nobody"}} {
		w.books[id] = playbook.Playbook{ID: id, Title: "Book", TeamID: aTeam, CreateAt: 7, MemberIDs: members, Checklists: stages(), NumStages: 2, NumSteps: 3,
			Own: incident.Own{"severity": json.RawMessage(`{"default":"SEV2","levels":` + someLevels + `}`)}}
	}
}

// The log: errors are what would have been internal.
func (w *memoryPlugin) Debug(string, ...interface{}) {}
func (w *memoryPlugin) Info(string, ...interface{})  {}
func (w *memoryPlugin) Warn(string, ...interface{})  {}
func (w *memoryPlugin) Error(msg string, pairs ...interface{}) {
	w.errors = append(w.errors, msg+fmt.Sprintln(pairs...))
}

// The database of incidents.
func (w *memoryPlugin) Header(_ context.Context, id, viewerID string) (app.Header, error) {
	i := w.incidents[id]
	if i == nil {
		return app.Header{}, incident.ErrNotFound
	}
	h := app.Header{ID: id, TeamID: i.TeamID, ChannelID: i.ChannelID, ViewerName: viewerID}
	if c, err := w.Channel(i.ChannelID); err == nil {
		h.Public, h.ChannelTeamID = c.Type == model.CHANNEL_OPEN, c.TeamId
	}
	h.Joined, _ = w.IsChannelMember(i.ChannelID, viewerID)
	return h, nil
}
func (w *memoryPlugin) View(ctx context.Context, id, viewerID string) (app.Header, *incident.Incident, error) {
	h, err := w.Header(ctx, id, viewerID)
	if err != nil || !h.Public && !h.Joined {
		return h, nil, err
	}
	i := w.incidents[id].Clone()
	return h, &i, nil
}
func (w *memoryPlugin) ViewByChannel(ctx context.Context, channelID, viewerID string) (app.Header, *incident.Incident, error) {
	for _, i := range w.incidents {
		if i.ChannelID == channelID {
			return w.View(ctx, i.ID, viewerID)
		}
	}
	return app.Header{}, nil, incident.ErrNotFound
}
func (w *memoryPlugin) OngoingIn(_ context.Context, channelID string) (incident.Incident, bool, error) {
	for _, i := range w.incidents {
		if i.ChannelID == channelID && i.IsActive {
			return i.Clone(), true, nil
		}
	}
	return incident.Incident{}, false, nil
}

func (w *memoryPlugin) ViewMetadata(ctx context.Context, id, viewerID string) (app.Header, *app.Metadata, error) {
	h, err := w.Header(ctx, id, viewerID)
	return h, &app.Metadata{}, err
}
func (w *memoryPlugin) Get(_ context.Context, id string) (incident.Incident, error) {
	i := w.incidents[id]
	if i == nil {
		return incident.Incident{}, incident.ErrNotFound
	}
	return i.Clone(), nil
}
func (w *memoryPlugin) FindByKey(context.Context, string, string) (incident.Incident, bool, error) {
	return incident.Incident{}, false, nil
}
func (w *memoryPlugin) Create(_ context.Context, i incident.Incident, actorID, _ string, now int64, _ app.Extensions) (incident.Incident, *incident.Event, error) {
	w.started++
	i.Revision = 1
	w.incidents[i.ID] = &i
	return i.Clone(), &incident.Event{ID: model.NewId(), IncidentID: i.ID, Revision: 1, ActorID: actorID, CreateAt: now, Payload: incident.Started{CommanderUserID: i.CommanderUserID}}, nil
}
func (w *memoryPlugin) Update(_ context.Context, r app.UpdateRequest, fn func(*incident.Incident) (*incident.ChangeSet, error)) (app.Change, error) {
	id := r.IncidentID
	row := w.incidents[id]
	if row == nil {
		return app.Change{}, incident.ErrNotFound
	}
	fresh, before := row.Clone(), row.Clone()
	set, err := fn(&fresh)
	if err != nil || set == nil {
		return app.Change{Before: before, After: before}, err
	}
	fresh.Revision++
	if set.StatusPostID != "" {
		fresh.StatusPosts = append(fresh.StatusPosts, incident.StatusPost{ID: set.StatusPostID, CreateAt: 1})
		fresh.StatusPostIDs = append(fresh.StatusPostIDs, set.StatusPostID)
	}
	incident.FillIDs(fresh.Checklists)
	w.incidents[id] = &fresh
	return app.Change{Before: before, After: fresh.Clone(), Event: &incident.Event{ID: model.NewId(), IncidentID: id, Revision: fresh.Revision,
		ActorID: r.ActorID, CreateAt: r.At, Payload: set.Payload, PostID: set.PostID}}, nil
}
func (w *memoryPlugin) AttachPost(_ context.Context, committed incident.Incident, _, _ string, fn func(*incident.Incident) bool) (incident.Incident, error) {
	id := committed.ID
	if fn(w.incidents[id]) {
		w.incidents[id].PostRevision++
	}
	return w.incidents[id].Clone(), nil
}
func (w *memoryPlugin) EventSizes(context.Context, string, int) ([]app.EventSize, error) {
	return nil, nil
}
func (w *memoryPlugin) EventsBetween(context.Context, string, int64, int64) ([]incident.Event, error) {
	return nil, nil
}
func (w *memoryPlugin) EventPage(_ context.Context, id string, _ app.EventFilter) ([]incident.Event, error) {
	e, err := w.Event(context.Background(), id, anEvent)
	return []incident.Event{e}, err
}
func (w *memoryPlugin) Event(_ context.Context, incidentID, eventID string) (incident.Event, error) {
	if eventID != anEvent {
		return incident.Event{}, incident.ErrNotFound
	}
	return incident.Event{ID: anEvent, IncidentID: incidentID, Revision: 1, ActorID: anna, CreateAt: 5, Payload: incident.Started{CommanderUserID: anna}}, nil
}
func (w *memoryPlugin) File(string) ([]byte, error) { return []byte("file"), nil }
func (w *memoryPlugin) GetMany(context.Context, []string) (map[string]incident.Incident, error) {
	return map[string]incident.Incident{own: *w.incidents[own]}, nil
}
func (w *memoryPlugin) ViewerRoles(context.Context, string, string) ([]app.ViewerRole, error) {
	return nil, nil
}

func (w *memoryPlugin) NewMembersMay(context.Context, string, string) (bool, error) { return true, nil }

func (w *memoryPlugin) MemberGroups(context.Context, string) ([]app.MemberGroup, error) {
	return nil, nil
}

func (w *memoryPlugin) TeamAccess(context.Context, string, string) (app.TeamAccess, error) {
	return app.TeamAccess{}, nil
}
func (w *memoryPlugin) List(context.Context, app.Filter) ([]app.Listed, int, error) {
	return []app.Listed{{Incident: *w.incidents[own]}, {Incident: *w.incidents[own], Partial: true}}, 2, nil
}
func (w *memoryPlugin) ChannelIDs(context.Context, app.Filter) ([]string, error) { return nil, nil }
func (w *memoryPlugin) Commanders(context.Context, app.Filter) ([]app.CommanderInfo, error) {
	return nil, nil
}
func (w *memoryPlugin) Reach(context.Context, string) (app.Reach, error) { return app.Reach{}, nil }
func (w *memoryPlugin) Metadata(context.Context, string) (app.Metadata, error) {
	return app.Metadata{}, nil
}

// noRows is the database of the capabilities. It is empty.
type noRows struct{}

func (noRows) Postgres() bool                                        { return true }
func (noRows) Builder() sq.StatementBuilderType                      { return sq.StatementBuilder }
func (noRows) Select(context.Context, interface{}, sq.Sqlizer) error { return nil }
func (noRows) Exec(context.Context, sq.Sqlizer) (int64, error)       { return 0, nil }
func (noRows) SelectPrepared(context.Context, interface{}, sq.Sqlizer) error {
	return nil
}
func (noRows) VisibleIncidents(app.Visible) sq.Sqlizer { return sq.Expr("true") }
func (noRows) Nuke(context.Context) error              { return nil }
func (noRows) Erase(context.Context, string, []string, func(capability.Transaction, incident.Incident) error) error {
	return incident.ErrNotFound
}
func (d noRows) InTransaction(_ context.Context, fn func(tx capability.Transaction) error) error {
	return fn(noTx{d})
}

// noTx is a transaction of noRows.
type noTx struct{ noRows }

func (noTx) Exec(context.Context, ...sq.Sqlizer) (int64, error) { return 0, nil }
func (noTx) InsertJob(jobs.Job) sq.Sqlizer                      { return sq.Expr("") }
func (noTx) DropJob(string, string) sq.Sqlizer                  { return sq.Expr("") }
func (noTx) CompleteJob(context.Context, string) error          { return nil }
func (noTx) SetJob(context.Context, string, string, *jobs.Job, ...sq.Sqlizer) error {
	return nil
}

// The database of playbooks.
func (b memoryBooks) GetAny(_ context.Context, id string) (playbook.Playbook, error) {
	p, ok := b[id]
	if !ok {
		return p, app.ErrPlaybookNotFound
	}
	return p, nil
}
func (b memoryBooks) View(ctx context.Context, id, _ string) (playbook.Playbook, bool, error) {
	p, err := b.GetAny(ctx, id)
	if err == nil && p.DeleteAt != 0 {
		return playbook.Playbook{}, false, app.ErrPlaybookNotFound
	}
	return p, false, err
}
func (b memoryBooks) Create(_ context.Context, p playbook.Playbook, _ int) error {
	b[p.ID] = p
	return nil
}
func (b memoryBooks) Update(ctx context.Context, id string, fn func(*playbook.Playbook) error) error {
	p, _, err := b.View(ctx, id, "")
	if err == nil {
		err = fn(&p)
	}
	if err == nil {
		b[id] = p
	}
	return err
}
func (b memoryBooks) Delete(_ context.Context, id string, now int64) error {
	p := b[id]
	p.DeleteAt = now
	b[id] = p
	return nil
}
func (b memoryBooks) List(context.Context, app.PlaybookFilter) ([]playbook.Playbook, int, error) {
	return []playbook.Playbook{b[ownBook]}, 1, nil
}

// Mattermost.
func (w *memoryPlugin) HasPermission(userID string, _ *model.Permission) bool { return userID == root }
func (w *memoryPlugin) HasPermissionToTeam(userID, teamID string, _ *model.Permission) bool {
	return (userID == anna || userID == boris || userID == root) && teamID == aTeam
}
func (w *memoryPlugin) HasPermissionToChannel(userID, channelID string, _ *model.Permission) bool {
	return userID == root || userID == anna && channelID != otherChannel
}
func (w *memoryPlugin) ServerVersion() string { return "5.39.3" }
func (w *memoryPlugin) IsChannelMember(channelID, userID string) (bool, error) {
	return userID == anna && channelID != otherChannel, nil
}
func (w *memoryPlugin) IsTeamMember(teamID, userID string) (bool, error) {
	return w.HasPermissionToTeam(userID, teamID, nil), nil
}
func (w *memoryPlugin) User(id string) (*model.User, error) {
	if id != anna && id != boris && id != root {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such user")
	}
	return &model.User{Id: id, Username: id[:4]}, nil
}
func (w *memoryPlugin) UserByUsername(name string) (*model.User, error) {
	return w.User(map[string]string{"anna": anna, "boris": boris}[name])
}
func (w *memoryPlugin) DirectChannel(string) (*model.Channel, error) {
	return &model.Channel{Id: "direct11111111111111111111", Type: model.CHANNEL_DIRECT}, nil
}
func (w *memoryPlugin) FindPost(context.Context, string, string, int64, string) (string, error) {
	return "", nil
}
func (w *memoryPlugin) Locale(string) string  { return "en" }
func (w *memoryPlugin) DefaultLocale() string { return "en" }
func (w *memoryPlugin) Team(id string) (*model.Team, error) {
	return &model.Team{Id: id, Name: "team"}, nil
}
func (w *memoryPlugin) Channel(id string) (*model.Channel, error) {
	return &model.Channel{Id: id, TeamId: aTeam, Type: model.CHANNEL_PRIVATE, Name: "channel", DisplayName: "Channel"}, nil
}
func (w *memoryPlugin) ChannelByName(_, name string) (*model.Channel, error) {
	if name != "wide" {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such channel")
	}
	return w.Channel(wide)
}
func (w *memoryPlugin) CreateChannel(c *model.Channel) (*model.Channel, *model.AppError) {
	made := *c
	made.PreSave()
	if err := made.IsValid(); err != nil { // as Mattermost does
		return nil, err
	}
	return &made, nil
}
func (w *memoryPlugin) ArchiveChannel(string) error               { return nil }
func (w *memoryPlugin) AddToChannel(string, string, string) error { return nil }
func (w *memoryPlugin) Post(id string) (*model.Post, error) {
	if p := w.posts[id]; p != nil {
		return p, nil
	}
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such post")
}
func (w *memoryPlugin) CreatePost(p *model.Post) (*model.Post, error) {
	made := p.Clone()
	made.PreSave()
	if err := made.IsValid(model.POST_MESSAGE_MAX_RUNES_V2); err != nil {
		w.Error("a post that Mattermost refuses", "error", err.Error())
		return nil, err
	}
	if p.UserId == w.BotID() && !utf8.ValidString(p.Message) {
		w.Error("a post that is not UTF-8", "message", p.Message)
	}
	w.posts[made.Id] = made
	return made, nil
}
func (w *memoryPlugin) DeletePost(id string) error {
	delete(w.posts, id)
	return nil
}
func (w *memoryPlugin) Ephemeral(string, *model.Post) {}
func (w *memoryPlugin) RunCommand(*model.CommandArgs) (*model.CommandResponse, error) {
	return &model.CommandResponse{}, nil
}
func (w *memoryPlugin) OpenDialog(_, path string, d model.Dialog) error {
	if len(d.Title) > 24 { // Mattermost's limit
		w.Error("a dialog's title is too long", "title", d.Title, "path", path)
	}
	return nil
}
func (w *memoryPlugin) Publish(_ string, payload map[string]interface{}, _ *model.WebsocketBroadcast) {
	if text, _ := payload["payload"].(string); !json.Valid([]byte(text)) {
		w.Error("a websocket payload that is not JSON", "payload", text)
	}
}
func (w *memoryPlugin) Session(string) (*model.Session, error) {
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such session")
}
func (w *memoryPlugin) Config() *model.Config {
	c, yes := &model.Config{}, true
	c.ServiceSettings.EnableTesting = &yes
	return c
}
func (w *memoryPlugin) KVGet(key string) ([]byte, error) { return w.kv[key], nil }
func (w *memoryPlugin) KVCompareAndSet(key string, old, value []byte) (bool, error) {
	if stored, there := w.kv[key]; there != (len(old) > 0) || string(stored) != string(old) {
		return false, nil
	}
	w.kv[key] = value
	return true, nil
}
func (w *memoryPlugin) BotID() string { return "botttttttttttttttttttttttt" }

// request sends one request; internal errors and panics fail the test.
func (w *memoryPlugin) request(t *testing.T, user, method, path string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "/", strings.NewReader(string(body)))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut("/api/v0"+path, "?")
	if user != "" {
		r.Header.Set("Mattermost-User-ID", user)
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	if answer.Code >= 500 {
		t.Fatalf("%s %s answered %d: %s %v", method, path, answer.Code, answer.Body, w.errors)
	}
	if content := answer.Body.Bytes(); strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") && !json.Valid(content) {
		t.Fatalf("%s %s answered what is not JSON: %s", method, path, content)
	}
	return answer
}

// fixed are the fields of all incidents and playbooks that nobody can change, and all of what anna may not touch.
func (w *memoryPlugin) fixed() string {
	i, p := w.incidents[own], w.books[ownBook]
	other, _ := json.Marshal([]interface{}{w.incidents[foreign], w.books[foreignBook]})
	return fmt.Sprint(i.ID, i.Name, i.Description, i.TeamID, i.ChannelID, i.CreateAt, i.DeleteAt, i.PostID, i.PlaybookID, i.BroadcastChannelID, i.ReminderMessageTemplate,
		p.ID, p.TeamID, p.CreateAt, string(other))
}

// sound fails the test if an incident is in a state in which it must never be, or something was logged as an error.
func (w *memoryPlugin) sound(t *testing.T, fixed string) {
	t.Helper()
	if len(w.errors) > 0 {
		t.Fatalf("%q", w.errors)
	}
	if now := w.fixed(); now != fixed {
		t.Fatalf("what must not change was\n%s\nand is\n%s", fixed, now)
	}
	for _, i := range w.incidents {
		if i.Revision < 1 || i.DeleteAt != 0 || len(i.Checklists) > incident.MaxStages || i.IsActive != (i.EndAt == 0) || i.PreviousReminder < 0 || i.PreviousReminder > incident.MaxReminderSeconds*1e9 {
			t.Fatalf("an incident is not sound: %+v", i)
		}
		seen, tasks := map[string]bool{}, 0
		for _, stage := range i.Checklists {
			for _, task := range stage.Tasks {
				tasks++
				if len(task.ID) != 26 || seen[task.ID] || !task.State.Valid() || incident.CheckTask("", task.Title, task.Command, task.Description) != nil {
					t.Fatalf("a task is not sound: %+v", task)
				}
				seen[task.ID] = true
			}
		}
		if tasks > incident.MaxTasks {
			t.Fatalf("%d tasks", tasks)
		}
	}
	for _, p := range w.books {
		if p.Clean() != nil || p.NumStages != int64(len(p.Checklists)) {
			t.Fatalf("a playbook is not sound: %+v", p)
		}
		for _, stage := range p.Checklists {
			for _, task := range stage.Tasks {
				if task.State != incident.Open || task.StateModified != 0 || task.AssigneeID != "" {
					t.Fatalf("a playbook's task has a state: %+v", task)
				}
			}
		}
	}
}

// memorySubscriptions keeps subscriptions in memory.
type memorySubscriptions struct{ rows []app.Subscription }

func (m *memorySubscriptions) Add(_ context.Context, sub app.Subscription, _ int64, _ int) error {
	m.rows = append(m.rows, sub)
	return nil
}
func (m *memorySubscriptions) List(context.Context, app.SubscriptionFilter) ([]app.Subscription, int, error) {
	return m.rows, len(m.rows), nil
}
func (m *memorySubscriptions) Delete(_ context.Context, id, _ string) (bool, error) {
	n := len(m.rows)
	m.rows = slices.DeleteFunc(m.rows, func(row app.Subscription) bool { return row.ID == id })
	return len(m.rows) < n, nil
}
