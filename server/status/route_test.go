package status

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	statusPath  = "/incidents/inc/update-status-dialog"
	updatePath  = "/incidents/inc/reminder/button-update"
	dismissPath = "/incidents/inc/reminder/button-dismiss"
)

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml") })

// as makes a request look as if somebody else had sent it.
type as func(r *http.Request)

// want sends a request by anna to the whole REST API, and compares its status, and the whole answer with api.yaml.
func (w *updatesFixture) want(t *testing.T, status int, path, body string, sender ...as) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", "anna")
	for _, change := range sender {
		change(r)
	}
	answer := httptest.NewRecorder()
	api.New(w.Service, w.log, api.WithRoutes(w.set.Routes...)).ServeHTTP(answer, r)
	require.Equal(t, status, answer.Code, "%s %s: %s", path, body, answer.Body)
	c, err := checker()
	require.NoError(t, err)
	require.NoError(t, c.Check(http.MethodPost, "/api/v0"+path, answer.Code, answer.Header(), answer.Body.Bytes()))
	return answer
}

// untouched fails if something has happened.
func (w *updatesFixture) untouched(t *testing.T) {
	t.Helper()
	require.EqualValues(t, 1, w.incident().Revision)
	require.Zero(t, w.host.Did("CreatePost"))
	require.Empty(t, w.host.Opened)
}

func submission(message, reminder interface{}) string {
	body, _ := json.Marshal(map[string]interface{}{"submission": map[string]interface{}{"message": message, "reminder": reminder}})
	return string(body)
}

func TestStatusDialog_FieldsMayBeMissing(t *testing.T) {
	for _, body := range []string{
		"", "{", "[]", "{}", "null", `{"submission":null}`, `{"submission":{}}`, `{"submission":[]}`, `{"submission":"x"}`,
		`{"submission":{"message":"x"}}`, `{"submission":{"reminder":"0"}}`, `{"submission":{"message":null,"reminder":"0"}}`,
		`{"submission":{"message":"x","reminder":null}}`, `{"submission":{"message":1,"reminder":"0"}}`, `{"submission":{"message":"x","reminder":900}}`,
		`{"submission":{"message":{},"reminder":[]}}`,
	} {
		w := newUpdatesFixture(t)
		w.want(t, 400, statusPath, body)
		w.untouched(t)
	}
}

func TestStatusDialog_Reminder(t *testing.T) {
	for _, reminder := range []string{"-1", "", "x", "1.5", " 900", "2592001", "9223372036854775808", "1e3"} {
		w := newUpdatesFixture(t)
		answer := w.want(t, 400, statusPath, submission("Fine", reminder)).Body.String()
		for _, part := range []string{`"errors":{"reminder":"`, `"error":"reminder `, "2592000"} {
			require.Contains(t, answer, part)
		}
		w.untouched(t)
	}
	for reminder, seconds := range map[string]int64{"0": 0, "10": 10, "2592000": 2592000} {
		w := newUpdatesFixture(t)
		w.want(t, 200, statusPath, submission("Fine", reminder))
		require.Equal(t, seconds*1e9, w.incident().PreviousReminder)
		require.Len(t, w.incident().StatusPostIDs, 1)
	}
}

func TestStatusDialog_ErrorsNameTheirField(t *testing.T) {
	w := newUpdatesFixture(t)
	require.Contains(t, w.want(t, 400, statusPath, submission(" ", "0")).Body.String(), `"errors":{"message":"`)
	w.incident().IsActive = false
	require.NotContains(t, w.want(t, 409, statusPath, submission("Fine", "0")).Body.String(), "errors")
	w.host.Denied[model.PERMISSION_CREATE_POST.Id+":anna:channel0"] = true
	w.want(t, 403, statusPath, "{broken")
	w.want(t, 403, statusPath, `{"cancelled":true}`)
	w.untouched(t)
}

func TestStatusDialog_CancelledDoesNothing(t *testing.T) {
	w := newUpdatesFixture(t)
	require.Empty(t, w.want(t, 200, statusPath, `{"cancelled":true,"submission":{"message":"x","reminder":"0"}}`).Body.String())
	w.untouched(t)
}

// User and incident are taken from the sign-in and the path, not from the body.
func TestButtons_TrustOnlyThePathAndTheSignedInUser(t *testing.T) {
	const body = `{"user_id":"boris","channel_id":"elsewhere","post_id":"p","trigger_id":"t","context":{"a":1}}`
	w := newUpdatesFixture(t)
	w.incident().ReminderPostID = "shown"
	require.Equal(t, "null", w.want(t, 200, dismissPath, body).Body.String())
	require.Equal(t, "anna", w.incidents.events[0].ActorID)
	require.Equal(t, "null", w.want(t, 200, updatePath, body).Body.String())
	require.Equal(t, "t", w.host.Opened[0].Trigger)
	w.host.Fails["OpenDialog"] = incident.NewError(incident.Invalid, "trigger", "Expired.")
	require.Contains(t, w.want(t, 400, updatePath, body).Body.String(), `"ephemeral_text":"Expired."`)
	w = newUpdatesFixture(t)
	for _, bad := range []string{"", "x", "[]", `{"post_id":1}`, `{"post_id":"\u0000"}`} {
		w.want(t, 400, dismissPath, bad)
		w.want(t, 400, updatePath, bad)
	}
	w.want(t, 400, updatePath, "{}")
	w.untouched(t)
}

func TestButtons_ShowErrorsToTheUserWhoPressed(t *testing.T) {
	for _, path := range []string{updatePath, dismissPath} {
		w := newUpdatesFixture(t)
		w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":anna:channel0"] = true
		require.Contains(t, w.want(t, 403, path, `{"trigger_id":"t"}`).Body.String(), `"ephemeral_text":"`+incident.ErrForbidden.Message+`"`)
	}
}

// Only our own dialog, and buttons of the bot's posts in the incident's channel, act in the name of the user who uses them.
func TestRoutes_SayWhoMaySend(t *testing.T) {
	mattermost := func(r *http.Request) { r.RequestURI = "" }
	w := newUpdatesFixture(t)
	mark, err := w.Mark("anna", statusPath, "")
	require.NoError(t, err)
	dialog := func(mark string) string {
		return `{"type":"dialog_submission","callback_id":"` + mark + `","state":"","submission":{"message":"Fine","reminder":"0"}}`
	}
	w.want(t, 403, statusPath, dialog("forged"), mattermost)
	w.untouched(t)
	w.want(t, 200, statusPath, dialog(mark), mattermost)

	w.host.Posts["reminder"] = &model.Post{UserId: "bot", ChannelId: "channel0"}
	w.host.Posts["cake"] = &model.Post{UserId: "boris", ChannelId: "channel0"}
	for _, path := range []string{updatePath, dismissPath} {
		w.want(t, 200, path, `{"post_id":"reminder","trigger_id":"t"}`, mattermost)
		w.want(t, 403, path, `{"post_id":"cake","trigger_id":"t"}`, mattermost)
	}
}

// The command opens the dialog for the incident of the channel, and stands third in the help.
func TestCommand(t *testing.T) {
	w := newUpdatesFixture(t)
	c := w.set.Commands[0]
	require.Equal(t, []interface{}{"update", "end"}, []interface{}{c.Name, c.After})
	require.Equal(t, "update", c.Suggestion().Trigger)
	call := &capability.Call{CommandArgs: &model.CommandArgs{UserId: "anna", TriggerId: "trigger"}, Incident: w.find(nil)}
	require.NoError(t, c.Run(ctx, call))
	require.Equal(t, "/plugins/plugin/api/v0"+statusPath, w.host.Opened[0].Path)
	call.Incident = w.find(incident.ErrNoChannel)
	require.Equal(t, incident.ErrNoChannel, c.Run(ctx, call))
}

// find finds the incident, or fails.
func (w *updatesFixture) find(err error) func(context.Context) (incident.Incident, error) {
	return func(context.Context) (incident.Incident, error) { return *w.incident(), err }
}
