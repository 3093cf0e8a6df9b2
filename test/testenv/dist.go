package testenv

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// Dist is an unpacked release archive of Mattermost: a server with its own web client.
type Dist struct {
	// Version is the version of the server, as "11.4.0".
	Version string
	// Build is the build number that the server reports.
	Build string
	// Source is the path or address that the archive came from.
	Source string
	// SHA256 is the checksum of the archive, in hexadecimal digits.
	SHA256 string
	// Dir is the archive's directory "mattermost". Nothing may write to it: clones share it.
	Dir string
}

const serverInArchive = "bin/mattermost"

// Executable returns the path of the server.
func (d *Dist) Executable() string { return filepath.Join(d.Dir, filepath.FromSlash(serverInArchive)) }

// ClientDir returns the path of the web client.
func (d *Dist) ClientDir() string { return filepath.Join(d.Dir, "client") }

// OpenDist unpacks a release archive into the cache, unless it is there, and
// asks the server in it for its version. source is a path, or an address that
// begins with http:// or https://; an address is downloaded once. checksum is
// the archive's SHA-256 in hexadecimal digits, or empty to take any archive.
func OpenDist(ctx context.Context, source, checksum string) (*Dist, error) {
	checksum = strings.ToLower(strings.TrimSpace(checksum))
	if checksum != "" && !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(checksum) {
		return nil, errors.New("MM_DIST_SHA256 must be the 64 hexadecimal digits of a SHA-256 checksum")
	}
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	dists := filepath.Join(cache, "dist")
	unlock, err := bundle.LockFile(filepath.Join(dists, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()

	d := &Dist{Source: source}
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		d.SHA256, err = unpackURL(ctx, dists, source, checksum)
	} else {
		d.SHA256, err = unpackPath(dists, source, checksum)
	}
	if err != nil {
		return nil, err
	}
	d.Dir = filepath.Join(unpackedDir(dists, d.SHA256), "mattermost")
	return d, d.askVersion(ctx)
}

func unpackedDir(dists, sum string) string { return filepath.Join(dists, sum[:16]) }

// isUnpacked says whether the cache has the archive with a checksum.
func isUnpacked(dists, sum string) bool {
	if sum == "" {
		return false
	}
	_, err := os.Stat(unpackedDir(dists, sum))
	return err == nil
}

// unpackPath unpacks a file and returns its checksum.
func unpackPath(dists, path, checksum string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("MM_DIST: there is no file %s: name a release archive of Mattermost, or an address that begins with https://", path)
	case err != nil:
		return "", fmt.Errorf("MM_DIST: %w", err)
	case info.IsDir():
		return "", fmt.Errorf("MM_DIST: %s is a directory: name the archive (.tar.gz) itself", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("MM_DIST: %w", err)
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	return sum, unpackOnce(dists, path, path, sum, checksum)
}

// unpackURL downloads and unpacks an archive, unless the cache has it, and
// returns its checksum. Without a checksum the cache knows it by its address.
func unpackURL(ctx context.Context, dists, address, checksum string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return "", fmt.Errorf("MM_DIST: %q is no address of a file", address)
	}
	shown := parsed.Redacted()
	key := sha256.Sum256([]byte(address))
	known := filepath.Join(dists, "address-"+hex.EncodeToString(key[:8]))
	want := checksum
	if want == "" {
		if content, err := os.ReadFile(known); err == nil {
			want = strings.TrimSpace(string(content))
		}
	}
	if isUnpacked(dists, want) {
		return want, nil
	}

	progress("downloading %s (once)", shown)
	archive, err := os.CreateTemp(dists, "download-*.partial")
	if err != nil {
		return "", err
	}
	defer func() {
		_ = archive.Close()
		_ = os.Remove(archive.Name())
	}()
	sum, err := download(ctx, parsed, archive)
	if err != nil {
		return "", fmt.Errorf("download %s: %w", shown, err)
	}
	if err := unpackOnce(dists, archive.Name(), shown, sum, checksum); err != nil {
		return "", err
	}
	return sum, os.WriteFile(known, []byte(sum+"\n"), 0o644)
}

// download writes what an address answers to a file and returns its checksum.
func download(ctx context.Context, address *url.URL, to io.Writer) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var failure *url.Error // its text repeats the address
		if errors.As(err, &failure) {
			err = failure.Err
		}
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server answered %s", response.Status)
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(to, hash), response.Body)
	if err != nil {
		return "", fmt.Errorf("the connection was lost after %d bytes: try again: %w", size, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// unpackOnce checks and unpacks an archive into the cache, unless it is there. name is what errors call it.
func unpackOnce(dists, archive, name, sum, checksum string) error {
	if checksum != "" && sum != checksum {
		return fmt.Errorf("%s is another file than MM_DIST_SHA256 asks for: its SHA-256 is %s, wanted is %s", name, sum, checksum)
	}
	if isUnpacked(dists, sum) {
		return nil
	}
	progress("unpacking %s (once)", name)
	dir := unpackedDir(dists, sum)
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(partial) }()
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return err
	}
	if err := unpackArchive(archive, partial); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	if err := checkDist(filepath.Join(partial, "mattermost")); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	return os.Rename(partial, dir)
}

// checkDist returns an error unless a directory holds a server for this machine and a web client.
func checkDist(dir string) error {
	host := runtime.GOOS + "-" + runtime.GOARCH
	server := filepath.Join(dir, filepath.FromSlash(serverInArchive))
	if info, err := os.Stat(server); err != nil || !info.Mode().IsRegular() {
		for _, other := range []string{"bin/mattermost.exe", "bin/platform"} {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(other))); err == nil {
				return fmt.Errorf("has mattermost/%s, but no mattermost/%s: take the archive of Mattermost 5.28 or later for %s", other, serverInArchive, host)
			}
		}
		return fmt.Errorf("is no release archive of Mattermost: it has no mattermost/%s", serverInArchive)
	}
	if platform := platformOf(server); platform != host {
		return fmt.Errorf("holds a server for %s, and this machine is %s: take the archive whose name ends with -%s.tar.gz", platform, host, host)
	}
	if _, err := os.Stat(filepath.Join(dir, "client", "root.html")); err != nil {
		return errors.New("has no web client (mattermost/client/root.html): take the whole release archive of Mattermost")
	}
	return os.Chmod(server, 0o755)
}

// platformOf returns the platform of an executable as "linux-amd64".
func platformOf(path string) string {
	if file, err := elf.Open(path); err == nil {
		defer func() { _ = file.Close() }()
		return "linux-" + map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[file.Machine]
	}
	if file, err := macho.Open(path); err == nil {
		defer func() { _ = file.Close() }()
		return "darwin-" + map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[file.Cpu]
	}
	if file, err := pe.Open(path); err == nil {
		defer func() { _ = file.Close() }()
		return "windows-amd64"
	}
	return "an unknown platform"
}

// releaseNumber is how servers of before version 7 state their patch version: in the build number.
var releaseNumber = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// askVersion runs the server for its version, which needs neither a database nor a configuration.
func (d *Dist) askVersion(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var output []byte
	var err error
	// Servers before version 7 would connect to a database unless told not to; later ones do not know the option.
	for _, args := range [][]string{{"version", "--skip-server-start"}, {"version"}} {
		cmd := exec.CommandContext(ctx, d.Executable(), args...)
		cmd.Dir, cmd.Env = d.Dir, environment()
		if output, err = cmd.CombinedOutput(); err == nil {
			break
		}
	}
	for line := range strings.Lines(string(output)) {
		name, value, _ := strings.Cut(line, ": ")
		switch value = strings.TrimSpace(value); name {
		case "Version":
			d.Version = value
		case "Build Number":
			d.Build = value
		}
	}
	if err == nil && !releaseNumber.MatchString(d.Version) {
		err = errors.New("no line \"Version: …\"")
	}
	if err != nil {
		return fmt.Errorf("the server of %s did not tell its version: %w\n%s", d.Source, err, output)
	}
	minor := d.Version[:strings.LastIndex(d.Version, ".")+1]
	if releaseNumber.MatchString(d.Build) && strings.HasPrefix(d.Build, minor) {
		d.Version = d.Build
	}
	return nil
}
