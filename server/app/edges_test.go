package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
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
	w := newWorld(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, teamless{w.host, []string{"admin"}}, w.log, "plugin")
	r := startRequest()
	r.RequesterID = "admin"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Contains(t, w.incidents.rows, inc.ID)
	assert.Equal(t, 1, w.live())
}

func TestStart_CommanderOutsideTheTeamIsRefusedBeforeTheChannel(t *testing.T) {
	w := newWorld(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, teamless{w.host, []string{"admin"}}, w.log, "plugin")
	r := startRequest()
	r.CommanderID = "admin"
	_, err := w.Start(ctx, r)
	require.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Zero(t, w.host.did("CreateChannel"))
}

// Who has a task or the command and has left meanwhile may be named again: that changes nothing.
func TestChange_ToTheSameValueIsNoChange(t *testing.T) {
	for name, act := range map[string]struct {
		same, other func(w *world) error
	}{
		"assignee": {
			func(w *world) error { return w.Assign(ctx, "boris", "inc", incident.At(0), incident.At(0), "gone") },
			func(w *world) error { return w.Assign(ctx, "boris", "inc", incident.At(0), incident.At(1), "gone") },
		},
		"commander": {
			func(w *world) error { return w.SetCommander(ctx, "boris", "inc", "gone") },
			func(w *world) error {
				w.incident().CommanderUserID = "anna"
				return w.SetCommander(ctx, "boris", "inc", "gone")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.incident().CommanderUserID, w.incident().Checklists[0].Tasks[0].AssigneeID = "gone", "gone"
			require.NoError(t, act.same(w))
			assert.EqualValues(t, 1, w.incident().Revision)
			require.Error(t, act.other(w))
			assert.EqualValues(t, 1, w.incident().Revision)
			assert.Empty(t, w.host.posts)
		})
	}
}

func TestAnnounce_FailuresAreReported(t *testing.T) {
	for _, step := range []string{"CreatePost", "ChannelByName"} {
		w := newWorld(t)
		w.host.fails[step] = errBroken
		require.ErrorIs(t, w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"), errBroken, step)
	}
}

func TestAnnounce_OnlyInChannelsOfTheTeam(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"))
	for what, spoil := range map[string]func(c *model.Channel){
		"a direct message": func(c *model.Channel) { c.TeamId, c.Type = "", model.CHANNEL_DIRECT },
		"another team's":   func(c *model.Channel) { c.TeamId = "other" },
		"an archived one":  func(c *model.Channel) { c.DeleteAt = 1 },
	} {
		w = newWorld(t)
		spoil(w.host.channels["wide"])
		require.True(t, incident.IsKind(w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"), incident.NotFound), what)
		assert.Zero(t, w.host.did("CreatePost"), what)
	}
}

// Clients need not wait for the post about a change that the post is no part of.
func TestAnnounce_AfterTheWebsocketEvent(t *testing.T) {
	w := newWorld(t)
	w.host.fails["CreatePost"] = errBroken
	require.NoError(t, w.End(ctx, "anna", "inc"))
	assert.Equal(t, []string{EventIncidentUpdated}, w.host.events, "once, although the post failed")
	delete(w.host.fails, "CreatePost")
	require.NoError(t, w.Restart(ctx, "anna", "inc"))
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentUpdated}, w.host.events)
}

// A command that fails with "not found" must not read as if the task were not there.
func TestRunTask_TheCommandFindsNothing(t *testing.T) {
	w := newWorld(t)
	w.host.fails["RunCommand"] = incident.NewError(incident.NotFound, "host.not_found", "no such issue")
	_, err := w.RunTask(ctx, "anna", "inc", incident.At(0), incident.At(0), nil)
	require.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	require.ErrorContains(t, err, "no such issue")
}

// narrow is a Mattermost whose posts hold 4000 characters.
type narrow struct{ *fakeHost }

func (h narrow) CreatePost(p *model.Post) (*model.Post, error) {
	if len([]rune(p.Message)) > 4000 {
		return nil, incident.NewError(incident.Invalid, "host.refused", "too long")
	}
	return h.fakeHost.CreatePost(p)
}

func TestPosts_OfServersWithALowerLimitAreShortened(t *testing.T) {
	w := newWorld(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, narrow{w.host}, w.log, "plugin")
	w.host.posts["long"] = &model.Post{Id: "long", ChannelId: "wide", Message: strings.Repeat("long ", 790)}
	r := startRequest()
	r.PostID = "long"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	quoted := false
	for _, p := range w.host.posts {
		quoted = quoted || p.ChannelId == inc.ChannelID && strings.Contains(p.Message, "> long long")
	}
	assert.True(t, quoted)
}

func TestChannelName_LettersThatHaveALatinLowerCase(t *testing.T) {
	assert.Equal(t, "istanbul-down-k8s", channelName("İstanbul down \u212a8s"))
}

// Who was removed from an incident does not read it by starting it once more.
func TestStart_RepeatedByARemovedMemberIsRefused(t *testing.T) {
	for name, blind := range map[string]bool{"found at once": false, "found when it is stored": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := startRequest()
			r.Key = "key"
			made, err := w.Start(ctx, r)
			require.NoError(t, err)
			w.incidents.blind = blind
			again, err := w.Start(ctx, r)
			require.NoError(t, err)
			assert.Equal(t, made.ID, again.ID)
			w.host.denied[model.PERMISSION_READ_CHANNEL.Id+":boris:"+made.ChannelID] = true
			w.host.denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":boris:team"] = true
			again, err = w.Start(ctx, r)
			require.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
			assert.Empty(t, again.Name)
			assert.Equal(t, 1, w.live(), "channels")
		})
	}
}
