package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// hookTimeout bounds what all capabilities do about one hook.
const hookTimeout = 30 * time.Second

// MessageHasBeenUpdated is called after a post was edited.
func (p *Plugin) MessageHasBeenUpdated(_ *plugin.Context, post, before *model.Post) {
	p.heard(func(ctx context.Context, h *capability.Hooks) {
		if h.PostUpdated != nil {
			h.PostUpdated(ctx, post, before)
		}
	})
}

// UserHasJoinedChannel is called after a user has joined a channel.
func (p *Plugin) UserHasJoinedChannel(_ *plugin.Context, member *model.ChannelMember, actor *model.User) {
	p.heard(func(ctx context.Context, h *capability.Hooks) {
		if h.JoinedChannel != nil {
			h.JoinedChannel(ctx, member.ChannelId, member.UserId, actorID(actor))
		}
	})
}

// UserHasLeftChannel is called after a user has left a channel.
func (p *Plugin) UserHasLeftChannel(_ *plugin.Context, member *model.ChannelMember, actor *model.User) {
	p.heard(func(ctx context.Context, h *capability.Hooks) {
		if h.LeftChannel != nil {
			h.LeftChannel(ctx, member.ChannelId, member.UserId, actorID(actor))
		}
	})
}

// UserHasLeftTeam is called after a user has left a team.
func (p *Plugin) UserHasLeftTeam(_ *plugin.Context, member *model.TeamMember, actor *model.User) {
	p.heard(func(ctx context.Context, h *capability.Hooks) {
		if h.LeftTeam != nil {
			h.LeftTeam(ctx, member.TeamId, member.UserId, actorID(actor))
		}
	})
}

func actorID(actor *model.User) string {
	if actor == nil {
		return ""
	}
	return actor.Id
}

// heard calls tell with the hooks of each capability. A panic ends only what that capability does.
func (p *Plugin) heard(tell func(ctx context.Context, h *capability.Hooks)) {
	r := p.enter()
	if r == nil {
		return
	}
	defer r.inFlight.leave()
	ctx, cancel := context.WithTimeout(context.Background(), hookTimeout)
	defer cancel()
	for n := range r.hooks {
		func() {
			defer func() {
				if cause := recover(); cause != nil {
					r.host.Error("A hook of Incident Management failed.", "panic", cause, "stack", string(debug.Stack()))
				}
			}()
			tell(ctx, &r.hooks[n])
		}()
	}
}
