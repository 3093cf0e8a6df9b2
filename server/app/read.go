package app

import (
	"context"
	"iter"
	"sync"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (h Header) place() access.Place {
	return access.Place{ChannelID: h.ChannelID, TeamID: h.ChannelTeamID, Public: h.Public, Joined: h.Joined,
		MayRead: h.MayRead, MayList: h.MayList}
}

// hidden is the answer for an incident that the user may not see: administrators learn that it does not exist,
// for everybody else missing and forbidden look alike, and take the same questions to Mattermost.
func (s *Service) hidden(userID, id string, err error) error {
	if incident.IsKind(err, incident.NotFound) && !s.rules.ViewNothing(userID, id) {
		return incident.ErrForbidden
	}
	return err
}

// Incident reads one incident. Nothing of it is told, and nothing long of it read, before it is known that the user
// may see it.
func (s *Service) Incident(ctx context.Context, userID, id string) (incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return incident.Incident{}, s.hidden(userID, id, err)
	}
	return s.viewed(ctx, userID, h, inc)
}

// viewed gives out an incident that was read, if the user may see it.
func (s *Service) viewed(ctx context.Context, userID string, h Header, inc *incident.Incident) (incident.Incident, error) {
	if !s.rules.ViewPlace(userID, h.place()) {
		return incident.Incident{}, incident.ErrForbidden
	}
	if inc != nil {
		return *inc, nil
	}
	// The user may see it without being a member, as administrators do.
	return s.incidents.Get(ctx, h.ID)
}

// IncidentByChannel reads the incident of a channel; whatever stands in the way, the answer is NotFound, after the
// same questions.
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
		if !s.rules.ViewIncident(userID, channelID) {
			return incident.Incident{}, h, incident.ErrForbidden
		}
		return incident.Incident{}, h, incident.ErrNotFound
	}
	if err != nil {
		return incident.Incident{}, h, err
	}
	whole, err := s.viewed(ctx, userID, h, inc)
	return whole, h, err
}

// IncidentForAutocomplete reads the incident of a channel for the suggestions of /incident check: a missing channel
// id is Invalid, a channel that the user may not see Forbidden, one without an incident NotFound.
func (s *Service) IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error) {
	if channelID == "" {
		return incident.Incident{}, incident.InvalidField("channel_id", "channel_id is missing.")
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
		return Metadata{}, s.hidden(userID, id, err)
	}
	if !s.rules.ViewPlace(userID, h.place()) {
		return Metadata{}, incident.ErrForbidden
	}
	if data != nil {
		return *data, nil
	}
	return s.incidents.Metadata(ctx, id)
}

// standing reads the standing of a user in a team once, whoever asks for it first.
func (s *Service) standing(ctx context.Context, userID, teamID string) func() (Standing, error) {
	return sync.OnceValues(func() (Standing, error) { return s.incidents.Standing(ctx, userID, teamID) })
}

// own tells that only incidents in whose channels the user is are asked for by a command, which says nothing about what
// they may see in the team.
func own(userID string, f Filter) bool { return f.OnlyMember && userID != "" }

var errTeamForbidden = incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team's incidents.")

// visible restricts f to what the user may see. Guests may not list a team's channels: they see the incidents in whose
// channels they are, and may ask for those only.
func (s *Service) visible(userID string, f Filter) (Filter, error) {
	f.ViewerID = userID
	if own(userID, f) {
		return f, nil
	}
	standing, err := f.Standing()
	if err != nil {
		return f, err
	}
	if !s.rules.ListTeam(userID, f.TeamID, standing.MayList) {
		if userID == "" || f.MemberID != userID {
			return f, errTeamForbidden
		}
		member, err := s.host.IsTeamMember(f.TeamID, userID)
		if err == nil && !member {
			err = errTeamForbidden
		}
		return f, err
	}
	if !standing.Ordinary && s.rules.Admin(userID) {
		f.ViewerID = ""
	}
	return f, nil
}

// ListIncidents lists a page of the team's incidents that the user may see. f must be valid.
func (s *Service) ListIncidents(ctx context.Context, userID string, f Filter) (Page, error) {
	f.Standing = s.standing(ctx, userID, f.TeamID)
	if own(userID, f) { // says nothing about what they may see in the team
		f.ViewerID = userID
		return s.page(ctx, f)
	}
	var early func() (Page, error)
	if s.expected.has(userID, f.TeamID) {
		// Probably the user is an ordinary member still. What such a one sees is read while the standing is, and thrown away
		// unless that says so again.
		ordinary := f
		ordinary.ViewerID = userID
		early = meanwhile(func() (Page, error) { return s.page(ctx, ordinary) })
	}
	allowed, err := s.visible(userID, f)
	s.expected.note(userID, f.TeamID, err == nil && allowed.ViewerID == userID)
	if err != nil {
		return Page{}, err
	}
	if early != nil && allowed.ViewerID == userID {
		return early()
	}
	return s.page(ctx, allowed)
}

// meanwhile begins to do something and returns what waits for its result.
func meanwhile(do func() (Page, error)) func() (Page, error) {
	result := sync.OnceValues(do) // hands a panic on to who waits
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		_, _ = result()
	}()
	return func() (Page, error) {
		<-done
		return result()
	}
}

// expectations are the users who saw the lists of a team as ordinary members the last time. They say what to begin with
// and permit nothing.
type expectations struct {
	mu    sync.Mutex
	users map[[2]string]bool
}

func (e *expectations) has(userID, teamID string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.users[[2]string{userID, teamID}]
}

func (e *expectations) note(userID, teamID string, ordinary bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !ordinary {
		delete(e.users, [2]string{userID, teamID})
		return
	}
	if e.users == nil || len(e.users) > 10_000 {
		e.users = map[[2]string]bool{}
	}
	e.users[[2]string{userID, teamID}] = true
}

func (s *Service) page(ctx context.Context, f Filter) (Page, error) {
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
	for _, i := range listed {
		if i.Partial && !f.Summary {
			p.Items, p.Rest = []incident.Incident{}, s.rest(listed)
			return p, nil
		}
		p.Items = append(p.Items, i.Incident)
	}
	return p, nil
}

// fitting is how many of the incidents fit into the filter's MaxBytes.
func (f *Filter) fitting(listed []Listed) int {
	total := 0
	for n := range listed {
		if total += listed[n].Bytes; f.MaxBytes > 0 && total > f.MaxBytes && n > 0 && !f.Summary {
			return n
		}
	}
	return len(listed)
}

// rest gives whole incidents in parts of at most BytesPerPage, or of one.
func (s *Service) rest(listed []Listed) func(ctx context.Context) iter.Seq2[[]incident.Incident, error] {
	return func(ctx context.Context) iter.Seq2[[]incident.Incident, error] {
		return func(yield func([]incident.Incident, error) bool) {
			for part := range parts(listed, func(i Listed) int { return i.Bytes }) {
				items, err := s.wholes(ctx, part)
				if !yield(items, err) || err != nil {
					return
				}
			}
		}
	}
}

// wholes completes the incidents of which a part was left out.
func (s *Service) wholes(ctx context.Context, part []Listed) ([]incident.Incident, error) {
	var ids []string
	for _, i := range part {
		if i.Partial {
			ids = append(ids, i.ID)
		}
	}
	var whole map[string]incident.Incident
	if len(ids) > 0 {
		var err error
		if whole, err = s.incidents.Wholes(ctx, ids); err != nil {
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

// ListChannelIDs lists the channels of the same incidents in the same order.
func (s *Service) ListChannelIDs(ctx context.Context, userID string, f Filter) ([]string, error) {
	f.Standing = s.standing(ctx, userID, f.TeamID)
	f, err := s.visible(userID, f)
	if err != nil {
		return nil, err
	}
	return s.incidents.ChannelIDs(ctx, f)
}

// Commanders lists everybody who commands an incident of the team that the user may see, by username. memberID, if it is
// not "", leaves those in whose channels this user is.
func (s *Service) Commanders(ctx context.Context, userID, teamID, memberID string) ([]CommanderInfo, error) {
	f, err := s.visible(userID, Filter{TeamID: teamID, MemberID: memberID, Standing: s.standing(ctx, userID, teamID)})
	if err != nil {
		return nil, err
	}
	return s.incidents.Commanders(ctx, f)
}
