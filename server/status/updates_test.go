package status

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestStatusUpdate_NotStoredItsPostIsDeleted(t *testing.T) {
	w := newWorld(t)
	w.incident().BroadcastChannelID = "wide"
	w.incidents.fails["Update"] = errBroken
	require.ErrorIs(t, w.PostStatus(ctx, "anna", "inc", "all well", 900), errBroken)
	assert.Empty(t, w.host.posts, "the post stays, although the update was not stored")
	assert.Equal(t, 1, w.host.did("CreatePost"), "nothing may be broadcast")
	assert.Zero(t, w.incidents.due["inc"])

	w.host.fails["DeletePost"] = errBroken
	require.Error(t, w.PostStatus(ctx, "anna", "inc", "all well", 900))
	assert.Contains(t, strings.Join(w.log.lines, "\n"), "error What a failed request has left behind")
}

func TestStatusUpdate_NotPostedChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.host.fails["CreatePost"] = errBroken
	require.ErrorIs(t, w.PostStatus(ctx, "anna", "inc", "all well", 900), errBroken)
	assert.EqualValues(t, 1, w.incident().Revision)
	assert.Empty(t, w.host.events)
}

func TestStatusUpdate_RefusesReminderTimesOutOfRange(t *testing.T) {
	for _, seconds := range []int64{-1, incident.MaxReminderSeconds + 1, 1 << 62, -1 << 63} {
		w := newWorld(t)
		err := w.PostStatus(ctx, "anna", "inc", "all well", seconds)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%d: %v", seconds, err)
		assert.Empty(t, w.host.posts)
	}
}

func TestStatusUpdate_OfAnEndedIncidentIsRefused(t *testing.T) {
	w := newWorld(t)
	w.incident().IsActive = false
	err := w.PostStatus(ctx, "anna", "inc", "all well", 0)
	require.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
	assert.Zero(t, w.host.did("CreatePost"))
}
