package app

import (
	"net/http"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// later moves the clock on, so that loose ends are old.
func (w *world) later(d time.Duration) {
	now := w.Now().Add(d)
	w.Now = func() time.Time { return now }
}

// live counts the channels that were made and not archived.
func (w *world) live() int { return w.host.did("CreateChannel") - w.host.did("ArchiveChannel") }

// Each step of a start fails in turn, is retried with the same request, and leads to one channel and one incident.
func TestStart_AnyStepFailsAndTheRetrySucceeds(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		// stays tells that the incident is there although the step failed.
		stays bool
	}{
		"the note about the channel": {spoil: func(w *world) { w.incidents.fails["AddLooseEnd"] = errBroken }},
		"channel": {spoil: func(w *world) {
			w.host.fails["CreateChannel"] = model.NewAppError("x", "a.fault", nil, "", http.StatusInternalServerError)
		}},
		"members":                 {spoil: func(w *world) { w.host.fails["AddToChannel"] = errBroken }},
		"row":                     {spoil: func(w *world) { w.incidents.fails["Create"] = errBroken }},
		"row stored, answer lost": {spoil: func(w *world) { w.incidents.fails["Create's answer"] = errBroken }, stays: true},
		"posts":                   {spoil: func(w *world) { w.host.fails["CreatePost"] = errBroken }, stays: true},
		"channel for the dialog":  {spoil: func(w *world) { w.host.fails["Team"] = errBroken }, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(w)
			before := len(w.incidents.rows)
			first, err := w.Start(ctx, startRequest())
			assert.Equal(t, c.stays, err == nil, "%v", err)
			w.host.fails, w.incidents.fails = map[string]error{}, map[string]error{}
			if c.stays {
				assert.Contains(t, w.incidents.rows, first.ID)
				assert.Empty(t, w.incidents.ends)
				assert.Contains(t, w.host.events, EventIncidentCreated, "the requester is told")
				assert.Equal(t, 1, w.live())
				return
			}
			if name == "channel" {
				w.host.calls = nil // none was made
			}
			again, err := w.Start(ctx, startRequest())
			require.NoError(t, err)
			assert.Len(t, w.incidents.rows, before+1)
			assert.Contains(t, w.incidents.rows, again.ID)
			w.later(10 * time.Minute)
			w.TieUpLooseEnds(ctx)
			assert.Empty(t, w.incidents.ends)
			assert.Equal(t, 1, w.live(), "%v", w.host.calls)
		})
	}
}

func TestLooseEnd_AChannelWithoutAnIncidentIsArchivedLater(t *testing.T) {
	w := newWorld(t)
	w.incidents.ends["new"] = incident.LooseEnd{ID: "new", IncidentID: "new", Kind: incident.LooseChannel, TeamID: "team",
		Names: []string{"server-down", "server-down-abcd"}, CreateAt: w.now()}
	w.incidents.loose = []string{"orphan"}
	w.TieUpLooseEnds(ctx)
	assert.Zero(t, w.host.did("ArchiveChannel"), "its start may still go on")
	w.later(looseEndAge + time.Second)
	w.host.fails["ArchiveChannel"] = errBroken
	w.TieUpLooseEnds(ctx)
	assert.Len(t, w.incidents.ends, 1, "what fails is tried again")

	delete(w.host.fails, "ArchiveChannel")
	w.later(looseEndRetry + time.Second)
	w.TieUpLooseEnds(ctx)
	assert.Equal(t, 2, w.host.did("ArchiveChannel orphan"))
	assert.Empty(t, w.incidents.ends)
}

func TestLooseEnd_AChannelThatMayBelongToAnotherStartIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"crashed", "going on"} {
		w.incidents.ends[id] = incident.LooseEnd{ID: id, Kind: incident.LooseChannel, TeamID: "team", Names: []string{"same", "same-" + id}, CreateAt: w.now()}
	}
	w.incidents.loose = []string{"whose"}
	w.later(looseEndAge + time.Second)
	w.TieUpLooseEnds(ctx)
	assert.Zero(t, w.host.did("ArchiveChannel"))
	assert.Len(t, w.incidents.ends, 2)
	w.later(4 * looseEndAge)
	w.TieUpLooseEnds(ctx)
	assert.NotZero(t, w.host.did("ArchiveChannel whose"), "both are dead")
	assert.Empty(t, w.incidents.ends)
}

func TestLooseEnd_WhoWasTakenBackCannotStore(t *testing.T) {
	w := newWorld(t)
	w.host.fails["CreatePost"] = nil
	w.incidents.meanwhile = func(*incident.Incident) {
		for id := range w.incidents.ends {
			w.incidents.taken[id] = 1 // another node took it for dead
		}
	}
	err := w.PostStatus(ctx, "anna", "inc", "all well", 0)
	assert.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
	assert.Empty(t, w.host.posts)
	assert.EqualValues(t, 1, w.incident().Revision)
}

func TestLooseEnd_AStatusUpdateThatWasStoredAfterAllStays(t *testing.T) {
	w := newWorld(t)
	w.incident().BroadcastChannelID = "wide"
	w.incidents.fails["Update's answer"] = errBroken
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.did("CreatePost bot wide"))
	assert.Contains(t, w.host.posts, w.incident().StatusPostIDs[0])
}

func TestLooseEnd_AReminderPostIsDeletedInTheEnd(t *testing.T) {
	w := newWorld(t)
	w.incident().ReminderPostID = "old"
	w.host.posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
	w.host.fails["DeletePost"] = errBroken
	require.NoError(t, w.End(ctx, "anna", "inc"))
	require.Len(t, w.incidents.ends, 1)
	delete(w.host.fails, "DeletePost")
	w.later(looseEndAge + time.Minute)
	end := w.incidents.ends["old"]
	end.CreateAt = 1
	w.incidents.ends["old"] = end
	w.TieUpLooseEnds(ctx)
	assert.NotContains(t, w.host.posts, "old")
	assert.Empty(t, w.incidents.ends)
}

// The post in an archived channel, say. What is young is tried again at once, for Mattermost may just be away.
func TestLooseEnd_WhatFailsForLongIsTriedSeldom(t *testing.T) {
	for age, again := range map[time.Duration]time.Duration{
		2 * looseEndAge: 0, looseEndOld: 0, 8 * time.Hour: 2 * time.Hour, 40 * 24 * time.Hour: 10 * 24 * time.Hour,
	} {
		w := newWorld(t)
		now := w.Now()
		w.Now = func() time.Time { return now }
		w.host.posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
		w.host.fails["DeletePost"] = errBroken
		w.incidents.ends["old"] = incident.LooseEnd{ID: "old", Kind: incident.LoosePost, IncidentID: "inc", CreateAt: now.Add(-age).UnixMilli()}
		w.TieUpLooseEnds(ctx)
		require.Contains(t, w.host.posts, "old")
		assert.Equal(t, now.Add(again).UnixMilli(), w.incidents.taken["old"], "%s old", age)
	}
}

// An end and a restart while a reminder is being posted have cancelled it, although nothing else shows it.
func TestReminder_EndedAndRestartedWhilePosting(t *testing.T) {
	w := newWorld(t)
	w.incidents.due["inc"] = 1
	w.incidents.meanwhile = func(*incident.Incident) { w.incidents.due["inc"] = 0 }
	require.NoError(t, w.PostDueReminders(ctx))
	assert.Empty(t, w.host.posts)
	assert.Empty(t, w.incident().ReminderPostID)
}

func TestReminder_APanicDoesNotEndTheLoop(t *testing.T) {
	w := newWorld(t)
	err := w.guarded(func() error { panic("on purpose") })
	require.ErrorContains(t, err, "on purpose")
}
