package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func TestMembersOfATeam_FailedPermissionCallIsNotARefusal(t *testing.T) {
	w := newWorld(t)
	w.host.fails["IsTeamMember"] = errBroken
	const anna, team = "k3m9q1z7y5x8w2v6u4tsrpnahd", "7ow1x3cutb8a9pgd5mkezjfhqn"
	_, err := w.CreatePlaybook(ctx, anna, playbook.Playbook{Title: "Outage", TeamID: team, MemberIDs: []string{anna}})
	require.ErrorIs(t, err, errBroken)
	_, err = w.Start(ctx, startRequest())
	require.ErrorIs(t, err, errBroken)
	assert.Zero(t, w.host.did("CreateChannel"))
}
