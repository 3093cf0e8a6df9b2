package app

import (
	"context"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"golang.org/x/sync/singleflight"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Names of the websocket events; clients see them with the prefix custom_<plugin id>_.
const (
	EventIncidentUpdated = "incident_updated"
	EventIncidentCreated = "incident_created"
)

// Service is every use case. It is safe for concurrent use.
type Service struct {
	incidents Incidents
	playbooks Playbooks
	jobs      jobs.Store
	host      Host
	rules     *access.Rules
	log       Log
	pluginID  string
	// Now is the clock; tests may replace it before the first call.
	Now func() time.Time
	// Subscriptions stores subscriptions. Set it before the first call.
	Subscriptions Subscriptions

	starts    singleflight.Group
	sent      publishOrder
	listeners []Listener
	// extensions is what capabilities add to each change.
	extensions Extensions
	marks      marks
}

// New makes a Service.
func New(incidents Incidents, playbooks Playbooks, jobs jobs.Store, host Host, log Log, pluginID string) *Service {
	return &Service{
		incidents: incidents, playbooks: playbooks, jobs: jobs, host: host, log: log, pluginID: pluginID,
		rules: access.New(host), Now: time.Now,
	}
}

func (s *Service) now() int64 { return s.Now().UnixNano() / int64(time.Millisecond) }

// Rules say who may do what.
func (s *Service) Rules() *access.Rules { return s.rules }

// IsAdmin reports whether the user may manage the system.
func (s *Service) IsAdmin(userID string) bool { return s.rules.Admin(userID) }

// CanViewTeam reports whether the user may list the channels of the team.
func (s *Service) CanViewTeam(userID, teamID string) bool { return s.rules.ViewTeam(userID, teamID) }

// CanEdit fails with NotFound for an unknown incident and with Forbidden if the user may not change it.
func (s *Service) CanEdit(ctx context.Context, userID, id string) error {
	_, err := s.AuthorizeEdit(ctx, userID, id)
	return err
}

// Username is the user's name, or "" if the user is gone.
func (s *Service) Username(userID string) string {
	if userID == "" {
		return ""
	}
	user, err := s.host.User(userID)
	if err != nil {
		return ""
	}
	return user.Username
}

// activeMember returns the user if they are an active member of the channel, else nil. It fails if Mattermost does not
// answer.
func (s *Service) activeMember(channelID, userID string) (*model.User, error) {
	user, member, err := s.findMember(channelID, func() (*model.User, error) { return s.host.User(userID) })
	if err != nil || !member || user.Id != userID {
		return nil, err
	}
	return user, nil
}

// FindMember returns the user that find finds, or nil, and whether they are an active member of the channel of an incident, as a new
// commander has to be. It makes the same calls for users who do not exist, so that the time of a refusal does not tell whether they do.
func (s *Service) FindMember(channelID string, find func() (*model.User, error)) (user *model.User, member bool, err error) {
	return s.findMember(channelID, find)
}

// FindByID finds a user by id for FindMember.
func (s *Service) FindByID(id string) func() (*model.User, error) {
	return func() (*model.User, error) {
		user, err := s.host.User(id)
		if err == nil && user.Id != id { // MySQL finds ids in another letter case
			return nil, incident.ErrNotFound
		}
		return user, err
	}
}

// FindByName finds a user by name for FindMember, with or without "@" and in any letter case.
func (s *Service) FindByName(username string) func() (*model.User, error) {
	name := strings.ToLower(strings.TrimLeft(username, "@"))
	return func() (*model.User, error) { return s.host.UserByUsername(name) }
}

// findMember returns the user that find finds, or nil, and whether they are an active member of the channel. It makes the
// same calls for users who do not exist, so that the time of a refusal does not tell whether they do.
func (s *Service) findMember(channelID string, find func() (*model.User, error)) (user *model.User, member bool, err error) {
	user, err = find()
	_, unknown := incident.AsError(err)
	if err != nil && !unknown {
		return nil, false, err
	}
	id := channelID // which is nobody's
	if unknown {
		user = nil
	} else {
		id = user.Id
	}
	member, err = s.host.IsChannelMember(channelID, id)
	return user, member && user != nil && user.DeleteAt == 0, err
}
