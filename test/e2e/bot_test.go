//go:build e2e

package e2e

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

func TestBot_ATakenNameIsExplained(t *testing.T) {
	t.Parallel() // it has servers of its own
	database := testenv.NewDatabase(t, testenv.Postgres)
	packed, err := packedPlugin()
	if err != nil {
		t.Fatal(err)
	}
	m, err := testenv.StartMattermost(t.Context(), testenv.MattermostOptions{Driver: database.Driver, DSN: database.DSN, EnableTesting: true, EnableDeveloper: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	_, response := m.Admin.CreateUser(&model.User{Username: "incident", Email: "incident@example.com", Password: userPassword})
	must(t, "create the user", response)
	if _, err := m.InstallPlugin(t.Context(), packed); err == nil {
		t.Error("the plugin is active without its bot")
	}
	s := &server{Mattermost: m, database: database}
	if !s.logged(t, "@incident is taken by a person") {
		t.Error("the log does not say why")
	}
}
