package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// postgresPackages are the versions of npm's @embedded-postgres, by PostgreSQL's major version: the newest of each.
var postgresPackages = map[int]string{
	10: "10.23.0-beta.6", 11: "11.22.1-beta.11",
	12: "12.22.0-beta.15", 13: "13.23.0-beta.16", 14: "14.23.0-beta.17", 15: "15.18.0-beta.17",
	16: "16.14.0-beta.17", 17: "17.10.0-beta.17", 18: "18.4.0-beta.17",
}

// smokeServers are the servers whose smoke test runs on each database that they accept.
var smokeServers = []string{testenv.DefaultServer, "11.4.0"}

const mariaDB = "MariaDB"

// databases runs the store tests and the smoke tests on each database, and prints a table for docs/compatibility.md.
func (c *compat) databases(ctx context.Context) error {
	chosen, err := chooseDatabases(os.Getenv("DATABASES"))
	if err != nil {
		return err
	}
	packed, err := c.pack(ctx)
	if err != nil {
		return err
	}
	rows := []string{"| database | store tests | smoke on " + strings.Join(smokeServers, " | smoke on ") + " |", "|---|---|" + strings.Repeat("---|", len(smokeServers))}
	var outcomes []outcome
	for _, name := range chosen {
		fmt.Printf("\n=== %s\n", name)
		row, o := c.database(ctx, name, packed)
		if o.err != nil {
			fmt.Println(o.err)
		}
		rows, outcomes = append(rows, row), append(outcomes, o)
	}
	fmt.Printf("\n%s/%s, %s\n\n%s\n\n", runtime.GOOS, runtime.GOARCH, time.Now().UTC().Format(time.DateOnly), strings.Join(rows, "\n"))
	return verdict("databases", outcomes)
}

// chooseDatabases gives the names of the databases in a list ("12 MariaDB"); all if it is empty.
func chooseDatabases(list string) ([]string, error) {
	var all []string
	for major := range postgresPackages {
		all = append(all, fmt.Sprint(major))
	}
	slices.Sort(all)
	all = append(all, mariaDB)
	if strings.TrimSpace(list) == "" {
		return all, nil
	}
	chosen := strings.Fields(list)
	for _, name := range chosen {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("DATABASES: there is no %q, only %s", name, strings.Join(all, ", "))
		}
	}
	return chosen, nil
}

// database starts a database server and runs the tests on it. It returns a row of the table.
func (c *compat) database(ctx context.Context, name, packed string) (row string, o outcome) {
	driver, major := testenv.MySQL, 0
	var server *testenv.DatabaseServer
	if name == mariaDB {
		server, o.err = testenv.StartMariaDB(ctx)
	} else {
		driver = testenv.Postgres
		_, _ = fmt.Sscan(name, &major)
		server, o.err = testenv.StartPostgres(ctx, testenv.PostgresOptions{Package: postgresPackages[major]})
	}
	if o.err != nil {
		return fmt.Sprintf("| %s | did not start |", name), o
	}
	defer server.Stop()
	version, err := server.Version(ctx)
	if err != nil {
		return fmt.Sprintf("| %s | did not answer |", name), outcome{err: err}
	}
	fmt.Println(version)

	dsn := map[testenv.Driver]string{testenv.Postgres: "TEST_POSTGRES_DSN=", testenv.MySQL: "TEST_MYSQL_DSN="}[driver] + server.DSN
	env := []string{dsn, "TEST_DRIVERS=" + string(driver), "E2E_BUNDLE=" + packed}
	cells := []string{version}
	report := func(part string, done outcome) {
		fmt.Printf("%-14s %s\n", part, done.how())
		cell := fmt.Sprintf("%d passed", done.passed)
		if done.err != nil {
			cell = fmt.Sprintf("**%d failed**", done.failed)
		}
		cells = append(cells, cell)
		o.add(done)
	}
	packages := []string{"./server/store"}
	sqlTests, err := filepath.Glob(filepath.Join(c.root, "server", "*", "sql_test.go")) // of capabilities
	if err != nil {
		return "", outcome{err: err}
	}
	for _, file := range sqlTests {
		packages = append(packages, "./server/"+filepath.Base(filepath.Dir(file)))
	}
	report("store tests", c.goTest(ctx, ".", "store-"+name, env, append([]string{"-tags=store", "-timeout=40m"}, packages...)...))
	for _, smoke := range smokeServers {
		host, err := testenv.FindServer(smoke)
		if err != nil {
			return "", outcome{err: err}
		}
		if !host.Runs(driver) || driver == testenv.Postgres && major < host.MinPostgres {
			cells = append(cells, "not supported by the server")
			continue
		}
		if _, err := testenv.BuildServer(ctx, smoke); err != nil {
			return "", outcome{err: err}
		}
		args := append([]string{"-tags=e2e", "-timeout=30m"}, runFlag("^TestSmoke$")...)
		report("smoke "+smoke, c.goTest(ctx, "test", "smoke-"+smoke+"-"+name, append(slices.Clone(env), "MM_SERVER="+smoke), append(args, "./e2e")...))
	}
	return "| " + strings.Join(cells, " | ") + " |", o
}
