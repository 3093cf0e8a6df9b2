// Package bundle builds the plugin and packs it into the file that Mattermost
// installs. plugin.json is the only source of the plugin's id and version.
package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Manifest is plugin.json.
type Manifest struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Server  struct {
		// Executables are the paths below the root, by platform ("linux-amd64").
		Executables map[string]string `json:"executables"`
	} `json:"server"`
	Webapp struct {
		BundlePath string `json:"bundle_path"`
	} `json:"webapp"`
}

// Host is the platform of this machine.
func Host() string { return runtime.GOOS + "-" + runtime.GOARCH }

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
