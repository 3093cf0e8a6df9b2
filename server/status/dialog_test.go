package status

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func openUpdate(t *testing.T, w *updatesFixture) hosttest.Opened {
	t.Helper()
	w.host.Opened = nil
	require.NoError(t, w.openDialog(ctx, "anna", "inc", "trigger"))
	require.Len(t, w.host.Opened, 1)
	require.Equal(t, "trigger", w.host.Opened[0].Trigger)
	return w.host.Opened[0]
}

func values(e model.DialogElement) []string {
	var list []string
	for _, o := range e.Options {
		list = append(list, o.Value)
	}
	return list
}

func TestOpenUpdate(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().PreviousReminder = 900e9
	got := openUpdate(t, w)
	require.Equal(t, "/plugins/plugin/api/v0/incidents/inc/update-status-dialog", got.Path)
	require.Equal(t, "Update Status", got.Title)
	require.Equal(t, "Update Status", got.SubmitLabel)
	require.Empty(t, got.State)
	require.NotContains(t, got.IntroductionText, "broadcast")

	require.Len(t, got.Elements, 2)
	message, reminder := got.Elements[0], got.Elements[1]
	require.Equal(t, []interface{}{"message", "textarea", false, 0, incident.MaxMessage, "template"},
		[]interface{}{message.Name, message.Type, message.Optional, message.MinLength, message.MaxLength, message.Default})
	require.Equal(t, []interface{}{"reminder", "select", true, "900"}, []interface{}{reminder.Name, reminder.Type, reminder.Optional, reminder.Default})
	require.Equal(t, []string{"0", "900", "1800", "3600", "14400", "86400"}, values(reminder))
	require.Equal(t, "15min", reminder.Options[1].Text)
	require.Equal(t, "60min", reminder.Options[3].Text)

	w.incident().IsActive = false
	require.Equal(t, incident.ErrNoUpdate, w.openDialog(ctx, "anna", "inc", "trigger"))
}

func TestOpenUpdate_DevelopersMayWaitTenSeconds(t *testing.T) {
	w := newUpdatesFixture(t)
	yes := true
	w.host.Settings.ServiceSettings.EnableTesting = &yes
	require.NotContains(t, values(openUpdate(t, w).Elements[1]), "10")
	w.host.Settings.ServiceSettings.EnableDeveloper = &yes
	require.Equal(t, []string{"0", "10", "900"}, values(openUpdate(t, w).Elements[1])[:3])
}

func TestOpenUpdate_ThePreviousReminderIsAlwaysAnOption(t *testing.T) {
	for previous, want := range map[int64]struct{ value, text string }{
		7200e9:           {"7200", "2hr"},
		10e9:             {"10", "10sec"},
		60e9:             {"60", "1min"},
		-5e9:             {"0", "None"},
		0:                {"0", "None"},
		9223372036854e6:  {"2592000", "720hr"},
		2592000e9 + 1000: {"2592000", "720hr"},
	} {
		if previous == 9223372036854e6 {
			previous = 1<<63 - 1
		}
		w := newUpdatesFixture(t)
		w.incident().PreviousReminder = previous
		reminder := openUpdate(t, w).Elements[1]
		require.Equal(t, want.value, reminder.Default)
		text, times := "", 0
		for _, o := range reminder.Options {
			if o.Value == want.value {
				text, times = o.Text, times+1
			}
		}
		require.Equal(t, want.text, text)
		require.Equal(t, 1, times)
	}
}

func TestOpenUpdate_StartsFromTheLastUpdate(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().StatusPosts = []incident.StatusPost{{ID: "old"}, {ID: "new"}, {ID: "deleted", DeleteAt: 1}}
	w.host.Posts["old"] = &model.Post{ChannelId: "channel0", Message: "old text"}
	w.host.Posts["new"] = &model.Post{ChannelId: "channel0", Message: "new text"}
	require.Equal(t, "new text", openUpdate(t, w).Elements[0].Default)
	delete(w.host.Posts, "new")
	require.Equal(t, "template", openUpdate(t, w).Elements[0].Default)
}

func TestOpenUpdate_ShowsNoForeignPosts(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().StatusPosts = []incident.StatusPost{{ID: "secret"}}
	w.host.Posts["secret"] = &model.Post{ChannelId: "elsewhere", Message: "secret"}
	require.Equal(t, "template", openUpdate(t, w).Elements[0].Default)
	w.host.Posts["secret"].ChannelId = "channel0"
	w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":admin:channel0"] = true // who may edit all the same
	w.host.Opened = nil
	require.NoError(t, w.openDialog(ctx, "admin", "inc", "trigger"))
	require.Equal(t, "template", w.host.Opened[0].Elements[0].Default)
	require.Equal(t, "secret", openUpdate(t, w).Elements[0].Default)
	w.host.Posts["secret"].DeleteAt = 1
	require.Equal(t, "template", openUpdate(t, w).Elements[0].Default)
}

func TestOpenUpdate_NamesTheBroadcastChannel(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().BroadcastChannelID = "bc"
	require.NotContains(t, openUpdate(t, w).IntroductionText, "broadcast", "the channel is gone")

	w.host.Channels["bc"] = &model.Channel{Id: "bc", TeamId: "t", Type: model.CHANNEL_OPEN, DisplayName: "Ops [1]"}
	require.Contains(t, openUpdate(t, w).IntroductionText, `[Ops [1]](/team/channels/bc)`)

	// A public channel of a team that the user is not in.
	hidden := []string{"read_channel:anna:bc", "list_team_channels:anna:t"}
	for _, permission := range hidden {
		w.host.Denied[permission] = true
	}
	intro := openUpdate(t, w).IntroductionText
	require.Contains(t, intro, "broadcast")
	require.NotContains(t, intro, "Ops")
	require.NotContains(t, intro, "/channels/")
	for _, permission := range hidden {
		delete(w.host.Denied, permission)
	}

	for _, kind := range []string{model.CHANNEL_PRIVATE, model.CHANNEL_DIRECT, model.CHANNEL_GROUP} {
		w.host.Channels["bc"].Type = kind
		intro := openUpdate(t, w).IntroductionText
		require.Contains(t, intro, "private channel")
		require.NotContains(t, intro, "Ops")
	}
	w.host.Channels["bc"].DeleteAt = 1
	require.NotContains(t, openUpdate(t, w).IntroductionText, "broadcast")
}

// Who may not post is refused before they type.
func TestOpenUpdate_NeedsThePermissionToPost(t *testing.T) {
	for _, user := range []string{"anna", "admin", "boris"} {
		w := newUpdatesFixture(t)
		w.host.Denied[model.PERMISSION_CREATE_POST.Id+":"+user+":channel0"] = true
		require.Equal(t, errStatusForbidden, w.openDialog(ctx, user, "inc", "trigger"))
		require.Empty(t, w.host.Opened)
	}
}

// The dialog takes what the update takes: an update of any length that was posted is prefilled whole, and can be edited.
func TestOpenUpdate_TakesWhatAnUpdateTakes(t *testing.T) {
	for _, length := range []int{3000, 3001, 16383} {
		w := newUpdatesFixture(t)
		text := strings.Repeat("語", length)
		require.NoError(t, w.PostStatus(ctx, "anna", "inc", text, 0))
		message := openUpdate(t, w).Elements[0]
		require.Equal(t, text, message.Default)
		require.GreaterOrEqual(t, message.MaxLength, length)
		require.NoError(t, w.PostStatus(ctx, "anna", "inc", message.Default, 0))
	}
}
