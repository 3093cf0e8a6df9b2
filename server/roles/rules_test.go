package roles

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func TestClean_MakesKeysOfNames(t *testing.T) {
	long := strings.Repeat("x", MaxName)
	got, err := clean([]Definition{{Name: " Communications "}, {Name: "Scribe!", Key: "communications"}, {Name: "連絡"}, {Name: "役割"}, {Name: long}, {Name: long[:63]},
		{Name: "Ops", Default: Default{Kind: defaultCommander, UserID: "x"}}})
	require.NoError(t, err)
	var keys []string
	for _, d := range got {
		keys = append(keys, d.Key)
		assert.True(t, incident.IsRoleKey(d.Key), d.Key)
	}
	assert.Equal(t, []string{"communications-2", "communications", "role", "role-2", long[:29], long[:29] + "-2", "ops"}, keys)
	assert.Equal(t, "Communications", got[0].Name)
	assert.Equal(t, Default{Kind: defaultNone}, got[0].Default)
	assert.Equal(t, Default{Kind: defaultCommander}, got[6].Default)
	again, err := clean(got)
	require.NoError(t, err)
	assert.Equal(t, got, again)
}

func TestClean_Refuses(t *testing.T) {
	many := make([]Definition, MaxRoles+1)
	for n := range many {
		many[n].Name = fmt.Sprint("Role ", n)
	}
	for name, c := range map[string]struct {
		sent  []Definition
		field string
	}{
		"too many":               {many, "roles"},
		"no name":                {[]Definition{{Name: " "}}, "roles.name"},
		"an invisible name":      {[]Definition{{Name: "\u200b\u2060"}}, "roles.name"},
		"a control character":    {[]Definition{{Name: "a\tb"}}, "roles.name"},
		"a long name":            {[]Definition{{Name: strings.Repeat("x", MaxName+1)}}, "roles.name"},
		"a name of two lines":    {[]Definition{{Name: "a\nb"}}, "roles.name"},
		"a long description":     {[]Definition{{Name: "a", Description: strings.Repeat("x", MaxDescription+1)}}, "roles.description"},
		"two lines":              {[]Definition{{Name: "a", Description: "a\u2028b"}}, "roles.description"},
		"the same name":          {[]Definition{{Name: "Scribe"}, {Name: "scribe"}}, "roles.name"},
		"the commander's name":   {[]Definition{{Name: "Commander"}}, "roles.name"},
		"the commander's key":    {[]Definition{{Name: "a", Key: "commander"}}, "roles.key"},
		"the same key":           {[]Definition{{Name: "a", Key: "x"}, {Name: "b", Key: "x"}}, "roles.key"},
		"a key in capitals":      {[]Definition{{Name: "a", Key: "X"}}, "roles.key"},
		"a long key":             {[]Definition{{Name: "a", Key: strings.Repeat("x", 33)}}, "roles.key"},
		"an unknown default":     {[]Definition{{Name: "a", Default: Default{Kind: "everyone"}}}, "roles.default.kind"},
		"a default without user": {[]Definition{{Name: "a", Default: Default{Kind: defaultUser}}}, "roles.default.user_id"},
		"NUL":                    {[]Definition{{Name: "a\x00"}}, "roles.name"},
	} {
		_, err := clean(c.sent)
		e, ok := incident.AsError(err)
		require.True(t, ok, name)
		assert.Equal(t, incident.Invalid, e.Kind, name)
		assert.Equal(t, c.field, e.Field, name)
	}
	for _, value := range []string{`{}`, `7`, `[7]`, `"x"`, `[{"name":7}]`, `[{"name":"a","default":[]}]`} {
		_, err := cleanPlaybook(t.Context(), "", "", json.RawMessage(value))
		assert.True(t, incident.IsKind(err, incident.Invalid), "%s: %v", value, err)
	}
	for _, value := range []string{`[]`, `null`} {
		stored, err := cleanPlaybook(t.Context(), "", "", json.RawMessage(value))
		require.NoError(t, err, value)
		assert.Nil(t, stored)
	}
}

func TestCheckPlaybook_TasksNameRolesThatExist(t *testing.T) {
	p := playbook.Playbook{Checklists: []incident.Stage{{Tasks: []incident.Task{{Title: "Write", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "scribe"}}}}}}
	err := checkPlaybook(&p)
	e, ok := incident.AsError(err)
	require.True(t, ok)
	assert.Equal(t, incident.Invalid, e.Kind)
	assert.Contains(t, e.Message, "Write")
	p.Own.Store(Key, []Definition{{Key: "scribe", Name: "Scribe"}})
	require.NoError(t, checkPlaybook(&p))
	p.Own.Store(Key, []Definition{{Key: "ops", Name: "Ops"}})
	require.Error(t, checkPlaybook(&p))
}

// Each of the people is added to the channel of a start.
func TestCheckPlaybook_PeopleAreLimited(t *testing.T) {
	var p playbook.Playbook
	p.Checklists = []incident.Stage{{}}
	for range MaxPeople {
		task := incident.Task{Assignment: incident.Assignment{Kind: incident.AssignedToUser, UserID: model.NewId()}}
		p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, task, task)
	}
	require.NoError(t, checkPlaybook(&p))
	p.Own.Store(Key, []Definition{{Key: "ops", Name: "Ops", Default: Default{Kind: defaultUser, UserID: model.NewId()}}})
	require.True(t, incident.IsKind(checkPlaybook(&p), incident.Invalid))
}

// What was damaged in the database keeps nobody from saving the rest of a playbook and from starting an incident, and is lost by no change.
func TestDamagedRoles(t *testing.T) {
	log := &hosttest.Log{}
	for _, damaged := range []string{`5`, `{"roles":5}`, `[7]`, `"x"`} {
		book := playbook.Playbook{ID: "book", Own: incident.Own{Key: json.RawMessage(damaged)},
			Checklists: []incident.Stage{{Tasks: []incident.Task{{Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "scribe"}}}}}}
		require.NoError(t, checkPlaybook(&book), damaged)
		inc := incident.Incident{Checklists: incident.CloneStages(book.Checklists)}
		require.NoError(t, (&roles{log: log}).starting(t.Context(), &app.Start{Request: &app.StartRequest{}, Playbook: &book, Incident: &inc}), damaged)
		require.Nil(t, inc.Own, damaged)
		inc = incident.Incident{IsActive: true, CommanderUserID: "anna", Own: book.Own.Clone()}
		_, err := setHolder(&inc, "scribe", "bob", true, 1)
		require.ErrorIs(t, err, errUnreadable, damaged)
		_, err = offer(&inc, Handoff{ByUserID: "anna", ToUserID: "bob"}, false)
		require.ErrorIs(t, err, errUnreadable, damaged)
		_, err = changed(&inc, 2, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("bob") })
		require.NoError(t, err)
		require.Equal(t, damaged, string(inc.Own[Key]))
	}
	require.Len(t, log.Lines, 4)
}

// Version 1.2.0 has made the receiver the commander: the handoff is over, and does not wait for its end.
func TestAccept_ByWhoIsCommanderAlready(t *testing.T) {
	inc := sample()
	h := Handoff{ID: "one", ToUserID: "bob", ByUserID: "anna", ExpiresAt: 1000, CommanderID: "anna"}
	_, err := offer(inc, h, false)
	require.NoError(t, err)
	inc.CommanderUserID = "bob"
	set, err := changed(inc, 5, func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "bob", 5) })
	require.NoError(t, err)
	require.NotNil(t, set)
	assert.Equal(t, HandoffEvent{Kind: EventOvertaken, Handoff: h, Because: BecauseCommander}, set.Payload)
	s, err := stateOf(inc)
	require.NoError(t, err)
	assert.Nil(t, s.Handoff)
}

// Version 1.2.0 has made somebody else the commander: then nothing makes the receiver the commander, and the next change ends the handoff.
func TestHandoff_IsOvertakenByVersion120(t *testing.T) {
	for what, c := range map[string]struct {
		do   func(i *incident.Incident) (*incident.ChangeSet, error)
		kind incident.EventType
	}{
		"accept": {func(i *incident.Incident) (*incident.ChangeSet, error) { return accept(i, "one", "bob", 5) }, EventOvertaken},
		"task": {func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.ToggleTask(incident.At(0), incident.At(0), 5)
		}, incident.EventTaskState},
		"another offer": {func(i *incident.Incident) (*incident.ChangeSet, error) {
			return offer(i, Handoff{ID: "two", ToUserID: "bob", ByUserID: "carl", ExpiresAt: 2000}, false)
		}, EventOffered},
		"withdraw": {func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, "one", "carl", false) }, EventWithdrawn},
	} {
		for _, giver := range []string{"anna", "admin"} {
			inc := sample()
			_, err := offer(inc, Handoff{ID: "one", ToUserID: "bob", ByUserID: giver, ExpiresAt: 1000}, giver == "admin")
			require.NoError(t, err)
			inc.CommanderUserID = "carl"
			set, err := changed(inc, 5, c.do)
			require.NoError(t, err, what)
			assert.Equal(t, c.kind, set.Payload.Type(), what)
			assert.Equal(t, "carl", inc.CommanderUserID, what)
			s, err := stateOf(inc)
			require.NoError(t, err)
			pending, over := "", ""
			if s.Handoff != nil {
				pending = s.Handoff.ID
			}
			for _, o := range s.Overtaken {
				over += o.ID + string(o.Because)
			}
			switch what {
			case "another offer":
				assert.Equal(t, "two/onecommander", pending+"/"+over)
			case "task":
				assert.Equal(t, "/onecommander", pending+"/"+over)
			default:
				assert.Equal(t, "/", pending+"/"+over, what)
			}
		}
	}
}

// sample is an incident with the roles comms, which carl has, and scribe, which nobody has.
func sample() *incident.Incident {
	inc := &incident.Incident{ID: model.NewId(), IsActive: true, CommanderUserID: "anna", ChannelID: "channel", CreateAt: 100, Checklists: []incident.Stage{{Tasks: []incident.Task{
		{ID: "comms", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "comms"}, AssigneeID: "carl"},
		{ID: "closed", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "comms"}, AssigneeID: "carl", State: incident.Closed},
		{ID: "scribe", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "scribe"}},
		{ID: "unknown", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "gone"}, AssigneeID: "dora"},
		{ID: "command", Assignment: incident.Assignment{Kind: incident.AssignedToCommander}, AssigneeID: "anna", State: incident.InProgress},
		{ID: "user", Assignment: incident.Assignment{Kind: incident.AssignedToUser, UserID: "emil"}, AssigneeID: "emil"},
		{ID: "free", AssigneeID: "carl"}}}}}
	State{Roles: []Role{{Key: "comms", Name: "Communications", HolderID: "carl", Since: 100}, {Key: "scribe", Name: "Scribe", MissingID: "gone"}}}.store(inc)
	return inc
}

// holders are the assignees of the sample's tasks.
func holders(inc *incident.Incident) string {
	var all []string
	for _, task := range inc.Checklists[0].Tasks {
		all = append(all, task.ID+"="+task.AssigneeID)
	}
	return strings.Join(all, " ")
}

// changed makes a change as the core does.
func changed(inc *incident.Incident, now int64, fn func(i *incident.Incident) (*incident.ChangeSet, error)) (*incident.ChangeSet, error) {
	before := inc.Clone()
	set, err := fn(inc)
	if err == nil && set != nil {
		adjust(&before, inc, now, set)
	}
	return set, err
}

func TestSetHolder_TasksFollow(t *testing.T) {
	inc := sample()
	set, err := changed(inc, 200, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return setHolder(i, "comms", "bob", true, 200)
	})
	require.NoError(t, err)
	assert.Equal(t, RoleChanged{Role: "comms", Name: "Communications", HolderID: incident.Pair[string]{Before: "carl", After: "bob"},
		Since: incident.Pair[int64]{Before: 100, After: 200}, Tasks: 1}, set.Payload)
	assert.Equal(t, "comms=bob closed=carl scribe= unknown=dora command=anna user=emil free=carl", holders(inc))
	assert.Equal(t, int64(200), inc.Checklists[0].Tasks[0].AssigneeModified)

	set, err = changed(inc, 300, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return setHolder(i, "scribe", "bob", true, 300)
	})
	require.NoError(t, err)
	require.NotNil(t, set)
	s, err := stateOf(inc)
	require.NoError(t, err)
	assert.Equal(t, Role{Key: "scribe", Name: "Scribe", HolderID: "bob", Since: 300}, *s.role("scribe"))
	set, err = setHolder(inc, "scribe", "bob", false, 300)
	require.NoError(t, err)
	assert.Nil(t, set, "the same holder is no change, even if they have left")

	_, err = changed(inc, 400, func(i *incident.Incident) (*incident.ChangeSet, error) { return setHolder(i, "comms", "", false, 400) })
	require.NoError(t, err)
	assert.Equal(t, "comms= closed=carl scribe=bob unknown=dora command=anna user=emil free=carl", holders(inc))
}

// A task that is opened again, and one whose commander changed, fall to who has the role or the command by then.
func TestAdjust_FollowsOtherChanges(t *testing.T) {
	inc := sample()
	_, err := changed(inc, 200, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return setHolder(i, "comms", "bob", true, 200)
	})
	require.NoError(t, err)
	_, err = changed(inc, 300, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return i.SetTaskState(incident.At(0), incident.At(1), incident.Open, 300)
	})
	require.NoError(t, err)
	_, err = changed(inc, 400, func(i *incident.Incident) (*incident.ChangeSet, error) { return i.SetCommander("bob") })
	require.NoError(t, err)
	assert.Equal(t, "comms=bob closed=bob scribe= unknown=dora command=bob user=emil free=carl", holders(inc))
	_, err = changed(inc, 500, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return i.Assign(incident.At(0), incident.At(0), "carl", 500)
	})
	require.NoError(t, err)
	_, err = changed(inc, 600, func(i *incident.Incident) (*incident.ChangeSet, error) {
		return setHolder(i, "comms", "dora", true, 600)
	})
	require.NoError(t, err)
	assert.Equal(t, "comms=carl closed=dora scribe= unknown=dora command=bob user=emil free=carl", holders(inc), "what was assigned by hand stays")
}

func TestSetHolder_Refuses(t *testing.T) {
	inc := sample()
	_, err := setHolder(inc, "comms", "bob", false, 1)
	assert.Equal(t, errNoHolder, err)
	_, err = setHolder(inc, "other", "bob", true, 1)
	assert.True(t, incident.IsKind(err, incident.NotFound))
	assert.Contains(t, err.Error(), "Communications, Scribe")
	_, err = setHolder(&incident.Incident{}, "other", "bob", true, 1)
	assert.True(t, incident.IsKind(err, incident.NotFound))
	damaged := &incident.Incident{Own: incident.Own{Key: json.RawMessage(`7`)}}
	_, err = setHolder(damaged, "comms", "bob", true, 1)
	require.Error(t, err)
	adjust(damaged, damaged, 1, nil)
	assert.Equal(t, `7`, string(damaged.Own[Key]), "what cannot be read is not replaced")
}

func TestBegin(t *testing.T) {
	inc := &incident.Incident{CommanderUserID: "anna", CreateAt: 100, Checklists: []incident.Stage{{Tasks: []incident.Task{
		{ID: "a", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "user"}}, {ID: "b", Assignment: incident.Assignment{Kind: incident.AssignedToCommander}},
		{ID: "c", Assignment: incident.Assignment{Kind: incident.AssignedToUser, UserID: "emil"}}, {ID: "d"}, {ID: "e", Assignment: incident.Assignment{Kind: incident.AssignedToRole, Role: "none"}}}}}}
	begin(inc, []Definition{{Key: "none", Name: "None", Default: Default{Kind: defaultNone}}, {Key: "commander-2", Name: "C", Default: Default{Kind: defaultCommander}},
		{Key: "starter", Name: "S", Default: Default{Kind: defaultStarter}}, {Key: "user", Name: "U", Default: Default{Kind: defaultUser, UserID: "carl"}}}, "boris")
	s, err := stateOf(inc)
	require.NoError(t, err)
	var got []string
	for _, r := range s.Roles {
		got = append(got, fmt.Sprint(r.Key, "=", r.HolderID, "@", r.Since))
	}
	assert.Equal(t, []string{"none=@0", "commander-2=anna@100", "starter=boris@100", "user=carl@100"}, got)
	assert.Equal(t, "a=carl b=anna c=emil d= e=", holders(inc))
	assert.Equal(t, []string{"anna", "boris", "carl", "emil"}, wanted(inc, &s))

	withhold(inc, []string{"carl", "emil"})
	s, err = stateOf(inc)
	require.NoError(t, err)
	assert.Equal(t, Role{Key: "user", Name: "U", MissingID: "carl"}, *s.role("user"))
	assert.Equal(t, "a= b=anna c= d= e=", holders(inc))
	assert.Equal(t, []*missing{{userID: "carl", roles: []string{"U"}}, {userID: "emil", tasks: 1}}, notAdded(inc, &s))

	plain := &incident.Incident{CommanderUserID: "anna", Checklists: []incident.Stage{{Tasks: []incident.Task{{ID: "d"}}}}}
	begin(plain, nil, "boris")
	assert.Nil(t, plain.Own, "an incident without roles is as before")
}

func TestTerms(t *testing.T) {
	inc := &incident.Incident{CommanderUserID: "bob", CreateAt: 100, Revision: 5}
	s := State{Roles: []Role{{Key: "comms", Name: "Communications", HolderID: "dora", Since: 400}, {Key: "scribe", Name: "Scribe"}}}
	pair := func(before, after string) incident.Pair[string] {
		return incident.Pair[string]{Before: before, After: after}
	}
	got := terms(inc, &s, []incident.Event{
		{Revision: 1, CreateAt: 110, Payload: incident.Started{CommanderUserID: "anna"}},
		{Revision: 2, CreateAt: 200, Payload: RoleChanged{Role: "comms", Name: "Communications", HolderID: pair("carl", ""), Since: incident.Pair[int64]{Before: 100, After: 200}}},
		{Revision: 3, CreateAt: 300, Payload: incident.CommanderChanged{CommanderUserID: pair("anna", "bob")}},
		{Revision: 4, CreateAt: 400, Payload: RoleChanged{Role: "comms", Name: "Communications", HolderID: pair("", "dora"), Since: incident.Pair[int64]{Before: 200, After: 400}}},
		{Revision: 6, CreateAt: 600, Payload: incident.CommanderChanged{CommanderUserID: pair("bob", "emil")}},
	})
	assert.Equal(t, []Term{{"commander", "", "anna", 100, 300}, {"comms", "Communications", "carl", 100, 200}, {"commander", "", "bob", 300, 0}, {"comms", "Communications", "dora", 400, 0}}, got)
}

// Posts name who acts without @, those whom it concerns with @, and who does not read the channel as code.
func TestPosts_NamePeopleByOneRule(t *testing.T) {
	name := func(id string) string { return id }
	event := func(actor string, p incident.Payload) *incident.Event {
		return &incident.Event{ActorID: actor, Payload: p}
	}
	handoff := func(kind incident.EventType, because Reason) incident.Payload {
		return HandoffEvent{Kind: kind, Handoff: Handoff{ToUserID: "boris", ByUserID: "anna", ExpiresAt: 900_000}, Because: because}
	}
	role := func(before, after string) incident.Payload {
		return RoleChanged{Name: "Scribe", HolderID: incident.Pair[string]{Before: before, After: after}}
	}
	for want, e := range map[string]*incident.Event{
		"anna gave the role **Scribe** to **@boris**.":                                                                          event("anna", role("", "boris")),
		"anna gave the role **Scribe** to **@boris**, in place of **@clara**.":                                                  event("anna", role("clara", "boris")),
		"anna took the role **Scribe** from **@clara**. Nobody has it now.":                                                     event("anna", role("clara", "")),
		"boris declined the handoff of command that **@anna** offered. The commander stays the same.":                           event("boris", handoff(EventDeclined, "")),
		"anna withdrew the handoff of command to **@boris**. The commander stays the same.":                                     event("anna", handoff(EventWithdrawn, "")),
		"The handoff of command to **@boris** is over: the incident has ended.":                                                 event("", handoff(EventOvertaken, BecauseEnded)),
		"The handoff of command to **@boris** is over: the commander was changed meanwhile.":                                    event("", handoff(EventOvertaken, BecauseCommander)),
		"The handoff of command to `boris` is over: they have left the channel. The commander stays the same.":                  event("", handoff(EventOvertaken, BecauseGone)),
		"The handoff of command to **@boris** has lapsed: it was not answered within 15 minutes. The commander stays the same.": event("", handoff(EventLapsed, "")),
	} {
		post := handoffPost
		if e.Type() == EventRole {
			post = rolePost
		}
		require.Equal(t, want, post(nil, e, name))
	}
	v := text.Voice{Escape: text.Escape, Person: name}
	require.Equal(t, "anna gave the role “Scribe” to boris, in place of clara.", roleSentence(event("anna", role("clara", "boris")), "anna", v))
}
