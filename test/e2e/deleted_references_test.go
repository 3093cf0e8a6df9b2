//go:build e2e

package e2e

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
)

// What an incident refers to may go away; nothing of it gives an internal error.
func TestDeletedReferences_UsersPlaybooksChannelsPostsAndTeams(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		bulletin := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
		playbook := anna.newPlaybook(t, team, body{"broadcast_channel_id": bulletin.Id}, anna)
		started := anna.startIncident(t, team, "What is left", playbook)
		at := "/incidents/" + started.ID
		s.addToChannel(t, s.channel(t, started.ChannelID), boris)
		anna.call(t, "PUT", at+"/checklists/0/item/1/assignee", body{"assignee_id": boris.user.Id}).want(t, 200)
		anna.call(t, "POST", at+"/commander", body{"commander_id": boris.user.Id}).want(t, 200)
		update := body{"submission": body{"message": "Still going", "reminder": "900"}}
		anna.call(t, "POST", at+"/update-status-dialog", update).want(t, 200)

		// The commander and assignee, the playbook, the broadcast channel and the update's post.
		_, response := s.Admin.PermanentDeleteUser(boris.user.Id)
		if response.Error != nil { // needs ServiceSettings.EnableAPIUserDeletion
			_, response = s.Admin.UpdateUserActive(boris.user.Id, false)
			must(t, "deactivate", response)
		}
		anna.call(t, "DELETE", "/playbooks/"+playbook, nil).want(t, 204)
		_, response = s.Admin.DeleteChannel(bulletin.Id)
		must(t, "archive", response)
		now := anna.incident(t, started.ID)
		_, response = anna.DeletePost(now.StatusPostIDs[0])
		must(t, "delete a post", response)

		if now = anna.incident(t, started.ID); len(now.StatusPosts) != 1 || now.StatusPosts[0].DeleteAt == 0 || len(now.StatusPostIDs) != 1 {
			t.Errorf("the deleted update: %+v", now)
		}
		anna.call(t, "GET", at+"/metadata", nil).want(t, 200)
		anna.call(t, "GET", "/incidents?team_id="+team.Id, nil).want(t, 200)
		anna.call(t, "GET", "/incidents/commanders?team_id="+team.Id, nil).want(t, 200)
		anna.call(t, "PUT", at+"/checklists/0/item/1/assignee", body{"assignee_id": anna.user.Id}).want(t, 200)
		anna.call(t, "POST", at+"/update-status-dialog", update).want(t, 200)
		anna.call(t, "POST", at+"/commander", body{"commander_id": anna.user.Id}).want(t, 200)
		anna.call(t, "PUT", at+"/end", nil).want(t, 200)

		// The incident's own channel: archived, it is still there to be worked on.
		_, response = s.Admin.DeleteChannel(started.ChannelID)
		must(t, "archive", response)
		anna.call(t, "PUT", at+"/restart", nil).want(t, 200)
		anna.call(t, "PUT", at+"/checklists/0/item/2/state", body{"new_state": "closed"}).want(t, 200)
		if answer := anna.call(t, "POST", at+"/checklists/0/item/0/run", nil); answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("a command in an archived channel: %d %s", answer.Status, answer.Body)
		}
		if answer := anna.call(t, "POST", at+"/update-status-dialog", update); answer.Status != 409 {
			t.Errorf("an update in an archived channel: %d %s", answer.Status, answer.Body)
		}
		_, response = s.Admin.SoftDeleteTeam(team.Id)
		must(t, "archive the team", response)
		for _, path := range []string{at, at + "/metadata", "/incidents?team_id=" + team.Id, "/playbooks?team_id=" + team.Id} {
			for _, p := range []*person{anna, s.admin()} {
				if answer := p.call(t, "GET", path, nil); answer.Status >= 500 {
					t.Errorf("%s of an archived team: %d %s", path, answer.Status, answer.Body)
				}
			}
		}
	})
}
