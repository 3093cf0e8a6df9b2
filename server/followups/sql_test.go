//go:build store

package followups

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// fixture is the capability on a database of a host with the plugin's tables. Mattermost is what its tables say: members of
// channels may read them, members of teams but guests may list their channels.
type fixture struct {
	*followups
	*fakeHost
	t  *testing.T
	db *testdb.Conn
	// data is the database, runner runs the jobs.
	data   *database
	store  *store.Store
	runner *jobs.Runner

	team, anna, boris, carla, guest, admin string
}

func eachDatabase(t *testing.T, test func(t *testing.T, x *fixture)) {
	t.Helper()
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) { test(t, newFixture(t, driver)) })
	}
}

func newFixture(t *testing.T, driver testdb.Driver) *fixture {
	d := testdb.NewFixtureDatabase(t, driver)
	s := storetest.Open(t, d, nil, capability.Schema{Capability: "followups", Tables: tables, Migrations: migrations})
	x := &fixture{fakeHost: newFakeHost(), t: t, db: d.Connect(t), data: &database{s}, store: s, team: model.NewId(),
		anna: model.NewId(), boris: model.NewId(), carla: model.NewId(), guest: model.NewId(), admin: model.NewId()}
	x.fakeHost.asks = x
	x.fakeHost.stored = func(p *model.Post) {
		props, err := json.Marshal(p.GetProps())
		require.NoError(t, err)
		x.sql("INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, UserId, ChannelId, Message, Props) VALUES (?, ?, ?, 0, ?, ?, '', ?)",
			p.Id, x.at.UnixMilli(), x.at.UnixMilli(), p.UserId, p.ChannelId, string(props))
	}
	service := app.New(s.Incidents(), s.Playbooks(), s.Jobs(), x.fakeHost, &hosttest.Log{}, store.DefaultPluginID)
	x.followups = &followups{svc: service, rules: access.New(x.fakeHost), incidents: s.Incidents(), jobs: s.Jobs(), host: x.fakeHost, log: &hosttest.Log{}, data: x.data,
		pluginID: store.DefaultPluginID, clock: func() time.Time { return x.fakeHost.at }}
	x.runner = jobs.New(s.Jobs(), &hosttest.Log{}, nil, x.jobKinds())
	x.runner.Now = x.clock
	x.sql("INSERT INTO Teams (Id, Name, DisplayName, DeleteAt) VALUES (?, 'team-f', 'Team', 0)", x.team)
	for name, id := range map[string]string{"anna-f": x.anna, "boris-f": x.boris, "carla-f": x.carla, "guest-f": x.guest, "admin-f": x.admin} {
		roles := "system_user"
		if id == x.admin {
			roles = "system_admin system_user"
		}
		x.db.AddUser(t, id, name, roles)
		x.sql("INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, ?, 0, ?, ?)", x.team, id, id != x.guest, id == x.guest)
	}
	return x
}

func (x *fixture) sql(statement string, args ...interface{}) {
	x.t.Helper()
	x.db.Exec(x.t, statement, args...)
}

func (x *fixture) number(query string, args ...interface{}) int64 {
	x.t.Helper()
	return testdb.Value[int64](x.t, x.db, query, args...)
}

// HasPermission and so on answer from the tables.
func (x *fixture) HasPermission(userID string, _ *model.Permission) bool { return userID == x.admin }
func (x *fixture) HasPermissionToTeam(userID, teamID string, _ *model.Permission) bool {
	return x.number("SELECT COUNT(*) FROM TeamMembers WHERE TeamId = ? AND UserId = ? AND DeleteAt = 0 AND SchemeUser = true", teamID, userID) > 0
}
func (x *fixture) HasPermissionToChannel(userID, channelID string, _ *model.Permission) bool {
	return x.number("SELECT COUNT(*) FROM ChannelMembers WHERE ChannelId = ? AND UserId = ?", channelID, userID) > 0
}
func (x *fixture) User(id string) (*model.User, error) {
	u := &model.User{Id: id}
	err := x.db.DB.QueryRow(x.db.Rebind("SELECT Username, DeleteAt, Roles FROM Users WHERE Id = ?"), id).Scan(&u.Username, &u.DeleteAt, &u.Roles)
	if err != nil {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such user")
	}
	return u, nil
}

func (x *fixture) UserByUsername(name string) (*model.User, error) {
	var id string
	if err := x.db.DB.QueryRow(x.db.Rebind("SELECT Id FROM Users WHERE Username = ?"), name).Scan(&id); err != nil {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such user")
	}
	return x.User(id)
}

// start stores an incident with a channel of a type, "O" or "P", and members.
func (x *fixture) start(name, kind, playbookID string, members ...string) incident.Incident {
	x.t.Helper()
	tasks := []incident.Task{{ID: model.NewId(), Title: "Roll back", AssigneeID: x.boris}, {ID: model.NewId(), Title: "Call", State: incident.Closed},
		{ID: model.NewId(), Title: "Write " + strings.Repeat("x", 300), Description: "All of it", AssigneeID: x.carla}}
	inc, _, err := x.store.Incidents().Create(x.t.Context(), incident.Incident{ID: model.NewId(), Name: name, IsActive: true, CommanderUserID: x.anna,
		TeamID: x.team, ChannelID: model.NewId(), CreateAt: 1000, PlaybookID: playbookID, Checklists: []incident.Stage{{ID: model.NewId(), Title: "Do", Tasks: tasks}}},
		x.anna, "", 1000, app.Extensions{})
	require.NoError(x.t, err)
	x.sql("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, ?, 'c', ?)", inc.ChannelID, x.team, kind, inc.ID)
	for _, m := range members {
		x.sql("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser, SchemeGuest) VALUES (?, ?, ?, ?)", inc.ChannelID, m, m != x.guest, m == x.guest)
	}
	return inc
}

func (x *fixture) add(inc incident.Incident, d Draft) Shown {
	x.t.Helper()
	made, err := x.Create(x.t.Context(), x.anna, inc.ID, d)
	require.NoError(x.t, err)
	return made
}

func (x *fixture) due(kind string) {
	x.t.Helper()
	require.NoError(x.t, x.runner.RunDue(x.t.Context(), kind))
}

func titles(p Page) string {
	var all []string
	for _, s := range p.Items {
		all = append(all, s.Title)
	}
	return strings.Join(all, ", ")
}

// A follow-up is stored with its history, and its change with another row of it.
func TestStore_CreateAndChange(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris)
		text := "Ω 安全 🔒 " + strings.Repeat("🔒", MaxText-10)
		made := x.add(inc, Draft{Title: " Watch the disk ", Text: text, OwnerID: x.boris, DueAt: x.at.Add(time.Hour).UnixMilli(), Link: "https://example.com/1", Source: FromRetrospective})
		assert.Equal(t, "Watch the disk", made.Title)
		assert.Equal(t, text, made.Text)
		assert.Equal(t, []interface{}{int64(1), int64(1), Open, "boris-f", "", "Outage", x.team, inc.ChannelID, true},
			[]interface{}{made.Number, made.Revision, made.State, made.OwnerUsername, made.OwnerState, made.IncidentName, made.TeamID, made.ChannelID, made.CanEdit})
		assert.Equal(t, []string{EventUpdated + " " + inc.ChannelID}, x.events)

		x.at = x.at.Add(time.Minute)
		state, reason := Dropped, "The disk is gone"
		after, err := x.Change(t.Context(), x.boris, made.ID, Patch{State: &state, Reason: &reason, Revision: &made.Revision})
		require.NoError(t, err)
		assert.Equal(t, []interface{}{int64(2), Dropped, reason, x.at.UnixMilli()}, []interface{}{after.Revision, after.State, after.Reason, after.ClosedAt})
		history, err := x.data.History(t.Context(), made.ID, 10)
		require.NoError(t, err)
		require.Len(t, history, 2)
		assert.Equal(t, x.boris, history[0].ActorID)
		assert.JSONEq(t, `{"state":{"before":"open","after":"dropped"},"reason":{"before":"","after":"The disk is gone"}}`, string(history[0].Changes))
		assert.Contains(t, string(history[1].Changes), `"title":{"before":"","after":"Watch the disk"}`)
		assert.Zero(t, x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobReminder), "its reminder is cancelled in the same transaction")

		// Again, with the old revision: it changes nothing, so it is no conflict.
		again, err := x.Change(t.Context(), x.anna, made.ID, Patch{State: &state, Reason: &reason, Revision: &made.Revision})
		require.NoError(t, err)
		assert.Equal(t, after.Revision, again.Revision)
		// A change that is based on the old one.
		title := "Watch both disks"
		_, err = x.Change(t.Context(), x.anna, made.ID, Patch{Title: &title, Revision: &made.Revision})
		var conflict *Conflict
		require.ErrorAs(t, err, &conflict)
		assert.True(t, incident.IsKind(err, incident.Conflict))
		assert.Equal(t, []string{"Watch the disk", title}, []string{conflict.Current.Title, conflict.Sent.Title})
		assert.Equal(t, Dropped, conflict.Sent.State)
	})
}

// Two who change at once both get an answer: one change is stored, the other is a conflict.
func TestStore_TwoAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris)
		made := x.add(inc, Draft{Title: "Watch"})
		var wait sync.WaitGroup
		var mu sync.Mutex
		stored, refused := 0, 0
		for n := range 6 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				title := fmt.Sprint("Watch ", n)
				_, err := x.Change(context.Background(), x.anna, made.ID, Patch{Title: &title, Revision: &made.Revision})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					stored++
				case incident.IsKind(err, incident.Conflict):
					refused++
				default:
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		assert.Equal(t, []int{1, 5}, []int{stored, refused})
		assert.EqualValues(t, 2, x.number("SELECT COUNT(*) FROM IR_FollowUpHistory"))
	})
}

// Numbers have no gaps, a key makes one, and there is a limit.
func TestStore_NumbersKeysAndLimit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc, other := x.start("Outage", "P", "", x.anna), x.start("Other", "P", "", x.anna)
		var wait sync.WaitGroup
		for n := range 8 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				key := ""
				if n < 4 {
					key = "once"
				}
				_, err := x.Create(context.Background(), x.anna, inc.ID, Draft{Title: "Watch", Key: key})
				assert.NoError(t, err)
			}()
		}
		wait.Wait()
		assert.EqualValues(t, 5, x.number("SELECT COUNT(*) FROM IR_FollowUp"))
		assert.EqualValues(t, 5, x.number("SELECT MAX(Number) FROM IR_FollowUp"))
		first := x.add(inc, Draft{Title: "Another title", Key: "once"})
		assert.Equal(t, "Watch", first.Title)
		assert.EqualValues(t, 1, x.add(other, Draft{Title: "Elsewhere", Key: "once"}).Number)
		assert.EqualValues(t, 2, x.add(other, Draft{Title: "Elsewhere", Key: "ONCE"}).Number, "keys differ by case")

		x.sql("UPDATE IR_FollowUpCount SET LastNumber = ? WHERE IncidentID = ?", MaxPerIncident-1, inc.ID)
		_, err := x.CarryOver(t.Context(), x.anna, inc.ID, nil)
		assert.Equal(t, errTooMany, err, "two tasks")
		assert.EqualValues(t, 5, x.number("SELECT COUNT(*) FROM IR_FollowUp WHERE IncidentID = ?", inc.ID))
		assert.EqualValues(t, MaxPerIncident, x.add(inc, Draft{Title: "Last"}).Number)
		_, err = x.Create(t.Context(), x.anna, inc.ID, Draft{Title: "Too many"})
		assert.Equal(t, errTooMany, err)
		assert.Equal(t, "Watch", x.add(inc, Draft{Title: "Again", Key: "once"}).Title)
	})
}

// Tasks that are not finished are carried over once, with their assignees if they can read the incident.
func TestStore_CarryOver(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris)
		var wait sync.WaitGroup
		var mu sync.Mutex
		var all []Shown
		for range 3 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				made, err := x.CarryOver(context.Background(), x.anna, inc.ID, nil)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, made...)
			}()
		}
		wait.Wait()
		require.Len(t, all, 2)
		assert.Equal(t, []string{"Roll back", x.boris, "boris-f"}, []string{all[0].Title, all[0].OwnerID, all[0].OwnerUsername})
		assert.Equal(t, FromTask, all[0].Source)
		assert.Empty(t, all[1].OwnerID, "carla is not in the private channel")
		assert.Len(t, []rune(all[1].Title), MaxTitle)
		assert.True(t, strings.HasPrefix(all[1].Text, "Write xxx") && strings.HasSuffix(all[1].Text, "x\n\nAll of it"), all[1].Text)
		_, err := x.CarryOver(t.Context(), x.anna, inc.ID, []string{model.NewId()})
		assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)
		made, err := x.CarryOver(t.Context(), x.anna, inc.ID, []string{inc.Checklists[0].Tasks[1].ID})
		require.NoError(t, err)
		assert.Empty(t, made, "it is finished")

		// Tasks of version 1.2.0 have no ids at first.
		old := x.start("Old", "P", "", x.anna)
		x.sql("UPDATE IR_Incident SET ChecklistsJSON = ? WHERE ID = ?", `[{"title":"Do","items":[{"title":"Same","state":""},{"title":"Same","state":""}]}]`, old.ID)
		made, err = x.CarryOver(t.Context(), x.anna, old.ID, nil)
		require.NoError(t, err)
		assert.Len(t, made, 2)
		x.sql("UPDATE IR_Incident SET ChecklistsJSON = ? WHERE ID = ?", `[{"title":"Do","items":[{"id":"`+model.NewId()+`","title":"Same","state":""},{"id":"`+model.NewId()+`","title":"Same","state":""}]}]`, old.ID)
		made, err = x.CarryOver(t.Context(), x.anna, old.ID, nil)
		require.NoError(t, err)
		assert.Empty(t, made)
	})
}

// A page has its first texts, as long as they fit. Long ones are read apart.
func TestStore_ListsHaveTheTextsThatFit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "O", "", x.anna)
		for n, text := range []string{"short", strings.Repeat("ä", 30), "", strings.Repeat("x", 40), "x", ""} {
			x.add(inc, Draft{Title: fmt.Sprint(n), Text: text})
		}
		list := func(limit int) (all []string) {
			t.Helper()
			items, err := x.data.List(t.Context(), Filter{IncidentID: inc.ID, ViewerID: x.anna, Sort: "number", PerPage: 6, MaxText: limit})
			require.NoError(t, err)
			for _, s := range items {
				all = append(all, fmt.Sprint(len(s.Text), s.TextOmitted))
			}
			return all
		}
		whole := []string{"5 false", "60 false", "0 false", "40 false", "1 false", "0 false"}
		assert.Equal(t, whole, list(0), "no limit")
		assert.Equal(t, whole, list(106))
		assert.Equal(t, []string{"5 false", "60 false", "0 false", "40 false", "0 true", "0 false"}, list(105))
		assert.Equal(t, []string{"5 false", "60 false", "0 false", "0 true", "0 true", "0 false"}, list(70))
		assert.Equal(t, []string{"0 true", "0 true", "0 false", "0 true", "0 true", "0 false"}, list(1))
	})
}

// Lists, counts and filters show what the viewer may see, and nothing else.
func TestStore_Lists(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		book := model.NewId()
		open, secret := x.start("Open", "O", book, x.anna), x.start("Secret", "P", book, x.anna, x.boris, x.guest)
		now := x.at.UnixMilli()
		x.add(open, Draft{Title: "b public", OwnerID: x.carla, DueAt: now - 5})
		x.add(open, Draft{Title: "a public"})
		x.add(secret, Draft{Title: "secret", OwnerID: x.boris, DueAt: now + 5000})
		done := x.add(secret, Draft{Title: "done"})
		state := Done
		_, err := x.Change(t.Context(), x.anna, done.ID, Patch{State: &state})
		require.NoError(t, err)
		list := func(user string, f Filter) Page {
			t.Helper()
			if f.Sort == "" {
				f.Sort = "title"
			}
			if f.PerPage == 0 {
				f.PerPage = 10
			}
			p, err := x.List(t.Context(), user, f)
			require.NoError(t, err)
			return p
		}
		for user, want := range map[string]string{x.anna: "a public, b public, done, secret", x.boris: "a public, b public, done, secret", x.carla: "a public, b public",
			x.guest: "done, secret", x.admin: "a public, b public, done, secret", model.NewId(): ""} {
			p := list(user, Filter{})
			assert.Equal(t, want, titles(p), user)
			assert.Equal(t, len(p.Items), p.TotalCount)
			for _, s := range p.Items {
				assert.Equal(t, user != x.carla && user != x.boris || user == x.carla && s.OwnerID == x.carla || user == x.boris && s.IncidentName == "Secret", s.CanEdit, s.Title)
			}
		}
		assert.Equal(t, Counts{Open: 3, Overdue: 1, Done: 1}, list(x.anna, Filter{}).Counts)
		assert.Equal(t, Counts{Open: 2, Overdue: 1, Mine: 1, MineOverdue: 1}, list(x.carla, Filter{State: Done}).Counts)
		assert.Equal(t, "b public", titles(list(x.carla, Filter{Mine: true})))
		assert.Equal(t, "b public", titles(list(x.anna, Filter{Overdue: true})))
		assert.Equal(t, "done", titles(list(x.anna, Filter{State: Done})))
		assert.Equal(t, "a public, b public", titles(list(x.anna, Filter{IncidentID: open.ID})))
		assert.Empty(t, list(x.anna, Filter{TeamID: model.NewId()}).Items)
		assert.Equal(t, 4, list(x.anna, Filter{PlaybookID: book, TeamID: x.team}).TotalCount)
		assert.Equal(t, "b public, secret", strings.Join(strings.Split(titles(list(x.anna, Filter{Sort: "due_at"})), ", ")[:2], ", "))
		assert.Equal(t, "secret, b public", strings.Join(strings.Split(titles(list(x.anna, Filter{Sort: "due_at", Descending: true})), ", ")[:2], ", "))
		_, err = x.List(t.Context(), x.carla, Filter{IncidentID: secret.ID, Sort: "title", PerPage: 5})
		assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
		var paged []string
		for page := range 3 {
			p := list(x.anna, Filter{Page: page, PerPage: 3})
			assert.Equal(t, page == 0, p.HasMore)
			assert.Equal(t, []int{4, 2}, []int{p.TotalCount, p.PageCount})
			for _, s := range p.Items {
				paged = append(paged, s.Title)
			}
		}
		assert.Equal(t, "a public, b public, done, secret", strings.Join(paged, ", "))
		for sort := range sorts {
			assert.Len(t, list(x.anna, Filter{Sort: sort}).Items, 4, sort)
		}

		// Titles are sorted as names are, on every database.
		abroad := x.start("Abroad", "O", "", x.anna)
		for _, title := range []string{"Zulu", "apple", "Äpfel", "Banana", "Сбой", "apple 2"} {
			x.add(abroad, Draft{Title: title})
		}
		assert.Equal(t, "Äpfel, apple, apple 2, Banana, Zulu, Сбой", titles(list(x.anna, Filter{IncidentID: abroad.ID})))
		renamed := list(x.anna, Filter{IncidentID: abroad.ID}).Items[5]
		title := "äpfel 3"
		_, err = x.Change(t.Context(), x.anna, renamed.ID, Patch{Title: &title})
		require.NoError(t, err)
		assert.Equal(t, "Äpfel, äpfel 3, apple, apple 2, Banana, Zulu", titles(list(x.anna, Filter{IncidentID: abroad.ID})))

		// Similar incidents: what is posted counts public ones only, what is asked for counts what the caller may see.
		next := x.start("Next", "P", book, x.carla)
		n, err := x.data.Similar(t.Context(), next.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		for user, want := range map[string]int{x.anna: 3, x.carla: 2, x.guest: 1, x.admin: 3} {
			v, err := x.svc.Visible(t.Context(), user)
			require.NoError(t, err)
			n, err := x.data.Similar(t.Context(), next.ID, &v)
			require.NoError(t, err)
			assert.Equal(t, want, n, user)
		}
		n, err = x.data.Similar(t.Context(), x.start("Without", "O", "", x.anna).ID, nil)
		require.NoError(t, err)
		assert.Zero(t, n)
	})
}

// The owner is reminded once when it is due, and then weekly. A reminder that was cancelled is not posted.
func TestStore_Reminders(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris)
		due := x.at.Add(2 * time.Hour)
		made := x.add(inc, Draft{Title: "Watch *the* disk", OwnerID: x.boris, DueAt: due.UnixMilli()})
		x.due(JobReminder)
		assert.Empty(t, x.posts)
		x.at = due.Add(time.Second)
		x.due(JobReminder)
		x.due(JobReminder)
		require.Len(t, x.posts, 1)
		assert.Equal(t, directTo(x.boris), x.posts[0].ChannelId)
		assert.Contains(t, x.posts[0].Message, "Your follow-up **#1 Watch the disk** of the incident [Outage](http://example.com/team-f/channels/"+inc.ID+") was due on ")
		x.at = due.Add(3 * 7 * 24 * time.Hour).Add(time.Hour) // three weeks without a server are one reminder
		x.due(JobReminder)
		x.due(JobReminder)
		require.Len(t, x.posts, 2)
		assert.EqualValues(t, due.UnixMilli()+4*week.Milliseconds(), x.number("SELECT RemindAt FROM IR_FollowUp WHERE ID = ?", made.ID))

		// With another date it has another job.
		later := x.at.Add(48 * time.Hour).UnixMilli()
		_, err := x.Change(t.Context(), x.anna, made.ID, Patch{DueAt: &later})
		require.NoError(t, err)
		assert.EqualValues(t, 1, x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobReminder))
		assert.LessOrEqual(t, x.number("SELECT DueAt FROM IR_Job WHERE Kind = ?", JobReminder), later)
		// Done, and open again.
		for _, state := range []State{Done, Open} {
			_, err := x.Change(t.Context(), x.anna, made.ID, Patch{State: &state})
			require.NoError(t, err)
			assert.EqualValues(t, map[State]int{Done: 0, Open: 1}[state], x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobReminder))
		}
		// An attempt that died after it has posted is not repeated.
		x.at = time.UnixMilli(later).Add(time.Hour)
		x.fail = true
		x.due(JobReminder)
		require.Len(t, x.posts, 3)
		x.fail = false
		x.at = x.at.Add(10 * time.Minute)
		x.due(JobReminder)
		require.Len(t, x.posts, 3)
		// Who cannot read the incident any more is not written to.
		x.sql("DELETE FROM ChannelMembers WHERE UserId = ?", x.boris)
		x.at = x.at.Add(8 * 24 * time.Hour)
		x.due(JobReminder)
		require.Len(t, x.posts, 3)
		assert.EqualValues(t, 1, x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobReminder), "the next week")
	})
}

// The commander gets one message about each owner who was lost.
func TestStore_LostOwners(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris, x.carla)
		first := x.add(inc, Draft{Title: "One", OwnerID: x.boris})
		x.add(inc, Draft{Title: "Two", OwnerID: x.boris})
		x.add(inc, Draft{Title: "Three", OwnerID: x.carla})
		days := func(n int) {
			for range n {
				x.at = x.at.Add(25 * time.Hour)
				x.due(JobOwners)
				x.due(JobLost)
			}
		}
		days(2)
		require.Empty(t, x.posts)
		x.sql("UPDATE Users SET DeleteAt = 5 WHERE Id = ?", x.boris)
		got, err := x.data.Get(t.Context(), first.ID, x.anna, 0)
		require.NoError(t, err)
		assert.Equal(t, OwnerDeactivated, got.OwnerState)
		days(3)
		require.Len(t, x.posts, 1)
		assert.Equal(t, directTo(x.anna), x.posts[0].ChannelId)
		assert.Contains(t, x.posts[0].Message, "@boris-f has been deactivated, and owns open follow-ups of the incident ")
		assert.Contains(t, x.posts[0].Message, "* #1 One\n* #2 Two")
		x.sql("DELETE FROM ChannelMembers WHERE UserId = ?", x.carla)
		days(2)
		require.Len(t, x.posts, 2)
		assert.Contains(t, x.posts[1].Message, "@carla-f can no longer read the incident")
		// Back, and lost again.
		x.sql("UPDATE Users SET DeleteAt = 0 WHERE Id = ?", x.boris)
		days(1)
		x.sql("UPDATE Users SET DeleteAt = 5 WHERE Id = ?", x.boris)
		days(2)
		require.Len(t, x.posts, 3)
		// The commander is lost as well: the message goes to the channel.
		x.sql("UPDATE Users SET DeleteAt = 0 WHERE Id = ?", x.boris)
		days(1)
		x.sql("UPDATE Users SET DeleteAt = 5 WHERE Id IN (?, ?)", x.boris, x.anna)
		days(2)
		require.Len(t, x.posts, 4)
		assert.Equal(t, inc.ChannelID, x.posts[3].ChannelId)
		assert.EqualValues(t, 1, x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobOwners), "one look is planned")
		// Nothing is left to look at: the looks end.
		x.sql("UPDATE IR_FollowUp SET State = 'done'")
		days(1)
		assert.Zero(t, x.number("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", JobOwners))
	})
}
