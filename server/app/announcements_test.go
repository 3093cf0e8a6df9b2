package app

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestAnnounce_FailuresAreReported(t *testing.T) {
	for _, step := range []string{"CreatePost", "ChannelByName"} {
		w := newServiceFixture(t)
		w.host.Fails[step] = errBroken
		require.ErrorIs(t, w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"), errBroken, step)
	}
}

func TestAnnounce_OnlyInChannelsOfTheTeam(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"))
	for what, spoil := range map[string]func(c *model.Channel){
		"a direct message": func(c *model.Channel) { c.TeamId, c.Type = "", model.CHANNEL_DIRECT },
		"another team's":   func(c *model.Channel) { c.TeamId = "other" },
		"an archived one":  func(c *model.Channel) { c.DeleteAt = 1 },
	} {
		w = newServiceFixture(t)
		spoil(w.host.Channels["wide"])
		require.True(t, incident.IsKind(w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"), incident.NotFound), what)
		assert.Zero(t, w.host.Did("CreatePost"), what)
	}
}

func TestAnnounce_SaysWhetherTheIncidentHasEnded(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.AnnounceInChannel(ctx, "boris", *w.incident(), "wide"))
	require.NoError(t, w.End(ctx, "anna", "inc"))
	require.NoError(t, w.AnnounceInChannel(ctx, "boris", *w.incident(), "wide"))
	require.NoError(t, w.Restart(ctx, "anna", "inc"))
	require.NoError(t, w.AnnounceInChannel(ctx, "boris", *w.incident(), "wide"))
	var texts []string
	for _, p := range w.host.Posts {
		if p.ChannelId == "wide" {
			texts = append(texts, p.Message)
		}
	}
	ongoing := "There is an ongoing incident in ~inc. Its commander is @anna."
	assert.ElementsMatch(t, []string{ongoing, "The incident in ~inc has ended. Its commander was @anna.", ongoing}, texts)
}

// Clients need not wait for the post about a change that the post is no part of.
func TestAnnounce_AfterTheWebsocketEvent(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Fails["CreatePost"] = errBroken
	require.NoError(t, w.End(ctx, "anna", "inc"))
	assert.Equal(t, []string{EventIncidentUpdated}, w.host.Events, "once, although the post failed")
	delete(w.host.Fails, "CreatePost")
	require.NoError(t, w.Restart(ctx, "anna", "inc"))
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentUpdated}, w.host.Events)
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
	w := newServiceFixture(t)
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, narrow{w.host}, w.log, "plugin")
	w.host.Posts["long"] = &model.Post{Id: "long", ChannelId: "wide", Message: strings.Repeat("long ", 790)}
	r := startRequest()
	r.PostID = "long"
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	quoted := false
	for _, p := range w.host.Posts {
		quoted = quoted || p.ChannelId == inc.ChannelID && strings.Contains(p.Message, "> long long")
	}
	assert.True(t, quoted)
}

func TestAnnounce_OnlyStoredChanges(t *testing.T) {
	acts := map[string]func(w *serviceFixture) error{
		"state": func(w *serviceFixture) error {
			return w.SetTaskState(ctx, "anna", "inc", incident.At(0), incident.At(0), incident.Closed)
		},
		"assignee": func(w *serviceFixture) error {
			return w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris")
		},
		"stage":     func(w *serviceFixture) error { _, err := w.SetStage(ctx, "anna", "inc", 1); return err },
		"commander": func(w *serviceFixture) error { return w.SetCommander(ctx, "anna", "inc", "boris") },
		"end":       func(w *serviceFixture) error { return w.End(ctx, "anna", "inc") },
	}
	for name, act := range acts {
		t.Run(name+" not stored", func(t *testing.T) {
			w := newServiceFixture(t)
			w.incidents.fails["Update"] = errBroken
			require.ErrorIs(t, act(w), errBroken)
			assert.Empty(t, w.host.Posts)
			assert.Empty(t, w.host.Events)
		})
		t.Run(name+" stored but not posted", func(t *testing.T) {
			w := newServiceFixture(t)
			w.host.Fails["CreatePost"] = errBroken
			require.NoError(t, act(w))
			assert.EqualValues(t, 2, w.incident().Revision)
			assert.Equal(t, []string{EventIncidentUpdated}, w.host.Events, "clients get the change nevertheless")
			assert.Contains(t, strings.Join(w.log.Lines, "\n"), errBroken.Error())
		})
		t.Run(name+" posted but not attached", func(t *testing.T) {
			w := newServiceFixture(t)
			w.incidents.fails["AttachPost"] = errBroken
			require.NoError(t, act(w))
			assert.Len(t, w.host.Posts, 1)
			assert.Equal(t, []string{EventIncidentUpdated}, w.host.Events)
			assert.Contains(t, strings.Join(w.log.Lines, "\n"), errBroken.Error())
		})
	}
}
