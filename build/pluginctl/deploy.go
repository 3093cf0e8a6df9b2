package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-server/v5/model"
)

// settle is how long the sources must be quiet before they are built: editors
// and version control change many files at once.
const settle = 300 * time.Millisecond

// login returns a client of the server to deploy to.
func login() (*model.Client4, error) {
	url := cmp.Or(os.Getenv("MM_SERVICESETTINGS_SITEURL"), "http://localhost:8065")
	client := model.NewAPIv4Client(strings.TrimSuffix(url, "/"))
	if token := os.Getenv("MM_ADMIN_TOKEN"); token != "" {
		client.SetToken(token)
		if _, response := client.GetMe(""); response.Error != nil {
			// The error's details have the token in them.
			return nil, fmt.Errorf("log in to %s with MM_ADMIN_TOKEN: %s", url, response.Error.Message)
		}
		return client, nil
	}
	username := cmp.Or(os.Getenv("MM_ADMIN_USERNAME"), install.AdminUsername)
	password := cmp.Or(os.Getenv("MM_ADMIN_PASSWORD"), install.AdminPassword)
	if _, response := client.Login(username, password); response.Error != nil {
		return nil, fmt.Errorf("log in to %s as %s (set MM_ADMIN_TOKEN to be somebody else): %w", url, username, response.Error)
	}
	return client, nil
}

// watch deploys the plugin, and again whenever a source has changed, until it
// is interrupted. A build that fails is reported and waits for the next change.
func watch(ctx context.Context, root, platform string) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Close() }()
	for _, tree := range []string{"server", "assets", "webapp"} {
		if err := watchTree(watcher, filepath.Join(root, tree)); err != nil {
			return err
		}
	}

	due := time.After(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-watcher.Errors:
			return fmt.Errorf("watch the sources: %w", err)
		case event := <-watcher.Events:
			if !matters(event) {
				continue
			}
			if info, err := os.Stat(event.Name); err == nil && info.IsDir() {
				if err := watchTree(watcher, event.Name); err != nil {
					return err
				}
			}
			due = time.After(settle)
		case <-due:
			if err := deploy(ctx, root, platform); err != nil {
				fmt.Fprintln(os.Stderr, "pluginctl:", err)
			}
			fmt.Println("--- waiting for changes (Ctrl-C ends)")
		}
	}
}

// matters says whether a change can alter the bundle.
func matters(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	return !event.Has(fsnotify.Chmod) && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") &&
		!strings.HasSuffix(name, "_test.go") && !isResult(name)
}

// isResult says whether a directory holds what builds make, not sources.
func isResult(name string) bool {
	return slices.Contains([]string{"dist", "node_modules", "coverage"}, name)
}

// watchTree watches a directory and those below it, if it exists.
func watchTree(watcher *fsnotify.Watcher, tree string) error {
	return filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case isResult(entry.Name()):
			return filepath.SkipDir
		}
		return watcher.Add(path)
	})
}
