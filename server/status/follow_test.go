package status

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// broadcasted posts an update and returns it and its copy.
func (w *updatesFixture) broadcasted(t *testing.T) (update, repeated *model.Post) {
	t.Helper()
	w.incident().BroadcastChannelID = "wide"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	for _, p := range w.host.Posts {
		if p.ChannelId == "wide" {
			repeated = p
		} else {
			update = p
		}
	}
	require.NotNil(t, repeated)
	return update, repeated
}

// The copy in the broadcast channel follows an edit, at once by the hook, or by the look that each node makes.
func TestBroadcasts_FollowAnEdit(t *testing.T) {
	for name, look := range map[string]func(w *updatesFixture, post *model.Post) error{
		"hook": func(w *updatesFixture, post *model.Post) error { w.set.Hooks.PostUpdated(ctx, post, nil); return nil },
		"look": func(w *updatesFixture, _ *model.Post) error { return w.follow(ctx) },
	} {
		w := newUpdatesFixture(t)
		update, repeated := w.broadcasted(t)
		require.NoError(t, w.follow(ctx))
		assert.Zero(t, w.host.Did("UpdatePost"), "nothing was edited")
		for n, message := range []string{"not so well", "worse\n\n***\n\nmuch worse"} {
			update.Message, update.EditAt = message, int64(2_000_000+n)
			require.NoError(t, look(w, update), name)
			now := w.host.Posts[repeated.Id]
			assert.Contains(t, now.Message, "@anna | Duration", name)
			assert.True(t, len(now.Message) > len(message) && now.Message[len(now.Message)-len(message):] == message, "%s: %s", name, now.Message)
			assert.NotContains(t, now.Message, "all well")
			require.NoError(t, w.follow(ctx))
			assert.Equal(t, n+1, w.host.Did("UpdatePost"), "once for each edit")
		}
	}
}

// It goes with the update, also if that was removed from the database.
func TestBroadcasts_FollowADeletion(t *testing.T) {
	for name, remove := range map[string]func(w *updatesFixture, post *model.Post){
		"deleted":  func(_ *updatesFixture, post *model.Post) { post.DeleteAt = 5 },
		"vanished": func(w *updatesFixture, post *model.Post) { delete(w.host.Posts, post.Id) },
	} {
		w := newUpdatesFixture(t)
		update, repeated := w.broadcasted(t)
		remove(w, update)
		w.host.Fails["DeletePost"] = errBroken
		require.Error(t, w.follow(ctx), "it is tried again")
		delete(w.host.Fails, "DeletePost")
		require.NoError(t, w.follow(ctx))
		assert.NotContains(t, w.host.Posts, repeated.Id, name)
		require.NoError(t, w.follow(ctx))
		assert.Equal(t, 2, w.host.Did("DeletePost"), name)
	}
}

// What is not ours, or may not be changed, is left alone, and not tried for ever.
func TestBroadcasts_FollowNothingElse(t *testing.T) {
	w := newUpdatesFixture(t)
	update, repeated := w.broadcasted(t)
	w.set.Hooks.PostUpdated(ctx, &model.Post{Id: "other", EditAt: 5}, nil)
	w.host.Fails["UpdatePost"] = incident.NewError(incident.Invalid, "host.refused", "too late")
	update.EditAt = 2_000_000
	require.NoError(t, w.follow(ctx))
	require.NoError(t, w.follow(ctx))
	assert.Equal(t, 1, w.host.Did("UpdatePost"))
	repeated.UserId, update.EditAt = "boris", 3_000_000
	require.NoError(t, w.follow(ctx))
	assert.Equal(t, 1, w.host.Did("UpdatePost"))
}

// Copies that cannot be changed, such as those in an archived channel, do not keep others from following.
func TestBroadcasts_FollowBehindThoseThatCannot(t *testing.T) {
	w := newUpdatesFixture(t)
	rows := w.copies.(*fakeCopies).rows
	for n := range 2*followPage + 1 {
		id := fmt.Sprintf("%03d", n)
		rows[id] = copied{StatusPostID: id, PostID: "copy" + id, CreateAt: w.Now().UnixMilli()}
		w.host.Posts["copy"+id] = &model.Post{Id: "copy" + id, UserId: "bot", ChannelId: "wide"}
		if n < 2*followPage {
			w.host.Fails["DeletePost copy"+id] = errBroken
		}
	}
	require.Error(t, w.follow(ctx))
	assert.NotContains(t, w.host.Posts, "copy200")
	assert.Len(t, rows, 2*followPage)
}
