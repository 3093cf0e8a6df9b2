package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/mattermost/mattermost-plugin-incident-management/server/"

// allowed lists, for each package of the server, the other packages of the server that it may import.
var allowed = map[string][]string{
	"incident":    {},
	"playbook":    {"incident"},
	"access":      {"playbook"},
	"text":        {"incident"},
	"jobs":        {},
	"app":         {"incident", "playbook", "access", "text", "jobs"},
	"store":       {"app", "incident", "jobs", "playbook"},
	"host":        {"app", "incident"},
	"failure":     {},
	"sqlwatch":    {},
	"settings":    {"access"},
	"logcopy":     {"text", "incident"},
	"metrics":     {"failure", "host", "jobs", "sqlwatch"},
	"support":     {"access", "app", "failure", "jobs", "settings"},
	"export":      {"app", "incident", "text"},
	"api":         {"app", "incident", "playbook", "text", "export"},
	"costtest":    {},
	"api/apitest": {},
	"testdb":      {},
	"dialog":      {"app", "text", "incident", "playbook"},
	"command":     {"app", "text", "incident", "playbook"},

	"internal/callcount": {"host", "sqlwatch"},
}

// TestArchitecture_ImportsPointInwards keeps the picture in docs/architecture.md true.
func TestArchitecture_ImportsPointInwards(t *testing.T) {
	for name, may := range allowed {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(name), "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "package %s has no files", name)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, spec := range parsed.Imports {
				path := strings.Trim(spec.Path.Value, `"`)
				if strings.HasPrefix(path, module) {
					require.Contains(t, may, strings.TrimPrefix(path, module), "%s imports %s", file, path)
				}
			}
		}
	}
	dirs, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, dir := range dirs {
		if dir.IsDir() && dir.Name() != "dist" && dir.Name() != "testdata" && dir.Name() != "internal" {
			require.Contains(t, allowed, dir.Name(), "say what package %s may import", dir.Name())
		}
	}
}
