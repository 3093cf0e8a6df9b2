package app

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A button in a direct message acts only if the plugin has made the message for this user and this path.
func TestCheckDirectClick(t *testing.T) {
	const below = "/incidents/i/handoff/h"
	for name, c := range map[string]struct {
		change func(p *model.Post)
		path   string
		may    bool
	}{
		"own":                     {may: true},
		"another button of it":    {path: below + "/decline", may: true},
		"of a user":               {change: func(p *model.Post) { p.UserId = "anna" }},
		"in another channel":      {change: func(p *model.Post) { p.ChannelId = "channel0" }},
		"of another user":         {change: func(p *model.Post) { p.ChannelId = "direct-boris" }},
		"without buttons":         {change: func(p *model.Post) { p.DelProp(ButtonsProp) }},
		"an empty path":           {change: func(p *model.Post) { p.AddProp(ButtonsProp, "") }},
		"of another type":         {change: func(p *model.Post) { p.AddProp(ButtonsProp, true) }},
		"for another path":        {path: "/incidents/i/handoff/other/accept"},
		"for a path that is like": {path: below + "x/accept"},
		"for no button":           {path: below},
		"no post":                 {change: func(p *model.Post) { p.Id = "" }},
	} {
		w := newServiceFixture(t)
		direct, err := w.host.DirectChannel("anna")
		require.NoError(t, err)
		post := &model.Post{Id: "p", UserId: w.host.BotID(), ChannelId: direct.Id}
		post.AddProp(ButtonsProp, below)
		if c.change != nil {
			c.change(post)
		}
		w.host.Posts[post.Id] = post
		path := c.path
		if path == "" {
			path = below + "/accept"
		}
		err = w.CheckDirectClick("anna", path, "p")
		assert.Equal(t, c.may, err == nil, "%s: %v", name, err)
		if err != nil {
			assert.True(t, incident.IsKind(err, incident.Forbidden), name)
		}
	}
	w := newServiceFixture(t)
	w.host.Fails["Post"] = errBroken
	require.ErrorIs(t, w.CheckDirectClick("anna", below+"/accept", "p"), errBroken)
}
