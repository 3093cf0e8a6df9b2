package logcopy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var levels = []string{"debug", "info", "warn", "error"}

// sender notes what is sent. The user "nobody" does not exist.
type sender struct {
	mu    sync.Mutex
	sent  map[string][]string
	hangs bool
	fails error
}

func (s *sender) UserID(name string) (string, error) {
	if name == "nobody" {
		return "", errors.New("no such user")
	}
	return "id-" + name, nil
}

func (s *sender) SendDirect(id, text string) error {
	if s.hangs {
		time.Sleep(time.Hour)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent == nil {
		s.sent = map[string][]string{}
	}
	s.sent[id] = append(s.sent[id], text)
	return s.fails
}

func (s *sender) to(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.sent[id]...)
}

// warnings are what went wrong with copies.
type warnings struct {
	mu    sync.Mutex
	lines []string
}

func (w *warnings) add(msg string, pairs ...interface{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, msg+fmt.Sprint(pairs...))
}

func (w *warnings) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.lines...)
}

// in runs a test with a clock of its own, on which nothing takes time.
func in(t *testing.T, test func(t *testing.T, c *Copier, s *sender, warned *warnings)) {
	synctest.Test(t, func(t *testing.T) {
		s, warned := &sender{}, &warnings{}
		c := New(s, levels, warned.add)
		c.Configure([]string{"anna", "boris"}, 2)
		ctx, cancel := context.WithCancel(t.Context())
		go c.Run(ctx)
		test(t, c, s, warned)
		cancel()
		synctest.Wait()
	})
}

func TestAFloodIsOneMessageAMinute(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, _ *warnings) {
		for n := range 600 { // ten a second, for a minute
			c.Add(3, fmt.Sprint("line ", n%100), nil)
			time.Sleep(100 * time.Millisecond)
		}
		require.Len(t, s.to("id-anna"), 1)
		time.Sleep(3 * time.Second)
		for _, user := range []string{"id-anna", "id-boris"} {
			require.Len(t, s.to(user), 2, user)
		}
		assert.Contains(t, s.to("id-anna")[0], "**ERROR** line 0")
		assert.Contains(t, s.to("id-anna")[1], "more lines are only in the log.")
		time.Sleep(time.Hour)
		assert.Len(t, s.to("id-anna"), 2, "nothing was logged in between")
	})
}

func TestTheFirstLineDoesNotWaitForAMinute(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, _ *warnings) {
		c.Add(2, "Something is wrong.", []interface{}{"incident_id", "abc", "attempts", 3})
		time.Sleep(gather + time.Second)
		require.Len(t, s.to("id-anna"), 1)
		assert.Regexp(t, `^\d\d:\d\d:\d\d \*\*WARN\*\* Something is wrong\.\n    incident_id: abc\n    attempts: 3$`, s.to("id-anna")[0])
	})
}

func TestRepeatedLinesAreFolded(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, _ *warnings) {
		for n := range 50 {
			c.Add(3, "A request failed", []interface{}{"request_id", fmt.Sprint("request", n), "route", "GET /incidents", "error", "disk full"})
			c.Add(3, "A request failed", []interface{}{"request_id", fmt.Sprint("request", n), "route", "GET /playbooks", "error", "disk full"})
		}
		time.Sleep(time.Minute)
		require.Len(t, s.to("id-anna"), 1)
		assert.Equal(t, 2, strings.Count(s.to("id-anna")[0], "A request failed"))
		assert.Equal(t, 2, strings.Count(s.to("id-anna")[0], "(50 times until"))
	})
}

func TestOnlyTheConfiguredLevelIsCopied(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, _ *warnings) {
		c.Add(0, "debug", nil)
		c.Add(1, "info", nil)
		c.Add(7, "no such level", nil)
		time.Sleep(time.Minute)
		assert.Empty(t, s.to("id-anna"))
		c.Configure([]string{"anna"}, 0)
		c.Add(0, "debug", nil)
		time.Sleep(time.Minute)
		assert.Len(t, s.to("id-anna"), 1)
		assert.Empty(t, s.to("id-boris"))
		c.Add(0, "not sent any more", nil)
		c.Configure(nil, 0)
		c.Add(3, "nobody reads it", nil)
		time.Sleep(time.Minute)
		assert.Len(t, s.to("id-anna"), 1)
	})
}

func TestTextsAreHarmlessAndBounded(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, _ *warnings) {
		c.Add(3, "msg", []interface{}{"error", "@channel **bold** [click](http://evil.example)\n# title", "\x80broken", "\xff", "odd"})
		for n := range 40 {
			c.Add(3, fmt.Sprint("m", n), []interface{}{"error", strings.Repeat("x", 1_000_000), "stack", fmt.Sprint(n) + strings.Repeat("ä\n", 10_000)})
		}
		time.Sleep(time.Minute)
		require.Len(t, s.to("id-anna"), 1)
		text := s.to("id-anna")[0]
		assert.NotContains(t, text, "@channel")
		assert.NotContains(t, text, "**bold**")
		assert.NotContains(t, text, " [click](")
		assert.NotContains(t, text, "\n#")
		assert.LessOrEqual(t, len([]rune(text)), model.POST_MESSAGE_MAX_RUNES_V2)
		assert.Contains(t, text, "more lines are only in the log.")
		assert.True(t, (&model.Post{Message: text}).Message == strings.ToValidUTF8(text, ""))
	})
}

func TestUnknownRecipientsAreLoggedOnce(t *testing.T) {
	in(t, func(t *testing.T, c *Copier, s *sender, warned *warnings) {
		c.Configure([]string{"nobody", "anna"}, 3)
		c.Check()
		for range 3 {
			c.Add(3, "line", nil)
			time.Sleep(time.Minute)
		}
		assert.Len(t, warned.all(), 1)
		assert.Len(t, s.to("id-anna"), 3, "the others get theirs")
		s.mu.Lock()
		s.fails = errors.New("Mattermost does not answer")
		s.mu.Unlock()
		c.Add(3, "line", nil)
		time.Sleep(time.Minute)
		assert.Len(t, warned.all(), 2)
	})
}

func TestClose(t *testing.T) {
	t.Run("sends what is left", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &sender{}
			c := New(s, levels, func(string, ...interface{}) {})
			c.Configure([]string{"anna"}, 3)
			c.Add(3, "the last words", nil)
			c.Close(time.Second)
			require.Len(t, s.to("id-anna"), 1)
			assert.Contains(t, s.to("id-anna")[0], "the last words")
			c.Close(time.Second)
			assert.Len(t, s.to("id-anna"), 1)
		})
	})
	t.Run("does not wait for Mattermost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &sender{hangs: true}
			c := New(s, levels, func(string, ...interface{}) {})
			c.Configure([]string{"anna", "boris"}, 3)
			start := time.Now()
			for range 1000 {
				c.Add(3, "line", nil)
			}
			assert.Equal(t, start, time.Now(), "to note a line waits for nobody")
			c.Close(2 * time.Second)
			assert.Equal(t, 2*time.Second, time.Since(start))
			time.Sleep(2 * time.Hour) // what hangs ends
			assert.Len(t, s.to("id-anna"), 1)
			assert.Empty(t, s.to("id-boris"), "nothing more is sent")
		})
	})
}

func BenchmarkAddWithoutRecipients(b *testing.B) {
	c := New(&sender{}, levels, nil)
	b.ReportAllocs()
	for b.Loop() {
		c.Add(3, "line", nil)
	}
}
