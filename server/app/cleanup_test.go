package app

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
)

// later moves the clock on.
func (w *serviceFixture) later(d time.Duration) {
	now := w.Now().Add(d)
	w.Now = func() time.Time { return now }
}

// live counts the channels that were made and not archived.
func (w *serviceFixture) live() int {
	return w.host.Did("CreateChannel") - w.host.Did("ArchiveChannel")
}

// Each step of a start fails in turn, is retried with the same request, and leads to one channel and one incident.
func TestStart_AnyStepFailsAndTheRetrySucceeds(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *serviceFixture)
		// stays means that the incident is there although the step failed.
		stays bool
	}{
		"the job that would discard the channel": {spoil: func(w *serviceFixture) { w.incidents.jobs.Fails["Add"] = errBroken }},
		"channel": {spoil: func(w *serviceFixture) {
			w.host.Fails["CreateChannel"] = model.NewAppError("x", "a.fault", nil, "", http.StatusInternalServerError)
		}},
		"members":                 {spoil: func(w *serviceFixture) { w.host.Fails["AddToChannel"] = errBroken }},
		"row":                     {spoil: func(w *serviceFixture) { w.incidents.fails["Create"] = errBroken }},
		"row stored, answer lost": {spoil: func(w *serviceFixture) { w.incidents.fails["Create's answer"] = errBroken }, stays: true},
		"posts":                   {spoil: func(w *serviceFixture) { w.host.Fails["CreatePost"] = errBroken }, stays: true},
		"channel for the dialog":  {spoil: func(w *serviceFixture) { w.host.Fails["Team"] = errBroken }, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			c.spoil(w)
			before := len(w.incidents.rows)
			first, err := w.Start(ctx, startRequest())
			assert.Equal(t, c.stays, err == nil, "%v", err)
			w.host.Fails, w.incidents.fails, w.incidents.jobs.Fails = map[string]error{}, map[string]error{}, map[string]error{}
			if c.stays {
				assert.Contains(t, w.incidents.rows, first.ID)
				assert.Empty(t, w.incidents.jobs.Rows(JobDiscardChannel))
				assert.Contains(t, w.host.Events, EventIncidentCreated, "the requester gets the event")
				assert.Equal(t, 1, w.live())
				return
			}
			if name == "channel" {
				w.host.Calls = nil // none was made
			}
			again, err := w.Start(ctx, startRequest())
			require.NoError(t, err)
			assert.Len(t, w.incidents.rows, before+1)
			assert.Contains(t, w.incidents.rows, again.ID)
			w.later(10 * time.Minute)
			w.cleanUp(t)
			assert.Empty(t, w.waiting())
			assert.Equal(t, 1, w.live(), "%v", w.host.Calls)
		})
	}
}

func discardJob(w *serviceFixture, id string, names ...string) jobs.Job {
	job := CleanUpJob(id, JobDiscardChannel, id, w.now())
	job.Payload, _ = json.Marshal(Orphan{TeamID: "team", Names: names, Type: model.CHANNEL_PRIVATE, Header: "h", Members: []string{"anna"}})
	return job
}

func TestCleanUp_AChannelWithoutAnIncidentIsArchivedLater(t *testing.T) {
	w := newServiceFixture(t)
	made := w.now()
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "new", "server-down", "server-down-abcd")))
	w.incidents.loose = []string{"orphan"}
	w.cleanUp(t)
	assert.Zero(t, w.host.Did("ArchiveChannel"), "its start may still go on")
	w.later(CleanUpDelay + time.Second)
	w.host.Fails["ArchiveChannel"] = errBroken
	w.cleanUp(t)
	assert.Len(t, w.waiting(), 1, "what fails is tried again")
	assert.Equal(t, Orphan{TeamID: "team", Names: []string{"server-down", "server-down-abcd"}, Type: model.CHANNEL_PRIVATE, Header: "h",
		Members: []string{"anna"}, From: made - 60_000, To: made + 660_000}, w.incidents.orphan)

	delete(w.host.Fails, "ArchiveChannel")
	w.later(time.Minute + time.Second)
	w.cleanUp(t)
	assert.Equal(t, 2, w.host.Did("ArchiveChannel orphan"))
	assert.Empty(t, w.waiting())
}

func TestCleanUp_TheChannelIsDescribedAsItIsMade(t *testing.T) {
	w := newServiceFixture(t)
	w.incidents.fails["Create"] = errBroken
	w.host.Fails["ArchiveChannel"] = errBroken // the job stays
	_, err := w.Start(ctx, startRequest())
	require.Error(t, err)
	rows := w.incidents.jobs.Rows(JobDiscardChannel)
	require.Len(t, rows, 1)
	var orphan Orphan
	require.NoError(t, json.Unmarshal(rows[0].Payload, &orphan))
	var made *model.Channel
	for _, c := range w.host.Channels {
		if c.Id != "channel0" && c.Id != "wide" && c.Header != "" {
			made = c
		}
	}
	require.NotNil(t, made)
	assert.Equal(t, []string{made.CreatorId, made.TeamId, made.Type, made.Header}, []string{orphan.CreatorID, orphan.TeamID, orphan.Type, orphan.Header})
	assert.Equal(t, "bot", made.CreatorId, "what the clean-up knows the plugin's channels by")
	assert.Contains(t, orphan.Names, made.Name)
	assert.Contains(t, orphan.Members, startRequest().RequesterID)
}

// A channel is left alone while another start of its name may go on, and no longer: not until that start is old.
func TestCleanUp_AChannelThatMayBelongToAnotherStartIsLeftAlone(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "crashed", "same", "same-crashed")))
	w.later(20 * time.Second)
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "going on", "same", "same-going on")))
	w.incidents.loose = []string{"whose"}
	w.later(10 * time.Second)
	w.cleanUp(t)
	assert.Zero(t, w.host.Did("ArchiveChannel"))
	assert.Len(t, w.waiting(), 2)
	assert.False(t, w.log.Has("tried again"), "it did not fail")
	w.later(20 * time.Second) // the other one has taken half a minute, and cannot store its incident any more
	w.cleanUp(t)
	assert.NotZero(t, w.host.Did("ArchiveChannel whose"), "both are dead")
	w.incidents.loose = nil
	w.later(lateDelay)
	w.cleanUp(t)
	assert.Empty(t, w.waiting())
}

// Mattermost goes on with what it was asked for by a process that has died, and may be slow.
func TestCleanUp_AChannelThatIsMadeLateIsArchived(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "crashed", "same", "same-crashed")))
	w.later(CleanUpDelay)
	w.cleanUp(t)
	assert.Len(t, w.waiting(), 1, "it may still be made")
	assert.False(t, w.log.Has("tried again"), "it did not fail")
	w.incidents.loose = []string{"late"}
	w.later(lateLook)
	w.cleanUp(t)
	assert.Equal(t, 1, w.host.Did("ArchiveChannel late"))
	assert.Empty(t, w.waiting())

	w = newServiceFixture(t)
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "crashed", "same", "same-crashed")))
	for looks := 1; len(w.waiting()) > 0; looks++ {
		w.later(lateLook)
		w.cleanUp(t)
		require.Less(t, looks, 10, "it is not looked for for ever")
	}
}

// A start that stores its incident while the clean-up of another one looks keeps its channel.
func TestCleanUp_AChannelWhoseIncidentIsStoredMeanwhileStays(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.incidents.jobs.Add(ctx, discardJob(w, "crashed", "same", "same-crashed")))
	w.incidents.loose = []string{"whose"}
	w.incidents.looked = func() { w.incidents.loose = nil }
	w.later(CleanUpDelay)
	w.cleanUp(t)
	assert.Zero(t, w.host.Did("ArchiveChannel"))
}

// The post in an archived channel, say.
func TestCleanUp_WhatFailsForLongIsTriedSeldomAndThenParked(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
	w.host.Fails["DeletePost"] = errBroken
	require.NoError(t, w.incidents.jobs.Add(ctx, DeletePostJob("inc", "old", w.now())))
	var waits []time.Duration
	w.later(CleanUpDelay)
	for len(w.waiting()) > 0 {
		w.cleanUp(t)
		next := time.UnixMilli(w.incidents.jobs.Rows(JobDeletePost)[0].NextAttemptAt)
		waits = append(waits, next.Sub(w.Now()))
		w.later(next.Sub(w.Now()))
	}
	assert.Equal(t, []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}, waits[:3])
	assert.Equal(t, 24*time.Hour, waits[20])
	assert.Len(t, waits, 40)
	assert.Equal(t, jobstest.Failed, w.incidents.jobs.Rows(JobDeletePost)[0].State)
	assert.True(t, w.log.Has("not tried again"))
}
