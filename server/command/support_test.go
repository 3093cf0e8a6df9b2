package command

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// supportDesk makes the file and notes to whom it is sent.
type supportDesk struct {
	sent       []string
	fail, send error
}

func (d *supportDesk) File(context.Context) (string, []byte, error) {
	return "support.json", []byte("{}"), d.fail
}

func (d *supportDesk) SendFile(userID, _, name string, content []byte) error {
	d.sent = append(d.sent, userID+" "+name+" "+string(content))
	return d.send
}

func TestSupport_IsForAdministratorsOnly(t *testing.T) {
	w, desk := newCommandFixture(), &supportDesk{}
	w.handler.OfferSupport(desk, desk)
	require.Equal(t, incident.ErrAdminsOnly.Message, w.says(t, "/incident support"))
	require.NotContains(t, w.says(t, "/incident help"), "support")
	require.Empty(t, desk.sent)

	w.svc.admin = true
	require.Contains(t, w.says(t, "/incident Support"), "direct message")
	require.Equal(t, []string{"user support.json {}"}, desk.sent)
	help := w.says(t, "/incident help")
	require.True(t, strings.HasSuffix(help, "* `/incident support` - "+supportHelp+".\n* `/incident help` - Show this list.\n"), help)
	for _, s := range w.handler.Command(true).AutocompleteData.SubCommands {
		if s.Trigger == "support" {
			require.Equal(t, model.SYSTEM_ADMIN_ROLE_ID, s.RoleID)
			return
		}
	}
	t.Error("it is not suggested")
}

func TestSupport_AFileThatCannotBeSentCanBeDownloaded(t *testing.T) {
	w, desk := newCommandFixture(), &supportDesk{send: errors.New("SECRET cause")}
	w.handler.OfferSupport(desk, desk)
	w.svc.admin = true
	site := "https://chat.example.com/sub/"
	w.host.Settings.ServiceSettings.SiteURL = &site
	text := w.says(t, "/incident support")
	require.Contains(t, text, "(https://chat.example.com/sub/plugins/plugin/api/v0/support)")
	require.NotContains(t, text, "SECRET")
	desk.fail = errors.New("SECRET cause")
	require.NotContains(t, w.says(t, "/incident support"), "SECRET")
}
