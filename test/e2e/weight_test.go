//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Long incidents do not make a page longer than it may be, and none of them is lost or cut.
func TestWeight_ListsOfLongIncidents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		// 500 KB each.
		book := c.newPlaybook(t, func(p *playbook.Playbook) {
			p.Checklists = []incident.Stage{{Title: "long"}}
			for range 25 {
				p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, incident.Task{Title: strings.Repeat("語", 2048), Description: strings.Repeat("語", 4096)})
			}
		})
		const all = 20
		var ids []string
		for n := range all {
			ids = append(ids, c.start(t, map[string]any{"name": fmt.Sprintf("long %02d", n), "playbook_id": book}).ID)
		}
		list := func(query string) (page app.Page) {
			t.Helper()
			c.anna.call(t, "GET", "/incidents?sort=name&team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &page)
			if page.TotalCount != all {
				t.Errorf("%s: %d in all", query, page.TotalCount)
			}
			return page
		}
		check := func(query string, items []incident.Incident, from, to int) {
			t.Helper()
			if len(items) != to-from {
				t.Errorf("%s: %d items, want %d", query, len(items), to-from)
				return
			}
			for n, i := range items {
				if i.ID != ids[from+n] || len(i.Checklists) != 1 || len(i.Checklists[0].Tasks) != 25 || len(i.Checklists[0].Tasks[24].Description) != 3*4096 {
					t.Errorf("%s: item %d is %s with %d stages", query, n, i.Name, len(i.Checklists))
				}
			}
		}
		// With a number of items a page is whole, if that is not very long.
		check("per_page=1000", list("&per_page=1000").Items, 0, all)
		second := list("&per_page=7&page=1")
		check("per_page=7", second.Items, 7, 14)
		if second.PageCount != 3 || !second.HasMore || second.NextOffset != 0 {
			t.Errorf("the second page says %+v", app.Page{PageCount: second.PageCount, HasMore: second.HasMore, NextOffset: second.NextOffset})
		}
		// Without one it ends early, and says where the rest begins.
		seen := 0
		for round := 0; seen < all && round < all; round++ {
			page := list(fmt.Sprintf("&offset=%d", seen))
			check("offset", page.Items, seen, seen+len(page.Items))
			if page.HasMore != (page.NextOffset != 0) || page.PageCount != 1 || len(page.Items) == 0 {
				t.Fatalf("after %d: %d items, more %v, next %d", seen, len(page.Items), page.HasMore, page.NextOffset)
			}
			if seen += len(page.Items); page.NextOffset != 0 && page.NextOffset != seen {
				t.Errorf("the next offset is %d, want %d", page.NextOffset, seen)
			}
		}
		if first := list(""); len(first.Items) >= all || seen != all {
			t.Errorf("the first page has %d of %d, all pages %d", len(first.Items), all, seen)
		}
		for _, perPage := range []string{"", "&per_page=20"} {
			short := list("&view=summary" + perPage)
			if len(short.Items) != all || short.HasMore || short.NextOffset != 0 || len(short.Items[0].Checklists) != 0 || short.Items[0].ActiveStageTitle != "long" {
				t.Errorf("%d items of the summary, more %v", len(short.Items), short.HasMore)
			}
		}
		c.anna.call(t, "GET", "/incidents?view=slim&team_id="+c.team.Id, nil).want(t, 400).errorText(t)
	})
}

// What is stored of a playbook and of an incident is about as long as the body that it came with, whatever is in it, and so is
// what is answered. Of a long incident, events say only that it has changed.
func TestWeight_TextsOfHTML(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		var tasks []string
		for range 250 {
			tasks = append(tasks, `{"title":"t","description":"`+strings.Repeat("<", 4096)+`"}`)
		}
		body := `{"title":"Long","team_id":"` + c.team.Id + `","member_ids":["` + c.anna.user.Id + `"],"checklists":[{"title":"<&>","items":[` + strings.Join(tasks, ",") + `]}]}`
		var book playbook.Playbook
		c.anna.call(t, "POST", "/playbooks", body).want(t, 201).decode(t, &book)
		events := c.anna.listen(t)
		i := c.start(t, map[string]any{"playbook_id": book.ID})
		most := len(body) + 250*500
		for path, table := range map[string]string{"/playbooks/" + book.ID: "IR_Playbook", "/incidents/" + i.ID: "IR_Incident"} {
			answer := c.anna.call(t, "GET", path, nil).want(t, 200)
			if len(answer.Body) > most || !strings.Contains(string(answer.Body), `"title":"<&>"`) {
				t.Errorf("%s answers %d bytes for a body of %d", path, len(answer.Body), len(body))
			}
			if answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s is answered with %v", path, answer.Header)
			}
			parts := strings.Split(path, "/")
			if stored := s.number(t, "SELECT LENGTH(CAST(ChecklistsJSON AS "+map[bool]string{true: "TEXT", false: "CHAR"}[s.database.Driver == testenv.Postgres]+")) FROM "+table+" WHERE ID = '"+parts[2]+"'"); stored > most {
				t.Errorf("%s stores %d bytes for a body of %d", table, stored, len(body))
			}
		}
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/7/state", map[string]any{"new_state": "closed"}).want(t, 200)
		after := c.read(t, i.ID)
		full := "custom_" + s.pluginID + "_incident_updated"
		for {
			event := events.wait(t, full, func(event *model.WebSocketEvent) bool { return event.EventType() == full })
			var changed app.Changed
			text, _ := event.GetData()["changed"].(string)
			if err := json.Unmarshal([]byte(text), &changed); err != nil || event.GetData()["payload"] != "" || len(event.ToJson()) > 1000 {
				t.Fatalf("the event of a long incident is %.300s: %v", event.ToJson(), err)
			}
			if changed.ID != i.ID || changed.TeamID != c.team.Id || changed.ChannelID != i.ChannelID {
				t.Fatalf("the event names %+v", changed)
			}
			if changed.Revision == after.Revision {
				break
			}
		}
		short := c.start(t, nil)
		var seen incident.Incident
		for seen.ID != short.ID {
			events.plugin(t, s, "incident_updated", &seen)
		}
	})
}

// A second export of the same person has to wait; one that is not read holds up nobody else.
func TestWeight_OneExportAtATime(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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
