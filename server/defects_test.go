package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDefects_TableAndTestsAgree keeps docs/defects.md true.
func TestDefects_TableAndTestsAgree(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("..", "docs", "defects.md"))
	require.NoError(t, err)
	named := map[string]bool{} // "A1 e2e/file_test.go TestA1_…"
	rows := map[string]bool{}
	for _, line := range strings.Split(string(table), "\n") {
		cells := strings.Split(line, " | ")
		id := strings.TrimPrefix(cells[0], "| ")
		if len(cells) != 3 || !regexp.MustCompile(`^[A-H][0-9]+$`).MatchString(id) {
			continue
		}
		rows[id] = true
		tests := regexp.MustCompile("`([^`]+)`: (Test\\w+)").FindAllStringSubmatch(cells[2], -1)
		assert.NotEmpty(t, tests, "defect %s has no test", id)
		for _, test := range tests {
			named[id+" "+test[1]+" "+test[2]] = true
		}
	}
	assert.Len(t, rows, 100)

	found := map[string]bool{}
	for file, content := range testFiles(t) {
		for _, test := range regexp.MustCompile(`(?m)^func (Test((?:[A-H][0-9]+_)+)\w+)\(`).FindAllStringSubmatch(content, -1) {
			for _, id := range strings.Split(strings.Trim(test[2], "_"), "_") {
				found[id+" "+file+" "+test[1]] = true
			}
		}
	}
	for test := range found {
		assert.Contains(t, named, test, "docs/defects.md leaves a test out")
	}
	for test := range named {
		assert.Contains(t, found, test, "docs/defects.md names a test that does not exist")
	}
}
