package app

import (
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

// Watch hears what jobs do, beside jobs.Watch. It must return at once.
type Watch interface {
	// Reminder is called with the delay after which a due reminder was posted.
	Reminder(delay time.Duration)
}

// SetPlaybookCreators sets who may create playbooks.
func (s *Service) SetPlaybookCreators(c access.Creators) { s.rules.SetCreators(c) }

// CanCreatePlaybooks reports whether the user may create playbooks in a team that they may view.
func (s *Service) CanCreatePlaybooks(userID, teamID string) bool {
	return s.rules.CreateInTeam(userID, teamID)
}
