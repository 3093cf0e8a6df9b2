package invitations

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// world is one incident with its channel, and what the capability needs of the core.
type world struct {
	*hosttest.Host
	unexpected
	u       *invitations
	header  app.Header
	found   invited
	allowed bool
	// took is how long it takes to add somebody, added who was.
	took  time.Duration
	added []string
	at    time.Time
	// onAdd is called before somebody is added.
	onAdd func(userID string)
	// sees are the users who may see everybody on the server.
	sees []string
}

// unexpected is what hosttest lacks: it is not called, and would panic.
type unexpected struct{ app.Host }

func newWorld() *world {
	w := &world{Host: hosttest.New(), allowed: true, at: time.UnixMilli(1_796_000_000_000),
		header: app.Header{ID: "inc", TeamID: "team", ChannelID: "room", ChannelTeamID: "team", Public: true, IsActive: true}}
	w.u = &invitations{svc: w, incidents: w, host: w, log: &hosttest.Log{}, data: w, now: func() time.Time { return w.at }}
	return w
}

func (w *world) MayAddNow(userID, channelID string, public bool) (bool, error) {
	return w.allowed && userID == "starter" && channelID == w.header.ChannelID && public == w.header.Public, w.Fails["MayAddNow"]
}

func (w *world) FindPost(_ context.Context, channelID, authorID string, _ int64, prop, value string) (string, error) {
	for id, p := range w.Posts {
		if p.ChannelId == channelID && p.UserId == authorID && p.GetProp(prop) == value {
			return id, nil
		}
	}
	return "", nil
}

func (w *world) Username(userID string) string { return "name-of-" + userID }

func (w *world) PostLanguage() *i18n.Language { return nil }

func (w *world) Header(context.Context, string, string) (app.Header, error) {
	return w.header, w.Fails["Header"]
}

func (w *world) HasPermission(userID string, p *model.Permission) bool {
	return p.Id == model.PERMISSION_VIEW_MEMBERS.Id && slices.Contains(w.sees, userID)
}

func (w *world) AddToChannel(channelID, userID, asUserID string) error {
	if w.onAdd != nil {
		w.onAdd(userID)
	}
	w.at = w.at.Add(w.took)
	err := w.Host.AddToChannel(channelID, userID, asUserID)
	if err == nil {
		w.added = append(w.added, userID)
	}
	return err
}

func (w *world) known(context.Context, Invitations) ([]person, []string, error) {
	return w.found.users, nil, w.Fails["known"]
}

// invited has those in the channel who were added.
func (w *world) invited(context.Context, Invitations, target) (invited, error) {
	all := w.found
	for _, people := range []*[]person{&all.users, &all.members} {
		*people = slices.Clone(*people)
		for n := range *people {
			p := &(*people)[n]
			p.Here = p.Here || slices.Contains(w.added, p.ID)
		}
	}
	return all, w.Fails["invited"]
}

// members are people of the team who can be added.
func members(names ...string) (all []person) {
	for _, name := range names {
		all = append(all, person{ID: name, Username: name, InTeam: true})
	}
	return all
}

func many(n int) (all []person) {
	for k := range n {
		all = append(all, members(fmt.Sprintf("p%04d", k))...)
	}
	return all
}

// attempt makes an attempt of the job for all who were found, and as many groups.
func (w *world) attempt(t *testing.T, number int, existing bool) error {
	t.Helper()
	o := order{StarterID: "starter", Existing: existing}
	for _, p := range w.found.users {
		o.UserIDs = append(o.UserIDs, p.ID)
	}
	for _, g := range w.found.groups {
		o.GroupIDs = append(o.GroupIDs, g.ID)
	}
	return w.attemptOf(t, number, o)
}

func (w *world) attemptOf(t *testing.T, number int, o order) error {
	t.Helper()
	payload, err := json.Marshal(o)
	require.NoError(t, err)
	return w.u.invite(t.Context(), jobs.Job{Key: "inc", IncidentID: "inc", Payload: payload, Attempts: number})
}

// said is the only post that was made, "" for none.
func (w *world) said(t *testing.T) string {
	t.Helper()
	require.LessOrEqual(t, len(w.Posts), 1)
	for _, p := range w.Posts {
		require.Equal(t, "room", p.ChannelId)
		require.Equal(t, "bot", p.UserId)
		return p.Message
	}
	return ""
}

var (
	refusal = incident.NewError(incident.Invalid, "host.refused", "No.")
	errAway = fmt.Errorf("the database is away")
)
