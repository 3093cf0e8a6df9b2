package app

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// teamless is a Mattermost where some people are not in the team, and so cannot be added to its channels.
type teamless struct {
	*fakeHost
	outside []string
}

func (h teamless) IsTeamMember(_, userID string) (bool, error) {
	return !slices.Contains(h.outside, userID), nil
}

func (h teamless) AddToChannel(channelID, userID, by string) error {
	if slices.Contains(h.outside, userID) {
		return incident.NewError(incident.NotFound, "host.not_found", "no team member")
	}
	return h.fakeHost.AddToChannel(channelID, userID, by)
}

func TestStart_ByAnAdministratorOutsideTheTeam(t *testing.T) {
	w := newServiceFixture(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, teamless{w.host, []string{"admin"}}, w.log, "plugin")
	r := startRequest()
	r.RequesterID = "admin"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Contains(t, w.incidents.rows, inc.ID)
	assert.Equal(t, 1, w.live())
}

func TestStart_CommanderOutsideTheTeamIsRefusedBeforeTheChannel(t *testing.T) {
	w := newServiceFixture(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, teamless{w.host, []string{"admin"}}, w.log, "plugin")
	r := startRequest()
	r.CommanderID = "admin"
	_, err := w.Start(ctx, r)
	require.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Zero(t, w.host.Did("CreateChannel"))
}

// Who was removed from an incident does not read it by starting it once more.
func TestStart_RepeatedByARemovedMemberIsRefused(t *testing.T) {
	for name, blind := range map[string]bool{"found at once": false, "found when it is stored": true} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			r := startRequest()
			r.Key = "key"
			made, err := w.Start(ctx, r)
			require.NoError(t, err)
			w.incidents.blind = blind
			again, err := w.Start(ctx, r)
			require.NoError(t, err)
			assert.Equal(t, made.ID, again.ID)
			w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":boris:"+made.ChannelID] = true
			w.host.Denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":boris:team"] = true
			again, err = w.Start(ctx, r)
			require.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
			assert.Empty(t, again.Name)
			assert.Equal(t, 1, w.live(), "channels")
		})
	}
}

func TestStart_FailedLeavesNoChannel(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *serviceFixture)
		kind  incident.Kind
		says  string
	}{
		"adding a member": {func(w *serviceFixture) { w.host.Fails["AddToChannel"] = errBroken }, incident.Conflict, "@anna"},
		"storing":         {func(w *serviceFixture) { w.incidents.fails["Create"] = errBroken }, 0, errBroken.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			c.spoil(w)
			_, err := w.Start(ctx, startRequest())
			require.ErrorContains(t, err, c.says)
			assert.Equal(t, c.kind != 0, incident.IsKind(err, c.kind))
			assert.Equal(t, 1, w.host.Did("ArchiveChannel channel2"))
			assert.Len(t, w.incidents.rows, 1)
			assert.Empty(t, w.host.Events)

			w.host.Fails["ArchiveChannel"] = errBroken
			_, again := w.Start(ctx, startRequest())
			require.ErrorContains(t, again, c.says, "the cause must not be hidden by the failed cleaning up")
			assert.Contains(t, strings.Join(w.log.Lines, "\n"), "error What a failed request has left behind")
		})
	}
}

func TestStart_EverythingIsCheckedBeforeTheChannel(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *serviceFixture, r *StartRequest)
		kind  incident.Kind
		field string
	}{
		"stage too great": {func(_ *serviceFixture, r *StartRequest) { r.ActiveStage = 99 }, incident.Invalid, "active_stage"},
		"negative stage":  {func(_ *serviceFixture, r *StartRequest) { r.ActiveStage = -1 }, incident.Invalid, "active_stage"},
		"no name":         {func(_ *serviceFixture, r *StartRequest) { r.Name = "" }, incident.Invalid, "name"},
		"invisible name":  {func(_ *serviceFixture, r *StartRequest) { r.Name = "\u200b\u200d" }, incident.Invalid, "name"},
		"long name":       {func(_ *serviceFixture, r *StartRequest) { r.Name = strings.Repeat("x", 65) }, incident.Invalid, "name"},
		"padded name":     {func(_ *serviceFixture, r *StartRequest) { r.Name = strings.Repeat(" ", 5000) + "Server" }, incident.Invalid, "name"},
		"blank name":      {func(_ *serviceFixture, r *StartRequest) { r.Name = " \t\n" }, incident.Invalid, "name"},
		"NUL in name":     {func(_ *serviceFixture, r *StartRequest) { r.Name = "Server\x00down" }, incident.Invalid, "name"},
		"description":     {func(_ *serviceFixture, r *StartRequest) { r.Description = strings.Repeat("x", 1025) }, incident.Invalid, "description"},
		"playbook":        {func(_ *serviceFixture, r *StartRequest) { r.PlaybookID = "unknown" }, incident.NotFound, "playbook_id"},
		"post":            {func(_ *serviceFixture, r *StartRequest) { r.PostID = "unknown" }, incident.NotFound, "post_id"},
		"post forbidden": {func(w *serviceFixture, r *StartRequest) {
			w.host.Posts["p"] = &model.Post{Id: "p", ChannelId: "secret"}
			w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":boris:secret"] = true
			r.PostID = "p"
		}, incident.Forbidden, "post_id"},
		"commander": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":anna:team"] = true
		}, incident.Forbidden, "commander_user_id"},
		"channel permission": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Denied[model.PERMISSION_CREATE_PUBLIC_CHANNEL.Id+":boris:team"] = true
		}, incident.Forbidden, "team_id"},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := newServiceFixture(t), startRequest()
			c.spoil(w, &r)
			_, err := w.Start(ctx, r)
			e, ok := incident.AsError(err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, c.kind, e.Kind)
			assert.Equal(t, c.field, e.Field)
			assert.Zero(t, w.host.Did("CreateChannel"))
		})
	}
}

func TestStart_PostThatCannotBeReadIsNotMissing(t *testing.T) {
	w, r := newServiceFixture(t), startRequest()
	r.PostID = "p"
	w.host.Fails["Post"] = errBroken
	_, err := w.Start(ctx, r)
	require.ErrorIs(t, err, errBroken)
	assert.Zero(t, w.host.Did("CreateChannel"))
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
		w := newServiceFixture(t)
		w.host.Fails["CreateChannel"] = model.NewAppError("x", id, nil, "", c.status)
		_, err := w.Start(ctx, startRequest())
		require.Error(t, err)
		assert.Equal(t, c.kind != 0, incident.IsKind(err, c.kind), "%s: %v", id, err)
		assert.Equal(t, 1, w.host.Did("CreateChannel"))
	}
	w := newServiceFixture(t)
	w.host.Fails["CreateChannel"] = model.NewAppError("x", channelNameTaken, nil, "", http.StatusBadRequest)
	_, err := w.Start(ctx, startRequest())
	require.Error(t, err)
	assert.Equal(t, 2, w.host.Did("CreateChannel server-down"), "a taken name is tried once more with a suffix")
	assert.Equal(t, 1, w.host.Did("CreateChannel server-down-"))
	for _, id := range channelAddressRefused {
		w = newServiceFixture(t)
		w.host.Fails["CreateChannel server-down"] = model.NewAppError("x", id, nil, "", http.StatusBadRequest)
		_, err = w.Start(ctx, startRequest())
		require.NoError(t, err, "an address that a server refuses is replaced by a random one")
		assert.Equal(t, 1, w.host.Did("CreateChannel incident-"))
	}
}

func TestStart_DoesNotFailWithItsAnnouncements(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Posts["p"] = &model.Post{Id: "p", ChannelId: "channel0", Message: strings.Repeat("x", 16383)}
	w.host.Fails["CreatePost"] = errBroken
	r := startRequest()
	r.PostID = "p"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentCreated}, w.host.Events)
	assert.Contains(t, w.incidents.rows, inc.ID)
	assert.Len(t, w.log.Lines, 2)
}

func TestStart_TheRequesterIsAddedToo(t *testing.T) {
	w := newServiceFixture(t)
	_, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	assert.Equal(t, 1, w.host.Did("AddToChannel anna"))
	assert.Equal(t, 1, w.host.Did("AddToChannel boris"))
}

func TestStart_PlaybookOfAnotherTeamIsRefused(t *testing.T) {
	w, r := newServiceFixture(t), startRequest()
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "elsewhere", MemberIDs: []string{"boris"}}
	r.PlaybookID = "p"
	_, err := w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	w.host.Denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":boris:elsewhere"] = true
	_, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Zero(t, w.host.Did("CreateChannel"))
}

func TestStart_PlaybookWithoutStages(t *testing.T) {
	w, r := newServiceFixture(t), startRequest()
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"boris"}}
	r.PlaybookID = "p"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Empty(t, inc.Checklists)
	r.ActiveStage = -1
	_, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
}

func TestStart_RepeatedRequestRevealsNothingWithoutAccess(t *testing.T) {
	w, r := newServiceFixture(t), startRequest()
	r.Key = "key"
	first, err := w.Start(ctx, r)
	require.NoError(t, err)
	again, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, first.ID, again.ID)
	w.host.Channels[first.ChannelID].Type = model.CHANNEL_PRIVATE
	w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":boris:"+first.ChannelID] = true
	again, err = w.Start(ctx, r)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Empty(t, again.Name)
	assert.Equal(t, 1, w.host.Did("CreateChannel"))
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
		w := newServiceFixture(t)
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

// Who names somebody else commander adds them to the channel: that takes the permission to manage the members of such a channel.
func TestStart_AddsOthersOnlyWithThePermissionToManageMembers(t *testing.T) {
	for _, public := range []bool{true, false} {
		permission := access.ManageChannelMembers(public).Id
		for what, c := range map[string]struct {
			commander      string
			members, byOwn bool
			broken         error
			want           string
		}{
			"members may":                {"anna", true, false, nil, ""},
			"their role in the team may": {"anna", false, true, nil, ""},
			"nobody may":                 {"anna", false, false, nil, "channel.add_member_forbidden"},
			"the requester commands":     {"boris", false, false, nil, ""},
			"the database is away":       {"anna", false, true, errBroken, "broken"},
		} {
			w := newServiceFixture(t)
			w.playbooks.rows["book"] = playbook.Playbook{ID: "book", TeamID: "team", MemberIDs: []string{"boris"}, CreatePublicIncident: public}
			w.incidents.membersMay = map[string]bool{permission: c.members}
			w.incidents.fails["NewMembersMay"] = c.broken
			w.host.Denied[permission+":boris:team"] = !c.byOwn
			r := startRequest()
			r.CommanderID, r.PlaybookID = c.commander, "book"
			_, err := w.Start(ctx, r)
			switch e, _ := incident.AsError(err); {
			case c.want == "":
				require.NoError(t, err, what)
				continue
			case c.broken != nil:
				require.ErrorIs(t, err, errBroken, what)
			default:
				require.NotNil(t, e, what)
				assert.Equal(t, c.want, e.Code, what)
				assert.Equal(t, "commander_user_id", e.Field, what)
			}
			assert.Zero(t, w.host.Did("CreateChannel"), what)
		}
	}
}

// Who was deactivated, or has lost the permission in the channel, may not add people to it, although Mattermost keeps their roles.
func TestMayAddNow(t *testing.T) {
	for _, public := range []bool{true, false} {
		w := newServiceFixture(t)
		may := func(userID string) bool {
			t.Helper()
			allowed, err := w.MayAddNow(userID, "room", public)
			require.NoError(t, err)
			return allowed
		}
		assert.True(t, may("anna"))
		assert.False(t, may("former"), "deactivated")
		assert.False(t, may("gone"), "deleted")
		w.host.Denied[access.ManageChannelMembers(!public).Id+":anna:room"] = true
		assert.True(t, may("anna"), "the permission for the other kind of channels is missing")
		w.host.Denied[access.ManageChannelMembers(public).Id+":anna:room"] = true
		assert.False(t, may("anna"), "the permission is missing")
		w.host.Fails["User"] = assert.AnError
		_, err := w.MayAddNow("anna", "room", public)
		assert.Error(t, err)
	}
}
