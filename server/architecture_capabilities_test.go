package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// listFile is the list of capabilities.
const listFile = "capability/all/all.go"

// capabilityMay are the packages of the core that a capability may import.
var capabilityMay = []string{"capability", "app", "access", "incident", "jobs", "playbook", "text", "i18n", "fold", "limit", "statement"}

// capabilityNames are the folders of the capabilities.
func capabilityNames(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range imports(t, listFile) {
		if name != "capability" {
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

// folder is the folder below server/ that a file or package belongs to.
func folder(path string) string { return strings.Split(filepath.ToSlash(path), "/")[0] }

// breaksCapabilities says which rule a file breaks by importing a package of the server, or "".
func breaksCapabilities(capabilities []string, file, imported string) string {
	from, to := folder(file), folder(imported)
	switch {
	case file == listFile || from == to:
		return ""
	case slices.Contains(capabilities, from) && slices.Contains(capabilities, to):
		return "capabilities do not import each other"
	case slices.Contains(capabilities, to):
		return "the core imports no capability, in its tests neither"
	case slices.Contains(capabilities, from) && !strings.HasSuffix(file, "_test.go") && !slices.Contains(capabilityMay, imported):
		return "a capability is built on a few packages of the core only"
	}
	return ""
}

// TestArchitecture_Capabilities keeps capabilities apart from the core and from each other.
func TestArchitecture_Capabilities(t *testing.T) {
	capabilities := capabilityNames(t)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		for _, imported := range imports(t, path) {
			if broken := breaksCapabilities(capabilities, filepath.ToSlash(path), imported); broken != "" {
				t.Errorf("%s imports %s: %s", path, imported, broken)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

// The rules notice what they are there for.
func TestArchitecture_RulesOfCapabilitiesNotice(t *testing.T) {
	capabilities := []string{"pager", "rota"}
	for _, x := range []struct {
		file, imported string
		broken         bool
	}{
		{"pager/pager.go", "app", false}, {"pager/pager.go", "pager/internal", false}, {"pager/sub/sub.go", "text", false}, {"pager/pager_test.go", "api", false},
		{listFile, "pager", false}, {"plugin.go", "capability/all", false},
		{"pager/pager.go", "rota", true}, {"pager/pager_test.go", "rota", true}, {"pager/pager.go", "api", true}, {"pager/pager.go", "store", true},
		{"app/read.go", "pager", true}, {"plugin.go", "rota", true}, {"api/api_test.go", "pager/sub", true}, {"capability/capability.go", "rota", true},
	} {
		if broken := breaksCapabilities(capabilities, x.file, x.imported); (broken != "") != x.broken {
			t.Errorf("%s imports %s: %q", x.file, x.imported, broken)
		}
	}
}

// withoutCapability writes a file for Go's flag -overlay, with which the capability's folder and its lines in the list do not
// exist.
func withoutCapability(t *testing.T, name string) string {
	t.Helper()
	replace := map[string]string{}
	err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			replace[path] = ""
		}
		return err
	})
	require.NoError(t, err)
	content, err := os.ReadFile(listFile)
	require.NoError(t, err)
	var kept []string
	for _, line := range strings.Split(string(content), "\n") {
		if !strings.HasSuffix(line, `/`+name+`"`) && !strings.HasPrefix(strings.TrimSpace(line), name+".") {
			kept = append(kept, line)
		}
	}
	require.Len(t, kept, len(strings.Split(string(content), "\n"))-2, "the import and the line of %s", name)
	list := filepath.Join(t.TempDir(), "all.go")
	require.NoError(t, os.WriteFile(list, []byte(strings.Join(kept, "\n")), 0o600))
	replace[listFile] = list
	absolute := map[string]string{}
	for path, by := range replace {
		path, err := filepath.Abs(path)
		require.NoError(t, err)
		absolute[path] = by
	}
	overlay, err := json.Marshal(map[string]interface{}{"Replace": absolute})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	return file
}

// A capability is deleted by removing its folder and its line in the list: the rest and its tests still build.
func TestCapabilities_CanBeDeleted(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the server once for each capability")
	}
	for _, name := range capabilityNames(t) {
		t.Run(name, func(t *testing.T) {
			overlay := withoutCapability(t, name)
			// Nothing but the list may import a capability, see TestArchitecture_Capabilities. So only what is built on the list changes.
			output, err := exec.Command("go", "vet", "-overlay", overlay, "-tags", "store", ".", "./capability/all").CombinedOutput()
			require.NoError(t, err, string(output))
		})
	}
}
