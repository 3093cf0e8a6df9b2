package incident

import (
	"encoding/json"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAssignment_IsMissingInTheJSONOfTasksWithoutOne(t *testing.T) {
	encoded, err := Marshal(Task{ID: "t"})
	require.NoError(t, err)
	assert.NotContains(t, string(encoded), "assignment")
	encoded, err = Marshal(Task{ID: "t", Assignment: Assignment{Kind: AssignedToRole, Role: "scribe"}})
	require.NoError(t, err)
	assert.Contains(t, string(encoded), `"assignment":{"kind":"role","role":"scribe"}`)
	for _, text := range []string{`{"id":"t"}`, `{"id":"t","assignment":null}`, `{"id":"t","assignment":{}}`} {
		var read Task
		require.NoError(t, json.Unmarshal([]byte(text), &read))
		assert.Equal(t, Task{ID: "t"}, read, text)
	}
}

func TestAssignment_Check(t *testing.T) {
	user := model.NewId()
	for name, c := range map[string]struct {
		given, stored Assignment
		field         string
	}{
		"nobody":            {given: Assignment{}},
		"said to be nobody": {given: Assignment{Kind: AssignedToNobody, Role: "x", UserID: user}},
		"a role":            {given: Assignment{Kind: AssignedToRole, Role: "comms-2_b", UserID: "x"}, stored: Assignment{Kind: AssignedToRole, Role: "comms-2_b"}},
		"the commander":     {given: Assignment{Kind: AssignedToCommander, Role: "x"}, stored: Assignment{Kind: AssignedToCommander}},
		"a user":            {given: Assignment{Kind: AssignedToUser, UserID: user, Role: "x"}, stored: Assignment{Kind: AssignedToUser, UserID: user}},
		"an unknown kind":   {given: Assignment{Kind: "Role", Role: "x"}, field: "checklists.items.assignment.kind"},
		"no key":            {given: Assignment{Kind: AssignedToRole}, field: "checklists.items.assignment.role"},
		"a name as a key":   {given: Assignment{Kind: AssignedToRole, Role: "Comms"}, field: "checklists.items.assignment.role"},
		"no user":           {given: Assignment{Kind: AssignedToUser}, field: "checklists.items.assignment.user_id"},
		"a name as a user":  {given: Assignment{Kind: AssignedToUser, UserID: "anna"}, field: "checklists.items.assignment.user_id"},
	} {
		err := CheckStages([]Stage{{Tasks: []Task{{Title: "t", Assignment: c.given}}}})
		if c.field == "" {
			require.NoError(t, err, name)
			assert.Equal(t, c.stored, c.given.Clean(), name)
			continue
		}
		e, ok := AsError(err)
		require.True(t, ok, name)
		assert.Equal(t, Invalid, e.Kind, name)
		assert.Equal(t, c.field, e.Field, name)
	}
}

func TestStagesForStart_KeepsAssignments(t *testing.T) {
	a := Assignment{Kind: AssignedToRole, Role: "scribe"}
	started := StagesForStart([]Stage{{Tasks: []Task{{ID: "t", Title: "Write", Assignment: a, AssigneeID: "x"}}}})
	assert.Equal(t, a, started[0].Tasks[0].Assignment)
	assert.Empty(t, started[0].Tasks[0].AssigneeID)
}

// Who assigns a task by hand takes it from its role, even if the assignee stays the same.
func TestAssign_TakesTheAssignmentAway(t *testing.T) {
	a := Assignment{Kind: AssignedToCommander}
	for _, to := range []string{"anna", "ben", ""} {
		i := &Incident{Checklists: []Stage{{ID: "s", Tasks: []Task{{ID: "t", AssigneeID: "anna", Assignment: a}}}}}
		set, err := i.Assign(At(0), At(0), to, 9)
		require.NoError(t, err)
		require.NotNil(t, set, to)
		assert.Equal(t, Task{ID: "t", AssigneeID: to, AssigneeModified: 9}, i.Checklists[0].Tasks[0])
		before, after := EncodePayload(set.Payload)
		assert.Contains(t, string(before), `"assignment":{"kind":"commander"}`)
		assert.NotContains(t, string(after), "assignment")
		assert.Equal(t, set.Payload, DecodePayload(EventTaskAssignee, before, after))
		if set, err = i.Assign(At(0), At(0), to, 10); err != nil || set != nil {
			t.Errorf("again to %q: %v, %v", to, set, err)
		}
	}
}

func TestCommanderChanged_KeepsTheHandoff(t *testing.T) {
	p := CommanderChanged{CommanderUserID: Pair[string]{"anna", "ben"}, HandoffID: "h"}
	before, after := EncodePayload(p)
	assert.JSONEq(t, `{"commander_user_id":"ben","handoff_id":"h"}`, string(after))
	assert.Equal(t, p, DecodePayload(EventCommander, before, after))
}
