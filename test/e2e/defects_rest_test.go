//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestA1_DialogFieldsMayBeMissing(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newScene(t)
	i := c.start(t, nil)
	for _, sent := range []string{`{}`, `null`, `{"submission":null}`, `{"submission":{}}`, `{"submission":{"message":"x"}}`, `{"submission":{"reminder":"0"}}`,
		`{"submission":{"message":null,"reminder":null}}`, `{"submission":{"message":5,"reminder":[]}}`, `{"submission":{"message":"x","reminder":"soon"}}`,
		`{"submission":{"message":"","reminder":"0"}}`, `{`, ``} {
		if answer := c.anna.call(t, "POST", "/incidents/"+i.ID+"/update-status-dialog", sent); answer.Status != 400 {
			t.Errorf("%s: %d %s", sent, answer.Status, answer.Body)
		}
	}
	if got := c.read(t, i.ID); got.Revision != i.Revision {
		t.Errorf("%+v", got)
	}
}

func TestA2_CheckTakesNoNegativeNumbers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newScene(t)
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

func TestA3_ReorderTakesNoNegativeNumbers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	for _, sent := range []string{`{"item_num":0,"new_location":-1}`, `{"item_num":-1,"new_location":0}`, `{"item_num":3}`, `{"new_location":3}`} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/reorder", sent).want(t, 400).errorText(t)
	}
}

func TestA4_AStoredStageOutOfRangeIsNoCrash(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newScene(t)
		i := c.startFromPlaybook(t, nil)
		s.exec(t, "UPDATE IR_Incident SET ActiveStage = 99 WHERE ID = '"+i.ID+"'")
		if got := c.read(t, i.ID); got.ActiveStage != 0 {
			t.Errorf("active_stage is %d", got.ActiveStage)
		}
		c.anna.call(t, "PATCH", "/incidents/"+i.ID, `{"active_stage":1}`).want(t, 200)
		if got := c.read(t, i.ID); got.ActiveStage != 1 || got.ActiveStageTitle != "Second" {
			t.Errorf("%d %q", got.ActiveStage, got.ActiveStageTitle)
		}
	})
}

func TestA5_AnIncidentWithoutStagesIsNoCrash(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newScene(t)
	id := c.newPlaybook(t, func(p *playbook.Playbook) { p.Checklists = nil })
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "active_stage": -1})).want(t, 400).errorText(t)
	i := c.start(t, map[string]any{"playbook_id": id})
	if i.ActiveStage != -1 || len(i.Checklists) != 0 {
		t.Errorf("%+v", i)
	}
	s.exec(t, "UPDATE IR_Incident SET ActiveStage = -1 WHERE ID = '"+i.ID+"'")
	s.exec(t, "UPDATE Sessions SET DeviceId = 'android:1' WHERE UserId = '"+c.anna.user.Id+"'")
	_, response := c.Admin.InvalidateCaches()
	must(t, "invalidate the caches", response)
	events := c.anna.listen(t)
	c.anna.command(t, c.team, c.channelOf(t, i), "/incident info")
	if post := events.ephemeral(t); len(post.Attachments()) != 1 {
		t.Errorf("%q with %d attachments", post.Message, len(post.Attachments()))
	}
}

func TestA6_BulkDataTakesNoNegativeCounts(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	s.unharmed(t)
	c := s.newScene(t)
	events := s.admin().listen(t)
	for _, counts := range []string{"-5 1", "-1 2", "1 -1", "100000000 1", "9223372036854775807 9223372036854775807"} {
		s.admin().command(t, c.team, c.square, "/incident test bulk-data "+counts+" 2020-01-01 2020-02-01 7")
		if text := events.ephemeral(t).Message; text == "" || strings.Contains(text, "request id") {
			t.Errorf("%s: %q", counts, text)
		}
	}
}

func TestC1_ParallelAddsAndChecksAreAllKept(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		i := c.start(t, nil)
		const n = 30
		atOnce(n, func(k int) {
			c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": fmt.Sprint("task ", k)}).want(t, 201)
		})
		atOnce(n, func(k int) {
			c.anna.call(t, "PUT", fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", i.ID, k), `{"new_state":"closed"}`).want(t, 200)
		})
		if got := c.read(t, i.ID); len(got.Checklists[0].Tasks) != n || !got.Checklists[0].Finished() || got.Revision != 1+2*n {
			t.Errorf("%d tasks, %d closed, revision %d", len(got.Checklists[0].Tasks), got.Checklists[0].Done(), got.Revision)
		}
	})
}

func TestC2_EndingWhileTasksAreCheckedStaysEnded(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		for range 5 {
			i := c.startFromPlaybook(t, nil)
			s.addToChannel(t, c.channelOf(t, i), c.boris)
			atOnce(3, func(k int) {
				switch k {
				case 0:
					c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
				case 1:
					c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/1/state", `{"new_state":"closed"}`).want(t, 200)
				default:
					c.anna.call(t, "POST", "/incidents/"+i.ID+"/commander", map[string]any{"commander_id": c.boris.user.Id}).want(t, 200)
				}
			})
			got := c.read(t, i.ID)
			if got.IsActive || got.EndAt == 0 || got.CommanderUserID != c.boris.user.Id || got.Checklists[0].Tasks[1].State != incident.Closed {
				t.Fatalf("%+v", got)
			}
		}
	})
}

func TestC4_ATaskMayActOnItsOwnIncident(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.Checklists[0].Tasks[1].Command = "/incident check 0 0" })
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/checklists/0/item/1/run", nil).want(t, 200)
	got := c.read(t, i.ID).Checklists[0].Tasks
	if got[0].State != incident.Closed || got[1].CommandLastRun == 0 {
		t.Errorf("%+v", got)
	}
}

func TestC5_OnlyOneOfTwoEndsSucceeds(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		i := c.start(t, nil)
		var mu sync.Mutex
		statuses := map[int]int{}
		atOnce(4, func(int) {
			answer := c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil)
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.Status]++
		})
		if statuses[200] != 1 || statuses[409] != 3 || c.anna.said(t, i.ChannelID, "closed by") != 1 {
			t.Errorf("statuses %v, %d posts", statuses, c.anna.said(t, i.ChannelID, "closed by"))
		}
	})
}

func TestC6_ATaskCanBeNamedByItsID(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	stage := i.Checklists[0]
	c.anna.call(t, "DELETE", "/incidents/"+i.ID+"/checklists/0/item/0", nil).want(t, 204)
	path := "/incidents/" + i.ID + "/checklists/" + stage.ID + "/item/"
	c.anna.call(t, "PUT", path+stage.Tasks[1].ID+"/state", `{"new_state":"closed"}`).want(t, 200)
	c.anna.call(t, "PUT", path+stage.Tasks[0].ID+"/state", `{"new_state":"closed"}`).want(t, 404).errorText(t)
	if got := c.read(t, i.ID).Checklists[0].Tasks; got[0].ID != stage.Tasks[1].ID || got[0].State != incident.Closed || got[1].State != incident.Open {
		t.Errorf("%+v", got)
	}
}

func TestC9_ParallelStatusUpdatesAllSucceed(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		i := c.start(t, nil)
		atOnce(10, func(k int) { c.anna.updateStatus(t, i.ID, fmt.Sprint("update ", k), "900").want(t, 200) })
		if got := c.read(t, i.ID); len(got.StatusPosts) != 10 {
			t.Errorf("%d status posts", len(got.StatusPosts))
		}
	})
}

func TestD_StatusesOnTheServer(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
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

func TestD10_SearchTermsAreLiteral(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newScene(t)
		for _, name := range []string{"100% down", "under_score", `back\slash`, "plain"} {
			c.start(t, map[string]any{"name": name})
		}
		for term, want := range map[string]int{"%25": 1, "_": 1, "%5C": 1, "PLAIN": 1, "r_s": 1, "rXs": 0, "n": 3} {
			var list struct {
				TotalCount int `json:"total_count"`
			}
			c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id+"&search_term="+term, nil).want(t, 200).decode(t, &list)
			if list.TotalCount != want {
				t.Errorf("%s finds %d, want %d", term, list.TotalCount, want)
			}
		}
	})
}

func TestD13_IDsAreThereFromTheStart(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	events := c.anna.listen(t)
	i := c.startFromPlaybook(t, nil)
	var created struct{ Incident incident.Incident }
	events.plugin(t, s, "incident_created", &created)
	stored := c.read(t, i.ID)
	for n, stage := range stored.Checklists {
		for k, task := range stage.Tasks {
			if !model.IsValidId(task.ID) || i.Checklists[n].Tasks[k].ID != task.ID || created.Incident.Checklists[n].Tasks[k].ID != task.ID {
				t.Errorf("task %d %d: %q in the answer, %q in the event, %q stored", n, k, i.Checklists[n].Tasks[k].ID, created.Incident.Checklists[n].Tasks[k].ID, task.ID)
			}
		}
	}
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", `{"title":"new","id":"mine","state":"closed"}`).want(t, 201)
	var updated incident.Incident
	for len(updated.Checklists) == 0 || len(updated.Checklists[0].Tasks) != 4 {
		events.plugin(t, s, "incident_updated", &updated)
	}
	if task := updated.Checklists[0].Tasks[3]; !model.IsValidId(task.ID) || task.State != incident.Open {
		t.Errorf("%+v", task)
	}
}

func TestD16_ALongTaskCanBeCheckedAndAssigned(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.start(t, nil)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": strings.Repeat("語", incident.MaxTaskTitle+1)}).want(t, 400).errorText(t)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", map[string]any{"title": "as 1.2.0 stored it"}).want(t, 201)
	s.exec(t, "UPDATE IR_Incident SET ChecklistsJSON = CAST(REPLACE(CAST(ChecklistsJSON AS TEXT), 'as 1.2.0 stored it', '"+strings.Repeat("語", 20000)+"') AS json) WHERE ID = '"+i.ID+"'")
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", `{"new_state":"closed"}`).want(t, 200)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/assignee", map[string]any{"assignee_id": c.anna.user.Id}).want(t, 200)
	if task := c.read(t, i.ID).Checklists[0].Tasks[0]; task.StateModifiedPostID == "" || task.AssigneeModifiedPostID == "" {
		t.Errorf("not announced: %+v", task)
	}
}

func TestF7_AStartThatMattermostRefusesLeavesNoChannel(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	count := "SELECT count(*) FROM Channels WHERE TeamId = '" + c.team.Id + "' AND DeleteAt = 0"
	before := s.count(t, count)
	id := c.newPlaybook(t, nil)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": id, "active_stage": 99})).want(t, 400).errorText(t)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"name": "a\tb\u2028c"}))
	if after := s.count(t, count); after > before+1 {
		t.Errorf("%d channels became %d", before, after)
	}
}

func TestF1_F2_SubscriptionsOnTheServer(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	id := c.newPlaybook(t, nil)
	for range 3 {
		var sub struct{ ID string }
		c.anna.call(t, "POST", "/eventsubscriptions", map[string]any{"url": map[string]any{"Host": "x"}, "playbook_id": id, "user_id": c.anna.user.Id}).want(t, 201).decode(t, &sub)
		if n := s.count(t, "SELECT count(*) FROM PluginKeyValueStore WHERE PKey = 'v2_subscription_"+sub.ID+"'"); n != 1 {
			t.Errorf("stored %d times", n)
		}
	}
	c.boris.call(t, "POST", "/eventsubscriptions", map[string]any{"playbook_id": id, "user_id": c.boris.user.Id}).want(t, 403).errorText(t)
}

func TestD2_PositionsBeyondTheEndAreNotFound(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	i := c.startFromPlaybook(t, nil)
	for _, path := range []string{"/checklists/2/item/0", "/checklists/0/item/3"} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path, `{"title":"x"}`).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path+"/state", `{"new_state":"closed"}`).want(t, 404).errorText(t)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+path+"/assignee", `{}`).want(t, 404).errorText(t)
		c.anna.call(t, "POST", "/incidents/"+i.ID+path+"/run", nil).want(t, 404).errorText(t)
		c.anna.call(t, "DELETE", "/incidents/"+i.ID+path, nil).want(t, 404).errorText(t)
	}
	if got := c.read(t, i.ID); got.Revision != i.Revision {
		t.Error("something was changed")
	}
}

func TestD4_WhatIsNotAllowedIsForbidden(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	_, secret := c.secretPost(t)
	theirs := c.newPlaybook(t, func(p *playbook.Playbook) { p.MemberIDs = []string{c.boris.user.Id} })
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": theirs})).want(t, 403).errorText(t)
	c.anna.call(t, "POST", "/incidents", c.startBody(map[string]any{"post_id": secret.Id})).want(t, 403).errorText(t)
	s.admin().call(t, "POST", "/incidents", c.startBody(map[string]any{"playbook_id": theirs})).want(t, 403).errorText(t)
}

func TestD5_ANameMattermostRefusesIsExplained(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newScene(t)
	for _, fields := range []map[string]any{{"name": ""}, {"name": "  "}, {"name": strings.Repeat("x", 65)}, {"name": "\u200b"}, {"name": "\n\t"},
		{"description": strings.Repeat("x", 1025)}} {
		c.anna.call(t, "POST", "/incidents", c.startBody(fields)).want(t, 400).errorText(t)
	}
}
