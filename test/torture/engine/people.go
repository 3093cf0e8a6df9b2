package engine

import (
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/roles"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
)

// The playbook's roles and levels. A run is too short for a level to make a further reminder of an overdue update.
var (
	definedRoles = []map[string]any{{"key": "comms", "name": "Communications"},
		{"key": "scribe", "name": "Scribe", "default": map[string]any{"kind": "commander"}}}
	levels = []severity.Level{{Key: "SEV1", Name: "Critical", Color: "red", UpdateSeconds: 60}, {Key: "SEV2", Name: "High", UpdateSeconds: 3600}, {Key: "SEV3", Name: "Low"}}
	// assignments are those of the tasks of assignedStage.
	assignments = [tasksPerStage]incident.Assignment{{Kind: incident.AssignedToRole, Role: "comms"}, {Kind: incident.AssignedToRole, Role: "scribe"},
		{Kind: incident.AssignedToCommander}}
)

// answerable is how long a client takes a handoff for one that waits for an answer. It lapses later.
const answerable = roles.AnswerTime / 2

// updateSeconds is the interval of a level.
func updateSeconds(key string) int64 {
	for _, level := range levels {
		if level.Key == key {
			return level.UpdateSeconds
		}
	}
	return 0
}

// ownState is what capabilities keep with an incident, as clients read it.
type ownState struct {
	Clock      incident.Clock `json:"clock"`
	Roles      roles.State    `json:"roles"`
	Severity   severity.State `json:"severity"`
	StageClock stageClock     `json:"stage_clock"`
}

type stageClock struct {
	StageID   string `json:"stage_id"`
	Since     int64  `json:"since"`
	DueAt     int64  `json:"due_at"`
	ReachedAt int64  `json:"reached_at"`
}

// holders are the holders of the roles, by key.
func (o *ownState) holders() map[string]string {
	all := map[string]string{}
	for _, r := range o.Roles.Roles {
		all[r.Key] = r.HolderID
	}
	return all
}

// readIncident reads an incident with what capabilities keep with it.
func readIncident(a *answer) (i incident.Incident, own ownState, err error) {
	if err = a.decode(&i); err == nil {
		err = a.decode(&own)
	}
	i.SetClock(own.Clock)
	return i, own, err
}

// pendingHandoff is a handoff that waits for an answer.
type pendingHandoff struct {
	id string
	to *person
	at time.Time
}

// other is a member who is not the one with the id.
func (w *cluster) other(id string) *person {
	if w.members[0].id == id {
		return w.members[1]
	}
	return w.members[0]
}

// setSeverity gives the incident another level.
func (c *client) setSeverity() {
	l := c.lane
	level := levels[c.rng.IntN(len(levels))].Key
	if level == l.level {
		return
	}
	e, apply := entry{kind: severity.EventChanged, value: level}, func() { l.level = level }
	if c.rng.IntN(3) == 0 {
		c.changeByCommand(e, apply, "/incident severity "+level+" it is so",
			func(_ *incident.Incident, own *ownState) bool { return own.Severity.Key == level })
		return
	}
	c.change(e, apply, "PUT", "/severity", map[string]any{"severity": level, "reason": "it is so", "reschedule": c.rng.IntN(2) == 0})
}

// giveRole gives a role to a member or to nobody.
func (c *client) giveRole() {
	l := c.lane
	role := []string{"comms", "scribe"}[c.rng.IntN(2)]
	holder := []string{"", c.members[0].id, c.members[1].id}[c.rng.IntN(3)]
	if holder == l.holders[role] {
		return
	}
	c.change(entry{kind: roles.EventRole, task: role, value: holder}, func() { l.holders[role] = holder }, "PUT", "/roles/"+role, map[string]any{"user_id": holder})
}

// handOff offers the command, or ends the handoff that is pending.
func (c *client) handOff() {
	l := c.lane
	commander, to := c.other(c.other(l.commander).id), c.other(l.commander)
	if l.handoff == nil {
		c.changeAs(commander, entry{kind: roles.EventOffered, value: to.id}, func(a *answer) {
			_, own, err := readIncident(a)
			if err != nil || own.Roles.Handoff == nil { // a plugin that died between the status and the rest of its answer
				l.closed = true
				return
			}
			l.handoff = &pendingHandoff{id: own.Roles.Handoff.ID, to: to, at: time.Now()}
		}, "POST", "/handoff", map[string]any{"user_id": to.id})
		return
	}
	if time.Since(l.handoff.at) > answerable {
		return
	}
	path, over := "/handoff/"+l.handoff.id, func(*answer) { l.handoff = nil }
	switch c.rng.IntN(4) {
	case 0:
		c.changeAs(to, entry{kind: roles.EventDeclined, value: to.id}, over, "POST", path+"/decline", nil)
	case 1:
		c.changeAs(commander, entry{kind: roles.EventWithdrawn, value: to.id}, over, "POST", path+"/withdraw", nil)
	default:
		c.changeAs(to, entry{kind: incident.EventCommander, value: to.id}, func(*answer) { l.commander, l.handoff = to.id, nil }, "POST", path+"/accept", nil)
	}
}
