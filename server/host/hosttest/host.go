// Package hosttest has a Mattermost in memory, and a log that tests can look into. Only tests use it.
package hosttest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Host is a Mattermost in which everybody may do everything, except for what Fails and Denied say. The user "admin" is its
// administrator, "gone" does not exist, "former" is deactivated. A user's name is their id.
type Host struct {
	mu sync.Mutex
	// Calls are the calls that were made, each a name and the argument that matters.
	Calls []string
	// Fails maps the name of a method, or a whole call, to the error that it returns from then on.
	Fails map[string]error
	// Denied lists what is refused: "<permission id>:<user id>:<team or channel id>", "member:<user id>", "active:<user id>".
	Denied map[string]bool
	// Posts and Channels are what exists, by id; KV is the key-value store.
	Posts    map[string]*model.Post
	Channels map[string]*model.Channel
	KV       map[string][]byte
	// Events, Published and Audiences are the websocket events with their payloads and receivers, Ephemerals the posts that one
	// user saw, Opened the dialogs.
	Events     []string
	Published  []map[string]interface{}
	Audiences  []model.WebsocketBroadcast
	Ephemerals []*model.Post
	Opened     []Opened
	Settings   model.Config
}

// Opened is a dialog that was opened. Path is below the API's root.
type Opened struct {
	Trigger, Path string
	model.Dialog
}

// New makes a Host with the channels "channel0", in no team, and "wide", in the team "team".
func New() *Host {
	h := &Host{Fails: map[string]error{}, Denied: map[string]bool{}, Posts: map[string]*model.Post{}, KV: map[string][]byte{},
		Channels: map[string]*model.Channel{"channel0": {Id: "channel0", Name: "inc", DisplayName: "Inc", TeamId: "team"}, "wide": {Id: "wide", Name: "wide", TeamId: "team"}}}
	h.Settings.SetDefaults()
	return h
}

// Locale implements app.Host.
func (*Host) Locale(string) string { return "en" }

// DefaultLocale implements app.Host.
func (*Host) DefaultLocale() string { return "en" }

// Call notes a call and returns the error that Fails has for it.
func (h *Host) Call(name string, args ...interface{}) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := fmt.Sprint(append([]interface{}{name + " "}, args...)...)
	h.Calls = append(h.Calls, text)
	if err := h.Fails[text]; err != nil {
		return err
	}
	return h.Fails[name]
}

// HasPermission implements app.Host.
func (h *Host) HasPermission(userID string, p *model.Permission) bool {
	return userID == "admin"
}

// HasPermissionToTeam implements app.Host.
func (h *Host) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return !h.Denied[p.Id+":"+userID+":"+teamID]
}

// HasPermissionToChannel implements app.Host.
func (h *Host) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return !h.Denied[p.Id+":"+userID+":"+channelID]
}

// ServerVersion implements app.Host.
func (h *Host) ServerVersion() string { return "5.39.3" }

// User implements app.Host.
func (h *Host) User(id string) (*model.User, error) {
	err := h.Call("User", id)
	switch id {
	case "gone":
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such user")
	case "former":
		return &model.User{Id: id, Username: id, DeleteAt: 1}, err
	}
	user := &model.User{Id: id, Username: id}
	if h.Denied["active:"+id] {
		user.DeleteAt = 1
	}
	return user, err
}

// UserByUsername implements app.Host.
func (h *Host) UserByUsername(name string) (*model.User, error) { return h.User(name) }

// Team implements app.Host.
func (h *Host) Team(id string) (*model.Team, error) {
	return &model.Team{Id: id, Name: "team"}, h.Call("Team", id)
}

// IsTeamMember implements app.Host.
func (h *Host) IsTeamMember(string, string) (bool, error) {
	return true, h.Call("IsTeamMember", "")
}

// Channel implements app.Host.
func (h *Host) Channel(id string) (*model.Channel, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.Channels[id]; c != nil {
		return c, nil
	}
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such channel")
}

// ChannelByName implements app.Host.
func (h *Host) ChannelByName(_, name string) (*model.Channel, error) {
	if err := h.Call("ChannelByName", name); err != nil {
		return nil, err
	}
	return h.Channel(name)
}

// IsChannelMember implements app.Host.
func (h *Host) IsChannelMember(channelID, userID string) (bool, error) {
	return !h.Denied["member:"+userID], h.Call("IsChannelMember", userID)
}

// CreateChannel implements app.Host.
func (h *Host) CreateChannel(c *model.Channel) (*model.Channel, *model.AppError) {
	if err := h.Call("CreateChannel", c.Name); err != nil {
		return nil, err.(*model.AppError)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	made := *c
	made.Id = fmt.Sprintf("channel%d", len(h.Channels))
	h.Channels[made.Id] = &made
	return &made, nil
}

// ArchiveChannel implements app.Host.
func (h *Host) ArchiveChannel(id string) error { return h.Call("ArchiveChannel", id) }

// AddToChannel implements app.Host.
func (h *Host) AddToChannel(channelID, userID, _ string) error {
	return h.Call("AddToChannel", userID)
}

// RefreshMember implements app.Host.
func (h *Host) RefreshMember(_, userID string) error { return h.Call("RefreshMember", userID) }

// DirectChannel implements app.Host.
func (h *Host) DirectChannel(userID string) (*model.Channel, error) {
	return &model.Channel{Id: "direct-" + userID, Type: model.CHANNEL_DIRECT}, h.Call("DirectChannel", userID)
}

// Post implements app.Host.
func (h *Host) Post(id string) (*model.Post, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.Fails["Post"]; err != nil {
		return nil, err
	}
	if p := h.Posts[id]; p != nil {
		return p, nil
	}
	return nil, incident.NewError(incident.NotFound, "host.not_found", "no such post")
}

// CreatePost implements app.Host.
func (h *Host) CreatePost(p *model.Post) (*model.Post, error) {
	if err := h.Call("CreatePost", p.UserId, " ", p.ChannelId); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	made := p.Clone()
	for n := len(h.Posts); made.Id == "" || h.Posts[made.Id] != nil; n++ {
		made.Id = fmt.Sprintf("post%d", n)
	}
	made.CreateAt = 1_000_000
	h.Posts[made.Id] = made
	return made, nil
}

// UpdatePost implements app.Host.
func (h *Host) UpdatePost(p *model.Post) (*model.Post, error) {
	if err := h.Call("UpdatePost", p.Id); err != nil {
		return nil, err
	}
	h.Posts[p.Id] = p
	return p, nil
}

// DeletePost implements app.Host.
func (h *Host) DeletePost(id string) error {
	err := h.Call("DeletePost", id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.Posts, id)
	}
	return err
}

// Ephemeral implements app.Host.
func (h *Host) Ephemeral(userID string, p *model.Post) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Ephemerals = append(h.Ephemerals, p)
}

// Publish implements app.Host.
func (h *Host) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Audiences = append(h.Audiences, *to)
	h.Events, h.Published = append(h.Events, event), append(h.Published, payload)
}

// RunCommand implements app.Host.
func (h *Host) RunCommand(args *model.CommandArgs) (*model.CommandResponse, error) {
	return &model.CommandResponse{TriggerId: "trigger"}, h.Call("RunCommand", args.Command)
}

// Config implements app.Host.
func (h *Host) Config() *model.Config { return &h.Settings }

// OpenDialog implements app.Host.
func (h *Host) OpenDialog(trigger, path string, d model.Dialog) error {
	if err := h.Call("OpenDialog", trigger); err != nil {
		return err
	}
	h.Opened = append(h.Opened, Opened{trigger, path, d})
	return nil
}

// BotID implements app.Host.
func (h *Host) BotID() string { return "bot" }

// KVGet implements app.Host.
func (h *Host) KVGet(key string) ([]byte, error) {
	err := h.Call("KVGet", key)
	return h.KV[key], err
}

// KVCompareAndSet implements app.Host.
func (h *Host) KVCompareAndSet(key string, old, value []byte) (bool, error) {
	if err := h.Call("KVCompareAndSet", key); err != nil {
		return false, err
	}
	if stored, there := h.KV[key]; there != (len(old) > 0) || string(stored) != string(old) { // an empty value equals nothing
		return false, nil
	}
	h.KV[key] = value
	return true, nil
}

// Did returns how often a call that begins with prefix was made.
func (h *Host) Did(prefix string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, c := range h.Calls {
		if len(c) >= len(prefix) && c[:len(prefix)] == prefix {
			n++
		}
	}
	return n
}

// Log keeps the lines that are logged: the level, the message and the pairs of each.
type Log struct {
	mu    sync.Mutex
	Lines []string
}

func (l *Log) add(level, msg string, pairs []interface{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Lines = append(l.Lines, level+" "+msg+" "+fmt.Sprint(pairs...))
}

// Has reports whether a line contains part.
func (l *Log) Has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.Lines, func(line string) bool { return strings.Contains(line, part) })
}

// Debug implements app.Log.
func (l *Log) Debug(msg string, pairs ...interface{}) { l.add("debug", msg, pairs) }

// Info implements app.Log.
func (l *Log) Info(msg string, pairs ...interface{}) { l.add("info", msg, pairs) }

// Warn implements app.Log.
func (l *Log) Warn(msg string, pairs ...interface{}) { l.add("warn", msg, pairs) }

// Error implements app.Log.
func (l *Log) Error(msg string, pairs ...interface{}) { l.add("error", msg, pairs) }
