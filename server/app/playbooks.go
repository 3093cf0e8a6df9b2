package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

var (
	errPlaybookForbidden = incident.NewError(incident.Forbidden, "playbook.forbidden",
		"You do not have access to this playbook. Ask one of its members to share it with you.")
	errPlaybookTeam = incident.NewError(incident.Forbidden, "team.forbidden",
		"You do not have access to this team's playbooks. Join the team, or ask one of its administrators for access.")
	errPlaybookCreators = incident.NewError(incident.Forbidden, "playbook.create_forbidden",
		"You may not create playbooks. Ask a user who may to create this one, or ask your system administrator to change the plugin's setting \"Who may create playbooks\" (PlaybookCreators).")
	errPlaybookTeamAdmins = incident.NewError(incident.Forbidden, "playbook.create_forbidden",
		"Only administrators of this team may create playbooks. Ask one of them to create it.")
)

// Playbook reads one playbook.
func (s *Service) Playbook(ctx context.Context, userID, id string) (playbook.Playbook, error) {
	p, listGranted, err := s.playbooks.View(ctx, id, userID)
	if err != nil {
		return p, err
	}
	if !s.rules.UsePlaybook(userID, &p, listGranted) {
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

// MemberPlaybooks lists the slim playbooks of the team of which the user is a member, administrators included, at most
// incident.MaxPerPage: those that the user has used most recently come first, then those that others have, then by title.
func (s *Service) MemberPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error) {
	return s.memberPlaybooks(ctx, userID, teamID, false)
}

// StartPlaybooks is MemberPlaybooks with their Own, unless it is very long.
func (s *Service) StartPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error) {
	return s.memberPlaybooks(ctx, userID, teamID, true)
}

func (s *Service) memberPlaybooks(ctx context.Context, userID, teamID string, withOwn bool) ([]playbook.Playbook, error) {
	if !s.rules.ViewTeam(userID, teamID) {
		return nil, errPlaybookTeam
	}
	items, _, err := s.playbooks.List(ctx, PlaybookFilter{TeamID: teamID, MemberID: userID, UsedBy: userID, Sort: "title", PerPage: incident.MaxPerPage, WithOwn: withOwn})
	return items, err
}

// CreatePlaybook stores a new playbook and returns its id. p.Own is what a client has sent. The creator is a member only if named in MemberIDs.
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
	own, err := s.cleanOwn(ctx, userID, p.TeamID, p.Own, nil)
	if err != nil {
		return "", err
	}
	if p.Own, err = mergeOwn(nil, own); err != nil {
		return "", err
	}
	if err = s.checkPlaybook(&p); err != nil {
		return "", err
	}
	p.ID, p.CreateAt, p.DeleteAt, p.CreatorID = model.NewId(), s.now(), 0, userID
	p.SignCommands(nil, userID, p.CreateAt)
	err = s.playbooks.Create(ctx, p, playbook.MaxPerCreator)
	if errors.Is(err, ErrTooManyPlaybooks) && s.rules.Admin(userID) {
		err = s.playbooks.Create(ctx, p, 0)
	}
	return p.ID, err
}

// PlaybookConflict is the error of a save that is based on an old revision.
type PlaybookConflict struct {
	Cause *incident.Error
	// Current is the playbook as it is stored, Sent as it was to be saved.
	Current, Sent playbook.Playbook
}

// Unwrap returns the part that is for users.
func (c *PlaybookConflict) Unwrap() error { return c.Cause }

// Error implements error.
func (c *PlaybookConflict) Error() string { return c.Cause.Error() }

var errPlaybookChanged = incident.NewError(incident.Conflict, "playbook.changed",
	"Someone else has changed this playbook since you opened it. Compare both versions, then save again.")

// errAgain means that a playbook was changed between the checks and the lock.
var errAgain = incident.NewError(incident.Conflict, "playbook.busy", "This playbook is being changed by several users at once. Try again.")

// UpdatePlaybook replaces a playbook's contents. Of p.Own it replaces the keys that are there: clients of version 1.2.0 send none. Team, times, creator and id stay as they are.
func (s *Service) UpdatePlaybook(ctx context.Context, userID, id string, p playbook.Playbook) error {
	_, err := s.SavePlaybook(ctx, userID, id, p, nil)
	return err
}

// SavePlaybook is UpdatePlaybook that returns the new revision. If expected is not nil and is not the stored revision, it
// fails with a *PlaybookConflict.
func (s *Service) SavePlaybook(ctx context.Context, userID, id string, p playbook.Playbook, expected *int64) (int64, error) {
	const attempts = 20
	for attempt := 0; ; attempt++ {
		revision, err := s.savePlaybook(ctx, userID, id, p, expected)
		if !errors.Is(err, errAgain) || attempt == attempts {
			return revision, err
		}
	}
}

// savePlaybook checks permissions and members before it locks the playbook, because the checks call Mattermost. It saves only
// if the values that were checked are unchanged under the lock, and else fails with errAgain.
func (s *Service) savePlaybook(ctx context.Context, userID, id string, p playbook.Playbook, expected *int64) (int64, error) {
	seen, err := s.Playbook(ctx, userID, id)
	if err != nil {
		return 0, err
	}
	if p.BroadcastChannelID != seen.BroadcastChannelID {
		if err = s.checkBroadcast(userID, p.BroadcastChannelID); err != nil {
			return 0, err
		}
	}
	if err = p.Clean(); err != nil {
		return 0, err
	}
	if err = s.checkMembers(seen.TeamID, p.MemberIDs, &seen); err != nil {
		return 0, err
	}
	own, err := s.cleanOwn(ctx, userID, seen.TeamID, p.Own, seen.Own)
	if err != nil {
		return 0, err
	}
	var revision int64
	now := s.now()
	err = s.playbooks.Update(ctx, id, func(fresh *playbook.Playbook) error {
		if fresh.BroadcastChannelID != seen.BroadcastChannelID || !slices.Equal(fresh.MemberIDs, seen.MemberIDs) {
			return errAgain
		}
		saved := p
		saved.ID, saved.TeamID, saved.CreateAt, saved.DeleteAt, saved.CreatorID = fresh.ID, fresh.TeamID, fresh.CreateAt, fresh.DeleteAt, fresh.CreatorID
		saved.Checklists = incident.CloneStages(p.Checklists)
		saved.KeepAssignments(fresh)
		saved.KeepLimits(fresh)
		saved.SignCommands(fresh, userID, now)
		if saved.Own, err = mergeOwn(fresh.Own, own); err != nil {
			return err
		}
		if expected != nil && *expected != fresh.Revision {
			return &PlaybookConflict{Cause: errPlaybookChanged, Current: *fresh, Sent: saved}
		}
		if err = s.checkPlaybook(&saved); err != nil {
			return err
		}
		revision = fresh.Revision + 1
		*fresh = saved
		return nil
	})
	return revision, err
}

var errNoMember = incident.NewError(incident.Conflict, "playbook.not_member", "You are not a member of this playbook, so there is nothing to leave.")

// LeavePlaybook takes the user out of a playbook's members, also one who is not in the team any more. When the last member
// leaves, the playbook is deleted: nobody but administrators would see it.
func (s *Service) LeavePlaybook(ctx context.Context, userID, id string) error {
	err := s.playbooks.Update(ctx, id, func(fresh *playbook.Playbook) error {
		rest := slices.DeleteFunc(slices.Clone(fresh.MemberIDs), func(member string) bool { return member == userID })
		switch {
		case len(rest) == len(fresh.MemberIDs):
			return errNoMember
		case len(rest) == 0:
			fresh.DeleteAt = s.now()
		default:
			fresh.MemberIDs = rest
		}
		return nil
	})
	if errors.Is(err, errNoMember) && !s.rules.Admin(userID) {
		return errPlaybookForbidden
	}
	return err
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

// checkBroadcast refuses a newly chosen broadcast channel that is archived or in which the user may not post. One that does not
// exist is refused like one that the user may not see.
func (s *Service) checkBroadcast(userID, channelID string) error {
	if channelID == "" {
		return nil
	}
	may := s.rules.Post(userID, channelID)
	if may || s.rules.ReadChannel(userID, channelID) {
		channel, err := s.host.Channel(channelID)
		if _, refused := incident.AsError(err); err != nil && !refused {
			return err
		}
		if may = may && err == nil; err == nil && channel.DeleteAt != 0 {
			return incident.InvalidField("broadcast_channel_id", "The broadcast channel is archived. Choose another channel, or have this one restored first.")
		}
	}
	if may {
		return nil
	}
	return incident.NewError(incident.Forbidden, "broadcast.forbidden",
		"You may not post in the broadcast channel. Choose a channel in which you may post.").WithField("broadcast_channel_id")
}

// checkMembers refuses members who are not in the team. Members of the stored playbook are not checked again.
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
			return incident.InvalidField("member_ids", "member_ids names a user who is not a member of the playbook's team. Leave this user out, or add them to the team first.").WithDetails("user id: " + incident.Truncate(id, 26))
		}
	}
	return nil
}
