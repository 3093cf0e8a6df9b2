//go:build store

package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func newSubscription(userID, host string) app.Subscription {
	return app.Subscription{ID: model.NewId(), UserID: userID, PlaybookID: model.NewId(), URL: app.SubscriptionURL{Scheme: "https", Host: host, RawQuery: "ü=🔒"}}
}

func TestSubscriptionsAreRowsOfTheirOwn(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		store, anna, boris := s.Subscriptions(), model.NewId(), model.NewId()
		var made []app.Subscription
		for n := range 5 {
			sub := newSubscription(anna, fmt.Sprint("h", n))
			require.NoError(t, store.Add(t.Context(), sub, int64(n), 5))
			made = append(made, sub)
		}
		assert.True(t, incident.IsKind(store.Add(t.Context(), newSubscription(anna, "x"), 9, 5), incident.Conflict), "beyond the limit")
		require.NoError(t, store.Add(t.Context(), newSubscription(boris, "x"), 9, 5))
		list := func(f app.SubscriptionFilter) string {
			var hosts []string
			for f.Page = 0; ; f.Page++ {
				items, total, err := store.List(t.Context(), f)
				require.NoError(t, err)
				for _, sub := range items {
					hosts = append(hosts, sub.URL.Host)
				}
				if len(items) == 0 {
					assert.Equal(t, len(hosts), total, "total")
					return strings.Join(hosts, " ")
				}
			}
		}
		for _, perPage := range []int{1, 2, 100} {
			assert.Equal(t, "h0 h1 h2 h3 h4", list(app.SubscriptionFilter{UserID: anna, PerPage: perPage}), "anna's")
		}
		assert.Equal(t, "h3", list(app.SubscriptionFilter{UserID: anna, PlaybookID: made[3].PlaybookID, PerPage: 2}), "of a playbook")
		items, _, err := store.List(t.Context(), app.SubscriptionFilter{UserID: anna, PerPage: 1})
		require.NoError(t, err)
		assert.Equal(t, made[0], items[0], "whole")
		remove := func(id, user string) bool {
			found, err := store.Delete(t.Context(), id, user)
			require.NoError(t, err)
			return found
		}
		assert.False(t, remove(made[0].ID, boris), "somebody else's")
		assert.True(t, remove(made[0].ID, anna), "one's own")
		assert.False(t, remove(made[0].ID, anna), "again")
		assert.True(t, remove(made[1].ID, ""), "by an administrator")
		assert.Equal(t, "h2 h3 h4", list(app.SubscriptionFilter{UserID: anna, PerPage: 9}), "left")
		require.NoError(t, store.Add(t.Context(), newSubscription(anna, "again"), 10, 5))

		// A hundred at once exceed the limit by no more than one for each node.
		chen, nodes := model.NewId(), []*Store{s, open(t, db)}
		parallel(40, func(n int) error {
			return nodes[n%2].Subscriptions().Add(t.Context(), newSubscription(chen, "x"), 1, 10)
		})
		if n := one[int](t, s, "SELECT COUNT(*) FROM IR_Subscription WHERE UserID = ?", chen); n < 10 || n > 13 {
			t.Errorf("%d subscriptions, the limit is 10", n)
		}
	})
}

// Version 1.2.0 keeps subscriptions in the key-value table, in the form below.
func TestSubscriptionsOfVersion120AreTakenOver(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		anna, template := one[string](t, s, "SELECT MIN(Id) FROM Users"), newPlaybook("Outage")
		require.NoError(t, s.Playbooks().Create(t.Context(), template, 0))
		book := template.ID
		put := func(key, value string) {
			s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", DefaultPluginID, key, []byte(value))
		}
		var ids []string
		for n := range 3 {
			id := model.NewId()
			ids = append(ids, id)
			put("v2_subscription_"+id, fmt.Sprintf(`{"id":"%s","url":{"Scheme":"https","Opaque":"","User":null,"Host":"h%d","Path":"/hook"},"playbook_id":"%s","user_id":"%s"}`, id, n, book, anna))
		}
		put("v2_subscription_torn", `{"id":"torn","playbook_id"`)
		put("v2_subscription_"+model.NewId(), `{"id":"x","playbook_id":"`+strings.Repeat("long", 100)+`","user_id":"`+anna+`"}`)
		put("v2_subscriptionindex", `{"subscription_ids":[{"SubscriptionID":"`+ids[0]+`","PlaybookID":"`+book+`"}]}`)
		rows := "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey LIKE 'v2!_subscription%' ESCAPE '!'"
		before := one[int](t, s, rows)
		number := func() int {
			items, total, err := s.Subscriptions().List(t.Context(), app.SubscriptionFilter{UserID: anna, PerPage: 100})
			require.NoError(t, err)
			for _, sub := range items {
				assert.True(t, strings.HasPrefix(sub.URL.Host, "h") && sub.URL.Path == "/hook" && sub.PlaybookID == book, "url")
			}
			return total
		}
		for range 2 {
			require.NoError(t, open(t, db).Migrate(t.Context()))
			assert.Equal(t, 3, number(), "taken over")
		}
		assert.Equal(t, before, one[int](t, s, rows), "rows of 1.2.0")
		found, err := s.Subscriptions().Delete(t.Context(), ids[1], anna)
		require.NoError(t, err)
		assert.True(t, found, "found")
		require.NoError(t, open(t, db).Migrate(t.Context()))
		assert.Equal(t, 2, number(), "after one was deleted")
		require.NoError(t, s.Nuke(t.Context()))
		require.NoError(t, open(t, db).Migrate(t.Context()))
		assert.Equal(t, 0, number(), "after nuke-db")
	})
}

// A deactivated account has its subscriptions when it is activated again. Those of one that was deleted for good are gone with the next
// activation, in the form of version 1.2.0, too, which would bring them back.
func TestSubscriptionsOfDeletedAccountsAreForgotten(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		store, there := s.Subscriptions(), one[string](t, s, "SELECT MIN(Id) FROM Users")
		s.sql(t, "UPDATE Users SET DeleteAt = 1 WHERE Id = ?", there)
		deleted, p := model.NewId(), newPlaybook("Outage")
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		add := func(userID string, limit int) {
			sub := newSubscription(userID, "x")
			sub.PlaybookID = p.ID
			require.NoError(t, store.Add(t.Context(), sub, 1, limit))
		}
		for range 3 {
			add(there, 100)
		}
		for range adoptBatch + 1 {
			add(deleted, 2*adoptBatch)
		}
		old := model.NewId()
		s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", DefaultPluginID, subscriptionPrefix+old,
			[]byte(fmt.Sprintf(`{"id":"%s","url":{"Host":"h"},"playbook_id":"%s","user_id":"%s"}`, old, p.ID, deleted)))
		require.NoError(t, open(t, db).Migrate(t.Context()))
		assert.Equal(t, 3, one[int](t, s, "SELECT COUNT(*) FROM IR_Subscription WHERE UserID = ?", there), "of the deactivated account")
		assert.Zero(t, one[int](t, s, "SELECT COUNT(*) FROM IR_Subscription WHERE UserID = ?", deleted), "of the deleted account")
		assert.Zero(t, one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = ?", subscriptionPrefix+old), "of version 1.2.0")
	})
}

// Nothing brings a playbook back that was deleted, so subscriptions to it are gone at once, in the form of version 1.2.0, too. Those to a
// playbook that version 1.2.0 has deleted, or to one that is not there at all, are gone with the next activation.
func TestSubscriptionsToDeletedPlaybooksAreForgotten(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		store, anna := s.Subscriptions(), one[string](t, s, "SELECT MIN(Id) FROM Users")
		kept, deleted, old, empty := newPlaybook("Kept"), newPlaybook("Deleted"), newPlaybook("Deleted by 1.2.0"), newPlaybook("Left by its last member")
		missing := model.NewId()
		for _, p := range []playbook.Playbook{kept, deleted, old, empty} {
			require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		}
		for _, id := range []string{kept.ID, deleted.ID, old.ID, empty.ID, missing} {
			sub := newSubscription(anna, "x")
			sub.PlaybookID = id
			require.NoError(t, store.Add(t.Context(), sub, 1, 100))
			stored := model.NewId()
			s.sql(t, "INSERT INTO PluginKeyValueStore (PluginId, PKey, PValue, ExpireAt) VALUES (?, ?, ?, 0)", DefaultPluginID, subscriptionPrefix+stored,
				[]byte(fmt.Sprintf(`{"id":"%s","url":{"Host":"h"},"playbook_id":"%s","user_id":"%s"}`, stored, id, anna)))
		}
		for range adoptBatch {
			sub := newSubscription(anna, "x")
			sub.PlaybookID = deleted.ID
			require.NoError(t, store.Add(t.Context(), sub, 1, 2*adoptBatch))
		}
		require.NoError(t, s.adoptSubscriptions(t.Context()))
		left := func() (subscriptions, rows int) {
			return one[int](t, s, "SELECT COUNT(*) FROM IR_Subscription"), one[int](t, s, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey LIKE 'v2!_subscription!_%' ESCAPE '!'")
		}
		all, before := left()
		require.NoError(t, s.Playbooks().Update(t.Context(), empty.ID, func(p *playbook.Playbook) error { p.DeleteAt = 100; return nil }))
		subscriptions, rows := left()
		assert.Equal(t, all-2, subscriptions, "after a change that deletes")
		assert.Equal(t, before-1, rows, "of version 1.2.0 after a change that deletes")
		before = rows
		for range 2 {
			require.NoError(t, s.Playbooks().Delete(t.Context(), deleted.ID, 100))
			subscriptions, rows := left()
			assert.Equal(t, 6, subscriptions, "after the deletion")
			assert.Equal(t, before-1, rows, "of version 1.2.0 after the deletion")
		}
		s.sql(t, "UPDATE IR_Playbook SET DeleteAt = 1 WHERE ID = ?", old.ID)
		require.NoError(t, open(t, db).Migrate(t.Context()))
		assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM IR_Subscription WHERE PlaybookID = ?", kept.ID), "to the playbook that is there")
		subscriptions, rows = left()
		assert.Equal(t, 2, subscriptions, "after the activation")
		assert.Equal(t, before-3, rows, "of version 1.2.0 after the activation")
	})
}
