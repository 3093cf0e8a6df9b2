package release_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release/releasetest"
	"github.com/mattermost/mattermost-server/v5/model"
)

// newRoot makes a repository of a plugin that has been built for three platforms.
func newRoot(t *testing.T) (string, *bundle.Manifest) {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"plugin.json": `{"id": "org.example.plugin", "name": "Example", "version": "1.2.3", "min_server_version": "5.28.0", "icon_path": "assets/icon.svg",
			"homepage_url": "https://example.org/example", "release_notes_url": "https://example.org/example/releases/tag/v1.2.3",
			"server": {"executables": {"linux-arm64": "server/dist/b", "linux-amd64": "server/dist/a", "darwin-arm64": "server/dist/c"}}}`,
		"assets/icon.svg": "<svg/>", "server/dist/a": "a", "server/dist/b": "b", "server/dist/c": "c",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	manifest, err := bundle.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, manifest
}

func TestNewSigner_TellsWhatIsWrongWithAKey(t *testing.T) {
	rsa := releasetest.NewKeyRing(t, "rsa2048")
	for name, test := range map[string]struct{ key, home, want string }{
		"none":              {"", rsa, "RELEASE_KEY"},
		"blank":             {" ", rsa, "RELEASE_KEY"},
		"unknown":           {"nobody@example.com", rsa, "no secret key"},
		"not for this ring": {releasetest.Address, t.TempDir(), "no secret key"},
		// The servers' library does not know the kind of key that newer versions of GnuPG make by default.
		"a kind that servers do not know": {releasetest.Address, releasetest.NewKeyRing(t, "ed25519"), "take an RSA key"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := release.NewSigner(t.Context(), test.key, test.home); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestSign_IsWhatServersAccept(t *testing.T) {
	home := releasetest.NewKeyRing(t, "rsa2048")
	signer, err := release.NewSigner(t.Context(), releasetest.Address, home)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "plugin.tar.gz")
	if err := os.WriteFile(path, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	var signature []byte
	for range 2 { // a second time over the first
		if signature, err = signer.Sign(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(path + ".sig"); err != nil || string(written) != string(signature) {
		t.Errorf("the signature beside the file: %v", err)
	}
	armored, err := signer.PublicKey(t.Context())
	if err != nil || !strings.HasPrefix(string(armored), "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
		t.Fatalf("the public key is %q, %v", armored, err)
	}
	if err := signer.Verify([]byte("content"), signature); err != nil {
		t.Error(err)
	}
	if signer.Verify([]byte("Content"), signature) == nil {
		t.Error("a signature holds for something else")
	}
	if releasetest.NewSigner(t).Verify([]byte("content"), signature) == nil {
		t.Error("a signature holds for another key")
	}
}

func TestNewEntry_DescribesTheSignedArchives(t *testing.T) {
	root, manifest := newRoot(t)
	dir := filepath.Join(root, "dist")
	if err := release.Archives(root, manifest, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := release.NewEntry(root, dir, "https://example.org/files", time.Now()); err == nil {
		t.Error("made an entry of archives that are not signed")
	}
	signer := releasetest.NewSigner(t)
	for _, archive := range manifest.Archives() {
		if _, err := signer.Sign(t.Context(), filepath.Join(dir, archive.Name)); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := release.NewEntry(root, dir, "https://example.org/files", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://example.org/files/org.example.plugin-1.2.3.tar.gz"; entry.DownloadURL != want {
		t.Errorf("download_url is %s, want %s", entry.DownloadURL, want)
	}
	if entry.IconData != "data:image/svg+xml;base64,"+base64.StdEncoding.EncodeToString([]byte("<svg/>")) {
		t.Errorf("icon_data is %s", entry.IconData)
	}
	if entry.HomepageURL != manifest.HomepageURL || entry.ReleaseNotesURL != manifest.ReleaseNotesURL || entry.RepoName != "example" {
		t.Errorf("the entry is %+v", entry)
	}
	var packed struct {
		Server struct{ Executables map[string]string }
	}
	if err := json.Unmarshal(entry.Manifest, &packed); err != nil || len(packed.Server.Executables) != 2 {
		t.Errorf("the manifest is %s, want that of the archive for Linux: %v", entry.Manifest, err)
	}
	if len(entry.Platforms) != 3 {
		t.Errorf("the platforms are %v", entry.Platforms)
	}
	for platform, own := range entry.Platforms {
		content, err := os.ReadFile(filepath.Join(dir, filepath.Base(own.DownloadURL)))
		if err != nil || !strings.Contains(own.DownloadURL, platform) {
			t.Errorf("%s: %s, %v", platform, own.DownloadURL, err)
		}
		signature, err := base64.StdEncoding.DecodeString(own.Signature)
		if err != nil {
			t.Fatal(err)
		}
		if err := signer.Verify(content, signature); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
	}
}

// TestManifest_IsFitForServersAndTheMarketplace looks at the plugin's own plugin.json.
func TestManifest_IsFitForServersAndTheMarketplace(t *testing.T) {
	root, err := bundle.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := bundle.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := manifest.Check(root); err != nil {
		t.Error(err)
	}
	// The oldest server reads the same.
	old, _, err := model.FindManifest(root)
	if err != nil {
		t.Fatal(err)
	}
	if !model.IsValidPluginId(old.Id) || old.Server.Executables.LinuxAmd64 == "" || !old.HasClient() {
		t.Errorf("version 5.28 reads %+v", old)
	}
	if fits, err := old.MeetMinServerVersion("5.28.0"); err != nil || !fits {
		t.Errorf("version 5.28.0 refuses it: %v", err)
	}
	if fits, err := old.MeetMinServerVersion("5.27.9"); err != nil || fits {
		t.Errorf("version 5.27.9 takes it: %v", err)
	}
}

func TestManifestCheck_FindsWhatIsWrong(t *testing.T) {
	root, manifest := newRoot(t)
	if err := manifest.Check(root); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "assets", "icon.png"), []byte("\x89PNG"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(m *bundle.Manifest){
		"version must be":            func(m *bundle.Manifest) { m.Version = "2.0" },
		"min_server_version must be": func(m *bundle.Manifest) { m.MinServerVersion = "" },
		"homepage_url must":          func(m *bundle.Manifest) { m.HomepageURL = "example.org" },
		"release_notes_url must":     func(m *bundle.Manifest) { m.Version = "1.2.4" },
		"icon_path: open":            func(m *bundle.Manifest) { m.IconPath = "assets/none.svg" },
		"icon_path must":             func(m *bundle.Manifest) { m.IconPath = "assets/icon.png" },
	} {
		changed := *manifest
		change(&changed)
		if err := changed.Check(root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}
