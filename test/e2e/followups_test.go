//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// followUp is what the test reads of a follow-up.
type followUp struct {
	ID, Title, State, Reason string
	OwnerID                  string `json:"owner_id"`
	OwnerState               string `json:"owner_state"`
	DueAt                    int64  `json:"due_at"`
	Number, Revision         int64
	Overdue                  bool
	TaskID                   string `json:"task_id"`
	PostID                   string `json:"post_id"`
}

type followUps struct {
	TotalCount int `json:"total_count"`
	Items      []followUp
	Counts     struct{ Open, Overdue, Done, Mine int }
}

// After an incident two of its tasks are carried over. Their owner is reminded when one is due, and again a week later, does
// one and loses the other. The next incident from the playbook says that there are some.
func TestFollowUps_FromTheTasksToTheNextIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		fromPlaybook := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = true })
		i := c.read(t, fromPlaybook.ID)
		channel := c.channelOf(t, i)
		s.addToChannel(t, channel, c.boris)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", body{"assignee_id": c.boris.user.Id}).want(t, 200)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)

		// The tasks that were not finished are carried over, each once.
		tasks := 0
		for _, stage := range i.Checklists {
			tasks += len(stage.Tasks)
		}
		events := c.boris.listen(t)
		var carried followUps
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/followups/carry_over", body{}).want(t, 200).decode(t, &carried)
		if len(carried.Items) != tasks || carried.Items[0].OwnerID != c.boris.user.Id || carried.Items[0].TaskID != i.Checklists[0].Tasks[0].ID {
			t.Fatalf("of %d tasks were carried over: %+v", tasks, carried.Items)
		}
		var sent struct{ Count int }
		if events.plugin(t, s, "followups_carried_over", &sent); sent.Count != tasks {
			t.Errorf("the event has %+v", sent)
		}
		c.boris.call(t, "POST", "/incidents/"+i.ID+"/followups/carry_over", body{}).want(t, 200).decode(t, &carried)
		if len(carried.Items) != 0 {
			t.Errorf("carried over twice: %+v", carried.Items)
		}
		list := func(query string) (all followUps) {
			t.Helper()
			c.boris.call(t, "GET", "/followups?"+query, nil).want(t, 200).decode(t, &all)
			return all
		}
		first := list("mine=true&incident_id=" + i.ID).Items[0]

		// Anna dates it while Boris renames it: he is told, and sees both.
		var dated followUp
		due := time.Now().Add(-time.Minute).UnixMilli() // so that it is due at once
		c.anna.call(t, "PATCH", "/followups/"+first.ID, body{"due_at": due, "revision": first.Revision}).want(t, 200).decode(t, &dated)
		conflict := c.boris.call(t, "PATCH", "/followups/"+first.ID, body{"title": "Renamed", "revision": first.Revision}).want(t, 409)
		var both struct{ Current, Sent followUp }
		conflict.decode(t, &both)
		if both.Current.DueAt != due || both.Sent.Title != "Renamed" {
			t.Errorf("the conflict has %+v", both)
		}

		// Boris is reminded once by a direct message, and again when a week has passed.
		reminders := func(want int) {
			t.Helper()
			eventually(t, fmt.Sprint("reminder ", want), func() bool {
				found := 0
				for _, post := range c.boris.direct(t) {
					if strings.Contains(post.Message, "Your follow-up **#1 ") {
						found++
					}
				}
				if found > want {
					t.Fatalf("%d reminders, want %d", found, want)
				}
				return found == want
			})
		}
		reminders(1)
		if got := list("overdue=true&incident_id=" + i.ID); len(got.Items) != 1 || !got.Items[0].Overdue || got.Counts.Overdue != 1 {
			t.Errorf("overdue are %+v", got)
		}
		s.passWeek(t, first.ID)
		reminders(2)

		// He does it. There is nothing left to remind of.
		c.boris.command(t, c.team, channel, "/incident followup done 1")
		if got := list("incident_id=" + i.ID + "&state=done"); len(got.Items) != 1 || got.Items[0].ID != first.ID || got.Items[0].Overdue {
			t.Fatalf("done are %+v", got)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'followup_reminder' AND JobKey LIKE '"+first.ID+":%'"); n != 0 {
			t.Errorf("%d reminders are planned of what is done", n)
		}

		// By command, in a thread, with an owner. He leaves the team: the list says so, and the commander is told.
		root := c.anna.posts(t, i.ChannelID)[0]
		args := &model.CommandArgs{ChannelId: channel.Id, TeamId: c.team.Id, RootId: root.Id, Command: "/incident followup add Watch the disk @" + c.boris.user.Username + " due in 3d"}
		_, appErr := c.anna.DoApiPost("/commands/execute", args.ToJson())
		if appErr != nil {
			t.Fatal(appErr)
		}
		var added followUp
		for _, item := range list("incident_id=" + i.ID).Items {
			if item.Title == "Watch the disk" {
				added = item
			}
		}
		if added.OwnerID != c.boris.user.Id || added.PostID != root.Id || added.DueAt < time.Now().Add(70*time.Hour).UnixMilli() {
			t.Fatalf("added %+v", added)
		}
		_, response := s.Admin.RemoveTeamMember(c.team.Id, c.boris.user.Id)
		must(t, "remove from the team", response)
		c.anna.call(t, "GET", "/followups/"+added.ID, nil).want(t, 200).decode(t, &added)
		if added.OwnerState != "no_access" {
			t.Errorf("the owner who left is %q", added.OwnerState)
		}
		c.boris.call(t, "GET", "/followups/"+added.ID, nil).want(t, 403)
		if got := list("team_id=" + c.team.Id); len(got.Items) != 0 {
			t.Errorf("who left still sees %+v", got.Items)
		}
		s.exec(t, "UPDATE IR_Job SET DueAt = 1, NextAttemptAt = 1 WHERE Kind = 'followup_owners'")
		eventually(t, "the commander is told that the owner was lost", func() bool {
			for _, post := range c.anna.direct(t) {
				if strings.Contains(post.Message, "@"+c.boris.user.Username+" can no longer read the incident") {
					return true
				}
			}
			return false
		})

		// The next incident from the same playbook.
		var next struct {
			ID        string
			ChannelID string `json:"channel_id"`
		}
		c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": i.PlaybookID})).want(t, 201).decode(t, &next)
		want := fmt.Sprintf("%d open follow-ups from similar incidents.", tasks)
		eventually(t, "the next incident says "+want, func() bool {
			for _, post := range c.anna.posts(t, next.ChannelID) {
				if post.Message == want {
					return true
				}
			}
			return false
		})
	})
}

// passWeek makes the next reminder of a follow-up due, as if a week had passed. The next one is planned after a reminder was posted.
func (s *server) passWeek(t *testing.T, id string) {
	t.Helper()
	job := " WHERE Kind = 'followup_reminder' AND JobKey LIKE '" + id + ":%'"
	eventually(t, "the next reminder is planned", func() bool {
		return s.count(t, fmt.Sprint("SELECT COUNT(*) FROM IR_Job", job, " AND DueAt > ", time.Now().UnixMilli())) == 1
	})
	week := fmt.Sprint(7 * 24 * time.Hour.Milliseconds())
	s.exec(t, "UPDATE IR_FollowUp SET RemindAt = RemindAt - "+week+" WHERE ID = '"+id+"'")
	s.exec(t, "UPDATE IR_Job SET DueAt = DueAt - "+week+", NextAttemptAt = NextAttemptAt - "+week+job)
}
