package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// raced is the outcome of many clients in one incident.
type raced struct {
	checks, posts float64 // ms
	lost          int
}

// report is everything that was measured.
type report struct {
	*bench
	options
	activation, floorActivation  float64 // s
	before, after, floorResident float64 // MB
	combinations                 []combination
	races                        []raced
	seen                         []seen
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func number(v float64) string {
	switch {
	case v == 0: // not measured
		return ""
	case v >= 1000:
		return thousands(int(math.Round(v)))
	case v >= 100:
		return strconv.Itoa(int(math.Round(v)))
	default:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
}

func ratio(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// markdown is the table.
func (r *report) markdown() string {
	var b strings.Builder
	command := "make bench"
	var flags []string
	if r.quick {
		flags = append(flags, "-quick")
	}
	if r.driver != testenv.Postgres {
		flags = append(flags, "-driver "+string(r.driver))
	}
	if len(flags) > 0 {
		command += ` BENCH="` + strings.Join(flags, " ") + `"`
	}
	fmt.Fprintf(&b, "Measured on %s with `%s`: %s, %s, %d cores, %s of memory, Mattermost 5.39.3.\n\n",
		time.Now().UTC().Format("2006-01-02"), command, map[testenv.Driver]string{testenv.Postgres: "PostgreSQL", testenv.MySQL: "MariaDB"}[r.driver],
		runtime.Version(), runtime.NumCPU(), memorySize())
	b.WriteString("| operation | incidents | p50 ms | p95 ms | req/s, 1 client | req/s, " + strconv.Itoa(clients) +
		" clients | ratio | API calls | SQL statements | allocations | target | |\n")
	b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---|\n")
	for _, op := range operations() {
		for n, res := range r.results[op.name] {
			shown, target, met := r.judge(op, n)
			inside := []string{"", "", ""}
			if c := res.counts; c.Allocations > 0 && (c.Calls >= 0.5 || c.Statements >= 0.5) {
				inside = []string{fmt.Sprint(math.Round(c.Calls)), fmt.Sprint(math.Round(c.Statements)), thousands(int(c.Allocations))}
			}
			row(&b, op.name, thousands(res.size), ratio(res.p50()), ratio(res.p95()), number(res.alone), number(res.together),
				shown, inside[0], inside[1], inside[2], target, met)
		}
	}
	if r.only == nil {
		r.others(&b)
		r.browserTable(&b)
	}
	return b.String()
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// judge compares a result with its limits.
func (r *report) judge(op operation, n int) (shown, target, met string) {
	res := r.results[op.name][n]
	floor := r.results[theFloor][n]
	var wants []string
	ok := true
	if op.limit != (limit{}) {
		base, name := floor, "floor"
		if op.against != "" {
			base, name = r.results[op.against][n], op.against
		}
		allowed := op.limit.factor*base.p50() + op.limit.posts*r.results[onePost][n].p50() + op.limit.ms
		shown = ratio(res.p50() / base.p50())
		want := "≤ " + strconv.FormatFloat(op.limit.factor, 'g', -1, 64) + " × " + name
		if op.limit.posts > 0 {
			want = fmt.Sprintf("≤ floor + one post + %g ms = %s ms", op.limit.ms, ratio(allowed))
		}
		// The limit of a list in terms of the floor is for few incidents; with many its own growth counts.
		if op.growth == 0 || n == 0 {
			wants = append(wants, want)
			ok = res.p50() <= allowed
		}
	}
	if op.growth > 0 && n > 0 {
		grown := res.p50() / r.results[op.name][0].p50()
		shown = ratio(grown)
		wants = append(wants, "≤ "+strconv.FormatFloat(op.growth, 'g', -1, 64)+" × with "+thousands(few))
		ok = ok && grown <= op.growth
	}
	if shown == "" && op.name != theFloor {
		shown = ratio(res.p50() / floor.p50())
	}
	if len(wants) == 0 {
		return shown, "", ""
	}
	return shown, strings.Join(wants, "; "), verdict(ok)
}

// others writes the rows that are not about one request after the other.
func (r *report) others(b *strings.Builder) {
	if len(r.combinations) > 0 {
		floor := r.results[theFloor][0].p50()
		few := slices.MaxFunc(r.combinations, func(x, y combination) int { return compare(x.times[0], y.times[0]) })
		growth := func(c combination) float64 { return c.times[1] / c.times[0] }
		many := slices.MaxFunc(r.combinations, func(x, y combination) int { return compare(growth(x), growth(y)) })
		within := 0
		for _, c := range r.combinations {
			if growth(c) <= 2 {
				within++
			}
		}
		name := fmt.Sprintf("list: worst of all %d filters and sorts: ", len(r.combinations))
		row(b, name+"`"+shorten(few.query)+"`", thousands(r.sites[0].size), ratio(few.times[0]), "", "", "", ratio(few.times[0]/floor), "", "", "",
			"≤ 3 × floor", verdict(few.times[0] <= 3*floor))
		row(b, fmt.Sprintf("%s`%s` (%d within)", name, shorten(many.query), within), thousands(r.sites[1].size), ratio(many.times[1]), "", "", "",
			ratio(growth(many)), "", "", "", "≤ 2 × with "+thousands(r.sites[0].size), verdict(growth(many) <= 2))
	}
	for n, race := range r.races {
		row(b, fmt.Sprintf("%d clients check off %d tasks of one incident at once, %d lost", raceTasks, raceTasks, race.lost), thousands(r.sites[n].size),
			ratio(race.checks), "", "", "", ratio(race.checks/race.posts), "", "", "",
			fmt.Sprintf("none lost, < 2 × %d posts at once (%s ms)", raceTasks, ratio(race.posts)), verdict(race.lost == 0 && race.checks < 2*race.posts))
	}
	size := thousands(r.sites[len(r.sites)-1].size)
	row(b, fmt.Sprintf("resident memory, idle (the empty plugin: %.1f MB)", r.floorResident), size, fmt.Sprintf("%.1f MB", r.before), "", "", "", "", "", "", "", "≤ 25 MB", verdict(r.before <= 25))
	row(b, "resident memory after all incidents were listed", size, fmt.Sprintf("%.1f MB", r.after), "", "", "", "", "", "", "", "≤ 25 MB", verdict(r.after <= 25))
	row(b, fmt.Sprintf("activation (the empty plugin: %.2f s)", r.floorActivation), size, fmt.Sprintf("%.2f s", r.activation), "", "", "", "", "", "", "", "≤ 0.5 s", verdict(r.activation <= 0.5))
}

func compare(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func shorten(query string) string {
	return strings.NewReplacer("commander_user_id=", "commander=", "member_id=", "member=").Replace(query)
}

// memorySize is the machine's memory according to Linux.
func memorySize() string {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "an unknown amount"
	}
	var kilobytes float64
	if _, err := fmt.Sscanf(string(content), "MemTotal: %f kB", &kilobytes); err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%.0f GB", kilobytes/1024/1024)
}

// The figures in a document stand between these marks.
const (
	figuresBegin = "<!-- figures -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

func replaceFigures(path, text string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, found := bytes.Cut(content, []byte(figuresBegin))
	_, tail, ended := bytes.Cut(rest, []byte(figuresEnd))
	if !found || !ended {
		return fmt.Errorf("%s has no place for figures: it needs the lines %q and %q", path, figuresBegin, figuresEnd)
	}
	return os.WriteFile(path, slices.Concat(head, []byte(figuresBegin), []byte(text), []byte(figuresEnd), tail), 0o644)
}
