//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

func TestEventSubscriptions_ListedAndDeletedByTheirUser(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		id := c.newPlaybook(t, nil)
		type subscription struct {
			ID         string
			PlaybookID string `json:"playbook_id"`
		}
		var made []subscription
		for n := range 3 {
			var sub subscription
			c.anna.call(t, "POST", "/eventsubscriptions", map[string]any{"url": map[string]any{"Host": fmt.Sprint("h", n)}, "playbook_id": id, "user_id": c.anna.user.Id}).want(t, 201).decode(t, &sub)
			made = append(made, sub)
		}
		c.boris.call(t, "POST", "/eventsubscriptions", map[string]any{"playbook_id": id, "user_id": c.boris.user.Id}).want(t, 403).errorText(t)
		list := func(who *person, query string) (items []subscription) {
			t.Helper()
			var page struct {
				TotalCount int `json:"total_count"`
				Items      []subscription
			}
			who.call(t, "GET", "/eventsubscriptions"+query, nil).want(t, 200).decode(t, &page)
			if page.Items == nil {
				t.Error("items is null")
			}
			return page.Items
		}
		if got := list(c.anna, ""); !slices.Equal(got, made) {
			t.Errorf("listed %v, made %v", got, made)
		}
		if got := list(c.anna, "?per_page=2&page=1&playbook_id="+id); !slices.Equal(got, made[2:]) {
			t.Errorf("the second page has %v", got)
		}
		if got := append(list(c.boris, ""), list(s.admin(), "")...); len(got) > 0 {
			t.Errorf("others list %v", got)
		}
		if got := list(s.admin(), "?user_id="+c.anna.user.Id); len(got) != 3 {
			t.Errorf("an administrator lists %v", got)
		}
		c.boris.call(t, "GET", "/eventsubscriptions?user_id="+c.anna.user.Id, nil).want(t, 403).errorText(t)
		c.boris.call(t, "DELETE", "/eventsubscriptions/"+made[0].ID, nil).want(t, 404).errorText(t)
		c.anna.call(t, "DELETE", "/eventsubscriptions/"+made[0].ID, nil).want(t, 204)
		c.anna.call(t, "DELETE", "/eventsubscriptions/"+made[0].ID, nil).want(t, 404).errorText(t)
		s.admin().call(t, "DELETE", "/eventsubscriptions/"+made[1].ID, nil).want(t, 204)
		if got := list(c.anna, ""); !slices.Equal(got, made[2:]) {
			t.Errorf("left are %v", got)
		}
		for n := range app.MaxSubscriptions {
			want := 201
			if n == app.MaxSubscriptions-1 {
				want = 409
			}
			c.anna.call(t, "POST", "/eventsubscriptions", map[string]any{"playbook_id": id, "user_id": c.anna.user.Id}).want(t, want)
		}
		c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		if got := list(c.anna, ""); len(got) > 0 {
			t.Errorf("after the playbook was deleted %d are left", len(got))
		}
	})
}
