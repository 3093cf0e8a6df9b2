package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

const floorID = "floor"

// bundles are the packed plugins.
type bundles struct {
	id      string // of our plugin
	shipped string // as it is shipped
	counted string // the same with counters, which is not measured for time
	floor   string
}

func buildBundles(ctx context.Context, root, dir string) (bundles, error) {
	manifest, err := bundle.Load(root)
	if err != nil {
		return bundles{}, err
	}
	b := bundles{id: manifest.ID, shipped: filepath.Join(dir, "shipped.tar.gz"), counted: filepath.Join(dir, "counted.tar.gz"),
		floor: filepath.Join(dir, "floor.tar.gz")}
	pack := func(flags, output string) error {
		before := os.Getenv("GOFLAGS")
		defer func() { _ = os.Setenv("GOFLAGS", before) }()
		if err := os.Setenv("GOFLAGS", before+flags); err != nil {
			return err
		}
		return testenv.BuildAndPack(ctx, root, output, false, os.Stderr)
	}
	if err := errors.Join(pack(" -tags=counted", b.counted), pack("", b.shipped)); err != nil {
		return b, err
	}
	return b, packFloor(ctx, root, dir, b.floor)
}

// packFloor builds and packs the empty plugin.
func packFloor(ctx context.Context, root, dir, output string) error {
	executable := filepath.Join(dir, "floor")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", executable, "./bench/floor")
	cmd.Dir, cmd.Stderr = filepath.Join(root, "test"), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the empty plugin: %w", err)
	}
	binary, err := os.ReadFile(executable)
	if err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]any{"id": floorID, "name": "Floor", "version": "1.0.0",
		"min_server_version": "5.28.0", "server": map[string]any{"executables": map[string]string{bundle.Host(): "plugin"}}})
	if err != nil {
		return err
	}
	file, err := os.Create(output)
	if err != nil {
		return err
	}
	zipper := gzip.NewWriter(file)
	archive := tar.NewWriter(zipper)
	for name, content := range map[string][]byte{"plugin.json": manifest, "plugin": binary} {
		header := &tar.Header{Name: floorID + "/" + name, Mode: 0o755, Size: int64(len(content)), Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(content); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zipper.Close(), file.Close())
}
