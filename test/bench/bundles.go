package main

import (
	"context"
	"errors"
	"os"
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
	pack := func(output string, tags ...string) error {
		return testenv.BuildAndPack(ctx, root, output, false, os.Stderr, tags...)
	}
	if err := errors.Join(pack(b.counted, "counted"), pack(b.shipped)); err != nil {
		return b, err
	}
	return b, testenv.PackGoPlugin(ctx, floorID, "./bench/floor", b.floor)
}
