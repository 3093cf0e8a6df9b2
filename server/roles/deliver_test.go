package roles

import (
	"context"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
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
	h := Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", At: 1, ExpiresAt: 1000}
	_, err := offer(&l.inc, h, false)
	require.NoError(t, err)
	u := &roles{svc: l, host: l, incidents: l}
	event := &incident.Event{CreateAt: 1, Payload: HandoffEvent{Kind: EventOffered, Handoff: h}}
	require.NoError(t, u.sendOffer(t.Context(), app.Change{After: l.inc, Event: event}, 1)) // CreatePost would panic
	assert.Equal(t, []incident.Payload{HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseGone}}, l.changes)
	assert.Nil(t, l.inc.Own)
}
