package engine

import (
	"fmt"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// record is an incident that a client asked for.
type record struct {
	name, key string
	outcome   outcome
	base      incident.Incident // as acknowledged
	own       ownState          // what capabilities kept with it then
	commander *person
	// home is the node on which it was started, or nil if several were asked: the others cache their memberships, for
	// nothing tells servers without clustering of a change, and refuse slash commands in the channel.
	home  *node
	lanes []*lane
}

// lane is a part of an incident that one client at a time changes: a stage with its tasks, or all that is not in
// a stage. So the client knows the expected state although others change the incident at the same time.
type lane struct {
	record *record
	// stage is the index of the stage; -1 is all that is not in a stage.
	stage   int
	entries []entry
	// closed lanes take no more changes: it is unknown how they are.
	closed bool

	tasks []task // what the stage must hold

	active    bool // what the incident must be
	current   int
	commander string
	message   int // status updates
	level     string
	holders   map[string]string // of roles
	handoff   *pendingHandoff
}

// entry of the journal: a change that was asked for.
type entry struct {
	kind incident.EventType
	// task is the title with which the changed task was made.
	task    string
	value   string
	outcome outcome
	detail  string
}

func (e entry) String() string {
	return fmt.Sprintf("%s %s %q %s %s", e.kind, e.task, e.value, e.outcome, e.detail)
}

// task as it must be.
type task struct {
	id       string // "" while it is not known
	made     string // the title with which it was made
	title    string
	state    incident.State
	assignee string
}

func (w *cluster) newRecord(r *record) {
	inc := r.base
	r.lanes = []*lane{{record: r, stage: -1, active: true, current: inc.ActiveStage, commander: inc.CommanderUserID,
		level: r.own.Severity.Key, holders: r.own.holders()}}
	for s, stage := range inc.Checklists[:min(len(inc.Checklists), assignedStage)] {
		l := &lane{record: r, stage: s}
		for _, t := range stage.Tasks {
			l.tasks = append(l.tasks, task{id: t.ID, made: t.Title, title: t.Title, state: t.State, assignee: t.AssigneeID})
		}
		r.lanes = append(r.lanes, l)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ready = append(w.ready, r)
	w.free = append(w.free, r.lanes...)
}

// take returns a free lane, or nil.
func (w *cluster) take(pick func(n int) int) *lane {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.free) == 0 {
		return nil
	}
	n := pick(len(w.free))
	l := w.free[n]
	w.free = append(w.free[:n], w.free[n+1:]...)
	return l
}

func (w *cluster) giveBack(l *lane) {
	if l.closed {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = append(w.free, l)
}
