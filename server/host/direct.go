package host

import (
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errNoUser = incident.NewError(incident.NotFound, "user.not_found", "This user does not exist or is deactivated.")

// UserID finds the id of a user who is not deactivated, by id or name. A text with the form of an id is never taken for a name,
// because users choose their names.
func (h *Host) UserID(nameOrID string) (string, error) {
	find := h.UserByUsername
	if model.IsValidId(nameOrID) {
		find = h.User
	}
	user, err := find(nameOrID)
	if err != nil {
		return "", err
	}
	if user.DeleteAt != 0 {
		return "", errNoUser
	}
	return user.Id, nil
}

// SendDirect sends a user a direct message of the bot.
func (h *Host) SendDirect(userID, text string) error { return h.direct(userID, text, "", nil) }

// SendFile sends a user a direct message of the bot with a file.
func (h *Host) SendFile(userID, text, name string, content []byte) error {
	return h.direct(userID, text, name, content)
}

// DirectChannel is the channel of the direct messages between the bot and a user.
func (h *Host) DirectChannel(userID string) (*model.Channel, error) {
	return valueOrError(h.api.GetDirectChannel(userID, h.botID))
}

func (h *Host) direct(userID, text, name string, content []byte) error {
	channel, err := h.DirectChannel(userID)
	if err != nil {
		return err
	}
	post := &model.Post{UserId: h.botID, ChannelId: channel.Id, Message: text}
	if name != "" {
		file, err := valueOrError(h.api.UploadFile(content, channel.Id, name))
		if err != nil {
			return err
		}
		post.FileIds = []string{file.Id}
	}
	_, err = h.CreatePost(post)
	return err
}
