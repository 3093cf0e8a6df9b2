package engine

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Each acknowledged addition is there once, an unknown one at most once, and nothing else is there.
func TestCheckAdditions(t *testing.T) {
	for name, test := range map[string]struct {
		outcome  outcome
		stored   map[string]int
		kinds    map[Kind]int
		foundOne int
	}{
		"acknowledged and there":       {acknowledged, map[string]int{"a": 1}, nil, 1},
		"acknowledged and not there":   {acknowledged, nil, map[Kind]int{Lost: 1}, 0},
		"acknowledged and there twice": {acknowledged, map[string]int{"a": 2}, map[Kind]int{Doubled: 1}, 0},
		"unknown and there":            {unknown, map[string]int{"a": 1}, nil, 1},
		"unknown and not there":        {unknown, nil, nil, 0},
		"unknown and there twice":      {unknown, map[string]int{"a": 2}, map[Kind]int{Doubled: 1}, 0},
		"refused and not there":        {refused, nil, nil, 0},
		"refused and there":            {refused, map[string]int{"a": 1}, map[Kind]int{Doubled: 1}, 0},
		"there and not asked for":      {acknowledged, map[string]int{"a": 1, "b": 1}, map[Kind]int{Doubled: 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{report: newReport(Options{Log: t.Logf}), additions: []*addition{{thing: followUp, incidentID: "i", text: "a", outcome: test.outcome}}}
			w.checkAdditions(storedAdditions{timelineEntry: {}, followUp: {"i": test.stored}})
			wantFindings(t, w, test.kinds)
			assert.Equal(t, test.foundOne, w.report.counts["added: follow-ups found once"])
			assert.Contains(t, w.report.Summary(), fmt.Sprintf("%d follow-ups and", test.foundOne))
		})
	}
}
