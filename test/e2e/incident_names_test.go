//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// nameCase is a name that somebody types. An empty address stands for a random one, an empty shown for the name itself.
type nameCase struct{ name, shown, address string }

// everyScript are names in all kinds of writing.
var everyScript = []nameCase{
	{name: "データベース障害"}, {name: "Сбой ОПЛАТЫ"}, {name: "Βλάβη διακομιστή"}, {name: "تعطل الخادم"}, {name: "תקלה בשרת"},
	{name: "ระบบล่ม"}, {name: "सर्वर डाउन"}, {name: "서버 장애"}, {name: "ಸರ್ವರ್ ಡೌನ್"}, {name: "服务器故障"}, {name: "የአገልጋይ ብልሽት"},
	{name: "🔥"}, {name: "👩‍💻🏳️‍🌈"}, {name: "🇩🇪"}, {name: "éàü"}, {name: "´`"}, {name: "__"}, {name: "_"}, {name: "---"}, {name: "!?"},
	{name: "x"}, {name: "é"}, {name: "障"}, {name: "7"}, {name: "\u0301"}, {name: "e\u0301e\u0301", address: "ee"}, {name: "\u200fשרת\u200f"},
	{name: "disk full_", address: "disk-full"}, {name: "_disk full", address: "disk-full"},
	{name: "ab\ncd", shown: "ab cd", address: "ab-cd"}, {name: "ab\tcd", shown: "ab cd", address: "ab-cd"}, {name: "ab\r\ncd", shown: "ab cd", address: "ab-cd"},
	{name: "ab\u2028cd", shown: "ab cd", address: "ab-cd"}, {name: "\nab\n", shown: "ab", address: "ab"},
	{name: "zero\u200bwidth", address: "zerowidth"}, {name: "  Spaces  ", shown: "Spaces", address: "spaces"},
	{name: "Server down - EU (1)", address: "server-down---eu-1"}, {name: "Авария db01", address: "db01"}, {name: "Ünïcode", address: "ncode"},
	{name: strings.Repeat("障", 64)}, {name: strings.Repeat("🔥", 64)}, {name: strings.Repeat("x", 64), address: strings.Repeat("x", 64)},
	{name: strings.Repeat("a", 26) + "__" + strings.Repeat("b", 26)}, {name: strings.Repeat("0af", 13) + "0"},
}

// checkName compares the channel of an incident with what its name should make of it.
func (c *fixture) checkName(t *testing.T, x nameCase, i incident.Incident) {
	t.Helper()
	channel := c.channelOf(t, i)
	shown := x.shown
	if shown == "" {
		shown = x.name
	}
	if strings.TrimSpace(i.Name) != shown {
		t.Errorf("%q: the incident is called %q, want %q", x.name, i.Name, shown)
	}
	// Newer servers take out characters that turn the direction of the text around.
	if got := channel.DisplayName; got != shown && got != model.SanitizeUnicode(shown) {
		t.Errorf("%q: the channel is called %q, want %q", x.name, got, shown)
	}
	if !model.IsValidChannelIdentifier(channel.Name) || len(channel.Name) > 64 {
		t.Errorf("%q: the address is %q", x.name, channel.Name)
	}
	switch {
	case x.address == "" && !strings.HasPrefix(channel.Name, "incident-"):
		t.Errorf("%q: the address is %q, want a random one", x.name, channel.Name)
	case x.address != "" && channel.Name != x.address && !strings.HasPrefix(channel.Name, x.address[:min(len(x.address), 59)]+"-"):
		t.Errorf("%q: the address is %q, want %q", x.name, channel.Name, x.address)
	}
}

func TestIncidentNames_EveryScriptByREST(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.newPlaybook(t, nil)
		for _, x := range everyScript {
			// Without a playbook, twice, so that an address is taken; from one; from a post.
			c.checkName(t, x, c.start(t, map[string]any{"name": x.name}))
			c.checkName(t, x, c.start(t, map[string]any{"name": x.name}))
			c.checkName(t, x, c.start(t, map[string]any{"name": x.name, "playbook_id": book}))
			post, response := c.anna.CreatePost(&model.Post{ChannelId: c.square.Id, Message: "It began with " + x.name})
			must(t, "post", response)
			c.checkName(t, x, c.start(t, map[string]any{"name": x.name, "post_id": post.Id}))
		}
	})
}

func TestIncidentNames_EveryScriptByDialog(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	book := c.newPlaybook(t, nil)
	events := c.anna.listen(t)
	for _, x := range everyScript {
		c.anna.command(t, c.team, c.square, "/incident start")
		accepted(t, c.anna.submit(t, events.dialog(t), c.team, c.square, c.fields(book, x.name)))
		var created struct{ Incident incident.Incident }
		events.plugin(t, s, "incident_created", &created)
		c.checkName(t, x, created.Incident)
	}
}

// Names that show nothing are refused with words that say so, however they arrive.
func TestIncidentNames_InvisibleOnesAreRefused(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	for _, name := range []string{"", " ", "\n", "\u200b", "\u200d\ufe0f", "\u00ad\u2060", "\u3164"} {
		var refused struct{ Error string }
		answer := c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"name": name})).want(t, 400)
		if err := json.Unmarshal(answer.Body, &refused); err != nil || !strings.Contains(refused.Error, "name is empty") {
			t.Errorf("%q: %s", name, answer.Body)
		}
	}
}
