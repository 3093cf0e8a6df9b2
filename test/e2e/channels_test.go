//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// here is a start in an existing channel.
func (c *fixture) here(channel *model.Channel, fields body) body {
	with := body{"channel_id": channel.Id}
	for name, value := range fields {
		with[name] = value
	}
	return c.startBody(with)
}

// An incident is run in a channel that is there: nothing of the channel is changed, and the bot says so in it.
func TestChannels_StartInAnExistingOne(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		channel := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna, c.boris)
		before, members := s.channel(t, channel.Id), s.number(t, "SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = '"+channel.Id+"'")
		book := c.newPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = true })
		var made incident.Incident
		c.anna.call(t, "POST", "/incidents", c.here(channel, body{"name": "Here *now*", "playbook_id": book, "description": "Another header"})).want(t, 201).decode(t, &made)
		if made.ChannelID != channel.Id || !made.ExistingChannel || made.Visibility != incident.VisibilityPrivate {
			t.Errorf("started %+v", made)
		}
		after := s.channel(t, channel.Id)
		if after.Header != before.Header || after.DisplayName != before.DisplayName || after.Name != before.Name || after.Type != before.Type ||
			members != s.number(t, "SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = '"+channel.Id+"'") {
			t.Errorf("the channel was %+v and is %+v", before, after)
		}
		if c.anna.said(t, channel.Id, "is run in this channel") != 1 || c.anna.said(t, channel.Id, "only its members see the incident") != 1 {
			t.Error("the bot has not said that the incident is run here, or who sees it")
		}
		// Visibility follows the channel: boris is in it, clara is not.
		c.boris.call(t, "GET", "/incidents/channel/"+channel.Id, nil).want(t, 200)
		c.clara.call(t, "GET", "/incidents/"+made.ID, nil).want(t, 403)
		c.clara.call(t, "GET", "/incidents/channel/"+channel.Id, nil).want(t, 404)

		// Another one only after the end; then the older one is not restarted.
		refused := c.anna.call(t, "POST", "/incidents", c.here(channel, nil)).want(t, 409)
		if !strings.Contains(string(refused.Body), "Here *now*") {
			t.Errorf("the refusal does not name the incident: %s", refused.Body)
		}
		c.anna.call(t, "PUT", "/incidents/"+made.ID+"/end", nil).want(t, 200)
		var second, current incident.Incident
		c.boris.call(t, "POST", "/incidents", c.here(channel, body{"name": "Second", "commander_user_id": c.boris.user.Id})).want(t, 201).decode(t, &second)
		c.anna.call(t, "PUT", "/incidents/"+made.ID+"/restart", nil).want(t, 409)
		c.anna.call(t, "GET", "/incidents/channel/"+channel.Id, nil).want(t, 200).decode(t, &current)
		if current.ID != second.ID {
			t.Errorf("the channel's incident is %s", current.Name)
		}
		var channels []string
		c.anna.call(t, "GET", "/incidents/channels?team_id="+c.team.Id, nil).want(t, 200).decode(t, &channels)
		if len(channels) != 1 || channels[0] != channel.Id {
			t.Errorf("channels %v", channels)
		}
		// Commands mean the ongoing one.
		events := c.anna.listen(t)
		c.anna.command(t, c.team, channel, "/incident end")
		c.anna.submit(t, events.dialog(t), c.team, channel, nil)
		if c.read(t, second.ID).IsActive {
			t.Error("the ongoing incident was not ended")
		}
		c.anna.call(t, "PUT", "/incidents/"+made.ID+"/restart", nil).want(t, 200)
		s.admin().call(t, "DELETE", "/incidents/"+second.ID+"/everything", body{"name": "Second", "channel": "archive"}).want(t, 409)
		s.admin().call(t, "DELETE", "/incidents/"+second.ID+"/everything", body{"name": "Second", "channel": "leave"}).want(t, 200)
		if s.channel(t, channel.Id).DeleteAt != 0 {
			t.Error("the channel is archived")
		}
	})
}

func TestChannels_StartInAnExistingOneIsRefused(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		elsewhere := s.newTeam(t, c.anna)
		foreign, archived, closed := s.newChannel(t, elsewhere, model.CHANNEL_OPEN, c.anna), s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna), s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
		lowered := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
		_, response := s.Admin.DeleteChannel(archived.Id)
		must(t, "archive a channel", response)
		direct, response := c.anna.CreateDirectChannel(c.anna.user.Id, c.boris.user.Id)
		must(t, "open direct messages", response)
		group, response := c.anna.CreateGroupChannel([]string{c.anna.user.Id, c.boris.user.Id, c.clara.user.Id})
		must(t, "open group messages", response)
		// In this channel anna has no more rights than a guest.
		s.exec(t, "UPDATE ChannelMembers SET SchemeUser = false, SchemeGuest = true WHERE ChannelId = '"+lowered.Id+"' AND UserId = '"+c.anna.user.Id+"'")
		s.hearOfOthers()
		posts := s.count(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId IN ('"+closed.Id+"', '"+lowered.Id+"', '"+archived.Id+"')")
		for _, x := range []struct {
			what   string
			who    *person
			body   body
			status int
		}{
			{"direct messages", c.anna, c.here(direct, nil), 400}, {"group messages", c.anna, c.here(group, nil), 400},
			{"another team", c.anna, c.here(foreign, nil), 400}, {"archived", c.anna, c.here(archived, nil), 409},
			{"not a member", c.boris, c.here(closed, body{"commander_user_id": c.boris.user.Id}), 404},
			{"no right", c.anna, c.here(lowered, nil), 403},
			{"commander not in it", c.anna, c.here(closed, body{"commander_user_id": c.boris.user.Id}), 403},
			{"bad name", c.anna, c.here(closed, body{"name": " "}), 400},
		} {
			if answer := x.who.call(t, "POST", "/incidents", x.body); answer.Status != x.status {
				t.Errorf("%s: %d %s, want %d", x.what, answer.Status, answer.Body, x.status)
			}
		}
		if n := s.count(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId IN ('"+closed.Id+"', '"+lowered.Id+"', '"+archived.Id+"')"); n != posts {
			t.Errorf("%d posts were left in the channels", n-posts)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+c.team.Id+"'"); n != 0 {
			t.Errorf("%d incidents are left", n)
		}
		if s.channel(t, closed.Id).DeleteAt+s.channel(t, lowered.Id).DeleteAt != 0 {
			t.Error("a channel was archived by a start that failed")
		}
		s.admin().call(t, "POST", "/incidents", c.here(closed, nil)).want(t, 201) // who administers the server may everywhere
	})
}

func TestChannels_TwoStartsAtOnceInOneChannel(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		answers := make([]*reply, 4)
		var wait sync.WaitGroup
		for n := range answers {
			wait.Go(func() { answers[n] = c.anna.call(t, "POST", "/incidents", c.here(c.square, nil)) })
		}
		wait.Wait()
		started := 0
		for _, answer := range answers {
			if answer.Status == 201 {
				started++
			} else {
				answer.want(t, 409)
			}
		}
		if started != 1 || c.anna.said(t, c.square.Id, "is run in this channel") != 1 {
			t.Errorf("%d were started", started)
		}
		if s.channel(t, c.square.Id).DeleteAt != 0 {
			t.Error("the channel was archived")
		}
	})
}

// The dialog offers the channel only where the user may start in it, and then starts there.
func TestChannels_DialogOffersThePresentOne(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.newPlaybook(t, nil)
		fields := c.fields(book, "By dialog")
		fields["incidentChannel"] = "this"
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.square, "/incident start")
		dialog := events.dialog(t)
		if e := element(t, dialog, "incidentChannel"); e.Default != "new" || !strings.Contains(e.HelpText, "the whole team sees") {
			t.Errorf("offered %+v", e)
		}
		if answer := c.anna.submit(t, dialog, c.team, c.square, fields); answer != nil && (answer.Error != "" || len(answer.Errors) > 0) {
			t.Fatalf("refused %+v", answer)
		}
		var current incident.Incident
		c.anna.call(t, "GET", "/incidents/channel/"+c.square.Id, nil).want(t, 200).decode(t, &current)
		if current.Name != "By dialog" || !current.ExistingChannel {
			t.Errorf("started %+v", current)
		}
		// It is ongoing now, so the channel is not offered again, and a dialog that has offered it is refused.
		c.anna.command(t, c.team, c.square, "/incident start")
		for _, e := range events.dialog(t).Dialog.Elements {
			if e.Name == "incidentChannel" {
				t.Error("the channel is offered again")
			}
		}
	})
}
