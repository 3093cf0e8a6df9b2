package command

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command/commandtest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// fakeService answers with what the test sets and notes what is changed. What is not faked must not be called.
type fakeService struct {
	Service
	byChannel func(userID, channelID string) (incident.Incident, error)
	list      func(f app.Filter) (app.Page, error)
	announce  func(name string) error
	admin     bool
	fail      error // of every change
	done      []string
	facts     []app.Fact
}

func (f *fakeService) Facts(*incident.Incident, *i18n.Language) []app.Fact { return f.facts }

func (f *fakeService) note(format string, args ...interface{}) error {
	f.done = append(f.done, fmt.Sprintf(format, args...))
	return f.fail
}
func (f *fakeService) IsAdmin(string) bool { return f.admin }
func (f *fakeService) IncidentByChannel(_ context.Context, userID, channelID string) (incident.Incident, error) {
	return f.byChannel(userID, channelID)
}
func (f *fakeService) ListIncidents(_ context.Context, _ string, filter app.Filter) (app.Page, error) {
	return f.list(filter)
}
func (f *fakeService) Restart(_ context.Context, _, id string) error { return f.note("restart %s", id) }
func (f *fakeService) SetCommanderByName(_ context.Context, _, id, target string) error {
	return f.note("commander %s %s", id, target)
}
func (f *fakeService) MoveToStage(_ context.Context, _, id string, from *int, to int) error {
	return f.note("stage %s %d>%d", id, *from, to)
}
func (f *fakeService) AnnounceInChannel(_ context.Context, _ string, inc incident.Incident, name string) error {
	_ = f.note("announce %s %s", inc.ID, name)
	return f.announce(name)
}
func (f *fakeService) ToggleTask(_ context.Context, _, id string, stage, task incident.Ref) error {
	return f.note("toggle %s %+v %+v", id, stage, task)
}

type fakeDialogs struct {
	opened []string
	fail   error
}

func (f *fakeDialogs) note(format string, args ...interface{}) error {
	f.opened = append(f.opened, fmt.Sprintf(format, args...))
	return f.fail
}
func (f *fakeDialogs) OpenStart(_ context.Context, userID, teamID, _, triggerID, clientID, postID, sessionID string) error {
	return f.note("start %s %s %s client=%s post=%s session=%s", userID, teamID, triggerID, clientID, postID, sessionID)
}
func (f *fakeDialogs) OpenEnd(_ context.Context, userID, id, triggerID string) error {
	return f.note("end %s %s %s", userID, id, triggerID)
}
func (f *fakeDialogs) OpenNextStage(_ context.Context, userID, id, triggerID string, from, to int) error {
	return f.note("next %s %s %s %d>%d", userID, id, triggerID, from, to)
}

// commandFixture is everything around the commands of one test.
type commandFixture struct {
	commandtest.Typist
	svc     *fakeService
	dialogs *fakeDialogs
	host    *commandtest.Host
	log     *commandtest.Log
	handler *Handler
	// ran are the sub-commands of the capability that were run.
	ran []string
}

// capabilities are the sub-commands of a capability.
func (w *commandFixture) capabilities() []capability.Command {
	run := func(_ context.Context, c *capability.Call) error {
		w.ran = append(w.ran, fmt.Sprint(c.UserId, " ", c.Words, " ", c.Testing))
		if len(c.Words) == 0 {
			c.Help("Say more.")
			return nil
		}
		c.Say("ran")
		return w.svc.fail
	}
	suggestion := func(name string) func() *model.AutocompleteData {
		return func() *model.AutocompleteData { return model.NewAutocompleteData(name, "", name) }
	}
	return []capability.Command{
		{Name: "test", Audience: capability.Testers, Suggestion: suggestion("test"), Run: run, Usage: []capability.Usage{{Arguments: " one", Help: "Test one."}, {Arguments: " two", Help: "Test two."}}},
		{Name: "nuke-db", Audience: capability.Testers, Run: run, Usage: []capability.Usage{{Help: "Delete all."}}},
		{Name: "page", Suggestion: suggestion("page"), Run: run, Usage: []capability.Usage{{Arguments: " @user", Help: "Page a user."}}},
		{Name: "snooze", After: "end", Suggestion: suggestion("snooze"), Usage: []capability.Usage{{Help: "Snooze."}}, Run: func(ctx context.Context, c *capability.Call) error {
			inc, err := c.Incident(ctx)
			if err == nil {
				c.Say(inc.ID)
			}
			return err
		}},
	}
}

// taskID is the id of the second task of the second stage.
var taskID = strings.Repeat("t", 26)

func running() incident.Incident {
	return incident.Incident{
		ID: "inc", Name: "Server *down*", ChannelID: "chan", TeamID: "team", IsActive: true, CommanderUserID: "user",
		CreateAt: model.GetMillis() - 3_660_000,
		Checklists: []incident.Stage{
			{ID: "s0", Title: "First", Tasks: []incident.Task{{ID: "t0", Title: "a", State: incident.Closed}}},
			{ID: "s1", Title: "Second", Tasks: []incident.Task{{ID: "t1", Title: "b"}, {ID: taskID, Title: "c"}}},
		},
	}
}

func newCommandFixture() *commandFixture {
	w := &commandFixture{
		svc: &fakeService{
			byChannel: func(_, channelID string) (incident.Incident, error) {
				if channelID != "chan" {
					return incident.Incident{}, incident.ErrNotFound
				}
				return running(), nil
			},
			announce: func(string) error { return nil },
		},
		dialogs: &fakeDialogs{}, log: &commandtest.Log{}, host: commandtest.NewHost(),
	}
	w.handler = New(w.svc, w.dialogs, w.host, w.log, "plugin", w.capabilities()...)
	w.Typist = commandtest.Typist{Handler: w.handler, Host: w.host, Session: "session"}
	return w
}

// with makes the channel's incident another one.
func (w *commandFixture) with(alter func(inc *incident.Incident)) {
	inc := running()
	alter(&inc)
	w.svc.byChannel = func(string, string) (incident.Incident, error) { return inc, nil }
}

func (w *commandFixture) enableTesting() { w.host.EnableTesting() }

func (w *commandFixture) run(t testing.TB, command string) []*model.Post { return w.Run(t, command) }

func (w *commandFixture) runIn(t testing.TB, command, channelID string) []*model.Post {
	return w.RunIn(t, command, channelID)
}

func (w *commandFixture) says(t testing.TB, command string) string { return w.Says(t, command) }

func (w *commandFixture) quiet(t testing.TB, command string) { w.Quiet(t, command) }

func isHelp(text string) bool { return strings.Contains(text, "/incident announce") }
