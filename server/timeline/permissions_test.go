//go:build store

package timeline

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestPermissions(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		e := w.add(w.anna, `{"text":"It broke."}`)
		entry, event := "/"+e.ID, "/"+w.list(w.anna, "").Items[0].ID
		// Of a public incident everybody in the team may read the timeline; who is not in the channel may not write.
		for _, path := range []string{"", entry, event} {
			w.do(w.carla, "GET", path, "", 200)
		}
		stranger := model.NewId()
		forbidden := func(user string, reading bool) {
			t.Helper()
			for _, x := range []struct{ method, path, body string }{{"POST", "", `{"text":"x"}`}, {"POST", "", `{"text":5}`}, {"POST", "", ``}, {"PATCH", entry, `{"starred":true}`}, {"PATCH", entry, `{}`},
				{"PATCH", event, `{"starred":true}`}, {"DELETE", entry, ``}, {"DELETE", event, ``}, {"PATCH", "/" + stranger, `{}`}} {
				w.refused(user, x.method, x.path, x.body, 403, "incident.forbidden")
			}
			for _, path := range []string{"", "?per_page=x", entry, event, "/" + stranger} {
				if reading {
					w.refused(user, "GET", path, "", 403, "incident.forbidden")
				}
			}
		}
		forbidden(w.carla, false)
		w.sql("UPDATE Channels SET Type = 'P' WHERE Id = ?", w.inc.ChannelID)
		forbidden(w.carla, true)
		w.do(w.dora, "PATCH", event, `{"starred":true}`, 200)
		w.do(w.dora, "GET", "", "", 200)
		// Who leaves has no access with the next request.
		w.sql("DELETE FROM ChannelMembers WHERE UserId = ?", w.boris)
		forbidden(w.boris, true)
		// An incident that does not exist is answered as one that is forbidden.
		w.inc.ID = model.NewId()
		forbidden(w.carla, true)
		for _, method := range []string{"GET", "POST"} {
			w.refused(w.dora, method, "", "", 404, "incident.not_found")
		}
	})
}

// A message of another channel is added only by who may read it, and says where it comes from. All refusals are the same.
func TestMessage_OfAnotherChannel(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		secret, open, direct := w.channel(model.CHANNEL_PRIVATE, "Board"), w.channel(model.CHANNEL_OPEN, "Town Square"), w.channel(model.CHANNEL_DIRECT, "")
		w.join(secret, w.anna)
		w.join(open, w.anna, w.boris)
		w.join(direct, w.anna)
		for channelID, name := range map[string]string{secret: "Board", open: "Town Square", direct: "direct message"} {
			postID := w.post(channelID, w.anna, "We pay.", "{}")
			if channelID != open {
				w.refused(w.boris, "POST", "", `{"post_id":"`+postID+`"}`, 404, "timeline.no_message")
			}
			e := w.add(w.anna, `{"post_id":"`+postID+`"}`)
			assert.Equal(t, Source{PostID: postID, ChannelID: channelID, ChannelName: name}, *e.Source, "source")
			assert.Equal(t, name, w.entry(w.carla, e.ID).Source.ChannelName, "readers see it")
		}
		w.refused(w.boris, "POST", "", `{"post_id":"`+model.NewId()+`"}`, 404, "timeline.no_message")
		gone := w.post(open, w.anna, "Never mind.", "{}")
		w.sql("UPDATE Posts SET DeleteAt = 5 WHERE Id = ?", gone)
		w.refused(w.anna, "POST", "", `{"post_id":"`+gone+`"}`, 404, "timeline.no_message")
		for kind, code := range map[string]string{burnOnRead: "timeline.vanishing", "": "timeline.empty_message"} {
			id := w.post(open, w.anna, "", "{}")
			w.sql("UPDATE Posts SET Type = ? WHERE Id = ?", kind, id)
			w.refused(w.anna, "POST", "", `{"post_id":"`+id+`"}`, map[string]int{burnOnRead: 409, "": 400}[kind], code)
		}
	})
}

// A story is written afterwards, and adding to it changes no incident.
func TestEndedIncident_InAnArchivedChannel(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(w.now) })
		w.sql("UPDATE Channels SET DeleteAt = 5 WHERE Id = ?", w.inc.ChannelID)
		before, err := w.store.Incidents().Get(t.Context(), w.inc.ID)
		require.NoError(t, err)
		e := w.add(w.boris, `{"text":"The cause was found."}`)
		w.do(w.boris, "PATCH", "/"+e.ID, `{"text":"The cause was a certificate.","starred":true}`, 200)
		w.do(w.boris, "DELETE", "/"+e.ID, "", 200)
		after, err := w.store.Incidents().Get(t.Context(), w.inc.ID)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(before.Revision, before.PostRevision), fmt.Sprint(after.Revision, after.PostRevision), "revision")
		assert.Equal(t, 2, w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ?", w.inc.ID), "events")
	})
}
