package app

import (
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A mark belongs to a user, a route, a state and a time, and ends after a day.
func TestMark_IsBound(t *testing.T) {
	w := newServiceFixture(t)
	opened := w.Now()
	mark, err := w.Mark("anna", "/path", "state")
	require.NoError(t, err)
	for what, c := range map[string]struct {
		mark, user, path, state string
		after                   time.Duration
		ok                      bool
	}{
		"as it was made":       {mark, "anna", "/path", "state", 0, true},
		"just in time":         {mark, "anna", "/path", "state", markLifetime, true},
		"another node's clock": {mark, "anna", "/path", "state", -clockSkew, true},
		"too late":             {mark, "anna", "/path", "state", markLifetime + time.Second, false},
		"from the future":      {mark, "anna", "/path", "state", -time.Hour, false},
		"another user":         {mark, "boris", "/path", "state", 0, false},
		"another route":        {mark, "anna", "/path2", "state", 0, false},
		"another state":        {mark, "anna", "/path", "", 0, false},
		"moved along":          {mark, "anna", "/pathstate", "", 0, false},
		"a later time":         {"z" + mark, "anna", "/path", "state", 0, false},
		"without a time":       {mark[len(mark)-32:], "anna", "/path", "state", 0, false},
		"nothing":              {"", "anna", "/path", "state", 0, false},
	} {
		w.Now = func() time.Time { return opened.Add(c.after) }
		err := w.CheckMark(c.mark, c.user, c.path, c.state)
		if c.ok {
			assert.NoError(t, err, what)
		} else {
			assert.Equal(t, errForeignDialog, err, what)
		}
	}
	assert.NotEqual(t, MarkedStart("p", "c", "n", true, ""), MarkedStart("p", "c", "n", false, ""))
}

func TestStart_QuotesOnlyPublicPostsUnlessTheUserWasTold(t *testing.T) {
	for what, c := range map[string]struct {
		channel     *model.Channel
		private, ok bool
	}{
		"public":          {&model.Channel{Type: model.CHANNEL_OPEN, TeamId: "team"}, false, true},
		"private":         {&model.Channel{Type: model.CHANNEL_PRIVATE, TeamId: "team"}, true, false},
		"another team":    {&model.Channel{Type: model.CHANNEL_OPEN, TeamId: "other"}, true, false},
		"direct message":  {&model.Channel{Type: model.CHANNEL_DIRECT}, true, false},
		"may not be read": {&model.Channel{Id: "closed", Type: model.CHANNEL_PRIVATE, TeamId: "team"}, false, false},
	} {
		w := newServiceFixture(t)
		w.host.Denied["read_channel:boris:closed"] = true
		channel := c.channel
		if channel.Id == "" {
			channel.Id = "origin"
		}
		w.host.Channels[channel.Id] = channel
		w.host.Posts["post"] = &model.Post{Id: "post", ChannelId: channel.Id, Message: "it burns"}
		private, err := w.QuotesPrivatePost("boris", "team", "post")
		require.NoError(t, err, what)
		assert.Equal(t, c.private, private, what)

		r := startRequest()
		r.PostID, r.PublicPostOnly = "post", true
		_, err = w.Start(ctx, r)
		switch {
		case c.ok:
			require.NoError(t, err, what)
			continue
		case what == "may not be read":
			assert.Equal(t, errPostForbidden, err, what)
		default:
			assert.Equal(t, errPostPrivate, err, what)
			assert.True(t, incident.IsKind(err, incident.Conflict), what)
		}
		assert.Zero(t, w.host.Did("CreateChannel"), what)
		r.PublicPostOnly = false
		if _, err = w.Start(ctx, r); what != "may not be read" {
			require.NoError(t, err, what)
		}
	}
	w := newServiceFixture(t)
	private, err := w.QuotesPrivatePost("boris", "team", "no such post")
	require.NoError(t, err)
	assert.False(t, private)
}
