//go:build store

package timeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestMessage_KeepsBothVersionsAndOutlivesThePost(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		said := w.now
		postID := w.post(w.inc.ChannelID, w.boris, "The *disk* is full 🔥", "{}")
		w.attach(postID, "df.txt", "100%", 4)
		w.attach(postID, "core.bin", "x", MaxHashedFile+1)
		w.now += 5000
		e := w.add(w.anna, `{"post_id":"`+postID+`"}`)
		sum := sha256.Sum256([]byte("100%"))
		assert.Equal(t, Message, e.Kind, "kind")
		assert.Equal(t, "The *disk* is full 🔥", e.Text, "text")
		assert.Equal(t, w.boris, e.AuthorID, "author")
		assert.Equal(t, "boris"+w.boris[:6], e.AuthorName, "name")
		assert.Equal(t, w.anna, e.AddedByID, "added by")
		assert.Equal(t, fmt.Sprint(said, w.now), fmt.Sprint(e.HappenedAt, e.RecordedAt), "times")
		assert.Equal(t, fmt.Sprint(2, "df.txt", hex.EncodeToString(sum[:])), fmt.Sprint(len(e.Files), e.Files[0].Name, e.Files[0].SHA256), "files")
		assert.Equal(t, fmt.Sprint("core.bin", "", 1), fmt.Sprint(e.Files[1].Name, e.Files[1].SHA256, len(w.fetched)), "long file")
		assert.Equal(t, Source{PostID: postID, ChannelID: w.inc.ChannelID}, *e.Source, "source")
		assert.Equal(t, e.ID, w.published[len(w.published)-1].ID, "published")

		// An edit is followed with the next reading, once.
		w.editPost(postID, "The disk was never full")
		for range 2 {
			got := w.list(w.carla, "kind=message").Items[0]
			assert.Equal(t, "The disk was never full", got.Text, "text")
			assert.Equal(t, e.Text, got.Original.Text, "original")
			assert.EqualValues(t, 2, got.Version, "version")
			assert.Equal(t, fmt.Sprint(w.now, w.boris), fmt.Sprint(got.EditedAt, got.EditedByID), "edited")
		}
		// Where Mattermost tells of the edit, it is followed at once.
		w.editPost(postID, "The disk was full for a moment")
		w.line.followEdit(t.Context(), &model.Post{Id: postID}, nil)
		assert.Equal(t, "The disk was full for a moment", w.published[len(w.published)-1].Text, "published")
		w.line.followEdit(t.Context(), &model.Post{Id: model.NewId()}, nil)
		versions := w.entry(w.boris, e.ID).Versions
		assert.Equal(t, 3, len(versions), "versions")
		assert.Equal(t, "added post_edited post_edited", string(versions[0].Action+" "+versions[1].Action+" "+versions[2].Action), "actions")
		assert.Equal(t, e.Text+"|The disk was never full|The disk was full for a moment", versions[0].Text+"|"+versions[1].Text+"|"+versions[2].Text, "texts")

		for n, destroy := range []string{"UPDATE Posts SET DeleteAt = 5, Message = '' WHERE Id = ?", "DELETE FROM Posts WHERE Id = ?"} {
			w.sql(destroy, postID)
			if n == 1 {
				w.sql("DELETE FROM FileInfo WHERE PostId = ?", postID)
			}
			got := w.list(w.anna, "kind=message").Items[0]
			assert.Equal(t, "The disk was full for a moment", got.Text, "text")
			assert.Equal(t, e.Text, got.Original.Text, "original")
			assert.True(t, got.Source.Gone, "gone")
			assert.Equal(t, 2, len(got.Files), "files")
			assert.EqualValues(t, 3, got.Version, "version")
		}
	})
}

// Bots and webhooks often write nothing but attachments.
func TestMessage_OfAWebhook(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		postID := w.post(w.inc.ChannelID, w.boris, "", `{"override_username":"Alarm","attachments":[{"title":"CPU","text":"99%","fields":[{"title":"Host","value":"db1"}]}]}`)
		e := w.add(w.anna, `{"post_id":"`+postID+`","starred":true}`)
		assert.Equal(t, "CPU\n99%\nHost: db1", e.Text, "text")
		assert.Equal(t, "Alarm", e.AuthorName, "name")
		assert.True(t, e.Starred, "star")
		w.editPost(postID, "cleared")
		assert.Equal(t, "cleared\nCPU\n99%\nHost: db1", w.entry(w.anna, e.ID).Text, "edited")
	})
}

func TestMessage_IsAddedOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		postID := w.post(w.inc.ChannelID, w.boris, "It broke.", "{}")
		body := `{"post_id":"` + postID + `"}`
		e := w.add(w.anna, body)
		again := decoded[Entry](w, w.do(w.boris, "POST", "", body, 200))
		assert.Equal(t, e.ID, again.ID, "the same")
		assert.Equal(t, w.anna, again.AddedByID, "added by")
		w.do(w.boris, "DELETE", "/"+e.ID, "", 200)
		other := w.add(w.boris, body)
		assert.True(t, other.ID != e.ID, "a new one")
		assert.Equal(t, 2, w.count("SELECT COUNT(*) FROM IR_TimelineEntry"), "entries")
	})
}

func TestManual_VersionsAndMark(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		at := w.now - 3600_000
		e := w.add(w.anna, fmt.Sprintf(`{"text":"  Called the provider. ","happened_at":%d}`, at))
		assert.Equal(t, "Called the provider.", e.Text, "text")
		assert.Equal(t, fmt.Sprint(at, w.now), fmt.Sprint(e.HappenedAt, e.RecordedAt), "times")
		w.now += 1000
		path := "/" + e.ID
		got := decoded[Entry](w, w.do(w.boris, "PATCH", path, fmt.Sprintf(`{"text":"Called them twice.","happened_at":%d,"version":1}`, at+60_000), 200))
		assert.Equal(t, fmt.Sprint("Called them twice.", 60_000, 2, w.now, w.boris), fmt.Sprint(got.Text, got.HappenedAt-at, got.Version, got.EditedAt, got.EditedByID), "edited")
		assert.Equal(t, Original{"Called the provider.", at}, *got.Original, "original")
		w.refused(w.anna, "PATCH", path, `{"text":"Mine","version":1}`, 409, "timeline.outdated")
		same := decoded[Entry](w, w.do(w.anna, "PATCH", path, `{"text":"Called them twice.","starred":false}`, 200))
		assert.EqualValues(t, 2, same.Version, "nothing changed")
		assert.EqualValues(t, 3, decoded[Entry](w, w.do(w.anna, "PATCH", path, `{"starred":true}`, 200)).Version, "starred")
		published := len(w.published)
		mark := decoded[Entry](w, w.do(w.boris, "DELETE", path, "", 200))
		assert.Equal(t, fmt.Sprint(w.now, w.boris, "", true), fmt.Sprint(mark.DeletedAt, mark.DeletedByID, mark.Text, mark.Original == nil), "mark")
		assert.Equal(t, published+1, len(w.published), "published")
		assert.Equal(t, "", w.published[published].Text, "without text")
		w.now += 1000
		assert.Equal(t, w.boris, decoded[Entry](w, w.do(w.anna, "DELETE", path, "", 200)).DeletedByID, "again")
		assert.Equal(t, published+1, len(w.published), "published")
		w.refused(w.anna, "PATCH", path, `{"text":"Back"}`, 409, "timeline.deleted")
		listed := w.list(w.carla, "kind=manual").Items
		assert.Equal(t, fmt.Sprint(1, "", w.boris), fmt.Sprint(len(listed), listed[0].Text, listed[0].DeletedByID), "listed")
		// The trace is whole. What was said is for administrators only.
		for user, text := range map[string]string{w.anna: "", w.dora: "Called them twice."} {
			versions := w.entry(user, e.ID).Versions
			assert.Equal(t, 4, len(versions), "versions")
			assert.Equal(t, fmt.Sprint("deleted", w.boris, text), fmt.Sprint(versions[3].Action, versions[3].ActorID, versions[3].Text), "last")
			assert.Equal(t, fmt.Sprint("edited", w.boris, text), fmt.Sprint(versions[1].Action, versions[1].ActorID, versions[1].Text), "second")
			assert.Equal(t, fmt.Sprint("starred", text), fmt.Sprint(versions[2].Action, versions[2].Text), "third")
		}
	})
}

// Own events and status updates are the incident's record, messages what somebody said: they have stars, and are not edited.
func TestRecord_IsOnlyStarred(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		event := w.change(w.boris, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(w.boris) })
		assert.Equal(t, 0, len(w.published), "not sent again")
		w.now += 1000
		postID := w.post(w.inc.ChannelID, w.anna, "All is well.", "{}")
		w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(postID, 0, w.now) })
		message := w.add(w.anna, `{"post_id":"`+w.post(w.inc.ChannelID, w.boris, "Hm.", "{}")+`"}`)
		update := w.list(w.anna, "kind=update").Items[0]
		assert.Equal(t, fmt.Sprint("All is well.", w.anna, w.now), fmt.Sprint(update.Text, update.AuthorID, update.HappenedAt), "update")
		for id, code := range map[string]string{event.ID: "timeline.record", update.ID: "timeline.record", message.ID: "timeline.message"} {
			w.refused(w.anna, "PATCH", "/"+id, `{"text":"Another"}`, 409, code)
			w.refused(w.anna, "PATCH", "/"+id, `{"happened_at":1796110560}`, 400, "input.invalid")
			for _, star := range []bool{true, true, false, true} {
				w.do(w.boris, "PATCH", "/"+id, fmt.Sprintf(`{"starred":%v}`, star), 200)
			}
		}
		for _, id := range []string{event.ID, update.ID} {
			w.refused(w.anna, "DELETE", "/"+id, "", 409, "timeline.record")
		}
		stars := w.list(w.carla, "starred=true").Items
		assert.Equal(t, 3, len(stars), "starred")
		assert.Equal(t, fmt.Sprint(event.ID, "commander_changed", 3), fmt.Sprint(stars[0].ID, stars[0].Event.Type, stars[0].Version), "own event")
		versions := w.entry(w.anna, event.ID).Versions
		assert.Equal(t, fmt.Sprint(3, "starred", w.boris, "unstarred"), fmt.Sprint(len(versions), versions[0].Action, versions[0].ActorID, versions[1].Action), "versions")
		// A status update is not added as a message.
		again := decoded[Entry](w, w.do(w.anna, "POST", "", `{"post_id":"`+postID+`"}`, 200))
		assert.Equal(t, update.ID, again.ID, "the update")
		w.sql("DELETE FROM Posts WHERE Id = ?", postID)
		assert.Equal(t, "All is well.", w.list(w.carla, "kind=update").Items[0].Text, "text")
	})
}

// Updates from before the timeline are stored once, by a node in the background or by a reader.
func TestUpdates_FromBeforeTheTimeline(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		var posts []string
		for n := range 3 {
			w.now += 1000
			posts = append(posts, w.post(w.inc.ChannelID, w.boris, fmt.Sprint("Update ", n), "{}"))
			_, err := w.store.Incidents().Update(t.Context(), updateRequest(w), func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(posts[n], 0, w.now) })
			require.NoError(t, err)
		}
		elsewhere := w.post(w.channel(model.CHANNEL_PRIVATE, "secret"), w.boris, "Secret", "{}")
		for _, id := range []string{elsewhere, "no id", strings.Repeat("x", 26)} { // as version 1.2.0 lets clients store
			w.sql("INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", w.inc.ID, id)
		}
		w.sql("DELETE FROM Posts WHERE Id = ?", posts[0])
		w.sql("UPDATE Posts SET DeleteAt = 7 WHERE Id = ?", posts[1])
		w.line.recorded.Store(false)
		items := w.list(w.anna, "kind=update").Items
		assert.Equal(t, 3, len(items), "updates")
		for n, e := range items {
			text := map[bool]string{true: "Update 2"}[n == 2]
			assert.Equal(t, fmt.Sprint(text, w.boris, n < 2, n < 2), fmt.Sprint(e.Text, e.AuthorID, e.Source.Gone, e.Source.Lost), "update")
		}
		published := len(w.published)
		for range 2 {
			require.NoError(t, w.newTimeline().recordAllUpdates(t.Context()))
		}
		assert.Equal(t, published, len(w.published), "nothing new")
		assert.Equal(t, 3, w.count("SELECT COUNT(*) FROM IR_TimelineEntry WHERE Kind = 'update' AND IncidentID = ?", w.inc.ID), "entries")
	})
}
