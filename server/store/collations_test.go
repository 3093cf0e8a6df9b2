//go:build store

package store

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOtherCollationsAreReportedWithTheStatementsToRun(t *testing.T) {
	s := open(t, testdb.NewFixtureDatabase(t, testdb.MySQL))
	require.NoError(t, s.Migrate(t.Context()))
	books := "SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT p.ID)) FROM IR_Playbook p JOIN IR_PlaybookMember m ON m.PlaybookID = p.ID"
	before := one[string](t, s, books)
	for _, table := range []string{"Channels", "ChannelMembers", "Posts", "Teams", "TeamMembers", "Users"} {
		s.sql(t, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	}
	list := func() error {
		_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: fixtureTeam(t, s), ViewerID: fixtureUser(t, s, "anna"), PerPage: 10})
		return err
	}
	if err := list(); err == nil {
		t.Fatal("the database compares both: this test finds nothing")
	}
	err := s.Migrate(t.Context())
	if err == nil || !strings.Contains(err.Error(), "IR_Incident") || !strings.Contains(err.Error(), "utf8mb4_unicode_ci") {
		t.Fatalf("the error is %v", err)
	}
	_, statements, _ := strings.Cut(err.Error(), "enable the plugin again: ")
	for statement := range strings.SplitSeq(strings.TrimSuffix(statements, ";"), "; ") {
		s.sql(t, statement)
	}
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, list())
	assert.Equal(t, before, one[string](t, s, books), "members")
	assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!'"), "foreign keys")
}
