//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// damagedStages are texts that a database may hold in the place of stages. Those that are no JSON only MySQL takes: there
// version 1.2.0 had columns of 64 KB, which cut what was longer where the server was not strict.
func damagedStages(driver testenv.Driver) []string {
	texts := []string{`null`, `[]`, `{}`, `"text"`, `7`, `[null]`, `[7]`, `[{}]`, `[{"title":5}]`, `[{"title":"t","items":{}}]`, `[{"title":"t","items":[null]}]`,
		`[{"title":"t","items":[{"id":"x","title":"a"},{"id":"x","title":"b"}]},{"title":"t","items":[{"id":"x","title":"c"}]}]`,
		`[{"title":"t","items":[{"title":"","state":"Weird","state_modified":-5,"assignee_id":"nobody","command":"  ","command_last_run":9007199254740993}]}]`,
		`[{"title":"t","items":[{"title":"t","state_modified":"2020-11-23T00:00:00Z"}]}]`}
	if driver == testenv.MySQL {
		texts = append(texts, ``, `[{"title":"t","items":[{"title":"cut`)
	}
	return texts
}

// harmless fails the test for an answer that is an internal error, or an error without words for people.
func (r *reply) harmless(t testing.TB, what string) {
	t.Helper()
	if r.Status >= 500 {
		t.Errorf("%s: %s %s answered %d: %s", what, r.Method, r.Path, r.Status, r.Body)
	} else if r.Status >= 400 {
		r.errorText(t)
	}
}

// useAll goes through all routes and commands of an incident, those that end it last.
func (c *fixture) useAll(t *testing.T, what string, i incident.Incident) {
	t.Helper()
	ids := map[string]string{"channel": i.ChannelID, "id": i.ID, "team": i.TeamID, "playbook": i.PlaybookID, "book": c.anna.user.Id}
	for _, row := range permissionRows(t, 14) {
		if strings.Contains(row.path, "{doomed}") || strings.HasSuffix(row.path, "/restart") {
			continue
		}
		path := strings.NewReplacer("{id}", i.ID, "{channel}", i.ChannelID, "{team}", i.TeamID, "{playbook}", i.PlaybookID, "{entry}", i.ID, "{event}", i.ID, "{followup}", i.ID, "{handoff}", i.ID).Replace(row.path)
		c.anna.call(t, row.method, path, roleBody(row.method+" "+row.path, c.anna, c.anna, ids)).harmless(t, what)
	}
	c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).harmless(t, what)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/restart", nil).harmless(t, what)
	channel := c.channelOf(t, i)
	for _, line := range []string{"info", "list", "commander", "check 0 0", "check x y", "stage next", "stage prev", "update", "announce ~town-square", "end"} {
		c.anna.command(t, c.team, channel, "/incident "+line)
	}
}

// unlogged fails the test at its end if the plugin has logged an internal error or a panic.
func (s *server) unlogged(t *testing.T) {
	t.Helper()
	before := len(s.requestsThatFailed(t))
	t.Cleanup(func() {
		if lines := s.requestsThatFailed(t); len(lines) > before {
			t.Errorf("logged: %s", strings.Join(lines[before:], "\n"))
		}
	})
}

func (s *server) jsonColumn(text string) string {
	if s.database.Driver == testenv.Postgres {
		return "CAST('" + text + "' AS json)"
	}
	return "'" + text + "'"
}

// TestDamagedData_Incidents uses incidents whose rows hold what only a damaged database, or version 1.2.0, can have put
// there. All of them can be listed, read, and ended, and those beside them suffer nothing.
func TestDamagedData_Incidents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		s.unlogged(t)
		c := s.newFixture(t)
		book := c.newPlaybook(t, nil)
		start := func() incident.Incident { return c.start(t, map[string]any{"playbook_id": book}) }
		sound, foreign := start(), c.anna.post(t, &model.Post{ChannelId: c.square.Id, Message: "elsewhere"})
		damage := []string{
			"ActiveStage = -5", "ActiveStage = 99", "ActiveStage = 9223372036854775807",
			"PreviousReminder = -1", "PreviousReminder = 9223372036854775807", "PreviousReminder = -9223372036854775808",
			"ActiveStageTitle = NULL, ReminderPostID = NULL, BroadcastChannelID = NULL, ReminderMessageTemplate = NULL",
			"ReminderPostID = 'no id', BroadcastChannelID = 'no id'", "BroadcastChannelID = 'abcdefghijklmnopqrstuvwxyz', ReminderPostID = '" + foreign.Id + "'",
			"PlaybookID = 'no id', PostID = 'no id'", "PlaybookID = '', PostID = '" + foreign.Id + "'", "CommanderUserID = ''", "CommanderUserID = 'no id'",
			"Name = '', Description = ''", "Name = '  *_~` @all '", "CreateAt = 0", "CreateAt = 9007199254740991", "EndAt = 5", "IsActive = false", "ReminderClaimedAt = 9223372036854775807",
			"ReminderMessageTemplate = '" + strings.Repeat("x", 60000) + "'",
		}
		for _, text := range damagedStages(s.database.Driver) {
			damage = append(damage, "ActiveStage = 1, ChecklistsJSON = "+s.jsonColumn(text))
		}
		for _, set := range damage {
			what := set[:min(len(set), 120)]
			i := start()
			c.anna.updateStatus(t, i.ID, "before", "1800").want(t, 200)
			c.exec(t, "UPDATE IR_Incident SET "+set+" WHERE ID = '"+i.ID+"'")
			answer := c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id+"&per_page=1000", nil).want(t, 200)
			for _, id := range []string{i.ID, sound.ID} {
				if !strings.Contains(string(answer.Body), id) {
					t.Errorf("%s: the list lacks %s", what, id)
				}
			}
			c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200)
			c.useAll(t, what, i)
			var now incident.Incident
			c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200, 409)
			c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200).decode(t, &now)
			if now.IsActive {
				t.Errorf("%s: it could not be ended", what)
			}
			if n := c.count(t, "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = 'once_"+i.ID+"'"); n != 0 {
				t.Errorf("%s: the reminder is still pending", what)
			}
		}
		if post, response := c.anna.GetPost(foreign.Id, ""); response.Error != nil || post.DeleteAt != 0 {
			t.Errorf("a post of another channel was deleted, because a damaged row names it as reminder: %v", response.Error)
		}
		if got := c.read(t, sound.ID); asJSON(t, got) != asJSON(t, sound) && got.Revision != sound.Revision {
			t.Errorf("the sound incident has become %+v", got)
		}
	})
}

// TestDamagedData_StatusPosts: status posts that are gone, in another channel, or no ids at all.
func TestDamagedData_StatusPosts(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		s.unlogged(t)
		c := s.newFixture(t)
		_, secret := c.secretPost(t)
		i := c.startFromPlaybook(t, nil)
		c.anna.updateStatus(t, i.ID, "the only one", "0").want(t, 200)
		for _, id := range []string{secret.Id, model.NewId(), "no id", "a,b c", ""} {
			c.exec(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES ('"+i.ID+"', '"+id+"')")
		}
		c.useAll(t, "foreign status posts", i)
		report := string(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=json", nil).want(t, 200).Body)
		if strings.Contains(report, secret.Message) {
			t.Errorf("the export tells a post of another channel: %s", report)
		}
		if !strings.Contains(report, "the only one") {
			t.Errorf("the export lacks the status update: %s", report)
		}
	})
}

// TestDamagedData_Playbooks uses playbooks whose rows are damaged. What can be read is served; stages that cannot be
// read are never overwritten, and no incident is started without the stages that it should have.
func TestDamagedData_Playbooks(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		s.unlogged(t)
		c := s.newFixture(t)
		sound := c.newPlaybook(t, nil)
		damage := []string{"NumStages = -1, NumSteps = 9223372036854775807", "BroadcastChannelID = NULL, ReminderMessageTemplate = NULL", "BroadcastChannelID = 'no id'",
			"ReminderTimerDefaultSeconds = -1", "ReminderTimerDefaultSeconds = 9223372036854775807", "ReminderTimerDefaultSeconds = 9300000000", "Title = ''", "Description = ''",
			"CreateAt = 0", "Title = '" + strings.Repeat("long ", 200) + "'", "ReminderMessageTemplate = '" + strings.Repeat("x", 60000) + "'"}
		for _, text := range damagedStages(s.database.Driver) {
			damage = append(damage, "ChecklistsJSON = "+s.jsonColumn(text))
		}
		listener := c.anna.listen(t)
		for _, set := range damage {
			what := set[:min(len(set), 120)]
			id := c.newPlaybook(t, nil)
			c.exec(t, "UPDATE IR_Playbook SET "+set+" WHERE ID = '"+id+"'")
			for _, path := range []string{"/playbooks?team_id=" + c.team.Id + "&per_page=1000", "/playbooks/autocomplete?team_id=" + c.team.Id} {
				answer := c.anna.call(t, "GET", path, nil).want(t, 200)
				if !strings.Contains(string(answer.Body), id) || !strings.Contains(string(answer.Body), sound) {
					t.Errorf("%s: %s lacks a playbook", what, path)
				}
			}
			var read playbook.Playbook
			c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &read)
			c.anna.call(t, "POST", "/eventsubscriptions", body{"playbook_id": id, "user_id": c.anna.user.Id, "url": body{"Host": "h"}}).want(t, 201)
			c.anna.command(t, c.team, c.square, "/incident start")
			listener.wait(t, "a dialog that offers the playbook with "+what, func(event *model.WebSocketEvent) bool {
				return event.EventType() == model.WEBSOCKET_EVENT_OPEN_DIALOG && strings.Contains(event.ToJson(), id)
			})
			for _, answer := range []*reply{
				c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id})),
				c.anna.call(t, "POST", "/incidents/dialog", body{"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id, "state": "{}",
					"submission": c.fields(id, "From a damaged playbook")}),
			} {
				answer.harmless(t, what)
				if answer.Status == 201 && len(answer.Body) > 0 {
					var made incident.Incident
					answer.decode(t, &made)
					c.useAll(t, "started from "+what, made)
				}
			}
			stored := fmt.Sprintf("SELECT COUNT(*) FROM IR_Playbook WHERE ID = '%s' AND Title = 'Mended'", id)
			answer := c.anna.call(t, "PUT", "/playbooks/"+id, body{"title": "Mended", "member_ids": []string{c.anna.user.Id}, "checklists": stagesBody()})
			answer.harmless(t, what)
			if (answer.Status == 200) != (c.count(t, stored) == 1) {
				t.Errorf("%s: saving answered %d, but the title is not what that says", what, answer.Status)
			}
			c.anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		}
	})
}

// TestDamagedData_PlaybookMembers: members of a playbook that are no users, or are stored twice, do no harm, and nobody becomes
// a member by them.
func TestDamagedData_PlaybookMembers(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		s.unlogged(t)
		c := s.newFixture(t)
		id := c.newPlaybook(t, nil)
		members := []string{"", " ", "no id", "a,b", ",", strings.ToUpper(c.boris.user.Id), model.NewId()}
		if s.database.Driver == testenv.MySQL { // without a unique key
			members = append(members, c.anna.user.Id, c.anna.user.Id)
		}
		for _, member := range members {
			c.exec(t, "INSERT INTO IR_PlaybookMember (PlaybookID, MemberID) VALUES ('"+id+"', '"+member+"')")
		}
		var read playbook.Playbook
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &read)
		seen := map[string]int{}
		for _, member := range read.MemberIDs {
			seen[member]++
		}
		if seen[c.anna.user.Id] != 1 || seen[""] != 0 {
			t.Errorf("the members are %q", read.MemberIDs)
		}
		c.boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 403)
		c.boris.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "commander_user_id": c.boris.user.Id})).want(t, 403)
		if answer := c.boris.call(t, "GET", "/playbooks?team_id="+c.team.Id, nil).want(t, 200); strings.Contains(string(answer.Body), id) {
			t.Errorf("listed for somebody who is no member: %s", answer.Body)
		}
		c.start(t, map[string]any{"playbook_id": id})
		// Saving what was read succeeds; saving without the strange ones removes them all.
		c.anna.call(t, "PUT", "/playbooks/"+id, read).want(t, 200)
		c.anna.call(t, "PUT", "/playbooks/"+id, body{"title": "Mended", "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		c.anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &read)
		if len(read.MemberIDs) != 1 || read.MemberIDs[0] != c.anna.user.Id {
			t.Errorf("after saving the members are %q", read.MemberIDs)
		}
		if n := c.count(t, "SELECT COUNT(*) FROM IR_PlaybookMember WHERE PlaybookID = '"+id+"'"); n != 1 {
			t.Errorf("%d rows of members are stored", n)
		}
	})
}
