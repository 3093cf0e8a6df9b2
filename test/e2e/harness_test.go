//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
)

func TestHarness_CommandAnswersAndPostsArrive(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		channel := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
		events := anna.listen(t)

		anna.command(t, team, channel, "/incident nonsense")
		if post := events.ephemeral(t); !strings.Contains(post.Message, "/incident") {
			t.Errorf("the help does not name the command: %s", post.Message)
		}
		anna.command(t, team, channel, "/echo hello")
		events.wait(t, "the echo", func(event *model.WebSocketEvent) bool {
			return event.EventType() == model.WEBSOCKET_EVENT_POSTED && strings.Contains(event.ToJson(), "hello")
		})
		posts := anna.posts(t, channel.Id)
		if last := posts[len(posts)-1]; last.Message != "hello" {
			t.Errorf("the newest post is %q", last.Message)
		}
	})
}

func TestHarness_GuestsAreGuests(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		team := s.newTeam(t)
		open := s.newChannel(t, team, model.CHANNEL_OPEN)
		invited := s.newChannel(t, team, model.CHANNEL_PRIVATE)
		guest := s.newGuest(t, team, invited)

		if _, response := guest.GetChannel(invited.Id, ""); response.Error != nil {
			t.Errorf("a guest cannot read a channel they are in: %v", response.Error)
		}
		if _, response := guest.GetChannel(open.Id, ""); response.StatusCode != 403 {
			t.Errorf("a guest reads a public channel they are not in: %d", response.StatusCode)
		}
		me, response := guest.GetMe("")
		must(t, "who am I", response)
		if !me.IsGuest() {
			t.Errorf("the guest's roles are %q", me.Roles)
		}
		s.anonymous().call(t, "GET", "/incidents?team_id="+team.Id, nil).want(t, 401)
	})
}
