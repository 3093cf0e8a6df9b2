package access

import (
	"errors"
	"slices"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// granted lists "permission user scope"; the scope is a team or a channel, and empty for the system.
type granted map[string]bool

func (g granted) HasPermission(userID string, p *model.Permission) bool {
	return g[p.Id+" "+userID+" "]
}
func (g granted) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return g[p.Id+" "+userID+" "+teamID]
}
func (g granted) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return g[p.Id+" "+userID+" "+channelID]
}
func (g granted) ServerVersion() string { return "" }
func (g granted) Channel(id string) (*model.Channel, error) {
	switch id {
	case "open":
		return &model.Channel{Id: id, Type: model.CHANNEL_OPEN, TeamId: "team"}, nil
	case "closed":
		return &model.Channel{Id: id, Type: model.CHANNEL_PRIVATE, TeamId: "team"}, nil
	}
	return nil, errors.New("no such channel")
}

func (g granted) User(id string) (*model.User, error) {
	if id == "gone" {
		return nil, errors.New("Mattermost does not answer")
	}
	return &model.User{Id: id, Username: "name-of-" + id}, nil
}

func rules() *Rules {
	return New(granted{
		"manage_system admin ": true, "list_team_channels admin team": true,
		"list_team_channels anna team": true, "list_team_channels boris team": true,
		"read_channel anna open": true, "read_channel anna closed": true, "read_channel guest closed": true,
		"create_post anna open": true, "use_slash_commands anna open": true,
		"list_team_channels lead team": true, "manage_team lead team": true, "manage_team admin team": true, "list_team_channels gone team": true,
		"create_public_channel anna team": true, "create_private_channel boris team": true,
		// What a host might grant to nobody must not count.
		"manage_system  ": true, "read_channel  open": true, "list_team_channels  team": true, "list_team_channels anna ": true, "create_post anna ": true,
	})
}

func TestIncidents(t *testing.T) {
	r := rules()
	for _, c := range []struct {
		user, channel string
		view, edit    bool
	}{
		{"anna", "open", true, true}, {"anna", "closed", true, true},
		{"boris", "open", true, false}, {"boris", "closed", false, false}, // public incidents are readable by the team
		{"guest", "open", false, false}, {"guest", "closed", true, true}, // guests see only where they are members
		{"admin", "open", true, true}, {"admin", "closed", true, true}, {"admin", "gone", true, true},
		{"stranger", "open", false, false}, {"anna", "gone", false, false}, {"", "open", false, false},
	} {
		if got := r.ViewIncident(c.user, ChannelAccess{ChannelID: c.channel}); got != c.view {
			t.Errorf("%q views %s: %v", c.user, c.channel, got)
		}
		if got := r.EditIncident(c.user, ChannelAccess{ChannelID: c.channel}); got != c.edit {
			t.Errorf("%q edits %s: %v", c.user, c.channel, got)
		}
		known := ChannelAccess{ChannelID: c.channel, TeamID: "team", Public: c.channel == "open", Joined: c.edit && c.user != "admin"}
		if c.channel == "gone" {
			known = ChannelAccess{ChannelID: c.channel, Deleted: true}
		}
		if view, edit := r.ViewIncident(c.user, known), r.EditIncident(c.user, known); view != c.view || edit != c.edit {
			t.Errorf("%q in %s, with what the database knows: view %v, edit %v", c.user, c.channel, view, edit)
		}
	}
}

func TestAnIncidentWhoseChannelIsGoneIsForAdministrators(t *testing.T) {
	r := rules()
	for user, want := range map[string]bool{"anna": false, "guest": false, "admin": true, "": false} {
		c := ChannelAccess{ChannelID: "closed", Joined: true, Deleted: true} // Mattermost still grants anna and guest to read it
		if got := [3]bool{r.ViewIncident(user, c), r.EditIncident(user, c), r.ReadPosts(user, c) || r.Admin(user)}; got != [3]bool{want, want, want} {
			t.Errorf("%q: %v, want %v", user, got, want)
		}
		c.TeamID, c.Deleted = "team", false
		if got := r.EditIncident(user, c); got != (user != "") {
			t.Errorf("%q, the channel is there: %v", user, got)
		}
	}
}

func TestPlaybooks(t *testing.T) {
	r, p := rules(), &playbook.Playbook{TeamID: "team", MemberIDs: []string{"anna", "stranger"}}
	for user, want := range map[string][2]bool{
		"anna": {true, true}, "boris": {false, false}, "admin": {true, false}, // administrators use, but do not start
		"stranger": {false, false}, "": {false, false}, // a member who left the team
	} {
		if got := [2]bool{r.UsePlaybook(user, p, false), r.StartFrom(user, p, false)}; got != want {
			t.Errorf("%q: %v, want %v", user, got, want)
		}
	}
	if r.UsePlaybook("admin", &playbook.Playbook{}, false) {
		t.Error("a playbook without a team can be used")
	}
}

func TestTeamsAndChannels(t *testing.T) {
	r := rules()
	for what, c := range map[string][2]bool{
		"anna creates public": {r.CreateIncidentChannel("anna", "team", true), true}, "anna creates private": {r.CreateIncidentChannel("anna", "team", false), false},
		"boris creates private": {r.CreateIncidentChannel("boris", "team", false), true}, "nobody views": {r.ViewTeam("", "team"), false},
		"no team": {r.ViewTeam("anna", ""), false}, "anna posts": {r.Post("anna", "open"), true}, "no channel": {r.Post("anna", ""), false},
		"boris posts": {r.Post("boris", "open"), false}, "anna commands": {r.UseCommands("anna", "open", false), true}, "boris commands": {r.UseCommands("boris", "open", false), false},
		"anna sees":                {r.SeeChannel("anna", &model.Channel{Id: "closed", Type: model.CHANNEL_PRIVATE, TeamId: "team"}), true},
		"boris sees the public":    {r.SeeChannel("boris", &model.Channel{Id: "open", Type: model.CHANNEL_OPEN, TeamId: "team"}), true},
		"boris sees the private":   {r.SeeChannel("boris", &model.Channel{Id: "closed", Type: model.CHANNEL_PRIVATE, TeamId: "team"}), false},
		"strangers see the public": {r.SeeChannel("stranger", &model.Channel{Id: "open", Type: model.CHANNEL_OPEN, TeamId: "team"}), false},
		"direct messages":          {r.SeeChannel("boris", &model.Channel{Id: "dm", Type: model.CHANNEL_DIRECT}), false},
		"anna reads":               {r.ReadChannel("anna", "closed"), true}, "nobody reads": {r.ReadChannel("", "open"), false}, "nobody administers": {r.Admin(""), false},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %v", what, c[0])
		}
	}
}

// onVersion is a Mattermost of some version.
type onVersion struct {
	granted
	version string
}

func (v onVersion) ServerVersion() string { return v.version }

func TestCommandsTakeThePermissionThatTheServerDemands(t *testing.T) {
	roles := granted{"create_post poster town": true, "use_slash_commands user town": true, "create_post  town": true, "use_slash_commands  town": true}
	for version, byPost := range map[string]bool{
		"5.28.0": false, "5.39.3": false, "6.7.2": false, "7.7.4": false, "7.8.0": true, "7.11.0": true, "8.0.0": true, "9.11.1": true,
		"10.0.0": true, "11.4.0": true, "12.0.0": true, "100.0": true, "11.4.0.linux": true, "2027a": true, "": true,
	} {
		r := New(onVersion{roles, version})
		for user, want := range map[string]bool{"poster": byPost, "user": !byPost, "nobody": false, "": false} {
			if got := r.UseCommands(user, "town", false); got != want {
				t.Errorf("%q runs commands on version %q: %v", user, version, got)
			}
			if got := r.UseCommands(user, "town", true); got != (want || byPost && user != "") {
				t.Errorf("%q, who may post, runs commands on version %q: %v", user, version, got)
			}
		}
	}
}

func TestWhoMayCreatePlaybooks(t *testing.T) {
	all := []string{"admin", "lead", "anna", "boris", "gone", "guest", "stranger", ""}
	for name, c := range map[string]struct {
		creators *Creators
		may      []string
	}{
		"not set":                        {nil, []string{"admin", "lead", "anna", "boris", "gone"}},
		"everybody":                      {&Creators{Who: Everybody}, []string{"admin", "lead", "anna", "boris", "gone"}},
		"team administrators":            {&Creators{Who: TeamAdmins}, []string{"admin", "lead"}},
		"by id":                          {&Creators{Who: Listed, Users: []string{"anna", "guest", "stranger"}}, []string{"admin", "anna"}}, // still only in their own team
		"by name":                        {&Creators{Who: Listed, Users: []string{"name-of-boris", "name-of-gone"}}, []string{"admin", "boris"}},
		"nobody is named":                {&Creators{Who: Listed}, []string{"admin"}},
		"a setting that nobody can read": {&Creators{Who: NobodyElse}, []string{"admin"}},
	} {
		r := rules()
		if c.creators != nil {
			r.SetCreators(*c.creators)
		}
		for _, user := range all {
			want := slices.Contains(c.may, user)
			if got := r.CreatePlaybook(user, "team"); got != want {
				t.Errorf("%s: %q creates: %v", name, user, got)
			}
			if r.CreatePlaybook(user, "other") || r.CreatePlaybook(user, "") {
				t.Errorf("%s: %q creates in a team that they may not view", name, user)
			}
		}
	}
}
