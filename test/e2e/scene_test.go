//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// scene is a team with three people, where anna can start incidents from a playbook.
type scene struct {
	*server
	anna, boris, clara *person
	team               *model.Team
	square             *model.Channel // the public channel where everybody is
}

func (s *server) newScene(t testing.TB) *scene {
	t.Helper()
	c := &scene{server: s, anna: s.newUser(t), boris: s.newUser(t), clara: s.newUser(t)}
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
func (c *scene) newPlaybook(t testing.TB, alter func(p *playbook.Playbook)) string {
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
func (c *scene) start(t testing.TB, fields map[string]any) incident.Incident {
	t.Helper()
	var made incident.Incident
	c.anna.call(t, "POST", "/incidents", c.startBody(fields)).want(t, 201).decode(t, &made)
	return made
}

func (c *scene) startBody(fields map[string]any) map[string]any {
	body := map[string]any{"name": "Incident " + model.NewId()[:8], "team_id": c.team.Id, "commander_user_id": c.anna.user.Id}
	for name, value := range fields {
		body[name] = value
	}
	return body
}

// startFromPlaybook starts a public incident with stages().
func (c *scene) startFromPlaybook(t testing.TB, alter func(p *playbook.Playbook)) incident.Incident {
	t.Helper()
	return c.start(t, map[string]any{"playbook_id": c.newPlaybook(t, alter)})
}

// read reads an incident as anna.
func (c *scene) read(t testing.TB, id string) incident.Incident {
	t.Helper()
	var got incident.Incident
	c.anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &got)
	return got
}

// channelOf is the channel of an incident.
func (c *scene) channelOf(t testing.TB, i incident.Incident) *model.Channel {
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

// unharmed fails the test at its end if the plugin's process was started anew meanwhile.
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

// said tells how many posts of the channel contain text.
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
