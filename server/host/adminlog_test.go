package host

import (
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin/plugintest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
)

const reader = "abcdefghijklmnopqrstuvwxyz"

func adminLogHost() (*Host, *[]string) {
	api, sent := &plugintest.API{}, &[]string{}
	for _, level := range []string{"LogDebug", "LogInfo", "LogWarn", "LogError"} {
		api.On(level, mock.Anything, mock.Anything, mock.Anything).Return()
	}
	api.On("GetDirectChannel", reader, "bot").Return(&model.Channel{Id: "direct"}, nil)
	api.On("CreatePost", mock.Anything).Run(func(args mock.Arguments) {
		*sent = append(*sent, args.Get(0).(*model.Post).Message)
	}).Return(&model.Post{}, nil)
	return New(api, "bot"), sent
}

func TestH2_TheLevelOfLogCopiesFollowsEveryConfiguration(t *testing.T) {
	h, sent := adminLogHost()
	section := map[string]interface{}{"AllowedUserIDs": []interface{}{reader, "nonsense", 5}, "adminloglevel": "Warn"}
	for n := 1; n <= 3; n++ { // the same configuration again changes nothing
		h.ConfigureAdminLog(section)
		h.Info("not this", "a", 1)
		h.Warn("this", "a", 1)
		assert.Len(t, *sent, n)
	}
	section["adminloglevel"] = "debug"
	h.ConfigureAdminLog(section)
	h.Debug("now this", "a", 1)
	assert.Len(t, *sent, 4)
	h.ConfigureAdminLog(nil)
	h.Error("nobody reads it", "a", 1)
	assert.Len(t, *sent, 4)
}

func TestLogCopies_MattermostIsGone(t *testing.T) {
	api := &plugintest.API{}
	api.On("LogError", "cause", mock.Anything, mock.Anything).Return()
	api.On("GetDirectChannel", reader, "bot").Return(nil, nil) // what calls give once the connection is broken
	h := New(api, "bot")
	h.ConfigureAdminLog(map[string]interface{}{"AllowedUserIDs": []interface{}{reader}})
	assert.NotPanics(t, func() { h.Error("cause", "a", 1) })
}

func TestLogCopies_AnUnknownLevelMeansErrors(t *testing.T) {
	h, sent := adminLogHost()
	h.ConfigureAdminLog(map[string]interface{}{"alloweduserids": []interface{}{reader}, "AdminLogLevel": "loud"})
	h.Warn("no", "a", 1)
	h.Error("yes", "cause", "disk full")
	assert.Equal(t, []string{"**ERROR** yes\n    cause: disk full"}, *sent)
}
