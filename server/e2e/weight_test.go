//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Long incidents do not make a page longer than it may be, and none of them is lost or cut.
func TestWeight_ListsOfLongIncidents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		// 600 KiB of < each, which JSON may write as six times as much.
		book := c.newPlaybook(t, func(p *playbook.Playbook) {
			p.Checklists = []incident.Stage{{Title: "long"}}
			for n := range 25 {
				p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, incident.Task{Title: fmt.Sprint("task ", n), Description: strings.Repeat("<", 4096)})
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
				if i.ID != ids[from+n] || len(i.Checklists) != 1 || len(i.Checklists[0].Tasks) != 25 || len(i.Checklists[0].Tasks[24].Description) != 4096 {
					t.Errorf("%s: item %d is %s with %d stages", query, n, i.Name, len(i.Checklists))
				}
			}
		}
		// With a number of items a page is whole.
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
		slim := list("&slim=true")
		if len(slim.Items) != all || slim.HasMore || len(slim.Items[0].Checklists) != 0 || slim.Items[0].ActiveStageTitle != "long" {
			t.Errorf("%d slim items, more %v", len(slim.Items), slim.HasMore)
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
