package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

const noClientPage = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Mattermost</title></head>
<body>
<h1>The Mattermost server runs</h1>
<p>There is no web client: the page in test/webhost has not been built.
To serve a full Mattermost web client that you have, say <code>MM_CLIENT_DIR=/path/to/client make run</code>.</p>
</body>
</html>
`

// linkClient makes dir/client the web client that the server serves. It is a
// link, because the server writes plugins elsewhere and nothing else at all.
// path is that of the site, empty at the root.
func linkClient(dir, client, path string) error {
	link := filepath.Join(dir, "client")
	if err := errors.Join(os.RemoveAll(link), os.RemoveAll(filepath.Join(dir, copiedClient))); err != nil {
		return err
	}
	if client == "" {
		client = os.Getenv("MM_CLIENT_DIR")
	}
	if client != "" {
		if _, err := os.Stat(filepath.Join(client, "root.html")); err != nil {
			return fmt.Errorf("MM_CLIENT_DIR must name the directory \"client\" of a Mattermost release: %w", err)
		}
	} else {
		root, err := bundle.RepoRoot()
		if err != nil {
			return err
		}
		client = filepath.Join(root, "test", "webhost", "dist")
		if _, err := os.Stat(filepath.Join(client, "root.html")); errors.Is(err, os.ErrNotExist) {
			if err := os.Mkdir(link, 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(link, "root.html"), []byte(noClientPage), 0o644)
		}
	}
	client, err := filepath.Abs(client)
	if err != nil {
		return err
	}
	if path == "" {
		return os.Symlink(client, link)
	}
	return linkClientBelow(link, client, path)
}

// linkClientBelow makes link a directory of links to the files of client, with a
// page that takes them from below the site's path. A released server writes
// that into its client itself.
func linkClientBelow(link, client, path string) error {
	if err := os.Mkdir(link, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(client)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		from, to := filepath.Join(client, entry.Name()), filepath.Join(link, entry.Name())
		if entry.Name() != "root.html" {
			if err := os.Symlink(from, to); err != nil {
				return err
			}
			continue
		}
		page, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		page = []byte(strings.ReplaceAll(string(page), `"/static/`, `"`+path+`/static/`))
		if err := os.WriteFile(to, page, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// copiedClient is the file that says which archive dir/client is copied from.
const copiedClient = "client-of"

// copyClient makes dir/client a copy of a release's web client: a server that
// is not a development build rewrites files of it.
func copyClient(dir string, dist *Dist) error {
	client := filepath.Join(dir, "client")
	stamp := filepath.Join(dir, copiedClient)
	if have, err := os.ReadFile(stamp); err == nil && string(have) == dist.SHA256 {
		if _, err := os.Stat(filepath.Join(client, "root.html")); err == nil {
			return nil
		}
	}
	if err := os.RemoveAll(client); err != nil {
		return err
	}
	if err := copyFiles(client, dist.ClientDir()); err != nil {
		return err
	}
	return os.WriteFile(stamp, []byte(dist.SHA256), 0o644)
}
