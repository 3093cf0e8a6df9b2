package access

import (
	"fmt"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"
)

func init() { clear(doubts) } // the tests do not wait

// failing is Mattermost whose database fails for some questions: it refuses them.
type failing struct {
	granted
	failures int
}

func (f *failing) fails() bool {
	f.failures--
	return f.failures >= 0
}

func (f *failing) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return !f.fails() && f.granted.HasPermissionToTeam(userID, teamID, p)
}

func (f *failing) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return !f.fails() && f.granted.HasPermissionToChannel(userID, channelID, p)
}

// Who has a permission keeps it while Mattermost's database fails for a moment, and who lacks it does not get it.
func TestSure(t *testing.T) {
	for name, ask := range map[string]func(r *Rules, userID string) bool{
		"post":     func(r *Rules, userID string) bool { return r.PostAsMember(userID, "open", false) },
		"commands": func(r *Rules, userID string) bool { return r.UseCommands(userID, "open", false) },
		"start":    func(r *Rules, userID string) bool { return r.CreateIncidentChannel(userID, "team", true) },
	} {
		for failures := range 4 {
			t.Run(fmt.Sprint(name, " ", failures), func(t *testing.T) {
				host := &failing{rules().host.(granted), failures}
				host.granted["create_post anna open"] = true
				require.Equal(t, failures <= len(doubts), ask(New(host), "anna"))
				host.failures = failures
				require.False(t, ask(New(host), "guest"))
			})
		}
	}
}
