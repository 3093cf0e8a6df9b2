package app

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// An assignee or commander who has left the channel may be named again: that changes nothing.
func TestChange_ToTheSameValueIsNoChange(t *testing.T) {
	for name, act := range map[string]struct {
		same, other func(w *serviceFixture) error
	}{
		"assignee": {
			func(w *serviceFixture) error {
				return w.Assign(ctx, "boris", "inc", incident.At(0), incident.At(0), "gone")
			},
			func(w *serviceFixture) error {
				return w.Assign(ctx, "boris", "inc", incident.At(0), incident.At(1), "gone")
			},
		},
		"commander": {
			func(w *serviceFixture) error { return w.SetCommander(ctx, "boris", "inc", "gone") },
			func(w *serviceFixture) error {
				w.incident().CommanderUserID = "anna"
				return w.SetCommander(ctx, "boris", "inc", "gone")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			w.incident().CommanderUserID, w.incident().Checklists[0].Tasks[0].AssigneeID = "gone", "gone"
			require.NoError(t, act.same(w))
			assert.EqualValues(t, 1, w.incident().Revision)
			require.Error(t, act.other(w))
			assert.EqualValues(t, 1, w.incident().Revision)
			assert.Empty(t, w.host.Posts)
		})
	}
}

// A command that fails with "not found" must not read as if the task were not there.
func TestRunTask_TheCommandFindsNothing(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Fails["RunCommand"] = incident.NewError(incident.NotFound, "host.not_found", "no such issue")
	_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	require.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	require.ErrorContains(t, err, "no such issue")
}

func TestStage_DialogOpenedBeforeAChangeIsRefused(t *testing.T) {
	w := newServiceFixture(t)
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
	w := newServiceFixture(t)
	done := false
	w.incidents.beforeLock = func(i *incident.Incident) { // somebody else checks it first
		if !done {
			i.Checklists[0].Tasks[0].State, done = incident.Closed, true
		}
	}
	require.NoError(t, w.ToggleTask(ctx, "anna", "inc", incident.At(0), incident.At(0)))
	assert.Equal(t, incident.Open, w.incident().Checklists[0].Tasks[0].State)
}

func TestRunTask_KeepsWhatItsCommandDid(t *testing.T) {
	w := newServiceFixture(t)
	w.incidents.beforeLock = func(i *incident.Incident) { i.Checklists[0].Tasks[0].State = incident.Closed }
	trigger, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	require.NoError(t, err)
	assert.Equal(t, "trigger", trigger)
	task := w.incident().Checklists[0].Tasks[0]
	assert.Equal(t, incident.Closed, task.State)
	assert.NotZero(t, task.CommandLastRun)
}

func TestRunTask_ChecksWhatMattermostDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *serviceFixture)
		user  string
		kind  incident.Kind
	}{
		"not a member": {func(w *serviceFixture) { w.host.Denied["member:admin"] = true }, "admin", incident.Forbidden},
		"no commands": {func(w *serviceFixture) { w.host.Denied[model.PERMISSION_USE_SLASH_COMMANDS.Id+":anna:channel0"] = true }, "anna",
			incident.Forbidden},
		"archived": {func(w *serviceFixture) { w.host.Channels["channel0"].DeleteAt = 1 }, "anna", incident.Conflict},
		"blank":    {func(w *serviceFixture) { w.incident().Checklists[0].Tasks[0].Command = " " }, "anna", incident.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			c.spoil(w)
			_, err := w.RunTask(ctx, c.user, "inc", incident.At(0), incident.At(0), nil)
			assert.True(t, incident.IsKind(err, c.kind), "%v", err)
			assert.Zero(t, w.host.Did("RunCommand"))
		})
	}
}

func TestRunTask_FailedCommandIsNotRecorded(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Fails["RunCommand"] = incident.NewError(incident.Invalid, "command.unknown", "There is no such slash command.")
	_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	e, ok := incident.AsError(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "command.unknown", e.Code)
	assert.Len(t, w.host.Ephemerals, 1)
	assert.EqualValues(t, 1, w.incident().Revision)
}

// Version 1.2.0 took commands without a slash, so they are in databases and are still taken.
func TestRunTask_CommandsWithoutASlashSayWhatToDo(t *testing.T) {
	for _, command := range []string{"echo hello", "  echo", "\\echo", "／echo", "//", "/"} {
		w := newServiceFixture(t)
		w.incident().Checklists[0].Tasks[0].Command = command
		_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
		if strings.HasPrefix(command, "/") { // what follows is for Mattermost to judge
			require.NoError(t, err, command)
			continue
		}
		e, ok := incident.AsError(err)
		require.True(t, ok, "%s: %v", command, err)
		assert.Equal(t, []interface{}{incident.Invalid, "command"}, []interface{}{e.Kind, e.Field}, command)
		assert.Contains(t, e.Message, "put / in front", command)
		assert.Zero(t, w.host.Did("RunCommand"), command)
		require.Len(t, w.host.Ephemerals, 1, "the user sees it in the channel as well")
		assert.Zero(t, w.incident().Checklists[0].Tasks[0].CommandLastRun)
	}
	w := newServiceFixture(t)
	added, err := w.AddTask(ctx, "anna", "inc", incident.At(0), incident.Task{Title: "Say hello", Command: "echo hello"})
	require.NoError(t, err)
	assert.Equal(t, "echo hello", added.Command)
}

func TestAssign_NeedsAMemberButNotTheOldAssignee(t *testing.T) {
	w := newServiceFixture(t)
	w.incident().Checklists[0].Tasks[0].AssigneeID = "gone"
	w.host.Denied["member:stranger"] = true
	for _, id := range []string{"gone", "stranger"} {
		err := w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(1), id)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%s: %v", id, err)
	}
	require.NoError(t, w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris"), "the old assignee does not resolve")
	assert.Equal(t, "boris", w.incident().Checklists[0].Tasks[0].AssigneeID)
}

func TestCommander_MustBeAnActiveMember(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Denied["member:admin"] = true
	for _, id := range []string{"admin", "gone"} {
		err := w.SetCommander(ctx, "anna", "inc", id)
		assert.True(t, incident.IsKind(err, incident.Forbidden), "%s: %v", id, err)
	}
	assert.Equal(t, "anna", w.incident().CommanderUserID)
}

// By id and by name the same is refused, with the same words and after the same calls.
func TestCommander_RefusalsTellNothingAboutOthers(t *testing.T) {
	for what, user := range map[string]string{"unknown": "gone", "deactivated": "former", "not in the channel": "stranger"} {
		for way, set := range map[string]func(w *serviceFixture) error{
			"by id":   func(w *serviceFixture) error { return w.SetCommander(ctx, "boris", "inc", user) },
			"by name": func(w *serviceFixture) error { return w.SetCommanderByName(ctx, "boris", "inc", "@"+user) },
		} {
			w := newServiceFixture(t)
			w.host.Denied["member:stranger"] = true
			assert.Equal(t, errNoCommander, set(w), "%s, %s", what, way)
			assert.Equal(t, 1, w.host.Did("User "), "%s, %s", what, way)
			assert.Equal(t, 1, w.host.Did("IsChannelMember "), "%s, %s", what, way)
		}
	}
}

func TestCommander_ByName(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.SetCommanderByName(ctx, "anna", "inc", "@@Boris"))
	assert.Equal(t, "boris", w.incident().CommanderUserID)
	require.ErrorIs(t, w.SetCommanderByName(ctx, "anna", "inc", "boris"), errSameCommander)
	w.host.Denied["member:boris"] = true // the present commander may have left
	require.ErrorIs(t, w.SetCommanderByName(ctx, "anna", "inc", "boris"), errSameCommander)
	require.NoError(t, w.SetCommander(ctx, "anna", "inc", "boris"))
	assert.EqualValues(t, 2, w.incident().Revision)
}

func TestAssign_FailedPermissionCallIsNotARefusal(t *testing.T) {
	for _, question := range []string{"User", "IsChannelMember"} {
		w := newServiceFixture(t)
		w.host.Fails[question] = errBroken
		require.ErrorIs(t, w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris"), errBroken)
		require.ErrorIs(t, w.SetCommander(ctx, "anna", "inc", "boris"), errBroken)
		if question == "IsChannelMember" {
			_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
			require.ErrorIs(t, err, errBroken)
		}
		assert.EqualValues(t, 1, w.incident().Revision)
	}
}
