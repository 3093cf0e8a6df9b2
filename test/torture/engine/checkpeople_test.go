package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/roles"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
	"github.com/mattermost/mattermost-plugin-incident-management/server/stagelimits"
)

// What the events of an incident lead to is what is stored, with one commander at each revision and one end of each handoff.
func TestCheckPeople(t *testing.T) {
	commander := func(before, after, handoff string) incident.Payload {
		return incident.CommanderChanged{CommanderUserID: incident.Pair[string]{Before: before, After: after}, HandoffID: handoff}
	}
	handoff := func(kind incident.EventType, id string) incident.Payload {
		return roles.HandoffEvent{Kind: kind, Handoff: roles.Handoff{ID: id, ToUserID: "b"}}
	}
	role := func(before, after string, since int64) incident.Payload {
		return roles.RoleChanged{Role: "comms", Name: "C", HolderID: incident.Pair[string]{Before: before, After: after}, Since: incident.Pair[int64]{Before: since, After: since + 1}}
	}
	level := func(before, after string) incident.Payload {
		return severity.Changed{Before: severity.Ref{Key: before}, After: severity.Ref{Key: after}}
	}
	offered, reached := handoff(roles.EventOffered, "h"), stagelimits.Reached{StageID: "s", Since: 4}
	type state struct{ commander, holder, level, handoff string }
	for name, test := range map[string]struct {
		events []incident.Payload
		is     state
		wrong  int // which event is wrong, from 1; 0 for none
		kinds  map[Kind]int
	}{
		"nothing":                    {nil, state{"a", "", "", ""}, 0, nil},
		"all in order":               {[]incident.Payload{offered, role("", "b", 0), level("", "SEV1"), commander("a", "b", "h"), level("SEV1", "SEV2"), reached}, state{"b", "b", "SEV2", ""}, 0, nil},
		"pending":                    {[]incident.Payload{offered}, state{"a", "", "", "h"}, 0, nil},
		"overtaken":                  {[]incident.Payload{offered, commander("a", "c", ""), handoff(roles.EventOvertaken, "h")}, state{"c", "", "", ""}, 0, nil},
		"overtaken by the end":       {[]incident.Payload{offered, incident.Ended{}, handoff(roles.EventOvertaken, "h")}, state{"a", "", "", ""}, 0, nil},
		"overtaken and not recorded": {[]incident.Payload{offered, commander("a", "c", "")}, state{"c", "", "", ""}, 0, map[Kind]int{Doubled: 1}},
		"ended twice":                {[]incident.Payload{offered, handoff(roles.EventDeclined, "h"), handoff(roles.EventOvertaken, "h")}, state{"a", "", "", ""}, 0, map[Kind]int{Doubled: 1}},
		"answered twice":             {[]incident.Payload{offered, handoff(roles.EventDeclined, "h"), handoff(roles.EventWithdrawn, "h")}, state{}, 3, nil},
		"accepted after its end":     {[]incident.Payload{offered, handoff(roles.EventDeclined, "h"), commander("a", "b", "h")}, state{}, 3, nil},
		"two are pending":            {[]incident.Payload{offered, handoff(roles.EventOffered, "i")}, state{}, 2, nil},
		"two commanders":             {[]incident.Payload{commander("a", "b", ""), commander("a", "c", "")}, state{}, 2, nil},
		"no commander":               {[]incident.Payload{commander("a", "", "")}, state{}, 1, nil},
		"a role from somebody else":  {[]incident.Payload{role("", "b", 0), role("c", "a", 1)}, state{}, 2, nil},
		"a role since another time":  {[]incident.Payload{role("", "b", 0), role("b", "a", 7)}, state{}, 2, nil},
		"a level from another":       {[]incident.Payload{level("", "SEV1"), level("SEV2", "SEV3")}, state{}, 2, nil},
		"a lost commander":           {[]incident.Payload{commander("a", "b", "")}, state{"a", "", "", ""}, 0, map[Kind]int{Lost: 1}},
		"a lost holder":              {[]incident.Payload{role("", "b", 0)}, state{"a", "", "", ""}, 0, map[Kind]int{Lost: 2}}, // and the task of the role
		"a lost level":               {[]incident.Payload{level("", "SEV1")}, state{"a", "", "", ""}, 0, map[Kind]int{Lost: 1}},
		"a lost handoff":             {[]incident.Payload{offered}, state{"a", "", "", ""}, 0, map[Kind]int{Lost: 1, Doubled: 1}},
		"a limit told twice":         {[]incident.Payload{reached, reached}, state{"a", "", "", ""}, 0, map[Kind]int{Doubled: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{report: newReport(Options{Log: t.Logf})}
			p := people{commander: "a", holders: map[string]roles.Role{"comms": {Key: "comms", Name: "C"}}, ends: map[string]int{}, limits: map[string]int{}}
			for n, payload := range test.events {
				if wrong := p.follow(incident.Event{CreateAt: int64(n), Payload: payload}); wrong != "" || n+1 == test.wrong {
					assert.Equal(t, test.wrong, n+1, wrong)
					assert.NotEmpty(t, wrong)
					return
				}
			}
			assert.Zero(t, test.wrong)
			i := incident.Incident{ID: "i", CommanderUserID: test.is.commander, IsActive: true, Checklists: []incident.Stage{{ID: "s", Tasks: []incident.Task{
				{AssigneeID: test.is.holder, Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "comms"}},
				{AssigneeID: test.is.commander, Assignment: incident.Assignment{Kind: incident.AssignedToCommander}}}}}}
			if test.is.commander != p.commander { // the task follows the stored commander
				i.Checklists[0].Tasks[1].AssigneeID = p.commander
			}
			own := ownState{Severity: severity.State{Key: test.is.level}, Roles: roles.State{Roles: []roles.Role{{Key: "comms", Name: "C", HolderID: test.is.holder, Since: p.holders["comms"].Since}}}}
			if test.is.handoff != "" {
				own.Roles.Handoff = &roles.Handoff{ID: test.is.handoff}
			}
			w.compare(i, &p, &own)
			wantFindings(t, w, test.kinds)
		})
	}
}

func TestSameTerms(t *testing.T) {
	a, b := roles.Term{Role: "commander", UserID: "a", From: 1, To: 2}, roles.Term{Role: "comms", UserID: "b", From: 1}
	assert.True(t, sameTerms(nil, []roles.Term{}))
	assert.True(t, sameTerms([]roles.Term{a, b}, []roles.Term{b, a}))
	assert.False(t, sameTerms([]roles.Term{a, b}, []roles.Term{a}))
	assert.False(t, sameTerms([]roles.Term{a, b}, []roles.Term{a, {Role: "comms", UserID: "c", From: 1}}))
}

// Marks are read from props with and without spaces.
func TestPost_Prop(t *testing.T) {
	for _, props := range []string{`{"x":"1","incident_handoff":"h"}`, `{"x": "1", "incident_handoff": "h"}`} {
		p := post{props: props}
		assert.Equal(t, "h", p.prop(handoffProp))
		assert.Empty(t, p.prop("other"))
	}
}

// A change of severity moves the clock and what the next update offers.
func TestReplay_Severity(t *testing.T) {
	moved := severity.Changed{After: severity.Ref{Key: "SEV1"}, NextUpdate: &incident.Pair[int64]{After: 9}}
	got, err := Replay(incident.Incident{Revision: 1, ReminderPostID: "p"}, []incident.Event{{Revision: 1, Payload: incident.Started{}}, {Revision: 2, Payload: moved}})
	assert.NoError(t, err)
	assert.Equal(t, incident.Clock{NextUpdateAt: 9}, got.Clock())
	assert.EqualValues(t, 60e9, got.PreviousReminder)
	assert.Empty(t, got.ReminderPostID)
	_, err = Replay(got, []incident.Event{{Revision: 1}, {Revision: 2}, {Revision: 3, Payload: moved}})
	assert.Error(t, err)
}
