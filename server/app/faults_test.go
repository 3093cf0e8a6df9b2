package app

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var ctx = context.Background()

func startRequest() StartRequest {
	return StartRequest{RequesterID: "boris", CommanderID: "anna", TeamID: "team", Name: "Server down"}
}

func TestAnnounce_OnlyStoredChanges(t *testing.T) {
	acts := map[string]func(w *world) error{
		"state": func(w *world) error {
			return w.SetTaskState(ctx, "anna", "inc", incident.At(0), incident.At(0), incident.Closed)
		},
		"assignee":  func(w *world) error { return w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris") },
		"stage":     func(w *world) error { _, err := w.SetStage(ctx, "anna", "inc", 1); return err },
		"commander": func(w *world) error { return w.SetCommander(ctx, "anna", "inc", "boris") },
		"end":       func(w *world) error { return w.End(ctx, "anna", "inc") },
	}
	for name, act := range acts {
		t.Run(name+" not stored", func(t *testing.T) {
			w := newWorld(t)
			w.incidents.fails["Update"] = errBroken
			require.ErrorIs(t, act(w), errBroken)
			assert.Empty(t, w.host.posts)
			assert.Empty(t, w.host.events)
		})
		t.Run(name+" stored but not posted", func(t *testing.T) {
			w := newWorld(t)
			w.host.fails["CreatePost"] = errBroken
			require.NoError(t, act(w))
			assert.EqualValues(t, 2, w.incident().Revision)
			assert.Equal(t, []string{EventIncidentUpdated}, w.host.events, "clients learn of the change all the same")
			assert.Contains(t, strings.Join(w.log.lines, "\n"), errBroken.Error())
		})
		t.Run(name+" posted but not attached", func(t *testing.T) {
			w := newWorld(t)
			w.incidents.fails["AttachPost"] = errBroken
			require.NoError(t, act(w))
			assert.Len(t, w.host.posts, 1)
			assert.Equal(t, []string{EventIncidentUpdated}, w.host.events)
			assert.Contains(t, strings.Join(w.log.lines, "\n"), errBroken.Error())
		})
	}
}

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

func TestReminder_PostThatCannotBeDeletedFailsNothing(t *testing.T) {
	w := newWorld(t)
	w.host.fails["DeletePost"] = errBroken
	w.host.posts["old"] = &model.Post{Id: "old", UserId: "bot", ChannelId: "channel0"}
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
	w := newWorld(t)
	w.incidents.due["inc"] = 1
	w.remind(t)
	require.Len(t, w.host.events, 1)
	var seen incident.Incident
	require.NoError(t, json.Unmarshal([]byte(w.host.published[0]["payload"].(string)), &seen))
	assert.NotEmpty(t, seen.ReminderPostID)
	require.NoError(t, w.DismissReminder(ctx, "anna", "inc", seen.ReminderPostID))
	require.Len(t, w.host.events, 2)
	require.NoError(t, json.Unmarshal([]byte(w.host.published[1]["payload"].(string)), &seen))
	assert.Empty(t, seen.ReminderPostID)
	require.NoError(t, w.DismissReminder(ctx, "anna", "inc", ""), "nothing to dismiss is no error")
	assert.Len(t, w.host.events, 2)
}

func TestReminder_NotOfAnEndedIncident(t *testing.T) {
	t.Run("before the claim", func(t *testing.T) {
		w := newWorld(t)
		w.incident().IsActive, w.incidents.due["inc"] = false, 1
		w.remind(t)
		assert.Empty(t, w.host.posts)
	})
	t.Run("ended while posting", func(t *testing.T) {
		w := newWorld(t)
		w.incidents.due["inc"] = 1
		w.incidents.meanwhile = func(i *incident.Incident) { i.IsActive = false }
		w.remind(t)
		assert.Empty(t, w.host.posts, "the reminder of an ended incident stays in the channel")
		assert.Empty(t, w.incident().ReminderPostID)
	})
}

func TestReminder_StatusUpdateMeanwhileWins(t *testing.T) {
	w := newWorld(t)
	w.incidents.due["inc"] = 1
	w.incidents.meanwhile = func(i *incident.Incident) {
		if len(i.StatusPostIDs) == 0 {
			i.StatusPostIDs = []string{"update"}
			i.Checklists[0].Tasks[0].State = incident.Closed
		}
	}
	w.remind(t)
	assert.Empty(t, w.host.posts)
	assert.Empty(t, w.incident().ReminderPostID)
	assert.Equal(t, incident.Closed, w.incident().Checklists[0].Tasks[0].State)
}

func TestReminder_NewOneReplacesTheOldPost(t *testing.T) {
	w := newWorld(t)
	w.incident().ReminderPostID = "left behind"
	w.host.posts["left behind"] = &model.Post{Id: "left behind", UserId: "bot", ChannelId: "channel0"}
	w.incidents.due["inc"] = 1
	w.remind(t)
	assert.Equal(t, 1, w.host.did("DeletePost left behind"))
	assert.Len(t, w.host.posts, 1)
	assert.Contains(t, w.host.posts, w.incident().ReminderPostID)
}

// Version 1.2.0 let clients store any id as that of the reminder post, and such rows are still there.
func TestReminder_OtherPostsAreNotDeleted(t *testing.T) {
	foreign := map[string]*model.Post{"somebody's": {UserId: "anna", ChannelId: "channel0"}, "elsewhere": {UserId: "bot", ChannelId: "wide"}}
	for id, post := range foreign {
		for what, act := range map[string]func(w *world) error{
			"end":     func(w *world) error { return w.End(ctx, "anna", "inc") },
			"update":  func(w *world) error { return w.PostStatus(ctx, "anna", "inc", "all well", 0) },
			"dismiss": func(w *world) error { return w.DismissReminder(ctx, "anna", "inc", "") },
			"remind":  func(w *world) error { w.incidents.due["inc"] = 1; w.remind(t); return nil },
			"clean up": func(w *world) error {
				w.incident().ReminderPostID = ""
				require.NoError(t, w.incidents.jobs.Add(ctx, DeletePostJob("inc", id, 1)))
				w.cleanUp(t)
				return nil
			},
		} {
			w := newWorld(t)
			w.incident().ReminderPostID = id
			w.host.posts[id] = post
			require.NoError(t, act(w), what)
			assert.Contains(t, w.host.posts, id, what)
			assert.NotEqual(t, id, w.incident().ReminderPostID, what)
			assert.NotContains(t, w.waiting(), id, "it is not tried again")
			assert.True(t, w.log.has("left alone"), what)
		}
	}
}

func TestReminder_OneFailureDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWorld(t)
	other := w.incident().Clone()
	other.ID = "other"
	w.incidents.rows["other"], w.incidents.due["other"], w.incidents.due["inc"] = &other, 1, 1
	w.host.fails["CreatePost"] = errBroken
	w.remind(t)
	assert.Equal(t, 2, w.host.did("CreatePost"))
	assert.NotZero(t, w.incidents.due["inc"], "a reminder that failed is tried again")
}

func TestReminder_EndsWithItsChannel(t *testing.T) {
	gone := incident.NewError(incident.NotFound, "host.not_found", "no such channel")
	w := newWorld(t)
	w.incidents.due["inc"] = 1
	w.host.fails["CreatePost"] = gone
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "the channel is there: it is tried again")
	w.later(time.Minute)
	delete(w.host.channels, "channel0")
	w.host.fails["CreatePost"] = errBroken
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "it is not known that the channel is the reason")
	w.later(time.Minute)
	w.host.fails["CreatePost"] = gone
	w.incidents.meanwhile = func(*incident.Incident) { w.incidents.due["inc"] = 9 }
	w.remind(t)
	assert.NotZero(t, w.incidents.due["inc"], "another reminder was set meanwhile")
	w.incidents.meanwhile = nil
	before := w.incident().Revision
	w.remind(t)
	assert.Zero(t, w.incidents.due["inc"])
	assert.True(t, w.incident().IsActive)
	assert.Equal(t, before+1, w.incident().Revision)
	assert.True(t, w.log.has("deleted for good"))
}

func TestBroadcast_FailuresAreLogged(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.did("CreatePost"))
	assert.Empty(t, w.log.lines)

	w.incident().BroadcastChannelID = "vanished"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	require.Len(t, w.log.lines, 1)
	assert.Contains(t, w.log.lines[0], "no such channel")
}

func TestBroadcast_NeedsTheAuthorsPermission(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"may not post": func(w *world) { w.host.denied[model.PERMISSION_CREATE_POST.Id+":anna:wide"] = true },
		"archived":     func(w *world) { w.host.channels["wide"].DeleteAt = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.incident().BroadcastChannelID = "wide"
			spoil(w)
			require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
			assert.Zero(t, w.host.did("CreatePost bot wide"))
			assert.Len(t, w.host.told, 1, "the author learns of it")
		})
	}
	w := newWorld(t)
	w.incident().BroadcastChannelID = "wide"
	require.NoError(t, w.PostStatus(ctx, "anna", "inc", "all well", 0))
	assert.Equal(t, 1, w.host.did("CreatePost bot wide"))
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

func TestStart_FailedLeavesNoChannel(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		kind  incident.Kind
		says  string
	}{
		"adding a member": {func(w *world) { w.host.fails["AddToChannel"] = errBroken }, incident.Conflict, "@anna"},
		"storing":         {func(w *world) { w.incidents.fails["Create"] = errBroken }, 0, errBroken.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(w)
			_, err := w.Start(ctx, startRequest())
			require.ErrorContains(t, err, c.says)
			assert.Equal(t, c.kind != 0, incident.IsKind(err, c.kind))
			assert.Equal(t, 1, w.host.did("ArchiveChannel channel2"))
			assert.Len(t, w.incidents.rows, 1)
			assert.Empty(t, w.host.events)

			w.host.fails["ArchiveChannel"] = errBroken
			_, again := w.Start(ctx, startRequest())
			require.ErrorContains(t, again, c.says, "the cause must not be hidden by the failed cleaning up")
			assert.Contains(t, strings.Join(w.log.lines, "\n"), "error What a failed request has left behind")
		})
	}
}

func TestStart_EverythingIsCheckedBeforeTheChannel(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world, r *StartRequest)
		kind  incident.Kind
		field string
	}{
		"stage too great": {func(_ *world, r *StartRequest) { r.ActiveStage = 99 }, incident.Invalid, "active_stage"},
		"negative stage":  {func(_ *world, r *StartRequest) { r.ActiveStage = -1 }, incident.Invalid, "active_stage"},
		"no name":         {func(_ *world, r *StartRequest) { r.Name = "" }, incident.Invalid, "name"},
		"invisible name":  {func(_ *world, r *StartRequest) { r.Name = "\u200b\u200d" }, incident.Invalid, "name"},
		"long name":       {func(_ *world, r *StartRequest) { r.Name = strings.Repeat("x", 65) }, incident.Invalid, "name"},
		"padded name":     {func(_ *world, r *StartRequest) { r.Name = strings.Repeat(" ", 5000) + "Server" }, incident.Invalid, "name"},
		"blank name":      {func(_ *world, r *StartRequest) { r.Name = " \t\n" }, incident.Invalid, "name"},
		"NUL in name":     {func(_ *world, r *StartRequest) { r.Name = "Server\x00down" }, incident.Invalid, "name"},
		"description":     {func(_ *world, r *StartRequest) { r.Description = strings.Repeat("x", 1025) }, incident.Invalid, "description"},
		"playbook":        {func(_ *world, r *StartRequest) { r.PlaybookID = "unknown" }, incident.NotFound, "playbook_id"},
		"post":            {func(_ *world, r *StartRequest) { r.PostID = "unknown" }, incident.NotFound, "post_id"},
		"post forbidden": {func(w *world, r *StartRequest) {
			w.host.posts["p"] = &model.Post{Id: "p", ChannelId: "secret"}
			w.host.denied[model.PERMISSION_READ_CHANNEL.Id+":boris:secret"] = true
			r.PostID = "p"
		}, incident.Forbidden, "post_id"},
		"commander": {func(w *world, _ *StartRequest) {
			w.host.denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":anna:team"] = true
		}, incident.Forbidden, "commander_user_id"},
		"channel permission": {func(w *world, _ *StartRequest) {
			w.host.denied[model.PERMISSION_CREATE_PUBLIC_CHANNEL.Id+":boris:team"] = true
		}, incident.Forbidden, "team_id"},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := newWorld(t), startRequest()
			c.spoil(w, &r)
			_, err := w.Start(ctx, r)
			e, ok := incident.AsError(err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, c.kind, e.Kind)
			assert.Equal(t, c.field, e.Field)
			assert.Zero(t, w.host.did("CreateChannel"))
		})
	}
}

func TestStart_PostThatCannotBeReadIsNotMissing(t *testing.T) {
	w, r := newWorld(t), startRequest()
	r.PostID = "p"
	w.host.fails["Post"] = errBroken
	_, err := w.Start(ctx, r)
	require.ErrorIs(t, err, errBroken)
	assert.Zero(t, w.host.did("CreateChannel"))
}

func TestStart_RefusedChannelIsExplained(t *testing.T) {
	for id, c := range map[string]struct {
		status int
		kind   incident.Kind
	}{
		channelNameRefused:  {http.StatusBadRequest, incident.Invalid},
		channelLimitReached: {http.StatusBadRequest, incident.Conflict}, "something.else": {http.StatusBadRequest, incident.Invalid},
		"a.fault": {http.StatusInternalServerError, 0},
	} {
		w := newWorld(t)
		w.host.fails["CreateChannel"] = model.NewAppError("x", id, nil, "", c.status)
		_, err := w.Start(ctx, startRequest())
		require.Error(t, err)
		assert.Equal(t, c.kind != 0, incident.IsKind(err, c.kind), "%s: %v", id, err)
		assert.Equal(t, 1, w.host.did("CreateChannel"))
	}
	w := newWorld(t)
	w.host.fails["CreateChannel"] = model.NewAppError("x", channelNameTaken, nil, "", http.StatusBadRequest)
	_, err := w.Start(ctx, startRequest())
	require.Error(t, err)
	assert.Equal(t, 2, w.host.did("CreateChannel server-down"), "a taken name is tried once more with a suffix")
	assert.Equal(t, 1, w.host.did("CreateChannel server-down-"))
	for _, id := range channelAddressRefused {
		w = newWorld(t)
		w.host.fails["CreateChannel server-down"] = model.NewAppError("x", id, nil, "", http.StatusBadRequest)
		_, err = w.Start(ctx, startRequest())
		require.NoError(t, err, "an address that a server refuses is replaced by a random one")
		assert.Equal(t, 1, w.host.did("CreateChannel incident-"))
	}
}

func TestStart_DoesNotFailWithItsAnnouncements(t *testing.T) {
	w := newWorld(t)
	w.host.posts["p"] = &model.Post{Id: "p", ChannelId: "channel0", Message: strings.Repeat("x", 16383)}
	w.host.fails["CreatePost"] = errBroken
	r := startRequest()
	r.PostID = "p"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentCreated}, w.host.events)
	assert.Contains(t, w.incidents.rows, inc.ID)
	assert.Len(t, w.log.lines, 2)
}

func TestStart_TheRequesterIsAddedToo(t *testing.T) {
	w := newWorld(t)
	_, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	assert.Equal(t, 1, w.host.did("AddToChannel anna"))
	assert.Equal(t, 1, w.host.did("AddToChannel boris"))
}

func TestStart_PlaybookOfAnotherTeamIsRefused(t *testing.T) {
	w, r := newWorld(t), startRequest()
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "elsewhere", MemberIDs: []string{"boris"}}
	r.PlaybookID = "p"
	_, err := w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	w.host.denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":boris:elsewhere"] = true
	_, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Zero(t, w.host.did("CreateChannel"))
}

func TestStart_PlaybookWithoutStages(t *testing.T) {
	w, r := newWorld(t), startRequest()
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"boris"}}
	r.PlaybookID = "p"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Empty(t, inc.Checklists)
	r.ActiveStage = -1
	_, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
}

func TestStage_DialogOpenedBeforeAChangeIsRefused(t *testing.T) {
	w := newWorld(t)
	from := 0
	_, err := w.SetStage(ctx, "boris", "inc", 2)
	require.NoError(t, err)
	err = w.MoveToStage(ctx, "anna", "inc", &from, 1)
	require.True(t, incident.IsKind(err, incident.Conflict), "%v", err)
	assert.Equal(t, 2, w.incident().ActiveStage)
	require.NoError(t, w.MoveToStage(ctx, "anna", "inc", &from, 2), "already where the dialog leads")
	require.NoError(t, w.MoveToStage(ctx, "anna", "inc", nil, 1), "1.2.0 sent no stage to compare with")
	assert.Equal(t, 1, w.incident().ActiveStage)
}

func TestCheck_TogglesTheCurrentState(t *testing.T) {
	w := newWorld(t)
	done := false
	w.incidents.meanwhile = func(i *incident.Incident) { // somebody else checks it first
		if !done {
			i.Checklists[0].Tasks[0].State, done = incident.Closed, true
		}
	}
	require.NoError(t, w.ToggleTask(ctx, "anna", "inc", incident.At(0), incident.At(0)))
	assert.Equal(t, incident.Open, w.incident().Checklists[0].Tasks[0].State)
}

func TestRunTask_KeepsWhatItsCommandDid(t *testing.T) {
	w := newWorld(t)
	w.incidents.meanwhile = func(i *incident.Incident) { i.Checklists[0].Tasks[0].State = incident.Closed }
	trigger, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	require.NoError(t, err)
	assert.Equal(t, "trigger", trigger)
	task := w.incident().Checklists[0].Tasks[0]
	assert.Equal(t, incident.Closed, task.State)
	assert.NotZero(t, task.CommandLastRun)
}

func TestRunTask_ChecksWhatMattermostDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		user  string
		kind  incident.Kind
	}{
		"not a member": {func(w *world) { w.host.denied["member:admin"] = true }, "admin", incident.Forbidden},
		"no commands": {func(w *world) { w.host.denied[model.PERMISSION_USE_SLASH_COMMANDS.Id+":anna:channel0"] = true }, "anna",
			incident.Forbidden},
		"archived": {func(w *world) { w.host.channels["channel0"].DeleteAt = 1 }, "anna", incident.Conflict},
		"blank":    {func(w *world) { w.incident().Checklists[0].Tasks[0].Command = " " }, "anna", incident.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(w)
			_, err := w.RunTask(ctx, c.user, "inc", incident.At(0), incident.At(0), nil)
			assert.True(t, incident.IsKind(err, c.kind), "%v", err)
			assert.Zero(t, w.host.did("RunCommand"))
		})
	}
}

func TestRunTask_FailedCommandIsNotRecorded(t *testing.T) {
	w := newWorld(t)
	w.host.fails["RunCommand"] = incident.NewError(incident.Invalid, "command.unknown", "There is no such slash command.")
	_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	e, ok := incident.AsError(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "command.unknown", e.Code)
	assert.Len(t, w.host.told, 1)
	assert.EqualValues(t, 1, w.incident().Revision)
}

func TestAssign_NeedsAMemberButNotTheOldAssignee(t *testing.T) {
	w := newWorld(t)
	w.incident().Checklists[0].Tasks[0].AssigneeID = "gone"
	w.host.denied["member:stranger"] = true
	for _, id := range []string{"gone", "stranger"} {
		err := w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(1), id)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%s: %v", id, err)
	}
	require.NoError(t, w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris"), "the old assignee does not resolve")
	assert.Equal(t, "boris", w.incident().Checklists[0].Tasks[0].AssigneeID)
}

func TestCommander_MustBeAnActiveMember(t *testing.T) {
	w := newWorld(t)
	w.host.denied["member:admin"] = true
	for _, id := range []string{"admin", "gone"} {
		err := w.SetCommander(ctx, "anna", "inc", id)
		assert.True(t, incident.IsKind(err, incident.Forbidden), "%s: %v", id, err)
	}
	assert.Equal(t, "anna", w.incident().CommanderUserID)
}

func TestReminder_DismissRemovesOnlyTheReminderOfTheIncident(t *testing.T) {
	w := newWorld(t)
	mark := func(channel, user, incidentID string) *model.Post {
		p := &model.Post{UserId: user, ChannelId: channel}
		if incidentID != "" {
			p.AddProp(reminderProp, incidentID+":1")
		}
		return p
	}
	w.host.posts = map[string]*model.Post{
		"foreign": mark("wide", "bot", "other"), "somebody's": mark("channel0", "anna", "inc"), "plain": mark("channel0", "bot", ""),
		"elsewhere": mark("wide", "bot", "inc"), "leftover": mark("channel0", "bot", "inc"),
	}
	for id := range map[string]bool{"foreign": true, "somebody's": true, "plain": true, "elsewhere": true, "leftover": true, "unknown": true} {
		require.NoError(t, w.DismissReminder(ctx, "anna", "inc", id))
	}
	assert.NotContains(t, w.host.posts, "leftover")
	assert.Len(t, w.host.posts, 4)
}

func subscription(w *world) Subscription {
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"anna"}}
	return Subscription{PlaybookID: "p", UserID: "anna"}
}

func TestSubscribe_TheFirstSucceeds(t *testing.T) {
	w := newWorld(t)
	sub, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	assert.Contains(t, w.host.kv, subscriptionKey+sub.ID)
	assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`, string(w.host.kv[subscriptionIndexKey]))
}

func TestSubscribe_FailedLeavesNothing(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"index unreadable": func(w *world) { w.host.fails["KVGet"] = errBroken },
		"others unreadable": func(w *world) {
			w.host.kv[subscriptionIndexKey], w.host.fails["KVKeys"] = []byte("{"), errBroken
		},
		"index not stored": func(w *world) { w.host.fails["KVCompareAndSet"] = errBroken },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			spoil(w)
			before := len(w.host.kv)
			_, err := w.Subscribe(ctx, "anna", subscription(w))
			require.Error(t, err)
			assert.Len(t, w.host.kv, before)
		})
	}
}

// Whatever the index has become, subscribing succeeds, and the subscriptions of others are in the index again.
func TestSubscribe_DamagedIndexIsRebuilt(t *testing.T) {
	for _, damaged := range []string{"{", "\x00\xff", "[]", `"x"`, "5", `{"subscription_ids":{}}`, `{"subscription_ids":[5]}`, `{"subscription_ids":[{"SubscriptionID":5}]}`,
		`{"subscription_ids":[{"SubscriptionID":"old"},`, ""} {
		w := newWorld(t)
		w.host.kv[subscriptionIndexKey] = []byte(damaged)
		w.host.kv[subscriptionKey+"old"] = []byte(`{"id":"old","playbook_id":"q","user_id":"boris","url":{"Host":"x"}}`)
		w.host.kv[subscriptionKey+"torn"] = []byte(`{"id":"torn","playbook_id"`)
		w.host.kv["once_inc"] = []byte(`{}`)
		sub, err := w.Subscribe(ctx, "anna", subscription(w))
		require.NoError(t, err, damaged)
		assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"old","PlaybookID":"q"},{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`,
			string(w.host.kv[subscriptionIndexKey]), damaged)
		assert.Equal(t, `{"id":"torn","playbook_id"`, string(w.host.kv[subscriptionKey+"torn"]), "what cannot be read is left alone")
		assert.True(t, w.log.has("index of subscriptions cannot be read"), damaged)
		assert.True(t, w.log.has(subscriptionKey+"torn"), damaged)
	}
	for _, sound := range []string{"null", "{}", `{"subscription_ids":null}`, `{"subscription_ids":[null]}`, `{"subscription_ids":[],"more":1}`} {
		w := newWorld(t)
		w.host.kv[subscriptionIndexKey] = []byte(sound)
		sub, err := w.Subscribe(ctx, "anna", subscription(w))
		require.NoError(t, err, sound)
		assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`, string(w.host.kv[subscriptionIndexKey]), sound)
	}
}

func TestSubscribe_KeepsTheOthers(t *testing.T) {
	w := newWorld(t)
	w.host.kv[subscriptionIndexKey] = []byte(`{"subscription_ids":[{"SubscriptionID":"","PlaybookID":""},{"SubscriptionID":"old","PlaybookID":"q"}]}`)
	sub, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"old","PlaybookID":"q"},{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`,
		string(w.host.kv[subscriptionIndexKey]))
}

func TestSubscribe_ChecksItsFields(t *testing.T) {
	w := newWorld(t)
	sub := subscription(w)
	for user, kind := range map[string]incident.Kind{"boris": incident.Forbidden, "admin": incident.Forbidden} {
		sub.UserID = user
		_, err := w.Subscribe(ctx, user, sub)
		assert.True(t, incident.IsKind(err, kind), "%s: %v", user, err)
	}
	_, err := w.Subscribe(ctx, "anna", sub) // for somebody else
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	_, err = w.Subscribe(ctx, "anna", Subscription{UserID: "anna"})
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	_, err = w.Subscribe(ctx, "anna", Subscription{UserID: "anna", PlaybookID: "unknown"})
	assert.True(t, incident.IsKind(err, incident.NotFound), "%v", err)
	for _, broken := range []string{strings.Repeat("é", maxURLPart+1), "a\x00", "a\xff"} {
		sub := subscription(w)
		sub.URL.RawQuery = broken
		_, err = w.Subscribe(ctx, "anna", sub)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	}
	assert.Empty(t, w.host.kv)
}

func TestPublish_AnOlderStateIsNotSentAfterANewerOne(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for n := int64(50); n > 0; n-- {
		all.Add(1)
		go func() {
			defer all.Done()
			w.publishUpdated(incident.Incident{ID: "inc", ChannelID: "channel0", Revision: n})
		}()
	}
	all.Wait()
	last := int64(0)
	for _, p := range w.host.published {
		var seen incident.Incident
		require.NoError(t, json.Unmarshal([]byte(p["payload"].(string)), &seen))
		require.Greater(t, seen.Revision, last)
		last = seen.Revision
	}
	assert.EqualValues(t, 50, last)
}

// Mattermost sends what is for no channel, team or user to everybody.
func TestPublish_OnlyToMembers(t *testing.T) {
	w := newWorld(t)
	inc, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	require.NoError(t, w.End(ctx, "anna", inc.ID))
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentCreated, EventIncidentUpdated}, w.host.events)
	channel := model.WebsocketBroadcast{ChannelId: inc.ChannelID}
	assert.Equal(t, []model.WebsocketBroadcast{channel, {UserId: "boris"}, channel}, w.host.heardBy)

	w.incident().ChannelID = "" // damaged
	require.NoError(t, w.End(ctx, "admin", "inc"))
	assert.Len(t, w.host.events, 3)
}

func TestPublish_StatesInTheirOrder(t *testing.T) {
	w := newWorld(t)
	var want [][2]int64
	for _, x := range []struct {
		revision, post int64
		sent           bool
	}{{1, 0, true}, {3, 1, true}, {3, 0, false}, {2, 9, false}, {3, 2, true}, {3, 1, false}, {4, 0, true}, {4, 1, true}, {4, 0, false}} {
		w.publishUpdated(incident.Incident{ID: "inc", ChannelID: "channel0", Revision: x.revision, PostRevision: x.post})
		w.publishUpdated(incident.Incident{ID: "other", ChannelID: "wide", Revision: 1})
		if x.sent {
			want = append(want, [2]int64{x.revision, x.post})
		}
	}
	var got [][2]int64
	for _, p := range w.host.published {
		var seen incident.Incident
		require.NoError(t, json.Unmarshal([]byte(p["payload"].(string)), &seen))
		if seen.ID == "inc" {
			got = append(got, [2]int64{seen.Revision, seen.PostRevision})
		}
	}
	assert.Equal(t, want, got)
}

func TestAssign_FailedPermissionCallIsNotARefusal(t *testing.T) {
	for _, question := range []string{"User", "IsChannelMember"} {
		w := newWorld(t)
		w.host.fails[question] = errBroken
		require.ErrorIs(t, w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris"), errBroken)
		require.ErrorIs(t, w.SetCommander(ctx, "anna", "inc", "boris"), errBroken)
		if question == "IsChannelMember" {
			_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
			require.ErrorIs(t, err, errBroken)
		}
		assert.EqualValues(t, 1, w.incident().Revision)
	}
}

func TestMembersOfATeam_FailedPermissionCallIsNotARefusal(t *testing.T) {
	w := newWorld(t)
	w.host.fails["IsTeamMember"] = errBroken
	const anna, team = "k3m9q1z7y5x8w2v6u4tsrpnahd", "7ow1x3cutb8a9pgd5mkezjfhqn"
	_, err := w.CreatePlaybook(ctx, anna, playbook.Playbook{Title: "Outage", TeamID: team, MemberIDs: []string{anna}})
	require.ErrorIs(t, err, errBroken)
	_, err = w.Start(ctx, startRequest())
	require.ErrorIs(t, err, errBroken)
	assert.Zero(t, w.host.did("CreateChannel"))
}

func TestStart_RepeatedRequestRevealsNothingWithoutAccess(t *testing.T) {
	w, r := newWorld(t), startRequest()
	r.Key = "key"
	first, err := w.Start(ctx, r)
	require.NoError(t, err)
	again, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, first.ID, again.ID)
	w.host.channels[first.ChannelID].Type = model.CHANNEL_PRIVATE
	w.host.denied[model.PERMISSION_READ_CHANNEL.Id+":boris:"+first.ChannelID] = true
	again, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Empty(t, again.Name)
	assert.Equal(t, 1, w.host.did("CreateChannel"))
}

// gate holds up the first look for a key until it is opened.
type gate struct {
	*fakeIncidents
	once    sync.Once
	entered chan struct{}
	open    chan struct{}
}

func (g *gate) FindByKey(ctx context.Context, actorID, key string) (incident.Incident, bool, error) {
	g.once.Do(func() {
		close(g.entered)
		<-g.open
	})
	return g.fakeIncidents.FindByKey(ctx, actorID, key)
}

func TestStart_FailureOfAnotherRequestIsNotReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		g := &gate{fakeIncidents: w.incidents, entered: make(chan struct{}), open: make(chan struct{})}
		s := New(g, w.playbooks, w.incidents.jobs, w.host, w.log, "plugin")
		right, wrong := startRequest(), startRequest()
		wrong.Name = ""
		right.Key, wrong.Key = "key", "key"
		var wait sync.WaitGroup
		wait.Go(func() {
			_, err := s.Start(ctx, wrong)
			assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
		})
		<-g.entered
		wait.Go(func() {
			inc, err := s.Start(ctx, right)
			assert.NoError(t, err)
			assert.Equal(t, right.Name, inc.Name)
		})
		synctest.Wait() // until it waits for the other one
		close(g.open)
		wait.Wait()
	})
}
