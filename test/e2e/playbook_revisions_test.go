//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// conflict is the answer to a save of a playbook that somebody else has changed.
type conflict struct {
	Error, Code   string
	Current, Sent playbook.Playbook
}

// Two people who have opened the same revision cannot both save it: the second gets 409 with the stored version.
func TestPlaybookRevisions_SecondSaveIsRefused(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		at := "/playbooks/" + id
		var opened playbook.Playbook
		tag := c.anna.call(t, "GET", at, nil).want(t, 200).decode(t, &opened).Header.Get("ETag")
		if tag != fmt.Sprintf(`"%d"`, opened.Revision) || opened.Revision != 1 || opened.CreatorID != c.anna.user.Id {
			t.Fatalf("opened %+v with the ETag %s", opened, tag)
		}
		mine, theirs := opened, opened
		mine.Title, theirs.Title = "Anna's", "Boris'"
		saved := c.anna.call(t, "PUT", at, mine, "If-Match: "+tag).want(t, 200)
		if len(saved.Body) != 0 || saved.Header.Get("ETag") != `"2"` {
			t.Errorf("the save answered %q with the ETag %s", saved.Body, saved.Header.Get("ETag"))
		}
		for _, sent := range []struct {
			body   any
			header string
		}{{theirs, "If-Match: " + tag}, {theirs, "If-Match: W/" + tag}, {with(t, theirs, "expected_revision", 1), "X-Nothing: x"}, {with(t, theirs, "expected_revision", 7), "If-Match: \"1\""}} {
			var told conflict
			c.boris.call(t, "PUT", at, sent.body, sent.header).want(t, 409).decode(t, &told)
			if told.Code != "playbook.changed" || told.Current.Title != "Anna's" || told.Current.Revision != 2 || told.Sent.Title != "Boris'" || len(told.Sent.Checklists) != 2 || len(told.Current.MemberIDs) != 2 {
				t.Errorf("%s: %+v", sent.header, told)
			}
		}
		for _, malformed := range []string{"x", `"x"`, `"-1"`, `"1", "2"`, `""`, `"99999999999999999999"`} {
			c.boris.call(t, "PUT", at, theirs, "If-Match: "+malformed).want(t, 400)
		}
		c.boris.call(t, "PUT", at, with(t, theirs, "expected_revision", "2"), "X-Nothing: x").want(t, 400)
		// Clients of 1.2.0 send back what they got, and know nothing of revisions.
		theirs.Revision = 1
		c.boris.call(t, "PUT", at, theirs).want(t, 200)
		c.boris.call(t, "PUT", at, theirs).want(t, 200)
		c.boris.call(t, "PUT", at, theirs, "If-Match: *").want(t, 200)
		c.boris.call(t, "PUT", at, theirs, `If-Match: "5"`).want(t, 200)
		var list struct{ Items []playbook.Playbook }
		c.anna.call(t, "GET", "/playbooks?team_id="+c.team.Id, nil).want(t, 200).decode(t, &list)
		if len(list.Items) != 1 || list.Items[0].Revision != 6 {
			t.Errorf("listed %+v", list.Items)
		}
		// What 1.2.0 has written has the revision 0.
		s.exec(t, "UPDATE IR_Playbook SET Revision = 0 WHERE ID = '"+id+"'")
		c.anna.call(t, "PUT", at, mine, `If-Match: "0"`).want(t, 200)
		c.anna.call(t, "PUT", at, mine, `If-Match: "0"`).want(t, 409)
	})
}

// with adds a field to what an object is in JSON.
func with(t *testing.T, object any, name string, value any) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(asJSON(t, object)), &fields); err != nil {
		t.Fatal(err)
	}
	fields[name] = value
	return fields
}

// Of many who save one state at once exactly one succeeds, for each kind of change.
func TestPlaybookRevisions_OneOfManySavesSucceeds(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
		for round, change := range []func(p *playbook.Playbook, k int){
			func(p *playbook.Playbook, k int) { p.Title = fmt.Sprint("title ", k) },
			func(p *playbook.Playbook, k int) { p.Checklists = []incident.Stage{{Title: fmt.Sprint("stage ", k)}} },
			func(p *playbook.Playbook, k int) {
				p.MemberIDs = append(slices.Clone(p.MemberIDs), c.clara.user.Id)
				p.ReminderTimerDefaultSeconds = int64(k)
			},
		} {
			var opened playbook.Playbook
			tag := c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &opened).Header.Get("ETag")
			var through atomic.Int32
			atOnce(8, func(k int) {
				sent := opened
				change(&sent, k)
				who := []*person{c.anna, c.boris}[k%2]
				if who.call(t, "PUT", "/playbooks/"+id, sent, "If-Match: "+tag).want(t, 200, 409).Status == http.StatusOK {
					through.Add(1)
				}
			})
			if n := through.Load(); n != 1 {
				t.Errorf("round %d: %d got through", round, n)
			}
		}
	})
}

// A member who is removed from a playbook while saving it does not overwrite it.
func TestPlaybookRevisions_FormerMemberMayNotSave(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		for round := range 10 {
			id := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, c.boris.user.Id) })
			statuses := [2]int{}
			atOnce(2, func(k int) {
				if k == 0 {
					statuses[0] = c.anna.call(t, "PUT", "/playbooks/"+id, body{"title": "without boris", "member_ids": []string{c.anna.user.Id}}).Status
				} else {
					statuses[1] = c.boris.call(t, "PUT", "/playbooks/"+id, body{"title": "by boris", "member_ids": []string{c.boris.user.Id, c.anna.user.Id}}).Status
				}
			})
			var now playbook.Playbook
			s.admin().call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &now)
			// Either boris came first, or he came too late and was refused.
			if now.Title != "without boris" || len(now.MemberIDs) != 1 || statuses[0] != 200 || statuses[1] != 200 && statuses[1] != 403 {
				t.Errorf("round %d: %v, now %q with %d members", round, statuses, now.Title, len(now.MemberIDs))
			}
		}
	})
}
