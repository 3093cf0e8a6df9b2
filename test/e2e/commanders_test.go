//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestCommanders_AndAssigneesMustBeActiveMembers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	s.addToChannel(t, channel, c.clara)
	_, response := c.Admin.UpdateUserActive(c.clara.user.Id, false)
	must(t, "deactivate", response)
	bot, response := c.Admin.GetUserByUsername("incident", "")
	must(t, "the bot", response)
	for what, id := range map[string]string{"not a member": c.boris.user.Id, "administrator": s.admin().user.Id, "deactivated": c.clara.user.Id, "bot": bot.Id, "unknown": model.NewId()} {
		if answer := c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", map[string]any{"commander_id": id}); answer.Status != 403 {
			t.Errorf("commander %s: %d", what, answer.Status)
		}
		if answer := c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", map[string]any{"assignee_id": id}); answer.Status != 400 {
			t.Errorf("assignee %s: %d", what, answer.Status)
		}
	}
	if got := c.read(t, i.ID); got.CommanderUserID != c.anna.user.Id || got.Checklists[0].Tasks[0].AssigneeID != "" {
		t.Errorf("%+v", got)
	}
}

func TestCommanders_DeactivatedOneMayNotAct(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, private)
		s.addToChannel(t, c.channelOf(t, i), c.boris)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.boris.user.Id}).want(t, 200)
		_, response := c.Admin.UpdateUserActive(c.boris.user.Id, false)
		must(t, "deactivate", response)
		c.unchanged(t, "a deactivated commander", i, func() {
			c.boris.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 401)
			c.boris.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 401)
			c.boris.call(t, "POST", "/incidents/"+i.ID+"/update-status-dialog", body{"submission": body{"message": "m", "reminder": "0"}}).want(t, 401)
		})
		// The others can go on, and the team finds a commander.
		c.replies(t, c.anna, c.channelOf(t, i), [][2]string{{"/incident commander", "@" + c.boris.user.Username}})
		c.anna.call(t, "GET", "/incidents/commanders?team_id="+c.team.Id, nil).want(t, 200)
		c.anna.updateStatus(t, i.ID, "going on", "0").want(t, 200)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.boris.user.Id}).want(t, 403)

		c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"name": "Left to nobody", "commander_user_id": c.boris.user.Id})).want(t, 403).errorText(t)
		if n := s.count(t, "SELECT COUNT(*) FROM Channels WHERE TeamId = '"+c.team.Id+"' AND DisplayName = 'Left to nobody'"); n != 0 {
			t.Errorf("%d channels were made", n)
		}
	})
}

func TestCommanders_RenamedAndOriginalPostDeleted(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	origin, response := c.anna.CreatePost(&model.Post{ChannelId: c.square.Id, Message: "it burns"})
	must(t, "post", response)
	i := c.start(t, map[string]any{"post_id": origin.Id})
	_, response = c.anna.DeletePost(origin.Id)
	must(t, "delete the post", response)
	name := "r" + model.NewId()[:12]
	_, response = c.Admin.PatchUser(c.anna.user.Id, &model.UserPatch{Username: &name})
	must(t, "rename", response)
	if got := c.read(t, i.ID); got.PostID != origin.Id || got.CommanderUserID != c.anna.user.Id {
		t.Errorf("%+v", got)
	}
	if answer := c.anna.call(t, "GET", "/incidents/commanders?team_id="+c.team.Id, nil).want(t, 200); !strings.Contains(string(answer.Body), name) {
		t.Errorf("the commander is still known by the old name: %s", answer.Body)
	}
	channel := c.channelOf(t, i)
	c.replies(t, c.anna, channel, [][2]string{{"/incident commander", "@" + name}})
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
	if c.anna.said(t, i.ChannelID, "@"+name) < 2 {
		t.Error("the posts do not use the new name")
	}
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"post_id": origin.Id})).want(t, 404).errorText(t)
}

// When the commander leaves the channel or the team, or is deactivated, the channel is told once, and reminders ask those who are there.
func TestCommanders_WhoAreGone(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		const gone = "The commander of this incident is gone"
		ways := map[string]func(i incident.Incident, chief *person){
			"left the channel": func(i incident.Incident, chief *person) {
				_, response := chief.RemoveUserFromChannel(i.ChannelID, chief.user.Id)
				must(t, "leave", response)
			},
			"removed from the team": func(_ incident.Incident, chief *person) {
				_, response := c.Admin.RemoveTeamMember(c.team.Id, chief.user.Id)
				must(t, "remove from the team", response)
			},
			"deactivated": func(_ incident.Incident, chief *person) {
				_, response := c.Admin.UpdateUserActive(chief.user.Id, false)
				must(t, "deactivate", response)
			},
		}
		all := map[string]incident.Incident{}
		chiefs := map[string]*person{}
		for way, leave := range ways {
			chief := s.newUser(t)
			s.addToTeam(t, c.team, chief)
			i := c.startFromPlaybook(t, private)
			s.addToChannel(t, c.channelOf(t, i), chief)
			c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": chief.user.Id}).want(t, 200)
			leave(i, chief)
			all[way], chiefs[way] = i, chief
		}
		for way, i := range all {
			eventually(t, way+": the bot posts it in the channel", func() bool { return c.anna.said(t, i.ChannelID, gone) > 0 })
			i = c.remind(t, i)
			post, response := c.anna.GetPost(i.ReminderPostID, "")
			must(t, "read the reminder", response)
			if !strings.HasPrefix(post.Message, "@"+c.anna.user.Username+", please") || strings.Contains(post.Message, "@"+chiefs[way].user.Username) {
				t.Errorf("%s: the reminder says %q", way, post.Message)
			}
			// Mattermost notifies nobody of @channel in a post of the bot, but of names.
			eventually(t, way+": anna is notified", func() bool {
				return s.count(t, "SELECT MentionCount FROM ChannelMembers WHERE ChannelId = '"+i.ChannelID+"' AND UserId = '"+c.anna.user.Id+"'") > 0
			})
		}
		for way, i := range all {
			if n := c.anna.said(t, i.ChannelID, gone); n != 1 {
				t.Errorf("%s: posted %d times", way, n)
			}
			c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
		}
	})
}
