package app

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// asking is a host and a store that note what they are asked, without the ids.
type asking struct {
	*fakeHost
	*fakeIncidents
	asked  []string
	filter Filter
	access TeamAccess
	listed []Listed
}

func (a *asking) HasPermission(userID string, p *model.Permission) bool {
	a.asked = append(a.asked, "may "+p.Id)
	return a.fakeHost.HasPermission(userID, p)
}

func (a *asking) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	a.asked = append(a.asked, "may in team "+p.Id)
	return a.fakeHost.HasPermissionToTeam(userID, teamID, p)
}

func (a *asking) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	a.asked = append(a.asked, "may in channel "+p.Id)
	return channelID == "channel0" && userID == "member"
}

func (a *asking) Channel(id string) (*model.Channel, error) {
	a.asked = append(a.asked, "channel")
	return a.fakeHost.Channel(id)
}

func (a *asking) Header(ctx context.Context, id, viewerID string) (Header, error) {
	a.asked = append(a.asked, "header")
	h, err := a.fakeIncidents.Header(ctx, id, viewerID)
	h.Joined = viewerID == "member"
	return h, err
}

func (a *asking) View(ctx context.Context, id, viewerID string) (Header, *incident.Incident, error) {
	h, err := a.Header(ctx, id, viewerID)
	if err != nil || !h.Joined {
		return h, nil, err
	}
	return a.fakeIncidents.View(ctx, id, viewerID)
}

func (a *asking) ViewByChannel(ctx context.Context, channelID, viewerID string) (Header, *incident.Incident, error) {
	for id, row := range a.rows {
		if row.ChannelID == channelID {
			return a.View(ctx, id, viewerID)
		}
	}
	a.asked = append(a.asked, "header")
	return Header{}, nil, incident.ErrNotFound
}

func (a *asking) Get(ctx context.Context, id string) (incident.Incident, error) {
	a.asked = append(a.asked, "incident")
	return a.fakeIncidents.Get(ctx, id)
}

func (a *asking) GetByChannel(_ context.Context, channelID string) (incident.Incident, error) {
	a.asked = append(a.asked, "incident by channel")
	if channelID == "channel0" {
		return *a.rows["inc"], nil
	}
	return incident.Incident{}, incident.ErrNotFound
}

func (a *asking) ViewMetadata(ctx context.Context, id, viewerID string) (Header, *Metadata, error) {
	h, inc, err := a.View(ctx, id, viewerID)
	if inc == nil {
		return h, nil, err
	}
	return h, &Metadata{}, err
}

func (a *asking) Metadata(context.Context, string) (Metadata, error) {
	a.asked = append(a.asked, "metadata")
	return Metadata{}, nil
}

func (a *asking) List(_ context.Context, f Filter) ([]Listed, int, error) {
	a.filter = f
	return slices.Clone(a.listed), len(a.listed), nil
}

func (a *asking) ChannelIDs(_ context.Context, f Filter) ([]string, error) {
	a.filter = f
	return nil, nil
}

func (a *asking) Commanders(_ context.Context, f Filter) ([]CommanderInfo, error) {
	a.filter = f
	return nil, nil
}

func (a *asking) TeamAccess(context.Context, string, string) (TeamAccess, error) {
	return a.access, nil
}

func newAsking(t *testing.T) (*Service, *asking) {
	w := newServiceFixture(t)
	a := &asking{fakeHost: w.host, fakeIncidents: w.incidents}
	a.Channels["elsewhere"] = &model.Channel{Id: "elsewhere", Type: model.CHANNEL_PRIVATE}
	a.rows["hidden"] = &incident.Incident{ID: "hidden", ChannelID: "elsewhere"}
	return New(a, w.playbooks, w.incidents.jobs, a, w.log, "plugin"), a
}

// What is refused takes the same questions and gives the same error, whether it exists or not, so that neither the
// text nor the time tells.
func TestMissingAndForbiddenIncidentsAreRefusedInTheSameWay(t *testing.T) {
	s, a := newAsking(t)
	ctx := context.Background()
	for name, read := range map[string]func(id string) error{
		"Incident": func(id string) error { _, err := s.Incident(ctx, "stranger", id); return err },
		"Metadata": func(id string) error { _, err := s.Metadata(ctx, "stranger", id); return err },
		"IncidentByChannel": func(id string) error {
			_, err := s.IncidentByChannel(ctx, "stranger", map[string]string{"hidden": "elsewhere", "nothing": "nowhere"}[id])
			return err
		},
		"IncidentForAutocomplete": func(id string) error {
			_, err := s.IncidentForAutocomplete(ctx, "stranger", map[string]string{"hidden": "elsewhere", "nothing": "nowhere"}[id])
			return err
		},
	} {
		a.asked = nil
		hidden := read("hidden")
		asked := a.asked
		a.asked = nil
		missing := read("nothing")
		if hidden == nil || !reflect.DeepEqual(hidden, missing) {
			t.Errorf("%s: %v for what is hidden, %v for what is missing", name, hidden, missing)
		}
		if !reflect.DeepEqual(asked, a.asked) {
			t.Errorf("%s: asks %q for what is hidden, %q for what is missing", name, asked, a.asked)
		}
		for _, question := range asked {
			if question == "incident" || question == "incident by channel" || question == "metadata" {
				t.Errorf("%s reads the %s before it knows who may see it", name, question)
			}
		}
	}
	if _, err := s.Incident(ctx, "admin", "nothing"); !incident.IsKind(err, incident.NotFound) {
		t.Errorf("an administrator gets %v for a missing incident", err)
	}
	if got, err := s.Incident(ctx, "member", "inc"); err != nil || got.ID != "inc" {
		t.Errorf("a member gets %v, %v", got.ID, err)
	}
}

func TestOwnIncidentsNeedNoPermissionInTheTeam(t *testing.T) {
	s, a := newAsking(t)
	a.Denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":guest:team"] = true
	if _, err := s.ListIncidents(context.Background(), "guest", Filter{TeamID: "team", PerPage: 1}); !incident.IsKind(err, incident.Forbidden) {
		t.Errorf("a guest lists the team's incidents: %v", err)
	}
	for _, who := range []string{"guest", "admin"} {
		if _, err := s.ListIncidents(context.Background(), who, Filter{TeamID: "team", PerPage: 1, OnlyMember: true}); err != nil {
			t.Errorf("%s lists their own incidents: %v", who, err)
		}
		if !a.filter.OnlyMember || a.filter.ViewerID != who {
			t.Errorf("%s lists more than their own incidents: %+v", who, a.filter)
		}
	}
	if _, err := s.ListIncidents(context.Background(), "", Filter{TeamID: "team", OnlyMember: true}); err == nil {
		t.Error("nobody lists incidents")
	}
}

// A member of a channel whose role may not read it does not get its incident from a list either. Mattermost is asked only
// where the database proves nothing, and once for the same roles.
func TestListsLeaveOutWhatTheRoleMayNotRead(t *testing.T) {
	const mayRead = "may in channel read_channel"
	inTeam := func(id, channelID string, c ListedChannel) Listed {
		return Listed{Incident: incident.Incident{ID: id, ChannelID: channelID, TeamID: "team"}, Channel: c}
	}
	listed := []Listed{
		inTeam("public", "public", ListedChannel{TeamID: "team", Public: true}),
		inTeam("moved", "moved", ListedChannel{TeamID: "other", Public: true, Plain: true, Roles: "u"}),
		inTeam("plain", "private", ListedChannel{TeamID: "team", Plain: true, Roles: "u"}),
		inTeam("scheme", "private", ListedChannel{TeamID: "team", Roles: "u scheme"}),
		inTeam("same scheme", "private", ListedChannel{TeamID: "team", Roles: "u scheme"}),
		inTeam("allowed", "channel0", ListedChannel{TeamID: "team", Roles: "u allowed"}),
		inTeam("gone", "channel0", ListedChannel{}),
	}
	all := TeamAccess{ListGranted: true, NotAdmin: true, ReadGranted: true}
	for _, c := range []struct {
		name, user  string
		access      TeamAccess
		filter      Filter
		want, asked string
	}{
		{"everything is proven", "member", all, Filter{}, "public,plain,allowed", mayRead + " 4"},
		{"roles may not read", "member", TeamAccess{ListGranted: true, NotAdmin: true}, Filter{}, "public,allowed", mayRead + " 5"},
		{"a guest", "member", TeamAccess{NotAdmin: true, ReadGranted: true}, Filter{MemberID: "member"}, "plain,allowed", mayRead + " 5"},
		{"own incidents", "member", all, Filter{OnlyMember: true}, "plain,allowed", mayRead + " 5"},
		{"an administrator", "admin", TeamAccess{}, Filter{}, "public,moved,plain,scheme,same scheme,allowed,gone", mayRead + " 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, a := newAsking(t)
			a.access, a.listed = c.access, listed
			a.Denied[model.PERMISSION_LIST_TEAM_CHANNELS.Id+":member:team"] = true
			c.filter.TeamID, c.filter.PerPage = "team", 100
			p, err := s.ListIncidents(context.Background(), c.user, c.filter)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, i := range p.Items {
				ids = append(ids, i.ID)
			}
			if got := strings.Join(ids, ","); got != c.want {
				t.Errorf("listed %s, want %s", got, c.want)
			}
			times := 0
			for _, question := range a.asked {
				if question == mayRead {
					times++
				}
			}
			if got := fmt.Sprint(mayRead, " ", times); got != c.asked {
				t.Errorf("asked %s, want %s", got, c.asked)
			}
			if p.TotalCount != len(p.Items) || p.PageCount != 1 || p.HasMore {
				t.Errorf("the page is %+v", p)
			}
		})
	}
}

// What the viewer's role may not read is left out by the database, so that neither totals nor names tell about it. Mattermost is
// asked for roles about which the database proves nothing.
func TestListsAskOnceForTheRolesOfTheViewer(t *testing.T) {
	key := func(roles string) RoleKey { return RoleKey{"team", roles} }
	roles := []ViewerRole{
		{key("u"), true, "private"}, {key("u scheme"), false, "channel0"}, {key("none"), false, "private"}, {RoleKey{"other", "u"}, true, "private"},
	}
	all := TeamAccess{ListGranted: true, NotAdmin: true, ReadGranted: true, PlainOnly: true}
	unproven, noRead := all, all
	unproven.PlainOnly, noRead.ReadGranted = false, false
	for _, c := range []struct {
		name, user string
		access     TeamAccess
		filter     Filter
		want       []RoleKey
		noPublic   bool
	}{
		{"everything is proven", "member", all, Filter{}, nil, false},
		{"odd roles", "member", unproven, Filter{}, []RoleKey{key("none"), {"other", "u"}}, false},
		{"roles may not read", "member", noRead, Filter{SearchTerm: "x"}, []RoleKey{key("u"), key("none"), {"other", "u"}}, false},
		{"own incidents", "member", unproven, Filter{OnlyMember: true}, []RoleKey{key("none"), {"other", "u"}}, true},
		{"an administrator", "admin", TeamAccess{}, Filter{}, nil, false},
	} {
		for way, list := range map[string]func(s *Service, f Filter) error{
			"incidents": func(s *Service, f Filter) error { _, err := s.ListIncidents(ctx, c.user, f); return err },
			"channels":  func(s *Service, f Filter) error { _, err := s.ListChannelIDs(ctx, c.user, f); return err },
			"commanders": func(s *Service, f Filter) error {
				_, err := s.Commanders(ctx, c.user, f.TeamID, f.MemberID)
				return err
			},
		} {
			if way == "commanders" && c.filter.OnlyMember {
				continue
			}
			s, a := newAsking(t)
			a.access, a.roles = c.access, roles
			c.filter.TeamID, c.filter.PerPage = "team", 10
			if err := list(s, c.filter); err != nil {
				t.Fatalf("%s, %s: %v", c.name, way, err)
			}
			if !reflect.DeepEqual(a.filter.Hidden, c.want) || a.filter.PublicHidden != c.noPublic {
				t.Errorf("%s, %s: %+v, %v", c.name, way, a.filter.Hidden, a.filter.PublicHidden)
			}
			a.fakeIncidents.fails["ViewerRoles"] = errBroken
			if err := list(s, c.filter); c.want != nil && err == nil {
				t.Errorf("%s, %s: the roles cannot be read, and the list is answered", c.name, way)
			}
		}
	}
}
