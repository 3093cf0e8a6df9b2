// Command compat tests the packed plugin on everything that it must run on.
//
//	compat servers     the end-to-end tests on each Mattermost server and each of its databases
//	compat databases   the store tests and the smoke test on each version of PostgreSQL, and on MariaDB
//
// SERVERS restricts the first to some servers ("5.28.0 11.4.0"), DATABASES the second to some databases ("12 17 MariaDB"),
// and RUN both to some end-to-end tests, as "go test -run" does. The plugin is packed once, or is the file that E2E_BUNDLE
// names. Everything that the tests print goes to dist/compat.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func main() {
	testenv.Main("compat", func(ctx context.Context) error { return run(ctx, os.Args[1:]) })
}

func run(ctx context.Context, args []string) error {
	if err := testenv.AdoptOrphans(); err != nil {
		return err
	}
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	c := &compat{root: root, out: filepath.Join(root, "dist", "compat")}
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return err
	}
	switch strings.Join(args, " ") {
	case "servers":
		return c.servers(ctx)
	case "databases":
		return c.databases(ctx)
	default:
		return fmt.Errorf(`say "compat servers" or "compat databases", not %q`, args)
	}
}

// compat is what all tests need.
type compat struct {
	root string
	out  string // the directory of what the tests print
}

// pack packs the plugin for this machine, as it ships, unless E2E_BUNDLE names a packed one.
func (c *compat) pack(ctx context.Context) (string, error) {
	if packed := os.Getenv("E2E_BUNDLE"); packed != "" {
		return filepath.Abs(packed)
	}
	fmt.Println("--- packing the plugin")
	if err := bundle.BuildWeb(ctx, c.root, "webapp", "dist/main.js", os.Stderr); err != nil {
		return "", err
	}
	return testenv.PackPlugin(ctx, "compat", false, os.Stderr)
}

// outcome is how the tests of one server or database went.
type outcome struct {
	counter
	took time.Duration
	err  error
}

// goTest runs tests of the Go module in a directory below the root with the given additions to the environment, writes what they print to a file, and prints what
// failed and what was skipped.
func (c *compat) goTest(ctx context.Context, module, name string, env []string, args ...string) outcome {
	path := filepath.Join(c.out, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return outcome{err: err}
	}
	defer func() { _ = log.Close() }()
	o := outcome{counter: counter{log: log, say: os.Stdout}}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-count=1"}, args...)...)
	cmd.Dir, cmd.Env = filepath.Join(c.root, module), append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &o.counter, log
	begin := time.Now()
	o.err = testenv.RunCommand(cmd)
	o.took = time.Since(begin)
	if o.err != nil && o.failed == 0 {
		fmt.Printf("    the tests ended with %v: see %s\n", o.err, path)
	}
	if o.err == nil && o.passed == 0 {
		o.err = fmt.Errorf("no test ran")
		fmt.Println("    no test ran")
	}
	return o
}

// add takes up how further tests of the same server or database went.
func (o *outcome) add(other outcome) {
	o.passed, o.failed, o.skipped, o.took = o.passed+other.passed, o.failed+other.failed, o.skipped+other.skipped, o.took+other.took
	if o.err == nil {
		o.err = other.err
	}
}

// how says how many tests passed, failed and were skipped, and how long they took.
func (o *outcome) how() string {
	return fmt.Sprintf("%4d passed, %d failed, %d skipped, %4.0f s", o.passed, o.failed, o.skipped, o.took.Seconds())
}

// verdict ends a run: "4 servers passed", or an error.
func verdict(what string, outcomes []outcome) error {
	failed := 0
	for _, o := range outcomes {
		if o.err != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d %s failed", failed, len(outcomes), what)
	}
	fmt.Printf("%d %s passed\n", len(outcomes), what)
	return nil
}

// runFlag restricts the end-to-end tests to those that RUN names, or else to the given ones.
func runFlag(otherwise string) []string {
	if pattern := os.Getenv("RUN"); pattern != "" {
		otherwise = pattern
	}
	if otherwise == "" {
		return nil
	}
	return []string{"-run", otherwise}
}
