//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// clocked is an incident with its clock.
type clocked struct {
	incident.Incident
	Clock *incident.Clock
}

// clock reads the clock of an incident, which must be the same in the list.
func (c *fixture) clock(t *testing.T, id string) incident.Clock {
	t.Helper()
	var one clocked
	c.anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &one)
	var page struct{ Items []clocked }
	c.anna.call(t, "GET", "/incidents?view=summary&per_page=1000&team_id="+c.team.Id, nil).want(t, 200).decode(t, &page)
	for _, item := range page.Items {
		if item.ID == id && fmt.Sprint(item.Clock) != fmt.Sprint(one.Clock) && (item.Clock == nil || one.Clock == nil || *item.Clock != *one.Clock) {
			t.Errorf("the list says %v, the incident %v", item.Clock, one.Clock)
		}
	}
	if one.Clock == nil {
		return incident.Clock{}
	}
	return *one.Clock
}

// press presses a button of a reminder, by its position.
func (p *person) press(t *testing.T, postID string, button int) {
	t.Helper()
	post, response := p.GetPost(postID, "")
	must(t, "read the reminder", response)
	_, response = p.DoPostAction(postID, post.Attachments()[0].Actions[button].Id)
	must(t, "press a button", response)
}

func isDue(c incident.Clock, in time.Duration) bool {
	wait := time.Until(time.UnixMilli(c.NextUpdateAt))
	return c.OverdueSince == 0 && wait > in-time.Minute && wait <= in+time.Minute
}

// The clock says when the next update is due, by whatever it is planned and put off, and each of these is recorded with who.
func TestClocks_NextUpdate(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		if got := c.clock(t, i.ID); got != (incident.Clock{}) {
			t.Errorf("without a reminder: %+v", got)
		}
		c.anna.updateStatus(t, i.ID, "well", "3600").want(t, 200)
		if got := c.clock(t, i.ID); !isDue(got, time.Hour) {
			t.Errorf("planned: %+v", got)
		}
		c.anna.command(t, c.team, s.channel(t, i.ChannelID), "/incident snooze 2h")
		if got := c.clock(t, i.ID); !isDue(got, 2*time.Hour) {
			t.Errorf("snoozed by command: %+v", got)
		}
		// Due: the reminder is displayed, and its buttons put it off.
		i = c.remind(t, i)
		if got := c.clock(t, i.ID); got.NextUpdateAt != 0 || time.Since(time.UnixMilli(got.OverdueSince)) > time.Minute {
			t.Errorf("overdue: %+v", got)
		}
		c.anna.press(t, i.ReminderPostID, 2)
		if got := c.clock(t, i.ID); !isDue(got, 15*time.Minute) || c.read(t, i.ID).ReminderPostID != "" {
			t.Errorf("snoozed by a button: %+v", got)
		}
		if _, response := c.anna.GetPost(i.ReminderPostID, ""); response.StatusCode != 404 {
			t.Errorf("the reminder's post is there: %d", response.StatusCode)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'update_overdue' AND IncidentID = '"+i.ID+"'"); n != 0 {
			t.Errorf("%d further reminders are planned", n)
		}
		var kinds []string
		for _, e := range s.storedEvents(t, i.ID) {
			who := "the plugin"
			if e.ActorID == c.anna.user.Id {
				who = "anna"
			}
			kinds = append(kinds, string(e.Type())+" by "+who)
		}
		want := "started by anna, status_updated by anna, update_planned by anna, status_updated by anna, update_overdue by the plugin, update_planned by anna"
		if got := strings.Join(kinds, ", "); got != want {
			t.Errorf("recorded: %s", got)
		}
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		if got := c.clock(t, i.ID); got != (incident.Clock{}) {
			t.Errorf("after the end: %+v", got)
		}
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/snooze", body{"seconds": 900}).want(t, 409)
	})
}

// An overdue update is asked for again, in place of the reminder before. The time until then is taken from the job here.
func TestClocks_OverdueIsToldAgain(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.remind(t, c.start(t, nil))
		first, since := i.ReminderPostID, c.clock(t, i.ID)
		where := " WHERE Kind = 'update_overdue' AND IncidentID = '" + i.ID + "'"
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Job"+where); n != 1 {
			t.Fatalf("%d further reminders are planned", n)
		}
		s.exec(t, "UPDATE IR_Job SET DueAt = DueAt - 900000, NextAttemptAt = NextAttemptAt - 900000"+where)
		eventually(t, "the second reminder", func() bool { i = c.read(t, i.ID); return i.ReminderPostID != first })
		post, response := c.anna.GetPost(i.ReminderPostID, "")
		must(t, "read the reminder", response)
		if !strings.Contains(post.Message, "@"+c.anna.user.Username) || !strings.Contains(post.Message, "The update is overdue by ") || len(post.Attachments()[0].Actions) != 4 {
			t.Errorf("%q %+v", post.Message, post.Attachments())
		}
		if _, response := c.anna.GetPost(first, ""); response.StatusCode != 404 {
			t.Errorf("the first reminder is there: %d", response.StatusCode)
		}
		if got := c.clock(t, i.ID); got != since {
			t.Errorf("%+v, before %+v", got, since)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Job"+where+" AND JobKey LIKE '%:2'"); n != 1 {
			t.Errorf("the third reminder is not planned")
		}
		c.anna.press(t, i.ReminderPostID, 1)
		if got := c.clock(t, i.ID); got != (incident.Clock{}) || s.count(t, "SELECT COUNT(*) FROM IR_Job"+where) != 0 {
			t.Errorf("dismissed: %+v", got)
		}
	})
}

// The channel is told once for each visit of a stage that takes longer than its limit. The time until then is taken from the job here.
func TestClocks_LimitOfAStage(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	c.anna.call(t, "POST", "/playbooks", body{"title": "P", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "checklists": []body{{"title": "x", "limit_seconds": 59}}}).want(t, 400)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) {
		p.Checklists = []incident.Stage{{Title: "Mitigate", LimitSeconds: 1800}, {Title: "Learn"}}
	})
	where := " FROM IR_Job WHERE Kind = 'stage_limit' AND IncidentID = '" + i.ID + "'"
	said := func() (n int) {
		for _, p := range c.anna.posts(t, i.ChannelID) {
			if p.Message == "The stage **Mitigate** has taken longer than 30m." && p.Type == model.POST_DEFAULT {
				n++
			}
		}
		return n
	}
	reach := func(want int) {
		t.Helper()
		if n := s.count(t, "SELECT COUNT(*)"+where); n != 1 {
			t.Fatalf("%d jobs", n)
		}
		s.exec(t, "UPDATE IR_Job SET NextAttemptAt = 0 WHERE Kind = 'stage_limit' AND IncidentID = '"+i.ID+"'")
		eventually(t, "the channel is told", func() bool { return said() == want })
		eventually(t, "the job is done", func() bool { return s.count(t, "SELECT COUNT(*)"+where) == 0 })
	}
	reach(1)
	c.anna.call(t, "PATCH", "/incidents/"+i.ID, body{"active_stage": 1}).want(t, 200)
	if n := s.count(t, "SELECT COUNT(*)"+where); n != 0 {
		t.Errorf("a stage without a limit has %d jobs", n)
	}
	c.anna.call(t, "PATCH", "/incidents/"+i.ID, body{"active_stage": 0}).want(t, 200)
	reach(2)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
	reach(3)
	if n := s.count(t, "SELECT COUNT(*) FROM IR_Event WHERE Type = 'stage_limit_reached' AND IncidentID = '"+i.ID+"'"); n != 3 {
		t.Errorf("%d events", n)
	}
}
