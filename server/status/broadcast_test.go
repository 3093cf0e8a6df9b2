package status

import (
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBroadcast_FailuresAreLogged(t *testing.T) {
	w := newUpdatesFixture(t)
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.Did("CreatePost"))
	assert.Empty(t, w.log.Lines)

	w.incident().BroadcastChannelID = "vanished"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	require.Len(t, w.log.Lines, 1)
	assert.Contains(t, w.log.Lines[0], "no such channel")
}

func TestBroadcast_NeedsTheAuthorsPermission(t *testing.T) {
	for name, spoil := range map[string]func(w *updatesFixture){
		"may not post": func(w *updatesFixture) { w.host.Denied[model.PERMISSION_CREATE_POST.Id+":anna:wide"] = true },
		"archived":     func(w *updatesFixture) { w.host.Channels["wide"].DeleteAt = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newUpdatesFixture(t)
			w.incident().BroadcastChannelID = "wide"
			spoil(w)
			require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
			assert.Zero(t, w.host.Did("CreatePost bot wide"))
			assert.Len(t, w.host.Ephemerals, 1, "the author gets a message")
		})
	}
	w := newUpdatesFixture(t)
	w.incident().BroadcastChannelID = "wide"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.Did("CreatePost bot wide"))
}

func TestBroadcasts_AreMadeLaterWhenMattermostWasBusy(t *testing.T) {
	for _, call := range []string{"CreatePost bot wide", "Team"} {
		w := newUpdatesFixture(t)
		w.findMarked()
		w.incident().BroadcastChannelID = "wide"
		w.host.Fails[call] = errBroken
		require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
		require.Len(t, w.waiting(), 1)
		assert.Empty(t, w.host.Ephemerals, "it is tried again")
		w.later(5 * time.Second)
		w.run(t, jobBroadcast)
		require.Len(t, w.waiting(), 1)
		delete(w.host.Fails, call)
		for range 2 {
			w.later(time.Minute)
			w.run(t, jobBroadcast)
		}
		assert.Empty(t, w.waiting())
		var repeated []*model.Post
		for _, p := range w.host.Posts {
			if p.ChannelId == "wide" {
				repeated = append(repeated, p)
			}
		}
		require.Len(t, repeated, 1)
		assert.Contains(t, repeated[0].Message, "all well")
		assert.Contains(t, repeated[0].Message, "anna")
	}
}

// The post was made, but its answer got lost.
func TestBroadcasts_FindThePostOfAnEarlierAttempt(t *testing.T) {
	w := newUpdatesFixture(t)
	w.findMarked()
	w.incident().BroadcastChannelID = "wide"
	w.incidents.jobs.Fails["Complete"] = errBroken
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	delete(w.incidents.jobs.Fails, "Complete")
	w.later(time.Minute)
	w.run(t, jobBroadcast)
	assert.Equal(t, 1, w.host.Did("CreatePost bot wide"))
	assert.Empty(t, w.waiting())
}

func TestBroadcasts_LeaveNoJobBehind(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().BroadcastChannelID = "wide"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.Did("CreatePost bot wide"))
	assert.Empty(t, w.incidents.jobs.Rows(""))
}
