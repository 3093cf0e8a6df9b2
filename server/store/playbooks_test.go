//go:build store

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

func newPlaybook(title string, members ...string) playbook.Playbook {
	return playbook.Playbook{ID: model.NewId(), Title: title, TeamID: model.NewId(), CreateAt: 5, MemberIDs: members,
		CreatePublicIncident: true, Checklists: newIncident(2).Checklists, BroadcastChannelID: "b", ReminderMessageTemplate: "m",
		ReminderTimerDefaultSeconds: 60}
}

func TestPlaybookLifecycle(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		p := newPlaybook("Outage", "anna", "boris", "anna")
		store := s.Playbooks()
		require.NoError(t, store.Create(t.Context(), p, 0))
		got, _, err := store.View(t.Context(), p.ID, "")
		require.NoError(t, err)
		assert.Equal(t, "anna,boris", strings.Join(got.MemberIDs, ","), "members")
		p.MemberIDs, p.NumStages, p.NumSteps, p.Revision = got.MemberIDs, 1, 2, 1
		assert.Equal(t, fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", got), "playbook")

		require.NoError(t, store.Update(t.Context(), p.ID, func(p *playbook.Playbook) error {
			p.Title, p.MemberIDs, p.Checklists, p.TeamID, p.CreateAt = "New", []string{"chen", "boris", "chen"}, nil, "stolen", 99
			return nil
		}))
		got, _, err = store.View(t.Context(), p.ID, "")
		require.NoError(t, err)
		assert.Equal(t, "boris,chen", strings.Join(got.MemberIDs, ","), "members")
		assert.Equal(t, "New", got.Title, "title")
		assert.EqualValues(t, 0, got.NumSteps, "steps")
		assert.Equal(t, p.TeamID, got.TeamID, "team")
		assert.EqualValues(t, 5, got.CreateAt, "created")
		assert.EqualValues(t, 2, got.Revision, "revision")

		refused := errors.New("refused")
		err = store.Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Title = "x"; return refused })
		assert.True(t, errors.Is(err, refused), "refusal")

		require.NoError(t, store.Delete(t.Context(), p.ID, 100))
		require.NoError(t, store.Delete(t.Context(), p.ID, 200))
		got, err = store.GetAny(t.Context(), p.ID)
		require.NoError(t, err)
		assert.EqualValues(t, 100, got.DeleteAt, "deleted")
		assert.Equal(t, "New", got.Title, "title")
		_, _, err = store.View(t.Context(), p.ID, "")
		assert.Equal(t, error(app.ErrPlaybookNotFound), err, "Get")
		assert.Equal(t, error(app.ErrPlaybookNotFound), store.Update(t.Context(), p.ID, func(*playbook.Playbook) error { return nil }), "Update")
		assert.Equal(t, error(app.ErrPlaybookNotFound), store.Delete(t.Context(), model.NewId(), 1), "Delete")
	})
}

func TestPlaybook_ParallelSavesNeitherDuplicateNorCollide(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		nodes := []*Store{s, open(t, db)}
		p := newPlaybook("Outage", "m0")
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		for _, err := range parallel(20, func(n int) error {
			return nodes[n%2].Playbooks().Update(context.Background(), p.ID, func(p *playbook.Playbook) error {
				p.MemberIDs = append(p.MemberIDs, fmt.Sprint("m", n/2))
				return nil
			})
		}) {
			require.NoError(t, err)
		}
		assert.Equal(t, 10, one[int](t, s, "SELECT COUNT(*) FROM IR_PlaybookMember WHERE PlaybookID = ?", p.ID), "rows")
		assert.Equal(t, 21, one[int](t, s, "SELECT Revision FROM IR_Playbook WHERE ID = ?", p.ID), "revision")
	})
}

func TestPlaybook_DuplicateMembersAreReadOnceAndRepaired(t *testing.T) {
	db := testdb.NewFixtureDatabase(t, testdb.MySQL) // PostgreSQL has a unique key
	s := open(t, db)
	require.NoError(t, s.Migrate(t.Context()))
	p := newPlaybook("Outage", "anna", "boris")
	require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
	for range 2 {
		s.sql(t, "INSERT INTO IR_PlaybookMember (PlaybookID, MemberID) VALUES (?, 'anna')", p.ID)
	}
	got, _, err := s.Playbooks().View(t.Context(), p.ID, "")
	require.NoError(t, err)
	assert.Equal(t, "anna,boris", strings.Join(got.MemberIDs, ","), "members")
	items, total, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: p.TeamID, MemberID: "anna", PerPage: 10})
	require.NoError(t, err)
	assert.Equal(t, 1, len(items), "listed")
	assert.Equal(t, 1, total, "total")
	require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(*playbook.Playbook) error { return nil }))
	assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM IR_PlaybookMember WHERE PlaybookID = ?", p.ID), "rows")
}

func TestPlaybookListIsShortSortedAndPaged(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team := model.NewId()
		for n, title := range []string{"b", "a", "c", "a"} {
			p := newPlaybook(title, "anna")
			p.TeamID, p.Checklists = team, newIncident(n).Checklists
			if n == 2 {
				p.MemberIDs = []string{"boris"}
			}
			require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		}
		list := func(f app.PlaybookFilter) string {
			t.Helper()
			f.TeamID = team
			var first string
			for _, perPage := range []int{10, 1, 3} {
				var got []string
				f.PerPage = perPage
				for f.Page = 0; ; f.Page++ {
					items, total, err := s.Playbooks().List(t.Context(), f)
					require.NoError(t, err)
					if len(items) == 0 {
						assert.Equal(t, len(got), total, "total")
						break
					}
					for _, p := range items {
						got = append(got, fmt.Sprint(p.Title, p.NumSteps))
						if p.Checklists != nil || p.MemberIDs != nil || p.BroadcastChannelID+p.ReminderMessageTemplate != "" || p.ReminderTimerDefaultSeconds != 0 {
							t.Errorf("not slim: %+v", p)
						}
					}
				}
				if perPage == 10 {
					first = strings.Join(got, ",")
				}
				assert.Equal(t, first, strings.Join(got, ","), "pages")
			}
			return first
		}
		assert.Equal(t, "b0,a1,c2,a3", list(app.PlaybookFilter{Sort: "steps"}), "by steps")
		assert.Equal(t, "a3,c2,a1,b0", list(app.PlaybookFilter{Sort: "steps", Descending: true}), "by steps down")
		assert.Equal(t, "c2", list(app.PlaybookFilter{Sort: "steps", MemberID: "boris"}), "members'")
		up := strings.Split(list(app.PlaybookFilter{}), ",")
		down := strings.Split(list(app.PlaybookFilter{Sort: "title", Descending: true}), ",")
		slices.Reverse(down)
		assert.Equal(t, strings.Join(down, ","), strings.Join(up, ","), "by title")
		assert.Equal(t, "aa", up[0][:1]+up[1][:1], "first two titles")
	})
}

func TestPlaybooksOfOneCreatorAreLimited(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		anna := model.NewId()
		made := func(creator string, limit int) error {
			p := newPlaybook("Outage", creator)
			p.CreatorID = creator
			return s.Playbooks().Create(t.Context(), p, limit)
		}
		full := 0
		for _, err := range parallel(20, func(int) error { return made(anna, 10) }) {
			if errors.Is(err, app.ErrTooManyPlaybooks) {
				full++
			} else {
				require.NoError(t, err)
			}
		}
		if full < 9 || full > 10 { // two at a time may both be the last one
			t.Errorf("%d of 20 were refused", full)
		}
		require.NoError(t, made(model.NewId(), 10))
		require.NoError(t, made(anna, 0))
		s.sql(t, "UPDATE IR_Playbook SET DeleteAt = 1 WHERE CreatorID = ?", anna)
		require.NoError(t, made(anna, 10))
	})
}

func TestPlaybooksInUseComeFirst(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		team := model.NewId()
		ids := map[string]string{}
		for _, title := range []string{"a bogus", "b bogus", "c others' last", "d others' first", "e mine first", "f mine last"} {
			p := newPlaybook(title, "anna", "boris")
			p.TeamID = team
			require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
			ids[title] = p.ID
		}
		start := func(title, user string, now int64) {
			inc := newIncident(1)
			inc.TeamID, inc.PlaybookID = team, ids[title]
			_, _, err := s.Incidents().Create(t.Context(), inc, user, "", now, app.Extensions{})
			require.NoError(t, err)
		}
		start("f mine last", "anna", 1)
		start("e mine first", "anna", 2)
		start("f mine last", "anna", 3)
		start("d others' first", "boris", 4)
		start("c others' last", "boris", 5)
		for n := range 5 {
			start("e mine first", "boris", int64(10+n))
		}
		var titles []string
		items, _, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: team, MemberID: "anna", UsedBy: "anna", PerPage: 10})
		require.NoError(t, err)
		for _, p := range items {
			titles = append(titles, p.Title)
		}
		assert.Equal(t, "f mine last, e mine first, c others' last, d others' first, a bogus, b bogus", strings.Join(titles, ", "), "order")
	})
}
