//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Answers are in the user's language, posts in the server's.
func TestLanguages_AnswersInTheUsersAndPostsInTheServers(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	german := "de"
	_, response := c.Admin.PatchUser(c.boris.user.Id, &model.UserPatch{Locale: &german})
	must(t, "set the language", response)
	i := c.start(t, nil)
	channel := c.channelOf(t, i)
	s.addToChannel(t, channel, c.boris)

	// REST: error stays English.
	for p, want := range map[*person]string{c.boris: "team_id fehlt: Gib die ID eines Teams an.", c.clara: ""} {
		var answer struct {
			Error     string `json:"error"`
			Localized string `json:"localized_error"`
		}
		p.call(t, "GET", "/incidents", nil).want(t, 400).decode(t, &answer)
		if answer.Error != "team_id is missing: give the id of a team." || answer.Localized != want {
			t.Errorf("answered %+v, want %q", answer, want)
		}
	}

	// Commands and dialogs.
	events := c.boris.listen(t)
	c.boris.command(t, c.team, channel, "/incident stage sideways")
	if got := events.ephemeral(t).Message; !strings.HasPrefix(got, "Phasen gehen nur in zwei Richtungen") {
		t.Errorf("the command answers %q", got)
	}
	c.boris.command(t, c.team, channel, "/incident help")
	if got := events.ephemeral(t).Message; !strings.Contains(got, "* `/incident start` - Einen neuen Vorfall starten.") {
		t.Errorf("the help is %q", got)
	}
	c.boris.command(t, c.team, channel, "/incident end")
	dialog := events.dialog(t)
	if dialog.Dialog.Title != "Vorfall beenden?" || dialog.Dialog.SubmitLabel != "Vorfall beenden" {
		t.Errorf("the dialog is %+v", dialog.Dialog)
	}
	if answer := c.boris.submit(t, dialog, c.team, channel, nil); answer.Error != "" {
		t.Errorf("the dialog answers %q", answer.Error)
	}
	c.botPost(t, i.ChannelID, "This incident was closed by @"+c.boris.user.Username+".")
	if answer := c.boris.submit(t, dialog, c.team, channel, nil); !strings.HasPrefix(answer.Error, "Dieser Vorfall ist schon beendet.") {
		t.Errorf("the dialog that is submitted again answers %+v", answer)
	}

	// A report for people.
	if got := string(c.boris.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200).Body); !strings.Contains(got, "- **Leitung:** ") || !strings.Contains(got, " hat den Vorfall gestartet.") {
		t.Errorf("the report is %s", got)
	}
	if got := string(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200).Body); !strings.Contains(got, "- **Commander:** ") {
		t.Errorf("the report is %s", got)
	}
}
