package followups

import (
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

// world is a Mattermost that exists only as answers.
type world struct {
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
	// stored, if it is not nil, hears of each post.
	stored func(p *model.Post)
	// rooms are the channels of posts that exist.
	rooms map[string]string
}

func newWorld() *world { return &world{at: time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)} }

func (*world) Locale(string) string  { return "en" }
func (*world) DefaultLocale() string { return "en" }

func (w *world) HasPermission(userID string, p *model.Permission) bool {
	return w.asks.HasPermission(userID, p)
}
func (w *world) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return w.asks.HasPermissionToTeam(userID, teamID, p)
}
func (w *world) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return w.asks.HasPermissionToChannel(userID, channelID, p)
}
func (w *world) User(id string) (*model.User, error) { return w.asks.User(id) }
func (w *world) Channel(string) (*model.Channel, error) {
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such channel")
}
func (w *world) Config() *model.Config {
	url := "http://example.com"
	return &model.Config{ServiceSettings: model.ServiceSettings{SiteURL: &url}}
}
func (w *world) Post(id string) (*model.Post, error) {
	if w.rooms[id] == "" {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such post")
	}
	return &model.Post{Id: id, ChannelId: w.rooms[id]}, nil
}
func (w *world) UserByUsername(name string) (*model.User, error) { return w.asks.UserByUsername(name) }
func (w *world) BotID() string                                   { return "bot" }
func (w *world) DirectChannel(userID string) (*model.Channel, error) {
	return &model.Channel{Id: directTo(userID)}, nil
}

// directTo is the channel of the direct messages to a user.
func directTo(userID string) string { return "d" + userID[1:] }

func (w *world) CreatePost(p *model.Post) (*model.Post, error) {
	p = p.Clone()
	p.Id = model.NewId()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = append(w.posts, p)
	if w.stored != nil {
		w.stored(p)
	}
	if w.fail {
		return nil, errBroken
	}
	return p, nil
}
func (w *world) DeletePost(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deleted = append(w.deleted, id)
	return nil
}
func (w *world) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, event+" "+to.ChannelId)
	text, _ := payload["payload"].(string)
	w.payloads = append(w.payloads, text)
}

// quiet is a log that nobody reads.
type quiet struct{}

func (quiet) Debug(string, ...interface{}) {}
func (quiet) Info(string, ...interface{})  {}
func (quiet) Warn(string, ...interface{})  {}
func (quiet) Error(string, ...interface{}) {}
