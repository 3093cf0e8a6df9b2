// Package testenv starts what the plugin needs around it: PostgreSQL, MariaDB
// or MySQL, and a real Mattermost server. The development environment
// (test/run), the store tests and the end-to-end tests all build on it.
//
// # Processes
//
// Everything is started as a process of its own and ended again: by Stop, by
// StopAll, on SIGINT, SIGTERM and SIGHUP, and on Linux also when this process
// dies without having had the chance (a panic, a kill -9). A test binary says
//
//	func TestMain(m *testing.M) { os.Exit(testenv.Run(m)) }
//
// # Databases
//
// TEST_POSTGRES_DSN and TEST_MYSQL_DSN name database servers that already run;
// their user must be allowed to create databases. When unset, the first test
// that asks for a database starts a server for its test binary. Each test gets
// a fresh database:
//
//	testenv.EachDriver(t, func(t *testing.T, db *testenv.Database) { … })
//
// # Downloads and builds
//
// What takes long to make is kept in CacheDir and shared by all clones:
// INCIDENT_CACHE_DIR, or else mattermost-plugin-incident-management below the
// user's cache directory.
package testenv
