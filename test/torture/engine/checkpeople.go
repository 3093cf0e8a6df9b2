package engine

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/roles"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
	"github.com/mattermost/mattermost-plugin-incident-management/server/stagelimits"
)

// handoffProp marks the direct message of a handoff with the handoff's id.
const handoffProp = "incident_handoff"

// people is what the events of an incident lead to: who commands it, who has which role since when, which handoff is pending, and how bad
// it is.
type people struct {
	commander string
	since     int64
	holders   map[string]roles.Role
	level     string
	// handoff is the pending one, or "". ends are how often each has ended.
	handoff string
	ends    map[string]int
	// terms are those that are over.
	terms []roles.Term
	// limits are the visits of stages whose limit was told.
	limits map[string]int
}

// follow applies one event. It returns what is wrong with it, or "".
func (p *people) follow(e incident.Event) string {
	switch v := e.Payload.(type) {
	case incident.CommanderChanged:
		if v.CommanderUserID.Before != p.commander || v.CommanderUserID.After == "" {
			return fmt.Sprintf("the commander goes from %q to %q, but is %q", v.CommanderUserID.Before, v.CommanderUserID.After, p.commander)
		}
		p.terms = append(p.terms, roles.Term{Role: "commander", UserID: p.commander, From: p.since, To: e.CreateAt})
		p.commander, p.since = v.CommanderUserID.After, e.CreateAt
		if v.HandoffID != "" {
			if v.HandoffID != p.handoff {
				return fmt.Sprintf("the handoff %q is accepted, but %q is pending", v.HandoffID, p.handoff)
			}
			p.ends[v.HandoffID]++
		}
		p.handoff = "" // another change of the commander overtakes it; the event of that follows
	case incident.Ended:
		p.handoff = ""
	case roles.RoleChanged:
		r := p.holders[v.Role]
		if v.HolderID.Before != r.HolderID || v.HolderID.Before != "" && v.Since.Before != r.Since {
			return fmt.Sprintf("the role %s goes from %q (since %d), but is with %q (since %d)", v.Role, v.HolderID.Before, v.Since.Before, r.HolderID, r.Since)
		}
		if r.HolderID != "" {
			p.terms = append(p.terms, roles.Term{Role: v.Role, Name: v.Name, UserID: r.HolderID, From: r.Since, To: e.CreateAt})
		}
		p.holders[v.Role] = roles.Role{Key: v.Role, Name: v.Name, HolderID: v.HolderID.After, Since: v.Since.After}
	case roles.HandoffEvent:
		switch {
		case v.Kind == roles.EventOffered && p.handoff != "":
			return fmt.Sprintf("the handoff %q is offered while %q is pending", v.ID, p.handoff)
		case v.Kind == roles.EventOffered:
			p.handoff = v.ID
			p.ends[v.ID] = 0 // so that one without an end is counted
			return ""
		}
		p.ends[v.ID]++
		if v.Kind != roles.EventOvertaken && v.ID != p.handoff {
			return fmt.Sprintf("%s of the handoff %q, but %q is pending", v.Kind, v.ID, p.handoff)
		}
		if v.ID == p.handoff {
			p.handoff = ""
		}
	case severity.Changed:
		if v.Before.Key != p.level {
			return fmt.Sprintf("the severity goes from %q, but is %q", v.Before.Key, p.level)
		}
		p.level = v.After.Key
	case stagelimits.Reached:
		p.limits[fmt.Sprint(v.StageID, v.Since)]++
	}
	return ""
}

// checkPeople follows who is who in an incident through its events, to the stored state: one commander at each revision, one end of each
// handoff, the holders of roles, the tasks that are theirs, the severity, and the limits of stages.
func (w *cluster) checkPeople(i incident.Incident, f *found) {
	r := w.recordOf(i)
	if r == nil || r.outcome != acknowledged {
		return
	}
	p := people{commander: r.base.CommanderUserID, since: r.base.CreateAt, level: r.own.Severity.Key, holders: map[string]roles.Role{}, ends: map[string]int{}, limits: map[string]int{}}
	for _, role := range r.own.Roles.Roles {
		p.holders[role.Key] = role
	}
	for _, e := range f.events[i.ID] {
		if e.Revision <= r.base.Revision {
			continue
		}
		if wrong := p.follow(e); wrong != "" {
			w.report.find(Lost, "incident %s, revision %d: %s", i.ID, e.Revision, wrong)
			return
		}
		switch e.Payload.(type) {
		case roles.RoleChanged:
			w.report.count("people: changes of roles", 1)
		case severity.Changed:
			w.report.count("people: changes of severity", 1)
		}
	}
	own := f.own[i.ID]
	w.compare(i, &p, &own)
	if i.Revision > r.base.Revision {
		w.checkHistory(i, p)
	}
}

// compare compares what the events lead to with what is stored.
func (w *cluster) compare(i incident.Incident, p *people, own *ownState) {
	if i.CommanderUserID != p.commander {
		w.report.find(Lost, "incident %s is commanded by %q, but its events lead to %q", i.ID, i.CommanderUserID, p.commander)
	}
	pending := ""
	if own.Roles.Handoff != nil {
		pending = own.Roles.Handoff.ID
	}
	if pending != p.handoff || len(own.Roles.Overtaken) > 0 {
		w.report.find(Lost, "incident %s has the pending handoff %q, but its events lead to %q; %d that were overtaken are not recorded", i.ID, pending, p.handoff, len(own.Roles.Overtaken))
	}
	for id, n := range p.ends {
		w.report.count("people: handoffs", 1)
		if want := 1; id == pending && n != 0 || id != pending && n != want {
			w.report.find(Doubled, "the handoff %s of incident %s has ended %d times", id, i.ID, n)
		}
	}
	for _, role := range own.Roles.Roles {
		if is := p.holders[role.Key]; is.HolderID != role.HolderID || is.HolderID != "" && is.Since != role.Since {
			w.report.find(Lost, "incident %s: the role %s is with %q since %d, but its events lead to %q since %d", i.ID, role.Key, role.HolderID, role.Since, is.HolderID, is.Since)
		}
	}
	if own.Severity.Key != p.level {
		w.report.find(Lost, "incident %s has the severity %q, but its events lead to %q", i.ID, own.Severity.Key, p.level)
	}
	for _, stage := range i.Checklists {
		for _, t := range stage.Tasks {
			want, of := "", t.Assignment.Kind
			switch of {
			case incident.AssignedToCommander:
				want = p.commander
			case incident.AssignedToRole:
				want = p.holders[t.Assignment.Role].HolderID
			default:
				continue
			}
			if t.AssigneeID != want {
				w.report.find(Lost, "incident %s: the task %q of the %s %s is with %q instead of %q", i.ID, t.Title, of, t.Assignment.Role, t.AssigneeID, want)
			}
		}
	}
	for visit, n := range p.limits {
		w.report.count("people: stage limits", 1)
		if n > 1 {
			w.report.find(Doubled, "incident %s was told %d times of one limit (%s)", i.ID, n, visit)
		}
	}
	clock, stage := own.StageClock, i.CurrentStage()
	switch limited := i.IsActive && stage != nil && stage.LimitSeconds > 0; {
	case limited != (clock.DueAt != 0) || limited && clock.StageID != stage.ID:
		w.report.find(Lost, "incident %s has a stage clock %+v, which is not that of its current stage", i.ID, clock)
	case clock.DueAt == 0:
	case clock.ReachedAt != 0 && p.limits[fmt.Sprint(clock.StageID, clock.Since)] == 0:
		w.report.find(Lost, "incident %s has reached the limit of its stage without an event", i.ID)
	case clock.ReachedAt == 0 && time.Since(time.UnixMilli(clock.DueAt)) > time.Minute:
		w.report.find(Lost, "incident %s was not told of the limit of its stage", i.ID)
	}
}

// checkHistory wants the history of roles that clients read to be that of the events.
func (w *cluster) checkHistory(i incident.Incident, p people) {
	want := append(p.terms, roles.Term{Role: "commander", UserID: p.commander, From: p.since})
	for _, r := range p.holders {
		if r.HolderID != "" {
			want = append(want, roles.Term{Role: r.Key, Name: r.Name, UserID: r.HolderID, From: r.Since})
		}
	}
	var is struct {
		Items []roles.Term `json:"items"`
	}
	if a := w.call(w.nodes[0], w.members[0], "GET", "/incidents/"+i.ID+"/roles/history", nil); a.status != http.StatusOK || a.decode(&is) != nil {
		w.report.find(Crashed, "the history of roles of incident %s cannot be read: %s", i.ID, a)
		return
	}
	w.report.count("people: histories compared", 1)
	if !sameTerms(is.Items, want) {
		w.report.find(Lost, "incident %s: the history of roles is %+v, but its events lead to %+v", i.ID, is.Items, want)
	}
}

// sameTerms reports whether two histories have the same terms. Those of one moment may be in any order.
func sameTerms(a, b []roles.Term) bool {
	order := func(x, y roles.Term) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.Role, y.Role), cmp.Compare(x.To, y.To), cmp.Compare(x.UserID, y.UserID))
	}
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, order)
	slices.SortFunc(b, order)
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// checkBriefs wants each handoff to have at most one direct message, which has buttons as long as the handoff is pending, and then only.
func (w *cluster) checkBriefs(ctx context.Context, f *found) error {
	pending, briefs := map[string]bool{}, map[string]int{}
	for _, own := range f.own {
		if own.Roles.Handoff != nil {
			pending[own.Roles.Handoff.ID] = true
		}
	}
	err := w.query(ctx, func(rows *sql.Rows) error {
		var p post
		if err := rows.Scan(&p.props); err != nil {
			return err
		}
		id := p.prop(handoffProp)
		if id == "" {
			return nil
		}
		briefs[id]++
		w.report.count("people: briefs", 1)
		if buttons := p.prop(app.ButtonsProp) != ""; buttons != pending[id] {
			w.report.find(Leaked, "the direct message of the handoff %s has buttons: %v; it is pending: %v", id, buttons, pending[id])
		}
		return nil
	}, "SELECT p.Props FROM Posts p JOIN Channels c ON c.Id = p.ChannelId WHERE c.Type = 'D' AND p.UserId = '"+w.bot+"' AND p.DeleteAt = 0 AND p.OriginalId = ''")
	for id, n := range briefs {
		if n > 1 {
			w.report.find(Doubled, "the handoff %s has %d direct messages", id, n)
		}
	}
	for id := range pending {
		if briefs[id] == 0 {
			w.report.find(Lost, "the pending handoff %s has no direct message", id)
		}
	}
	return err
}

// prop is a text among the props, or "".
func (p *post) prop(name string) string {
	_, after, _ := strings.Cut(strings.ReplaceAll(p.props, `": "`, `":"`), `"`+name+`":"`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}
