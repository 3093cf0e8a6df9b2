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

// The tables of gone_test.go for retrospectives, and for the deletion of incidents that have one.

type retrospectiveState struct {
	State         string
	DueAt         int64  `json:"due_at"`
	CreatedByID   string `json:"created_by_id"`
	UpdatedByID   string `json:"updated_by_id"`
	PublishedByID string `json:"published_by_id"`
}

func (p *person) retrospective(t *testing.T, id string) (doc retrospectiveState) {
	t.Helper()
	p.call(t, "GET", "/incidents/"+id+"/retrospective", nil).want(t, 200).decode(t, &doc)
	return doc
}

// retrospectiveDue lets the reminder of a retrospective be due now.
func (s *server) retrospectiveDue(t *testing.T, id string) {
	t.Helper()
	s.exec(t, "UPDATE IR_Job SET NextAttemptAt = 1 WHERE Kind = 'retrospective_due' AND IncidentID = '"+id+"'")
}

// reminded counts the direct messages of the bot to a user about a retrospective that is due.
func (s *server) reminded(t *testing.T, who *person) int {
	t.Helper()
	return s.count(t, "SELECT COUNT(*) FROM Posts p JOIN Channels c ON c.Id = p.ChannelId WHERE c.Type = 'D' AND c.Name LIKE '%"+who.user.Id+"%' AND p.Message LIKE '%retrospective of the incident%is due%'")
}

func TestGone_EveryPersonOfARetrospective(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		s.eachPersonChange(t, func(t *testing.T, c *fixture, who *person, way string, x personChange) {
			start := func() (incident.Incident, string) {
				i := c.startFromPlaybook(t, func(p *playbook.Playbook) {
					private(p)
					p.MemberIDs = append(p.MemberIDs, who.user.Id)
				})
				c.addToChannel(t, c.channelOf(t, i), who)
				who.updateStatus(t, i.ID, "All is said", "0").want(t, 200)
				c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": who.user.Id}).want(t, 200)
				who.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
				return i, "/incidents/" + i.ID + "/retrospective"
			}
			// Of one they have drafted, edited and published the retrospective, of the other they are to be reminded.
			written, at := start()
			who.call(t, "PUT", "/playbooks/"+written.PlaybookID+"/retrospective", body{"due_working_days": 2}).want(t, 200)
			who.call(t, "POST", at+"/draft", body{}).want(t, 200)
			who.call(t, "PATCH", at+"/sections/summary", body{"text": "The disk was full."}).want(t, 200)
			who.call(t, "POST", at+"/publish", body{}).want(t, 200)
			waits, toRemind := start()
			who.call(t, "PATCH", toRemind+"/sections/causes", body{"text": "Not known yet."}).want(t, 200)

			x.leave(t, written.TeamID, written.ChannelID, who)
			if way == "left the channel" {
				x.leave(t, waits.TeamID, waits.ChannelID, who)
			}
			who.call(t, "GET", at, nil).want(t, x.own)
			who.call(t, "PATCH", toRemind+"/sections/causes", body{"text": "again"}).want(t, x.own)
			if x.own == 200 {
				who.call(t, "PATCH", toRemind+"/sections/causes", body{"text": "Not known yet."}).want(t, 200)
			}

			// The others read all of it, and who wrote it.
			doc := c.anna.retrospective(t, written.ID)
			if doc.State != "published" || doc.CreatedByID != who.user.Id || doc.UpdatedByID != who.user.Id || doc.PublishedByID != who.user.Id {
				t.Errorf("the retrospective has become %+v", doc)
			}
			name := map[bool]string{true: "a removed user (" + who.user.Id + ")", false: who.user.Username}[way == "deleted"]
			report := string(c.anna.call(t, "GET", "/incidents/"+written.ID+"/export?format=markdown", nil).want(t, 200).Body)
			for _, part := range []string{"The disk was full.", name + " published the retrospective"} {
				if !strings.Contains(strings.ReplaceAll(report, "\u200b", ""), part) {
					t.Errorf("the report lacks %q:\n%s", part, report)
				}
			}
			for _, path := range []string{at + "/export", "/playbooks/" + written.PlaybookID + "/retrospective", "/incidents/" + written.ID + "/export?format=csv&section=retrospective",
				"/incidents/" + written.ID + "/export?format=json", "/incidents/" + written.ID + "/timeline?per_page=100"} {
				c.anna.call(t, "GET", path, nil).want(t, 200)
			}

			// The reminder goes to the commander as long as they may read it, and else to the channel, where those in it are notified.
			s.retrospectiveDue(t, waits.ID)
			if x.own == 200 {
				eventually(t, "the commander is reminded", func() bool { return s.reminded(t, who) == 1 })
			} else {
				eventually(t, "the channel is reminded", func() bool { return c.anna.said(t, waits.ChannelID, "is due") == 1 })
				if n := c.anna.said(t, waits.ChannelID, "@"+c.anna.user.Username+", the commander cannot be reminded"); n != 1 {
					t.Errorf("%d posts ask anna", n)
				}
				if n := s.reminded(t, who); n != 0 {
					t.Errorf("%d direct messages to somebody who has gone", n)
				}
			}
			eventually(t, "the job is done", func() bool {
				return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'retrospective_due' AND State <> 'done' AND IncidentID = '"+waits.ID+"'") == 0
			})

			// They can go on with everything, and an administrator can delete it.
			for _, of := range []string{at, toRemind} {
				c.anna.call(t, "POST", of+"/reopen", body{}).want(t, map[bool]int{true: 200, false: 409}[of == at])
				c.anna.call(t, "PATCH", of+"/sections/summary", body{"text": "Corrected."}).want(t, 200)
				c.anna.call(t, "POST", of+"/draft", body{}).want(t, 200)
				c.anna.call(t, "POST", of+"/publish", body{}).want(t, 200)
			}
			s.mustErase(t, written, "archive")
			s.mustErase(t, waits, "leave")
		})
	})
}

// mustErase deletes an incident, and fails the test if anything is left of it.
func (s *server) mustErase(t *testing.T, i incident.Incident, channel string) {
	t.Helper()
	s.admin().call(t, "DELETE", "/incidents/"+i.ID+"/everything", body{"name": i.Name, "channel": channel}).want(t, 200)
	if left := s.leftOf(t, i.ID); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestGone_EveryChannelOfARetrospective(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		for _, what := range []string{"the incident's", "the broadcast"} {
			for way, change := range channelChanges {
				t.Run(what+" channel "+way, func(t *testing.T) {
					s.unharmed(t)
					s.unlogged(t)
					c := s.newFixture(t)
					other := s.newTeam(t, c.anna)
					wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
					book := c.newPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = wide.Id })
					c.anna.call(t, "PUT", "/playbooks/"+book+"/retrospective", body{"broadcast": true}).want(t, 200)
					i := c.start(t, map[string]any{"playbook_id": book})
					at := "/incidents/" + i.ID + "/retrospective"
					c.addToChannel(t, c.channelOf(t, i), c.boris)
					c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
					c.anna.call(t, "PATCH", at+"/sections/summary", body{"text": "The disk was full."}).want(t, 200)

					of := map[string]string{"the incident's": i.ChannelID, "the broadcast": wide.Id}[what]
					change(t, c, other, of)
					without := way == "archived" || way == "deleted"
					posted := func(channelID string) int {
						return s.count(t, fmt.Sprintf("SELECT COUNT(*) FROM Posts WHERE ChannelId = '%s' AND Message LIKE '%%published the retrospective%%The disk was full%%'", channelID))
					}
					if what == "the incident's" && way == "deleted" {
						c.anna.call(t, "GET", at, nil).want(t, 403)
						c.anna.call(t, "POST", at+"/publish", body{}).want(t, 403)
					} else {
						c.anna.call(t, "POST", at+"/publish", body{}).want(t, 200)
						for _, channel := range []string{i.ChannelID, wide.Id} {
							want := map[bool]int{true: 0, false: 1}[channel == of && without]
							eventually(t, "the publication is posted", func() bool { return posted(channel) >= want })
						}
						eventually(t, "nothing is left to do", func() bool {
							return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind LIKE 'retrospective%' AND State <> 'done' AND IncidentID = '"+i.ID+"'") == 0
						})
						if n := posted(of); without && n > 0 || n > 1 {
							t.Errorf("posted %d times", n)
						}
						c.boris.call(t, "GET", at, nil).want(t, map[bool]int{true: 403, false: 200}[what == "the incident's" && way == "moved"], 200)
						c.anna.call(t, "POST", at+"/reopen", body{}).want(t, 200)
					}

					// The reminder that is due is no error in any of these.
					s.retrospectiveDue(t, i.ID)
					eventually(t, "the reminder has ended", func() bool {
						return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'retrospective_due' AND State <> 'done' AND IncidentID = '"+i.ID+"'") == 0
					})

					// Deleting the incident works with the channel in each state.
					s.mustErase(t, i, "archive")
					if archived := s.count(t, "SELECT COUNT(*) FROM Channels WHERE Id = '"+i.ChannelID+"' AND DeleteAt = 0") == 0; !archived {
						t.Error("the incident's channel is not archived")
					}
				})
			}
		}
	})
}
