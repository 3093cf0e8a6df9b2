//go:build store

package export

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// fixture is a database of a host with the plugin's tables.
type fixture struct {
	*testdb.Conn
	store *store.Store
	posts *database
}

// eachDatabase runs a subtest on each kind of database.
func eachDatabase(t *testing.T, test func(t *testing.T, s *fixture)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			s := storetest.Open(t, d, nil)
			f := &fixture{store: s, posts: &database{s}, Conn: d.Connect(t)}
			test(t, f)
		})
	}
}

// start stores an incident.
func (s *fixture) start(t *testing.T) incident.Incident {
	t.Helper()
	inc, _, err := s.store.Incidents().Create(t.Context(), incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: model.NewId(),
		TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1000}, "actor", "", 1000, app.Extensions{})
	require.NoError(t, err)
	return inc
}

func TestExport_ChannelPostsInPages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *fixture) {
		channel, author := model.NewId(), model.NewId()
		s.Exec(t, "INSERT INTO Users (Id, Username, Email) VALUES (?, 'exporter', 'exporter@example.com')", author)
		var want []string
		for n := range 25 { // five to a millisecond
			want = append(want, s.AddPost(t, channel, author, int64(1000+n/5), 0, `{"a": 1}`))
		}
		s.AddPost(t, channel, author, 1002, 2000, "{}")    // deleted
		s.AddPost(t, model.NewId(), author, 1002, 0, "{}") // elsewhere
		s.Exec(t, "UPDATE Posts SET RootId = ?, Type = 'system_generic', EditAt = 9 WHERE Id = ?", want[0], want[7])
		s.Exec(t, "UPDATE Posts SET Props = NULL, Message = NULL, Type = NULL, RootId = NULL, EditAt = NULL WHERE Id = ?", want[8])
		for n, deleteAt := range []int{0, 7, 0} {
			s.Exec(t, "INSERT INTO FileInfo (Id, PostId, CreateAt, DeleteAt, Name) VALUES (?, ?, ?, ?, ?)", model.NewId(), want[3], 10+n, deleteAt, fmt.Sprint("file", n))
		}
		for n := range 5 { // the order is that of (CreateAt, Id)
			slices.Sort(want[n*5 : n*5+5])
		}

		var got []ChannelPost
		after := PostCursor{}
		for {
			page, err := s.posts.ChannelPosts(t.Context(), channel, after, 7, 1<<20)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = PostCursor{CreateAt: page[len(page)-1].CreateAt, ID: page[len(page)-1].ID}
		}
		assert.Equal(t, len(want), len(got), "posts")
		// Long posts come in shorter pages, and each page has at least one.
		s.Exec(t, "UPDATE Posts SET Message = ? WHERE ChannelId = ?", strings.Repeat("x", 1000), channel)
		for maxBytes, n := range map[int]int{1: 1, 2100: 2, 1 << 20: 7} {
			page, err := s.posts.ChannelPosts(t.Context(), channel, PostCursor{}, 7, maxBytes)
			require.NoError(t, err)
			assert.Equal(t, n, len(page), "posts of a page")
		}
		for n, p := range got {
			assert.Equal(t, want[n], p.ID, "id")
			assert.Equal(t, "exporter", p.Username, "author")
			switch {
			case p.Type == "system_generic":
				assert.EqualValues(t, 9, p.EditAt, "edited")
				assert.True(t, p.RootID != "", "is an answer")
			case len(p.Files) > 0:
				assert.Equal(t, "[file0 file2]", fmt.Sprint(p.Files), "files")
			}
		}
		assert.True(t, slices.ContainsFunc(got, func(p ChannelPost) bool { return p.Type != "" }), "answers")
		assert.True(t, slices.ContainsFunc(got, func(p ChannelPost) bool { return len(p.Files) == 2 }), "with files")
	})
}

func TestExport_LatestUpdates(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *fixture) {
		inc := s.start(t)
		var posts []string
		for n := range 4 {
			post := s.AddPost(t, inc.ChannelID, "author", int64(100+n), 0, "{}")
			posts = append(posts, post)
			_, err := s.store.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "actor", At: int64(100 + n)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5) })
			require.NoError(t, err)
		}
		s.Exec(t, "UPDATE Posts SET DeleteAt = 5 WHERE Id = ?", posts[3])
		s.Exec(t, "UPDATE Posts SET Message = 'four' WHERE Id = ?", posts[2])
		sizes, err := s.posts.StatusUpdateSizes(t.Context(), inc.ID, 2)
		require.NoError(t, err)
		assert.Equal(t, 2, len(sizes), "sizes")
		assert.Equal(t, posts[2], sizes[1].ID, "newest")
		assert.Equal(t, len("four{}"), sizes[1].Bytes, "bytes")
		updates, err := s.posts.StatusUpdates(t.Context(), inc.ID, []string{posts[2], posts[1], posts[3], model.NewId()})
		require.NoError(t, err)
		assert.Equal(t, 2, len(updates), "updates")
		assert.Equal(t, posts[1], updates[0].ID, "older")
		assert.Equal(t, posts[2], updates[1].ID, "newer")
	})
}
