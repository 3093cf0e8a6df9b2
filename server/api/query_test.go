package api

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestIncidentQueryDefaults(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/incidents", "/incidents/channels"} {
		b.want(200, "GET", path+"?team_id="+team, "")
		if want := (app.Filter{TeamID: team, Sort: "create_at", PerPage: 1000, MaxBytes: defaultPageBytes}); !reflect.DeepEqual(b.filter, want) {
			t.Errorf("%s: the filter is %+v, want %+v", path, b.filter, want)
		}
		b.want(200, "GET", path+"?page=2&per_page=0&sort=&direction=&status=&search_term=&member_id=&commander_user_id=&team_id="+team, "")
		if want := (app.Filter{TeamID: team, Sort: "create_at", Page: 2, PerPage: 1000, MaxBytes: defaultPageBytes}); !reflect.DeepEqual(b.filter, want) {
			t.Errorf("%s: the filter is %+v, want %+v", path, b.filter, want)
		}
	}
}

func TestIncidentQuery_OffsetAndView(t *testing.T) {
	b := newBench(t)
	b.want(200, "GET", "/incidents?offset=17&per_page=5&view=Summary&team_id="+team, "")
	if b.filter.Offset == nil || b.filter.Skip() != 17 || !b.filter.Summary || b.filter.MaxBytes != maxPageBytes {
		t.Errorf("the filter is %+v", b.filter)
	}
	b.want(200, "GET", "/incidents?view=&slim=true&team_id="+team, "")
	if b.filter.Summary {
		t.Errorf("the filter is %+v", b.filter)
	}
	for _, query := range []string{"offset=-1", "offset=x", "offset=1&page=1", "view=full", "view=summary,x", "view=true", "offset=2147483648"} {
		b.want(400, "GET", "/incidents?"+query+"&team_id="+team, "")
	}
}

// A page of as many of the longest incidents as the clients of version 1.2.0 ask for, fifteen, never ends early.
func TestMaxPageBytes(t *testing.T) {
	if longest := incident.MaxStagesBytes + 4*incident.MaxMessage; 30*longest > maxPageBytes {
		t.Errorf("30 incidents of %d bytes do not fit into %d", longest, maxPageBytes)
	}
}

func TestIncidentQuery(t *testing.T) {
	b := newBench(t)
	active := true
	b.want(200, "GET", "/incidents?page=3&per_page=20&sort=Is_Active&direction=DESC&status=Active&commander_user_id="+user+
		"&member_id="+strings.ToUpper(other)+"&search_term=100%25_%5C+%E2%80%8F%E7%81%AB%F0%9F%94%A5&team_id="+team, "")
	want := app.Filter{
		TeamID: team, Page: 3, PerPage: 20, MaxBytes: maxPageBytes, Sort: "is_active", Descending: true, Active: &active,
		CommanderUserID: user, MemberID: other, SearchTerm: "100%_\\ \u200f火🔥",
	}
	if !reflect.DeepEqual(b.filter, want) {
		t.Errorf("the filter is %+v, want %+v", b.filter, want)
	}
	b.want(200, "GET", "/incidents?status=ended&team_id="+team, "")
	if b.filter.Active == nil || *b.filter.Active {
		t.Error("status=ended does not select ended incidents")
	}
}

// Each entry is a bad query and the field that the answer must name.
var badPaging = map[string]string{
	"page=-1": "page", "page=x": "page", "page=1.5": "page", "page=99999999999999999999": "page", "page=2147483648": "page",
	"page=2147484&per_page=1000": "page", "page=2147484": "page",
	"per_page=-1": "per_page", "per_page=x": "per_page", "per_page=1001": "per_page", "per_page=99999999999999999999": "per_page",
	"sort=nothing": "sort", "direction=up": "direction",
}

func TestIncidentQuery_Refused(t *testing.T) {
	bad := map[string]string{
		"status=open": "status", "commander_user_id=x": "commander_user_id", "member_id=" + strings.Repeat("x", 27): "member_id",
		"member_id=" + strings.Repeat("-", 26): "member_id", "member_id=" + strings.Repeat("%E2%84%AA", 26): "member_id", "sort=create_at;drop": "sort",
		"search_term=" + strings.Repeat("x", 257): "search_term", "search_term=a%00b": "search_term", "search_term=%ff": "search_term",
	}
	for query, field := range badPaging {
		bad[query] = field
	}
	for _, path := range []string{"/incidents", "/incidents/channels"} {
		for query, field := range bad {
			b := newBench(t)
			w := b.want(400, "GET", path+"?"+strings.ReplaceAll(query, ";", "%3B")+"&team_id="+team, "")
			b.contains(w, `"error":"`+field+" ")
			b.untouched()
		}
	}
	newBench(t).want(200, "GET", "/incidents?search_term="+url.QueryEscape(strings.Repeat("火", 256))+"&team_id="+team, "")
	newBench(t).want(200, "GET", "/incidents?page=2147483&per_page=1000&team_id="+team, "")
}

func TestMissingAndMalformedTeam(t *testing.T) {
	for _, path := range []string{"/incidents", "/incidents/channels", "/incidents/commanders"} {
		for _, admin := range []bool{false, true} {
			malformed := 403
			if admin {
				malformed = 400
			}
			b := newBench(t)
			b.admin = admin
			b.want(400, "GET", path, "")
			b.want(malformed, "GET", path+"?team_id=x", "")
			b.want(malformed, "GET", path+"?team_id=%00", "")
			b.untouched()
		}
	}
}

func TestCommanders_WithoutTeamAnswersOneDocument(t *testing.T) {
	w := newBench(t).want(400, "GET", "/incidents/commanders", "")
	if n := strings.Count(w.Body.String(), "{"); n != 1 {
		t.Errorf("%d documents: %s", n, w.Body)
	}
}

func TestPlaybookQuery(t *testing.T) {
	b := newBench(t)
	b.want(200, "GET", "/playbooks?team_id="+team, "")
	if want := (app.PlaybookFilter{TeamID: team, Sort: "title", PerPage: 1000}); b.books != want {
		t.Errorf("the filter is %+v, want %+v", b.books, want)
	}
	b.want(200, "GET", "/playbooks?team_id=nonexistent&sort=STEPS&direction=Desc&page=1&per_page=7", "")
	if want := (app.PlaybookFilter{TeamID: "nonexistent", Sort: "steps", Descending: true, Page: 1, PerPage: 7}); b.books != want {
		t.Errorf("the filter is %+v, want %+v", b.books, want)
	}
}

// Errors of other parameters come before the missing team.
func TestPlaybookQuery_Refused(t *testing.T) {
	for query, field := range badPaging {
		b := newBench(t)
		b.contains(b.want(400, "GET", "/playbooks?"+query, ""), `"error":"`+field+" ")
		b.untouched()
	}
	b := newBench(t)
	b.contains(b.want(400, "GET", "/playbooks", ""), `"error":"team_id `)
	b.contains(b.want(400, "GET", "/playbooks?team_id="+strings.Repeat("x", 65), ""), `"error":"team_id `)
	b.contains(b.want(400, "GET", "/playbooks?team_id=%00", ""), `"error":"team_id `)
	b.contains(b.want(400, "GET", "/playbooks/autocomplete?team_id=%00", ""), `"error":"team_id `)
	b.untouched()
}

func TestTaskAutocomplete(t *testing.T) {
	b := newBench(t)
	b.incident.Checklists = append(b.incident.Checklists, incident.Stage{Tasks: []incident.Task{{Title: "a"}, {Title: "b"}}})
	w := b.want(200, "GET", "/incidents/checklist-autocomplete?channel_id="+channel, "")
	b.contains(w, `"Item":"0 0","Hint":"\"Find the scope\""`, `"Item":"1 0","Hint":"\"a\""`, `"Item":"1 1","Hint":"\"b\""`)
	b.incident.Checklists = nil
	if w = b.want(200, "GET", "/incidents/checklist-autocomplete?channel_id="+channel, ""); w.Body.String() != "[]" {
		t.Errorf("without tasks the answer is %s", w.Body)
	}
	b.calls = nil
	b.want(400, "GET", "/incidents/checklist-autocomplete", "")
	b.want(400, "GET", "/incidents/checklist-autocomplete?channel_ID="+channel, "")
	b.want(400, "GET", "/incidents/checklist-autocomplete?channel_id=%00", "")
	b.untouched()
}
