package testenv

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
// tags are added to those of a release.
func BuildAndPack(ctx context.Context, root, packed string, race bool, output io.Writer, tags ...string) error {
	platforms := []string{bundle.Host()}
	if err := bundle.BuildExecutables(ctx, root, platforms, race, output, tags...); err != nil {
		return err
	}
	return bundle.Pack(root, platforms, packed)
}

// PackGoPlugin builds a package of this Go module, such as "./bench/floor", for this machine and packs it as a plugin that
// has nothing but this executable.
func PackGoPlugin(ctx context.Context, id, pkg, packed string) error {
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(packed), 0o755); err != nil {
		return err
	}
	executable := filepath.Join(filepath.Dir(packed), id)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", executable, pkg)
	cmd.Dir = filepath.Join(root, "test")
	if err := runCommand(cmd); err != nil {
		return err
	}
	binary, err := os.ReadFile(executable)
	if err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]any{"id": id, "name": id, "version": "1.0.0", "min_server_version": "5.28.0",
		"server": map[string]any{"executables": map[string]string{bundle.Host(): "plugin"}}})
	if err != nil {
		return err
	}
	file, err := os.Create(packed)
	if err != nil {
		return err
	}
	zipper := gzip.NewWriter(file)
	archive := tar.NewWriter(zipper)
	for name, content := range map[string][]byte{"plugin.json": manifest, "plugin": binary} {
		header := &tar.Header{Name: id + "/" + name, Mode: 0o755, Size: int64(len(content)), Format: tar.FormatUSTAR}
		if err = archive.WriteHeader(header); err == nil {
			_, err = archive.Write(content)
		}
		if err != nil {
			break
		}
	}
	return errors.Join(err, archive.Close(), zipper.Close(), file.Close())
}
