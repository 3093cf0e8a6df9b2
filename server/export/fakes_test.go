package export

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errBroken = errors.New("broken on purpose")

// exportFixture is a Mattermost and a database with one incident, "inc". Everybody may do everything, except for what denied says.
type exportFixture struct {
	app.Host             // what a test does not expect to be called panics
	capability.Incidents // likewise
	exporter             *exporter
	incident             *incident.Incident
	// fails maps the name of a method to its error.
	fails map[string]error
	// denied lists "permission id:user id:channel id" that are refused.
	denied       map[string]bool
	channelPosts []ChannelPost
	updates      []ChannelPost
	events       []incident.Event
	sections     []capability.Section
	facts        []capability.Fact
	limits       []int
	// failsAfter, if it is not 0, is the number of posts of a page, only the first of which can be read.
	failsAfter int
	// parts are how many updates and events were read at once.
	parts []int
}

func newExportFixture() *exportFixture {
	w := &exportFixture{fails: map[string]error{}, denied: map[string]bool{}, incident: &incident.Incident{ID: "inc", Name: "Inc", ChannelID: "channel0",
		TeamID: "team", IsActive: true, CommanderUserID: "anna", Revision: 1, Checklists: []incident.Stage{{Title: "One", Tasks: []incident.Task{{ID: "t"}}}}}}
	w.exporter = &exporter{incidents: w, posts: w, rules: access.New(w), host: w, sections: func() []capability.Section { return w.sections },
		facts: func(*incident.Incident, *i18n.Language) []capability.Fact { return w.facts },
		now:   func() time.Time { return time.UnixMilli(2000_000) }}
	return w
}

func (*exportFixture) Locale(string) string  { return "en" }
func (*exportFixture) DefaultLocale() string { return "en" }

func (w *exportFixture) HasPermission(userID string, p *model.Permission) bool {
	return userID == "admin"
}
func (w *exportFixture) HasPermissionToChannel(userID, channelID string, p *model.Permission) bool {
	return !w.denied[p.Id+":"+userID+":"+channelID]
}
func (w *exportFixture) User(id string) (*model.User, error) {
	if id == "gone" {
		return nil, incident.NewError(incident.NotFound, "host.not_found", "no such user")
	}
	return &model.User{Id: id, Username: id}, nil
}
func (w *exportFixture) Header(_ context.Context, id, viewerID string) (app.Header, error) {
	if id != w.incident.ID {
		return app.Header{}, incident.ErrNotFound
	}
	return app.Header{ID: id, TeamID: "team", ChannelID: w.incident.ChannelID, ChannelTeamID: "team"}, w.fails["Header"]
}
func (w *exportFixture) Get(context.Context, string) (incident.Incident, error) {
	return w.incident.Clone(), w.fails["Get"]
}
func (w *exportFixture) Metadata(context.Context, string) (app.Metadata, error) {
	return app.Metadata{ChannelName: "inc"}, w.fails["Metadata"]
}
func (w *exportFixture) ChannelPosts(_ context.Context, _ string, after PostCursor, limit, maxBytes int) ([]ChannelPost, error) {
	w.limits = append(w.limits, limit)
	if w.failsAfter > 0 {
		if limit = w.failsAfter; after.ID != "" {
			return nil, errBroken
		}
	}
	var page []ChannelPost
	for _, p := range w.channelPosts {
		if len(page) < limit && (p.CreateAt > after.CreateAt || p.CreateAt == after.CreateAt && p.ID > after.ID) {
			page = append(page, p)
		}
	}
	return page, w.fails["ChannelPosts"]
}
func (w *exportFixture) StatusUpdateSizes(context.Context, string, int) ([]PostSize, error) {
	var sizes []PostSize
	for n := range w.updates {
		sizes = append(sizes, PostSize{ID: fmt.Sprint(n), Bytes: len(w.updates[n].Message)})
	}
	return sizes, w.fails["StatusUpdateSizes"]
}
func (w *exportFixture) StatusUpdates(_ context.Context, _ string, ids []string) ([]ChannelPost, error) {
	w.parts = append(w.parts, len(ids))
	var found []ChannelPost
	for _, id := range ids {
		n, _ := strconv.Atoi(id)
		found = append(found, w.updates[n])
	}
	return found, w.fails["StatusUpdates"]
}
func (w *exportFixture) EventSizes(context.Context, string, int) ([]app.EventSize, error) {
	var sizes []app.EventSize
	for _, event := range w.events {
		sizes = append(sizes, app.EventSize{Revision: event.Revision, Bytes: eventBytes(event)})
	}
	return sizes, w.fails["EventSizes"]
}

// eventBytes is how long an event is where it is stored.
func eventBytes(e incident.Event) int {
	before, after := incident.EncodePayload(e.Payload)
	return len(before) + len(after)
}
func (w *exportFixture) EventsBetween(_ context.Context, _ string, from, to int64) ([]incident.Event, error) {
	var found []incident.Event
	for _, event := range w.events {
		if event.Revision >= from && event.Revision <= to {
			found = append(found, event)
		}
	}
	w.parts = append(w.parts, len(found))
	return found, w.fails["EventsBetween"]
}
