//go:build store

package retrospective_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// number reads a number of a query; none is 0.
func number(text string) int64 {
	n, _ := strconv.ParseFloat(text, 64) // MySQL has decimals for sums
	return int64(n)
}

func clock(text string) string {
	return time.UnixMilli(number(text)).UTC().Format("2006-01-02 15:04:05 UTC")
}

func lasted(text string) string { return incident.FormatDuration(number(text)) }

// json is a value of a JSON object in a column.
func (w *fixture) json(column, name string) string {
	if w.store.Postgres() {
		return "(CAST(" + column + " AS json)->>'" + name + "')"
	}
	return "JSON_UNQUOTE(JSON_EXTRACT(" + column + ", '$." + name + "'))"
}

// integer is a number of a JSON object in a column.
func (w *fixture) integer(column, name string) string {
	if w.store.Postgres() {
		return "CAST(" + w.json(column, name) + " AS BIGINT)"
	}
	return "CAST(" + w.json(column, name) + " AS SIGNED)"
}

// spans are the times in which the incident was open: f to t. Those of an incident without events are in its row; one that goes on is
// open for ever.
const spans = `life AS (SELECT e.CreateAt AS f, e.Type AS kind, LEAD(e.CreateAt) OVER (ORDER BY e.Revision) AS nxt FROM IR_Event e
		WHERE e.IncidentID = ? AND e.Type IN ('started', 'ended', 'restarted')),
	spans AS (SELECT f, COALESCE(nxt, 9000000000000) AS t FROM life WHERE kind <> 'ended'
		UNION ALL SELECT i.CreateAt, CASE WHEN i.EndAt = 0 THEN 9000000000000 ELSE i.EndAt END FROM IR_Incident i
		WHERE i.ID = ? AND NOT EXISTS (SELECT 1 FROM IR_Event x WHERE x.IncidentID = i.ID))`

// tasks are the tasks of the incident: title, state, and when that was changed.
func (w *fixture) tasks() string {
	if w.store.Postgres() {
		return `tasks AS (SELECT task->>'title' AS title, COALESCE(task->>'state', '') AS state, COALESCE(CAST(task->>'state_modified' AS BIGINT), 0) AS at, stage->>'title' AS stage
			FROM IR_Incident i, json_array_elements(CAST(CAST(i.ChecklistsJSON AS TEXT) AS json)) stage, json_array_elements(stage->'items') task WHERE i.ID = ?)`
	}
	return `tasks AS (SELECT j.title, COALESCE(j.state, '') AS state, COALESCE(j.at, 0) AS at, j.stage FROM IR_Incident i, JSON_TABLE(i.ChecklistsJSON, '$[*]' COLUMNS (
			stage VARCHAR(1024) PATH '$.title', NESTED PATH '$.items[*]' COLUMNS (title VARCHAR(2048) PATH '$.title', state VARCHAR(32) PATH '$.state', at BIGINT PATH '$.state_modified'))) j
		WHERE i.ID = ? AND j.title IS NOT NULL)`
}

// expected are the parts of sentences with numbers, as queries find them.
func (w *fixture) expected() (all []string) {
	id := w.inc.ID
	say := func(format string, values ...interface{}) { all = append(all, fmt.Sprintf(format, values...)) }
	inc := w.rows("SELECT CreateAt, EndAt, EndAt - CreateAt FROM IR_Incident WHERE ID = ?", id)[0]
	ended := number(inc[1]) > 0
	say("the incident on %s.", clock(inc[0]))
	say("The incident began on %s.", clock(inc[0]))
	if ended {
		say("It ended on %s, after %s.", clock(inc[1]), lasted(inc[2]))
		say("From the start to the end: %s.", lasted(inc[2]))
	}
	r := w.rows(`SELECT COUNT(*), SUM(at - prev) FROM (SELECT Type AS kind, CreateAt AS at, LAG(CreateAt) OVER (ORDER BY Revision) AS prev FROM IR_Event
		WHERE IncidentID = ? AND Type IN ('ended', 'restarted')) x WHERE kind = 'restarted'`, id)[0]
	say("Restarts: %s. In between it had ended for %s.", r[0], lasted(r[1]))

	// Commanders: from each change, and the start, to the next one, or the end.
	commanders := w.rows(`WITH changes AS (SELECT CreateAt AS f, `+w.json("AfterJSON", "commander_user_id")+` AS who, Revision AS n FROM IR_Event
		WHERE IncidentID = ? AND Type IN ('started', 'commander_changed'))
		SELECT c.f, COALESCE(LEAD(c.f) OVER (ORDER BY c.n), i.EndAt), u.Username FROM changes c JOIN Users u ON u.Id = c.who JOIN IR_Incident i ON i.ID = ? ORDER BY c.n`, id, id)
	for _, c := range commanders {
		say("@%s was the commander from %s to %s (%s).", c[2], clock(c[0]), clock(c[1]), incident.FormatDuration(number(c[1])-number(c[0])))
		say("@%s is the commander since %s.", c[2], clock(c[0]))
	}

	all = append(all, w.terms()...)

	people := w.rows(`WITH `+spans+`, took AS (SELECT ActorID AS who, CreateAt AS at FROM IR_Event WHERE IncidentID = ? AND ActorID <> ''
		UNION ALL SELECT `+w.json("AfterJSON", "commander_user_id")+`, CreateAt FROM IR_Event WHERE IncidentID = ? AND Type IN ('started', 'commander_changed')
		UNION ALL SELECT AuthorID, HappenedAt FROM IR_TimelineEntry WHERE IncidentID = ? AND Kind <> 'event' AND DeleteAt = 0
		UNION ALL SELECT CommanderUserID, CreateAt FROM IR_Incident i WHERE i.ID = ? AND NOT EXISTS (SELECT 1 FROM IR_Event x WHERE x.IncidentID = i.ID))
		SELECT COUNT(DISTINCT k.who) FROM took k JOIN spans s ON k.at BETWEEN s.f AND s.t`, id, id, id, id, id, id)[0]
	say("People who took part: %s (", people[0])

	first := w.rows(`SELECT MIN(at) - MIN(f) FROM (SELECT e.CreateAt AS at, i.CreateAt AS f FROM IR_Event e JOIN IR_Incident i ON i.ID = e.IncidentID WHERE i.ID = ? AND e.Type = 'status_updated'
		UNION ALL SELECT p.CreateAt, i.CreateAt FROM IR_StatusPosts sp JOIN IR_Incident i ON i.ID = sp.IncidentID JOIN Posts p ON p.Id = sp.PostID WHERE i.ID = ?) x`, id, id)[0]
	say("From the start to the first status update: %s.", lasted(first[0]))

	// Stages: from each change to the next one, or the end, within the times in which the incident was open.
	stays := w.rows(`WITH `+spans+`, moves AS (SELECT CreateAt AS at, Revision AS n, `+w.json("BeforeJSON", "active_stage_title")+` AS old, `+w.json("AfterJSON", "active_stage_title")+` AS title
			FROM IR_Event WHERE IncidentID = ? AND Type = 'stage_changed'),
		stays AS (SELECT m.title, m.at AS f, COALESCE(LEAD(m.at) OVER (ORDER BY m.n), i.EndAt) AS t FROM moves m JOIN IR_Incident i ON i.ID = ?
			UNION ALL SELECT m.old, i.CreateAt, m.at FROM moves m JOIN IR_Incident i ON i.ID = ? WHERE m.n = (SELECT MIN(n) FROM moves))
		SELECT y.title, SUM(GREATEST(LEAST(y.t, s.t) - GREATEST(y.f, s.f), 0)) FROM stays y CROSS JOIN spans s WHERE y.t > 0 GROUP BY y.title`,
		id, id, id, id, id)
	for _, s := range stays {
		say("In the stage “%s”: %s.", s[0], lasted(s[1]))
	}

	// Updates against what the one before has promised. An end takes the promise back.
	updates := w.rows(`SELECT kind, at, due, at - due FROM (SELECT Type AS kind, CreateAt AS at,
			LAG(COALESCE(`+w.integer("AfterJSON", "reminder_at")+`, `+w.integer("AfterJSON", "next_update_at")+`)) OVER (ORDER BY Revision) AS due
		FROM IR_Event WHERE IncidentID = ? AND (Type IN ('status_updated', 'ended') OR `+w.json("AfterJSON", "next_update_at")+` IS NOT NULL)) x WHERE due > 0`, id)
	inTime := 0
	for _, u := range updates {
		late := number(u[3]) > 60000
		switch {
		case u[0] == "ended" && late:
			say("The status update that was due on %s was not posted before the end.", clock(u[2]))
		case u[0] == "status_updated" && late:
			say("The status update of %s was %s late. It was due on %s.", clock(u[1]), lasted(u[3]), clock(u[2]))
		case u[0] == "status_updated":
			inTime++
		}
	}
	say("All status updates that were due came in time: %d.", inTime)

	// Silences: between one thing that a person did or said and the next one, the ends of the times in which it was open included.
	silences := w.rows(`WITH `+spans+`, points AS (SELECT CreateAt AS at FROM IR_Event WHERE IncidentID = ? AND ActorID <> ''
			UNION SELECT HappenedAt FROM IR_TimelineEntry WHERE IncidentID = ? AND Kind <> 'event' AND DeleteAt = 0
			UNION SELECT f FROM spans UNION SELECT t FROM spans WHERE t < 9000000000000),
		gaps AS (SELECT at AS f, LEAD(at) OVER (ORDER BY at) AS t FROM points)
		SELECT g.f, g.t, g.t - g.f FROM gaps g JOIN spans s ON g.f >= s.f AND g.t <= s.t WHERE g.t - g.f >= 900000 ORDER BY g.t - g.f DESC, g.f LIMIT 3`, id, id, id, id)
	for _, s := range silences {
		say("Nothing was recorded for %s, from %s to %s.", lasted(s[2]), clock(s[0]), clock(s[1]))
	}
	if len(silences) == 0 {
		say("Something was recorded at least every 15m.")
	}

	tasks := w.rows(`WITH `+w.tasks()+` SELECT SUM(CASE WHEN state = 'closed' THEN 1 ELSE 0 END), COUNT(*) FROM tasks`, id)[0]
	say("Tasks finished: %d of %d.", number(tasks[0]), number(tasks[1]))
	say("All tasks were finished before the end: %d.", number(tasks[1]))
	after := w.rows(`WITH `+spans+`, `+w.tasks()+` SELECT x.at, x.at - (SELECT MAX(s.t) FROM spans s WHERE s.t < x.at) FROM tasks x
		WHERE x.state = 'closed' AND NOT EXISTS (SELECT 1 FROM spans s WHERE x.at BETWEEN s.f AND s.t)`, id, id, id)
	for _, t := range after {
		say("was finished %s after the end, on %s.", lasted(t[1]), clock(t[0]))
	}
	for _, f := range w.rows("SELECT Number, DueAt FROM IR_FollowUp WHERE IncidentID = ?", id) {
		say("- #%s ", f[0])
		say(", due %s", clock(f[1]))
	}
	return all
}

// terms are the sentences about levels of severity, roles and handoffs.
func (w *fixture) terms() (all []string) {
	id := w.inc.ID
	// Each level and each holder is there from its event to the next one, those at the start from the start, and all until the last end at most.
	level := func(column, name string) string { return w.json(w.json(column, "severity"), name) }
	for _, r := range w.rows(`WITH moves AS (SELECT Revision AS n, CreateAt AS f, `+level("BeforeJSON", "key")+` AS oldkey, `+level("BeforeJSON", "name")+` AS oldname,
			`+level("AfterJSON", "key")+` AS newkey, `+level("AfterJSON", "name")+` AS newname FROM IR_Event WHERE IncidentID = ? AND Type = 'severity_changed'),
		stays AS (SELECT n, f, newkey AS k, newname AS name FROM moves UNION ALL
			SELECT 0, i.CreateAt, m.oldkey, m.oldname FROM moves m JOIN IR_Incident i ON i.ID = ? WHERE m.n = (SELECT MIN(n) FROM moves)),
		terms AS (SELECT s.*, i.EndAt AS ended, LEAST(COALESCE(LEAD(s.f) OVER (ORDER BY s.n), i.EndAt), i.EndAt) AS t FROM stays s JOIN IR_Incident i ON i.ID = ?)
		SELECT k, name, f, t, t - f FROM terms WHERE f < ended ORDER BY n`, id, id, id) {
		all = append(all, fmt.Sprintf("The severity was %s · %s from %s to %s (%s).", r[0], strings.ReplaceAll(r[1], "*", ""), clock(r[2]), clock(r[3]), lasted(r[4])))
	}
	for _, r := range w.rows(`WITH moves AS (SELECT Revision AS n, CreateAt AS f, `+w.json("AfterJSON", "role")+` AS k, `+w.json("AfterJSON", "name")+` AS name,
			`+w.json("BeforeJSON", "holder_id")+` AS oldholder, `+w.json("AfterJSON", "holder_id")+` AS newholder FROM IR_Event WHERE IncidentID = ? AND Type = 'role_changed'),
		stays AS (SELECT n, f, k, name, newholder AS holder FROM moves UNION ALL
			SELECT 0, i.CreateAt, m.k, m.name, m.oldholder FROM moves m JOIN IR_Incident i ON i.ID = ? WHERE m.n = (SELECT MIN(n) FROM moves x WHERE x.k = m.k)),
		terms AS (SELECT s.*, COALESCE(LEAD(s.f) OVER (PARTITION BY s.k ORDER BY s.n), i.EndAt) AS t FROM stays s JOIN IR_Incident i ON i.ID = ?)
		SELECT u.Username, t.name, t.f, t.t, t.t - t.f FROM terms t JOIN Users u ON u.Id = t.holder`, id, id, id) {
		all = append(all, fmt.Sprintf("@%s had the role “%s” from %s to %s (%s).", r[0], r[1], clock(r[2]), clock(r[3]), lasted(r[4])))
	}
	counts := w.rows(`SELECT COUNT(CASE WHEN Type = 'handoff_offered' THEN 1 END), COUNT(CASE WHEN Type = 'commander_changed' AND `+w.json("AfterJSON", "handoff_id")+` IS NOT NULL THEN 1 END),
		COUNT(CASE WHEN Type = 'handoff_declined' THEN 1 END), COUNT(CASE WHEN Type = 'handoff_withdrawn' THEN 1 END) FROM IR_Event WHERE IncidentID = ?`, id)[0]
	return append(all, fmt.Sprintf("Handoffs of command: %s (accepted: %s, declined: %s, withdrawn: %s).", counts[0], counts[1], counts[2], counts[3]))
}

var digit = regexp.MustCompile(`[0-9]`)

// recompute checks each number of a draft against queries that know nothing of how the draft is made: every sentence with a number
// must be one that the queries have found.
func (w *fixture) recompute(d *document) {
	w.t.Helper()
	expected := w.expected()
	for _, s := range d.Sections {
		for n, line := range strings.Split(s.Text, "\n") {
			if s.Key == "what_happened" && line != "" {
				w.checkTime(&s, n, line)
				continue
			}
			if !digit.MatchString(line) {
				continue
			}
			rest := line
			for _, part := range expected {
				if digit.MatchString(part) {
					rest = strings.Replace(rest, part, "", 1)
				}
			}
			require.False(w.t, digit.MatchString(rest), "a number of %q is not what the queries find: %q is left of it.\n%s", line, rest, strings.Join(expected, "\n"))
		}
	}
}

// checkTime checks that a line of the story has the time of the event or entry to which it links.
func (w *fixture) checkTime(s *section, n int, line string) {
	w.t.Helper()
	at := slices.IndexFunc(s.Sentences, func(x struct {
		Line int
		Refs []struct{ Kind, ID string }
	}) bool {
		return x.Line == n
	})
	require.GreaterOrEqual(w.t, at, 0, line)
	ref := s.Sentences[at].Refs[0]
	query := "SELECT CreateAt FROM IR_Event WHERE ID = ?"
	if ref.Kind == "entry" {
		query = "SELECT HappenedAt FROM IR_TimelineEntry WHERE ID = ?"
	}
	require.True(w.t, strings.HasPrefix(line, "- "+clock(w.rows(query, ref.ID)[0][0])), line)
}
