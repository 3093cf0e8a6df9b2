package testtools

import (
	"context"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// fakeService answers with what the test sets and notes what is changed. What is not faked must not be called.
type fakeService struct {
	Service
	start    func(r app.StartRequest) (incident.Incident, error)
	playbook func(id string) (playbook.Playbook, error)
	books    []playbook.Playbook
	admin    bool
	done     []string
	started  []app.StartRequest
}

func (f *fakeService) note(format string, args ...interface{}) error {
	f.done = append(f.done, fmt.Sprintf(format, args...))
	return nil
}
func (f *fakeService) IsAdmin(string) bool { return f.admin }
func (f *fakeService) Start(_ context.Context, r app.StartRequest) (incident.Incident, error) {
	f.started = append(f.started, r)
	return f.start(r)
}
func (f *fakeService) End(_ context.Context, _, id string) error { return f.note("end %s", id) }
func (f *fakeService) Playbook(_ context.Context, _, id string) (playbook.Playbook, error) {
	return f.playbook(id)
}
func (f *fakeService) MemberPlaybooks(context.Context, string, string) ([]playbook.Playbook, error) {
	return f.books, nil
}
func (f *fakeService) Nuke(context.Context) error { return f.note("nuke") }

// forCommands is what /incident itself needs.
type forCommands struct {
	command.Service
	svc *fakeService
}

func (f forCommands) IsAdmin(userID string) bool { return f.svc.IsAdmin(userID) }

type fakeHost struct {
	app.Host
	config   model.Config
	channel  func(id string) (*model.Channel, error)
	shown    []*model.Post
	archived []string
}

func (f *fakeHost) Config() *model.Config { return &f.config }
func (f *fakeHost) BotID() string         { return "bot" }
func (f *fakeHost) Ephemeral(userID string, p *model.Post) {
	if userID != "user" {
		panic("shown to " + userID)
	}
	f.shown = append(f.shown, p)
}
func (f *fakeHost) Channel(id string) (*model.Channel, error) { return f.channel(id) }
func (f *fakeHost) ArchiveChannel(id string) error            { f.archived = append(f.archived, id); return nil }

type fakeLog struct {
	app.Log
	errors, warnings [][]interface{}
}

func (f *fakeLog) Error(msg string, pairs ...interface{}) {
	f.errors = append(f.errors, append([]interface{}{msg}, pairs...))
}
func (f *fakeLog) Warn(msg string, pairs ...interface{}) {
	f.warnings = append(f.warnings, append([]interface{}{msg}, pairs...))
}

// world is everything around the test tools of one test.
type world struct {
	svc     *fakeService
	host    *fakeHost
	log     *fakeLog
	handler *command.Handler
}

func newWorld() *world {
	w := &world{svc: &fakeService{}, log: &fakeLog{},
		host: &fakeHost{channel: func(id string) (*model.Channel, error) { return &model.Channel{Id: id, Name: "name-" + id}, nil }}}
	w.host.config.SetDefaults()
	w.use(w.svc)
	return w
}

// use makes the tools work on a service.
func (w *world) use(svc Service) {
	t := &tools{svc: svc, host: w.host, log: w.log, database: w.svc}
	w.handler = command.New(forCommands{svc: w.svc}, nil, w.host, w.log, "plugin", t.commands()...)
}

func (w *world) enableTesting() {
	yes := true
	w.host.config.ServiceSettings.EnableTesting = &yes
}

// run types a command and returns what the caller is shown.
func (w *world) run(t testing.TB, command string) []*model.Post {
	t.Helper()
	w.host.shown = nil
	response, appErr := w.handler.Execute(context.Background(), &model.CommandArgs{
		UserId: "user", ChannelId: "chan", TeamId: "team", RootId: "root", TriggerId: "trigger", Command: command,
	})
	require.Nil(t, appErr)
	require.Equal(t, &model.CommandResponse{}, response)
	for _, p := range w.host.shown {
		require.Equal(t, []string{"bot", "chan", "root"}, []string{p.UserId, p.ChannelId, p.RootId})
	}
	return w.host.shown
}

// says types a command and returns the only text shown.
func (w *world) says(t testing.TB, command string) string {
	t.Helper()
	shown := w.run(t, command)
	require.Len(t, shown, 1, command)
	return shown[0].Message
}
