package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func TestMembersOfATeam_FailedPermissionCallIsNotARefusal(t *testing.T) {
	w := newServiceFixture(t)
	w.host.Fails["IsTeamMember"] = errBroken
	const anna, team = "k3m9q1z7y5x8w2v6u4tsrpnahd", "7ow1x3cutb8a9pgd5mkezjfhqn"
	_, err := w.CreatePlaybook(ctx, anna, playbook.Playbook{Title: "Outage", TeamID: team, MemberIDs: []string{anna}})
	require.ErrorIs(t, err, errBroken)
	_, err = w.Start(ctx, startRequest())
	require.ErrorIs(t, err, errBroken)
	assert.Zero(t, w.host.Did("CreateChannel"))
}

// A newly chosen broadcast channel must take posts. One that the user may not see is refused like one that does not exist.
func TestCheckBroadcast(t *testing.T) {
	for what, c := range map[string]struct {
		channel   *model.Channel
		denied    []string
		kind      incident.Kind
		forbidden bool
	}{
		"open":                     {channel: &model.Channel{}},
		"archived":                 {channel: &model.Channel{DeleteAt: 1}, kind: incident.Invalid},
		"archived, may only read":  {channel: &model.Channel{DeleteAt: 1}, denied: []string{"create_post"}, kind: incident.Invalid},
		"archived, may not see it": {channel: &model.Channel{DeleteAt: 1}, denied: []string{"create_post", "read_channel"}, kind: incident.Forbidden, forbidden: true},
		"may only read":            {channel: &model.Channel{}, denied: []string{"create_post"}, kind: incident.Forbidden, forbidden: true},
		"unknown":                  {denied: []string{"create_post", "read_channel"}, kind: incident.Forbidden, forbidden: true},
		"gone meanwhile":           {kind: incident.Forbidden, forbidden: true},
	} {
		w := newServiceFixture(t)
		if c.channel != nil {
			c.channel.Id = "target"
			w.host.Channels["target"] = c.channel
		}
		for _, permission := range c.denied {
			w.host.Denied[permission+":anna:target"] = true
		}
		err := w.checkBroadcast("anna", "target")
		if what == "open" {
			require.NoError(t, err)
			continue
		}
		e, ok := incident.AsError(err)
		require.True(t, ok, "%s: %v", what, err)
		assert.Equal(t, c.kind, e.Kind, what)
		assert.Equal(t, "broadcast_channel_id", e.Field, what)
		assert.Equal(t, c.forbidden, e.Code == "broadcast.forbidden", what)
	}
}

// A start tells the channel if status updates cannot be broadcast.
func TestStart_TellsThatUpdatesAreNotBroadcast(t *testing.T) {
	for what, c := range map[string]struct {
		spoil func(w *serviceFixture)
		says  string
	}{
		"all is well":  {func(*serviceFixture) {}, ""},
		"archived":     {func(w *serviceFixture) { w.host.Channels["wide"].DeleteAt = 1 }, "is archived"},
		"deleted":      {func(w *serviceFixture) { delete(w.host.Channels, "wide") }, "does not exist any more"},
		"may not post": {func(w *serviceFixture) { w.host.Denied["create_post:anna:wide"] = true }, "may not post"},
		"permissions cannot be read": {func(w *serviceFixture) {
			w.host.Denied["create_post:anna:wide"] = true
			w.host.Denied[fmt.Sprintf("create_post:anna:channel%d", len(w.host.Channels))] = true // the one that will be made
		}, ""},
		"nothing to send": {func(w *serviceFixture) {
			p := w.playbooks.rows["book"]
			p.BroadcastChannelID = ""
			w.playbooks.rows["book"] = p
		}, ""},
	} {
		w := newServiceFixture(t)
		w.playbooks.rows["book"] = playbook.Playbook{ID: "book", TeamID: "team", MemberIDs: []string{"boris"}, BroadcastChannelID: "wide"}
		c.spoil(w)
		r := startRequest()
		r.PlaybookID = "book"
		made, err := w.Start(ctx, r)
		require.NoError(t, err, what)
		var said []string
		for _, post := range w.host.Posts {
			if post.ChannelId == made.ChannelID && strings.Contains(post.Message, "broadcast channel") {
				said = append(said, post.Message)
			}
		}
		if c.says == "" {
			assert.Empty(t, said, what)
			continue
		}
		require.Len(t, said, 1, what)
		assert.Contains(t, said[0], c.says, what)
		assert.NotContains(t, said[0], "wide", what)
	}
}
