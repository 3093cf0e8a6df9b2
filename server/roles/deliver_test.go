package roles

import (
	"context"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// leaver is the use cases and the Mattermost of an incident whose receiver of the command is not in the channel.
type leaver struct {
	Service
	app.Host
	capability.Incidents
	inc     incident.Incident
	changes []incident.Payload
}

func (l *leaver) Get(context.Context, string) (incident.Incident, error) { return l.inc.Clone(), nil }

func (l *leaver) DirectChannel(string) (*model.Channel, error) {
	return &model.Channel{Id: "direct"}, nil
}

func (l *leaver) FindByID(string) func() (*model.User, error) { return nil }

func (l *leaver) FindMember(string, func() (*model.User, error)) (*model.User, bool, error) {
	return &model.User{Id: "bob"}, false, nil
}

func (l *leaver) Change(_ context.Context, _ app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	set, err := changed(&l.inc, 5, func(i *incident.Incident) (*incident.ChangeSet, error) { return fn(i, 5) })
	if set != nil {
		l.changes = append(l.changes, set.Payload)
	}
	return app.Change{After: l.inc}, err
}

// The receiver may leave between the check of the offer and the message: then they are told nothing, and the handoff is over.
func TestSendOffer_TellsNothingToSomebodyWhoHasLeft(t *testing.T) {
	l := &leaver{inc: incident.Incident{ID: "inc", IsActive: true, CommanderUserID: "anna", ChannelID: "channel"}}
	h := Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", At: 1, ExpiresAt: 1000, CommanderID: "anna"}
	_, err := offer(&l.inc, h, false)
	require.NoError(t, err)
	u := &roles{svc: l, host: l, incidents: l}
	event := &incident.Event{CreateAt: 1, Payload: HandoffEvent{Kind: EventOffered, Handoff: h}}
	require.NoError(t, u.sendOffer(t.Context(), app.Change{After: l.inc, Event: event}, 1)) // CreatePost would panic
	assert.Equal(t, []incident.Payload{HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseGone}}, l.changes)
	assert.Nil(t, l.inc.Own)
}

// late is a Mattermost in which the receiver answers, or the incident changes, while the message is being made.
type late struct {
	leaver
	meanwhile func()
	events    []incident.Event
	post      *model.Post
	removed   []string
}

func (l *late) FindMember(string, func() (*model.User, error)) (*model.User, bool, error) {
	return &model.User{Id: "bob"}, true, nil
}
func (l *late) EventPage(context.Context, string, app.EventFilter) ([]incident.Event, error) {
	return l.events, nil
}
func (l *late) Get(context.Context, string) (incident.Incident, error) {
	if l.inc.ID == "" {
		return incident.Incident{}, incident.ErrNotFound
	}
	return l.inc.Clone(), nil
}
func (l *late) Metadata(context.Context, string) (app.Metadata, error) { return app.Metadata{}, nil }
func (l *late) BotID() string                                          { return "bot" }
func (l *late) Config() *model.Config                                  { return nil }
func (l *late) Language(string) *i18n.Language                         { return nil }
func (l *late) Username(id string) string                              { return id }
func (l *late) User(id string) (*model.User, error)                    { return &model.User{Id: id}, nil }
func (l *late) Post(string) (*model.Post, error)                       { return l.post, nil }
func (l *late) CreatePost(p *model.Post) (*model.Post, error) {
	l.post = p.Clone()
	l.post.Id = "post"
	l.meanwhile()
	return l.post, nil
}
func (l *late) UpdatePost(p *model.Post) (*model.Post, error) { l.post = p; return p, nil }
func (l *late) DeleteBotPost(channelID, postID string) error {
	l.removed = append(l.removed, channelID+"/"+postID)
	return nil
}

// A message that arrives after the handoff is over says how it has ended, without buttons. If the incident was deleted meanwhile there is none.
func TestSendOffer_Late(t *testing.T) {
	for how, said := range map[string]string{
		"nothing": "", "accepted": "**You accepted, and command this incident now.**", "declined": "**You declined.**",
		"ended": "**This handoff is over: the incident has ended.**", "deleted": "",
	} {
		l := &late{leaver: leaver{inc: incident.Incident{ID: "inc", Name: "n", IsActive: true, CommanderUserID: "anna", ChannelID: "channel"}}}
		h := Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", At: 1, ExpiresAt: 1000}
		_, err := offer(&l.inc, h, false)
		require.NoError(t, err)
		l.meanwhile = func() {
			do := map[string]func(i *incident.Incident) (*incident.ChangeSet, error){
				"accepted": func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "bob", 5) },
				"declined": func(i *incident.Incident) (*incident.ChangeSet, error) { return decline(i, "one", "bob", 5) },
				"ended":    func(i *incident.Incident) (*incident.ChangeSet, error) { return i.End(5) },
			}[how]
			if how == "deleted" {
				l.inc = incident.Incident{}
			}
			if do != nil {
				set, err := changed(&l.inc, 5, do)
				require.NoError(t, err)
				l.events = []incident.Event{{ActorID: "bob", Payload: set.Payload}}
			}
		}
		u := &roles{svc: l, host: l, incidents: l, core: &capability.Core{}}
		event := &incident.Event{CreateAt: 1, Payload: HandoffEvent{Kind: EventOffered, Handoff: h}}
		require.NoError(t, u.sendOffer(t.Context(), app.Change{After: l.inc, Event: event}, 1), how)
		if how == "deleted" {
			assert.Equal(t, []string{"direct/post"}, l.removed)
			continue
		}
		assert.Empty(t, l.removed)
		assert.Equal(t, said == "", l.post.GetProp(app.ButtonsProp) != nil, how)
		assert.True(t, strings.HasSuffix(l.post.Message, said), "%s: %s", how, l.post.Message)
		assert.NotContains(t, l.post.Message, "Nothing was changed")
	}
}

// The brief says who offers the command, and not in its list of facts that it waits for the reader.
func TestBrief_FactsAreWithoutTheHandoff(t *testing.T) {
	inc := sample()
	_, err := offer(inc, Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", ExpiresAt: 1000}, false)
	require.NoError(t, err)
	u := &roles{svc: &late{}}
	assert.Len(t, u.facts(inc, nil), 3)
	assert.Len(t, u.facts(withoutHandoff(inc), nil), 2)
	s, err := stateOf(inc)
	require.NoError(t, err)
	assert.NotNil(t, s.Handoff)
}
