package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
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
	"i18n":        {"incident"},
	"text":        {"incident", "i18n"},
	"fold":        {},
	"limit":       {},
	"statement":   {},
	"jobs":        {},
	"app":         {"incident", "playbook", "access", "text", "jobs", "i18n"},
	"store":       {"app", "capability", "fold", "incident", "jobs", "limit", "playbook", "statement"},
	"host":        {"app", "incident"},
	"failure":     {},
	"sqlwatch":    {},
	"settings":    {"access"},
	"logcopy":     {"text", "incident"},
	"metrics":     {"failure", "host", "jobs", "sqlwatch"},
	"support":     {"access", "app", "failure", "jobs", "settings"},
	"api":         {"app", "incident", "limit", "playbook", "text", "capability", "dialog", "i18n"},
	"costtest":    {},
	"api/apitest": {},
	"testdb":      {},
	"dialog":      {"app", "text", "incident", "playbook", "i18n"},
	"command":     {"app", "text", "incident", "limit", "playbook", "capability", "i18n"},
	// Which packages are capabilities is said in capability/all.
	"capability": {"app", "access", "incident", "jobs", "playbook", "text", "i18n"},

	"internal/callcount":  {"host", "sqlwatch"},
	"command/commandtest": {"app", "incident"},
}

// imports lists the packages of the server that a file imports.
func imports(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	for _, spec := range parsed.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(path, module) {
			names = append(names, strings.TrimPrefix(path, module))
		}
	}
	return names
}

// TestArchitecture_ImportsPointInwards keeps the picture in docs/architecture.md true.
func TestArchitecture_ImportsPointInwards(t *testing.T) {
	capabilities := capabilityNames(t)
	for name, may := range allowed {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(name), "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "package %s has no files", name)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, imported := range imports(t, file) {
				require.Contains(t, may, imported, "%s imports %s", file, imported)
			}
		}
	}
	dirs, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, dir := range dirs {
		if dir.IsDir() && dir.Name() != "dist" && dir.Name() != "testdata" && dir.Name() != "internal" && !slices.Contains(capabilities, dir.Name()) {
			require.Contains(t, allowed, dir.Name(), "say what package %s may import", dir.Name())
		}
	}
}
