//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// One incident from its level of severity to its archived channel, and back. The severity is raised and lowered, roles and their tasks go from
// one to the other, a stage takes too long, and the command is offered five times: it goes only to who accepts it.
func TestIncident_FromItsSeverityToTheArchive(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startWithRoles(t)
		room := c.channelOf(t, i)
		mustHave := func(what, want string) {
			t.Helper()
			if got := c.assignees(c.anna.withRoles(t, i.ID).Incident); got != want {
				t.Errorf("%s: the tasks are %s, want %s", what, got, want)
			}
		}
		severity := func(want string) {
			t.Helper()
			var got withSeverity
			if c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200).decode(t, &got); got.Severity == nil || got.Severity.Key != want {
				t.Errorf("the severity is %+v, want %s", got.Severity, want)
			}
		}

		// The severity is raised, so the next update is due in half an hour. It stays so when the severity is lowered.
		severity("SEV3")
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/severity", body{"severity": "SEV1", "reason": "All carts fail"}).want(t, 200)
		raised := c.clock(t, i.ID)
		c.anna.command(t, c.team, room, "/incident severity SEV2 only some carts")
		severity("SEV2")
		if lowered := c.clock(t, i.ID); !isDue(raised, 30*time.Minute) || lowered != raised {
			t.Errorf("the next update: raised %+v, lowered %+v", raised, lowered)
		}

		// Tasks go with the roles.
		mustHave("at the start", "boris - anna clara") // boris and clara were added to the channel
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/roles/scribe", body{"user_id": c.clara.user.Id}).want(t, 200)
		c.clara.command(t, c.team, room, "/incident role communications @"+c.clara.user.Username)
		mustHave("after two changes", "clara clara anna clara")
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", body{"assignee_id": c.boris.user.Id}).want(t, 200)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/roles/communications", body{"user_id": ""}).want(t, 200)
		mustHave("a task that was assigned by hand", "boris clara anna clara")

		// The stage takes longer than its limit.
		s.exec(t, "UPDATE IR_Job SET NextAttemptAt = 0 WHERE Kind = 'stage_limit' AND IncidentID = '"+i.ID+"'")
		eventually(t, "the channel is told of the limit", func() bool {
			return c.anna.said(t, i.ChannelID, "The stage **Stage** has taken longer than 30m.") == 1
		})

		// The command is declined, and accepted.
		path := "/incidents/" + i.ID + "/handoff"
		offer := func(by, to *person) string {
			t.Helper()
			by.call(t, "POST", path, body{"user_id": to.user.Id}).want(t, 201)
			return c.anna.withRoles(t, i.ID).own.Roles.Handoff.ID
		}
		commander := func(want *person) {
			t.Helper()
			got := c.anna.withRoles(t, i.ID)
			if got.CommanderUserID != want.user.Id || got.own.Roles.Handoff.ID != "" {
				t.Errorf("the commander is %s, want %s; pending: %q", got.CommanderUserID, want.user.Id, got.own.Roles.Handoff.ID)
			}
		}
		press := func(who *person, button int) *model.Post {
			t.Helper()
			posts := who.direct(t)
			post := posts[len(posts)-1]
			attachments := post.Attachments()
			if len(attachments) == 0 || len(attachments[0].Actions) != 2 {
				t.Fatalf("the message has no buttons: %s", post.Message)
			}
			_, response := who.DoPostAction(post.Id, attachments[0].Actions[button].Id)
			must(t, "press", response)
			return post
		}
		offer(c.anna, c.boris)
		if post := press(c.boris, 1); !strings.Contains(post.Message, "Tell customers") || !strings.Contains(post.Message, "SEV2 · High") {
			t.Errorf("the message says %q", post.Message)
		}
		commander(c.anna)
		offer(c.anna, c.boris)
		press(c.boris, 0)
		commander(c.boris)
		mustHave("after the handoff", "boris clara boris clara")
		if posts := c.boris.direct(t); len(posts[len(posts)-1].Attachments()) != 0 || !strings.Contains(posts[len(posts)-1].Message, "You accepted") {
			t.Errorf("the answered message is %+v", posts[len(posts)-1])
		}

		// Overtaken, by another commander.
		id := offer(c.boris, c.clara)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
		commander(c.anna)
		if answer := c.clara.call(t, "POST", path+"/"+id+"/accept", nil).want(t, 409); !strings.Contains(string(answer.Body), "the commander was changed") {
			t.Errorf("a late acceptance answers %s", answer.Body)
		}
		// Withdrawn, and lapsed.
		id = offer(c.anna, c.clara)
		c.anna.call(t, "POST", path+"/"+id+"/withdraw", nil).want(t, 200)
		commander(c.anna)
		id = offer(c.anna, c.clara)
		s.exec(t, fmt.Sprintf("UPDATE IR_Job SET DueAt = 1, NextAttemptAt = 1 WHERE Kind = 'handoff_lapse' AND JobKey = '%s'", id))
		eventually(t, "the handoff lapses", func() bool { return c.anna.withRoles(t, i.ID).own.Roles.Handoff.ID == "" })
		commander(c.anna)
		c.clara.call(t, "POST", path+"/"+id+"/accept", nil).want(t, 409)

		var history struct{ Items []struct{ Role string } }
		c.anna.call(t, "GET", "/incidents/"+i.ID+"/roles/history", nil).want(t, 200).decode(t, &history)
		var had []string
		for _, term := range history.Items {
			had = append(had, term.Role)
		}
		if got := strings.Join(had, " "); strings.Count(got, "commander") != 3 || strings.Count(got, "communications") != 2 || strings.Count(got, "scribe") != 1 {
			t.Errorf("the history has %s", got)
		}

		// It ends, and its channel is archived. When it goes on, the channel is back, and so is all that was known.
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", body{"archive_channel": true}).want(t, 200)
		c.isArchived(t, i.ID)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
		c.isBack(t, i.ID)
		severity("SEV2")
		commander(c.anna)
		mustHave("after the restart", "boris clara anna clara")
		c.anna.command(t, c.team, room, "/incident role communications @"+c.boris.user.Username)
		mustHave("when it goes on", "boris clara anna clara")

		want := map[incident.EventType]int{"severity_changed": 2, "stage_limit_reached": 1, "handoff_offered": 5, "handoff_declined": 1, "handoff_withdrawn": 1,
			"handoff_lapsed": 1, "handoff_overtaken": 1, "commander_changed": 2, "role_changed": 4, "ended": 1, "channel_archived": 1, "restarted": 1, "channel_restored": 1}
		kinds := map[incident.EventType]int{}
		eventually(t, "all is recorded", func() bool {
			clear(kinds)
			for _, e := range s.storedEvents(t, i.ID) {
				kinds[e.Type()]++
			}
			return kinds["handoff_overtaken"] == 1
		})
		for kind, n := range want {
			if kinds[kind] != n {
				t.Errorf("%d events %s, want %d: %v", kinds[kind], kind, n, kinds)
			}
		}
	})
}
