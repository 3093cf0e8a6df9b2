package app

import (
	"context"
	"encoding/json"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Keys of subscriptions in the plugin's KV store, as version 1.2.0 writes them.
const (
	subscriptionKey      = "v2_subscription_"
	subscriptionIndexKey = "v2_subscriptionindex"
)

type subscriptionIndex struct {
	Entries []subscriptionEntry `json:"subscription_ids"`
}

type subscriptionEntry struct {
	SubscriptionID string
	PlaybookID     string
}

// Subscribe stores a subscription of the user to a playbook of which the user, administrators included, is a member.
func (s *Service) Subscribe(ctx context.Context, userID string, sub Subscription) (Subscription, error) {
	if sub.PlaybookID == "" {
		return sub, incident.InvalidField("playbook_id", "playbook_id is missing.")
	}
	p, mayList, err := s.playbooks.View(ctx, sub.PlaybookID, userID)
	if err != nil {
		return sub, err
	}
	if sub.UserID != userID {
		return sub, incident.InvalidField("user_id", "user_id must be your own id.")
	}
	if !s.rules.StartFrom(userID, &p, mayList) {
		return sub, errPlaybookForbidden
	}
	sub.ID = model.NewId()
	data, err := json.Marshal(sub)
	if err != nil {
		return sub, err
	}
	if err = s.host.KVSet(subscriptionKey+sub.ID, data); err != nil {
		return sub, err
	}
	if err = s.indexSubscription(sub); err != nil {
		if deleteErr := s.host.KVDelete(subscriptionKey + sub.ID); deleteErr != nil {
			s.log.Warn("A subscription that was not indexed could not be deleted.", "subscription_id", sub.ID, "error", deleteErr.Error())
		}
		return sub, err
	}
	return sub, nil
}

// indexSubscription adds sub to the index. Other nodes may do the same at this moment, hence compare and set.
func (s *Service) indexSubscription(sub Subscription) error {
	s.subs.Lock()
	defer s.subs.Unlock()
	for attempt := 0; attempt < 10; attempt++ {
		old, err := s.host.KVGet(subscriptionIndexKey)
		if err != nil {
			return err
		}
		var index subscriptionIndex
		if len(old) > 0 {
			if err = json.Unmarshal(old, &index); err != nil {
				return errors.Wrap(err, "read the index of subscriptions")
			}
		}
		kept := []subscriptionEntry{}
		for _, e := range index.Entries {
			if e.SubscriptionID != "" { // version 1.2.0 left blank entries behind
				kept = append(kept, e)
			}
		}
		index.Entries = append(kept, subscriptionEntry{SubscriptionID: sub.ID, PlaybookID: sub.PlaybookID})
		data, err := json.Marshal(index)
		if err != nil {
			return err
		}
		done, err := s.host.KVCompareAndSet(subscriptionIndexKey, old, data)
		if err != nil || done {
			return err
		}
	}
	return errors.New("the index of subscriptions is being changed by others")
}
