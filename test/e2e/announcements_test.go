//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// refusePosts lets the database refuse the bot's posts in some channels, as one does that takes no further connection.
func (s *server) refusePosts(t *testing.T, channelIDs ...string) (allow func()) {
	t.Helper()
	name := "refuse_" + model.NewId()[:10]
	where := fmt.Sprintf("NEW.UserId = '%s' AND NEW.ChannelId IN ('%s')", s.bot(t).Id, strings.Join(channelIDs, "', '"))
	drop := "DROP TRIGGER " + name
	if s.database.Driver == testenv.Postgres {
		s.exec(t, "CREATE FUNCTION "+name+"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''too many clients'' USING ERRCODE = ''53300''; END'")
		s.exec(t, "CREATE TRIGGER "+name+" BEFORE INSERT ON Posts FOR EACH ROW WHEN ("+where+") EXECUTE PROCEDURE "+name+"()")
		drop = "DROP FUNCTION " + name + " CASCADE"
	} else {
		s.exec(t, "CREATE TRIGGER "+name+" BEFORE INSERT ON Posts FOR EACH ROW IF "+where+
			" THEN SIGNAL SQLSTATE '08004' SET MESSAGE_TEXT = 'Too many connections'; END IF")
	}
	dropped := false
	allow = func() {
		if !dropped {
			dropped = true
			s.exec(t, drop)
		}
	}
	t.Cleanup(allow)
	return allow
}

// While the database takes no posts, changes succeed without them. Afterwards each change has its post, once and in order.
func TestAnnouncements_ComeLaterWhenTheDatabaseWasBusy(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
		i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = wide.Id })
		bot := s.bot(t).Id
		said := func(channelID string) (texts []string) {
			for _, p := range c.anna.posts(t, channelID) {
				if p.UserId == bot && p.DeleteAt == 0 && !strings.HasPrefix(p.Type, "system_") && !strings.HasPrefix(p.Message, "Incident started") {
					texts = append(texts, p.Message)
				}
			}
			return texts
		}
		waiting := func() int {
			return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE State = 'waiting' AND Kind NOT IN ('retrospective_due', 'followup_similar') AND IncidentID = '"+i.ID+"'")
		}
		allow := s.refusePosts(t, i.ChannelID, wide.Id)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/1/state", body{"new_state": "closed"}).want(t, 200)
		c.anna.call(t, "PATCH", "/incidents/"+i.ID, body{"active_stage": 1}).want(t, 200)
		c.anna.updateStatus(t, i.ID, "We look into it", "0").want(t, 200)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		if texts := append(said(i.ChannelID), said(wide.Id)...); len(texts) != 0 {
			t.Errorf("the bot says %q although the database takes no posts", texts)
		}
		if n := waiting(); n != 4 {
			t.Errorf("%d posts wait to be made, want 4", n)
		}
		time.Sleep(6 * time.Second) // further attempts fail, too
		if n := waiting(); n != 4 {
			t.Errorf("%d posts wait to be made, want 4", n)
		}
		allow()
		eventually(t, "nothing waits any more", func() bool { return waiting() == 0 })
		texts := said(i.ChannelID)
		if len(texts) != 3 || !strings.Contains(texts[0], "two") || !strings.Contains(texts[1], "Second") || !strings.Contains(texts[2], "closed by") {
			t.Errorf("the bot says %q", texts)
		}
		if texts := said(wide.Id); len(texts) != 1 || !strings.Contains(texts[0], "We look into it") {
			t.Errorf("the broadcast channel has %q", texts)
		}
		posts := c.anna.posts(t, i.ChannelID)
		for _, e := range s.storedEvents(t, i.ID) {
			if !slices.ContainsFunc(posts, func(p *model.Post) bool { return p.Id == e.PostID }) {
				t.Errorf("the change %s has no post: %q", e.Type(), e.PostID)
			}
		}
		if task := c.read(t, i.ID).Checklists[0].Tasks[1]; !slices.ContainsFunc(posts, func(p *model.Post) bool { return p.Id == task.StateModifiedPostID }) {
			t.Errorf("the task has no post: %+v", task)
		}
		time.Sleep(3 * time.Second)
		if again := said(i.ChannelID); len(again) != len(texts) {
			t.Errorf("later the bot says %q", again)
		}
	})
}
