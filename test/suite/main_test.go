package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
)

func TestPrefixer_WritesWholeLines(t *testing.T) {
	var out bytes.Buffer
	p := &prefixer{prefix: "unit", to: &out}
	for _, part := range []string{"ok", "  first\nsec", "ond\n\nthird\r\nlast"} {
		if n, err := io.WriteString(p, part); n != len(part) || err != nil {
			t.Errorf("wrote %d of %q: %v", n, part, err)
		}
	}
	if want := "unit | ok  first\nunit | second\nunit |\nunit | third\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	p.flush()
	p.flush()
	if want := "unit | ok  first\nunit | second\nunit |\nunit | third\nunit | last\n"; out.String() != want {
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
	for _, prefixed := range []bool{true, false} {
		if o := s.do(t.Context(), failing, prefixed); o.err == nil {
			t.Error("the error is lost")
		}
	}
}
