package marketplace

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
)

func offer(id, version, minServer string, change func(*release.Entry)) release.Entry {
	entry := release.Entry{
		DownloadURL: id + "-" + version, Signature: "all",
		Manifest:  json.RawMessage(fmt.Sprintf(`{"id":%q,"name":"The %s","description":"Does things","version":%q,"min_server_version":%q}`, id, id, version, minServer)),
		Platforms: map[string]release.Download{"linux-amd64": {DownloadURL: id + "-" + version + "-linux-amd64", Signature: "linux"}, "windows-amd64": {}},
	}
	if change != nil {
		change(&entry)
	}
	return entry
}

func TestServer_ListsWhatFitsTheServer(t *testing.T) {
	s := NewServer(t.TempDir())
	s.Offer(
		offer("beta", "1.0.0", "5.28.0", nil), offer("beta", "1.10.0", "5.28.0", nil), offer("beta", "1.9.0", "5.28.0", nil), offer("beta", "2.0.0", "11.0.0", nil),
		offer("alpha", "0.1.0", "", nil),
		offer("paid", "1.0.0", "", func(e *release.Entry) { e.Enterprise = true }),
		offer("hosted", "1.0.0", "", func(e *release.Entry) { e.Hosting = "cloud" }),
		offer("own", "1.0.0", "", func(e *release.Entry) { e.Hosting = "on-prem" }),
	)
	web := httptest.NewServer(s)
	defer web.Close()
	for query, want := range map[string][]string{
		"":                              {"alpha-0.1.0", "beta-2.0.0", "own-1.0.0"},
		"server_version=5.39.0":         {"alpha-0.1.0", "beta-1.10.0", "own-1.0.0"},
		"server_version=11.4.0":         {"alpha-0.1.0", "beta-2.0.0", "own-1.0.0"},
		"server_version=5.20.0":         {"alpha-0.1.0", "own-1.0.0"},
		"cloud=true":                    {"alpha-0.1.0", "beta-2.0.0", "hosted-1.0.0"},
		"enterprise_plugins=true":       {"alpha-0.1.0", "beta-2.0.0", "own-1.0.0", "paid-1.0.0"},
		"filter=BETA":                   {"beta-2.0.0"},
		"filter=does+things&per_page=1": {"alpha-0.1.0"},
		"per_page=1&page=1":             {"beta-2.0.0"},
		"per_page=1&page=9":             {},
		"per_page=-1":                   {"alpha-0.1.0", "beta-2.0.0", "own-1.0.0"},
		"plugin_id=beta&return_all_versions=true":      {"beta-2.0.0", "beta-1.10.0", "beta-1.9.0", "beta-1.0.0"},
		"plugin_id=beta&platform=linux-amd64":          {"beta-2.0.0-linux-amd64"},
		"plugin_id=beta&platform=windows-amd64":        {"beta-2.0.0"},
		"plugin_id=beta&platform=linux-arm64":          {"beta-2.0.0"},
		"plugin_id=nobody":                             {},
		"local_only=false&build_enterprise_ready=true": {"alpha-0.1.0", "beta-2.0.0", "own-1.0.0"},
	} {
		response, err := http.Get(web.URL + "/api/v1/plugins?" + query)
		if err != nil {
			t.Fatal(err)
		}
		var entries []release.Entry
		if err := json.NewDecoder(response.Body).Decode(&entries); err != nil || entries == nil {
			t.Fatalf("%s: %v, %v", query, entries, err)
		}
		_ = response.Body.Close()
		got := []string{}
		for _, entry := range entries {
			got = append(got, entry.DownloadURL)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q lists %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"server_version=x", "cloud=maybe", "page=one"} {
		response, err := http.Get(web.URL + "/api/v1/plugins?" + query)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("%q is answered %s", query, response.Status)
		}
	}
}

func TestServer_ServesFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.tar.gz"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(NewServer(dir))
	defer web.Close()
	for path, want := range map[string]int{"/files/a.tar.gz": 200, "/files/b.tar.gz": 404, "/": 404} {
		response, err := http.Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s is answered %s", path, response.Status)
		}
	}
}
