//go:build e2e

package e2e

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/support"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func (s *server) bot(t testing.TB) *model.User {
	t.Helper()
	bot, response := s.Admin.GetUserByUsername("incident", "")
	must(t, "find the bot", response)
	return bot
}

// direct are the messages of the bot to a person, the oldest first.
func (p *person) direct(t testing.TB) []*model.Post {
	t.Helper()
	channel, response := p.CreateDirectChannel(p.user.Id, p.server.bot(t).Id)
	must(t, "find the direct channel", response)
	return p.posts(t, channel.Id)
}

func TestSupport_AFileForTheAdministratorOnly(t *testing.T) {
	t.Parallel() // it has servers of its own
	testenv.EachServerDriver(t, func(t *testing.T, database *testenv.Database) {
		s := startServer(t, database, testenv.MattermostOptions{})
		s.unharmed(t)
		c := s.newFixture(t)
		s.setPlugin(t, map[string]any{"playbookcreators": "list", "playbookcreatorlist": c.anna.user.Username + "," + c.boris.user.Id, "logcopiesto": "nobody.at.all"})
		eventually(t, "the setting counts", func() bool {
			return c.clara.call(t, "POST", "/playbooks", body{"title": "x", "team_id": c.team.Id}).Status == 403
		})
		i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Title = "Very secret playbook" })
		c.anna.updateStatus(t, i.ID, "Very secret message", "900").want(t, 200)
		s.exec(t, "ALTER TABLE IR_Event RENAME TO IR_Away")
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "Very secret task"}).want(t, 500)
		s.exec(t, "ALTER TABLE IR_Away RENAME TO IR_Event")

		admin := s.admin()
		s.addToTeam(t, c.team, admin)
		events, annas := admin.listen(t), c.anna.listen(t)
		c.anna.command(t, c.team, c.square, "/incident support")
		if text := annas.ephemeral(t).Message; text != incident.ErrAdminsOnly.Message {
			t.Errorf("a member is told %q", text)
		}
		if posts := c.anna.direct(t); len(posts) > 0 {
			t.Errorf("a member gets %q", posts[0].Message)
		}
		admin.command(t, c.team, c.square, "/incident support")
		if text := events.ephemeral(t).Message; !strings.Contains(text, "direct message") {
			t.Fatalf("the administrator is told %q", text)
		}
		posts := admin.direct(t)
		if len(posts) != 1 || len(posts[0].FileIds) != 1 {
			t.Fatalf("the administrator got %d messages", len(posts))
		}
		sent, response := admin.GetFile(posts[0].FileIds[0])
		must(t, "read the file", response)
		if _, response := c.anna.GetFile(posts[0].FileIds[0]); response.StatusCode != 403 {
			t.Errorf("a member reads the file: %d", response.StatusCode)
		}
		answer := admin.call(t, "GET", "/support", nil).want(t, 200)
		for name, content := range map[string][]byte{"sent": sent, "downloaded": answer.Body} {
			var r support.Report
			if err := json.Unmarshal(content, &r); err != nil {
				t.Fatalf("%s: %v: %s", name, err, content)
			}
			if r.Mattermost == "" || r.Database.Version == "" || r.Database.Driver != string(database.Driver) || r.Database.Schema != r.Database.SchemaKnown ||
				r.Database.Step != r.Database.StepKnown || len(r.Failures) > 0 || r.Plugin.Version == "" {
				t.Errorf("%s: %s", name, content)
			}
			if n := r.Database.Counts; n["incidents"] != 1 || n["incidents_ongoing"] != 1 || n["playbooks"] != 1 || n["pending_reminders"] != 1 {
				t.Errorf("%s: counts %v", name, n)
			}
			if r.Settings.PlaybookCreators != "list" || r.Settings.PlaybookCreatorUsers != 2 || r.Settings.LogCopyUsers != 1 {
				t.Errorf("%s: settings %+v", name, r.Settings)
			}
			if !slices.ContainsFunc(r.Errors, func(l support.Line) bool { return l.Class == "schema" && strings.Contains(l.Facts["route"], "/add") }) {
				t.Errorf("%s: the failed request is not among %+v", name, r.Errors)
			}
			if !slices.ContainsFunc(r.Problems, func(p support.Problem) bool { return p.ID == "database.schema" }) {
				t.Errorf("%s: problems %+v", name, r.Problems)
			}
			for _, private := range []string{"secret", i.ID, i.Name, i.ChannelID, c.team.Id, c.team.Name, c.anna.user.Id, c.anna.user.Username,
				c.boris.user.Id, s.database.DSN, "nobody.at.all", "Very", s.URL} {
				if strings.Contains(string(content), private) {
					t.Errorf("%s: the file tells %q", name, private)
				}
			}
		}
		if !strings.Contains(answer.Header.Get("Content-Disposition"), "incident-management-support-") {
			t.Errorf("the file is called %q", answer.Header.Get("Content-Disposition"))
		}
		eventually(t, "the log tells the problem", func() bool {
			return s.logged(t, `"level":"warn"`, "database.schema", "Disable and enable the plugin")
		})
	})
}

// Where files are kept may be full or gone: then there is a link.
func TestSupport_WithoutFilesThereIsALink(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{})
	files := filepath.Join(s.Dir, "files")
	if err := os.RemoveAll(files); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files, nil, 0o600); err != nil { // where a directory must be
		t.Fatal(err)
	}
	admin := s.admin()
	team := s.newTeam(t, admin)
	channel := s.newChannel(t, team, model.CHANNEL_OPEN)
	events := admin.listen(t)
	admin.command(t, team, channel, "/incident support")
	if text := events.ephemeral(t).Message; !strings.Contains(text, "/plugins/"+s.pluginID+"/api/v0/support") {
		t.Errorf("the administrator is told %q", text)
	}
	admin.call(t, "GET", "/support", nil).want(t, 200)
}

func TestSupport_IsSuggestedToAdministratorsOnly(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	s.addToTeam(t, c.team, s.admin())
	for want, who := range map[int]*person{0: c.anna, 1: s.admin()} {
		var list []model.AutocompleteSuggestion
		who.get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input="+url.QueryEscape("/incident su")+"&channel_id="+c.square.Id, &list)
		if len(list) != want {
			t.Errorf("%d suggestions, want %d: %+v", len(list), want, list)
		}
	}
}
