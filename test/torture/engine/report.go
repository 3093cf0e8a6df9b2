package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Kind of a finding.
type Kind string

// The kinds of findings.
const (
	// Lost is an acknowledged change that is not there, or one that is half there.
	Lost Kind = "lost"
	// Doubled is what happened, or was posted, more than once.
	Doubled Kind = "doubled"
	// Leaked is what somebody saw who must not, and what was left behind: channels, posts, reminders, processes.
	Leaked Kind = "leaked"
	// Crashed is a panic, a data race, or a plugin that ended or did not serve again by itself.
	Crashed Kind = "crashed"
)

// Report says what a run has tried and found. It is safe for concurrent use.
type Report struct {
	Driver testenv.Driver
	Seed   uint64
	// Load is how long the clients worked.
	Load time.Duration

	mu       sync.Mutex
	counts   map[string]int
	findings map[Kind][]string
	log      func(string, ...any)
}

func newReport(o Options) *Report {
	return &Report{Driver: o.Driver, Seed: o.Seed, counts: map[string]int{}, findings: map[Kind][]string{}, log: o.Log}
}

// count adds n to what was tried under a name of the form "group: name".
func (r *Report) count(name string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[name] += n
}

func (r *Report) find(kind Kind, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.mu.Lock()
	r.findings[kind] = append(r.findings[kind], text)
	n := len(r.findings[kind])
	r.mu.Unlock()
	if n <= 20 { // one cause often has many findings
		r.log("%s: %s", strings.ToUpper(string(kind)), text)
	}
}

// Failed reports whether there are findings.
func (r *Report) Failed() bool { return len(r.Findings()) > 0 }

// Findings lists everything found.
func (r *Report) Findings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, kind := range []Kind{Lost, Doubled, Leaked, Crashed} {
		for _, text := range r.findings[kind] {
			out = append(out, string(kind)+": "+text)
		}
	}
	return out
}

// Counts lists what was tried, a line for each group.
func (r *Report) Counts() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	groups := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(r.counts)) {
		group, item, _ := strings.Cut(name, ": ")
		groups[group] = append(groups[group], fmt.Sprintf("%d %s", r.counts[name], item))
	}
	var b strings.Builder
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		fmt.Fprintf(&b, "  %-10s %s\n", group, strings.Join(groups[group], ", "))
	}
	return b.String()
}

// Summary is one line that ends in the numbers of findings.
func (r *Report) Summary() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := func(kind Kind) int { return len(r.findings[kind]) }
	return fmt.Sprintf("torture %s seed %d, %s: %d changes tried, %d acknowledged, %d refused, %d unknown, %d incidents, %d faults, %d events replayed, %d timeline entries, %d follow-ups and %d edits of retrospectives found once, %d publications, %d handoffs, %d changes of roles, %d of severity and %d stage limits in order: %d lost, %d doubled, %d leaked, %d crashed",
		r.Driver, r.Seed, r.Load.Round(time.Second), r.counts["answers: acknowledged"]+r.counts["answers: refused"]+r.counts["answers: unknown"],
		r.counts["answers: acknowledged"], r.counts["answers: refused"], r.counts["answers: unknown"],
		r.counts["checked: incidents"], r.faults(), r.counts["checked: events"],
		r.counts["added: timeline entries found once"], r.counts["added: follow-ups found once"],
		r.counts["retrospectives: edits found once"], r.counts["retrospectives: publications"],
		r.counts["people: handoffs"], r.counts["people: changes of roles"], r.counts["people: changes of severity"], r.counts["people: stage limits"], n(Lost), n(Doubled), n(Leaked), n(Crashed))
}

func (r *Report) faults() int {
	total := 0
	for name, n := range r.counts {
		if strings.HasPrefix(name, "faults: ") {
			total += n
		}
	}
	return total
}
