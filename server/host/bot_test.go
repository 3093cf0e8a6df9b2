package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// botServer is a Mattermost with a key-value table, users and bots.
type botServer struct {
	BotAPI
	values   map[string]string
	users    map[string]*model.User // by name
	pictures map[string]string
	dir      string
	patched  []string
	down     bool
	raced    bool // another node makes the bot first
}

func newBotServer(t *testing.T) *botServer {
	s := &botServer{values: map[string]string{}, users: map[string]*model.User{}, pictures: map[string]string{}, dir: t.TempDir()}
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "icon.png"), []byte("picture"), 0o600))
	return s
}

func (s *botServer) KVGet(key string) ([]byte, *model.AppError) {
	if s.down {
		return nil, refusal(500)
	}
	return []byte(s.values[key]), nil
}
func (s *botServer) KVSet(key string, value []byte) *model.AppError {
	s.values[key] = string(value)
	return nil
}
func (s *botServer) GetUserByUsername(name string) (*model.User, *model.AppError) {
	if user := s.users[name]; user != nil {
		return user, nil
	}
	return nil, refusal(404)
}
func (s *botServer) CreateBot(bot *model.Bot) (*model.Bot, *model.AppError) {
	s.users[bot.Username] = &model.User{Id: "made", Username: bot.Username, IsBot: true}
	if s.raced {
		return nil, refusal(400)
	}
	return &model.Bot{UserId: "made", Username: bot.Username}, nil
}
func (s *botServer) PatchBot(id string, patch *model.BotPatch) (*model.Bot, *model.AppError) {
	for _, user := range s.users {
		if user.Id == id && user.IsBot {
			s.patched = append(s.patched, *patch.DisplayName)
			return &model.Bot{UserId: id}, nil
		}
	}
	return nil, refusal(404)
}
func (s *botServer) SetProfileImage(id string, data []byte) *model.AppError {
	s.pictures[id] = string(data)
	return nil
}
func (s *botServer) GetBundlePath() (string, error) {
	if s.dir == "" {
		return "", errors.New("no bundle")
	}
	return s.dir, nil
}
func (s *botServer) LogWarn(string, ...interface{}) {}

func TestTheBotIsFoundOrMade(t *testing.T) {
	bot := &model.Bot{Username: "incident", DisplayName: "Incident Bot"}
	for name, c := range map[string]struct {
		before  func(s *botServer)
		id      string
		picture bool
	}{
		"fresh": {func(*botServer) {}, "made", true},
		"known, as of 1.2.0": {func(s *botServer) {
			s.values[botKey] = "old"
			s.users["incident"] = &model.User{Id: "old", IsBot: true}
		}, "old", false},
		"left from an earlier installation": {func(s *botServer) { s.users["incident"] = &model.User{Id: "left", IsBot: true} }, "left", true},
		"deleted for good":                  {func(s *botServer) { s.values[botKey] = "old" }, "made", true},
		"another node was faster":           {func(s *botServer) { s.raced = true }, "made", true},
		"without a picture":                 {func(s *botServer) { s.dir = "" }, "made", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBotServer(t)
			c.before(s)
			id, err := EnsureBot(s, bot, "icon.png")
			require.NoError(t, err)
			assert.Equal(t, c.id, id)
			assert.Equal(t, c.id, s.values[botKey])
			assert.Equal(t, c.picture, s.pictures[id] == "picture")
			again, err := EnsureBot(s, bot, "icon.png")
			require.NoError(t, err)
			assert.Equal(t, id, again)
			assert.Contains(t, s.patched, "Incident Bot")
		})
	}
}

func TestTheBotCannotBeMade(t *testing.T) {
	bot := &model.Bot{Username: "incident"}
	s := newBotServer(t)
	s.users["incident"] = &model.User{Id: "person"}
	_, err := EnsureBot(s, bot, "icon.png")
	require.ErrorContains(t, err, "taken by a person")
	assert.Empty(t, s.values)

	s = newBotServer(t)
	s.down = true
	_, err = EnsureBot(s, bot, "icon.png")
	require.ErrorContains(t, err, "bot's user id")
}
