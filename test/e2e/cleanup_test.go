//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// What a crash between the channel and the incident, or between the post and the status update, has left behind is
// removed by any node.
func TestCleanup_AfterACrash(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		orphan := s.newChannel(t, c.team, model.CHANNEL_PRIVATE)
		old := model.GetMillis() - 40_000
		post, response := c.anna.CreatePost(&model.Post{ChannelId: i.ChannelID, Message: "half an update", Props: model.StringInterface{"incident_status": strings.Repeat("a", 26)}})
		must(t, "post", response)
		// Channels of the same name that are not ours: in local mode, and by other plugins, channels are made without a creator.
		other, local := s.newChannel(t, c.team, model.CHANNEL_PRIVATE), s.newChannel(t, c.team, model.CHANNEL_PRIVATE)
		if creator := c.channelOf(t, i).CreatorId; creator != c.bot(t).Id {
			t.Errorf("the incident's channel is marked with %q", creator)
		}
		s.exec(t, "UPDATE Channels SET CreatorId = '"+c.bot(t).Id+"', Header = 'Ours', CreateAt = "+strconv.FormatInt(old+5, 10)+" WHERE Id = '"+orphan.Id+"'")
		s.exec(t, "UPDATE Channels SET CreatorId = '', Header = 'Theirs', CreateAt = "+strconv.FormatInt(old+5, 10)+" WHERE Id = '"+other.Id+"'")
		s.exec(t, "UPDATE Channels SET CreatorId = '', Header = 'Ours', CreateAt = "+strconv.FormatInt(old+5, 10)+" WHERE Id = '"+local.Id+"'")
		s.exec(t, "DELETE FROM ChannelMembers WHERE ChannelId IN ('"+orphan.Id+"', '"+other.Id+"', '"+local.Id+"')")
		for id, row := range map[string]string{
			strings.Repeat("b", 26): "'discard_channel', '', '{\"team_id\":\"" + c.team.Id + "\",\"creator_id\":\"" + c.bot(t).Id + "\",\"names\":[\"" + orphan.Name + "\",\"" + other.Name + "\",\"" + local.Name + "\"],\"type\":\"P\",\"header\":\"Ours\",\"members\":[\"" + c.anna.user.Id + "\"]}'",
			strings.Repeat("a", 26): "'discard_status_post', '" + i.ID + "', '{}'",
		} {
			s.exec(t, "DELETE FROM IR_Job WHERE ID = '"+id+"'")
			at := strconv.FormatInt(old, 10)
			s.exec(t, "INSERT INTO IR_Job (ID, JobKey, Kind, IncidentID, Payload, State, DueAt, NextAttemptAt, CreateAt, LastError) VALUES ('"+
				id+"', '"+id+"', "+row+", 'waiting', "+at+", "+at+", "+at+", '')")
		}
		eventually(t, "the channel is archived and the post deleted", func() bool {
			return s.count(t, "SELECT COUNT(*) FROM Channels WHERE Id = '"+orphan.Id+"' AND DeleteAt <> 0") == 1 &&
				s.count(t, "SELECT COUNT(*) FROM Posts WHERE Id = '"+post.Id+"' AND DeleteAt <> 0") == 1
		})
		if n := len(c.read(t, i.ID).StatusPostIDs); n != 0 {
			t.Errorf("%d status updates are there, want none", n)
		}
		if n := s.count(t, "SELECT COUNT(*) FROM Channels WHERE Id IN ('"+other.Id+"', '"+local.Id+"') AND DeleteAt <> 0"); n != 0 {
			t.Error("somebody else's channel was archived")
		}
	})
}

// A channel that an administrator makes in local mode (mmctl --local), of the name, type and header of one whose start was interrupted a
// moment ago, is not taken for that.
func TestCleanup_LeavesChannelsOfLocalModeAlone(t *testing.T) {
	t.Parallel()                          // it has a server of its own
	dir, err := os.MkdirTemp("", "local") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "mattermost.socket")
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{EnableTesting: true, EnableDeveloper: true,
		Config: map[string]map[string]any{"ServiceSettings": {"EnableLocalMode": true, "LocalModeSocketLocation": socket}}})
	c := s.newFixture(t)
	id, name := strings.Repeat("c", 26), "c"+model.NewId()[:12]
	channel, response := model.NewAPIv4SocketClient(socket).CreateChannel(&model.Channel{TeamId: c.team.Id, Name: name, DisplayName: "Local", Header: "Ours", Type: model.CHANNEL_PRIVATE})
	must(t, "create a channel in local mode", response)
	if channel.CreatorId != "" {
		t.Fatalf("the channel has the creator %q: this test finds nothing", channel.CreatorId)
	}
	at := strconv.FormatInt(model.GetMillis()-31_000, 10)
	s.exec(t, "INSERT INTO IR_Job (ID, JobKey, Kind, IncidentID, Payload, State, DueAt, NextAttemptAt, CreateAt, LastError) VALUES ('"+id+"', '"+id+"', 'discard_channel', '', '{\"team_id\":\""+c.team.Id+
		"\",\"creator_id\":\""+c.bot(t).Id+"\",\"names\":[\""+name+"\"],\"type\":\"P\",\"header\":\"Ours\",\"members\":[\""+c.anna.user.Id+"\"]}', 'waiting', "+at+", "+at+", "+at+", '')")
	eventually(t, "the clean-up has looked", func() bool {
		return s.count(t, "SELECT COUNT(*) FROM IR_Job WHERE ID = '"+id+"' AND Attempts > 0 AND LeasedUntil = 0") == 1
	})
	if now, response := s.Admin.GetChannel(channel.Id, ""); response.Error != nil || now.DeleteAt != 0 {
		t.Errorf("somebody else's channel was archived: %+v %v", now, response.Error)
	}
	// The same channel, made by the plugin, would have been.
	s.exec(t, "UPDATE Channels SET CreatorId = '"+c.bot(t).Id+"' WHERE Id = '"+channel.Id+"'")
	s.exec(t, "UPDATE IR_Job SET NextAttemptAt = 0 WHERE ID = '"+id+"'")
	eventually(t, "the plugin's own channel is archived", func() bool {
		return s.count(t, "SELECT COUNT(*) FROM Channels WHERE Id = '"+channel.Id+"' AND DeleteAt <> 0") == 1
	})
}

// bot is the plugin's bot.
func (c *fixture) bot(t testing.TB) *model.User {
	t.Helper()
	bot, response := c.Admin.GetUserByUsername("incident", "")
	must(t, "the bot", response)
	return bot
}
