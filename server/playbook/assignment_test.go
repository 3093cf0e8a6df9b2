package playbook

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A client of version 1.2.0 sends tasks without assignments. It must not lose those of others.
func TestKeepAssignments(t *testing.T) {
	role, commander := incident.Assignment{Kind: incident.AssignedToRole, Role: "scribe"}, incident.Assignment{Kind: incident.AssignedToCommander}
	stored := Playbook{Checklists: []incident.Stage{{Tasks: []incident.Task{{ID: "a", Assignment: role}, {ID: "b", Assignment: role}}}, {Tasks: []incident.Task{{ID: "c", Assignment: commander}}}}}
	sent := Playbook{Title: "T", Checklists: []incident.Stage{{Tasks: []incident.Task{
		{ID: "c", Title: "moved"}, {ID: "a", Title: "left out"}, {ID: "b", Title: "null"}, {ID: "new", Title: "new"}, {Title: "no id"}, {ID: "d", Title: "other", Assignment: commander}}}}}
	sent.Unsaid = map[string]bool{"a": true, "c": true, "new": true}
	require.NoError(t, sent.Clean())
	sent.KeepAssignments(&stored)
	var got []incident.Assignment
	for _, task := range sent.Checklists[0].Tasks {
		got = append(got, task.Assignment)
	}
	assert.Equal(t, []incident.Assignment{commander, role, {}, {}, {}, commander}, got)
	assert.Nil(t, sent.Unsaid)
}

// A client of version 1.2.0 sends stages without time limits. It must not lose those of others.
func TestKeepLimits(t *testing.T) {
	stored := Playbook{Checklists: []incident.Stage{{ID: "a", LimitSeconds: 60}, {ID: "b", LimitSeconds: 120}, {LimitSeconds: 180}}}
	sent := Playbook{Title: "T", Checklists: []incident.Stage{{ID: "b", Title: "moved"}, {ID: "a", Title: "taken away"}, {ID: "c", LimitSeconds: 240}, {ID: "d"}, {}},
		UnsaidLimits: map[string]bool{"b": true, "d": true}}
	require.NoError(t, sent.Clean())
	sent.KeepLimits(&stored)
	var got []int64
	for _, stage := range sent.Checklists {
		got = append(got, stage.LimitSeconds)
	}
	assert.Equal(t, []int64{120, 0, 240, 0, 0}, got)
}
