package main

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestDataOf_KeepsVersionsApart(t *testing.T) {
	root := t.TempDir()
	seen := map[data]string{}
	for name, test := range map[string]struct {
		server string
		dist   *testenv.Dist
	}{
		"default":         {"", nil},
		"built 11.4.0":    {"11.4.0", nil},
		"built 6.7.2":     {"6.7.2", nil},
		"archive 5.39.3":  {"", &testenv.Dist{Version: "5.39.3"}},
		"archive 11.4.1":  {"", &testenv.Dist{Version: "11.4.1"}},
		"archive 1.14.1":  {"", &testenv.Dist{Version: "1.14.1"}},
		"archive 11.40.0": {"", &testenv.Dist{Version: "11.40.0"}},
	} {
		t.Setenv("MM_SERVER", test.server)
		where, err := dataOf(root, test.dist)
		if err != nil {
			t.Fatal(err)
		}
		if other := seen[where]; other != "" {
			t.Errorf("%s and %s share %v", name, other, where)
		}
		seen[where] = name
	}
	for where, name := range seen {
		for otherWhere, other := range seen {
			if name != other && (where.dir == otherWhere.dir || where.database == otherWhere.database) {
				t.Errorf("%s and %s share a directory or a database: %v, %v", name, other, where, otherWhere)
			}
		}
	}
	t.Setenv("MM_SERVER", "1.0.0")
	if _, err := dataOf(root, nil); err == nil {
		t.Error("a server that is not known has data")
	}
}

func TestOpenDist_RefusesSettingsThatContradict(t *testing.T) {
	for want, environment := range map[string]map[string]string{
		"MM_DIST is not":                    {"MM_DIST_SHA256": "0"},
		"MM_CLIENT_DIR are both set":        {"MM_DIST": "x", "MM_CLIENT_DIR": "y"},
		"MM_SERVER are both set":            {"MM_DIST": "x", "MM_SERVER": "5.39.3"},
		"there is no file x":                {"MM_DIST": "x"},
		"must be the 64 hexadecimal digits": {"MM_DIST": "x", "MM_DIST_SHA256": "0"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Setenv("INCIDENT_CACHE_DIR", t.TempDir())
			for _, name := range []string{"MM_DIST", "MM_DIST_SHA256", "MM_CLIENT_DIR", "MM_SERVER"} {
				t.Setenv(name, environment[name])
			}
			if _, err := openDist(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, want one with %q", err, want)
			}
		})
	}
}
