package testenv

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Server is a version of the Mattermost server that the plugin is tested on.
// test/mmserver/<version> is the Go module that pins it.
type Server struct {
	// Version is what the server says of itself, as "5.39.3".
	Version string
	// Drivers are the databases that it runs on.
	Drivers []Driver
	// MinPostgres is the oldest major version of PostgreSQL that it accepts.
	MinPostgres int

	module      string // the Go module of the server
	modelModule string // the package of its BuildNumber, if that is not in module
	ldflags     string // further flags for the linker
}

// DefaultServer is the server of the tests unless MM_SERVER names another one.
const DefaultServer = "5.39.3"

// Servers are the versions that the plugin must work on, the oldest first.
var Servers = []Server{
	{Version: "5.28.0", Drivers: []Driver{Postgres, MySQL}, MinPostgres: 9, module: "github.com/mattermost/mattermost-server/v5"},
	{Version: "5.39.3", Drivers: []Driver{Postgres, MySQL}, MinPostgres: 10, module: "github.com/mattermost/mattermost-server/v5"},
	// Its dependencies use names of the runtime that newer linkers keep to themselves.
	{Version: "6.7.2", Drivers: []Driver{Postgres, MySQL}, MinPostgres: 10, module: "github.com/mattermost/mattermost-server/v6", ldflags: "-checklinkname=0"},
	{Version: "11.4.0", Drivers: []Driver{Postgres}, MinPostgres: 14, module: "github.com/mattermost/mattermost/server/v8",
		modelModule: "github.com/mattermost/mattermost/server/public"},
}

// FindServer returns the server with the given version. The empty version
// stands for MM_SERVER, and for DefaultServer where that is not set.
func FindServer(version string) (Server, error) {
	if version == "" {
		version = os.Getenv("MM_SERVER")
	}
	if version == "" {
		version = DefaultServer
	}
	i := slices.IndexFunc(Servers, func(s Server) bool { return s.Version == version })
	if i < 0 {
		var known []string
		for _, s := range Servers {
			known = append(known, s.Version)
		}
		return Server{}, fmt.Errorf("there is no Mattermost server %q for tests: MM_SERVER may be %s", version, strings.Join(known, ", "))
	}
	return Servers[i], nil
}

// TestDrivers are the databases that tests with this server use.
func (s Server) TestDrivers() []Driver {
	return slices.DeleteFunc(slices.Clone(Drivers), func(driver Driver) bool { return !s.Runs(driver) })
}

// Runs says whether the server runs on a database.
func (s Server) Runs(driver Driver) bool { return slices.Contains(s.Drivers, driver) }

// buildNumber is the variable in which a server keeps its build number.
func (s Server) buildNumber() string {
	module := s.modelModule
	if module == "" {
		module = s.module
	}
	return module + "/model.BuildNumber"
}
