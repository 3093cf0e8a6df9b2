package main

import (
	"context"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// The hooks of each capability are called, also if those of another one fail.
func TestHooks_ReachAllCapabilities(t *testing.T) {
	a := &configuredAPI{}
	a.set(false)
	var heard []string
	member := func(what string) func(context.Context, string, string, string) {
		return func(_ context.Context, id, userID, actorID string) {
			heard = append(heard, what+" "+id+" "+userID+" "+actorID)
		}
	}
	p := &Plugin{}
	p.MessageHasBeenUpdated(nil, &model.Post{}, &model.Post{}) // it is not active yet
	r := newRunning(a, newMemoryPlugin())
	r.hooks = []capability.Hooks{
		{PostUpdated: func(context.Context, *model.Post, *model.Post) { panic("on purpose") }},
		{},
		{PostUpdated: func(_ context.Context, post, before *model.Post) {
			heard = append(heard, before.Message+" "+post.Message)
		},
			JoinedChannel: member("joined"), LeftChannel: member("left"), LeftTeam: member("left team")},
	}
	p.running.Store(r)
	p.MessageHasBeenUpdated(nil, &model.Post{Message: "new"}, &model.Post{Message: "old"})
	p.UserHasJoinedChannel(nil, &model.ChannelMember{ChannelId: "c", UserId: "anna"}, &model.User{Id: "boris"})
	p.UserHasLeftChannel(nil, &model.ChannelMember{ChannelId: "c", UserId: "anna"}, nil)
	p.UserHasLeftTeam(nil, &model.TeamMember{TeamId: "t", UserId: "anna"}, &model.User{Id: "anna"})
	require.Equal(t, []string{"old new", "joined c anna boris", "left c anna ", "left team t anna anna"}, heard)
}
