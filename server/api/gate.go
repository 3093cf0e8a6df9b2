package api

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

// The gates limit how many answers are made for one user at once, and so how much memory one user can take. Further
// requests wait, or are refused if they are heavy: exports and long lists.
const (
	// maxReads is how many reading requests of a user are worked on at once, maxWrites how many others: they may be answered with a whole
	// incident, playbook or retrospective as well, and read it before. These are more, as an integration makes all its changes as one user.
	maxReads  = 3
	maxWrites = 8
	// maxSaves is how many saves of playbooks are, beside these: the request has a whole one, and its answer may have two.
	maxSaves = 2
	// gateTimeout is how long a further one waits.
	gateTimeout = 30 * time.Second
)

var (
	errBusy = incident.NewError(incident.Busy, "request.busy",
		"Too many of your requests are being answered at this moment. Wait for them, then try again.")
	errBusyHeavy = incident.NewError(incident.Busy, "request.busy",
		"Another export or long list of yours is still being sent. Wait for it, then try again.")
)

// gate lets a limited number of each user's requests through.
type gate struct{ limit.PerKey }

func newGate(slots int) gate { return gate{limit.PerKey{Slots: slots}} }

// WithBudget shares the budget of each user with others who work for them.
func WithBudget(b *limit.Budget) Option { return func(a *api) { a.budget = b } }

// retryAfter is how many seconds a client that was refused should wait, at least.
const retryAfter = 5

// setRetryAfter says when the user will have paid.
func setRetryAfter(h http.Header, err error) {
	var refused *limit.Refused
	if errors.As(err, &refused) {
		h.Set("Retry-After", strconv.Itoa(max(int(math.Ceil(refused.After.Seconds())), retryAfter)))
	}
}

// paying is a long answer that is paid for while it is sent. It must not be written to while a statement is under way or a lock is held.
type paying struct {
	io.Writer
	ctx context.Context
}

func (w *paying) Write(p []byte) (int, error) {
	if err := limit.Settle(w.ctx); err != nil {
		return 0, err
	}
	limit.Charge(w.ctx, len(p))
	return w.Writer.Write(p)
}

// enter waits for a slot, at most for timeout, and reports whether there was one. Then the caller must call leave.
func (g *gate) enter(ctx context.Context, userID string, timeout time.Duration) (leave func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	leave, err := g.Acquire(ctx, userID)
	return leave, err == nil
}
