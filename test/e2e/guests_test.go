//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Guests may not list a team's channels, but they see the incidents to which they were invited, and no others.
func TestGuests_SeeTheirOwnIncidents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		invited, secret := c.startFromPlaybook(t, private), c.startFromPlaybook(t, private)
		open, joined := c.startFromPlaybook(t, nil), c.startFromPlaybook(t, nil)
		guest := s.newGuest(t, c.team, c.channelOf(t, invited), c.channelOf(t, joined))
		stray := s.newGuest(t, c.team, s.newChannel(t, c.team, model.CHANNEL_PRIVATE))
		outsider := s.newUser(t)

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
			outsider.call(t, "GET", path+query+outsider.user.Id, nil).want(t, 403)
			guest.call(t, "GET", path+query+"nonsense", nil).want(t, 400)
		}
	})
}
