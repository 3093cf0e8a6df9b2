//go:build store

package retrospective_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var rewrite = flag.Bool("update-golden", false, "write the golden files of drafts again")

// stages are those of the seeded incidents: six tasks.
func stages() []incident.Stage {
	return []incident.Stage{
		{Title: "Detect", Tasks: []incident.Task{{Title: "Look at the graphs"}, {Title: "Call the provider"}}},
		{Title: "Mitigate", Tasks: []incident.Task{{Title: "Roll back"}, {Title: "Drain *all* queues"}}},
		{Title: "Learn", Tasks: []incident.Task{{Title: "Write to customers"}, {Title: "Tidy up"}}},
	}
}

func (w *fixture) stage(userID string, n int) {
	w.t.Helper()
	_, err := w.service.SetStage(w.t.Context(), userID, w.inc.ID, n)
	require.NoError(w.t, err)
}

// note adds an entry to the timeline, at the present time of the test.
func (w *fixture) note(userID, content string, starred bool) {
	w.t.Helper()
	w.do(userID, "POST", "timeline", fmt.Sprintf(`{"text":%q,"happened_at":%d,"starred":%v}`, content, w.time().UnixMilli(), starred), 201, nil)
}

// star stars the newest own event of a type.
func (w *fixture) star(userID, kind string) {
	w.t.Helper()
	id := w.rows("SELECT ID FROM IR_Event WHERE IncidentID = ? AND Type = ? ORDER BY Revision DESC LIMIT 1", w.inc.ID, kind)[0][0]
	w.do(userID, "PATCH", "timeline/"+id, `{"starred":true}`, 200, nil)
}

// seeds are incidents of different kinds.
var seeds = []struct {
	name string
	play func(w *fixture)
}{
	// Half an hour in which all goes well.
	{"smooth", func(w *fixture) {
		w.start(incident.Incident{Name: "Checkout is slow", Description: "Customers wait for minutes.\nAll regions.", Checklists: stages()}, "O")
		w.at(3)
		w.finish(anna, 0, 0)
		w.at(5)
		w.update(anna, "We are **looking** at it. @all", 15)
		w.at(8.5)
		w.note(boris, "The payment provider confirmed the outage by phone.", true)
		w.at(12)
		w.finish(boris, 0, 1)
		w.stage(boris, 1)
		w.at(18)
		w.update(boris, "Rolled back.\n\nWe watch it.", 0)
		w.finish(boris, 1, 0)
		w.at(21)
		w.finish(boris, 1, 1)
		w.stage(anna, 2)
		w.star(anna, "stage_changed")
		w.at(25)
		w.finish(anna, 2, 0)
		w.finish(anna, 2, 1)
		w.at(30.25)
		w.end(anna)
	}},
	// A day with silences, late updates, other commanders, and work that is left.
	{"rough", func(w *fixture) {
		w.start(incident.Incident{Name: "Disk *full*", Checklists: stages()}, "O")
		w.at(2)
		w.update(anna, "", 30) // of files only
		w.at(45)
		w.update(anna, "Still looking.", 60)
		w.at(50)
		require.NoError(w.t, w.service.SetCommander(w.t.Context(), anna, w.inc.ID, boris))
		w.at(200)
		w.finish(boris, 0, 1)
		w.at(210)
		w.note(boris, "Deleted the logs. [See](http://example.com) `rm`", true)
		w.at(211)
		w.note(anna, "Nobody knew the password.", false)
		w.at(720)
		w.stage(boris, 1)
		w.at(721)
		w.update(boris, "Better.", 30)
		w.at(733)
		require.NoError(w.t, w.service.Assign(w.t.Context(), boris, w.inc.ID, incident.At(1), incident.At(0), guest))
		w.at(800)
		require.NoError(w.t, w.service.SetCommander(w.t.Context(), boris, w.inc.ID, anna))
		w.at(1000)
		w.end(anna)
		w.at(1090)
		w.finish(guest, 1, 0)
		w.do(anna, "POST", "followups", fmt.Sprintf(`{"title":"Watch the disk","owner_id":%q,"due_at":1731499200000}`, boris), 201, nil)
		w.do(anna, "POST", "followups", `{"title":"Share the *password*"}`, 201, nil)
		var made struct{ ID string }
		w.do(anna, "POST", "followups", `{"title":"Buy disks"}`, 201, &made)
		w.do(anna, "PATCH", "/followups/"+made.ID, `{"state":"dropped","reason":"Enough."}`, 200, nil)
	}},
	// Ended too early, twice.
	{"restarted", func(w *fixture) {
		w.start(incident.Incident{Name: "Login fails", Checklists: stages()}, "P")
		w.at(10)
		w.stage(anna, 1)
		w.at(20)
		w.end(anna)
		w.at(50)
		w.finish(boris, 0, 0)
		w.at(80)
		require.NoError(w.t, w.service.Restart(w.t.Context(), boris, w.inc.ID))
		w.at(85)
		w.stage(boris, 0)
		w.at(95)
		w.update(boris, "It was not over.", 30)
		w.at(100)
		w.stage(boris, 1)
		w.at(110)
		w.end(boris)
		w.at(170)
		require.NoError(w.t, w.service.Restart(w.t.Context(), anna, w.inc.ID))
		w.at(175)
		w.stage(anna, 2)
		w.at(215)
		w.end(anna)
	}},
	// It goes on.
	{"ongoing", func(w *fixture) {
		w.start(incident.Incident{Name: "Mail is late", Checklists: stages()}, "O")
		w.at(4)
		w.finish(boris, 0, 0)
		w.at(40)
		w.stage(anna, 1)
		w.at(41)
		require.NoError(w.t, w.service.SetCommander(w.t.Context(), anna, w.inc.ID, guest))
		w.at(60)
		w.update(guest, "We know more tomorrow.", 0)
	}},
	// It gets worse and better, roles and command go from one to the other, and both updates are late, one of them by the level.
	{"severity and roles", func(w *fixture) {
		var own incident.Own
		level := func(key, name string, seconds int64) map[string]interface{} {
			return map[string]interface{}{"key": key, "name": name, "color": "grey", "update_seconds": seconds}
		}
		own.Store("severity", map[string]interface{}{"key": "SEV3", "levels": []interface{}{level("SEV1", "Critical", 1800), level("SEV2", "High", 3600), level("SEV3", "Low *today*", 0)}})
		role := func(key, name, holder string, since int64) map[string]interface{} {
			return map[string]interface{}{"key": key, "name": name, "holder_id": holder, "since": since}
		}
		own.Store("roles", map[string]interface{}{"roles": []interface{}{role("communications", "Communications", boris, w.time().UnixMilli()), role("scribe", "Scribe", "", 0),
			role("unused", "Legal _advice_", "", 0), role("operations", "Operations", guest, w.time().UnixMilli())}})
		w.start(incident.Incident{Name: "Carts are empty", Checklists: stages(), Own: own}, "O")
		var offered struct {
			Roles struct{ Handoff struct{ ID string } }
		}
		offer := func(by, to string) string {
			w.do(by, "POST", "handoff", fmt.Sprintf(`{"user_id":%q}`, to), 201, &offered)
			return "handoff/" + offered.Roles.Handoff.ID
		}
		w.at(5)
		w.do(anna, "PUT", "severity", `{"severity":"SEV1","reason":"All carts, *everywhere*"}`, 200, nil) // so an update is due at 35
		w.at(8)
		w.do(boris, "PUT", "roles/scribe", fmt.Sprintf(`{"user_id":%q}`, guest), 200, nil)
		w.at(10)
		w.do(boris, "PUT", "roles/communications", fmt.Sprintf(`{"user_id":%q}`, anna), 200, nil)
		w.at(37)
		w.update(anna, "We know more.", 30)
		w.do(boris, "POST", offer(anna, boris)+"/decline", `{}`, 200, nil)
		w.at(38)
		path := offer(anna, boris)
		w.at(39)
		w.do(boris, "POST", path+"/accept", `{}`, 200, nil)
		w.at(40)
		w.do(boris, "PUT", "severity", `{"severity":"SEV2"}`, 200, nil)
		w.at(45)
		w.do(anna, "PUT", "roles/communications", `{"user_id":""}`, 200, nil)
		w.do(boris, "POST", offer(boris, guest)+"/withdraw", `{}`, 200, nil)
		w.at(50)
		w.do(boris, "PUT", "roles/communications", fmt.Sprintf(`{"user_id":%q}`, boris), 200, nil)
		w.at(84)
		w.update(boris, "It is better.", 0)
		w.at(90)
		w.end(boris)
		w.at(100)
		w.do(boris, "PUT", "severity", `{"severity":"SEV3"}`, 200, nil)
	}},
	// One of version 1.2.0: it has no events, its tasks have no ids, and its people are gone.
	{"of version 1.2.0", func(w *fixture) {
		w.start(incident.Incident{Name: "Old", CommanderUserID: gone, Checklists: []incident.Stage{{Title: "Only", Tasks: []incident.Task{{Title: "done"}, {Title: "open"}}}}}, "O")
		at := w.inc.CreateAt
		checklists := fmt.Sprintf(`[{"title":"Only","items":[{"title":"done","state":"closed","state_modified":%d},{"title":"open","state":""}]}]`, at+25*60000)
		w.sql("UPDATE IR_Incident SET ChecklistsJSON = ?, EndAt = ?, IsActive = ? WHERE ID = ?", checklists, at+90*60000, false, w.inc.ID)
		w.sql("DELETE FROM IR_Event WHERE IncidentID = ?", w.inc.ID)
		for n, minutes := range []int64{20, 50} {
			id := model.NewId()
			w.sql("INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, Type, Message, Props) VALUES (?, ?, ?, 0, 0, ?, ?, '', '', ?, '{}')",
				id, at+minutes*60000, at+minutes*60000, []string{anna, gone}[n], w.inc.ChannelID, fmt.Sprint("Update ", n))
			w.sql("INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", w.inc.ID, id)
		}
	}},
}

// named gives ids the names that a golden file has, since ids are different in each run.
func (w *fixture) named() func(kind, id string) string {
	names := map[string]string{w.inc.ID: "itself"}
	for _, r := range w.rows("SELECT ID, Revision, Type FROM IR_Event WHERE IncidentID = ?", w.inc.ID) {
		names[r[0]] = r[1] + " " + r[2]
	}
	for _, r := range w.rows("SELECT ID, Kind, Content FROM IR_TimelineEntry WHERE IncidentID = ? AND Kind <> 'event'", w.inc.ID) {
		names[r[0]] = r[1] + " " + strings.Split(r[2], "\n")[0]
	}
	for _, r := range w.rows("SELECT ID, Number FROM IR_FollowUp WHERE IncidentID = ?", w.inc.ID) {
		names[r[0]] = "#" + r[1]
	}
	for _, r := range w.rows("SELECT p.Id, p.Message FROM IR_StatusPosts sp JOIN Posts p ON p.Id = sp.PostID WHERE sp.IncidentID = ?", w.inc.ID) {
		names[r[0]] = r[1]
	}
	inc, err := w.store.Incidents().Get(w.t.Context(), w.inc.ID)
	require.NoError(w.t, err)
	for _, s := range inc.Checklists {
		for _, t := range s.Tasks {
			names[t.ID] = t.Title
		}
	}
	return func(kind, id string) string {
		name, known := names[id]
		require.True(w.t, known, "%s %s", kind, id)
		return strings.TrimSpace(kind + " " + name)
	}
}

// golden is a draft with its links, each behind its line.
func (w *fixture) golden(d *document) string {
	var b strings.Builder
	name := w.named()
	for _, s := range d.Sections {
		fmt.Fprintf(&b, "## %s\n", s.Heading)
		refs := map[int]string{}
		for _, sentence := range s.Sentences {
			for _, r := range sentence.Refs {
				refs[sentence.Line] += "\n    -> " + name(r.Kind, r.ID)
			}
		}
		if s.Text != "" {
			for n, line := range strings.Split(s.Text, "\n") {
				require.NotEmpty(w.t, refs[n], "the sentence %q links to nothing", line)
				b.WriteString(line + refs[n] + "\n")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The same incident always gives the same draft, on both databases, and each sentence of it links to what it tells of. Each number in
// it is what an independent query finds.
func testDraft_Golden(t *testing.T, w *fixture) {
	for _, seed := range seeds {
		t.Run(seed.name, func(t *testing.T) {
			w.t = t
			w.mu.Lock()
			w.now = monday
			w.mu.Unlock()
			seed.play(w)
			w.wait(time.Hour)
			first := w.do(anna, "GET", "retrospective", "", 200, nil).Body.String()
			d := w.read(anna)
			require.Equal(t, "none", d.State)
			got := w.golden(&d)
			w.recompute(&d)

			w.wait(1000 * time.Hour) // what is said does not depend on when it is asked for
			w.node()
			require.Equal(t, first, w.do(anna, "GET", "retrospective", "", 200, nil).Body.String())

			file := filepath.Join("testdata", strings.NewReplacer(" ", "_", ".", "_").Replace(seed.name)+".golden")
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
	require.Empty(t, w.warnings)
}
