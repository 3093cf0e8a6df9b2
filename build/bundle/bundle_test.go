package bundle

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const manifestJSON = `{
  "id": "org.example.plugin", "name": "Example", "version": "1.2.3", "min_server_version": "5.28.0",
  "server": {"executables": {"linux-amd64": "server/dist/plugin-linux-amd64", "windows-amd64": "server/dist/plugin-windows-amd64.exe"}},
  "webapp": {"bundle_path": "webapp/dist/main.js"}
}`

// newRoot makes a repository with the given files besides plugin.json.
func newRoot(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	write(t, root, "plugin.json", manifestJSON)
	for _, name := range files {
		write(t, root, name, name)
	}
	return root
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// unpack returns the files of a bundle by name, and which can be executed.
func unpack(t *testing.T, path string) (files map[string]string, executable []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, executable
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(content)
		if header.Mode&0o111 != 0 {
			executable = append(executable, header.Name)
		}
	}
}

func TestPack_NamesOnlyWhatIsInTheBundle(t *testing.T) {
	server := []string{"assets/icon.svg", "server/dist/plugin-linux-amd64", "server/dist/plugin-windows-amd64.exe"}
	web := append(slices.Clone(server), "webapp/dist/main.js", "webapp/dist/chunk.js")
	for name, test := range map[string]struct {
		built     []string
		platforms []string
		want      []string
		webapp    bool
	}{
		"without web part": {server, []string{"linux-amd64", "windows-amd64"}, server, false},
		"one platform":     {server, []string{"linux-amd64"}, server[:2], false},
		"with web part":    {web, []string{"linux-amd64", "windows-amd64"}, web, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := newRoot(t, test.built...)
			output := filepath.Join(root, "dist", "plugin.tar.gz")
			if err := Pack(root, test.platforms, output); err != nil {
				t.Fatal(err)
			}
			files, executable := unpack(t, output)
			want := []string{"org.example.plugin/plugin.json"}
			for _, name := range test.want {
				want = append(want, "org.example.plugin/"+name)
			}
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
				t.Errorf("the bundle has %v, want %v", got, want)
			}
			if len(executable) != len(test.platforms) {
				t.Errorf("executable are %v, want the server's executables for %v", executable, test.platforms)
			}
			var manifest struct {
				Version string
				Server  struct{ Executables map[string]string }
				Webapp  *struct{}
			}
			if err := json.Unmarshal([]byte(files["org.example.plugin/plugin.json"]), &manifest); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(manifest.Server.Executables)); !slices.Equal(got, test.platforms) {
				t.Errorf("the manifest names the platforms %v, want %v", got, test.platforms)
			}
			if (manifest.Webapp != nil) != test.webapp {
				t.Errorf("the manifest has a web part: %t, want %t", manifest.Webapp != nil, test.webapp)
			}
			if manifest.Version != "1.2.3" {
				t.Errorf("the manifest's version is %q", manifest.Version)
			}
		})
	}
}

func TestPack_FailsWithoutAnExecutableAndLeavesNothing(t *testing.T) {
	root := newRoot(t, "assets/icon.svg")
	output := filepath.Join(root, "dist", "plugin.tar.gz")
	if err := Pack(root, []string{"linux-amd64"}, output); err == nil {
		t.Fatal("packed a plugin that has not been built")
	}
	if left, _ := os.ReadDir(filepath.Dir(output)); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestCheckGenerated_FailsUntilGenerate(t *testing.T) {
	root := newRoot(t)
	if err := CheckGenerated(root); err == nil || !strings.Contains(err.Error(), "make gen") {
		t.Fatalf("missing sources: %v", err)
	}
	if err := Generate(root); err != nil {
		t.Fatal(err)
	}
	if err := CheckGenerated(root); err != nil {
		t.Fatal(err)
	}
	write(t, root, "plugin.json", strings.Replace(manifestJSON, "1.2.3", "1.2.4", 1))
	if err := CheckGenerated(root); err == nil {
		t.Error("the sources carry an old version and pass")
	}
}

func TestIsFresh_ComparesSourcesWithTheResult(t *testing.T) {
	root := newRoot(t, "src/a.ts", "node_modules/x/index.js")
	result := filepath.Join(root, "dist", "main.js")
	expect := func(want bool) {
		t.Helper()
		if fresh, err := isFresh(root, result); err != nil || fresh != want {
			t.Errorf("isFresh = %t, %v; want %t", fresh, err, want)
		}
	}
	expect(false)
	write(t, root, "dist/main.js", "built")
	expect(true)
	info, err := os.Stat(result)
	if err != nil {
		t.Fatal(err)
	}
	later := info.ModTime().Add(1e9)
	for name, fresh := range map[string]bool{"node_modules/x/index.js": true, "src/a.ts": false} {
		if err := os.Chtimes(filepath.Join(root, name), later, later); err != nil {
			t.Fatal(err)
		}
		if got, _ := isFresh(root, result); got != fresh {
			t.Errorf("%s is newer: isFresh = %t, want %t", name, got, fresh)
		}
		if err := os.Chtimes(filepath.Join(root, name), info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
}
