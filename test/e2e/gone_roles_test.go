//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// The table of gone_test.go for people who have a role, a task of the playbook, a handoff or an invitation, and who changed the severity.

// holders are what the tests read of the roles of an incident.
type holders struct {
	CommanderUserID string `json:"commander_user_id"`
	Roles           struct {
		Roles []struct {
			Key       string
			HolderID  string `json:"holder_id"`
			MissingID string `json:"missing_id"`
		}
		Handoff struct{ ID string }
	}
	Checklists []struct {
		Items []struct {
			AssigneeID string `json:"assignee_id"`
		}
	}
}

func (p *person) holders(t testing.TB, id string) (h holders) {
	t.Helper()
	p.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &h)
	return h
}

// startWithEverything starts an incident from a playbook that names a person wherever one can be named.
func (c *fixture) startWithEverything(t testing.TB, who *person, alter func(p *playbook.Playbook)) incident.Incident {
	t.Helper()
	p := playbook.Playbook{Title: "Everything", TeamID: c.team.Id, MemberIDs: []string{c.anna.user.Id, who.user.Id}, Checklists: stages()}
	p.Checklists[0].Tasks[0].Assignment = incident.Assignment{Kind: incident.AssignedToRole, Role: "communications"}
	p.Checklists[0].Tasks[1].Assignment = incident.Assignment{Kind: incident.AssignedToUser, UserID: who.user.Id}
	alter(&p)
	content, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	all, made := body{}, struct{ ID string }{}
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	all["roles"] = []body{{"key": "communications", "name": "Communications", "default": body{"kind": "user", "user_id": who.user.Id}}, {"key": "scribe", "name": "Scribe"}}
	all["invitations"] = body{"user_ids": []string{who.user.Id}}
	all["severity"] = levelsBody("SEV2")
	c.anna.call(t, "POST", "/playbooks", all).want(t, 201).decode(t, &made)
	return c.start(t, map[string]any{"playbook_id": made.ID})
}

func TestGone_EveryPersonOfRolesAndHandoffs(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		s.eachPersonChange(t, func(t *testing.T, c *fixture, who *person, way string, x personChange) {

			// Of one incident they have a role and tasks, and are to take over; of the other they are the commander who hands it off.
			received := c.startWithEverything(t, who, private)
			at := "/incidents/" + received.ID
			if got := c.anna.holders(t, received.ID); got.Roles.Roles[0].HolderID != who.user.Id || got.Checklists[0].Items[0].AssigneeID != who.user.Id || got.Checklists[0].Items[1].AssigneeID != who.user.Id {
				t.Fatalf("the incident starts with %+v", got)
			}
			who.call(t, "PUT", at+"/severity", body{"severity": "SEV1", "reason": "It is worse"}).want(t, 200)
			who.call(t, "PUT", at+"/roles/scribe", body{"user_id": who.user.Id}).want(t, 200)
			c.anna.call(t, "POST", at+"/handoff", body{"user_id": who.user.Id}).want(t, 201)
			given := c.start(t, map[string]any{"playbook_id": received.PlaybookID})
			s.addToChannel(t, c.channelOf(t, given), c.boris)
			c.anna.call(t, "POST", "/incidents/"+given.ID+"/commander", body{"commander_id": who.user.Id}).want(t, 200)
			who.call(t, "POST", "/incidents/"+given.ID+"/handoff", body{"user_id": c.boris.user.Id}).want(t, 201)
			offer := c.boris.holders(t, given.ID).Roles.Handoff.ID

			x.leave(t, received.TeamID, received.ChannelID, who)
			if way == "left the channel" {
				x.leave(t, given.TeamID, given.ChannelID, who)
			}
			for _, path := range []string{"/roles/history", ""} {
				who.call(t, "GET", at+path, nil).want(t, x.own)
			}
			who.call(t, "PUT", at+"/severity", body{"severity": "SEV2"}).want(t, x.own)
			who.call(t, "PUT", at+"/roles/scribe", body{"user_id": c.anna.user.Id}).want(t, x.own)

			// The others see who had what, and the offer of somebody who is gone holds.
			for _, path := range []string{"/roles/history", "/timeline?per_page=100", "/export?format=json", "/export?format=csv&section=timeline"} {
				c.anna.call(t, "GET", at+path, nil).want(t, 200)
			}
			name := map[bool]string{true: "removed user", false: who.user.Username}[way == "deleted"]
			report := string(c.anna.call(t, "GET", at+"/export?format=markdown", nil).want(t, 200).Body)
			for _, part := range []string{"gave the role", name} {
				if !strings.Contains(report, part) {
					t.Errorf("the report lacks %q:\n%s", part, report)
				}
			}
			c.replies(t, c.anna, c.channelOf(t, received), [][2]string{{"/incident role", "communications"}, {"/incident handoff", ""}})
			c.boris.call(t, "POST", "/incidents/"+given.ID+"/handoff/"+offer+"/accept", nil).want(t, 200)
			if got := c.boris.holders(t, given.ID); got.CommanderUserID != c.boris.user.Id {
				t.Errorf("the commander is %s", got.CommanderUserID)
			}

			// Who has left is not waited for; an offer to somebody who cannot answer can be withdrawn, and lapses.
			if x.owner == "no_access" {
				eventually(t, "the handoff is over", func() bool { return c.anna.holders(t, received.ID).Roles.Handoff.ID == "" })
			} else {
				c.anna.call(t, "POST", at+"/handoff/"+c.anna.holders(t, received.ID).Roles.Handoff.ID+"/withdraw", nil).want(t, 200)
			}
			refused := map[bool]int{true: 201, false: 403}[x.own == 200]
			c.anna.call(t, "POST", at+"/handoff", body{"user_id": who.user.Id}).want(t, refused)
			if refused == 201 {
				c.anna.call(t, "POST", at+"/handoff/"+c.anna.holders(t, received.ID).Roles.Handoff.ID+"/withdraw", nil).want(t, 200)
			}
			c.anna.call(t, "PUT", at+"/roles/communications", body{"user_id": c.anna.user.Id}).want(t, 200)
			if got := c.anna.holders(t, received.ID); got.Checklists[0].Items[0].AssigneeID != c.anna.user.Id || got.Checklists[0].Items[1].AssigneeID != who.user.Id {
				t.Errorf("the tasks have become %+v", got.Checklists)
			}
			c.anna.call(t, "PUT", at+"/roles/communications", body{"user_id": who.user.Id}).want(t, map[bool]int{true: 200, false: 403}[x.own == 200])

			// The playbook can be saved as it is, and starts: who cannot be added has nothing, and the channel is told.
			var book map[string]any
			c.anna.call(t, "GET", "/playbooks/"+received.PlaybookID, nil).want(t, 200).decode(t, &book)
			c.anna.call(t, "PUT", "/playbooks/"+received.PlaybookID, book).want(t, 200)
			later := c.start(t, map[string]any{"playbook_id": received.PlaybookID})
			got := c.anna.holders(t, later.ID)
			if present := way == "left the channel" || way == "became a guest"; present {
				if got.Roles.Roles[0].HolderID != who.user.Id {
					t.Errorf("the next incident starts with %+v", got)
				}
			} else if got.Roles.Roles[0].HolderID != "" || got.Roles.Roles[0].MissingID != who.user.Id || got.Checklists[0].Items[0].AssigneeID != "" || got.Checklists[0].Items[1].AssigneeID != "" {
				t.Errorf("the next incident starts with %+v", got)
			} else if n := c.anna.said(t, later.ChannelID, "could not be added to this channel, and is meant for"); n != 1 {
				t.Errorf("%d posts tell who is missing", n)
			}
			eventually(t, "nothing is left to do", func() bool {
				return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE Kind IN ('invite_people', 'handoff_offer', 'handoff_outcome', 'handoff_overtaken') AND State <> 'done' AND IncidentID IN ('"+
					received.ID+"', '"+given.ID+"', '"+later.ID+"')") == 0
			})
		})
	})
}
