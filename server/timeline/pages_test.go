//go:build store

package timeline

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// walk reads all pages and returns the ids.
func (w *timelineFixture) walk(query string, perPage int) (ids []string) {
	w.t.Helper()
	cursor := ""
	for {
		p := w.list(w.anna, fmt.Sprintf("%s&per_page=%d&cursor=%s", query, perPage, cursor))
		for _, e := range p.Items {
			ids = append(ids, e.ID)
		}
		if cursor = p.NextCursor; !p.HasMore {
			return ids
		}
		if len(p.Items) != perPage {
			w.t.Fatalf("a page of %d, with more to come", len(p.Items))
		}
	}
}

// story makes own events, updates, messages and notes, most of them in the same few milliseconds.
func (w *timelineFixture) story() {
	for n := range 4 {
		for range 3 {
			w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(model.NewId()) })
		}
		postID := w.post(w.inc.ChannelID, w.boris, fmt.Sprint("Update ", n), "{}")
		w.change(w.boris, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(postID, 0, w.now) })
		w.add(w.anna, `{"post_id":"`+w.post(w.inc.ChannelID, w.boris, "Message", "{}")+`"}`)
		for range 2 {
			w.add(w.boris, fmt.Sprintf(`{"text":"Note %d","happened_at":%d,"starred":%v}`, n, w.now, n == 1))
		}
		if n%2 == 0 {
			w.now++
		}
	}
}

// Pages of any size have all entries once, in both directions, in the same order, with any filter.
func TestPages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		w.story()
		starredEvent := w.list(w.anna, "kind=commander").Items[5]
		w.do(w.anna, "PATCH", "/"+starredEvent.ID, `{"starred":true}`, 200)
		for query, want := range map[string]int{"": 1 + 12 + 4 + 4 + 8, "kind=commander": 12, "kind=update": 4, "kind=message,manual": 12, "starred=true": 3, "kind=commander&starred=true": 1,
			"kind=incident,stage": 1, "person=" + w.boris: 4 + 4 + 8, "person=" + w.anna: 1 + 12 + 4, "person=" + model.NewId(): 0, "kind=task": 0} {
			whole := w.walk(query, 100)
			assert.Equal(t, want, len(whole), "entries of "+query)
			assert.Equal(t, want, len(slices.Compact(slices.Sorted(slices.Values(whole)))), "different ones")
			for _, perPage := range []int{1, 4, 7} {
				assert.Equal(t, strings.Join(whole, " "), strings.Join(w.walk(query, perPage), " "), fmt.Sprint("pages of ", perPage, " of ", query))
				back := w.walk(query+"&direction=desc", perPage)
				slices.Reverse(back)
				assert.Equal(t, strings.Join(whole, " "), strings.Join(back, " "), fmt.Sprint("backwards by ", perPage, " of ", query))
			}
		}
		found := w.list(w.anna, "starred=true&kind=commander").Items[0]
		assert.Equal(t, starredEvent.ID+"true", found.ID+fmt.Sprint(found.Starred), "starred event")
		for _, e := range w.list(w.anna, "").Items {
			assert.Equal(t, e.ID == starredEvent.ID || strings.HasPrefix(e.Text, "Note 1"), e.Starred, "star of "+e.ID)
		}
	})
}

// A page has thirty entries if nobody says how many, as api.yaml tells.
func TestPages_WithoutASize(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		for n := range 35 {
			w.add(w.anna, fmt.Sprintf(`{"text":"Note %d"}`, n))
		}
		for _, query := range []string{"kind=manual", "kind=manual&direction=desc"} {
			first := w.list(w.anna, query)
			rest := w.list(w.anna, query+"&cursor="+first.NextCursor)
			assert.Equal(t, "30 true, 5 false", fmt.Sprint(len(first.Items), " ", first.HasMore, ", ", len(rest.Items), " ", rest.HasMore), query)
		}
		described, err := os.ReadFile("api.yaml")
		require.NoError(t, err)
		assert.Contains(t, string(described), "{name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 30}}")
	})
}

// A cursor goes on where its page ended, also if entries are added, deleted or starred in between, and later gives what is new.
func TestPages_WhileEntriesCome(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		w.story()
		first := w.list(w.anna, "per_page=10")
		early := w.add(w.boris, fmt.Sprintf(`{"text":"Earlier","happened_at":%d}`, w.now-100_000))
		last := first.Items[9]
		if last.Kind == Manual || last.Kind == Message {
			w.do(w.anna, "DELETE", "/"+last.ID, "", 200)
		}
		rest := w.list(w.anna, "per_page=100&cursor="+first.NextCursor)
		assert.Equal(t, 19, len(rest.Items), "the rest")
		for _, e := range rest.Items {
			if e.ID == early.ID || slices.ContainsFunc(first.Items, func(f Entry) bool { return f.ID == e.ID }) {
				t.Errorf("%s is on the second page", e.ID)
			}
		}
		none := w.list(w.anna, "cursor="+rest.NextCursor)
		assert.Equal(t, fmt.Sprint(0, false, rest.NextCursor), fmt.Sprint(len(none.Items), none.HasMore, none.NextCursor), "nothing new")
		w.now += 1000
		late := w.add(w.boris, `{"text":"Later"}`)
		assert.Equal(t, late.ID, w.list(w.anna, "cursor="+rest.NextCursor).Items[0].ID, "new")
		assert.Equal(t, early.ID, w.list(w.anna, "per_page=1").Items[0].ID, "first")
	})
}

// Own events are given whole, and marks in the database that nobody can read do no harm.
func TestPages_OwnEvents(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander(w.boris) })
		w.sql("UPDATE IR_Event SET AfterJSON = '{' WHERE IncidentID = ? AND Revision = 2", w.inc.ID)
		w.sql("INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON) VALUES (?, ?, 3, 'from_the_future', '', ?, '{}', '{}')", model.NewId(), w.inc.ID, w.now)
		items := w.list(w.anna, "").Items
		assert.Equal(t, 2, len(items), "entries")
		assert.Equal(t, fmt.Sprint("started", 1, true), fmt.Sprint(items[0].Event.Type, items[0].Event.Revision, strings.Contains(string(items[0].Event.After), w.anna)), "start")
	})
}

// What is stored of an event is shown as it is, also names of a later version, unless it is damaged. Sentences say what it says.
func TestPage_ShowsEventsAsTheyAreStored(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		const from, to = `{"commander_user_id": "FROM", "later": [1]}`, `{"commander_user_id": "TO"}`
		whole := strings.NewReplacer("FROM", w.boris, "TO", w.carla)
		for n, c := range []struct{ before, after, shownBefore, shownAfter string }{
			{whole.Replace(from), whole.Replace(to), whole.Replace(`{"commander_user_id":"FROM","later":[1]}`), whole.Replace(`{"commander_user_id":"TO"}`)},
			{`{"commander_user_id":`, whole.Replace(to), `{}`, whole.Replace(`{"commander_user_id":"TO"}`)},
			{`[]`, `7`, `{}`, `{}`},
			{``, `"text"`, `{}`, `{}`},
		} {
			id := model.NewId()
			w.sql("INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON) VALUES (?, ?, ?, 'commander_changed', ?, ?, ?, ?)",
				id, w.inc.ID, 100+n, w.anna, w.now+int64(n), c.before, c.after)
			shown := w.list(w.anna, "direction=desc&per_page=1").Items[0]
			assert.Equal(t, id, shown.ID)
			assert.Equal(t, c.shownBefore, string(shown.Event.Before), "before, stored as "+c.before)
			assert.Equal(t, c.shownAfter, string(shown.Event.After), "after, stored as "+c.after)
		}
		items, _, err := w.line.store.Page(t.Context(), w.inc.ID, filter{Kinds: []Kind{Manual}, Types: []incident.EventType{incident.EventCommander}, Limit: 1})
		assert.NoError(t, err)
		assert.Equal(t, incident.CommanderChanged{CommanderUserID: incident.Pair[string]{Before: w.boris, After: w.carla}}, items[0].event().Payload)
	})
}
