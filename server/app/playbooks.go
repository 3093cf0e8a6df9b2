package app

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var (
	errPlaybookForbidden = incident.NewError(incident.Forbidden, "playbook.forbidden",
		"You do not have access to this playbook. Ask one of its members to share it with you.")
	errPlaybookTeam     = incident.NewError(incident.Forbidden, "team.forbidden", "You do not have access to this team's playbooks.")
	errPlaybookCreators = incident.NewError(incident.Forbidden, "playbook.create_forbidden",
		"You may not create playbooks: your system administrator has chosen who may. Ask one of those who may to make it for you, or your system administrator to let you.")
	errPlaybookTeamAdmins = incident.NewError(incident.Forbidden, "playbook.create_forbidden",
		"Only administrators of this team may create playbooks. Ask one of them to make it for you.")
)

// Playbook reads one playbook.
func (s *Service) Playbook(ctx context.Context, userID, id string) (playbook.Playbook, error) {
	p, mayList, err := s.playbooks.View(ctx, id, userID)
	if err != nil {
		return p, err
	}
	if !s.rules.UsePlaybook(userID, &p, mayList) {
		return playbook.Playbook{}, errPlaybookForbidden
	}
	return p, nil
}

// ListPlaybooks lists a page of the team's playbooks of which the user is a member; administrators see all.
func (s *Service) ListPlaybooks(ctx context.Context, userID string, f PlaybookFilter) (PlaybookPage, error) {
	if !s.rules.ViewTeam(userID, f.TeamID) {
		return PlaybookPage{}, errPlaybookTeam
	}
	f.MemberID = userID
	if s.rules.Admin(userID) {
		f.MemberID = ""
	}
	items, total, err := s.playbooks.List(ctx, f)
	if err != nil {
		return PlaybookPage{}, err
	}
	if items == nil {
		items = []playbook.Playbook{}
	}
	pages := pageCount(total, f.PerPage)
	return PlaybookPage{TotalCount: total, PageCount: pages, HasMore: f.Page+1 < pages, Items: items,
		CanCreate: s.rules.CreateInTeam(userID, f.TeamID)}, nil
}

// MemberPlaybooks lists the slim playbooks of the team of which the user is a member, administrators included, by
// title, at most incident.MaxPerPage.
func (s *Service) MemberPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error) {
	if !s.rules.ViewTeam(userID, teamID) {
		return nil, errPlaybookTeam
	}
	items, _, err := s.playbooks.List(ctx, PlaybookFilter{TeamID: teamID, MemberID: userID, Sort: "title", PerPage: incident.MaxPerPage})
	return items, err
}

// CreatePlaybook stores a new playbook and returns its id. The creator is a member only if named in MemberIDs.
func (s *Service) CreatePlaybook(ctx context.Context, userID string, p playbook.Playbook) (string, error) {
	if err := s.checkBroadcast(userID, p.BroadcastChannelID); err != nil {
		return "", err
	}
	if !s.rules.ViewTeam(userID, p.TeamID) {
		return "", errPlaybookTeam
	}
	if !s.rules.CreateInTeam(userID, p.TeamID) {
		if s.rules.Creators().Who == access.TeamAdmins {
			return "", errPlaybookTeamAdmins
		}
		return "", errPlaybookCreators
	}
	if err := p.Clean(); err != nil {
		return "", err
	}
	if err := s.checkMembers(p.TeamID, p.MemberIDs, nil); err != nil {
		return "", err
	}
	p.ID, p.CreateAt, p.DeleteAt = model.NewId(), s.now(), 0
	return p.ID, s.playbooks.Create(ctx, p)
}

// UpdatePlaybook replaces a playbook's contents. Team, times and id stay as they are.
func (s *Service) UpdatePlaybook(ctx context.Context, userID, id string, p playbook.Playbook) error {
	stored, err := s.Playbook(ctx, userID, id)
	if err != nil {
		return err
	}
	if p.BroadcastChannelID != stored.BroadcastChannelID {
		if err = s.checkBroadcast(userID, p.BroadcastChannelID); err != nil {
			return err
		}
	}
	if err = p.Clean(); err != nil {
		return err
	}
	if err = s.checkMembers(stored.TeamID, p.MemberIDs, &stored); err != nil {
		return err
	}
	return s.playbooks.Update(ctx, id, func(fresh *playbook.Playbook) error {
		p.ID, p.TeamID, p.CreateAt, p.DeleteAt = fresh.ID, fresh.TeamID, fresh.CreateAt, fresh.DeleteAt
		*fresh = p
		return nil
	})
}

// DeletePlaybook deletes a playbook; one that is deleted already is no error.
func (s *Service) DeletePlaybook(ctx context.Context, userID, id string) error {
	p, err := s.playbooks.GetAny(ctx, id)
	if err != nil {
		return err
	}
	if !s.rules.UsePlaybook(userID, &p, false) {
		return errPlaybookForbidden
	}
	if p.DeleteAt != 0 {
		return nil
	}
	return s.playbooks.Delete(ctx, id, s.now())
}

func (s *Service) checkBroadcast(userID, channelID string) error {
	if channelID == "" || s.rules.Post(userID, channelID) {
		return nil
	}
	return incident.NewError(incident.Forbidden, "broadcast.forbidden",
		"You may not post in the broadcast channel. Choose a channel in which you may post.").WithField("broadcast_channel_id")
}

// checkMembers refuses members who are not in the team. Those whom the stored playbook has already are left in peace.
func (s *Service) checkMembers(teamID string, memberIDs []string, stored *playbook.Playbook) error {
	for _, id := range memberIDs {
		if stored != nil && stored.HasMember(id) {
			continue
		}
		member := false
		if model.IsValidId(id) && id == strings.ToLower(id) {
			var err error
			if member, err = s.host.IsTeamMember(teamID, id); err != nil {
				return err
			}
		}
		if !member {
			return incident.InvalidField("member_ids", "member_ids names a user who is not a member of the playbook's team.").WithDetails("user id: " + incident.Clip(id, 26))
		}
	}
	return nil
}
