package support

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Problem is what an administrator should do something about.
type Problem struct {
	// ID names the kind of problem.
	ID string `json:"id"`
	// Text says what is wrong and what to do.
	Text string `json:"text"`
	// Since is when it was first noticed, if it has a beginning.
	Since *time.Time `json:"since,omitempty"`
	// quiet problems were logged where they were found.
	quiet bool
}

const slowSearchText = "Searching incidents by name reads all names of a team, because the extension pg_trgm of PostgreSQL or its index is missing. " +
	"Nothing fails, but with many thousands of incidents it is slow. To mend it, let a superuser of the database run: CREATE EXTENSION IF NOT EXISTS pg_trgm; " +
	"and then the user of SqlSettings.DataSource: CREATE INDEX IF NOT EXISTS ir_incident_namefolded ON ir_incident USING gin (namefolded gin_trgm_ops);"

// Problems are the present ones, the same order each time.
func (r *Recorder) Problems() []Problem {
	now := r.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	problems := []Problem{}
	for class, t := range r.database {
		text := failure.Advice(class)
		if text == "" || now.Sub(t.last) > recent || !failure.Persistent(class) && t.count < oftenFailed {
			continue
		}
		since := t.first
		if t.code != "" {
			text += fmt.Sprintf(" (The database's code: %s.)", t.code)
		}
		problems = append(problems, Problem{ID: "database." + class, Text: text, Since: &since})
	}
	for name, j := range r.jobs {
		if j.Failed > 0 {
			text := fmt.Sprintf("%d background jobs of kind %s have failed for good and are not tried again. They stay in the table IR_Job, with their errors, "+
				"for 30 days, or until you delete the rows where State = 'failed'.", j.Failed, name)
			if j.StoredError != "" {
				text += fmt.Sprintf(" The latest error: %s. %s", strings.TrimSpace(j.StoredError+" "+j.StoredCode), failure.Advice(j.StoredError))
			}
			problems = append(problems, Problem{ID: "job." + name + ".failed", Text: strings.TrimSpace(text)})
		}
		if j.InARow < oftenFailed {
			continue
		}
		text := fmt.Sprintf("The background job %s has failed %d times in a row. It is tried again and again.", name, j.InARow)
		if advice := failure.Advice(j.LastError); advice != "" {
			text += " " + advice
		}
		problems = append(problems, Problem{ID: "job." + name, Text: text})
	}
	if r.slow {
		problems = append(problems, Problem{ID: "database.pg_trgm", Text: slowSearchText})
	}
	for n, text := range r.settings {
		problems = append(problems, Problem{ID: "settings." + itoa(int64(n+1)), Text: text, quiet: true})
	}
	sort.Slice(problems, func(i, k int) bool { return problems[i].ID < problems[k].ID })
	return problems
}

// Untold are the problems that are to be logged now: each once, and again after an hour if it is still there.
func (r *Recorder) Untold() []Problem {
	var untold []Problem
	problems := r.Problems()
	now := r.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	present := map[string]bool{}
	for _, p := range problems {
		present[p.ID] = true
		if at, logged := r.logged[p.ID]; p.quiet || logged && (now.Sub(at) < repeat || p.ID == "database.pg_trgm") {
			continue
		}
		r.logged[p.ID] = now
		untold = append(untold, p)
	}
	for id := range r.logged {
		if !present[id] {
			delete(r.logged, id)
		}
	}
	return untold
}
