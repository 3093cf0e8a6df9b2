package testenv

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The archives of these tests have the test program as their server. Called so, it prints a version.
func init() {
	if filepath.Base(os.Args[0]) == "mattermost" {
		fmt.Println("Version: 11.4.0\nBuild Number: 20260113")
		os.Exit(0)
	}
}

// entries are the contents of an archive by name. Those that end with a slash are directories,
// those that begin with "-> " are links.
type entries map[string]string

// packDist writes a .tar.gz and returns its path and checksum.
func packDist(t *testing.T, files entries) (path, sum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "mattermost-team-11.4.0-linux-amd64.tar.gz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	zipper, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(zipper)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if target, isLink := strings.CutPrefix(content, "-> "); isLink {
			header.Typeflag, header.Linkname, header.Size, content = tar.TypeSymlink, target, 0, ""
		} else if strings.HasSuffix(name, "/") {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, closer := range []interface{ Close() error }{archive, zipper, file} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hash.Write(content)
	return path, hex.EncodeToString(hash.Sum(nil))
}

// serverProgram returns this program, which is one for this machine.
func serverProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// wholeDist are the entries of an archive that is right.
func wholeDist(t *testing.T) entries {
	return entries{
		"mattermost/":                 "",
		"mattermost/bin/mattermost":   serverProgram(t),
		"mattermost/client/root.html": "<!DOCTYPE html>",
		"mattermost/logs/":            "",
		"mattermost/client/a.html":    "-> root.html",
	}
}

func TestOpenDist_RefusesWrongArchives(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the server of another machine is made from a Linux program")
	}
	t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
	program := []byte(serverProgram(t))
	foreign := slices.Clone(program)
	if foreign[18] = 183; runtime.GOARCH == "arm64" { // the machine in an ELF header
		foreign[18] = 62
	}
	const server, client = "mattermost/bin/mattermost", "mattermost/client/root.html"
	for name, test := range map[string]struct {
		files entries
		want  string
	}{
		"no server":             {entries{client: "x"}, "has no mattermost/bin/mattermost"},
		"another product":       {entries{"other/bin/other": "x"}, "has no mattermost/bin/mattermost"},
		"no client":             {entries{server: string(program)}, "has no web client"},
		"Windows":               {entries{"mattermost/bin/mattermost.exe": "MZ", client: "x"}, "has mattermost/bin/mattermost.exe"},
		"another machine":       {entries{server: string(foreign), client: "x"}, "take the archive whose name ends with -" + runtime.GOOS + "-" + runtime.GOARCH},
		"a script":              {entries{server: "#!/bin/sh\n", client: "x"}, "a server for an unknown platform"},
		"path outside":          {entries{"mattermost/../../x": "x"}, "outside of the archive"},
		"absolute path":         {entries{"/tmp/x": "x"}, "outside of the archive"},
		"link outside":          {entries{"mattermost/x": "-> ../../x"}, "outside of the archive"},
		"absolute link":         {entries{"mattermost/x": "-> /etc"}, "outside of the archive"},
		"empty":                 {entries{}, "is no .tar.gz archive"},
		"file below a file":     {entries{"mattermost": "x", "mattermost/bin/mattermost": "x"}, "cannot be unpacked"},
		"server is a link":      {entries{server: "-> ../client/root.html", client: "x"}, "a server for an unknown platform"},
		"server is a directory": {entries{server + "/": "", client: "x"}, "has no mattermost/bin/mattermost"},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := packDist(t, test.files)
			mustRefuse(t, path, "", test.want)
		})
	}
}

// mustRefuse opens an archive, and fails unless that is refused and leaves nothing unpacked.
func mustRefuse(t *testing.T, source, checksum, want string) {
	t.Helper()
	_, err := OpenDist(t.Context(), source, checksum)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want one with %q", err, want)
	}
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(cache, "dist"))
	if err != nil && !errors.Is(err, os.ErrNotExist) { // refused before the cache was needed
		t.Fatal(err)
	}
	for _, entry := range left {
		if entry.Name() != "lock" {
			t.Errorf("%s is left in the cache", entry.Name())
		}
	}
}

func TestOpenDist_RefusesWhatIsNoArchive(t *testing.T) {
	t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
	right, sum := packDist(t, wholeDist(t))
	content, err := os.ReadFile(right)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	damaged := slices.Clone(content)
	damaged[len(damaged)/2] ^= 0xff
	for name, test := range map[string]struct{ source, checksum, want string }{
		"nothing":              {filepath.Join(dir, "none"), "", "there is no file"},
		"directory":            {dir, "", "is a directory"},
		"text":                 {write("text", []byte("Not found")), "", "is no .tar.gz archive"},
		"empty file":           {write("empty", nil), "", "is no .tar.gz archive"},
		"zip":                  {write("zip", []byte("PK\x03\x04")), "", "is no .tar.gz archive"},
		"cut off":              {write("cut", content[:len(content)/2]), "", "ends too early"},
		"damaged":              {write("damaged", damaged), "", "get it again"},
		"other checksum":       {right, strings.Repeat("0", 64), "its SHA-256 is " + sum},
		"checksum of no kind":  {right, "abc", "64 hexadecimal digits"},
		"address without host": {"http:///x", "", "no address"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "damaged" {
				// The damage may show as an error of the archive, or only at the checksum at its end.
				if _, err := OpenDist(t.Context(), test.source, ""); err == nil {
					t.Error("a damaged archive was taken")
				}
				return
			}
			mustRefuse(t, test.source, test.checksum, test.want)
		})
	}
}

func TestOpenDist_DownloadsOnce(t *testing.T) {
	t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
	path, sum := packDist(t, wholeDist(t))
	downloads := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		downloads++
		http.ServeFile(w, r, path)
	}))
	defer server.Close()
	for range 2 {
		for _, checksum := range []string{"", sum, strings.ToUpper(sum)} {
			dist, err := OpenDist(t.Context(), server.URL+"/mattermost.tar.gz", checksum)
			if err != nil {
				t.Fatal(err)
			}
			if dist.Version != "11.4.0" || dist.Build != "20260113" || dist.SHA256 != sum {
				t.Errorf("opened %+v", dist)
			}
		}
	}
	if downloads != 1 {
		t.Errorf("downloaded %d times, want once", downloads)
	}
	// The same archive as a file is the same in the cache.
	dist, err := OpenDist(t.Context(), path, sum)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(dist.ClientDir(), "a.html")); err != nil || string(content) != "<!DOCTYPE html>" {
		t.Errorf("the client has %q, %v", content, err)
	}
}

func TestOpenDist_TellsWhyADownloadFailed(t *testing.T) {
	t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("too little"))
		case "/page":
			_, _ = w.Write([]byte("<html>Choose your edition</html>"))
		default:
			http.NotFound(w, r)
		}
	}))
	address := server.URL
	mustRefuse(t, address+"/none", "", "404 Not Found")
	mustRefuse(t, address+"/short", "", "connection was lost after 10 bytes")
	mustRefuse(t, address+"/page", "", "is no .tar.gz archive")
	mustRefuse(t, address+"/page", strings.Repeat("0", 64), "is another file than MM_DIST_SHA256 asks for")
	server.Close()
	mustRefuse(t, address+"/none", "", "connection refused")
	mustRefuse(t, strings.Replace(address, "http://", "http://name:secret@", 1), "", "name:xxxxx@")
}

func TestDist_TakesThePatchVersionFromTheBuildNumber(t *testing.T) {
	for output, want := range map[string]string{
		"Version: 5.39.0\\nBuild Number: 5.39.3": "5.39.3", "Version: 5.39.0\\nBuild Number: dev": "5.39.0",
		"Version: 11.4.0\\nBuild Number: 20260113": "11.4.0", "Version: 11.4.1\\nBuild Number: 5.39.3": "11.4.1",
		"Version: next": "", "": "",
	} {
		d := &Dist{Dir: t.TempDir()}
		if err := os.MkdirAll(filepath.Dir(d.Executable()), 0o755); err != nil {
			t.Fatal(err)
		}
		// Like a server of version 7 and later, it does not know the option.
		script := "#!/bin/sh\ntest $# = 1 || exit 1\nprintf '" + output + "\\n'\n"
		if err := os.WriteFile(d.Executable(), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := d.askVersion(t.Context()); (err == nil) != (want != "") || want != "" && d.Version != want {
			t.Errorf("%s: version %q, %v; want %q", output, d.Version, err, want)
		}
	}
}
