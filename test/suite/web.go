package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// script says whether the npm package in a directory has a script.
func (s *suite) script(dir, name string) (bool, error) {
	content, err := os.ReadFile(filepath.Join(s.root, dir, "package.json"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var pkg struct {
		Scripts map[string]string `json:"scripts"`
	}
	if err := json.Unmarshal(content, &pkg); err != nil {
		return false, fmt.Errorf("%s/package.json: %w", dir, err)
	}
	return pkg.Scripts[name] != "", nil
}

// installPackages installs the npm packages of the web part and of the page, once for each change of their locks.
func installPackages(ctx context.Context, s *suite) error {
	s.building.Lock()
	defer s.building.Unlock()
	var failures []error
	for _, dir := range webPackages {
		failures = append(failures, bundle.InstallPackages(ctx, s.root, dir, s.out))
	}
	return errors.Join(failures...)
}

// runWebUnit runs the web part's tests that need no server.
func runWebUnit(ctx context.Context, s *suite) error {
	if err := installPackages(ctx, s); err != nil {
		return err
	}
	var failures []error
	for _, dir := range webPackages {
		has, err := s.script(dir, "test")
		if err == nil && has {
			err = s.command(ctx, filepath.Join(s.root, dir), os.Environ(), "npm", "test", "--silent")
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", dir, err))
		}
	}
	return errors.Join(failures...)
}

// runWebSize builds the web part and compares its size with what is allowed.
func runWebSize(ctx context.Context, s *suite) error {
	has, err := s.script("webapp", "size")
	if err != nil || !has {
		return err
	}
	if err := buildWeb(ctx, s); err != nil {
		return err
	}
	return s.command(ctx, filepath.Join(s.root, "webapp"), os.Environ(), "npm", "run", "--silent", "size")
}

func buildWeb(ctx context.Context, s *suite) error {
	s.building.Lock()
	defer s.building.Unlock()
	return bundle.BuildWeb(ctx, s.root, "webapp", "dist/main.js", s.out)
}

// browserBundle is the packed plugin of the browser tests.
func (s *suite) browserBundle() string {
	return filepath.Join(s.root, "dist", "browser", "plugin.tar.gz")
}

// prepareBrowser packs the plugin as it ships, once: races are the business of
// the end-to-end tests, which read the log for them.
func prepareBrowser(ctx context.Context, s *suite) error {
	s.building.Lock()
	defer s.building.Unlock()
	if *s.packed {
		return nil
	}
	if err := bundle.BuildWeb(ctx, s.root, "webapp", "dist/main.js", s.out); err != nil {
		return err
	}
	if err := bundle.BuildWeb(ctx, s.root, filepath.Join("test", "webhost"), "dist/root.html", s.out); err != nil {
		return err
	}
	if err := testenv.BuildAndPack(ctx, s.root, s.browserBundle(), false, s.out); err != nil {
		return err
	}
	*s.packed = true
	return nil
}

// sitePath is the path of the second site of the browser tests.
const sitePath = "/chat"

// runWebBrowser runs the web part's browser tests (its script "test:browser")
// against Mattermost servers with the whole plugin. They learn of them by
// MM_URL, MM_ADMIN_USERNAME, MM_ADMIN_PASSWORD and MM_PLUGIN_ID; MM_URL_2026 is
// the site for the page's frame of 2026, which is below a path. MM_FRAMES=one, set outside or by "suite ci", runs each test
// in one frame.
func runWebBrowser(ctx context.Context, s *suite) error {
	has, err := s.script("webapp", "test:browser")
	if err != nil {
		return err
	}
	if !has {
		fmt.Fprintln(s.out, "--- the web part has no browser tests")
		return nil
	}
	if err := prepareBrowser(ctx, s); err != nil {
		return err
	}
	databases, err := testenv.StartPostgres(ctx, testenv.PostgresOptions{})
	if err != nil {
		return err
	}
	env := append(os.Environ(), "MM_ADMIN_USERNAME="+testenv.AdminUsername, "MM_ADMIN_PASSWORD="+testenv.AdminPassword)
	for name, path := range map[string]string{"MM_URL": "", "MM_URL_2026": sitePath} {
		mattermost, id, err := s.browserServer(ctx, databases, path)
		if err != nil {
			return err
		}
		defer mattermost.Stop()
		env = append(env, name+"="+mattermost.SiteURL, "MM_PLUGIN_ID="+id)
	}
	if s.ci {
		env = append(env, "MM_FRAMES=one", "CI=1") // CI is Playwright's: a test that fails is tried once more, and listed
	}
	args := []string{"run", "--silent", "test:browser"}
	if pattern := os.Getenv("GREP"); pattern != "" {
		args = append(args, "--", "-g", pattern)
	}
	err = s.command(ctx, filepath.Join(s.root, "webapp"), env, "npm", args...)
	fmt.Fprintln(s.out, "--- pictures, and what failed tests saw: "+filepath.Join(s.root, "dist", "browser"))
	return err
}

// browserServer starts a server with the plugin below a path, and returns the plugin's id.
func (s *suite) browserServer(ctx context.Context, databases *testenv.DatabaseServer, path string) (*testenv.Mattermost, string, error) {
	database, err := databases.NewDatabase(ctx)
	if err != nil {
		return nil, "", err
	}
	mattermost, err := testenv.StartMattermost(ctx, testenv.MattermostOptions{
		Driver: database.Driver, DSN: database.DSN, Path: path, EnableTesting: true, EnableDeveloper: true,
	})
	if err != nil {
		return nil, "", err
	}
	id, err := mattermost.InstallPlugin(ctx, s.browserBundle())
	return mattermost, id, err
}
