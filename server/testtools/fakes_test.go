package testtools

import (
	"context"
	"fmt"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command/commandtest"
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

// toolsFixture is everything around the test tools of one test.
type toolsFixture struct {
	commandtest.Typist
	svc     *fakeService
	host    *commandtest.Host
	log     *commandtest.Log
	handler *command.Handler
}

func newToolsFixture() *toolsFixture {
	w := &toolsFixture{svc: &fakeService{}, log: &commandtest.Log{}, host: commandtest.NewHost()}
	w.Typist.Host = w.host
	w.use(w.svc)
	return w
}

// use makes the tools work on a service.
func (w *toolsFixture) use(svc Service) {
	t := &tools{svc: svc, host: w.host, log: w.log, database: w.svc}
	w.handler = command.New(forCommands{svc: w.svc}, nil, w.host, w.log, "plugin", t.commands()...)
	w.Handler = w.handler
}
