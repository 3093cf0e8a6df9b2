package api

import (
	"math"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// maxSubscriptionsPerPage is small, because a subscription may have 64 KB.
const maxSubscriptionsPerPage = 100

func (a *api) subscribe(r *request) (reply, error) {
	var s app.Subscription
	if err := r.decode(&s); err != nil {
		return reply{}, err
	}
	if err := checkIDs("playbook_id", s.PlaybookID); err != nil {
		return reply{}, err
	}
	s.ID = ""
	s, err := a.svc.Subscribe(r.Context(), r.userID, s)
	return reply{status: http.StatusCreated, body: s}, err
}

func (a *api) listSubscriptions(r *request) (reply, error) {
	q := r.URL.Query()
	f := app.SubscriptionFilter{UserID: q.Get("user_id"), PlaybookID: q.Get("playbook_id")}
	if err := checkIDs("user_id", f.UserID, "playbook_id", f.PlaybookID); err != nil {
		return reply{}, err
	}
	var err error
	if f.PerPage, err = capability.Number(q, "per_page", maxSubscriptionsPerPage); err != nil {
		return reply{}, err
	}
	if f.PerPage == 0 {
		f.PerPage = maxSubscriptionsPerPage
	}
	if f.Page, err = capability.Number(q, "page", math.MaxInt32/maxSubscriptionsPerPage); err != nil {
		return reply{}, err
	}
	page, err := a.svc.ListSubscriptions(r.Context(), r.userID, f)
	return ok(page), err
}

func (a *api) unsubscribe(r *request) (reply, error) {
	if !validID(r.path("id")) {
		return reply{}, app.ErrNoSubscription
	}
	if err := a.svc.Unsubscribe(r.Context(), r.userID, r.path("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
