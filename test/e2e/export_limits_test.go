//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// The numbers of the newest changes and status updates that an export holds, as its api.yaml states them.
const (
	maxReportEvents  = 10000
	maxReportUpdates = 1000
)

// insert stores rows, many in a statement.
func (s *server) insert(t testing.TB, into string, rows []string) {
	t.Helper()
	for first := 0; first < len(rows); first += 2000 {
		s.exec(t, "INSERT INTO "+into+" VALUES "+strings.Join(rows[first:min(first+2000, len(rows))], ","))
	}
}

// longHistory gives an incident a past, so that with what has happened to it already there are as many changes and
// status updates.
func (c *fixture) longHistory(t *testing.T, i incident.Incident, changes, updates int) {
	t.Helper()
	var events, posts, registered []string
	for n := int(i.Revision) + 1; n <= changes; n++ {
		events = append(events, fmt.Sprintf("('%s', '%s', %d, '%s', '%s', %d, '{}', '{\"commander_user_id\":\"%s\"}', '')",
			model.NewId(), i.ID, n, incident.EventCommander, c.anna.user.Id, i.CreateAt+int64(n), c.boris.user.Id))
	}
	for n := 1; n <= updates; n++ {
		id, at := model.NewId(), i.CreateAt-int64(updates)+int64(n)
		posts = append(posts, fmt.Sprintf("('%s', %d, %d, 0, 0, '%s', '%s', '', '', 'update %d.', '', '{}', '', '', '[]', false)",
			id, at, at, c.anna.user.Id, i.ChannelID, n))
		registered = append(registered, fmt.Sprintf("('%s', '%s')", i.ID, id))
	}
	c.insert(t, "IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON, PostID)", events)
	c.insert(t, "Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, OriginalId, Message, Type, Props, Hashtags, Filenames, FileIds, HasReactions)", posts)
	c.insert(t, "IR_StatusPosts (IncidentID, PostID)", registered)
	c.exec(t, fmt.Sprintf("UPDATE IR_Incident SET Revision = %d WHERE ID = '%s'", changes, i.ID))
}

// TestExport_Limits is at and beyond both limits of what an export holds: what is at the limit is whole, of what
// is beyond the oldest are left out and counted. The answers are compared with api.yaml as all others are.
func TestExport_Limits(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		c.longHistory(t, i, maxReportEvents, maxReportUpdates)
		export := func(omittedEvents, omittedUpdates int) (report reportBody) {
			t.Helper()
			c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=json", nil).want(t, 200).decode(t, &report)
			last := len(report.Events) - 1
			if len(report.Events) != maxReportEvents || report.EventsOmitted != omittedEvents ||
				report.Events[0].Revision != int64(omittedEvents)+1 || report.Events[last].Revision != report.Incident.Revision {
				t.Errorf("%d changes from %d to %d of %d, %d are said to be left out", len(report.Events), report.Events[0].Revision,
					report.Events[last].Revision, report.Incident.Revision, report.EventsOmitted)
			}
			updates := report.StatusUpdates
			if len(updates) != maxReportUpdates || report.StatusUpdatesOmitted != omittedUpdates ||
				updates[0].Message != fmt.Sprintf("update %d.", omittedUpdates+1) {
				t.Errorf("%d updates from %q, %d are said to be left out", len(updates), updates[0].Message, report.StatusUpdatesOmitted)
			}
			if len(report.Incident.StatusPosts) != maxReportUpdates+omittedUpdates {
				t.Errorf("the incident has %d status posts", len(report.Incident.StatusPosts))
			}
			if report.People[c.boris.user.Id] != c.boris.user.Username {
				t.Errorf("who is named in the changes is not among the people: %v", report.People)
			}
			return report
		}
		markdown := func() string {
			return string(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200).Body)
		}
		export(0, 0)
		if text := markdown(); !strings.Contains(text, "> update 1.") || strings.Contains(text, "left out") {
			t.Error("at the limit the report is not whole, or says so")
		}

		c.anna.updateStatus(t, i.ID, "one more than fits", "0").want(t, 200)
		report := export(1, 1)
		if last := report.StatusUpdates[maxReportUpdates-1]; last.Message != "one more than fits" {
			t.Errorf("the newest update is %q", last.Message)
		}
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "and one more"}).want(t, 201)
		export(2, 1)
		text := markdown()
		for _, part := range []string{"> update 2.", "> one more than fits", "updates that are left out: 1.", "entries that are left out: 2."} {
			if !strings.Contains(text, part) {
				t.Errorf("the report lacks %q", part)
			}
		}
		if strings.Contains(text, "> update 1.") {
			t.Error("the report has the update that was left out")
		}
		// The lists of posts have no limit: 1.2.0 had none.
		if n := len(c.read(t, i.ID).StatusPosts); n != maxReportUpdates+1 {
			t.Errorf("%d status posts", n)
		}
		updates := 0
		for _, row := range c.anna.exportRows(t, i.ID) {
			if strings.HasPrefix(row["message"], "update ") {
				updates++
			}
		}
		if updates != maxReportUpdates {
			t.Errorf("the channel's posts are exported with %d updates", updates)
		}
	})
}

// A second export of the same person has to wait; one that is not read holds up nobody else.
func TestExport_OneAtATimePerUser(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		s.addToChannel(t, c.channelOf(t, i), c.boris)
		statuses := map[int]int{}
		results := make([]int, 12)
		atOnce(len(results), func(k int) {
			results[k] = c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format="+[]string{"csv", "json", "markdown"}[k%3], nil).Status
		})
		for _, status := range results {
			statuses[status]++
		}
		if statuses[200] == 0 || statuses[200]+statuses[429] != len(results) {
			t.Errorf("answered %v", statuses)
		}
		c.boris.call(t, "GET", "/incidents/"+i.ID+"/export?format=json", nil).want(t, 200)
		c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=csv", nil).want(t, 200)
	})
}
