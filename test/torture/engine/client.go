package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// client changes incidents one request after the other.
type client struct {
	*cluster
	rng  *rand.Rand
	me   *person
	lane *lane
}

func (w *cluster) newClient(n int) *client {
	return &client{cluster: w, rng: rand.New(rand.NewPCG(w.options.Seed, uint64(n+1))), me: w.members[n%len(w.members)]}
}

func (c *client) run(ctx context.Context) {
	for ctx.Err() == nil {
		if c.lane == nil {
			if c.lane = c.take(c.rng.IntN); c.lane == nil {
				c.startIncident(ctx)
				continue
			}
		}
		switch {
		case c.rng.IntN(40) == 0:
			c.startIncident(ctx) // so that starts, too, are interrupted
		case c.rng.IntN(25) == 0:
			c.nonsense()
		case c.rng.IntN(5) == 0:
			c.add(ctx)
		case c.rng.IntN(6) == 0, c.lane.stage < 0 && !c.lane.active && c.rng.IntN(3) > 0: // only then it can be published
			c.workOnRetrospective(ctx)
		case c.lane.stage < 0:
			c.changeIncident()
		default:
			c.changeStage()
		}
		if c.lane.closed || len(c.lane.entries) > 200 || c.rng.IntN(40) == 0 {
			if len(c.lane.entries) <= 200 {
				c.giveBack(c.lane)
			}
			c.lane = nil
		}
	}
}

func (c *client) node() *node { return c.nodes[c.rng.IntN(len(c.nodes))] }

// calm returns a mark; stillCalm reports whether there was no fault then and none since.
func (w *cluster) calm() int64 { return w.trouble.Load() }

func (w *cluster) stillCalm(mark int64) bool { return mark%2 == 0 && w.trouble.Load() == mark }

// change sends a change and notes it in the journal. apply alters what the lane must be.
func (c *client) change(e entry, apply func(), method, path string, body any) {
	c.changeAs(c.me, e, func(*answer) { apply() }, method, path, body)
}

// changeAs is change by another person. apply gets the answer.
func (c *client) changeAs(p *person, e entry, apply func(a *answer), method, path string, body any) {
	mark := c.calm()
	a := c.call(c.node(), p, method, "/incidents/"+c.lane.record.base.ID+path, body)
	e.outcome = a.outcome()
	c.note(e, a, mark, func() { apply(a) })
}

func (c *client) note(e entry, a *answer, mark int64, apply func()) {
	if e.outcome != acknowledged {
		e.detail = a.String()
	}
	c.lane.entries = append(c.lane.entries, e)
	c.report.count("answers: "+string(e.outcome), 1)
	c.report.count("changes: "+string(e.kind), 1)
	switch {
	case e.outcome == acknowledged:
		apply()
		return
	case e.outcome == unknown:
		c.lane.closed = true
	case !a.away():
		c.report.find(Lost, "a valid change was refused, as if an earlier one were not there: incident %s stage %d: %s", c.lane.record.base.ID, c.lane.stage, e)
		c.lane.closed = true
	}
	if c.stillCalm(mark) && a.status != http.StatusConflict {
		c.report.find(Crashed, "a request failed although nothing was wrong: %s: %s", e, a)
	}
	time.Sleep(time.Duration(20+c.rng.IntN(100)) * time.Millisecond)
}

// changeByCommand runs a slash command and finds out what it did by reading: only this client changes what done looks at.
func (c *client) changeByCommand(e entry, apply func(), command string, done func(i *incident.Incident, own *ownState) bool) {
	home, mark := c.lane.record.home, c.calm()
	if home == nil {
		return
	}
	a := c.command(home, c.me, c.lane.record.base.ChannelID, command)
	e.outcome = a.outcome()
	if e.outcome == acknowledged {
		read := c.call(home, c.me, "GET", "/incidents/"+c.lane.record.base.ID, nil)
		now, own, err := readIncident(read)
		switch {
		case read.status != http.StatusOK || err != nil:
			e.outcome, a = unknown, read
		case !done(&now, &own) && c.stillCalm(mark):
			c.report.find(Lost, "the command %q did nothing: incident %s", command, now.ID)
			c.lane.closed = true
			return
		case !done(&now, &own):
			e.outcome = unknown
		}
	}
	c.report.count("changes: by command", 1)
	c.note(e, a, mark, apply)
}

// startIncident starts an incident and repeats the request with the same key while the answer is unknown.
func (c *client) startIncident(ctx context.Context) {
	r := &record{name: fmt.Sprintf("Torture %d", c.next()), key: model.NewId(), commander: c.members[0]}
	if c.me == r.commander { // both are added to the channel
		r.commander = c.members[1]
	}
	c.mu.Lock()
	c.started = append(c.started, r)
	c.mu.Unlock()
	body := map[string]any{"name": r.name, "team_id": c.team.Id, "commander_user_id": r.commander.id, "playbook_id": c.playbook}
	if n := c.rng.IntN(2 * len(levels)); n < len(levels) {
		body["severity"] = levels[n].Key
	}
	gaveUp := 1 + c.rng.IntN(40) // some never learn what became of their request
	for attempt := 0; attempt < gaveUp; attempt++ {
		mark, node := c.calm(), c.node()
		if attempt == 0 {
			r.home = node
		} else if r.home != node {
			r.home = nil
		}
		a := c.call(node, c.me, "POST", "/incidents", body, "Idempotency-Key: "+r.key)
		result := a.outcome()
		c.report.count("changes: started", 1)
		c.report.count("answers: "+string(result), 1)
		if result == acknowledged {
			var err error
			if r.base, r.own, err = readIncident(a); err != nil || r.base.ID == "" {
				result = unknown // a plugin that died between the status and the rest of its answer
			}
		}
		if result != refused || r.outcome == "" {
			r.outcome = result
		}
		if result == acknowledged {
			if attempt > 0 {
				c.report.count("changes: repeated start acknowledged", 1)
			}
			c.newRecord(r)
			return
		}
		if c.stillCalm(mark) {
			c.report.find(Crashed, "a start failed although nothing was wrong: %s", a)
		}
		if ctx.Err() != nil {
			return
		}
		time.Sleep(time.Duration(50+c.rng.IntN(300)) * time.Millisecond)
	}
}

// changeStage makes one change in the lane's stage.
func (c *client) changeStage() {
	l := c.lane
	stage := strconv.Itoa(l.stage)
	if len(l.tasks) == 0 || len(l.tasks) < 10 && c.rng.IntN(6) == 0 {
		title := fmt.Sprintf("task %d", c.next())
		c.change(entry{kind: incident.EventTaskAdded, task: title, value: title},
			func() { l.tasks = append(l.tasks, task{made: title, title: title}) },
			"PUT", "/checklists/"+stage+"/add", map[string]any{"title": title})
		return
	}
	n := c.rng.IntN(len(l.tasks))
	t := &l.tasks[n]
	if t.id == "" && c.rng.IntN(3) == 0 {
		c.learnIDs()
	}
	path := "/checklists/" + stage + "/item/" + strconv.Itoa(n)
	if t.id != "" && c.rng.IntN(2) == 0 {
		path = "/checklists/" + c.lane.record.base.Checklists[l.stage].ID + "/item/" + t.id
	}
	switch c.rng.IntN(10) {
	case 0, 1, 2:
		states := []incident.State{incident.Open, incident.InProgress, incident.Closed}
		state := states[c.rng.IntN(3)]
		if state == t.state {
			state = states[(c.rng.IntN(2)+1+index(states, state))%3]
		}
		c.change(entry{kind: incident.EventTaskState, task: t.made, value: string(state)}, func() { t.state = state },
			"PUT", path+"/state", map[string]any{"new_state": state})
	case 3, 4:
		state := incident.Open
		if t.state == incident.Open {
			state = incident.Closed
		}
		c.changeByCommand(entry{kind: incident.EventTaskState, task: t.made, value: string(state)}, func() { t.state = state },
			fmt.Sprintf("/incident check %d %d", l.stage, n), func(i *incident.Incident, _ *ownState) bool {
				return len(i.Checklists) > l.stage && len(i.Checklists[l.stage].Tasks) > n && i.Checklists[l.stage].Tasks[n].State == state
			})
	case 5, 6:
		assignee := c.members[c.rng.IntN(len(c.members))].id
		if assignee == t.assignee {
			assignee = ""
		}
		c.change(entry{kind: incident.EventTaskAssignee, task: t.made, value: assignee}, func() { t.assignee = assignee },
			"PUT", path+"/assignee", map[string]any{"assignee_id": assignee})
	case 7:
		title := fmt.Sprintf("renamed %d", c.next())
		c.change(entry{kind: incident.EventTaskEdited, task: t.made, value: title}, func() { t.title = title },
			"PUT", path, map[string]any{"title": title, "command": "/echo hi"})
	case 8:
		c.change(entry{kind: incident.EventTaskRemoved, task: t.made}, func() { l.tasks = append(l.tasks[:n], l.tasks[n+1:]...) }, "DELETE", path, nil)
	default:
		to := c.rng.IntN(len(l.tasks))
		if to == n {
			return
		}
		body := map[string]any{"item_num": n, "new_location": to}
		if t.id != "" && c.rng.IntN(2) == 0 {
			body = map[string]any{"item_id": t.id, "new_location": to}
		}
		c.change(entry{kind: incident.EventTaskMoved, task: t.made, value: strconv.Itoa(to)}, func() {
			moved := *t
			l.tasks = append(l.tasks[:n], l.tasks[n+1:]...)
			l.tasks = append(l.tasks[:to], append([]task{moved}, l.tasks[to:]...)...)
		}, "PUT", "/checklists/"+stage+"/reorder", body)
	}
}

func index(states []incident.State, state incident.State) int {
	for n, s := range states {
		if s == state {
			return n
		}
	}
	return 0
}

// learnIDs reads the ids of the lane's tasks, and compares the stage with what it must be.
func (c *client) learnIDs() {
	var now incident.Incident
	a := c.call(c.node(), c.me, "GET", "/incidents/"+c.lane.record.base.ID, nil)
	if a.status != http.StatusOK || a.decode(&now) != nil || len(now.Checklists) <= c.lane.stage {
		return
	}
	is := now.Checklists[c.lane.stage].Tasks
	same := len(is) == len(c.lane.tasks)
	for n := range min(len(is), len(c.lane.tasks)) {
		t := &c.lane.tasks[n]
		same = same && t.title == is[n].Title && t.state == is[n].State && t.assignee == is[n].AssigneeID
		if same {
			t.id = is[n].ID
		}
	}
	c.report.count("checked: reads in between", 1)
	if !same {
		c.report.find(Lost, "incident %s stage %d reads as %+v, acknowledged is %+v", now.ID, c.lane.stage, is, c.lane.tasks)
		c.lane.closed = true
	}
}
