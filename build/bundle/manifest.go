// Package bundle builds the plugin and packs it into the file that Mattermost
// installs. plugin.json is the only source of the plugin's id and version.
package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/blang/semver"
)

// Manifest is plugin.json.
type Manifest struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	Version          string `json:"version"`
	MinServerVersion string `json:"min_server_version"`
	HomepageURL      string `json:"homepage_url"`
	ReleaseNotesURL  string `json:"release_notes_url"`
	IconPath         string `json:"icon_path"`
	Server           struct {
		// Executables are the paths below the root, by platform ("linux-amd64").
		Executables map[string]string `json:"executables"`
	} `json:"server"`
	Webapp struct {
		BundlePath string `json:"bundle_path"`
	} `json:"webapp"`
}

// Host is the platform of this machine.
func Host() string { return runtime.GOOS + "-" + runtime.GOARCH }

// RepoRoot returns the root of the repository that the working directory is in.
func RepoRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "plugin.json")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no plugin.json here or above: run this inside the repository")
		}
		dir = parent
	}
}

// Load reads plugin.json below root.
func Load(root string) (*Manifest, error) {
	content, err := os.ReadFile(filepath.Join(root, "plugin.json"))
	if err != nil {
		return nil, err
	}
	var manifest Manifest
	if err := json.Unmarshal(content, &manifest); err != nil {
		return nil, fmt.Errorf("read plugin.json: %w", err)
	}
	if manifest.ID == "" || manifest.Version == "" {
		return nil, errors.New("plugin.json lacks id or version")
	}
	return &manifest, nil
}

// Archive is one of the files in which a release comes.
type Archive struct {
	// Name is the file's name.
	Name string
	// Platforms are those whose executables are in it.
	Platforms []string
}

// Archives returns what a release consists of: one archive for servers on
// Linux, and one for each platform alone. See docs/decisions/0015.
func (m *Manifest) Archives() []Archive {
	platforms := m.Platforms()
	linux := slices.DeleteFunc(slices.Clone(platforms), func(platform string) bool { return !strings.HasPrefix(platform, "linux-") })
	archives := []Archive{{m.ID + "-" + m.Version + ".tar.gz", linux}}
	for _, platform := range platforms {
		archives = append(archives, Archive{m.ID + "-" + m.Version + "-" + platform + ".tar.gz", []string{platform}})
	}
	return archives
}

// Platforms returns the platforms that there are executables for, those of Linux first.
func (m *Manifest) Platforms() []string {
	platforms := slices.Sorted(maps.Keys(m.Server.Executables))
	var linux, others []string
	for _, platform := range platforms {
		if strings.HasPrefix(platform, "linux-") {
			linux = append(linux, platform)
		} else {
			others = append(others, platform)
		}
	}
	return append(linux, others...)
}

// Check returns what would keep Mattermost or its Plugin Marketplace from taking the plugin.
func (m *Manifest) Check(root string) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("plugin.json: "+format, args...))
	}
	for name, version := range map[string]string{"version": m.Version, "min_server_version": m.MinServerVersion} {
		if _, err := semver.Parse(version); err != nil {
			fault("%s must be three numbers with dots: %w", name, err)
		}
	}
	if !strings.HasPrefix(m.HomepageURL, "https://") {
		fault("homepage_url must be an address that begins with https://")
	}
	if want := m.HomepageURL + "/releases/tag/v" + m.Version; m.ReleaseNotesURL != want {
		fault("release_notes_url must be %s", want)
	}
	// Servers read it as a file, and refuse what is no SVG.
	if icon, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.IconPath))); err != nil {
		fault("icon_path: %w", err)
	} else if !bytes.HasPrefix(bytes.TrimSpace(icon), []byte("<svg")) {
		fault("icon_path must name an SVG file")
	}
	return errors.Join(faults...)
}

// generated returns the sources made from the manifest, by path below the root.
func (m *Manifest) generated() map[string]string {
	return map[string]string{
		"server/manifest.go": fmt.Sprintf(`// Code generated from plugin.json by "make gen". DO NOT EDIT.

package main

const (
	manifestID      = %q
	manifestVersion = %q
)
`, m.ID, m.Version),
		"webapp/src/manifest.ts": fmt.Sprintf(`// Code generated from plugin.json by "make gen". DO NOT EDIT.

export const PLUGIN_ID = '%s';
`, m.ID),
	}
}

// Generate writes the sources that carry the manifest's id and version.
func Generate(root string) error {
	manifest, err := Load(root)
	if err != nil {
		return err
	}
	for name, content := range manifest.generated() {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// CheckGenerated returns an error when Generate would change something.
func CheckGenerated(root string) error {
	manifest, err := Load(root)
	if err != nil {
		return err
	}
	for name, want := range manifest.generated() {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if !bytes.Equal(have, []byte(want)) {
			return fmt.Errorf("%s does not match plugin.json: run \"make gen\"", name)
		}
	}
	return nil
}
