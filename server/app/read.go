package app

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// ChannelAccess returns what the header says about the channel and the viewer.
func (h Header) ChannelAccess() access.ChannelAccess {
	return access.ChannelAccess{ChannelID: h.ChannelID, TeamID: h.ChannelTeamID, Deleted: h.ChannelTeamID == "", Public: h.Public, Joined: h.Joined,
		ReadGranted: h.ReadGranted, ListGranted: h.ListGranted}
}

// maskNotFound turns NotFound into Forbidden unless the user is an administrator, after the same permission calls as for an
// incident that exists, so that neither text nor time of a refusal reveals whether it exists.
func (s *Service) maskNotFound(userID, id string, err error) error {
	if incident.IsKind(err, incident.NotFound) && !s.rules.ViewNothing(userID, id) {
		return incident.ErrForbidden
	}
	return err
}

// Incident reads one incident. Its long columns are read only for users who may see it.
func (s *Service) Incident(ctx context.Context, userID, id string) (incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return incident.Incident{}, s.maskNotFound(userID, id, err)
	}
	return s.authorizeView(ctx, userID, h, inc)
}

// authorizeView returns the incident that was read with the header, or Forbidden.
func (s *Service) authorizeView(ctx context.Context, userID string, h Header, inc *incident.Incident) (incident.Incident, error) {
	if !s.rules.ViewIncident(userID, h.ChannelAccess()) {
		return incident.Incident{}, incident.ErrForbidden
	}
	if inc != nil {
		return *inc, nil
	}
	// The user may see it without being a member, as administrators do.
	return s.incidents.Get(ctx, h.ID)
}

// IncidentByChannel reads the incident of a channel. It is NotFound also where the user may not see it, after the same
// permission calls.
func (s *Service) IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	inc, _, err := s.byChannel(ctx, userID, channelID)
	if incident.IsKind(err, incident.Forbidden) {
		err = incident.ErrNotFound
	}
	return inc, err
}

// byChannel is Forbidden if the user may not see the channel, NotFound if it has no incident.
func (s *Service) byChannel(ctx context.Context, userID, channelID string) (incident.Incident, Header, error) {
	h, inc, err := s.incidents.ViewByChannel(ctx, channelID, userID)
	if incident.IsKind(err, incident.NotFound) {
		if !s.rules.ViewIncident(userID, access.ChannelAccess{ChannelID: channelID}) {
			return incident.Incident{}, h, incident.ErrForbidden
		}
		return incident.Incident{}, h, incident.ErrNotFound
	}
	if err != nil {
		return incident.Incident{}, h, err
	}
	whole, err := s.authorizeView(ctx, userID, h, inc)
	return whole, h, err
}

// IncidentForAutocomplete reads the incident of a channel for the suggestions of /incident check: a missing channel
// id is Invalid, a channel that the user may not see Forbidden, one without an incident NotFound.
func (s *Service) IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	if channelID == "" {
		return incident.Incident{}, incident.InvalidField("channel_id", "channel_id is missing: give the id of an incident's channel.")
	}
	inc, _, err := s.byChannel(ctx, userID, channelID)
	if incident.IsKind(err, incident.NotFound) {
		return incident.Incident{}, incident.ErrNoChannel
	}
	return inc, err
}

// Metadata reads what the incident page shows beside the incident.
func (s *Service) Metadata(ctx context.Context, userID, id string) (Metadata, error) {
	h, data, err := s.incidents.ViewMetadata(ctx, id, userID)
	if err != nil {
		return Metadata{}, s.maskNotFound(userID, id, err)
	}
	if !s.rules.ViewIncident(userID, h.ChannelAccess()) {
		return Metadata{}, incident.ErrForbidden
	}
	if data != nil {
		return *data, nil
	}
	return s.incidents.Metadata(ctx, id)
}

var errTeamForbidden = incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team's incidents. Join the team, or ask one of its administrators for access.")

// restrictToVisible returns f restricted to what the user may see. Guests may not list the team's public channels: they
// see the incidents in whose channels they are, and may ask for those only.
func (s *Service) restrictToVisible(ctx context.Context, userID string, f Filter) (Filter, listAccess, error) {
	f.ViewerID = userID
	access, err := s.incidents.TeamAccess(ctx, userID, f.TeamID)
	if err != nil {
		return f, listAccess{}, err
	}
	f.CountVersion = access.CountVersion
	may := listAccess{membersRead: access.ReadGranted}
	if !f.OnlyMember || userID == "" { // one's own need no permission in the team
		if may.list = s.rules.ListTeam(userID, f.TeamID, access.ListGranted); !may.list {
			if userID == "" || f.MemberID != userID {
				return f, may, errTeamForbidden
			}
			member, err := s.host.IsTeamMember(f.TeamID, userID)
			if err != nil || !member {
				return f, may, cmp.Or(err, error(errTeamForbidden))
			}
		} else if !access.NotAdmin && s.rules.Admin(userID) {
			f.ViewerID = ""
			return f, may, nil
		}
	}
	if !access.ReadGranted || !access.PlainOnly {
		f.Hidden, err = s.hiddenRoles(ctx, userID, f.TeamID, &may)
		f.PublicHidden = !may.list
	}
	return f, may, err
}

// listAccess is what is known about the viewer of a list: whether they may list the team's public channels, and whether members
// may read channels without a scheme. answers are those of Mattermost about roles.
type listAccess struct {
	list, membersRead bool
	answers           map[RoleKey]bool
}

// ListIncidents lists a page of the team's incidents that the user may see. f must be valid. Incidents in whose channels
// the user is with a role that may not read them are left out.
func (s *Service) ListIncidents(ctx context.Context, userID string, f Filter) (Page, error) {
	f, may, err := s.restrictToVisible(ctx, userID, f)
	if err != nil {
		return Page{}, err
	}
	listed, total, err := s.incidents.List(ctx, f)
	if err != nil {
		return Page{}, err
	}
	p := Page{TotalCount: total, PageCount: pageCount(total, f.PerPage), Items: []incident.Incident{}}
	if cut := f.fitting(listed); cut < len(listed) {
		listed = listed[:cut]
		p.NextOffset = f.Skip() + cut
	}
	p.HasMore = f.Skip()+len(listed) < total && len(listed) > 0
	all := f.Skip() == 0 && len(listed) == total
	listed = s.readable(f.ViewerID, may, listed)
	if all { // what is left out is known
		p.TotalCount, p.PageCount = len(listed), pageCount(len(listed), f.PerPage)
	}
	for _, i := range listed {
		if i.Partial && !f.Summary {
			p.Items, p.Rest = []incident.Incident{}, s.rest(listed)
			return p, nil
		}
		p.Items = append(p.Items, i.Incident)
	}
	return p, nil
}

// readable returns the incidents that the viewer may read. Viewer "" may read all. The database has left out others already,
// unless a role was changed meanwhile.
func (s *Service) readable(viewerID string, may listAccess, listed []Listed) []Listed {
	if viewerID == "" {
		return listed
	}
	return slices.DeleteFunc(listed, func(i Listed) bool {
		c := i.Channel
		if c.TeamID == i.TeamID && (may.list && c.Public || may.membersRead && c.Plain) {
			return false
		}
		return !may.reads(s.rules, viewerID, RoleKey{c.TeamID, c.Roles}, i.ChannelID)
	})
}

// fitting returns how many of the incidents fit into MaxBytes.
func (f *Filter) fitting(listed []Listed) int {
	total := 0
	for n := range listed {
		if total += listed[n].Bytes; f.MaxBytes > 0 && total > f.MaxBytes && n > 0 && !f.Summary {
			return n
		}
	}
	return len(listed)
}

// rest gives whole incidents in parts of at most PartBytes, or of one.
func (s *Service) rest(listed []Listed) func(ctx context.Context) iter.Seq2[[]incident.Incident, error] {
	return func(ctx context.Context) iter.Seq2[[]incident.Incident, error] {
		return func(yield func([]incident.Incident, error) bool) {
			for part := range Parts(listed, func(i Listed) int { return i.Bytes }) {
				items, err := s.complete(ctx, part)
				if !yield(items, err) || err != nil {
					return
				}
			}
		}
	}
}

// complete reads what List left out of the incidents.
func (s *Service) complete(ctx context.Context, part []Listed) ([]incident.Incident, error) {
	var ids []string
	for _, i := range part {
		if i.Partial {
			ids = append(ids, i.ID)
		}
	}
	var whole map[string]incident.Incident
	if len(ids) > 0 {
		var err error
		if whole, err = s.incidents.GetMany(ctx, ids); err != nil {
			return nil, err
		}
	}
	items := make([]incident.Incident, 0, len(part))
	for _, i := range part {
		if !i.Partial {
			items = append(items, i.Incident)
		} else if read, found := whole[i.ID]; found {
			items = append(items, read)
		}
	}
	return items, nil
}

func pageCount(total, perPage int) int {
	if perPage < 1 {
		return 0
	}
	return (total + perPage - 1) / perPage
}

// ListChannelIDs lists the channels of the same incidents in the same order, each once.
func (s *Service) ListChannelIDs(ctx context.Context, userID string, f Filter) ([]string, error) {
	f, _, err := s.restrictToVisible(ctx, userID, f)
	if err != nil {
		return nil, err
	}
	ids, err := s.incidents.ChannelIDs(ctx, f)
	return uniqueIDs(ids...), err
}

// Commanders lists everybody who commands an incident of the team that the user may see, by username. memberID, if it is
// not "", restricts to incidents in whose channels this user is.
func (s *Service) Commanders(ctx context.Context, userID, teamID, memberID string) ([]CommanderInfo, error) {
	f, _, err := s.restrictToVisible(ctx, userID, Filter{TeamID: teamID, MemberID: memberID})
	if err != nil {
		return nil, err
	}
	return s.incidents.Commanders(ctx, f)
}

// TeamOf reads the team through which an incident is reached: that of its channel, which may have been moved, and that of the incident if the
// channel is gone. capability.TeamOfChannel is the same in SQL.
func TeamOf(host interface {
	Channel(id string) (*model.Channel, error)
	Team(id string) (*model.Team, error)
}, inc *incident.Incident) (*model.Team, error) {
	id := inc.TeamID
	if channel, err := host.Channel(inc.ChannelID); err == nil && channel.TeamId != "" {
		id = channel.TeamId
	}
	return host.Team(id)
}
