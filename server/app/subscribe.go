package app

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Keys of subscriptions in the plugin's KV store, as version 1.2.0 writes them.
const (
	subscriptionKey      = "v2_subscription_"
	subscriptionIndexKey = "v2_subscriptionindex"
)

// maxURLPart limits each part of a subscription's URL, in characters.
const maxURLPart = 2048

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
		return sub, incident.InvalidField("playbook_id", "playbook_id is missing: give the id of a playbook.")
	}
	if err := sub.URL.check(); err != nil {
		return sub, err
	}
	p, listGranted, err := s.playbooks.View(ctx, sub.PlaybookID, userID)
	if err != nil {
		return sub, err
	}
	if sub.UserID != userID {
		return sub, incident.InvalidField("user_id", "user_id must be your own id.")
	}
	if !s.rules.StartFrom(userID, &p, listGranted) {
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

func (u SubscriptionURL) check() error {
	for _, part := range [][2]string{{"Scheme", u.Scheme}, {"Opaque", u.Opaque}, {"Host", u.Host}, {"Path", u.Path}, {"Fragment", u.Fragment},
		{"RawQuery", u.RawQuery}, {"RawPath", u.RawPath}, {"RawFragment", u.RawFragment}} {
		if err := incident.CheckText("url."+part[0], part[1], maxURLPart); err != nil {
			return err
		}
	}
	return nil
}

// indexSubscription adds sub to the index. Other nodes may do the same at this moment, hence compare and set.
func (s *Service) indexSubscription(sub Subscription) error {
	s.subs.Lock()
	defer s.subs.Unlock()
	empty := 0
	for attempt := 0; attempt < 10; attempt++ {
		old, err := s.host.KVGet(subscriptionIndexKey)
		if err != nil {
			return err
		}
		index, err := readIndex(old)
		if err == nil && empty > 1 && len(old) == 0 {
			// There is a value, since it could not be added, but an empty one, which can be compared with nothing.
			if err = s.host.KVDelete(subscriptionIndexKey); err != nil {
				return err
			}
			err = errors.New("the value is empty")
		}
		if err != nil {
			s.log.Warn("The index of subscriptions cannot be read; it is made again from the stored subscriptions.", "key", subscriptionIndexKey,
				"error", err.Error(), "value", incident.Truncate(string(old), 1000))
			if index, err = s.rebuiltIndex(sub.ID); err != nil {
				return err
			}
		}
		index.Entries = append(index.Entries, subscriptionEntry{SubscriptionID: sub.ID, PlaybookID: sub.PlaybookID})
		data, err := json.Marshal(index)
		if err != nil {
			return err
		}
		done, err := s.host.KVCompareAndSet(subscriptionIndexKey, old, data)
		if err != nil || done {
			return err
		}
		if len(old) == 0 {
			empty++
		}
	}
	return errors.New("the index of subscriptions is being changed by others")
}

// readIndex reads a stored index; none, nil, is empty.
func readIndex(stored []byte) (subscriptionIndex, error) {
	index := subscriptionIndex{Entries: []subscriptionEntry{}}
	if len(stored) == 0 {
		return index, nil
	}
	var read subscriptionIndex
	if err := json.Unmarshal(stored, &read); err != nil {
		return index, err
	}
	for _, e := range read.Entries {
		if e.SubscriptionID != "" { // version 1.2.0 left blank entries behind
			index.Entries = append(index.Entries, e)
		}
	}
	return index, nil
}

// rebuiltIndex is the index of all stored subscriptions but one. Those that cannot be read are logged and left alone.
func (s *Service) rebuiltIndex(but string) (subscriptionIndex, error) {
	index := subscriptionIndex{Entries: []subscriptionEntry{}}
	keys, err := s.host.KVKeys(subscriptionKey)
	if err != nil {
		return index, err
	}
	for _, key := range keys {
		id := strings.TrimPrefix(key, subscriptionKey)
		if id == but {
			continue
		}
		value, err := s.host.KVGet(key)
		if err != nil {
			return index, err
		}
		var stored Subscription
		if err := json.Unmarshal(value, &stored); err != nil || stored.PlaybookID == "" {
			s.log.Warn("A stored subscription cannot be read; it is left out of the index.", "key", key)
			continue
		}
		index.Entries = append(index.Entries, subscriptionEntry{SubscriptionID: id, PlaybookID: stored.PlaybookID})
	}
	return index, nil
}
