package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
)

// configuredAPI is a Mattermost whose configuration changes. It hands out the very object that it keeps.
type configuredAPI struct {
	plugin.API // what a test does not expect to be called panics

	mu         sync.Mutex
	config     *model.Config
	section    map[string]interface{}
	posts      []*model.Post
	registered []bool // whether the test tools were among the suggestions, by registration
}

func (a *configuredAPI) set(testing bool) {
	config := &model.Config{}
	config.ServiceSettings.EnableTesting = &testing
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config = config
}

func (a *configuredAPI) GetConfig() *model.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

func (a *configuredAPI) GetPluginConfig() map[string]interface{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.section != nil {
		return a.section
	}
	return map[string]interface{}{"AllowedUserIDs": []interface{}{anna}}
}

func (a *configuredAPI) RegisterCommand(c *model.Command) error {
	offered := false
	for _, sub := range c.AutocompleteData.SubCommands {
		offered = offered || sub.Trigger == "test"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.registered = append(a.registered, offered)
	return nil
}

func (a *configuredAPI) GetUser(id string) (*model.User, *model.AppError) {
	return &model.User{Id: id}, nil
}

func (a *configuredAPI) GetDirectChannel(userID, _ string) (*model.Channel, *model.AppError) {
	return &model.Channel{Id: "direct" + userID}, nil
}

func (a *configuredAPI) CreatePost(p *model.Post) (*model.Post, *model.AppError) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts = append(a.posts, p)
	return p, nil
}

// newRunning is a plugin that is active, without a database.
func newRunning(a *configuredAPI, w *memoryPlugin) *running {
	r := &running{host: host.New(a, "bot"), watch: newWatch(), service: w.service, http: w.handler, commands: w.commands, registered: true}
	r.watch.attach(r.host, a.LogWarn)
	return r
}

func (a *configuredAPI) LogDebug(string, ...interface{}) {}
func (a *configuredAPI) LogInfo(string, ...interface{})  {}
func (a *configuredAPI) LogWarn(string, ...interface{})  {}
func (a *configuredAPI) LogError(string, ...interface{}) {}

// Mattermost calls the hooks at the same time. With the race detector, what two of them share without a lock
// fails this test; without it, the last registration must be that of the last configuration, and each change is
// registered once.
func TestConfigurationChangesWhileThePluginIsUsed(t *testing.T) {
	a, w := &configuredAPI{}, newMemoryPlugin()
	a.set(false)
	p := &Plugin{}
	p.SetAPI(a)
	require.NoError(t, p.OnConfigurationChange(), "before the activation")
	require.Empty(t, a.registered)
	p.running.Store(newRunning(a, w))

	stop := make(chan struct{})
	var users sync.WaitGroup
	use := func(fn func()) {
		users.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					fn()
				}
			}
		})
	}
	use(func() {
		_, _ = p.ExecuteCommand(&plugin.Context{}, &model.CommandArgs{UserId: anna, TeamId: aTeam, ChannelId: aChannel, Command: "/incident help"})
	})
	use(func() {
		r := httptest.NewRequest("GET", "/api/v0/incidents/"+own, nil)
		r.Header.Set("Mattermost-User-ID", anna)
		p.ServeHTTP(&plugin.Context{}, httptest.NewRecorder(), r)
	})
	use(func() { _ = p.OnConfigurationChange() })
	for n := range 200 {
		a.set(n%2 == 0)
		var changes sync.WaitGroup
		for range 4 {
			changes.Go(func() { _ = p.OnConfigurationChange() })
		}
		changes.Wait()
	}
	close(stop)
	users.Wait()
	require.Len(t, a.registered, 200, "one registration for each change")
	for n, offered := range a.registered {
		require.Equal(t, n%2 == 0, offered)
	}
	require.False(t, *a.GetConfig().ServiceSettings.EnableTesting, "the host's own configuration was changed")
}

// Each configuration counts as it is, however often the same one comes.
func TestLogCopies_FollowTheConfiguration(t *testing.T) {
	a, w := &configuredAPI{}, newMemoryPlugin()
	a.set(false)
	p := &Plugin{}
	p.SetAPI(a)
	r := newRunning(a, w)
	p.running.Store(r)
	copied := func(level string) int {
		a.mu.Lock()
		a.section = map[string]interface{}{"AllowedUserIDs": []interface{}{anna, "no such user"}, "AdminLogLevel": level}
		a.posts = nil
		a.mu.Unlock()
		for range 3 {
			require.NoError(t, p.OnConfigurationChange())
		}
		r.host.Debug("at debug")
		r.host.Info("at info")
		r.host.Warn("at warn")
		r.host.Error("at error")
		r.watch.close()
		lines := 0
		for _, post := range a.posts {
			require.Equal(t, "direct"+anna, post.ChannelId)
			for _, text := range []string{"at debug", "at info", "at warn", "at error"} {
				lines += strings.Count(post.Message, text)
			}
		}
		return lines
	}
	for _, c := range []struct {
		level string
		lines int
	}{{"debug", 4}, {"info", 3}, {"Warn", 2}, {"error", 1}, {"loud", 1}, {"", 1}, {"warn", 2}} {
		require.Equal(t, c.lines, copied(c.level), c.level)
	}
}

func TestHooksRecoverFromPanics(t *testing.T) {
	a, w := &configuredAPI{}, newMemoryPlugin()
	p := &Plugin{}
	p.SetAPI(a)
	for name, hook := range map[string]func() error{"OnActivate": p.OnActivate, "OnConfigurationChange": p.OnConfigurationChange, "OnDeactivate": p.OnDeactivate} {
		r := newRunning(a, w)
		r.stop = func() { panic("stop") }
		p.running.Store(r)
		want := "panic"
		if name == "OnConfigurationChange" { // there is none: that is looked for
			want = "configuration"
		}
		require.NotPanics(t, func() { require.ErrorContains(t, hook(), want, name) }, name)
	}
}

// goneWriter is Mattermost's writer once the connection to Mattermost is broken: it gives no header and takes nothing.
type goneWriter struct{}

func (goneWriter) Header() http.Header         { return nil }
func (goneWriter) WriteHeader(int)             {}
func (goneWriter) Write(b []byte) (int, error) { return 0, errors.New("connection is shut down") }

// Nobody can be answered then, but the process must not panic: it may still have a change to commit.
func TestMattermostIsGoneBeforeTheAnswer(t *testing.T) {
	w := newMemoryPlugin()
	starting, active := &Plugin{}, &Plugin{}
	active.running.Store(&running{http: w.handler})
	for _, p := range []*Plugin{starting, active} {
		for _, path := range []string{"/incidents/" + own, "/incidents/unknown", "/incidents/" + own + "/export?format=json", "/nowhere"} {
			for _, method := range []string{"GET", "PUT"} {
				r := httptest.NewRequest(method, "/api/v0"+path, nil)
				r.Header.Set("Mattermost-User-ID", anna)
				require.NotPanics(t, func() { p.ServeHTTP(nil, goneWriter{}, r) }, "%s %s", method, path)
			}
		}
	}
	require.Empty(t, w.errors)
}
