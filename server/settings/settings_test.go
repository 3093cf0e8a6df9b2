package settings

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

const id = "abcdefghijklmnopqrstuvwxyz"

type section = map[string]interface{}

func TestWithoutSettingsEverythingIsAsIn1_2_0(t *testing.T) {
	for _, s := range []Settings{Read(nil, nil), Read(section{}, &model.Config{}),
		Read(section{"playbookcreators": "", "playbookcreatorlist": "", "logcopiesto": "", "logcopieslevel": nil, "BotUserID": "x"}, nil)} {
		assert.Equal(t, Settings{Creators: access.Creators{Who: access.Everybody}, CopiesLevel: 3}, s)
	}
}

func TestWhoMayCreatePlaybooks(t *testing.T) {
	for name, c := range map[string]struct {
		section  section
		want     access.Creators
		problems int
	}{
		"everyone":            {section{"PlaybookCreators": "everyone"}, access.Creators{Who: access.Everybody}, 0},
		"team administrators": {section{"playbookcreators": " Team_Admins "}, access.Creators{Who: access.TeamAdmins}, 0},
		"list": {section{"playbookcreators": "list", "playbookcreatorlist": "@Anna, boris.k;" + id + "\n anna"},
			access.Creators{Who: access.Listed, Users: []string{"anna", "boris.k", id}}, 0},
		"the console's key counts":         {section{"PlaybookCreators": "everyone", "playbookcreators": "team_admins"}, access.Creators{Who: access.TeamAdmins}, 0},
		"empty list":                       {section{"playbookcreators": "list"}, access.Creators{Who: access.Listed}, 1},
		"a word that is none":              {section{"playbookcreators": "admins"}, access.Creators{Who: access.NobodyElse}, 1},
		"another type":                     {section{"playbookcreators": true}, access.Creators{Who: access.NobodyElse}, 1},
		"a list that is a number":          {section{"playbookcreators": "list", "playbookcreatorlist": 5}, access.Creators{Who: access.Listed}, 2},
		"a list with something else in it": {section{"playbookcreators": "list", "playbookcreatorlist": []interface{}{"anna", 5, "x y/z"}}, access.Creators{Who: access.Listed, Users: []string{"anna", "x"}}, 2},
		"a list that is not used":          {section{"playbookcreatorlist": "///"}, access.Creators{Who: access.Everybody}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := Read(c.section, nil)
			assert.Equal(t, c.want, s.Creators)
			assert.Len(t, s.Problems, c.problems)
		})
	}
}

func TestWhoGetsLogCopies(t *testing.T) {
	for name, c := range map[string]struct {
		section  section
		to       []string
		level    string
		problems int
	}{
		"setting":                          {section{"logcopiesto": "anna, " + id, "logcopieslevel": "debug"}, []string{"anna", id}, "debug", 0},
		"1.2.0":                            {section{"AllowedUserIDs": []interface{}{id}, "AdminLogLevel": "Warn"}, []string{id}, "warn", 0},
		"1.2.0 in lower case":              {section{"alloweduserids": []interface{}{id}, "adminloglevel": "info"}, []string{id}, "info", 0},
		"1.2.0 as text":                    {section{"alloweduserids": id + ",anna"}, []string{id, "anna"}, "error", 0},
		"1.2.0 beside the empty setting":   {section{"AllowedUserIDs": []interface{}{id}, "AdminLogLevel": "warn", "logcopiesto": "", "logcopieslevel": "error"}, []string{id}, "warn", 0},
		"the setting replaces 1.2.0's":     {section{"AllowedUserIDs": []interface{}{id}, "AdminLogLevel": "warn", "logcopiesto": "anna", "logcopieslevel": "info"}, []string{"anna"}, "info", 0},
		"an unknown level":                 {section{"logcopiesto": "anna", "logcopieslevel": "loud"}, []string{"anna"}, "error", 1},
		"an unknown level in 1.2.0's keys": {section{"AllowedUserIDs": []interface{}{id}, "AdminLogLevel": 5}, []string{id}, "error", 1},
		"what is no list":                  {section{"AllowedUserIDs": section{"a": 1}}, nil, "error", 1},
		"what cannot be a user":            {section{"logcopiesto": "anna, näme, " + strings.Repeat("x", 65)}, []string{"anna"}, "error", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := Read(c.section, nil)
			assert.Equal(t, c.to, s.CopiesTo)
			assert.Equal(t, c.level, Levels[s.CopiesLevel])
			assert.Len(t, s.Problems, c.problems, "%q", s.Problems)
		})
	}
}

func TestWrongValuesAreReportedBriefly(t *testing.T) {
	s := Read(section{"playbookcreators": strings.Repeat("x", 1_000_000)}, nil)
	require.Len(t, s.Problems, 1)
	assert.Less(t, len(s.Problems[0]), 300)
	assert.Contains(t, s.Problems[0], KeyCreators)
	assert.Contains(t, s.Problems[0], creatorsAdmins)

	many := make([]interface{}, 2*maxUsers)
	for n := range many {
		many[n] = "user" + string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676))
	}
	s = Read(section{"alloweduserids": many}, nil)
	assert.Len(t, s.CopiesTo, maxUsers)
	assert.Len(t, s.Problems, 1)
}

func TestTestCommandsFollowEnableTesting(t *testing.T) {
	on := true
	config := &model.Config{}
	config.ServiceSettings.EnableTesting, config.ServiceSettings.EnableDeveloper = &on, &on
	s := Read(nil, config)
	assert.True(t, s.Testing)
	assert.True(t, s.Developer)
}

// The System Console shows what plugin.json describes. Mattermost 5.28 refuses a manifest that it does not understand;
// the types of 11 allow no less.
func TestManifestDescribesTheSettings(t *testing.T) {
	content, err := os.ReadFile("../../plugin.json")
	require.NoError(t, err)
	var manifest model.Manifest
	require.NoError(t, json.Unmarshal(content, &manifest))
	require.NoError(t, manifest.IsValid())
	options := map[string][]string{}
	defaults := section{}
	for _, setting := range manifest.SettingsSchema.Settings {
		assert.NotEmpty(t, setting.DisplayName)
		assert.NotEmpty(t, setting.HelpText)
		options[setting.Key] = nil
		for _, option := range setting.Options {
			options[setting.Key] = append(options[setting.Key], option.Value)
		}
		defaults[strings.ToLower(setting.Key)] = setting.Default
	}
	assert.Equal(t, map[string][]string{
		KeyCreators: {creatorsAll, creatorsAdmins, creatorsListed}, KeyCreatorList: nil, KeyCopiesTo: nil, KeyCopiesLevel: {"error", "warn", "info", "debug"},
	}, options)
	s := Read(defaults, nil)
	assert.Empty(t, s.Problems)
	assert.Equal(t, Read(nil, nil), s, "the console saves its defaults: they must change nothing")
}
