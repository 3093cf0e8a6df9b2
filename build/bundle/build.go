package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Tags leave the page for traces out of gRPC, which is linked with the SDK and never used.
const Tags = "grpcnotrace"

// BuildExecutables builds the server part for some platforms of the manifest.
// race adds the race detector, which only the host's own platform can have. tags are added to Tags.
func BuildExecutables(ctx context.Context, root string, platforms []string, race bool, output io.Writer, tags ...string) error {
	manifest, err := Load(root)
	if err != nil {
		return err
	}
	for _, platform := range platforms {
		path, known := manifest.Server.Executables[platform]
		if !known {
			return fmt.Errorf("plugin.json has no executable for %s", platform)
		}
		goos, goarch, _ := strings.Cut(platform, "-")
		args := []string{"build", "-tags", strings.Join(append([]string{Tags}, tags...), ","), "-buildvcs=false", "-o", path}
		env := append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch)
		if race {
			args = append(args, "-race") // with the paths, as the tests are built, so that packages are compiled once for both
			env = append(env, "CGO_ENABLED=1")
		} else {
			args = append(args, "-trimpath", "-ldflags", "-s -w")
			env = append(env, "CGO_ENABLED=0")
		}
		cmd := exec.CommandContext(ctx, "go", append(args, "./server")...)
		cmd.Env = env
		if err := runIn(cmd, root, output); err != nil {
			return fmt.Errorf("build the server for %s: %w", platform, err)
		}
	}
	return nil
}

// CanRace says whether the race detector works here: it needs a C compiler.
func CanRace(ctx context.Context) bool {
	output, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return false
	}
	compiler := strings.Fields(string(output))
	if len(compiler) == 0 {
		return false
	}
	_, err = exec.LookPath(compiler[0])
	return err == nil
}

// BuildWeb builds the npm package in a directory below root, when there is one
// and its sources are newer than what it makes. result is the file that a
// build is known by, below the package.
func BuildWeb(ctx context.Context, root, dir, result string, output io.Writer) error {
	pkg := filepath.Join(root, dir)
	if _, err := os.Stat(filepath.Join(pkg, "package.json")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := InstallPackages(ctx, root, dir, output); err != nil {
		return err
	}
	fresh, err := isFresh(pkg, filepath.Join(pkg, result))
	if err != nil || fresh {
		return err
	}
	fmt.Fprintf(output, "--- building %s\n", dir)
	if err := runIn(exec.CommandContext(ctx, "npm", "run", "--silent", "build"), pkg, output); err != nil {
		return fmt.Errorf("build %s: %w", dir, err)
	}
	return nil
}

// InstallPackages runs npm ci in a directory below root, when there is a
// package whose lock has changed since the last time. Processes that want the same wait for each other.
func InstallPackages(ctx context.Context, root, dir string, output io.Writer) error {
	pkg := filepath.Join(root, dir)
	lock, err := os.ReadFile(filepath.Join(pkg, "package-lock.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	stamp := filepath.Join(pkg, "node_modules", ".installed-lock")
	installed := func() bool {
		have, err := os.ReadFile(stamp)
		return err == nil && string(have) == want
	}
	if installed() {
		return nil
	}
	unlock, err := LockFile(filepath.Join(root, "dist", "npm.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if installed() {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("npm is missing: install Node.js 20.19 or newer")
	}
	fmt.Fprintf(output, "--- installing the npm packages of %s (once for each change of its lock)\n", dir)
	if err := runIn(exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"), pkg, output); err != nil {
		return fmt.Errorf("npm ci in %s: %w", dir, err)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// isFresh says whether result is newer than all sources of a package.
func isFresh(pkg, result string) (bool, error) {
	built, err := os.Stat(result)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	fresh := true
	err = filepath.WalkDir(pkg, func(_ string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "dist") {
			return filepath.SkipDir
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !entry.IsDir() && info.ModTime().After(built.ModTime()) {
			fresh = false
			return filepath.SkipAll
		}
		return nil
	})
	return fresh, err
}

// runIn runs a command in a directory with its output going to output.
func runIn(cmd *exec.Cmd, dir string, output io.Writer) error {
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = output, output
	return cmd.Run()
}
