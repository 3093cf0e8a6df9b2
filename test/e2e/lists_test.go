//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Long incidents do not make a page longer than it may be, and none of them is lost or cut.
func TestLists_OfLongIncidents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		// 500 KB each.
		book := c.newPlaybook(t, func(p *playbook.Playbook) {
			p.Checklists = []incident.Stage{{Title: "long"}}
			for range 25 {
				p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, incident.Task{Title: strings.Repeat("語", 2048), Description: strings.Repeat("語", 4096)})
			}
		})
		const all = 20
		var ids []string
		for n := range all {
			ids = append(ids, c.start(t, map[string]any{"name": fmt.Sprintf("long %02d", n), "playbook_id": book}).ID)
		}
		list := func(query string) (page app.Page) {
			t.Helper()
			c.anna.call(t, "GET", "/incidents?sort=name&team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &page)
			if page.TotalCount != all {
				t.Errorf("%s: %d in all", query, page.TotalCount)
			}
			return page
		}
		check := func(query string, items []incident.Incident, from, to int) {
			t.Helper()
			if len(items) != to-from {
				t.Errorf("%s: %d items, want %d", query, len(items), to-from)
				return
			}
			for n, i := range items {
				if i.ID != ids[from+n] || len(i.Checklists) != 1 || len(i.Checklists[0].Tasks) != 25 || len(i.Checklists[0].Tasks[24].Description) != 3*4096 {
					t.Errorf("%s: item %d is %s with %d stages", query, n, i.Name, len(i.Checklists))
				}
			}
		}
		// With a number of items a page is whole, if that is not very long.
		check("per_page=1000", list("&per_page=1000").Items, 0, all)
		second := list("&per_page=7&page=1")
		check("per_page=7", second.Items, 7, 14)
		if second.PageCount != 3 || !second.HasMore || second.NextOffset != 0 {
			t.Errorf("the second page says %+v", app.Page{PageCount: second.PageCount, HasMore: second.HasMore, NextOffset: second.NextOffset})
		}
		// Without one it ends early, and says where the rest begins.
		seen := 0
		for round := 0; seen < all && round < all; round++ {
			page := list(fmt.Sprintf("&offset=%d", seen))
			check("offset", page.Items, seen, seen+len(page.Items))
			if page.HasMore != (page.NextOffset != 0) || page.PageCount != 1 || len(page.Items) == 0 {
				t.Fatalf("after %d: %d items, more %v, next %d", seen, len(page.Items), page.HasMore, page.NextOffset)
			}
			if seen += len(page.Items); page.NextOffset != 0 && page.NextOffset != seen {
				t.Errorf("the next offset is %d, want %d", page.NextOffset, seen)
			}
		}
		if first := list(""); len(first.Items) >= all || seen != all {
			t.Errorf("the first page has %d of %d, all pages %d", len(first.Items), all, seen)
		}
		for _, perPage := range []string{"", "&per_page=20"} {
			short := list("&view=summary" + perPage)
			if len(short.Items) != all || short.HasMore || short.NextOffset != 0 || len(short.Items[0].Checklists) != 0 || short.Items[0].ActiveStageTitle != "long" {
				t.Errorf("%d items of the summary, more %v", len(short.Items), short.HasMore)
			}
		}
		c.anna.call(t, "GET", "/incidents?view=slim&team_id="+c.team.Id, nil).want(t, 400).errorText(t)
	})
}

func TestLists_PagesDoNotOverlap(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		for range 6 {
			c.start(t, map[string]any{"name": "The same"})
		}
		for _, sort := range []string{"name", "is_active", "end_at", "team_id", "commander_user_id"} {
			seen := map[string]bool{}
			for _, page := range []string{"0", "1", "2"} {
				var list struct{ Items []incident.Incident }
				c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id+"&per_page=2&sort="+sort+"&page="+page, nil).want(t, 200).decode(t, &list)
				for _, i := range list.Items {
					seen[i.ID] = true
				}
			}
			if len(seen) != 6 {
				t.Errorf("sorted by %s, three pages have %d of 6", sort, len(seen))
			}
		}
	})
}

// However many incidents a team has, a page has at most a thousand.
func TestLists_PagesAreBounded(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, nil)
	for _, list := range []string{"/incidents", "/incidents/channels", "/playbooks"} {
		for _, per := range []string{"1001", "1000000", "-1", "9223372036854775808"} {
			if text := c.anna.call(t, "GET", list+"?team_id="+c.team.Id+"&per_page="+per, nil).want(t, 400).errorText(t); !strings.Contains(text, "per_page") {
				t.Errorf("%s: %s", per, text)
			}
		}
	}
	columns := strings.Replace(strings.Replace(oldIncidentColumns, "ID,", "LPAD(n::text, 6, '0') || SUBSTR(ID, 7),", 1), " ChannelID,", " LPAD(n::text, 6, '0') || SUBSTR(ChannelID, 7),", 1)
	s.exec(t, "INSERT INTO IR_Incident ("+oldIncidentColumns+") SELECT "+columns+" FROM IR_Incident, generate_series(1, 1000) AS n WHERE ID = '"+i.ID+"'")
	for _, query := range []string{"", "&per_page=0", "&per_page=1000"} {
		var page struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []struct{ ID string }
		}
		s.admin().call(t, "GET", "/incidents?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &page)
		if len(page.Items) != 1000 || page.TotalCount != 1001 || page.PageCount != 2 || !page.HasMore {
			t.Errorf("%q: %d incidents of %d, %d pages, more: %v", query, len(page.Items), page.TotalCount, page.PageCount, page.HasMore)
		}
		var channels []string
		s.admin().call(t, "GET", "/incidents/channels?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &channels)
		if len(channels) != 1000 {
			t.Errorf("%q: %d channels", query, len(channels))
		}
	}
}

func TestLists_SearchTermsAreLiteral(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
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

// The database of these tests has the locale C, in which upper case is not lower case beyond ASCII, and Z comes before a.
func TestLists_SearchAndOrderIgnoreCaseAndAccents(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		names := []string{"Zulu", "apple", "Banana", "Äpfel", "Сбой ОПЛАТЫ", "Λάθος", "Straße"}
		for _, name := range names {
			c.start(t, map[string]any{"name": name})
			c.newPlaybook(t, func(p *playbook.Playbook) { p.Title = name })
		}
		sorted := []string{"Äpfel", "apple", "Banana", "Straße", "Zulu", "Λάθος", "Сбой ОПЛАТЫ"}
		list := func(path, query string) (found []string) {
			t.Helper()
			var list struct {
				Items []struct{ Name, Title string }
			}
			c.anna.call(t, "GET", path+"?team_id="+c.team.Id+query, nil).want(t, 200).decode(t, &list)
			for _, item := range list.Items {
				found = append(found, item.Name+item.Title)
			}
			return found
		}
		for what, found := range map[string][]string{
			"incidents":                 list("/incidents", "&sort=name"),
			"incidents in pages":        append(append(list("/incidents", "&sort=name&per_page=3"), list("/incidents", "&sort=name&per_page=3&page=1")...), list("/incidents", "&sort=name&per_page=3&page=2")...),
			"the commander's":           list("/incidents", "&sort=name&status=active&commander_user_id="+c.anna.user.Id),
			"those that one is in":      list("/incidents", "&sort=name&member_id="+c.anna.user.Id),
			"playbooks":                 list("/playbooks", ""),
			"playbooks sorted by title": list("/playbooks", "&sort=title"),
		} {
			if !slices.Equal(found, sorted) {
				t.Errorf("%s: %q", what, found)
			}
		}
		for term, want := range map[string]string{"оплаты": "Сбой ОПЛАТЫ", "ЛАТ": "Сбой ОПЛАТЫ", "apf": "Äpfel", "ÄPF": "Äpfel", "λαθος": "Λάθος", "ΛΆΘΟΣ": "Λάθος", "strasse": "Straße", "ß": "Straße", "zÜlu": "Zulu"} {
			if found := list("/incidents", "&search_term="+url.QueryEscape(term)); len(found) != 1 || found[0] != want {
				t.Errorf("%s finds %q, want %s", term, found, want)
			}
		}
	})
}

func TestLists_FiltersOrderAndPages(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		anna, boris := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, anna, boris)
		private := anna.newPlaybook(t, team, body{"create_public_incident": false}, anna)
		names := []string{"100% down", "100 percent", "under_score", "underXscore", `back\slash`, "Emoji 🔥 fire", "宕机 outage", "عطل outage RTL", "O'Brien \"quoted\""}
		ids := map[string]string{}
		for _, name := range names {
			ids[name] = anna.startIncident(t, team, name, "").ID
		}
		ids["secret"] = anna.startIncident(t, team, "secret", private).ID
		ids["by boris"] = boris.startIncident(t, team, "by boris", "").ID
		anna.call(t, "PUT", "/incidents/"+ids["100 percent"]+"/end", nil).want(t, 200)

		type page struct {
			TotalCount int  `json:"total_count"`
			PageCount  int  `json:"page_count"`
			HasMore    bool `json:"has_more"`
			Items      []incident.Incident
		}
		list := func(p *person, query string) (page, []string) {
			t.Helper()
			var got page
			p.call(t, "GET", "/incidents?team_id="+team.Id+"&"+query, nil).want(t, 200).decode(t, &got)
			if got.Items == nil {
				t.Errorf("%s: items is null", query)
			}
			var channels, listed []string
			p.call(t, "GET", "/incidents/channels?team_id="+team.Id+"&"+query, nil).want(t, 200).decode(t, &channels)
			found := []string{}
			for _, item := range got.Items {
				found, listed = append(found, item.Name), append(listed, item.ChannelID)
			}
			if !slices.Equal(channels, listed) {
				t.Errorf("%s: the channels are not those of the incidents, in their order", query)
			}
			return got, found
		}

		all := append(slices.Clone(names), "secret", "by boris")
		for query, want := range map[string][]string{
			"": all, "direction=ASC&sort=Create_At": all, "status=ALL": all,
			"status=active&search_term=100":                      {"100% down"},
			"status=Ended":                                       {"100 percent"},
			"search_term=" + url.QueryEscape("100%"):             {"100% down"},
			"search_term=" + url.QueryEscape("%"):                {"100% down"},
			"search_term=" + url.QueryEscape("R_s"):              {"under_score"},
			"search_term=" + url.QueryEscape(`\`):                {`back\slash`},
			"search_term=" + url.QueryEscape("O'B"):              {"O'Brien \"quoted\""},
			"search_term=" + url.QueryEscape("!"):                {},
			"search_term=OUTAGE":                                 {"宕机 outage", "عطل outage RTL"},
			"search_term=" + url.QueryEscape("宕机"):               {"宕机 outage"},
			"search_term=" + url.QueryEscape("عطل"):              {"عطل outage RTL"},
			"search_term=" + url.QueryEscape("🔥"):                {"Emoji 🔥 fire"},
			"commander_user_id=" + boris.user.Id:                 {"by boris"},
			"member_id=" + boris.user.Id:                         {"by boris"},
			"member_id=" + strings.ToUpper(boris.user.Id):        {"by boris"},
			"commander_user_id=" + model.NewId():                 {},
			"per_page=2":                                         all[:2],
			"per_page=2&page=1":                                  all[2:4],
			"per_page=2&page=5":                                  all[10:],
			"per_page=2&page=6":                                  {},
			"direction=desc&per_page=1":                          {"by boris"},
			"sort=is_active&per_page=1":                          {"100 percent"},
			"sort=END_AT&direction=DESC&per_page=1":              {"100 percent"},
			"sort=commander_user_id&search_term=under":           {"under_score", "underXscore"},
			"user_input=ignored&search_term=secret&unknown=true": {"secret"},
		} {
			_, found := list(anna, query)
			if strings.Contains(query, "sort=commander") {
				slices.Sort(found)
				slices.Sort(want)
			}
			if !slices.Equal(found, want) {
				t.Errorf("%q finds %q, want %q", query, found, want)
			}
		}
		if got, _ := list(anna, "per_page=2&page=4"); got.TotalCount != 11 || got.PageCount != 6 || !got.HasMore {
			t.Errorf("page 4: %d of %d, more: %v", got.TotalCount, got.PageCount, got.HasMore)
		}
		if got, _ := list(anna, "per_page=2&page=5"); got.TotalCount != 11 || got.PageCount != 6 || got.HasMore {
			t.Errorf("the last page: %d of %d, more: %v", got.TotalCount, got.PageCount, got.HasMore)
		}
		if got, found := list(boris, ""); got.TotalCount != 10 || slices.Contains(found, "secret") {
			t.Errorf("Boris sees %q", found)
		}
		// Each incident is on exactly one page, also among equals.
		for _, sort := range []string{"id", "name", "is_active", "create_at", "end_at", "team_id", "commander_user_id"} {
			seen := map[string]bool{}
			for n := range 6 {
				_, found := list(anna, fmt.Sprintf("sort=%s&per_page=2&page=%d", sort, n))
				for _, name := range found {
					seen[name] = true
				}
			}
			if len(seen) != 11 {
				t.Errorf("the pages by %s show %d incidents", sort, len(seen))
			}
		}

		var refusals []refusal
		for _, query := range []string{
			"page=x", "page=-1", "page=1.5", "page=99999999999999999999", "page=2147483647&per_page=1000", "per_page=x", "per_page=-1", "per_page=99999999999999999999",
			"sort=title", "sort=id%3Bdrop", "direction=up", "status=open", "commander_user_id=x", "member_id=x", "search_term=" + strings.Repeat("x", 257), "search_term=%00", "search_term=%ff",
		} {
			for _, path := range []string{"/incidents", "/incidents/channels"} {
				refusals = append(refusals, refusal{query, "GET", path + "?team_id=" + team.Id + "&" + query, nil, 400})
			}
		}
		for _, query := range []string{"sort=name", "direction=up", "page=-1", "page=x", "per_page=-1", "page=99999999999999999999", "page=2147483647&per_page=1000"} {
			refusals = append(refusals, refusal{query, "GET", "/playbooks?team_id=" + team.Id + "&" + query, nil, 400})
		}
		for _, path := range []string{"/incidents", "/incidents/channels", "/incidents/commanders", "/playbooks"} {
			refusals = append(refusals, refusal{"no team", "GET", path, nil, 400}, refusal{"an unknown team", "GET", path + "?team_id=" + model.NewId(), nil, 403})
		}
		refusals = append(refusals, refusal{"no team", "GET", "/playbooks/autocomplete", nil, 403}, refusal{"no channel", "GET", "/incidents/checklist-autocomplete", nil, 400})
		anna.mustBeRefused(t, refusals)
		s.admin().mustBeRefused(t, []refusal{
			{"a malformed team", "GET", "/incidents?team_id=x", nil, 400}, {"a malformed team", "GET", "/incidents/commanders?team_id=x", nil, 400},
		})

		var commanders []struct{ UserID, Username string }
		anna.call(t, "GET", "/incidents/commanders?team_id="+team.Id, nil).want(t, 200).decode(t, &commanders)
		found := []string{}
		for _, c := range commanders {
			found = append(found, c.Username)
		}
		want := []string{anna.user.Username, boris.user.Username}
		slices.Sort(want)
		if !slices.Equal(found, want) {
			t.Errorf("the commanders are %q, want %q", found, want)
		}
	})
}
