// Command suite runs the tests: suite [unit] [store] [e2e] [web-unit] [web-size] [web-browser] [smoke],
// or everything without arguments; "suite ci" also checks formats and types. RUN restricts store and e2e to some tests, as
// "go test -run" does, and GREP web-browser, as "playwright test -g" does. In "suite ci" browser tests run in one frame only, and long
// tables of e2e on one kind of database. It starts the databases once for all steps, runs every step even if one fails, ends what it
// has started, and says at the end how each step went.
//
// The steps belong to lanes. Those of a lane run one after the other, lanes run beside each other: much of the time tests wait,
// and some tools use one core only. The output of a step is then printed when it ends.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func main() {
	testenv.Main("suite", func(ctx context.Context) error { return run(ctx, os.Args[1:]) })
}

// step is a part of the suite.
type step struct {
	name string
	lane string
	// databases says that the step needs the database servers.
	databases bool
	run       func(ctx context.Context, s *suite) error
}

// Two lanes of about the same length. With three beside each other on two cores, each step takes two to three times the CPU time that it
// takes alone.
var steps = []step{
	{name: "unit", lane: "servers", run: runUnit},
	{name: "e2e", lane: "servers", databases: true, run: runE2E},
	{name: "store", lane: "servers", databases: true, run: runStore},
	{name: "smoke", lane: "servers", databases: true, run: runSmoke},
	{name: "web-size", lane: "web", run: runWebSize},
	{name: "web-unit", lane: "web", run: runWebUnit},
	{name: "web-browser", lane: "web", databases: true, run: runWebBrowser},
	{name: "check-web", lane: "web", run: runMake("check-web")},
	{name: "check-go", lane: "web", run: runMake("check-go")},
}

// onlyCI are the steps that "make test" leaves to "make check".
var onlyCI = []string{"check-web", "check-go"}

// smokeServer is the newest server, whose smoke test runs beside the whole suite on DefaultServer.
const smokeServer = "11.4.0"

// suite is what all steps need.
type suite struct {
	root string
	race bool
	// web says that steps of the web part were chosen, so that there are npm packages and a web part to pack.
	web bool
	// building is held by what installs npm packages or builds into the repository.
	building *sync.Mutex
	// packed points to whether the browser tests' plugin is packed; building guards it.
	packed *bool
	// out is where the step writes.
	out io.Writer
	// forStore names the databases of the store tests in the environment, where they are not those of all steps.
	forStore []string
	// env is added to the environment of tests in Go.
	env []string
	// chosen are the names of the steps that run.
	chosen []string
	// ci says that tests run once which need not run in both frames of the web client, or on both databases.
	ci bool
	// last lets everything else go first: tests give up what takes long, compilers do not.
	last bool
}

func run(ctx context.Context, names []string) error {
	if err := testenv.AdoptOrphans(); err != nil {
		return err
	}
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	var withDatabases []string
	for _, s := range chosen {
		if s.databases {
			withDatabases = append(withDatabases, s.name)
		}
	}
	var forStore []string
	if len(withDatabases) > 0 {
		if forStore, err = startDatabases(ctx, len(withDatabases) > 1 && slices.Contains(withDatabases, "store")); err != nil {
			return err
		}
	}

	s := &suite{forStore: forStore, root: root, race: bundle.CanRace(ctx), building: new(sync.Mutex), packed: new(bool), out: os.Stdout,
		ci: isCI(names)}
	for _, step := range chosen {
		s.chosen = append(s.chosen, step.name)
		s.web = s.web || strings.HasPrefix(step.name, "web-")
	}
	if !s.race {
		fmt.Println("--- no C compiler: the race detector is off")
	}
	outcomes := make([]outcome, len(chosen))
	lanes := map[string][]int{}
	for n, step := range chosen {
		lanes[step.lane] = append(lanes[step.lane], n)
	}
	var wait sync.WaitGroup
	for _, lane := range lanes {
		wait.Go(func() {
			for _, n := range lane {
				outcomes[n] = s.do(ctx, chosen[n], len(lanes) > 1)
			}
		})
	}
	wait.Wait()
	return report(chosen, outcomes)
}

// outcome is how a step went.
type outcome struct {
	took time.Duration
	err  error
	// failures are the lines of its output that are about failures. A step that passed has some if a test passed only the second time.
	failures []string
}

// writing keeps the output of steps apart that run beside each other.
var writing sync.Mutex

// do runs a step. beside says that others run beside it: then its output is printed as a whole at its end, as the runners
// wrote it.
func (s *suite) do(ctx context.Context, step step, beside bool) outcome {
	own := *s
	own.last = beside && slices.Contains(onlyCI, step.name)
	var output bytes.Buffer
	if beside {
		own.out = &output
		s.print("--- %s begins\n", step.name)
	}
	failed := &failures{}
	own.out = io.MultiWriter(own.out, failed)
	fmt.Fprintf(own.out, "\n=== %s\n", step.name)
	begin := time.Now()
	err := step.run(ctx, &own)
	o := outcome{time.Since(begin), err, failed.lines}
	if beside {
		s.print("%s=== %s ended after %.0f s\n", output.Bytes(), step.name, o.took.Seconds())
	}
	return o
}

func (s *suite) print(format string, args ...any) {
	writing.Lock()
	defer writing.Unlock()
	fmt.Fprintf(s.out, format, args...)
}

// report prints how each step went and, at the very end, what failed; that one failed is an error.
func report(steps []step, outcomes []outcome) error {
	failed := 0
	fmt.Println()
	for n, o := range outcomes {
		how := "passed"
		if o.err != nil {
			how = "FAILED: " + o.err.Error()
			failed++
		}
		fmt.Printf("%-12s %6.1f s  %s\n", steps[n].name, o.took.Seconds(), how)
	}
	for n, o := range outcomes {
		for _, line := range o.failures {
			if o.err == nil && !strings.HasPrefix(line, "✘") {
				continue // of its log
			}
			fmt.Printf("%s: %s\n", steps[n].name, line)
		}
	}
	fmt.Printf("suite: %d passed, %d failed\n", len(outcomes)-failed, failed)
	if failed > 0 {
		return errors.New("some tests failed")
	}
	return nil
}

func isCI(names []string) bool { return slices.Equal(names, []string{"ci"}) }

func choose(names []string) ([]step, error) {
	switch {
	case len(names) == 0:
		return slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return slices.Contains(onlyCI, s.name) }), nil
	case isCI(names):
		return steps, nil
	}
	var chosen []step
	for _, name := range names {
		i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no step %q", name)
		}
		chosen = append(chosen, steps[i])
	}
	return chosen, nil
}

// startDatabases starts the database servers and names them in the environment. If others run beside the store tests, these
// have a MariaDB of their own, whose name is returned: one of them changes a setting of the whole server.
func startDatabases(ctx context.Context, besideStore bool) ([]string, error) {
	fmt.Println("--- starting PostgreSQL and MariaDB")
	postgres, err := testenv.StartPostgres(ctx, testenv.PostgresOptions{})
	if err != nil {
		return nil, err
	}
	mariadb, err := testenv.StartMariaDB(ctx)
	if err != nil {
		return nil, err
	}
	var forStore []string
	if besideStore {
		own, err := testenv.StartMariaDB(ctx)
		if err != nil {
			return nil, err
		}
		forStore = []string{"TEST_MYSQL_DSN=" + own.DSN}
	}
	return forStore, errors.Join(os.Setenv("TEST_POSTGRES_DSN", postgres.DSN), os.Setenv("TEST_MYSQL_DSN", mariadb.DSN))
}

func runStore(ctx context.Context, s *suite) error {
	own := *s
	own.env = s.forStore
	return own.runTagged(ctx, ".", "store")
}

// tagged are the steps that run the packages of a module with a build tag, and with it their unit tests.
var tagged = map[string]struct{ step, tag string }{".": {"store", "store"}, "test": {"e2e", "e2e"}}

// runUnit runs the unit tests, without those that another of the chosen steps runs. The race detector watches the plugin only: what builds,
// packs and tests it has few goroutines, and compresses archives.
func runUnit(ctx context.Context, s *suite) error {
	var failures []error
	for _, module := range modules {
		own := *s
		own.race = s.race && module == "."
		packages := []string{"./..."}
		if other := tagged[module]; slices.Contains(s.chosen, other.step) && os.Getenv("RUN") == "" {
			all, err := s.testFiles(ctx, module, "")
			if err != nil {
				return err
			}
			there, err := s.taggedPackages(ctx, module, other.tag)
			if err != nil {
				return err
			}
			packages = slices.Sorted(maps.Keys(all))
			packages = slices.DeleteFunc(packages, func(pkg string) bool { return slices.Contains(there, pkg) })
		}
		if err := own.goTest(ctx, module, "10m", packages...); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", module, err))
		}
	}
	return errors.Join(failures...)
}

// runE2E runs the end-to-end tests. They pack the web part as it was built last, so it is built first if others build it as well.
func runE2E(ctx context.Context, s *suite) error {
	if s.web {
		if err := prepareBrowser(ctx, s); err != nil {
			return err
		}
	}
	own := *s
	if s.ci {
		own.env = append(own.env, "E2E_DRIVERS=one")
	}
	return own.runTagged(ctx, "test", "e2e")
}

// runSmoke builds the newest server and runs the smoke test on it, with the plugin as it ships.
func runSmoke(ctx context.Context, s *suite) error {
	if _, err := testenv.BuildServer(ctx, smokeServer); err != nil {
		return err
	}
	if err := prepareBrowser(ctx, s); err != nil {
		return err
	}
	env := append(os.Environ(), "MM_SERVER="+smokeServer, "E2E_BUNDLE="+s.browserBundle())
	return s.command(ctx, filepath.Join(s.root, "test"), env, "go", "test", "-timeout=15m", "-count=1", "-tags=e2e", "-v", "-run=^TestSmoke$", "./e2e")
}

// runMake runs a target of the Makefile.
func runMake(target string) func(ctx context.Context, s *suite) error {
	return func(ctx context.Context, s *suite) error {
		if err := installPackages(ctx, s); err != nil {
			return err
		}
		return s.command(ctx, s.root, os.Environ(), "make", "--no-print-directory", target)
	}
}

// modules are the directories of the Go modules, below the root.
var modules = []string{".", "build", "test"}

// taggedPackages are the packages of a module that have more tests with a build tag than without.
func (s *suite) taggedPackages(ctx context.Context, module, tag string) ([]string, error) {
	plain, err := s.testFiles(ctx, module, "")
	if err != nil {
		return nil, err
	}
	tagged, err := s.testFiles(ctx, module, tag)
	if err != nil {
		return nil, err
	}
	var packages []string
	for pkg, files := range tagged {
		if files != plain[pkg] {
			packages = append(packages, pkg)
		}
	}
	slices.Sort(packages)
	if len(packages) == 0 {
		return nil, fmt.Errorf("no package has tests with the tag %s", tag)
	}
	return packages, nil
}

// runTagged runs the packages of a module that have more tests with a build tag than without.
func (s *suite) runTagged(ctx context.Context, module, tag string) error {
	packages, err := s.taggedPackages(ctx, module, tag)
	if err != nil {
		return err
	}
	args := []string{"-count=1", "-parallel=4", "-tags=" + tag}
	if pattern := os.Getenv("RUN"); pattern != "" {
		args = append(args, "-run="+pattern)
	}
	return s.goTest(ctx, module, "60m", append(args, packages...)...)
}

// testFiles lists the test files of each package of a module.
func (s *suite) testFiles(ctx context.Context, module, tag string) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-tags="+tag, "-f", "{{.ImportPath}} {{.TestGoFiles}}{{.XTestGoFiles}}", "./...")
	cmd.Dir = filepath.Join(s.root, module)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(output)) {
		pkg, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[pkg] = names
	}
	return files, nil
}

func (s *suite) goTest(ctx context.Context, module, timeout string, args ...string) error {
	// "make check" vets everything. Nobody debugs these programs, and without tables for it they are linked in half the time.
	args = append([]string{"test", "-vet=off", "-ldflags=-s -w", "-timeout=" + timeout}, args...)
	env := append(os.Environ(), s.env...)
	switch {
	case !s.race:
	case slices.Contains(args, "-tags=e2e"):
		env = append(env, "RACE=1") // in the plugin; in the tests themselves it would take half a core
	default:
		args = slices.Insert(args, 1, "-race")
	}
	return s.command(ctx, filepath.Join(s.root, module), env, "go", args...)
}

// command runs a program with its output on ours.
func (s *suite) command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	fmt.Fprintf(s.out, "%s %s\n", name, strings.Join(args, " "))
	if nice, err := exec.LookPath("nice"); err == nil && s.last {
		name, args = nice, append([]string{"-n", "5", name}, args...)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdout, cmd.Stderr = s.out, s.out
	return testenv.RunCommand(cmd)
}

// webPackages are the npm packages, below the root.
var webPackages = []string{"webapp", filepath.Join("test", "webhost")}
