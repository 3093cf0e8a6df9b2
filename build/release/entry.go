package release

import (
	"encoding/json"
	"time"
)

// Entry is one version of a plugin in the Plugin Marketplace, in the format of
// its database plugins.json, which is also that of its answers.
type Entry struct {
	HomepageURL string `json:"homepage_url"`
	// IconData is the SVG icon as a data: address, or empty.
	IconData string `json:"icon_data"`
	// DownloadURL and Signature are for servers whose platform is not in Platforms.
	DownloadURL     string  `json:"download_url"`
	ReleaseNotesURL string  `json:"release_notes_url"`
	Labels          []Label `json:"labels,omitempty"`
	// Hosting is "on-prem", "cloud", or empty for both.
	Hosting string `json:"hosting"`
	// AuthorType is "mattermost", "partner" or "community".
	AuthorType string `json:"author_type"`
	// ReleaseStage is "production", "beta" or "experimental".
	ReleaseStage string `json:"release_stage"`
	// Enterprise is for plugins that need a licence.
	Enterprise bool `json:"enterprise"`
	// Signature is the detached signature of the archive in base64.
	Signature string `json:"signature"`
	RepoName  string `json:"repo_name"`
	// Manifest is the plugin.json of the archive.
	Manifest json.RawMessage `json:"manifest"`
	// Platforms are the archives for one platform alone, such as "linux-amd64".
	Platforms map[string]Download `json:"platforms"`
	UpdatedAt time.Time           `json:"updated_at"`
}

// Label is shown beside a plugin's name.
type Label struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Color       string `json:"color"`
}

// Download is where an archive lies, and its signature in base64.
type Download struct {
	DownloadURL string `json:"download_url"`
	Signature   string `json:"signature"`
}
