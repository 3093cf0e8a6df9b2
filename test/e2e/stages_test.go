//go:build e2e

package e2e

import (
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestStages_StoredOutOfRangeDoesNotBlockCommands(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks = nil })
	s.exec(t, "UPDATE IR_Incident SET ActiveStage = 99 WHERE ID = '"+i.ID+"'")
	c.replies(t, c.anna, c.channelOf(t, i), [][2]string{{"/incident stage prev", "first stage"}})
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident stage next")
	if got := c.read(t, i.ID).ActiveStage; got != 1 {
		t.Errorf("stage %d", got)
	}
}

func TestStages_StoredOutOfRangeCanBeReadAndChanged(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		s.exec(t, "UPDATE IR_Incident SET ActiveStage = 99 WHERE ID = '"+i.ID+"'")
		if got := c.read(t, i.ID); got.ActiveStage != 0 {
			t.Errorf("active_stage is %d", got.ActiveStage)
		}
		c.anna.call(t, "PATCH", "/incidents/"+i.ID, `{"active_stage":1}`).want(t, 200)
		if got := c.read(t, i.ID); got.ActiveStage != 1 || got.ActiveStageTitle != "Second" {
			t.Errorf("%d %q", got.ActiveStage, got.ActiveStageTitle)
		}
	})
}

func TestStages_AnIncidentMayHaveNone(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newFixture(t)
	id := c.newPlaybook(t, func(p *playbook.Playbook) { p.Checklists = nil })
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "active_stage": -1})).want(t, 400).errorText(t)
	i := c.start(t, map[string]any{"playbook_id": id})
	if i.ActiveStage != -1 || len(i.Checklists) != 0 {
		t.Errorf("%+v", i)
	}
	s.exec(t, "UPDATE IR_Incident SET ActiveStage = -1 WHERE ID = '"+i.ID+"'")
	s.exec(t, "UPDATE Sessions SET DeviceId = 'android:1' WHERE UserId = '"+c.anna.user.Id+"'")
	_, response := c.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident info")
	if post := events.ephemeral(t); len(post.Attachments()) != 1 {
		t.Errorf("%q with %d attachments", post.Message, len(post.Attachments()))
	}
}
