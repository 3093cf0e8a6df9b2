package testenv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// BuildServer builds a Mattermost server from its module in test/mmserver,
// unless the cache has it, and returns the path of the executable. Its
// resources lie next to it, where it looks for them. See FindServer for the version.
func BuildServer(ctx context.Context, version string) (string, error) {
	server, err := FindServer(version)
	if err != nil {
		return "", err
	}
	root, err := bundle.RepoRoot()
	if err != nil {
		return "", err
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	module := filepath.Join(root, "test", "mmserver", server.Version)
	key, err := serverKey(module, server)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "mattermost-"+key)
	executable := filepath.Join(dir, "mattermost")

	unlock, err := bundle.LockFile(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(executable); err == nil {
		return executable, nil
	}

	progress("building the Mattermost server %s from its Go module (some minutes, once)", server.Version)
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	// "dev" keeps the server from rewriting the files of the web client. Nobody debugs it, so it is compiled without DWARF.
	command := exec.CommandContext
	if server.Version != DefaultServer { // which most tests wait for
		command = patientCommand
	}
	build := command(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false",
		"-ldflags", strings.TrimSpace("-s -w -X "+server.buildNumber()+"=dev "+server.ldflags),
		"-o", filepath.Join(partial, "mattermost"), server.module+"/cmd/mattermost")
	build.Dir = module
	if err := runCommand(build); err != nil {
		return "", err
	}
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", server.module)
	list.Dir = module
	source, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("find the source of the Mattermost server: %w", err)
	}
	for _, name := range []string{"i18n", "templates", "fonts"} {
		if err := copyFiles(filepath.Join(partial, name), filepath.Join(strings.TrimSpace(string(source)), name)); err != nil {
			return "", fmt.Errorf("copy %s of the Mattermost server: %w", name, err)
		}
	}
	return executable, os.Rename(partial, dir)
}

// patientCommand is a command that lets everything else go first, so that tests
// may run at the same time.
func patientCommand(ctx context.Context, name string, args ...string) *exec.Cmd {
	if nice, err := exec.LookPath("nice"); err == nil {
		name, args = nice, append([]string{"-n", "10", name}, args...)
	}
	return exec.CommandContext(ctx, name, args...)
}

// copyFiles copies a directory and makes the copy writable, which files of the
// module cache are not.
func copyFiles(target, source string) error {
	return filepath.WalkDir(source, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		to := filepath.Join(target, relative)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	})
}

// serverKey names what the executable is made from.
func serverKey(module string, server Server) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprint(hash, server.ldflags)
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", err
		}
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}
