//go:build e2e

package e2e

import (
	"archive/tar"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release/releasetest"
	"github.com/mattermost/mattermost-plugin-incident-management/test/marketplace"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// publicKeyFile is the file beside a server's config.json with the key that it trusts.
const publicKeyFile = "signing-key.asc"

// publisher makes releases of the plugin under test, with any version.
type publisher struct {
	signer *release.Signer
	// dir has the archives and their signatures, root the contents of the plugin under test.
	dir, root string
	pluginID  string
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the first archive of a release is for Linux")
	}
	packed, err := packedPlugin()
	if err != nil {
		t.Fatal(err)
	}
	p := &publisher{signer: releasetest.NewSigner(t), dir: t.TempDir(), root: t.TempDir()}
	unpackPlugin(t, packed, p.root)
	manifest, err := bundle.Load(p.root)
	if err != nil {
		t.Fatal(err)
	}
	p.pluginID = manifest.ID
	return p
}

// unpackPlugin unpacks a bundle without the directory that everything is in.
func unpackPlugin(t *testing.T, packed, dir string) {
	t.Helper()
	file, err := os.Open(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(header.Name, "/")
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, os.FileMode(header.Mode)); err != nil {
			t.Fatal(err)
		}
	}
}

// publish makes the signed archives of a version, below the given address, and
// returns the entry for the Marketplace and the path of the first archive.
func (p *publisher) publish(t *testing.T, version, address string) (release.Entry, string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.root, "plugin.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(content, &fields); err != nil {
		t.Fatal(err)
	}
	fields["version"] = version
	fields["release_notes_url"] = fields["homepage_url"].(string) + "/releases/tag/v" + version
	if content, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.root, "plugin.json"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	manifest, err := bundle.Load(p.root)
	if err != nil {
		t.Fatal(err)
	}
	if err := release.Archives(p.root, manifest, p.dir); err != nil {
		t.Fatal(err)
	}
	for _, archive := range manifest.Archives() {
		if _, err := p.signer.Sign(t.Context(), filepath.Join(p.dir, archive.Name)); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := release.NewEntry(p.root, p.dir, address, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return *entry, filepath.Join(p.dir, manifest.Archives()[0].Name)
}

// startPlain starts a server without the plugin that trusts the publisher's key and requires signatures.
func (p *publisher) startPlain(t *testing.T, dir string, settings map[string]any) *server {
	t.Helper()
	key, err := p.signer.PublicKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, publicKeyFile), key, 0o644); err != nil {
		t.Fatal(err)
	}
	plugins := map[string]any{
		"EnableMarketplace": true, "RequirePluginSignature": true, "SignaturePublicKeyFiles": []string{publicKeyFile}, "AllowInsecureDownloadUrl": true,
	}
	maps.Copy(plugins, settings)
	database := testenv.NewDatabase(t, testenv.Postgres)
	mattermost, err := testenv.StartMattermost(t.Context(), testenv.MattermostOptions{
		Driver: database.Driver, DSN: database.DSN, Dir: dir, EnableTesting: true, EnableDeveloper: true,
		Config: map[string]map[string]any{"PluginSettings": plugins},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Mattermost: mattermost, database: database, pluginID: p.pluginID}
	t.Cleanup(func() {
		s.Stop()
		if report := s.raceReport(); report != "" {
			t.Errorf("the plugin has a data race:\n%s", report)
		}
	})
	return s
}

// offered returns the plugin as the System Console shows it in its Marketplace, or nil.
func (s *server) offered(t *testing.T) *model.MarketplacePlugin {
	t.Helper()
	plugins, response := s.Admin.GetMarketplacePlugins(&model.MarketplacePluginFilter{Filter: "incident", PerPage: 100})
	must(t, "look into the Marketplace", response)
	i := slices.IndexFunc(plugins, func(p *model.MarketplacePlugin) bool { return p.Manifest != nil && p.Manifest.Id == s.pluginID })
	if i < 0 {
		return nil
	}
	return plugins[i]
}

// mustOffer fails unless the Marketplace offers a version, and says which one is installed.
func (s *server) mustOffer(t *testing.T, version, installed string) *model.MarketplacePlugin {
	t.Helper()
	plugin := s.offered(t)
	if plugin == nil {
		t.Fatal("the Marketplace does not have the plugin")
	}
	if plugin.Manifest.Version != version || plugin.InstalledVersion != installed {
		t.Fatalf("the Marketplace offers %s and has %q installed, want %s and %q", plugin.Manifest.Version, plugin.InstalledVersion, version, installed)
	}
	return plugin
}

func (s *server) install(t *testing.T, version string) *model.Response {
	t.Helper()
	_, response := s.Admin.InstallMarketplacePlugin(&model.InstallMarketplacePluginRequest{Id: s.pluginID, Version: version})
	return response
}

// mustRun waits until a version runs in exactly one process, and the plugin answers.
func (s *server) mustRun(t *testing.T, version string) {
	t.Helper()
	s.eventually(t, "version "+version+" runs", func() bool {
		if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
			t.Fatal(err)
		}
		return s.status(t) == version && s.route(t) == http.StatusBadRequest
	})
	if _, err := s.PluginPID(s.pluginID); err != nil {
		t.Error(err)
	}
}

// status returns the version that the server has, or nothing.
func (s *server) status(t *testing.T) string {
	t.Helper()
	statuses, response := s.Admin.GetPluginStatuses()
	must(t, "ask for the plugins' states", response)
	for _, status := range statuses {
		if status.PluginId == s.pluginID {
			return status.Version
		}
	}
	return ""
}

// mustBeGone waits until no process of the plugin is left and its routes are not found.
func (s *server) mustBeGone(t *testing.T) {
	t.Helper()
	s.eventually(t, "the plugin's process is gone", func() bool {
		_, err := s.PluginPID(s.pluginID)
		return err != nil
	})
	if status := s.route(t); status != http.StatusNotFound {
		t.Errorf("a route of a plugin that does not run is answered %d", status)
	}
}

// route returns how a list of incidents is answered that does not name its team: 400 by the plugin, 404 by a server without it.
func (s *server) route(t *testing.T) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/plugins/"+s.pluginID+"/api/v0/incidents", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Admin.AuthToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func (s *server) eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in a minute it did not come to pass that %s", what)
		}
	}
}

// TestMarketplace_FromFirstInstallationToRemoval does what an administrator
// does in the System Console, on a server that requires signatures.
func TestMarketplace_FromFirstInstallationToRemoval(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	shop := marketplace.NewServer(p.dir)
	web := httptest.NewServer(shop)
	defer web.Close()
	address := web.URL + "/files"
	old, _ := p.publish(t, "1.9.0", address)
	s := p.startPlain(t, t.TempDir(), map[string]any{"EnableRemoteMarketplace": true, "MarketplaceUrl": web.URL})

	// Find.
	if s.offered(t) != nil {
		t.Fatal("an empty Marketplace has the plugin")
	}
	future := old
	future.Manifest = json.RawMessage(strings.Replace(string(old.Manifest), "5.28.0", "99.0.0", 1))
	shop.Offer(future)
	if s.offered(t) != nil {
		t.Error("the Marketplace offers what needs a later server")
	}
	shop.Offer(old)
	plugin := s.mustOffer(t, "1.9.0", "")
	if plugin.IconData == "" || plugin.HomepageURL == "" || !strings.HasSuffix(plugin.ReleaseNotesURL, "/v1.9.0") || plugin.Manifest.Name != "Incident Management" {
		t.Errorf("the Marketplace shows %+v of %+v", plugin.BaseMarketplacePlugin, plugin.Manifest)
	}
	asked := shop.Requests()
	// Version 5.28 does not say its platform and gets the archive for Linux.
	if platform := asked[len(asked)-1].Get("platform"); platform != bundle.Host() && !(platform == "" && testedServer(t) == "5.28.0") {
		t.Errorf("the server asks for the platform %q", platform)
	}

	// Install, enable, use.
	must(t, "install", s.install(t, "1.9.0"))
	if s.status(t) != "1.9.0" {
		t.Errorf("installed is %q", s.status(t))
	}
	s.mustBeGone(t) // it is not enabled yet
	enable := func() {
		t.Helper()
		_, response := s.Admin.EnablePlugin(s.pluginID)
		must(t, "enable", response)
	}
	enable()
	s.mustRun(t, "1.9.0")
	c := s.newFixture(t)
	incident := c.startFromPlaybook(t, nil)
	same := func(when string) {
		t.Helper()
		if got := c.read(t, incident.ID); got.Name != incident.Name || got.PlaybookID != incident.PlaybookID || len(got.Checklists) != len(incident.Checklists) {
			t.Errorf("%s the incident is %+v, was %+v", when, got, incident)
		}
	}

	// Update. What is offered with a wrong signature changes nothing.
	current, archive := p.publish(t, "2.0.0", address)
	shop.Offer(old, current)
	s.mustOffer(t, "2.0.0", "1.9.0")
	for name, signature := range wrongSignatures(t, archive, old) {
		wrong := current
		wrong.Signature, wrong.Platforms = signature, nil
		shop.Offer(old, wrong)
		if response := s.install(t, "2.0.0"); response.Error == nil {
			t.Errorf("%s was taken", name)
		}
		if s.status(t) != "1.9.0" {
			t.Fatalf("%s: the version is now %s", name, s.status(t))
		}
	}
	s.mustRun(t, "1.9.0")
	same("after the refused updates")
	shop.Offer(old, current)
	must(t, "update", s.install(t, "2.0.0"))
	s.mustRun(t, "2.0.0")
	s.mustOffer(t, "2.0.0", "2.0.0")
	same("after the update")

	// Disable, remove, install again.
	_, response := s.Admin.DisablePlugin(s.pluginID)
	must(t, "disable", response)
	s.mustBeGone(t)
	enable()
	s.mustRun(t, "2.0.0")
	same("enabled again")
	_, response = s.Admin.RemovePlugin(s.pluginID)
	must(t, "remove", response)
	s.mustBeGone(t)
	if s.status(t) != "" {
		t.Errorf("removed, and still there with version %s", s.status(t))
	}
	s.mustOffer(t, "2.0.0", "")
	must(t, "install again", s.install(t, "2.0.0"))
	enable()
	s.mustRun(t, "2.0.0")
	same("installed again")
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.mustRun(t, "2.0.0")
}

func testedServer(t *testing.T) string {
	t.Helper()
	tested, err := testenv.FindServer("")
	if err != nil {
		t.Fatal(err)
	}
	return tested.Version
}

// wrongSignatures returns signatures in base64 that do not hold for an archive.
func wrongSignatures(t *testing.T, archive string, other release.Entry) map[string]string {
	t.Helper()
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.tar.gz")
	if err := os.WriteFile(copied, content, 0o644); err != nil {
		t.Fatal(err)
	}
	foreign, err := releasetest.NewSigner(t).Sign(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"a signature by another key":        base64.StdEncoding.EncodeToString(foreign),
		"the signature of another archive":  other.Signature,
		"a signature that is none":          base64.StdEncoding.EncodeToString([]byte("signed")),
		"a signature that is not in base64": "%%%",
		"an entry that lacks the signature": "",
	}
}

// TestPrepackaged_WithSignaturesRequired has the plugin beside the server, in
// the directory of prepackaged plugins.
func TestPrepackaged_WithSignaturesRequired(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	dir := t.TempDir()
	prepackaged := filepath.Join(dir, "prepackaged_plugins")
	// place makes an archive, with a signature, the only prepackaged one.
	place := func(archive, signature string) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(prepackaged), os.MkdirAll(prepackaged, 0o755)); err != nil {
			t.Fatal(err)
		}
		for from, to := range map[string]string{archive: filepath.Base(archive), signature: filepath.Base(archive) + ".sig"} {
			content, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(prepackaged, to), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, old := p.publish(t, "1.9.0", "https://example.org")
	place(old, old+".sig")
	s := p.startPlain(t, dir, map[string]any{"EnableRemoteMarketplace": false, "AutomaticPrepackagedPlugins": true})

	// It waits to be installed, and no other way leads past the signature.
	if s.status(t) != "" {
		t.Errorf("a prepackaged plugin that nobody enabled is there with version %s", s.status(t))
	}
	file, err := os.Open(old)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, response := s.Admin.UploadPlugin(file); response.Error == nil {
		t.Error("an upload, which has no signature, was taken")
	}
	plugin := s.mustOffer(t, "1.9.0", "")
	if plugin.IconData == "" {
		t.Error("the Marketplace shows no icon")
	}
	must(t, "install", s.install(t, "1.9.0"))
	_, response := s.Admin.EnablePlugin(s.pluginID)
	must(t, "enable", response)
	s.mustRun(t, "1.9.0")
	c := s.newFixture(t)
	incident := c.startFromPlaybook(t, nil)

	// A server that comes with a later version takes it by itself.
	_, current := p.publish(t, "2.0.0", "https://example.org")
	s.Stop()
	place(current, current+".sig")
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.mustRun(t, "2.0.0")
	if got := c.read(t, incident.ID); got.Name != incident.Name {
		t.Errorf("after the update the incident is %+v, was %+v", got, incident)
	}

	// One with a wrong signature can not be installed.
	_, next := p.publish(t, "2.0.1", "https://example.org")
	s.Stop()
	place(next, current+".sig")
	setInConfig(t, dir, "AutomaticPrepackagedPlugins", false)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if response := s.install(t, "2.0.1"); response.Error == nil {
		t.Error("a prepackaged plugin with a wrong signature was taken")
	}
	if version := s.status(t); version == "2.0.1" {
		t.Errorf("the version is now %s", version)
	}
}

// setInConfig changes a setting of the plugins in the config.json of a server that is stopped.
func setInConfig(t *testing.T, dir, name string, value any) {
	t.Helper()
	path := filepath.Join(dir, "config.json")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]map[string]any
	if err := json.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	config["PluginSettings"][name] = value
	if content, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
