package command

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

func TestCommand_Autocomplete(t *testing.T) {
	for _, testing := range []bool{false, true} {
		c := newCommandFixture().handler.Command(testing)
		require.NoError(t, c.AutocompleteData.IsValid())
		require.Equal(t, []interface{}{"incident", "Incident", true, "[command]"}, []interface{}{c.Trigger, c.DisplayName, c.AutoComplete, c.AutoCompleteHint})
		subs := map[string]*model.AutocompleteData{}
		for _, s := range c.AutocompleteData.SubCommands {
			subs[s.Trigger] = s
		}
		for _, name := range []string{"start", "end", "restart", "list", "info"} {
			require.Contains(t, subs, name)
			require.Empty(t, subs[name].Arguments)
			require.Equal(t, model.SYSTEM_USER_ROLE_ID, subs[name].RoleID)
		}
		require.Equal(t, "[next/prev]", subs["stage"].Hint)
		require.True(t, subs["stage"].Arguments[0].Required)
		require.Equal(t, "api/v0/incidents/checklist-autocomplete", subs["check"].Arguments[0].Data.(*model.AutocompleteDynamicListArg).FetchURL)
		require.Equal(t, "[@username]", subs["commander"].Arguments[0].Data.(*model.AutocompleteTextArg).Hint)
		require.NotContains(t, subs, "nuke-db")
		require.NotContains(t, subs, "help")
		require.Equal(t, testing, subs["test"] != nil)
	}
}

func TestAnnounce_TakesPositionsAndTheFlag(t *testing.T) {
	for _, s := range newCommandFixture().handler.Command(false).AutocompleteData.SubCommands {
		if s.Trigger == "announce" {
			require.Empty(t, s.Arguments[0].Name, "the suggestion inserts a flag")
		}
	}
	for _, text := range []string{"~town", "town", "--channel ~town", "--channel=~town", "--channel town ~TOWN", "~town,", "~town , town,"} {
		w := newCommandFixture()
		require.Equal(t, "This incident was announced in ~town.", w.says(t, "/incident announce "+text))
		require.Equal(t, []string{"announce inc town"}, w.svc.done, text)
	}
	for _, text := range []string{"", " --channel", " ~"} {
		help := newCommandFixture().says(t, "/incident announce"+text)
		require.True(t, isHelp(help) && strings.Contains(help, "in which channels"), text)
	}
}

func TestCommand_TriggerInAnyCase(t *testing.T) {
	w := newCommandFixture()
	w.quiet(t, "/Incident end")
	require.Equal(t, []string{"end user inc trigger"}, w.dialogs.opened)
	w.quiet(t, "/other end")
	require.Len(t, w.dialogs.opened, 1)
}

func TestCommand_SubCommandsInAnyCaseAndHelpIsComplete(t *testing.T) {
	w := newCommandFixture()
	w.quiet(t, "/incident Start")
	require.Len(t, w.dialogs.opened, 1)
	for _, text := range []string{"/incident", "/incident help", "/incident nonsense", "/incident HELP x"} {
		help := w.says(t, text)
		for _, s := range newCommandFixture().handler.Command(false).AutocompleteData.SubCommands {
			if s.RoleID != model.SYSTEM_ADMIN_ROLE_ID {
				require.Contains(t, help, "/incident "+s.Trigger)
			}
		}
		require.NotContains(t, help, "nuke")
		require.NotContains(t, help, "support")
	}
	require.Contains(t, w.says(t, "/incident `"+strings.Repeat("x", 100)), "no command `` /incident `"+strings.Repeat("x", 62)+"… ``.")
	require.NotContains(t, w.says(t, "/incident help"), "no command")
	w.svc.admin = true
	require.NotContains(t, w.says(t, "/incident help"), "nuke")
	w.enableTesting()
	require.Contains(t, w.says(t, "/incident help"), "nuke")
}

func TestHelpListsWhatCapabilitiesAdd(t *testing.T) {
	w := newCommandFixture()
	w.svc.admin = true
	w.enableTesting()
	help := w.says(t, "/incident help")
	require.True(t, strings.HasSuffix(help, "* `/incident info` - Show a summary of the incident of this channel.\n"+
		"* `/incident page @user` - Page a user.\n* `/incident test one` - Test one.\n* `/incident test two` - Test two.\n"+
		"* `/incident nuke-db` - Delete all.\n* `/incident help` - Show this list.\n"), help)
	require.Contains(t, help, "* `/incident end` - End the incident of this channel.\n* `/incident snooze` - Snooze.\n* `/incident restart`")
	require.Equal(t, "Commands: start, end, snooze, restart, stage, check, announce, commander, list, info, page, help", w.handler.Command(true).AutoCompleteDesc)
}

func TestSubCommandsOfCapabilities(t *testing.T) {
	w := newCommandFixture()
	require.Equal(t, running().ID, w.says(t, "/incident snooze"))
	require.Equal(t, incident.ErrNoChannel.Message, w.runIn(t, "/incident snooze", "elsewhere")[0].Message)
	require.Equal(t, "ran", w.says(t, "/incident PAGE  @anna now"))
	w.enableTesting()
	require.True(t, strings.HasPrefix(w.says(t, "/incident page"), "Say more.\n\n######"))
	require.Equal(t, []string{"user [@anna now] false", "user [] true"}, w.ran)
	w.svc.fail = incident.ErrNotFound
	shown := w.run(t, "/incident page x")
	require.Len(t, shown, 2)
	require.Equal(t, incident.ErrNotFound.Message, shown[1].Message)
}

// Of one person only so many commands are run at once. Further ones wait; others are not held up.
func TestCommandsOfOnePersonAtOnce(t *testing.T) {
	w := newCommandFixture()
	entered, release := make(chan string, 100), make(chan struct{})
	w.handler.capabilities = []capability.Command{{Name: "slow", Run: func(ctx context.Context, c *capability.Call) error {
		entered <- c.UserId
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	}}}
	var all sync.WaitGroup
	send := func(ctx context.Context, userID string) {
		all.Go(func() {
			_, _ = w.handler.Execute(ctx, &model.CommandArgs{UserId: userID, ChannelId: "chan", Command: "/incident slow"})
		})
	}
	for range maxRunning + 5 {
		send(t.Context(), "user")
	}
	for range maxRunning {
		<-entered
	}
	send(t.Context(), "other")
	require.Equal(t, "other", <-entered, "one more than %d of a person is run", maxRunning)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = w.handler.Execute(gone, &model.CommandArgs{UserId: "user", ChannelId: "chan", Command: "/incident slow"})
	close(release)
	all.Wait()
	require.Len(t, w.host.Shown, 1)
	require.Equal(t, errBusy.Message, w.host.Shown[0].Message)
	require.Len(t, entered, 5)
}

var requestID = regexp.MustCompile("`([a-z0-9]{26})`")

func TestInternalErrorsAreLoggedOnceAndNotShown(t *testing.T) {
	w := newCommandFixture()
	w.svc.fail = errors.New("SECRET cause")
	text := w.says(t, "/incident restart")
	require.NotContains(t, text, "SECRET")
	id := requestID.FindStringSubmatch(text)
	require.NotNil(t, id)
	require.Len(t, w.log.Errors, 1)
	for _, part := range []interface{}{id[1], "user", "/incident restart", "SECRET cause"} {
		require.Contains(t, w.log.Errors[0], part)
	}
}

func TestPanicsAreRecovered(t *testing.T) {
	w := newCommandFixture()
	w.svc.byChannel = func(string, string) (incident.Incident, error) { panic("boom") }
	id := requestID.FindStringSubmatch(w.says(t, "/incident end"))
	require.NotNil(t, id)
	require.Len(t, w.log.Errors, 1)
	require.Contains(t, w.log.Errors[0], "boom")
	require.Contains(t, w.log.Errors[0], id[1])
	_, appErr := w.handler.Execute(context.Background(), nil)
	require.Nil(t, appErr)
}

func TestUserErrorsAreShownAndNotLogged(t *testing.T) {
	w := newCommandFixture()
	w.svc.fail = incident.ErrAlreadyActive
	require.Equal(t, incident.ErrAlreadyActive.Message, w.says(t, "/incident restart"))
	w.dialogs.fail = incident.ErrAlreadyEnded
	for _, name := range []string{"end", "start"} {
		require.Equal(t, incident.ErrAlreadyEnded.Message, w.says(t, "/incident "+name))
	}
	require.Empty(t, w.log.Errors)
}

func TestOutsideOfIncidentChannels(t *testing.T) {
	for _, text := range []string{"end", "snooze", "restart", "stage next", "stage prev", "check 0 0", "check " + taskID, "commander", "commander @boris", "announce ~x", "info"} {
		w := newCommandFixture()
		shown := w.runIn(t, "/incident "+text, "elsewhere")
		require.Len(t, shown, 1, text)
		require.Equal(t, incident.ErrNoChannel.Message, shown[0].Message, text)
		require.Empty(t, w.svc.done)
		require.Empty(t, w.dialogs.opened)
	}
}

func FuzzCommandLine(f *testing.F) {
	for _, text := range []string{"start a b c", "stage next", "check -1 0", "check 0 0", "commander @@", "announce --channel", "list", "info",
		"page", "test one", "check 99999999999999999999 %d"} {
		f.Add("/incident " + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := newCommandFixture()
		w.enableTesting()
		w.svc.admin = true
		w.svc.list = func(app filter) (page, error) { return page{}, nil }
		w.run(t, text)
		if len(w.log.Errors) > 0 {
			t.Fatalf("%q: %v", text, w.log.Errors)
		}
	})
}

// Commands are paid from the same budget as requests. What was read in a command is charged, and the next one waits.
func TestCommandsArePaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCommandFixture()
		budget := &limit.Budget{Burst: 1000, PerSecond: 100}
		w.handler.Share(budget)
		w.handler.capabilities = []capability.Command{{Name: "long", Run: func(ctx context.Context, c *capability.Call) error {
			limit.Charge(ctx, 3000)
			c.Say("ran")
			return nil
		}}}
		took := func(want string) time.Duration {
			begin := time.Now()
			require.Equal(t, want, w.says(t, "/incident long"))
			return time.Since(begin)
		}
		require.Zero(t, took("ran"))
		require.Equal(t, 20*time.Second, took("ran"))
		require.Equal(t, 30*time.Second, took("ran"))
		ctx, leave, err := budget.Turn(t.Context(), &limit.PerKey{Slots: 1}, "user", maxWait) // of a request
		require.NoError(t, err)
		limit.Charge(ctx, 3001)
		leave()
		require.Zero(t, took(errBusy.Message), "it would wait for too long")
		time.Sleep(time.Minute)
		require.Zero(t, budget.Keys())
	})
}
