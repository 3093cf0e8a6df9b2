package api

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzBodies sends arbitrary bodies to any route: none may crash it or be taken for a failure of the server.
func FuzzBodies(f *testing.F) {
	for i := range examples {
		for _, body := range []string{
			examples[i].body, "", "null", "[]", "{", `{"submission":{"message":1,"reminder":null}}`, `{"TITLE":"\ud800","state":"\u0000"}`, "\x00",
			`{"checklists":[null,{"items":[null]}],"member_ids":null,"url":null,"item_num":-1,"new_location":-9223372036854775808}`,
		} {
			f.Add(uint8(i), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, route uint8, body []byte) {
		x := examples[int(route)%len(examples)]
		b := newBench(t)
		w := b.send(x.method, x.path, string(body))
		if w.Code >= 500 {
			t.Fatalf("%s %s answered %d: %s", x.method, x.path, w.Code, w.Body)
		}
		b.check(x.method, x.path, w)
	})
}

// FuzzQueries does the same with the parameters of lists.
func FuzzQueries(f *testing.F) {
	for query := range badPaging {
		f.Add(query)
	}
	f.Add("team_id=" + team + "&search_term=%25&sort=NAME")
	f.Add("%zz&;&=&team_id=%ff")
	f.Fuzz(func(t *testing.T, query string) {
		for _, x := range examples {
			if x.method != "GET" {
				continue
			}
			path, _, _ := strings.Cut(x.path, "?")
			b := newBench(t)
			r := httptest.NewRequest(x.method, "/api/v0"+path, nil)
			r.URL = &url.URL{Path: r.URL.Path, RawQuery: query}
			r.Header.Set("Mattermost-User-ID", user)
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%s?%s answered %d: %s", path, query, w.Code, w.Body)
			}
			b.check(x.method, path, w)
		}
	})
}
