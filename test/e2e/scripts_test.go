//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// scripts are texts in all kinds of writing.
var scripts = []struct{ name, text string }{
	{name: "Chinese", text: "服务器故障 数据库"}, {name: "Japanese", text: "データベース障害です"}, {name: "Korean", text: "서버 장애 발생"},
	{name: "Cyrillic", text: "Сбой ОПЛАТЫ ёж"}, {name: "Greek", text: "Βλάβη διακομιστή ΟΔΟΣ"}, {name: "Thai", text: "ระบบล่มแล้ว"},
	{name: "Devanagari", text: "सर्वर डाउन क्षत्रिय"}, {name: "Arabic", text: "تعطل الخادم ١٢٣"}, {name: "Hebrew", text: "תקלה בשרת"},
	{name: "mixed directions", text: "שרת web01 نظام down"}, {name: "emoji with joiners", text: "👩‍💻👨‍👩‍👧‍👦 🏳️‍🌈"}, {name: "flags and tones", text: "🇩🇪🇯🇵 👍🏽"},
	{name: "combining marks", text: "Z̤͔a̳l̷g̴o e\u0301"}, {name: "zero-width", text: "zero\u200bwidth\u200djoin"}, {name: "full width", text: "Ｄｉｓｋ＠ｄｂ"},
	{name: "marks of direction", text: "\u200fשרת\u200e web"}, {name: "Turkish and German", text: "İstanbul ıßẞ Straße"}, {name: "outside of the first plane", text: "𝔘𝔫𝔦 𠮷野家"},
}

// longest repeats a text up to a number of characters.
func longest(text string, max int) string {
	runes := []rune(strings.Repeat(text+" ", max/len([]rune(text))+1))[:max]
	return strings.TrimSpace(string(runes))
}

// isolated is a text as our posts have it in a sentence: with letters from right to left, in a direction of its own.
func isolated(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Hebrew, unicode.Arabic) }) {
		return "\u2068" + text + "\u2069"
	}
	return text
}

// TestScripts_EveryTextFieldKeepsEveryScript puts each script into each field, and looks for it wherever the field is shown.
func TestScripts_EveryTextFieldKeepsEveryScript(t *testing.T) {
	eachDriverOr(t, testenv.MySQL, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		for _, x := range scripts {
			t.Run(x.name, func(t *testing.T) {
				same := func(field, got, want string) {
					t.Helper()
					if got != want {
						t.Errorf("%s is %q, want %q", field, got, want)
					}
				}
				long := longest(x.text, 1000)
				book := c.newPlaybook(t, func(p *playbook.Playbook) {
					p.Title, p.ReminderMessageTemplate = x.text, long
					p.Checklists = []incident.Stage{{Title: x.text, Tasks: []incident.Task{{Title: x.text, Description: long, Command: "/echo " + x.text}}}, {Title: x.text + " 2"}}
				})
				var stored playbook.Playbook
				c.anna.call(t, "GET", "/playbooks/"+book, nil).want(t, 200).decode(t, &stored)
				same("the playbook's title", stored.Title, x.text)
				same("the template", stored.ReminderMessageTemplate, long)

				name := longest(x.text, incident.MaxName)
				i := c.start(t, map[string]any{"name": name, "playbook_id": book, "description": long})
				same("the name", i.Name, name)
				same("the description", i.Description, long)
				same("the stage", i.ActiveStageTitle, x.text)
				task := c.read(t, i.ID).Checklists[0].Tasks[0]
				same("the task", task.Title, x.text)
				same("the task's description", task.Description, long)
				same("the command", task.Command, "/echo "+x.text)

				c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": incident.Closed}).want(t, 200)
				c.botPost(t, i.ChannelID, "checked off task **"+isolated(x.text)+"**.")
				c.anna.call(t, "PATCH", "/incidents/"+i.ID, body{"active_stage": 1}).want(t, 200)
				c.botPost(t, i.ChannelID, "stage **"+isolated(x.text)+"** to stage **"+isolated(x.text+" 2")+"**.")
				c.anna.updateStatus(t, i.ID, long, "0").want(t, 200)
				c.botPost(t, i.ChannelID, long)

				// Search by the first word; lists, sorted by name.
				var page app.Page
				word := strings.Fields(x.text)[0]
				c.anna.call(t, "GET", "/incidents?sort=name&team_id="+c.team.Id+"&search_term="+url.QueryEscape(word), nil).want(t, 200).decode(t, &page)
				found := false
				for _, item := range page.Items {
					found = found || item.ID == i.ID
				}
				if !found {
					t.Errorf("the search for %q finds %d others", word, len(page.Items))
				}
				for _, format := range []string{"markdown", "json", "csv"} {
					answer := c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format="+format, nil).want(t, 200)
					if content := string(answer.Body); format != "csv" && !strings.Contains(content, word) {
						t.Errorf("the %s lacks %q", format, word)
					}
				}
				c.keepsScript(t, i, x.text, long)
				c.keepsScriptOfPlaybook(t, i.PlaybookID, x.text)

				var tasks []struct{ Item, Hint string }
				c.anna.call(t, "GET", "/incidents/checklist-autocomplete?channel_id="+i.ChannelID, nil).want(t, 200).decode(t, &tasks)
				if len(tasks) == 0 || tasks[0].Hint != `"`+x.text+`"` {
					t.Errorf("autocomplete suggests %+v", tasks)
				}
			})
		}
	})
}

// keepsScript puts a text into the fields of timeline, follow-ups and retrospective, and looks for it wherever they are shown. long is
// a longer one.
func (c *fixture) keepsScript(t *testing.T, i incident.Incident, text, long string) {
	t.Helper()
	same := func(field, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	at := "/incidents/" + i.ID
	var made entry
	c.anna.call(t, "POST", at+"/timeline", body{"text": long}).want(t, 201).decode(t, &made)
	c.anna.call(t, "GET", at+"/timeline/"+made.ID, nil).want(t, 200).decode(t, &made)
	same("the entry", made.Text, long)

	var item struct {
		ID, Title, Text, Reason string
	}
	title := longest(text, 256)
	c.anna.call(t, "POST", at+"/followups", body{"title": title, "text": long}).want(t, 201).decode(t, &item)
	c.anna.call(t, "PATCH", "/followups/"+item.ID, body{"state": "dropped", "reason": text}).want(t, 200)
	c.anna.call(t, "GET", "/followups/"+item.ID, nil).want(t, 200).decode(t, &item)
	same("the follow-up", item.Title, title)
	same("the follow-up’s text", item.Text, long)
	same("the reason", item.Reason, text)

	template := body{"sections": []body{{"heading": text, "questions": []string{text}, "draft": "summary"}, {"heading": text}}}
	c.anna.call(t, "PUT", "/playbooks/"+i.PlaybookID+"/retrospective", template).want(t, 200)
	type section struct {
		Key, Heading, Text string
		Questions          []string
	}
	var doc struct{ Sections []section }
	c.anna.call(t, "POST", at+"/retrospective/draft", body{}).want(t, 200).decode(t, &doc)
	if len(doc.Sections) != 2 || doc.Sections[0].Key == doc.Sections[1].Key {
		t.Fatalf("the sections are %+v", doc.Sections)
	}
	c.anna.call(t, "PATCH", at+"/retrospective/sections/"+doc.Sections[0].Key, body{"text": long}).want(t, 200)
	c.anna.call(t, "GET", at+"/retrospective", nil).want(t, 200).decode(t, &doc)
	same("the heading", doc.Sections[0].Heading, text)
	same("the question", doc.Sections[0].Questions[0], text)
	same("the section", doc.Sections[0].Text, long)
	word := strings.Fields(text)[0]
	for _, path := range []string{"/retrospective/export", "/export?format=json", "/export?format=csv&section=timeline", "/export?format=csv&section=followups", "/export?format=csv&section=retrospective"} {
		if content := string(c.anna.call(t, "GET", at+path, nil).want(t, 200).Body); !strings.Contains(content, word) {
			t.Errorf("%s lacks %q", path, word)
		}
	}
}

// keepsScriptOfPlaybook puts a text into the severity and the roles of a playbook and of its incident, and looks for it there and in the posts.
func (c *fixture) keepsScriptOfPlaybook(t *testing.T, book, text string) {
	t.Helper()
	short := longest(text, 64)
	var sent body
	c.anna.call(t, "GET", "/playbooks/"+book, nil).want(t, 200).decode(t, &sent)
	sent["severity"] = body{"levels": []body{{"key": "A", "name": short, "description": text}, {"key": "B", "name": "Low"}}, "default": "B"}
	sent["roles"] = []body{{"name": short, "description": text}, {"name": "Scribe"}}
	c.anna.call(t, "PUT", "/playbooks/"+book, sent).want(t, 200)
	i := c.start(t, map[string]any{"playbook_id": book})
	type named struct{ Key, Name, Description string }
	var got struct {
		Severity struct{ Levels []named }
		Roles    struct{ Roles []named }
	}
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/severity", body{"severity": "a", "reason": text}).want(t, 200).decode(t, &got)
	for _, x := range []named{got.Severity.Levels[0], got.Roles.Roles[0]} {
		if x.Name != short || x.Description != text {
			t.Errorf("the level or role is %+v", x)
		}
	}
	c.botPost(t, i.ChannelID, "to **"+isolated("A · "+short)+"**.\n> "+text)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/roles/"+got.Roles.Roles[0].Key, body{"user_id": c.anna.user.Id}).want(t, 200)
	c.botPost(t, i.ChannelID, "gave the role **"+isolated(short)+"** to")
	report := string(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200).Body)
	if word := strings.Fields(text)[0]; strings.Count(report, word) < 3 {
		t.Errorf("the report lacks %q:\n%s", word, report)
	}
}
