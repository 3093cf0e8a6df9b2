package host

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Levels of the log in ascending order, as administrators write them in the setting AdminLogLevel.
var logLevels = []string{"debug", "info", "warn", "error"}

const defaultAdminLevel = "error"

// adminLog says who gets copies of the log by direct message, and from which level on.
type adminLog struct {
	userIDs []string
	level   int
}

// ConfigureAdminLog reads AllowedUserIDs (a list of user ids) and AdminLogLevel (debug, info, warn or error; error if
// missing) from the plugin's section of Mattermost's configuration. Mattermost may change the case of keys.
func (h *Host) ConfigureAdminLog(section map[string]interface{}) {
	var settings adminLog
	level := defaultAdminLevel
	for key, value := range section {
		switch strings.ToLower(key) {
		case "alloweduserids":
			list, _ := value.([]interface{})
			for _, entry := range list {
				if id, ok := entry.(string); ok && model.IsValidId(id) {
					settings.userIDs = append(settings.userIDs, id)
				}
			}
		case "adminloglevel":
			if text, ok := value.(string); ok {
				level = strings.ToLower(text)
			}
		}
	}
	if settings.level = slices.Index(logLevels, level); settings.level < 0 {
		settings.level = slices.Index(logLevels, defaultAdminLevel)
	}
	h.admins.Store(&settings)
}

// admins is the present setting; nil sends nothing.
type admins = atomic.Pointer[adminLog]

// copyToAdmins sends a line of the log to those who asked for it. A failure goes to the log only.
func (h *Host) copyToAdmins(level int, msg string, pairs []interface{}) {
	settings := h.admins.Load()
	if settings == nil || level < settings.level || len(settings.userIDs) == 0 {
		return
	}
	text := "**" + strings.ToUpper(logLevels[level]) + "** " + msg
	for n := 0; n+1 < len(pairs); n += 2 {
		text += fmt.Sprintf("\n    %v: %v", pairs[n], pairs[n+1])
	}
	text = incident.Clip(text, model.POST_MESSAGE_MAX_RUNES_V2)
	for _, id := range settings.userIDs {
		channel, appErr := h.api.GetDirectChannel(id, h.botID)
		if appErr == nil && channel != nil { // neither: no answer came
			_, appErr = h.api.CreatePost(&model.Post{UserId: h.botID, ChannelId: channel.Id, Message: text})
		}
		if appErr != nil {
			h.api.LogWarn("A copy of the log could not be sent.", "user_id", id, "error", appErr.Error())
		}
	}
}
