package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxURLPart limits each part of a subscription's URL, in characters.
const maxURLPart = 2048

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
	return sub, s.Subscriptions.Add(ctx, sub, s.now(), MaxSubscriptions)
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

var errOthersSubscriptions = incident.NewError(incident.Forbidden, "subscription.forbidden",
	"You may list your own subscriptions only. Leave user_id out.").WithField("user_id")

// ListSubscriptions lists a page of somebody's subscriptions: one's own ("" stands for oneself), or as an administrator anybody's.
func (s *Service) ListSubscriptions(ctx context.Context, userID string, f SubscriptionFilter) (SubscriptionPage, error) {
	if f.UserID == "" {
		f.UserID = userID
	}
	if f.UserID != userID && !s.rules.Admin(userID) {
		return SubscriptionPage{}, errOthersSubscriptions
	}
	items, total, err := s.Subscriptions.List(ctx, f)
	if err != nil {
		return SubscriptionPage{}, err
	}
	if items == nil {
		items = []Subscription{}
	}
	pages := pageCount(total, f.PerPage)
	return SubscriptionPage{TotalCount: total, PageCount: pages, HasMore: f.Page+1 < pages, Items: items}, nil
}

// Unsubscribe deletes one's own subscription, or as an administrator anybody's. To others it does not exist.
func (s *Service) Unsubscribe(ctx context.Context, userID, id string) error {
	deleted, err := s.Subscriptions.Delete(ctx, id, userID)
	if err == nil && !deleted && s.rules.Admin(userID) {
		deleted, err = s.Subscriptions.Delete(ctx, id, "")
	}
	if err == nil && !deleted {
		return ErrNoSubscription
	}
	return err
}
