//go:build store

package retrospective_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const due = "retrospective_due"

// run makes attempts of the due jobs of a kind.
func (w *fixture) run(kind string) {
	w.t.Helper()
	require.NoError(w.t, w.runner.RunDue(w.t.Context(), kind))
}

// What nobody has worked on is the draft as it is now; the first edit stores it, and only then it is an event of the incident.
func testRetrospective_IsStoredWithTheFirstEdit(t *testing.T, w *fixture) {
	w.start(incident.Incident{Checklists: stages()}, "O")
	w.wait(time.Minute)
	w.end(anna)
	d := w.read(carla)
	require.Equal(t, "none", d.State)
	require.False(t, d.CanEdit)
	require.Len(t, d.Sections, 7)
	require.Contains(t, d.section("summary").Text, "@anna started the incident")
	require.Empty(t, d.section("causes").Text)
	before := w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ?", w.inc.ID)

	// What is so already stores nothing.
	var edited struct {
		State    string
		Revision int64
		Section  section
	}
	w.do(guest, "PATCH", "retrospective/sections/causes", `{"text":"","expected_revision":0}`, 200, &edited)
	require.Equal(t, "none", edited.State)
	require.Equal(t, before, w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ?", w.inc.ID))
	w.refused(guest, "PATCH", "retrospective/sections/weather", `{"text":"x"}`, 404, "retrospective.no_section")
	w.refused(guest, "PATCH", "retrospective/sections/causes", `{"text":"x","expected_revision":4}`, 409, "retrospective.outdated")
	require.Equal(t, "none", w.read(anna).State)

	w.do(guest, "PATCH", "retrospective/sections/causes", `{"text":"A full disk.","expected_revision":0}`, 200, &edited)
	require.Equal(t, int64(2), edited.Revision)
	require.Equal(t, int64(2), edited.Section.Revision)
	require.Equal(t, "edited", edited.Section.Origin)
	d = w.read(anna)
	require.True(t, d.CanEdit)
	require.Equal(t, "draft", d.State)
	require.Equal(t, "A full disk.", d.section("causes").Text)
	require.Equal(t, "generated", d.section("summary").Origin)
	require.NotEmpty(t, d.section("summary").Sentences)
	require.Equal(t, [][]string{{"retrospective_drafted", guest}},
		w.rows("SELECT Type, ActorID FROM IR_Event WHERE IncidentID = ? AND Type LIKE 'retro%'", w.inc.ID))
	require.Len(t, w.notices, 2)
	require.Contains(t, w.notices[1], `"section":"causes"`)
	require.NotContains(t, w.notices[1], "disk")
	require.Empty(t, w.warnings)
}

// Two people in different sections do not meet, and in the same one neither overwrites the other.
func testRetrospective_TwoPeopleAtOnce(t *testing.T, w *fixture) {
	w.start(incident.Incident{}, "O")
	var d document
	w.do(anna, "POST", "retrospective/draft", `{}`, 200, &d)
	require.Equal(t, int64(1), d.Revision)
	w.do(anna, "PATCH", "retrospective/sections/causes", `{"text":"Anna's.","expected_revision":1}`, 200, nil)
	w.do(boris, "PATCH", "retrospective/sections/impact", `{"text":"Boris's.","expected_revision":1}`, 200, nil)

	var conflict struct {
		Code    string
		Current document
	}
	w.do(boris, "PATCH", "retrospective/sections/causes", `{"text":"Boris's.","expected_revision":1}`, 409, &conflict)
	require.Equal(t, "retrospective.outdated", conflict.Code)
	require.Equal(t, "Anna's.", conflict.Current.section("causes").Text)
	require.Equal(t, int64(3), conflict.Current.Revision)
	w.do(boris, "PATCH", "retrospective/sections/causes", `{"text":"Both.","expected_revision":2}`, 200, nil, "If-Match", `"2"`)
	w.do(boris, "PATCH", "retrospective/sections/causes", `{"text":"Again."}`, 409, nil, "If-Match", `"2"`)

	// Of ten who save at once on the same revision one wins.
	var saved, refused int
	var wait sync.WaitGroup
	var mu sync.Mutex
	for n := range 10 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			answer := w.call(anna, "PATCH", "retrospective/sections/went_well", fmt.Sprintf(`{"text":"%d","expected_revision":1}`, n))
			mu.Lock()
			defer mu.Unlock()
			switch answer.Code {
			case 200:
				saved++
			case 409:
				refused++
			}
		}()
	}
	wait.Wait()
	assert.Equal(t, 1, saved)
	assert.Equal(t, 9, refused)
}

// Of many who begin at once, one does, and the first edits of the others are not lost unnoticed.
func testRetrospective_IsBegunOnce(t *testing.T, w *fixture) {
	w.start(incident.Incident{}, "O")
	keys := []string{"summary", "impact", "causes", "went_well"}
	codes := make([]int, len(keys))
	var wait sync.WaitGroup
	for n, key := range keys {
		wait.Add(1)
		go func() {
			defer wait.Done()
			codes[n] = w.call(anna, "PATCH", "retrospective/sections/"+key, `{"text":"mine","expected_revision":0}`).Code
		}()
	}
	wait.Wait()
	d := w.read(anna)
	for n, key := range keys {
		if codes[n] == 200 {
			assert.Equal(t, "mine", d.section(key).Text)
		} else {
			assert.Equal(t, 409, codes[n])
		}
	}
	assert.Contains(t, codes, 200)
	assert.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ? AND Type = 'retrospective_drafted'", w.inc.ID))
}

func testRetrospective_IsGeneratedAgainWhereNobodyHasWritten(t *testing.T, w *fixture) {
	w.start(incident.Incident{Checklists: stages()}, "O")
	w.do(anna, "PATCH", "retrospective/sections/summary", `{"text":"Ours."}`, 200, nil)
	w.wait(time.Hour)
	w.end(anna)
	var d document
	w.do(anna, "POST", "retrospective/draft", `{"expected_revision":1}`, 409, nil)
	w.do(anna, "POST", "retrospective/draft", `{"expected_revision":2}`, 200, &d)
	require.Equal(t, "Ours.", d.section("summary").Text)
	require.Contains(t, d.section("impact").Text, "1h")
	require.Equal(t, int64(3), d.Revision)
	w.do(anna, "POST", "retrospective/draft", ``, 200, &d)
	require.Equal(t, int64(3), d.Revision, "nothing differs")
	w.do(anna, "PATCH", "retrospective/sections/summary", `{"generated":true,"expected_revision":2}`, 200, nil)
	require.Contains(t, w.section(anna, "summary").Text, "It ended on")
	require.Equal(t, 1, w.count("SELECT COUNT(*) FROM IR_Event WHERE IncidentID = ? AND Type LIKE 'retro%'", w.inc.ID))
}

func testRetrospective_BodiesThatAreRefused(t *testing.T, w *fixture) {
	w.start(incident.Incident{}, "O")
	for _, body := range []string{`{}`, `{"text":"x","generated":true}`, `{"text":null}`, `{"generated":false}`, `{"text":"a\u0000"}`, `{"text":"` + strings.Repeat("ä", 32001) + `"}`,
		`{"text":"x","expected_revision":"1"}`, `{"text":5}`, `[]`, `{`, ``} {
		answer := w.call(anna, "PATCH", "retrospective/sections/summary", body)
		require.Equal(t, 400, answer.Code, "%.40s: %s", body, answer.Body)
	}
	require.Equal(t, 400, w.call(anna, "PATCH", "retrospective/sections/summary", `{"text":"x"}`, "If-Match", "x").Code)
	require.Equal(t, "none", w.read(anna).State)
	w.do(anna, "PATCH", "retrospective/sections/summary", `{"text":"`+strings.Repeat("🔒", 32000)+`"}`, 200, nil)
	require.Equal(t, strings.Repeat("🔒", 32000), w.section(anna, "summary").Text)
}

func testRetrospective_WhoMay(t *testing.T, w *fixture) {
	for _, x := range []struct {
		kind  string
		carla int
	}{{model.CHANNEL_OPEN, 200}, {model.CHANNEL_PRIVATE, 403}} {
		w.start(incident.Incident{}, x.kind)
		for user, want := range map[string]int{anna: 200, guest: 200, dora: 200, carla: x.carla} {
			require.Equal(t, want, w.call(user, "GET", "retrospective", "").Code)
			require.Equal(t, want, w.call(user, "GET", "retrospective/export", "").Code)
		}
		for _, route := range []string{"POST retrospective/draft", "POST retrospective/publish", "POST retrospective/reopen", "PATCH retrospective/sections/summary"} {
			method, path, _ := strings.Cut(route, " ")
			w.refused(carla, method, path, `not JSON`, 403, "incident.forbidden")
		}
		require.Equal(t, "none", w.read(dora).State)
	}
}

// Publishing is told in the channel once, also if the answer of the first attempt was lost, and in the broadcast channel.
func testPublish_IsToldOnce(t *testing.T, w *fixture) {
	wide := model.NewId()
	w.sql("INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name) VALUES (?, 1, 1, 0, ?, 'O', 'Wide', 'wide')", wide, team)
	w.sql("INSERT INTO ChannelMembers (ChannelId, UserId, SchemeUser) VALUES (?, ?, true)", wide, anna)
	book := w.book()
	w.do(anna, "PUT", "/playbooks/"+book+"/retrospective", `{"broadcast":true}`, 200, nil)
	w.start(incident.Incident{Name: "Checkout *down*", PlaybookID: book, BroadcastChannelID: wide}, "O")
	w.refused(anna, "POST", "retrospective/publish", `{"expected_revision":0}`, 409, "retrospective.not_ended")
	require.Equal(t, "none", w.read(anna).State)
	w.end(anna)
	w.do(anna, "PATCH", "retrospective/sections/summary", `{"text":"We ran out of **disk**. @all\n\nMore."}`, 200, nil)
	w.refused(anna, "POST", "retrospective/publish", `{"expected_revision":1}`, 409, "retrospective.outdated")
	w.refused(anna, "POST", "retrospective/reopen", ``, 409, "retrospective.not_published")

	w.mu.Lock()
	w.broken = true
	w.mu.Unlock()
	var d document
	w.do(anna, "POST", "retrospective/publish", `{"expected_revision":2}`, 200, &d)
	require.Equal(t, "published", d.State)
	require.Equal(t, anna, d.PublishedByID)
	w.mu.Lock()
	w.broken = false
	w.mu.Unlock()
	w.wait(time.Minute)
	for range 2 {
		w.node()
		w.run("retrospective_post")
		w.run("retrospective_broadcast")
		w.wait(time.Hour)
	}
	const part = "published the retrospective"
	said := w.told(w.inc.ChannelID, part)
	require.Len(t, said, 1)
	require.Contains(t, said[0], "@anna published the retrospective of this incident: [read it](http://example.com/ops/com.mattermost.plugin-incident-management/incidents/"+w.inc.ID+"#retrospective)")
	require.Contains(t, said[0], "\n> We ran out of **disk**. @\u200ball")
	require.Len(t, w.told(wide, part), 1)
	require.Contains(t, w.told(wide, part)[0], `Checkout \*down\*`)

	w.refused(boris, "POST", "retrospective/publish", ``, 409, "retrospective.already_published")
	w.refused(boris, "PATCH", "retrospective/sections/summary", `{"text":"x"}`, 409, "retrospective.published")
	w.refused(boris, "POST", "retrospective/draft", ``, 409, "retrospective.published")
	w.do(boris, "POST", "retrospective/reopen", fmt.Sprintf(`{"expected_revision":%d}`, d.Revision), 200, &d)
	require.Equal(t, "draft", d.State)

	// boris may not post in the broadcast channel: he is told, and the others are not.
	w.do(boris, "POST", "retrospective/publish", ``, 200, nil)
	require.Len(t, w.told(w.inc.ChannelID, part), 2)
	require.Len(t, w.told(wide, part), 1)
	require.Len(t, w.ephemeral, 1)
	require.Contains(t, w.ephemeral[0], boris)
	require.Equal(t, [][]string{{"retrospective_drafted"}, {"retrospective_published"}, {"retrospective_reopened"}, {"retrospective_published"}},
		w.rows("SELECT Type FROM IR_Event WHERE IncidentID = ? AND Type LIKE 'retro%' ORDER BY Revision", w.inc.ID))
	require.Contains(t, w.do(anna, "GET", "timeline?kind=other", "", 200, nil).Body.String(), "retrospective_reopened")
}

// One that nobody has worked on can be published as it is.
func testPublish_StoresTheDraft(t *testing.T, w *fixture) {
	w.start(incident.Incident{}, "O")
	w.end(anna)
	w.refused(anna, "POST", "retrospective/publish", `{"expected_revision":3}`, 409, "retrospective.outdated")
	var d document
	w.do(anna, "POST", "retrospective/publish", `{"expected_revision":0}`, 200, &d)
	require.Equal(t, "published", d.State)
	require.Equal(t, int64(2), d.Revision)
	require.Contains(t, d.section("summary").Text, "It ended on")
	require.Len(t, w.told(w.inc.ChannelID, "published the retrospective"), 1)
}

// The commander is reminded once, whichever node does it, and not of what is published, goes on, or nobody wants.
func testReminder_OfARetrospectiveThatIsDue(t *testing.T, w *fixture) {
	const part = "is due"
	start := func(book string) {
		w.mu.Lock()
		w.now = monday
		w.mu.Unlock()
		w.start(incident.Incident{PlaybookID: book}, "O")
		w.wait(time.Hour)
		w.end(anna)
	}
	told := func() int { return len(w.told("d"+anna[1:], part)) }
	start("")
	require.Equal(t, monday.AddDate(0, 0, 2).Add(time.Hour).UnixMilli(), w.read(anna).DueAt)
	w.wait(47 * time.Hour)
	w.run(due)
	require.Zero(t, told())
	w.wait(2 * time.Hour)
	w.mu.Lock()
	w.broken = true
	w.mu.Unlock()
	w.run(due)
	w.mu.Lock()
	w.broken = false
	w.mu.Unlock()
	for range 3 {
		w.wait(time.Hour)
		w.node()
		w.run(due)
	}
	require.Equal(t, 1, told())
	require.Contains(t, w.told("d"+anna[1:], part)[0], "nobody has worked on it yet")
	require.Zero(t, w.count("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", due))

	// Restarted, and ended again: the later end counts.
	start("")
	require.NoError(t, w.service.Restart(t.Context(), anna, w.inc.ID))
	require.Zero(t, w.read(anna).DueAt)
	require.Zero(t, w.count("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", due))
	w.wait(24 * time.Hour)
	w.end(anna)
	w.wait(26 * time.Hour)
	w.run(due)
	require.Equal(t, 1, told())
	w.wait(48 * time.Hour)
	w.do(anna, "POST", "retrospective/draft", ``, 200, nil)
	w.run(due)
	require.Equal(t, 2, told())
	require.Contains(t, w.told("d"+anna[1:], part)[1], "not published yet")

	// Published in time.
	start("")
	w.do(anna, "POST", "retrospective/publish", ``, 200, nil)
	require.Zero(t, w.count("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", due))
	w.wait(100 * time.Hour)
	w.run(due)
	require.Equal(t, 2, told())

	// The playbook says never, or later.
	book := w.book()
	w.do(anna, "PUT", "/playbooks/"+book+"/retrospective", `{"remind":false}`, 200, nil)
	start(book)
	require.Zero(t, w.read(anna).DueAt)
	require.Zero(t, w.count("SELECT COUNT(*) FROM IR_Job WHERE Kind = ?", due))
	w.do(anna, "PUT", "/playbooks/"+book+"/retrospective", `{"due_working_days":5}`, 200, nil)
	start(book)
	require.Equal(t, monday.AddDate(0, 0, 7).Add(time.Hour).UnixMilli(), w.read(anna).DueAt)

	// Working days are those of the commander's time zone: Friday at noon in UTC is Saturday there.
	w.sql("UPDATE Users SET Timezone = ? WHERE Id = ?", `{"useAutomaticTimezone":"false","automaticTimezone":"","manualTimezone":"Pacific/Kiritimati"}`, anna)
	start("")
	require.NoError(t, w.service.Restart(t.Context(), anna, w.inc.ID))
	friday := monday.Truncate(24*time.Hour).AddDate(0, 0, 4).Add(12 * time.Hour)
	w.mu.Lock()
	w.now = friday
	w.mu.Unlock()
	w.end(anna)
	require.Equal(t, friday.AddDate(0, 0, 3).UnixMilli(), w.read(anna).DueAt)
	w.sql("UPDATE Users SET Timezone = '{}' WHERE Id = ?", anna)
	start(book)

	// A commander who cannot read the incident any more is not written to; the channel is.
	w.sql("DELETE FROM TeamMembers WHERE UserId = ?", anna)
	w.sql("DELETE FROM ChannelMembers WHERE UserId = ?", anna)
	w.wait(8 * 24 * time.Hour)
	w.run(due)
	require.Equal(t, 2, told())
	require.Len(t, w.told(w.inc.ChannelID, part), 1)
	require.Regexp(t, "^@.+, the commander cannot be reminded any more\\.\n", w.told(w.inc.ChannelID, part)[0])
}

func testSettings_OfAPlaybook(t *testing.T, w *fixture) {
	type settings struct {
		Revision       int64
		Remind         bool
		DueWorkingDays int `json:"due_working_days"`
		Broadcast      bool
		Sections       []section
	}
	book := w.book()
	path := "/playbooks/" + book + "/retrospective"
	var s settings
	w.do(anna, "GET", path, "", 200, &s)
	require.Equal(t, settings{Remind: true, DueWorkingDays: 2, Sections: s.Sections}, s)
	require.Len(t, s.Sections, 7)
	w.refused(boris, "GET", path, "", 403, "playbook.forbidden")
	w.refused(boris, "PUT", path, "not JSON", 403, "playbook.forbidden")

	const body = `{"due_working_days":3,"sections":[{"heading":"Customers","questions":["Who was told?"]},{"heading":"Story","draft":"what_happened"}]`
	answer := w.do(anna, "PUT", path, body+`,"expected_revision":0}`, 200, &s)
	require.Equal(t, `"1"`, answer.Header().Get("ETag"))
	w.refused(anna, "PUT", path, body+`,"expected_revision":0}`, 409, "retrospective.settings_outdated")
	w.do(anna, "PUT", path, body+`}`, 409, nil, "If-Match", `"7"`)
	w.do(anna, "PUT", path, `{"sections":[{"heading":" "}]}`, 400, nil)
	w.do(anna, "GET", path, "", 200, &s)
	require.Equal(t, int64(1), s.Revision)
	require.Equal(t, 3, s.DueWorkingDays)

	w.start(incident.Incident{PlaybookID: book}, "O")
	d := w.read(anna)
	require.Equal(t, []string{"customers", "story"}, []string{d.Sections[0].Key, d.Sections[1].Key})
	require.Equal(t, []string{"Who was told?"}, d.Sections[0].Questions)
	require.Empty(t, d.Sections[0].Text)
	require.Contains(t, d.Sections[1].Text, "@anna started the incident.")
	w.do(anna, "POST", "retrospective/draft", ``, 200, nil)

	// What is stored keeps its sections.
	w.do(anna, "PUT", path, `{}`, 200, &s)
	require.Len(t, s.Sections, 7)
	require.Len(t, w.read(anna).Sections, 2)
}

func testExport_HasTheRetrospectiveOnceItIsStored(t *testing.T, w *fixture) {
	w.start(incident.Incident{Name: "Checkout"}, "O")
	w.end(anna)
	export := func(query string) string { return w.do(anna, "GET", "export?"+query, "", 200, nil).Body.String() }
	require.NotContains(t, export("format=json"), `"retrospective"`)
	require.NotContains(t, export("format=markdown"), "## Retrospective")
	own := w.do(anna, "GET", "retrospective/export", "", 200, nil).Body.String()
	require.Contains(t, own, "# Retrospective of Checkout\n\nA draft on which nobody has worked yet.\n\n## Summary\n\n@anna started the incident on 2024-11-04 10:00:00 UTC.\n")

	w.do(anna, "PATCH", "retrospective/sections/causes", `{"text":"# Not a heading\n`+"```"+`\n=1+1"}`, 200, nil)
	require.Contains(t, export("format=json"), `"retrospective": {`)
	markdown := export("format=markdown")
	require.Contains(t, markdown, "## Retrospective\n\n### Summary\n\n> @")
	require.Contains(t, markdown, `> \# Not a heading`)
	require.Contains(t, export("format=csv&section=retrospective"), "causes,Contributing causes,edited,")
	own = w.do(carla, "GET", "retrospective/export", "", 200, nil).Body.String()
	require.Contains(t, own, "# Not a heading\n```\n=1+1\n```\n\n## Follow-ups", "a block of code is closed")
}

func testCommand_SaysWhereItIs(t *testing.T, w *fixture) {
	w.start(incident.Incident{}, "O")
	for _, x := range []struct {
		do   func()
		says string
	}{
		{func() {}, "drafts itself while the incident goes on: [read it](http"},
		{func() { w.end(anna) }, "nobody has worked yet"},
		{func() { w.do(anna, "POST", "retrospective/draft", ``, 200, nil) }, "is a draft"},
		{func() { w.do(anna, "POST", "retrospective/publish", ``, 200, nil) }, "was published"},
	} {
		x.do()
		said, err := w.command(carla)
		require.NoError(t, err)
		require.Contains(t, said, x.says)
		require.Equal(t, x.says == "nobody has worked yet" || x.says == "is a draft", strings.Contains(said, "It is due on"), said)
	}
	_, err := w.command(anna, "now")
	require.Error(t, err)
	w.start(incident.Incident{}, "P")
	_, err = w.command(carla)
	require.True(t, errors.Is(err, incident.ErrForbidden), err)
}
