// Package release makes what is published of a version: archives, signatures,
// checksums, a list of components, and the entry for the Plugin Marketplace.
package release

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// The names of the files beside the archives, their signatures and the list of components.
const (
	ChecksumsFile   = "SHA256SUMS"
	MarketplaceFile = "marketplace.json"
	PublicKeyFile   = "signing-key.asc"
)

// Archives packs what has been built into the archives of a release. Other files in the directory stay.
func Archives(root string, manifest *bundle.Manifest, dir string) error {
	for _, archive := range manifest.Archives() {
		if err := bundle.Pack(root, archive.Platforms, filepath.Join(dir, archive.Name)); err != nil {
			return err
		}
	}
	return nil
}

// Options say what a release is made of.
type Options struct {
	// Root is the repository; its executables and web part have been built, and Dir has its archives.
	Root, Dir string
	Signer    *Signer
	// BaseURL is the address below which the files will lie, without a slash at its end.
	BaseURL string
	Now     time.Time
	Output  io.Writer
}

// Make adds everything else to the archives. The checksums are the last file,
// so a release that has them is whole.
func Make(ctx context.Context, options Options) error {
	manifest, err := bundle.Load(options.Root)
	if err != nil {
		return err
	}
	for _, archive := range manifest.Archives() {
		if _, err := options.Signer.Sign(ctx, filepath.Join(options.Dir, archive.Name)); err != nil {
			return err
		}
	}
	sbom := filepath.Join(options.Dir, manifest.ID+"-"+manifest.Version+".cdx.json")
	if err := WriteSBOM(ctx, options.Root, sbom, options.Now, options.Output); err != nil {
		return fmt.Errorf("write the list of components: %w", err)
	}
	entry, err := NewEntry(options.Root, options.Dir, options.BaseURL, options.Now)
	if err != nil {
		return fmt.Errorf("write the entry for the Plugin Marketplace: %w", err)
	}
	// The Marketplace's database is a list, and so is this.
	content, err := json.MarshalIndent([]Entry{*entry}, "", "  ")
	if err != nil {
		return err
	}
	key, err := options.Signer.PublicKey(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(options.Dir, MarketplaceFile), append(content, '\n'), 0o644),
		os.WriteFile(filepath.Join(options.Dir, PublicKeyFile), key, 0o644),
	); err != nil {
		return err
	}
	if err := writeChecksums(options.Dir); err != nil {
		return err
	}
	_, err = options.Signer.Sign(ctx, filepath.Join(options.Dir, ChecksumsFile))
	return err
}

// writeChecksums writes the checksums of all files of a directory, in the form that "sha256sum -c" reads.
func writeChecksums(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		fmt.Fprintf(&lines, "%s  %s\n", hex.EncodeToString(sum[:]), file.Name())
	}
	return os.WriteFile(filepath.Join(dir, ChecksumsFile), []byte(lines.String()), 0o644)
}

// NewEntry returns the entry for the Plugin Marketplace of the signed archives
// in a directory. Archives that are not there are left out of its platforms,
// but the one for all servers on Linux must be there.
func NewEntry(root, dir, baseURL string, now time.Time) (*Entry, error) {
	manifest, err := bundle.Load(root)
	if err != nil {
		return nil, err
	}
	archives := manifest.Archives()
	main, err := download(dir, archives[0].Name, baseURL)
	if err != nil {
		return nil, err
	}
	packed, err := bundle.ReadManifest(filepath.Join(dir, archives[0].Name))
	if err != nil {
		return nil, err
	}
	icon, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(manifest.IconPath)))
	if err != nil {
		return nil, err
	}
	entry := &Entry{
		HomepageURL: manifest.HomepageURL, ReleaseNotesURL: manifest.ReleaseNotesURL, RepoName: path.Base(manifest.HomepageURL),
		IconData:    "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(icon),
		DownloadURL: main.DownloadURL, Signature: main.Signature,
		AuthorType: "community", ReleaseStage: "production",
		Manifest: packed, Platforms: map[string]Download{}, UpdatedAt: now.UTC(),
	}
	for _, archive := range archives[1:] {
		own, err := download(dir, archive.Name, baseURL)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		entry.Platforms[archive.Platforms[0]] = own
	}
	return entry, nil
}

func download(dir, name, baseURL string) (Download, error) {
	signature, err := os.ReadFile(filepath.Join(dir, name+".sig"))
	if err != nil {
		return Download{}, err
	}
	return Download{DownloadURL: baseURL + "/" + name, Signature: base64.StdEncoding.EncodeToString(signature)}, nil
}

// Sizes returns a line for each archive in a directory.
func Sizes(dir string, manifest *bundle.Manifest) ([]string, error) {
	var lines []string
	for _, archive := range manifest.Archives() {
		info, err := os.Stat(filepath.Join(dir, archive.Name))
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%s (%.1f MB) for %s", filepath.Join(dir, archive.Name), float64(info.Size())/1e6, strings.Join(archive.Platforms, ", ")))
	}
	return lines, nil
}
