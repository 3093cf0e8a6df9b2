// Command run is "make run": the plugin in a real Mattermost server with its own
// PostgreSQL and example data. The data are kept in .run; "run reset" deletes them.
//
// Environment: PORT of Mattermost (8065) and PG_PORT of PostgreSQL (15432);
// RUN_POSTGRES_DSN names a PostgreSQL server to use instead of an own one;
// MM_CLIENT_DIR names a full Mattermost web client to serve. MM_DIST names a
// release archive of Mattermost, by path or address, to run instead of a server
// built here; MM_DIST_SHA256 is the checksum that it must have.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func main() {
	testenv.Progress = os.Stdout
	testenv.Main("run", func(ctx context.Context) error {
		root, err := bundle.RepoRoot()
		switch {
		case err != nil:
			return err
		case len(os.Args) == 1:
			return run(ctx, root)
		case len(os.Args) == 2 && os.Args[1] == "reset":
			return reset(ctx, root)
		default:
			return errors.New("usage: run [reset]")
		}
	})
}

// run starts everything and waits for the signal that ends it.
func run(ctx context.Context, root string) error {
	port, err := portFrom("PORT", 8065, "Mattermost")
	if err != nil {
		return err
	}
	unlock, err := lock(root)
	if err != nil {
		return err
	}
	defer unlock()

	// A wrong archive is an error before anything is built.
	dist, err := openDist(ctx)
	if err != nil {
		return err
	}
	data, err := dataOf(root, dist)
	if err != nil {
		return err
	}
	progress("building the plugin")
	packed, err := buildPlugin(ctx, root, dist == nil)
	if err != nil {
		return err
	}
	database, err := startDatabase(ctx, root, data.database)
	if err != nil {
		return err
	}
	if dist == nil {
		// Building the server is a step of its own, and says so.
		if _, err := testenv.BuildServer(ctx, ""); err != nil {
			return err
		}
	}
	progress("starting Mattermost on port %d", port)
	mattermost, err := testenv.StartMattermost(ctx, testenv.MattermostOptions{
		Dist: dist, Driver: database.Driver, DSN: database.DSN, Port: port, Dir: data.dir,
		SiteURL: os.Getenv("SITE_URL"), EnableTesting: true, EnableDeveloper: true,
	})
	if err != nil {
		return err
	}
	progress("installing the plugin")
	id, err := mattermost.InstallPlugin(ctx, packed)
	if err != nil {
		return err
	}
	if err := seed(ctx, mattermost, id); err != nil {
		return fmt.Errorf("fill in the examples: %w", err)
	}

	fmt.Printf(`
  Mattermost    http://localhost:%d   team "%s"
  administrator %s / %s
  users         %s / %s
                %s / %s
  log           %s

Ctrl-C ends everything; the data stay in .run ("make reset" throws them away).
`, port, teamName, testenv.AdminUsername, testenv.AdminPassword, users[0], passwordOf(users[0]), users[1], passwordOf(users[1]), mattermost.LogPath)
	if err := mattermost.Wait(); err != nil {
		return fmt.Errorf("mattermost ended by itself: %w; its log is %s", err, mattermost.LogPath)
	}
	return nil
}

// progress prints a line about the step that begins.
func progress(format string, args ...any) { fmt.Printf("--- "+format+"\n", args...) }

// portFrom reads a port from the environment and checks that it is free.
func portFrom(variable string, otherwise int, purpose string) (int, error) {
	port := otherwise
	if value := os.Getenv(variable); value != "" {
		var err error
		if port, err = strconv.Atoi(value); err != nil || port < 1 || port > 65535 {
			return 0, fmt.Errorf("%s is %q: it must be a number from 1 to 65535", variable, value)
		}
	}
	return port, testenv.CheckPort(port, purpose, variable)
}

// lock makes sure that the data in .run are used once at a time.
func lock(root string) (unlock func(), err error) {
	dir := filepath.Join(root, ".run")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, errors.New(`"make run" is running in this clone: end it first`)
	}
	return func() { _ = file.Close() }, nil
}

// buildPlugin builds and packs the plugin for this machine, and, if asked for, the small web
// client with it.
func buildPlugin(ctx context.Context, root string, withClient bool) (string, error) {
	if err := bundle.BuildWeb(ctx, root, "webapp", "dist/main.js", os.Stdout); err != nil {
		return "", err
	}
	if withClient {
		if err := bundle.BuildWeb(ctx, root, filepath.Join("test", "webhost"), "dist/root.html", os.Stdout); err != nil {
			return "", err
		}
	}
	return testenv.PackPlugin(ctx, "run", false, os.Stdout)
}

func startDatabase(ctx context.Context, root, name string) (*testenv.Database, error) {
	server, err := databaseServer(ctx, root)
	if err != nil {
		return nil, err
	}
	return server.EnsureDatabase(ctx, name)
}

func databaseServer(ctx context.Context, root string) (*testenv.DatabaseServer, error) {
	if dsn := os.Getenv("RUN_POSTGRES_DSN"); dsn != "" {
		progress("using the PostgreSQL server of RUN_POSTGRES_DSN")
		return &testenv.DatabaseServer{Server: testdb.Server{Driver: testenv.Postgres, DSN: dsn}}, nil
	}
	port, err := portFrom("PG_PORT", 15432, "PostgreSQL")
	if err != nil {
		return nil, err
	}
	progress("starting PostgreSQL on port %d", port)
	return testenv.StartPostgres(ctx, testenv.PostgresOptions{DataDir: postgresDir(root), Port: port})
}

func postgresDir(root string) string { return filepath.Join(root, ".run", "postgres") }

// reset throws the data away, those of every server.
func reset(ctx context.Context, root string) error {
	unlock, err := lock(root)
	if err != nil {
		return err
	}
	defer unlock()
	if dsn := os.Getenv("RUN_POSTGRES_DSN"); dsn != "" {
		for _, data := range allData(root) {
			database, err := startDatabase(ctx, root, data.database)
			if err != nil {
				return err
			}
			if err := database.Drop(ctx); err != nil {
				return err
			}
		}
	}
	data, err := testenv.PersistentDir(postgresDir(root))
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(data), os.RemoveAll(filepath.Join(root, ".run"))); err != nil {
		return err
	}
	progress("the data of \"make run\" are deleted")
	return nil
}
