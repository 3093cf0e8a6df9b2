//go:build store

package timeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestMessage_KeepsBothVersionsAndOutlivesThePost(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		said := w.now
		postID := w.post(w.inc.ChannelID, w.boris, "The *disk* is full 🔥", "{}")
		w.attach(postID, "df.txt", "100%", 4)
		w.attach(postID, "core.bin", "x", MaxHashedFile+1)
		w.now += 5000
		e := w.add(w.anna, `{"post_id":"`+postID+`"}`)
		sum := sha256.Sum256([]byte("100%"))
		equal(t, "kind", e.Kind, Message)
		equal(t, "text", e.Text, "The *disk* is full 🔥")
		equal(t, "author", e.AuthorID, w.boris)
		equal(t, "name", e.AuthorName, "boris"+w.boris[:6])
		equal(t, "added by", e.AddedByID, w.anna)
		equal(t, "times", fmt.Sprint(e.HappenedAt, e.RecordedAt), fmt.Sprint(said, w.now))
		equal(t, "files", fmt.Sprint(len(e.Files), e.Files[0].Name, e.Files[0].SHA256), fmt.Sprint(2, "df.txt", hex.EncodeToString(sum[:])))
		equal(t, "long file", fmt.Sprint(e.Files[1].Name, e.Files[1].SHA256, len(w.fetched)), fmt.Sprint("core.bin", "", 1))
		equal(t, "source", *e.Source, Source{PostID: postID, ChannelID: w.inc.ChannelID})
		equal(t, "published", w.published[len(w.published)-1].ID, e.ID)

		// An edit is followed with the next reading, once.
		w.editPost(postID, "The disk was never full")
		for range 2 {
			got := w.list(w.carla, "kind=message").Items[0]
			equal(t, "text", got.Text, "The disk was never full")
			equal(t, "original", got.Original.Text, e.Text)
			equal(t, "version", got.Version, 2)
			equal(t, "edited", fmt.Sprint(got.EditedAt, got.EditedByID), fmt.Sprint(w.now, w.boris))
		}
		// Where Mattermost tells of the edit, it is followed at once.
		w.editPost(postID, "The disk was full for a moment")
		w.line.followEdit(t.Context(), &model.Post{Id: postID}, nil)
		equal(t, "published", w.published[len(w.published)-1].Text, "The disk was full for a moment")
		w.line.followEdit(t.Context(), &model.Post{Id: model.NewId()}, nil)
		versions := w.entry(w.boris, e.ID).Versions
		equal(t, "versions", len(versions), 3)
		equal(t, "actions", string(versions[0].Action+" "+versions[1].Action+" "+versions[2].Action), "added post_edited post_edited")
		equal(t, "texts", versions[0].Text+"|"+versions[1].Text+"|"+versions[2].Text, e.Text+"|The disk was never full|The disk was full for a moment")

		for n, destroy := range []string{"UPDATE Posts SET DeleteAt = 5, Message = '' WHERE Id = ?", "DELETE FROM Posts WHERE Id = ?"} {
			w.sql(destroy, postID)
			if n == 1 {
				w.sql("DELETE FROM FileInfo WHERE PostId = ?", postID)
			}
			got := w.list(w.anna, "kind=message").Items[0]
			equal(t, "text", got.Text, "The disk was full for a moment")
			equal(t, "original", got.Original.Text, e.Text)
			equal(t, "gone", got.Source.Gone, true)
			equal(t, "files", len(got.Files), 2)
			equal(t, "version", got.Version, 3)
		}
	})
}

// Bots and webhooks often write nothing but attachments.
func TestMessage_OfAWebhook(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		postID := w.post(w.inc.ChannelID, w.boris, "", `{"override_username":"Alarm","attachments":[{"title":"CPU","text":"99%","fields":[{"title":"Host","value":"db1"}]}]}`)
		e := w.add(w.anna, `{"post_id":"`+postID+`","starred":true}`)
		equal(t, "text", e.Text, "CPU\n99%\nHost: db1")
		equal(t, "name", e.AuthorName, "Alarm")
		equal(t, "star", e.Starred, true)
		w.editPost(postID, "cleared")
		equal(t, "edited", w.entry(w.anna, e.ID).Text, "cleared\nCPU\n99%\nHost: db1")
	})
}

func TestMessage_IsAddedOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		postID := w.post(w.inc.ChannelID, w.boris, "It broke.", "{}")
		body := `{"post_id":"` + postID + `"}`
		e := w.add(w.anna, body)
		again := decoded[Entry](w, w.do(w.boris, "POST", "", body, 200))
		equal(t, "the same", again.ID, e.ID)
		equal(t, "added by", again.AddedByID, w.anna)
		w.do(w.boris, "DELETE", "/"+e.ID, "", 200)
		other := w.add(w.boris, body)
		equal(t, "a new one", other.ID != e.ID, true)
		equal(t, "entries", w.count("SELECT COUNT(*) FROM IR_TimelineEntry"), 2)
	})
}

func TestManual_VersionsAndMark(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		at := w.now - 3600_000
		e := w.add(w.anna, fmt.Sprintf(`{"text":"  Called the provider. ","happened_at":%d}`, at))
		equal(t, "text", e.Text, "Called the provider.")
		equal(t, "times", fmt.Sprint(e.HappenedAt, e.RecordedAt), fmt.Sprint(at, w.now))
		w.now += 1000
		path := "/" + e.ID
		got := decoded[Entry](w, w.do(w.boris, "PATCH", path, fmt.Sprintf(`{"text":"Called them twice.","happened_at":%d,"version":1}`, at+60_000), 200))
		equal(t, "edited", fmt.Sprint(got.Text, got.HappenedAt-at, got.Version, got.EditedAt, got.EditedByID), fmt.Sprint("Called them twice.", 60_000, 2, w.now, w.boris))
		equal(t, "original", *got.Original, Original{"Called the provider.", at})
		w.refused(w.anna, "PATCH", path, `{"text":"Mine","version":1}`, 409, "timeline.outdated")
		same := decoded[Entry](w, w.do(w.anna, "PATCH", path, `{"text":"Called them twice.","starred":false}`, 200))
		equal(t, "nothing changed", same.Version, 2)
		equal(t, "starred", decoded[Entry](w, w.do(w.anna, "PATCH", path, `{"starred":true}`, 200)).Version, 3)
		published := len(w.published)
		mark := decoded[Entry](w, w.do(w.boris, "DELETE", path, "", 200))
		equal(t, "mark", fmt.Sprint(mark.DeletedAt, mark.DeletedByID, mark.Text, mark.Original == nil), fmt.Sprint(w.now, w.boris, "", true))
		equal(t, "published", len(w.published), published+1)
		equal(t, "without text", w.published[published].Text, "")
		w.now += 1000
		equal(t, "again", decoded[Entry](w, w.do(w.anna, "DELETE", path, "", 200)).DeletedByID, w.boris)
		equal(t, "published", len(w.published), published+1)
		w.refused(w.anna, "PATCH", path, `{"text":"Back"}`, 409, "timeline.deleted")
		listed := w.list(w.carla, "kind=manual").Items
		equal(t, "listed", fmt.Sprint(len(listed), listed[0].Text, listed[0].DeletedByID), fmt.Sprint(1, "", w.boris))
		// The trace is whole. What was said is for administrators only.
		for user, text := range map[string]string{w.anna: "", w.dora: "Called them twice."} {
			versions := w.entry(user, e.ID).Versions
			equal(t, "versions", len(versions), 4)
			equal(t, "last", fmt.Sprint(versions[3].Action, versions[3].ActorID, versions[3].Text), fmt.Sprint("deleted", w.boris, text))
			equal(t, "second", fmt.Sprint(versions[1].Action, versions[1].ActorID, versions[1].Text), fmt.Sprint("edited", w.boris, text))
			equal(t, "third", fmt.Sprint(versions[2].Action, versions[2].Text), fmt.Sprint("starred", text))
		}
	})
}

// Own events and status updates are the incident's record, messages what somebody said: they have stars, and are not edited.
func TestRecord_IsOnlyStarred(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		event := w.change(w.boris, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(w.boris) })
		equal(t, "not sent again", len(w.published), 0)
		w.now += 1000
		postID := w.post(w.inc.ChannelID, w.anna, "All is well.", "{}")
		w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(postID, 0, w.now) })
		message := w.add(w.anna, `{"post_id":"`+w.post(w.inc.ChannelID, w.boris, "Hm.", "{}")+`"}`)
		update := w.list(w.anna, "kind=update").Items[0]
		equal(t, "update", fmt.Sprint(update.Text, update.AuthorID, update.HappenedAt), fmt.Sprint("All is well.", w.anna, w.now))
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
		equal(t, "starred", len(stars), 3)
		equal(t, "own event", fmt.Sprint(stars[0].ID, stars[0].Event.Type, stars[0].Version), fmt.Sprint(event.ID, "commander_changed", 3))
		versions := w.entry(w.anna, event.ID).Versions
		equal(t, "versions", fmt.Sprint(len(versions), versions[0].Action, versions[0].ActorID, versions[1].Action), fmt.Sprint(3, "starred", w.boris, "unstarred"))
		// A status update is not added as a message.
		again := decoded[Entry](w, w.do(w.anna, "POST", "", `{"post_id":"`+postID+`"}`, 200))
		equal(t, "the update", again.ID, update.ID)
		w.sql("DELETE FROM Posts WHERE Id = ?", postID)
		equal(t, "text", w.list(w.carla, "kind=update").Items[0].Text, "All is well.")
	})
}

// Updates from before the timeline are stored once by whoever comes first: the nodes in the background, or a reader.
func TestUpdates_FromBeforeTheTimeline(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		var posts []string
		for n := range 3 {
			w.now += 1000
			posts = append(posts, w.post(w.inc.ChannelID, w.boris, fmt.Sprint("Update ", n), "{}"))
			_, err := w.store.Incidents().Update(t.Context(), updateRequest(w), func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(posts[n], 0, w.now) })
			must(t, err)
		}
		elsewhere := w.post(w.channel(model.CHANNEL_PRIVATE, "secret"), w.boris, "Secret", "{}")
		for _, id := range []string{elsewhere, "no id", strings.Repeat("x", 26)} { // as version 1.2.0 lets clients store
			w.sql("INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", w.inc.ID, id)
		}
		w.sql("DELETE FROM Posts WHERE Id = ?", posts[0])
		w.sql("UPDATE Posts SET DeleteAt = 7 WHERE Id = ?", posts[1])
		w.line.recorded.Store(false)
		items := w.list(w.anna, "kind=update").Items
		equal(t, "updates", len(items), 3)
		for n, e := range items {
			text := map[bool]string{true: "Update 2"}[n == 2]
			equal(t, "update", fmt.Sprint(e.Text, e.AuthorID, e.Source.Gone, e.Source.Lost), fmt.Sprint(text, w.boris, n < 2, n < 2))
		}
		published := len(w.published)
		for range 2 {
			must(t, w.newTimeline().recordAllUpdates(t.Context()))
		}
		equal(t, "nothing new", len(w.published), published)
		equal(t, "entries", w.count("SELECT COUNT(*) FROM IR_TimelineEntry WHERE Kind = 'update' AND IncidentID = ?", w.inc.ID), 3)
	})
}
