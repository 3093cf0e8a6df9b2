package engine

import (
	"fmt"
	"strconv"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// changeIncident makes one change of what is not in a stage.
func (c *client) changeIncident() {
	l := c.lane
	switch n := c.rng.IntN(17); {
	case n < 2:
		stage := c.rng.IntN(stagesPerIncident)
		if stage == l.current {
			stage = (stage + 1) % stagesPerIncident
		}
		e := entry{kind: incident.EventStage, value: strconv.Itoa(stage)}
		if c.rng.IntN(3) == 0 {
			c.change(e, func() { l.current = stage }, "POST", "/next-stage-dialog", map[string]any{"state": strconv.Itoa(stage)})
			return
		}
		c.change(e, func() { l.current = stage }, "PATCH", "", map[string]any{"active_stage": stage})
	case n < 4:
		commander := c.members[0].id
		if commander == l.commander {
			commander = c.members[1].id
		}
		e, apply := entry{kind: incident.EventCommander, value: commander}, func() { l.commander, l.handoff = commander, nil }
		if c.rng.IntN(3) == 0 {
			c.changeByCommand(e, apply, "/incident commander @"+c.names[commander],
				func(i *incident.Incident, _ *ownState) bool { return i.CommanderUserID == commander })
			return
		}
		c.change(e, apply, "POST", "/commander", map[string]any{"commander_id": commander})
	case n >= 14 && l.active:
		c.handOff()
	case n >= 12 && n < 14:
		c.giveRole()
	case n >= 10 && n < 12:
		c.setSeverity()
	case !l.active:
		if c.rng.IntN(2) == 0 {
			c.changeByCommand(entry{kind: incident.EventRestarted}, func() { l.active = true }, "/incident restart",
				func(i *incident.Incident, _ *ownState) bool { return i.IsActive })
			return
		}
		c.change(entry{kind: incident.EventRestarted}, func() { l.active = true }, "PUT", "/restart", nil)
	case n < 5:
		c.change(entry{kind: incident.EventEnded}, func() { l.active, l.handoff = false, nil }, []string{"PUT", "POST"}[c.rng.IntN(2)], "/end", nil)
	case n < 6:
		// What there is to dismiss depends on the reminders: not in the journal, but in the events.
		a := c.call(c.node(), c.me, "POST", "/incidents/"+l.record.base.ID+"/reminder/button-dismiss", map[string]any{})
		c.report.count("answers: "+string(a.outcome()), 1)
		c.report.count("changes: dismissed", 1)
	case n < 7:
		// As for a dismissal: the next update may have come before, or the incident may have ended.
		a := c.call(c.node(), c.me, "POST", "/incidents/"+l.record.base.ID+"/snooze", map[string]any{"seconds": 60})
		c.report.count("answers: "+string(a.outcome()), 1)
		c.report.count("changes: snoozed", 1)
	default:
		message := fmt.Sprintf("status %d", c.next())
		seconds := []int{0, 1, 2, 3, 5, 8, 3600}[c.rng.IntN(7)]
		c.change(entry{kind: incident.EventStatusUpdate, value: message}, func() { l.message++ }, "POST", "/update-status-dialog",
			map[string]any{"submission": map[string]any{"message": message, "reminder": strconv.Itoa(seconds)}})
	}
}

// nonsense sends a request that must be refused in any state of the servers. If it changed something, the checker finds
// an event without an entry in the journal.
func (c *client) nonsense() {
	id, stage := c.lane.record.base.ID, max(c.lane.stage, 0)
	task := fmt.Sprintf("/checklists/%d/item/", stage)
	requests := []struct {
		method, path string
		body         any
	}{
		{"PUT", task + "0/state", map[string]any{"new_state": "sideways"}},
		{"PUT", task + "999/state", map[string]any{"new_state": "closed"}},
		{"PUT", task + "0", map[string]any{"title": "  "}},
		{"PUT", task + "0/assignee", map[string]any{"assignee_id": c.nonMembers[0].id}},
		{"PUT", fmt.Sprintf("/checklists/%d/reorder", stage), map[string]any{"item_num": -1, "new_location": 0}},
		{"PUT", fmt.Sprintf("/checklists/%d/add", stage), "not an object"},
		{"PATCH", "", map[string]any{"active_stage": 99}},
		{"POST", "/commander", map[string]any{"commander_id": c.nonMembers[1].id}},
		{"POST", "/update-status-dialog", map[string]any{}},
	}
	r := requests[c.rng.IntN(len(requests))]
	mark := c.calm()
	a := c.call(c.node(), c.me, r.method, "/incidents/"+id+r.path, r.body)
	c.report.count("refusals: invalid requests", 1)
	switch {
	case a.outcome() == acknowledged:
		c.report.find(Lost, "nonsense was acknowledged: %s %s %v: %s", r.method, r.path, r.body, a)
	case a.outcome() == unknown && c.stillCalm(mark):
		c.report.find(Crashed, "nonsense was not refused but failed: %s %s %v: %s", r.method, r.path, r.body, a)
	}
}
