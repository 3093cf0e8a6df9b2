//go:build e2e

package e2e

import (
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestEventSubscriptions_StoredOnceAndForMembersOnly(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	id := c.newPlaybook(t, nil)
	for range 3 {
		var sub struct{ ID string }
		c.anna.call(t, "POST", "/eventsubscriptions", map[string]any{"url": map[string]any{"Host": "x"}, "playbook_id": id, "user_id": c.anna.user.Id}).want(t, 201).decode(t, &sub)
		if n := s.count(t, "SELECT count(*) FROM PluginKeyValueStore WHERE PKey = 'v2_subscription_"+sub.ID+"'"); n != 1 {
			t.Errorf("stored %d times", n)
		}
	}
	c.boris.call(t, "POST", "/eventsubscriptions", map[string]any{"playbook_id": id, "user_id": c.boris.user.Id}).want(t, 403).errorText(t)
}
