//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
)

// outage is an incident of ten minutes and what follows from it, played by anna and boris.
type outage struct {
	*fixture
	incident.Incident
	t    *testing.T
	room *model.Channel // the incident's channel
	wide *model.Channel // the broadcast channel
}

// minutesPass puts everything that is stored of the incident so far into the past, so that nobody has to wait.
func (o *outage) minutesPass(n int64) {
	o.t.Helper()
	for table, columns := range map[string][]string{
		"IR_Incident WHERE ID":                {"CreateAt"},
		"IR_Event WHERE IncidentID":           {"CreateAt"},
		"IR_TimelineEntry WHERE IncidentID":   {"HappenedAt", "RecordedAt"},
		"IR_TimelineVersion WHERE IncidentID": {"HappenedAt", "CreateAt"},
	} {
		name, where, _ := strings.Cut(table, " ")
		var set []string
		for _, column := range columns {
			set = append(set, fmt.Sprintf("%s = %s - %d", column, column, n*time.Minute.Milliseconds()))
		}
		o.exec(o.t, "UPDATE "+name+" SET "+strings.Join(set, ", ")+" "+where+" = '"+o.ID+"'")
	}
}

// writes posts a message in the incident's channel.
func (o *outage) writes(p *person, message string) *model.Post {
	o.t.Helper()
	return p.post(o.t, &model.Post{ChannelId: o.room.Id, Message: message})
}

// changes sends a change of the incident, which must succeed.
func (o *outage) changes(p *person, method, path string, fields body) *reply {
	o.t.Helper()
	return p.call(o.t, method, "/incidents/"+o.ID+path, fields).want(o.t, 200, 201)
}

func (o *outage) finishesTask(p *person, stage, task int) {
	o.t.Helper()
	o.changes(p, "PUT", fmt.Sprintf("/checklists/%d/item/%d/state", stage, task), body{"new_state": "closed"})
}

// document reads the retrospective.
func (o *outage) document(p *person) (doc retrospective.Document) {
	o.t.Helper()
	p.call(o.t, "GET", "/incidents/"+o.ID+"/retrospective", nil).want(o.t, 200).decode(o.t, &doc)
	return doc
}

func sectionOf(t *testing.T, doc *retrospective.Document, key string) retrospective.Section {
	t.Helper()
	for _, s := range doc.Sections {
		if s.Key == key {
			return s
		}
	}
	t.Fatalf("there is no section %s: %+v", key, doc)
	return retrospective.Section{}
}

// edits saves the text of a section that was read before.
func (o *outage) edits(p *person, seen retrospective.Section, text string) *reply {
	o.t.Helper()
	return p.call(o.t, "PATCH", "/incidents/"+o.ID+"/retrospective/sections/"+seen.Key, body{"text": text, "expected_revision": seen.Revision})
}

// story is the timeline, a line for each entry.
func (o *outage) story(p *person) (lines []string) {
	o.t.Helper()
	for _, e := range p.timeline(o.t, o.ID, "") {
		line := e.Kind + ": " + e.Text
		if e.Event != nil {
			line = e.Event.Type
		}
		if e.Original != nil {
			line += " (before: " + e.Original.Text + ")"
		}
		if e.Source != nil && e.Source.Gone {
			line += " (the message is gone)"
		}
		if e.Starred {
			line += " *"
		}
		lines = append(lines, line)
	}
	return lines
}

// An incident of ten minutes from the first sign to the last follow-up. Messages are edited, deleted, and removed from the database;
// the timeline keeps them. The retrospective drafts itself, two people edit it, it is published. What is left to do outlives the
// incident until it is done.
func TestIncident_FromTheFirstSignToTheLastFollowUp(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		o := &outage{fixture: s.newFixture(t), t: t}
		anna, boris := o.anna, o.boris

		// Anna has a playbook. Its retrospectives are announced to the company, and due at once.
		o.wide = s.newChannel(t, o.team, model.CHANNEL_OPEN, anna, boris)
		playbookID := anna.newPlaybook(t, o.team, body{"broadcast_channel_id": o.wide.Id}, anna, boris)
		anna.call(t, "PUT", "/playbooks/"+playbookID+"/retrospective", body{"broadcast": true, "due_working_days": 0}).want(t, 200)

		// Minute 0: she starts an incident. Boris helps.
		o.Incident = o.start(t, body{"name": "Payments fail", "playbook_id": playbookID})
		o.room = o.channelOf(t, o.Incident)
		s.addToChannel(t, o.room, boris)

		// Minute 1: Boris writes what he sees. Anna keeps it, from the message's menu. He corrects himself.
		o.minutesPass(1)
		seen := o.writes(boris, "Paying ends with error 502.")
		anna.addMessage(t, o.ID, seen.Id, 201)
		corrected := "Paying ends with error 504."
		_, response := boris.PatchPost(seen.Id, &model.PostPatch{Message: &corrected})
		must(t, "edit", response)

		// Minute 2: what happened before is added by hand, and is a key moment.
		o.minutesPass(1)
		anna.command(t, o.team, o.room, "/incident timeline add Release 411 was deployed. 5m ago")
		deployed := anna.timeline(t, o.ID, "kind=manual")[0]
		o.changes(boris, "PATCH", "/timeline/"+deployed.ID, body{"starred": true})
		o.finishesTask(boris, 0, 0)
		o.finishesTask(boris, 0, 1)

		// Minute 4: Boris restarts the wrong server, says so, and deletes the message. Anna has added it on her phone, as an answer.
		o.minutesPass(2)
		mistake := o.writes(boris, "I have restarted the wrong server.")
		anna.answer(t, o.team, mistake, "/incident timeline add")
		_, response = boris.DeletePost(mistake.Id)
		must(t, "delete", response)

		// Minute 5: an update for everybody, the next stage, another commander.
		o.minutesPass(1)
		anna.updateStatus(t, o.ID, "We roll release 411 back.", "0").want(t, 200)
		o.changes(anna, "PATCH", "", body{"active_stage": 1})
		o.changes(anna, "POST", "/commander", body{"commander_id": boris.user.Id})

		// Minute 8: it is rolled back. Nobody confirms, and nobody pages the team.
		o.minutesPass(3)
		o.finishesTask(boris, 1, 0)
		o.changes(anna, "PUT", "/checklists/1/item/1/assignee", body{"assignee_id": boris.user.Id})

		// Minute 10: Boris ends the incident. Whoever cleans up the database removes the whole conversation.
		o.minutesPass(2)
		o.changes(boris, "PUT", "/end", nil)
		s.exec(t, "DELETE FROM Posts WHERE ChannelId = '"+o.room.Id+"'")

		// The timeline tells it all the same.
		assert.Equal(t, []string{
			"manual: Release 411 was deployed. *",
			"started",
			"message: Paying ends with error 504. (before: Paying ends with error 502.) (the message is gone)",
			"task_state_changed",
			"task_state_changed",
			"message: I have restarted the wrong server. (the message is gone)",
			"update: We roll release 411 back. (the message is gone)",
			"stage_changed",
			"commander_changed",
			"task_state_changed",
			"task_assignee_changed",
			"ended",
		}, o.story(anna))

		// The retrospective has drafted itself, and is the same whoever reads it.
		draft := o.document(anna)
		require.Equal(t, retrospective.None, draft.State)
		summary, went, left := sectionOf(t, &draft, "summary"), sectionOf(t, &draft, "what_happened"), sectionOf(t, &draft, "did_not_go_well")
		for _, sentence := range []string{"@" + anna.user.Username + " started the incident on ", "after 10m.", "People who took part: 2 (", "Tasks finished: 3 of 6."} {
			assert.Contains(t, summary.Text, sentence)
		}
		for _, sentence := range []string{"(key moment): @" + anna.user.Username + " noted: Release 411 was deployed.", "@" + boris.user.Username + " wrote: I have restarted the wrong server.",
			"posted a status update: We roll release 411 back."} {
			assert.Contains(t, went.Text, sentence)
		}
		assert.Contains(t, left.Text, "The task “Confirm” of the stage “Fix” was not finished.")
		assert.NotEmpty(t, left.Sentences, "sentences lead to what they tell of")
		again := o.document(boris)
		assert.Equal(t, draft.Sections, again.Sections)

		// Boris, who commands, is told that it is due.
		eventually(t, "the commander is reminded of the retrospective", func() bool {
			return len(boris.told(t, "The retrospective of the incident **Payments fail** is due.")) == 1
		})

		// Both edit it. Who was slower sees both versions, and nothing is lost.
		o.edits(anna, summary, "A release broke paying for ten minutes.").want(t, 200)
		o.edits(boris, sectionOf(t, &again, "causes"), "Nobody tests against the provider.").want(t, 409) // he has read what was not stored yet
		stored := o.document(boris)
		require.Equal(t, retrospective.Drafted, stored.State)
		o.edits(boris, sectionOf(t, &stored, "causes"), "Nobody tests against the provider.").want(t, 200)
		read := sectionOf(t, &stored, "summary")
		o.edits(anna, read, "A release broke paying for ten minutes. 40 customers were charged twice.").want(t, 200)
		var conflict struct{ Current retrospective.Document }
		o.edits(boris, read, "A release broke paying.").want(t, 409).decode(t, &conflict)
		theirs := sectionOf(t, &conflict.Current, "summary")
		assert.Equal(t, "A release broke paying for ten minutes. 40 customers were charged twice.", theirs.Text)
		o.edits(boris, theirs, theirs.Text+" They get it back.").want(t, 200)

		// The tasks that were not finished are carried over, once. More comes from a message.
		var carried followUps
		o.changes(boris, "POST", "/followups/carry_over", body{}).decode(t, &carried)
		require.Len(t, carried.Items, 3)
		assert.Equal(t, boris.user.Id, carried.Items[1].OwnerID, "who had the task has the follow-up: %+v", carried.Items)
		idea := o.writes(anna, "We should have an alert for this.")
		o.changes(anna, "POST", "/followups", body{"title": "Alert when paying fails", "source": "message", "post_id": idea.Id, "owner_id": boris.user.Id})

		// To draft it again tells of them, and leaves alone what people have written.
		o.changes(anna, "POST", "/retrospective/draft", body{})
		final := o.document(anna)
		assert.Contains(t, sectionOf(t, &final, "followups").Text, "#4 Alert when paying fails — @"+boris.user.Username)
		assert.Equal(t, theirs.Text+" They get it back.", sectionOf(t, &final, "summary").Text)
		assert.Equal(t, "Nobody tests against the provider.", sectionOf(t, &final, "causes").Text)

		// It is published: once here and once for everybody. From then on it is not edited.
		o.changes(anna, "POST", "/retrospective/publish", body{"expected_revision": final.Revision})
		anna.call(t, "POST", "/incidents/"+o.ID+"/retrospective/publish", body{"expected_revision": final.Revision}).want(t, 409)
		assert.Equal(t, 1, anna.said(t, o.room.Id, "published the retrospective of this incident"))
		assert.Equal(t, 1, anna.said(t, o.wide.Id, "published the retrospective of the incident **Payments fail**"))
		assert.Equal(t, 1, anna.said(t, o.wide.Id, "40 customers were charged twice."), "with the beginning of the summary")
		o.edits(boris, sectionOf(t, &final, "summary"), "It was nothing.").want(t, 409)

		// Boris is reminded of what is due, sees it as overdue, and is reminded again a week later.
		var alert followUp
		for _, item := range boris.followUps(t, "incident_id="+o.ID).Items {
			if item.Number == 4 {
				alert = item
			}
		}
		anna.call(t, "PATCH", "/followups/"+alert.ID, body{"due_at": time.Now().Add(-time.Minute).UnixMilli(), "revision": alert.Revision}).want(t, 200)
		reminders := func() int { return len(boris.told(t, "Your follow-up **#4 ")) }
		eventually(t, "the owner is reminded", func() bool { return reminders() == 1 })
		assert.Equal(t, 1, boris.followUps(t, "mine=true&overdue=true").Counts.Overdue)
		s.passWeek(t, alert.ID)
		eventually(t, "the owner is reminded again", func() bool { return reminders() == 2 })

		// The next incident from the playbook tells of what is open. Boris does his part.
		next := o.start(t, body{"name": "Payments fail again", "playbook_id": playbookID})
		eventually(t, "it tells of what is open", func() bool { return anna.said(t, next.ChannelID, "4 open follow-ups from similar incidents.") == 1 })
		boris.command(t, o.team, o.room, "/incident followup done 4")
		assert.Equal(t, 1, boris.followUps(t, "incident_id="+o.ID).Counts.Done)
		assert.Zero(t, boris.followUps(t, "mine=true").Counts.Overdue)
		assert.Equal(t, 2, reminders(), "nobody is reminded of what is done")

		// Clara was not there. The incident is public, so she reads the retrospective; in the channel, she gets all of it in one document.
		public := o.document(o.clara)
		assert.Equal(t, retrospective.Published, public.State)
		assert.False(t, public.CanEdit)
		s.addToChannel(t, o.room, o.clara)
		report := o.clara.call(t, "GET", "/incidents/"+o.ID+"/export?format=markdown", nil).want(t, http.StatusOK)
		for _, text := range []string{"Payments fail", "Release 411 was deployed", "Paying ends with error 502", "Paying ends with error 504", "I have restarted the wrong server",
			"They get it back", "Nobody tests against the provider", "Alert when paying fails"} {
			assert.Contains(t, string(report.Body), text)
		}
	})
}

// told are the direct messages of the bot to somebody that contain a text.
func (p *person) told(t testing.TB, text string) (found []*model.Post) {
	t.Helper()
	for _, post := range p.direct(t) {
		if strings.Contains(post.Message, text) {
			found = append(found, post)
		}
	}
	return found
}

// followUps lists the follow-ups that somebody may see.
func (p *person) followUps(t testing.TB, query string) (all followUps) {
	t.Helper()
	p.call(t, "GET", "/followups?"+query, nil).want(t, 200).decode(t, &all)
	return all
}
