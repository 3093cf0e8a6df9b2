//go:build store

package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func TestExport_ChannelPostsInPages(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		channel, author := model.NewId(), model.NewId()
		s.sql(t, "INSERT INTO Users (Id, Username, Email) VALUES (?, 'exporter', 'exporter@example.com')", author)
		var want []string
		for n := range 25 { // five to a millisecond
			want = append(want, s.addPost(t, channel, author, int64(1000+n/5), 0, `{"a": 1}`))
		}
		s.addPost(t, channel, author, 1002, 2000, "{}")    // deleted
		s.addPost(t, model.NewId(), author, 1002, 0, "{}") // elsewhere
		s.sql(t, "UPDATE Posts SET RootId = ?, Type = 'system_generic', EditAt = 9 WHERE Id = ?", want[0], want[7])
		s.sql(t, "UPDATE Posts SET Props = NULL, Message = NULL, Type = NULL, RootId = NULL, EditAt = NULL WHERE Id = ?", want[8])
		for n, deleteAt := range []int{0, 7, 0} {
			s.sql(t, "INSERT INTO FileInfo (Id, PostId, CreateAt, DeleteAt, Name) VALUES (?, ?, ?, ?, ?)", model.NewId(), want[3], 10+n, deleteAt, fmt.Sprint("file", n))
		}
		for n := range 5 { // the order is that of (CreateAt, Id)
			slices.Sort(want[n*5 : n*5+5])
		}

		var got []app.ChannelPost
		after := app.PostCursor{}
		for {
			page, err := s.Incidents().ChannelPosts(t.Context(), channel, after, 7, 1<<20)
			must(t, err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = app.PostCursor{CreateAt: page[len(page)-1].CreateAt, ID: page[len(page)-1].ID}
		}
		equal(t, "posts", len(got), len(want))
		// Long posts come in shorter pages, and each page has at least one.
		s.sql(t, "UPDATE Posts SET Message = ? WHERE ChannelId = ?", strings.Repeat("x", 1000), channel)
		for maxBytes, n := range map[int]int{1: 1, 2100: 2, 1 << 20: 7} {
			page, err := s.Incidents().ChannelPosts(t.Context(), channel, app.PostCursor{}, 7, maxBytes)
			must(t, err)
			equal(t, "posts of a page", len(page), n)
		}
		for n, p := range got {
			equal(t, "id", p.ID, want[n])
			equal(t, "author", p.Username, "exporter")
			switch {
			case p.Type == "system_generic":
				equal(t, "edited", p.EditAt, 9)
				equal(t, "is an answer", p.RootID != "", true)
			case len(p.Files) > 0:
				equal(t, "files", fmt.Sprint(p.Files), "[file0 file2]")
			}
		}
		equal(t, "answers", slices.ContainsFunc(got, func(p app.ChannelPost) bool { return p.Type != "" }), true)
		equal(t, "with files", slices.ContainsFunc(got, func(p app.ChannelPost) bool { return len(p.Files) == 2 }), true)
	})
}

func TestExport_LatestUpdatesAndEvents(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		inc := create(t, s, newIncident(1))
		var posts []string
		for n := range 4 {
			post := s.addPost(t, inc.ChannelID, "author", int64(100+n), 0, "{}")
			posts = append(posts, post)
			change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5) })
		}
		s.sql(t, "UPDATE Posts SET DeleteAt = 5 WHERE Id = ?", posts[3])
		s.sql(t, "UPDATE Posts SET Message = 'four' WHERE Id = ?", posts[2])
		sizes, err := s.Incidents().StatusUpdateSizes(t.Context(), inc.ID, 2)
		must(t, err)
		equal(t, "sizes", len(sizes), 2)
		equal(t, "newest", sizes[1].ID, posts[2])
		equal(t, "bytes", sizes[1].Bytes, len("four{}"))
		updates, err := s.Incidents().StatusUpdates(t.Context(), inc.ID, []string{posts[2], posts[1], posts[3], model.NewId()})
		must(t, err)
		equal(t, "updates", len(updates), 2)
		equal(t, "older", updates[0].ID, posts[1])
		equal(t, "newer", updates[1].ID, posts[2])
		revisions, err := s.Incidents().EventSizes(t.Context(), inc.ID, 3)
		must(t, err)
		equal(t, "revisions", fmt.Sprint(revisions[0].Revision, revisions[2].Revision), "3 5")
		events, err := s.Incidents().EventsBetween(t.Context(), inc.ID, 3, 5)
		must(t, err)
		before, after := incident.EncodePayload(events[0].Payload)
		equal(t, "bytes of an event", revisions[0].Bytes, len(before)+len(after))
		equal(t, "events", len(events), 3)
		equal(t, "first", events[0].Revision, 3)
		equal(t, "last", events[2].Revision, 5)
		none, err := s.Incidents().EventSizes(t.Context(), model.NewId(), 3)
		must(t, err)
		equal(t, "of an unknown incident", len(none), 0)
	})
}
