package engine

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// thing is what is added to an incident beside its changes.
type thing string

const (
	timelineEntry thing = "timeline entry"
	followUp      thing = "follow-up"
)

// addition is an entry of a timeline, or a follow-up, that a client asked for. Its text is its own.
type addition struct {
	thing      thing
	incidentID string
	text       string
	outcome    outcome
}

// add adds an entry to the timeline of the lane's incident, or a follow-up, and repeats the request with the same key while the answer
// is unknown.
func (c *client) add(ctx context.Context) {
	a := &addition{thing: timelineEntry, incidentID: c.lane.record.base.ID, text: fmt.Sprintf("addition %d", c.next())}
	path, body := "/timeline", map[string]any{"text": a.text}
	if c.rng.IntN(2) == 0 {
		a.thing, path, body = followUp, "/followups", map[string]any{"title": a.text}
	}
	c.mu.Lock()
	c.additions = append(c.additions, a)
	c.mu.Unlock()
	key := model.NewId()
	c.insist(ctx, string(a.thing), &a.outcome, nil, func() *answer {
		return c.call(c.node(), c.me, "POST", "/incidents/"+a.incidentID+path, body, "Idempotency-Key: "+key)
	})
}

// insist sends a request that changes nothing when it is repeated, again and again while its outcome is unknown, and sometimes also
// afterwards. result is what is known of it. acknowledge reads the answer of an acknowledged one; if it fails, the outcome is
// unknown.
func (c *client) insist(ctx context.Context, what string, result *outcome, acknowledge func(a *answer) error, send func() *answer) {
	gaveUp := 1 + c.rng.IntN(10) // some never learn what became of their request
	for attempt := 0; attempt < gaveUp; attempt++ {
		mark := c.calm()
		a := send()
		got := a.outcome()
		if got == acknowledged && acknowledge != nil && acknowledge(a) != nil {
			got = unknown // a plugin that died between the status and the rest of its answer
		}
		c.report.count("answers: "+string(got), 1)
		c.report.count("changes: "+what, 1)
		if *result != acknowledged && (got != refused || *result == "") {
			*result = got
		}
		if got == acknowledged {
			if attempt > 0 {
				c.report.count("changes: repeated "+what+" acknowledged", 1)
			}
			// Who has got the answer may send the request again all the same.
			if c.rng.IntN(4) > 0 {
				return
			}
		} else {
			if c.stillCalm(mark) && a.status != http.StatusConflict {
				c.report.find(Crashed, "a request failed although nothing was wrong: %s: %s", what, a)
			}
			if *result == acknowledged || a.status == http.StatusConflict && *result == refused {
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		time.Sleep(time.Duration(20+c.rng.IntN(200)) * time.Millisecond)
	}
}

// storedAdditions are the texts of what was added, by thing and incident, with their numbers.
type storedAdditions map[thing]map[string]map[string]int

// readAdditions reads what was added from the tables.
func (w *cluster) readAdditions(ctx context.Context) (storedAdditions, error) {
	stored := storedAdditions{}
	for thing, query := range map[thing]string{
		timelineEntry: "SELECT e.IncidentID, e.Content FROM IR_TimelineEntry e JOIN IR_TimelineVersion v ON v.EntryID = e.ID AND v.Action = 'added' WHERE e.Kind = 'manual'",
		followUp:      "SELECT f.IncidentID, f.Title FROM IR_FollowUp f JOIN IR_FollowUpHistory h ON h.FollowUpID = f.ID AND h.Revision = 1",
	} {
		stored[thing] = map[string]map[string]int{}
		err := w.query(ctx, func(rows *sql.Rows) error {
			var id, text string
			err := rows.Scan(&id, &text)
			if stored[thing][id] == nil {
				stored[thing][id] = map[string]int{}
			}
			stored[thing][id][text]++
			return err
		}, query)
		if err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// checkAdditions wants each acknowledged addition to be there once, each unknown one at most once, each refused one not, and nothing else.
func (w *cluster) checkAdditions(stored storedAdditions) {
	for _, a := range w.additions {
		n := stored[a.thing][a.incidentID][a.text]
		switch {
		case n > 1:
			w.report.find(Doubled, "the %s %q of incident %s is there %d times", a.thing, a.text, a.incidentID, n)
		case n == 0 && a.outcome == acknowledged:
			w.report.find(Lost, "the %s %q of incident %s was acknowledged, but is not there", a.thing, a.text, a.incidentID)
		case n == 1 && a.outcome == refused:
			w.report.find(Doubled, "the %s %q of incident %s was refused, but is there", a.thing, a.text, a.incidentID)
		case n == 1:
			w.report.count("added: "+plural(a.thing)+" found once", 1)
		}
		delete(stored[a.thing][a.incidentID], a.text)
	}
	for thing, incidents := range stored {
		for id, texts := range incidents {
			for text := range texts {
				w.report.find(Doubled, "nobody asked for the %s %q of incident %s", thing, text, id)
			}
		}
	}
}

func plural(t thing) string {
	if t == followUp {
		return "follow-ups"
	}
	return "timeline entries"
}

// checkNumbers wants numbers without gaps for the follow-ups of an incident, the right count of the entries of a timeline, and each
// status update once on the timeline of its incident.
func (w *cluster) checkNumbers(ctx context.Context) error {
	for what, query := range map[string]string{
		"follow-ups whose numbers have gaps": "SELECT f.IncidentID FROM IR_FollowUp f JOIN IR_FollowUpCount n ON n.IncidentID = f.IncidentID" +
			" GROUP BY f.IncidentID, n.LastNumber HAVING COUNT(*) <> MAX(f.Number) OR MIN(f.Number) <> 1 OR n.LastNumber <> MAX(f.Number)",
		"a wrong count of entries": "SELECT t.IncidentID FROM IR_Timeline t LEFT JOIN IR_TimelineEntry e ON e.IncidentID = t.IncidentID AND e.Kind = 'manual'" +
			" GROUP BY t.IncidentID, t.Entries HAVING COUNT(e.ID) <> t.Entries",
		"a status update that is not once on its timeline": "SELECT s.IncidentID FROM IR_StatusPosts s LEFT JOIN IR_TimelineEntry e ON e.IncidentID = s.IncidentID AND e.PostID = s.PostID" +
			" AND e.Kind = 'update' GROUP BY s.IncidentID, s.PostID HAVING COUNT(e.ID) <> 1",
	} {
		err := w.query(ctx, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			w.report.find(Lost, "incident %s has %s", id, what)
			return err
		}, query)
		if err != nil {
			return err
		}
	}
	updates, err := w.numbers(ctx, "SELECT COUNT(*) FROM IR_StatusPosts")
	if err == nil {
		w.report.count("added: status updates on timelines", int(updates[0]))
	}
	return err
}
