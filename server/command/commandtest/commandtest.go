// Package commandtest types commands in tests, in a Mattermost that exists only as answers. Only tests use it.
package commandtest

import (
	"context"
	"errors"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Host answers what commands ask Mattermost. What is not faked panics.
type Host struct {
	app.Host
	Settings model.Config
	// Users are the users by id.
	Users map[string]*model.User
	// Member says that everybody is a member of every channel.
	Member bool
	// FindChannel finds a channel by its id.
	FindChannel func(id string) (*model.Channel, error)
	// Known is the only session that Mattermost knows.
	Known *model.Session
	// Shown are the posts that only "user" sees, Archived the ids of archived channels.
	Shown    []*model.Post
	Archived []string
}

// NewHost makes a Host with the users "user", anna, and "other", boris. Each id is that of a channel.
func NewHost() *Host {
	h := &Host{Member: true,
		Users:       map[string]*model.User{"user": {Id: "user", Username: "anna"}, "other": {Id: "other", Username: "boris"}},
		FindChannel: func(id string) (*model.Channel, error) { return &model.Channel{Id: id, Name: "name-" + id}, nil }}
	h.Settings.SetDefaults()
	return h
}

var errNoUser = incident.NewError(incident.NotFound, "host.not_found", "no such user")

// Config implements app.Host.
func (h *Host) Config() *model.Config { return &h.Settings }

// Locale is the language of a user.
func (h *Host) Locale(string) string { return "en" }

// DefaultLocale is the language of the server.
func (h *Host) DefaultLocale() string { return "en" }

// BotID implements app.Host.
func (h *Host) BotID() string { return "bot" }

// Ephemeral implements app.Host. Nobody but "user" may be shown anything.
func (h *Host) Ephemeral(userID string, p *model.Post) {
	if userID != "user" {
		panic("shown to " + userID)
	}
	h.Shown = append(h.Shown, p)
}

// User implements app.Host.
func (h *Host) User(id string) (*model.User, error) {
	if u := h.Users[id]; u != nil {
		return u, nil
	}
	return nil, errNoUser
}

// UserByUsername implements app.Host.
func (h *Host) UserByUsername(name string) (*model.User, error) {
	for _, u := range h.Users {
		if u.Username == name {
			return u, nil
		}
	}
	return nil, errNoUser
}

// Team implements app.Host.
func (h *Host) Team(id string) (*model.Team, error) {
	return &model.Team{Id: id, Name: "team-name", DisplayName: "The [Team]"}, nil
}

// IsChannelMember implements app.Host.
func (h *Host) IsChannelMember(string, string) (bool, error) { return h.Member, nil }

// Channel implements app.Host.
func (h *Host) Channel(id string) (*model.Channel, error) { return h.FindChannel(id) }

// ArchiveChannel implements app.Host.
func (h *Host) ArchiveChannel(id string) error {
	h.Archived = append(h.Archived, id)
	return nil
}

// Session implements app.Host.
func (h *Host) Session(id string) (*model.Session, error) {
	if h.Known == nil || h.Known.Id != id {
		return nil, errors.New("no such session")
	}
	return h.Known, nil
}

// EnableTesting sets the server up for tests.
func (h *Host) EnableTesting() {
	yes := true
	h.Settings.ServiceSettings.EnableTesting = &yes
}

// Log keeps errors and warnings: the message and the pairs of each. Anything else panics.
type Log struct {
	app.Log
	Errors, Warnings [][]interface{}
}

// Error implements app.Log.
func (l *Log) Error(msg string, pairs ...interface{}) {
	l.Errors = append(l.Errors, append([]interface{}{msg}, pairs...))
}

// Warn implements app.Log.
func (l *Log) Warn(msg string, pairs ...interface{}) {
	l.Warnings = append(l.Warnings, append([]interface{}{msg}, pairs...))
}

// Handler answers slash commands; *command.Handler does.
type Handler interface {
	Execute(ctx context.Context, args *model.CommandArgs) (*model.CommandResponse, *model.AppError)
}

// Typist is "user", who types commands in a thread of a channel of the team "team".
type Typist struct {
	Handler Handler
	Host    *Host
	// Session is the id of the session, "" for none.
	Session string
}

// Run types a command in the channel "chan" and returns what the caller is shown.
func (w *Typist) Run(t testing.TB, command string) []*model.Post {
	t.Helper()
	return w.RunIn(t, command, "chan")
}

// RunIn types a command in a channel and returns what the caller is shown.
func (w *Typist) RunIn(t testing.TB, command, channelID string) []*model.Post {
	t.Helper()
	w.Host.Shown = nil
	response, appErr := w.Handler.Execute(context.Background(), &model.CommandArgs{
		UserId: "user", ChannelId: channelID, TeamId: "team", RootId: "root", TriggerId: "trigger", Command: command,
		Session: model.Session{Id: w.Session},
	})
	require.Nil(t, appErr)
	require.Equal(t, &model.CommandResponse{}, response)
	for _, p := range w.Host.Shown {
		require.Equal(t, []string{"bot", channelID, "root"}, []string{p.UserId, p.ChannelId, p.RootId})
	}
	return w.Host.Shown
}

// Says types a command in the channel "chan" and returns the only text shown.
func (w *Typist) Says(t testing.TB, command string) string {
	t.Helper()
	shown := w.Run(t, command)
	require.Len(t, shown, 1, command)
	return shown[0].Message
}

// Quiet types a command that shows nothing.
func (w *Typist) Quiet(t testing.TB, command string) {
	t.Helper()
	require.Empty(t, w.Run(t, command), command)
}
