//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestReminders_ButtonsActOnTheirIncidentAsTheSignedInUser(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

	body["user_id"] = c.boris.user.Id // anna clicks; the body names another user
	c.anna.call(t, "POST", "/incidents/"+theirs.ID+"/reminder/button-dismiss", body).want(t, 200)
	if got := c.read(t, theirs.ID); got.ReminderPostID != "" {
		t.Errorf("not dismissed: %q", got.ReminderPostID)
	}
}

func TestReminders_Buttons(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.remind(t, c.start(t, nil))
	post, response := c.anna.GetPost(i.ReminderPostID, "")
	must(t, "read the reminder", response)
	attachments := post.Attachments()
	if len(attachments) != 1 || len(attachments[0].Actions) != 4 || attachments[0].Actions[0].Id != "buttonupdate" || attachments[0].Actions[1].Id != "buttondismiss" || !strings.Contains(post.Message, "@"+c.anna.user.Username) {
		t.Fatalf("%q, %+v", post.Message, attachments)
	}
	events := c.anna.listen(t)
	_, response = c.anna.DoPostAction(post.Id, attachments[0].Actions[0].Id)
	must(t, "click on update", response)
	if d := events.dialog(t); !strings.HasSuffix(d.URL, "/incidents/"+i.ID+"/update-status-dialog") {
		t.Errorf("%s", d.URL)
	}
	// A reminder that was left behind, as if its incident had ended without it: a refusal is shown, not only answered.
	s.exec(t, "UPDATE IR_Incident SET IsActive = false WHERE ID = '"+i.ID+"'")
	_, response = c.anna.DoPostAction(post.Id, attachments[0].Actions[0].Id)
	must(t, "click on update of an ended incident", response)
	if text := events.ephemeral(t).Message; text != incident.ErrNoUpdate.Message {
		t.Errorf("shown %q", text)
	}
	s.exec(t, "UPDATE IR_Incident SET IsActive = true WHERE ID = '"+i.ID+"'")
	_, response = c.anna.DoPostAction(post.Id, attachments[0].Actions[1].Id)
	must(t, "click on dismiss", response)
	if got := c.read(t, i.ID); got.ReminderPostID != "" {
		t.Errorf("still %s", got.ReminderPostID)
	}
	if _, response = c.anna.GetPost(post.Id, ""); response.StatusCode != 404 {
		t.Errorf("the reminder's post is there: %d", response.StatusCode)
	}
}

func TestReminders_PostDeletedByAUser(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.remind(t, c.start(t, nil))
	_, response := c.Admin.DeletePost(i.ReminderPostID)
	must(t, "delete the reminder", response)
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/reminder/button-dismiss", map[string]any{"user_id": c.anna.user.Id, "channel_id": i.ChannelID}).want(t, 200)
	c.anna.updateStatus(t, i.ID, "all well", "0").want(t, 200)
	if got := c.read(t, i.ID); got.ReminderPostID != "" {
		t.Errorf("still %s", got.ReminderPostID)
	}
}
