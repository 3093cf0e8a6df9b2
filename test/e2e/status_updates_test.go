//go:build e2e

package e2e

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestStatusUpdates_BroadcastNeedsTheAuthorsPermission(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	wide := s.newChannel(t, c.team, model.CHANNEL_PRIVATE, c.anna)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = wide.Id })
	s.addToChannel(t, c.channelOf(t, i), c.boris)
	c.boris.updateStatus(t, i.ID, "by boris", "0").want(t, 200)
	c.anna.updateStatus(t, i.ID, "by anna", "0").want(t, 200)
	if c.anna.said(t, wide.Id, "by boris") != 0 || c.anna.said(t, wide.Id, "by anna") != 1 {
		t.Error("the broadcast does not follow the author's permission")
	}
	_, response := c.Admin.DeleteChannel(wide.Id)
	must(t, "archive", response)
	c.anna.updateStatus(t, i.ID, "into the archive", "0").want(t, 200)
	if n := s.count(t, "SELECT count(*) FROM Posts WHERE ChannelId = '"+wide.Id+"' AND Message LIKE '%into the archive%'"); n != 0 {
		t.Errorf("%d posts in an archived channel", n)
	}
	if c.anna.said(t, i.ChannelID, "into the archive") != 1 {
		t.Error("the update itself is missing")
	}
}
