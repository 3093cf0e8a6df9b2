//go:build store

package store

import (
	"context"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOtherCollationsAreReportedWithTheStatementsToRun(t *testing.T) {
	s := open(t, testdb.NewFixtureDatabase(t, testdb.MySQL))
	s.Register(capability.Schema{Capability: "extra", Migrations: []capability.Migration{func(ctx context.Context, t capability.Tables) error {
		return t.Run(ctx, "", "CREATE TABLE IF NOT EXISTS IR_Extra (ID VARCHAR(26) PRIMARY KEY, UserID VARCHAR(26) NOT NULL, Word VARCHAR(26) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin) DEFAULT CHARACTER SET utf8mb4")
	}}})
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
	byteByByte := "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!' AND collation_name = 'utf8mb4_bin'"
	binary := one[int](t, s, byteByByte)
	_, statements, _ := strings.Cut(err.Error(), "enable the plugin again: ")
	for statement := range strings.SplitSeq(strings.TrimSuffix(statements, ";"), "; ") {
		s.sql(t, statement)
	}
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, list())
	assert.Equal(t, binary, one[int](t, s, byteByByte), "columns that are compared byte by byte")
	// Those of capabilities too, with Mattermost's and with each other.
	for _, table := range ourTables(t, s) {
		var ids []string
		require.NoError(t, s.db.SelectContext(t.Context(), &ids, "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_type = 'varchar(26)'", table))
		for _, id := range ids {
			s.sql(t, "SELECT COUNT(*) FROM "+table+" x JOIN Users u ON u.Id = x."+id+" JOIN IR_Incident i ON i.ID = x."+id)
		}
	}
	assert.Equal(t, before, one[string](t, s, books), "members")
	assert.Equal(t, 2, one[int](t, s, "SELECT COUNT(*) FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!'"), "foreign keys")
}

// Older servers have tables in utf8, of three bytes. MySQL compares them with ours, so they are left as they are: to convert ours
// would lose characters.
func TestOtherCharacterSetsAreCompared(t *testing.T) {
	s := open(t, testdb.NewFixtureDatabase(t, testdb.MySQL))
	require.NoError(t, s.Migrate(t.Context()))
	for _, to := range []string{"utf8 COLLATE utf8_general_ci", "latin1", "utf8mb4 COLLATE utf8mb4_bin"} {
		for _, table := range []string{"Channels", "ChannelMembers", "Teams", "TeamMembers", "Users"} {
			s.sql(t, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET "+to)
		}
		require.NoError(t, s.Migrate(t.Context()))
		_, _, err := s.Incidents().List(t.Context(), app.Filter{TeamID: fixtureTeam(t, s), ViewerID: fixtureUser(t, s, "anna"), PerPage: 10})
		require.NoError(t, err)
	}
}
