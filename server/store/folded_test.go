//go:build store

package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/fold"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// eachHostLocale runs a subtest with the tables of a host that has used 1.2.0, migrated, in each locale. On MySQL all tables get
// the collation of the database.
func eachHostLocale(t *testing.T, test func(t *testing.T, s *Store, db *testdb.Database)) {
	t.Helper()
	testdb.EachLocale(t, func(t *testing.T, db *testdb.Database) {
		require.NoError(t, db.LoadFixture(t.Context()))
		s := open(t, db)
		if !s.postgres {
			collation := one[string](t, s, "SELECT @@collation_database")
			for _, table := range []string{"Channels", "ChannelMembers", "ChannelMemberHistory", "Posts", "Teams", "TeamMembers", "Users", "Bots", "Roles"} {
				s.sql(t, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET utf8mb4 COLLATE "+collation)
			}
			statements, err := s.conversion(t.Context(), []string{"IR_Incident", "IR_Playbook", "IR_PlaybookMember", "IR_StatusPosts"}, collation)
			require.NoError(t, err)
			for _, statement := range statements {
				s.sql(t, statement)
			}
		}
		require.NoError(t, s.Migrate(t.Context()))
		test(t, s, db)
	})
}

func TestNamesAreSearchedAndSortedWithoutCaseAndAccentsInEachLocale(t *testing.T) {
	eachHostLocale(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		t.Run("incidents", func(t *testing.T) { incidentsByName(t, s) })
		t.Run("playbooks", func(t *testing.T) { playbooksByTitle(t, s) })
		t.Run("commanders", func(t *testing.T) { commandersByName(t, s) })
	})
}

func incidentsByName(t *testing.T, s *Store) {
	team, me := model.NewId(), model.NewId()
	for _, name := range []string{"Zulu", "apple", "Banana", "Äpfel", "Apfel", "äpfel", "Сбой ОПЛАТЫ", "сбой базы", "ΣΊΣΥΦΟΣ", "Straße", "İstanbul", "100% off", "データベース障害", "🔒 lock", "🔓 lock"} {
		inc := newIncident(1)
		inc.Name, inc.TeamID = name, team
		s.addChannel(t, inc.ChannelID, team, "O", me)
		create(t, s, inc)
	}
	const order = "🔒 lock,🔓 lock,100% off,Apfel,äpfel,Äpfel,apple,Banana,İstanbul,Straße,Zulu,ΣΊΣΥΦΟΣ,сбой базы,Сбой ОПЛАТЫ,データベース障害"
	assert.Equal(t, order, names(t, s, app.Filter{TeamID: team, Sort: "name"}), "order")
	assert.Equal(t, order, names(t, s, app.Filter{TeamID: team, ViewerID: me, MemberID: me, Sort: "name"}), "order of what one sees")
	for term, want := range map[string]string{
		"оплаты": "Сбой ОПЛАТЫ", "СБОЙ": "сбой базы,Сбой ОПЛАТЫ", "apfel": "Apfel,äpfel,Äpfel", "ÄPF": "Apfel,äpfel,Äpfel", "A\u0308": "Apfel,äpfel,Äpfel,apple,Banana,İstanbul,Straße",
		"σίσυφος": "ΣΊΣΥΦΟΣ", "STRASSE": "Straße", "istanbul": "İstanbul", "ｏｆｆ": "100% off", "%": "100% off", "障害": "データベース障害",
		"🔒": "🔒 lock", "Зулу": "", "\u0301": "",
	} {
		assert.Equal(t, want, names(t, s, app.Filter{TeamID: team, SearchTerm: term, Sort: "name"}), "search for "+term)
	}
}

func playbooksByTitle(t *testing.T, s *Store) {
	team := model.NewId()
	for _, title := range []string{"Zulu", "apple", "Banana", "Äpfel", "ёлка", "Ель", "10"} {
		p := newPlaybook(title, "anna")
		p.TeamID = team
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
	}
	titles := func(f app.PlaybookFilter) string {
		f.TeamID, f.PerPage = team, 3
		var out []string
		for {
			items, _, err := s.Playbooks().List(t.Context(), f)
			require.NoError(t, err)
			if len(items) == 0 {
				return strings.Join(out, ",")
			}
			for _, p := range items {
				out = append(out, p.Title)
			}
			f.Page++
		}
	}
	const order = "10,Äpfel,apple,Banana,Zulu,ёлка,Ель"
	for _, f := range []app.PlaybookFilter{{}, {Sort: "title"}, {MemberID: "anna", UsedBy: "anna"}} {
		assert.Equal(t, order, titles(f), fmt.Sprintf("%+v", f))
	}
	assert.Equal(t, "Ель,ёлка,Zulu,Banana,apple,Äpfel,10", titles(app.PlaybookFilter{Descending: true}), "descending")
}

func commandersByName(t *testing.T, s *Store) {
	team := model.NewId()
	for _, name := range []string{"b_b", "b.b", "b-b", "ba", "b1"} {
		user, inc := model.NewId(), newIncident(1)
		s.sql(t, "INSERT INTO Users (Id, CreateAt, UpdateAt, DeleteAt, Username, Email) VALUES (?, 1, 1, 0, ?, ?)", user, name, name+"@example.com")
		inc.TeamID, inc.CommanderUserID = team, user
		create(t, s, inc)
	}
	people, err := s.Incidents().Commanders(t.Context(), app.Filter{TeamID: team})
	require.NoError(t, err)
	var usernames []string
	for _, p := range people {
		usernames = append(usernames, p.Username)
	}
	assert.Equal(t, "b_b,b-b,b.b,b1,ba", strings.Join(usernames, ","), "commanders")
}

// insertAs120 stores an incident as version 1.2.0 does.
func insertAs120(t *testing.T, s *Store, name, teamID string) (id string) {
	t.Helper()
	id = model.NewId()
	s.sql(t, "INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, ActiveStage, ActiveStageTitle, ChecklistsJSON, ReminderPostID, BroadcastChannelID, ReminderMessageTemplate)"+
		" VALUES (?, ?, '', ?, 'c', ?, ?, 1, 0, '', '[]', '', '', '')", id, name, true, teamID, model.NewId())
	return id
}

// What 1.2.0 writes is found after the next activation, or within half a minute where both versions run.
func TestNamesOfVersion120AreFolded(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		assert.Equal(t, "Checkout is down", names(t, s, app.Filter{TeamID: fixtureTeam(t, s), SearchTerm: "CHECKOUT"}), "folded at the migration")
		for what, repair := range map[string]func() error{
			"activation": func() error { return open(t, db).Migrate(t.Context()) },
			"job":        func() error { return s.Incidents().FoldNames(t.Context()) },
		} {
			team := model.NewId()
			for n := range foldBatch + 2 {
				insertAs120(t, s, fmt.Sprintf("Incident %03d", n), team)
			}
			last := insertAs120(t, s, "Äpfel", team)
			p := newPlaybook("Zulu")
			p.TeamID = team
			require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
			other := newPlaybook("Banana")
			other.TeamID = team
			require.NoError(t, s.Playbooks().Create(t.Context(), other, 0))
			s.sql(t, "UPDATE IR_Playbook SET Title = 'apple' WHERE ID = ?", p.ID) // 1.2.0 does not know the other columns

			require.NoError(t, repair())
			assert.Equal(t, "Äpfel", names(t, s, app.Filter{TeamID: team, SearchTerm: "apfel"}), what+": search")
			items, total, err := s.Incidents().List(t.Context(), app.Filter{TeamID: team, Sort: "name", PerPage: 2})
			require.NoError(t, err)
			assert.Equal(t, "Äpfel,Incident 000", items[0].Name+","+items[1].Name, what+": first")
			assert.Equal(t, foldBatch+3, total, what+": total")
			books, _, err := s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: team, PerPage: 2})
			require.NoError(t, err)
			assert.Equal(t, "apple,Banana", books[0].Title+","+books[1].Title, what+": playbooks")

			// A change of ours leaves the forms alone, and a rename changes them.
			change(t, s, last, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("d") })
			assert.Equal(t, "Äpfel", names(t, s, app.Filter{TeamID: team, SearchTerm: "apfel"}), what+": after a change")
			require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Title = "Yankee"; return nil }))
			books, _, err = s.Playbooks().List(t.Context(), app.PlaybookFilter{TeamID: team, PerPage: 2})
			require.NoError(t, err)
			assert.Equal(t, "Banana,Yankee", books[0].Title+","+books[1].Title, what+": playbooks")
		}
	})
}

// After an upgrade of the rules all names are folded again, by several nodes at once.
func TestNamesFoldedByOldRulesAreFoldedAgain(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		team := model.NewId()
		for n := range 3*foldBatch - 2 {
			insertAs120(t, s, fmt.Sprint("Name ", n), team)
		}
		require.NoError(t, s.FoldNames(t.Context()))
		s.sql(t, "UPDATE IR_Incident SET FoldVersion = ?, NameFolded = 'old', NameSort = NULL", fold.Version-1)
		s.sql(t, "UPDATE IR_Playbook SET FoldVersion = ?", fold.Version-1)
		nodes := []*Store{s, open(t, db), open(t, db)}
		require.NoError(t, cmp.Or(parallel(3, func(n int) error { return nodes[n].FoldNames(context.Background()) })...))
		assert.Equal(t, 0, one[int](t, s, "SELECT COUNT(*) FROM IR_Incident WHERE FoldVersion < ? OR NameFolded = 'old' OR NameSort IS NULL", fold.Version), "left")
		assert.Equal(t, "Name 333", names(t, s, app.Filter{TeamID: team, SearchTerm: "NAME 333"}), "found")
	})
}
