package host

import "github.com/mattermost/mattermost-server/v5/model"

// API is the part of Mattermost's plugin API that the plugin uses to answer requests. Each call is a round trip to the
// server's process; server/costtest counts them for each operation.
type API interface {
	HasPermissionTo(userID string, permission *model.Permission) bool
	HasPermissionToTeam(userID, teamID string, permission *model.Permission) bool
	HasPermissionToChannel(userID, channelID string, permission *model.Permission) bool
	GetUser(userID string) (*model.User, *model.AppError)
	GetUserByUsername(name string) (*model.User, *model.AppError)
	GetTeam(teamID string) (*model.Team, *model.AppError)
	GetTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError)
	GetChannel(channelID string) (*model.Channel, *model.AppError)
	GetChannelByName(teamID, name string, includeDeleted bool) (*model.Channel, *model.AppError)
	GetChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError)
	CreateChannel(channel *model.Channel) (*model.Channel, *model.AppError)
	DeleteChannel(channelID string) *model.AppError
	UpdateChannelMemberNotifications(channelID, userID string, notifications map[string]string) (*model.ChannelMember, *model.AppError)
	AddUserToChannel(channelID, userID, asUserID string) (*model.ChannelMember, *model.AppError)
	GetPost(postID string) (*model.Post, *model.AppError)
	GetFileInfo(fileID string) (*model.FileInfo, *model.AppError)
	CreatePost(post *model.Post) (*model.Post, *model.AppError)
	UpdatePost(post *model.Post) (*model.Post, *model.AppError)
	DeletePost(postID string) *model.AppError
	SendEphemeralPost(userID string, post *model.Post) *model.Post
	ExecuteSlashCommand(commandArgs *model.CommandArgs) (*model.CommandResponse, error)
	OpenInteractiveDialog(dialog model.OpenDialogRequest) *model.AppError
	PublishWebSocketEvent(event string, payload map[string]interface{}, broadcast *model.WebsocketBroadcast)
	GetSession(sessionID string) (*model.Session, *model.AppError)
	GetFile(fileID string) ([]byte, *model.AppError)
	UploadFile(data []byte, channelID, filename string) (*model.FileInfo, *model.AppError)
	GetDirectChannel(userID1, userID2 string) (*model.Channel, *model.AppError)
	GetConfig() *model.Config
	GetServerVersion() string
	KVGet(key string) ([]byte, *model.AppError)
	KVCompareAndSet(key string, oldValue, newValue []byte) (bool, *model.AppError)
	KVSet(key string, value []byte) *model.AppError
	LogDebug(msg string, keyValuePairs ...interface{})
	LogInfo(msg string, keyValuePairs ...interface{})
	LogWarn(msg string, keyValuePairs ...interface{})
	LogError(msg string, keyValuePairs ...interface{})
}
