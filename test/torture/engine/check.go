package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/roles"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
)

// settleTimeout is how long it may take until what a crash has left behind is removed.
const settleTimeout = 5 * time.Minute

// settle waits until no reminder is overdue and all other jobs are done. A job that has failed for good is a finding.
func (w *cluster) settle(ctx context.Context) error {
	for begin := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		pending, err := w.pending(ctx)
		if err != nil {
			return err
		}
		overdue := 0
		for _, at := range pending {
			// What becomes due soon is waited for as well.
			if time.Until(at) < 30*time.Second {
				overdue++
			}
		}
		// What is due later, such as a retrospective two working days after the end, is not waited for; checkDue looks at it. A clean-up
		// that has found nothing looks again for some minutes, for what Mattermost may make late.
		jobs, err := w.numbers(ctx, fmt.Sprintf("SELECT COUNT(*) FROM IR_Job WHERE State = 'waiting' AND Kind <> 'reminder' AND DueAt < %d"+
			" AND NOT (Kind IN ('discard_channel', 'discard_status_post') AND Attempts > 0 AND LeasedUntil = 0 AND LastError = '')",
			time.Now().Add(time.Minute).UnixMilli()))
		if err != nil {
			return err
		}
		failed, err := w.numbers(ctx, "SELECT COUNT(*) FROM IR_Job WHERE State = 'failed'")
		if err != nil {
			return err
		}
		if failed[0] > 0 {
			w.report.find(Leaked, "%d jobs have failed and are not tried again", failed[0])
			break
		}
		if overdue == 0 && jobs[0] == 0 {
			w.report.count("checked: seconds until all jobs were done", int(time.Since(begin).Seconds()))
			break
		}
		if time.Since(begin) > settleTimeout {
			w.report.find(Leaked, "%d reminders are overdue and do not come, %d other jobs are not done", overdue, jobs[0])
			break
		}
	}
	time.Sleep(2 * time.Second) // the post of the last one is noted
	return nil
}

// check compares what is there with the journal.
func (w *cluster) check(ctx context.Context) error {
	f, err := w.read(ctx)
	if err != nil {
		return err
	}
	for _, r := range w.started {
		w.checkStart(r, f)
	}
	w.checkChannels(f)
	for id, i := range f.incidents {
		w.report.count("checked: incidents", 1)
		w.checkIncident(i, f.events[id], w.recordOf(i), f)
		w.checkPosts(i, f)
		w.checkReminders(i, f)
		w.checkPeople(i, f)
	}
	if err := w.checkBriefs(ctx, f); err != nil {
		return err
	}
	w.checkBroadcasts(f)
	stored, err := w.readAdditions(ctx)
	if err != nil {
		return err
	}
	w.checkAdditions(stored)
	if err := w.checkNumbers(ctx); err != nil {
		return err
	}
	retrospectives, err := w.readRetrospectives(ctx)
	if err != nil {
		return err
	}
	w.checkEdits(retrospectives)
	for id := range f.incidents {
		w.checkMoves(id, f.events[id], retrospectives[id])
	}
	return w.checkLogs()
}

func (w *cluster) recordOf(i incident.Incident) *record {
	for _, r := range w.started {
		if r.name == i.Name {
			return r
		}
	}
	return nil
}

// checkStart wants one incident for an acknowledged start, none for a refused one, and at most one otherwise.
func (w *cluster) checkStart(r *record, f *found) {
	w.report.count("checked: starts", 1)
	n := len(f.byName[r.name])
	switch {
	case n > 1:
		w.report.find(Doubled, "%q was started %d times with one key", r.name, n)
	case n == 0 && r.outcome == acknowledged:
		w.report.find(Lost, "%q was started, but is not there", r.name)
	case n == 1 && r.outcome == refused:
		w.report.find(Doubled, "%q was refused, but is there", r.name)
	case n == 1 && r.outcome == acknowledged && f.byName[r.name][0] != r.base.ID:
		w.report.find(Lost, "%q was acknowledged as %s, but is %s", r.name, r.base.ID, f.byName[r.name][0])
	}
}

// checkChannels wants each channel that the plugin made to have its incident, or to be archived.
func (w *cluster) checkChannels(f *found) {
	owned := map[string]bool{}
	for _, i := range f.incidents {
		owned[i.ChannelID] = true
	}
	for _, c := range f.channels {
		switch {
		case owned[c.id] && c.deleteAt != 0:
			w.report.find(Lost, "the channel %s of incident %q is archived", c.id, c.name)
		case owned[c.id] || c.name == "Town Square" || c.name == "Off-Topic":
		case c.deleteAt == 0:
			w.report.find(Leaked, "the channel %s %q has no incident", c.id, c.name)
		default:
			w.report.count("checked: channels of failed starts, archived", 1)
		}
		delete(owned, c.id)
	}
	for id := range owned {
		w.report.find(Lost, "an incident's channel %s is not there", id)
	}
}

// checkIncident compares one incident with its events, and the events with the journal.
func (w *cluster) checkIncident(i incident.Incident, events []incident.Event, r *record, f *found) {
	w.report.count("checked: events", len(events))
	if i.Revision != int64(len(events)) {
		w.report.find(Lost, "incident %s has revision %d and %d events", i.ID, i.Revision, len(events))
	}
	if r == nil {
		w.report.find(Doubled, "nobody asked for incident %s %q", i.ID, i.Name)
		return
	}
	if r.outcome != acknowledged {
		// Nobody knows its id. Only the plugin itself may have changed it since, as when the time of its stage was over.
		var others []string
		for n := range events {
			if n > 0 && events[n].ActorID != "" {
				others = append(others, string(events[n].Type()))
			}
		}
		if len(i.Checklists) != stagesPerIncident || len(events) == 0 || events[0].Type() != incident.EventStarted || len(others) > 0 {
			w.report.find(Lost, "incident %s is half there: %d stages, revision %d, events of people %v", i.ID, len(i.Checklists), i.Revision, others)
		}
		w.report.count("checked: unknown starts that are there", 1)
		return
	}
	replayed, err := Replay(r.base, events)
	if err != nil {
		w.report.find(Lost, "the events of incident %s do not tell one story: %v", i.ID, err)
		return
	}
	is, must := WithoutPosts(i), WithoutPosts(replayed)
	slices.Sort(is.StatusPostIDs) // they are read in the order of the posts' times
	slices.Sort(must.StatusPostIDs)
	if !reflect.DeepEqual(is, must) {
		a, _ := json.Marshal(is)
		b, _ := json.Marshal(must)
		w.report.find(Lost, "incident %s is not what its events make of it:\n%s\n%s", i.ID, a, b)
	}
	w.checkLanes(r, events, f)
}

// happened is an event as the journal would have it.
func happened(e incident.Event, made map[string]string, f *found, channelID string) (stage int, out entry, ok bool) {
	kind := e.Type()
	switch p := e.Payload.(type) {
	case incident.StageChanged:
		return -1, entry{kind: kind, value: strconv.Itoa(p.Stage.After.Index)}, true
	case severity.Changed:
		return -1, entry{kind: kind, value: p.After.Key}, true
	case roles.RoleChanged:
		return -1, entry{kind: kind, task: p.Role, value: p.HolderID.After}, true
	case roles.HandoffEvent:
		// What has overtaken a handoff, and its lapse, are the plugin's own changes.
		asked := p.Kind == roles.EventOffered || p.Kind == roles.EventDeclined || p.Kind == roles.EventWithdrawn
		return -1, entry{kind: kind, value: p.ToUserID}, asked
	case incident.CommanderChanged:
		return -1, entry{kind: kind, value: p.CommanderUserID.After}, true
	case incident.Ended, incident.Restarted:
		return -1, entry{kind: kind}, true
	case incident.StatusUpdated:
		for _, post := range f.posts[channelID] {
			if post.id == p.StatusPostID {
				return -1, entry{kind: kind, value: post.message}, true
			}
		}
		return -1, entry{kind: kind, value: "a post that is not there"}, true
	}
	ref, ok := incident.TaskRefOf(e.Payload)
	if !ok { // reminders are the plugin's own changes, and what a client can do about them depends on them
		return 0, entry{}, false
	}
	out = entry{kind: kind, task: made[ref.TaskID]}
	switch p := e.Payload.(type) {
	case incident.TaskAdded:
		made[ref.TaskID] = p.Task.Title
		out.task, out.value = p.Task.Title, p.Task.Title
	case incident.TaskStateChanged:
		out.value = string(p.State.After)
	case incident.TaskAssigneeChanged:
		out.value = p.AssigneeID.After
	case incident.TaskEdited:
		out.value = p.Title.After
	case incident.TaskMoved:
		out.value = strconv.Itoa(p.Position.After)
	case incident.TaskRemoved:
	default:
		return 0, entry{}, false
	}
	return ref.Stage, out, true
}

// checkLanes wants the events of each lane to be the acknowledged changes, in their order and each once, and at the
// end at most one more: the change whose answer got lost.
func (w *cluster) checkLanes(r *record, events []incident.Event, f *found) {
	made := map[string]string{}
	for _, stage := range r.base.Checklists {
		for _, t := range stage.Tasks {
			made[t.ID] = t.Title
		}
	}
	of := map[int][]entry{}
	for _, e := range events {
		if stage, out, ok := happened(e, made, f, r.base.ChannelID); ok {
			of[stage] = append(of[stage], out)
		}
	}
	for _, l := range r.lanes {
		rest := of[l.stage]
		for _, e := range l.entries {
			next := len(rest) > 0 && rest[0].kind == e.kind && rest[0].task == e.task && rest[0].value == e.value
			switch {
			case e.outcome == acknowledged && !next:
				w.report.find(Lost, "incident %s stage %d: acknowledged, but not there: %s; there is %v", r.base.ID, l.stage, e, rest[:min(len(rest), 3)])
				return
			case e.outcome == acknowledged:
				rest = rest[1:]
				w.report.count("checked: acknowledged changes found once", 1)
			case e.outcome == unknown && next:
				rest = rest[1:]
				w.report.count("checked: unknown changes that are there whole", 1)
			case e.outcome == unknown:
				w.report.count("checked: unknown changes that are not there at all", 1)
			}
		}
		if len(rest) > 0 {
			kind := Doubled
			if strings.Contains(rest[0].value, "intruder") {
				kind = Leaked
			}
			w.report.find(kind, "incident %s stage %d: nobody was told of %v (the journal ends with %v)", r.base.ID, l.stage, rest, l.entries[max(0, len(l.entries)-3):])
		}
	}
}
