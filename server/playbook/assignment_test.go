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
