package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPromises_NameTestsThatExist keeps docs/promises.md true: it names no test that is gone.
func TestPromises_NameTestsThatExist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "promises.md"))
	require.NoError(t, err)
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, named)
	var tests strings.Builder
	for _, content := range testFiles(t) {
		tests.WriteString(content)
	}
	for _, name := range named {
		assert.Contains(t, tests.String(), "func "+name[1]+"(", "docs/promises.md")
	}
}

// testFiles gives the contents of all test files in Go, by their paths with slashes.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, root := range []string{".", filepath.Join("..", "test")} {
		require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Name() == "node_modules" {
				return filepath.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			files[filepath.ToSlash(path)] = string(content)
			return err
		}))
	}
	return files
}
