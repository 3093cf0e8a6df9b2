package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Of an incident that is too long for an event, only that it has changed is sent, once for each change. The payload is
// empty then, which version 1.2.0 ignores.
func TestPublish_OnlyThatALongIncidentHasChanged(t *testing.T) {
	w := newWorld(t)
	inc := incident.Incident{ID: "inc", TeamID: "team", ChannelID: "channel0", Revision: 7, PostRevision: 2}
	whole, err := incident.Marshal(inc)
	require.NoError(t, err)
	for _, character := range []string{"x", "<", "é"} { // counted in bytes, as they are sent
		for more, long := range map[int]bool{0: false, len(character): true} {
			inc.Description = strings.Repeat(character, (maxEventBytes-len(whole)+more)/len(character))
			w.host.published = nil
			w.sent = publishOrder{}
			w.publishUpdated(inc)
			require.Len(t, w.host.published, 1)
			sent := w.host.published[0]
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
	w.publishUpdated(inc)
	assert.Len(t, w.host.published, 1, "older ones are not sent after newer ones, however long")
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
