// Package host adapts Mattermost's plugin API to the ports of package app.
package host

import (
	"net/http"
	"sync/atomic"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Host implements app.Host and app.Log.
type Host struct {
	api     API
	botID   string
	sinks   []LogSink
	config  atomic.Pointer[model.Config]
	version atomic.Pointer[string]
	locales locales
}

var (
	_ app.Host = (*Host)(nil)
	_ app.Log  = (*Host)(nil)
)

// New adapts api; botID is the bot's user id.
func New(api API, botID string) *Host { return &Host{api: api, botID: botID} }

// errGone means that the connection to Mattermost is broken: its API then answers with zero values and without an error.
var errGone = errors.New("Mattermost does not answer")

// valueOrError is fromAppError for calls that return a value. Neither a value nor an error means that no answer came.
func valueOrError[T any](value *T, appErr *model.AppError) (*T, error) {
	if value == nil && appErr == nil {
		return nil, errGone
	}
	return value, fromAppError(appErr)
}

// errorOnly is fromAppError for calls that return no value.
func (h *Host) errorOnly(appErr *model.AppError) error {
	if appErr == nil && h.api.GetServerVersion() == "" {
		return errGone
	}
	return fromAppError(appErr)
}

// fromAppError converts an error of Mattermost. 404 is NotFound and other 4xx are Invalid, both with Mattermost's message for
// the user; the rest is internal.
func fromAppError(appErr *model.AppError) error {
	switch {
	case appErr == nil: // a nil pointer in an error would not equal nil
		return nil
	case appErr.StatusCode == 404:
		return incident.NewError(incident.NotFound, "host.not_found", "%s", appErr.Message)
	case appErr.StatusCode >= 400 && appErr.StatusCode < 500:
		return incident.NewError(incident.Invalid, "host.refused", "%s", appErr.Message)
	default:
		return appErr
	}
}

// BotID is the user id of the plugin's bot.
func (h *Host) BotID() string { return h.botID }

// ServerVersion is the version of Mattermost; "" if it does not answer. It is asked for once.
func (h *Host) ServerVersion() string {
	if known := h.version.Load(); known != nil {
		return *known
	}
	version := h.api.GetServerVersion()
	if version != "" {
		h.version.Store(&version)
	}
	return version
}

// HasPermission asks for a permission on the system.
func (h *Host) HasPermission(userID string, p *model.Permission) bool {
	return h.api.HasPermissionTo(userID, p)
}

// HasPermissionToTeam asks for a permission on a team.
func (h *Host) HasPermissionToTeam(userID, teamID string, p *model.Permission) bool {
	return h.api.HasPermissionToTeam(userID, teamID, p)
}

// HasPermissionToChannel asks for a permission on a channel.
func (h *Host) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return h.api.HasPermissionToChannel(userID, channelID, p)
}

// User finds a user, also a deactivated one.
func (h *Host) User(id string) (*model.User, error) {
	user, err := valueOrError(h.api.GetUser(id))
	if err == nil {
		h.locales.note(user)
	}
	return user, err
}

// UserByUsername finds a user by name.
func (h *Host) UserByUsername(name string) (*model.User, error) {
	user, appErr := h.api.GetUserByUsername(name)
	return valueOrError(user, appErr)
}

// Team finds a team.
func (h *Host) Team(id string) (*model.Team, error) {
	team, appErr := h.api.GetTeam(id)
	return valueOrError(team, appErr)
}

// IsTeamMember reports whether the user is a member of the team at present.
func (h *Host) IsTeamMember(teamID, userID string) (bool, error) {
	member, err := valueOrError(h.api.GetTeamMember(teamID, userID))
	there, err := exists(err)
	return there && member.DeleteAt == 0, err
}

// Channel finds a channel, also an archived one.
func (h *Host) Channel(id string) (*model.Channel, error) {
	channel, appErr := h.api.GetChannel(id)
	return valueOrError(channel, appErr)
}

// ChannelByName finds a channel that is not archived.
func (h *Host) ChannelByName(teamID, name string) (*model.Channel, error) {
	channel, appErr := h.api.GetChannelByName(teamID, name, false)
	return valueOrError(channel, appErr)
}

// IsChannelMember reports whether the user is a member of the channel at present.
func (h *Host) IsChannelMember(channelID, userID string) (bool, error) {
	_, err := valueOrError(h.api.GetChannelMember(channelID, userID))
	return exists(err)
}

// exists is false without an error if Mattermost refused, because what was asked for does not exist.
func exists(err error) (bool, error) {
	if _, refused := incident.AsError(err); refused {
		return false, nil
	}
	return err == nil, err
}

// CreateChannel creates a channel without members.
func (h *Host) CreateChannel(c *model.Channel) (*model.Channel, *model.AppError) {
	made, appErr := h.api.CreateChannel(c)
	if made == nil && appErr == nil {
		return nil, model.NewAppError("CreateChannel", "incident.host_gone", nil, errGone.Error(), http.StatusInternalServerError)
	}
	return made, appErr
}

// ArchiveChannel archives a channel.
func (h *Host) ArchiveChannel(id string) error { return h.errorOnly(h.api.DeleteChannel(id)) }

// AddToChannel adds a user to a channel; Mattermost says in the channel that asUserID did it.
func (h *Host) AddToChannel(channelID, userID, asUserID string) error {
	member, appErr := h.api.AddUserToChannel(channelID, userID, asUserID)
	_, err := valueOrError(member, appErr)
	return err
}

// RefreshMember makes Mattermost, on all nodes, forget which channels it sends a member the events of. It changes no setting: it updates the
// member's notifications with nothing, which no version does without forgetting what it has cached of the user.
func (h *Host) RefreshMember(channelID, userID string) error {
	member, appErr := h.api.UpdateChannelMemberNotifications(channelID, userID, map[string]string{})
	_, err := valueOrError(member, appErr)
	return err
}

// Post finds a post. Whether deleted ones are found is up to Mattermost.
func (h *Host) Post(id string) (*model.Post, error) {
	post, appErr := h.api.GetPost(id)
	return valueOrError(post, appErr)
}

// FileName is the name of a file that was attached to a post.
func (h *Host) FileName(id string) (string, error) {
	file, err := valueOrError(h.api.GetFileInfo(id))
	if err != nil {
		return "", err
	}
	return file.Name, nil
}

// CreatePost posts.
func (h *Host) CreatePost(p *model.Post) (*model.Post, error) {
	post, appErr := h.api.CreatePost(p)
	return valueOrError(post, appErr)
}

// UpdatePost changes a post.
func (h *Host) UpdatePost(p *model.Post) (*model.Post, error) {
	post, appErr := h.api.UpdatePost(p)
	return valueOrError(post, appErr)
}

// DeletePost deletes a post; one that is gone already is no error.
func (h *Host) DeletePost(id string) error {
	appErr := h.api.DeletePost(id)
	if appErr == nil || appErr.StatusCode == 404 {
		return h.errorOnly(nil)
	}
	// Mattermost answers 400 for a post that is gone, and the same if its database is away.
	_, err := h.Post(id)
	switch {
	case err == nil:
		return fromAppError(appErr)
	case incident.IsKind(err, incident.NotFound):
		return nil
	default:
		return err
	}
}

// File reads the contents of a file. It may be as long as Mattermost allows.
func (h *Host) File(id string) ([]byte, error) {
	content, appErr := h.api.GetFile(id)
	if len(content) > 0 {
		return content, nil
	}
	return content, h.errorOnly(appErr)
}

// Ephemeral shows a post to one user only.
func (h *Host) Ephemeral(userID string, p *model.Post) { h.api.SendEphemeralPost(userID, p) }

// errCommandMissing is Mattermost's error id for a command that does not exist.
const errCommandMissing = "api.command.execute_command.not_found.app_error"

// RunCommand runs a slash command. One that does not exist is NotFound-like Invalid with a clear message.
func (h *Host) RunCommand(args *model.CommandArgs) (*model.CommandResponse, error) {
	response, err := h.api.ExecuteSlashCommand(args)
	if err == nil {
		if response == nil {
			response = &model.CommandResponse{}
		}
		return response, nil
	}
	var appErr *model.AppError
	if errors.As(err, &appErr) {
		if appErr.Id == errCommandMissing {
			return nil, incident.NewError(incident.Invalid, "command.unknown", "There is no such slash command on this server. Check how the task's command is spelled.")
		}
		return nil, fromAppError(appErr)
	}
	return nil, incident.NewError(incident.Invalid, "command.failed", "%s", err.Error())
}

// OpenDialog opens an interactive dialog; path is relative to the site.
func (h *Host) OpenDialog(triggerID, path string, d model.Dialog) error {
	return fromAppError(h.api.OpenInteractiveDialog(model.OpenDialogRequest{TriggerId: triggerID, URL: path, Dialog: d}))
}

// Publish sends a websocket event.
func (h *Host) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	h.api.PublishWebSocketEvent(event, payload, to)
}

// Session finds a session.
func (h *Host) Session(id string) (*model.Session, error) {
	session, appErr := h.api.GetSession(id)
	return valueOrError(session, appErr)
}

// SetConfig keeps Mattermost's configuration, which is to be done whenever it changes. It must not be altered any more.
func (h *Host) SetConfig(config *model.Config) { h.config.Store(config) }

// Config is Mattermost's configuration as it was kept; to ask for it sends the whole of it from process to process.
func (h *Host) Config() *model.Config {
	if config := h.config.Load(); config != nil {
		return config
	}
	return h.api.GetConfig()
}

// KVGet reads a value, nil if there is none.
func (h *Host) KVGet(key string) ([]byte, error) {
	value, appErr := h.api.KVGet(key)
	return value, fromAppError(appErr)
}

// KVCompareAndSet stores value if the present one equals old.
func (h *Host) KVCompareAndSet(key string, old, value []byte) (bool, error) {
	done, appErr := h.api.KVCompareAndSet(key, old, value)
	return done, fromAppError(appErr)
}
