//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// archivable is an incident with what becomes of its channel.
type archivable struct {
	incident.Incident
	Channel struct {
		AfterDays  int64 `json:"archive_after_days"`
		ArchiveAt  int64 `json:"archive_at"`
		ArchivedAt int64 `json:"archived_at"`
	}
}

func (c *fixture) archivable(t *testing.T, id string) (i archivable) {
	t.Helper()
	c.anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &i)
	return i
}

// isArchived waits until the incident's channel is archived, at the time that the incident says.
func (c *fixture) isArchived(t *testing.T, id string) {
	t.Helper()
	var i archivable
	eventually(t, "archived", func() bool { i = c.archivable(t, id); return i.Channel.ArchivedAt != 0 })
	if at := c.channel(t, i.ChannelID).DeleteAt; at != i.Channel.ArchivedAt || i.Channel.ArchiveAt != 0 {
		t.Errorf("the channel was archived at %d, the incident says %+v", at, i.Channel)
	}
}

// isBack wants the incident's channel to be there for messages, and waits until it is told so.
func (c *fixture) isBack(t *testing.T, id string) {
	t.Helper()
	i := c.archivable(t, id)
	if i.Channel.ArchivedAt != 0 || c.channel(t, i.ChannelID).DeleteAt != 0 {
		t.Errorf("not back: %+v", i.Channel)
	}
	c.anna.post(t, &model.Post{ChannelId: i.ChannelID, Message: "We go on."})
	eventually(t, "told", func() bool { return c.anna.said(t, i.ChannelID, "is back because the incident goes on") == 1 })
}

// readsItsChannelsAgain makes Mattermost look up, for a person's connection, of which channels it gets the events. Of archived ones it gets none
// from then on.
func (c *fixture) readsItsChannelsAgain(t *testing.T, p *person, l *listener) {
	t.Helper()
	other := c.newChannel(t, c.team, model.CHANNEL_OPEN, p)
	_, response := c.Admin.CreatePost(&model.Post{ChannelId: other.Id, Message: "Hello."})
	must(t, "post", response)
	l.posted(t, other.Id, "Hello.")
}

// posted waits for the event of a message that contains a text.
func (l *listener) posted(t *testing.T, channelID, text string) {
	t.Helper()
	l.wait(t, text, func(event *model.WebSocketEvent) bool {
		post, _ := event.GetData()["post"].(string)
		return event.EventType() == model.WEBSOCKET_EVENT_POSTED && strings.Contains(post, channelID) && strings.Contains(post, text)
	})
}

// A channel is archived by choice in the dialog of the end, or by the playbook after a warning, and a restart brings it back.
func TestArchivedChannels(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		channel, events := c.channelOf(t, i), c.anna.listen(t)
		s.addToChannel(t, channel, c.boris)
		heard := c.boris.listen(t) // connected all the time
		guest := s.newGuest(t, c.team, channel)
		guest.call(t, "PUT", "/incidents/"+i.ID+"/end", body{"archive_channel": true}).want(t, 403)
		if !c.archivable(t, i.ID).IsActive {
			t.Error("ended although the channel may not be archived")
		}
		c.anna.command(t, c.team, channel, "/incident end")
		d := events.dialog(t)
		if len(d.Dialog.Elements) != 1 || d.Dialog.Elements[0].Name != "archive_channel" {
			t.Errorf("the dialog asks for %+v", d.Dialog.Elements)
		}
		accepted(t, c.anna.submit(t, d, c.team, channel, map[string]any{"archive_channel": true}))
		c.isArchived(t, i.ID)
		c.readsItsChannelsAgain(t, c.boris, heard)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).want(t, 200)
		heard.posted(t, i.ChannelID, "is back because the incident goes on")
		c.isBack(t, i.ID)
		heard.posted(t, i.ChannelID, "We go on.")
		if c.anna.said(t, i.ChannelID, "The channel is archived now.") != 1 {
			t.Error("the end does not say that the channel is archived")
		}
		types := map[incident.EventType]int{}
		for _, e := range s.storedEvents(t, i.ID) {
			types[e.Type()]++
		}
		if types["channel_archived"] != 1 || types["channel_restored"] != 1 {
			t.Errorf("events %v", types)
		}

		book := c.anna.newPlaybook(t, c.team, body{"channel": body{"archive_after_days": 2}}, c.anna)
		later := c.anna.startIncident(t, c.team, "Later", book)
		channel = c.channelOf(t, later)
		where := " FROM IR_Job WHERE Kind = 'channel_archive' AND State = 'waiting' AND IncidentID = '" + later.ID + "'"
		warned := func(times int) {
			t.Helper()
			c.anna.call(t, "PUT", "/incidents/"+later.ID+"/end", nil).want(t, 200)
			if after := c.archivable(t, later.ID); after.Channel.ArchiveAt != after.EndAt+2*24*3600_000 {
				t.Errorf("ended at %d, and %+v", after.EndAt, after.Channel)
			}
			s.exec(t, fmt.Sprintf("UPDATE IR_Job SET NextAttemptAt = 0 WHERE Kind = 'channel_archive' AND IncidentID = '%s'", later.ID))
			eventually(t, "warned", func() bool { return c.anna.said(t, later.ChannelID, "lets the channel be archived at") == times })
		}
		warned(1)
		c.anna.call(t, "PUT", "/incidents/"+later.ID+"/restart", nil).want(t, 200)
		if s.count(t, "SELECT COUNT(*)"+where) != 0 {
			t.Error("a job is left after the restart")
		}
		warned(2)
		s.exec(t, fmt.Sprintf("UPDATE IR_Job SET NextAttemptAt = 0 WHERE Kind = 'channel_archive' AND IncidentID = '%s'", later.ID))
		c.isArchived(t, later.ID)
		c.anna.call(t, "POST", "/incidents/"+later.ID+"/channel/keep", nil).want(t, 409)
		c.anna.call(t, "PUT", "/incidents/"+later.ID+"/restart", nil).want(t, 200)
		c.isBack(t, later.ID)
		c.anna.call(t, "PUT", "/incidents/"+later.ID+"/end", nil).want(t, 200)
		c.anna.command(t, c.team, channel, "/incident channel keep")
		if kept := c.archivable(t, later.ID); kept.Channel.ArchiveAt != 0 || kept.Channel.AfterDays != 0 || s.count(t, "SELECT COUNT(*)"+where) != 0 {
			t.Errorf("not kept: %+v", kept.Channel)
		}
	})
}
