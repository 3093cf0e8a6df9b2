// Package logcopy sends copies of the plugin's log to administrators by direct message.
//
// A line is only noted when it is logged: a goroutine of its own sends what has been noted, one message a minute, so that no
// request waits for it and administrators are not flooded. Repeated lines are folded; lines beyond the limit are only counted.
package logcopy

import (
	"context"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

const (
	// interval is the least time between two messages to an administrator.
	interval = time.Minute
	// gather is how long the first line waits for others that belong to it.
	gather = 2 * time.Second
	// maxEntries is how many different lines one message has.
	maxEntries = 30
)

// Sender is what is needed of Mattermost. Calls may take their time.
type Sender interface {
	// UserID finds a user by id or name; deactivated users are not found.
	UserID(nameOrID string) (string, error)
	// SendDirect sends a user a direct message of the bot.
	SendDirect(userID, text string) error
}

// Copier notes lines and sends them. It is safe for concurrent use.
type Copier struct {
	sender Sender
	// warn logs what went wrong with a copy. It must not lead back here.
	warn func(msg string, pairs ...interface{})
	wake chan struct{}

	mu     sync.Mutex
	to     []string
	level  int
	levels []string
	digest digest
	// unknown are the recipients that do not exist and were reported.
	unknown map[string]bool

	// sending is held while a digest goes out.
	sending sync.Mutex
	// interval and gather are constants but in tests.
	interval, gather time.Duration
}

// New makes a Copier without recipients. levels names the levels in ascending order.
func New(sender Sender, levels []string, warn func(msg string, pairs ...interface{})) *Copier {
	return &Copier{sender: sender, warn: warn, levels: levels, wake: make(chan struct{}, 1), interval: interval, gather: gather, unknown: map[string]bool{}}
}

// Configure sets who gets copies (user ids or names) of lines of which level and above.
func (c *Copier) Configure(to []string, level int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to, c.level, c.unknown = to, level, map[string]bool{}
	if len(to) == 0 {
		c.digest = digest{}
	}
}

// Add notes a line of the log; it does not block and does not call Mattermost. pairs alternate names and values.
func (c *Copier) Add(level int, msg string, pairs []interface{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.to) == 0 || level < c.level || level >= len(c.levels) {
		return
	}
	c.digest.add(time.Now(), c.levels[level], msg, pairs)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends.
func (c *Copier) Run(ctx context.Context) {
	for wait(ctx, c.wake) {
		if !pause(ctx, c.gather) {
			return
		}
		if c.send(nil) && !pause(ctx, c.interval-c.gather) {
			return
		}
	}
}

// Close sends what is left. It gives up after timeout; what is being sent then may still arrive.
func (c *Copier) Close(timeout time.Duration) {
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.send(stop)
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		close(stop)
	}
}

// send sends the digest to everybody on the list, until stop is closed. It reports whether there was something to send.
func (c *Copier) send(stop <-chan struct{}) (any bool) {
	c.sending.Lock()
	defer c.sending.Unlock()
	defer func() {
		if cause := recover(); cause != nil {
			c.warn("Copies of the log could not be sent.", "panic", cause)
		}
	}()
	c.mu.Lock()
	to, text := c.to, c.digest.text()
	c.digest = digest{}
	c.mu.Unlock()
	if text == "" {
		return false
	}
	for _, name := range to {
		select {
		case <-stop:
			return true
		default:
		}
		id, err := c.sender.UserID(name)
		if err != nil {
			c.tellUnknown(name, err)
			continue
		}
		if err := c.sender.SendDirect(id, text); err != nil {
			c.warn("A copy of the log could not be sent.", "user_id", id, "error", err.Error())
		}
	}
	return true
}

// Check warns of recipients that do not exist, so that it is not learned with the first error.
func (c *Copier) Check() {
	c.mu.Lock()
	to := c.to
	c.mu.Unlock()
	for _, name := range to {
		if _, err := c.sender.UserID(name); err != nil {
			c.tellUnknown(name, err)
		}
	}
}

func (c *Copier) tellUnknown(name string, err error) {
	c.mu.Lock()
	logged := c.unknown[name]
	c.unknown[name] = true
	c.mu.Unlock()
	if !logged {
		what := "user_name"
		if model.IsValidId(name) {
			what = "user_id"
		}
		c.warn("Copies of the log cannot be sent to a user: the user does not exist or is deactivated. Correct the setting \"Send copies of the plugin's log to\".",
			what, name, "error", err.Error())
	}
}

func wait(ctx context.Context, wake <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return true
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
