//go:build e2e

package e2e

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

type body = map[string]any

// stagesBody is what a client sends for three stages: Triage with three tasks,
// the first of which has a command, Fix with two and Learn with one.
func stagesBody() []body {
	return []body{
		{"title": "Triage", "items": []body{
			{"title": "Name the impact", "command": "/echo impact"}, {"title": "Open the bridge"}, {"title": "Page *the* 100% team"},
		}},
		{"title": "Fix", "items": []body{{"title": "Roll back"}, {"title": "Confirm"}}},
		{"title": "Learn", "items": []body{{"title": "Write the timeline"}}},
	}
}

// newPlaybook makes a playbook with stagesBody; more overrides fields.
func (p *person) newPlaybook(t testing.TB, team *model.Team, more body, members ...*person) string {
	t.Helper()
	ids := []string{}
	for _, member := range members {
		ids = append(ids, member.user.Id)
	}
	fields := body{"title": "Outage", "team_id": team.Id, "checklists": stagesBody(), "member_ids": ids, "create_public_incident": true}
	for name, value := range more {
		fields[name] = value
	}
	var created struct{ ID string }
	p.call(t, "POST", "/playbooks", fields).want(t, 201).decode(t, &created)
	return created.ID
}

// startIncident starts an incident that the person commands; playbookID may be empty.
func (p *person) startIncident(t testing.TB, team *model.Team, name, playbookID string) incident.Incident {
	t.Helper()
	var started incident.Incident
	p.call(t, "POST", "/incidents", body{
		"name": name, "team_id": team.Id, "commander_user_id": p.user.Id, "playbook_id": playbookID,
	}).want(t, 201).decode(t, &started)
	return started
}

func (p *person) incident(t testing.TB, id string) incident.Incident {
	t.Helper()
	var got incident.Incident
	p.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &got)
	return got
}

// channel reads a channel as the administrator.
func (s *server) channel(t testing.TB, id string) *model.Channel {
	t.Helper()
	channel, response := s.Admin.GetChannel(id, "")
	must(t, "read a channel", response)
	return channel
}

// open connects to the server's database.
func (s *server) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := s.database.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// number runs a query that gives one number. Its arguments are ids and names of the tests' own.
func (s *server) number(t testing.TB, query string) int {
	t.Helper()
	var n int
	if err := s.open(t).QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// storedEvents reads what the database says has happened to an incident, the oldest first.
func (s *server) storedEvents(t testing.TB, id string) []incident.Event {
	t.Helper()
	rows, err := s.open(t).Query("SELECT ID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON, PostID FROM IR_Event WHERE IncidentID = '" + id + "' ORDER BY Revision")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var events []incident.Event
	for rows.Next() {
		var e incident.Event
		var kind, before, after string
		if err := rows.Scan(&e.ID, &e.Revision, &kind, &e.ActorID, &e.CreateAt, &before, &after, &e.PostID); err != nil {
			t.Fatal(err)
		}
		e.Payload = incident.DecodePayload(incident.EventType(kind), json.RawMessage(before), json.RawMessage(after))
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

// fixture is a team with three people, where anna can start incidents from a playbook.
type fixture struct {
	*server
	anna, boris, clara *person
	team               *model.Team
	square             *model.Channel // the public channel where everybody is
}

func (s *server) newFixture(t testing.TB) *fixture {
	t.Helper()
	c := &fixture{server: s, anna: s.newUser(t), boris: s.newUser(t), clara: s.newUser(t)}
	c.team = s.newTeam(t, c.anna, c.boris, c.clara)
	c.square = s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna, c.boris, c.clara)
	return c
}

// stages are two stages of three tasks each.
func stages() []incident.Stage {
	out := []incident.Stage{{Title: "First"}, {Title: "Second"}}
	for s := range out {
		for _, title := range []string{"one", "two", "three"} {
			out[s].Tasks = append(out[s].Tasks, incident.Task{Title: title})
		}
	}
	return out
}

// newPlaybook makes a playbook of the team, with anna as its member, unless alter says otherwise.
func (c *fixture) newPlaybook(t testing.TB, alter func(p *playbook.Playbook)) string {
	t.Helper()
	p := playbook.Playbook{Title: "Playbook", TeamID: c.team.Id, MemberIDs: []string{c.anna.user.Id}, Checklists: stages(), CreatePublicIncident: true}
	if alter != nil {
		alter(&p)
	}
	var made struct{ ID string }
	c.anna.call(t, "POST", "/playbooks", p).want(t, 201).decode(t, &made)
	return made.ID
}

// start lets anna start and command an incident; fields are added to the request.
func (c *fixture) start(t testing.TB, fields map[string]any) incident.Incident {
	t.Helper()
	var made incident.Incident
	c.anna.call(t, "POST", "/incidents", c.startBody(fields)).want(t, 201).decode(t, &made)
	return made
}

func (c *fixture) startBody(fields map[string]any) map[string]any {
	body := map[string]any{"name": "Incident " + model.NewId()[:8], "team_id": c.team.Id, "commander_user_id": c.anna.user.Id}
	for name, value := range fields {
		body[name] = value
	}
	return body
}

// startFromPlaybook starts a public incident with stages().
func (c *fixture) startFromPlaybook(t testing.TB, alter func(p *playbook.Playbook)) incident.Incident {
	t.Helper()
	return c.start(t, map[string]any{"playbook_id": c.newPlaybook(t, alter)})
}

// read reads an incident as anna.
func (c *fixture) read(t testing.TB, id string) incident.Incident {
	t.Helper()
	var got incident.Incident
	c.anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &got)
	return got
}

// channelOf is the channel of an incident.
func (c *fixture) channelOf(t testing.TB, i incident.Incident) *model.Channel {
	t.Helper()
	channel, response := c.Admin.GetChannel(i.ChannelID, "")
	must(t, "read the incident's channel", response)
	return channel
}

// updateStatus sends the dialog of a status update.
func (p *person) updateStatus(t testing.TB, id, message, reminder string) *reply {
	t.Helper()
	return p.call(t, "POST", "/incidents/"+id+"/update-status-dialog",
		map[string]any{"submission": map[string]any{"message": message, "reminder": reminder}})
}

// exec runs a statement on the server's database; ids are put in by the caller.
func (s *server) exec(t testing.TB, statement string) {
	t.Helper()
	db, err := s.database.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// count reads one number from the server's database.
func (s *server) count(t testing.TB, query string) int {
	t.Helper()
	db, err := s.database.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	n := 0
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// propsText is a post's column Props, which later servers keep as JSON, as text.
func (s *server) propsText() string {
	if s.database.Driver == testenv.Postgres {
		return "CAST(Props AS TEXT)"
	}
	return "CAST(Props AS CHAR)"
}

// unharmed fails the test at its end if the plugin's process was restarted.
func (s *server) unharmed(t testing.TB) {
	t.Helper()
	before, err := s.PluginPID(s.pluginID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if after, err := s.PluginPID(s.pluginID); err != nil || after != before {
			t.Errorf("the plugin crashed: process %d became %d (%v)", before, after, err)
		}
	})
}

// said returns how many posts of the channel contain text.
func (p *person) said(t testing.TB, channelID, text string) int {
	t.Helper()
	n := 0
	for _, post := range p.posts(t, channelID) {
		if strings.Contains(post.Message, text) {
			n++
		}
	}
	return n
}

// awaitPost waits until the channel has a post of the type.
func (p *person) awaitPost(t testing.TB, channelID, kind string) {
	t.Helper()
	for deadline := time.Now().Add(eventTimeout); ; time.Sleep(20 * time.Millisecond) {
		if slices.ContainsFunc(p.posts(t, channelID), func(post *model.Post) bool { return post.Type == kind }) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no post of the type %s in %s", kind, eventTimeout)
		}
	}
}

// errorText is the error of an answer; the test fails if there is none for users to read.
func (r *reply) errorText(t testing.TB) string {
	t.Helper()
	var body struct{ Error string }
	r.decode(t, &body)
	if body.Error == "" {
		t.Errorf("%s %s answers %d without saying why: %s", r.Method, r.Path, r.Status, r.Body)
	}
	return body.Error
}

// atOnce runs act once for each number below n, all at the same time.
func atOnce(n int, act func(n int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for k := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			act(k)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// secretPost is a post in a private channel where only the administrator is.
func (c *fixture) secretPost(t *testing.T) (*model.Channel, *model.Post) {
	t.Helper()
	channel := c.newChannel(t, c.team, model.CHANNEL_PRIVATE)
	post, response := c.Admin.CreatePost(&model.Post{ChannelId: channel.Id, Message: "the secret"})
	must(t, "post", response)
	return channel, post
}

// remind makes a reminder fall due and waits for its post.
func (c *fixture) remind(t *testing.T, i incident.Incident) incident.Incident {
	t.Helper()
	c.anna.updateStatus(t, i.ID, "well", "1").want(t, 200)
	for range 200 {
		if seen := c.read(t, i.ID); seen.ReminderPostID != "" {
			return seen
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("no reminder in 20 s")
	return i
}

func private(p *playbook.Playbook) { p.CreatePublicIncident = false }

// unchanged fails the test at once if act has changed the incident.
func (c *fixture) unchanged(t *testing.T, what string, i incident.Incident, act func()) {
	t.Helper()
	before := asJSON(t, c.read(t, i.ID))
	// Mattermost says later, on its own, who was added to the channel.
	count := func() (n int) {
		for _, post := range c.anna.posts(t, i.ChannelID) {
			if !strings.HasPrefix(post.Type, model.POST_SYSTEM_MESSAGE_PREFIX) {
				n++
			}
		}
		return n
	}
	posts := count()
	act()
	if after := asJSON(t, c.read(t, i.ID)); after != before {
		t.Fatalf("%s has changed the incident from\n%s\nto\n%s", what, before, after)
	}
	if now := count(); now != posts {
		t.Fatalf("%s has made %d posts", what, now-posts)
	}
}

// refused wants an answer to a dialog that shows an error.
func refused(t *testing.T, what string, answer *model.SubmitDialogResponse) {
	t.Helper()
	if answer == nil || answer.Error == "" && len(answer.Errors) == 0 {
		t.Errorf("%s was accepted: %+v", what, answer)
	}
}

// accepted fails the test if a dialog shows errors instead of closing.
func accepted(t *testing.T, answer *model.SubmitDialogResponse) {
	t.Helper()
	if answer != nil && (answer.Error != "" || len(answer.Errors) > 0) {
		t.Fatalf("the dialog was refused: %q %v", answer.Error, answer.Errors)
	}
}
