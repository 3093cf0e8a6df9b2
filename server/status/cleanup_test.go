package status

import (
	"context"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestCleanUp_WhatWasDiscardedCannotBeStored(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.beforeLock = func(*incident.Incident) {
		for _, row := range w.incidents.jobs.Rows(jobDiscardStatusPost) { // another node took it for dead
			_, _, _ = w.incidents.jobs.ClaimUnfinished(ctx, row.ID, "other node", w.Now().UnixMilli(), w.Now().UnixMilli()+1)
		}
	}
	err := w.PostStatus(ctx, "anna", "inc", "all well", 0)
	assert.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
	assert.Empty(t, w.host.Posts)
	assert.EqualValues(t, 1, w.incident().Revision)
}

func TestCleanUp_AStatusUpdateThatWasStoredAfterAllStays(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().BroadcastChannelID = "wide"
	w.incidents.fails["Update's answer"] = errBroken
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.Did("CreatePost bot wide"))
	assert.Contains(t, w.host.Posts, w.incident().StatusPostIDs[0])
}

func TestCleanUp_ThePostOfAStatusUpdateThatWasNotStoredIsDeleted(t *testing.T) {
	w := newUpdatesFixture(t)
	w.host.Posts["half"] = &model.Post{Id: "half", UserId: "anna", ChannelId: "channel0"}
	w.incidents.posts = finds("half")
	require.NoError(t, w.incidents.jobs.Add(ctx, app.CleanUpJob("mark", jobDiscardStatusPost, "inc", w.Now().UnixMilli())))
	w.later(app.CleanUpDelay)
	w.cleanUp(t)
	assert.NotContains(t, w.host.Posts, "half")
	assert.Empty(t, w.waiting())
	assert.Len(t, w.incidents.jobs.Rows(jobDiscardStatusPost), 1, "so that a slow request cannot store it any more")
}

// Mattermost goes on with what it was asked for by a process that has died, and may be slow.
func TestCleanUp_ThePostOfAStatusUpdateThatIsMadeLateIsDeleted(t *testing.T) {
	w := newUpdatesFixture(t)
	require.NoError(t, w.incidents.jobs.Add(ctx, app.CleanUpJob("mark", jobDiscardStatusPost, "inc", w.Now().UnixMilli())))
	w.later(app.CleanUpDelay)
	w.cleanUp(t)
	require.Len(t, w.waiting(), 1)
	w.host.Posts["late"] = &model.Post{Id: "late", UserId: "anna", ChannelId: "channel0"}
	w.incidents.posts = finds("late")
	w.later(5 * time.Minute)
	w.cleanUp(t)
	assert.NotContains(t, w.host.Posts, "late")
	assert.Empty(t, w.waiting())
}

func TestCleanUp_AReminderPostIsDeletedInTheEnd(t *testing.T) {
	w, old := newUpdatesFixture(t), model.NewId()
	w.incident().ReminderPostID = old
	w.host.Posts[old] = &model.Post{Id: old, UserId: "bot", ChannelId: "channel0"}
	w.host.Fails["DeletePost"] = errBroken
	require.NoError(t, w.End(ctx, "anna", "inc"))
	require.Len(t, w.waiting(), 1)
	delete(w.host.Fails, "DeletePost")
	w.later(app.CleanUpDelay)
	w.cleanUp(t)
	assert.NotContains(t, w.host.Posts, old)
	assert.Empty(t, w.waiting())
}

// A change whose commit seemed to fail is published like any other, and removes the reminder that it replaced.
func TestPublisher_AStatusUpdateWhoseCommitSeemedToFail(t *testing.T) {
	w, e := newUpdatesFixture(t), &ear{}
	w.Listen(e)
	w.host.Posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
	w.incident().ReminderPostID = "old"
	w.incidents.fails["Update's answer"] = errBroken
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.NotContains(t, w.host.Posts, "old")
	require.Len(t, e.heard, 1)
	assert.Equal(t, incident.EventStatusUpdate, e.heard[0].Event.Type())
	assert.Equal(t, []string{app.EventIncidentUpdated}, w.host.Events)
}

// ear is a Listener that remembers what it heard.
type ear struct{ heard []app.Change }

func (e *ear) IncidentChanged(_ context.Context, c app.Change) { e.heard = append(e.heard, c) }
