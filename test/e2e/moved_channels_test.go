//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// After the channel of an incident was moved to another team, whatever leads to the incident leads through that team: those who are in the
// channel need not be in the former one, where Mattermost does not find the channel. An announcement goes to a channel of that team.
func TestMovedChannels_AreReachedThroughTheirNewTeam(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		other := s.newTeam(t, c.anna, c.boris)
		book := c.newPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = c.square.Id })
		c.anna.call(t, "PUT", "/playbooks/"+book+"/retrospective", body{"broadcast": true}).want(t, 200)
		i := c.start(t, map[string]any{"playbook_id": book})
		room, at := c.channelOf(t, i), "/incidents/"+i.ID
		s.addToChannel(t, room, c.boris)
		_, response := s.Admin.MoveChannel(i.ChannelID, other.Id, true)
		must(t, "move", response)

		var of struct {
			TeamName string `json:"team_name"`
		}
		if c.anna.call(t, "GET", at+"/metadata", nil).want(t, 200).decode(t, &of); of.TeamName != other.Name {
			t.Errorf("the metadata leads to the team %q", of.TeamName)
		}
		directly := func(what, text string) {
			t.Helper()
			eventually(t, what, func() bool { return len(c.boris.told(t, text)) > 0 })
			if message := c.boris.told(t, text)[0].Message; !strings.Contains(message, "/"+other.Name+"/channels/"+room.Name+")") {
				t.Errorf("%s: %s", what, message)
			}
		}
		c.anna.call(t, "POST", at+"/handoff", body{"user_id": c.boris.user.Id}).want(t, 201)
		directly("the command is offered", "command")
		c.anna.call(t, "POST", at+"/followups", body{"title": "Watch", "owner_id": c.boris.user.Id, "due_at": time.Now().Add(-time.Minute).UnixMilli()}).want(t, 201)
		directly("the owner is reminded", "Your follow-up")

		publicly := func(what, text, link string) {
			t.Helper()
			found := fmt.Sprintf("SELECT COUNT(*) FROM Posts WHERE ChannelId = '%s' AND Message LIKE '%%%s%%", c.square.Id, text)
			eventually(t, what, func() bool { return s.count(t, found+"'") > 0 })
			if s.count(t, found+"/"+other.Name+"/"+link+"%'") != 1 {
				t.Errorf("%s, but does not lead to the new team: %v", what, c.anna.posts(t, c.square.Id))
			}
		}
		c.anna.updateStatus(t, i.ID, "The disk is full", "0").want(t, 200)
		publicly("the update is broadcast", "", "pl/")
		c.anna.call(t, "PUT", at+"/end", nil).want(t, 200)
		c.anna.call(t, "POST", at+"/retrospective/publish", body{}).want(t, 200)
		publicly("the retrospective is broadcast", "published the retrospective%", s.pluginID+"/incidents/"+i.ID)

		for _, team := range []*model.Team{c.team, other} {
			status, response := s.Admin.CreateChannel(&model.Channel{TeamId: team.Id, Name: "status", DisplayName: "Status", Type: model.CHANNEL_OPEN})
			must(t, "make a channel", response)
			s.addToChannel(t, status, c.anna)
		}
		c.anna.command(t, other, room, "/incident announce ~status")
		if n := s.count(t, "SELECT COUNT(*) FROM Posts p JOIN Channels c ON c.Id = p.ChannelId WHERE c.Name = 'status' AND c.TeamId = '"+other.Id+"' AND p.Message LIKE '%~"+room.Name+"%'"); n != 1 {
			t.Errorf("announced %d times in the channel of its team", n)
		}
	})
}
