package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// counter counts the tests in what "go test -json" prints, which is written to it. A test with subtests counts by these.
type counter struct {
	passed, failed, skipped int

	log io.Writer // receives what the tests print
	say io.Writer // receives what failed or was skipped, and why

	rest    []byte              // of a line that has not come to its end
	output  map[string][]string // of tests that have not come to their end
	parents map[string]bool
}

// event is a line of "go test -json".
type event struct {
	Action, Package, Test, Output string
}

func (c *counter) Write(content []byte) (int, error) {
	c.rest = append(c.rest, content...)
	for {
		line, rest, complete := bytes.Cut(c.rest, []byte("\n"))
		if !complete {
			return len(content), nil
		}
		c.rest = rest
		var e event
		if json.Unmarshal(line, &e) != nil { // what the go command itself says
			e = event{Action: "output", Output: string(line) + "\n"}
		}
		if err := c.take(e); err != nil {
			return 0, err
		}
	}
}

func (c *counter) take(e event) error {
	if c.output == nil {
		c.output, c.parents = map[string][]string{}, map[string]bool{}
	}
	name := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if e.Test != "" {
			c.output[name] = append(c.output[name], e.Output)
		}
		_, err := io.WriteString(c.log, e.Output)
		return err
	case "run":
		if above := strings.LastIndexByte(name, '/'); above > strings.IndexByte(name, ' ') {
			c.parents[name[:above]] = true
		}
		return nil
	case "pass", "fail", "skip":
	default:
		return nil
	}
	if e.Test == "" {
		return nil
	}
	said := slices.DeleteFunc(c.output[name], func(line string) bool {
		return strings.HasPrefix(line, "=== ") || strings.HasPrefix(strings.TrimSpace(line), "--- ")
	})
	delete(c.output, name)
	// Nothing is said of a test that failed only by its subtests.
	if e.Action != "pass" && (len(said) > 0 || !c.parents[name]) {
		fmt.Fprintf(c.say, "    %s %s\n", map[string]string{"fail": "FAILED ", "skip": "skipped"}[e.Action], e.Test)
		for _, line := range said {
			fmt.Fprint(c.say, "        ", line)
		}
	}
	if c.parents[name] {
		return nil
	}
	switch e.Action {
	case "pass":
		c.passed++
	case "fail":
		c.failed++
	default:
		c.skipped++
	}
	return nil
}
