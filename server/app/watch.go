package app

import (
	"errors"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

// Names of the background jobs, as Watch is told them.
const (
	JobReminders = "reminders" // looking for due reminders and posting them
	JobCleanUp   = "clean_up"  // taking back what crashes have left behind
)

// Watch is told what background jobs do. It must return at once.
type Watch interface {
	// Job is told about each run of a job: how long it took, and the last of what failed in it, if anything did.
	Job(name string, took time.Duration, err error)
	// Reminder is told how long after it was due a reminder was posted.
	Reminder(delay time.Duration)
}

// told is an error that is in the log already.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// untold is err unless it is in the log already.
func untold(err error) error {
	if errors.As(err, &told{}) {
		return nil
	}
	return err
}

// watched runs one run of a job. It gives the error if that is still to be logged.
func (s *Service) watched(name string, run func() error) error {
	start := time.Now()
	err := s.guarded(run)
	if s.Watch != nil {
		s.Watch.Job(name, time.Since(start), err)
	}
	return untold(err)
}

// SetPlaybookCreators sets who may create playbooks.
func (s *Service) SetPlaybookCreators(c access.Creators) { s.rules.SetCreators(c) }

// CanCreatePlaybooks tells whether the user may create playbooks in a team that they may view.
func (s *Service) CanCreatePlaybooks(userID, teamID string) bool {
	return s.rules.CreateInTeam(userID, teamID)
}
