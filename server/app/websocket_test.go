package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Of an incident that is too long for an event, only that it has changed is sent, once for each change. The payload is
// empty then, which version 1.2.0 ignores.
func TestPublish_OnlyThatALongIncidentHasChanged(t *testing.T) {
	w := newServiceFixture(t)
	inc := incident.Incident{ID: "inc", TeamID: "team", ChannelID: "channel0", Revision: 7, PostRevision: 2}
	whole, err := incident.Marshal(inc)
	require.NoError(t, err)
	for _, character := range []string{"x", "<", "é"} { // counted in bytes, as they are sent
		for more, long := range map[int]bool{0: false, len(character): true} {
			inc.Description = strings.Repeat(character, (maxEventBytes-len(whole)+more)/len(character))
			w.host.Published = nil
			w.sent = publishOrder{}
			w.publishUpdated(ctx, inc, true)
			require.Len(t, w.host.Published, 1)
			sent := w.host.Published[0]
			if !long {
				var seen incident.Incident
				require.NoError(t, json.Unmarshal([]byte(sent["payload"].(string)), &seen))
				assert.Equal(t, inc.Description, seen.Description)
				assert.NotContains(t, sent, "changed")
				continue
			}
			assert.Equal(t, map[string]interface{}{"payload": "", "changed": `{"id":"inc","team_id":"team","channel_id":"channel0","revision":7,"post_revision":2}`}, sent)
		}
	}
	inc.Revision = 6
	w.publishUpdated(ctx, inc, true)
	assert.Len(t, w.host.Published, 1, "older ones are not sent after newer ones, however long")
}

// While the event of one incident is held up in Mattermost, those of others go out.
func TestPublish_IncidentsDoNotWaitForEachOther(t *testing.T) {
	var p publishOrder
	held, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Add(2)
	go func() {
		defer all.Done()
		p.send(&incident.Incident{ID: "slow", Revision: 1}, func() { close(held); <-release })
	}()
	<-held
	var after []int64
	go func() {
		defer all.Done()
		p.send(&incident.Incident{ID: "slow", Revision: 2}, func() { after = append(after, 2) })
	}()
	sent := make(chan struct{})
	go func() {
		p.send(&incident.Incident{ID: "other", Revision: 1}, func() { close(sent) })
	}()
	select {
	case <-sent:
	case <-time.After(10 * time.Second):
		t.Error("another incident waited")
	}
	assert.Empty(t, after, "the same incident waits")
	close(release)
	all.Wait()
	assert.Equal(t, []int64{2}, after)
}

func TestPublish_RemembersALimitedNumberOfIncidents(t *testing.T) {
	var p publishOrder
	var all sync.WaitGroup
	for n := range 3 * maxPublished {
		all.Add(1)
		go func() {
			defer all.Done()
			p.send(&incident.Incident{ID: fmt.Sprint(n)}, func() {})
		}()
	}
	all.Wait()
	assert.LessOrEqual(t, len(p.incidents), maxPublished)
	assert.NotEmpty(t, p.incidents)
}

func TestPublish_AnOlderStateIsNotSentAfterANewerOne(t *testing.T) {
	w := newServiceFixture(t)
	var all sync.WaitGroup
	for n := int64(50); n > 0; n-- {
		all.Add(1)
		go func() {
			defer all.Done()
			w.publishUpdated(ctx, incident.Incident{ID: "inc", ChannelID: "channel0", Revision: n}, true)
		}()
	}
	all.Wait()
	last := int64(0)
	for _, p := range w.host.Published {
		var seen incident.Incident
		require.NoError(t, json.Unmarshal([]byte(p["payload"].(string)), &seen))
		require.Greater(t, seen.Revision, last)
		last = seen.Revision
	}
	assert.EqualValues(t, 50, last)
}

// Mattermost sends what is for no channel, team or user to everybody.
func TestPublish_OnlyToMembers(t *testing.T) {
	w := newServiceFixture(t)
	inc, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	require.NoError(t, w.End(ctx, "anna", inc.ID))
	assert.Equal(t, []string{EventIncidentUpdated, EventIncidentCreated, EventIncidentUpdated}, w.host.Events)
	channel := model.WebsocketBroadcast{ChannelId: inc.ChannelID}
	assert.Equal(t, []model.WebsocketBroadcast{channel, {UserId: "boris"}, channel}, w.host.Audiences)

	w.incident().ChannelID = "" // damaged
	require.NoError(t, w.End(ctx, "admin", "inc"))
	assert.Len(t, w.host.Events, 3)
}

func TestPublish_StatesInTheirOrder(t *testing.T) {
	w := newServiceFixture(t)
	var want [][2]int64
	for _, x := range []struct {
		revision, post int64
		sent           bool
	}{{1, 0, true}, {3, 1, true}, {3, 0, false}, {2, 9, false}, {3, 2, true}, {3, 1, false}, {4, 0, true}, {4, 1, true}, {4, 0, false}} {
		w.publishUpdated(ctx, incident.Incident{ID: "inc", ChannelID: "channel0", Revision: x.revision, PostRevision: x.post}, true)
		w.publishUpdated(ctx, incident.Incident{ID: "other", ChannelID: "wide", Revision: 1}, true)
		if x.sent {
			want = append(want, [2]int64{x.revision, x.post})
		}
	}
	var got [][2]int64
	for _, p := range w.host.Published {
		var seen incident.Incident
		require.NoError(t, json.Unmarshal([]byte(p["payload"].(string)), &seen))
		if seen.ID == "inc" {
			got = append(got, [2]int64{seen.Revision, seen.PostRevision})
		}
	}
	assert.Equal(t, want, got)
}

// Members of the channel whose role may not read it do not get the incident. If it is not known who they are, nobody gets more
// than that it has changed.
func TestPublishUpdated_LeavesOutMembersWhoMayNotRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		allRead bool
		groups  []MemberGroup
		fails   string
		omitted map[string]bool
		whole   bool
	}{
		{"all may read", true, []MemberGroup{{Roles: "boris", UserID: "boris"}}, "", nil, true},
		{"all are proven", false, []MemberGroup{{Roles: "boris", UserID: "boris", ReadGranted: true}}, "", nil, true},
		{"Mattermost allows it", false, []MemberGroup{{Roles: "anna", UserID: "anna"}}, "", nil, true},
		{"one may not", false, []MemberGroup{{Roles: "anna", UserID: "anna"}, {Roles: "boris", UserID: "boris"}}, "", map[string]bool{"boris": true}, true},
		{"the roles are unknown", false, nil, "MemberGroups", nil, false},
		{"the members are unknown", false, []MemberGroup{{Roles: "boris", UserID: "boris"}}, "MembersInGroups", nil, false},
	} {
		w := newServiceFixture(t)
		w.host.Denied["read_channel:boris:channel0"] = true
		w.incidents.groups = c.groups
		if c.fails != "" {
			w.incidents.fails[c.fails] = errBroken
		}
		w.publishUpdated(ctx, *w.incident(), c.allRead)
		require.Len(t, w.host.Audiences, 1, c.name)
		assert.Equal(t, model.WebsocketBroadcast{ChannelId: "channel0", OmitUsers: c.omitted}, w.host.Audiences[0], c.name)
		payload, _ := w.host.Published[0]["payload"].(string)
		assert.Equal(t, c.whole, payload != "", c.name)
	}
}
