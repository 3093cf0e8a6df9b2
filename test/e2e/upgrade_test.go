//go:build e2e

package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// TestUpgrade_DatabasesOfVersion120 opens whole databases of version 1.2.0 in
// place, reads everything in them, changes it, and then looks at the rows in
// the way that 1.2.0 reads them. Ids differ between the two databases, so the
// tests find things by name.
func TestUpgrade_DatabasesOfVersion120(t *testing.T) {
	t.Parallel() // it has servers of its own
	for _, driver := range drivers(t) {
		t.Run(string(driver), func(t *testing.T) {
			t.Parallel()
			database := testenv.NewDatabase(t, driver).WithFixture(t)
			old := readOld(t, database)
			// The reminder was due on a day that may have passed: put it off, in the form that 1.2.0 gave it.
			due := time.Now().Add(20 * time.Hour).UTC().Truncate(time.Microsecond)
			setOldReminder(t, database, old.id("Checkout is down"), due)

			s := startServer(t, database, testenv.MattermostOptions{EnableTesting: true, EnableDeveloper: true})
			anna, boris, chen := s.loginOld(t, "anna"), s.loginOld(t, "boris"), s.loginOld(t, "chen")

			t.Run("everything is there", func(t *testing.T) { old.mustBeThere(t, s, anna, due) })
			t.Run("a task is checked and the reminder fires", func(t *testing.T) { changeCheckout(t, s, old, anna, boris) })
			t.Run("the displayed reminder is dismissed", func(t *testing.T) { dismissOld(t, s, old, chen) })
			t.Run("status update, end and restart", func(t *testing.T) { endOld(t, s, old, anna, boris) })
			t.Run("playbooks are changed", func(t *testing.T) { changeOldPlaybooks(t, s, old, anna) })
			t.Run("what 1.2.0 inserts is read", func(t *testing.T) { readNewOld(t, s, old, anna) })
			t.Run("1.2.0 can read it", func(t *testing.T) { mustSatisfyOldReads(t, s) })
			t.Run("after a restart all is as before", func(t *testing.T) {
				before := anna.call(t, "GET", "/incidents?team_id="+old.teamID, nil).want(t, 200)
				if err := s.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
					t.Fatal(err)
				}
				after := anna.call(t, "GET", "/incidents?team_id="+old.teamID, nil).want(t, 200)
				if string(before.Body) != string(after.Body) {
					t.Errorf("before:\n%s\nafter:\n%s", before.Body, after.Body)
				}
			})
		})
	}
}

// oldData is what the tables of 1.2.0 held before the plugin was started on them.
type oldData struct {
	teamID    string
	incidents map[string]oldIncident // by name
	playbooks map[string]oldPlaybook // by title
}

type oldIncident struct {
	ID, ChannelID, PostID, PlaybookID, Description, Commander, Checklists, StageTitle, ReminderPost, Broadcast, Template string
	Active                                                                                                               bool
	Stage                                                                                                                int
	CreateAt, EndAt, PreviousReminder                                                                                    int64
	StatusPosts                                                                                                          []string
}

type oldPlaybook struct {
	ID, Checklists string
	Deleted        bool
	Members        []string
}

func (o *oldData) id(name string) string { return o.incidents[name].ID }

// openDB connects to a database until the test ends.
func openDB(t *testing.T, database *testenv.Database) *sql.DB {
	t.Helper()
	db, err := database.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// column gives the values of a query's only column.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	var values []string
	each(t, db, query, func(row *sql.Rows) error {
		var value string
		err := row.Scan(&value)
		values = append(values, value)
		return err
	})
	return values
}

// each runs a query and scan for each of its rows.
func each(t *testing.T, db *sql.DB, query string, scan func(row *sql.Rows) error) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// The columns that 1.2.0 knows. It reads none of them as a NULL.
const (
	oldIncidentColumns = `ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, EndAt, DeleteAt, ActiveStage,
		PostID, PlaybookID, ChecklistsJSON, ActiveStageTitle, ReminderPostID, BroadcastChannelID, PreviousReminder, ReminderMessageTemplate`
	oldPlaybookColumns = `ID, Title, Description, TeamID, CreatePublicIncident, CreateAt, DeleteAt, ChecklistsJSON, NumStages, NumSteps,
		BroadcastChannelID, ReminderMessageTemplate, ReminderTimerDefaultSeconds`
)

func readOld(t *testing.T, database *testenv.Database) *oldData {
	t.Helper()
	db := openDB(t, database)
	o := &oldData{teamID: "", incidents: map[string]oldIncident{}, playbooks: map[string]oldPlaybook{}}
	each(t, db, "SELECT "+oldIncidentColumns+" FROM IR_Incident", func(row *sql.Rows) error {
		var i oldIncident
		var name string
		var deleteAt int64
		err := row.Scan(&i.ID, &name, &i.Description, &i.Active, &i.Commander, &o.teamID, &i.ChannelID, &i.CreateAt, &i.EndAt, &deleteAt, &i.Stage,
			&i.PostID, &i.PlaybookID, &i.Checklists, &i.StageTitle, &i.ReminderPost, &i.Broadcast, &i.PreviousReminder, &i.Template)
		o.incidents[name] = i
		return err
	})
	for name, i := range o.incidents {
		i.StatusPosts = column(t, db, "SELECT s.PostID FROM IR_StatusPosts s JOIN Posts p ON p.Id = s.PostID WHERE s.IncidentID = '"+i.ID+"' ORDER BY p.CreateAt")
		o.incidents[name] = i
	}
	each(t, db, "SELECT ID, Title, DeleteAt, ChecklistsJSON FROM IR_Playbook", func(row *sql.Rows) error {
		var p oldPlaybook
		var title string
		var deleteAt int64
		err := row.Scan(&p.ID, &title, &deleteAt, &p.Checklists)
		p.Deleted = deleteAt != 0
		o.playbooks[title] = p
		return err
	})
	for title, p := range o.playbooks {
		p.Members = column(t, db, "SELECT MemberID FROM IR_PlaybookMember WHERE PlaybookID = '"+p.ID+"'")
		o.playbooks[title] = p
	}
	if len(o.incidents) != 5 || len(o.playbooks) != 4 {
		t.Fatalf("the fixture has %d incidents and %d playbooks", len(o.incidents), len(o.playbooks))
	}
	return o
}

const oldPluginID = "com.mattermost.plugin-incident-management"

// setOldReminder makes the pending reminder of an incident due at a time.
func setOldReminder(t *testing.T, database *testenv.Database, id string, at time.Time) {
	t.Helper()
	value, err := json.Marshal(map[string]any{"Key": id, "RunAt": at})
	if err != nil {
		t.Fatal(err)
	}
	statement := "UPDATE PluginKeyValueStore SET PValue = ? WHERE PluginId = ? AND PKey = ?"
	if database.Driver == testenv.Postgres {
		statement = "UPDATE PluginKeyValueStore SET PValue = $1 WHERE PluginId = $2 AND PKey = $3"
	}
	result, err := openDB(t, database).Exec(statement, value, oldPluginID, "once_"+id)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%d reminders were changed: %v", n, err)
	}
}

// pendingReminder reads the pending reminder of an incident as 1.2.0 does; zero if there is none.
func pendingReminder(t *testing.T, s *server, id string) time.Time {
	t.Helper()
	var at time.Time
	each(t, openDB(t, s.database), "SELECT PValue, COALESCE(ExpireAt, 0) FROM PluginKeyValueStore WHERE PluginId = '"+oldPluginID+"' AND PKey = 'once_"+id+"'", func(row *sql.Rows) error {
		var value []byte
		var expires int64
		if err := row.Scan(&value, &expires); err != nil {
			return err
		}
		var pending struct {
			Key   string
			RunAt time.Time
		}
		if err := json.Unmarshal(value, &pending); err != nil {
			return err
		}
		if pending.Key != id || expires != 0 {
			return fmt.Errorf("the value of the reminder is %s, it expires at %d", value, expires)
		}
		at = pending.RunAt
		return nil
	})
	return at
}

// loginOld logs somebody in who used version 1.2.0.
func (s *server) loginOld(t *testing.T, name string) *person {
	t.Helper()
	p := &person{Client4: model.NewAPIv4Client(s.URL), server: s}
	user, response := p.Login(name, "Passw0rd!-"+name)
	must(t, "log in", response)
	p.user = user
	return p
}

// mustBeThere compares what the REST API gives with what the tables held.
func (o *oldData) mustBeThere(t *testing.T, s *server, anna *person, due time.Time) {
	admin := s.admin()
	var list struct {
		TotalCount int `json:"total_count"`
		Items      []incident.Incident
	}
	admin.call(t, "GET", "/incidents?team_id="+o.teamID, nil).want(t, 200).decode(t, &list)
	if list.TotalCount != len(o.incidents) || len(list.Items) != len(o.incidents) {
		t.Errorf("%d incidents are listed", list.TotalCount)
	}
	for name, old := range o.incidents {
		got := admin.incident(t, old.ID)
		var stages []incident.Stage
		if err := json.Unmarshal([]byte(old.Checklists), &stages); err != nil {
			t.Fatal(err)
		}
		stage := old.Stage
		if len(stages) == 0 {
			stage = -1
		}
		want := incident.Incident{
			ID: old.ID, Name: name, Description: old.Description, IsActive: old.Active, CommanderUserID: old.Commander, TeamID: o.teamID,
			ChannelID: old.ChannelID, CreateAt: old.CreateAt, EndAt: old.EndAt, ActiveStage: stage, ActiveStageTitle: old.StageTitle,
			PostID: old.PostID, PlaybookID: old.PlaybookID, Checklists: incident.NormalStages(stages), StatusPostIDs: old.StatusPosts,
			StatusPosts: got.StatusPosts, ReminderPostID: old.ReminderPost, PreviousReminder: old.PreviousReminder,
			BroadcastChannelID: old.Broadcast, ReminderMessageTemplate: old.Template, Revision: got.Revision, PostRevision: got.PostRevision,
		}
		if asJSON(t, got) != asJSON(t, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, asJSON(t, got), asJSON(t, want))
		}
		for n, update := range got.StatusPosts {
			if update.ID != old.StatusPosts[n] || update.CreateAt == 0 || update.DeleteAt != 0 {
				t.Errorf("%s: status update %+v", name, update)
			}
		}
	}
	for title, old := range o.playbooks {
		if old.Deleted {
			admin.call(t, "GET", "/playbooks/"+old.ID, nil).want(t, 404)
			continue
		}
		var got struct {
			Title      string
			Checklists []incident.Stage
			MemberIDs  []string `json:"member_ids"`
		}
		admin.call(t, "GET", "/playbooks/"+old.ID, nil).want(t, 200).decode(t, &got)
		var stages []incident.Stage
		if err := json.Unmarshal([]byte(old.Checklists), &stages); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got.MemberIDs)
		slices.Sort(old.Members)
		if got.Title != title || asJSON(t, got.Checklists) != asJSON(t, stages) || !slices.Equal(got.MemberIDs, old.Members) {
			t.Errorf("playbook %s: %+v, want %+v", title, got, old)
		}
	}
	if at := pendingReminder(t, s, o.id("Checkout is down")); !at.Equal(due) {
		t.Errorf("the reminder is pending for %s, want %s", at, due)
	}
	if shown := o.incidents["No playbook"]; shown.ReminderPost == "" || post(t, admin, shown.ChannelID, shown.ReminderPost).DeleteAt != 0 {
		t.Error("the displayed reminder is gone")
	}
}

func changeCheckout(t *testing.T, s *server, o *oldData, anna, boris *person) {
	old := o.incidents["Checkout is down"]
	before := anna.incident(t, old.ID)
	anna.call(t, "PUT", "/incidents/"+old.ID+"/checklists/1/item/0/state", body{"new_state": "closed"}).want(t, 200)
	boris.call(t, "PUT", "/incidents/"+old.ID+"/checklists/1/item/"+before.Checklists[1].Tasks[1].ID+"/state", body{"new_state": "in_progress"}).want(t, 200)
	after := anna.incident(t, old.ID)
	if fixed := after.Checklists[1]; fixed.Tasks[0].State != incident.Closed || fixed.Tasks[1].State != incident.InProgress || after.Revision < before.Revision+2 {
		t.Errorf("changed: %+v", after)
	}
	// The plugin also finds the reminder that version 1.2.0 has stored.
	events := slices.DeleteFunc(s.storedEvents(t, old.ID), func(e incident.Event) bool { return e.Type() == "update_planned" && e.ActorID == "" })
	if len(events) == 0 || events[0].Revision <= before.Revision || events[0].Type() != incident.EventTaskState {
		t.Errorf("the first events: %+v", events)
	}

	setOldReminder(t, s.database, old.ID, time.Now().Add(-time.Minute))
	for deadline := time.Now().Add(15 * time.Second); after.ReminderPostID == ""; after = anna.incident(t, old.ID) {
		if time.Now().After(deadline) {
			t.Fatal("the reminder that 1.2.0 scheduled did not fire")
		}
		time.Sleep(200 * time.Millisecond)
	}
	if reminder := post(t, anna, old.ChannelID, after.ReminderPostID); !strings.Contains(reminder.Message, "@boris") || len(reminder.Attachments()) != 1 {
		t.Errorf("the reminder: %+v", reminder)
	}
	if at := pendingReminder(t, s, old.ID); !at.IsZero() {
		t.Errorf("the reminder that fired is still pending for %s", at)
	}
	anna.call(t, "POST", "/incidents/"+old.ID+"/update-status-dialog", body{
		"user_id": anna.user.Id, "submission": body{"message": "Rolled back", "reminder": "3600"},
	}).want(t, 200)
	after = anna.incident(t, old.ID)
	if len(after.StatusPosts) != len(before.StatusPosts)+1 || after.ReminderPostID != "" || after.PreviousReminder != 3600e9 {
		t.Errorf("after an update: %+v", after)
	}
	if in := time.Until(pendingReminder(t, s, old.ID)); in < 59*time.Minute || in > time.Hour {
		t.Errorf("the next reminder is due in %s", in)
	}
	mustSay(t, anna, old.Broadcast, "# [Checkout is down](", "@anna", "Rolled back")
	if rows := s.number(t, "SELECT COUNT(*) FROM IR_StatusPosts WHERE IncidentID = '"+old.ID+"'"); rows != len(after.StatusPosts) {
		t.Errorf("%d status posts are stored", rows)
	}
}

// The button was made by 1.2.0.
func dismissOld(t *testing.T, s *server, o *oldData, chen *person) {
	old := o.incidents["No playbook"]
	buttons := post(t, chen, old.ChannelID, old.ReminderPost).Attachments()[0].Actions
	_, response := chen.DoPostAction(old.ReminderPost, buttons[1].Id)
	must(t, "dismiss the reminder", response)
	if after := chen.incident(t, old.ID); after.ReminderPostID != "" {
		t.Errorf("dismissed: %+v", after)
	}
	if n := s.number(t, "SELECT COUNT(*) FROM Posts WHERE Id = '"+old.ReminderPost+"' AND DeleteAt = 0"); n != 0 {
		t.Error("the reminder post is still there")
	}
	// Its stage has "items": null.
	chen.call(t, "PUT", "/incidents/"+old.ID+"/checklists/0/add", body{"title": "First of all"}).want(t, 201)
	chen.call(t, "DELETE", "/incidents/"+old.ID+"/checklists/0/item/0", nil).want(t, 204)
}

func endOld(t *testing.T, s *server, o *oldData, anna, boris *person) {
	for name, p := range map[string]*person{"Checkout is down": anna, "Leaked token": anna, "Nothing planned": anna, "No playbook": s.admin()} {
		id := o.id(name)
		p.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 200)
		if ended := p.incident(t, id); ended.IsActive || ended.EndAt == 0 {
			t.Errorf("%s: %+v", name, ended)
		}
		if at := pendingReminder(t, s, id); !at.IsZero() {
			t.Errorf("%s has ended and has a reminder pending", name)
		}
		p.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 409)
		p.call(t, "PUT", "/incidents/"+id+"/restart", nil).want(t, 200)
	}
	slow := o.id("Slow site")
	boris.call(t, "POST", "/incidents/"+slow+"/update-status-dialog", body{
		"user_id": boris.user.Id, "submission": body{"message": "Too late", "reminder": "0"},
	}).want(t, 409)
	boris.call(t, "PUT", "/incidents/"+slow+"/restart", nil).want(t, 200)
	if restarted := boris.incident(t, slow); !restarted.IsActive || restarted.EndAt != 0 {
		t.Errorf("restarted: %+v", restarted)
	}
	boris.call(t, "PATCH", "/incidents/"+slow, body{"active_stage": 1}).want(t, 200)
	// A reminder stays pending for the reads below.
	boris.call(t, "POST", "/incidents/"+slow+"/update-status-dialog", body{
		"user_id": boris.user.Id, "submission": body{"message": "Slow again", "reminder": "900"},
	}).want(t, 200)
}

func changeOldPlaybooks(t *testing.T, s *server, o *oldData, anna *person) {
	for title, old := range o.playbooks {
		if old.Deleted {
			continue
		}
		var stored map[string]any
		anna.call(t, "GET", "/playbooks/"+old.ID, nil).want(t, 200).decode(t, &stored)
		stored["description"] = "Changed: 安全 🔒"
		anna.call(t, "PUT", "/playbooks/"+old.ID, stored).want(t, 200)
		started := anna.startIncident(t, &model.Team{Id: o.teamID}, "From an old playbook", old.ID)
		if now := anna.incident(t, started.ID); now.PlaybookID != old.ID || now.Revision != 1 {
			t.Errorf("started with %s: %+v", title, now)
		}
	}
	created := anna.newPlaybook(t, &model.Team{Id: o.teamID}, nil, anna)
	anna.call(t, "DELETE", "/playbooks/"+created, nil).want(t, 204)
}

// readNewOld is about an incident that 1.2.0 stored after we had been here.
func readNewOld(t *testing.T, s *server, o *oldData, anna *person) {
	id, old := model.NewId(), o.incidents["Leaked token"]
	var lobby string
	each(t, openDB(t, s.database), "SELECT Id FROM Channels WHERE Name = 'off-topic' AND TeamId = '"+o.teamID+"'", func(row *sql.Rows) error { return row.Scan(&lobby) })
	columns := strings.Replace(strings.Replace(oldIncidentColumns, "ID,", "'"+id+"',", 1), "ChannelID,", "'"+lobby+"',", 1)
	if _, err := openDB(t, s.database).Exec("INSERT INTO IR_Incident (" + oldIncidentColumns + ") SELECT " + columns + " FROM IR_Incident WHERE ID = '" + old.ID + "'"); err != nil {
		t.Fatal(err)
	}
	if got := anna.incident(t, id); got.Name != "Leaked token" || got.ChannelID != lobby {
		t.Errorf("read: %+v", got)
	}
	anna.call(t, "PUT", "/incidents/"+id+"/checklists/0/item/0/state", body{"new_state": "closed"}).want(t, 200)
}

// mustSatisfyOldReads reads every row as 1.2.0 does.
func mustSatisfyOldReads(t *testing.T, s *server) {
	db := openDB(t, s.database)
	incidents, pending := 0, 0
	each(t, db, "SELECT "+oldIncidentColumns+" FROM IR_Incident", func(row *sql.Rows) error {
		var i oldIncident // a NULL cannot be scanned into a string or number
		var name, teamID string
		var deleteAt int64
		if err := row.Scan(&i.ID, &name, &i.Description, &i.Active, &i.Commander, &teamID, &i.ChannelID, &i.CreateAt, &i.EndAt, &deleteAt, &i.Stage,
			&i.PostID, &i.PlaybookID, &i.Checklists, &i.StageTitle, &i.ReminderPost, &i.Broadcast, &i.PreviousReminder, &i.Template); err != nil {
			return err
		}
		incidents++
		stages := oldStages(t, name, i.Checklists, true)
		if len(stages) > 0 && (i.Stage < 0 || i.Stage >= len(stages) || stages[i.Stage] != i.StageTitle) {
			t.Errorf("%s: stage %d %q of %q", name, i.Stage, i.StageTitle, stages)
		}
		if i.Active != (i.EndAt == 0) || deleteAt != 0 || i.CreateAt == 0 {
			t.Errorf("%s: active %v, ended at %d, deleted at %d", name, i.Active, i.EndAt, deleteAt)
		}
		if !pendingReminder(t, s, i.ID).IsZero() {
			pending++
		}
		return nil
	})
	if incidents != 5+3+1 || pending != 1 {
		t.Errorf("%d incidents, %d pending reminders", incidents, pending)
	}
	each(t, db, "SELECT "+oldPlaybookColumns+" FROM IR_Playbook", func(row *sql.Rows) error {
		var id, title, description, teamID, checklists, broadcast, template string
		var public bool
		var createAt, deleteAt, stages, steps, seconds int64
		if err := row.Scan(&id, &title, &description, &teamID, &public, &createAt, &deleteAt, &checklists, &stages, &steps, &broadcast, &template, &seconds); err != nil {
			return err
		}
		if titles := oldStages(t, title, checklists, false); int64(len(titles)) != stages || teamID == "" {
			t.Errorf("playbook %s: %d stages, counted %d", title, len(titles), stages)
		}
		return nil
	})
	if n := s.number(t, "SELECT COUNT(*) FROM IR_StatusPosts s LEFT JOIN Posts p ON p.Id = s.PostID LEFT JOIN IR_Incident i ON i.ID = s.IncidentID WHERE p.Id IS NULL OR i.ID IS NULL"); n != 0 {
		t.Errorf("%d status posts lead nowhere", n)
	}
	each(t, db, "SELECT SValue FROM IR_System WHERE SKey = 'DatabaseVersion'", func(row *sql.Rows) error {
		var version string
		if err := row.Scan(&version); err != nil || version != "0.5.0" {
			t.Errorf("DatabaseVersion is %q", version)
		}
		return nil
	})
	each(t, db, "SELECT k.PValue FROM PluginKeyValueStore k WHERE k.PluginId = '"+oldPluginID+"' AND k.PKey = 'mmi_botid'", func(row *sql.Rows) error {
		var id []byte
		if err := row.Scan(&id); err != nil {
			return err
		}
		if n := s.number(t, "SELECT COUNT(*) FROM Users WHERE Username = 'incident' AND DeleteAt = 0 AND Id = '"+string(id)+"'"); n != 1 {
			t.Errorf("mmi_botid names %q, which is not the bot", id)
		}
		return nil
	})
}

// oldStages decodes the JSON of stages, which must have the fields of 1.2.0, and returns their titles. Of further fields, which
// 1.2.0 ignores, there are only those that tell who wrote and ran a command.
func oldStages(t *testing.T, name, text string, ids bool) []string {
	t.Helper()
	fields := []string{"assignee_id", "assignee_modified", "assignee_modified_post_id", "command", "command_last_run", "description", "id",
		"state", "state_modified", "state_modified_post_id", "title"}
	added := []string{"command_edited_at", "command_last_editor_id", "command_last_runner_id"}
	var stages []struct {
		ID, Title *string
		Items     []map[string]any
	}
	if err := json.Unmarshal([]byte(text), &stages); err != nil {
		t.Fatalf("%s: %v: %s", name, err, text)
	}
	var titles []string
	for _, stage := range stages {
		if stage.ID == nil || stage.Title == nil || ids && *stage.ID == "" {
			t.Fatalf("%s: a stage without id or title: %s", name, text)
		}
		titles = append(titles, *stage.Title)
		for _, item := range stage.Items {
			var names []string
			for field, value := range item {
				if !slices.Contains(added, field) {
					names = append(names, field)
				}
				number := slices.Contains([]string{"assignee_modified", "command_last_run", "state_modified", "command_edited_at"}, field)
				if _, isNumber := value.(float64); isNumber != number {
					t.Errorf("%s: %s is %v", name, field, value)
				}
			}
			if slices.Sort(names); !slices.Equal(names, fields) {
				t.Errorf("%s: a task has the fields %v", name, names)
			}
			if ids && item["id"] == "" {
				t.Errorf("%s: a task without id", name)
			}
		}
	}
	return titles
}
