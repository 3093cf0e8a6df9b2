//go:build store

package followups

import (
	"context"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// recorder keeps the queries that go through it.
type recorder struct {
	capability.Database
	queries []recorded
}

type recorded struct {
	text     string
	args     []interface{}
	prepared bool
}

func (r *recorder) note(query sq.Sqlizer, prepared bool) error {
	text, args, err := query.ToSql()
	r.queries = append(r.queries, recorded{text, args, prepared})
	return err
}

func (r *recorder) Select(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	if err := r.note(query, false); err != nil {
		return err
	}
	return r.Database.Select(ctx, dest, query)
}

func (r *recorder) SelectPrepared(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	if err := r.note(query, true); err != nil {
		return err
	}
	return r.Database.SelectPrepared(ctx, dest, query)
}

// many stores follow-ups of an incident; every second is anna's, every third is done.
func (x *fixture) many(inc incident.Incident, count int) {
	x.t.Helper()
	var rows []string
	for n := range count {
		rows = append(rows, fmt.Sprintf("('%s', '%s', %d, 'Watch', 'The disk', '%s', %d, '%s', '', '', 'rest', '', '%s', 1, 1, 0, 1, 0)", model.NewId(), inc.ID, n+1,
			[]string{x.anna, ""}[n%2], n*1000, []State{Done, Open, Open}[n%3], x.anna))
	}
	x.sql("INSERT INTO IR_FollowUp (ID, IncidentID, Number, Title, Description, OwnerID, DueAt, State, Reason, Link, Source, PostID, AuthorID, CreateAt, UpdateAt, ClosedAt, " +
		"Revision, RemindAt) VALUES " + strings.Join(rows, ", "))
}

// A page looks at each follow-up at most twice, for the numbers and for its place, at each incident once, and up what is shown beside a
// follow-up for those on the page only, however many members channels have.
func TestPage_ReadsNoMoreThanItNeeds(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		const first, each, incidents, shown = 400, 20, 40, 20
		long := x.start("Long", "O", "", x.anna)
		x.many(long, first)
		for n := range incidents - 1 {
			inc := x.start(fmt.Sprint("Incident ", n), []string{"O", "P"}[n%2], "", x.anna, x.carla)
			x.many(inc, each)
		}
		// So many users that one is looked up. All of few would be read: once, and before version 14 of PostgreSQL for each row on the page.
		var users, accounts []string
		for range 1000 {
			id := model.NewId()
			users = append(users, id)
			accounts = append(accounts, fmt.Sprintf("('%[1]s', '%[1]s', '%[1]s@example.com', 'system_user', 0, '{}', '{}', '{}')", id))
		}
		x.sql("INSERT INTO Users (Id, Username, Email, Roles, DeleteAt, NotifyProps, Timezone, Props) VALUES " + strings.Join(accounts, ", "))
		for range 3 { // channels and members that have nothing to do with it
			var channels, members []string
			for n := range 1000 {
				id := model.NewId()
				channels = append(channels, fmt.Sprintf("('%s', 1, 1, 0, '%s', 'O', 'c', '%s')", id, x.team, id))
				members = append(members, fmt.Sprintf("('%s', '%s', true, false)", id, users[n%100]))
			}
			x.sql("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES " + strings.Join(channels, ", "))
			x.sql("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES " + strings.Join(members, ", "))
		}
		if x.store.Postgres() { // MariaDB counts by itself
			x.sql("ANALYZE")
		}
		const all = first + each*(incidents-1)
		for name, f := range map[string]struct {
			Filter
			rows int
		}{
			"of one incident":       {Filter{IncidentID: long.ID, Sort: "number"}, 2*first + 8*shown},
			"one's own":             {Filter{Mine: true, State: Open, Sort: "due_at"}, 2*all + 4*incidents + 8*shown},
			"all open ones":         {Filter{State: Open, TeamID: x.team, Sort: "due_at"}, 2*all + 4*incidents + 8*shown},
			"by names of incidents": {Filter{Sort: "incident"}, 2*all + 4*incidents + 8*shown},
		} {
			visible, err := x.svc.Visible(t.Context(), x.anna)
			require.NoError(t, err)
			f.ViewerID, f.Visible, f.Now, f.PerPage, f.MaxText = x.anna, visible, x.at.UnixMilli(), shown, maxBytes
			r := &recorder{Database: x.store}
			items, total, counts, err := (&database{r}).Page(t.Context(), f.Filter)
			require.NoError(t, err, name)
			require.Len(t, items, shown, name)
			// The numbers are those that two statements find.
			wantTotal, wantCounts, err := x.data.Count(t.Context(), f.Filter)
			require.NoError(t, err, name)
			assert.Equal(t, fmt.Sprint(wantTotal, wantCounts), fmt.Sprint(total, counts), "numbers "+name)
			want, err := x.data.List(t.Context(), f.Filter)
			require.NoError(t, err, name)
			assert.Equal(t, want, items, "page "+name)
			if !x.store.Postgres() {
				continue
			}
			require.Len(t, r.queries, 1, "statements for the page "+name)
			assert.True(t, r.queries[0].prepared, "the page "+name+" is prepared")
			rows, _ := x.db.RowsRead(t, r.queries[0].text, r.queries[0].args...)
			assert.LessOrEqual(t, rows, f.rows, "rows read for the page "+name)
			assert.Positive(t, x.db.KeptPlans(t, r.queries[0].text, r.queries[0].args...), "of the page "+name+" each is planned anew")
		}
	})
}

// A page without follow-ups has the numbers all the same.
func TestPage_OfNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "O", "", x.anna)
		p, err := x.List(t.Context(), x.anna, Filter{Sort: "due_at", PerPage: 10})
		require.NoError(t, err)
		assert.Equal(t, Page{Items: []Shown{}}, p, "without any")
		x.add(inc, Draft{Title: "Watch", OwnerID: x.carla})
		for _, f := range []Filter{{Mine: true}, {State: Done}, {IncidentID: inc.ID, State: Dropped}, {Page: 3}} {
			f.Sort, f.PerPage = "due_at", 10
			p, err := x.List(t.Context(), x.anna, f)
			require.NoError(t, err)
			assert.Empty(t, p.Items)
			assert.Equal(t, Counts{Open: 1}, p.Counts, "%+v", f)
		}
		all, err := x.List(t.Context(), x.anna, Filter{Overdue: true, State: Done, Sort: "due_at", PerPage: 10})
		require.NoError(t, err)
		assert.Zero(t, all.TotalCount)
	})
}
