package status

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	snoozePath  = "/incidents/inc/snooze"
	pressedPath = "/incidents/inc/reminder/button-snooze"
)

func TestSnooze_PlansTheNextUpdate(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	shown := w.incident().ReminderPostID
	answer, err := w.Snooze(ctx, "anna", "inc", 900, "")
	require.NoError(t, err)
	at := w.Now().UnixMilli() + 900_000
	assert.Equal(t, incident.Clock{NextUpdateAt: at}, w.incident().Clock())
	assert.Equal(t, at, w.incidents.due["inc"], "the reminder is pending")
	assert.Empty(t, w.host.Posts, "the reminder post is removed")
	assert.Equal(t, w.incident().Revision, answer.Revision)
	e := w.incidents.events[len(w.incidents.events)-1]
	assert.Equal(t, "anna", e.ActorID)
	assert.Equal(t, shown, e.RemovedReminderPost())
	assert.Equal(t, incident.EventUpdatePlanned, e.Type())

	w = newUpdatesFixture(t) // there was none, and the answer is the incident
	inc := w.incident().Clone()
	inc.ID, inc.Checklists = model.NewId(), nil
	w.incidents.rows[inc.ID] = &inc
	at = w.Now().UnixMilli() + 60_000
	body := w.want(t, 200, "/incidents/"+inc.ID+"/snooze", `{"seconds":60}`).Body.String()
	assert.Contains(t, body, fmt.Sprintf(`"clock":{"next_update_at":%d,"overdue_since":0}`, at))
	assert.Equal(t, at, w.incidents.due[inc.ID])
}

func TestSnooze_Refuses(t *testing.T) {
	for _, body := range []string{"", "{}", "[]", `{"seconds":59}`, `{"seconds":-900}`, `{"seconds":2592001}`, `{"seconds":9e99}`, `{"seconds":"900"}`, `{"seconds":1.5}`} {
		w := newUpdatesFixture(t)
		w.want(t, 400, snoozePath, body)
		w.untouched(t)
		w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":anna:channel0"] = true
		w.want(t, 403, snoozePath, body)
	}
	w := newUpdatesFixture(t)
	w.incident().IsActive = false
	require.Contains(t, w.want(t, 409, snoozePath, `{"seconds":900}`).Body.String(), "has ended")
	w.untouched(t)
}

func TestSnooze_Button(t *testing.T) {
	w := newUpdatesFixture(t)
	w.becomeDue(t)
	post := w.host.Posts[w.incident().ReminderPostID]
	var ids []string
	for _, a := range post.Attachments()[0].Actions {
		ids = append(ids, a.Id+" "+a.Name)
	}
	assert.Equal(t, []string{"buttonupdate Update Status", "buttondismiss Dismiss", "buttonsnooze900 Snooze 15min", "buttonsnooze3600 Snooze 60min"}, ids)
	action := post.Attachments()[0].Actions[3]
	assert.Equal(t, "/plugins/plugin/api/v0"+pressedPath, action.Integration.URL)
	pressed, err := json.Marshal(map[string]interface{}{"post_id": post.Id, "user_id": "boris", "context": action.Integration.Context})
	require.NoError(t, err)
	require.Equal(t, "null", w.want(t, 200, pressedPath, string(pressed)).Body.String())
	assert.Equal(t, w.Now().UnixMilli()+3600_000, w.incidents.due["inc"])
	assert.Empty(t, w.host.Posts)
	assert.Equal(t, "anna", w.incidents.events[len(w.incidents.events)-1].ActorID)

	w = newUpdatesFixture(t)
	for _, bad := range []string{"", "x", "[]", "{}", `{"post_id":1,"context":{"seconds":900}}`, `{"post_id":"\u0000","context":{"seconds":900}}`, `{"context":{"seconds":"900"}}`, `{"context":{"seconds":1}}`, `{"context":null}`} {
		require.Contains(t, w.want(t, 400, pressedPath, bad).Body.String(), "ephemeral_text")
	}
	w.untouched(t)
}

func TestSnooze_Command(t *testing.T) {
	w := newUpdatesFixture(t)
	c := w.set.Commands[1]
	var said string
	call := func(words string) error {
		return c.Run(ctx, &capability.Call{CommandArgs: &model.CommandArgs{UserId: "anna"}, Words: strings.Fields(words), Incident: w.find(nil),
			T: func(f string, v ...interface{}) string { return fmt.Sprintf(f, v...) }, Say: func(text string) { said = text }})
	}
	require.NoError(t, call("1h 30m"))
	assert.Equal(t, w.Now().UnixMilli()+5400_000, w.incidents.due["inc"])
	assert.Equal(t, "The next status update is due in 1h 30m.", said)
	for _, wrong := range []string{"", "soon", "15x", "m", "-5m", "1 2 3 m x"} {
		assert.True(t, incident.IsKind(call(wrong), incident.Invalid), wrong)
	}
	assert.True(t, incident.IsKind(call("30s"), incident.Invalid))
	assert.True(t, incident.IsKind(call("31d"), incident.Invalid))
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]int64{"15m": 900, "15": 900, "15min": 900, "2h": 7200, "2HR": 7200, "1h30m": 5400, "1d": 86400, "90s": 90, "0": 0, "1d2h3m4s": 93784} {
		seconds, ok := parseDuration(text)
		assert.True(t, ok && seconds == want, "%s: %d", text, seconds)
	}
	for _, text := range []string{"", "x", "m", "15w", "1.5h", "-1h", "1h x", "99999999999m", "٣m"} {
		_, ok := parseDuration(text)
		assert.False(t, ok, text)
	}
}

func TestFacts(t *testing.T) {
	at := int64(1_796_000_000_000)
	inc := incident.Incident{IsActive: true}
	require.Nil(t, facts(&inc, nil))
	inc.SetClock(incident.Clock{NextUpdateAt: at})
	require.Equal(t, []capability.Fact{{Label: "Next update", Text: "due at 2026-11-30 00:53 UTC", At: at}}, facts(&inc, nil))
	inc.SetClock(incident.Clock{OverdueSince: at})
	require.Equal(t, []capability.Fact{{Label: "Next update", Text: "overdue since 2026-11-30 00:53 UTC", At: at}}, facts(&inc, nil))
	inc.IsActive = false
	require.Nil(t, facts(&inc, nil))
}
