//go:build e2e

package e2e

// The statuses of all routes for guests are in the columns "guest" and "stray" of the table in permissions_test.go.

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Guests may not list a team's channels, but they see the incidents to which they were invited, and no others.
func TestGuests_SeeTheirOwnIncidents(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		invited, secret := c.startFromPlaybook(t, private), c.startFromPlaybook(t, private)
		open, joined := c.startFromPlaybook(t, nil), c.startFromPlaybook(t, nil)
		guest := s.newGuest(t, c.team, c.channelOf(t, invited), c.channelOf(t, joined))
		stray := s.newGuest(t, c.team, s.newChannel(t, c.team, model.CHANNEL_PRIVATE))
		stranger := s.newUser(t)

		query := "?team_id=" + c.team.Id + "&member_id="
		for _, status := range []string{"", "&status=active", "&per_page=1&page=1", "&sort=name&direction=desc", "&search_term=incident", "&commander_user_id=" + c.anna.user.Id} {
			var page app.Page
			guest.call(t, "GET", "/incidents"+query+guest.user.Id+status, nil).want(t, 200).decode(t, &page)
			if page.TotalCount != 2 {
				t.Errorf("%s: the guest sees %d incidents, want 2", status, page.TotalCount)
			}
			for _, i := range page.Items {
				if i.ID != invited.ID && i.ID != joined.ID {
					t.Errorf("%s: the guest sees %s", status, i.Name)
				}
			}
		}
		var channels []string
		guest.call(t, "GET", "/incidents/channels"+query+guest.user.Id, nil).want(t, 200).decode(t, &channels)
		slices.Sort(channels)
		want := []string{invited.ChannelID, joined.ChannelID}
		slices.Sort(want)
		if !slices.Equal(channels, want) {
			t.Errorf("channels: %v, want %v (not %s, %s)", channels, want, secret.ChannelID, open.ChannelID)
		}
		var commanders []app.CommanderInfo
		guest.call(t, "GET", "/incidents/commanders"+query+guest.user.Id, nil).want(t, 200).decode(t, &commanders)
		if len(commanders) != 1 || commanders[0].UserID != c.anna.user.Id {
			t.Errorf("commanders: %+v", commanders)
		}
		var one incident.Incident
		guest.call(t, "GET", "/incidents/channel/"+invited.ChannelID, nil).want(t, 200).decode(t, &one)

		for _, path := range []string{"/incidents", "/incidents/channels", "/incidents/commanders"} {
			var empty app.Page
			answer := stray.call(t, "GET", path+query+stray.user.Id, nil).want(t, 200)
			if path == "/incidents" {
				answer.decode(t, &empty)
			}
			if empty.TotalCount != 0 || path != "/incidents" && string(answer.Body) != "[]" {
				t.Errorf("%s: a guest who is in no incident sees %s", path, answer.Body)
			}
			// Nobody else's, nothing without a member, and nothing in a team in which one is not.
			guest.call(t, "GET", path+query+c.anna.user.Id, nil).want(t, 403)
			guest.call(t, "GET", path+"?team_id="+c.team.Id, nil).want(t, 403)
			guest.call(t, "GET", path+"?team_id="+s.newTeam(t).Id+"&member_id="+guest.user.Id, nil).want(t, 403)
			stranger.call(t, "GET", path+query+stranger.user.Id, nil).want(t, 403)
			guest.call(t, "GET", path+query+"nonsense", nil).want(t, 400)
		}
	})
}

func TestGuests_CannotStartByCommand(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	guest := s.newGuest(t, c.team, c.square)
	c.replies(t, guest, c.square, [][2]string{{"/incident start", "may not"}})
}

// Guests are shown the incidents in whose channels they are, and no others, not even public ones.
func TestGuests_ListTheirOwnIncidentsByCommand(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		invited := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = false })
		c.startFromPlaybook(t, nil)
		ended := c.startFromPlaybook(t, nil)
		c.anna.call(t, "PUT", "/incidents/"+ended.ID+"/end", nil).want(t, 200)
		stranger := s.newGuest(t, c.team, c.square)
		c.replies(t, stranger, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}})
		guest := s.newGuest(t, c.team, c.square, c.channelOf(t, invited), c.channelOf(t, ended))
		events := guest.listen(t)
		guest.command(t, c.team, c.square, "/incident list")
		list := events.ephemeral(t).Attachments()
		if len(list) != 1 || list[0].Pretext != "### ~"+c.channelOf(t, invited).Name {
			t.Errorf("the guest is shown %+v", list)
		}
		_, response := c.Admin.RemoveUserFromChannel(invited.ChannelID, guest.user.Id)
		must(t, "remove the guest", response)
		c.replies(t, guest, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}})
	})
}

// A guest may name a commander, but learns nothing about who exists: REST and the command refuse the same with the same words.
func TestGuests_NameCommanders(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, private)
		channel := c.channelOf(t, i)
		left, gone := s.newUser(t), s.newUser(t)
		s.addToTeam(t, c.team, left, gone)
		s.addToChannel(t, channel, c.boris, left, gone)
		_, response := c.Admin.RemoveUserFromChannel(channel.Id, left.user.Id)
		must(t, "remove from the channel", response)
		_, response = c.Admin.UpdateUserActive(gone.user.Id, false)
		must(t, "deactivate", response)
		guest := s.newGuest(t, c.team, channel)

		refusal := ""
		for _, target := range []*model.User{{Id: model.NewId(), Username: "nobody-of-this-name"}, gone.user, left.user, c.clara.user, s.newUser(t).user} {
			text := guest.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": target.Id}).want(t, 403).errorText(t)
			if refusal == "" {
				refusal = text
			}
			if text != refusal {
				t.Errorf("REST answers %q, and %q about an unknown user", text, refusal)
			}
			c.replies(t, guest, channel, [][2]string{{"/incident commander @" + target.Username, refusal}})
		}
		guest.command(t, c.team, channel, "/incident commander @"+c.boris.user.Username)
		if got := c.read(t, i.ID).CommanderUserID; got != c.boris.user.Id {
			t.Errorf("the commander is %s", got)
		}
		// Both ways let a guest of the channel command.
		guest.command(t, c.team, channel, "/incident commander @"+guest.user.Username)
		if got := c.read(t, i.ID).CommanderUserID; got != guest.user.Id {
			t.Errorf("the commander is %s", got)
		}
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": c.anna.user.Id}).want(t, 200)
		guest.call(t, "POST", "/incidents/"+i.ID+"/commander", body{"commander_id": guest.user.Id}).want(t, 200)
	})
}
