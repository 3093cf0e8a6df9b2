//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
)

// setPlugin sets the plugin's own settings as the System Console does: with keys in lower case.
func (s *server) setPlugin(t testing.TB, values map[string]any) {
	t.Helper()
	s.setConfig(t, map[string]map[string]any{"PluginSettings": {"Plugins": map[string]any{s.pluginID: values}}})
}

// Each setting of who may create playbooks, for each role, by each way in which a client learns or tries it.
func TestSettings_WhoMayCreatePlaybooks(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	s.unharmed(t)
	c := s.newFixture(t)
	lead, byName, byID, other := s.newUser(t), s.newUser(t), s.newUser(t), s.newUser(t)
	s.addToTeam(t, c.team, lead, byName, byID)
	s.newTeam(t, other)
	_, response := s.Admin.UpdateTeamMemberRoles(c.team.Id, lead.user.Id, "team_user team_admin")
	must(t, "make a team administrator", response)
	guest := s.newGuest(t, c.team, c.square)
	roles := map[string]*person{"system administrator": s.admin(), "team administrator": lead, "listed by name": byName, "listed by id": byID,
		"member": c.anna, "guest": guest, "outside the team": other}
	admins := "system administrator"
	for _, x := range []struct {
		name   string
		values map[string]any
		may    []string
		told   string // what the refusal says
		logged string
	}{
		{"default", map[string]any{}, []string{admins, "team administrator", "listed by name", "listed by id", "member"}, "", ""},
		{"team administrators", map[string]any{"playbookcreators": "team_admins"}, []string{admins, "team administrator"}, "Only administrators of this team", ""},
		{"list", map[string]any{"playbookcreators": "list", "playbookcreatorlist": "@" + byName.user.Username + ", " + byID.user.Id + ",nobody.at.all"},
			[]string{admins, "listed by name", "listed by id"}, "You may not create playbooks", "nobody.at.all"},
		{"wrong", map[string]any{"playbookcreators": "whoever"}, []string{admins}, "You may not create playbooks", "must be one of everyone, team_admins, list"},
		{"everyone again", map[string]any{"playbookcreators": "everyone"}, []string{admins, "team administrator", "listed by name", "listed by id", "member"}, "", ""},
	} {
		s.setPlugin(t, x.values)
		if x.logged != "" {
			eventually(t, "the log tells what is wrong", func() bool { return s.logged(t, `"level":"warn"`, x.logged) })
		}
		for role, who := range roles {
			allowed := strings.Contains(strings.Join(x.may, ","), role)
			if role == "guest" || role == "outside the team" {
				who.call(t, "GET", "/playbooks?team_id="+c.team.Id, nil).want(t, 403)
				who.call(t, "POST", "/playbooks", body{"title": "Mine", "team_id": c.team.Id}).want(t, 403)
				continue
			}
			var page struct {
				CanCreate *bool `json:"can_create"`
			}
			eventually(t, x.name+": the list tells the "+role, func() bool {
				who.call(t, "GET", "/playbooks?team_id="+c.team.Id, nil).want(t, 200).decode(t, &page)
				return page.CanCreate != nil && *page.CanCreate == allowed
			})
			answer := who.call(t, "POST", "/playbooks", body{"title": "Mine", "team_id": c.team.Id, "member_ids": []string{who.user.Id}})
			if !allowed {
				answer.want(t, 403)
				if text := answer.errorText(t); !strings.Contains(text, x.told) {
					t.Errorf("%s: the %s is told %q", x.name, role, text)
				}
				continue
			}
			var made struct{ ID string }
			answer.want(t, 201).decode(t, &made)
			// Members of a playbook may change and delete it; the setting is only about making one.
			s.setPlugin(t, map[string]any{"playbookcreators": "list", "playbookcreatorlist": s.admin().user.Id})
			who.call(t, "PUT", "/playbooks/"+made.ID, body{"title": "Changed", "member_ids": []string{who.user.Id}}).want(t, 200)
			who.call(t, "DELETE", "/playbooks/"+made.ID, nil).want(t, 204)
			s.setPlugin(t, x.values)
		}
	}
}

// Who may not make a playbook is not offered it in the start dialog either.
func TestSettings_TheStartDialogOffersOnlyWhatIsAllowed(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	c := s.newFixture(t)
	events := c.anna.listen(t)
	for _, mode := range []string{"everyone", "team_admins"} {
		s.setPlugin(t, map[string]any{"playbookcreators": mode})
		allowed := mode == "everyone"
		eventually(t, "the dialog follows "+mode, func() bool {
			c.anna.command(t, c.team, c.square, "/incident start")
			return strings.Contains(events.dialog(t).Dialog.IntroductionText, "make a new one") == allowed
		})
	}
}

// Mattermost shows the settings in the System Console only if it understands the manifest.
func TestSettings_AreInTheManifest(t *testing.T) {
	s := sharedServer(t, "postgres")
	var plugins struct {
		Active []struct {
			ID             string                      `json:"id"`
			SettingsSchema *model.PluginSettingsSchema `json:"settings_schema"`
		} `json:"active"`
	}
	s.admin().get(t, "/plugins", &plugins)
	for _, p := range plugins.Active {
		if p.ID == s.pluginID {
			if p.SettingsSchema == nil || len(p.SettingsSchema.Settings) != 4 {
				t.Errorf("the settings are %+v", p.SettingsSchema)
			}
			return
		}
	}
	t.Error("the plugin is not listed")
}

func TestSettings_OfVersion120AreKept(t *testing.T) {
	t.Parallel() // it has servers of its own
	s := ownServer(t)
	s.setConfig(t, map[string]map[string]any{"PluginSettings": {"Plugins": map[string]any{s.pluginID: map[string]any{
		"AllowedUserIDs": []string{"somebody"}, "BotUserID": "of 1.2.0"}}}}) // which writes it with each activation
	for _, action := range []string{"disable", "enable"} {
		response, appErr := s.Admin.DoApiPost("/plugins/"+s.pluginID+"/"+action, "")
		if appErr != nil {
			t.Fatal(appErr)
		}
		_ = response.Body.Close()
	}
	if err := install.WaitForPlugin(t.Context(), s.Admin, s.pluginID); err != nil {
		t.Fatal(err)
	}
	config, response := s.Admin.GetConfig()
	must(t, "read the configuration", response)
	text, err := json.Marshal(config.PluginSettings.Plugins[s.pluginID])
	if lower := strings.ToLower(string(text)); err != nil || !strings.Contains(lower, "somebody") || !strings.Contains(lower, "of 1.2.0") {
		t.Errorf("%v, %s", err, text)
	}
}
