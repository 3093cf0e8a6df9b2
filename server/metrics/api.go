package metrics

import (
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
)

// API counts what goes wrong between the plugin and Mattermost, and the websocket events.
func (m *Metrics) API(inner host.API) host.API { return &api{inner, m} }

// api embeds what it does not count: questions for permissions and configuration have no errors, and the log is counted
// where it is written.
type api struct {
	host.API
	m *Metrics
}

// note counts an answer. There must be a value or an error: neither means that no answer came.
func (a *api) note(call string, value bool, err *model.AppError) {
	kind := "failed"
	switch {
	case err == nil && value:
		return
	case err == nil:
		kind = "no_answer"
	case err.StatusCode >= 400 && err.StatusCode < 500:
		kind = "refused"
	}
	a.m.apiErrors.WithLabelValues(call, kind).Inc()
}

func noted[T any](a *api, call string, value *T, err *model.AppError) (*T, *model.AppError) {
	a.note(call, value != nil, err)
	return value, err
}

func (a *api) done(call string, err *model.AppError) *model.AppError {
	a.note(call, true, err)
	return err
}

func (a *api) GetUser(userID string) (*model.User, *model.AppError) {
	v, err := a.API.GetUser(userID)
	return noted(a, "GetUser", v, err)
}

func (a *api) GetUserByUsername(name string) (*model.User, *model.AppError) {
	v, err := a.API.GetUserByUsername(name)
	return noted(a, "GetUserByUsername", v, err)
}

func (a *api) GetTeam(teamID string) (*model.Team, *model.AppError) {
	v, err := a.API.GetTeam(teamID)
	return noted(a, "GetTeam", v, err)
}

func (a *api) GetTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError) {
	v, err := a.API.GetTeamMember(teamID, userID)
	return noted(a, "GetTeamMember", v, err)
}

func (a *api) GetChannel(channelID string) (*model.Channel, *model.AppError) {
	v, err := a.API.GetChannel(channelID)
	return noted(a, "GetChannel", v, err)
}

func (a *api) GetChannelByName(teamID, name string, includeDeleted bool) (*model.Channel, *model.AppError) {
	v, err := a.API.GetChannelByName(teamID, name, includeDeleted)
	return noted(a, "GetChannelByName", v, err)
}

func (a *api) GetChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError) {
	v, err := a.API.GetChannelMember(channelID, userID)
	return noted(a, "GetChannelMember", v, err)
}

func (a *api) CreateChannel(channel *model.Channel) (*model.Channel, *model.AppError) {
	v, err := a.API.CreateChannel(channel)
	return noted(a, "CreateChannel", v, err)
}

func (a *api) AddUserToChannel(channelID, userID, asUserID string) (*model.ChannelMember, *model.AppError) {
	v, err := a.API.AddUserToChannel(channelID, userID, asUserID)
	return noted(a, "AddUserToChannel", v, err)
}

func (a *api) GetPost(postID string) (*model.Post, *model.AppError) {
	v, err := a.API.GetPost(postID)
	return noted(a, "GetPost", v, err)
}

func (a *api) GetFileInfo(fileID string) (*model.FileInfo, *model.AppError) {
	v, err := a.API.GetFileInfo(fileID)
	return noted(a, "GetFileInfo", v, err)
}

func (a *api) CreatePost(post *model.Post) (*model.Post, *model.AppError) {
	v, err := a.API.CreatePost(post)
	return noted(a, "CreatePost", v, err)
}

func (a *api) GetSession(sessionID string) (*model.Session, *model.AppError) {
	v, err := a.API.GetSession(sessionID)
	return noted(a, "GetSession", v, err)
}

func (a *api) GetDirectChannel(userID1, userID2 string) (*model.Channel, *model.AppError) {
	v, err := a.API.GetDirectChannel(userID1, userID2)
	return noted(a, "GetDirectChannel", v, err)
}

func (a *api) GetFile(fileID string) ([]byte, *model.AppError) {
	v, err := a.API.GetFile(fileID)
	a.note("GetFile", v != nil, err)
	return v, err
}

func (a *api) UploadFile(data []byte, channelID, filename string) (*model.FileInfo, *model.AppError) {
	v, err := a.API.UploadFile(data, channelID, filename)
	return noted(a, "UploadFile", v, err)
}

func (a *api) DeleteChannel(channelID string) *model.AppError {
	return a.done("DeleteChannel", a.API.DeleteChannel(channelID))
}

func (a *api) UpdatePost(post *model.Post) (*model.Post, *model.AppError) {
	v, err := a.API.UpdatePost(post)
	return noted(a, "UpdatePost", v, err)
}

func (a *api) DeletePost(postID string) *model.AppError {
	return a.done("DeletePost", a.API.DeletePost(postID))
}

func (a *api) OpenInteractiveDialog(dialog model.OpenDialogRequest) *model.AppError {
	return a.done("OpenInteractiveDialog", a.API.OpenInteractiveDialog(dialog))
}

func (a *api) ExecuteSlashCommand(args *model.CommandArgs) (*model.CommandResponse, error) {
	response, err := a.API.ExecuteSlashCommand(args)
	if err != nil {
		var appErr *model.AppError
		if !errors.As(err, &appErr) {
			appErr = &model.AppError{}
		}
		a.note("ExecuteSlashCommand", false, appErr)
	}
	return response, err
}

func (a *api) KVGet(key string) ([]byte, *model.AppError) {
	v, err := a.API.KVGet(key)
	return v, a.done("KVGet", err)
}

func (a *api) KVCompareAndSet(key string, oldValue, newValue []byte) (bool, *model.AppError) {
	v, err := a.API.KVCompareAndSet(key, oldValue, newValue)
	return v, a.done("KVCompareAndSet", err)
}

func (a *api) KVSet(key string, value []byte) *model.AppError {
	return a.done("KVSet", a.API.KVSet(key, value))
}

// PublishWebSocketEvent counts an event; its name is one of the plugin's own, never a text of a user.
func (a *api) PublishWebSocketEvent(event string, payload map[string]interface{}, broadcast *model.WebsocketBroadcast) {
	a.m.events.WithLabelValues(event).Inc()
	a.API.PublishWebSocketEvent(event, payload, broadcast)
}
