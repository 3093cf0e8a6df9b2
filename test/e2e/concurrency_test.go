//go:build e2e

package e2e

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/torture/engine"
)

const clients = 50

// tasks makes n task bodies with numbered titles.
func tasks(n int, title string) []body {
	var made []body
	for k := range n {
		made = append(made, body{"title": fmt.Sprintf("%s %d", title, k)})
	}
	return made
}

// TestConcurrency_FiftyClientsMixTheirChanges compares the incident after 400
// changes at once with the serial replay of the stored events, and the events
// with the acknowledged changes, one by one.
func TestConcurrency_FiftyClientsMixTheirChanges(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		people := make([]*person, 5)
		for k := range people {
			people[k] = s.newUser(t)
		}
		team := s.newTeam(t, people...)
		playbook := people[0].newPlaybook(t, team, body{"checklists": []body{
			{"title": "Check", "items": tasks(clients, "check")},
			{"title": "Remove", "items": tasks(clients, "remove")},
			{"title": "Order", "items": tasks(clients, "order")},
		}}, people[0])
		started := people[0].startIncident(t, team, "Many hands", playbook)
		s.addToChannel(t, s.channel(t, started.ChannelID), people[1:]...)
		base := people[0].incident(t, started.ID)

		// Client k makes all kinds of changes in an order of its own. Its
		// changes of the first kinds are its own, those of the last ones are
		// in competition with the other clients'.
		type change struct {
			kind         incident.EventType
			method, path string
			body         body
		}
		changes := func(k int) []change {
			item := func(stage int) string {
				return "/checklists/" + strconv.Itoa(stage) + "/item/" + base.Checklists[stage].Tasks[k].ID
			}
			other := people[(k+1)%len(people)].user.Id
			all := []change{
				{incident.EventTaskState, "PUT", item(0) + "/state", body{"new_state": "closed"}},
				{incident.EventTaskRemoved, "DELETE", item(1), nil},
				{incident.EventTaskAdded, "PUT", "/checklists/0/add", body{"title": fmt.Sprintf("added %d", k)}},
				{incident.EventTaskEdited, "PUT", item(2), body{"title": fmt.Sprintf("renamed %d", k)}},
				{incident.EventTaskAssignee, "PUT", item(0) + "/assignee", body{"assignee_id": other}},
				{incident.EventTaskMoved, "PUT", "/checklists/2/reorder", body{"item_num": k, "new_location": (7*k + 3) % clients}},
				{incident.EventStage, "PATCH", "", body{"active_stage": k % 3}},
				{incident.EventCommander, "POST", "/commander", body{"commander_id": other}},
			}
			return append(all[k%len(all):], all[:k%len(all)]...)
		}
		var acknowledged struct {
			sync.Mutex
			changes []string
		}
		atOnce(clients, func(k int) {
			for _, c := range changes(k) {
				var sent any
				if c.body != nil {
					sent = c.body
				}
				who := people[k%len(people)]
				answer := who.call(t, c.method, "/incidents/"+base.ID+c.path, sent)
				if answer.Status >= 300 {
					t.Errorf("client %d: %s %s: %d %s", k, c.method, c.path, answer.Status, answer.Body)
					continue
				}
				acknowledged.Lock()
				acknowledged.changes = append(acknowledged.changes, asked(c.kind, who.user.Id, c.path, c.body))
				acknowledged.Unlock()
			}
		})

		final, events := people[0].incident(t, base.ID), s.storedEvents(t, base.ID)
		replayed, happened := replay(t, base, events)
		if got, want := engine.WithoutPosts(final), engine.WithoutPosts(replayed); !reflect.DeepEqual(got, want) {
			t.Errorf("the incident is not what its events make of it:\n%s\nwant\n%s", asJSON(t, got), asJSON(t, want))
		}
		mustBeTheAcknowledged(t, base, events, acknowledged.changes)
		if len(happened) != 8 || t.Failed() {
			t.Errorf("happened %v", happened)
		}

		// Each client finds its own changes, once.
		titles := map[string]int{}
		for _, stage := range final.Checklists {
			for _, task := range stage.Tasks {
				titles[task.Title]++
			}
		}
		for k := range clients {
			initial := base.Checklists[0].Tasks[k]
			at := slices.IndexFunc(final.Checklists[0].Tasks, func(task incident.Task) bool { return task.ID == initial.ID })
			if at < 0 {
				t.Fatalf("task %q is gone", initial.Title)
			}
			switch task := final.Checklists[0].Tasks[at]; {
			case task.State != incident.Closed || task.StateModifiedPostID == "":
				t.Errorf("client %d: the task it closed: %+v", k, task)
			case task.AssigneeID != people[(k+1)%len(people)].user.Id || task.AssigneeModifiedPostID == "":
				t.Errorf("client %d: the task it assigned: %+v", k, task)
			}
			for title, want := range map[string]int{"added": 1, "renamed": 1, "order": 0, "remove": 0} {
				if n := titles[fmt.Sprintf("%s %d", title, k)]; n != want {
					t.Errorf("client %d: %d tasks are called %q, want %d", k, n, title, want)
				}
			}
		}
	})
}

// asked describes a change that a client has asked for, with its author and what distinguishes it from other changes.
func asked(kind incident.EventType, actor, path string, sent body) string {
	item := path[strings.LastIndex(strings.TrimSuffix(strings.TrimSuffix(path, "/state"), "/assignee"), "/")+1:]
	item, _, _ = strings.Cut(item, "/")
	var detail any
	switch kind {
	case incident.EventTaskState:
		detail = item + " " + fmt.Sprint(sent["new_state"])
	case incident.EventTaskRemoved:
		detail = item
	case incident.EventTaskAdded:
		detail = sent["title"]
	case incident.EventTaskEdited:
		detail = item + " " + fmt.Sprint(sent["title"])
	case incident.EventTaskAssignee:
		detail = item + " " + fmt.Sprint(sent["assignee_id"])
	case incident.EventTaskMoved:
		detail = fmt.Sprint(sent["item_num"], " to ", sent["new_location"])
	case incident.EventStage:
		detail = sent["active_stage"]
	case incident.EventCommander:
		detail = sent["commander_id"]
	}
	return fmt.Sprint(kind, " by ", actor, ": ", detail)
}

// stored describes a change that an event says has happened, in the same words.
func stored(t *testing.T, event incident.Event) string {
	t.Helper()
	sent := body{}
	switch p := event.Payload.(type) {
	case incident.TaskStateChanged:
		sent["new_state"] = p.State.After
	case incident.TaskAdded:
		sent["title"] = p.Task.Title
	case incident.TaskEdited:
		sent["title"] = p.Title.After
	case incident.TaskAssigneeChanged:
		sent["assignee_id"] = p.AssigneeID.After
	case incident.TaskMoved:
		sent["item_num"], sent["new_location"] = p.Position.Before, p.Position.After
	case incident.StageChanged:
		sent["active_stage"] = p.Stage.After.Index
	case incident.CommanderChanged:
		sent["commander_id"] = p.CommanderUserID.After
	case incident.Unknown:
		t.Fatalf("event %d is damaged: %+v", event.Revision, p)
	}
	ref, _ := incident.TaskRefOf(event.Payload)
	return asked(event.Type(), event.ActorID, "/item/"+ref.TaskID, sent)
}

// mustBeTheAcknowledged compares the events with the acknowledged changes, one by one: nothing has happened that nobody
// was told of, nothing twice, and what was acknowledged has happened. Only choosing the stage or the commander that was
// chosen already leaves no event: then the serial order has a state in which it was so.
func mustBeTheAcknowledged(t *testing.T, base incident.Incident, events []incident.Event, acknowledged []string) {
	t.Helper()
	open := map[string]int{}
	for _, change := range acknowledged {
		open[change]++
	}
	chosen := map[string]bool{fmt.Sprint(incident.EventStage, base.ActiveStage): true, fmt.Sprint(incident.EventCommander, base.CommanderUserID): true}
	for _, event := range events {
		if event.Revision <= base.Revision {
			continue
		}
		change := stored(t, event)
		if open[change]--; open[change] < 0 {
			t.Errorf("happened, but was not acknowledged so often: %s", change)
		}
		_, detail, _ := strings.Cut(change, ": ")
		chosen[fmt.Sprint(event.Type(), detail)] = true
	}
	for change, n := range open {
		kind, rest, _ := strings.Cut(change, " by ")
		_, detail, _ := strings.Cut(rest, ": ")
		idle := kind == string(incident.EventStage) || kind == string(incident.EventCommander)
		if n > 0 && !(idle && chosen[kind+detail]) {
			t.Errorf("acknowledged, but lost (%d times): %s", n, change)
		}
	}
}

// replay applies the events after base's revision to it, one after the other,
// and counts them. Each has to fit the state that the one before it has left.
func replay(t *testing.T, base incident.Incident, events []incident.Event) (incident.Incident, map[incident.EventType]int) {
	t.Helper()
	state, err := engine.Replay(base, events)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[incident.EventType]int{}
	for _, event := range events {
		if event.Revision > base.Revision {
			counts[event.Type()]++
		}
	}
	return state, counts
}

func TestConcurrency_FiftyTasksCheckedOffAtOnce(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		playbook := anna.newPlaybook(t, team, body{"checklists": []body{{"title": "All", "items": tasks(clients, "task")}}}, anna)
		started := anna.startIncident(t, team, "Check them off", playbook)
		atOnce(clients, func(k int) {
			anna.call(t, "PUT", fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", started.ID, k), body{"new_state": "closed"}).want(t, 200)
		})
		final := anna.incident(t, started.ID)
		if done := final.Checklists[0].Done(); done != clients || final.Revision != 1+clients {
			t.Errorf("%d of %d tasks are closed, at revision %d", done, clients, final.Revision)
		}
		announced := 0
		for _, p := range anna.posts(t, started.ChannelID) {
			for _, task := range final.Checklists[0].Tasks {
				if p.Id == task.StateModifiedPostID {
					announced++
				}
			}
		}
		if announced != clients {
			t.Errorf("%d of %d tasks know the post that announced them", announced, clients)
		}
	})
}

// An end among check-offs was silently undone in version 1.2.0.
func TestConcurrency_EndRacesWithCheckOffs(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		const others = 10
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		playbook := anna.newPlaybook(t, team, body{"checklists": []body{{"title": "All", "items": tasks(others, "task")}}}, anna)
		for range 3 {
			started := anna.startIncident(t, team, "End it", playbook)
			atOnce(others+1, func(k int) {
				if k == others {
					anna.call(t, "PUT", "/incidents/"+started.ID+"/end", nil).want(t, 200)
					return
				}
				anna.call(t, "PUT", fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", started.ID, k), body{"new_state": "closed"}).want(t, 200)
			})
			final := anna.incident(t, started.ID)
			if done := final.Checklists[0].Done(); final.IsActive || final.EndAt == 0 || done != others {
				t.Errorf("ended: %v, closed tasks: %d of %d", !final.IsActive, done, others)
			}
		}
	})
}

func TestConcurrency_OneOfTwoEndsWins(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		started := anna.startIncident(t, s.newTeam(t, anna), "End it twice", "")
		for range 5 {
			statuses := make([]int, 2)
			atOnce(2, func(k int) {
				statuses[k] = anna.call(t, []string{"PUT", "POST"}[k], "/incidents/"+started.ID+"/end", nil).Status
			})
			slices.Sort(statuses)
			if !slices.Equal(statuses, []int{200, 409}) {
				t.Errorf("two ends at once answered %v", statuses)
			}
			anna.call(t, "PUT", "/incidents/"+started.ID+"/restart", nil).want(t, 200)
		}
		_, counts := replay(t, started, s.storedEvents(t, started.ID))
		if counts[incident.EventEnded] != 5 || counts[incident.EventRestarted] != 5 {
			t.Errorf("stored: %v", counts)
		}
	})
}

func TestConcurrency_OneKeyStartsOneIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		start := func(p *person, key string) incident.Incident {
			var started incident.Incident
			p.call(t, "POST", "/incidents", body{"name": "Only one", "team_id": team.Id, "commander_user_id": p.user.Id}, "Idempotency-Key: "+key).
				want(t, 201).decode(t, &started)
			return started
		}
		ids := make([]string, 10)
		atOnce(len(ids), func(k int) { ids[k] = start(anna, "key-1").ID })
		ids = append(ids, start(anna, "key-1").ID) // long after
		if slices.Sort(ids); ids[0] == "" || ids[0] != ids[len(ids)-1] {
			t.Errorf("one key started the incidents %v", ids)
		}
		mustHaveIncidents(t, s, team, 1)
		if start(anna, "key-2").ID == ids[0] || start(boris, "key-1").ID == ids[0] {
			t.Error("another key or another person was given Anna's incident")
		}
		mustHaveIncidents(t, s, team, 3)
	})
}

func TestConcurrency_OneDialogStartsOneIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna := s.newUser(t)
		team := s.newTeam(t, anna)
		lobby := s.newChannel(t, team, model.CHANNEL_OPEN, anna)
		playbook := anna.newPlaybook(t, team, nil, anna)
		events := anna.listen(t)
		anna.command(t, team, lobby, "/incident start")
		dialog := events.dialog(t)
		fields := map[string]any{"playbookID": playbook, "incidentName": "Only one", "incidentDescription": ""}
		atOnce(2, func(int) { accepted(t, anna.submit(t, dialog, team, lobby, fields)) })
		accepted(t, anna.submit(t, dialog, team, lobby, fields))
		mustHaveIncidents(t, s, team, 1)

		anna.command(t, team, lobby, "/incident start")
		accepted(t, anna.submit(t, events.dialog(t), team, lobby, fields))
		mustHaveIncidents(t, s, team, 2)
	})
}

// mustHaveIncidents wants n incidents in the team and as many channels, archived ones included.
func mustHaveIncidents(t *testing.T, s *server, team *model.Team, n int) {
	t.Helper()
	incidents := s.number(t, "SELECT COUNT(*) FROM IR_Incident WHERE TeamID = '"+team.Id+"'")
	channels := s.number(t, "SELECT COUNT(*) FROM Channels WHERE DisplayName = 'Only one' AND TeamId = '"+team.Id+"'")
	if incidents != n || channels != n {
		t.Errorf("%d incidents and %d channels, want %d of each", incidents, channels, n)
	}
}

func TestConcurrency_ParallelAddsAndChecksAreAllKept(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
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

func TestConcurrency_AnEndIsNotUndoneByOtherChanges(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
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

func TestConcurrency_OneOfFourEndsSucceeds(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
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

func TestConcurrency_ParallelStatusUpdatesAllSucceed(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		atOnce(10, func(k int) { c.anna.updateStatus(t, i.ID, fmt.Sprint("update ", k), "900").want(t, 200) })
		if got := c.read(t, i.ID); len(got.StatusPosts) != 10 {
			t.Errorf("%d status posts", len(got.StatusPosts))
		}
	})
}
