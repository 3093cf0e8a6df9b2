// Package marketplace is a small Plugin Marketplace for tests. The format of
// its entries is that of package release.
package marketplace

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/blang/semver"

	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
)

// defaultPerPage is the size of a page of which the request does not say it.
const defaultPerPage = 100

// Server answers as the Plugin Marketplace does: GET /api/v1/plugins lists what
// fits a Mattermost server. Below /files/ it serves the archives.
type Server struct {
	files http.Handler

	mu       sync.Mutex
	entries  []release.Entry
	requests []url.Values
}

// NewServer returns a marketplace without plugins that serves the files of a directory.
func NewServer(dir string) *Server {
	return &Server{files: http.StripPrefix("/files/", http.FileServer(http.Dir(dir)))}
}

// Offer replaces what the marketplace has.
func (s *Server) Offer(entries ...release.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = entries
}

// Requests returns the queries that were asked so far.
func (s *Server) Requests() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/files/"):
		s.files.ServeHTTP(w, r)
	case r.URL.Path == "/api/v1/plugins" && r.Method == http.MethodGet:
		query := r.URL.Query()
		s.mu.Lock()
		s.requests = append(s.requests, query)
		entries := slices.Clone(s.entries)
		s.mu.Unlock()
		found, err := find(entries, query)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(found)
	default:
		http.NotFound(w, r)
	}
}

// described is an entry with what its manifest says.
type described struct {
	release.Entry
	id, name, description string
	version, minServer    semver.Version
}

func describe(entry release.Entry) (described, error) {
	var manifest struct {
		ID               string `json:"id"`
		Name             string `json:"name"`
		Description      string `json:"description"`
		Version          string `json:"version"`
		MinServerVersion string `json:"min_server_version"`
	}
	d := described{Entry: entry}
	if err := json.Unmarshal(entry.Manifest, &manifest); err != nil {
		return d, fmt.Errorf("read a manifest: %w", err)
	}
	d.id, d.name, d.description = manifest.ID, manifest.Name, manifest.Description
	var err error
	if d.version, err = semver.Parse(manifest.Version); err != nil {
		return d, fmt.Errorf("%s: version: %w", d.id, err)
	}
	if manifest.MinServerVersion != "" {
		if d.minServer, err = semver.Parse(manifest.MinServerVersion); err != nil {
			return d, fmt.Errorf("%s: min_server_version: %w", d.id, err)
		}
	}
	return d, nil
}

// find returns the entries that a query asks for: of each plugin the newest
// version that runs on the server, or all of them; by name, the newest first.
// Parameters: filter, plugin_id, server_version, platform, cloud,
// enterprise_plugins, return_all_versions, page (from 0) and per_page (-1 is all).
func find(entries []release.Entry, query url.Values) ([]release.Entry, error) {
	p, err := readParameters(query)
	if err != nil {
		return nil, err
	}
	var matching []described
	for _, entry := range entries {
		d, err := describe(entry)
		if err != nil {
			return nil, err
		}
		if p.takes(d) {
			matching = append(matching, d)
		}
	}
	slices.SortStableFunc(matching, func(a, b described) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.id, b.id), b.version.Compare(a.version))
	})
	if !p.allVersions {
		matching = slices.CompactFunc(matching, func(a, b described) bool { return a.id == b.id })
	}
	found := []release.Entry{}
	for _, d := range p.page(matching) {
		if own := d.Platforms[p.platform]; own.DownloadURL != "" && own.Signature != "" {
			d.DownloadURL, d.Signature = own.DownloadURL, own.Signature
		}
		found = append(found, d.Entry)
	}
	return found, nil
}

type parameters struct {
	filter, pluginID, platform     string
	server                         *semver.Version
	cloud, enterprise, allVersions bool
	number, size                   int
}

func readParameters(query url.Values) (parameters, error) {
	p := parameters{
		filter: strings.ToLower(strings.TrimSpace(query.Get("filter"))), pluginID: query.Get("plugin_id"), platform: query.Get("platform"),
		size: defaultPerPage,
	}
	if version := query.Get("server_version"); version != "" {
		parsed, err := semver.Parse(version)
		if err != nil {
			return p, fmt.Errorf("server_version: %w", err)
		}
		p.server = &parsed
	}
	for name, to := range map[string]*bool{"cloud": &p.cloud, "enterprise_plugins": &p.enterprise, "return_all_versions": &p.allVersions} {
		if value := query.Get(name); value != "" {
			var err error
			if *to, err = strconv.ParseBool(value); err != nil {
				return p, fmt.Errorf("%s must be true or false", name)
			}
		}
	}
	for name, to := range map[string]*int{"page": &p.number, "per_page": &p.size} {
		if value := query.Get(name); value != "" {
			var err error
			if *to, err = strconv.Atoi(value); err != nil {
				return p, fmt.Errorf("%s must be a number", name)
			}
		}
	}
	return p, nil
}

func (p parameters) takes(d described) bool {
	switch {
	case p.pluginID != "" && p.pluginID != d.id,
		p.server != nil && p.server.LT(d.minServer),
		d.Enterprise && !p.enterprise,
		p.cloud && d.Hosting == "on-prem", !p.cloud && d.Hosting == "cloud":
		return false
	}
	return p.filter == "" || strings.ToLower(d.id) == p.filter ||
		strings.Contains(strings.ToLower(d.name), p.filter) || strings.Contains(strings.ToLower(d.description), p.filter)
}

func (p parameters) page(all []described) []described {
	if p.size < 0 {
		return all
	}
	from := min(max(p.number, 0)*p.size, len(all))
	return all[from:min(from+p.size, len(all))]
}
