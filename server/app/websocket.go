package app

import (
	"context"
	"sync"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxEventBytes is how long an incident may be as JSON that is sent with a websocket event, in bytes. A longer one is read
// by those who show it. That is some 400 tasks of ordinary length; each event goes to every member of the channel.
const maxEventBytes = 128 << 10

// Changed names an incident and its state, in events about an incident that is too long to be sent.
type Changed struct {
	ID           string `json:"id"`
	TeamID       string `json:"team_id"`
	ChannelID    string `json:"channel_id"`
	Revision     int64  `json:"revision"`
	PostRevision int64  `json:"post_revision"`
}

// publishOrder keeps this node from sending an older state of an incident after a newer one. Events of different incidents
// do not wait for each other.
type publishOrder struct {
	mu        sync.Mutex
	incidents map[string]*published
}

// published is what was sent of an incident.
type published struct {
	mu sync.Mutex
	// last is the newest state that was sent: revision and post revision.
	last [2]int64
	// users counts who holds mu or waits for it. publishOrder.mu guards it.
	users int
}

// maxPublished is how many incidents are remembered. To forget one is harmless: clients drop what is older.
const maxPublished = 1000

// send calls fn unless a newer state of the incident has been sent already.
func (p *publishOrder) send(inc *incident.Incident, fn func()) {
	one := p.enter(inc.ID)
	defer p.leave(one)
	one.mu.Lock()
	defer one.mu.Unlock()
	if inc.Revision < one.last[0] || inc.Revision == one.last[0] && inc.PostRevision < one.last[1] {
		return
	}
	one.last = [2]int64{inc.Revision, inc.PostRevision}
	fn()
}

func (p *publishOrder) enter(id string) *published {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.incidents[id]
	if one == nil {
		if p.incidents == nil {
			p.incidents = map[string]*published{}
		}
		one = &published{}
		p.incidents[id] = one
	}
	one.users++
	return one
}

func (p *publishOrder) leave(one *published) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.users--
	if len(p.incidents) <= maxPublished {
		return
	}
	for id, other := range p.incidents {
		if other.users == 0 {
			delete(p.incidents, id)
		}
	}
}

// publishUpdated sends an incident to those who are in its channel and may see it. One without a channel is damaged, and
// Mattermost would send it to everybody. Of one that is too long only Changed is sent, beside an empty payload: clients of version
// 1.2.0 ignore that, while they would take any object for a whole incident. allRead means that all members may see it.
func (s *Service) publishUpdated(ctx context.Context, inc incident.Incident, allRead bool) {
	if inc.ChannelID == "" {
		return
	}
	to := model.WebsocketBroadcast{ChannelId: inc.ChannelID}
	limit := maxEventBytes
	if !allRead {
		hidden, err := s.hiddenFrom(ctx, inc.ChannelID)
		if err != nil {
			s.log.Warn("Who may see an incident could not be read: clients get only the message that it has changed.", "incident_id", inc.ID, "error", err.Error())
			limit = 0
		}
		omit(&to, hidden)
	}
	payload, err := incident.Marshal(inc)
	if err != nil {
		s.log.Error("An incident could not be encoded for the websocket.", "incident_id", inc.ID, "error", err.Error())
		return
	}
	data := map[string]interface{}{"payload": string(payload)}
	if len(payload) > limit {
		changed, err := incident.Marshal(Changed{ID: inc.ID, TeamID: inc.TeamID, ChannelID: inc.ChannelID, Revision: inc.Revision, PostRevision: inc.PostRevision})
		if err != nil {
			s.log.Error("The change of an incident could not be encoded for the websocket.", "incident_id", inc.ID, "error", err.Error())
			return
		}
		data = map[string]interface{}{"payload": "", "changed": string(changed)}
	}
	s.sent.send(&inc, func() { s.host.Publish(EventIncidentUpdated, data, &to) })
}

// SendToReaders sends an event of a capability to those who are in the channel of an incident and may see it. payload is sent as
// JSON text. What cannot be sent is logged: clients read it again with the next reload.
func (s *Service) SendToReaders(ctx context.Context, channelID, event string, payload interface{}) {
	content, err := incident.Marshal(payload)
	if err != nil {
		s.log.Warn("A websocket event about an incident was not sent.", "channel_id", channelID, "event", event, "error", err.Error())
		return
	}
	s.PublishToReaders(ctx, Header{ChannelID: channelID}, event, map[string]interface{}{"payload": string(content)})
}

// PublishToReaders is SendToReaders for data that are complete. h is the header of the incident: if it says that all members may
// see it, nobody is looked for who may not.
func (s *Service) PublishToReaders(ctx context.Context, h Header, event string, data map[string]interface{}) {
	if h.ChannelID == "" { // Mattermost would send it to everybody
		return
	}
	to := model.WebsocketBroadcast{ChannelId: h.ChannelID}
	if !h.MembersRead {
		hidden, err := s.hiddenFrom(ctx, h.ChannelID)
		if err != nil {
			s.log.Warn("A websocket event about an incident was not sent.", "channel_id", h.ChannelID, "event", event, "error", err.Error())
			return
		}
		omit(&to, hidden)
	}
	s.host.Publish(event, data, &to)
}

// omit leaves users out of those to whom an event is sent. The map stays nil if there are none.
func omit(to *model.WebsocketBroadcast, userIDs []string) {
	for _, userID := range userIDs {
		if to.OmitUsers == nil {
			to.OmitUsers = map[string]bool{}
		}
		to.OmitUsers[userID] = true
	}
}
