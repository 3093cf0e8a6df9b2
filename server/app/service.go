package app

import (
	"context"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"golang.org/x/sync/singleflight"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/bot"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
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
	host      Host
	rules     *access.Rules
	log       Log
	pluginID  string
	// Now is the clock; tests may replace it before the first call.
	Now func() time.Time
	// Watch is told what background jobs do; it may be nil. Set it before the first call.
	Watch Watch

	starts  singleflight.Group
	publish publishOrder
	// expected only speeds lists up.
	expected expectations
	subs     sync.Mutex
	marks    marks
}

// New makes a Service.
func New(incidents Incidents, playbooks Playbooks, host Host, log Log, pluginID string) *Service {
	return &Service{
		incidents: incidents, playbooks: playbooks, host: host, log: log, pluginID: pluginID,
		rules: access.New(host), Now: time.Now,
	}
}

func (s *Service) now() int64 { return s.Now().UnixNano() / int64(time.Millisecond) }

// IsAdmin tells whether the user may manage the system.
func (s *Service) IsAdmin(userID string) bool { return s.rules.Admin(userID) }

// CanViewTeam tells whether the user may list the channels of the team.
func (s *Service) CanViewTeam(userID, teamID string) bool { return s.rules.ViewTeam(userID, teamID) }

// CanEdit fails with NotFound for an unknown incident and with Forbidden if the user may not change it.
func (s *Service) CanEdit(ctx context.Context, userID, id string) error {
	_, err := s.editable(ctx, userID, id)
	return err
}

func (s *Service) editable(ctx context.Context, userID, id string) (Header, error) {
	h, err := s.incidents.Header(ctx, id, userID)
	if err != nil {
		return Header{}, err
	}
	if !s.rules.EditPlace(userID, h.place()) {
		return Header{}, incident.ErrForbidden
	}
	return h, nil
}

// editableIncident is editable with the incident as it is now.
func (s *Service) editableIncident(ctx context.Context, userID, id string) (Header, incident.Incident, error) {
	h, inc, err := s.incidents.View(ctx, id, userID)
	if err != nil {
		return Header{}, incident.Incident{}, err
	}
	if !s.rules.EditPlace(userID, h.place()) {
		return Header{}, incident.Incident{}, incident.ErrForbidden
	}
	if inc != nil {
		return h, *inc, nil
	}
	whole, err := s.incidents.Get(ctx, id)
	return h, whole, err
}

// change is the only way in which an incident changes on behalf of a user: permission, then the change on the
// locked fresh state, then the commit of state and event together. The caller announces afterwards, in the name of
// actor, the user's name.
func (s *Service) change(ctx context.Context, userID, id string,
	fn func(inc *incident.Incident, now int64) (*incident.Write, error)) (inc incident.Incident, event *incident.Event, actor string, err error) {
	h, err := s.editable(ctx, userID, id)
	if err != nil {
		return incident.Incident{}, nil, "", err
	}
	now := s.now()
	inc, event, err = s.incidents.Update(ctx, h, userID, now, func(inc *incident.Incident) (*incident.Write, error) { return fn(inc, now) })
	return inc, event, h.ViewerName, err
}

// changeQuietly is change followed by the websocket event, without a post.
func (s *Service) changeQuietly(ctx context.Context, userID, id string,
	fn func(inc *incident.Incident, now int64) (*incident.Write, error)) (incident.Incident, error) {
	inc, event, _, err := s.change(ctx, userID, id, fn)
	if err == nil && event != nil {
		s.publishUpdated(inc)
	}
	return inc, err
}

// announce posts text by the bot after a change has been committed, notes the post with the event, and tells the
// clients. Nothing here undoes the change: what fails is logged.
func (s *Service) announce(ctx context.Context, inc incident.Incident, event *incident.Event, text string,
	attach func(inc *incident.Incident, postID string) bool) {
	if attach == nil { // the post alters nothing that clients see
		s.publishUpdated(inc)
	}
	post, err := s.host.CreatePost(&model.Post{UserId: s.host.BotID(), ChannelId: inc.ChannelID, Message: text})
	if err != nil {
		s.log.Warn("An incident was changed, but the post about it failed.", "incident_id", inc.ID, "event", string(event.Type), "error", err.Error())
		if attach != nil {
			s.publishUpdated(inc)
		}
		return
	}
	fresh, err := s.incidents.AttachPost(ctx, inc, event.ID, post.Id, func(i *incident.Incident) bool {
		return attach != nil && attach(i, post.Id)
	})
	if err != nil {
		s.log.Warn("The id of a post about an incident could not be stored.", "incident_id", inc.ID, "post_id", post.Id, "error", err.Error())
		fresh = inc
	}
	if attach != nil {
		s.publishUpdated(fresh)
	}
}

// username is the user's name, or "" if the user is gone.
func (s *Service) username(userID string) string {
	if userID == "" {
		return ""
	}
	user, err := s.host.User(userID)
	if err != nil {
		return ""
	}
	return user.Username
}

// assignee is the name of a task's assignee, "" for nobody.
func (s *Service) assignee(userID string) string {
	name := s.username(userID)
	if name == "" && userID != "" {
		return bot.Unknown
	}
	return name
}

// activeMember is the user if they are an active member of the channel, else nil. That Mattermost could not be asked is
// an error, and not a reason to say that they are none.
func (s *Service) activeMember(channelID, userID string) (*model.User, error) {
	user, err := s.host.User(userID)
	if _, refused := incident.AsError(err); refused {
		return nil, nil
	}
	if err != nil || user.Id != userID || user.DeleteAt != 0 {
		return nil, err
	}
	member, err := s.host.IsChannelMember(channelID, userID)
	if err != nil || !member {
		return nil, err
	}
	return user, nil
}
