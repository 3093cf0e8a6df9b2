package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
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
