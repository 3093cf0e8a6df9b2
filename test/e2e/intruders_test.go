//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func private(p *playbook.Playbook) { p.CreatePublicIncident = false }

// sees tells what somebody finds out about an incident: whether they may read it, and whether it is in the lists.
func (p *person) sees(t testing.TB, i incident.Incident) (read, listed bool) {
	t.Helper()
	read = p.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200, 403).Status == 200
	for path, status := range map[string]int{
		"/incidents/" + i.ID + "/metadata":                            403,
		"/incidents/channel/" + i.ChannelID:                           404,
		"/incidents/checklist-autocomplete?channel_id=" + i.ChannelID: 403,
	} {
		if read {
			status = 200
		}
		p.call(t, "GET", path, nil).want(t, status)
	}
	// An id in another letter case is another id, also where the database does not care.
	p.call(t, "GET", "/incidents/"+strings.ToUpper(i.ID), nil).want(t, 403)
	p.call(t, "GET", "/incidents/channel/"+strings.ToUpper(i.ChannelID), nil).want(t, 404)
	for _, query := range []string{"", "&search_term=" + strings.Fields(i.Name)[1], "&commander_user_id=" + i.CommanderUserID, "&member_id=" + i.CommanderUserID} {
		answer := p.call(t, "GET", "/incidents?team_id="+i.TeamID+query, nil).want(t, 200, 403)
		listed = strings.Contains(string(answer.Body), i.ID)
		channels := p.call(t, "GET", "/incidents/channels?team_id="+i.TeamID+query, nil).want(t, 200, 403)
		if strings.Contains(string(channels.Body), i.ChannelID) != listed {
			t.Errorf("%q: the incident is listed (%v) but its channel is not, or the other way round: %s", query, listed, channels.Body)
		}
		if !listed {
			for _, secret := range []string{i.Name, i.ChannelID} {
				if strings.Contains(string(answer.Body), secret) {
					t.Errorf("%q tells %q: %s", query, secret, answer.Body)
				}
			}
		}
	}
	commanders := p.call(t, "GET", "/incidents/commanders?team_id="+i.TeamID, nil).want(t, 200, 403)
	if strings.Contains(string(commanders.Body), i.CommanderUserID) != listed {
		t.Errorf("the commander is told, although the incident is listed: %v: %s", listed, commanders.Body)
	}
	return read, listed
}

func (p *person) mustSee(t testing.TB, what string, i incident.Incident, want bool) {
	t.Helper()
	if read, listed := p.sees(t, i); read != want || listed != want {
		t.Errorf("%s: read %v, listed %v, want %v", what, read, listed, want)
	}
}

// A member of a channel may have a role there that may not read it. The roles are set in the database: to change them by the
// API needs a licence.
func TestIntruders_AMemberWhoseRoleMayNotRead(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		secret, other := c.startFromPlaybook(t, private), c.startFromPlaybook(t, private)
		for _, i := range []incident.Incident{secret, other} {
			_, response := c.Admin.AddChannelMember(i.ChannelID, c.boris.user.Id)
			must(t, "add a member", response)
		}
		db, err := s.database.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		roles := func(granted bool) {
			t.Helper()
			if _, err := db.Exec(fmt.Sprintf("UPDATE ChannelMembers SET SchemeUser = %v, Roles = '' WHERE ChannelId = '%s' AND UserId = '%s'",
				granted, secret.ChannelID, c.boris.user.Id)); err != nil {
				t.Fatal(err)
			}
			_, response := c.Admin.InvalidateCaches()
			must(t, "invalidate the caches", response)
		}
		for _, granted := range []bool{true, false, true} {
			roles(granted)
			status := map[bool]int{true: 200, false: 403}[granted]
			c.boris.call(t, "GET", "/incidents/"+secret.ID, nil).want(t, status)
			for _, query := range []string{"", "&view=summary", "&member_id=" + c.boris.user.Id, "&status=active", "&search_term=" + strings.Fields(secret.Name)[1]} {
				answer := c.boris.call(t, "GET", "/incidents?team_id="+secret.TeamID+query, nil).want(t, 200)
				if got := strings.Contains(string(answer.Body), secret.ID); got != granted {
					t.Errorf("%q: listed %v, want %v", query, got, granted)
				}
				if !strings.Contains(query, "search") && !strings.Contains(string(answer.Body), other.ID) {
					t.Errorf("%q: the other incident is missing", query)
				}
			}
		}
	})
}

func TestIntruders_AChannelThatBecomesPublicOrPrivate(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		guest := s.newGuest(t, c.team, c.square)
		secret := c.startFromPlaybook(t, private)
		for range 2 {
			c.boris.mustSee(t, "private", secret, false)
			c.anna.mustSee(t, "a member, private", secret, true)
			_, response := c.Admin.UpdateChannelPrivacy(secret.ChannelID, model.CHANNEL_OPEN)
			must(t, "make public", response)
			c.boris.mustSee(t, "public", secret, true)
			guest.mustSee(t, "a guest, public", secret, false)
			c.boris.call(t, "PUT", "/incidents/"+secret.ID+"/end", nil).want(t, 403)
			events := c.boris.listen(t)
			c.anna.call(t, "PUT", "/incidents/"+secret.ID+"/checklists/0/add", body{"title": "more"}).want(t, 201)
			events.hearsNothingOf(t, secret)
			_, response = c.Admin.UpdateChannelPrivacy(secret.ChannelID, model.CHANNEL_PRIVATE)
			must(t, "make private", response)
		}
		c.boris.mustSee(t, "private again", secret, false)
	})
}

func TestIntruders_AnArchivedChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	secret := c.startFromPlaybook(t, private)
	_, response := c.Admin.DeleteChannel(secret.ChannelID)
	must(t, "archive", response)
	c.boris.mustSee(t, "a private channel that was archived", secret, false)
	c.anna.mustSee(t, "a member of an archived channel", secret, true)
	open := c.startFromPlaybook(t, nil)
	_, response = c.Admin.DeleteChannel(open.ChannelID)
	must(t, "archive", response)
	read, listed := c.boris.call(t, "GET", "/incidents/"+open.ID, nil).want(t, 200, 403).Status == 200,
		strings.Contains(string(c.boris.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200).Body), open.ID)
	if !read || !listed {
		t.Errorf("a public channel that was archived: read %v, listed %v", read, listed)
	}
}

// A channel that was moved takes its incident out of sight of the team that it has left, but for its members.
func TestIntruders_AChannelThatIsMovedToAnotherTeam(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		dora := s.newUser(t)
		other := s.newTeam(t, c.anna, dora)
		moved := c.startFromPlaybook(t, nil)
		c.boris.mustSee(t, "before", moved, true)
		if _, response := c.Admin.MoveChannel(moved.ChannelID, other.Id, true); response.Error != nil {
			t.Fatalf("move the channel: %v", response.Error)
		}
		c.boris.mustSee(t, "who is not in the channel's new team", moved, false)
		c.anna.mustSee(t, "a member", moved, true)
		dora.call(t, "GET", "/incidents/"+moved.ID, nil).want(t, 200)
		dora.call(t, "PUT", "/incidents/"+moved.ID+"/end", nil).want(t, 403)
		if got := c.read(t, moved.ID); got.TeamID != c.team.Id {
			t.Errorf("the incident's team has changed to %s", got.TeamID)
		}
	})
}

// unchanged fails the test at once if act has changed the incident.
func (c *scene) unchanged(t *testing.T, what string, i incident.Incident, act func()) {
	t.Helper()
	before := asJSON(t, c.read(t, i.ID))
	posts := len(c.anna.posts(t, i.ChannelID))
	act()
	if after := asJSON(t, c.read(t, i.ID)); after != before {
		t.Fatalf("%s has changed the incident from\n%s\nto\n%s", what, before, after)
	}
	if now := len(c.anna.posts(t, i.ChannelID)); now != posts {
		t.Fatalf("%s has made %d posts", what, now-posts)
	}
}

// refused wants an answer to a dialog that shows an error.
func refused(t *testing.T, what string, answer *model.SubmitDialogResponse) {
	t.Helper()
	if answer == nil || answer.Error == "" && len(answer.Errors) == 0 {
		t.Errorf("%s was accepted: %+v", what, answer)
	}
}

func TestIntruders_RemovedWhileADialogIsOpen(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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

func TestIntruders_APlaybookMemberWhoLeftTheTeam(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
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

func TestIntruders_ADeactivatedCommander(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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

func TestIntruders_ARenamedUserAndADeletedOriginalPost(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
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

// A start that is repeated with its key gives the incident as it is now, but not to who was removed from it.
func TestIntruders_AStartRepeatedByWhoWasRemoved(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
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
