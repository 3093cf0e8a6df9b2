//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// secretPost is a post in a private channel where only the administrator is.
func (c *scene) secretPost(t *testing.T) (*model.Channel, *model.Post) {
	t.Helper()
	channel := c.newChannel(t, c.team, model.CHANNEL_PRIVATE)
	post, response := c.Admin.CreatePost(&model.Post{ChannelId: channel.Id, Message: "the secret"})
	must(t, "post", response)
	return channel, post
}

func TestB1_StartingCannotAimAtAnotherPost(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		_, post := c.secretPost(t)
		i := c.start(t, map[string]any{"reminder_post_id": post.Id})
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		if i.ReminderPostID != "" {
			t.Errorf("reminder_post_id is %q", i.ReminderPostID)
		}
		_, response := c.Admin.GetPost(post.Id, "")
		must(t, "the post was deleted", response)
	})
}

func TestB2_StartingCannotReadAnotherPost(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		_, post := c.secretPost(t)
		i := c.start(t, map[string]any{"status_post_ids": []string{post.Id}})
		// A row that 1.2.0 left behind must not show the post either.
		s.exec(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES ('"+i.ID+"', '"+post.Id+"')")
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.channelOf(t, i), "/incident update")
		for _, element := range events.dialog(t).Dialog.Elements {
			if strings.Contains(element.Default, "secret") {
				t.Errorf("the dialog shows %q", element.Default)
			}
		}
		if len(i.StatusPostIDs) != 0 {
			t.Errorf("status posts %v", i.StatusPostIDs)
		}
	})
}

func TestB3_StartingCannotBroadcastAnywhere(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	channel, _ := c.secretPost(t)
	i := c.start(t, map[string]any{"broadcast_channel_id": channel.Id})
	c.anna.updateStatus(t, i.ID, "intruding", "0").want(t, 200)
	if n := s.admin().said(t, channel.Id, "intruding"); n != 0 || i.BroadcastChannelID != "" {
		t.Errorf("%d posts in the private channel, broadcast_channel_id %q", n, i.BroadcastChannelID)
	}
}

func TestB4_StartingTakesOnlyItsOwnFields(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, map[string]any{"previous_reminder": 7, "reminder_message_template": "mine", "status_posts": []any{map[string]any{"id": "x"}},
		"is_active": false, "active_stage_title": "mine", "checklists": stages(), "revision": 99, "post_revision": 99})
	if i.PreviousReminder != 0 || i.ReminderMessageTemplate != "" || len(i.StatusPosts) != 0 || !i.IsActive || i.ActiveStageTitle != "Checklist" ||
		len(i.Checklists) != 1 || i.Revision != 1 || i.PostRevision != 0 {
		t.Errorf("%+v", i)
	}
}

func TestB5_StartingCannotHideTheIncident(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, map[string]any{"delete_at": 5})
	var list struct{ Items []incident.Incident }
	c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200).decode(t, &list)
	if i.DeleteAt != 0 || len(list.Items) != 1 {
		t.Errorf("delete_at %d, listed %d", i.DeleteAt, len(list.Items))
	}
}

// remind makes a reminder fall due and waits for its post.
func (c *scene) remind(t *testing.T, i incident.Incident) incident.Incident {
	t.Helper()
	c.anna.updateStatus(t, i.ID, "well", "1").want(t, 200)
	for range 200 {
		if seen := c.read(t, i.ID); seen.ReminderPostID != "" {
			return seen
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("no reminder in 20 s")
	return i
}

func TestB6_ButtonsActOnTheirOwnIncidentAsTheSignedInUser(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	private := func(p *playbook.Playbook) { p.CreatePublicIncident = false }
	theirs := c.remind(t, c.startFromPlaybook(t, private))
	var own incident.Incident
	c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": c.boris.user.Id})).want(t, 201).decode(t, &own)

	body := map[string]any{"user_id": c.anna.user.Id, "channel_id": theirs.ChannelID, "team_id": c.team.Id, "post_id": theirs.ReminderPostID}
	c.boris.call(t, "POST", "/incidents/"+own.ID+"/reminder/button-dismiss", body)
	if got := c.read(t, theirs.ID); got.ReminderPostID != theirs.ReminderPostID {
		t.Errorf("a stranger dismissed the reminder: %q", got.ReminderPostID)
	}
	_, response := c.anna.GetPost(theirs.ReminderPostID, "")
	must(t, "the reminder's post is gone", response)
	c.boris.call(t, "POST", "/incidents/"+theirs.ID+"/reminder/button-dismiss", body).want(t, 403)
	c.boris.call(t, "POST", "/incidents/"+theirs.ID+"/reminder/button-update", body).want(t, 403)

	body["user_id"] = c.boris.user.Id // whoever the body names, it is anna who clicks
	c.anna.call(t, "POST", "/incidents/"+theirs.ID+"/reminder/button-dismiss", body).want(t, 200)
	if got := c.read(t, theirs.ID); got.ReminderPostID != "" {
		t.Errorf("not dismissed: %q", got.ReminderPostID)
	}
}

func TestB7_APlaybookStaysInItsTeam(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	other := s.newTeam(t, c.boris)
	id := c.newPlaybook(t, nil)
	for _, team := range []string{other.Id, "", "nonsense"} {
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "Moved", "team_id": team, "member_ids": []string{c.anna.user.Id}})
		var got playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &got)
		if got.TeamID != c.team.Id {
			t.Errorf("team_id %q moved the playbook to %q", team, got.TeamID)
		}
	}
}

func TestB8_AnnounceDoesNotTellWhichPrivateChannelsExist(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	secret, _ := c.secretPost(t)
	channel := c.channelOf(t, c.start(t, nil))
	events := c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident announce ~"+secret.Name)
	hidden := events.ephemeral(t).Message
	c.anna.command(t, c.team, channel, "/incident announce ~nosuchchannel")
	missing := events.ephemeral(t).Message
	if strings.ReplaceAll(hidden, secret.Name, "X") != strings.ReplaceAll(missing, "nosuchchannel", "X") {
		t.Errorf("told apart: %q and %q", hidden, missing)
	}
}

func TestB9_APlaybookOfAnotherTeamCannotBeUsed(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	other := s.newTeam(t, c.anna)
	id := c.newPlaybook(t, nil)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"team_id": other.Id, "playbook_id": id})).want(t, 400, 403).errorText(t)
	_, response := c.Admin.RemoveTeamMember(c.team.Id, c.anna.user.Id)
	must(t, "leave the team", response)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"team_id": other.Id, "playbook_id": id})).want(t, 400, 403).errorText(t)
}

func TestB10_ADeletedPlaybookIsGone(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		id := c.newPlaybook(t, nil)
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "T", "delete_at": 5, "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200)
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id})).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/playbooks/"+id, map[string]any{"title": "T", "delete_at": 0, "member_ids": []string{c.anna.user.Id}}).want(t, 404)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 404)
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
	})
}

func TestB11_RunningATaskNeedsMembershipAndALivingChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "/echo ran" })
	run := "/incidents/" + i.ID + "/checklists/0/item/0/run"
	s.admin().call(t, "POST", run, nil).want(t, 403).errorText(t)
	c.boris.call(t, "POST", run, nil).want(t, 403).errorText(t)
	c.anna.call(t, "POST", run, nil).want(t, 200)
	_, response := c.Admin.DeleteChannel(i.ChannelID)
	must(t, "archive", response)
	c.anna.call(t, "POST", run, nil).want(t, 409).errorText(t)
}

func TestB12_WhoStartsForSomebodyElseIsInTheChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	id := c.newPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = false })
	i := c.start(t, map[string]any{"playbook_id": id, "commander_user_id": c.boris.user.Id})
	c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
	c.boris.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
	if c.anna.said(t, i.ChannelID, "started by @"+c.anna.user.Username) != 1 {
		t.Error("the post does not name who started the incident")
	}
}

func TestB12_AnAdministratorOutsideTheTeamStarts(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	admin := s.admin()
	_, response := c.Admin.RemoveTeamMember(c.team.Id, admin.user.Id)
	must(t, "leave the team", response)
	var i incident.Incident
	admin.call(t, "POST", "/incidents", c.startBody(nil)).want(t, 201).decode(t, &i)
	for _, p := range []*person{admin, c.anna} {
		p.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": "Call"}).want(t, 201)
	}
	if c.anna.said(t, i.ChannelID, "started by @"+admin.user.Username) != 1 {
		t.Error("the post does not name who started the incident")
	}
	before := s.count(t, "SELECT count(*) FROM Channels WHERE TeamId = '"+c.team.Id+"'")
	admin.call(t, "POST", "/incidents", c.startBody(map[string]any{"commander_user_id": admin.user.Id})).want(t, 403).errorText(t)
	if after := s.count(t, "SELECT count(*) FROM Channels WHERE TeamId = '"+c.team.Id+"'"); after != before {
		t.Errorf("%d channels were made for nothing", after-before)
	}
}

func TestB13_CommanderAndAssigneeAreActiveMembers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	s.addToChannel(t, channel, c.clara)
	_, response := c.Admin.UpdateUserActive(c.clara.user.Id, false)
	must(t, "deactivate", response)
	bot, response := c.Admin.GetUserByUsername("incident", "")
	must(t, "the bot", response)
	for what, id := range map[string]string{"outsider": c.boris.user.Id, "administrator": s.admin().user.Id, "deactivated": c.clara.user.Id, "bot": bot.Id, "unknown": model.NewId()} {
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

func TestB14_PlaybookMembersAreOfTheTeam(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		stranger := s.newUser(t)
		make := func(members ...string) *reply {
			return c.anna.call(t, "POST", "/playbooks", map[string]any{"title": "T", "team_id": c.team.Id, "member_ids": members})
		}
		make(stranger.user.Id).want(t, 400).errorText(t)
		make(model.NewId()).want(t, 400).errorText(t)
		make("nonsense").want(t, 400).errorText(t)
		c.anna.call(t, "POST", "/playbooks", map[string]any{"title": " ", "team_id": c.team.Id}).want(t, 400).errorText(t)
		var made struct{ ID string }
		make(c.anna.user.Id, c.boris.user.Id, c.anna.user.Id).want(t, 201).decode(t, &made)
		var got playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+made.ID, nil).want(t, 200).decode(t, &got)
		if len(got.MemberIDs) != 2 {
			t.Errorf("members %v", got.MemberIDs)
		}
	})
}

func TestB15_ABroadcastNeedsTheAuthorsPermission(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	wide := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = wide.Id })
	s.addToChannel(t, c.channelOf(t, i), c.boris)
	c.boris.updateStatus(t, i.ID, "by boris", "0").want(t, 200)
	c.anna.updateStatus(t, i.ID, "by anna", "0").want(t, 200)
	if c.anna.said(t, wide.Id, "by boris") != 0 || c.anna.said(t, wide.Id, "by anna") != 1 {
		t.Error("the broadcast does not follow the author's permission")
	}
	_, response := c.Admin.DeleteChannel(wide.Id)
	must(t, "archive", response)
	c.anna.updateStatus(t, i.ID, "into the archive", "0").want(t, 200)
	if n := s.count(t, "SELECT count(*) FROM Posts WHERE ChannelId = '"+wide.Id+"' AND Message LIKE '%into the archive%'"); n != 0 {
		t.Errorf("%d posts in an archived channel", n)
	}
	if c.anna.said(t, i.ChannelID, "into the archive") != 1 {
		t.Error("the update itself is missing")
	}
}

// get reads from Mattermost's own API.
func (p *person) get(t testing.TB, path string, target any) {
	t.Helper()
	response, appErr := p.DoApiGet(path, "")
	if appErr != nil {
		t.Fatal(appErr)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(target); err != nil {
		t.Fatal(err)
	}
}

func TestB16_TestToolsAreSuggestedToAdministratorsOnly(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	suggested := func(p *person) bool {
		var list []model.AutocompleteSuggestion
		p.get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input=%2Fincident%20te&channel_id="+c.square.Id, &list)
		return len(list) > 0
	}
	if suggested(c.anna) || !suggested(s.admin()) {
		t.Errorf("suggested to a user %v, to an administrator %v", suggested(c.anna), suggested(s.admin()))
	}
}

func TestB17_TestIncidentsNeedAPlaybookOfOnesOwn(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	id := c.newPlaybook(t, nil)
	events := s.admin().listen(t)
	s.admin().command(t, c.team, c.square, "/incident test create-incident "+id+" 2020-01-02 Not mine")
	if text := events.ephemeral(t).Message; text == "" {
		t.Error("no reason given")
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE PlaybookID = '"+id+"'"); n != 0 {
		t.Errorf("%d incidents made", n)
	}
}
