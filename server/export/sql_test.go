//go:build store

package export

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// fixture is a database of a host with the plugin's tables.
type fixture struct {
	store *store.Store
	posts *database
	db    *sql.DB
	bind  int
}

// eachDatabase runs a subtest on each kind of database.
func eachDatabase(t *testing.T, test func(t *testing.T, s *fixture)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			d := testdb.NewFixtureDatabase(t, driver)
			s, err := store.Open(string(driver), d.DSN, store.Options{})
			must(t, err)
			t.Cleanup(func() { _ = s.Close() })
			must(t, s.Migrate(t.Context()))
			db, err := d.Open()
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			f := &fixture{store: s, posts: &database{s}, db: db, bind: sqlx.QUESTION}
			if s.Postgres() {
				f.bind = sqlx.DOLLAR
			}
			test(t, f)
		})
	}
}

// sql runs a statement with ? as placeholders.
func (s *fixture) sql(t *testing.T, statement string, args ...interface{}) {
	t.Helper()
	if _, err := s.db.ExecContext(t.Context(), sqlx.Rebind(s.bind, statement), args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s *fixture) addPost(t *testing.T, channelID, userID string, createAt, deleteAt int64, props string) string {
	t.Helper()
	id := model.NewId()
	s.sql(t, "INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, ?, ?, ?, '', ?)",
		id, createAt, createAt, deleteAt, userID, channelID, props)
	return id
}

// start stores an incident.
func (s *fixture) start(t *testing.T) incident.Incident {
	t.Helper()
	inc, _, err := s.store.Incidents().Create(t.Context(), incident.Incident{ID: model.NewId(), Name: "Incident", IsActive: true, CommanderUserID: model.NewId(),
		TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1000}, "actor", "", 1000, app.Extensions{})
	must(t, err)
	return inc
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestExport_ChannelPostsInPages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *fixture) {
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

		var got []ChannelPost
		after := PostCursor{}
		for {
			page, err := s.posts.ChannelPosts(t.Context(), channel, after, 7, 1<<20)
			must(t, err)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = PostCursor{CreateAt: page[len(page)-1].CreateAt, ID: page[len(page)-1].ID}
		}
		equal(t, "posts", len(got), len(want))
		// Long posts come in shorter pages, and each page has at least one.
		s.sql(t, "UPDATE Posts SET Message = ? WHERE ChannelId = ?", strings.Repeat("x", 1000), channel)
		for maxBytes, n := range map[int]int{1: 1, 2100: 2, 1 << 20: 7} {
			page, err := s.posts.ChannelPosts(t.Context(), channel, PostCursor{}, 7, maxBytes)
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
		equal(t, "answers", slices.ContainsFunc(got, func(p ChannelPost) bool { return p.Type != "" }), true)
		equal(t, "with files", slices.ContainsFunc(got, func(p ChannelPost) bool { return len(p.Files) == 2 }), true)
	})
}

func TestExport_LatestUpdates(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *fixture) {
		inc := s.start(t)
		var posts []string
		for n := range 4 {
			post := s.addPost(t, inc.ChannelID, "author", int64(100+n), 0, "{}")
			posts = append(posts, post)
			_, err := s.store.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, ActorID: "actor", At: int64(100 + n)},
				func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(post, 0, 5) })
			must(t, err)
		}
		s.sql(t, "UPDATE Posts SET DeleteAt = 5 WHERE Id = ?", posts[3])
		s.sql(t, "UPDATE Posts SET Message = 'four' WHERE Id = ?", posts[2])
		sizes, err := s.posts.StatusUpdateSizes(t.Context(), inc.ID, 2)
		must(t, err)
		equal(t, "sizes", len(sizes), 2)
		equal(t, "newest", sizes[1].ID, posts[2])
		equal(t, "bytes", sizes[1].Bytes, len("four{}"))
		updates, err := s.posts.StatusUpdates(t.Context(), inc.ID, []string{posts[2], posts[1], posts[3], model.NewId()})
		must(t, err)
		equal(t, "updates", len(updates), 2)
		equal(t, "older", updates[0].ID, posts[1])
		equal(t, "newer", updates[1].ID, posts[2])
	})
}
