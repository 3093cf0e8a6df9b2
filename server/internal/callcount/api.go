package callcount

import (
	"sync/atomic"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
)

// Calls counts the calls of Mattermost's plugin API. Those of its log count too.
type Calls struct {
	n atomic.Int64
	// Each is called with the name of every called method, if set. Set it before the first use.
	Each func(method string)
}

// Count is the number of calls so far.
func (c *Calls) Count() int64 { return c.n.Load() }

func (c *Calls) add(method string) {
	c.n.Add(1)
	if c.Each != nil {
		c.Each(method)
	}
}

// Wrap puts the counter between the plugin and the plugin API. A method that host.API gains does not compile here
// until it is counted.
func (c *Calls) Wrap(inner host.API) host.API { return &api{inner, c} }

type api struct {
	inner host.API
	calls *Calls
}

func (a *api) HasPermissionTo(userID string, permission *model.Permission) bool {
	a.calls.add("HasPermissionTo")
	return a.inner.HasPermissionTo(userID, permission)
}

func (a *api) HasPermissionToTeam(userID, teamID string, permission *model.Permission) bool {
	a.calls.add("HasPermissionToTeam")
	return a.inner.HasPermissionToTeam(userID, teamID, permission)
}

func (a *api) HasPermissionToChannel(userID, channelID string, permission *model.Permission) bool {
	a.calls.add("HasPermissionToChannel")
	return a.inner.HasPermissionToChannel(userID, channelID, permission)
}

func (a *api) GetUser(userID string) (*model.User, *model.AppError) {
	a.calls.add("GetUser")
	return a.inner.GetUser(userID)
}

func (a *api) GetUserByUsername(name string) (*model.User, *model.AppError) {
	a.calls.add("GetUserByUsername")
	return a.inner.GetUserByUsername(name)
}

func (a *api) GetTeam(teamID string) (*model.Team, *model.AppError) {
	a.calls.add("GetTeam")
	return a.inner.GetTeam(teamID)
}

func (a *api) GetTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError) {
	a.calls.add("GetTeamMember")
	return a.inner.GetTeamMember(teamID, userID)
}

func (a *api) GetChannel(channelID string) (*model.Channel, *model.AppError) {
	a.calls.add("GetChannel")
	return a.inner.GetChannel(channelID)
}

func (a *api) GetChannelByName(teamID, name string, includeDeleted bool) (*model.Channel, *model.AppError) {
	a.calls.add("GetChannelByName")
	return a.inner.GetChannelByName(teamID, name, includeDeleted)
}

func (a *api) GetChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError) {
	a.calls.add("GetChannelMember")
	return a.inner.GetChannelMember(channelID, userID)
}

func (a *api) CreateChannel(channel *model.Channel) (*model.Channel, *model.AppError) {
	a.calls.add("CreateChannel")
	return a.inner.CreateChannel(channel)
}

func (a *api) DeleteChannel(channelID string) *model.AppError {
	a.calls.add("DeleteChannel")
	return a.inner.DeleteChannel(channelID)
}

func (a *api) AddUserToChannel(channelID, userID, asUserID string) (*model.ChannelMember, *model.AppError) {
	a.calls.add("AddUserToChannel")
	return a.inner.AddUserToChannel(channelID, userID, asUserID)
}

func (a *api) UpdateChannelMemberNotifications(channelID, userID string, notifications map[string]string) (*model.ChannelMember, *model.AppError) {
	a.calls.add("UpdateChannelMemberNotifications")
	return a.inner.UpdateChannelMemberNotifications(channelID, userID, notifications)
}

func (a *api) GetPost(postID string) (*model.Post, *model.AppError) {
	a.calls.add("GetPost")
	return a.inner.GetPost(postID)
}

func (a *api) GetFileInfo(fileID string) (*model.FileInfo, *model.AppError) {
	a.calls.add("GetFileInfo")
	return a.inner.GetFileInfo(fileID)
}

func (a *api) CreatePost(post *model.Post) (*model.Post, *model.AppError) {
	a.calls.add("CreatePost")
	return a.inner.CreatePost(post)
}

func (a *api) UpdatePost(post *model.Post) (*model.Post, *model.AppError) {
	a.calls.add("UpdatePost")
	return a.inner.UpdatePost(post)
}

func (a *api) DeletePost(postID string) *model.AppError {
	a.calls.add("DeletePost")
	return a.inner.DeletePost(postID)
}

func (a *api) SendEphemeralPost(userID string, post *model.Post) *model.Post {
	a.calls.add("SendEphemeralPost")
	return a.inner.SendEphemeralPost(userID, post)
}

func (a *api) ExecuteSlashCommand(commandArgs *model.CommandArgs) (*model.CommandResponse, error) {
	a.calls.add("ExecuteSlashCommand")
	return a.inner.ExecuteSlashCommand(commandArgs)
}

func (a *api) OpenInteractiveDialog(dialog model.OpenDialogRequest) *model.AppError {
	a.calls.add("OpenInteractiveDialog")
	return a.inner.OpenInteractiveDialog(dialog)
}

func (a *api) PublishWebSocketEvent(event string, payload map[string]interface{}, broadcast *model.WebsocketBroadcast) {
	a.calls.add("PublishWebSocketEvent")
	a.inner.PublishWebSocketEvent(event, payload, broadcast)
}

func (a *api) GetSession(sessionID string) (*model.Session, *model.AppError) {
	a.calls.add("GetSession")
	return a.inner.GetSession(sessionID)
}

func (a *api) GetDirectChannel(userID1, userID2 string) (*model.Channel, *model.AppError) {
	a.calls.add("GetDirectChannel")
	return a.inner.GetDirectChannel(userID1, userID2)
}

func (a *api) GetFile(fileID string) ([]byte, *model.AppError) {
	a.calls.add("GetFile")
	return a.inner.GetFile(fileID)
}

func (a *api) UploadFile(data []byte, channelID, filename string) (*model.FileInfo, *model.AppError) {
	a.calls.add("UploadFile")
	return a.inner.UploadFile(data, channelID, filename)
}

func (a *api) GetConfig() *model.Config {
	a.calls.add("GetConfig")
	return a.inner.GetConfig()
}

func (a *api) GetServerVersion() string {
	a.calls.add("GetServerVersion")
	return a.inner.GetServerVersion()
}

func (a *api) KVGet(key string) ([]byte, *model.AppError) {
	a.calls.add("KVGet")
	return a.inner.KVGet(key)
}

func (a *api) KVCompareAndSet(key string, oldValue, newValue []byte) (bool, *model.AppError) {
	a.calls.add("KVCompareAndSet")
	return a.inner.KVCompareAndSet(key, oldValue, newValue)
}

func (a *api) KVSet(key string, value []byte) *model.AppError {
	a.calls.add("KVSet")
	return a.inner.KVSet(key, value)
}

func (a *api) LogDebug(msg string, keyValuePairs ...interface{}) {
	a.calls.add("LogDebug")
	a.inner.LogDebug(msg, keyValuePairs...)
}

func (a *api) LogInfo(msg string, keyValuePairs ...interface{}) {
	a.calls.add("LogInfo")
	a.inner.LogInfo(msg, keyValuePairs...)
}

func (a *api) LogWarn(msg string, keyValuePairs ...interface{}) {
	a.calls.add("LogWarn")
	a.inner.LogWarn(msg, keyValuePairs...)
}

func (a *api) LogError(msg string, keyValuePairs ...interface{}) {
	a.calls.add("LogError")
	a.inner.LogError(msg, keyValuePairs...)
}
