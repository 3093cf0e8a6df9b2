package status

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestReminder_PostThatCannotBeDeletedFailsNothing(t *testing.T) {
	w := newUpdatesFixture(t)
	w.host.Fails["DeletePost"] = errBroken
	w.host.Posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
	w.incident().ReminderPostID = "old"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Empty(t, w.incident().ReminderPostID)
	w.incident().ReminderPostID = "old"
	require.NoError(t, w.DismissReminder(ctx, "anna", "inc", "old"))
	assert.Empty(t, w.incident().ReminderPostID)
	w.incident().ReminderPostID = "old"
	require.NoError(t, w.End(ctx, "anna", "inc"))
	assert.Empty(t, w.incident().ReminderPostID)
}

func TestReminder_ChangesReachTheClients(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	w.remind(t)
	require.Len(t, w.host.Events, 1)
	var seen incident.Incident
	require.NoError(t, json.Unmarshal([]byte(w.host.Published[0]["payload"].(string)), &seen))
	assert.NotEmpty(t, seen.ReminderPostID)
	require.NoError(t, w.DismissReminder(ctx, "anna", "inc", seen.ReminderPostID))
	require.Len(t, w.host.Events, 2)
	require.NoError(t, json.Unmarshal([]byte(w.host.Published[1]["payload"].(string)), &seen))
	assert.Empty(t, seen.ReminderPostID)
	require.NoError(t, w.DismissReminder(ctx, "anna", "inc", ""), "nothing to dismiss is no error")
	assert.Len(t, w.host.Events, 2)
}

func TestReminder_NotOfAnEndedIncident(t *testing.T) {
	t.Run("before the claim", func(t *testing.T) {
		w := newUpdatesFixture(t)
		w.incident().IsActive, w.incidents.due["inc"] = false, 1
		w.remind(t)
		assert.Empty(t, w.host.Posts)
	})
	t.Run("ended while posting", func(t *testing.T) {
		w := newUpdatesFixture(t)
		w.incidents.due["inc"] = 1
		w.incidents.beforeLock = func(i *incident.Incident) { i.IsActive = false }
		w.remind(t)
		assert.Empty(t, w.host.Posts, "the reminder of an ended incident stays in the channel")
		assert.Empty(t, w.incident().ReminderPostID)
	})
}

func TestReminder_StatusUpdateMeanwhileWins(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	w.incidents.beforeLock = func(i *incident.Incident) {
		if len(i.StatusPostIDs) == 0 {
			i.StatusPostIDs = []string{"update"}
			i.Checklists[0].Tasks[0].State = incident.Closed
		}
	}
	w.remind(t)
	assert.Empty(t, w.host.Posts)
	assert.Empty(t, w.incident().ReminderPostID)
	assert.Equal(t, incident.Closed, w.incident().Checklists[0].Tasks[0].State)
}

func TestReminder_NewOneReplacesTheOldPost(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incident().ReminderPostID = "left behind"
	w.host.Posts["left behind"] = &model.Post{Id: "left behind", UserId: "bot", ChannelId: "channel0"}
	w.incidents.due["inc"] = 1
	w.remind(t)
	assert.Equal(t, 1, w.host.Did("DeletePost left behind"))
	assert.Len(t, w.host.Posts, 1)
	assert.Contains(t, w.host.Posts, w.incident().ReminderPostID)
}

// Version 1.2.0 let clients store any id as that of the reminder post, and such rows are still there.
func TestReminder_OtherPostsAreNotDeleted(t *testing.T) {
	foreign := map[string]*model.Post{"somebody's": {UserId: "anna", ChannelId: "channel0"}, "elsewhere": {UserId: "bot", ChannelId: "wide"}}
	for id, post := range foreign {
		for what, act := range map[string]func(w *updatesFixture) error{
			"end":     func(w *updatesFixture) error { return w.End(ctx, "anna", "inc") },
			"update":  func(w *updatesFixture) error { return w.PostStatus(ctx, "anna", "inc", "all well", 0) },
			"dismiss": func(w *updatesFixture) error { return w.DismissReminder(ctx, "anna", "inc", "") },
			"remind":  func(w *updatesFixture) error { w.incidents.due["inc"] = 1; w.remind(t); return nil },
			"clean up": func(w *updatesFixture) error {
				w.incident().ReminderPostID = ""
				require.NoError(t, w.incidents.jobs.Add(ctx, app.DeletePostJob("inc", id, 1)))
				w.cleanUp(t)
				return nil
			},
		} {
			w := newUpdatesFixture(t)
			w.incident().ReminderPostID = id
			w.host.Posts[id] = post
			require.NoError(t, act(w), what)
			assert.Contains(t, w.host.Posts, id, what)
			assert.NotEqual(t, id, w.incident().ReminderPostID, what)
			assert.NotContains(t, w.waiting(), id, "it is not tried again")
			assert.True(t, w.log.Has("left alone"), what)
		}
	}
}

func TestReminder_OneFailureDoesNotHoldUpTheOthers(t *testing.T) {
	w := newUpdatesFixture(t)
	other := w.incident().Clone()
	other.ID = "other"
	w.incidents.rows["other"], w.incidents.due["other"], w.incidents.due["inc"] = &other, 1, 1
	w.host.Fails["CreatePost"] = errBroken
	w.remind(t)
	assert.Equal(t, 2, w.host.Did("CreatePost"))
	assert.NotZero(t, w.incidents.due["inc"], "a reminder that failed is tried again")
}

func TestReminder_EndsWithItsChannel(t *testing.T) {
	gone := incident.NewError(incident.NotFound, "host.not_found", "no such channel")
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	w.host.Fails["CreatePost"] = gone
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "the channel is there: it is tried again")
	w.later(time.Minute)
	delete(w.host.Channels, "channel0")
	w.host.Fails["CreatePost"] = errBroken
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "it is not known that the channel is the reason")
	w.later(time.Minute)
	w.host.Fails["CreatePost"] = gone
	w.incidents.beforeLock = func(*incident.Incident) { w.incidents.due["inc"] = 9 }
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "another reminder was set meanwhile")
	w.incidents.beforeLock = nil
	before := w.incident().Revision
	w.remind(t)
	assert.Zero(t, w.incidents.due["inc"])
	assert.True(t, w.incident().IsActive)
	assert.Equal(t, before+1, w.incident().Revision)
	assert.True(t, w.log.Has("deleted for good"))
}

func TestReminder_DismissRemovesOnlyTheReminderOfTheIncident(t *testing.T) {
	w := newUpdatesFixture(t)
	mark := func(channel, user, incidentID string) *model.Post {
		p := &model.Post{UserId: user, ChannelId: channel}
		if incidentID != "" {
			p.AddProp(reminderProp, incidentID+":1")
		}
		return p
	}
	w.host.Posts = map[string]*model.Post{
		"foreign": mark("wide", "bot", "other"), "somebody's": mark("channel0", "anna", "inc"), "plain": mark("channel0", "bot", ""),
		"elsewhere": mark("wide", "bot", "inc"), "leftover": mark("channel0", "bot", "inc"),
	}
	for id := range map[string]bool{"foreign": true, "somebody's": true, "plain": true, "elsewhere": true, "leftover": true, "unknown": true} {
		require.NoError(t, w.DismissReminder(ctx, "anna", "inc", id))
	}
	assert.NotContains(t, w.host.Posts, "leftover")
	assert.Len(t, w.host.Posts, 4)
}

// An end and a restart while a reminder is being posted have cancelled it, although nothing else shows it.
func TestReminder_EndedAndRestartedWhilePosting(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	w.incidents.beforeLock = func(*incident.Incident) { w.incidents.due["inc"] = 0 }
	w.remind(t)
	assert.Empty(t, w.host.Posts)
	assert.Empty(t, w.incident().ReminderPostID)
}

// The node that posted it has died before it could store that.
func TestReminder_ASecondAttemptTakesThePostOfTheFirst(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	w.incidents.fails["Update"] = errBroken
	w.remind(t)
	require.Len(t, w.host.Posts, 1)
	w.incidents.fails = map[string]error{}
	w.incidents.posts = finds("post0")
	w.later(time.Minute)
	w.remind(t)
	assert.Equal(t, "post0", w.incident().ReminderPostID)
	assert.Equal(t, 1, w.host.Did("CreatePost"))
	assert.Empty(t, w.waiting())
}

// The reminder is cancelled, or replaced, after a node has posted it and died.
func TestReminder_ThePostOfACancelledOneIsRemoved(t *testing.T) {
	for _, pending := range []int64{0, 9_000_000} {
		w := newUpdatesFixture(t)
		w.incidents.due["inc"] = 1
		w.incidents.fails["Update"] = errBroken
		w.remind(t)
		require.Len(t, w.host.Posts, 1)
		w.incidents.fails = map[string]error{}
		w.incidents.due["inc"] = pending
		w.incidents.posts = finds("post0")
		w.later(time.Minute)
		w.remind(t)
		assert.Empty(t, w.host.Posts)
		assert.Equal(t, pending, w.incidents.due["inc"])
	}
}

// Version 1.2.0 has run on our database meanwhile, and has posted or replaced the reminder: its job is left over.
func TestReminder_AJobWithoutItsReminderPostsNothing(t *testing.T) {
	w := newUpdatesFixture(t)
	w.incidents.due["inc"] = 1
	require.NoError(t, w.reminders.adopt(ctx))
	w.incidents.due["inc"] = 9_000_000
	w.run(t, jobReminder)
	assert.Empty(t, w.host.Posts)
	assert.Empty(t, w.waiting())
	assert.EqualValues(t, 9_000_000, w.incidents.due["inc"])
}

// Nobody is asked who cannot read the channel: then those are who are in it.
func TestReminder_AsksTheChannelIfTheCommanderCannotReadIt(t *testing.T) {
	for name, spoil := range map[string]func(w *updatesFixture){
		"left the channel": func(w *updatesFixture) { w.host.Denied["member:anna"] = true },
		"deactivated":      func(w *updatesFixture) { w.host.Denied["active:anna"] = true },
		"gone":             func(w *updatesFixture) { w.incident().CommanderUserID = "gone" },
	} {
		w := newUpdatesFixture(t)
		spoil(w)
		w.incidents.due["inc"] = 1
		w.remind(t)
		message := w.host.Posts[w.incident().ReminderPostID].Message
		assert.True(t, strings.HasPrefix(message, "@boris, @clara, please post"), "%s: %s", name, message)
		assert.NotContains(t, message, "@anna", name)
	}
	w := newUpdatesFixture(t)
	w.host.Denied["member:anna"] = true
	w.people.(*fakePeople).fails = errBroken
	w.incidents.due["inc"] = 1
	w.remind(t)
	assert.True(t, strings.HasPrefix(w.host.Posts[w.incident().ReminderPostID].Message, "@channel, please post"), "the reminder is posted all the same")
	for name, spoil := range map[string]func(w *updatesFixture){
		"present":                    func(*updatesFixture) {},
		"Mattermost does not answer": func(w *updatesFixture) { w.host.Fails["IsChannelMember"] = errBroken },
	} {
		w := newUpdatesFixture(t)
		spoil(w)
		w.incidents.due["inc"] = 1
		w.remind(t)
		assert.Equal(t, "@anna, please post a status update.", w.host.Posts[w.incident().ReminderPostID].Message, name)
	}
}
