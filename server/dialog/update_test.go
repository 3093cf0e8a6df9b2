package dialog

import (
	"context"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func openUpdate(t *testing.T, d *Dialogs, host *fakeHost) opened {
	t.Helper()
	host.opened = nil
	require.NoError(t, d.OpenUpdate(context.Background(), "user", "inc", "trigger"))
	return host.only(t)
}

func values(e model.DialogElement) []string {
	var list []string
	for _, o := range e.Options {
		list = append(list, o.Value)
	}
	return list
}

func TestOpenUpdate(t *testing.T) {
	d, svc, host := setUp()
	svc.incident.PreviousReminder = 900e9
	got := openUpdate(t, d, host)
	require.Equal(t, "/plugins/plugin/api/v0/incidents/inc/update-status-dialog", got.path)
	require.Equal(t, "Update Status", got.Title)
	require.Equal(t, "Update Status", got.SubmitLabel)
	require.Empty(t, got.State)
	require.NotContains(t, got.IntroductionText, "broadcast")

	require.Len(t, got.Elements, 2)
	message, reminder := got.Elements[0], got.Elements[1]
	require.Equal(t, []interface{}{"message", "textarea", false, 0, 0, "template"},
		[]interface{}{message.Name, message.Type, message.Optional, message.MinLength, message.MaxLength, message.Default})
	require.Equal(t, []interface{}{"reminder", "select", true, "900"}, []interface{}{reminder.Name, reminder.Type, reminder.Optional, reminder.Default})
	require.Equal(t, []string{"0", "900", "1800", "3600", "14400", "86400"}, values(reminder))
	require.Equal(t, "15min", reminder.Options[1].Text)
	require.Equal(t, "60min", reminder.Options[3].Text)

	svc.incident.IsActive = false
	require.Equal(t, incident.ErrNoUpdate, d.OpenUpdate(context.Background(), "user", "inc", "trigger"))
}

func TestOpenUpdate_DevelopersMayWaitTenSeconds(t *testing.T) {
	d, _, host := setUp()
	yes := true
	host.config.ServiceSettings.EnableTesting = &yes
	require.NotContains(t, values(openUpdate(t, d, host).Elements[1]), "10")
	host.config.ServiceSettings.EnableDeveloper = &yes
	require.Equal(t, []string{"0", "10", "900"}, values(openUpdate(t, d, host).Elements[1])[:3])
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
		d, svc, host := setUp()
		svc.incident.PreviousReminder = previous
		reminder := openUpdate(t, d, host).Elements[1]
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
	d, svc, host := setUp()
	svc.incident.StatusPosts = []incident.StatusPost{{ID: "old"}, {ID: "new"}, {ID: "deleted", DeleteAt: 1}}
	host.posts["old"] = &model.Post{ChannelId: "chan", Message: "old text"}
	host.posts["new"] = &model.Post{ChannelId: "chan", Message: "new text"}
	require.Equal(t, "new text", openUpdate(t, d, host).Elements[0].Default)
	delete(host.posts, "new")
	require.Equal(t, "template", openUpdate(t, d, host).Elements[0].Default)
}

func TestOpenUpdate_ShowsNoForeignPosts(t *testing.T) {
	d, svc, host := setUp()
	svc.incident.StatusPosts = []incident.StatusPost{{ID: "secret"}}
	host.posts["secret"] = &model.Post{ChannelId: "elsewhere", Message: "secret"}
	require.Equal(t, "template", openUpdate(t, d, host).Elements[0].Default)
	host.posts["secret"].ChannelId = "chan"
	host.mayRead = func(userID, channelID string) bool { return userID == "other" }
	require.Equal(t, "template", openUpdate(t, d, host).Elements[0].Default)
	host.mayRead = func(userID, channelID string) bool { return userID == "user" && channelID == "chan" }
	require.Equal(t, "secret", openUpdate(t, d, host).Elements[0].Default)
	host.posts["secret"].DeleteAt = 1
	require.Equal(t, "template", openUpdate(t, d, host).Elements[0].Default)
}

func TestOpenUpdate_NamesTheBroadcastChannel(t *testing.T) {
	d, svc, host := setUp()
	svc.incident.BroadcastChannelID = "bc"
	require.NotContains(t, openUpdate(t, d, host).IntroductionText, "broadcast", "the channel is gone")

	host.channels["bc"] = &model.Channel{Id: "bc", TeamId: "t", Type: model.CHANNEL_OPEN, DisplayName: "Ops [1]"}
	require.Contains(t, openUpdate(t, d, host).IntroductionText, `[Ops [1]](/team-name/channels/bc)`)

	for _, kind := range []string{model.CHANNEL_PRIVATE, model.CHANNEL_DIRECT, model.CHANNEL_GROUP} {
		host.channels["bc"].Type = kind
		intro := openUpdate(t, d, host).IntroductionText
		require.Contains(t, intro, "private channel")
		require.NotContains(t, intro, "Ops")
	}
	host.channels["bc"].DeleteAt = 1
	require.NotContains(t, openUpdate(t, d, host).IntroductionText, "broadcast")
}
