package testenv

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// Main runs a program and exits. It ends everything that the program has started, also after a signal. The exit code is
// 0, 1 after an error, or 130 after a signal.
func Main(name string, run func(ctx context.Context) error) {
	handleSignals()
	err := run(context.Background())
	StopAll()
	switch {
	case Interrupted():
		os.Exit(130)
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// PackPlugin builds the server part for this machine and packs it, with the web part as it was last built, into
// dist/dir/plugin.tar.gz. race adds the race detector. It returns the path of the file.
func PackPlugin(ctx context.Context, dir string, race bool, output io.Writer) (string, error) {
	root, err := bundle.RepoRoot()
	if err != nil {
		return "", err
	}
	packed := filepath.Join(root, "dist", dir, "plugin.tar.gz")
	return packed, BuildAndPack(ctx, root, packed, race, output)
}

// BuildAndPack builds the server part of the plugin in root for this machine and packs the plugin.
func BuildAndPack(ctx context.Context, root, packed string, race bool, output io.Writer) error {
	platforms := []string{bundle.Host()}
	if err := bundle.BuildExecutables(ctx, root, platforms, race, output); err != nil {
		return err
	}
	return bundle.Pack(root, platforms, packed)
}
