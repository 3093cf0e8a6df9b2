//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Which paths and methods exist is known without logging in.
func TestErrors_UnknownPathsAndMethodsComeBeforeAuthentication(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		id := model.NewId()
		for _, who := range []*person{s.anonymous(), s.newUser(t)} {
			for _, path := range []string{
				"", "/", "/nothing", "/incidents/", "/incidents/" + id + "/", "/incidents/" + id + "/details", "/incidents/a-b", "/incidents/channel/a-b",
				"/incidents/" + id + "/checklists/-1/add", "/incidents/" + id + "/checklists/+1/add", "/incidents/" + id + "/checklists/0/item/x", "/playbooks/a_b",
			} {
				if answer := who.call(t, "GET", path, nil).want(t, 404); len(answer.Body) == 0 || json.Valid(answer.Body) {
					t.Errorf("GET %s answers %q, not plain text", path, answer.Body)
				}
			}
			for _, request := range []string{
				"DELETE /incidents/" + id, "PUT /incidents", "HEAD /incidents", "POST /incidents/" + id + "/restart", "GET /incidents/" + id + "/end",
				"PUT /incidents/" + id + "/checklists/0/item/0/run", "PATCH /playbooks", "PUT /eventsubscriptions", "HEAD /playbooks/" + id,
			} {
				method, path, _ := strings.Cut(request, " ")
				if answer := who.call(t, method, path, nil).want(t, 405); len(answer.Body) > 0 {
					t.Errorf("%s answers %q", request, answer.Body)
				}
			}
		}
		answer := s.anonymous().call(t, "GET", "/incidents", nil).want(t, 401)
		if len(answer.Body) == 0 || json.Valid(answer.Body) || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("401 is %q of type %q", answer.Body, answer.Header.Get("Content-Type"))
		}
	})
}

// refusal is a request that is answered with an error that names what is wrong.
type refusal struct {
	what, method, path string
	body               any
	status             int
}

func (p *person) mustBeRefused(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, r := range refusals {
		answer := p.call(t, r.method, r.path, r.body)
		var problem struct{ Error, Details *string }
		if answer.Status != r.status {
			t.Errorf("%s: %s %s answered %d, want %d: %.300s", r.what, r.method, r.path, answer.Status, r.status, answer.Body)
		} else if err := json.Unmarshal(answer.Body, &problem); err != nil || problem.Error == nil || *problem.Error == "" || problem.Details == nil {
			t.Errorf("%s: the error is %q: %v", r.what, answer.Body, err)
		}
	}
}

func TestErrors_RefusedChanges(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		started := anna.startIncident(t, team, "Refuse this", anna.newPlaybook(t, team, nil, anna))
		at := "/incidents/" + started.ID
		first := at + "/checklists/0/item/0"
		const huge = "99999999999999999999999999999"
		refusals := []refusal{
			{"a stage beyond the last", "PATCH", at, body{"active_stage": 3}, 400}, {"a negative stage", "PATCH", at, body{"active_stage": -1}, 400},
			{"a stage by name", "PATCH", at, body{"active_stage": "Fix"}, 400},
			{"a restart of an ongoing incident", "PUT", at + "/restart", nil, 409},
			{"a commander who is not in the channel", "POST", at + "/commander", body{"commander_id": boris.user.Id}, 403},
			{"an administrator as commander who is not in the channel", "POST", at + "/commander", body{"commander_id": s.admin().user.Id}, 403},
			{"no commander", "POST", at + "/commander", body{}, 403}, {"an unknown commander", "POST", at + "/commander", body{"commander_id": model.NewId()}, 403},
			{"a dialog without state", "POST", at + "/next-stage-dialog", body{}, 400}, {"a stage beyond the last, by dialog", "POST", at + "/next-stage-dialog", body{"state": "3"}, 400},
			{"an update without submission", "POST", at + "/update-status-dialog", body{}, 400},
			{"an update with a number", "POST", at + "/update-status-dialog", body{"submission": body{"message": 5, "reminder": "0"}}, 400},
			{"an update without reminder", "POST", at + "/update-status-dialog", body{"submission": body{"message": "x"}}, 400},
			{"an update with null", "POST", at + "/update-status-dialog", body{"submission": body{"message": nil, "reminder": nil}}, 400},
			{"an empty update", "POST", at + "/update-status-dialog", body{"submission": body{"message": "", "reminder": "0"}}, 400},
			{"a long update", "POST", at + "/update-status-dialog", body{"submission": body{"message": strings.Repeat("x", 16384), "reminder": "0"}}, 400},
			{"an update with NUL", "POST", at + "/update-status-dialog", body{"submission": body{"message": "a\x00b", "reminder": "0"}}, 400},
			{"a reminder in words", "POST", at + "/update-status-dialog", body{"submission": body{"message": "x", "reminder": "soon"}}, 400},
			{"a reminder in the past", "POST", at + "/update-status-dialog", body{"submission": body{"message": "x", "reminder": "-1"}}, 400},
			{"a reminder in ages", "POST", at + "/update-status-dialog", body{"submission": body{"message": "x", "reminder": huge}}, 400},
			{"a blank task", "PUT", at + "/checklists/0/add", body{"title": " \t"}, 400}, {"a task without title", "PUT", at + "/checklists/0/add", body{}, 400},
			{"a long task", "PUT", at + "/checklists/0/add", body{"title": strings.Repeat("x", 2049)}, 400},
			{"a task with NUL", "PUT", at + "/checklists/0/add", body{"title": "a\x00b"}, 400},
			{"a task in no stage", "PUT", at + "/checklists/3/add", body{"title": "x"}, 404},
			{"a task in a huge stage", "PUT", at + "/checklists/" + huge + "/add", body{"title": "x"}, 400},
			{"a move of no task", "PUT", at + "/checklists/0/reorder", body{"item_num": 3}, 400}, {"a move of a negative task", "PUT", at + "/checklists/0/reorder", body{"item_num": -1}, 400},
			{"a move too far", "PUT", at + "/checklists/0/reorder", body{"new_location": 3}, 400}, {"a move before the first", "PUT", at + "/checklists/0/reorder", body{"new_location": -1}, 400},
			{"a huge move", "PUT", at + "/checklists/0/reorder", `{"new_location":` + huge + `}`, 400},
			{"a move of an unknown task", "PUT", at + "/checklists/0/reorder", body{"item_id": model.NewId()}, 404},
			{"a blank title", "PUT", first, body{"title": ""}, 400},
			{"an edit of no task", "PUT", at + "/checklists/0/item/3", body{"title": "x"}, 404},
			{"a removal of no task", "DELETE", at + "/checklists/0/item/3", nil, 404}, {"a removal by unknown id", "DELETE", at + "/checklists/0/item/" + model.NewId(), nil, 404},
			{"a removal by huge number", "DELETE", at + "/checklists/0/item/" + huge, nil, 400},
			{"a state of its own", "PUT", first + "/state", body{"new_state": "done"}, 400}, {"a state that is true", "PUT", first + "/state", body{"new_state": true}, 400},
			{"an unknown assignee", "PUT", first + "/assignee", body{"assignee_id": model.NewId()}, 400},
			{"an assignee who is not in the channel", "PUT", first + "/assignee", body{"assignee_id": boris.user.Id}, 400},
			{"a run of no command", "POST", at + "/checklists/0/item/1/run", nil, 400},
			{"a run of no task", "POST", at + "/checklists/9/item/9/run", nil, 404},
			{"a snooze of no time", "POST", at + "/snooze", body{}, 400}, {"a snooze of a moment", "POST", at + "/snooze", body{"seconds": 59}, 400},
			{"a snooze in ages", "POST", at + "/snooze", `{"seconds":` + huge + `}`, 400}, {"a snooze in words", "POST", at + "/snooze", body{"seconds": "soon"}, 400},
			{"a click to snooze for no time", "POST", at + "/reminder/button-snooze", body{}, 400},
			{"a click without trigger", "POST", at + "/reminder/button-update", body{}, 400},
		}
		for _, route := range []string{
			"PATCH " + at, "POST " + at + "/commander", "POST " + at + "/next-stage-dialog", "POST " + at + "/update-status-dialog",
			"POST " + at + "/reminder/button-update", "POST " + at + "/reminder/button-dismiss", "POST " + at + "/reminder/button-snooze", "POST " + at + "/snooze", "PUT " + at + "/checklists/0/add", "PUT " + at + "/checklists/0/reorder",
			"PUT " + first, "PUT " + first + "/state", "PUT " + first + "/assignee", "POST /playbooks", "POST /eventsubscriptions", "POST /incidents/dialog",
		} {
			method, path, _ := strings.Cut(route, " ")
			for what, content := range map[string]string{"nothing": "", "half of JSON": `{"title":`, "a list": `[1]`, "a string": `"x"`, "deep nesting": strings.Repeat(`{"a":`, 100000)} {
				refusals = append(refusals, refusal{what, method, path, content, 400})
			}
			refusals = append(refusals, refusal{"a huge body", method, path, `{"title":"` + strings.Repeat("x", 2<<20) + `"}`, 413})
		}
		before := anna.incident(t, started.ID)
		anna.mustBeRefused(t, refusals)
		if after := anna.incident(t, started.ID); asJSON(t, after) != asJSON(t, before) {
			t.Errorf("refused changes have changed the incident:\n%s\nwas\n%s", asJSON(t, after), asJSON(t, before))
		}
	})
}

func TestErrors_UnknownPathsAnswerLikeVersion120(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.anonymous().call(t, "GET", "/nonsense", nil).want(t, 404)
	s.anonymous().call(t, "DELETE", "/incidents", nil).want(t, 405)
	s.anonymous().call(t, "GET", "/incidents/", nil).want(t, 404)
}

func TestErrors_InternalOnesAreLoggedWithUserAndCause(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	c := s.newFixture(t)
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

func TestErrors_StatusCodes(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		unknown, team := model.NewId(), "/incidents?team_id="+c.team.Id
		admin := s.admin()
		for _, x := range []struct {
			who          *person
			method, path string
			body         any
			want         int
		}{
			{admin, "GET", "/incidents/" + unknown, nil, 404}, {c.anna, "GET", "/incidents/" + unknown, nil, 403},
			{c.anna, "PUT", "/incidents/" + unknown + "/end", nil, 404}, {c.anna, "GET", "/playbooks/" + unknown, nil, 404},
			{admin, "GET", "/incidents/" + unknown + "/metadata", nil, 404}, {admin, "GET", "/incidents/dialog", nil, 404},
			{c.anna, "PUT", "/incidents/" + i.ID + "/checklists/9/add", `{"title":"x"}`, 404},
			{c.anna, "DELETE", "/incidents/" + i.ID + "/checklists/0/item/9", nil, 404},
			{c.anna, "PUT", "/incidents/" + i.ID + "/restart", nil, 409},
			{c.anna, "GET", team + "&sort=nonsense", nil, 400}, {c.anna, "GET", team + "&direction=up", nil, 400},
			{c.anna, "GET", team + "&page=-1", nil, 400}, {c.anna, "GET", team + "&per_page=-1", nil, 400},
			{c.anna, "GET", team + "&member_id=x", nil, 400}, {c.anna, "GET", team + "&commander_user_id=x", nil, 400},
			{c.anna, "GET", "/playbooks?team_id=" + c.team.Id + "&page=9223372036854775807&per_page=1000", nil, 400},
			{c.anna, "POST", "/incidents", c.startBody(map[string]any{"name": "\u200b"}), 400},
			{c.anna, "POST", "/incidents", c.startBody(map[string]any{"description": strings.Repeat("x", 1025)}), 400},
			{c.anna, "POST", "/incidents", c.startBody(map[string]any{"post_id": unknown}), 404},
			{c.anna, "POST", "/playbooks", map[string]any{"title": "a\x00b", "team_id": c.team.Id}, 400},
			{c.anna, "POST", "/playbooks", map[string]any{"title": strings.Repeat("x", 2<<20), "team_id": c.team.Id}, 413},
			{c.anna, "PUT", "/incidents/" + i.ID + "/checklists/0/add", map[string]any{"title": strings.Repeat("x", 20_000)}, 400},
			{c.anna, "POST", "/eventsubscriptions", `{"url":"http://x"}`, 400},
			{c.anna, "POST", "/eventsubscriptions", map[string]any{"playbook_id": unknown, "user_id": c.anna.user.Id}, 404},
		} {
			answer := x.who.call(t, x.method, x.path, x.body)
			if answer.Status != x.want {
				t.Errorf("%s %s: %d, want %d: %.200s", x.method, x.path, answer.Status, x.want, answer.Body)
				continue
			}
			answer.errorText(t)
			if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
				t.Errorf("%s %s: %s", x.method, x.path, kind)
			}
		}
	})
}
