package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func subscription(w *serviceFixture) Subscription {
	w.playbooks.rows["p"] = playbook.Playbook{ID: "p", TeamID: "team", MemberIDs: []string{"anna"}}
	return Subscription{PlaybookID: "p", UserID: "anna"}
}

func TestSubscriptions_AreListedAndDeletedByTheirUser(t *testing.T) {
	w := newServiceFixture(t)
	sub, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	other, err := w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
	page, err := w.ListSubscriptions(ctx, "anna", SubscriptionFilter{PerPage: 1})
	require.NoError(t, err)
	assert.Equal(t, SubscriptionPage{TotalCount: 2, PageCount: 2, HasMore: true, Items: []Subscription{sub}}, page)
	page, err = w.ListSubscriptions(ctx, "anna", SubscriptionFilter{PerPage: 10, PlaybookID: "q"})
	require.NoError(t, err)
	assert.Equal(t, SubscriptionPage{Items: []Subscription{}}, page)

	_, err = w.ListSubscriptions(ctx, "boris", SubscriptionFilter{UserID: "anna", PerPage: 1})
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.Equal(t, error(ErrNoSubscription), w.Unsubscribe(ctx, "boris", sub.ID), "somebody else's looks like none")
	assert.Equal(t, error(ErrNoSubscription), w.Unsubscribe(ctx, "boris", "unknown"))
	page, err = w.ListSubscriptions(ctx, "admin", SubscriptionFilter{UserID: "anna", PerPage: 10})
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)

	require.NoError(t, w.Unsubscribe(ctx, "anna", sub.ID))
	assert.Equal(t, error(ErrNoSubscription), w.Unsubscribe(ctx, "anna", sub.ID))
	require.NoError(t, w.Unsubscribe(ctx, "admin", other.ID))
	assert.Empty(t, w.subs.rows)
}

func TestSubscribe_UpToALimit(t *testing.T) {
	w := newServiceFixture(t)
	for range MaxSubscriptions {
		_, err := w.Subscribe(ctx, "anna", subscription(w))
		require.NoError(t, err)
	}
	_, err := w.Subscribe(ctx, "anna", subscription(w))
	assert.Equal(t, error(ErrTooManySubscriptions), err)
	require.NoError(t, w.Unsubscribe(ctx, "anna", w.subs.rows[0].ID))
	_, err = w.Subscribe(ctx, "anna", subscription(w))
	require.NoError(t, err)
}

func TestSubscribe_ChecksItsFields(t *testing.T) {
	w := newServiceFixture(t)
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
	assert.Empty(t, w.subs.rows)
}
