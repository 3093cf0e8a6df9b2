package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func subscription(w *world) Subscription {
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"anna"}}
	return Subscription{PlaybookID: "p", UserID: "anna"}
}

func TestSubscribe_TheFirstSucceeds(t *testing.T) {
	w := newWorld(t)
	sub, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	assert.Contains(t, w.host.kv, subscriptionKey+sub.ID)
	assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`, string(w.host.kv[subscriptionIndexKey]))
}

func TestSubscribe_FailedLeavesNothing(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"index unreadable": func(w *world) { w.host.fails["KVGet"] = errBroken },
		"others unreadable": func(w *world) {
			w.host.kv[subscriptionIndexKey], w.host.fails["KVKeys"] = []byte("{"), errBroken
		},
		"index not stored": func(w *world) { w.host.fails["KVCompareAndSet"] = errBroken },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			spoil(w)
			before := len(w.host.kv)
			_, err := w.Subscribe(ctx, "anna", subscription(w))
			require.Error(t, err)
			assert.Len(t, w.host.kv, before)
		})
	}
}

// Whatever the index has become, subscribing succeeds, and the subscriptions of others are in the index again.
func TestSubscribe_DamagedIndexIsRebuilt(t *testing.T) {
	for _, damaged := range []string{"{", "\x00\xff", "[]", `"x"`, "5", `{"subscription_ids":{}}`, `{"subscription_ids":[5]}`, `{"subscription_ids":[{"SubscriptionID":5}]}`,
		`{"subscription_ids":[{"SubscriptionID":"old"},`, ""} {
		w := newWorld(t)
		w.host.kv[subscriptionIndexKey] = []byte(damaged)
		w.host.kv[subscriptionKey+"old"] = []byte(`{"id":"old","playbook_id":"q","user_id":"boris","url":{"Host":"x"}}`)
		w.host.kv[subscriptionKey+"torn"] = []byte(`{"id":"torn","playbook_id"`)
		w.host.kv["once_inc"] = []byte(`{}`)
		sub, err := w.Subscribe(ctx, "anna", subscription(w))
		require.NoError(t, err, damaged)
		assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"old","PlaybookID":"q"},{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`,
			string(w.host.kv[subscriptionIndexKey]), damaged)
		assert.Equal(t, `{"id":"torn","playbook_id"`, string(w.host.kv[subscriptionKey+"torn"]), "what cannot be read is left alone")
		assert.True(t, w.log.has("index of subscriptions cannot be read"), damaged)
		assert.True(t, w.log.has(subscriptionKey+"torn"), damaged)
	}
	for _, sound := range []string{"null", "{}", `{"subscription_ids":null}`, `{"subscription_ids":[null]}`, `{"subscription_ids":[],"more":1}`} {
		w := newWorld(t)
		w.host.kv[subscriptionIndexKey] = []byte(sound)
		sub, err := w.Subscribe(ctx, "anna", subscription(w))
		require.NoError(t, err, sound)
		assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`, string(w.host.kv[subscriptionIndexKey]), sound)
	}
}

func TestSubscribe_KeepsTheOthers(t *testing.T) {
	w := newWorld(t)
	w.host.kv[subscriptionIndexKey] = []byte(`{"subscription_ids":[{"SubscriptionID":"","PlaybookID":""},{"SubscriptionID":"old","PlaybookID":"q"}]}`)
	sub, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	assert.JSONEq(t, `{"subscription_ids":[{"SubscriptionID":"old","PlaybookID":"q"},{"SubscriptionID":"`+sub.ID+`","PlaybookID":"p"}]}`,
		string(w.host.kv[subscriptionIndexKey]))
}

func TestSubscribe_ChecksItsFields(t *testing.T) {
	w := newWorld(t)
	sub := subscription(w)
	for user, kind := range map[string]incident.Kind{"boris": incident.Forbidden, "admin": incident.Forbidden} {
		sub.UserID = user
		_, err := w.Subscribe(ctx, user, sub)
		assert.True(t, incident.IsKind(err, kind), "%s: %v", user, err)
	}
	_, err := w.Subscribe(ctx, "anna", sub) // for somebody else
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	_, err = w.Subscribe(ctx, "anna", Subscription{UserID: "anna"})
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	_, err = w.Subscribe(ctx, "anna", Subscription{UserID: "anna", PlaybookID: "unknown"})
	assert.True(t, incident.IsKind(err, incident.NotFound), "%v", err)
	for _, broken := range []string{strings.Repeat("é", maxURLPart+1), "a\x00", "a\xff"} {
		sub := subscription(w)
		sub.URL.RawQuery = broken
		_, err = w.Subscribe(ctx, "anna", sub)
		assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
	}
	assert.Empty(t, w.host.kv)
}
