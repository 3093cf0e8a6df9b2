//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-server/v5/model"
)

// Which paths and methods exist is known without logging in.
func TestRest_UnknownPathsAndMethodsComeBeforeAuthentication(t *testing.T) {
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
				"PUT /incidents/" + id + "/checklists/0/item/0/run", "PATCH /playbooks", "GET /eventsubscriptions", "HEAD /playbooks/" + id,
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

func TestRest_StartedIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)

		answer := anna.call(t, "POST", "/incidents", body{
			"name": "  Plain one ", "team_id": team.Id, "commander_user_id": anna.user.Id, "unknown_field": true,
			// What a client may not set is ignored.
			"is_active": false, "delete_at": 5, "reminder_post_id": model.NewId(), "status_post_ids": []string{model.NewId()},
			"broadcast_channel_id": model.NewId(), "previous_reminder": 7, "reminder_message_template": "x", "revision": 9,
			"checklists": []body{{"title": "Mine"}}, "active_stage_title": "Mine", "status_posts": []body{{"id": "x"}},
		}).want(t, 201)
		if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("Content-Type: %q", kind)
		}
		var fields map[string]any
		answer.decode(t, &fields)
		id, _ := fields["id"].(string)
		if location := answer.Header.Get("Location"); id == "" || location != "/api/v0/incidents/"+id {
			t.Errorf("Location: %q", location)
		}
		stages, _ := fields["checklists"].([]any)
		if len(stages) != 1 {
			t.Fatalf("stages: %v", stages)
		}
		stage, _ := stages[0].(map[string]any)
		want := body{
			"id": id, "name": "  Plain one ", "description": "", "is_active": true, "commander_user_id": anna.user.Id, "team_id": team.Id,
			"channel_id": fields["channel_id"], "create_at": fields["create_at"], "end_at": 0, "delete_at": 0, "active_stage": 0,
			"active_stage_title": "Checklist", "post_id": "", "playbook_id": "",
			"checklists":      []body{{"id": stage["id"], "title": "Checklist", "items": []any{}}},
			"status_post_ids": []any{}, "status_posts": []any{}, "reminder_post_id": "", "previous_reminder": 0,
			"broadcast_channel_id": "", "reminder_message_template": "", "revision": 1, "post_revision": fields["post_revision"],
		}
		if got, want := asJSON(t, fields), asJSON(t, want); got != want {
			t.Errorf("started:\n%s\nwant\n%s", got, want)
		}
		if stage["id"] == "" {
			t.Error("the stage has no id")
		}
		if read := anna.call(t, "GET", "/incidents/"+id, nil).want(t, 200); !bytes.Equal(bytes.TrimSpace(read.Body), bytes.TrimSpace(answer.Body)) {
			t.Errorf("started as\n%s\nread as\n%s", answer.Body, read.Body)
		}

		for _, playbook := range []struct {
			checklists []body
			stage      int
			title      string
		}{{[]body{}, -1, ""}, {stagesBody(), 0, "Triage"}} {
			made := anna.newPlaybook(t, team, body{"checklists": playbook.checklists, "reminder_timer_default_seconds": 900}, anna)
			started := anna.startIncident(t, team, "From a playbook", made)
			if started.ActiveStage != playbook.stage || started.ActiveStageTitle != playbook.title || started.PreviousReminder != 900e9 || len(started.Checklists) != len(playbook.checklists) {
				t.Errorf("started: %+v", started)
			}
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

func TestRest_RefusedStarts(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team, elsewhere := s.newTeam(t, anna, boris), s.newTeam(t, anna)
		lobby, closed := s.newChannel(t, team, model.CHANNEL_OPEN, anna), s.newChannel(t, team, model.CHANNEL_PRIVATE)
		say := func(p *person, channelID string) *model.Post {
			made, response := p.CreatePost(&model.Post{ChannelId: channelID, Message: "What is this?"})
			must(t, "post", response)
			return made
		}
		hidden, gone := say(s.admin(), closed.Id), say(anna, lobby.Id)
		_, response := anna.DeletePost(gone.Id)
		must(t, "delete a post", response)
		mine, foreign := anna.newPlaybook(t, team, nil, anna), anna.newPlaybook(t, elsewhere, nil, anna)
		notMine, deleted := boris.newPlaybook(t, team, nil, boris), anna.newPlaybook(t, team, nil, anna)
		anna.call(t, "DELETE", "/playbooks/"+deleted, nil).want(t, 204)

		with := func(more body) body {
			fields := body{"name": "Never started", "team_id": team.Id, "commander_user_id": anna.user.Id}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		var refusals []refusal
		for _, r := range []struct {
			what   string
			body   any
			status int
		}{
			{"an empty body", "", 400}, {"no JSON", "{", 400}, {"a list", "[]", 400}, {"a number", "5", 400}, {"a string", `"x"`, 400}, {"null", "null", 400},
			{"broken UTF-8 in JSON", strings.Replace(asJSON(t, with(nil)), "Never", "Never\xff", 1), 400},
			{"an id", with(body{"id": model.NewId()}), 400}, {"a channel", with(body{"channel_id": lobby.Id}), 400},
			{"a start time", with(body{"create_at": 1}), 400}, {"an end time", with(body{"end_at": 1}), 400},
			{"no team", with(body{"team_id": ""}), 400}, {"no commander", with(body{"commander_user_id": ""}), 400},
			{"a name that is a number", with(body{"name": 5}), 400}, {"a huge stage", with(body{"active_stage": json.Number("99999999999999999999")}), 400},
			{"a fraction of a stage", with(body{"active_stage": 0.5}), 400},
			{"an unknown commander", with(body{"commander_user_id": model.NewId()}), 403}, {"an unknown team", with(body{"team_id": model.NewId()}), 403},
			{"a malformed team", with(body{"team_id": "' OR 1=1 --"}), 403},
			{"an unknown playbook", with(body{"playbook_id": model.NewId()}), 404}, {"a deleted playbook", with(body{"playbook_id": deleted}), 404},
			{"a playbook of others", with(body{"playbook_id": notMine}), 403}, {"a playbook of another team", with(body{"playbook_id": foreign}), 400},
			{"an unknown post", with(body{"post_id": model.NewId()}), 404}, {"a deleted post", with(body{"post_id": gone.Id}), 404},
			{"a post that she may not read", with(body{"post_id": hidden.Id}), 403},
			{"no name", with(body{"name": ""}), 400}, {"an invisible name", with(body{"name": "\u200b"}), 400}, {"blanks", with(body{"name": "   "}), 400},
			{"a long name", with(body{"name": strings.Repeat("x", 65)}), 400}, {"a name of nothing but a line break", with(body{"name": "\n"}), 400},
			{"a name with NUL", with(body{"name": "NUL\x00NUL"}), 400}, {"a description with NUL", with(body{"description": "\x00"}), 400},
			{"a long description", with(body{"description": strings.Repeat("x", 1025)}), 400},
			{"a stage beyond the last", with(body{"playbook_id": mine, "active_stage": 3}), 400}, {"a negative stage", with(body{"playbook_id": mine, "active_stage": -1}), 400},
			{"a huge body", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		} {
			refusals = append(refusals, refusal{r.what, "POST", "/incidents", r.body, r.status})
		}
		anna.mustBeRefused(t, refusals)
		answer := s.admin().call(t, "POST", "/incidents", body{"name": "Nowhere", "team_id": model.NewId(), "commander_user_id": s.admin().user.Id})
		if answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("a start by the administrator in no team answered %d: %s", answer.Status, answer.Body)
		}
		for _, key := range []string{"", "with blank", strings.Repeat("k", 129), "ключ"} {
			anna.call(t, "POST", "/incidents", with(nil), "Idempotency-Key: "+key).want(t, 400)
		}
		// None of them has left anything behind.
		if n := s.number(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'"); n != 0 {
			t.Errorf("%d incidents were stored", n)
		}
		if n := s.number(t, "SELECT COUNT(*) FROM Channels WHERE DisplayName LIKE 'Never%' AND TeamId = '"+team.Id+"'"); n != 0 {
			t.Errorf("%d channels were made", n)
		}
	})
}

func TestRest_RefusedChanges(t *testing.T) {
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
			{"a click without trigger", "POST", at + "/reminder/button-update", body{}, 400},
		}
		for _, route := range []string{
			"PATCH " + at, "POST " + at + "/commander", "POST " + at + "/next-stage-dialog", "POST " + at + "/update-status-dialog",
			"POST " + at + "/reminder/button-update", "POST " + at + "/reminder/button-dismiss", "PUT " + at + "/checklists/0/add", "PUT " + at + "/checklists/0/reorder",
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

func TestRest_Lists(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		private := anna.newPlaybook(t, team, body{"create_public_incident": false}, anna)
		names := []string{"100% down", "100 percent", "under_score", "underXscore", `back\slash`, "Emoji 🔥 fire", "宕机 outage", "عطل outage RTL", "O'Brien \"quoted\""}
		ids := map[string]string{}
		for _, name := range names {
			ids[name] = anna.startIncident(t, team, name, "").ID
		}
		ids["secret"] = anna.startIncident(t, team, "secret", private).ID
		ids["by boris"] = boris.startIncident(t, team, "by boris", "").ID
		anna.call(t, "PUT", "/incidents/"+ids["100 percent"]+"/end", nil).want(t, 200)

		type page struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []incident.Incident
		}
		list := func(p *person, query string) (page, []string) {
			t.Helper()
			var got page
			p.call(t, "GET", "/incidents?team_id="+team.Id+"&"+query, nil).want(t, 200).decode(t, &got)
			if got.Items == nil {
				t.Errorf("%s: items is null", query)
			}
			var channels, listed []string
			p.call(t, "GET", "/incidents/channels?team_id="+team.Id+"&"+query, nil).want(t, 200).decode(t, &channels)
			found := []string{}
			for _, item := range got.Items {
				found, listed = append(found, item.Name), append(listed, item.ChannelID)
			}
			if !slices.Equal(channels, listed) {
				t.Errorf("%s: the channels are not those of the incidents, in their order", query)
			}
			return got, found
		}

		all := append(slices.Clone(names), "secret", "by boris")
		for query, want := range map[string][]string{
			"": all, "direction=ASC&sort=Create_At": all, "status=ALL": all,
			"status=active&search_term=100":                      {"100% down"},
			"status=Ended":                                       {"100 percent"},
			"search_term=" + url.QueryEscape("100%"):             {"100% down"},
			"search_term=" + url.QueryEscape("%"):                {"100% down"},
			"search_term=" + url.QueryEscape("R_s"):              {"under_score"},
			"search_term=" + url.QueryEscape(`\`):                {`back\slash`},
			"search_term=" + url.QueryEscape("O'B"):              {"O'Brien \"quoted\""},
			"search_term=" + url.QueryEscape("!"):                {},
			"search_term=OUTAGE":                                 {"宕机 outage", "عطل outage RTL"},
			"search_term=" + url.QueryEscape("宕机"):               {"宕机 outage"},
			"search_term=" + url.QueryEscape("عطل"):              {"عطل outage RTL"},
			"search_term=" + url.QueryEscape("🔥"):                {"Emoji 🔥 fire"},
			"commander_user_id=" + boris.user.Id:                 {"by boris"},
			"member_id=" + boris.user.Id:                         {"by boris"},
			"member_id=" + strings.ToUpper(boris.user.Id):        {"by boris"},
			"commander_user_id=" + model.NewId():                 {},
			"per_page=2":                                         all[:2],
			"per_page=2&page=1":                                  all[2:4],
			"per_page=2&page=5":                                  all[10:],
			"per_page=2&page=6":                                  {},
			"direction=desc&per_page=1":                          {"by boris"},
			"sort=is_active&per_page=1":                          {"100 percent"},
			"sort=END_AT&direction=DESC&per_page=1":              {"100 percent"},
			"sort=commander_user_id&search_term=under":           {"under_score", "underXscore"},
			"user_input=ignored&search_term=secret&unknown=true": {"secret"},
		} {
			_, found := list(anna, query)
			if strings.Contains(query, "sort=commander") {
				slices.Sort(found)
				slices.Sort(want)
			}
			if !slices.Equal(found, want) {
				t.Errorf("%q finds %q, want %q", query, found, want)
			}
		}
		if got, _ := list(anna, "per_page=2&page=4"); got.TotalCount != 11 || got.PageCount != 6 || !got.HasMore {
			t.Errorf("page 4: %d of %d, more: %v", got.TotalCount, got.PageCount, got.HasMore)
		}
		if got, _ := list(anna, "per_page=2&page=5"); got.TotalCount != 11 || got.PageCount != 6 || got.HasMore {
			t.Errorf("the last page: %d of %d, more: %v", got.TotalCount, got.PageCount, got.HasMore)
		}
		if got, found := list(boris, ""); got.TotalCount != 10 || slices.Contains(found, "secret") {
			t.Errorf("Boris sees %q", found)
		}
		// Each incident is on exactly one page, also among equals.
		for _, sort := range []string{"id", "name", "is_active", "create_at", "end_at", "team_id", "commander_user_id"} {
			seen := map[string]bool{}
			for n := range 6 {
				_, found := list(anna, fmt.Sprintf("sort=%s&per_page=2&page=%d", sort, n))
				for _, name := range found {
					seen[name] = true
				}
			}
			if len(seen) != 11 {
				t.Errorf("the pages by %s show %d incidents", sort, len(seen))
			}
		}

		var refusals []refusal
		for _, query := range []string{
			"page=x", "page=-1", "page=1.5", "page=99999999999999999999", "page=2147483647&per_page=1000", "per_page=x", "per_page=-1", "per_page=99999999999999999999",
			"sort=title", "sort=id%3Bdrop", "direction=up", "status=open", "commander_user_id=x", "member_id=x", "search_term=" + strings.Repeat("x", 257), "search_term=%00", "search_term=%ff",
		} {
			for _, path := range []string{"/incidents", "/incidents/channels"} {
				refusals = append(refusals, refusal{query, "GET", path + "?team_id=" + team.Id + "&" + query, nil, 400})
			}
		}
		for _, query := range []string{"sort=name", "direction=up", "page=-1", "page=x", "per_page=-1", "page=99999999999999999999", "page=2147483647&per_page=1000"} {
			refusals = append(refusals, refusal{query, "GET", "/playbooks?team_id=" + team.Id + "&" + query, nil, 400})
		}
		for _, path := range []string{"/incidents", "/incidents/channels", "/incidents/commanders", "/playbooks"} {
			refusals = append(refusals, refusal{"no team", "GET", path, nil, 400}, refusal{"an unknown team", "GET", path + "?team_id=" + model.NewId(), nil, 403})
		}
		refusals = append(refusals, refusal{"no team", "GET", "/playbooks/autocomplete", nil, 403}, refusal{"no channel", "GET", "/incidents/checklist-autocomplete", nil, 400})
		anna.mustBeRefused(t, refusals)
		s.admin().mustBeRefused(t, []refusal{
			{"a malformed team", "GET", "/incidents?team_id=x", nil, 400}, {"a malformed team", "GET", "/incidents/commanders?team_id=x", nil, 400},
		})

		var commanders []struct{ UserID, Username string }
		anna.call(t, "GET", "/incidents/commanders?team_id="+team.Id, nil).want(t, 200).decode(t, &commanders)
		found := []string{}
		for _, c := range commanders {
			found = append(found, c.Username)
		}
		want := []string{anna.user.Username, boris.user.Username}
		slices.Sort(want)
		if !slices.Equal(found, want) {
			t.Errorf("the commanders are %q, want %q", found, want)
		}
	})
}

func TestRest_Playbooks(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris, stranger := s.newUser(t), s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		bulletin, closed := s.newChannel(t, team, model.CHANNEL_OPEN, anna), s.newChannel(t, team, model.CHANNEL_PRIVATE)
		for _, title := range []string{"Bravo 🔒", "安全事件", "تعطل", "alpha"} {
			anna.newPlaybook(t, team, body{"title": title, "broadcast_channel_id": bulletin.Id, "reminder_message_template": "T", "reminder_timer_default_seconds": 60}, anna, boris, anna)
		}
		id := anna.newPlaybook(t, team, body{
			"title": "Zulu", "create_at": 5, "delete_at": 6, "num_stages": 99, "num_steps": 99,
			"checklists": []body{{"title": "S", "items": []body{{"title": "t", "state": "closed", "assignee_id": anna.user.Id, "state_modified": 9}}}},
		}, anna, boris, anna)
		var made map[string]any
		anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &made)
		members, _ := made["member_ids"].([]any)
		if made["num_stages"] != 1.0 || made["num_steps"] != 1.0 || made["delete_at"] != 0.0 || made["create_at"] == 5.0 || len(members) != 2 {
			t.Errorf("made: %v", made)
		}
		if text := asJSON(t, made["checklists"]); !strings.Contains(text, `"state":""`) || strings.Contains(text, anna.user.Id) {
			t.Errorf("the stages: %s", text)
		}

		var list struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []map[string]any
		}
		anna.call(t, "GET", "/playbooks?team_id="+team.Id+"&per_page=2&sort=STEPS&direction=DESC", nil).want(t, 200).decode(t, &list)
		if list.TotalCount != 5 || list.PageCount != 3 || !list.HasMore || len(list.Items) != 2 {
			t.Errorf("the first page: %+v", list)
		}
		for _, item := range list.Items {
			if asJSON(t, []any{item["checklists"], item["member_ids"], item["broadcast_channel_id"], item["reminder_message_template"], item["reminder_timer_default_seconds"]}) != `[[],[],"","",0]` || item["num_steps"] != 6.0 {
				t.Errorf("listed: %v", item)
			}
		}
		var items []struct{ Item, Hint, HelpText string }
		boris.call(t, "GET", "/playbooks/autocomplete?team_id="+team.Id, nil).want(t, 200).decode(t, &items)
		if len(items) != 5 || !slices.ContainsFunc(items, func(i struct{ Item, Hint, HelpText string }) bool {
			return i.Item == id && i.Hint == "" && i.HelpText == "Zulu"
		}) {
			t.Errorf("suggested: %+v", items)
		}

		// A PUT replaces everything but the team, the times and the id.
		anna.call(t, "PUT", "/playbooks/"+id, body{"id": model.NewId(), "title": "Zulu 2", "team_id": s.newTeam(t, anna).Id, "delete_at": 7, "member_ids": []string{anna.user.Id}}).want(t, 200)
		var changed map[string]any
		anna.call(t, "GET", "/playbooks/"+id, nil).want(t, 200).decode(t, &changed)
		if changed["id"] != id || changed["team_id"] != team.Id || changed["delete_at"] != 0.0 || changed["create_at"] != made["create_at"] || asJSON(t, changed["checklists"]) != "[]" {
			t.Errorf("changed: %v", changed)
		}
		boris.call(t, "GET", "/playbooks/"+id, nil).want(t, 403)

		with := func(more body) body {
			fields := body{"title": "Never made", "team_id": team.Id, "member_ids": []string{anna.user.Id}}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		var refusals []refusal
		for what, r := range map[string]struct {
			body   any
			status int
		}{
			"an id": {with(body{"id": model.NewId()}), 400}, "no title": {with(body{"title": " "}), 400}, "NUL": {with(body{"title": "a\x00"}), 400},
			"a long title": {with(body{"title": strings.Repeat("x", 1025)}), 400}, "a long description": {with(body{"description": strings.Repeat("x", 4097)}), 400},
			"an unknown member": {with(body{"member_ids": []string{model.NewId()}}), 400}, "a member of no team": {with(body{"member_ids": []string{stranger.user.Id}}), 400},
			"a malformed member":  {with(body{"member_ids": []string{strings.Repeat("x", 100)}}), 400},
			"a negative reminder": {with(body{"reminder_timer_default_seconds": -1}), 400}, "half a second": {with(body{"reminder_timer_default_seconds": 0.5}), 400},
			"a state of its own": {with(body{"checklists": []body{{"items": []body{{"title": "x", "state": "done"}}}}}), 400},
			"too many stages":    {with(body{"checklists": make([]body, 101)}), 400}, "too many tasks": {with(body{"checklists": []body{{"title": "x", "items": tasks(1001, "x")}}}), 400},
			"a broadcast where she may not post": {with(body{"broadcast_channel_id": closed.Id}), 403}, "a broadcast to nowhere": {with(body{"broadcast_channel_id": model.NewId()}), 403},
			"no team": {with(body{"team_id": ""}), 403}, "an unknown team": {with(body{"team_id": model.NewId()}), 403},
		} {
			refusals = append(refusals, refusal{what, "POST", "/playbooks", r.body, r.status})
		}
		subscription := func(more body) body {
			fields := body{"url": body{"Scheme": "https", "Host": "example.com", "Path": "/hook"}, "playbook_id": id, "user_id": anna.user.Id}
			for name, value := range more {
				fields[name] = value
			}
			return fields
		}
		refusals = append(refusals,
			refusal{"no playbook", "POST", "/eventsubscriptions", subscription(body{"playbook_id": ""}), 400},
			refusal{"an unknown playbook", "POST", "/eventsubscriptions", subscription(body{"playbook_id": model.NewId()}), 404},
			refusal{"another user", "POST", "/eventsubscriptions", subscription(body{"user_id": boris.user.Id}), 400},
			refusal{"a URL that is a string", "POST", "/eventsubscriptions", subscription(body{"url": "https://example.com"}), 400})
		anna.mustBeRefused(t, refusals)

		var subscribed map[string]any
		anna.call(t, "POST", "/eventsubscriptions", subscription(body{"id": "mine"})).want(t, 201).decode(t, &subscribed)
		if address, _ := subscribed["url"].(map[string]any); len(fmt.Sprint(subscribed["id"])) != 26 || address["Host"] != "example.com" || address["Path"] != "/hook" {
			t.Errorf("subscribed: %v", subscribed)
		}

		anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		anna.call(t, "DELETE", "/playbooks/"+id, nil).want(t, 204)
		anna.mustBeRefused(t, []refusal{
			{"a deleted playbook", "GET", "/playbooks/" + id, nil, 404}, {"a deleted playbook", "PUT", "/playbooks/" + id, with(nil), 404},
			{"a subscription to it", "POST", "/eventsubscriptions", subscription(nil), 404},
		})
	})
}

// What an incident refers to may go away; nothing of it gives an internal error.
func TestRest_WhatIsGone(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		bulletin := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
		playbook := anna.newPlaybook(t, team, body{"broadcast_channel_id": bulletin.Id}, anna)
		started := anna.startIncident(t, team, "What is left", playbook)
		at := "/incidents/" + started.ID
		s.addToChannel(t, s.channel(t, started.ChannelID), boris)
		anna.call(t, "PUT", at+"/checklists/0/item/1/assignee", body{"assignee_id": boris.user.Id}).want(t, 200)
		anna.call(t, "POST", at+"/commander", body{"commander_id": boris.user.Id}).want(t, 200)
		update := body{"submission": body{"message": "Still going", "reminder": "900"}}
		anna.call(t, "POST", at+"/update-status-dialog", update).want(t, 200)

		// The commander and assignee, the playbook, the broadcast channel and the update's post.
		_, response := s.Admin.PermanentDeleteUser(boris.user.Id)
		if response.Error != nil { // needs ServiceSettings.EnableAPIUserDeletion
			_, response = s.Admin.UpdateUserActive(boris.user.Id, false)
			must(t, "deactivate", response)
		}
		anna.call(t, "DELETE", "/playbooks/"+playbook, nil).want(t, 204)
		_, response = s.Admin.DeleteChannel(bulletin.Id)
		must(t, "archive", response)
		now := anna.incident(t, started.ID)
		_, response = anna.DeletePost(now.StatusPostIDs[0])
		must(t, "delete a post", response)

		if now = anna.incident(t, started.ID); len(now.StatusPosts) != 1 || now.StatusPosts[0].DeleteAt == 0 || len(now.StatusPostIDs) != 1 {
			t.Errorf("the deleted update: %+v", now)
		}
		anna.call(t, "GET", at+"/metadata", nil).want(t, 200)
		anna.call(t, "GET", "/incidents?team_id="+team.Id, nil).want(t, 200)
		anna.call(t, "GET", "/incidents/commanders?team_id="+team.Id, nil).want(t, 200)
		anna.call(t, "PUT", at+"/checklists/0/item/1/assignee", body{"assignee_id": anna.user.Id}).want(t, 200)
		anna.call(t, "POST", at+"/update-status-dialog", update).want(t, 200)
		anna.call(t, "POST", at+"/commander", body{"commander_id": anna.user.Id}).want(t, 200)
		anna.call(t, "PUT", at+"/end", nil).want(t, 200)

		// The incident's own channel: archived, it is still there to be worked on.
		_, response = s.Admin.DeleteChannel(started.ChannelID)
		must(t, "archive", response)
		anna.call(t, "PUT", at+"/restart", nil).want(t, 200)
		anna.call(t, "PUT", at+"/checklists/0/item/2/state", body{"new_state": "closed"}).want(t, 200)
		if answer := anna.call(t, "POST", at+"/checklists/0/item/0/run", nil); answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("a command in an archived channel: %d %s", answer.Status, answer.Body)
		}
		if answer := anna.call(t, "POST", at+"/update-status-dialog", update); answer.Status >= 500 {
			t.Errorf("an update in an archived channel: %d %s", answer.Status, answer.Body)
		}
		_, response = s.Admin.SoftDeleteTeam(team.Id)
		must(t, "archive the team", response)
		for _, path := range []string{at, at + "/metadata", "/incidents?team_id=" + team.Id, "/playbooks?team_id=" + team.Id} {
			for _, p := range []*person{anna, s.admin()} {
				if answer := p.call(t, "GET", path, nil); answer.Status >= 500 {
					t.Errorf("%s of an archived team: %d %s", path, answer.Status, answer.Body)
				}
			}
		}
	})
}

// A task keeps its id when others move, and can be named by it.
func TestRest_TasksByIDAndPosition(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		started := anna.startIncident(t, team, "Many ways", anna.newPlaybook(t, team, nil, anna))
		at, stage := "/incidents/"+started.ID+"/checklists/", started.Checklists[0]
		titles := func() string {
			var found []string
			for _, task := range anna.incident(t, started.ID).Checklists[0].Tasks {
				found = append(found, task.Title+string(task.State))
			}
			return strings.Join(found, "|")
		}
		for _, step := range []struct {
			method, path string
			body         body
			status       int
			want         string
		}{
			{"PUT", "0/reorder", body{"item_num": 0, "new_location": 2}, 200, "Open the bridge|Page *the* 100% team|Name the impact"},
			{"PUT", stage.ID + "/reorder", body{"item_id": stage.Tasks[2].ID, "new_location": 0}, 200, "Page *the* 100% team|Open the bridge|Name the impact"},
			{"PUT", stage.ID + "/item/" + stage.Tasks[0].ID + "/state", body{"new_state": "closed"}, 200, "Page *the* 100% team|Open the bridge|Name the impactclosed"},
			{"PUT", "00/item/01/state", body{"new_state": "in_progress"}, 200, "Page *the* 100% team|Open the bridgein_progress|Name the impactclosed"},
			{"PUT", "0/item/" + stage.Tasks[2].ID, body{"title": "Renamed 🔥"}, 200, "Renamed 🔥|Open the bridgein_progress|Name the impactclosed"},
			{"DELETE", stage.ID + "/item/1", nil, 204, "Renamed 🔥|Name the impactclosed"},
			{"PUT", "0/add", body{"title": "  مهمة  ", "state": "closed", "id": "mine"}, 201, "Renamed 🔥|Name the impactclosed|مهمة"},
			{"PUT", "0/item/1/state", body{}, 200, "Renamed 🔥|Name the impact|مهمة"},
		} {
			var sent any
			if step.body != nil {
				sent = step.body
			}
			answer := anna.call(t, step.method, at+step.path, sent).want(t, step.status)
			if got := titles(); got != step.want {
				t.Errorf("%s %s: %q, want %q", step.method, step.path, got, step.want)
			}
			want := ""
			if strings.HasSuffix(step.path, "/state") {
				want = "{}"
			}
			if got := strings.TrimSpace(string(answer.Body)); got != want {
				t.Errorf("%s %s answers %q", step.method, step.path, got)
			}
		}
		var items []struct{ Item, Hint, HelpText string }
		anna.call(t, "GET", "/incidents/checklist-autocomplete?channel_id="+started.ChannelID+"&user_input=x", nil).want(t, 200).decode(t, &items)
		if len(items) != 6 || items[0].Item != "0 0" || items[0].Hint != `"Renamed 🔥"` || items[0].HelpText == "" || items[5].Item != "2 0" {
			t.Errorf("suggested: %+v", items)
		}
	})
}
