// Package storetest opens stores for the tests of capabilities. Only tests use it.
package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Open returns the store of a database after its migrations and those of capabilities. It is closed at the end of the test. log
// may be nil.
func Open(t testing.TB, d *testdb.Database, log app.Log, schemas ...capability.Schema) *store.Store {
	t.Helper()
	s, err := store.Open(string(d.Driver), d.DSN, store.Options{Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	s.Register(schemas...)
	require.NoError(t, s.Migrate(t.Context()))
	return s
}
