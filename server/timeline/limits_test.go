//go:build store

package timeline

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestRefusals(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		e := w.add(w.anna, `{"text":"`+strings.Repeat("ü", MaxText)+`"}`)
		entry := "/" + e.ID
		for body, code := range map[string]string{
			`{"text":"` + strings.Repeat("ü", MaxText+1) + `"}`: "input.invalid", `{"text":" \n"}`: "input.invalid", `{}`: "input.invalid", `null`: "input.invalid", ``: "body.empty",
			`[]`: "body.not_object", `{"text":5}`: "input.invalid", `{"text":"\u0000"}`: "input.invalid", `{"text":"x","post_id":"` + model.NewId() + `"}`: "input.invalid",
			`{"happened_at":5,"post_id":"` + model.NewId() + `"}`: "input.invalid", `{"post_id":"short"}`: "input.invalid", `{"text":"x","happened_at":-1}`: "input.invalid",
			`{"text":"x","happened_at":946684799999}`: "input.invalid", fmt.Sprintf(`{"text":"x","happened_at":%d}`, w.now+61_000): "input.invalid", `{"text":"x","happened_at":1e30}`: "input.invalid",
		} {
			w.refused(w.anna, "POST", "", body, 400, code)
		}
		for body, code := range map[string]string{`{}`: "timeline.nothing", `{"version":1}`: "timeline.nothing", `{"text":""}`: "input.invalid", `{"text":"` + strings.Repeat("x", MaxText+1) + `"}`: "input.invalid",
			`{"happened_at":0}`: "input.invalid", `{"starred":"yes"}`: "input.invalid"} {
			w.refused(w.anna, "PATCH", entry, body, 400, code)
		}
		for _, query := range []string{"per_page=0", "per_page=101", "per_page=x", "kind=nothing", "kind=event", "starred=1", "direction=up", "cursor=x", "person=x", "person=" + strings.Repeat("A", 26)} {
			w.refused(w.anna, "GET", "?"+query, "", 400, "input.invalid")
		}
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			w.refused(w.anna, method, "/"+model.NewId(), `{"starred":true}`, 404, "timeline.no_entry")
		}
		assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_TimelineVersion"), "stored")
		// Entries of another incident cannot be reached through this one.
		other := w.start(model.CHANNEL_OPEN)
		w.inc, other = other, w.inc
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			w.refused(w.anna, method, entry, `{"starred":true}`, 404, "timeline.no_entry")
		}
		event, err := w.store.Incidents().EventsBetween(t.Context(), other.ID, 1, 1)
		require.NoError(t, err)
		w.refused(w.anna, "PATCH", "/"+event[0].ID, `{"starred":true}`, 404, "timeline.no_entry")
	})
}

// The number of entries is limited exactly, also when many are added at once. Deleted ones count, updates do not.
func TestLimit_OfEntries(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		assert.Zero(t, w.list(w.anna, "").EntryCount, "no entries")
		note := w.add(w.anna, `{"text":"kept"}`)
		w.do(w.boris, "DELETE", "/"+w.add(w.anna, `{"text":"x"}`).ID, "", 200)
		w.sql("UPDATE IR_Timeline SET Entries = ? WHERE IncidentID = ?", MaxEntries-3, w.inc.ID)
		h, err := w.line.mayWrite(t.Context(), w.anna, w.inc.ID)
		require.NoError(t, err)
		var made, full atomic.Int64
		var done sync.WaitGroup
		for n := range 8 {
			done.Add(1)
			go func() {
				defer done.Done()
				_, new, err := w.line.add(t.Context(), w.anna, h, newEntry{text: fmt.Sprint("note ", n)})
				switch {
				case new:
					made.Add(1)
				case err == errFull:
					full.Add(1)
				default:
					t.Errorf("%v %v", new, err)
				}
			}()
		}
		done.Wait()
		assert.Equal(t, "3 5", fmt.Sprint(made.Load(), full.Load()), "made and refused")
		assert.EqualValues(t, MaxEntries, w.list(w.anna, "").EntryCount)
		assert.EqualValues(t, MaxEntries, w.list(w.anna, "direction=desc&per_page=1&kind=manual").EntryCount)
		w.refused(w.anna, "POST", "", `{"text":"x"}`, 409, "timeline.full")
		assert.Equal(t, MaxEntries, w.count("SELECT Entries FROM IR_Timeline WHERE IncidentID = ?", w.inc.ID), "counted")
		postID := w.post(w.inc.ChannelID, w.anna, "All is well.", "{}")
		w.change(w.anna, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.UpdateStatus(postID, 0, w.now) })
		assert.Equal(t, 1, len(w.list(w.anna, "kind=update").Items), "updates")
		// The versions of one entry are limited, too.
		w.sql("UPDATE IR_TimelineEntry SET Version = ? WHERE ID = ?", MaxVersions-1, note.ID)
		w.do(w.anna, "PATCH", "/"+note.ID, `{"starred":true}`, 200)
		w.refused(w.anna, "PATCH", "/"+note.ID, `{"starred":false}`, 409, "timeline.versions")
	})
}

// The same request is done once, also if it is sent several times at once.
func TestIdempotencyKey(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		h, err := w.line.mayWrite(t.Context(), w.anna, w.inc.ID)
		require.NoError(t, err)
		var made atomic.Int64
		var done sync.WaitGroup
		ids := make([]string, 6)
		for n := range ids {
			done.Add(1)
			go func() {
				defer done.Done()
				e, new, err := w.line.add(t.Context(), w.anna, h, newEntry{text: "once", key: "Key"})
				if err != nil {
					t.Error(err)
				}
				if ids[n] = e.ID; new {
					made.Add(1)
				}
			}()
		}
		done.Wait()
		assert.EqualValues(t, 1, made.Load(), "made")
		for _, id := range ids {
			assert.Equal(t, ids[0], id, "the same")
		}
		body := `{"text":"another"}`
		again := decoded[Entry](w, w.do(w.anna, "POST", "", body, 200, "Idempotency-Key", "Key"))
		assert.Equal(t, ids[0]+"once", again.ID+again.Text, "by REST")
		for user, key := range map[string]string{w.anna: "key", w.boris: "Key"} { // letter case and user distinguish keys
			w.do(user, "POST", "", body, 201, "Idempotency-Key", key)
		}
		w.do(w.anna, "POST", "", body, 400, "Idempotency-Key", "two words")
		assert.Equal(t, 3, len(w.list(w.anna, "kind=manual").Items), "entries")
	})
}

// Two who star the same own event for the first time make one mark.
func TestStar_OfAnOwnEventAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		event := w.list(w.anna, "").Items[0]
		h, err := w.line.mayWrite(t.Context(), w.anna, w.inc.ID)
		require.NoError(t, err)
		var done sync.WaitGroup
		star := true
		for range 6 {
			done.Add(1)
			go func() {
				defer done.Done()
				if e, err := w.line.edit(t.Context(), w.anna, h, event.ID, change{starred: &star}); err != nil || !e.Starred {
					t.Errorf("%v %v", e, err)
				}
			}()
		}
		done.Wait()
		assert.Equal(t, 1, len(w.entry(w.anna, event.ID).Versions), "versions")
	})
}

// What other capabilities read of long entries is their beginning. The entries themselves stay whole.
func TestRecords_HaveTheBeginningsOfTexts(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		long := strings.Repeat("障", MaxText)
		note := w.add(w.anna, `{"text":"`+long+`"}`)
		w.do(w.anna, "PATCH", "/"+note.ID, `{"text":"`+long[:len(long)-3]+`害"}`, 200)
		w.add(w.anna, `{"text":"short"}`)
		var texts []string
		for r, err := range w.line.records(t.Context(), w.inc.ID) {
			require.NoError(t, err)
			texts = append(texts, r.Text)
		}
		assert.ElementsMatch(t, []string{strings.Repeat("障", capability.MaxRecordText), "short"}, texts)
		assert.Equal(t, long[:len(long)-3]+"害", w.entry(w.anna, note.ID).Text)
		assert.Equal(t, long, w.entry(w.anna, note.ID).Original.Text)
	})
}

// An entry may have a thousand versions of a long message: the first and the newest ones that fit are read.
func TestVersions_AsManyAsFit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		id, content := model.NewId(), map[int]string{1: "first", 3: "third 7890", 4: "fourth 890", 5: "fifth 7890", 6: "sixth 7890"} // 2 and 7 are stars
		for n := 1; n <= 7; n++ {
			var text interface{}
			if content[n] != "" {
				text = content[n]
			}
			w.sql("INSERT INTO IR_TimelineVersion (EntryID, Version, IncidentID, Action, ActorID, CreateAt, HappenedAt, Content) VALUES (?, ?, ?, 'edited', '', ?, 1, ?)", id, n, w.inc.ID, n, text)
		}
		for budget, want := range map[int]string{
			1 << 20: "1 first|2 first|3 third 7890|4 fourth 890|5 fifth 7890|6 sixth 7890|7 sixth 7890 omitted 0",
			25:      "1 first|6 sixth 7890|7 sixth 7890 omitted 4",
			1:       "1 first|7 sixth 7890 omitted 5",
		} {
			versions, omitted, err := w.line.store.Versions(t.Context(), id, budget)
			require.NoError(t, err)
			var got []string
			for _, v := range versions {
				got = append(got, fmt.Sprint(v.Version, " ", v.Text))
			}
			if text := fmt.Sprint(strings.Join(got, "|"), " omitted ", omitted); text != want {
				t.Errorf("%d bytes: %s, want %s", budget, text, want)
			}
		}
		if versions, omitted, err := w.line.store.Versions(t.Context(), model.NewId(), 5); err != nil || len(versions) != 0 || omitted != 0 {
			t.Errorf("an entry without versions: %v %d %v", versions, omitted, err)
		}
	})
}
