// Bench measures what the plugin costs on a real Mattermost server, beside an empty plugin that gives the floor, with
// 1,000 and with 100,000 incidents, and prints one table. "make bench" runs it; docs/performance.md explains it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func main() {
	quick := flag.Bool("quick", false, "take fewer samples: for a first look")
	driver := flag.String("driver", "postgres", "the `database`: postgres or mysql (MariaDB)")
	out := flag.String("out", "", "the `file` in which the figures are replaced, such as docs/performance.md")
	many := flag.Int("many", 100000, "how many `incidents` the larger server has")
	only := flag.String("only", "", "measure only operations whose `names` contain one of these, separated by commas, and what they are compared with; nothing else")
	browser := flag.Bool("browser", true, "measure in Chromium too, if it is there")
	flag.Parse()
	o := options{quick: *quick, driver: testenv.Driver(*driver), out: *out, many: *many, browser: *browser && *only == "" && chromium() != ""}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	testenv.Main("bench", func(ctx context.Context) error { return measureAll(ctx, o) })
}

type options struct {
	quick   bool
	driver  testenv.Driver
	out     string
	many    int
	browser bool
	only    []string
}

const few = 1000

func measureAll(ctx context.Context, o options) error {
	if o.driver != testenv.Postgres && o.driver != testenv.MySQL {
		return errors.New("-driver must be postgres or mysql")
	}
	if o.only != nil && o.out != "" {
		return errors.New("-out replaces all figures: leave -only out")
	}
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "incident-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	begin := time.Now()
	step := func(what string) { fmt.Fprintf(os.Stderr, "%6.1f s  %s\n", time.Since(begin).Seconds(), what) }

	step("building the plugins")
	if o.browser {
		if err := buildWeb(ctx, root); err != nil {
			return err
		}
	}
	packed, err := buildBundles(ctx, root, dir)
	if err != nil {
		return err
	}
	databases, err := testenv.SharedServer(o.driver)
	if err != nil {
		return err
	}
	b := &bench{samples: 150, load: time.Second, results: map[string][]*result{}}
	raceRounds, worstRounds, activations, browserRounds, pageStep := 10, 7, 7, 5, 1
	if o.quick {
		b.samples, b.load = 25, 500*time.Millisecond
		raceRounds, worstRounds, activations, browserRounds, pageStep = 4, 2, 3, 1, 10
	}
	for _, size := range []int{few, o.many} {
		step(fmt.Sprintf("starting Mattermost and making %d incidents", size))
		s, err := newSite(ctx, databases, size, packed)
		if err != nil {
			return err
		}
		b.sites = append(b.sites, s)
	}
	large := b.sites[len(b.sites)-1]
	ops := selected(o.only)
	r := &report{bench: b, options: o}
	if o.only != nil {
		step("one request after the other")
		if err := b.sample(ctx, ops); err != nil {
			return err
		}
		return b.countAndShow(ctx, packed, r, ops, step)
	}

	step("activation and memory")
	if r.activation, err = large.activation(ctx, packed.id, activations); err != nil {
		return err
	}
	if r.floorActivation, err = large.activation(ctx, floorID, activations); err != nil {
		return err
	}
	if r.before, r.after, err = large.memory(ctx, pageStep); err != nil {
		return err
	}
	if r.floorResident, err = large.resident(floorID); err != nil {
		return err
	}
	step("one request after the other")
	if err := b.sample(ctx, ops); err != nil {
		return err
	}
	step("every filter and sort")
	if r.combinations, err = b.worst(ctx, worstRounds); err != nil {
		return err
	}
	step("many requests at once")
	if err := b.throughput(ctx, ops); err != nil {
		return err
	}
	step("many clients in one incident")
	for _, s := range b.sites {
		var race raced
		if race.checks, race.posts, race.lost, err = s.race(ctx, raceRounds); err != nil {
			return err
		}
		r.races = append(r.races, race)
	}
	if o.browser {
		step("in the browser")
		if r.seen, err = large.browse(ctx, root, dir, browserRounds); err != nil {
			fmt.Fprintln(os.Stderr, "bench: the browser could not be measured:", err) // the rest still can
		}
	}
	return b.countAndShow(ctx, packed, r, ops, step)
}

// countAndShow replaces the plugin by the build that counts, lets it count, and shows all that was measured.
func (b *bench) countAndShow(ctx context.Context, packed bundles, r *report, ops []operation, step func(what string)) error {
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	step("counting with the counted build")
	for _, s := range b.sites {
		if _, err := s.server.InstallPlugin(ctx, packed.counted); err != nil {
			return err
		}
	}
	uncounted := b.count(ctx, ops)
	step("done")
	text := r.markdown()
	fmt.Println(text)
	if uncounted != nil || r.out == "" { // what was measured before is shown in any case
		return uncounted
	}
	return replaceFigures(filepath.Join(root, r.out), text)
}
