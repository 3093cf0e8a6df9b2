package roles

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// step is one thing that may happen to an incident whose command is handed off from anna to bob.
type step struct {
	name string
	do   func(i *incident.Incident, now int64) (*incident.ChangeSet, error)
}

const expires = 1000

// offered is an offer by the present commander, or by an administrator, to a user.
func offered(id, to string) func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
	return func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return offer(i, Handoff{ID: id, ToUserID: to, ByUserID: i.CommanderUserID, At: now, ExpiresAt: now + expires}, true)
	}
}

// steps are all that may happen to the handoff "one" from anna to bob.
var steps = []step{
	{"offer", offered("one", "bob")},
	{"accept", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return accept(i, "one", "bob", now)
	}},
	{"decline", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return decline(i, "one", "bob", now)
	}},
	{"withdraw", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return withdraw(i, "one", "anna", false)
	}},
	{"lapse", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return lapse(i, "one") }},
	{"command", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.SetCommander("carl") }},
	{"end", func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) }},
	{"second", offered("two", "dora")},
}

// outcomeOf names the handoff that an event ends, and how.
func outcomeOf(p incident.Payload) string {
	switch p := p.(type) {
	case incident.CommanderChanged:
		if p.HandoffID != "" {
			return p.HandoffID + " accepted"
		}
	case HandoffEvent:
		if p.Kind != EventOffered {
			return p.ID + " " + strings.TrimPrefix(string(p.Kind), "handoff_")
		}
	}
	return ""
}

// In each order of all that may happen there is one commander at each revision, each handoff has one outcome, and the commander changes
// only by an acceptance and by the direct change.
func TestInterleavings(t *testing.T) {
	count := 0
	var walk func(done []int)
	walk = func(done []int) {
		if len(done) == len(steps) {
			count++
			interleave(t, done)
			return
		}
		for n := range steps {
			if !slices.Contains(done, n) {
				walk(append(slices.Clone(done), n))
			}
		}
	}
	walk([]int{0})
	assert.Equal(t, 5040, count)
}

func interleave(t *testing.T, order []int) {
	t.Helper()
	inc := &incident.Incident{IsActive: true, CommanderUserID: "anna"}
	var names []string
	begun, outcomes := map[string]int{}, map[string]int{}
	note := func(set *incident.ChangeSet) {
		if p, ok := set.Payload.(HandoffEvent); ok && p.Kind == EventOffered {
			begun[p.ID]++
		}
		if how := outcomeOf(set.Payload); how != "" {
			outcomes[strings.Fields(how)[0]]++
		}
	}
	for at, n := range order {
		names = append(names, steps[n].name)
		before := inc.CommanderUserID
		set, err := changed(inc, int64(at), func(i *incident.Incident) (*incident.ChangeSet, error) { return steps[n].do(i, int64(at)) })
		if err != nil {
			_, refused := incident.AsError(err)
			require.True(t, refused, "%v: %v", names, err)
		}
		if set != nil {
			note(set)
		}
		require.NotEmpty(t, inc.CommanderUserID, "%v", names)
		_, moved := payload(set).(incident.CommanderChanged)
		require.Equal(t, moved, before != inc.CommanderUserID, "%v", names)
		s, err := stateOf(inc)
		require.NoError(t, err)
		require.False(t, s.Handoff != nil && !inc.IsActive, "%v: a handoff of an ended incident", names)
		require.False(t, s.Handoff != nil && s.Handoff.ToUserID == inc.CommanderUserID, "%v: a handoff to the commander", names)
		// What was overtaken is recorded at once, or after all else.
		if len(order)%2 == at%2 {
			recordAll(t, inc, note)
		}
	}
	recordAll(t, inc, note)
	s, err := stateOf(inc)
	require.NoError(t, err)
	for id, n := range begun {
		open := 0
		if s.Handoff != nil && s.Handoff.ID == id {
			open = 1
		}
		require.Equal(t, 1, n, "%v", names)
		require.Equal(t, 1, outcomes[id]+open, "%v: %s has ended %d times", names, id, outcomes[id])
	}
	require.LessOrEqual(t, len(outcomes), len(begun), fmt.Sprint(names))
}

func recordAll(t *testing.T, inc *incident.Incident, note func(set *incident.ChangeSet)) {
	t.Helper()
	for {
		set, err := changed(inc, 9, func(i *incident.Incident) (*incident.ChangeSet, error) { return recordOvertaken(i) })
		require.NoError(t, err)
		if set == nil {
			return
		}
		note(set)
	}
}

func TestHandoff_Refuses(t *testing.T) {
	pending := func() *incident.Incident {
		inc := &incident.Incident{IsActive: true, CommanderUserID: "anna"}
		_, err := offer(inc, Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", At: 1, ExpiresAt: 10}, false)
		require.NoError(t, err)
		return inc
	}
	fresh := func() *incident.Incident { return &incident.Incident{IsActive: true, CommanderUserID: "anna"} }
	give := func(inc *incident.Incident, by, to string, admin bool) error {
		_, err := offer(inc, Handoff{ID: "two", ToUserID: to, ByUserID: by, At: 1, ExpiresAt: 10}, admin)
		return err
	}
	assert.Equal(t, errNotCommander, give(fresh(), "bob", "carl", false))
	require.NoError(t, give(fresh(), "bob", "carl", true))
	assert.Equal(t, errHandoffSame, give(fresh(), "anna", "anna", false))
	assert.Equal(t, errPending, give(pending(), "anna", "carl", false))
	ended := fresh()
	ended.IsActive = false
	assert.Equal(t, errHandoffEnded, give(ended, "anna", "bob", false))

	for name, c := range map[string]struct {
		do  func(i *incident.Incident) (*incident.ChangeSet, error)
		err error
	}{
		"accepted by another":  {func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "carl", 2) }, errNotReceiver},
		"accepted by giver":    {func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "anna", 2) }, errNotReceiver},
		"accepted late":        {func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "bob", 10) }, errLapsed},
		"another one":          {func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "two", "bob", 2) }, errNothingPending},
		"declined by another":  {func(i *incident.Incident) (*incident.ChangeSet, error) { return decline(i, "one", "anna", 2) }, errNotReceiver},
		"declined late":        {func(i *incident.Incident) (*incident.ChangeSet, error) { return decline(i, "one", "bob", 11) }, errLapsed},
		"withdrawn by another": {func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, "one", "bob", false) }, errNotGiver},
		"withdrawn by admin":   {func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, "one", "carl", true) }, nil},
		"withdrawn by giver":   {func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, "", "anna", false) }, nil},
		"receiver left":        {func(i *incident.Incident) (*incident.ChangeSet, error) { return overtakeGone(i, "bob") }, nil},
	} {
		inc := pending()
		_, err := c.do(inc)
		assert.Equal(t, c.err, err, name)
		s, _ := stateOf(inc)
		assert.Equal(t, c.err != nil, s.Handoff != nil, name)
		assert.Equal(t, "anna", inc.CommanderUserID, name)
	}
	inc := pending()
	set, err := overtakeGone(inc, "carl")
	require.NoError(t, err)
	assert.Nil(t, set)
	inc.IsActive = false // as version 1.2.0 ends it
	_, err = accept(inc, "one", "bob", 2)
	assert.Equal(t, errHandoffEnded, err)
}

func TestEvents_AreReadAsTheyWereStored(t *testing.T) {
	h := Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", At: 1, ExpiresAt: 10}
	for _, p := range []incident.OwnPayload{
		RoleChanged{Role: "comms", Name: "Communications", HolderID: incident.Pair[string]{Before: "carl", After: "bob"}, Since: incident.Pair[int64]{Before: 1, After: 2}, Tasks: 3},
		HandoffEvent{Kind: EventOffered, Handoff: h}, HandoffEvent{Kind: EventDeclined, Handoff: h}, HandoffEvent{Kind: EventLapsed, Handoff: h},
		HandoffEvent{Kind: EventWithdrawn, Handoff: h}, HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseEnded},
	} {
		before, after := incident.EncodePayload(p)
		for _, e := range events() {
			if e.Type == p.Type() {
				read, err := e.Decode(before, after)
				require.NoError(t, err)
				assert.Equal(t, incident.Payload(p), read)
				_, err = e.Decode([]byte(`{`), []byte(`{`))
				require.Error(t, err)
			}
		}
	}
}

func payload(set *incident.ChangeSet) incident.Payload {
	if set == nil {
		return nil
	}
	return set.Payload
}
