//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestTestCommands_CheckTheirArguments(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	c.replies(t, c.anna, c.square, [][2]string{{"/incident test self", "administrator"}, {"/incident nuke-db CONFIRM NUKE", "administrator"}})
	admin := s.admin()
	s.addToTeam(t, c.team, admin)
	book := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, admin.user.Id) })
	for _, command := range []string{"test", "test nonsense", "test create-incident", "test create-incident x 2020-01-01 name", "test create-incident " + model.NewId() + " 2020-01-01 name",
		"test create-incident " + book + " yesterday name", "test bulk-data 1", "test bulk-data x 0 2020-01-01 2020-02-01", "test bulk-data 0 0 2020-01-01 2020-02-01",
		"test bulk-data 1 0 2020-02-01 2020-01-01", "test self", "nuke-db", "nuke-db confirm nuke"} {
		c.replies(t, admin, c.square, [][2]string{{"/incident " + command, ""}})
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Playbook WHERE ID = '"+book+"'"); n != 1 {
		t.Fatal("a warning wiped the data")
	}
	events := admin.listen(t)
	admin.command(t, c.team, c.square, "/incident test create-incident "+book+" 2020-01-02 Long ago")
	if text := events.ephemeral(t).Message; !strings.Contains(text, "~long-ago") {
		t.Errorf("%q", text)
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE PlaybookID = '"+book+"' AND CreateAt = 1577923200000"); n != 1 {
		t.Error("not created at that date")
	}
	table := func() []string {
		admin.command(t, c.team, c.square, "/incident test bulk-data 2 1 2020-01-01 2020-02-01 42")
		text := events.ephemeral(t).Message
		var rows []string
		for _, line := range strings.Split(text, "\n") {
			if cells := strings.Split(line, "|"); strings.Contains(line, "~") && len(cells) >= 4 {
				rows = append(rows, cells[2]+cells[3])
			}
		}
		return rows
	}
	first, second := table(), table()
	if len(first) != 3 || fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the same seed gave %q and %q", first, second)
	}
	if len(first) == 3 && (!strings.Contains(strings.ToLower(first[0]), "ended") || !strings.Contains(strings.ToLower(first[2]), "ongoing")) {
		t.Errorf("not in the order of creation, the ended first: %q", first)
	}
}

func TestTestCommands_AreSuggestedToAdministratorsOnly(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	suggested := func(p *person) bool {
		var list []model.AutocompleteSuggestion
		p.get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input=%2Fincident%20te&channel_id="+c.square.Id, &list)
		return len(list) > 0
	}
	if suggested(c.anna) || !suggested(s.admin()) {
		t.Errorf("suggested to a user %v, to an administrator %v", suggested(c.anna), suggested(s.admin()))
	}
}

func TestTestCommands_NeedAPlaybookOfTheAdministrator(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	id := c.newPlaybook(t, nil)
	events := s.admin().listen(t)
	s.admin().command(t, c.team, c.square, "/incident test create-incident "+id+" 2020-01-02 Not mine")
	if text := events.ephemeral(t).Message; text == "" {
		t.Error("no reason given")
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE PlaybookID = '"+id+"'"); n != 0 {
		t.Errorf("%d incidents made", n)
	}
}

func TestTestCommands_RefuseDatesOutOfRange(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	admin := s.admin()
	book := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = append(p.MemberIDs, admin.user.Id) })
	for _, date := range []string{"9999-01-01", "2300-01-01", "0001-01-01"} {
		c.replies(t, admin, c.square, [][2]string{{"/incident test create-incident " + book + " " + date + " Far away", ""}})
	}
	if n := s.count(t, "SELECT count(*) FROM IR_Incident WHERE PlaybookID = '"+book+"' AND CreateAt <= 0"); n != 0 {
		t.Errorf("%d incidents with an impossible date", n)
	}
}

func TestTestCommands_NukeDBLeavesNoReminders(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	c := s.newFixture(t)
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

func TestTestCommands_SelfTestKeepsData(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	s.addToTeam(t, c.team, s.admin())
	events := s.admin().listen(t)
	s.admin().command(t, c.team, c.square, "/incident test self CONFIRM TEST SELF")
	if text := events.ephemeral(t).Message; !strings.Contains(text, "self test passed") {
		t.Errorf("%q", text)
	}
	c.read(t, i.ID)
}

func (s *server) offersTests(t *testing.T, c *fixture) bool {
	t.Helper()
	var list []model.AutocompleteSuggestion
	s.admin().get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input="+url.QueryEscape("/incident te")+"&channel_id="+c.square.Id, &list)
	return len(list) > 0
}

func TestTestCommands_FollowTheConfiguration(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	s.unharmed(t)
	c := s.newFixture(t)
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

// Test incidents follow their playbook, and the table has the days in which they were started by universal time.
func TestTestCommands_BulkIncidentsFollowTheirPlaybook(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

func TestTestCommands_BulkDataRefusesNegativeCounts(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newFixture(t)
	events := s.admin().listen(t)
	for _, counts := range []string{"-5 1", "-1 2", "1 -1", "100000000 1", "9223372036854775807 9223372036854775807"} {
		s.admin().command(t, c.team, c.square, "/incident test bulk-data "+counts+" 2020-01-01 2020-02-01 7")
		if text := events.ephemeral(t).Message; text == "" || strings.Contains(text, "request id") {
			t.Errorf("%s: %q", counts, text)
		}
	}
}
