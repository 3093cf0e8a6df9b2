package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// operation is one thing that people do.
type operation struct {
	name string
	// do runs it once. n counts the runs by this client.
	do func(ctx context.Context, s *site, client, n int) error
	// limit is what one run may cost; the zero value is without a limit.
	limit limit
	// against is the operation that the limit is relative to; "" for the floor.
	against string
	// growth: the limit for the cost with many incidents, relative to that with few; 0 for none.
	growth float64
	// alone: many at once are not measured.
	alone bool
}

// limit says how much an operation may cost: factor times the other operation, plus a number of posts and milliseconds.
type limit struct {
	factor float64
	posts  float64
	ms     float64
}

const (
	theFloor   = "empty request to a plugin"
	onePost    = "one post"
	newChannel = "channel with one member and one post"
)

func get(path func(s *site, n int) string) func(context.Context, *site, int, int) error {
	return func(ctx context.Context, s *site, client, n int) error {
		return s.call(ctx, "GET", path(s, client+n), nil, nil)
	}
}

func pick(list []target, n int) target { return list[n%len(list)] }

// list asks for a page of ten.
func list(query string) func(context.Context, *site, int, int) error {
	return get(func(s *site, _ int) string { return s.listPath(query) })
}

func (s *site) listPath(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	values.Set("team_id", s.team)
	values.Set("per_page", "10")
	if values.Has("commander_user_id") {
		values.Set("commander_user_id", s.commanders[3])
	}
	if values.Has("member_id") {
		values.Set("member_id", s.anna.id)
	}
	return s.api("/incidents?" + values.Encode())
}

// half of the tasks are checked off by REST and the other half by command, so that neither finds done what it does.
const half = tasks / 2

// check closes tasks one after the other and then opens them again, in an incident of the client's own.
func check(ctx context.Context, s *site, client, n int) error {
	state := [...]string{"closed", ""}[n/half%2]
	return s.call(ctx, "PUT", s.api(fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", s.written[client].id, n%half)),
		map[string]string{"new_state": state}, nil)
}

func start(ctx context.Context, s *site, _, _ int) error {
	return s.call(ctx, "POST", s.api("/incidents"), s.newIncident(), nil)
}

func makeChannel(ctx context.Context, s *site, _, _ int) error {
	name := fmt.Sprintf("by-rest-%d", s.serial.Add(1))
	var made struct{ ID string }
	err := s.call(ctx, "POST", s.host("/channels"), map[string]string{"team_id": s.team, "name": name, "display_name": name, "type": "O"}, &made)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		err = s.call(ctx, "POST", s.host("/posts"), map[string]string{"channel_id": made.ID, "message": "The incident has begun."}, nil)
		// Under load Mattermost's cache of somebody's channels may not have the new one yet.
		if err == nil || attempt == 5 {
			return err
		}
	}
}

func post(ctx context.Context, s *site, client, n int) error {
	return s.call(ctx, "POST", s.host("/posts"), map[string]string{"channel_id": s.written[client].channel, "message": fmt.Sprintf("Message %d.", n)}, nil)
}

func tell(ctx context.Context, s *site, client, n int) error {
	return s.call(ctx, "POST", s.api("/incidents/"+s.written[client].id+"/timeline"), map[string]any{"text": fmt.Sprintf("What happened %d.", n)}, nil)
}

// perIncident is how many follow-ups an incident has at most.
const perIncident = 500

// followUp adds follow-ups until an incident is full, and then changes the last one, which takes the same statements but one.
func followUp(ctx context.Context, s *site, client, n int) error {
	id := s.written[client].id
	if n < perIncident {
		var made struct{ ID string }
		err := s.call(ctx, "POST", s.api("/incidents/"+id+"/followups"), map[string]any{"title": fmt.Sprintf("What is to be done %d", n)}, &made)
		s.lastFollowUp.Store(client, made.ID)
		return err
	}
	last, _ := s.lastFollowUp.Load(client)
	return s.call(ctx, "PATCH", s.api(fmt.Sprintf("/followups/%s", last)), map[string]any{"title": fmt.Sprintf("What is to be done %d", n)}, nil)
}

// retrospective is the address of the retrospective of a client's own incident.
func (s *site) retrospective(client int) string {
	return s.api("/incidents/" + s.written[client].id + "/retrospective")
}

func readRetrospective(ctx context.Context, s *site, client, _ int) error {
	return s.call(ctx, "GET", s.retrospective(client), nil, nil)
}

// write changes one section after the other.
func write(ctx context.Context, s *site, client, n int) error {
	section := [...]string{"summary", "impact", "causes", "went_well"}[n%4]
	return s.call(ctx, "PATCH", s.retrospective(client)+"/sections/"+section, map[string]string{"text": fmt.Sprintf("What we know, version %d.", n)}, nil)
}

func draft(ctx context.Context, s *site, client, _ int) error {
	return s.call(ctx, "POST", s.retrospective(client)+"/draft", nil, nil)
}

// selected are the operations whose names contain one of the words, all if there are none, and what they are compared with.
func selected(words []string) (chosen []operation) {
	all := operations()
	wanted := map[string]bool{theFloor: true, onePost: true}
	for _, op := range all {
		if words == nil || slices.ContainsFunc(words, func(word string) bool { return strings.Contains(op.name, strings.TrimSpace(word)) }) {
			wanted[op.name], wanted[op.against] = true, true
		}
	}
	return slices.DeleteFunc(all, func(op operation) bool { return !wanted[op.name] })
}

// operations in the order of the table. What others are compared with comes first.
func operations() []operation {
	twice, page := limit{factor: 2}, limit{factor: 3}
	ops := []operation{
		{name: theFloor, do: get(func(*site, int) string { return "/plugins/" + floorID + "/" })},
		{name: onePost, do: post},
		// When one user makes many channels at once, Mattermost at times keeps refusing them their own.
		{name: newChannel, do: makeChannel, alone: true},
		{name: "read an incident by id, as a member", limit: twice, do: get(func(s *site, n int) string { return s.api("/incidents/" + pick(s.own, n).id) })},
		{name: "read a public incident by id", limit: twice, do: get(func(s *site, n int) string { return s.api("/incidents/" + pick(s.foreign, n).id) })},
		{name: "read an incident by channel", limit: twice, do: get(func(s *site, n int) string { return s.api("/incidents/channel/" + pick(s.own, n).channel) })},
		{name: "metadata of an incident", limit: twice, do: get(func(s *site, n int) string { return s.api("/incidents/" + pick(s.own, n).id + "/metadata") })},
		{name: "first page of a timeline of 10,000, newest first", limit: page, do: get(func(s *site, _ int) string { return s.api("/incidents/" + s.own[0].id + "/timeline?direction=desc") })},
		{name: "first page of a timeline of 10,000, oldest first", limit: page, do: get(func(s *site, _ int) string { return s.api("/incidents/" + s.own[0].id + "/timeline") })},
		{name: "60 entries from the middle of a timeline of 10,000", limit: page, do: get(func(s *site, n int) string {
			return s.api(fmt.Sprintf("/incidents/%s/timeline?per_page=60&cursor=%d.0.%026d", s.own[0].id, s.middle, n))
		})},
		{name: "key moments of a timeline of 10,000", limit: page, do: get(func(s *site, _ int) string { return s.api("/incidents/" + s.own[0].id + "/timeline?starred=true") })},
		{name: "follow-ups of an incident with 500, a page of 20", limit: page, do: get(func(s *site, _ int) string { return s.api("/incidents/" + s.own[0].id + "/followups?per_page=20") })},
		{name: "one's open follow-ups, a page of 20", limit: page, growth: 2, do: get(func(s *site, _ int) string { return s.api("/followups?mine=true&state=open&per_page=20") })},
		{name: "all open follow-ups that one may see, a page of 20", limit: page, growth: 2, do: get(func(s *site, _ int) string { return s.api("/followups?state=open&per_page=20&team_id=" + s.team) })},
		{name: "read a retrospective", limit: page, do: readRetrospective},
		{name: "draft a retrospective from a timeline of 10,000, and as many events", alone: true,
			do: get(func(s *site, _ int) string { return s.api("/incidents/" + s.own[0].id + "/retrospective") })},
		{name: "read a playbook", limit: twice, do: get(func(s *site, _ int) string { return s.api("/playbooks/" + s.playbook) })},
	}
	// Each round starts an incident, after which the first list has to count: see docs/decisions/0009.
	ops = append(ops, operation{name: "list: the first one after a start", do: list("sort=create_at&direction=desc")})
	for _, l := range []struct{ name, query string }{
		{"newest first", "sort=create_at&direction=desc"},
		{"oldest first", ""},
		{"ongoing, newest first", "status=active&sort=create_at&direction=desc"},
		{"ended, by end", "status=ended&sort=end_at&direction=desc"},
		{"by name", "sort=name"},
		{"of one commander", "commander_user_id=&sort=create_at&direction=desc"},
		{"where one is a member", "member_id=&sort=create_at&direction=desc"},
		{"ongoing, where one is a member", "member_id=&status=active&sort=create_at&direction=desc"},
	} {
		ops = append(ops, operation{name: "list: " + l.name, limit: page, growth: 2, do: list(l.query)})
	}
	return append(ops,
		operation{name: "search by name", growth: 5, do: list("sort=create_at&direction=desc&search_term=" + url.QueryEscape("Payment"))},
		operation{name: "search by name, no match", growth: 5, do: list("search_term=" + url.QueryEscape("nowhere at all"))},
		operation{name: "commanders of a team", growth: 2, do: get(func(s *site, _ int) string { return s.api("/incidents/commanders?team_id=" + s.team) })},
		operation{name: "check off a task", limit: limit{factor: 1, posts: 1, ms: 1.5}, do: check},
		operation{name: "add an entry to a timeline", do: tell},
		operation{name: "add a follow-up", do: followUp},
		operation{name: "change a section of a retrospective", limit: page, do: write},
		operation{name: "draft a retrospective again", limit: limit{factor: 5}, do: draft},
		operation{name: "start an incident", limit: limit{factor: 1.3}, against: newChannel, do: start},
		operation{name: "ongoing incidents by REST", do: list("member_id=&status=active&sort=create_at&direction=desc")},
		operation{name: "/incident list", limit: twice, against: "ongoing incidents by REST",
			do: func(ctx context.Context, s *site, client, _ int) error {
				return s.command(ctx, s.written[client], "/incident list")
			}},
		operation{name: "/incident check", limit: twice, against: "check off a task",
			do: func(ctx context.Context, s *site, client, n int) error {
				return s.command(ctx, s.written[client], fmt.Sprintf("/incident check 0 %d", half+n%half))
			}},
	)
}

// combinations are all ways to filter and sort a list.
func combinations() []string {
	var out []string
	for _, sort := range []string{"create_at", "id", "name", "is_active", "end_at", "team_id", "commander_user_id"} {
		for _, direction := range []string{"asc", "desc"} {
			for _, status := range []string{"all", "active", "ended"} {
				for _, more := range []string{"", "&commander_user_id=", "&member_id="} {
					out = append(out, "sort="+sort+"&direction="+direction+"&status="+status+more)
				}
			}
		}
	}
	return out
}

// closedTasks counts the tasks that are checked off.
func closedTasks(i *incident.Incident) int {
	n := 0
	for _, stage := range i.Checklists {
		for _, task := range stage.Tasks {
			if task.State == incident.Closed {
				n++
			}
		}
	}
	return n
}
