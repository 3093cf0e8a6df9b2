package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// The fuzz tests send anything to the whole server part, as a member, a user who is not a member and an administrator. Nothing may
// panic or be an internal error, no field may change that nobody can change, and what is stored stays sound.
// "make fuzz" runs them; the inputs in testdata/fuzz are run by "make test-fast" as well.

var fuzzUsers = []string{anna, boris, root, ""}

var fuzzRoutes = []string{
	"GET /incidents?{query}", "POST /incidents", "POST /incidents/dialog", "GET /incidents/commanders?{query}", "GET /incidents/channels?{query}",
	"GET /incidents/checklist-autocomplete?{query}", "GET /incidents/channel/{channel}", "GET /incidents/{id}", "PATCH /incidents/{id}", "GET /incidents/{id}/metadata",
	"PUT /incidents/{id}/end", "POST /incidents/{id}/end", "PUT /incidents/{id}/restart", "POST /incidents/{id}/commander", "POST /incidents/{id}/next-stage-dialog?{query}",
	"POST /incidents/{id}/update-status-dialog", "POST /incidents/{id}/reminder/button-update", "POST /incidents/{id}/reminder/button-dismiss",
	"POST /incidents/{id}/reminder/button-snooze", "POST /incidents/{id}/snooze",
	"PUT /incidents/{id}/checklists/0/add", "PUT /incidents/{id}/checklists/0/reorder", "PUT /incidents/{id}/checklists/0/item/0", "DELETE /incidents/{id}/checklists/0/item/0",
	"PUT /incidents/{id}/checklists/0/item/0/state", "PUT /incidents/{id}/checklists/0/item/0/assignee", "POST /incidents/{id}/checklists/0/item/0/run",
	"GET /playbooks?{query}", "POST /playbooks", "GET /playbooks/autocomplete?{query}", "GET /playbooks/{book}", "PUT /playbooks/{book}", "DELETE /playbooks/{book}",
	"POST /eventsubscriptions", "GET /eventsubscriptions?{query}", "DELETE /eventsubscriptions/{id}", "GET /incidents/{id}/export?{query}", "GET /metrics", "GET /support",
	"GET /incidents/{id}/timeline?{query}", "POST /incidents/{id}/timeline", "GET /incidents/{id}/timeline/{own event}", "PATCH /incidents/{id}/timeline/{own event}",
	"DELETE /incidents/{id}/timeline/{own event}",
	"GET /followups?{query}", "GET /followups/{id}", "PATCH /followups/{id}", "GET /incidents/{id}/followups?{query}", "POST /incidents/{id}/followups",
	"POST /incidents/{id}/followups/carry_over", "DELETE /incidents/{id}/everything", "PUT /incidents/{id}/severity", "GET /incidents/severity-autocomplete?{query}",
	"GET /incidents/{id}/retrospective", "POST /incidents/{id}/retrospective/draft", "POST /incidents/{id}/retrospective/publish", "POST /incidents/{id}/retrospective/reopen",
	"PUT /incidents/{id}/roles/comms", "GET /incidents/{id}/roles/history", "GET /incidents/roles-autocomplete?{query}", "POST /incidents/{id}/handoff",
	"POST /incidents/{id}/handoff/{handoff}/accept", "POST /incidents/{id}/handoff/{handoff}/decline", "POST /incidents/{id}/handoff/{handoff}/withdraw",
	"PATCH /incidents/{id}/retrospective/sections/summary", "GET /incidents/{id}/retrospective/export", "GET /playbooks/{book}/retrospective", "PUT /playbooks/{book}/retrospective",
}

// fuzzPath fills in a route; odd numbers aim at what anna may not see.
func fuzzPath(route string, n uint8, query string) (method, path string) {
	inc, channel, book := own, aChannel, ownBook
	if n%2 == 1 {
		inc, channel, book = foreign, otherChannel, foreignBook
	}
	method, path, _ = strings.Cut(strings.NewReplacer("{id}", inc, "{own event}", anEvent, "{handoff}", aHandoff, "{channel}", channel, "{book}", book, "{query}", query).Replace(route), " ")
	return method, path
}

func FuzzRequests(f *testing.F) {
	ids := strings.NewReplacer("%T", aTeam, "%U", anna, "%B", ownBook, "%C", aChannel, "%I", own, "%F", foreign)
	for route, bodies := range map[string][]string{
		"POST /incidents": {`{"name":"Checkout","team_id":"%T","commander_user_id":"%U","playbook_id":"%B"}`,
			`{"name":"x","team_id":"%T","commander_user_id":"%U","id":"%F","channel_id":"","create_at":-1,"end_at":9e18,"active_stage":-1}`,
			`{"name":"\u202e Ω 安全 🔒","team_id":"%T","commander_user_id":"%U","status_post_ids":["x"],"reminder_post_id":"x","delete_at":5,"revision":9}`},
		"PATCH /incidents/{id}":                            {`{"active_stage":1}`, `{"active_stage":-9223372036854775808}`, `{"active_stage":null,"team_id":"x","channel_id":"x","create_at":1}`},
		"POST /incidents/{id}/commander":                   {`{"commander_id":"%U"}`, `{"commander_id":null}`, `{"commander_id":["%U"]}`},
		"PUT /incidents/{id}/checklists/0/add":             {`{"title":"t","command":"/c","description":"d","id":"x","state":"closed","state_modified":5}`, `{"title":"\u0000"}`, `{"title":"100% d %s"}`},
		"PUT /incidents/{id}/checklists/0/reorder":         {`{"item_num":0,"new_location":1}`, `{"item_num":-1,"new_location":99999999999}`, `{"item_id":"%F"}`},
		"PUT /incidents/{id}/checklists/0/item/0":          {`{"title":"t","command":"/c"}`, `{"title":" "}`, `{"title":"t","description":null}`},
		"PUT /incidents/{id}/checklists/0/item/0/state":    {`{"new_state":"closed"}`, `{"new_state":"x"}`, `{}`},
		"PUT /incidents/{id}/checklists/0/item/0/assignee": {`{"assignee_id":"%U"}`, `{"assignee_id":""}`},
		"POST /playbooks":                                  {`{"title":"P","team_id":"%T","member_ids":["%U","%U"],"checklists":[{"title":"s","items":[{"title":"i","state":"closed","assignee_id":"%U"}]}]}`},
		"PUT /playbooks/{book}": {`{"title":"P","team_id":"x","delete_at":5,"create_at":1,"id":"%F","num_stages":99,"checklists":[null,{"items":[null]}],"member_ids":null}`,
			`{"title":"P","severity":[],"roles":null}`, `{"title":"P","severity":{"levels":[null]},"roles":[null]}`, `{"title":"P","roles":[{"name":"\u200b","default":{"kind":"user"}}]}`,
			`{"title":"P","checklists":[{"id":"x","limit_seconds":1e300}]}`, `{"title":"P","checklists":[{"limit_seconds":-1,"items":[{"assignment":{"kind":"role","role":"gone"}}]}]}`},
		"POST /eventsubscriptions":                       {`{"url":{"Scheme":"https","Host":"h","User":null},"playbook_id":"%B","user_id":"%U"}`, `{"url":"https://x","playbook_id":"%B","user_id":"%U"}`},
		"POST /incidents/{id}/update-status-dialog":      {`{"submission":{"message":"m","reminder":"900"}}`, `{"submission":{"message":1,"reminder":null}}`, `{}`},
		"POST /incidents/{id}/next-stage-dialog?{query}": {`{"state":"1"}`, `{"state":"-1"}`, `{"state":"99999999999999999999"}`},
		"POST /incidents/dialog":                         {`{"user_id":"%U","team_id":"%T","channel_id":"%C","state":"{\"nonce\":\"n\"}","submission":{"playbookID":"%B","incidentName":"Name","incidentDescription":null}}`},
		"POST /incidents/{id}/reminder/button-dismiss":   {`{"post_id":"%I","user_id":"%U","context":{"a":[]}}`},
		"POST /incidents/{id}/reminder/button-snooze":    {`{"post_id":"%I","context":{"seconds":900}}`, `{"context":{"seconds":-1}}`, `{"context":[]}`},
		"POST /incidents/{id}/snooze":                    {`{"seconds":900}`, `{"seconds":9223372036854775807}`, `{"seconds":1e3}`, `{"seconds":null}`},
		"POST /incidents/{id}/end":                       {`{"post_id":"%I"}`, "not JSON"},
		"GET /incidents?{query}":                         {""},
		"GET /incidents/{id}/export?{query}":             {""},
		"POST /incidents/{id}/checklists/0/item/0/run":   {"", `{"post_id":"x"}`},
		"GET /incidents/{id}/timeline?{query}":           {""},
		"POST /incidents/{id}/timeline": {`{"text":"It broke.","happened_at":1796110560000,"starred":true}`, `{"post_id":"%I"}`, `{"post_id":"%C","text":"x"}`,
			`{"text":"\u0000"}`, `{"text":" ","happened_at":-9223372036854775808}`, `{"text":"x","happened_at":9223372036854775807,"id":"%F","kind":"event"}`, `{"post_id":5}`},
		"PATCH /incidents/{id}/timeline/{own event}":           {`{"starred":true}`, `{"text":"x","version":1}`, `{"happened_at":0}`, `{}`, `null`, `{"version":null,"starred":null}`},
		"DELETE /incidents/{id}/timeline/{own event}":          {""},
		"GET /incidents/{id}/timeline/{own event}":             {""},
		"GET /followups?{query}":                               {""},
		"GET /incidents/{id}/followups?{query}":                {""},
		"PATCH /followups/{id}":                                {`{"state":"dropped","reason":"why","revision":1}`, `{"due_at":-1,"title":null,"state":7}`},
		"POST /incidents/{id}/followups":                       {`{"title":"Watch","owner_id":"%U","due_at":5,"link":"https://x/1","post_id":"x","source":"message"}`, `{"title":" ","owner_id":"%F","link":"javascript:x"}`, `{"due_at":9e99}`},
		"PUT /incidents/{id}/severity":                         {`{"severity":"sev1","reason":"@all **x**"}`, `{"severity":null,"reschedule":true}`, `{"severity":"SEV2","reason":"\u0000"}`, `{"severity":["SEV1"]}`},
		"GET /incidents/severity-autocomplete?{query}":         {""},
		"PUT /incidents/{id}/roles/comms":                      {`{"user_id":""}`, `{"user_id":"%U"}`, `{"user_id":null}`, `{"user_id":["%U"]}`, `{"user_id":"\u0000"}`},
		"GET /incidents/{id}/roles/history":                    {""},
		"GET /incidents/roles-autocomplete?{query}":            {""},
		"POST /incidents/{id}/handoff":                         {`{"user_id":"%U"}`, `{"user_id":""}`, `{"user_id":7}`, `null`},
		"POST /incidents/{id}/handoff/{handoff}/accept":        {"", `{"post_id":"%I","user_id":"%U"}`, `{"post_id":5}`, `[]`},
		"POST /incidents/{id}/handoff/{handoff}/decline":       {"", `null`, "not JSON"},
		"POST /incidents/{id}/handoff/{handoff}/withdraw":      {"", `{"post_id":"x"}`},
		"POST /incidents/{id}/followups/carry_over":            {`{}`, `{"task_ids":["x",null]}`, `{"task_ids":{}}`},
		"DELETE /incidents/{id}/everything":                    {`{"name":"Checkout","channel":"archive"}`, `{"name":null,"channel":"x"}`, `{"name":"\u0000","channel":["leave"]}`},
		"POST /incidents/{id}/retrospective/draft":             {"", `{"expected_revision":0}`, `{"expected_revision":"x"}`},
		"POST /incidents/{id}/retrospective/publish":           {`{"expected_revision":-1}`, `[]`},
		"POST /incidents/{id}/retrospective/reopen":            {`{"expected_revision":null}`, `{`},
		"PATCH /incidents/{id}/retrospective/sections/summary": {`{"text":"x","expected_revision":1}`, `{"generated":true}`, `{"text":"x","generated":true}`, `{"text":5}`, `{}`, `{"text":"\u0000"}`},
		"PUT /playbooks/{book}/retrospective": {`{"sections":[{"heading":"A","questions":["b"],"draft":"summary"}],"due_working_days":3,"broadcast":true}`, `{"sections":[null]}`,
			`{"due_working_days":9e9}`, `{"sections":{},"revision":7,"playbook_id":"%F"}`},
		"GET /incidents/checklist-autocomplete?{query}": {""},
	} {
		for n, name := range fuzzRoutes {
			if name == route {
				for _, body := range bodies {
					f.Add(uint8(n), uint8(0), uint8(0), []byte(ids.Replace(body)), "team_id="+aTeam+"&channel_id="+aChannel+"&format=json&from=0")
					f.Add(uint8(n), uint8(1), uint8(1), []byte(ids.Replace(body)), "team_id=%00&page=-1&per_page=99999999999999999999&sort=;&format=csv")
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, route, user, target uint8, body []byte, query string) {
		w := newMemoryPlugin()
		fixed := w.fixed()
		who := fuzzUsers[int(user)%len(fuzzUsers)]
		method, path := fuzzPath(fuzzRoutes[int(route)%len(fuzzRoutes)], target, query)
		answer := w.request(t, who, method, path, body)
		if who == root { // may touch everything
			fixed = w.fixed()
		}
		w.sound(t, fixed)
		if who == "" && answer.Code != 401 {
			t.Fatalf("nobody got %d", answer.Code)
		}
		// Refused is unchanged.
		if i := w.incidents[own]; answer.Code >= 400 && i.Revision != 1 || who == boris && i.Revision != 1 {
			t.Fatalf("%s: %s %s answered %d and changed the incident: %+v", who, method, path, answer.Code, i)
		}
		if answer.Code >= 400 && w.started > 0 {
			t.Fatalf("%s %s answered %d and started an incident", method, path, answer.Code)
		}
	})
}

// FuzzDialogs makes submissions of all four dialogs with any contents of their fields, of any type.
func FuzzDialogs(f *testing.F) {
	f.Add(uint8(0), uint8(0), `{"post_id":"","client_id":"c","nonce":"n"}`, ownBook, "Checkout is down", "desc", uint8(0))
	f.Add(uint8(0), uint8(1), "null", foreignBook, "é", "\x00", uint8(3))
	f.Add(uint8(1), uint8(0), own, "", "", "", uint8(0))
	f.Add(uint8(2), uint8(0), "1", "", "", "", uint8(0))
	f.Add(uint8(2), uint8(0), "-1", "", "", "", uint8(0))
	f.Add(uint8(3), uint8(0), "", "All is well %d @here", "900", "", uint8(0))
	f.Add(uint8(3), uint8(0), "", strings.Repeat("x", 16384), "9223372036854775808", "", uint8(0))
	f.Add(uint8(3), uint8(2), "", " ", "-1", "", uint8(255))
	f.Fuzz(func(t *testing.T, which, user uint8, state, a, b, c string, types uint8) {
		w := newMemoryPlugin()
		fixed := w.fixed()
		who := fuzzUsers[int(user)%3]
		names := [][]string{{"playbookID", "incidentName", "incidentDescription"}, {}, {}, {"message", "reminder"}}[which%4]
		submission := map[string]interface{}{}
		for n, name := range names {
			var value interface{} = []string{a, b, c}[n]
			switch types >> (2 * n) & 3 {
			case 1:
				value = nil
			case 2:
				value = []interface{}{value, 1}
			case 3:
				continue
			}
			submission[name] = value
		}
		body, err := json.Marshal(map[string]interface{}{"type": "dialog_submission", "state": state, "user_id": who, "team_id": aTeam, "channel_id": aChannel, "submission": submission})
		if err != nil {
			t.Skip("the text is not for JSON")
		}
		path := []string{"/incidents/dialog", "/incidents/" + own + "/end", "/incidents/" + own + "/next-stage-dialog", "/incidents/" + own + "/update-status-dialog"}[which%4]
		w.request(t, who, "POST", path, body)
		w.sound(t, fixed)
		if who == boris && w.incidents[own].Revision != 1 {
			t.Fatal("a user who is not a member has changed the incident")
		}
	})
}

// FuzzCommands runs any command line; reports to the caller are the command's business, errors in the log are not.
func FuzzCommands(f *testing.F) {
	for _, text := range []string{"", "start", "start a b", "start a b c", "end", "update", "restart", "stage next", "stage prev", "stage sideways", "check 0 0", "check -1 0", "check 0 99999999999999999999",
		"check " + own, "commander", "commander @boris", "commander @@@", "commander \x00", "announce ~wide", "announce --channel ~wide ~x", "announce %s", "role", "role comms nobody", "role comms @anna", "role x y", "handoff", "handoff @boris", "handoff accept", "handoff withdraw", "severity", "severity sev1 @all", "snooze 15m", "snooze 99999999999d", "list", "info", "help",
		"timeline", "timeline add", "timeline add It broke. at 14:05", "timeline add x 20m ago", "timeline add at 99:99", "timeline add 9999d ago", "timeline remove", "retrospective", "retrospective now",
		"test create-incident " + ownBook + " 2020-01-02 A name", "test create-incident x 9999-99-99 n", "test bulk-data 1 1 2020-01-01 2020-02-01 5",
		"test bulk-data -5 1 2020-01-01 2020-02-01", "test self", "nuke-db", "nuke-db CONFIRM", "\u202e\u00a0check\u20030 0"} {
		for user := range uint8(3) {
			f.Add("/incident "+text, user, user%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, line string, user uint8, inside bool) {
		upper := strings.ToUpper(line)
		if strings.Contains(upper, "CONFIRM") || strings.Contains(upper, "BULK-DATA") && len(line) > 60 {
			t.Skip("these are meant to change much; they have tests of their own")
		}
		w := newMemoryPlugin()
		fixed := w.fixed()
		channel := otherChannel
		if inside {
			channel = aChannel
		}
		who := fuzzUsers[int(user)%3]
		response, err := w.commands.Execute(context.Background(), &model.CommandArgs{UserId: who, TeamId: aTeam, ChannelId: channel, Command: line, TriggerId: "t"})
		if err != nil || response == nil {
			t.Fatalf("%q answered %v, %v", line, response, err)
		}
		if who == root {
			fixed = w.fixed()
		}
		w.sound(t, fixed)
		if i := w.incidents[own]; who == boris && (i.Revision != 1 || !i.IsActive) {
			t.Fatalf("%q by a user who is not a member has changed the incident: %+v", line, i)
		}
	})
}

// FuzzStoredStages puts any JSON that the database may hold in the place of an incident's and a playbook's stages, and
// any number in that of the active stage, and then reads and changes them in every way.
func FuzzStoredStages(f *testing.F) {
	for _, text := range []string{"null", "[]", "[null]", `[{}]`, `[{"items":null}]`, `[{"id":"x","title":"t","items":[{"id":"x"},{"id":"x"},null]}]`,
		`[{"title":"t","items":[{"title":"","state":"weird","state_modified":-1,"assignee_id":"gone","command":"   ","command_last_run":9223372036854775807}]}]`,
		`[{"TITLE":"\ud800","Items":[{"Title":"\u0000"}]}]`, `{"not":"a list"}`} {
		f.Add(text, int64(0))
		f.Add(text, int64(-1))
		f.Add(text, int64(1)<<40)
	}
	f.Fuzz(func(t *testing.T, text string, active int64) {
		var stages []incident.Stage
		if err := json.Unmarshal([]byte(text), &stages); err != nil {
			stages = nil // as the store does, which logs it
		}
		w := newMemoryPlugin()
		for n, route := range fuzzRoutes {
			if strings.HasPrefix(route, "DELETE /playbooks") {
				continue
			}
			w.reset()
			i := w.incidents[own]
			i.Checklists, i.ActiveStage = incident.CloneStages(stages), int(active)
			book := w.books[ownBook]
			book.Checklists = incident.CloneStages(stages)
			w.books[ownBook] = book
			fixed := w.fixed()
			method, path := fuzzPath(route, 0, "team_id="+aTeam+"&channel_id="+aChannel+"&format="+[]string{"json", "markdown"}[n%2])
			body := `{"title":"t","command":"/c","active_stage":0,"commander_id":"` + anna + `","assignee_id":"` + anna + `","new_state":"closed","state":"0","name":"Name","team_id":"` + aTeam +
				`","commander_user_id":"` + anna + `","playbook_id":"` + ownBook + `","submission":{"message":"m","reminder":"0"},"trigger_id":"t","user_id":"` + anna + `"}`
			w.request(t, anna, method, path, []byte(body))
			if len(w.errors) > 0 {
				t.Fatalf("%s: %q", route, w.errors)
			}
			if now := w.fixed(); now != fixed {
				t.Fatalf("%s changed what must not change: %s", route, now)
			}
		}
		w.reset()
		i := w.incidents[own]
		i.Checklists, i.ActiveStage = incident.CloneStages(stages), int(active)
		for _, line := range []string{"info", "stage next", "stage prev", "check 0 0", "list", "update", "end"} {
			_, _ = w.commands.Execute(context.Background(), &model.CommandArgs{UserId: anna, TeamId: aTeam, ChannelId: aChannel, Command: "/incident " + line})
		}
		if len(w.errors) > 0 {
			t.Fatalf("%q", w.errors)
		}
	})
}
