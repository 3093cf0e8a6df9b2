package status

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestStatusUpdate_NotStoredItsPostIsDeleted(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().BroadcastChannelID = "wide"
	w.incidents.fails["Update"] = errBroken
	require.ErrorIs(t, w.PostStatus(ctx, "anna", "inc", "all well", 900), errBroken)
	assert.Empty(t, w.host.Posts, "the post stays, although the update was not stored")
	assert.Equal(t, 1, w.host.Did("CreatePost"), "nothing may be broadcast")
	assert.Zero(t, w.incidents.due["inc"])

	w.host.Fails["DeletePost"] = errBroken
	require.Error(t, w.PostStatus(ctx, "anna", "inc", "all well", 900))
	assert.Contains(t, strings.Join(w.log.Lines, "\n"), "error What a failed request has left behind")
}

func TestStatusUpdate_NotPostedChangesNothing(t *testing.T) {
	w := newUpdatesFixture(t)
	w.host.Fails["CreatePost"] = errBroken
	require.ErrorIs(t, w.PostStatus(ctx, "anna", "inc", "all well", 900), errBroken)
	assert.EqualValues(t, 1, w.incident().Revision)
	assert.Empty(t, w.host.Events)
}

func TestStatusUpdate_RefusesReminderTimesOutOfRange(t *testing.T) {
	for _, seconds := range []int64{-1, incident.MaxReminderSeconds + 1, 1 << 62, -1 << 63} {
		w := newUpdatesFixture(t)
		err := w.PostStatus(ctx, "anna", "inc", "all well", seconds)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%d: %v", seconds, err)
		assert.Empty(t, w.host.Posts)
	}
}

func TestStatusUpdate_OfAnEndedIncidentIsRefused(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().IsActive = false
	err := w.PostStatus(ctx, "anna", "inc", "all well", 0)
	require.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
	assert.Zero(t, w.host.Did("CreatePost"))
}

// An archived channel takes no update, by REST, command or dialog. Ending the incident stays possible, and what is forbidden stays so.
func TestStatusUpdate_InAnArchivedChannelIsRefused(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.archived = true
	for what, act := range map[string]func() error{
		"update":  func() error { return w.PostStatus(ctx, "anna", "inc", "all well", 900) },
		"dialog":  func() error { return w.openDialog(ctx, "anna", "inc", "trigger") },
		"button":  func() error { _, err := w.updatePressed(pressed(w)); return err },
		"command": func() error { return w.set.Commands[0].Run(ctx, typed(w)) },
	} {
		err := act()
		assert.True(t, incident.IsKind(err, incident.Conflict), "%s: %v", what, err)
	}
	assert.Zero(t, w.host.Did("CreatePost"))
	assert.Empty(t, w.host.Opened)
	assert.EqualValues(t, 1, w.incident().Revision)
	require.NoError(t, w.End(ctx, "anna", "inc"))
	w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":anna:channel0"] = true
	assert.Equal(t, incident.ErrForbidden, w.PostStatus(ctx, "anna", "inc", "all well", 900))
}

func pressed(*updatesFixture) *capability.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"trigger_id":"t"}`))
	return &capability.Request{Request: r, UserID: "anna", Var: func(string) string { return "inc" },
		Decode: func(target interface{}) error { return json.NewDecoder(r.Body).Decode(target) }}
}

func typed(w *updatesFixture) *capability.Call {
	return &capability.Call{CommandArgs: &model.CommandArgs{UserId: "anna", TriggerId: "trigger"}, Incident: w.find(nil)}
}
