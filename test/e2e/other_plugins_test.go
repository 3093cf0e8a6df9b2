//go:build e2e

package e2e

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

const relayID = "e2e.relay"

// packedRelay builds the plugin in testdata/relay with the first call.
var packedRelay = sync.OnceValues(func() (string, error) {
	root, err := bundle.RepoRoot()
	if err != nil {
		return "", err
	}
	packed := filepath.Join(root, "dist", "e2e", relayID+".tar.gz")
	return packed, testenv.PackGoPlugin(context.Background(), relayID, "./e2e/testdata/relay", packed)
})

// otherPlugin is another plugin of the server, whose requests name no user unless they have the header X-Act-For.
func (s *server) otherPlugin(t testing.TB) *person {
	t.Helper()
	packed, err := packedRelay()
	if err != nil {
		t.Fatal(err)
	}
	if running, err := s.PluginPID(relayID); err != nil || running == 0 {
		if _, err := s.InstallPlugin(t.Context(), packed); err != nil {
			t.Fatal(err)
		}
	}
	return &person{Client4: model.NewAPIv4Client(s.URL), user: &model.User{},
		server: &server{Mattermost: s.Mattermost, database: s.database, pluginID: relayID}}
}

func TestOtherPlugins_ActForAUserOrForNobody(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	anna, boris := s.newUser(t), s.newUser(t)
	team := s.newTeam(t, anna, boris)
	secret := anna.startIncident(t, team, "Known to few", anna.newPlaybook(t, team, body{"create_public_incident": false}, anna))
	plugin := s.otherPlugin(t)
	statuses := map[string]int{"": 401, anna.user.Id: 200, boris.user.Id: 403, model.NewId(): 403, "nonsense": 403}
	if atLeast(t, 11) { // it takes the user's id out of what one plugin sends another
		for who := range statuses {
			statuses[who] = 401
		}
	}
	for who, status := range statuses {
		plugin.call(t, "GET", "/incidents/"+secret.ID, nil, "X-Act-For: "+who).want(t, status)
	}
	// Clients cannot set the header: Mattermost replaces it by the user of the session.
	for _, header := range []string{"Mattermost-User-ID", "Mattermost-User-Id", "mattermost-user-id"} {
		s.anonymous().call(t, "GET", "/incidents/"+secret.ID, nil, header+": "+anna.user.Id).want(t, 401)
		s.anonymous().call(t, "GET", "/incidents/"+secret.ID, nil, header+": "+anna.user.Id, "Mattermost-Plugin-ID: "+relayID).want(t, 401)
		boris.call(t, "GET", "/incidents/"+secret.ID, nil, header+": "+anna.user.Id).want(t, 403)
	}
}
