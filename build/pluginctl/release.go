package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
)

// dist builds the plugin for all its platforms and packs it.
func dist(ctx context.Context, root string) error {
	manifest, err := bundle.Load(root)
	if err != nil {
		return err
	}
	return buildArchives(ctx, root, manifest, filepath.Join(root, "dist"))
}

// buildArchives builds everything and packs it into the archives of a release.
func buildArchives(ctx context.Context, root string, manifest *bundle.Manifest, dir string) error {
	if err := buildFor(ctx, root, manifest.Platforms()); err != nil {
		return err
	}
	fmt.Println("--- packing")
	if err := release.Archives(root, manifest, dir); err != nil {
		return err
	}
	lines, err := release.Sizes(dir, manifest)
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(lines, "\n"))
	return nil
}

// makeRelease makes everything that is published of a version. What would make
// it fail is looked at before the long build.
func makeRelease(ctx context.Context, root string) error {
	manifest, err := bundle.Load(root)
	if err != nil {
		return err
	}
	address := strings.TrimSuffix(cmp.Or(os.Getenv("RELEASE_URL"), manifest.HomepageURL+"/releases/download/v"+manifest.Version), "/")
	if parsed, err := url.Parse(address); err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" {
		return fmt.Errorf("RELEASE_URL is %q: it must be the address, with https://, below which the files will lie", address)
	}
	if err := errors.Join(manifest.Check(root), bundle.CheckGenerated(root)); err != nil {
		return err
	}
	signer, err := release.NewSigner(ctx, os.Getenv("RELEASE_KEY"), "")
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "dist", "release")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := buildArchives(ctx, root, manifest, dir); err != nil {
		return err
	}
	fmt.Println("--- signing, and listing what the plugin is made of")
	if err := release.Make(ctx, release.Options{Root: root, Dir: dir, Signer: signer, BaseURL: address, Now: time.Now(), Output: os.Stdout}); err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		fmt.Println(filepath.Join(dir, file.Name()))
	}
	return nil
}
