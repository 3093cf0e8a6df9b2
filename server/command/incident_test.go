package command

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

type (
	filter = app.Filter
	page   = app.Page
)

func TestStart(t *testing.T) {
	w := newCommandFixture()
	w.quiet(t, "/incident start")
	w.quiet(t, "/incident start client")
	w.quiet(t, "/incident   start\tclient\n post")
	require.Equal(t, []string{
		"start user team trigger client= post= session=session",
		"start user team trigger client=client post= session=session",
		"start user team trigger client=client post=post session=session",
	}, w.dialogs.opened)
}

func TestStart_RefusesFurtherArguments(t *testing.T) {
	w := newCommandFixture()
	require.Contains(t, w.says(t, "/incident start client post more"), "nothing after it")
	require.Empty(t, w.dialogs.opened)
}

func TestStart_WithoutSessionADesktopIsAssumed(t *testing.T) {
	w := newCommandFixture()
	w.Session = ""
	w.quiet(t, "/incident start")
	require.Len(t, w.dialogs.opened, 1)
	require.Contains(t, w.says(t, "/incident info"), "sidebar")
}

func TestEndRestart(t *testing.T) {
	w := newCommandFixture()
	w.quiet(t, "/incident end")
	w.quiet(t, "/incident restart")
	require.Equal(t, []string{"end user inc trigger"}, w.dialogs.opened)
	require.Equal(t, []string{"restart inc"}, w.svc.done)
}

func TestStage(t *testing.T) {
	w := newCommandFixture()
	for _, text := range []string{"", " up", " next prev"} {
		require.Contains(t, w.says(t, "/incident stage"+text), "/incident stage next")
	}
	w.quiet(t, "/incident stage NEXT") // all tasks of the first stage are closed
	require.Equal(t, []string{"stage inc 0>1"}, w.svc.done)
	require.Contains(t, w.says(t, "/incident stage prev"), "first stage")

	w.with(func(i *incident.Incident) { i.ActiveStage = 1 })
	require.Contains(t, w.says(t, "/incident stage next"), "last stage already. To end it")
	w.with(func(i *incident.Incident) { i.ActiveStage, i.IsActive = 1, false })
	require.NotContains(t, w.says(t, "/incident stage next"), "To end it")
	w.with(func(i *incident.Incident) { i.ActiveStage = 1 })
	w.quiet(t, "/incident stage Prev")
	require.Equal(t, "stage inc 1>0", w.svc.done[1])

	w.with(func(i *incident.Incident) { i.Checklists = nil })
	require.Contains(t, w.says(t, "/incident stage next"), "no stages")
	require.Contains(t, w.says(t, "/incident stage prev"), "no stages")
	require.Len(t, w.svc.done, 2)
	require.Empty(t, w.dialogs.opened)
}

func TestStage_TaskInProgressIsNotDone(t *testing.T) {
	for _, state := range []incident.State{incident.Open, incident.InProgress} {
		w := newCommandFixture()
		w.with(func(i *incident.Incident) { i.Checklists[0].Tasks[0].State = state })
		w.quiet(t, "/incident stage next")
		require.Equal(t, []string{"next user inc trigger 0>1"}, w.dialogs.opened)
		require.Empty(t, w.svc.done)
	}
}

func TestStage_OutOfRangeIsTheFirst(t *testing.T) {
	for _, stored := range []int{-1, 99} {
		w := newCommandFixture()
		w.with(func(i *incident.Incident) { i.ActiveStage = stored })
		w.quiet(t, "/incident stage next")
		require.Equal(t, []string{"stage inc 0>1"}, w.svc.done)
		require.Contains(t, w.says(t, "/incident stage prev"), "first stage")
	}
}

func TestCheck(t *testing.T) {
	w := newCommandFixture()
	w.quiet(t, "/incident check 1 0")
	w.quiet(t, "/incident check "+taskID)
	w.quiet(t, "/incident check 1 "+taskID)
	require.Equal(t, []string{
		"toggle inc {ID: Position:1} {ID: Position:0}",
		"toggle inc {ID:s1 Position:0} {ID:" + taskID + " Position:0}",
		"toggle inc {ID: Position:1} {ID:" + taskID + " Position:0}",
	}, w.svc.done)
	require.Contains(t, w.says(t, "/incident check "+strings.Repeat("z", 26)), "no task with this id")
	require.Contains(t, w.says(t, "/incident check x 0"), "first argument")
	require.Contains(t, w.says(t, "/incident check 0 x"), "second argument")
	for _, text := range []string{"", " 0", " 0 0 0", " x"} {
		help := w.says(t, "/incident check"+text)
		require.True(t, isHelp(help) && strings.Contains(help, "which task"), text)
	}
	require.Len(t, w.svc.done, 3)
}

func TestCheck_RefusesNegativeNumbers(t *testing.T) {
	w := newCommandFixture()
	for _, text := range []string{"-1 0", "0 -1", "-1 -1"} {
		require.Contains(t, w.says(t, "/incident check "+text), "negative")
	}
	require.Empty(t, w.svc.done)
	require.Empty(t, w.log.Errors)
}

func TestCheck_OutOfRangeIsExplained(t *testing.T) {
	w := newCommandFixture()
	inc := running()
	_, _, w.svc.fail = inc.FindTask(incident.At(0), incident.At(7))
	require.Contains(t, w.says(t, "/incident check 0 7"), "no task 7")
	require.Empty(t, w.log.Errors)
}

func TestCommander(t *testing.T) {
	w := newCommandFixture()
	require.Contains(t, w.says(t, "/incident commander"), "**@anna**")
	w.quiet(t, "/incident commander @@Boris")
	require.Equal(t, []string{"commander inc @@Boris"}, w.svc.done)
	require.Contains(t, w.says(t, "/incident commander @boris @anna"), "one commander")
	require.Contains(t, w.says(t, "/incident commander @"), "Name the new commander")
	require.Len(t, w.svc.done, 1)
	w.svc.fail = incident.NewError(incident.Forbidden, "commander.not_in_channel", "Not in the channel.")
	require.Equal(t, "Not in the channel.", w.says(t, "/incident commander @"+strings.Repeat("x", 10_000)))
	require.Empty(t, w.log.Errors)
}

func TestAnnounce_OneFailureDoesNotStopTheRest(t *testing.T) {
	w := newCommandFixture()
	w.svc.announce = func(name string) error {
		if name == "b" {
			return incident.NewError(incident.NotFound, "channel.not_found", "no channel %s", name)
		}
		if name == "c" {
			return errors.New("broken")
		}
		return nil
	}
	shown := w.run(t, "/incident announce ~a b ~c ~d")
	require.Equal(t, []string{"announce inc a", "announce inc b", "announce inc c", "announce inc d"}, w.svc.done)
	require.Len(t, shown, 3)
	require.Equal(t, "no channel b", shown[0].Message)
	require.Equal(t, "This incident was announced in ~a, ~d.", shown[2].Message)
	require.Len(t, w.log.Errors, 1)
	w.svc.announce = func(string) error { return incident.ErrForbidden }
	require.Equal(t, incident.ErrForbidden.Message, w.says(t, "/incident announce ~a"), "announced nowhere")
}

func attachments(t *testing.T, p *model.Post) []*model.SlackAttachment {
	t.Helper()
	list, ok := p.GetProp("attachments").([]*model.SlackAttachment)
	require.True(t, ok)
	return list
}

func fieldValues(a *model.SlackAttachment) []interface{} {
	var list []interface{}
	for _, f := range a.Fields {
		list = append(list, f.Value)
	}
	return list
}

func TestList(t *testing.T) {
	w := newCommandFixture()
	w.svc.list = func(f app.Filter) (app.Page, error) {
		require.Equal(t, "team", f.TeamID)
		require.Equal(t, "user", f.MemberID)
		require.True(t, *f.Active)
		require.Equal(t, "create_at", f.Sort)
		require.True(t, f.Descending)
		require.Equal(t, []int{0, 10}, []int{f.Page, f.PerPage})
		return app.Page{}, nil
	}
	require.Contains(t, w.says(t, "/incident list"), `The [Team]`)

	w.svc.list = func(app.Filter) (app.Page, error) {
		return app.Page{TotalCount: 1, Items: []incident.Incident{running()}}, nil
	}
	shown := w.run(t, "/incident list")
	require.Len(t, shown, 1)
	require.NotContains(t, shown[0].Message, "newest")
	list := attachments(t, shown[0])
	require.Len(t, list, 1)
	require.Equal(t, "### ~name-chan", list[0].Pretext)
	require.Equal(t, []interface{}{"**First**", "1h 1m", "@anna"}, fieldValues(list[0]))

	w.svc.list = func(app.Filter) (app.Page, error) { return app.Page{}, incident.ErrForbidden }
	require.Equal(t, incident.ErrForbidden.Message, w.says(t, "/incident list"))
}

func TestList_SkipsBrokenOnesAndSaysThatThereAreMore(t *testing.T) {
	w := newCommandFixture()
	w.svc.list = func(app.Filter) (app.Page, error) {
		var items []incident.Incident
		for n := 0; n < 10; n++ {
			inc := running()
			inc.ChannelID = fmt.Sprintf("c%d", n)
			items = append(items, inc)
		}
		items[1].CommanderUserID = "gone"
		items[2].Checklists = nil
		items[3].Checklists[0].Title = " "
		return app.Page{TotalCount: 25, Items: items}, nil
	}
	w.host.FindChannel = func(id string) (*model.Channel, error) {
		if id == "c0" {
			return nil, errors.New("gone")
		}
		return &model.Channel{Name: id}, nil
	}
	shown := w.run(t, "/incident list")
	require.Len(t, shown, 1)
	require.Contains(t, shown[0].Message, "10 of 25")
	require.Contains(t, shown[0].Message, "1 cannot be shown")
	list := attachments(t, shown[0])
	require.Len(t, list, 9)
	require.Equal(t, nothing, list[0].Fields[2].Value)
	require.Equal(t, nothing, list[1].Fields[0].Value)
	require.Equal(t, nothing, list[2].Fields[0].Value)
	require.Empty(t, w.log.Errors)
}

func TestInfo_Desktop(t *testing.T) {
	w := newCommandFixture()
	w.host.Known = &model.Session{Id: "session"}
	require.Contains(t, w.says(t, "/incident info"), "sidebar")
}

func TestInfo_Mobile(t *testing.T) {
	for _, session := range []*model.Session{
		{Id: "session", DeviceId: "apple:1"},
		{Id: "session", Props: model.StringMap{model.USER_AUTH_SERVICE_IS_MOBILE: "true"}},
	} {
		w := newCommandFixture()
		w.host.Known = session
		w.with(func(i *incident.Incident) {
			i.Name = " Server *down* "
			i.Checklists[0].Tasks = append(i.Checklists[0].Tasks, incident.Task{Title: "**b** | @all", State: incident.InProgress})
		})
		shown := w.run(t, "/incident info")
		require.Len(t, shown, 1)
		list := attachments(t, shown[0])
		require.Len(t, list, 1)
		require.Equal(t, []interface{}{`**Server \*down\***`, "1h 1m", "@anna", "First",
			":white_check_mark: a\n:white_large_square: b \\| @\u200ball"}, fieldValues(list[0]))
	}
}

// What capabilities say of the incident stands between commander and stage.
func TestInfo_Facts(t *testing.T) {
	w := newCommandFixture()
	w.host.Known = &model.Session{Id: "session", DeviceId: "x"}
	w.with(func(*incident.Incident) {})
	w.svc.facts = []app.Fact{{Label: "Severity", Text: "SEV1 *x*"}}
	list := attachments(t, w.run(t, "/incident info")[0])
	require.Equal(t, "Severity:", list[0].Fields[3].Title)
	require.Equal(t, `SEV1 \*x\*`, list[0].Fields[3].Value)

	w.svc.facts = []app.Fact{{Label: "Role @channel", Text: "anna"}}
	list = attachments(t, w.run(t, "/incident info")[0])
	require.Equal(t, "Role @\u200bchannel:", list[0].Fields[3].Title)

	now := model.GetMillis()
	w.svc.facts = []app.Fact{{Label: "Next update", Text: "due", At: now + 25*60_000 + 30_000}, {Label: "Next update", Text: "overdue", At: now - 25*60_000 - 30_000}}
	list = attachments(t, w.run(t, "/incident info")[0])
	require.Equal(t, "due (in 25m)", list[0].Fields[3].Value)
	require.Equal(t, "overdue (25m ago)", list[0].Fields[4].Value)
}

func TestInfo_IncidentWithoutStages(t *testing.T) {
	w := newCommandFixture()
	w.host.Known = &model.Session{Id: "session", DeviceId: "x"}
	w.with(func(i *incident.Incident) { i.Checklists, i.ActiveStage = nil, -1 })
	shown := w.run(t, "/incident info")
	require.Len(t, shown, 1)
	require.Equal(t, []interface{}{nothing, nothing}, fieldValues(attachments(t, shown[0])[0])[3:])
	require.Empty(t, w.log.Errors)
}

func TestInfo_TimesAreInTheZoneOfTheUser(t *testing.T) {
	w := newCommandFixture()
	at := time.Date(2020, 11, 23, 18, 42, 0, 0, time.UTC)
	inc := running()
	inc.Checklists[0].Tasks[0].StateModified = at.UnixMilli()
	for zone, want := range map[string]string{"Asia/Tokyo": "2020-11-24 03:42", "": "2020-11-23 18:42", "No/Where": "2020-11-23 18:42"} {
		w.host.Users["user"].Timezone = model.StringMap{"useAutomaticTimezone": "false", "manualTimezone": zone, "automaticTimezone": "Europe/Berlin"}
		require.Equal(t, ":white_check_mark: a ("+want+")", taskList(&inc, w.handler.zone("user"), at.AddDate(1, 0, 0)))
	}
	w.host.Users["user"].Timezone["useAutomaticTimezone"] = "true"
	require.Equal(t, ":white_check_mark: a (19:42)", taskList(&inc, w.handler.zone("user"), at.Add(time.Hour)))
	require.Equal(t, time.UTC, w.handler.zone("gone"))
}

func TestInfo_UserTextIsNoFormat(t *testing.T) {
	w := newCommandFixture()
	require.Contains(t, w.says(t, "/incident 100%d"), "100%d")
	inc := running()
	inc.Checklists[0].Tasks[0].Title = "100% done"
	require.Contains(t, taskList(&inc, time.UTC, time.Now()), "100% done")
}

func TestDurationStopsWhenTheIncidentEnds(t *testing.T) {
	inc := running()
	inc.IsActive, inc.EndAt = false, inc.CreateAt+120_000
	require.Equal(t, "2m", duration(&inc))
}
