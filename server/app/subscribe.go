package app

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Subscriptions stores subscriptions.
type Subscriptions interface {
	// Add stores a subscription. If its user has limit subscriptions already, it fails with ErrTooManySubscriptions.
	Add(ctx context.Context, sub Subscription, now int64, limit int) error
	// List returns one page of a user's subscriptions, oldest first, and their number.
	List(ctx context.Context, f SubscriptionFilter) (items []Subscription, total int, err error)
	// Delete deletes a subscription of userID, or of anybody if that is "". It reports whether there was one.
	Delete(ctx context.Context, id, userID string) (bool, error)
}

// SubscriptionFilter selects subscriptions.
type SubscriptionFilter struct {
	UserID string
	// PlaybookID restricts to one playbook; "" shows all.
	PlaybookID    string
	Page, PerPage int
}

// Skip is the number of subscriptions before the page.
func (f *SubscriptionFilter) Skip() int { return before(f.Page, f.PerPage) }

// SubscriptionPage is a page of subscriptions.
type SubscriptionPage struct {
	TotalCount int            `json:"total_count"`
	PageCount  int            `json:"page_count"`
	HasMore    bool           `json:"has_more"`
	Items      []Subscription `json:"items"`
}

// MaxSubscriptions is how many subscriptions a user may have.
const MaxSubscriptions = 100

// ErrTooManySubscriptions means that a user has reached MaxSubscriptions.
var ErrTooManySubscriptions = incident.NewError(incident.Conflict, "subscription.limit",
	"You have the maximum of %d subscriptions. Delete some of them first.", MaxSubscriptions)

// ErrNoSubscription means that the user has no such subscription.
var ErrNoSubscription = incident.NewError(incident.NotFound, "subscription.not_found", "You have no subscription with this id.")

// Subscription is a stored request for events about a playbook's incidents. Nothing delivers events yet, as in 1.2.0.
type Subscription struct {
	ID         string          `json:"id"`
	URL        SubscriptionURL `json:"url"`
	PlaybookID string          `json:"playbook_id"`
	UserID     string          `json:"user_id"`
}

// SubscriptionURL is a URL taken apart, in the form that 1.2.0 stored.
type SubscriptionURL struct {
	Scheme      string
	Opaque      string
	User        *struct{}
	Host        string
	Path        string
	Fragment    string
	RawQuery    string
	RawPath     string
	RawFragment string
	ForceQuery  bool
	OmitHost    bool
}

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
