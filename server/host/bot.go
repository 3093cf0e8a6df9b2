package host

import (
	"os"
	"path/filepath"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"
)

// BotAPI is the part of Mattermost's plugin API that EnsureBot uses.
type BotAPI interface {
	KVGet(key string) ([]byte, *model.AppError)
	KVSet(key string, value []byte) *model.AppError
	GetUserByUsername(name string) (*model.User, *model.AppError)
	CreateBot(bot *model.Bot) (*model.Bot, *model.AppError)
	PatchBot(botUserID string, patch *model.BotPatch) (*model.Bot, *model.AppError)
	SetProfileImage(userID string, data []byte) *model.AppError
	GetBundlePath() (string, error)
	LogWarn(msg string, keyValuePairs ...interface{})
}

// botKey is where the bot's user id is kept in the plugin's key-value table, as version 1.2.0 and Mattermost's own helper
// keep it. That helper is not used: it panics on a server version that is no semantic version.
const botKey = "mmi_botid"

// EnsureBot finds or creates the bot and returns its user id. picture is a file below the bundle's directory; it is set
// when the bot becomes the plugin's, not with each activation.
func EnsureBot(api BotAPI, bot *model.Bot, picture string) (string, error) {
	known, appErr := api.KVGet(botKey)
	if appErr != nil {
		return "", errors.Wrap(appErr, "read the bot's user id")
	}
	if len(known) > 0 {
		id := string(known)
		_, err := valueOrError(api.PatchBot(id, &model.BotPatch{Username: &bot.Username, DisplayName: &bot.DisplayName, Description: &bot.Description}))
		if there, failure := exists(err); there || failure != nil {
			return id, errors.Wrapf(failure, "update the bot @%s", bot.Username)
		}
		// The id is of no bot any more, or the name was taken from it.
		api.LogWarn("The bot that the plugin used before cannot be used any more: another one is made.", "user_id", id, "error", err.Error())
	}
	id, err := claimBot(api, bot)
	if err != nil {
		return "", err
	}
	if appErr := api.KVSet(botKey, []byte(id)); appErr != nil {
		return "", errors.Wrap(appErr, "store the bot's user id")
	}
	if err := setPicture(api, id, picture); err != nil {
		api.LogWarn("The bot's picture could not be set.", "error", err.Error())
	}
	return id, nil
}

// claimBot takes the bot of that name, which may be left from an earlier installation, or makes it.
func claimBot(api BotAPI, bot *model.Bot) (string, error) {
	user, err := valueOrError(api.GetUserByUsername(bot.Username))
	switch there, failure := exists(err); {
	case failure != nil:
		return "", errors.Wrapf(failure, "look for the bot @%s", bot.Username)
	case there && !user.IsBot:
		return "", errors.Errorf("the user name @%s is taken by a person, but the plugin's bot needs it: rename that user, then enable the plugin again", bot.Username)
	case there:
		return user.Id, nil
	}
	made, err := valueOrError(api.CreateBot(bot))
	if err == nil {
		return made.UserId, nil
	}
	// Another node may have made it at the same moment.
	if user, again := valueOrError(api.GetUserByUsername(bot.Username)); again == nil && user.IsBot {
		return user.Id, nil
	}
	return "", errors.Wrapf(err, "make the bot @%s", bot.Username)
}

func setPicture(api BotAPI, userID, picture string) error {
	dir, err := api.GetBundlePath()
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(picture)))
	if err != nil {
		return err
	}
	if appErr := api.SetProfileImage(userID, content); appErr != nil {
		return appErr
	}
	return nil
}
