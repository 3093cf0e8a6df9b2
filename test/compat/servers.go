package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// servers runs the end-to-end tests on each server, with the same packed plugin.
func (c *compat) servers(ctx context.Context) error {
	chosen, err := chooseServers(os.Getenv("SERVERS"))
	if err != nil {
		return err
	}
	packed, err := c.pack(ctx)
	if err != nil {
		return err
	}
	env, err := startDatabases(ctx, slices.ContainsFunc(chosen, func(s testenv.Server) bool { return s.Runs(testenv.MySQL) }))
	if err != nil {
		return err
	}
	env = append(env, "E2E_BUNDLE="+packed)

	var lines []string
	var outcomes []outcome
	for _, server := range chosen {
		fmt.Printf("\n=== Mattermost %s\n", server.Version)
		var o outcome
		if _, o.err = testenv.BuildServer(ctx, server.Version); o.err != nil {
			fmt.Println(o.err)
		} else {
			args := append([]string{"-tags=e2e", "-timeout=90m", "-parallel=4"}, runFlag("")...)
			o = c.goTest(ctx, "test", "server-"+server.Version, append(env, "MM_SERVER="+server.Version), append(args, "./e2e")...)
		}
		outcomes = append(outcomes, o)
		lines = append(lines, fmt.Sprintf("%-7s %-16s %s", server.Version, databaseNames(server), o.how()))
		fmt.Println(lines[len(lines)-1])
	}
	fmt.Printf("\n%s\n", strings.Join(lines, "\n"))
	return verdict("servers", outcomes)
}

// chooseServers finds the servers with the versions in a list; all if it is empty.
func chooseServers(versions string) ([]testenv.Server, error) {
	if strings.TrimSpace(versions) == "" {
		return testenv.Servers, nil
	}
	var chosen []testenv.Server
	for _, version := range strings.Fields(versions) {
		server, err := testenv.FindServer(version)
		if err != nil {
			return nil, fmt.Errorf("SERVERS: %w", err)
		}
		chosen = append(chosen, server)
	}
	return chosen, nil
}

// databaseNames are the databases that the tests of a server use.
func databaseNames(server testenv.Server) string {
	var names []string
	for _, driver := range server.TestDrivers() {
		names = append(names, string(driver))
	}
	return strings.Join(names, ", ")
}

// startDatabases starts the database servers and returns the environment variables for the tests.
func startDatabases(ctx context.Context, withMariaDB bool) ([]string, error) {
	fmt.Println("--- starting the databases")
	postgres, err := testenv.StartPostgres(ctx, testenv.PostgresOptions{})
	if err != nil {
		return nil, err
	}
	env := []string{"TEST_POSTGRES_DSN=" + postgres.DSN}
	if withMariaDB {
		mariadb, err := testenv.StartMariaDB(ctx)
		if err != nil {
			return nil, err
		}
		env = append(env, "TEST_MYSQL_DSN="+mariadb.DSN)
	}
	return env, nil
}
