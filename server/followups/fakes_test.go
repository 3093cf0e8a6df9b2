package followups

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errBroken = errors.New("broken on purpose")

// permissions answers what Mattermost answers about people.
type permissions interface {
	HasPermission(userID string, p *model.Permission) bool
	HasPermissionToTeam(userID, teamID string, p *model.Permission) bool
	HasPermissionToChannel(userID, channelID string, p *model.Permission) bool
	User(id string) (*model.User, error)
	UserByUsername(name string) (*model.User, error)
}

// fakeHost is a Mattermost that exists only as answers.
type fakeHost struct {
	app.Host // what a test does not expect to be called panics
	asks     permissions
	at       time.Time
	mu       sync.Mutex // guards what follows
	posts    []*model.Post
	deleted  []string
	events   []string
	payloads []string
	// fail lets CreatePost make the post and report an error, as if its answer was lost.
	fail bool
	// stored, if it is not nil, is called with each post.
	stored func(p *model.Post)
	// locales are the languages of users, and of the server below "".
	locales map[string]string
	// rooms are the channels of posts that exist.
	rooms map[string]string
}

func newFakeHost() *fakeHost { return &fakeHost{at: time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)} }

func (h *fakeHost) Locale(userID string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return cmp.Or(h.locales[userID], "en")
}
func (h *fakeHost) DefaultLocale() string { return h.Locale("") }

// speaks sets the language of a user, or of the server if userID is "".
func (h *fakeHost) speaks(userID, locale string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.locales == nil {
		h.locales = map[string]string{}
	}
	h.locales[userID] = locale
}

func (h *fakeHost) HasPermission(userID string, p *model.Permission) bool {
	return h.asks.HasPermission(userID, p)
}
func (h *fakeHost) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return h.asks.HasPermissionToTeam(userID, teamID, p)
}
func (h *fakeHost) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return h.asks.HasPermissionToChannel(userID, channelID, p)
}
func (h *fakeHost) User(id string) (*model.User, error) { return h.asks.User(id) }
func (h *fakeHost) Channel(string) (*model.Channel, error) {
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such channel")
}
func (h *fakeHost) Config() *model.Config {
	url := "http://example.com"
	return &model.Config{ServiceSettings: model.ServiceSettings{SiteURL: &url}}
}
func (h *fakeHost) Post(id string) (*model.Post, error) {
	if h.rooms[id] == "" {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such post")
	}
	return &model.Post{Id: id, ChannelId: h.rooms[id]}, nil
}
func (h *fakeHost) UserByUsername(name string) (*model.User, error) {
	return h.asks.UserByUsername(name)
}
func (h *fakeHost) BotID() string { return "bot" }
func (h *fakeHost) DirectChannel(userID string) (*model.Channel, error) {
	return &model.Channel{Id: directTo(userID)}, nil
}

// directTo is the channel of the direct messages to a user.
func directTo(userID string) string { return "d" + userID[1:] }

func (h *fakeHost) CreatePost(p *model.Post) (*model.Post, error) {
	p = p.Clone()
	p.Id = model.NewId()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.posts = append(h.posts, p)
	if h.stored != nil {
		h.stored(p)
	}
	if h.fail {
		return nil, errBroken
	}
	return p, nil
}
func (h *fakeHost) DeletePost(id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deleted = append(h.deleted, id)
	return nil
}
func (h *fakeHost) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event+" "+to.ChannelId)
	text, _ := payload["payload"].(string)
	h.payloads = append(h.payloads, text)
}
