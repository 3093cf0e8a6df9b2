package app

import (
	"context"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// hereRequest is a start by boris, commanded by anna, in the private channel "here".
func hereRequest(w *serviceFixture) StartRequest {
	w.host.Channels["here"] = &model.Channel{Id: "here", Name: "here", DisplayName: "Here", Type: model.CHANNEL_PRIVATE, TeamId: "team", Header: "Ours"}
	r := startRequest()
	r.ChannelID = "here"
	return r
}

// untouched checks that a failed start has left nothing in the channel.
func (w *serviceFixture) untouched(t *testing.T) {
	t.Helper()
	assert.Len(t, w.incidents.rows, 1)
	assert.Empty(t, w.host.Events)
	assert.Empty(t, w.waiting(), "jobs")
	for _, call := range []string{"CreateChannel", "ArchiveChannel", "AddToChannel", "CreatePost"} {
		assert.Zero(t, w.host.Did(call), call)
	}
}

func TestStartInExistingChannel(t *testing.T) {
	w := newServiceFixture(t)
	r := hereRequest(w)
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, []interface{}{"here", true, incident.VisibilityPrivate}, []interface{}{inc.ChannelID, inc.ExistingChannel, inc.Visibility})
	assert.Empty(t, w.incidents.rows[inc.ID].Visibility, "only the answer has it")
	for _, call := range []string{"CreateChannel", "ArchiveChannel", "AddToChannel"} {
		assert.Zero(t, w.host.Did(call), call)
	}
	assert.Equal(t, "Ours", w.host.Channels["here"].Header)
	assert.Empty(t, w.waiting(), "jobs")

	w = newServiceFixture(t)
	r = hereRequest(w)
	w.host.Channels["here"].Type = model.CHANNEL_OPEN
	inc, err = w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, incident.VisibilityPublic, inc.Visibility)
}

func TestStartInExistingChannel_Refused(t *testing.T) {
	deny := func(w *serviceFixture, user, where string, all ...*model.Permission) {
		for _, p := range all {
			w.host.Denied[p.Id+":"+user+":"+where] = true
		}
	}
	for name, c := range map[string]struct {
		spoil       func(w *serviceFixture, r *StartRequest)
		kind        incident.Kind
		code, field string
	}{
		"unknown": {func(_ *serviceFixture, r *StartRequest) { r.ChannelID = "unknown" }, incident.NotFound, "channel.unknown", "channel_id"},
		"private channel of others": {func(w *serviceFixture, _ *StartRequest) {
			deny(w, "boris", "here", model.PERMISSION_READ_CHANNEL)
		}, incident.NotFound, "channel.unknown", "channel_id"},
		"public channel of a team of others": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Channels["here"].Type = model.CHANNEL_OPEN
			deny(w, "boris", "here", model.PERMISSION_READ_CHANNEL)
			deny(w, "boris", "team", model.PERMISSION_LIST_TEAM_CHANNELS)
		}, incident.NotFound, "channel.unknown", "channel_id"},
		"direct messages": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Channels["here"].Type, w.host.Channels["here"].TeamId = model.CHANNEL_DIRECT, ""
		}, incident.Invalid, "input.invalid", "channel_id"},
		"group messages": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Channels["here"].Type, w.host.Channels["here"].TeamId = model.CHANNEL_GROUP, ""
		}, incident.Invalid, "input.invalid", "channel_id"},
		"another team": {func(w *serviceFixture, _ *StartRequest) { w.host.Channels["here"].TeamId = "elsewhere" }, incident.Invalid, "input.invalid", "channel_id"},
		"archived":     {func(w *serviceFixture, _ *StartRequest) { w.host.Channels["here"].DeleteAt = 5 }, incident.Conflict, "channel.archived", "channel_id"},
		"no permission in a private channel": {func(w *serviceFixture, _ *StartRequest) {
			deny(w, "boris", "here", model.PERMISSION_MANAGE_PRIVATE_CHANNEL_PROPERTIES, model.PERMISSION_MANAGE_CHANNEL_ROLES)
		}, incident.Forbidden, "channel.start_forbidden", "channel_id"},
		"no permission in a public channel": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Channels["here"].Type = model.CHANNEL_OPEN
			deny(w, "boris", "here", model.PERMISSION_MANAGE_PUBLIC_CHANNEL_PROPERTIES, model.PERMISSION_MANAGE_CHANNEL_ROLES)
		}, incident.Forbidden, "channel.start_forbidden", "channel_id"},
		"guest": {func(w *serviceFixture, _ *StartRequest) {
			deny(w, "boris", "team", model.PERMISSION_LIST_TEAM_CHANNELS)
		}, incident.Forbidden, "channel.start_forbidden", "channel_id"},
		"an ongoing incident": {func(w *serviceFixture, _ *StartRequest) {
			w.incident().ChannelID = "here"
		}, incident.Conflict, "channel.incident_ongoing", "channel_id"},
		"commander not in it": {func(w *serviceFixture, _ *StartRequest) {
			w.host.Denied["member:anna"] = true
		}, incident.Forbidden, "commander.not_in_channel", "commander_user_id"},
		"another start wins": {func(w *serviceFixture, _ *StartRequest) {
			w.incidents.fails["Create"] = ErrOngoingInChannel("Other", "id")
		}, incident.Conflict, "channel.incident_ongoing", "channel_id"},
		"bad name": {func(_ *serviceFixture, r *StartRequest) { r.Name = " " }, incident.Invalid, "input.invalid", "name"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			r := hereRequest(w)
			c.spoil(w, &r)
			_, err := w.Start(ctx, r)
			e, ok := incident.AsError(err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, []interface{}{c.kind, c.code, c.field}, []interface{}{e.Kind, e.Code, e.Field})
			w.untouched(t)
		})
	}
}

// It needs no permission to make channels; to administer the channel is as good as to manage its header.
func TestStartInExistingChannel_Allowed(t *testing.T) {
	for name, spoil := range map[string]func(w *serviceFixture){
		"may not make channels": func(w *serviceFixture) {
			for _, p := range []*model.Permission{model.PERMISSION_CREATE_PRIVATE_CHANNEL, model.PERMISSION_CREATE_PUBLIC_CHANNEL} {
				w.host.Denied[p.Id+":boris:team"] = true
			}
		},
		"administers the channel": func(w *serviceFixture) {
			w.host.Denied[model.PERMISSION_MANAGE_PRIVATE_CHANNEL_PROPERTIES.Id+":boris:here"] = true
		},
		"after another one has ended": func(w *serviceFixture) {
			w.incident().ChannelID, w.incident().IsActive = "here", false
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			r := hereRequest(w)
			spoil(w)
			_, err := w.Start(ctx, r)
			require.NoError(t, err)
		})
	}
}

func TestStartInExistingChannel_Failures(t *testing.T) {
	for _, method := range []string{"Create", "OngoingIn"} {
		w := newServiceFixture(t)
		r := hereRequest(w)
		w.incidents.fails[method] = errBroken
		_, err := w.Start(ctx, r)
		require.ErrorIs(t, err, errBroken)
		w.untouched(t)
	}
	// The answer to the commit was lost: the incident is there, and is announced.
	w := newServiceFixture(t)
	r := hereRequest(w)
	w.incidents.fails["Create's answer"] = errBroken
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Contains(t, w.incidents.rows, inc.ID)
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentCreated}, w.host.Events)
	assert.Zero(t, w.host.Did("ArchiveChannel"))
}

func TestStartInExistingChannel_SaysThatAPrivateChannelHidesIt(t *testing.T) {
	for _, c := range []struct{ public, playbook, said bool }{{true, true, true}, {false, true, false}, {true, false, false}} {
		w := newServiceFixture(t)
		r := hereRequest(w)
		w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"boris"}, CreatePublicIncident: c.public}
		if c.playbook {
			r.PlaybookID = "p"
		}
		inc, err := w.Start(ctx, r)
		require.NoError(t, err)
		assert.Equal(t, incident.VisibilityPrivate, inc.Visibility)
		said := false
		for _, p := range w.host.Posts {
			said = said || strings.Contains(p.Message, "only its members see the incident")
		}
		assert.Equal(t, c.said, said, "%+v", c)
	}
}

func TestStartInExistingChannel_RepeatedRequest(t *testing.T) {
	w := newServiceFixture(t)
	r := hereRequest(w)
	r.Key = "key"
	made, err := w.Start(ctx, r)
	require.NoError(t, err)
	again, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, made.ID, again.ID)
}

// People whom capabilities want in the channel are not added to an existing one: the capability hears who is not in it, or was
// deactivated.
func TestStartInExistingChannel_AddsNobody(t *testing.T) {
	w := newServiceFixture(t)
	r := hereRequest(w)
	w.host.Denied["member:clara"] = true
	w.Extend(Extensions{Starting: []Starting{func(_ context.Context, s *Start) error {
		s.Add([]string{"anna", "boris", "clara", "former"}, func(inc *incident.Incident, userIDs []string) {
			inc.Description = strings.Join(userIDs, ",")
		})
		return nil
	}}})
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, "clara,former", inc.Description)
	assert.Zero(t, w.host.Did("AddToChannel"))
}

func TestChannelForStart(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *serviceFixture)
		want  ChannelForStart
	}{
		"offered":    {func(*serviceFixture) {}, ChannelForStart{ID: "here"}},
		"public":     {func(w *serviceFixture) { w.host.Channels["here"].Type = model.CHANNEL_OPEN }, ChannelForStart{ID: "here", Public: true}},
		"ongoing":    {func(w *serviceFixture) { w.incident().ChannelID = "here" }, ChannelForStart{}},
		"not in it":  {func(w *serviceFixture) { w.host.Denied["member:boris"] = true }, ChannelForStart{}},
		"unknown":    {func(w *serviceFixture) { delete(w.host.Channels, "here") }, ChannelForStart{}},
		"archived":   {func(w *serviceFixture) { w.host.Channels["here"].DeleteAt = 1 }, ChannelForStart{}},
		"direct":     {func(w *serviceFixture) { w.host.Channels["here"].Type = model.CHANNEL_DIRECT }, ChannelForStart{}},
		"other team": {func(w *serviceFixture) { w.host.Channels["here"].TeamId = "elsewhere" }, ChannelForStart{}},
		"no permission": {func(w *serviceFixture) {
			w.host.Denied[model.PERMISSION_MANAGE_PRIVATE_CHANNEL_PROPERTIES.Id+":boris:here"] = true
			w.host.Denied[model.PERMISSION_MANAGE_CHANNEL_ROLES.Id+":boris:here"] = true
		}, ChannelForStart{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			hereRequest(w)
			c.spoil(w)
			got, err := w.ChannelForStart(ctx, "boris", "team", "here")
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	none, err := newServiceFixture(t).ChannelForStart(ctx, "boris", "team", "")
	require.NoError(t, err)
	assert.Empty(t, none)
}
