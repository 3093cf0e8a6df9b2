//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestRemovedMembers_MayNotSubmitADialogOpenedBefore(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, private)
		channel := c.channelOf(t, i)
		s.addToChannel(t, channel, c.boris)
		events := c.boris.listen(t)
		dialogs := map[string]*model.OpenDialogRequest{}
		for _, command := range []string{"end", "update", "stage next"} {
			c.boris.command(t, c.team, channel, "/incident "+command)
			dialogs[command] = events.dialog(t)
		}
		shared := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		for _, what := range []string{"leave the playbook", "leave the team"} {
			c.boris.command(t, c.team, c.square, "/incident start")
			dialogs[what] = events.dialog(t)
		}
		_, response := c.Admin.RemoveUserFromChannel(i.ChannelID, c.boris.user.Id)
		must(t, "remove", response)
		c.anna.awaitPost(t, i.ChannelID, model.POST_REMOVE_FROM_CHANNEL) // Mattermost says so a little later
		for command, fields := range map[string]map[string]any{
			"end": nil, "stage next": nil, "update": {"message": "by one who was removed", "reminder": "900"},
		} {
			c.unchanged(t, command, i, func() {
				d := dialogs[command]
				answer, response := c.boris.SubmitInteractiveDialog(model.SubmitDialogRequest{Type: "dialog_submission", URL: d.URL, State: d.Dialog.State,
					UserId: c.boris.user.Id, TeamId: c.team.Id, ChannelId: channel.Id, Submission: fields})
				if response.StatusCode != 403 { // Mattermost refuses by itself
					refused(t, command, answer)
				}
			})
			// Naming a channel where one is still a member does not help.
			c.unchanged(t, command, i, func() { refused(t, command, c.boris.submit(t, dialogs[command], c.team, c.square, fields)) })
		}
		start := c.fields(shared, "Not allowed any more")
		c.anna.call(t, "PUT", "/playbooks/"+shared, body{"title": "Unshared", "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		refused(t, "start", c.boris.submit(t, dialogs["leave the playbook"], c.team, c.square, start))
		c.anna.call(t, "PUT", "/playbooks/"+shared, body{"title": "Shared", "member_ids": []string{c.anna.user.Id, c.boris.user.Id}}).want(t, 200)
		_, response = c.Admin.RemoveTeamMember(c.team.Id, c.boris.user.Id)
		must(t, "leave the team", response)
		answer, response := c.boris.SubmitInteractiveDialog(model.SubmitDialogRequest{Type: "dialog_submission", URL: dialogs["leave the team"].URL,
			State: dialogs["leave the team"].Dialog.State, UserId: c.boris.user.Id, TeamId: c.team.Id, ChannelId: c.square.Id, Submission: start})
		if response.StatusCode != 403 {
			refused(t, "start", answer)
		}
		c.boris.call(t, "POST", "/incidents/dialog", body{"user_id": c.boris.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id, "state": "{}", "submission": start}).want(t, 200)
		if n := s.count(t, "SELECT COUNT(*) FROM Channels WHERE TeamId = '"+c.team.Id+"' AND DisplayName = 'Not allowed any more'"); n != 0 {
			t.Errorf("%d channels were made", n)
		}
	})
}

func TestRemovedMembers_OfTheTeamMayNotUseItsPlaybooks(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
	c.boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 200)
	_, response := c.Admin.RemoveTeamMember(c.team.Id, c.boris.user.Id)
	must(t, "leave the team", response)
	before := string(c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).Body)
	c.boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 403)
	c.boris.call(t, "PUT", "/playbooks/"+id, body{"title": "Mine", "member_ids": []string{c.boris.user.Id}}).want(t, 403)
	c.boris.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 403)
	c.boris.call(t, "GET", "/playbooks?team_id="+c.team.Id, nil).want(t, 403)
	c.boris.call(t, "GET", "/playbooks/autocomplete?team_id="+c.team.Id, nil).want(t, 403)
	c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "commander_user_id": c.boris.user.Id})).want(t, 403)
	c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id})).want(t, 403)
	c.boris.call(t, "POST", "/eventsubscriptions", body{"playbook_id": id, "user_id": c.boris.user.Id, "url": body{"Host": "example.com"}}).want(t, 403)
	if after := string(c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).Body); after != before {
		t.Errorf("the playbook was changed from\n%s\nto\n%s", before, after)
	}
	if n := s.count(t, "SELECT COUNT(*) FROM Channels WHERE TeamId = '"+c.team.Id+"' AND DisplayName LIKE 'Incident %'"); n != 0 {
		t.Errorf("%d channels were made", n)
	}
}

// A start that is repeated with its key gives the incident as it is now, but not to who was removed from it.
func TestRemovedMembers_RepeatedStartIsRefused(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	request := c.startBody(map[string]any{"name": "Only one", "playbook_id": c.newPlaybook(t, private)})
	var i incident.Incident
	c.anna.call(t, "POST", "/incidents", request, "Idempotency-Key: mine").want(t, 201).decode(t, &i)
	c.anna.call(t, "POST", "/incidents", request, "Idempotency-Key: mine").want(t, 201)
	_, response := c.Admin.RemoveUserFromChannel(i.ChannelID, c.anna.user.Id)
	must(t, "remove", response)
	c.anna.mustSee(t, "who was removed", i, false)
	answer := c.anna.call(t, "POST", "/incidents", request, "Idempotency-Key: mine").want(t, 403)
	if answer.errorText(t); strings.Contains(string(answer.Body), i.ID) {
		t.Errorf("the refusal tells about the incident: %s", answer.Body)
	}
	mustHaveIncidents(t, s, c.team, 1)
}
