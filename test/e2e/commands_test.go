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

// replies runs commands one after another and checks that each is answered by an ephemeral post of the bot, seen by
// the caller alone, which contains the given text.
func (c *fixture) replies(t *testing.T, who *person, channel *model.Channel, commands [][2]string) {
	t.Helper()
	events := who.listen(t)
	bot, response := c.Admin.GetUserByUsername("incident", "")
	must(t, "the bot", response)
	for _, x := range commands {
		if answer := who.command(t, c.team, channel, x[0]); answer.Text != "" || len(answer.Attachments) != 0 {
			t.Errorf("%s: Mattermost answers %q", x[0], answer.Text)
		}
		post := events.ephemeral(t)
		if !strings.Contains(strings.ToLower(post.Message), strings.ToLower(x[1])) {
			t.Errorf("%s: %q lacks %q", x[0], post.Message, x[1])
		}
		if post.UserId != bot.Id || post.ChannelId != channel.Id {
			t.Errorf("%s: the answer is by %s in %s", x[0], post.UserId, post.ChannelId)
		}
	}
}

func TestCommands_HelpAndWrongUse(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	help := "slash commands"
	c.replies(t, c.anna, c.square, [][2]string{
		{"/incident", help}, {"/incident nonsense", help}, {"/incident help", help}, {"/incident check", help}, {"/incident check 1", help},
		{"/incident check 1 2 3", help}, {"/incident announce", help},
		{"/incident stage", "next"}, {"/incident stage sideways", "next"}, {"/incident stage next next", "next"},
		{"/incident check one 0", "checklist"}, {"/incident check 0 one", "item"}, {"/incident commander @a @b", "one commander"},
	})
	c.replies(t, c.anna, c.square, [][2]string{
		{"/incident end", "not an incident channel"}, {"/incident update", "not an incident channel"}, {"/incident restart", "not an incident channel"},
		{"/incident stage next", "not an incident channel"}, {"/incident check 0 0", "not an incident channel"},
		{"/incident commander", "not an incident channel"}, {"/incident info", "not an incident channel"},
		{"/incident announce ~town-square", "not an incident channel"},
	})
}

func TestCommands_EndedIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		channel := c.channelOf(t, i)
		c.replies(t, c.anna, channel, [][2]string{{"/incident restart", "ongoing"}})
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		c.replies(t, c.anna, channel, [][2]string{{"/incident end", "already ended"}, {"/incident update", "ended"}})
		c.anna.command(t, c.team, channel, "/incident restart")
		if !c.read(t, i.ID).IsActive || c.anna.said(t, i.ChannelID, "restarted by @"+c.anna.user.Username) != 1 {
			t.Error("not restarted")
		}
	})
}

func TestCommands_Stage(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	c.replies(t, c.anna, channel, [][2]string{{"/incident stage prev", "first stage"}})
	for k := range 3 {
		c.anna.command(t, c.team, channel, fmt.Sprintf("/incident check 0 %d", k))
	}
	c.anna.command(t, c.team, channel, "/incident stage NEXT") // nothing is open: no dialog
	if got := c.read(t, i.ID); got.ActiveStage != 1 || !got.Checklists[0].Finished() {
		t.Errorf("stage %d, %d tasks done", got.ActiveStage, got.Checklists[0].Done())
	}
	c.replies(t, c.anna, channel, [][2]string{{"/incident stage next", "last stage"}})
	c.anna.command(t, c.team, channel, "/incident stage prev")
	c.anna.command(t, c.team, channel, "/incident check 0 1")
	if got := c.read(t, i.ID); got.ActiveStage != 0 || got.Checklists[0].Tasks[1].State != incident.Open {
		t.Errorf("%+v", got)
	}
	empty := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists = nil })
	c.replies(t, c.anna, c.channelOf(t, empty), [][2]string{{"/incident stage next", "no stages"}, {"/incident stage prev", "no stages"}})
}

func TestCommands_Commander(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, nil)
	channel := c.channelOf(t, i)
	s.addToChannel(t, channel, c.boris)
	c.replies(t, c.anna, channel, [][2]string{
		{"/incident commander", "**@" + c.anna.user.Username + "**"}, {"/incident commander @nosuchuser", "must be an active member"},
		{"/incident commander @" + c.anna.user.Username, "already"}, {"/incident commander " + c.clara.user.Username, "must be an active member"},
	})
	c.anna.command(t, c.team, channel, "/incident commander @@"+strings.ToUpper(c.boris.user.Username))
	if got := c.read(t, i.ID); got.CommanderUserID != c.boris.user.Id {
		t.Errorf("commander %s", got.CommanderUserID)
	}
	if c.anna.said(t, i.ChannelID, "**@"+c.boris.user.Username+"**") != 1 {
		t.Error("not announced")
	}
}

func TestCommands_Announce(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, nil)
	channel := c.channelOf(t, i)
	events := c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident announce ~nosuchchannel ~"+c.square.Name)
	if text := events.ephemeral(t).Message; !strings.Contains(text, "nosuchchannel") {
		t.Errorf("%q", text)
	}
	if text := events.ephemeral(t).Message; !strings.Contains(text, "announced in ~"+c.square.Name) {
		t.Errorf("%q", text)
	}
	if c.anna.said(t, c.square.Id, "~"+channel.Name) != 1 {
		t.Error("one failure stopped the rest")
	}
}

func TestCommands_List(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		c.replies(t, c.anna, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}})
		i := c.startFromPlaybook(t, nil)
		events := c.anna.listen(t)
		c.anna.command(t, c.team, c.square, "/incident list")
		list := events.ephemeral(t).Attachments()
		if len(list) != 1 {
			t.Fatalf("%d incidents", len(list))
		}
		want := []string{"**First**", "< 1m", "@" + c.anna.user.Username}
		if list[0].Pretext != "### ~"+c.channelOf(t, i).Name || len(list[0].Fields) != len(want) {
			t.Fatalf("%+v", list[0])
		}
		for n, value := range want {
			if list[0].Fields[n].Value != value {
				t.Errorf("field %d is %v, want %s", n, list[0].Fields[n].Value, value)
			}
		}
		c.replies(t, c.boris, c.square, [][2]string{{"/incident list", "not a member of any ongoing incident"}}) // public, but not a member
	})
}

func TestCommands_Info(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	c.anna.command(t, c.team, channel, "/incident check 0 1")
	c.replies(t, c.anna, channel, [][2]string{{"/incident info", "right"}})
	s.exec(t, "UPDATE Sessions SET DeviceId = 'android:1' WHERE UserId = '"+c.anna.user.Id+"'")
	_, response := c.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
	events := c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident info")
	posts := events.ephemeral(t).Attachments()
	if len(posts) != 1 || len(posts[0].Fields) != 5 {
		t.Fatalf("%+v", posts)
	}
	tasks := fmt.Sprint(posts[0].Fields[4].Value)
	if lines := strings.Split(tasks, "\n"); len(lines) != 3 || lines[0] != ":white_large_square: one" || !strings.HasPrefix(lines[1], ":white_check_mark: two (") {
		t.Errorf("tasks: %q", tasks)
	}
	if strings.Contains(tasks, "AM") || strings.Contains(tasks, "PM") {
		t.Errorf("the time mixes clocks: %q", tasks)
	}
}

func TestCommands_Suggestions(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	suggested := func(who *person, input string) string {
		var list []model.AutocompleteSuggestion
		who.get(t, "/teams/"+c.team.Id+"/commands/autocomplete_suggestions?user_input="+strings.ReplaceAll(input, " ", "%20")+"&channel_id="+i.ChannelID, &list)
		var out []string
		for _, x := range list {
			out = append(out, x.Complete)
		}
		return strings.Join(out, "|")
	}
	all := suggested(c.anna, "/incident ")
	for _, name := range []string{"start", "end", "update", "restart", "list", "info", "stage", "check", "announce", "commander"} {
		if !strings.Contains(all+"|", "incident "+name+"|") {
			t.Errorf("%s is missing in %s", name, all)
		}
	}
	if strings.Contains(all, "test") {
		t.Errorf("an ordinary user is offered the test tools: %s", all)
	}
	if got := suggested(c.anna, "/incident stage "); !strings.Contains(got, "next") || !strings.Contains(got, "prev") {
		t.Errorf("stage: %s", got)
	}
	if got := suggested(c.anna, "/incident check "); !strings.Contains(got, "incident check 0 0|") || !strings.Contains(got, "1 2") {
		t.Errorf("check: %s", got)
	}
	if got := suggested(s.admin(), "/incident test "); !strings.Contains(got, "bulk-data") || !strings.Contains(got, "self") {
		t.Errorf("test: %s", got)
	}
}

func TestCommands_ListSaysThatThereAreMore(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

func TestCommands_NamesInAnyCase(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	c.replies(t, c.anna, c.square, [][2]string{{"/Incident list", "any ongoing incident"}, {"/incident LIST", "any ongoing incident"}, {"/INCIDENT Help", "restart"}, {"/incident Help", "/incident help"}})
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.square, "/incident Start")
	events.dialog(t)
}

func TestCommands_AnnounceUnderstandsAutocomplete(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
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

func TestCommands_StartChecksItsArguments(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	c.replies(t, c.anna, c.square, [][2]string{{"/incident start <b>", "client id"}, {"/incident start client nonsense", "post id"}, {"/incident start a b c", "start"}})
}

func TestCommands_RefusalsNameNoIDs(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel := c.channelOf(t, i)
	c.replies(t, c.anna, channel, [][2]string{{"/incident check 0 99", "no task 99"}, {"/incident check 9 0", "no stage 9"}})
	text := c.boris.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 403).errorText(t)
	if strings.Contains(text, c.boris.user.Id) {
		t.Errorf("%q", text)
	}
}

func TestCommands_AnnounceDoesNotRevealPrivateChannels(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	secret, _ := c.secretPost(t)
	channel := c.channelOf(t, c.start(t, nil))
	events := c.anna.listen(t)
	c.anna.command(t, c.team, channel, "/incident announce ~"+secret.Name)
	hidden := events.ephemeral(t).Message
	c.anna.command(t, c.team, channel, "/incident announce ~nosuchchannel")
	missing := events.ephemeral(t).Message
	if strings.ReplaceAll(hidden, secret.Name, "X") != strings.ReplaceAll(missing, "nosuchchannel", "X") {
		t.Errorf("told apart: %q and %q", hidden, missing)
	}
}

func TestCommands_CheckRefusesNegativeNumbers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newFixture(t)
	i := c.startFromPlaybook(t, nil)
	channel, events := c.channelOf(t, i), c.anna.listen(t)
	for _, numbers := range []string{"-1 0", "0 -1", "0 99", "99 0"} {
		c.anna.command(t, c.team, channel, "/incident check "+numbers)
		if text := events.ephemeral(t).Message; text == "" || strings.Contains(text, "request id") {
			t.Errorf("%s: %q", numbers, text)
		}
	}
	if got := c.read(t, i.ID); got.Revision != i.Revision {
		t.Error("a task was changed")
	}
}
