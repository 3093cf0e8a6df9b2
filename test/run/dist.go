package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// openDist returns the release archive that MM_DIST names, or nil without one.
func openDist(ctx context.Context) (*testenv.Dist, error) {
	source, checksum := os.Getenv("MM_DIST"), os.Getenv("MM_DIST_SHA256")
	switch {
	case source == "" && checksum == "":
		return nil, nil
	case source == "":
		return nil, errors.New("MM_DIST_SHA256 is set, but MM_DIST is not: it names the archive that has this checksum")
	case os.Getenv("MM_SERVER") != "":
		return nil, errors.New("MM_DIST and MM_SERVER are both set: the one names an archive to run, the other a server to build, so unset one of them")
	case os.Getenv("MM_CLIENT_DIR") != "":
		return nil, errors.New("MM_DIST and MM_CLIENT_DIR are both set: a release archive has its own web client, so unset MM_CLIENT_DIR")
	}
	dist, err := testenv.OpenDist(ctx, source, checksum)
	if err != nil {
		return nil, err
	}
	progress("using Mattermost %s (build %s), SHA-256 of the archive %s", dist.Version, dist.Build, dist.SHA256)
	return dist, nil
}

// data is where a server keeps what outlasts it.
type data struct {
	dir      string
	database string
}

const (
	dataDir      = "mattermost"
	databaseName = "incident_dev"
)

// dataOf returns the data of the server to run. Those of each version are apart
// from all others: a later server changes the database in ways that an earlier
// one cannot read.
func dataOf(root string, dist *testenv.Dist) (data, error) {
	run := filepath.Join(root, ".run")
	if dist != nil {
		return versionData(run, dist.Version), nil
	}
	server, err := testenv.FindServer("")
	if err != nil || server.Version != testenv.DefaultServer {
		return versionData(run, server.Version), err
	}
	return defaultData(run), nil
}

// defaultData is where the default server has always kept its data.
func defaultData(run string) data { return data{filepath.Join(run, dataDir), databaseName} }

func versionData(run, version string) data {
	return data{filepath.Join(run, dataDir+"-"+version), databaseName + "_" + notInNames.ReplaceAllString(version, "_")}
}

// notInNames are the characters that a database's name does not have without quotes.
var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// allData returns the data of all servers that have run.
func allData(root string) []data {
	run := filepath.Join(root, ".run")
	all := []data{defaultData(run)}
	dirs, _ := filepath.Glob(filepath.Join(run, dataDir+"-*"))
	for _, dir := range dirs {
		all = append(all, versionData(run, strings.TrimPrefix(filepath.Base(dir), dataDir+"-")))
	}
	return all
}
