package severity

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func TestRecap(t *testing.T) {
	voice := text.Voice{Escape: text.Escape, Time: func(ms int64) string { return fmt.Sprint(ms) }, Person: func(id string) string { return id }}
	changed := func(at int64, before, after string) incident.Event {
		return incident.Event{ID: fmt.Sprint("c", at), CreateAt: at, Payload: Changed{Before: Ref{Key: before}, After: Ref{Key: after}}}
	}
	started := incident.Event{ID: "s", CreateAt: 60_000, Payload: incident.Started{}}
	for name, x := range map[string]struct {
		key    string // "" for no levels
		end    int64
		events []incident.Event
		want   string
	}{
		"without levels":       {events: []incident.Event{started}, want: "[]"},
		"none was chosen":      {key: "-", events: []incident.Event{started}, want: "[]"},
		"one level":            {key: "SEV2", events: []incident.Event{started}, want: "[{The severity was SEV2 · High all the time. [s]}]"},
		"chosen late":          {key: "SEV2", events: []incident.Event{started, changed(120_000, "", "SEV2")}, want: "[{The severity has been SEV2 since 120000. [c120000]}]"},
		"without the events":   {key: "SEV2", want: "[{The severity was SEV2 · High all the time. []}]"},
		"changed, and on":      {key: "SEV1", events: []incident.Event{started, changed(120_000, "SEV3", "SEV1")}, want: "[{The severity was SEV3 from 60000 to 120000 (1m). [s c120000]} {The severity has been SEV1 since 120000. [c120000]}]"},
		"changed at the end":   {key: "SEV1", end: 120_000, events: []incident.Event{started, changed(120_000, "SEV3", "SEV1")}, want: "[{The severity was SEV3 all the time. [s]}]"},
		"chosen after its end": {key: "SEV1", end: 90_000, events: []incident.Event{started, changed(120_000, "", "SEV1")}, want: "[]"},
	} {
		inc := incident.Incident{CreateAt: 60_000, EndAt: x.end}
		if x.key != "" {
			inc.Own.Store(key, State{Key: map[bool]string{true: "", false: x.key}[x.key == "-"], Levels: three})
		}
		require.Equal(t, x.want, fmt.Sprint(recap(&inc, x.events, voice)), name)
	}
}
