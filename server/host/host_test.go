package host

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin/plugintest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func refusal(status int) *model.AppError { return model.NewAppError("x", "id", nil, "", status) }

func TestErrorsKeepTheirMeaning(t *testing.T) {
	for status, kind := range map[int]incident.Kind{404: incident.NotFound, 400: incident.Invalid, 403: incident.Invalid} {
		assert.True(t, incident.IsKind(fromAppError(refusal(status)), kind), "%d", status)
	}
	err := fromAppError(refusal(http.StatusInternalServerError))
	_, ours := incident.AsError(err)
	assert.False(t, ours, "an internal error must not be shown to users")
	require.Error(t, err)
	assert.NoError(t, fromAppError(nil), "a nil *AppError must become a nil error")
}

func TestDeletePost_OnlyAMissingPostCountsAsDeleted(t *testing.T) {
	for name, c := range map[string]struct {
		deleted, found *model.AppError
		fails          bool
	}{
		"deleted": {}, "unknown": {deleted: refusal(404)}, "gone, says 400": {deleted: refusal(400), found: refusal(404)},
		"refused":              {deleted: refusal(500), fails: true},
		"the database is away": {deleted: refusal(400), found: refusal(500), fails: true},
		"archived channel":     {deleted: refusal(400), fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			api := &plugintest.API{}
			api.On("GetServerVersion").Return("5.28.0")
			api.On("DeletePost", "post").Return(c.deleted)
			api.On("GetPost", "post").Return(&model.Post{}, c.found)
			err := New(api, "bot").DeletePost("post")
			assert.Equal(t, c.fails, err != nil, "%v", err)
		})
	}
}

func TestRunCommand_UnknownOneIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		kind incident.Kind
		code string
	}{
		"unknown":  {model.NewAppError("x", errCommandMissing, nil, "", 404), incident.Invalid, "command.unknown"},
		"refused":  {refusal(403), incident.Invalid, "host.refused"},
		"other":    {errors.New("boom"), incident.Invalid, "command.failed"},
		"internal": {refusal(500), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			api := &plugintest.API{}
			api.On("ExecuteSlashCommand", mock.Anything).Return(nil, c.err)
			_, err := New(api, "bot").RunCommand(&model.CommandArgs{})
			require.Error(t, err)
			if e, ok := incident.AsError(err); c.kind == 0 {
				assert.False(t, ok)
			} else {
				require.True(t, ok)
				assert.Equal(t, c.kind, e.Kind)
				assert.Equal(t, c.code, e.Code)
			}
		})
	}
	api := &plugintest.API{}
	api.On("ExecuteSlashCommand", mock.Anything).Return(nil, nil)
	response, err := New(api, "bot").RunCommand(&model.CommandArgs{})
	require.NoError(t, err)
	assert.NotNil(t, response, "a command without an answer is no crash")
}

func TestMembership_OfATeamThatWasLeft(t *testing.T) {
	for name, c := range map[string]struct {
		member *model.TeamMember
		err    *model.AppError
		want   bool
	}{
		"member": {member: &model.TeamMember{}, want: true}, "left": {member: &model.TeamMember{DeleteAt: 1}}, "never": {err: refusal(404)},
	} {
		api := &plugintest.API{}
		api.On("GetTeamMember", "team", "user").Return(c.member, c.err)
		member, err := New(api, "bot").IsTeamMember("team", "user")
		require.NoError(t, err, name)
		assert.Equal(t, c.want, member, name)
	}
}

// Once the connection to Mattermost is broken its API answers zero values and no errors.
func TestBrokenConnectionIsAnError(t *testing.T) {
	api := &plugintest.API{}
	api.On("GetServerVersion").Return("")
	api.On("CreatePost", mock.Anything).Return(nil, nil)
	api.On("CreateChannel", mock.Anything).Return(nil, nil)
	api.On("AddUserToChannel", "c", "u", "b").Return(nil, nil)
	api.On("UpdateChannelMemberNotifications", "c", "u", map[string]string{}).Return(nil, nil)
	api.On("GetChannelMember", "c", "u").Return(nil, nil)
	api.On("GetTeamMember", "t", "u").Return(nil, nil)
	api.On("GetUser", "u").Return(nil, nil)
	api.On("DeletePost", "p").Return(nil)
	api.On("DeleteChannel", "c").Return(nil)
	h := New(api, "bot")
	_, err := h.CreatePost(&model.Post{})
	require.ErrorIs(t, err, errGone)
	_, appErr := h.CreateChannel(&model.Channel{})
	require.NotNil(t, appErr)
	assert.Equal(t, http.StatusInternalServerError, appErr.StatusCode)
	_, err = h.User("u")
	require.ErrorIs(t, err, errGone)
	require.ErrorIs(t, h.AddToChannel("c", "u", "b"), errGone)
	require.ErrorIs(t, h.RefreshMember("c", "u"), errGone)
	require.ErrorIs(t, h.DeletePost("p"), errGone)
	require.ErrorIs(t, h.ArchiveChannel("c"), errGone)
	_, err = h.IsChannelMember("c", "u")
	require.ErrorIs(t, err, errGone)
	_, err = h.IsTeamMember("t", "u")
	require.ErrorIs(t, err, errGone)
}

func TestWhatIsLoggedOfAValueIsBounded(t *testing.T) {
	api := &plugintest.API{}
	var logged []interface{}
	api.On("LogWarn", "msg", mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) { logged = args[1:] }).Return()
	h := New(api, "bot")
	var told []interface{}
	h.TellLog(func(level int, msg string, pairs []interface{}) { told = pairs })
	h.Warn("msg", "error", strings.Repeat("ä", 1_000_000), "number", 5, "cause", errors.New(strings.Repeat("x", 5000)))
	require.Equal(t, logged, told)
	for _, value := range logged {
		text, _ := value.(string)
		assert.Less(t, len(text), 2*maxLogged+50)
	}
	assert.Contains(t, logged[1], "(2000000 bytes)")
	assert.Equal(t, 5, logged[3])
}

func TestSendFile(t *testing.T) {
	api := &plugintest.API{}
	api.On("GetDirectChannel", "user", "bot").Return(&model.Channel{Id: "direct"}, nil)
	api.On("UploadFile", []byte("{}"), "direct", "a.json").Return(&model.FileInfo{Id: "file"}, nil)
	api.On("UploadFile", []byte("{}"), "direct", "b.json").Return(nil, refusal(501))
	api.On("UploadFile", []byte("{}"), "direct", "c.json").Return(nil, nil)
	api.On("CreatePost", mock.Anything).Run(func(args mock.Arguments) {
		post := args.Get(0).(*model.Post)
		assert.Equal(t, "direct", post.ChannelId)
		assert.Equal(t, []string{"file"}, []string(post.FileIds))
	}).Return(&model.Post{}, nil)
	h := New(api, "bot")
	require.NoError(t, h.SendFile("user", "text", "a.json", []byte("{}")))
	require.Error(t, h.SendFile("user", "text", "b.json", []byte("{}")))
	require.ErrorIs(t, h.SendFile("user", "text", "c.json", []byte("{}")), errGone)
	api.AssertNumberOfCalls(t, "CreatePost", 1)
}

func TestUserID(t *testing.T) {
	const id = "abcdefghijklmnopqrstuvwxyz"
	api := &plugintest.API{}
	api.On("GetUser", id).Return(nil, refusal(404))
	api.On("GetUserByUsername", "anna").Return(&model.User{Id: "anna's"}, nil)
	api.On("GetUserByUsername", "boris").Return(&model.User{Id: "x", DeleteAt: 5}, nil)
	h := New(api, "bot")
	got, err := h.UserID("anna")
	require.NoError(t, err)
	assert.Equal(t, "anna's", got)
	_, err = h.UserID("boris")
	require.Error(t, err, "deactivated")
	_, err = h.UserID(id)
	require.Error(t, err, "a name that looks like an id is none")
	api.AssertNotCalled(t, "GetUserByUsername", id)
}

func TestTheConfigurationIsKept(t *testing.T) {
	api := &plugintest.API{}
	api.On("GetConfig").Return(&model.Config{}).Once()
	h := New(api, "bot")
	require.NotNil(t, h.Config())
	kept := &model.Config{}
	h.SetConfig(kept)
	assert.Same(t, kept, h.Config())
	assert.Same(t, kept, h.Config())
}
