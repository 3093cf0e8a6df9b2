package roles

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func TestRecap(t *testing.T) {
	voice := text.Voice{Escape: text.Escape, Time: func(ms int64) string { return fmt.Sprint(ms) }, Person: func(id string) string { return "@" + id }}
	event := func(id string, at int64, p incident.Payload) incident.Event {
		return incident.Event{ID: id, CreateAt: at, Payload: p}
	}
	handoff := func(id string, kind incident.EventType) incident.Event {
		return event(id, 180_000, HandoffEvent{Kind: kind})
	}
	started := event("s", 60_000, incident.Started{})
	inc := incident.Incident{CreateAt: 60_000}
	require.Empty(t, recap(&inc, []incident.Event{started, event("c", 90_000, incident.CommanderChanged{})}, voice), "without roles and handoffs")

	require.Equal(t, "[{Handoffs of command: 1. [o]}]", fmt.Sprint(recap(&inc, []incident.Event{started, handoff("o", EventOffered)}, voice)), "a pending handoff")
	require.Equal(t, "[{Handoffs of command: 3 (accepted: 1, lapsed: 1, overtaken: 1). [a b c d e f]}]", fmt.Sprint(recap(&inc, []incident.Event{started,
		handoff("a", EventOffered), handoff("b", EventLapsed), handoff("c", EventOffered), handoff("d", EventOvertaken), handoff("e", EventOffered),
		event("f", 190_000, incident.CommanderChanged{HandoffID: "h"}), event("g", 200_000, incident.CommanderChanged{})}, voice)), "all ends")

	State{Roles: []Role{{Key: "b", Name: "B"}, {Key: "a", Name: "A *x*", HolderID: "anna", Since: 120_000}, {Key: "c", Name: "C", HolderID: "clara", Since: 60_000}}}.store(&inc)
	moved := event("m", 120_000, RoleChanged{Role: "a", Name: "A *x*", HolderID: incident.Pair[string]{Before: "boris", After: "anna"}, Since: incident.Pair[int64]{Before: 60_000, After: 120_000}})
	require.Equal(t, `[{Nobody has had the role “B”. []} {@boris had the role “A \*x\*” from 60000 to 120000 (1m). [s m]} {@anna has had the role “A \*x\*” since 120000. [m]} `+
		`{@clara had the role “C” all the time. [s]}]`, fmt.Sprint(recap(&inc, []incident.Event{started, moved}, voice)), "an ongoing incident")
	inc.EndAt = 120_000
	require.Equal(t, `[{Nobody has had the role “B”. []} {@boris had the role “A \*x\*” all the time. [s e]} {@clara had the role “C” all the time. [s e]}]`,
		fmt.Sprint(recap(&inc, []incident.Event{started, event("e", 120_000, incident.Ended{}), moved}, voice)), "what comes after the end is left out")

	inc.Own[Key] = []byte(`"damaged"`)
	require.Equal(t, `[{@boris had the role “A \*x\*” from 60000 to 120000 (1m). [s m]}]`, fmt.Sprint(recap(&incident.Incident{CreateAt: 60_000, Own: inc.Own}, []incident.Event{started, moved}, voice)),
		"of damaged roles the events tell")
}
