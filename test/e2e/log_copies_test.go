//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func (p *person) disable(t testing.TB) {
	t.Helper()
	response, appErr := p.DoApiPost("/plugins/"+p.server.pluginID+"/disable", "")
	if appErr != nil {
		t.Fatal(appErr)
	}
	_ = response.Body.Close()
}

// Repeated refusals and very long requests of a member are not copied to administrators.
func TestLogCopies_RefusalsAreNotCopied(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	s.unharmed(t)
	c := s.newFixture(t)
	i := c.start(t, nil)
	s.setPlugin(t, map[string]any{"logcopiesto": s.admin().user.Username, "logcopieslevel": "info"})
	stranger := s.newUser(t)
	size := len(s.log(t))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 20 {
				stranger.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 403)
			}
		})
	}
	all.Wait()
	long := c.anna.call(t, "PATCH", "/incidents/"+i.ID, `{"active_stage": `+strings.Repeat("1", 1_000_000)+`}`).want(t, 400)
	if len(long.Body) > 4000 {
		t.Errorf("a long number is answered with %d bytes", len(long.Body))
	}
	if grown := len(s.log(t)) - size; grown > 1_000_000 {
		t.Errorf("the log grew by %d bytes", grown)
	}
	time.Sleep(4 * time.Second) // longer than the first copy waits
	if posts := s.admin().direct(t); len(posts) > 0 {
		t.Errorf("the administrator got %d messages, the first is %q", len(posts), posts[0].Message)
	}
}

// combined finds how often something was logged that is told once, at least ten times.
var combined = regexp.MustCompile(`\([1-9]\d times until`)

// Copies are combined into one short message and do not delay a request. The rest is sent when the plugin stops.
func TestLogCopies_AFloodIsOneMessage(t *testing.T) {
	t.Parallel() // it has servers of its own
	for _, keys := range []string{"setting", "1.2.0"} {
		t.Run(keys, func(t *testing.T) {
			t.Parallel()
			s := ownServer(t)
			c := s.newFixture(t)
			i := c.start(t, nil)
			admin := s.admin()
			values := map[string]any{"logcopiesto": "@" + admin.user.Username + ", nobody.at.all", "logcopieslevel": "error"}
			if keys == "1.2.0" { // written by hand
				values = map[string]any{"AllowedUserIDs": []string{admin.user.Id, "abcdefghijklmnopqrstuvwxyz"}, "AdminLogLevel": "warn"}
			}
			s.setPlugin(t, values)
			eventually(t, "the log tells of the unknown user", func() bool { return s.logged(t, `"level":"warn"`, "Copies of the log cannot be sent to a user") })
			s.exec(t, "ALTER TABLE IR_Incident RENAME TO IR_Away")
			for range 40 {
				c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 500)
			}
			c.anna.command(t, c.team, c.square, "/incident end @all **bold** [click](http://evil.example)")
			eventually(t, "a copy arrives", func() bool { return len(admin.direct(t)) > 0 })
			time.Sleep(3 * time.Second)
			for range 5 {
				c.anna.call(t, "GET", "/incidents/"+i.ID+"/metadata", nil).want(t, 500)
			}
			posts := admin.direct(t)
			if len(posts) != 1 {
				t.Fatalf("%d messages", len(posts))
			}
			first := posts[0].Message
			// All 40, or as many as a busy machine has answered until the copy was sent. The rest comes with the last one.
			if !strings.Contains(first, "A request failed") || !combined.MatchString(first) {
				t.Errorf("the first message is %q", first)
			}
			s.admin().disable(t)
			eventually(t, "the last copies arrive", func() bool { return len(admin.direct(t)) == 2 })
			if last := admin.direct(t)[1].Message; !strings.Contains(last, "(5 times until") {
				t.Errorf("the last message is %q", last)
			}
			for _, post := range admin.direct(t) {
				for _, harm := range []string{"@all", " **bold**", " [click]("} {
					if strings.Contains(post.Message, harm) {
						t.Errorf("%q is in %q", harm, post.Message)
					}
				}
			}
			if posts := c.anna.direct(t); len(posts) > 0 {
				t.Errorf("a member got %q", posts[0].Message)
			}
		})
	}
}
