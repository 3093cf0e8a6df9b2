package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// Steps beside each other do not mix their lines.
func TestDo_PrintsTheOutputOfAStepAsAWhole(t *testing.T) {
	var out bytes.Buffer
	s := &suite{out: &out}
	begun, written := make(chan bool), make(chan bool)
	var wait sync.WaitGroup
	wait.Go(func() {
		s.do(t.Context(), step{name: "slow", run: func(_ context.Context, s *suite) error {
			fmt.Fprintln(s.out, "ok  first")
			close(begun)
			<-written
			fmt.Fprintln(s.out, "ok  last")
			return nil
		}}, true)
	})
	<-begun
	s.do(t.Context(), step{name: "quick", run: func(_ context.Context, s *suite) error {
		_, err := fmt.Fprintln(s.out, "1 passed")
		return err
	}}, true)
	close(written)
	wait.Wait()
	want := "--- slow begins\n--- quick begins\n\n=== quick\n1 passed\n=== quick ended after 0 s\n\n=== slow\nok  first\nok  last\n=== slow ended after 0 s\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestChoose(t *testing.T) {
	names := func(given ...string) []string {
		chosen, err := choose(given)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, s := range chosen {
			found = append(found, s.name)
		}
		return found
	}
	all, without := names("ci"), names()
	if len(all) != len(steps) || len(without) != len(steps)-len(onlyCI) || slices.Contains(without, "check-go") || !slices.Contains(without, "smoke") {
		t.Errorf("ci has %v, everything has %v", all, without)
	}
	if got := names("web-unit", "unit"); !slices.Equal(got, []string{"web-unit", "unit"}) {
		t.Errorf("chose %v", got)
	}
	if _, err := choose([]string{"unit", "nonsense"}); err == nil {
		t.Error("a step that does not exist was chosen")
	}
	for _, name := range onlyCI {
		if !slices.Contains(all, name) {
			t.Errorf("there is no step %s", name)
		}
	}
}

// A failed step does not keep the others from running.
func TestReport_NamesWhatFailed(t *testing.T) {
	err := report([]step{{name: "a"}, {name: "b"}}, []outcome{{}, {err: fmt.Errorf("broken")}})
	if err == nil {
		t.Error("a failed step is no error")
	}
	if err := report([]step{{name: "a"}}, []outcome{{}}); err != nil {
		t.Error(err)
	}
	s := &suite{out: io.Discard}
	failing := step{name: "failing", run: func(context.Context, *suite) error { return fmt.Errorf("broken") }}
	for _, beside := range []bool{true, false} {
		if o := s.do(t.Context(), failing, beside); o.err == nil {
			t.Error("the error is lost")
		}
	}
}

// A log that is cut to its end still says which test failed, and why.
func TestFailures(t *testing.T) {
	var f failures
	output := "=== RUN   TestOne\n    one_test.go:7: got 1, want 2\n--- FAIL: TestOne (0.00s)\n--- PASS: TestTwo (0.00s)\nFAIL\nok  \tpackage\t0.1s\n" +
		"  \u2713  1 [frame-2026] › a.spec.ts:1:1 › works (1.0s)\n  \u2718  2 [frame-2026] › a.spec.ts:9:1 › fails (1.0s)\n" +
		"\x1b[31m\x1b[1m FAIL \x1b[22m\x1b[39m src/a.test.tsx > fails\nAssertionError: expected 1 to be 2\n" +
		"src/a.ts(1,2): error TS2304: Cannot find name\nmake: *** [Makefile:9: check] Error 2\n"
	for piece := range slices.Chunk([]byte(output), 7) {
		_, _ = f.Write(piece)
	}
	want := []string{
		"one_test.go:7: got 1, want 2", "--- FAIL: TestOne (0.00s)", "\u2718  2 [frame-2026] › a.spec.ts:9:1 › fails (1.0s)", "FAIL  src/a.test.tsx > fails",
		"AssertionError: expected 1 to be 2", "src/a.ts(1,2): error TS2304: Cannot find name", "make: *** [Makefile:9: check] Error 2",
	}
	if !slices.Equal(f.lines, want) {
		t.Errorf("got %q, want %q", f.lines, want)
	}

	var many failures
	for range 100 {
		fmt.Fprintf(&many, "panic: %s\n", strings.Repeat("ä", 300))
	}
	if len(many.lines) != maxFailureLines || len(many.lines[0]) > maxFailureBytes+len("…") || !utf8.ValidString(many.lines[0]) {
		t.Errorf("kept %d lines, the first with %d bytes", len(many.lines), len(many.lines[0]))
	}
}
