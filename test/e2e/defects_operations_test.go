//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// ownServer is a server that a test may configure.
func ownServer(t *testing.T) *server {
	t.Helper()
	return startServer(t, testenv.NewDatabase(t, testenv.Postgres), testenv.MattermostOptions{EnableTesting: true, EnableDeveloper: true})
}

func TestD14_WithoutAUserNothingIsAnswered(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	for _, header := range []string{"X-Nothing: x", "Mattermost-User-Id: " + s.admin().user.Id, "Mattermost-Plugin-ID: " + s.pluginID} {
		if answer := s.anonymous().call(t, "GET", "/incidents?team_id=x", nil, header); answer.Status != 401 {
			t.Errorf("with %s: %d", header, answer.Status)
		}
	}
}

func TestD19_UnknownPathsAnswerAsBefore(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.anonymous().call(t, "GET", "/nonsense", nil).want(t, 404)
	s.anonymous().call(t, "DELETE", "/incidents", nil).want(t, 405)
	s.anonymous().call(t, "GET", "/incidents/", nil).want(t, 404)
}

func TestD20_PagesDoNotOverlap(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		for range 6 {
			c.start(t, map[string]any{"name": "The same"})
		}
		for _, sort := range []string{"name", "is_active", "end_at", "team_id", "commander_user_id"} {
			seen := map[string]bool{}
			for _, page := range []string{"0", "1", "2"} {
				var list struct{ Items []incident.Incident }
				c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id+"&per_page=2&sort="+sort+"&page="+page, nil).want(t, 200).decode(t, &list)
				for _, i := range list.Items {
					seen[i.ID] = true
				}
			}
			if len(seen) != 6 {
				t.Errorf("sorted by %s, three pages have %d of 6", sort, len(seen))
			}
		}
	})
}

func TestE1_PercentSignsSurvive(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Title = "100% done" })
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", `{"new_state":"closed"}`).want(t, 200)
	if c.anna.said(t, i.ChannelID, "100% done") != 1 {
		t.Error("the title is mangled")
	}
}

func TestE17_ListsSayThatThereAreMore(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	var last incident.Incident
	for range 11 {
		last = c.start(t, nil)
	}
	s.exec(t, "UPDATE IR_Incident SET CommanderUserID = 'aaaaaaaaaaaaaaaaaaaaaaaaaa', ActiveStageTitle = '' WHERE ID = '"+last.ID+"'")
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.square, "/incident list")
	post := events.ephemeral(t)
	if len(post.Attachments()) != 10 || !strings.Contains(post.Message, "10 of 11") {
		t.Errorf("%d shown: %q", len(post.Attachments()), post.Message)
	}
	for _, a := range post.Attachments() {
		for _, field := range a.Fields {
			if field.Value == "****" {
				t.Error("an empty stage is shown as ****")
			}
		}
	}
}

func TestG2_G3_NamesOfCommandsInAnyCase(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	c.replies(t, c.anna, c.square, [][2]string{{"/Incident list", "no ongoing"}, {"/incident LIST", "no ongoing"}, {"/INCIDENT Help", "restart"}, {"/incident Help", "/incident help"}})
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.square, "/incident Start")
	events.dialog(t)
}

func TestG4_AnnounceUnderstandsWhatAutocompleteWrites(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, nil)
	channel, events := c.channelOf(t, i), c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident announce --channel ~"+c.square.Name)
	if c.anna.said(t, c.square.Id, "~"+channel.Name) != 1 {
		t.Error("not announced")
	}
	if text := events.ephemeral(t).Message; text != "This incident was announced in ~"+c.square.Name+"." {
		t.Errorf("%q", text)
	}
}

func TestG5_TasksMayRunIncidentCommands(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) {
		p.Checklists[0].Tasks[0].Command, p.Checklists[0].Tasks[1].Command = "/incident info", "/incident start"
	})
	events := c.anna.listen(t)
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/0/run", nil).want(t, 200)
	if text := events.ephemeral(t).Message; strings.Contains(text, "request id") {
		t.Errorf("info: %q", text)
	}
	var ran struct {
		TriggerID string `json:"trigger_id"`
	}
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/1/run", nil).want(t, 200).decode(t, &ran)
	if d := events.dialog(t); ran.TriggerID == "" || !strings.HasSuffix(d.URL, "/incidents/dialog") {
		t.Errorf("start: trigger %q, dialog %s", ran.TriggerID, d.URL)
	}
}

func TestG6_AStoredStageOutOfRangeDoesNotBlockTheCommands(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks = nil })
	s.exec(t, "UPDATE IR_Incident SET ActiveStage = 99 WHERE ID = '"+i.ID+"'")
	c.replies(t, c.anna, c.channelOf(t, i), [][2]string{{"/incident stage prev", "first stage"}})
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident stage next")
	if got := c.read(t, i.ID).ActiveStage; got != 1 {
		t.Errorf("stage %d", got)
	}
}

func TestG8_DatesOutOfRangeAreRefused(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	admin := s.admin()
	book := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, admin.user.Id) })
	for _, date := range []string{"9999-01-01", "2300-01-01", "0001-01-01"} {
		c.replies(t, admin, c.square, [][2]string{{"/incident test create-incident " + book + " " + date + " Far away", ""}})
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE PlaybookID = '"+book+"' AND CreateAt <= 0"); n != 0 {
		t.Errorf("%d incidents with an impossible date", n)
	}
}

func TestG9_StartChecksItsArguments(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	c.replies(t, c.anna, c.square, [][2]string{{"/incident start <b>", "client id"}, {"/incident start client nonsense", "post id"}, {"/incident start a b c", "start"}})
}

func TestG10_AnUnknownCommandOfATaskIsNamed(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[0].Command = "/nosuchcommand" })
	events := c.anna.listen(t)
	text := c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/0/run", nil).want(t, 400).errorText(t)
	if note := events.ephemeral(t).Message; !strings.Contains(text, "no such slash command") || !strings.Contains(note, "/nosuchcommand") {
		t.Errorf("%q, %q", text, note)
	}
	if c.read(t, i.ID).Checklists[0].Tasks[0].CommandLastRun != 0 {
		t.Error("a failed command counts as run")
	}
}

func TestG11_RefusalsAreForPeople(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	c.replies(t, c.anna, channel, [][2]string{{"/incident check 0 99", "no such task"}, {"/incident check 9 0", "no such stage"}})
	text := c.boris.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 403).errorText(t)
	if strings.Contains(text, c.boris.user.Id) {
		t.Errorf("%q", text)
	}
}

func TestF8_NukeLeavesNoReminders(t *testing.T) {
	s := ownServer(t)
	c := s.newScene(t)
	i := c.start(t, nil)
	c.anna.updateStatus(t, i.ID, "well", "10").want(t, 200)
	c.replies(t, s.admin(), c.square, [][2]string{{"/incident nuke-db CONFIRM NUKE", ""}})
	if n := s.count(t, "SELECT count(*) FROM IR_Incident"); n != 0 {
		t.Fatalf("%d incidents left", n)
	}
	// Now, for a job without an incident goes by itself once it is due.
	if n := s.count(t, "SELECT count(*) FROM PluginKeyValueStore WHERE PKey LIKE 'once%'"); n != 0 {
		t.Errorf("%d jobs left", n)
	}
	c.start(t, nil) // the tables are there again
}

func TestG1_SelfTestSucceedsAndKeepsData(t *testing.T) {
	s := ownServer(t)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	s.addToTeam(t, c.team, s.admin())
	events := s.admin().listen(t)
	s.admin().command(t, c.team, c.square, "/incident test self CONFIRM TEST SELF")
	if text := events.ephemeral(t).Message; !strings.Contains(text, "self test passed") {
		t.Errorf("%q", text)
	}
	c.read(t, i.ID)
}

func TestF10_OtherSettingsOfThePluginSurvive(t *testing.T) {
	s := ownServer(t)
	s.setConfig(t, map[string]map[string]any{"PluginSettings": {"Plugins": map[string]any{s.pluginID: map[string]any{
		"AllowedUserIDs": []string{"somebody"}, "BotUserID": "of 1.2.0"}}}}) // which writes it with each activation
	for _, action := range []string{"disable", "enable"} {
		response, appErr := s.Admin.DoApiPost("/plugins/"+s.pluginID+"/"+action, "")
		if appErr != nil {
			t.Fatal(appErr)
		}
		_ = response.Body.Close()
	}
	if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
		t.Fatal(err)
	}
	config, response := s.Admin.GetConfig()
	must(t, "read the configuration", response)
	text, err := json.Marshal(config.PluginSettings.Plugins[s.pluginID])
	if lower := strings.ToLower(string(text)); err != nil || !strings.Contains(lower, "somebody") || !strings.Contains(lower, "of 1.2.0") {
		t.Errorf("%v, %s", err, text)
	}
}

func TestH1_FailuresAreInTheLog(t *testing.T) {
	s := ownServer(t)
	c := s.newScene(t)
	i := c.start(t, nil)
	s.exec(t, "ALTER TABLE IR_Incident RENAME TO IR_Away")
	answer := c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 500)
	text := answer.errorText(t)
	if strings.Contains(strings.ToLower(text), "relation") || strings.Contains(strings.ToLower(text), "sql") {
		t.Errorf("the user is shown %q", text)
	}
	for range 50 {
		if s.logged(t, `"level":"error"`, c.anna.user.Id, "ir_incident") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the log lacks the user and the cause")
}

func (s *server) offersTests(t *testing.T, c *scene) bool {
	t.Helper()
	var list []model.AutocompleteSuggestion
	s.admin().get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input="+url.QueryEscape("/incident te")+"&channel_id="+c.square.Id, &list)
	return len(list) > 0
}

func TestH3_C10_TestCommandsFollowTheConfiguration(t *testing.T) {
	s := ownServer(t)
	s.unharmed(t)
	c := s.newScene(t)
	done := make(chan struct{})
	stop := make(chan struct{})
	go func() { // configuration changes while the plugin is used: the race detector watches
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = c.anna.ExecuteCommandWithTeam(c.square.Id, c.team.Id, "/incident list")
			}
		}
	}()
	for _, testing := range []bool{false, true, false} {
		s.setConfig(t, map[string]map[string]any{"ServiceSettings": {"EnableTesting": testing}})
		offered := !testing
		for range 50 {
			if offered = s.offersTests(t, c); offered == testing {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if offered != testing {
			t.Errorf("EnableTesting is %v, the test tools are offered: %v", testing, offered)
		}
	}
	close(stop)
	<-done
}

// However many incidents a team has, a page has at most a thousand.
func TestH4_PagesAreBounded(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, nil)
	for _, list := range []string{"/incidents", "/incidents/channels", "/playbooks"} {
		for _, per := range []string{"1001", "1000000", "-1", "9223372036854775808"} {
			if text := c.anna.call(t, "GET", list+"?team_id="+c.team.Id+"&per_page="+per, nil).want(t, 400).errorText(t); !strings.Contains(text, "per_page") {
				t.Errorf("%s: %s", per, text)
			}
		}
	}
	columns := strings.Replace(strings.Replace(oldIncidentColumns, "ID,", "LPAD(n::text, 6, '0') || SUBSTR(ID, 7),", 1), " ChannelID,", " LPAD(n::text, 6, '0') || SUBSTR(ChannelID, 7),", 1)
	s.exec(t, "INSERT INTO IR_Incident ("+oldIncidentColumns+") SELECT "+columns+" FROM IR_Incident, generate_series(1, 1000) AS n WHERE ID = '"+i.ID+"'")
	for _, query := range []string{"", "&per_page=0", "&per_page=1000"} {
		var page struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []struct{ ID string }
		}
		s.admin().call(t, "GET", "/incidents?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &page)
		if len(page.Items) != 1000 || page.TotalCount != 1001 || page.PageCount != 2 || !page.HasMore {
			t.Errorf("%q: %d incidents of %d, %d pages, more: %v", query, len(page.Items), page.TotalCount, page.PageCount, page.HasMore)
		}
		var channels []string
		s.admin().call(t, "GET", "/incidents/channels?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &channels)
		if len(channels) != 1000 {
			t.Errorf("%q: %d channels", query, len(channels))
		}
	}
}

// Test incidents follow their playbook, and the table has the days in which they were started by universal time.
func TestG7_BulkIncidentsFollowTheirPlaybook(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	admin := s.admin()
	s.addToTeam(t, c.team, admin)
	wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
	book := c.newPlaybook(t, func(p *playbook.Playbook) {
		p.CreatePublicIncident, p.BroadcastChannelID, p.ReminderTimerDefaultSeconds, p.ReminderMessageTemplate = false, wide.Id, 1800, "And now?"
		p.MemberIDs = append(p.MemberIDs, admin.user.Id)
	})
	events := admin.listen(t)
	drawn := func() (rows [][2]string) {
		s.exec(t, "UPDATE IR_Incident SET Description = 'seen' WHERE TeamID = '"+c.team.Id+"'")
		admin.command(t, c.team, c.square, "/incident test bulk-data 2 1 2020-01-31 2020-02-02 7")
		table := events.ephemeral(t).Message
		var list struct{ Items []incident.Incident }
		admin.call(t, "GET", "/incidents?team_id="+c.team.Id, nil).want(t, 200).decode(t, &list)
		ended := 0
		for _, i := range list.Items {
			if i.Description == "seen" {
				continue
			}
			if i.PlaybookID != book || i.BroadcastChannelID != wide.Id || i.PreviousReminder != 1800e9 || i.ReminderMessageTemplate != "And now?" || len(i.Checklists) != 2 {
				t.Errorf("not as in the playbook: %+v", i)
			}
			channel := s.channel(t, i.ChannelID)
			if channel.Type != model.CHANNEL_PRIVATE {
				t.Errorf("the channel's type is %s", channel.Type)
			}
			if !i.IsActive {
				ended++
			}
			day := time.UnixMilli(i.CreateAt).UTC().Format(time.DateOnly)
			if day < "2020-01-31" || day > "2020-02-01" || !strings.Contains(table, "| ~"+channel.Name+" | "+day+" |") {
				t.Errorf("~%s of %s is not in the table:\n%s", channel.Name, day, table)
			}
			rows = append(rows, [2]string{i.Name, fmt.Sprint(i.CreateAt)})
		}
		if len(rows) != 3 || ended != 1 {
			t.Errorf("%d incidents, %d ended", len(rows), ended)
		}
		return rows
	}
	first := drawn()
	if again := drawn(); !slices.Equal(first, again) {
		t.Errorf("one seed gave %v and %v", first, again)
	}
}

func TestH5_ATakenBotNameIsExplained(t *testing.T) {
	database := testenv.NewDatabase(t, testenv.Postgres)
	packed, err := packedPlugin()
	if err != nil {
		t.Fatal(err)
	}
	m, err := testenv.StartMattermost(t.Context(), testenv.MattermostOptions{Driver: database.Driver, DSN: database.DSN, EnableTesting: true, EnableDeveloper: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	_, response := m.Admin.CreateUser(&model.User{Username: "incident", Email: "incident@example.com", Password: userPassword})
	must(t, "create the user", response)
	if _, err := m.InstallPlugin(t.Context(), packed); err == nil {
		t.Error("the plugin is active without its bot")
	}
	s := &server{Mattermost: m, database: database}
	if !s.logged(t, "@incident is taken by a person") {
		t.Error("the log does not say why")
	}
}
