package api

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var newOne = object{"name": "Checkout", "team_id": team, "commander_user_id": other}

func TestStart_IgnoresFieldsThatClientsMayNotSet(t *testing.T) {
	b := newBench(t)
	body := newOne.with("reminder_post_id", "x").with("status_post_ids", []string{"x"}).with("status_posts", []object{{"id": "x"}}).
		with("broadcast_channel_id", "x").with("previous_reminder", 1).with("reminder_message_template", "x").with("delete_at", 5).
		with("is_active", false).with("revision", 9).with("checklists", "of another type").
		with("description", "slow").with("playbook_id", book).with("post_id", "p").with("active_stage", 1).with("channel_id", "here")
	b.want(201, "POST", "/incidents", body.String())
	want := app.StartRequest{RequesterID: user, CommanderID: other, TeamID: team, Name: "Checkout", Description: "slow", PlaybookID: book, PostID: "p", ChannelID: "here", ActiveStage: 1}
	if !reflect.DeepEqual(b.started, want) {
		t.Errorf("started %+v, want %+v", b.started, want)
	}
}

func TestStartRefused(t *testing.T) {
	for _, x := range []struct {
		body  object
		field string
	}{
		{newOne.with("id", "x"), "id"}, {newOne.with("channel_id", "\x00"), "channel_id"}, {newOne.with("create_at", 1), "create_at"}, {newOne.with("end_at", 1), "end_at"},
		{newOne.with("team_id", nil), "team_id"}, {newOne.with("commander_user_id", ""), "commander_user_id"},
		{newOne.with("name", 5), "name"}, {newOne.with("active_stage", "1"), "active_stage"}, {newOne.with("active_stage", 1e30), "active_stage"},
		{newOne.with("playbook_id", "\x00"), "playbook_id"}, {newOne.with("post_id", strings.Repeat("x", 65)), "post_id"},
	} {
		b := newBench(t)
		b.contains(b.want(400, "POST", "/incidents", x.body.String()), `"error":"`+x.field+" ")
		b.untouched()
	}
	newBench(t).want(201, "POST", "/incidents", newOne.with("id", "").with("create_at", 0).String())
}

func TestIdempotencyKey(t *testing.T) {
	b := newBench(t)
	key := strings.Repeat("~", 128)
	b.want(201, "POST", "/incidents", newOne.String(), "Idempotency-Key: "+key)
	if b.started.Key != key {
		t.Errorf("the key is %q", b.started.Key)
	}
	b.calls = nil
	for _, bad := range [][]string{{"Idempotency-Key: " + key + "x"}, {"Idempotency-Key: "}, {"Idempotency-Key: a b"}, {"Idempotency-Key: \xc3\xa9"},
		{"Idempotency-Key: a\x7f"}, {"Idempotency-Key: a", "Idempotency-Key: b"}} {
		b.contains(b.want(400, "POST", "/incidents", newOne.String(), bad...), "Idempotency-Key", "128")
	}
	b.untouched()
}

func TestLenientBodies(t *testing.T) {
	b := newBench(t)
	for _, body := range []string{`{"Active_STAGE":3,"unknown":[1]}`, `{"active_stage":3} trailing {`, "  \n{\"active_stage\":3}null"} {
		b.want(200, "PATCH", "/incidents/"+inc, body)
		b.called("SetStage " + user + " " + inc + " 3")
	}
	for _, body := range []string{"null", "{}", `{"active_stage":null}`} {
		b.want(200, "PATCH", "/incidents/"+inc, body)
		b.called("Incident " + user + " " + inc)
	}
}

// Each route with a body refuses broken UTF-8 in it, rather than store something else than was sent.
func TestBodies_InvalidUTF8IsRefused(t *testing.T) {
	for _, x := range examples {
		if !strings.HasPrefix(x.body, "{") {
			continue
		}
		b := newBench(t)
		for _, broken := range []string{"a\xff", "\xc3(", "\xed\xa0\x80"} {
			b.contains(b.want(400, x.method, x.path, `{"unknown":"`+broken+`",`+x.body[1:]), "UTF-8")
		}
		b.untouched()
		b.want(x.status, x.method, x.path, x.body+"\xff") // what follows is ignored
	}
}

// Each route with a body refuses what is not an object, naming what is wrong.
func TestMalformedBodies(t *testing.T) {
	for _, x := range examples {
		if !strings.HasPrefix(x.body, "{") {
			continue
		}
		for _, body := range []string{"", " ", "{", "[]", `"x"`, "1", "true", "{\"a\":}", "\xff", strings.Repeat("[", 20000), `{"a":` + strings.Repeat("[", 20000)} {
			b := newBench(t)
			b.want(400, x.method, x.path, body)
			b.untouched()
		}
	}
}

// Clients in every language read the details: they say where the error is, not what Go's decoder calls it.
func TestMalformedBodies_DetailsSayWhere(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":5}`:     `"error":"title must be a string, not a number.","details":"The error was found after 10 bytes."`,
		`{"title":["x"]}`: `"error":"title must be a string, not a list."`,
		`{"title":{}}`:    `"error":"title must be a string, not an object."`,
		`{"title":true}`:  `"error":"title must be a string, not true or false."`,
		`{"checklists":[{"items":[{"title":1}]}]}`: `"error":"checklists.items.title must be a string, not a number."`,
		`{"checklists":"x"}`:                       `"error":"checklists must be a list, not a string."`,
		`{"reminder_timer_default_seconds":1.5}`:   `"error":"reminder_timer_default_seconds must be a whole number, not 1.5."`,
		`[]`:                                       `"error":"The request's body must be a JSON object, not a list."`,
		`{"title":}`:                               `"details":"The error was found after 10 bytes."`,
		`{"title":"x"`:                             `"details":"The body ends too early."`,
	} {
		b := newBench(t)
		w := b.want(400, "POST", "/playbooks", body)
		b.contains(w, want)
		for _, word := range []string{"json:", "Go ", "unmarshal", "invalid character", "EOF", "struct"} {
			if strings.Contains(w.Body.String(), word) {
				t.Errorf("%s is answered with %q: %s", body, word, w.Body)
			}
		}
		b.untouched()
	}
}

func TestBodies_AreLimited(t *testing.T) {
	for _, x := range examples {
		if !strings.HasPrefix(x.body, "{") {
			continue
		}
		b := newBench(t)
		b.contains(b.want(413, x.method, x.path, `{"title":"`+strings.Repeat("x", 1<<20)+`"}`), "1048576")
		b.untouched()
		padding := strings.Repeat(" ", 1<<20-len(x.body))
		b.want(x.status, x.method, x.path, x.body+padding)
	}
}

func TestMove_RefusesNegativeAndHugePositions(t *testing.T) {
	b := newBench(t)
	path := "/incidents/" + inc + "/checklists/0/reorder"
	b.want(400, "PUT", path, `{"item_num":9223372036854775808}`)
	b.want(400, "PUT", path, `{"new_location":1.5}`)
	b.want(400, "PUT", path, `{"item_id":"short"}`)
	b.untouched()
	b.want(200, "PUT", path, `{}`)
	b.called("MoveTask " + user + " " + inc + " 0 0 0")
	b.want(200, "PUT", path, `{"item_id":"`+taskID+`","item_num":5,"new_location":1}`)
	b.called("MoveTask " + user + " " + inc + " 0 " + taskID + " 1")

	// Negative positions are refused by the incident's own rule, not by a crash.
	i := incident.Incident{Checklists: []incident.Stage{{Tasks: []incident.Task{{Title: "a"}, {Title: "b"}}}}}
	for _, x := range [][2]int{{-1, 0}, {0, -1}, {2, 0}, {0, 2}} {
		if _, err := i.MoveTask(incident.At(0), incident.At(x[0]), x[1]); !incident.IsKind(err, incident.Invalid) {
			t.Errorf("moving %d to %d gives %v", x[0], x[1], err)
		}
	}
}

func TestTasks_TakeOnlyTheirTexts(t *testing.T) {
	b := newBench(t)
	b.want(201, "PUT", "/incidents/"+inc+"/checklists/0/add",
		`{"id":"x","title":" Call ","command":"/call","description":"d","state":"closed","state_modified":5,"assignee_id":"x","command_last_run":7}`)
	if want := (incident.Task{Title: " Call ", Command: "/call", Description: "d"}); b.task != want {
		t.Errorf("added %+v, want %+v", b.task, want)
	}
	path := "/incidents/" + inc + "/checklists/0/item/1"
	b.want(200, "PUT", path, `{"title":"Call"}`)
	if b.text != nil {
		t.Errorf("a missing description is %q", *b.text)
	}
	b.want(200, "PUT", path, `{"title":"Call","description":""}`)
	if b.text == nil || *b.text != "" {
		t.Error("an empty description is lost")
	}
	for _, state := range []string{`""`, `"in_progress"`, `"closed"`} {
		b.want(200, "PUT", path+"/state", `{"new_state":`+state+`}`)
	}
	b.want(200, "PUT", path+"/state", `{}`)
	b.called("SetTaskState " + user + " " + inc + " 0 1")
	b.calls = nil
	for _, state := range []string{`"open"`, `"CLOSED"`, `1`, `["closed"]`} {
		b.contains(b.want(400, "PUT", path+"/state", `{"new_state":`+state+`}`), "new_state")
	}
	b.want(400, "PUT", path+"/assignee", `{"assignee_id":5}`)
	b.want(400, "PUT", path+"/assignee", `{"assignee_id":"\u0000"}`)
	b.want(400, "POST", "/incidents/"+inc+"/commander", `{"commander_id":"\u0000"}`)
	b.untouched()
}

func TestPlaybooks_IgnoreFieldsThatClientsMayNotSet(t *testing.T) {
	body := object{"title": "Outage", "team_id": team, "create_at": 1, "delete_at": 2, "num_stages": 3, "num_steps": 4,
		"checklists": []object{{"title": "Triage"}}, "member_ids": []string{user}, "reminder_timer_default_seconds": 60}
	b := newBench(t)
	for _, x := range [][2]string{{"POST", "/playbooks"}, {"PUT", "/playbooks/" + book}} {
		sent, status := body, 201
		if x[0] == "PUT" {
			sent, status = body.with("id", "ignored"), 200
		}
		b.want(status, x[0], x[1], sent.String())
		p := b.playbook
		if p.ID != "" || p.CreateAt != 0 || p.DeleteAt != 0 || p.NumStages != 0 || p.NumSteps != 0 {
			t.Errorf("%s took %+v", x[0], p)
		}
		if p.Title != "Outage" || p.TeamID != team || len(p.Checklists) != 1 || len(p.MemberIDs) != 1 || p.ReminderTimerDefaultSeconds != 60 {
			t.Errorf("%s lost fields: %+v", x[0], p)
		}
	}
	b.calls = nil
	b.want(400, "POST", "/playbooks", body.with("id", "x").String())
	b.want(400, "POST", "/playbooks", body.with("reminder_timer_default_seconds", 1.5).String())
	b.want(400, "POST", "/playbooks", body.with("team_id", "\x00").String())
	b.want(400, "PUT", "/playbooks/"+book, body.with("checklists", "x").String())
	b.untouched()
}

func TestPlaybooks_LocationHasTheID(t *testing.T) {
	w := newBench(t).want(201, "POST", "/playbooks", `{"title":"Outage"}`)
	if got := w.Header().Get("Location"); got != "/api/v0/playbooks/"+book {
		t.Errorf("Location is %q", got)
	}
}

func TestSubscriptions(t *testing.T) {
	b := newBench(t)
	w := b.want(201, "POST", "/eventsubscriptions", `{"id":"mine","url":{"Scheme":"https","Host":"example.com","User":null},"playbook_id":"`+book+`","user_id":"`+user+`"}`)
	b.contains(w, `"id":"`+inc+`"`, `"Host":"example.com"`, `"User":null`, `"ForceQuery":false`)
	b.calls = nil
	b.contains(b.want(400, "POST", "/eventsubscriptions", `{"url":"https://example.com"}`), "url must be an object")
	b.want(400, "POST", "/eventsubscriptions", `{`)
	b.want(400, "POST", "/eventsubscriptions", `{"playbook_id":"\u0000"}`)
	b.untouched()
	for _, query := range []string{"per_page=101", "per_page=-1", "page=x", "page=21474837", "user_id=%00", "playbook_id=" + strings.Repeat("x", 65)} {
		b.want(400, "GET", "/eventsubscriptions?"+query, "")
	}
	b.want(404, "DELETE", "/eventsubscriptions/unknown", "")
	b.untouched()
	b.want(200, "GET", "/eventsubscriptions?page=2&per_page=7&user_id="+other+"&playbook_id="+book, "")
	if got := b.calls[len(b.calls)-1]; got != "ListSubscriptions "+user+" "+other+" "+book+" 2 7" {
		t.Errorf("asked for %s", got)
	}
	b.errs["Subscribe"] = incident.ErrForbidden
	b.want(403, "POST", "/eventsubscriptions", `{"playbook_id":"`+book+`"}`)
}

// Absent is not the same as null: clients of version 1.2.0 do not send what they do not know.
func TestUpdatePlaybook_KnowsWhichTasksHaveNoAssignment(t *testing.T) {
	b := newBench(t)
	b.want(200, "PUT", "/playbooks/"+book, `{"title":"T","checklists":[{"items":[{"id":"a","title":"t"},{"id":"b","title":"t","assignment":null},
		{"id":"c","title":"t","assignment":{"kind":"commander"}},{"title":"t"}]},{"items":null},{}]}`)
	require.Equal(t, map[string]bool{"a": true}, b.playbook.Unsaid)
	require.Equal(t, incident.Assignment{Kind: incident.AssignedToCommander}, b.playbook.Checklists[0].Tasks[2].Assignment)
	b.want(400, "PUT", "/playbooks/"+book, `{"title":"T","checklists":[{"items":[{"assignment":7}]}]}`)
}
